"""The PRISMA checklists: where the report meets each item, or that it does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Cell, Section, text
from review.report.checklist_extensions import Checklist, chosen_checklists
from review.report.table_cells import table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.project import Review
    from review.report.blocks import Block
    from review.report.checklist_items import Item
    from review.report.results import Results

TITLE: Final = "PRISMA checklist"
NOT_REPORTED: Final = "not reported"
TONES: Final = {"reported": "good", "partly reported": "warn", NOT_REPORTED: "none"}


def build(results: Results, sections: Mapping[str, Section]) -> Section:
    """Return the section.

    Args:
        results: of the review.
        sections: those of the report, by name.
    """
    chosen = chosen_checklists(results.review)
    blocks: list[Block] = []
    for checklist in chosen:
        rows = checklist_rows(checklist, results.review, sections)
        counts = Counter(row["status"].text for row in rows)
        said = ", ".join(f"{counts[word]} {word}" for word in TONES)
        own = " The labels are short forms of ours." if checklist is chosen[0] else ""
        caption = f"Items of {checklist.title} and where they are"
        name = checklist.title.casefold().replace(" ", "-")
        blocks += [
            text(f"{checklist.title}: {len(rows)} items and sub-items: {said}.{own}"),
            table_of(rows, caption=caption, name=name),
        ]
    return Section(
        "checklist",
        TITLE if len(chosen) == 1 else f"{TITLE}s",
        tuple(blocks),
        references=tuple(checklist.reference for checklist in chosen),
        # `review checklist` tells it of the others
        remarks=_would_come(chosen[0], results.review, sections),
    )


def _would_come(
    checklist: Checklist, review: Review, sections: Mapping[str, Section]
) -> tuple[str, ...]:
    """Say what would meet the items that are not reported, or not as a whole."""
    open_ = [
        item
        for item in checklist.items
        if item.missing and status(item, review, sections)[0] != "reported"
    ]
    said = "; ".join(f"{item.number} {item.missing}" for item in open_)
    what = f"items of {checklist.title} that are not reported as a whole would come from"
    return (f"{what}: {said}",) if said else ()


def checklist_rows(
    checklist: Checklist, review: Review, sections: Mapping[str, Section]
) -> list[dict[str, Any]]:
    """Return one row per item: what is asked for, whether it is met, and where."""
    return [_row(item, review, sections) for item in checklist.items]


def status(item: Item, review: Review, sections: Mapping[str, Section]) -> tuple[str, list[str]]:
    """Return the status of an item, and the names of the sections that meet it."""
    places = [p for p in item.places if p in sections and sections[p].has_data]
    if not places or (item.needs is not None and not item.needs(review)):
        return NOT_REPORTED, []
    return ("partly reported" if open_end(item, review) else "reported"), places


def open_end(item: Item, review: Review) -> str:
    """Return what an item that is met leaves open, or ""."""
    return "" if item.whole is not None and item.whole(review) else item.partly


def _row(item: Item, review: Review, sections: Mapping[str, Section]) -> dict[str, Any]:
    word, places = status(item, review, sections)
    where = Cell(NOT_REPORTED, tone="none")
    more = ""
    if places:
        first = sections[places[0]]
        where = Cell(first.title, href=f"#{first.name}")
        more = ", ".join(sections[p].title for p in places[1:])
    remark = open_end(item, review) if places else ""
    return {
        "item": item.number,
        "part": item.part,
        "what is asked for": item.label,
        "status": Cell(word, tone=TONES[word]),
        "where": where,
        "also in": more,
        "remark": remark,
    }

"""The PRISMA 2020 checklist: where the report meets each item, or that it does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Cell, Section, text
from review.report.checklist_items import ITEMS, Item
from review.report.table_cells import table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.project import Review
    from review.report.results import Results

TITLE: Final = "PRISMA 2020 checklist"
NOT_REPORTED: Final = "not reported"
TONES: Final = {"reported": "good", "partly reported": "warn", NOT_REPORTED: "none"}


def build(results: Results, sections: Mapping[str, Section]) -> Section:
    """Return the section.

    Args:
        results: of the review.
        sections: those of the report, by name.
    """
    rows = [_row(item, results.review, sections) for item in ITEMS]
    counts = Counter(row["status"].text for row in rows)
    said = ", ".join(f"{counts[word]} {word}" for word in TONES)
    return Section(
        "checklist",
        TITLE,
        (
            text(f"{len(rows)} items and sub-items: {said}. The labels are short forms of ours."),
            table_of(rows, caption="Items of PRISMA 2020 and where they are", name="prisma-2020"),
        ),
        references=("page2021",),
        remarks=_would_come(results.review, sections),
    )


def _would_come(review: Review, sections: Mapping[str, Section]) -> tuple[str, ...]:
    """Say what would meet the items that are not reported, or not as a whole."""
    open_ = [i for i in ITEMS if i.missing and status(i, review, sections)[0] != "reported"]
    said = "; ".join(f"{item.number} {item.missing}" for item in open_)
    return (f"items that are not reported as a whole would come from: {said}",) if said else ()


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

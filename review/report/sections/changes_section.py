"""What changed since an older report: the section of a living review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Group, Section, text
from review.report.changes_between import shown
from review.report.table_cells import table_of
from review.words import plural

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.changes_between import Changes

TITLE: Final = "What changed"


def build(changes: Changes) -> Section:
    """Return the section."""
    if not changes:
        return Section("changes", TITLE, (text(f"Nothing changed since {changes.since}."),))
    moved = len(changes.moved)
    studies = (
        f"{len(changes.new):,} new, {len(changes.removed):,} removed and "
        f"{len(changes.changed):,} changed studies; {plural(moved, 'estimate')} moved."
    )
    blocks: list[Block] = [text(f"Compared with {changes.since}: {studies}")]
    if changes.title:
        blocks.append(text(f"The title was: {changes.title[0]}"))
    for name, title, rows in _tables(changes):
        if rows:
            blocks.append(Group(f"changes-{name}", title, (_table(name, title, rows),)))
    return Section("changes", TITLE, tuple(blocks))


def _table(name: str, title: str, rows: list[dict[str, Any]]) -> Block:
    return table_of(rows, caption=title, name=f"changes-{name}")


def _tables(changes: Changes) -> list[tuple[str, str, list[dict[str, Any]]]]:
    return [
        ("new", "New studies", [{"study_id": i, "study": label} for i, label in changes.new]),
        (
            "removed",
            "Removed studies",
            [{"study_id": i, "study": label} for i, label in changes.removed],
        ),
        (
            "cells",
            "Changed values",
            [
                {"study": c.label, "variable": name, "before": a or "–", "now": b or "–"}
                for c in changes.changed
                for name, a, b in c.cells
            ],
        ),
        (
            "variables",
            "Variables of the coding form",
            [{"variable": c, "change": "new"} for c in changes.columns_new]
            + [{"variable": c, "change": "removed"} for c in changes.columns_removed],
        ),
        (
            "moved",
            "Moved estimates",
            [
                {
                    "estimate": m.now.label,
                    "before": shown(m.before),
                    "now": shown(m.now),
                    "difference": m.difference,
                }
                for m in changes.moved
            ],
        ),
        (
            "estimates",
            "Estimates that are new or gone",
            [
                {"estimate": e.label, "change": "new", "value": shown(e)}
                for e in changes.estimates_new
            ]
            + [
                {"estimate": e.label, "change": "gone", "value": shown(e)}
                for e in changes.estimates_removed
            ],
        ),
    ]

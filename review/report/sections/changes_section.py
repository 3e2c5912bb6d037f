"""What changed since an older report: the section of a living review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Group, Notice, Section, text
from review.report.changes_between import shown
from review.report.glance_drawing import line_glance
from review.report.sections.panels_section import plot_block
from review.report.table_cells import table_of
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.report.blocks import Block
    from review.report.changes_between import Changes

TITLE: Final = "What changed"
MOST_PLOTS: Final = 4


def build(changes: Changes, now: Mapping[str, Any]) -> Section:
    """Return the section.

    Args:
        changes: since the older state.
        now: what the present one holds, see `seen`.
    """
    versions = _versions([*changes.history, now])
    if not changes:
        said = text(f"Nothing changed since {changes.since}.")
        return Section("changes", TITLE, (said, *versions))
    moved = len(changes.moved)
    studies = (
        f"{len(changes.new):,} new, {len(changes.removed):,} removed and "
        f"{len(changes.changed):,} changed studies; {plural(moved, 'estimate')} moved."
    )
    blocks: list[Block] = [text(f"Compared with {changes.since}: {studies}")]
    if changes.flips:
        blocks += [Notice(f"The conclusion is another one. {said}.", "warning")
                   for said in changes.flips]  # fmt: skip
    else:
        blocks.append(text("No conclusion changed."))
    if changes.title:
        blocks.append(text(f"The title was: {changes.title[0]}"))
    blocks += versions
    for name, title, rows in _tables(changes):
        if rows:
            blocks.append(Group(f"changes-{name}", title, (_table(name, title, rows),)))
    return Section("changes", TITLE, tuple(blocks))


def _versions(seen: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Return the pooled estimates over the versions that are remembered, each as a small plot."""
    lines: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for i, version in enumerate(seen, start=1):
        for e in version["estimates"]:
            name = version["date"] or f"version {i}"
            lines.setdefault(e["key"], []).append((name, {**e, "studies": version["studies"]}))
    blocks: list[Block] = []
    for at, points in enumerate(lines.values()):
        if len(points) < 2 or len(blocks) == MOST_PLOTS:
            continue
        label = points[-1][1]["label"]
        alt = f"{label} over {len(points)} versions of this review, with its intervals."
        drawn = [(n, float(e["value"]), float(e["low"]), float(e["high"])) for n, e in points]
        rows = [
            {"version": n, "estimate": e["value"], "low": e["low"], "high": e["high"],
             "studies in the review": e["studies"]}
            for n, e in points
        ]  # fmt: skip
        blocks.append(
            plot_block(
                f"versions-{at}", f"{label} over the versions", None, rows=rows, alt=alt,
                svg=line_glance(drawn, alt),
            )
        )  # fmt: skip
    return blocks


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

"""Which tables stand in a report that is read as pages: paper, Word, Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from review.report.blocks import Explorer, Table


def on_paper(table: Table) -> bool:
    """Whether a table is shown: those folded on screen are data to look up.

    What was left out of an analysis, and why, belongs to the result and is shown everywhere.
    """
    return not table.folded or table.reasons


def rows_left(table: Table | Explorer) -> str:
    """Say that a table shows a part of its rows, or "" when it shows all."""
    if table.total <= len(table.rows):
        return ""
    return (
        f"The first {len(table.rows):,} of {table.total:,} rows; the web page of this report holds "
        "all."
    )

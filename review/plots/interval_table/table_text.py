"""The texts of a table with intervals: title, labels of rows, and what stands below."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from review.plots.svg import text_line
from review.plots.text_measure import lines_of
from review.plots.theme import INK, LINK, MUTED

if TYPE_CHECKING:
    from review.plots.figure_sizes import Medium
    from review.plots.interval_table.table_parts import IntervalTable, Row

_WEB: Final = re.compile(r"https?://[^\s<>\"'`\\]+\Z", re.IGNORECASE)


def titled(title: str, medium: Medium, width: float) -> tuple[list[str], float]:
    """Return the title in lines, and the height at which it ends."""
    parts, y = [], 2.0
    for line in lines_of(title, width - 4, medium.title) if title else ():
        y += 1.3 * medium.title
        parts.append(text_line(2, round(y, 1), line, size=medium.title))
    return parts, y + (8 if title else 0)


def label_svg(row: Row, lines: list[str], x: float, middle: float, size: float) -> str:
    """Return the label of a row around the height `middle`; a web address becomes a link."""
    x += 10 if row.inside else 0
    first = middle - 0.575 * size * (len(lines) - 1) + 0.35 * size
    link = row.link if row.link and _WEB.match(row.link) else None
    text = "".join(
        text_line(x, round(first + 1.15 * size * i, 1), line, bold=row.strong, size=size,
                  fill=LINK if link else INK)
        for i, line in enumerate(lines)
    )  # fmt: skip
    if " ".join(lines) != row.label:
        text = f"<g><title>{escape(row.label)}</title>{text}</g>"
    if link is None:
        return text
    return f'<a href="{escape(link)}" target="_blank" rel="noopener noreferrer">{text}</a>'


def below(table: IntervalTable, y: float, medium: Medium, width: float) -> tuple[list[str], float]:
    """Return keys and footer in lines below the plot, and the height at which they end."""
    parts = []
    for text in (*table.keys, *table.footer):
        y += 3
        for line in lines_of(text, width - 4, medium.small):
            y += 1.3 * medium.small
            parts.append(text_line(2, round(y, 1), line, fill=MUTED, size=medium.small))
    return parts, y

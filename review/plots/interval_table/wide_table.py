"""A table with intervals where there is width: one line per row, all columns side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.plots.figure_sizes import DESKTOP
from review.plots.interval_table.interval_svg import Place, axis_svg, guides, mark_svg, sign_svg
from review.plots.interval_table.table_parts import (
    GAP,
    MANY,
    Column,
    column_width,
    heading_height,
    label_lines,
)
from review.plots.interval_table.table_text import below, label_svg, titled
from review.plots.svg import document, text_line
from review.plots.text_measure import text_width
from review.plots.theme import INK, MUTED

if TYPE_CHECKING:
    from review.plots.figure_sizes import Medium
    from review.plots.interval_table.table_parts import IntervalTable

LEAST: Final = 150  # pixels that a plot needs
_LABEL: Final = (0.34, 0.2)  # of the width that labels take at most: usually, and where all is full
_MARGIN: Final = 6


@dataclass(frozen=True)
class _Frame:
    """Where the columns stand."""

    label: float
    columns: tuple[tuple[Column, float], ...]  # with the x of their right edges, or middles
    places: tuple[Place, ...]
    width: float


def wide_svg(table: IntervalTable, medium: Medium) -> str:
    """Return the drawing; a table with very many columns is wider than the medium."""
    frame = _frame(table, medium)
    small = len(table.rows) > MANY
    size = medium.small if small else medium.text
    step = 0.75 * medium.row if small else medium.row
    parts, y = titled(table.title, medium, frame.width)
    line = 1.25 * size
    high = heading_height([c for c, _ in frame.columns])
    for column, x in frame.columns:
        top = y + line * (high - len(column.title))
        anchor = "middle" if column.signs is not None else "end"
        parts += [
            text_line(round(x, 1), round(top + line * (i + 0.8), 1), text, bold=True,
                      anchor=anchor, size=size)
            for i, text in enumerate(column.title)
        ]  # fmt: skip
    y += line * high + 5
    parts.append(f'<path d="M0 {y:.1f}H{frame.width:.1f}" stroke="{INK}" stroke-width="1.2"/>')
    start = y = y + 2
    rows = []
    for i, row in enumerate(table.rows):
        lines = label_lines(row, frame.label, size)
        tall = step + (len(lines) - 1) * 1.15 * size
        middle = y + tall / 2
        body = [label_svg(row, lines, _MARGIN, middle, size)]
        for column, x in frame.columns:
            body += _cell(column, i, x, middle, size, strong=row.strong)
        for place in frame.places:
            body += [
                mark_svg(m, place, middle, min(step, 24), told=medium is DESKTOP)
                for m in place.plot.marks[i]
            ]
        rows.append(f"<g>{''.join(body)}</g>")
        y += tall
    y += 4
    parts += [guides(place, start, y) for place in frame.places] + rows
    ends = []
    for place in frame.places:
        drawn, end = axis_svg(place, y, medium, place.plot.scale.title)
        parts += drawn
        ends.append(end)
    drawn, y = below(table, max(ends, default=y), medium, frame.width)
    parts += drawn
    return document(
        round(frame.width), round(y + 4), table.title or "Forest plot", table.description, parts,
        role="group",
    )  # fmt: skip


def plot_room(table: IntervalTable, medium: Medium) -> float:
    """Return the pixels that each plot gets on a medium, which may be too few."""
    return min((p.right - p.left for p in _frame(table, medium, grow=False).places), default=0.0)


def _frame(table: IntervalTable, medium: Medium, *, grow: bool = True) -> _Frame:
    size = medium.small if len(table.rows) > MANY else medium.text
    after = (*table.values, *table.after)
    side = 1.25 * size
    given = sum(column_width(c, size) + GAP for c in (*table.before, *after))
    given += sum(_sign_width(c, size, side) for c in table.judgements)
    given += 2 * _MARGIN + GAP * bool(table.judgements)
    longest = max(
        (text_width(r.label, size, bold=r.strong) + 10 * r.inside for r in table.rows), default=0.0
    )
    n = len(table.plots)
    for share in _LABEL:
        label = min(longest + 2, share * medium.width)
        room = (medium.width - given - label) / n - 2 * GAP
        if room >= LEAST:
            break
    width = float(medium.width)
    if grow and room < LEAST:
        width += n * (LEAST - room)
        room = LEAST
    columns: list[tuple[Column, float]] = []
    at = _MARGIN + label
    for column in table.before:
        at += GAP + column_width(column, size)
        columns.append((column, at))
    places = []
    for plot in table.plots:
        at += GAP + 2
        places.append(Place(plot, at, at + room))
        at += room + GAP - 2
    for column in after:
        at += GAP + column_width(column, size)
        columns.append((column, at))
    at += GAP * bool(table.judgements)
    for column in table.judgements:
        wide = _sign_width(column, size, side)
        columns.append((column, at + wide / 2))
        at += wide
    return _Frame(label, tuple(columns), tuple(places), width)


def _sign_width(column: Column, size: float, side: float) -> float:
    return max(side + 6, *(text_width(t, size, bold=True) + 6 for t in column.title))


def _cell(column: Column, i: int, x: float, y: float, size: float, *, strong: bool) -> list[str]:
    text = column.cells[i]
    if not text:
        return []
    if column.signs is not None:
        colours = column.signs[i]
        assert colours is not None
        return [sign_svg(x, y, 1.25 * size, text, colours)]
    fill = MUTED if column.title == ("",) else INK
    return [
        text_line(round(x, 1), round(y + 0.35 * size, 1), text, bold=strong, anchor="end",
                  size=size, fill=fill)
    ]  # fmt: skip

"""A table with intervals where there is little width: label, then interval and numbers below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.interval_table.interval_svg import Place, axis_svg, guides, mark_svg, sign_svg
from review.plots.interval_table.table_parts import MANY, column_width, label_lines
from review.plots.interval_table.table_text import below, label_svg, titled
from review.plots.svg import document, text_line
from review.plots.text_measure import fit, lines_of, text_width
from review.plots.theme import GRID, INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.plots.figure_sizes import Medium
    from review.plots.interval_table.table_parts import Column, IntervalTable

_MARGIN: Final = 2
_GAP: Final = 8


def stacked_svg(table: IntervalTable, medium: Medium) -> str:
    """Return the drawing, as wide as the medium."""
    size = medium.small if len(table.rows) > MANY else medium.text
    width = float(medium.width)
    # the texts stand beside the plot, the widest decides
    text = max((column_width(c, size) for c in table.values), default=0.0)
    places = [Place(plot, _MARGIN + 6, width - _MARGIN - text - _GAP - 6) for plot in table.plots]
    parts, y = titled(table.title, medium, width)
    heading = "; ".join(dict.fromkeys(" ".join(c.title) for c in table.values))
    for line in lines_of(heading, width - 4, size, bold=True):
        parts.append(
            text_line(width - _MARGIN, round(y + size, 1), line, bold=True, anchor="end", size=size)
        )
        y += 1.3 * size
    y += 4
    parts.append(f'<path d="M0 {y:.1f}H{width:.1f}" stroke="{INK}" stroke-width="1.2"/>')
    rows = []
    for i in range(len(table.rows)):
        drawn, y = _row(table, i, places, y, size=size, medium=medium)
        rows.append(f"<g>{''.join(drawn)}</g>")
    parts += rows
    for place, title in _axes(places):
        drawn, y = axis_svg(place, y + 3, medium, title)
        parts += drawn
    drawn, y = below(table, y, medium, width)
    return document(
        round(width), round(y + 4), table.title or "Forest plot", table.description,
        [*parts, *drawn], role="group",
    )  # fmt: skip


def _axes(places: list[Place]) -> Iterator[tuple[Place, str]]:
    """One axis for plots that share window and scale, named after all of them."""
    kept: dict[tuple[float, float, bool], tuple[Place, list[str]]] = {}
    for place in places:
        key = (place.plot.window.low, place.plot.window.high, place.plot.scale.log)
        kept.setdefault(key, (place, []))[1].append(place.plot.scale.title)
    for place, titles in kept.values():
        yield place, ", ".join(dict.fromkeys(titles))


def _row(
    table: IntervalTable, i: int, places: list[Place], y: float, *, size: float, medium: Medium
) -> tuple[list[str], float]:
    row, width = table.rows[i], float(medium.width)
    top = y
    line = 1.3 * size
    right = _said(table.after, i)
    # the label shares its line with what stands after the numbers in a wide table
    wide = text_width(right, medium.small)
    room = width - 2 * _MARGIN - (wide + _GAP if right else 0)
    alone = room < 0.5 * width
    lines = label_lines(row, width - 2 * _MARGIN if alone else room, size)
    tall = 1.2 * size * len(lines)
    parts = [label_svg(row, lines, _MARGIN, y + 4 + tall / 2, size)]
    y += 4 + tall
    more = [t for t in (_said(table.before, i), right if alone else "") if t]
    if right and not alone:
        parts.append(
            text_line(width - _MARGIN, round(top + 4 + size, 1), right, anchor="end", fill=MUTED,
                      size=medium.small)
        )  # fmt: skip
    for text in more:
        for piece in lines_of(text, width - 2 * _MARGIN, medium.small):
            y += 1.2 * medium.small
            parts.append(text_line(_MARGIN, round(y, 1), piece, fill=MUTED, size=medium.small))
    y += 4 * bool(more)
    for place in places:
        drawn, y = _plot_line(place, i, y, width=width, size=size, strong=row.strong)
        parts += drawn
    signs = [(c, c.cells[i]) for c in table.judgements if c.cells[i]]
    if signs:
        drawn, y = _signs(signs, i, y, width, medium.small)
        parts += drawn
    y += 4
    last = i == len(table.rows) - 1
    if not last:
        parts.append(f'<path d="M0 {y:.1f}H{width:.1f}" stroke="{GRID}"/>')
    return parts, max(y, top + line)


def _plot_line(
    place: Place, i: int, y: float, *, width: float, size: float, strong: bool
) -> tuple[list[str], float]:
    texts = [c.cells[i] for c in place.plot.values if c.cells[i]]
    marks = place.plot.marks[i]
    if not texts and not marks:
        return [], y
    tall = 1.35 * size * max(len(texts), 1)
    parts = [
        text_line(width - _MARGIN, round(y + size * (1 + 1.3 * j), 1),
                  fit(text, width, size), bold=strong, anchor="end", size=size)
        for j, text in enumerate(texts)
    ]  # fmt: skip
    middle = y + tall / 2
    # only beside the marks: through labels and signs the lines would cross them
    parts.insert(0, guides(place, y, y + tall))
    return parts + [mark_svg(m, place, middle, min(tall, 20)) for m in marks], y + tall


def _said(columns: tuple[Column, ...], i: int) -> str:
    """The cells of a row with the names of their columns, as one line of text."""
    return " · ".join(f"{' '.join(c.title)} {c.cells[i]}".strip() for c in columns if c.cells[i])


def _signs(
    signs: list[tuple[Column, str]], i: int, y: float, width: float, size: float
) -> tuple[list[str], float]:
    """The judgements side by side, each after the name of its domain."""
    side = 1.3 * size
    parts, x, y = [], float(_MARGIN), y + 3
    for column, sign in signs:
        name = " ".join(column.title)
        wide = text_width(name, size) + 3 + side + 8
        if x + wide > width and x > _MARGIN:
            x, y = float(_MARGIN), y + side + 4
        parts.append(text_line(round(x, 1), round(y + 0.5 * side + 0.35 * size, 1), name,
                               fill=MUTED, size=size))  # fmt: skip
        assert column.signs is not None
        colours = column.signs[i]
        assert colours is not None
        parts.append(sign_svg(x + wide - 8 - side / 2, y + side / 2, side, sign, colours))
        x += wide
    return parts, y + side

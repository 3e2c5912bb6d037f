"""The marks, guides and axis of a table with intervals, as SVG elements."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from review.plots.natural_ticks import tick_text, ticks_between
from review.plots.svg import text_line
from review.plots.text_measure import fit, lines_of, text_width
from review.plots.theme import INK, MUTED, PALETTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.plots.figure_sizes import Medium
    from review.plots.interval_table.table_parts import Mark, Plot

TOTAL: Final = PALETTE[5]
SUBTOTAL: Final = PALETTE[1]
_SQUARE: Final = {"study": PALETTE[0], "reported": MUTED, "posterior": PALETTE[0]}
_APART: Final = 8  # pixels between tick labels
_TOLD: Final = 3  # letters that a shortened name has at least


@dataclass(frozen=True)
class Place:
    """Where a plot lies: from `left` to `right` in pixels."""

    plot: Plot
    left: float
    right: float

    def x(self, value: float) -> float:
        """Return the pixel of a value; beyond the window, that of its edge."""
        low, high = self.plot.window.axis
        at = value
        if self.plot.scale.log:
            at = math.log10(value) if value > 0 else -math.inf
        share = (min(max(at, low), high) - low) / (high - low)
        return self.left + share * (self.right - self.left)

    def inside(self, value: float | None) -> bool:
        """Tell whether a value lies in the window."""
        window = self.plot.window
        return value is not None and window.low <= value <= window.high


def mark_svg(mark: Mark, place: Place, y: float, tall: float, *, told: bool = False) -> str:
    """Return a mark at height `y`; `tall` is the height of its row.

    Where `told`, its numbers stand in `data-` attributes, as they are in the result.
    """
    y += mark.offset * tall
    named = {"estimate": mark.estimate, "low": mark.low, "high": mark.high}
    data = (
        ""
        if not told
        else "".join(f' data-{n}="{float(v)!r}"' for n, v in named.items() if v is not None)
    )
    body = "".join(_shapes(mark, place, y, tall))
    return f'<g data-mark="{mark.kind}"{data}>{body}</g>' if body else ""


def _shapes(mark: Mark, place: Place, y: float, tall: float) -> Iterator[str]:
    low, high = mark.low, mark.high
    known = low is not None and high is not None
    colour = TOTAL if mark.kind in {"total", "prediction", "band"} else (
        SUBTOTAL if mark.kind == "subtotal" else _SQUARE[mark.kind]
    )  # fmt: skip
    if known:
        assert low is not None
        assert high is not None
        a, b = place.x(low), place.x(high)
        if mark.kind in {"total", "subtotal"}:
            middle, half = place.x(mark.estimate if mark.estimate is not None else low), 0.3 * tall
            yield (
                f'<path d="M{a:.1f} {y:.1f}L{middle:.1f} {y - half:.1f}L{b:.1f} {y:.1f}'
                f'L{middle:.1f} {y + half:.1f}Z" fill="{colour}" stroke="{INK}" '
                'stroke-width="0.8"/>'
            )
        else:
            wide = {"prediction": 5, "band": 7}.get(mark.kind, 1.4)
            line = colour if mark.kind in {"prediction", "band", "reported", "posterior"} else INK
            faint = ' stroke-opacity="0.35"' if mark.kind == "band" else ""
            yield (
                f'<path d="M{a:.1f} {y:.1f}H{b:.1f}" stroke="{line}" stroke-width="{wide}"'
                f'{faint} fill="none"/>'
            )
        ink = INK if mark.kind == "study" else colour
        if place.plot.window.cut_low(low):
            yield _head(place.left, y, -1, ink)
        if place.plot.window.cut_high(high):
            yield _head(place.right, y, 1, ink)
    if mark.estimate is not None and mark.kind in _SQUARE and place.inside(mark.estimate):
        x, half = place.x(mark.estimate), max(0.29 * tall * max(mark.size, 0.0) ** 0.5, 1.5)
        if mark.kind == "posterior":
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half:.1f}" fill="{colour}"/>'
        else:
            yield (
                f'<rect x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half:.1f}" '
                f'height="{2 * half:.1f}" fill="{colour}"/>'
            )


def _head(x: float, y: float, way: int, colour: str) -> str:
    """The head of an arrow where an interval goes on beyond the window."""
    return (
        f'<path d="M{x + 5 * way:.1f} {y:.1f}L{x - 3 * way:.1f} {y - 4:.1f}'
        f'V{y + 4:.1f}Z" fill="{colour}" data-mark="goes on"/>'
    )


def guides(place: Place, top: float, bottom: float) -> str:
    """Return the lines of no effect and of the summary, behind the marks."""
    lines = ""
    for value, style in (
        (place.plot.scale.null, f'stroke="{INK}"'),
        (place.plot.total, f'stroke="{MUTED}" stroke-dasharray="2 3"'),
    ):
        if value is not None and place.inside(value):
            x = place.x(value)
            lines += f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" {style} fill="none"/>'
    return lines


def axis_svg(place: Place, y: float, medium: Medium, title: str) -> tuple[list[str], float]:
    """Return the axis below the rows, and the height at which it ends.

    Args:
        place: the plot.
        y: where the line of the axis stands.
        medium: decides sizes.
        title: of the axis.
    """
    size = medium.small
    parts = [f'<path d="M{place.left:.1f} {y:.1f}H{place.right:.1f}" stroke="{MUTED}"/>']
    for value, text in ticks_of(place, size):
        x = place.x(value)
        parts.append(f'<path d="M{x:.1f} {y:.1f}v5" stroke="{MUTED}"/>')
        x = max(x, text_width(text, size) / 2 + 1)  # not beyond the edge of the drawing
        parts.append(text_line(round(x, 1), y + 7 + size, text, anchor="middle", size=size))
    y += 7 + 2.3 * size
    if place.plot.favours:
        texts, y = _sides(place, y, size)
        parts += texts
    if title:
        for line in lines_of(title, max(place.right - place.left + 60, 120), size):
            middle = (place.left + place.right) / 2
            parts.append(
                text_line(round(middle, 1), y, line, anchor="middle", fill=MUTED, size=size)
            )
            y += 1.3 * size
    return parts, y


def ticks_of(place: Place, size: float) -> list[tuple[float, str]]:
    """Return the ticks that have room, with their labels."""
    window = place.plot.window
    for most in range(8, 0, -1):
        found = ticks_between(window.low, window.high, log=place.plot.scale.log, most=most)
        labelled = [(t, tick_text(t)) for t in found]
        spans = [(place.x(t), text_width(text, size) / 2) for t, text in labelled]
        if all(b - a >= wa + wb + _APART for (a, wa), (b, wb) in pairwise(spans)):
            return labelled
    return labelled


def _sides(place: Place, y: float, size: float) -> tuple[list[str], float]:
    """Say below the axis what effects left and right of no effect favour.

    Each name stands on its side of no effect, whatever room is there, and nowhere else: under
    effects of the other side it would say the opposite.
    """
    null = place.plot.scale.null
    if null is None:
        return [], y
    middle = place.x(null)
    left, right = place.plot.favours
    reach = 30  # pixels that the names may stand out, but not beyond the drawing
    rooms = middle - max(place.left - reach, 2) - 6, place.right + reach - middle - 6
    sides = (
        (_side(left, rooms[0], size, arrow="left"), middle - 6, "end"),
        (_side(right, rooms[1], size, arrow="right"), middle + 6, "start"),
    )
    parts = [
        text_line(round(x, 1), y + 1.25 * size * i, line, anchor=anchor, size=size)
        for lines, x, anchor in sides
        for i, line in enumerate(lines)
    ]
    deep = max(len(lines) for lines, _, _ in sides)
    return parts, y + 1.25 * size * deep + (3 if deep else 0)


def _side(name: str, room: float, size: float, *, arrow: str) -> list[str]:
    """Return a side in two lines at most, shortened where it must be; nothing without room."""
    whole = f"favours {name} →" if arrow == "right" else f"← favours {name}"
    if max(text_width(word, size) for word in whole.split(" ")) <= room:
        lines = lines_of(whole, room, size)
        if len(lines) < 3:
            return lines
    first, end = ("favours", " →") if arrow == "right" else ("← favours", "")
    rest = fit(name, room - text_width(end, size), size)
    told = len(rest.rstrip("…")) >= min(_TOLD, len(name))
    return [first, rest + end] if told and text_width(first, size) <= room else []


def sign_svg(x: float, y: float, side: float, sign: str, colours: tuple[str, str]) -> str:
    """Return a judgement: a coloured square with its sign."""
    back, ink = colours
    return (
        f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:g}" height="{side:g}" '
        f'rx="3" fill="{back}" stroke="{INK}" stroke-width="0.6"/>'
        + text_line(
            round(x, 1), round(y + 0.3 * side, 1), sign, bold=True, anchor="middle", fill=ink,
            size=round(0.78 * side, 1),
        )
    )  # fmt: skip

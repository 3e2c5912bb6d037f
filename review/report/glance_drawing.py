"""The one picture of the first page: a small drawing that stays readable on a phone.

Whatever the number of studies, it has the same size; the full figures follow in the report. Colours
come from the page (`currentColor`, `--map`), so it suits light and dark, and paper.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from review.plots.text_measure import shorten, text_width
from review.words import interval, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from review.stats.presentation.forest_rows import ForestRow

WIDTH: Final = 460
SIZE: Final = 13
BLUE: Final = "var(--map,#0072B2)"
NAMED: Final = 15  # more studies are lines without a name
TALL: Final = 300  # of the lines without names
NAME: Final = 130
MOST_LETTERS: Final = 19
BARS: Final = 10
SIDE: Final = 120  # pixels that a side of the line of no effect needs for its words
_YEAR: Final = re.compile(r"[\s(\[]*\b(?:1[5-9]|20)\d\d[a-z]{0,2}\b")


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, in pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, x: float) -> float:
        """Return the place of a value; values beyond the ends stand at the ends."""
        low, high, x = (math.log(v) if self.log else v for v in (self.low, self.high, self._in(x)))
        share = (x - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def _in(self, x: float) -> float:
        return min(max(x, self.low), self.high)

    def ticks(self) -> list[float]:
        """Return round values within the axis, at most seven."""
        return _log_ticks(self.low, self.high) if self.log else _ticks(self.low, self.high)


def forest_glance(
    rows: Sequence[ForestRow],
    title: str,
    *,
    measure: str,
    digits: int,
    log: bool = False,
    null: float | None = None,
    favours: Sequence[str] = (),
) -> str:
    """Return studies, average and prediction interval as SVG.

    Args:
        rows: of the forest plot, on the scale of the outcome.
        title: what the drawing shows, for those who hear it.
        measure: below the axis.
        digits: of the average.
        log: whether the axis is logarithmic.
        null: where there is no effect, or None.
        favours: what stands left and right of it.
    """
    studies = [r for r in rows if r.kind == "study" and r.estimate is not None]
    average = next((r for r in rows if r.kind == "total"), None)
    new = next((r for r in rows if r.kind == "prediction" and not r.group), None)
    named = len(studies) <= NAMED
    if not named:
        studies.sort(key=lambda r: (r.estimate or 0.0, r.label))
    step = 20.0 if named else TALL / len(studies)
    # the lines below the studies have names in either case
    scale = _forest_axis(studies, [r for r in (average, new) if r], null, log=log)
    parts: list[str] = []
    y = 12.0
    heaviest = max((r.weight or 0.0 for r in studies), default=0.0) or 1.0
    for row in studies:
        assert row.estimate is not None
        parts += _study(row, scale, y, heaviest, named=named, thin=min(1.5, step * 0.6))
        y += step
    if not named:
        parts.append(_text(0, 12 + TALL / 2, f"{len(studies):,} studies,"))
        parts.append(_text(0, 30 + TALL / 2, "one line each"))
    y += 10
    if average is not None and average.estimate is not None:
        parts += _diamond(average, scale, y, digits)
        y += 24
    if new is not None and new.ci_lb is not None and new.ci_ub is not None:
        a, b = scale.at(new.ci_lb), scale.at(new.ci_ub)
        parts.append(_text(0, y + 5, "A new study"))
        parts.append(f'<rect x="{a:.1f}" y="{y - 4:.1f}" width="{max(b - a, 1):.1f}" height="8" '
                     f'rx="2" style="fill:{BLUE}" fill-opacity=".4"/>')  # fmt: skip
        parts += _arrows(new.ci_lb, new.ci_ub, scale, y)
        y += 20
    if null is not None:
        at = scale.at(null)
        parts.insert(0, f'<path d="M{at:.1f} 2V{y:.1f}" stroke="currentColor" stroke-opacity=".5" '
                        'stroke-dasharray="3 3"/>')  # fmt: skip
    parts += _axis_below(scale, y, measure)
    y += 42
    if len(favours) == 2 and null is not None:
        drawn, y = _sides(favours, scale.at(null), y + 14)
        parts += drawn
    return _svg(y, title, parts)


def roc_glance(
    points: Sequence[tuple[float, float, float]],
    average: tuple[float, float],
    region: Sequence[tuple[float, float]],
    wide: Sequence[tuple[float, float]],
    title: str,
) -> str:
    """Return studies and average in the plane of false alarms and hits as SVG.

    Args:
        points: false-positive rate, sensitivity and size of each study.
        average: of all studies.
        region: outline of where the average lies.
        wide: outline of where a new study may lie.
        title: what the drawing shows.
    """
    x, y = Axis(0, 100, 56, WIDTH - 12), Axis(0, 100, 372, 12)
    parts = [
        (
            f'<rect x="{x.start}" y="{y.end}" width="{x.end - x.start}" height="{y.start - y.end}" '
            'fill="none" stroke="currentColor" stroke-opacity=".3"/>'
        )
    ]
    for outline, look in ((wide, 'fill-opacity=".10"'), (region, 'fill-opacity=".3"')):
        path = " ".join(f"{x.at(100 * a):.1f},{y.at(100 * b):.1f}" for a, b in outline)
        if path:
            parts.append(f'<polygon points="{path}" style="fill:{BLUE}" {look}/>')
    most = max((n for _, _, n in points), default=0.0) or 1.0
    for a, b, n in points:
        radius = 2.5 + 5 * math.sqrt(max(n, 0.0) / most)
        parts.append(f'<circle cx="{x.at(100 * a):.1f}" cy="{y.at(100 * b):.1f}" '
                     f'r="{radius:.1f}" fill="none" stroke="currentColor"/>')  # fmt: skip
    a, b = x.at(100 * average[0]), y.at(100 * average[1])
    parts.append(f'<path d="M{a:.1f} {b - 8:.1f}l8 8l-8 8l-8 -8z" style="fill:{BLUE}"/>')
    parts += _axis_below(x, y.start, "false alarms per 100 people without the condition")
    parts += [_text(x.start - 8, y.at(v) + 4, f"{v:g}", anchor="end") for v in y.ticks()]
    parts.append(_turned(14, (y.start + y.end) / 2, "found per 100 with the condition"))
    return _svg(y.start + 44, title, parts)


def scatter_glance(
    panels: Sequence[tuple[str, Sequence[tuple[float, float]]]], quantity: str, title: str
) -> str:
    """Return values against a quantity as SVG, one panel per value.

    Args:
        panels: what is measured, and (quantity, value) of each study.
        quantity: below the axis, which is logarithmic.
        title: what the drawing shows.
    """
    xs = [a for _, points in panels for a, _ in points if a > 0]
    low, high = min(xs), max(xs)
    x = Axis(low / 1.15, high * 1.15, 56, WIDTH - 12, log=True)
    parts: list[str] = []
    top = 8.0
    for name, points in panels:
        values = [b for _, b in points]
        room = (max(values) - min(values)) * 0.06 or 0.05
        y = Axis(min(values) - room, max(values) + room, top + 165, top)
        parts.append(
            f'<rect x="{x.start}" y="{y.end:.1f}" width="{x.end - x.start}" '
            f'height="{y.start - y.end:.1f}" fill="none" stroke="currentColor" '
            'stroke-opacity=".3"/>'
        )
        parts += [
            f'<circle cx="{x.at(a):.1f}" cy="{y.at(b):.1f}" r="4" style="fill:{BLUE}" '
            'fill-opacity=".55"/>'
            for a, b in points
            if a > 0
        ]
        parts += [_text(x.start - 8, y.at(v) + 4, f"{v:g}", anchor="end") for v in y.ticks()]
        parts.append(_turned(14, (y.start + y.end) / 2, name))
        top += 180
    parts += _axis_below(x, top - 15, quantity)
    return _svg(top + 30, title, parts)


def bars_glance(bars: Sequence[tuple[str, int]], title: str) -> str:
    """Return the most frequent categories as SVG; the first ten, with what is left."""
    shown = list(bars[:BARS])
    if len(bars) > BARS:
        shown = [*bars[: BARS - 1], ("others", sum(n for _, n in bars[BARS - 1 :]))]
    x = Axis(0, max((n for _, n in shown), default=1), 160, WIDTH - 48)
    parts = []
    for i, (name, n) in enumerate(shown):
        y = 8 + 26 * i
        parts += [
            _text(150, y + 14, shorten(name, 21), anchor="end"),
            (
                f'<rect x="{x.start}" y="{y}" width="{max(x.at(n) - x.start, 1):.1f}" height="18" '
                f'style="fill:{BLUE}"/>'
            ),
            _text(x.at(n) + 6, y + 14, f"{n:,}"),
        ]
    return _svg(12 + 26 * len(shown), title, parts)


def line_glance(points: Sequence[tuple[str, float, float, float]], title: str) -> str:
    """Return an estimate with its limits over the versions of a review as SVG.

    Args:
        points: name of the version, estimate and its limits, the oldest first.
        title: what the drawing shows.
    """
    values = [v for _, *three in points for v in three]
    room = (max(values) - min(values)) * 0.08 or 0.05
    y = Axis(min(values) - room, max(values) + room, 190, 10)
    step = (WIDTH - 110) / max(len(points) - 1, 1)
    shown = max(1, math.ceil(len(points) / 5))  # names that find room
    parts = [_text(52, y.at(v) + 4, f"{v:g}", anchor="end") for v in y.ticks()]
    places = [(90 + step * i, y.at(v)) for i, (_, v, _, _) in enumerate(points)]
    path = " L".join(f"{a:.1f} {b:.1f}" for a, b in places)
    parts.append(f'<path d="M{path}" fill="none" stroke="currentColor" stroke-opacity=".5"/>')
    for i, ((name, _, low, high), (a, b)) in enumerate(zip(points, places, strict=True)):
        parts += [
            (
                f'<path d="M{a:.1f} {y.at(low):.1f}V{y.at(high):.1f}" style="stroke:{BLUE}" '
                'stroke-width="2"/>'
            ),
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4.5" style="fill:{BLUE}"/>',
        ]
        if (len(points) - 1 - i) % shown == 0:
            parts.append(_text(a, 212, shorten(name, 12), anchor="middle"))
    return _svg(224, title, parts)


def _forest_axis(
    studies: Sequence[ForestRow], others: Sequence[ForestRow], null: float | None, *, log: bool
) -> Axis:
    """Room for every estimate and for the limits of the average; wide intervals are cut."""
    held = [r.estimate for r in studies if r.estimate is not None]
    held += [v for r in others for v in (r.ci_lb, r.ci_ub) if v is not None and math.isfinite(v)]
    held += [] if null is None else [null]
    if log:
        held = [v for v in held if v > 0]
    low, high = min(held), max(held)
    if log:
        room = (high / low) ** 0.06 if high > low else 1.2
        return Axis(low / room, high * room, NAME + 8, WIDTH - 8, log=True)
    gap = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Axis(low - gap, high + gap, NAME + 8, WIDTH - 8)


def _study(
    row: ForestRow, scale: Axis, y: float, heaviest: float, *, named: bool, thin: float
) -> list[str]:
    assert row.estimate is not None
    parts = []
    if named:
        parts.append(_text(0, y + 4, study_name(row.label, MOST_LETTERS)))
    if row.ci_lb is not None and row.ci_ub is not None:
        a, b = scale.at(row.ci_lb), scale.at(row.ci_ub)
        parts.append(f'<path d="M{a:.1f} {y:.1f}H{b:.1f}" stroke="currentColor" '
                     f'stroke-opacity=".6" stroke-width="{thin:.2f}"/>')  # fmt: skip
        parts += _arrows(row.ci_lb, row.ci_ub, scale, y, 4 if named else thin)
    side = 4 + 7 * math.sqrt((row.weight or 0.0) / heaviest) if named else 3
    at = scale.at(row.estimate)
    parts.append(
        f'<rect x="{at - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" '
        f'height="{side:.1f}" style="fill:{BLUE}"/>'
    )
    return parts


def _arrows(low: float, high: float, scale: Axis, y: float, half: float = 4) -> list[str]:
    """Heads at the ends of the axis, for an interval that goes on beyond them."""
    heads = ((low < scale.low, scale.start, 1), (high > scale.high, scale.end, -1))
    return [
        f'<path d="M{at:.1f} {y:.1f}l{way * 7} {-half:.1f}v{2 * half:.1f}z" fill-opacity=".8"/>'
        for beyond, at, way in heads
        if beyond
    ]


def _sides(favours: Sequence[str], null: float, y: float) -> tuple[list[str], float]:
    """What each side of the line of no effect speaks for, and where the next line would stand.

    Each text stays on its side; where a side is too narrow for words, the two stand below each
    other.
    """
    rooms = (null - 6, WIDTH - null - 6)
    together = min(rooms) >= SIDE
    if not together:
        rooms = (WIDTH, WIDTH)
    left = _fitting("← favours {}", favours[0], rooms[0])
    right = _fitting("favours {} →", favours[1], rooms[1])
    if together:
        parts = [_text(null - 6, y, left, anchor="end"), _text(null + 6, y, right)]
        return parts, y + 18
    return [_text(0, y, left), _text(WIDTH, y + 18, right, anchor="end")], y + 36


def _fitting(pattern: str, name: str, room: float) -> str:
    """Return the words with as much of the name as the room in pixels holds."""
    most = len(name)
    while most > 1 and text_width(pattern.format(shorten(name, most)), SIZE) > room:
        most -= 1
    return pattern.format(shorten(name, most))


def study_name(label: str, most: int) -> str:
    """Return the label of a study in at most so many letters; its year and their letter stay.

    Example:
        >>> study_name("Vandiviere and Melvin 1973b", 19), study_name("A trial without one", 10)
        ('Vandiviere a… 1973b', 'A trial w…')
    """
    years = list(_YEAR.finditer(label))
    if len(label) <= most or not years or years[-1].start() == 0:
        return shorten(label, most)
    at = years[-1]
    # what follows the year, such as the arm, has what a few letters of the name leave
    end = shorten(label[at.start() :], max(most - 6, at.end() - at.start() + 1))
    return shorten(label[: at.start()], most - len(end)) + end


def _diamond(row: ForestRow, scale: Axis, y: float, digits: int) -> list[str]:
    assert row.estimate is not None
    low = row.estimate if row.ci_lb is None else row.ci_lb
    high = row.estimate if row.ci_ub is None else row.ci_ub
    a, m, b = scale.at(low), scale.at(row.estimate), scale.at(high)
    said = f"{number(row.estimate, digits)} ({interval(low, high, digits)})"
    return [
        _text(0, y + 5, "Average", bold=True),
        (
            f'<path d="M{a:.1f} {y:.1f}L{m:.1f} {y - 8:.1f}L{max(b, a + 1):.1f} {y:.1f}'
            f'L{m:.1f} {y + 8:.1f}z" style="fill:{BLUE}"/>'
        ),
        # the numbers stand where there is room
        _text(b + 8, y + 5, said, bold=True)
        if b + 8 + 7.2 * len(said) < WIDTH
        else _text(a - 8, y + 5, said, bold=True, anchor="end")
        if a - 8 - 7.2 * len(said) > 70
        else "",
    ]


def _axis_below(scale: Axis, y: float, name: str) -> list[str]:
    parts = [
        (
            f'<path d="M{scale.start:.1f} {y:.1f}H{scale.end:.1f}" stroke="currentColor" '
            'stroke-opacity=".5"/>'
        )
    ]
    for value in scale.ticks():
        at = scale.at(value)
        parts.append(f'<path d="M{at:.1f} {y:.1f}v5" stroke="currentColor" stroke-opacity=".5"/>')
        parts.append(_text(at, y + 18, _tick(value), anchor="middle"))
    middle = (scale.start + scale.end) / 2
    return [*parts, _text(middle, y + 36, name, anchor="middle")]


def _tick(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def _ticks(low: float, high: float) -> list[float]:
    span = high - low
    if not span > 0:
        return [low]
    raw = span / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    # rounded, so that 3 * 0.1 is written 0.3
    return [round((first + i) * step, 12) for i in range(count)]


def _log_ticks(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    choices: tuple[Callable[[int], list[float]], ...] = (
        lambda d: [m * 10.0**d for m in (1, 1.5, 2, 3, 5, 7)],
        lambda d: [m * 10.0**d for m in (1, 2, 5)],
        lambda d: [m * 10.0**d for m in (1, 3)],
        lambda d: [10.0**d],
        lambda d: [10.0**d] if d % 3 == 0 else [],
    )
    for choice in choices:
        found = [float(f"{v:.6g}") for d in decades for v in choice(d) if low <= v <= high]
        if len(found) <= 6:
            return found
    return found


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


def _turned(x: float, y: float, text: str) -> str:
    return (
        f'<text transform="translate({x:g} {y:.1f}) rotate(-90)" text-anchor="middle">'
        f"{escape(shorten(text, 34))}</text>"
    )


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    body = "".join(parts)
    mark = hashlib.sha256(f"{title}{body}".encode(errors="replace")).hexdigest()[:8]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" aria-labelledby="glance-{mark}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="{SIZE}" fill="currentColor">'
        f'<title id="glance-{mark}">{escape(title)}</title>{body}</svg>'
    )

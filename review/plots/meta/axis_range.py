"""The part of the effect axis that is drawn: one huge interval must not squash the others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.plots.meta.effect_axis import Scale
    from review.stats.presentation.forest_rows import ForestRow

_PAD: Final = 0.04
_REACH: Final = 0.5  # intervals may reach so far beyond the core, in widths of the core
_OUTLIER: Final = 10  # estimates further out than so many spreads are arrows


@dataclass(frozen=True)
class Window:
    """The drawn part of an axis.

    Attributes:
        low, high: on the scale of the data.
        axis: the same as plotly takes it: logarithms for a logarithmic axis.
    """

    low: float
    high: float
    axis: tuple[float, float]

    def cut_low(self, value: float | None) -> bool:
        """Tell whether a limit lies to the left of what is drawn."""
        return value is not None and value < self.low

    def cut_high(self, value: float | None) -> bool:
        """Tell whether a limit lies to the right of what is drawn."""
        return value is not None and value > self.high

    def clip(self, value: float) -> float:
        """Return the value, or the edge when it is infinite and cannot be a coordinate."""
        return value if math.isfinite(value) else (self.low if value < 0 else self.high)


def window_of(
    rows: Sequence[ForestRow], scale: Scale, more: Sequence[tuple[float, float]] = ()
) -> Window:
    """Return the part of the axis that shows estimates and typical intervals.

    Intervals within reach are shown whole; what goes beyond is cut, and drawn as an arrow. The
    value of no effect is included when it is near.

    Args:
        rows: with estimates and intervals.
        scale: of the axis.
        more: further limits to be shown, such as those of prediction intervals.
    """
    studies = [r for r in rows if r.kind == "study"] or list(rows)
    finite = [t for r in studies if (t := _finite(r, scale)) is not None]
    limits = [_value(x, scale) for r in rows for x in (r.estimate, r.ci_lb, r.ci_ub)]
    limits += [_value(x, scale) for pair in more for x in pair]
    known = [x for x in limits if x is not None]
    if not finite or not known:
        return _window(*((min(known), max(known)) if known else (-1.0, 1.0)), scale)
    half = median((high - low) / 2 for _, low, high in finite)
    points = _without_outliers([estimate for estimate, _, _ in finite], half)
    points += [
        e for r in rows if r.kind in {"total", "subtotal"} and (e := _value(r.estimate, scale))
    ]
    core = min(points) - 2 * half, max(points) + 2 * half
    width = core[1] - core[0] or max(abs(core[0]), 1.0) * 0.2
    low, high = min(known), max(known)
    low = low if low >= core[0] - _REACH * width else core[0] - 0.15 * width
    high = high if high <= core[1] + _REACH * width else core[1] + 0.15 * width
    null = _value(scale.null, scale)
    if null is not None and low - 0.6 * (high - low) < null < high + 0.6 * (high - low):
        low, high = min(low, null), max(high, null)
    return _window(low, high, scale)


def _without_outliers(points: list[float], half: float) -> list[float]:
    centre = median(points)
    spread = max(1.4826 * median(abs(p - centre) for p in points), half)
    return [p for p in points if abs(p - centre) <= _OUTLIER * spread] or points


def _finite(row: ForestRow, scale: Scale) -> tuple[float, float, float] | None:
    values = [_value(x, scale) for x in (row.estimate, row.ci_lb, row.ci_ub)]
    if any(v is None for v in values):
        return None
    return values[0], values[1], values[2]  # type: ignore[return-value]


def _value(value: float | None, scale: Scale) -> float | None:
    """Return a value as the axis counts it; None when it cannot be drawn."""
    if value is None or not math.isfinite(value) or (scale.log and value <= 0):
        return None
    return math.log10(value) if scale.log else value


def _window(low: float, high: float, scale: Scale) -> Window:
    if high <= low:
        pad = 0.1 * abs(low) or 1.0
        low, high = low - pad, high + pad
    pad = _PAD * (high - low)
    low, high = low - pad, high + pad
    return Window(10**low, 10**high, (low, high)) if scale.log else Window(low, high, (low, high))


def finite(values: Iterable[float]) -> list[float]:
    """Return the values that are numbers."""
    return [float(v) for v in values if math.isfinite(v)]

"""Ticks of an axis: round numbers on the scale that readers know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TICKS: Final = 8
_STEPS: Final = (
    (1, 2, 3, 4, 5, 6, 8),
    (1, 2, 5),
    (1, 3),
    (1,),
)  # within a decade, the finest first
_SHORT: Final = 2.5  # an axis whose ends differ by less than this factor has equal steps


def tick_text(value: float) -> str:
    """Return the label of a tick, with a true minus sign.

    Example:
        >>> tick_text(-0.5), tick_text(20.0), tick_text(0.30000000000000004)
        ('−0.5', '20', '0.3')
    """
    return f"{value:g}".replace("-", "−")


def ticks_between(low: float, high: float, *, log: bool, most: int = MOST_TICKS) -> list[float]:
    """Return round numbers within an interval, as many as there is room for.

    On a logarithmic axis they are those of the natural scale: 0.1, 0.2, 0.5, 1, 2; where the
    interval is so short that fewer than three of them lie inside, equal steps.

    Args:
        low: where the interval begins; positive on a logarithmic axis.
        high: where it ends.
        log: whether the axis is logarithmic.
        most: how many ticks there may be.

    Example:
        >>> ticks_between(0.15, 3.2, log=True)
        [0.2, 0.5, 1.0, 2.0]
        >>> ticks_between(0.91, 0.98, log=True)
        [0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98]
        >>> ticks_between(-1.2, 0.4, log=False, most=4)
        [-1.0, -0.5, 0.0]
    """
    if log and low > 0:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        for steps in _STEPS:
            every = 1 if len(steps) > 1 else max(1, math.ceil((last - first) / most))
            ticks = [float(f"{s}e{d}") for d in range(first, last + 1, every) for s in steps]
            inside = [t for t in ticks if low <= t <= high]
            if len(inside) <= most:
                break
        if len(inside) >= min(3, most):
            return inside[:most]
    return _equal_steps(low, high, most)


def _equal_steps(low: float, high: float, most: int) -> list[float]:
    width = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(width / most))
    step = next(s * power for s in (1, 2, 5, 10, 20, 50) if width / (s * power) <= most)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    decimals = max(0, -math.floor(math.log10(step)))
    return [round((first + i) * step, decimals) + 0.0 for i in range(count)][:most]


def log_ticks(values: Sequence[float]) -> list[float]:
    """Return round numbers for a logarithmic axis, the fewer per decade the longer it is.

    Where all values lie close together, they have equal steps.

    Example:
        >>> log_ticks([0.15, 1.8])
        [0.1, 0.2, 0.5, 1.0, 2.0]
        >>> log_ticks([0.02, 20])
        [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
    """
    if not values:
        return []
    if max(values) / min(values) < _SHORT:
        return ticks_between(min(values), max(values), log=True)
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    decades = range(low, high + 1)
    step = max(1, len(decades) // 8)
    short = max(values) / min(values) < 6
    for steps in _STEPS[0 if short else 1 :]:
        ticks = [float(f"{s}e{d}") for d in decades[::step] for s in steps]
        near = [t for t in ticks if min(values) / 2 <= t <= max(values) * 2]
        if len(near) <= MOST_TICKS:
            break
    return near

"""Estimate, interval and p-value of one effect: what each says of the others.

A normal interval at level L is f(estimate) +- z_L SE on its scale f (natural or log), hence
SE = (f(upper) - f(lower)) / (2 z_L) and z = (f(estimate) - f(null)) / SE (Altman and Bland 2011,
BMJ 343:d2304). All three numbers are rounded, so z has a range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from review.errors import StatsError
from review.stats.consistency.tail_areas import normal_point, t_area, t_point
from review.stats.ground.levels import check_level, normal_quantile

if TYPE_CHECKING:
    from fractions import Fraction

    from review.stats.consistency.rounding_ranges import Printed

Scale = Literal["natural", "log"]
NULL: Final[dict[Scale, float]] = {"natural": 0.0, "log": 1.0}


@dataclass(frozen=True)
class ImpliedZ:
    """The z statistic that an interval gives its estimate, without its sign.

    Attributes:
        scale: of the interval.
        z: from the numbers as printed.
        low, high: with all of them anywhere in their rounding ranges.
        se: standard error on the scale, from the numbers as printed.
    """

    scale: Scale
    z: float
    low: float
    high: float
    se: float


def implied_z(
    estimate: Printed, lower: Printed, upper: Printed, *, scale: Scale, level: float = 95
) -> ImpliedZ:
    """Return the z statistic that an interval implies.

    Raises:
        StatsError: the limits are equal, or not above 0 on the log scale.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> found = implied_z(printed("1.5"), printed("1.1"), printed("2.0"), scale="log")
        >>> round(found.z, 2), round(found.low, 2), round(found.high, 2)
        (2.66, 2.18, 3.25)
    """
    quantile = normal_quantile(level)
    values = [float(x) for x in (estimate, lower, upper)]
    if scale == "log" and min(values) <= 0:
        raise StatsError("a ratio and its limits are above 0")
    width = _on(values[2], scale) - _on(values[1], scale)
    if width <= 0:
        raise StatsError("the limits leave no width")
    se = width / (2 * quantile)
    away = abs(_on(values[0], scale) - _on(NULL[scale], scale))
    ends = [float(x) for x in (estimate.low, estimate.high)]
    near = [abs(_on(max(e, 1e-300) if scale == "log" else e, scale) - _on(NULL[scale], scale))
            for e in ends]  # fmt: skip
    least_away = 0.0 if ends[0] <= NULL[scale] <= ends[1] else min(near)
    narrow, wide = (
        _on(b, scale) - _on(a, scale)
        for a, b in (
            (float(lower.high), float(upper.low)), (_above(lower.low, scale), float(upper.high)),
        )
    )  # fmt: skip
    high = max(near) * 2 * quantile / narrow if narrow > 0 else math.inf
    return ImpliedZ(scale, away / se, least_away * 2 * quantile / wide, high, se)


def _above(x: Fraction, scale: Scale) -> float:
    number = float(x)
    return max(number, 1e-300) if scale == "log" else number


def _on(x: float, scale: Scale) -> float:
    return math.log(x) if scale == "log" else x


def lopsided(
    estimate: Printed, lower: Printed, upper: Printed, scale: Scale
) -> tuple[float, float] | None:
    """Return the range of (upper - estimate) / (estimate - lower) on a scale; 1 is symmetric.

    Returns:
        The smallest and largest ratio within rounding; None where the scale does not allow it.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> low, high = lopsided(printed("4.64"), printed("1.33"), printed("6.16"), "natural")
        >>> round(low, 2), round(high, 2)
        (0.45, 0.46)
    """
    if scale == "log" and min(float(lower.value), float(estimate.value)) <= 0:
        return None
    e = [_on(_above(x, scale), scale) for x in (estimate.low, estimate.high)]
    a = [_on(_above(x, scale), scale) for x in (lower.low, lower.high)]
    b = [_on(_above(x, scale), scale) for x in (upper.low, upper.high)]
    least, most = max(b[0] - e[1], 0.0), e[1] - a[0]
    low = least / most if most > 0 else math.inf
    top, bottom = b[1] - e[0], max(e[0] - a[1], 0.0)
    return low, top / bottom if bottom > 0 else math.inf


def t_degrees(found: ImpliedZ, p_low: float, p_high: float, level: float = 95) -> float | None:
    """Return degrees of freedom at which interval and p-value agree by Student's t, if any.

    The interval is estimate +- t_df SE and the p-value that of the estimate / SE on df.

    Args:
        found: from `implied_z`.
        p_low: the smallest p-value that prints like the stated one.
        p_high: the largest one.
        level: of the interval, per cent.
    """
    quantile, coverage = normal_quantile(level), check_level(level)
    for df in (*range(1, 31), 40, 60, 120):
        factor = t_point(df, 1 - coverage) / quantile  # t statistics are larger
        low, high = (t_area(df, z * factor) for z in (found.high, found.low))
        if low <= p_high and high >= p_low:
            return float(df)
    return None


def z_of_p(p: float) -> float:
    """Return the two-sided z statistic of a p-value.

    Example:
        >>> round(z_of_p(0.05), 2), z_of_p(0), z_of_p(1)
        (1.96, inf, 0.0)
    """
    return normal_point(p)

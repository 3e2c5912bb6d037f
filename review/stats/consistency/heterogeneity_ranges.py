"""Q, its degrees of freedom, I2, H2 and the p-value of one meta-analysis: what each allows.

I2 = max(0, (Q - df) / Q) and H2 = Q / df (Higgins and Thompson 2002, Stat Med 21:1539, section 3;
Higgins et al. 2003, BMJ 327:557); p is the upper tail of a chi-square distribution on df.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.errors import StatsError
from review.stats.consistency.tail_areas import chi2_area

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed


def i2_range(q: Printed, df: float) -> tuple[float, float]:
    """Return the smallest and largest I2 (as a share) that a printed Q on df gives.

    Raises:
        StatsError: Q below 0, or df not above 0.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> [round(100 * x, 1) for x in i2_range(printed("24.53"), 11)]
        [55.1, 55.2]
    """
    _check(q, df)
    low, high = max(float(q.low), 0.0), float(q.high)
    return _i2(low, df), _i2(high, df)


def h2_range(q: Printed, df: float) -> tuple[float, float]:
    """Return the smallest and largest H2 that a printed Q on df gives.

    Raises:
        StatsError: Q below 0, or df not above 0.
    """
    _check(q, df)
    return max(float(q.low), 0.0) / df, float(q.high) / df


def q_p_range(q: Printed, df: float) -> tuple[float, float]:
    """Return the smallest and largest p-value that a printed Q on df gives.

    Raises:
        StatsError: Q below 0, or df not above 0.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> [round(p, 4) for p in q_p_range(printed("24.53"), 11)]
        [0.0107, 0.0107]
    """
    _check(q, df)
    return chi2_area(df, float(q.high)), chi2_area(df, max(float(q.low), 0.0))


def q_of_i2(i2: Printed, df: float, *, per: int = 100) -> tuple[float, float] | None:
    """Return the range of Q that a printed I2 above 0 implies; None for one that may be 0.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> [round(q, 1) for q in q_of_i2(printed("55.2"), 11)]
        [24.5, 24.6]
    """
    low, high = float(i2.low) / per, float(i2.high) / per
    if low <= 0 or high >= 1:
        return None
    return df / (1 - low), df / (1 - high)


def _i2(q: float, df: float) -> float:
    return max(0.0, (q - df) / q) if q > 0 else 0.0


def _check(q: Printed, df: float) -> None:
    if q.high < 0:
        raise StatsError(f"Q = {q} cannot be negative")
    if not df > 0:
        raise StatsError("Q needs positive degrees of freedom")

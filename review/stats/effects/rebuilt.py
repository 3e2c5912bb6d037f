"""A 2x2 table from its margins and one coefficient: odds ratio, phi or risk ratio.

With group sizes n1, n2 and E events in all, the table has one free cell a (events of group 1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from review.stats.effects.measure import FloatArray

OF_OR: Final = "OR"
OF_PHI: Final = "PHI"
OF_RR: Final = "RR"


def table_from_margins(kind: str, value: Any, n1: Any, n2: Any, events: Any) -> FloatArray:
    """Events of group 1 in the table with these margins, rounded to a whole number.

    Source: Bonett (2007), Am Psychol 62, 254 (phi, odds ratio); the risk ratio by the same algebra.

    Args:
        kind: what `value` is: "OR", "PHI" or "RR".
        value: the coefficient, (k,).
        n1: size of group 1, (k,).
        n2: size of group 2, (k,).
        events: events in both groups together, (k,).

    Returns:
        a, (k,); NaN where no table has these margins and this coefficient.

    Example:
        >>> table_from_margins("OR", [2.5], [40], [40], [60]).tolist()
        [33.0]
    """
    v, n1, n2, e = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (value, n1, n2, events))
    n = n1 + n2
    with np.errstate(all="ignore"):
        if kind == OF_PHI:
            a = n1 * e / n + v * np.sqrt(n1 * n2 * e * (n - e)) / n
        elif kind == OF_RR:
            a = v * n1 * e / (n2 + v * n1)
        else:
            a = _from_odds_ratio(v, n1, n2, e)
        a = np.round(a)
        possible = (v > 0) | (kind == OF_PHI)
        possible &= (a >= 0) & (a <= n1) & (a <= e) & (e - a <= n2)
    return np.where(possible, a, np.nan)


def _from_odds_ratio(v: FloatArray, n1: FloatArray, n2: FloatArray, e: FloatArray) -> FloatArray:
    """Root of (v - 1) a^2 - (v (n1 + e) + n2 - e) a + v n1 e = 0 between the bounds of a.

    Written with the numerically larger root in the denominator: v near 1 loses no digits.
    """
    b = v * (n1 + e) + n2 - e
    root = np.sqrt(np.maximum(b**2 - 4 * (v - 1) * v * n1 * e, 0.0))
    return 2 * v * n1 * e / (b + root)

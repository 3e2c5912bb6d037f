"""How far the intervals of studies overlap: the share of pairs that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray


def overlapping_pairs(low: FloatArray, high: FloatArray) -> float:
    """Return the share of pairs of intervals that have a point in common; 1 for one interval.

    Two intervals are apart where one ends before the other begins, so sorted ends count the pairs
    in O(k log k).

    Args:
        low: lower limits, (k,).
        high: upper limits, (k,), not below the lower ones.

    Example:
        >>> overlapping_pairs(np.array([0.0, 0.5, 3.0]), np.array([1.0, 2.0, 4.0])).__round__(4)
        0.3333
    """
    k = len(low)
    if k < 2:
        return 1.0
    apart = int(np.searchsorted(np.sort(high), low, side="left").sum())
    return 1 - apart / (k * (k - 1) / 2)

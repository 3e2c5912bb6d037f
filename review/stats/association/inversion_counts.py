"""The number of inversions of a random order, which Kendall's tau counts, and its exact tail.

Of n values in random order, the number of earlier values that are larger is uniform on 0 .. i - 1
for the i-th one, so that the number of inversions has the generating function
prod (1 - q^i)/(1 - q)/i (Kendall & Gibbons 1990, ch. 5). Up to `BY_COUNTING` values its
coefficients are added up. Beyond, the tail is an integral of that function along a line in the
complex plane: through the saddle point for a tail (Daniels 1987, Int Stat Rev 55:37), along the
unit circle near the middle. The rule of trapezoids is exact for it but for what the distribution
holds a whole period away, so that some 60 nodes give 14 digits, in time and memory linear in n.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

BY_COUNTING: Final = 40  # values; the table has a quarter of their square
_MIDDLE: Final = 2.5  # standard deviations up to which 1 - P loses less than three digits
_REACH: Final = 8.6  # standard deviations outside of which lies less than 1e-17
_SMALLEST: Final = -745.0  # logarithm of the smallest number above 0


def inversions(order: Sequence[int]) -> int:
    """Count the pairs that stand in falling order; no two values are the same.

    Example:
        >>> inversions([0, 2, 1, 3]), inversions([3, 2, 1, 0])
        (1, 6)
    """
    seen: list[int] = []
    total = 0
    for before, value in enumerate(order):
        at = bisect_left(seen, value)
        total += before - at
        seen.insert(at, value)
    return total


def exact_tail(n: int, count: int) -> float:
    """Probability of a number of inversions as far from its middle as `count`, on both sides.

    Args:
        n: number of values, at least 2.
        count: of inversions.

    Example:
        >>> exact_tail(4, 1)  # 4 of 24 orders have at most one, 4 at least five
        0.3333333333333333
    """
    most = n * (n - 1) // 2
    low = min(count, most - count)
    if 2 * low >= most:
        return 1.0
    if n <= BY_COUNTING:
        return min(1.0, 2 * _counted(n, low))
    away = most / 2 - low
    sd = math.sqrt(n * (n - 1) * (2 * n + 5) / 72)
    return min(1.0, _middle(n, away, sd) if away < _MIDDLE * sd else 2 * _tail(n, away, sd))


def _counted(n: int, low: int) -> float:
    """P(inversions <= low), by the table of their probabilities."""
    p = np.zeros(low + 1)
    p[0] = 1.0
    for i in range(2, n + 1):
        total = np.cumsum(p)
        total[i:] -= total[:-i].copy()
        p = total / i
    return float(p.sum())


def _middle(n: int, away: float, sd: float) -> float:
    """1 - P(|S| < away) of the centred number of inversions, by its characteristic function."""
    period = math.ceil(2 * away + 2 * _REACH * sd)
    t = np.arange(1, math.ceil(_REACH / sd * period / (2 * math.pi)) + 1) * (2 * math.pi / period)
    i = np.arange(2, n + 1)[:, None]
    phi = np.prod(np.sin(i * (t / 2)) / (i * np.sin(t / 2)), 0)
    kernel = np.sin((away - 0.5) * t) / np.sin(t / 2)
    inside = (2 * away - 1 + 2 * float((phi * kernel).sum())) / period
    return 1 - inside


def _tail(n: int, away: float, sd: float) -> float:
    """P(S >= away), with relative accuracy, along the line through the saddle point."""
    i = np.arange(2, n + 1)
    theta, log_m, spread = _saddle(i, away, away / sd**2)
    height = log_m - theta * away
    if height < _SMALLEST:
        return 0.0
    period = math.ceil(max((40 - height) / theta, 2 * _REACH * sd))
    u = np.arange(math.ceil(_REACH / spread * period / (2 * math.pi)) + 1) * (2 * math.pi / period)
    u = u[u <= math.pi]
    z = theta + 1j * u
    # each factor by its value at the saddle point, so that the product neither grows nor vanishes
    ratio = np.sinh(z / 2 * i[:, None]) / np.sinh(z / 2) / (
        np.sinh(theta / 2 * i) / np.sinh(theta / 2)
    )[:, None]  # fmt: skip
    values = (np.prod(ratio, 0) * np.exp(-1j * u * away) / (1 - np.exp(-z))).real
    values[1:] *= 2
    return math.exp(height) * float(values.sum()) / period


def _saddle(i: np.ndarray, away: float, theta: float) -> tuple[float, float, float]:
    """Where the derivative of the cumulant function is `away`; its value and curvature there."""
    lo, hi = 0.0, math.inf
    slope, bend = math.inf, 1.0
    for _ in range(100):
        half = theta / 2
        # of log(sinh(i t/2) / (i sinh(t/2))): value, first and second derivative
        coth = 1 / np.tanh(i * half)
        slope = float((i * coth).sum() / 2 - len(i) / (2 * math.tanh(half))) - away
        bend = float(len(i) / (4 * math.sinh(half) ** 2) - (i * i * (coth * coth - 1)).sum() / 4)
        lo, hi = (theta, hi) if slope < 0 else (lo, theta)
        new = theta - slope / bend
        if not lo < new < hi:
            new = 2 * theta if math.isinf(hi) else (lo + hi) / 2
        if abs(new - theta) <= 1e-6 * theta:  # any line does: the best one takes fewest nodes
            break
        theta = new
    value = float((np.log1p(-np.exp(-i * theta)) + (i - 1) * theta / 2 - np.log(i)).sum())
    value -= len(i) * math.log(-math.expm1(-theta))
    return theta, value, math.sqrt(bend)

"""Tests of a table of counts: Pearson's chi-square, with Yates' correction, G, Fisher's exact."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from review.errors import StatsError
from review.stats.consistency.tail_areas import chi2_area

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


def table_degrees(table: Sequence[Sequence[int]]) -> int:
    """Return (rows - 1)(columns - 1), without rows and columns of zeros."""
    counts = _filled(table)
    return int((counts.shape[0] - 1) * (counts.shape[1] - 1))


def _filled(table: Sequence[Sequence[int]]) -> npt.NDArray[np.float64]:
    if len({len(row) for row in table}) != 1:
        raise StatsError("the rows of a table have the same number of cells")
    counts: npt.NDArray[np.float64] = np.asarray(table, dtype=float)
    if (counts < 0).any():
        raise StatsError("counts are not negative")
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        raise StatsError("a table needs two rows and two columns with counts")
    return counts


def table_tests(table: Sequence[Sequence[int]]) -> dict[str, tuple[float, float]]:
    """Return name -> statistic and p-value of the usual tests; the exact one has no statistic.

    Raises:
        StatsError: rows of unequal length, negative counts, or fewer than two rows or columns.

    Example:
        >>> found = table_tests([[20, 10], [15, 25]])
        >>> [round(x, 3) for x in found["chi-square"]]
        [5.833, 0.016]
    """
    try:
        counts = _filled(table)
    except StatsError:
        if len(table) == 2 and np.asarray(table).sum():
            return {"chi-square": (0.0, 1.0), "Fisher's exact": (math.nan, 1.0)}
        raise
    total = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    away = np.abs(counts - expected)
    pearson = float((away**2 / expected).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        g = float(2 * np.where(counts > 0, counts * np.log(counts / expected), 0.0).sum())
    found = {
        "chi-square": (pearson, chi2_area(df, pearson)),
        "likelihood ratio": (g, chi2_area(df, g)),
    }
    linear = (total - 1) / total * pearson  # Mantel-Haenszel's chi-square, (n - 1) r^2
    found["chi-square with n - 1"] = (linear, chi2_area(df, linear))
    if counts.shape == (2, 2):
        yates = float((np.maximum(away - 0.5, 0.0) ** 2 / expected).sum())
        found["Yates' chi-square"] = (yates, chi2_area(1, yates))
        found["Fisher's exact"] = (math.nan, _fisher(counts))
        p1, p2 = counts[:, 0] / counts.sum(axis=1)
        n1, n2 = counts.sum(axis=1)
        spread = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
        if spread > 0:
            wald = float((p1 - p2) ** 2 / spread)
            found["Wald"] = (wald, chi2_area(1, wald))
    return found


def _fisher(counts: npt.NDArray[np.float64]) -> float:
    """Two-sided: the sum over tables that are no more probable (relative tolerance 1e-7)."""
    from scipy.special import gammaln

    a, first = int(counts[0, 0]), int(counts[0].sum())
    column, total = int(counts[:, 0].sum()), int(counts.sum())
    k = np.arange(max(0, first + column - total), min(first, column) + 1)

    def log_choose(n: int, x: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        made: npt.NDArray[np.float64] = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
        return made

    logs = log_choose(first, k) + log_choose(total - first, column - k)
    logs = logs - logs.max()
    p = np.exp(logs)
    p /= p.sum()
    here = p[int(a - k[0])]
    return float(min(1.0, p[p <= here * (1 + 1e-7)].sum()))

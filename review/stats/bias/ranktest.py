"""Rank correlation test of funnel-plot asymmetry (Begg & Mazumdar 1994, Biometrics 50:1088).

The effects, centred at the inverse-variance mean and divided by the standard deviation of that
difference, v_i - 1/sum(w), are correlated with the variances by Kendall's tau. Without ties the
p-value is exact (Kendall & Gibbons 1990, ch. 4); with ties it is the normal approximation with the
tie-corrected variance and no continuity correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.bias.record import Record, p_text
from review.stats.bias.studies import read_studies

if TYPE_CHECKING:
    from review.stats.kernels import FloatArray

EXACT_UP_TO: Final = 500  # beyond, the normal approximation agrees to 1e-6 and costs nothing


@dataclass(frozen=True)
class RankTest(Record):
    """A rank correlation test.

    Attributes:
        tau: Kendall's tau-b of standardised effects and variances.
        pval: two-sided p-value.
        exact: whether the p-value is exact.
        ties: whether there were ties.
        k: number of studies.
    """

    tau: float
    pval: float
    exact: bool
    ties: bool
    k: int

    def summary(self) -> str:
        """Return the test in words, with the method and its source."""
        how = "exact" if self.exact else f"normal approximation{', ties' if self.ties else ''}"
        return (
            "Rank correlation test for funnel plot asymmetry (Begg & Mazumdar 1994): Kendall's "
            f"tau = {self.tau:.4f}, {p_text(self.pval)} ({how}), k = {self.k}"
        )


def rank_test(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    exact: bool | None = None,
) -> RankTest:
    """Test whether effects and variances are rank-correlated.

    Args:
        source: a `MetaResult`, the result of `effect_size`, or effects (k,). The model plays no
            part: the effects are centred at the inverse-variance mean.
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        exact: exact p-value (True), normal approximation (False), or exact when there are no ties
            and at most 500 studies (None).

    Raises:
        StatsError: fewer than 3 studies, all variances alike, or `exact=True` with ties.

    Example:
        >>> found = rank_test([0.1, 0.3, 0.2, 0.8], [0.01, 0.02, 0.1, 0.15])
        >>> round(found.tau, 4), round(found.pval, 4)
        (0.6667, 0.3333)
    """
    rows = read_studies(source, vi, sei=sei, data=data)
    k = len(rows.yi)
    if k < 3:
        raise StatsError(f"a rank correlation test needs 3 studies, not {k}")
    if (rows.vi == rows.vi[0]).all():
        raise StatsError("all sampling variances are the same: nothing to correlate effects with")
    z = standardised(rows.yi, rows.vi)
    if (z == z[0]).all():
        raise StatsError("all effects are the same: nothing to correlate variances with")
    ties = len(np.unique(z)) < k or len(np.unique(rows.vi)) < k
    if exact and ties:
        raise StatsError("an exact p-value needs effects and variances without ties")
    use_exact = not ties and k <= EXACT_UP_TO if exact is None else exact
    from scipy.stats import kendalltau

    found = kendalltau(z, rows.vi, method="exact" if use_exact else "asymptotic")
    return RankTest(float(found.statistic), float(found.pvalue), use_exact, ties, k)


def standardised(y: FloatArray, v: FloatArray) -> FloatArray:
    """Return (y - mean) / sqrt(v - 1/sum(1/v)), (k,): Begg & Mazumdar's t_i*.

    Example:
        >>> standardised(np.array([0.0, 1.0]), np.array([1.0, 1.0])).round(4).tolist()
        [-0.7071, 0.7071]
    """
    w = 1.0 / v
    total = w.sum()
    # v - 1/total = v (sum of the other weights) / total, which keeps its digits when one study has
    # nearly all weight
    before = np.concatenate([[0.0], np.cumsum(w)[:-1]])
    after = np.concatenate([np.cumsum(w[::-1])[::-1][1:], [0.0]])
    return np.asarray((y - (w * y).sum() / total) / np.sqrt(v * (before + after) / total))

"""Rank correlation test of funnel-plot asymmetry (Begg & Mazumdar 1994, Biometrics 50:1088).

The effects, centred at the inverse-variance mean and divided by the standard deviation of that
difference, v_i - 1/sum(w), are correlated with the variances by Kendall's tau. Without ties the
p-value is exact (Kendall & Gibbons 1990, ch. 4); with ties it is the normal approximation with the
tie-corrected variance and no continuity correction. Values that are equal but for rounding are
ties: two studies with the same effect and variance are tied wherever they stand in the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.association.inversion_counts import exact_tail, inversions
from review.stats.association.rank_distribution import ROUNDING, tie_groups
from review.stats.bias.bias_input import read_studies
from review.stats.bias.record import SmallStudyResult
from review.stats.ground.guard import guarded
from review.stats.pooling.small_sample import bias_notes, rank_notes
from review.words import number, p_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.ground.least_squares import FloatArray

    Ints = NDArray[np.int64]

EXACT_UP_TO: Final = 500  # beyond, the normal approximation agrees to 1e-6 and costs nothing


@dataclass(frozen=True)
class RankTest(SmallStudyResult):
    """A rank correlation test.

    Attributes:
        tau: Kendall's tau-b of standardised effects and variances.
        pval: two-sided p-value.
        exact: whether the p-value is exact.
        ties: whether there were ties.
        k: number of studies.
        notes: remarks, such as what the ties are.
    """

    tau: float
    pval: float
    exact: bool
    ties: bool
    k: int
    notes: tuple[str, ...] = ()

    def weakness(self) -> list[str]:
        """Return the remarks on what the result rests on."""
        return [*bias_notes(self.k), *rank_notes(self.k)]

    def words(self) -> str:
        """Return the test in words, with the method and its source."""
        how = "exact" if self.exact else f"normal approximation{', ties' if self.ties else ''}"
        return self.with_notes(
            "Rank correlation test for funnel plot asymmetry (Begg & Mazumdar 1994): Kendall's "
            f"tau = {number(self.tau)}, {p_value(self.pval)} ({how}), k = {self.k}"
        )


@guarded
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
    if (rows.yi == rows.yi[0]).all():
        raise StatsError("all effects are the same: nothing to correlate variances with")
    spread = _deviations(rows.vi)
    error = ROUNDING * np.abs(rows.yi).max() / spread
    effects = tie_groups(_centred(rows.yi, rows.vi) / spread, error)
    sizes = tie_groups(rows.vi, ROUNDING * rows.vi)
    if not effects.any() or not sizes.any():
        raise StatsError("all effects or all variances are the same but for rounding")
    ties = min(int(effects.max()), int(sizes.max())) < k - 1
    if exact and ties:
        raise StatsError("an exact p-value needs effects and variances without ties")
    use_exact = not ties and k <= EXACT_UP_TO if exact is None else exact
    if use_exact:
        found = inversions(sizes[np.argsort(effects)].tolist())
        tau = 1 - 4 * found / (k * (k - 1))
        return RankTest(tau, exact_tail(k, found), True, False, k)
    from scipy.stats import kendalltau

    normal = kendalltau(effects, sizes, method="asymptotic")
    return RankTest(
        float(normal.statistic), float(normal.pvalue), False, ties, k,
        _tie_notes(effects, sizes) if ties else (),
    )  # fmt: skip


def _tie_notes(effects: Ints, sizes: Ints) -> tuple[str, ...]:
    parts = []
    for name, groups in (("standardised effects", effects), ("variances", sizes)):
        tied = int((np.bincount(groups)[groups] > 1).sum())
        if tied:
            parts.append(f"{tied} of {len(groups)} {name}")
    return (f"ties, that is values equal but for rounding: {', '.join(parts)}",)


def standardised(y: FloatArray, v: FloatArray) -> FloatArray:
    """Return (y - mean) / sqrt(v - 1/sum(1/v)), (k,): Begg & Mazumdar's t_i*.

    Example:
        >>> standardised(np.array([0.0, 1.0]), np.array([1.0, 1.0])).round(4).tolist()
        [-0.7071, 0.7071]
    """
    return _centred(y, v) / _deviations(v)


def _centred(y: FloatArray, v: FloatArray) -> FloatArray:
    """Effects less their inverse-variance mean, (k,), whatever the order of the rows."""
    w = 1.0 / v
    return np.asarray(y - math.fsum((w * y).tolist()) / math.fsum(w.tolist()))


def _deviations(v: FloatArray) -> FloatArray:
    """Return sqrt(v - 1/sum(1/v)), (k,), whatever the order of the rows.

    Sums are rounded once (`math.fsum`), so that two studies alike have the same number.
    """
    w = 1.0 / v
    listed = w.tolist()
    total = math.fsum(listed)
    # v - 1/total = v (sum of the other weights) / total keeps its digits when one study has nearly
    # all weight; what rounding took from the total is put back
    others = (total - w) + math.fsum([*listed, -total])
    return np.asarray(np.sqrt(v * others / total))

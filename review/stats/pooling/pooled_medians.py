"""Medians of several studies pooled as such: their median, plain or weighted.

The interval holds every value that the sign test of the studies does not reject, with its exact
distribution. Source: McGrath, Zhao, Qin, Steele and Benedetti (2019), Stat Med 38, 969 (one group);
McGrath, Sohn, Steele and Benedetti (2020), Biom J 62, 69 (difference of medians).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import to_floats
from review.stats.ground.guard import guarded
from review.stats.ground.inference import check_level
from review.stats.ground.result_kit import Record
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

MOST_EXACT: Final = 20  # studies up to which weighted signs are enumerated


@dataclass(frozen=True, eq=False)
class PooledMedians(Record):
    """A pooled median.

    Attributes:
        method: "median of medians" or "weighted median".
        estimate, ci_lb, ci_ub: the pooled median and its limits, which are medians of studies.
        level: asked for, per cent.
        coverage: of the interval, per cent: exact without weights; with weights at least the level.
        k: studies.
        notes: remarks.
    """

    method: str
    estimate: float
    ci_lb: float
    ci_ub: float
    level: float
    coverage: float
    k: int
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Pooled median ({self.method}, k = {self.k})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "method", (self.method,)

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("estimate", "ci_lb", "ci_ub", "coverage")
        return {name: [getattr(self, name)] for name in names}


@guarded
def pool_medians(yi: Any, weights: Any = None, *, level: float = 95) -> PooledMedians:
    """Pool medians, or differences of medians, of several studies by their median.

    No sampling variances are needed, and nothing is assumed about the distribution within studies.
    (`effect_size` with the measures MED and MEDD gives variances for the usual models.)

    Args:
        yi: median of each study, (k,); gaps are left out.
        weights: such as study sizes, (k,), for the weighted median.
        level: of the interval, per cent.

    Returns:
        Estimate and interval. With too few studies for the level the interval is their range, and a
        note says so.

    Raises:
        InputError: lengths differ.
        StatsError: no study, or weights that are not above 0.

    Example:
        >>> found = pool_medians([6.1, 5.2, 3.1, 2.8, 4.5, 5.9])
        >>> round(found.estimate, 2), found.ci_lb, found.ci_ub, round(found.coverage, 1)
        (4.85, 2.8, 6.1, 96.9)
    """
    y = np.atleast_1d(to_floats("yi", yi))
    w = np.ones_like(y) if weights is None else np.atleast_1d(to_floats("weights", weights))
    if len(w) != len(y):
        raise InputError(f"weights has {len(w)} values, but there are {len(y)} medians")
    known = ~np.isnan(y + w)
    y, w = y[known], w[known]
    if not len(y):
        raise StatsError("there is no median to pool")
    if np.any(w <= 0) or not np.all(np.isfinite(w)):
        raise StatsError("weights must be above 0")
    alpha = 1 - check_level(level)
    order = np.argsort(y, kind="stable")
    y, w = y[order], w[order]
    below = np.cumsum(w)  # weight of the studies at or below each median
    # between the medians y[j] and y[j + 1] the studies below weigh below[j]
    tails = np.minimum(_at_most(w, below[:-1]), _at_most(w, below[-1] - below[:-1]))
    inside = np.flatnonzero(tails > alpha / 2)
    notes: tuple[str, ...] = ()
    rejected = _at_most(w, np.concatenate([[0.0], below[:-1]]))
    rejected = rejected[rejected <= alpha / 2]
    if not len(rejected):  # not even studies that all lie on one side are rejected
        wide = level_name(100 - 100 * alpha)
        notes = (f"too few studies (k = {len(y)}) for a {wide} interval: their range",)
        inside = np.arange(len(y) - 1)
        rejected = np.array([0.5 ** len(y)])
    equal = bool(np.all(w == w[0]))
    low, high = (inside[0], inside[-1] + 1) if len(inside) else (0, len(y) - 1)
    return PooledMedians(
        "median of medians" if weights is None else "weighted median",
        _weighted_median(y, below),
        float(y[low]),
        float(y[high]),
        100 * (1 - alpha),
        100 * (1 - 2 * float(rejected.max())) if equal or notes else 100 * (1 - alpha),
        len(y),
        notes,
    )


def _weighted_median(y: FloatArray, below: FloatArray) -> float:
    """Value with half the weight on either side; the middle of two when they share it exactly."""
    half = below[-1] / 2
    i = int(np.searchsorted(below, half * (1 - 1e-12)))
    if abs(below[i] - half) <= 1e-12 * below[-1] and i + 1 < len(y):
        return float((y[i] + y[i + 1]) / 2)
    return float(y[i])


def _at_most(w: FloatArray, sums: FloatArray) -> FloatArray:
    """P(W <= s) for each s, where W adds up the weights of the studies whose coin shows heads.

    Exact for equal weights (binomial) and up to `MOST_EXACT` studies (all sums), else normal.
    """
    if np.all(w == w[0]):
        from scipy.special import bdtr

        return np.asarray(bdtr(np.rint(sums / w[0]), len(w), 0.5))
    if len(w) <= MOST_EXACT:
        every = np.zeros(1)
        for x in w:
            every = np.concatenate([every, every + x])
        every.sort()
        slack = 1e-12 * float(w.sum())  # equal sums may differ in their last digits
        return np.asarray(np.searchsorted(every, sums + slack, side="right") / len(every))
    from scipy.special import ndtr

    return np.asarray(ndtr((sums - w.sum() / 2) / (0.5 * np.sqrt((w**2).sum()))))

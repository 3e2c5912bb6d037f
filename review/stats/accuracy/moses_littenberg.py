"""The summary ROC curve of Moses, Shapiro & Littenberg 1993 (Stat Med 12:1293).

D = logit(sens) - logit(fpr), the log odds ratio, is regressed on S = logit(sens) + logit(fpr), a
measure of the threshold. The curve is logit(sens) = (a + (1 + b) logit(fpr)) / (1 - b). It is a
description: the method ignores sampling error in S and differences between studies, and its
standard errors are those of an ordinary regression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.accuracy.accuracy_data import accuracy_of
from review.stats.accuracy.sroc_curves import (
    SROC,
    AreaUnderCurve,
    area,
    check_line,
    curve_points,
)
from review.stats.accuracy.summary_point import expit
from review.stats.ground.inference import check_level, critical_value, two_sided
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

WEIGHTS: Final = ("none", "inverse variance")


@dataclass(frozen=True, eq=False)
class MosesLittenberg(Record):
    """Regression of D on S.

    Attributes:
        beta: intercept a and slope b, (2,); a slope that differs from 0 means that the odds ratio
            depends on the threshold. se, stat, pval, ci_lb, ci_ub: the same way, by Student's t.
        ddf: degrees of freedom, k - 2. k: number of studies.
        weights: "none" or "inverse variance".
        q_star: sensitivity = specificity on the curve: expit(a / 2).
        D, S: of the studies, (k,). labels: their names.
        level: of the intervals, per cent.
        notes: remarks.
    """

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    ddf: int
    k: int
    weights: str
    q_star: float
    D: FloatArray
    S: FloatArray
    labels: tuple[str, ...]
    level: float
    notes: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {n: getattr(self, n) for n in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "coefficient", ("intercept", "threshold (S)")

    @property
    def title(self) -> str:
        """First line of the summary."""
        return (
            f"Moses-Littenberg regression of D on S, {self.k} studies, weights: {self.weights}; "
            f"t({self.ddf}); Q* = {self.q_star:.4f}"
        )

    @property
    def line(self) -> tuple[float, float]:
        """Intercept and slope of logit(sens) on logit(fpr)."""
        a, b = (float(x) for x in self.beta)
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.float64(a) / (1 - b)), float(np.float64(1 + b) / (1 - b))

    def sroc(self, fpr: Any = None) -> SROC:
        """Return points of the curve at false-positive rates; by default 0.01, ..., 0.99."""
        grid = np.arange(1, 100) / 100 if fpr is None else fpr
        return curve_points("moses_littenberg", *self.line, grid)

    def auc(self, lower: float = 0.0, upper: float = 1.0) -> AreaUnderCurve:
        """Return the area under the curve; between limits, divided by their difference."""
        intercept, slope = self.line
        check_line("moses_littenberg", slope)
        value = float(area(np.float64(intercept), np.float64(slope), lower, upper))
        return AreaUnderCurve(
            value, None, None, "moses_littenberg", lower, upper, "exact", self.level
        )


def moses_littenberg(
    tp: Any = None, fn: Any = None, fp: Any = None, tn: Any = None, *, weights: str = "none",
    level: float = 95, **options: Any,
) -> MosesLittenberg:  # fmt: skip
    """Return the Moses-Littenberg regression.

    Args:
        tp: true positives per study, (k,); a model of `diagnostic_meta` or its data serves too.
        fn: false negatives, (k,).
        fp: false positives, (k,).
        tn: true negatives, (k,).
        weights: "none", as Moses et al. advise, or "inverse variance" of D.
        level: of the intervals, per cent.
        options: of `diagnostic_meta`: data, slab, add (0.5), to ("if0all"), ...

    Raises:
        StatsError: fewer than 3 studies with both groups, or S does not vary.

    Example:
        >>> fit = moses_littenberg([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
        >>> round(fit.q_star, 3)
        0.869
    """
    rows = accuracy_of(tp, fn, fp, tn, options)
    level = 100 * check_level(level)
    weights = choose("weights", weights, WEIGHTS)
    both = rows.on.all(0)
    y, v = rows.y[:, both], rows.v[:, both]
    k = int(both.sum())
    if k < 3:
        raise StatsError(
            f"the Moses-Littenberg regression needs 3 studies with both groups, not {k}"
        )
    D, S = y[0] - y[1], y[0] + y[1]
    w = 1 / v.sum(0) if weights != "none" else np.ones(k)
    beta, se = line_fit(S, D, w)
    stat = beta / se
    half = critical_value(level, k - 2) * se
    return MosesLittenberg(
        beta, se, stat, two_sided(stat, k - 2), beta - half, beta + half, k - 2, k, weights,
        float(expit(beta[0] / 2)), D, S, tuple(np.array(rows.slab, object)[both]), level,
        rows.remarks,
    )  # fmt: skip


def line_fit(x: FloatArray, y: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weighted least squares of y on x with an intercept: coefficients and standard errors, (2,).

    The residual variance is estimated on k - 2 degrees of freedom.

    Raises:
        StatsError: x does not vary.
    """
    total = w.sum()
    mean_x, mean_y = (w * x).sum() / total, (w * y).sum() / total
    dx = x - mean_x
    sxx = float((w * dx * dx).sum())
    if sxx <= 1e-12 * float((w * x * x).sum()) or not np.isfinite(sxx):
        raise StatsError("the regression has no slope: its predictor is the same in all studies")
    slope = float((w * dx * (y - mean_y)).sum()) / sxx
    rss = float((w * (y - mean_y - slope * dx) ** 2).sum())
    scale = rss / (len(x) - 2)
    variance = np.array([scale * (1 / total + mean_x**2 / sxx), scale / sxx])
    return np.array([mean_y - slope * mean_x, slope]), np.sqrt(variance)

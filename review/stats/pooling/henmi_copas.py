"""Confidence interval of Henmi & Copas (2010): robust to publication bias in small studies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import ConvergenceError, StatsError
from review.stats.ground.guard import guarded
from review.stats.ground.inference import level_percent
from review.stats.ground.result_kit import Record
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.refitting import require
from review.stats.pooling.tau2 import estimate_tau2
from review.words import level_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]


_LARGEST_ERROR: Final = 1e-7  # of a tail probability


@dataclass(frozen=True)
class _Pivot:
    """Distribution of U = (b - theta) / se(b), the pivot of the interval.

    b is the inverse-variance mean, R = sqrt(sum w) (b - theta) is normal, and Q given R is taken
    as gamma with its exact first two moments (Henmi & Copas 2010, section 3 and appendix).
    """

    w: Floats
    tau2: float

    @property
    def ratio(self) -> float:
        """Sum of squared weights over the sum of weights."""
        return float((self.w**2).sum() / self.w.sum())

    @property
    def var_r(self) -> float:
        """Variance of R."""
        return 1 + self.tau2 * self.ratio

    def moments(self, r: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of Q given R = r.

        With y - theta given r normal, mean m and covariance S = diag(s) - c c'/var_r, Q + r^2 is
        the quadratic form of diag(w): mean tr(wS) + m'wm, variance 2 tr(wSwS) + 4 m'wSwm.
        """
        w, total = self.w, self.w.sum()
        g = 1 + self.tau2 * w  # w_i s_i
        a = float((w * g**2).sum() / total)  # sum w c^2
        b = float((w * g**3).sum() / total)  # sum w^2 s c^2
        u = r**2 / self.var_r
        mean = g.sum() - a / self.var_r + a * u / self.var_r - r**2
        spread = (g**2).sum() - 2 * b / self.var_r + (a / self.var_r) ** 2
        variance = 2 * spread + 4 * u / self.var_r * (b - a**2 / self.var_r)
        return mean, variance

    def tail(self, x: float) -> float:
        """P(U > x) for x > 0."""
        from scipy.integrate import quad
        from scipy.special import gammainc

        sd = math.sqrt(self.var_r)
        k = len(self.w)

        def density(z: float) -> float:
            r = sd * z
            mean, variance = self.moments(np.array([r]))
            limit = (k - 1) + (self.w.sum() / self.ratio - 1) * ((r / x) ** 2 - 1)
            below = gammainc(mean**2 / variance, limit * mean / variance)[0]
            return float(below) * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        low = x / sd
        high = max(low, 0.0) + 12.0
        # the gamma probability rises steeply around z = x when k is large: split there
        knots = sorted({z for z in (x * 0.9, x, x * 1.1) if low < z < high})
        value, error, *_ = quad(
            density, low, high, points=knots or None, epsabs=1e-13, epsrel=1e-11, limit=400,
            full_output=1,
        )  # fmt: skip
        if not math.isfinite(value) or error > _LARGEST_ERROR:
            raise ConvergenceError(
                "the Henmi-Copas interval cannot be computed: its distribution cannot be "
                "integrated for effects or variances that differ so much"
            )
        return float(value)


@dataclass(frozen=True)
class HenmiCopasResult(Record):
    """Interval of Henmi & Copas: inverse-variance mean, random-effects uncertainty.

    Attributes:
        estimate: inverse-variance (equal-effects) mean.
        se: its standard error under the random-effects model with the DL tau2.
        ci_lb, ci_ub: confidence limits.
        pval: two-sided P value of no effect, from the same distribution.
        tau2: DerSimonian-Laird estimate.
        quantile: multiplier of the standard error (1.96 without its uncertainty).
        k: number of studies.
        level: confidence level in percent.
    """

    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    pval: float
    tau2: float
    quantile: float
    k: int
    level: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Henmi-Copas interval (k = {self.k}, {level_name(self.level)})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "", ("Henmi-Copas",)

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("estimate", "se", "ci_lb", "ci_ub", "pval", "tau2")
        return {name: [getattr(self, name)] for name in names}


@guarded
def henmi_copas(result: MetaResult, *, level: float | None = None) -> HenmiCopasResult:
    """Confidence interval of Henmi & Copas (2010, Stat Med 29:2969).

    The estimate is the inverse-variance mean, which gives small studies, those most open to
    publication bias, less weight than the random-effects mean; the interval allows for
    heterogeneity and for the uncertainty of the DerSimonian-Laird tau2. Whatever the method of the
    model, its own estimate and test play no part.

    Args:
        result: a meta-analysis of at least 2 studies, without moderators and weights.
        level: in per cent; that of the model by default.

    Raises:
        StatsError: there are moderators, weights, or fewer than 2 studies.
        ConvergenceError: the quantile cannot be found.

    Example:
        >>> from review import meta_analysis
        >>> found = henmi_copas(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> round(found.estimate, 4), round(found.ci_lb, 4), round(found.ci_ub, 4)
        (0.3653, -0.2071, 0.9378)
    """
    require(result, "the Henmi-Copas interval", least=2, intercept_only=True)
    if result.case_weights is not None:
        raise StatsError("the Henmi-Copas interval is not defined for models with weights=")
    level = level_percent(result.level if level is None else level)
    s = make_sample(result.yi, result.vi)
    tau2 = float(estimate_tau2(s, "DL").value)
    pivot = _Pivot(1 / result.vi, tau2)
    total = float(pivot.w.sum())
    estimate = float(s.restore(s.projector(np.zeros(())).coef(s.y))[0])
    se = math.sqrt(pivot.var_r / total)
    x = _quantile(pivot, (1 - level / 100) / 2)
    pval = min(1.0, 2 * pivot.tail(abs(estimate) / se)) if estimate else 1.0
    return HenmiCopasResult(
        estimate, se, estimate - x * se, estimate + x * se, pval, tau2, x, result.k, level
    )


def _quantile(pivot: _Pivot, tail: float) -> float:
    from scipy.optimize import brentq

    low, high = 1e-6, 2.0
    if pivot.tail(low) <= tail:
        raise ConvergenceError("the quantile of the Henmi-Copas pivot cannot be bracketed")
    while pivot.tail(high) > tail:
        high *= 2
        if high > 1e6:
            raise ConvergenceError("the quantile of the Henmi-Copas pivot cannot be bracketed")
    return float(brentq(lambda x: pivot.tail(x) - tail, low, high, xtol=1e-13, rtol=1e-13))

"""Limit meta-analysis: the effect of infinitely large studies under small-study effects.

Rücker, Schwarzer, Carpenter, Binder & Schumacher 2011 (Biostatistics 12:122). The random-effects
model is extended by a bias alpha,

    y_i = beta + sqrt(v_i + tau2) (alpha + eps_i),     eps_i ~ N(0, 1),

which is a straight line in the generalised radial plot of y_i x_i on x_i = 1/sqrt(v_i + tau2) with
intercept alpha and slope beta. If all studies grow without bound, their effects tend to

    y_i(inf) = beta + sqrt(tau2 / (v_i + tau2)) (y_i - beta).

Three adjusted estimates follow: beta0 = beta + tau alpha, the expectation of such a study; the
slope of the radial plot of the y_i(inf) with an intercept (beta_lim), and without (mu_lim).
Two kinds of standard errors, both with known variances: "limit" is that of the slope of the radial
plot of the limit meta-analysis with unit residual variance, 1/sqrt(sum (x_i - mean)^2) with x_i =
1/sqrt(v_i) (for mu_lim 1/sqrt(sum x_i^2)), which the authors report; "model" is that of the
estimate as a linear function of the y_i with variances v_i + tau2, wider under heterogeneity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.bias_input import as_model
from review.stats.bias.record import SmallStudyResult
from review.stats.ground.guard import guarded
from review.stats.ground.inference import chi2_tail, critical_value, two_sided
from review.stats.pooling.meta_rows import choose
from review.words import confidence, number, p_value, percent, statistic_text

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.meta_result import MetaResult

ADJUSTMENTS: Final = ("beta0", "beta_lim", "mu_lim")
ERRORS: Final = ("limit", "model")


@dataclass(frozen=True, eq=False)
class LimitMeta(SmallStudyResult):
    """Result of a limit meta-analysis.

    Attributes:
        est, se, ci_lb, ci_ub, stat, pval: the adjusted estimate, with a z test.
        adjustment: which of the three it is. errors_from: kind of its standard error.
        estimates, errors: all three estimates and their standard errors, by name.
        alpha, se_alpha, pval_alpha: bias of small studies, with a z test.
        beta: slope of the generalised radial plot.
        shrunken: y_i(inf), (k,). yi, vi: the effects and variances, (k,).
        G2: per cent of the variance of the limit meta-analysis that small-study effects leave
            unexplained (1 - R2 of its radial plot).
        Q, Q_small, Q_resid: heterogeneity, the part due to small-study effects (1 df), and the
            rest (k - 2 df), with p-values Qp, Q_smallp, Q_residp.
        tau2: heterogeneity used. method: its estimator. level: of the interval, per cent.
        unadjusted, unadjusted_ci_lb, unadjusted_ci_ub: estimate of the usual model.
        k: number of studies. slab: their labels.
        notes: remarks.
    """

    est: float
    se: float
    ci_lb: float
    ci_ub: float
    stat: float
    pval: float
    adjustment: str
    errors_from: str
    estimates: dict[str, float]
    errors: dict[str, float]
    alpha: float
    se_alpha: float
    pval_alpha: float
    beta: float
    shrunken: FloatArray
    yi: FloatArray
    vi: FloatArray
    G2: float
    Q: float
    Qp: float
    Q_small: float
    Q_smallp: float
    Q_resid: float
    Q_residp: float
    tau2: float
    method: str
    level: float
    unadjusted: float
    unadjusted_ci_lb: float
    unadjusted_ci_ub: float
    k: int
    slab: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study: effect, variance and the effect in the limit."""
        import pandas as pd

        return pd.DataFrame(
            {"slab": list(self.slab), "yi": self.yi, "vi": self.vi, "shrunken": self.shrunken}
        )

    @property
    def conventions(self) -> None:
        """None: the reference has no such analysis."""
        return

    def words(self) -> str:
        """Return the result in words, with the method and its source."""
        usual = confidence(self.unadjusted_ci_lb, self.unadjusted_ci_ub, self.level)
        return self.with_notes(
            "Limit meta-analysis (Rücker et al. 2011)",
            (
                f"Adjusted estimate ({self.adjustment}): {number(self.est)}, "
                f"{confidence(self.ci_lb, self.ci_ub, self.level)}, {p_value(self.pval)} "
                f"(standard error: {self.errors_from})"
            ),
            f"Unadjusted estimate: {number(self.unadjusted)}, {usual}",
            (f"tau2 = {number(self.tau2)} ({self.method}), G2 = {percent(self.G2)}, k = {self.k}"),
            (
                f"Small-study effects: {statistic_text('alpha', self.alpha, self.pval_alpha)}; "
                f"{statistic_text('Q_small(1)', self.Q_small, self.Q_smallp)}; "
                f"{statistic_text(f'Q_resid({self.k - 2})', self.Q_resid, self.Q_residp)}"
            ),
        )


@guarded
def limit_meta(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    adjustment: str = "beta0",
    errors: str = "limit",
    method: str | None = None,
    level: float | None = None,
) -> LimitMeta:
    """Adjust a pooled effect for small-study effects by a limit meta-analysis.

    Args:
        source: a `MetaResult` without moderators (its tau2 is used), the result of `effect_size`,
            or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        adjustment: the estimate reported: "beta0" (default), "beta_lim" or "mu_lim".
        errors: standard errors: "limit" (default) or "model"; see the module.
        method: estimator of tau2; that of the model, or REML.
        level: of the interval, per cent; that of the model, or 95.

    Raises:
        UnknownNameError: unknown adjustment, errors or method.
        InputError: the model has moderators.
        StatsError: fewer than 3 studies, or standard errors that do not vary.

    Example:
        >>> found = limit_meta([0.1, 0.3, 0.9, 0.8], [0.01, 0.02, 0.1, 0.15])
        >>> round(found.est, 3), found.est < found.unadjusted
        (0.099, True)
    """
    adjustment = choose("adjustment", adjustment, ADJUSTMENTS)
    errors = choose("kind of standard errors", errors, ERRORS)
    model = as_model(source, vi, sei=sei, data=data, method=method, level=level)
    if not model.intercept_only:
        raise InputError("a limit meta-analysis needs a model without moderators")
    if model.k < 3:
        raise StatsError(f"a limit meta-analysis needs 3 studies, not {model.k}")
    if np.ptp(model.vi) <= 1e-10 * float(model.vi.max()):
        raise StatsError("all standard errors are the same: small studies cannot be told apart")
    return _adjusted(model, adjustment, errors)


def radial_line(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a and b (k,) with intercept a'(y x) and slope b'(y x) of the line of y x on x.

    Example:
        >>> a, b = radial_line(np.array([1.0, 2.0, 3.0]))
        >>> y_x = np.array([3.0, 5.0, 7.0])
        >>> round(float(a @ y_x), 10), round(float(b @ y_x), 10)
        (1.0, 2.0)
    """
    centred = x - x.mean()
    slope = centred / (centred @ centred)
    return 1.0 / len(x) - slope * x.mean(), slope


def _adjusted(model: MetaResult, adjustment: str, kind: str) -> LimitMeta:
    y, v, tau = model.yi, model.vi, math.sqrt(model.tau2)
    spread = np.sqrt(v + model.tau2)
    # every estimate is written as weights on the effects
    intercept, slope = (w / spread for w in radial_line(1.0 / spread))
    share = tau / spread
    x = 1.0 / np.sqrt(v)

    def in_the_limit(w: FloatArray) -> FloatArray:
        """Weights on y that give w'y(inf), with y(inf) = (1 - share) slope'y + share y."""
        return np.asarray(w * share + float(w @ (1.0 - share)) * slope)

    weights = {
        "beta0": slope + tau * intercept,
        "beta_lim": in_the_limit(radial_line(x)[1] * x),
        "mu_lim": in_the_limit(x**2 / np.sum(x**2)),
    }
    estimates = {name: float(w @ y) for name, w in weights.items()}
    errors = {name: _norm(w * spread) for name, w in weights.items()}
    if kind == "limit":
        errors = dict.fromkeys(errors, 1.0 / _norm(x - x.mean())) | {"mu_lim": 1.0 / _norm(x)}
    est, se = estimates[adjustment], errors[adjustment]
    half = float(critical_value(model.level, None)) * se
    alpha, se_alpha = float(intercept @ y), _norm(intercept * spread)
    beta = float(slope @ y)
    shrunken = beta + share * (y - beta)
    Q_resid = _residual(y * x, x)
    Q_small = max(0.0, model.QE - Q_resid)
    k = len(y)
    return LimitMeta(
        est=est, se=se, ci_lb=est - half, ci_ub=est + half, stat=est / se,
        pval=_p(est / se), adjustment=adjustment, errors_from=kind, estimates=estimates,
        errors=errors, alpha=alpha,
        se_alpha=se_alpha, pval_alpha=_p(alpha / se_alpha), beta=beta,
        shrunken=shrunken, yi=y, vi=v, G2=100.0 * _unexplained(shrunken * x, x),
        Q=model.QE, Qp=model.QEp, Q_small=Q_small, Q_smallp=float(chi2_tail(Q_small, 1)),
        Q_resid=Q_resid, Q_residp=float(chi2_tail(Q_resid, k - 2)), tau2=model.tau2,
        method=model.method, level=model.level, unadjusted=float(model.beta[0]),
        unadjusted_ci_lb=float(model.ci_lb[0]), unadjusted_ci_ub=float(model.ci_ub[0]), k=k,
        slab=model.slab,
    )  # fmt: skip


def _norm(w: FloatArray) -> float:
    return math.sqrt(float(w @ w))


def _p(z: float) -> float:
    return float(two_sided(np.asarray(z), None))


def _residual(y: FloatArray, x: FloatArray) -> float:
    a, b = radial_line(x)
    rest = y - float(a @ y) - float(b @ y) * x
    return float(rest @ rest)


def _unexplained(y: FloatArray, x: FloatArray) -> float:
    """1 - R2 of the line of y on x; 0 when y does not vary at all."""
    centred = y - y.mean()
    total = float(centred @ centred)
    return min(1.0, _residual(y, x) / total) if total > 0 else 0.0

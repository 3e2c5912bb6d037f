"""Regression tests of funnel-plot asymmetry: Egger, Macaskill, Peters and their mixed-model forms.

| model | predictor | known as |
|---|---|---|
| lm | sei | Egger et al. 1997, BMJ 315:629; Sterne & Egger 2005 |
| rma | sei | Sterne & Egger 2005; Thompson & Sharp 1999 |
| lm | ni | Macaskill, Walter & Irwig 2001, Stat Med 20:641 |
| lm | ninv | Peters et al. 2006, JAMA 295:676 (there with another weight) |
| lm, rma | vi | Moreno et al. 2009; the intercept is PEESE |

"lm" is weighted least squares with weights 1/v and a multiplicative dispersion; "rma" is the
meta-regression with tau2 of the model given.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.bias_input import (
    as_model,
    fit_effects,
    read_studies,
    refit,
    with_predictor,
)
from review.stats.bias.record import SmallStudyResult
from review.stats.ground.basis import BasisFit
from review.stats.ground.guard import guarded
from review.stats.ground.inference import basis_tests, level_percent
from review.stats.ground.least_squares import Projector
from review.stats.pooling.meta_result import MetaResult
from review.stats.pooling.meta_rows import Inputs, choose
from review.words import confidence, number, statistic_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.design_matrix import Design
    from review.stats.ground.least_squares import FloatArray

MODELS: Final = ("rma", "lm")
PREDICTORS: Final = ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")
_LABELS: Final = {
    "sei": "standard error",
    "vi": "sampling variance",
    "ni": "sample size",
    "ninv": "inverse sample size",
    "sqrtni": "square root of the sample size",
    "sqrtninv": "inverse square root of the sample size",
}
_LIMITS: Final = ("sei", "vi", "ninv", "sqrtninv")  # 0 for an infinitely large study


@dataclass(frozen=True, eq=False)
class RegressionTest(SmallStudyResult):
    """A regression test of funnel-plot asymmetry.

    Attributes:
        model: "rma" or "lm".
        predictor: what the effects are regressed on.
        stat: z or t statistic of the predictor.
        pval: its two-sided p-value.
        dfs: degrees of freedom of t; None for z.
        est, ci_lb, ci_ub: the intercept, the effect of a study without sampling error; None
            for predictors that do not vanish there and in models with moderators.
        beta, se: coefficients and standard errors of the whole model, (p,).
        coef_names: their names.
        tau2: residual heterogeneity (rma); None for lm.
        dispersion: residual variance factor (lm); None for rma.
        method, test, level: of the model.
        k: number of studies.
        fit: the meta-regression (rma); None for lm.
        notes: remarks.
    """

    model: str
    predictor: str
    stat: float
    pval: float
    dfs: int | None
    est: float | None
    ci_lb: float | None
    ci_ub: float | None
    beta: FloatArray
    se: FloatArray
    coef_names: tuple[str, ...]
    tau2: float | None
    dispersion: float | None
    method: str | None
    test: str
    level: float
    k: int
    fit: MetaResult | None
    notes: tuple[str, ...] = ()

    @property
    def zval(self) -> float:
        """The test statistic, under the name it has in the field."""
        return self.stat

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers and settings as plain values; the model fit is left out."""
        out = super().to_dict()
        del out["fit"]
        return out

    def words(self) -> str:
        """Return the test in words, with the model and its source."""
        model = (
            "weighted regression with multiplicative dispersion (Egger et al. 1997)"
            if self.model == "lm"
            else f"meta-regression, {self.method} (Sterne & Egger 2005)"
        )
        kind = "z" if self.dfs is None else f"t({self.dfs})"
        lines = [
            "Regression test for funnel plot asymmetry",
            f"Model: {model}; predictor: {_LABELS[self.predictor]}; k = {self.k}",
            f"Test: {statistic_text(kind, self.stat, self.pval)}",
        ]
        if self.est is not None and self.ci_lb is not None and self.ci_ub is not None:
            limits = confidence(self.ci_lb, self.ci_ub, self.level)
            where = "Limit estimate (as the predictor goes to 0)"
            lines.append(f"{where}: {number(self.est)}, {limits}")
        return self.with_notes(*lines)


@guarded
def regression_test(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    ni: Any = None,
    data: Any = None,
    model: str = "rma",
    predictor: str = "sei",
    method: str | None = None,
    test: str | None = None,
    level: float | None = None,
) -> RegressionTest:
    """Test whether effects are related to the precision of the studies.

    Args:
        source: a `MetaResult` (its estimator, test, moderators and weights are used), the result
            of `effect_size`, or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        ni: sample sizes, for the predictors that need them; those of `source` by default.
        model: "rma" (meta-regression) or "lm" (Egger's weighted regression).
        predictor: "sei", "vi", "ni", "ninv", "sqrtni" or "sqrtninv".
        method: replaces the estimator of the model; for plain effects REML.
        test: replaces the test of the model; for plain effects "z".
        level: replaces the level of the model, per cent; for plain effects 95.

    Raises:
        UnknownNameError: unknown model or predictor.
        InputError: the predictor needs sample sizes and there are none.
        StatsError: fewer than 3 studies, or a predictor that does not vary.

    Example:
        >>> found = regression_test([0.1, 0.3, 0.9, 0.8], [0.01, 0.02, 0.1, 0.15], model="lm")
        >>> found.dfs, round(found.stat, 4)
        (2, 5.2379)
    """
    model = choose("model of the regression test", model, MODELS)
    predictor = choose("predictor", predictor, PREDICTORS)
    if model == "lm":
        rows = read_studies(source, vi, sei=sei, data=data, ni=ni)
        own = getattr(source, "level", 95)
        return _lm(rows, predictor, level_percent(own if level is None else level))
    if isinstance(source, MetaResult):
        fitted = as_model(
            source, vi, sei=sei, data=data, ni=ni, method=method, test=test, level=level
        )  # fmt: skip
        return _rma(read_studies(fitted), predictor, partial(refit, fitted))
    again = partial(
        fit_effects, method="REML" if method is None else method,
        test="z" if test is None else test, level=95 if level is None else level,
    )  # fmt: skip
    return _rma(read_studies(source, vi, sei=sei, data=data, ni=ni), predictor, again)


def predictor_values(rows: Inputs, predictor: str) -> FloatArray:
    """Return the predictor of each study, (k,).

    Raises:
        InputError: sample sizes are needed and missing or not positive.
    """
    if predictor == "sei":
        return np.sqrt(rows.vi)
    if predictor == "vi":
        return rows.vi
    if rows.ni is None:
        raise InputError(f"the predictor {predictor!r} needs the sample sizes: pass ni=")
    if not (rows.ni > 0).all():
        row = int(rows.ids[int(np.argmin(rows.ni > 0))]) + 1
        raise InputError(f"sample sizes must be above 0; the one in row {row} is not")
    power = {"ni": 1.0, "ninv": -1.0, "sqrtni": 0.5, "sqrtninv": -0.5}[predictor]
    return np.asarray(rows.ni**power)


def _prepared(rows: Inputs, predictor: str) -> Inputs:
    k, p = rows.design.X.shape
    if k < p + 2:
        raise StatsError(
            f"a regression test with {p + 1} coefficients needs {p + 2} studies, not {k}"
        )
    return with_predictor(rows, predictor_values(rows, predictor), predictor)


def _rma(studies: Inputs, predictor: str, again: Callable[[Inputs], MetaResult]) -> RegressionTest:
    fit = again(_prepared(studies, predictor))
    limit = predictor in _LIMITS and studies.design.intercept_only
    return RegressionTest(
        model="rma", predictor=predictor, stat=float(fit.stat[-1]), pval=float(fit.pval[-1]),
        dfs=fit.ddf, est=float(fit.beta[0]) if limit else None,
        ci_lb=float(fit.ci_lb[0]) if limit else None, ci_ub=float(fit.ci_ub[0]) if limit else None,
        beta=fit.beta, se=fit.se, coef_names=fit.coef_names, tau2=fit.tau2, dispersion=None,
        method=fit.method, test=fit.test, level=fit.level, k=fit.k, fit=fit,
    )  # fmt: skip


def _lm(rows: Inputs, predictor: str, level: float) -> RegressionTest:
    intercept = rows.design.intercept
    limit = predictor in _LIMITS and rows.design.intercept_only
    rows = _prepared(rows, predictor)
    fit, df, dispersion = weighted_regression(rows.yi, rows.design, 1.0 / rows.vi)
    tests, beta = basis_tests(fit, df, level, intercept=intercept), fit.beta
    return RegressionTest(
        model="lm", predictor=predictor, stat=float(tests.stat[-1]), pval=float(tests.pval[-1]),
        dfs=df, est=float(beta[0]) if limit else None,
        ci_lb=float(tests.ci_lb[0]) if limit else None,
        ci_ub=float(tests.ci_ub[0]) if limit else None, beta=beta, se=tests.se,
        coef_names=rows.design.names, tau2=None, dispersion=dispersion, method=None, test="t",
        level=level, k=len(rows.yi), fit=None,
    )  # fmt: skip


def weighted_regression(
    y: FloatArray, design: Design, w: FloatArray
) -> tuple[BasisFit, int, float]:
    """Weighted least squares with an estimated residual variance.

    Args:
        y: effects, (k,).
        design: of full rank, (k, p).
        w: positive weights, (k,).

    Returns:
        Coefficients with their covariance, k - p, and the residual variance factor.

    Raises:
        StatsError: the points lie exactly on the line, so that nothing is left to test with.
    """
    P = Projector(w, design.basis.U)
    df, rss = len(y) - len(design.names), float(P.quadratic(y))
    if rss <= 1e-26 * float((w * y * y).sum()):
        raise StatsError("the effects lie exactly on a line in the predictor: no test is possible")
    dispersion = rss / df
    return BasisFit(design.basis, P.coef(y), dispersion * P.M), df, dispersion

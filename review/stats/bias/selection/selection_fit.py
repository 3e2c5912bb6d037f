"""Fit a selection model by maximum likelihood: the entry point `selection_model`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.stats.bias.bias_input import as_model, read_studies
from review.stats.bias.selection.selection_arguments import make_selection
from review.stats.bias.selection.selection_objective import Problem, bound_notes, standard_errors
from review.stats.bias.selection.selection_result import SelectionResult
from review.stats.ground.alternatives import choose_alternative
from review.stats.ground.basis import BasisFit
from review.stats.ground.guard import guarded
from review.stats.ground.inference import (
    basis_tests,
    chi2_tail,
    critical_value,
    fit_stats,
    level_percent,
    two_sided,
)
from review.stats.pooling.meta_analysis import fit as fit_rows
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from review.stats.bias.selection.optimise import Maximum
    from review.stats.pooling.meta_result import MetaResult

TESTS: Final = ("z", "t")


@guarded
def selection_model(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    ni: Any = None,
    type: str = "stepfun",  # noqa: A002  name of the field
    steps: Any = None,
    delta: Any = None,
    alternative: str = "greater",
    prec: str = "none",
    scale_prec: bool = True,
    pval_min: float | None = None,
    delta_max: float = 100.0,
    empty: str = "error",
    method: str | None = None,
    test: str | None = None,
    level: float | None = None,
) -> SelectionResult:
    """Estimate effects corrected for selection by p-value, together with the selection.

    Model and likelihood: Hedges (1992), Vevea & Hedges (1995); the p-value of a study is that of
    z = y / sqrt(v). The likelihood is computed with exact derivatives, maximised from several
    starting points, and the highest maximum is reported.

    Args:
        source: a `MetaResult` (moderators, fixed tau2 and an equal-effects method are kept; the fit
            is by ML whatever its method), the result of `effect_size`, or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        ni: study sizes, for `prec`.
        type: "stepfun", "beta", "halfnorm", "negexp", "logistic", "power" or "negexppow"; see
            `review.stats.bias.selection.weight_functions`.
        steps: cut-points of a step function (default 0.025, two-sided 0.05: the three-parameter
            model), or for the other types but beta one p-value up to which w = 1 and from which
            w(p) / w(step) holds, so that the weights do not jump.
        delta: selection parameters to hold at given values, None for those to be estimated; for a
            step function with the leading 1; or the name of an a priori weight function of Vevea &
            Woods (2005): "moderate.one", "severe.one", "moderate.two", "severe.two".
        alternative: "greater" (large effects are favoured), "less" or "two-sided".
        prec: let selection weaken with precision: "sei", "vi", "ninv", "sqrtninv" or "none".
        scale_prec: divide that measure by its largest value.
        pval_min: keep p-values this far from 0 and 1; default 1e-5 for beta and power (Citkowicz &
            Vevea 2017), else 0.
        delta_max: upper bound of free selection parameters.
        empty: intervals without p-values: "error" or "merge" (with the next one).
        method: "ML", or "EE"/"FE" for tau2 = 0; by default as in `source`.
        test: "z" or "t" for the coefficients.
        level: of the intervals, per cent.

    Raises:
        UnknownNameError, InputError: a wrong argument.
        StatsError: too few studies, steps that do not rise, an interval without p-values.
        ConvergenceError: no starting point converges.

    Example:
        >>> y = [0.5, 0.6, 0.4, 0.7, 0.1, 0.2, 0.3, -0.1]
        >>> found = selection_model(y, [0.04] * 8, steps=0.025)
        >>> found.type, found.LRTdf, bool(found.beta[0] < found.unadjusted[0])
        ('stepfun', 1, True)
    """
    alternative = choose_alternative(alternative)
    equal = _equal_effects(source, method)
    model = as_model(
        source, vi, sei=sei, data=data, ni=ni, method=equal or "ML", level=level, default_test="z"
    )
    if model.case_weights is not None:
        raise InputError("a selection model takes no case weights; fit the model without weights=")
    rows = read_studies(model)
    notes: list[str] = []
    tested = _test(model, source, test, notes)
    sign = -1.0 if alternative == "less" else 1.0
    z = sign * rows.yi / np.sqrt(rows.vi)
    selection = make_selection(
        rows, z, type=type, steps=steps, delta=delta, two_sided=alternative == "two-sided",
        prec=prec, scale_prec=scale_prec, pval_min=pval_min, delta_max=delta_max, empty=empty,
    )  # fmt: skip
    base = fit_rows(
        rows, method=equal or "ML", test="z", level=model.level,
        fixed=model.tau2 if model.tau2_fixed else None, call=model.call,
    )  # fmt: skip
    problem = Problem(base, selection, sign)
    problem.check_size()
    wide = level_percent(model.level)
    return _result(
        problem, problem.fit(), alternative=alternative, prec=prec, test=tested, level=wide,
        notes=[*selection.notes, *notes],
    )  # fmt: skip


def _equal_effects(source: Any, method: str | None) -> str | None:
    """Return "EE" or "FE" for models without heterogeneity, else None."""
    own = getattr(source, "method", None) if method is None else method
    if isinstance(own, str) and own in ("EE", "FE"):
        return own
    if method is not None and str(method).upper() != "ML":
        chosen = choose("method of a selection model", method, ("ML", "EE", "FE"))
        return None if chosen == "ML" else chosen
    return None


def _test(model: MetaResult, source: Any, test: str | None, notes: list[str]) -> str:
    if test is not None:
        return choose("test", test, TESTS)
    if model is source or hasattr(source, "ddf"):
        own = source.test
        if own in TESTS:
            return str(own)
        notes.append(f"test {own!r} is not defined for selection models; 'z' is used")
    return "z"


def _ratio(high: float, low: float, df: int) -> tuple[float, float]:
    statistic = max(0.0, 2.0 * (high - low))
    return statistic, float(chi2_tail(statistic, df))


def _selection_test(
    problem: Problem, loglik: float, q: int, notes: list[str]
) -> tuple[float, float | None]:
    """Likelihood ratio against no selection; a p-value only where that is a special case."""
    statistic, p = _ratio(loglik, problem.base.fit_ml.loglik, q)
    if q and not problem.nested:
        notes.append(
            "no selection is not a special case of this model with its fixed delta, so that the "
            "likelihood ratio (LRT) has no p-value"
        )
    return statistic, p if q and problem.nested else None


def _heterogeneity_test(
    problem: Problem, loglik: float, notes: list[str]
) -> tuple[float | None, float | None]:
    """Likelihood ratio against tau2 = 0."""
    if not problem.tau2_free:
        return None, None
    equal = problem.without_heterogeneity()
    if equal is None:
        notes.append("the model with tau2 = 0 did not converge: no test of heterogeneity")
        return None, None
    return _ratio(loglik, equal, 1)


def _result(
    problem: Problem,
    best: Maximum,
    *,
    alternative: str,
    prec: str,
    test: str,
    level: float,
    notes: list[str],
) -> SelectionResult:
    base, s, p = problem.base, problem.selection, problem.p
    coef = problem.sign * best.theta[:p] * problem.unit
    tau2, delta = float(best.theta[p]) * problem.unit**2, best.theta[p + 1 :]
    inside, remarks = bound_notes(problem, best)
    notes = [*notes, *remarks]
    errors = standard_errors(problem, best, notes)
    ddf = base.k - p if test == "t" and base.k > p else None
    with np.errstate(invalid="ignore", divide="ignore"):
        found = BasisFit(base.design.basis, coef, errors.coef)
        t = basis_tests(found, ddf, level, intercept=base.intercept)
        z_delta = (delta - s.null) / errors.delta
    half = critical_value(level, None) * errors.delta
    loglik, q = problem.loglik(best.value), int((~s.fixed).sum())
    LRT, LRTp = _selection_test(problem, loglik, q, notes)
    LRT_tau2, chance = _heterogeneity_test(problem, loglik, notes)
    lowest = np.where(s.fixed, 0.0, s.lower)
    return SelectionResult(
        type=s.type, formula=s.formula, beta=found.beta, se=t.se, stat=t.stat, pval=t.pval,
        ci_lb=t.ci_lb, ci_ub=t.ci_ub, coef_names=base.coef_names, vb=found.vb, tau2=tau2,
        se_tau2=errors.tau2 if np.isfinite(errors.tau2) else None, delta=delta,
        se_delta=errors.delta, zval_delta=z_delta, pval_delta=two_sided(z_delta, None),
        ci_lb_delta=np.maximum(delta - half, lowest), ci_ub_delta=delta + half,
        delta_fixed=tuple(s.fixed.tolist()), delta_null=tuple(s.null.tolist()), steps=s.steps,
        counts=s.counts, fit=fit_stats(loglik, p + problem.tau2_free + q, base.k),
        loglik_null=base.fit_ml.loglik, LRT=LRT, LRTdf=q, LRTp=LRTp,
        LRT_tau2=LRT_tau2, LRTp_tau2=chance,
        LRTp_tau2_mixture=None if chance is None else (chance / 2 if LRT_tau2 else 1.0),
        QM=float(t.QM), QMp=float(t.QMp), QM_df=(max(p - int(base.intercept), 1), ddf),
        unadjusted=base.beta, tau2_unadjusted=base.tau2, alternative=alternative, prec=prec,
        pval_min=s.pval_min, method=base.method, test=test, level=level, k=base.k, p=p,
        converged=inside, iterations=best.iterations, starts=best.starts, agreeing=best.agreeing,
        notes=tuple(notes), prec_max=s.prec_max,
    )  # fmt: skip

"""Fit a selection model by maximum likelihood: the entry point `selection_model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.selection.likelihood import Likelihood
from review.stats.bias.selection.optimise import Box, Maximum, maximise
from review.stats.bias.selection.result import SelectionResult
from review.stats.bias.selection.setup import Selection, make_selection
from review.stats.bias.selection.sides import ALTERNATIVES
from review.stats.bias.studies import as_model, read_studies
from review.stats.inference import (
    check_level,
    chi2_tail,
    coef_tests,
    critical_value,
    fit_stats,
    two_sided,
)
from review.stats.meta import fit as fit_rows
from review.stats.validation import choose

if TYPE_CHECKING:
    from review.stats.bias.selection.sides import FloatArray
    from review.stats.result import MetaResult

_MANY: Final = 5000  # studies from which one starting point is enough
TESTS: Final = ("z", "t")


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
            `review.stats.bias.selection.weights`.
        steps: cut-points of a step function (default 0.025, two-sided 0.05: the three-parameter
            model), or for the other types but beta one p-value up to which w = 1.
        delta: selection parameters to hold at given values, None for those to be estimated; for a
            step function with the leading 1; or the name of an a priori weight function of Vevea &
            Woods (2005): "moderate.one", "severe.one", "moderate.two", "severe.two".
        alternative: "greater" (large effects are favoured), "less" or "two.sided".
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
    alternative = choose("alternative", alternative, ALTERNATIVES)
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
        rows, z, type=type, steps=steps, delta=delta, two_sided=alternative == "two.sided",
        prec=prec, scale_prec=scale_prec, pval_min=pval_min, delta_max=delta_max, empty=empty,
    )  # fmt: skip
    base = fit_rows(
        rows, method=equal or "ML", test="z", level=model.level,
        fixed=model.tau2 if model.tau2_fixed else None, call=model.call,
    )  # fmt: skip
    problem = _Problem(base, selection, sign)
    problem.check_size()
    wide = 100 * check_level(model.level)
    return _result(
        problem, problem.fit(), alternative=alternative, prec=prec, test=tested, level=wide,
        notes=[*selection.notes, *notes],
    )  # fmt: skip


def _equal_effects(source: Any, method: str | None) -> str | None:
    """Return "EE" or "FE" for models without heterogeneity, else None."""
    own = getattr(source, "method", None) if method is None else method
    if own in ("EE", "FE"):
        return str(own)
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


@dataclass(frozen=True, eq=False)
class _Problem:
    """Scaled data, bounds and starting points of one selection model.

    Effects are divided by `unit`, so that tau2 and the coefficients are of order 1.

    Attributes:
        base: the same model without selection, by ML.
        selection: weight function and bounds.
        sign: -1 when small effects are favoured: the effects are mirrored.
    """

    base: MetaResult
    selection: Selection
    sign: float

    @property
    def unit(self) -> float:
        return float(np.sqrt(np.median(self.base.vi)))

    @property
    def p(self) -> int:
        return self.base.p

    @property
    def tau2_free(self) -> bool:
        return not (self.base.equal_effects or self.base.tau2_fixed)

    def check_size(self) -> None:
        """Refuse models with more parameters than studies."""
        free = self.p + self.tau2_free + int((~self.selection.fixed).sum())
        if self.base.k < free:
            raise StatsError(
                f"{self.base.k} studies are too few for {free} parameters (coefficients, tau2 and "
                "selection); use fewer steps, a type with one parameter, or fix delta"
            )

    def likelihood(self) -> Likelihood:
        y = self.sign * self.base.yi / self.unit
        return Likelihood(y, self.base.vi / self.unit**2, self.base.X, self.selection.weighting)

    def box(self, *, tau2: float | None = None, delta: FloatArray | None = None) -> Box:
        """Bounds, with tau2 (in the units of the effects) or delta held when given."""
        held = None if tau2 is None else tau2 / self.unit**2
        if held is None and not self.tau2_free:
            held = self.base.tau2 / self.unit**2
        low, high = self.selection.lower, self.selection.upper
        if delta is not None:
            low = high = delta
        ends = (0.0, np.inf) if held is None else (held, held)
        lower = np.concatenate([np.full(self.p, -np.inf), [ends[0]], low])
        upper = np.concatenate([np.full(self.p, np.inf), [ends[1]], high])
        return Box(lower, upper)

    def starts(self) -> list[FloatArray]:
        """Coefficients and tau2 of the model without selection (and more of tau2), with delta."""
        v, X = self.base.vi / self.unit**2, self.base.X
        y = self.sign * self.base.yi / self.unit
        tau2 = self.base.tau2 / self.unit**2
        wider = [tau2, 0.25 * tau2 + 0.5 * float(np.mean(v))] if self.tau2_free else [tau2]
        out = []
        for t in wider:
            w = 1.0 / (v + t)
            beta = np.linalg.lstsq(X * np.sqrt(w)[:, None], y * np.sqrt(w), rcond=None)[0]
            out += [np.concatenate([beta, [t], delta]) for delta in self.selection.starts]
        return out if self.base.k <= _MANY else [out[0], out[2]]

    def fit(self) -> Maximum:
        return maximise(self.likelihood(), self.box(), self.starts())

    def loglik(self, value: float) -> float:
        """Log-likelihood of the effects from that of the scaled effects."""
        return value - self.base.k * float(np.log(self.unit))

    def without_heterogeneity(self) -> float:
        """Log-likelihood at tau2 = 0."""
        found = maximise(self.likelihood(), self.box(tau2=0.0), self.starts())
        return self.loglik(found.value)

    def without_selection(self) -> float:
        """Log-likelihood with the free selection parameters at their values of no selection."""
        s = self.selection
        # a fixed shape plays no part once its size parameter is at 0
        idle = s.type == "negexppow" and not s.fixed[0]
        if idle or (s.null[s.fixed] == s.lower[s.fixed]).all():
            return self.base.fit_ml.loglik
        delta = np.where(s.fixed, s.lower, s.null)
        return self.loglik(maximise(self.likelihood(), self.box(delta=delta), self.starts()).value)


@dataclass(frozen=True, eq=False)
class _Errors:
    """Covariance of the coefficients and standard errors of the other parameters (NaN: none)."""

    vb: FloatArray
    tau2: float
    delta: FloatArray


def _errors(problem: _Problem, best: Maximum, notes: list[str]) -> _Errors:
    """Invert the Hessian over the parameters that are free and inside their bounds."""
    n, p, unit = best.theta.size, problem.p, problem.unit
    free = np.flatnonzero(~best.held)
    covariance = np.full((n, n), np.nan)
    information = -best.hessian[np.ix_(free, free)]
    size = np.sqrt(np.abs(np.diag(information)))
    size = np.where(size > 0, size, 1.0)
    scaled = information / np.outer(size, size)
    if np.linalg.eigvalsh(scaled).min() > 1e-12:
        covariance[np.ix_(free, free)] = np.linalg.inv(scaled) / np.outer(size, size)
    else:
        notes.append("the likelihood is flat at its maximum: no standard errors can be given")
    with np.errstate(invalid="ignore"):
        se = np.sqrt(np.diag(covariance))
    return _Errors(covariance[:p, :p] * unit**2, float(se[p]) * unit**2, se[p + 1 :])


def _bound_notes(problem: _Problem, best: Maximum) -> tuple[bool, list[str]]:
    """Whether the maximum lies inside the box (0 counts as inside), and remarks."""
    s, inside = problem.selection, True
    notes: list[str] = []
    delta = best.theta[problem.p + 1 :]
    for j in np.flatnonzero(~s.fixed & best.held[problem.p + 1 :]).tolist():
        if delta[j] >= s.upper[j]:
            inside = False
            notes.append(
                f"delta{j + 1} reached its upper bound {s.upper[j]:g}: the likelihood still rises "
                "beyond it, and the estimates depend on the bound (delta_max)"
            )
        else:
            notes.append(f"delta{j + 1} is on its lower bound {s.lower[j]:g}")
    if problem.tau2_free and best.theta[problem.p] == 0.0:
        notes.append("tau2 is on its lower bound 0")
    if best.agreeing < best.starts:
        notes.append(
            f"{best.agreeing} of {best.starts} starting points reached the highest maximum"
        )
    return inside, notes


def _ratio(high: float, low: float, df: int) -> tuple[float, float]:
    statistic = max(0.0, 2.0 * (high - low))
    return statistic, float(chi2_tail(statistic, df))


def _result(
    problem: _Problem,
    best: Maximum,
    *,
    alternative: str,
    prec: str,
    test: str,
    level: float,
    notes: list[str],
) -> SelectionResult:
    base, s, p = problem.base, problem.selection, problem.p
    beta = problem.sign * best.theta[:p] * problem.unit
    tau2, delta = float(best.theta[p]) * problem.unit**2, best.theta[p + 1 :]
    inside, remarks = _bound_notes(problem, best)
    notes = [*notes, *remarks]
    errors = _errors(problem, best, notes)
    ddf = base.k - p if test == "t" and base.k > p else None
    with np.errstate(invalid="ignore", divide="ignore"):
        t = coef_tests(beta, errors.vb, ddf, level, intercept=base.intercept)
        z_delta = (delta - s.null) / errors.delta
    half = critical_value(level, None) * errors.delta
    loglik, q = problem.loglik(best.value), int((~s.fixed).sum())
    null = problem.without_selection()
    LRT, LRTp = _ratio(loglik, null, q) if q else (None, None)
    hetero: tuple[float | None, float | None] = (None, None)
    if problem.tau2_free:
        hetero = _ratio(loglik, problem.without_heterogeneity(), 1)
    chance = hetero[1]
    lowest = np.where(s.fixed, 0.0, s.lower)
    return SelectionResult(
        type=s.type, formula=s.formula, beta=beta, se=t.se, stat=t.stat, pval=t.pval,
        ci_lb=t.ci_lb, ci_ub=t.ci_ub, coef_names=base.coef_names, vb=errors.vb, tau2=tau2,
        se_tau2=errors.tau2 if np.isfinite(errors.tau2) else None, delta=delta,
        se_delta=errors.delta, zval_delta=z_delta, pval_delta=two_sided(z_delta, None),
        ci_lb_delta=np.maximum(delta - half, lowest), ci_ub_delta=delta + half,
        delta_fixed=tuple(s.fixed.tolist()), delta_null=tuple(s.null.tolist()), steps=s.steps,
        counts=s.counts, fit=fit_stats(loglik, p + problem.tau2_free + q, base.k),
        loglik_null=null, LRT=LRT, LRTdf=q, LRTp=LRTp, LRT_tau2=hetero[0], LRTp_tau2=chance,
        LRTp_tau2_mixture=None if chance is None else (chance / 2 if hetero[0] else 1.0),
        QM=float(t.QM), QMp=float(t.QMp), QM_df=(max(p - int(base.intercept), 1), ddf),
        unadjusted=base.beta, tau2_unadjusted=base.tau2, alternative=alternative, prec=prec,
        pval_min=s.pval_min, method=base.method, test=test, level=level, k=base.k, p=p,
        converged=inside, iterations=best.iterations, starts=best.starts, agreeing=best.agreeing,
        notes=tuple(notes), prec_max=s.prec_max,
    )  # fmt: skip

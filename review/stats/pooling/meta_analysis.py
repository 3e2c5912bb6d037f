"""Meta-analysis and meta-regression of effect sizes: the entry point `meta_analysis`."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.arguments import real
from review.stats.ground.basis import BasisFit
from review.stats.ground.guard import guarded
from review.stats.ground.inference import TESTS, fit_stats, level_percent
from review.stats.ground.least_squares import Projector
from review.stats.pooling.batched_fit import fit_sample
from review.stats.pooling.few_studies import fit_few, tau2_of_few
from review.stats.pooling.fitted_numbers import Numbers, numbers_of
from review.stats.pooling.marginal_likelihood import log_likelihoods
from review.stats.pooling.meta_result import Convergence, MetaResult
from review.stats.pooling.meta_rows import SHOWN, Inputs, choose, read_inputs
from review.stats.pooling.prepared_effects import Sample, make_sample
from review.stats.pooling.small_sample import fit_notes
from review.stats.pooling.tau2 import EQUAL_EFFECTS, ITERATIVE, METHODS, estimate_tau2

INDEPENDENT: Final = "the model treats more than one result of a study as independent"


@guarded
def meta_analysis(  # noqa: PLR0917  the order in which the field gives these arguments
    yi: Any,
    vi: Any = None,
    mods: Any = None,
    data: Any = None,
    method: str = "REML",
    test: str | None = None,
    weights: Any = None,
    level: float = 95,
    *,
    sei: Any = None,
    tau2: float | None = None,
    intercept: bool = True,
    slab: Any = None,
    measure: str | None = None,
    ni: Any = None,
) -> MetaResult:
    """Pool effect sizes, or regress them on moderators.

    The model is y_i = x_i' beta + u_i + e_i with u_i ~ N(0, tau2) and e_i ~ N(0, v_i) (Hedges &
    Olkin 1985; Raudenbush 2009). Rows without an effect, variance or moderator are left out and
    listed in the result. Time and memory are linear in the number of studies.

    Args:
        yi: effects: numbers (k,), a column name of `data`, or the result of `effect_size`.
        vi: sampling variances, the same way.
        mods: moderators: a formula ("~ year + factor(design)"), column names, a data frame, or
            numbers (k,) or (k, q).
        data: data frame or mapping in which names are looked up.
        method: estimator of tau2, one of `METHODS` (see `review.stats.pooling.tau2`).
        test: "z"; "t" (k - p df); "knha" (Knapp & Hartung 2003, with its variance factor);
            "adhoc" (knha with the factor not below 1). By default "knha", for EE and FE "z".
        weights: (k,) or one number: weights for the estimates instead of 1/(vi + tau2); with
            method GENQ also those of the generalised Q statistic. `weights=1`: unweighted.
        level: of all intervals, per cent (95), or a fraction (0.95).
        sei: standard errors, instead of `vi`.
        tau2: a fixed value instead of an estimate.
        intercept: whether the model has one.
        slab: study labels.
        measure: code of the effect measure, for labels and back-transformations.
        ni: study sizes.

    Returns:
        The result; `summary()` prints it. One study (k = 1): tau2 = 0 and a z test. k = p: the
        t-type tests have no degrees of freedom, and "z" is used, with a note. If the effects
        agree exactly, the Knapp-Hartung factor is 0 and "adhoc" is used, with a note.

    Raises:
        InputError: an argument is wrong; UnknownNameError with suggestions for names.
        StatsError: the numbers cannot be analysed: a variance is not above 0, k < p, linearly
            dependent moderators, no complete row.
        ConvergenceError: an estimating equation cannot be solved.

    Example:
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="DL", test="z")
        >>> round(float(fit.beta[0]), 4), round(fit.tau2, 4)
        (0.4211, 0.0831)
    """
    call = dict(locals())
    method = choose("method", method, METHODS)
    level = level_percent(level)
    asked = None if test is None else choose("test", test, TESTS)
    fixed = _check_tau2(tau2, method)
    rows = read_inputs(
        yi, vi, sei=sei, mods=mods, data=data, weights=weights, intercept=intercept, slab=slab,
        measure=measure, ni=ni,
    )  # fmt: skip
    return fit(rows, method=method, test=asked, level=level, fixed=fixed, call=call)


def _check_tau2(tau2: float | None, method: str) -> float | None:
    if tau2 is None:
        return None
    if method in EQUAL_EFFECTS:
        raise InputError(f"method={method!r} has no tau2; use another method with tau2=")
    return real("tau2", tau2, least=0)


def fit(
    rows: Inputs,
    *,
    method: str,
    test: str | None,
    level: float,
    fixed: float | None,
    call: dict[str, Any],
) -> MetaResult:
    """Estimate everything for checked inputs; see `meta_analysis`."""
    k, p = rows.design.X.shape
    free = method not in EQUAL_EFFECTS and fixed is None
    if k == p > 1 and free:
        raise StatsError(
            f"{k} studies and {p} coefficients leave nothing to estimate tau2 from; use fewer "
            "moderators, method='EE', or a fixed tau2="
        )
    if method in ("GENQ", "GENQM") and rows.weights is None:
        raise InputError(f"method={method!r} needs weights=, one positive number per study")
    asked = test or ("z" if method in EQUAL_EFFECTS else "knha")
    n = None
    if rows.design.intercept_only and rows.weights is None:
        n = fit_few(rows.yi, rows.vi, method, asked, tau2=fixed, level=level)
    R2 = None
    if n is None:
        s, n = _by_arrays(rows, method, asked, level, fixed)
        R2 = _explained(rows, s, method, n.tau2)
    _check_finite(n)
    return result_of(
        rows, n, method=method, test=test, level=level, tau2_fixed=fixed is not None, R2=R2,
        call=call,
    )  # fmt: skip


def _by_arrays(
    rows: Inputs, method: str, test: str, level: float, fixed: float | None
) -> tuple[Sample, Numbers]:
    design = rows.design
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        s = make_sample(rows.yi, rows.vi, None if design.intercept_only else design.basis)
        b = fit_sample(
            s, method, test, weights=rows.weights, tau2=fixed, level=level,
            intercept=design.intercept,
        )  # fmt: skip
        return s, numbers_of(b, *log_likelihoods(s, b.tau2, b.projector, b.rss))


def result_of(
    rows: Inputs,
    n: Numbers,
    *,
    method: str,
    test: str | None,
    level: float,
    tau2_fixed: bool,
    R2: float | None,
    call: dict[str, Any],
) -> MetaResult:
    """Return the result of a fit: its numbers, and what must be said about them.

    Args:
        rows: what went in.
        n: the numbers.
        method: estimator.
        test: as asked for; None for the usual one of the method.
        level: of the intervals, per cent.
        tau2_fixed: tau2 was given.
        R2: share of tau2 that the moderators explain.
        call: the arguments.
    """
    design = rows.design
    k, p = design.X.shape
    free = method not in EQUAL_EFFECTS and not tau2_fixed
    asked = test or ("z" if method in EQUAL_EFFECTS else "knha")
    used = asked if not n.changed else "adhoc" if k > p else "z"
    how = "fixed" if not free else "bracketed Newton" if method in ITERATIVE else "closed form"
    ddf = None if math.isinf(n.ddf) else int(n.ddf)
    weak = fit_notes(
        test=used, s2w=n.s2w, ddf=ddf, level=level, tau2=n.tau2, df=k - p,
        equal_effects=method in EQUAL_EFFECTS, intercept_only=design.intercept_only,
        tau2_fixed=tau2_fixed,
    )  # fmt: skip
    w = n.w if rows.weights is None else rows.weights
    return MetaResult(
        beta=n.beta, se=n.se, stat=n.stat, pval=n.pval, ci_lb=n.ci_lb, ci_ub=n.ci_ub, vb=n.vb,
        coef_names=design.names, tau2=n.tau2,
        se_tau2=n.se_tau2 if math.isfinite(n.se_tau2) else None, I2=n.I2, H2=n.H2, R2=R2,
        vt=n.vt, QE=n.QE, QEp=n.QEp, QM=n.QM, QMp=n.QMp,
        k=k, p=p, m=max(p - int(design.intercept), 1), ddf=ddf, s2w=n.s2w,
        fit_ml=fit_stats(n.ml, p + free, k), fit_reml=fit_stats(n.reml, p + free, k - p),
        weights=100 * w / w.sum(), yi=rows.yi, vi=rows.vi, X=design.X, ids=rows.ids,
        labels=rows.slab, ni=rows.ni, measure=rows.measure, transf=rows.transf, method=method,
        test=used, level=level, intercept=design.intercept, case_weights=rows.weights,
        tau2_fixed=tau2_fixed,
        convergence=Convergence(
            True, n.iterations, n.maxima, "not estimable" if free and k == p else how
        ),
        left_out=rows.left_out, conversions=rows.conversions, design=design,
        notes=(
            *_notes(n, test, used, single=free and k == p), *weak,
            *repeated_labels(rows.slab), *design.notes,
        ),
        inside=BasisFit(design.basis, n.coef, n.cov),
        call=call,
    )  # fmt: skip


def repeated_labels(slab: tuple[str, ...] | None) -> list[str]:
    """Say when several rows carry the label of one study, and what allows for it.

    Example:
        >>> repeated_labels(("a", "a", "b"))[0].partition(":")[0]
        '3 rows come from 2 studies (several of a)'
    """
    if not slab or len(set(slab)) == len(slab):
        return []
    several = [name for name, n in Counter(slab).items() if n > 1]
    more = f" and {len(several) - SHOWN} more" if len(several) > SHOWN else ""
    note = (
        f"{len(slab)} rows come from {len(set(slab))} studies (several of "
        f"{', '.join(several[:SHOWN])}{more}): {INDEPENDENT}; a model for dependent effects "
        "(multilevel or cluster-robust: meta_analysis_mv, cluster_robust; on the command line "
        "--cluster) does not"
    )
    return [note]


def _check_finite(n: Numbers) -> None:
    """Refuse results that left the range of floating-point numbers."""
    numbers = (n.tau2, n.QE, n.vt, n.H2, *n.beta.tolist(), *n.vb.ravel().tolist())
    # a typical variance below 0 is what rounding leaves of weights that differ too much
    if n.vt < 0 or n.H2 < 0 or not all(map(math.isfinite, numbers)):
        raise StatsError(
            "the effects or variances are too large, too small or too unequal to compute with; "
            "check them, or express them in another unit"
        )


def _notes(n: Numbers, test: str | None, used: str, *, single: bool) -> tuple[str, ...]:
    """Say which choices differ from those asked for."""
    notes = []
    if single:
        notes.append("tau2 cannot be estimated from one study and is set to 0")
    if n.maxima > 1:
        notes.append(f"the likelihood has {n.maxima} maxima in tau2; the highest is reported")
    if n.changed and used == "z":
        notes.append(f"test {test or 'knha'!r} needs more studies than coefficients; 'z' is used")
    elif n.changed:
        notes.append("the effects agree exactly: the Knapp-Hartung factor is 0; 'adhoc' is used")
    return tuple(notes)


def _explained(rows: Inputs, s: Sample, method: str, tau2: float) -> float | None:
    """R2: per cent by which the moderators lower tau2 (Raudenbush 2009, eq. 16.18).

    For equal-effects models, which have no tau2, the per cent by which they lower the weighted
    residual sum of squares per degree of freedom: the adjusted R2 of the weighted regression.
    """
    if not rows.design.intercept or rows.design.intercept_only or s.df == 0:
        return None
    if rows.weights is None and (before := tau2_of_few(rows.yi, rows.vi, method)) is not None:
        return 100 * max(0.0, 1 - tau2 / before) if before > 0 else 0.0
    alone = make_sample(rows.yi, rows.vi)
    if method in EQUAL_EFFECTS:
        w = 1 / rows.vi if rows.weights is None else rows.weights
        before = float(Projector(w).quadratic(alone.y)) / float(alone.df)
        after = float(Projector(w, s.U).quadratic(s.y)) / float(s.df)
    else:
        before = float(estimate_tau2(alone, method, rows.weights).value)
        after = tau2
    return 100 * max(0.0, 1 - after / before) if before > 0 else 0.0

"""Multilevel and multivariate meta-analysis: the entry point `meta_analysis_mv`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.block_diagonal import NotPositiveDefinite
from review.stats.ground.inference import (
    chi2_tail,
    critical_value,
    fit_stats,
    level_percent,
    two_sided,
    wald,
)
from review.stats.multilevel.climb import Summit
from review.stats.multilevel.components import components, given_values
from review.stats.multilevel.moments_fit import moment_coordinates
from review.stats.multilevel.mv_likelihood import Problem
from review.stats.multilevel.mv_result import MVResult
from review.stats.multilevel.mv_rows import read_rows
from review.stats.multilevel.mv_search import Optimum, parameters, search
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.components import Component
    from review.stats.multilevel.mv_likelihood import Point
    from review.stats.multilevel.mv_rows import Rows
    from review.stats.multilevel.mv_search import Parameter

METHODS: Final = ("REML", "ML", "MM")
TESTS: Final = ("z", "t")
DFS: Final = ("residual", "contain")
FLAT: Final = 1e-5  # curvature, relative to the largest, that counts as none
FEW: Final = 10  # groups below which a variance between them is hardly known


def meta_analysis_mv(  # noqa: PLR0917  the order in which the field gives these arguments
    yi: Any,
    V: Any = None,
    mods: Any = None,
    data: Any = None,
    random: Any = None,
    struct: Any = "CS",
    method: str = "REML",
    test: str = "z",
    dfs: str = "residual",
    level: float = 95,
    *,
    R: Any = None,
    rscale: str = "cor",
    sigma2: Any = None,
    tau2: Any = None,
    rho: Any = None,
    gamma2: Any = None,
    phi: Any = None,
    intercept: bool = True,
    slab: Any = None,
    measure: str | None = None,
    ni: Any = None,
) -> MVResult:
    """Pool effects that depend on each other, or regress them on moderators.

    The model is y ~ N(X beta, V + sum of Z G Z') with known sampling covariance V and random
    effects: nested ("~ 1 | district/school"), crossed (several terms in a list), with a known
    correlation of their levels (R), or with a covariance over the levels of an inner variable
    ("~ outcome | study" with `struct`) (van Houwelingen, Arends & Stijnen 2002, Stat Med 21:589;
    Konstantopoulos 2011, Res Synth Methods 2:61; Nakagawa & Santos 2012, Evol Ecol 26:1253).
    Variances and correlations are estimated together by (restricted) maximum likelihood from
    several starts. Rows that are incomplete are left out, here and in V, and listed. No k x k
    matrix is formed: the cost grows with the number of blocks of linked rows.

    Args:
        yi: effects: numbers (k,), a column name of `data`, or the result of `effect_size`.
        V: sampling variances (k,) or a column name; their covariance as a k x k matrix, a list of
            square blocks, a scipy sparse matrix, or the result of `vcalc`.
        mods: moderators: a formula, column names, a data frame, or numbers (k,) or (k, q).
        data: data frame or mapping in which names are looked up.
        random: one term or a list of terms; None for a model without random effects.
        struct: covariance of the effects of an "inner | outer" term: "CS" (one variance, one
            correlation), "HCS" (a variance for each level), "UN" (a correlation for each pair
            too), "ID", "DIAG" (no correlation), "AR", "HAR" (levels in order, rho^lag), "CAR"
            (rho^distance in time); a list for several such terms.
        method: "REML", "ML", or "MM" for the method of moments (one "inner | outer" term with
            struct "UN"; Jackson, White & Riley 2013, Biom J 55:231).
        test: "z", or "t" with degrees of freedom `dfs`.
        dfs: "residual" (k - p) or "contain": for a coefficient whose predictor does not vary
            within the groups of a random term, the number of those groups less p; else k - p.
        level: of all intervals, per cent (95), or a fraction (0.95).
        R: name of a grouping column -> known correlation of its levels: a data frame with the
            levels as row and column names, or a matrix in the order of the levels.
        rscale: "cor" turns each R into a correlation matrix, "none" takes it as it is.
        sigma2: variances of the random intercepts to hold fixed, None for those to estimate.
        tau2: the same for the variances of the first "inner | outer" term.
        rho: the same for its correlations.
        gamma2: the same for the variances of the second "inner | outer" term.
        phi: the same for its correlations.
        intercept: whether the model has one.
        slab: labels of the effects.
        measure: code of the effect measure, for labels and back-transformations.
        ni: sizes.

    Returns:
        The result; `summary()` prints it, `confint()` gives profile-likelihood intervals of the
        variances and correlations, `ranef()` the predicted random effects.

    Raises:
        InputError: an argument is wrong; a grouping variable has gaps (the rows are named).
        StatsError: V is not positive definite (the rows are named); a variance or correlation
            cannot be told from others; k < p.
        ConvergenceError: the likelihood cannot be computed.

    Example:
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02, 0.03, 0.04, 0.03, 0.02, 0.03],
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> fit = meta_analysis_mv("y", "v", data=data, random="~ 1 | study")
        >>> round(float(fit.beta[0]), 4), fit.levels
        (0.3745, {'study': 3})
    """
    call = dict(locals())
    method = choose("method", method, METHODS)
    test = choose("test", test, TESTS)
    dfs = choose("dfs", dfs, DFS)
    level = level_percent(level)
    rows = read_rows(
        yi, V, mods, random=random, struct=struct, R=R, rscale=rscale, data=data,
        intercept=intercept, slab=slab, measure=measure, ni=ni,
    )  # fmt: skip
    k, p = rows.given.design.X.shape
    asked = {"sigma2": sigma2, "tau2": tau2, "rho": rho, "gamma2": gamma2, "phi": phi}
    fixed = given_values(rows.terms, asked)
    free = len(parameters(rows.terms)) - len(fixed)
    if free and k <= p:
        raise StatsError(
            f"{k} effects and {p} coefficients leave nothing to estimate {free} variances and "
            "correlations from"
        )
    problem = Problem(
        rows.given.yi, rows.given.design.X, rows.V, rows.terms, restricted=method == "REML"
    )
    settings = {"method": method, "test": test, "dfs": dfs, "level": level}
    return fit(rows, problem, fixed, settings, call)


def fit(
    rows: Rows,
    problem: Problem,
    fixed: dict[Parameter, float],
    settings: dict[str, Any],
    call: dict[str, Any],
) -> MVResult:
    """Estimate everything for checked rows; see `meta_analysis_mv`."""
    if settings["method"] == "MM":
        used, summit, optimum = _by_moments(problem, fixed)
    else:
        used, summit, optimum = search(problem, fixed)
    parts = components(used, summit.point.x, list(fixed))
    flat = _undetermined(parts, summit, used)
    at_bound = tuple(c.name for c in parts if c.at_bound and c.name not in flat)
    optimum = replace(optimum, at_bound=at_bound, flat=flat)
    point, given = summit.point, rows.given
    k, p = problem.k, problem.p
    intercept, level = given.design.intercept, settings["level"]
    inside = problem.inside(point.gamma, np.asarray(np.linalg.inv(point.A), np.float64))
    beta, vb = inside.beta, inside.vb
    ddf = None
    if settings["test"] == "t":
        ddf = _degrees(problem, settings["dfs"], intercept=intercept)
    se = np.sqrt(np.diag(vb))
    stat = beta / se
    half = critical_value(level, ddf) * se
    m = max(p - int(intercept), 1)
    tested = slice(p - m, None)  # the basis keeps the order of the columns: see `coef_tests`
    least = None if ddf is None else float(ddf[tested].min())
    QM, QMp = (float(x) for x in wald(inside.coef[tested], inside.cov[tested, tested], least))
    n_par = p + len(parts) - len(fixed)
    QE = _heterogeneity(problem)
    return MVResult(
        beta=beta, se=se, stat=stat, pval=two_sided(stat, ddf), ci_lb=beta - half,
        ci_ub=beta + half, vb=vb, coef_names=given.design.names, components=parts, QE=QE,
        QEp=float(chi2_tail(QE, k - p)), QM=QM, QMp=QMp, QM_df=(m, least), k=k, p=p, m=m, ddf=ddf,
        fit_ml=fit_stats(point.ml, n_par, k), fit_reml=fit_stats(point.reml, n_par, k - p),
        weights=_weights(point), yi=given.yi, V=rows.V, X=given.design.X,
        ids=given.ids, labels=given.slab, ni=given.ni, measure=given.measure, transf=given.transf,
        intercept=intercept, optimum=optimum, left_out=given.left_out,
        notes=_notes(rows, optimum, settings, ddf), design=given.design, inside=inside,
        problem=used,
        point=point, call=call, **settings,
    )  # fmt: skip


def _by_moments(problem: Problem, fixed: dict[Parameter, float]) -> tuple[Problem, Summit, Optimum]:
    """The method of moments in the form of a search that took one step."""
    if fixed:
        raise InputError("method 'MM' estimates all variances; none can be given")
    point = problem.at(moment_coordinates(problem))
    n = problem.n
    free = np.ones(n, dtype=bool)
    summit = Summit(point, True, 1, 0.0, np.zeros((n, n)), free)
    return problem, summit, Optimum(True, 1, (), 1, 0.0)


def _weights(point: Point) -> FloatArray:
    """Row sums of M^-1 in per cent: the weights of an average without moderators."""
    w = point.M.solve(np.ones(len(point.Py)))
    return np.asarray(100 * w / w.sum())


def _heterogeneity(problem: Problem) -> float:
    """QE: the weighted residual sum of squares with V alone."""
    try:
        inverse = problem.V.inverse()[0]
    except NotPositiveDefinite:  # was checked before
        raise StatsError("V is not positive definite") from None
    WB = inverse.dot(problem.B)
    p = problem.p
    A = problem.U.T @ WB[:, :p]
    gamma = np.linalg.solve(A, problem.U.T @ WB[:, p])
    return float(problem.y0 @ (WB[:, p] - WB[:, :p] @ gamma))


def _degrees(problem: Problem, dfs: str, *, intercept: bool) -> FloatArray:
    """Degrees of freedom of the t test of each coefficient.

    Raises:
        StatsError: there are none.
    """
    k, p = problem.k, problem.p
    out = np.full(p, float(k - p))
    if dfs == "contain":
        for j in range(p):
            x = problem.X[:, j]
            for term in problem.terms:
                if (j == 0 and intercept) or _constant_within(x, term.link.group):
                    out[j] = min(out[j], float(term.link.groups - p))
    if out.min() < 1:
        few = min((t.link.groups for t in problem.terms), default=k)
        raise StatsError(
            f"t tests with dfs={dfs!r} have no degrees of freedom: {few} groups and {p} "
            "coefficients; use test='z', or fewer moderators"
        )
    return out


def _constant_within(x: FloatArray, group: Any) -> bool:
    """Tell whether a predictor does not vary within any group."""
    first = np.unique(group, return_index=True)[1]
    return bool((x[first][group] == x).all())


def _undetermined(
    parts: tuple[Component, ...], summit: Summit, problem: Problem
) -> tuple[str, ...]:
    """Names of the parameters that the likelihood does not depend on."""
    out = []
    for c in parts:  # where a variance is 0 its correlations do not matter
        variances = [v for v in parts if v.term == c.term and v.family in {"tau2", "gamma2"}]
        if c.family in {"rho", "phi"} and not c.fixed:
            about = [v for v in variances if not v.level or v.level in c.level.split(", ")]
            if any(v.at_bound for v in about or variances):
                out.append(c.name)
    if summit.flat and not out:
        scale = np.sqrt(np.abs(np.diag(summit.observed)))
        weak = (scale <= FLAT * scale.max()) & summit.free
        terms = [
            term.name
            for term, where in zip(problem.terms, problem.where, strict=True)
            if weak[where].any()
        ]
        out = [c.name for c in parts if c.term in (terms or [t.name for t in problem.terms])]
    return tuple(out)


def _notes(
    rows: Rows,
    optimum: Optimum,
    settings: dict[str, Any],
    ddf: FloatArray | None,
) -> tuple[str, ...]:
    notes = []
    if not optimum.converged:
        notes.append(
            "the search for the maximum did not settle: a further step promises a gain of "
            f"{optimum.gain:.2g} in the log-likelihood; do not rely on the variances"
        )
    if optimum.maxima > 1:
        notes.append(
            f"the climbs from {len(optimum.starts)} starts ended at {optimum.maxima} different "
            "heights of the likelihood; the highest is reported"
        )
    if optimum.flat:
        notes.append(
            f"the data do not determine {', '.join(optimum.flat)}: the likelihood is flat there"
        )
    if optimum.at_bound:
        notes.append(f"at the edge of the range: {', '.join(optimum.at_bound)}")
    for term in rows.terms:
        if term.link.groups < min(FEW, len(rows.given.yi)) and term.structure.n:
            notes.append(
                f"the term {term.name} rests on {term.link.groups} groups, which say little about "
                "a variance between them"
            )
        notes += _repeated(term)
    if settings["test"] == "z" and rows.terms and ddf is None:
        fewest = min(t.link.groups for t in rows.terms)
        if fewest < 40:
            notes.append(
                f"with {fewest} groups z tests are too optimistic: see test='t' with "
                "dfs='contain', or cluster_robust()"
            )
    return tuple(notes)


def _repeated(term: Any) -> list[str]:
    """Say when rows share an effect that has an inner level: nothing lets them differ."""
    if term.simple:
        return []
    units = len(np.unique(term.link.unit))
    extra = len(term.link.unit) - units
    if not extra:
        return []
    inner, outer = term.name.split(" | ")
    text = (
        f"{extra} rows repeat a level of {inner} within a {outer}: they share one random effect, "
        "and only another term lets them differ"
    )
    return [text]

"""Meta-analysis of diagnostic test accuracy: the entry point `diagnostic_meta`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.accuracy.accuracy_data import INPUTS, AccuracyData, read_accuracy
from review.stats.accuracy.accuracy_fit import Fitted, check_size, fit_model
from review.stats.accuracy.accuracy_notes import notes_of, with_fallback
from review.stats.accuracy.accuracy_result import AccuracyResult
from review.stats.accuracy.bivariate_exact import MOST_NODES
from review.stats.accuracy.bivariate_normal import METHODS, CovarianceFit
from review.stats.accuracy.psi_factor import STRUCTURES
from review.stats.accuracy.study_blocks import StudyBlocks, study_blocks
from review.stats.effects.argument_columns import look_up
from review.stats.ground.design_matrix import read_moderators
from review.stats.ground.inference import (
    check_level,
    chi2_tail,
    critical_value,
    fit_stats,
    two_sided,
    wald,
)
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.stats.ground.design_matrix import Design, Moderators
    from review.stats.ground.least_squares import FloatArray

ALL_METHODS: Final = (*METHODS, "exact")
OUTCOMES: Final = ("sens", "fpr")


def diagnostic_meta(  # noqa: PLR0917  the order in which the field gives these arguments
    tp: Any = None,
    fn: Any = None,
    fp: Any = None,
    tn: Any = None,
    method: str = "REML",
    mods: Any = None,
    data: Any = None,
    level: float = 95,
    *,
    study: Any = None,
    structure: str = "UN",
    nodes: int = 1,
    sens: Any = None,
    spec: Any = None,
    n_pos: Any = None,
    n_neg: Any = None,
    n: Any = None,
    ppv: Any = None,
    npv: Any = None,
    accuracy: Any = None,
    prevalence: Any = None,
    lr_pos: Any = None,
    lr_neg: Any = None,
    dor: Any = None,
    sens_ci_lb: Any = None,
    sens_ci_ub: Any = None,
    spec_ci_lb: Any = None,
    spec_ci_ub: Any = None,
    percent: bool = False,
    slab: Any = None,
    add: float = 0.5,
    to: str = "if0all",
) -> AccuracyResult:
    """Pool sensitivity and specificity together.

    The logits of sensitivity and false-positive rate of study i have means x_i' beta, a covariance
    Psi between studies, and binomial sampling error, which is normal with known variance (Reitsma
    et al. 2005) or exact (Chu & Cole 2006). Time and memory are linear in the number of studies.

    Args:
        tp: true positives per study, numbers (k,) or the name of a column of `data`. Studies
            without counts of diseased (or of not diseased) inform the other share alone. With no
            columns given, the columns of `data` that are called as the arguments are.
        fn: false negatives, the same way.
        fp: false positives.
        tn: true negatives.
        method: "REML", "ML", "MM" (moments, Jackson et al. 2013) or "exact" (maximum likelihood
            with
            the binomial distribution: no continuity correction).
        mods: moderators as in `meta_analysis`, for both outcomes; or {"sens": ..., "fpr": ...}.
        data: a data frame or a mapping of columns.
        level: of all intervals, per cent (95), or a fraction (0.95).
        study: name of the study of each row, where a study has several rows (populations, readers):
            they share its random effects. By default each row is a study of its own.
        structure: "UN", or "DIAG" for a correlation of 0, which is two univariate models.
        nodes: with "exact", of the adaptive Gauss-Hermite quadrature per dimension; 1 is Laplace's
            approximation.
        sens: sensitivity as printed, instead of counts; the digits decide which counts are
            possible, so pass text where trailing zeros were printed ("0.90", "93.0%").
        spec: specificity, the same way.
        n_pos: number of diseased, from which counts are rebuilt.
        n_neg: number of not diseased.
        n: number of all.
        ppv: positive predictive value as printed; like the following it may replace or confirm.
        npv: negative predictive value.
        accuracy: share of right results.
        prevalence: share of diseased.
        lr_pos: positive likelihood ratio.
        lr_neg: negative likelihood ratio.
        dor: diagnostic odds ratio.
        sens_ci_lb: lower limit of `level` per cent, for studies whose counts cannot be rebuilt.
        sens_ci_ub: upper limit.
        spec_ci_lb: lower limit of the specificity.
        spec_ci_ub: upper limit.
        percent: whether shares are in per cent.
        slab: study labels.
        add: constant of the continuity correction.
        to: who gets it before logits are taken: "if0all" (all studies if any has a cell of 0, the
            default of the R package mada), "only0" (studies with one), "only0-group" (the group of
            a study with one), "all" or "none". It does not concern "exact".

    Returns:
        The result; `summary()` prints it.

    Raises:
        InputError: an argument is wrong; UnknownNameError with suggestions for names.
        StatsError: the numbers cannot be analysed; impossible tables are named with their rows.
        ConvergenceError: no maximum of the likelihood was found.

    Example:
        >>> tp, fn, fp, tn = [20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50]
        >>> fit = diagnostic_meta(tp, fn, fp, tn)
        >>> [round(x, 3) for x in fit.sens], [round(x, 3) for x in fit.spec]
        ([0.86, 0.711, 0.939], [0.857, 0.773, 0.913])
    """
    call = dict(locals())
    method = choose("method", method, ALL_METHODS)
    structure = choose("structure", structure, STRUCTURES)
    level = 100 * check_level(level)
    _check_nodes(nodes, method)
    given = {name: call[name] for name in INPUTS}
    rows = read_accuracy(
        given, data=data, slab=slab, add=add, to=to, percent=percent, level=level
    )  # fmt: skip
    if method == "exact":
        demand_counts(rows)
    rows, designs, moderators = read_designs(rows, mods, data)
    blocks = read_blocks(study, data, rows)
    return fit_rows(
        rows, designs, blocks, method=method, structure=structure, nodes=nodes, level=level,
        moderators=moderators, call=call,
    )  # fmt: skip


def _check_nodes(nodes: Any, method: str) -> None:
    if isinstance(nodes, bool) or not isinstance(nodes, int) or not 1 <= nodes <= MOST_NODES:
        raise InputError(f"nodes must be a whole number from 1 to {MOST_NODES}, not {nodes!r}")
    if nodes > 1 and method != "exact":
        raise InputError(f"nodes={nodes} is about method='exact', not {method!r}")


def demand_counts(rows: AccuracyData) -> None:
    """Refuse rows without counts.

    Raises:
        StatsError: with the rows.
    """
    without = np.flatnonzero(~rows.counted.any(0))
    if len(without):
        named = ", ".join(f"row {rows.ids[i] + 1} ({rows.slab[i]})" for i in without[:5].tolist())
        raise StatsError(
            f"method='exact' needs counts, and these rows have none: {named}; use method='REML'"
        )


def read_blocks(study: Any, data: Any, rows: AccuracyData) -> StudyBlocks:
    """Return which rows belong to one study, from a column with a name per row of the input."""
    if study is None:
        return study_blocks(None, rows.k)
    names = np.asarray(look_up("study", study, data), dtype=object).ravel()
    size = int(max(rows.ids.max(), *(r.row - 1 for r in rows.left_out), 0)) + 1
    if len(names) != size:
        raise InputError(f"study has {len(names)} values for {size} rows")
    return study_blocks(names[rows.ids].tolist(), rows.k)


def read_designs(
    rows: AccuracyData, mods: Any, data: Any
) -> tuple[AccuracyData, tuple[Design, Design], dict[str, list[Any]]]:
    """Return the rows that have all moderators, and the designs of the two outcomes.

    Raises:
        InputError, StatsError: see `review.stats.ground.design_matrix`.
    """
    size = int(max(rows.ids.max(), *(r.row - 1 for r in rows.left_out), 0)) + 1
    each = (
        mods
        if isinstance(mods, dict) and set(mods) <= set(OUTCOMES)
        else dict.fromkeys(OUTCOMES, mods)
    )
    read: list[Moderators] = [
        read_moderators(each.get(o), data, size, intercept=True) for o in OUTCOMES
    ]
    whole = np.zeros(size, dtype=bool)
    whole[rows.ids] = True
    reasons: dict[int, str] = {}
    place = {int(i): j for j, i in enumerate(rows.ids.tolist())}
    for one in read:
        for name, missing in one.missing(size):
            for i in np.flatnonzero(missing & whole).tolist():
                reasons.setdefault(place[i], f"no moderator {name}")
    keep = np.ones(rows.k, dtype=bool)
    keep[list(reasons)] = False
    if not keep.any():
        raise StatsError("no study has all moderators")
    rows = rows if keep.all() else rows.take(keep, reasons)
    used = np.zeros(size, dtype=bool)
    used[rows.ids] = True
    columns = {n: c for one in read for n, c in one.table.items()}
    moderators = {n: np.asarray(c, dtype=object)[used].tolist() for n, c in columns.items()}
    return rows, (read[0].build(used), read[1].build(used)), moderators


def fit_rows(
    rows: AccuracyData,
    designs: tuple[Design, Design],
    blocks: StudyBlocks,
    *,
    method: str,
    structure: str,
    nodes: int,
    level: float,
    moderators: Mapping[str, list[Any]],
    call: dict[str, Any],
) -> AccuracyResult:
    """Estimate everything for rows that are read; see `diagnostic_meta`."""
    X = stack_designs(designs)
    check_size(rows.counted if method == "exact" else rows.on, X, designs, structure)
    fitted = fit_model(rows, X, blocks, method=method, structure=structure, nodes=nodes)
    result = _result(
        rows, designs, X, blocks, fitted, method=method, structure=structure, nodes=nodes,
        level=level, moderators=moderators, call=call,
    )  # fmt: skip
    if not (result.singular and structure == "UN"):
        return result
    simple = fit_rows(
        rows, designs, blocks, method=method, structure="DIAG", nodes=nodes, level=level,
        moderators=moderators, call=call | {"structure": "DIAG"},
    )  # fmt: skip
    return with_fallback(result, simple)


def stack_designs(designs: tuple[Design, Design]) -> FloatArray:
    """The design of both outcomes, (2, k, p): coefficients of the first, then of the second."""
    first, second = (d.X for d in designs)
    X = np.zeros((2, len(first), first.shape[1] + second.shape[1]))
    X[0, :, : first.shape[1]] = first
    X[1, :, first.shape[1] :] = second
    return X


def _result(
    rows: AccuracyData,
    designs: tuple[Design, Design],
    X: FloatArray,
    blocks: StudyBlocks,
    fitted: Fitted,
    *,
    method: str,
    structure: str,
    nodes: int,
    level: float,
    moderators: Mapping[str, list[Any]],
    call: dict[str, Any],
) -> AccuracyResult:
    """Put tests, intervals, criteria and notes beside the estimates."""
    found = fitted.estimate
    beta, vb = found.beta, found.vb
    p, half = len(beta), len(designs[0].names)
    se = np.sqrt(np.diag(vb))
    stat = beta / se
    wide = critical_value(level, None) * se
    plain = all(d.intercept_only for d in designs)
    starts = [at for at, d in zip((0, half), designs, strict=True) if d.intercept]
    tested = [j for j in range(p) if plain or j not in starts]
    QM, QMp = (float(x) for x in wald(beta[tested], vb[np.ix_(tested, tested)], None))
    q = p + len(STRUCTURES[structure])
    exact = method == "exact"
    # density of the shares instead of their logits; the term log|X'X| is no part of it in mada
    own = fitted.reml - 0.5 * fitted.log_gram if method == "REML" else fitted.ml
    I2 = _heterogeneity(fitted.vb_fixed, fitted.vb_random, half)
    psi = found.psi[[0, 1, 1, 2]].reshape(2, 2)
    tau2_ci, rho_ci = _psi_intervals(found, structure, level)
    names = tuple(
        o if plain else f"{o}: {name}"
        for o, d in zip(OUTCOMES, designs, strict=True) for name in d.names
    )  # fmt: skip
    return AccuracyResult(
        beta=beta, se=se, stat=stat, pval=two_sided(stat, None), ci_lb=beta - wide,
        ci_ub=beta + wide, vb=vb, coef_names=names, psi=psi, tau2=np.diag(psi).copy(),
        rho=found.rho, tau2_ci=tau2_ci, rho_ci=rho_ci, singular=found.singular, fallback=None,
        I2=I2[0], I2_sens=I2[1], I2_fpr=I2[2], QE=fitted.QE,
        QEp=float(chi2_tail(fitted.QE, fitted.n - p)), QM=QM, QMp=QMp, k=blocks.C, n_rows=rows.k,
        n_outcomes=fitted.n, p=p, m=len(tested), fit_ml=fit_stats(fitted.ml, q, fitted.n),
        fit_reml=None if exact else fit_stats(fitted.reml, q, fitted.n - p),
        loglik_shares=float("nan") if exact else own + fitted.log_jacobian, method=method,
        structure=structure, nodes=nodes, level=level, iterations=found.iterations,
        maxima=found.maxima, rows=rows, X=X, left_out=rows.left_out,
        notes=notes_of(rows, found, blocks, method, nodes), designs=designs, estimate=found,
        moderators=dict(moderators), call=call,
    )  # fmt: skip


def _heterogeneity(fixed: FloatArray, random: FloatArray, half: int) -> tuple[float, float, float]:
    """I2 from how much wider heterogeneity makes the covariance of the coefficients.

    Jackson, White & Riley 2012: R = (|V_random| / |V_fixed|)^(1/(2p)), I2 = (R^2 - 1) / R^2; for
    one outcome the same with its own block, which ends or begins at `half`.
    """
    p = len(fixed)
    out = []
    for block in (slice(0, p), slice(0, half), slice(half, p)):
        a, b = fixed[block, block], random[block, block]
        ratio = np.linalg.slogdet(b)[1] - np.linalg.slogdet(a)[1]
        out.append(float(100 * max(0.0, 1 - np.exp(-ratio / len(a)))))
    return out[0], out[1], out[2]


def _psi_intervals(
    found: CovarianceFit, structure: str, level: float
) -> tuple[FloatArray | None, tuple[float, float] | None]:
    """Intervals of the variances on the log scale and of rho on Fisher's scale."""
    if found.cov is None or found.rho is None:
        return None, None
    z = float(critical_value(level, None))
    cov = found.cov[-3:, -3:]
    variances = found.psi[[0, 2]]
    half = z * np.sqrt(np.diag(cov)[[0, 2]]) / variances
    with np.errstate(over="ignore"):  # a variance that the data hardly tell has no upper limit
        limits = np.stack([variances * np.exp(-half), variances * np.exp(half)], -1)
    if structure == "DIAG":
        return limits, None
    rho = found.rho
    slope = np.array([
        -rho / (2 * found.psi[0]), 1 / np.sqrt(variances.prod()), -rho / (2 * found.psi[2])
    ]) / (1 - rho * rho)  # fmt: skip
    wide = z * float(np.sqrt(slope @ cov @ slope))
    middle = float(np.arctanh(rho))
    return limits, (float(np.tanh(middle - wide)), float(np.tanh(middle + wide)))

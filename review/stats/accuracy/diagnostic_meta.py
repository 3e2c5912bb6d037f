"""Meta-analysis of diagnostic test accuracy: the entry point `diagnostic_meta`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.accuracy.accuracy_data import CELLS, INPUTS, AccuracyData, read_accuracy
from review.stats.accuracy.accuracy_result import AccuracyResult
from review.stats.accuracy.bivariate_exact import MOST_NODES, fit_exact
from review.stats.accuracy.bivariate_kernel import likelihood, make_bivariate
from review.stats.accuracy.bivariate_normal import (
    METHODS,
    CovarianceFit,
    fit_normal,
    moment_psi,
    typical_variances,
)
from review.stats.accuracy.binomial_kernel import BinomialBlocks
from review.stats.accuracy.psi_factor import STRUCTURES
from review.stats.design import read_moderators
from review.stats.inference import (
    check_level,
    chi2_tail,
    critical_value,
    fit_stats,
    two_sided,
    wald,
)
from review.stats.validation import choose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.stats.accuracy.bivariate_kernel import BivariateSample, Likelihood
    from review.stats.design import Design, Moderators
    from review.stats.inference import FitStats
    from review.stats.kernels import FloatArray

ALL_METHODS: Final = (*METHODS, "exact")
OUTCOMES: Final = ("sens", "fpr")
FEW: Final = 5  # studies below which five parameters say little


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
        tp: true positives per study, numbers (k,) or the name of a column of `data`. Studies without
            counts of diseased (or of not diseased) inform the other share alone. With no columns
            given, the columns of `data` that are called as the arguments are.
        fn, fp, tn: false negatives, false positives and true negatives, the same way.
        method: "REML", "ML", "MM" (moments, Jackson et al. 2013) or "exact" (maximum likelihood with
            the binomial distribution: no continuity correction).
        mods: moderators as in `meta_analysis`, for both outcomes; or {"sens": ..., "fpr": ...}.
        data: a data frame or a mapping of columns.
        level: of all intervals, per cent (95), or a fraction (0.95).
        structure: "UN", or "DIAG" for a correlation of 0, which is two univariate models.
        nodes: with "exact", of the adaptive Gauss-Hermite quadrature per dimension; 1 is Laplace's
            approximation.
        sens, spec: shares as printed, instead of counts; the digits decide which counts are possible,
            so pass text where trailing zeros were printed ("0.90", "93.0%").
        n_pos, n_neg, n: numbers of diseased, not diseased, and all, from which counts are rebuilt.
        ppv, npv, accuracy, prevalence, lr_pos, lr_neg, dor: further measures as printed.
        sens_ci_lb, sens_ci_ub, spec_ci_lb, spec_ci_ub: confidence limits of `level` per cent, for
            studies whose counts cannot be rebuilt.
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
        ([0.86, 0.749, 0.926], [0.848, 0.782, 0.896])
    """
    call = dict(locals())
    method = choose("method", method, ALL_METHODS)
    structure = choose("structure", structure, STRUCTURES)
    level = 100 * check_level(level)
    _check_nodes(nodes, method)
    given = {name: call[name] for name in INPUTS}
    rows = read_accuracy(
        given, data=data, slab=slab, add=add, to="none" if method == "exact" else to,
        percent=percent, level=level,
    )  # fmt: skip
    if method == "exact":
        rows = _for_exact(rows)
    rows, designs, moderators = read_designs(rows, mods, data)
    return fit_rows(
        rows, designs, method=method, structure=structure, nodes=nodes, level=level,
        moderators=moderators, call=call,
    )  # fmt: skip


def _check_nodes(nodes: Any, method: str) -> None:
    if isinstance(nodes, bool) or not isinstance(nodes, int) or not 1 <= nodes <= MOST_NODES:
        raise InputError(f"nodes must be a whole number from 1 to {MOST_NODES}, not {nodes!r}")
    if nodes > 1 and method != "exact":
        raise InputError(f"nodes={nodes} is about method='exact', not {method!r}")


def _for_exact(rows: AccuracyData) -> AccuracyData:
    """Demand counts, and give logits for starts and figures the usual correction."""
    without = np.flatnonzero(rows.on.any(0) & ~rows.counted.any(0))
    if len(without):
        named = ", ".join(f"row {rows.ids[i] + 1} ({rows.slab[i]})" for i in without[:5].tolist())
        raise StatsError(
            f"method='exact' needs counts, and these rows have none: {named}; use method='REML'"
        )
    return rows


def read_designs(
    rows: AccuracyData, mods: Any, data: Any
) -> tuple[AccuracyData, tuple[Design, Design], dict[str, list[Any]]]:
    """Return the rows that have all moderators, and the designs of the two outcomes.

    Raises:
        InputError, StatsError: see `review.stats.design`.
    """
    size = int(max(rows.ids.max(), *(r.row - 1 for r in rows.left_out), 0)) + 1
    each = mods if isinstance(mods, dict) and set(mods) <= set(OUTCOMES) else dict.fromkeys(OUTCOMES, mods)
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
    exact = method == "exact"
    on = rows.counted if exact else rows.on
    y, v = start_logits(rows) if exact else (rows.y, rows.v)
    check_size(on, X, designs, structure)
    sample = make_bivariate(y, v, None if _plain(designs) else X, on)
    if exact:
        found = _exact(rows, X, sample, structure, nodes)
    else:
        found = fit_normal(sample, method, structure)
    result = _result(
        rows, designs, X, sample, found, method=method, structure=structure, nodes=nodes,
        level=level, moderators=moderators, call=call,
    )  # fmt: skip
    return _with_fallback(result) if found.singular and structure == "UN" else result


def _plain(designs: tuple[Design, Design]) -> bool:
    return all(d.intercept_only for d in designs)


def stack_designs(designs: tuple[Design, Design]) -> FloatArray:
    """The design of both outcomes, (2, k, p): coefficients of the first, then of the second."""
    first, second = (d.X for d in designs)
    X = np.zeros((2, len(first), first.shape[1] + second.shape[1]))
    X[0, :, : first.shape[1]] = first
    X[1, :, first.shape[1] :] = second
    return X


def start_logits(rows: AccuracyData) -> tuple[FloatArray, FloatArray]:
    """Logits and variances with 1/2 in every cell, (2, k): where the exact fit starts from."""
    hit, miss = np.stack([rows.tp, rows.fp]) + 0.5, np.stack([rows.fn, rows.tn]) + 0.5
    return np.log(hit / miss), 1 / hit + 1 / miss


def check_size(
    on: FloatArray | Any, X: FloatArray, designs: tuple[Design, Design], structure: str
) -> None:
    """Refuse fewer shares than parameters, and moderators that do not vary where a share is known.

    Raises:
        StatsError: with what would be enough.
    """
    for j, (name, design) in enumerate(zip(("sensitivity", "specificity"), designs, strict=True)):
        k, q = int(on[j].sum()), len(design.names)
        if k <= q:
            raise StatsError(
                f"{k} {'study gives' if k == 1 else 'studies give'} a {name}, which is not enough "
                f"to pool it: its mean ({q} {'coefficient' if q == 1 else 'coefficients'}) and "
                f"variance between studies need {q + 1} or more"
            )
        part = X[j][on[j]][:, np.abs(X[j]).max(0) > 0]
        size = np.sqrt((part**2).sum(0))
        if (size == 0).any() or np.linalg.matrix_rank(part / np.where(size > 0, size, 1)) < q:
            raise StatsError(
                f"the moderators cannot be told apart in the {k} studies with a {name}: "
                f"{', '.join(design.names)}"
            )
    if structure == "UN" and int(np.all(on, axis=0).sum()) < 2:
        raise StatsError(
            "fewer than 2 studies give both sensitivity and specificity, so their correlation is "
            "unknown; use structure='DIAG'"
        )


def _exact(
    rows: AccuracyData, X: FloatArray, sample: BivariateSample, structure: str, nodes: int
) -> CovarianceFit:
    hit, miss = np.stack([rows.tp, rows.fp], -1), np.stack([rows.fn, rows.tn], -1)
    for j, name in enumerate(("sensitivity", "false-positive rate")):
        for counts, share in ((hit, "0"), (miss, "1")):
            if np.nansum(counts[:, j]) == 0:
                raise StatsError(
                    f"the {name} is {share} in every study: its logit has no finite estimate. "
                    "method='REML' with a continuity correction gives one, which rests on the "
                    "correction"
                )
    blocks = BinomialBlocks(
        np.nan_to_num(hit), np.nan_to_num(hit + miss), np.ascontiguousarray(X.transpose(1, 0, 2))
    )
    return fit_exact(
        blocks, moment_psi(sample), typical_variances(sample), sample.shift, structure=structure,
        nodes=nodes,
    )  # fmt: skip


def _result(
    rows: AccuracyData,
    designs: tuple[Design, Design],
    X: FloatArray,
    sample: BivariateSample,
    found: CovarianceFit,
    *,
    method: str,
    structure: str,
    nodes: int,
    level: float,
    moderators: Mapping[str, list[Any]],
    call: dict[str, Any],
) -> AccuracyResult:
    """Put tests, intervals, criteria and notes beside the estimates."""
    beta, vb = found.beta, found.vb
    p = len(beta)
    se = np.sqrt(np.diag(vb))
    stat = beta / se
    half = critical_value(level, None) * se
    first = len(designs[0].names)
    starts = [0] if designs[0].intercept else []
    starts += [first] if designs[1].intercept else []
    tested = [j for j in range(p) if _plain(designs) or j not in starts]
    QM, QMp = (float(x) for x in wald(beta[tested], vb[np.ix_(tested, tested)], None))
    # without and with differences between studies
    at = likelihood(sample, np.stack([np.zeros(3), found.psi]), restricted=False)
    QE = float(at.rss[0])
    q = p + len(STRUCTURES[structure])
    fit_ml, fit_reml, shares = _criteria(sample, at, found.value, method, q)
    I2 = _heterogeneity(at, starts)
    psi = found.psi[[0, 1, 1, 2]].reshape(2, 2)
    tau2_ci, rho_ci = _psi_intervals(found, structure, level)
    names = tuple(
        o if _plain(designs) else f"{o}: {name}"
        for o, d in zip(OUTCOMES, designs, strict=True) for name in d.names
    )  # fmt: skip
    return AccuracyResult(
        beta=beta, se=se, stat=stat, pval=two_sided(stat, None), ci_lb=beta - half,
        ci_ub=beta + half, vb=vb, coef_names=names, psi=psi, tau2=np.diag(psi).copy(),
        rho=found.rho, tau2_ci=tau2_ci, rho_ci=rho_ci, singular=found.singular, fallback=None,
        I2=I2[0], I2_sens=I2[1], I2_fpr=I2[2], QE=QE,
        QEp=float(chi2_tail(QE, sample.n - p)), QM=QM, QMp=QMp, k=rows.k, n_outcomes=sample.n,
        p=p, m=len(tested), fit_ml=fit_ml, fit_reml=fit_reml, loglik_shares=shares, method=method,
        structure=structure, nodes=nodes, level=level, iterations=found.iterations,
        maxima=found.maxima, rows=rows, X=X, left_out=rows.left_out,
        notes=(*rows.notes, *_notes(rows, found, method, nodes)), designs=designs,
        estimate=found, moderators=dict(moderators), call=call,
    )  # fmt: skip


def _criteria(
    s: BivariateSample, at: Likelihood, exact: float, method: str, q: int
) -> tuple[FitStats, FitStats | None, float]:
    """Criteria of ML and REML, and the log-likelihood of the shares (see `AccuracyResult`)."""
    if method == "exact":
        return fit_stats(exact, q, s.n), None, float("nan")
    ml, reml = float(at.ml[1]), float(at.reml[1])
    # density of the shares: derivative of the logit, 1 / (p (1 - p))
    eta = np.abs(s.y[s.on])
    jacobian = float((eta + 2 * np.log1p(np.exp(-eta))).sum())
    shares = jacobian + (reml - 0.5 * s.logdet_X if method == "REML" else ml)
    return fit_stats(ml, q, s.n), fit_stats(reml, q, s.n - s.p), shares


def _heterogeneity(at: Likelihood, intercepts: list[int]) -> tuple[float, float, float]:
    """I2 from how much wider heterogeneity makes the covariance of the coefficients.

    Jackson, White & Riley 2012: R = (|V_random| / |V_fixed|)^(1/(2p)), I2 = (R^2 - 1) / R^2; for one
    outcome the same with its own block.
    """
    fixed, random = at.vb
    p = len(fixed)
    half = intercepts[1] if len(intercepts) > 1 else p // 2
    out = []
    for block in (slice(0, p), slice(0, half), slice(half, p)):
        size = fixed[block, block].shape[0]
        ratio = np.linalg.slogdet(random[block, block])[1] - np.linalg.slogdet(fixed[block, block])[1]
        out.append(float(100 * max(0.0, 1 - np.exp(-ratio / size))))
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


def _notes(rows: AccuracyData, found: CovarianceFit, method: str, nodes: int) -> list[str]:
    notes = []
    if method == "exact" and nodes == 1:
        notes.append("the likelihood is Laplace's approximation; nodes=15 integrates more precisely")
    if found.maxima > 1:
        notes.append(f"the likelihood has {found.maxima} maxima; the highest is reported")
    both = int(rows.on.all(0).sum())
    if both < FEW:
        notes.append(
            f"{both} {'study has' if both == 1 else 'studies have'} both shares: the five "
            "parameters of the model are hardly known, and intervals are too narrow"
        )
    if found.singular and found.rho is None:
        zero = [
            name for name, x in zip(("sensitivities", "specificities"), found.psi[[0, 2]], strict=True)
            if x == 0
        ]  # fmt: skip
        notes.append(
            f"the variance between studies of {' and of '.join(zero)} is estimated as 0: they "
            "differ no more than by chance, and there is no correlation to estimate"
        )
    elif found.singular and found.rho is not None:
        notes.append(
            f"the correlation of the logits of sensitivity and false-positive rate is estimated as "
            f"{found.rho:g}, the edge of its range: the data do not tell it"
        )
    return notes


def _with_fallback(result: AccuracyResult) -> AccuracyResult:
    """Add the two univariate models, which do not need the correlation (Takwoingi et al. 2017)."""
    simple = fit_rows(
        result.rows, result.designs, method=result.method, structure="DIAG", nodes=result.nodes,
        level=result.level, moderators=result.moderators, call=result.call | {"structure": "DIAG"},
    )  # fmt: skip
    notes = result.notes
    if result.intercept_only:
        sens, spec = (
            f"{name} {x[0]:.4f} ({x[1]:.4f} to {x[2]:.4f})"
            for name, x in (("sensitivity", simple.sens), ("specificity", simple.spec))
        )
        notes = (*notes, f"two univariate models (correlation 0, `fallback`) give {sens}, {spec}")
    return replace(result, fallback=simple, notes=notes)

"""Comparing two or more tests: are sensitivity and specificity the same?

All rows are one model: each test has its own mean logits, and studies that report several tests
compare them within themselves (Takwoingi, Leeflang & Deeks 2013, Ann Intern Med 158:544; Takwoingi
et al. 2015). The tables of two tests in the same people do not tell how their results agree;
sampling errors are taken as independent unless `within_rho` says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.accuracy.accuracy_data import accuracy_of
from review.stats.accuracy.diagnostic_meta import (
    demand_counts,
    fit_rows,
    read_blocks,
    read_designs,
)
from review.stats.accuracy.joint_tests import COVARIANCES, JointTests, choose_covariance
from review.stats.accuracy.study_blocks import study_blocks
from review.stats.accuracy.summary_point import SummaryPoints, expit, summary_points
from review.stats.effects.argument_columns import look_up
from review.stats.ground.arguments import real
from review.stats.ground.inference import check_level, chi2_tail, critical_value, two_sided, wald
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_rows import choose
from review.words import p_value

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.accuracy.accuracy_data import AccuracyData
    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.least_squares import FloatArray

METHODS = ("REML", "ML", "exact")
Test = tuple[float, int, float]  # statistic, degrees of freedom, p-value


@dataclass(frozen=True, eq=False)
class AccuracyComparison(Record):
    """Several tests in one model.

    Attributes:
        tests: their names. reference: the one that the others are compared with.
        beta: logits of sensitivity of each test, then of false-positive rate, (2 T,). vb: (2 T, 2
            T).
        points: summary point of each test.
        sens_difference, spec_difference: each test minus the reference with confidence limits
            (delta method), (T, 3), 0 for the reference itself. sens_pval, spec_pval: of the
            differences of the logits, (T,).
        wald: tests that all sensitivities ("sens"), all specificities ("spec") or both are equal.
        lr: the same by the likelihood ratio (maximum likelihood).
        covariance: which random effects the tests share. components: their covariances.
        k: studies. n_rows: rows. paired: studies with several tests.
        rows_of: rows of each test.
        loglik: of the model. maxima: different maxima that were found.
        method, within_rho, level: as given. left_out, notes: of the rows, and choices.
    """

    tests: tuple[str, ...]
    reference: str
    beta: FloatArray
    vb: FloatArray
    points: SummaryPoints
    sens_difference: FloatArray
    spec_difference: FloatArray
    sens_pval: FloatArray
    spec_pval: FloatArray
    wald: dict[str, Test]
    lr: dict[str, Test]
    covariance: str
    components: dict[str, FloatArray]
    k: int
    n_rows: int
    paired: int
    rows_of: tuple[int, ...]
    loglik: float
    maxima: int
    method: str
    within_rho: float
    level: float
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {"rows": list(self.rows_of)} | self.points.columns()
        for name in ("sens", "spec"):
            d = getattr(self, f"{name}_difference")
            out |= {
                f"{name}_difference": d[:, 0],
                f"{name}_difference_ci_lb": d[:, 1],
                f"{name}_difference_ci_ub": d[:, 2],
                f"{name}_pval": getattr(self, f"{name}_pval"),
            }
        return out

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "test", self.tests

    @property
    def title(self) -> str:
        """First line of the summary."""
        return (
            f"Comparison of {len(self.tests)} tests: {self.n_rows} rows of {self.k} studies, "
            f"{self.paired} of which report several; {self.method}; covariance {self.covariance}; "
            f"reference {self.reference}"
        )

    def summary(self) -> str:
        """Return title, the shares of each test, their differences, tests and notes as text."""
        frame = self.to_frame()
        shares = [c for c in map(str, frame.columns) if c.split("_")[0] in ("rows", "sens", "spec")]
        first = [c for c in shares if "difference" not in c and "pval" not in c and "_pi_" not in c]
        second = [c for c in shares if "difference" in c or "pval" in c]
        tables = [
            frame[columns].to_string(float_format=lambda x: f"{x:.4f}")
            for columns in (first, second)
        ]
        return "\n".join([self.title, "", tables[0], "", tables[1], "", *self.footer()])

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        words = {"sens": "equal sensitivities", "spec": "equal specificities", "both": "both"}
        lines = []
        for name, text in words.items():
            (w, df, p), (g, _, q) = self.wald[name], self.lr[name]
            lines.append(
                f"{text}: Wald chi2({df}) = {w:.4f}, {p_value(p)}; likelihood ratio chi2({df}) = "
                f"{g:.4f}, {p_value(q)}"
            )
        return [*lines, *(f"left out: {row}" for row in self.left_out), *self.notes]


def compare_tests(
    tp: Any = None,
    fn: Any = None,
    fp: Any = None,
    tn: Any = None,
    *,
    test: Any,
    study: Any = None,
    data: Any = None,
    method: str = "REML",
    covariance: str | None = None,
    reference: str | None = None,
    within_rho: float = 0.0,
    level: float = 95,
    **options: Any,
) -> AccuracyComparison:
    """Compare the accuracy of two or more tests in one model.

    Args:
        tp: true positives per row (one test in one study), (k,), or the name of a column of `data`.
        fn: false negatives, the same way.
        fp: false positives.
        tn: true negatives.
        test: name of the test of each row.
        study: name of the study of each row; without it each row is a study of its own.
        data: a data frame or a mapping of columns.
        method: "REML", "ML" or "exact" (Laplace's approximation).
        covariance: which random effects tests share. With several rows per study: "nested"
            (default: effects of the study, and of each test in it), "unstructured" (all effects of
            a study correlated, up to 3 tests) or "shared" (of the study alone). Else: "shared"
            (default: one covariance for all tests) or "separate" (one for each).
        reference: the test that others are compared with; by default the first.
        within_rho: correlation of the sampling errors of two tests in the same people, -1 to 1,
            for the same outcome; not for "exact".
        level: of the intervals, per cent.
        options: of `diagnostic_meta`: slab, add, to, sens, spec, n_pos, n_neg, ...

    Raises:
        InputError, UnknownNameError: arguments that do not fit.
        StatsError: fewer than two tests, or too few rows of one.

    Example:
        >>> tp, fn, fp, tn = [20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50]
        >>> found = compare_tests(tp, fn, fp, tn, test=["A", "A", "B", "B"])
        >>> found.tests, found.covariance
        (('A', 'B'), 'shared')
    """
    method = choose("method", method, METHODS)
    level = 100 * check_level(level)
    given = None if covariance is None else choose("covariance", covariance, COVARIANCES)
    within_rho = real("within_rho", within_rho, least=-1, most=1, open_ends=True)
    if within_rho and method == "exact":
        raise InputError("within_rho is about sampling errors of logits, which 'exact' has not")
    rows = accuracy_of(tp, fn, fp, tn, {"data": data, "level": level, **options})
    if method == "exact":
        demand_counts(rows)
    names = _names("test", test, data, rows)
    tests = tuple(dict.fromkeys(names))
    code = np.array([tests.index(n) for n in names], dtype=np.intp)
    chosen = _reference(reference, tests)
    _check_tests(rows, code, tests, method)
    blocks = read_blocks(study, data, rows)
    paired = sum(len(set(code[blocks.block == c].tolist())) > 1 for c in range(blocks.C))
    kind = choose_covariance(given, several=not blocks.single, paired=paired > 0, T=len(tests))
    model = JointTests(
        rows, code, len(tests), blocks, "shared" if kind == "separate" else kind,
        method == "exact", within_rho,
    )  # fmt: skip
    beta, vb, psis, components, loglik, maxima = _estimate(model, kind, method, level)
    lr = _likelihood_ratios(model, kind, method)
    notes = [*rows.notes, *([rows.correction] if rows.correction and method != "exact" else [])]
    notes += _notes(model, kind, paired, within_rho)
    T = len(tests)
    points = [
        summary_points(beta[[t, T + t]][None], vb[np.ix_([t, T + t], [t, T + t])][None], psis[t],
                       level, (tests[t],))
        for t in range(T)
    ]  # fmt: skip
    ref = tests.index(chosen)
    return AccuracyComparison(
        tests, chosen, beta, vb, _stack(points), *_differences(beta, vb, ref, level),
        _wald(beta, vb), lr, kind, components, blocks.C, rows.k, paired,
        tuple(int((code == t).sum()) for t in range(T)), loglik, maxima, method, within_rho, level,
        rows.left_out, tuple(notes),
    )  # fmt: skip


def _names(what: str, given: Any, data: Any, rows: AccuracyData) -> list[str]:
    column = np.asarray(look_up(what, given, data), dtype=object).ravel()
    size = int(max(rows.ids.max(), *(r.row - 1 for r in rows.left_out), 0)) + 1
    if len(column) != size:
        raise InputError(f"{what} has {len(column)} values for {size} rows")
    names = ["" if x is None or x != x else str(x).strip() for x in column[rows.ids].tolist()]  # noqa: PLR0124  NaN
    blank = [str(rows.ids[i] + 1) for i, name in enumerate(names) if not name]
    if blank:
        raise StatsError(f"no {what} is named in row {', '.join(blank[:5])}")
    return names


def _reference(given: str | None, tests: tuple[str, ...]) -> str:
    if len(tests) < 2:
        raise StatsError(f"a comparison needs two tests; all rows are about {tests[0]!r}")
    if given is not None and given not in tests:
        raise UnknownNameError("test", given, tests)
    return tests[0] if given is None else given


def _check_tests(
    rows: AccuracyData, code: npt.NDArray[np.intp], tests: tuple[str, ...], method: str
) -> None:
    on = rows.counted if method == "exact" else rows.on
    for t, name in enumerate(tests):
        for j, outcome in enumerate(("sensitivity", "specificity")):
            n = int(on[j, code == t].sum())
            if n < 2:
                raise StatsError(
                    f"{name!r} has {n} {'row' if n == 1 else 'rows'} with a {outcome}; a "
                    "comparison needs 2 or more of each test"
                )


def _estimate(
    model: JointTests, kind: str, method: str, level: float
) -> tuple[FloatArray, FloatArray, list[FloatArray], dict[str, FloatArray], float, int]:
    """Coefficients, covariances between studies per test and by component, log-likelihood."""
    T = model.T
    if kind != "separate":
        fit = model.fit(model.cell_means(), restricted=method == "REML")
        names = [c.name for c in model.effects().components]
        components = dict(zip(names, fit.matrices, strict=True))
        psis = [model.psi(fit, t) for t in range(T)]
        return fit.beta, fit.vb, psis, components, fit.value, fit.maxima
    fits = [_alone(model, t, method, level) for t in range(T)]
    beta, vb = np.empty(2 * T), np.zeros((2 * T, 2 * T))
    for t, one in enumerate(fits):
        beta[[t, T + t]] = one.beta
        vb[np.ix_([t, T + t], [t, T + t])] = one.vb
    components = {f"test {t + 1}": one.psi for t, one in enumerate(fits)}
    loglik = sum(one.loglik for one in fits)
    return beta, vb, [one.psi for one in fits], components, loglik, max(o.maxima for o in fits)


def _alone(model: JointTests, t: int, method: str, level: float) -> AccuracyResult:
    keep = model.code == t
    rows, designs, _ = read_designs(model.rows.take(keep), None, None)
    blocks = study_blocks([model.blocks.names[b] for b in model.blocks.block[keep]], rows.k)
    return fit_rows(
        rows, designs, blocks, method=method, structure="UN", nodes=1, level=level, moderators={},
        call={},
    )  # fmt: skip


def _likelihood_ratios(model: JointTests, kind: str, method: str) -> dict[str, Test]:
    """Likelihood-ratio tests by maximum likelihood, with one covariance under both hypotheses."""
    if kind == "separate" and method == "exact":
        kind = "shared"
    X, T = model.cell_means(), model.T
    full = model.fit(X, restricted=False).value
    common = [X[..., :T].sum(-1, keepdims=True), X[..., T:].sum(-1, keepdims=True)]
    designs = {
        "sens": np.concatenate([common[0], X[..., T:]], -1),
        "spec": np.concatenate([X[..., :T], common[1]], -1),
        "both": np.concatenate(common, -1),
    }
    out = {}
    for name, design in designs.items():
        df = (T - 1) * (2 if name == "both" else 1)
        # a fall below 0 is rounding: the smaller model is part of the larger one
        statistic = max(0.0, 2 * (full - model.fit(design, restricted=False).value))
        out[name] = (statistic, df, float(chi2_tail(statistic, df)))
    return out


def _wald(beta: FloatArray, vb: FloatArray) -> dict[str, Test]:
    T = len(beta) // 2
    contrast = np.hstack([-np.ones((T - 1, 1)), np.eye(T - 1)])
    zero = np.zeros_like(contrast)
    matrices = {"sens": np.hstack([contrast, zero]), "spec": np.hstack([zero, contrast])}
    matrices["both"] = np.vstack(list(matrices.values()))
    out = {}
    for name, L in matrices.items():
        statistic, p = wald(L @ beta, L @ vb @ L.T, None)
        out[name] = (float(statistic), len(L), float(p))
    return out


def _differences(
    beta: FloatArray, vb: FloatArray, ref: int, level: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Differences of shares with limits, and p-values of the differences of logits."""
    T = len(beta) // 2
    z = float(critical_value(level, None))
    shares = expit(beta)
    slopes = shares * (1 - shares)
    limits, pvals = [], []
    for first, sign in ((0, 1.0), (T, -1.0)):
        rows, p = np.zeros((T, 3)), np.full(T, np.nan)
        for t in range(T):
            if t == ref:
                continue
            pair = [first + t, first + ref]
            V = vb[np.ix_(pair, pair)]
            g = slopes[pair] * np.array([1.0, -1.0])
            d = sign * (shares[pair[0]] - shares[pair[1]])
            half = z * float(np.sqrt(g @ V @ g))
            rows[t] = d, d - half, d + half
            se = float(np.sqrt(V[0, 0] + V[1, 1] - 2 * V[0, 1]))
            p[t] = float(two_sided(np.asarray((beta[pair[0]] - beta[pair[1]]) / se), None))
        limits.append(rows)
        pvals.append(p)
    return limits[0], limits[1], pvals[0], pvals[1]


def _stack(points: list[SummaryPoints]) -> SummaryPoints:
    """One table of several points."""
    arrays = {
        name: np.concatenate([getattr(p, name) for p in points])
        for name in (
            "logits", "vb", "sens", "spec", "fpr", "lr_pos", "lr_neg", "dor", "sens_pi", "spec_pi"
        )
    }  # fmt: skip
    names = tuple(p.names[0] for p in points)
    return SummaryPoints(names=names, level=points[0].level, **arrays)


def _notes(model: JointTests, kind: str, paired: int, within_rho: float) -> list[str]:
    notes = []
    if paired:
        notes.append(
            f"{paired} of {model.blocks.C} studies report several tests and compare them directly; "
            "sampling errors of tests in the same people are "
            + (f"correlated by {within_rho:g} (assumed)" if within_rho else "taken as independent")
        )
    else:
        notes.append(
            "no study reports two of the tests: the comparison is between studies, which may "
            "differ in more than the test"
        )
    if kind == "shared" and not paired:
        notes.append("all tests share one covariance between studies")
    if kind == "separate":
        notes.append(
            "each test has its own covariance between studies; the likelihood ratios are those of "
            "a model with one"
        )
    return notes

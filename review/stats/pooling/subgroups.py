"""Subgroup analysis: one model per subgroup, and a test for differences between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.effects.argument_columns import look_up
from review.stats.ground.column_kinds import category_name, look_alike_note
from review.stats.ground.design_matrix import Design, intercept_design
from review.stats.ground.guard import guarded
from review.stats.ground.inference import TESTS, chi2_tail
from review.stats.ground.model_formula import INTERCEPT
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_analysis import fit, meta_analysis
from review.stats.pooling.meta_rows import Inputs, choose
from review.stats.pooling.refitting import per_study
from review.stats.pooling.small_sample import of_groups
from review.words import statistic_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]

TAU2 = ("separate", "pooled")


@dataclass(frozen=True, eq=False)
class SubgroupResult(Record):
    """Models of the subgroups and the test for differences.

    Attributes:
        by: name of the grouping, or "".
        names: of the subgroups.
        results: one `MetaResult` per subgroup.
        overall: the model of all studies without subgroups.
        QM, QM_df, QMp: test for differences between subgroups; F when the second of QM_df is a
            number, else chi-squared. None with a single subgroup.
        Q_within: sum of the heterogeneity statistics within subgroups, with Q_within_df, Q_withinp.
        tau2_mode: "separate" or "pooled".
        tau2: the pooled value, or None.
        R2: per cent of tau2 explained by the subgroups (pooled), or None.
        notes: remarks, such as subgroups of one study.
    """

    by: str
    names: tuple[str, ...]
    results: tuple[MetaResult, ...]
    overall: MetaResult
    QM: float | None
    QM_df: tuple[int, int | None]
    QMp: float | None
    Q_within: float
    Q_within_df: int
    Q_withinp: float
    tau2_mode: str
    tau2: float | None
    R2: float | None
    notes: tuple[str, ...] = ()

    @property
    def fits(self) -> dict[str, MetaResult]:
        """The models by subgroup."""
        return dict(zip(self.names, self.results, strict=True))

    def __getitem__(self, name: str) -> MetaResult:
        if name not in self.names:
            raise UnknownNameError("subgroup", str(name), self.names)
        return self.results[self.names.index(name)]

    @property
    def title(self) -> str:
        """First line of the summary."""
        by = f" by {self.by}" if self.by else ""
        return f"Subgroups{by} ({self.overall.method}, {self.tau2_mode} tau2, k = {self.overall.k})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "subgroup", self.names

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        first = ("beta", "se", "pval", "ci_lb", "ci_ub")
        out: dict[str, Any] = {"k": [r.k for r in self.results]}
        names = ("estimate", *first[1:])
        out |= {
            n: [float(getattr(r, f)[0]) for r in self.results]
            for n, f in zip(names, first, strict=True)
        }
        for limit in ("pi_lb", "pi_ub"):
            values = [getattr(r, limit) for r in self.results]
            out[limit] = [np.nan if value is None else value for value in values]
        return out | {n: [getattr(r, n) for r in self.results] for n in ("tau2", "I2", "QE", "QEp")}

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        within = statistic_text(f"Q({self.Q_within_df})", self.Q_within, self.Q_withinp)
        return [self.test_text(), f"Heterogeneity within subgroups: {within}", *self.notes]

    def test_text(self) -> str:
        """Return the test for differences in one line."""
        if self.QM is None or self.QMp is None:
            return "Test for subgroup differences: not possible with one subgroup"
        df1, df2 = self.QM_df
        name = f"Q({df1})" if df2 is None else f"F({df1}, {df2})"
        return f"Test for subgroup differences: {statistic_text(name, self.QM, self.QMp)}"


@guarded
def subgroup_analysis(
    yi: Any,
    vi: Any = None,
    by: Any = None,
    *,
    data: Any = None,
    tau2: str = "separate",
    method: str = "REML",
    test: str | None = None,
    **options: Any,
) -> SubgroupResult:
    """Fit the subgroups of a set of studies and test whether they differ.

    With separate tau2 the subgroup means are compared by their weighted sum of squares, with
    weights 1/se^2, on G - 1 degrees of freedom (Borenstein et al. 2009, ch. 19). With pooled tau2
    all studies are fitted by one meta-regression on the subgroups, whose omnibus test (F for t-type
    tests) compares them; the subgroups' own models then use its tau2.

    Args:
        yi: effects, as in `meta_analysis`.
        vi: sampling variances, as in `meta_analysis`.
        by: subgroup of each study: one value per row, or a column name of `data`.
        data: data frame or mapping in which names are looked up.
        tau2: "separate" for each subgroup, or "pooled".
        method: estimator of tau2.
        test: kind of tests and intervals.
        **options: other arguments of `meta_analysis`.

    Returns:
        Subgroups in order of appearance (of a categorical: in its order). A subgroup of one study
        has that study's effect and variance; with separate tau2 its heterogeneity is unknown, and
        a note says so.

    Raises:
        InputError: `by` is missing, has the wrong length or gaps.
        StatsError: pooled tau2 cannot be estimated because every subgroup has one study.

    Example:
        >>> y, v = [0.1, 0.2, 0.9, 0.8], [0.04, 0.05, 0.05, 0.04]
        >>> found = subgroup_analysis(y, v, ["a", "a", "b", "b"], method="EE")
        >>> found.names, round(found.QM, 3)
        (('a', 'b'), 11.025)
    """
    mode = choose("tau2", tau2, TAU2)
    if by is None:
        raise InputError("by is missing: one subgroup per study, or the name of a column")
    if options.get("mods") is not None:
        raise InputError("subgroups and moderators cannot be combined; use meta_analysis(mods=...)")
    overall = meta_analysis(yi, vi, data=data, method=method, test=test, **options)
    values = [category_name(value) for value in per_study(overall, "by", by)]
    names = _names(overall, by, values)
    asked = None if test is None else choose("test", test, TESTS)
    at: dict[str, list[int]] = {name: [] for name in names}
    for i, value in enumerate(values):
        at[value].append(i)
    member = {name: np.array(rows, dtype=np.intp) for name, rows in at.items()}
    fixed, joint = None, None
    if mode == "pooled":
        joint = _regression(overall, member, asked)
        fixed = None if overall.equal_effects else joint.tau2
    if overall.tau2_fixed:
        fixed = overall.tau2
    results = tuple(_part(overall, rows, fixed, asked) for rows in member.values())
    QM, QM_df, QMp = _differences(results, joint)
    within, df = float(sum(r.QE for r in results)), overall.k - len(results)
    return SubgroupResult(
        by=by if isinstance(by, str) else str(getattr(by, "name", None) or ""),
        names=tuple(names), results=results, overall=overall, QM=QM, QM_df=QM_df,
        QMp=QMp, Q_within=within, Q_within_df=df, Q_withinp=float(chi2_tail(within, df)),
        tau2_mode=mode, tau2=fixed, R2=None if joint is None else joint.R2,
        notes=(*_notes(dict(zip(names, results, strict=True)), mode), *look_alike_note("", names)),
    )  # fmt: skip


def _names(overall: MetaResult, by: Any, values: list[str]) -> list[str]:
    """Distinct values: in the order of a categorical, else of appearance."""
    column = look_up("by", by, overall.call.get("data")) if isinstance(by, str) else by
    seen = list(dict.fromkeys(values))
    kind = getattr(column, "dtype", column)
    categories = getattr(kind, "categories", None)
    return (
        seen if categories is None else [t for c in categories if (t := category_name(c)) in seen]
    )


def _fit(
    overall: MetaResult,
    rows: NDArray[np.intp],
    design: Design,
    tau2: float | None,
    test: str | None,
) -> MetaResult:
    """Model of some of the studies, with the labels and settings of the whole."""
    weights, ni, names = overall.case_weights, overall.ni, overall.slab
    inputs = Inputs(
        yi=overall.yi[rows], vi=overall.vi[rows], ids=overall.ids[rows],
        weights=None if weights is None else weights[rows], ni=None if ni is None else ni[rows],
        slab=tuple(names[i] for i in rows), measure=overall.measure,
        transf=overall.transf, design=design, left_out=(),
    )  # fmt: skip
    call = overall.call | {
        "yi": inputs.yi, "vi": inputs.vi, "sei": None, "mods": None, "data": None, "test": test,
        "weights": inputs.weights, "tau2": tau2, "slab": inputs.slab, "ni": inputs.ni,
    }  # fmt: skip
    if not design.intercept_only:
        call["mods"] = design.X[:, 1:]
    return fit(inputs, method=overall.method, test=test, level=overall.level, fixed=tau2, call=call)


def _part(
    overall: MetaResult, rows: NDArray[np.intp], tau2: float | None, test: str | None
) -> MetaResult:
    """Model of one subgroup."""
    return _fit(overall, rows, intercept_design(len(rows)), tau2, test)


def _regression(
    overall: MetaResult, members: dict[str, NDArray[np.intp]], test: str | None
) -> MetaResult:
    """Meta-regression on the subgroups, the first one being the reference."""
    fixed = overall.tau2 if overall.tau2_fixed else None
    if overall.k <= len(members) and fixed is None and not overall.equal_effects:
        raise StatsError(
            f"a pooled tau2 needs more studies ({overall.k}) than subgroups ({len(members)})"
        )
    X = np.zeros((overall.k, len(members)))
    X[:, 0] = 1
    for j, rows in enumerate(list(members.values())[1:], 1):
        X[rows, j] = 1
    names = (INTERCEPT, *list(members)[1:])
    design = Design(X, names, intercept=True)
    return _fit(overall, np.arange(overall.k), design, fixed, test)


def _differences(
    results: tuple[MetaResult, ...], joint: MetaResult | None
) -> tuple[float | None, tuple[int, int | None], float | None]:
    """Test for differences between subgroups."""
    df = len(results) - 1
    if df == 0:
        return None, (0, None), None
    if joint is not None:
        return joint.QM, joint.QM_df, joint.QMp
    means = np.array([float(r.beta[0]) for r in results])
    w = np.array([float(r.se[0]) ** -2 for r in results])
    Q = float((w * (means - np.average(means, weights=w)) ** 2).sum())
    return Q, (df, None), float(chi2_tail(Q, df))


def _notes(results: dict[str, MetaResult], mode: str) -> tuple[str, ...]:
    notes = []
    single = [name for name, r in results.items() if r.k == 1]
    if len(results) == 1:
        notes.append("there is one subgroup, so there is nothing to compare")
    if single and mode == "separate" and not next(iter(results.values())).equal_effects:
        notes.append(
            f"one study in {', '.join(single)}: the heterogeneity there is unknown and taken as 0"
        )
    return (*notes, *of_groups({name: r for name, r in results.items() if r.k > 1}))

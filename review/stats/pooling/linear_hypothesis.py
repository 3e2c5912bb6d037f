"""Tests of linear combinations of coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.errors import InputError, UnknownNameError
from review.stats.ground.arguments import LARGEST
from review.stats.ground.basis import basis
from review.stats.ground.design_matrix import RANK_TOL
from review.stats.ground.guard import guarded
from review.stats.ground.inference import critical_value, two_sided, wald
from review.stats.ground.result_kit import Record
from review.stats.multilevel.mv_result import MVResult
from review.stats.pooling.meta_result import MetaResult
from review.stats.pooling.robust import RobustResult, robust_wald
from review.words import statistic_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Model = MetaResult | MVResult | RobustResult


@dataclass(frozen=True, eq=False)
class LinearHypothesisResult(Record):
    """Tests of linear combinations of coefficients, arrays of shape (q,).

    Attributes:
        X: the combinations, (q, p). rhs: their values under the hypotheses.
        Xb: estimates of the combinations. se, stat, pval, ci_lb, ci_ub: of Xb - rhs (limits: Xb).
        df: degrees of freedom of the t tests; inf for normal tests.
        QM, QM_df, QMp: joint test of all rows; F when the second of QM_df is a number, else
            chi-squared; QM is None when the rows depend on each other.
        hypotheses: the rows in words.
        level: in per cent.
        notes: remarks.
    """

    GAPS: ClassVar = {"df": "infinite: normal tests"}

    X: Floats
    rhs: Floats
    Xb: Floats
    se: Floats
    stat: Floats
    df: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    QM: float | None
    QM_df: tuple[float, float | None]
    QMp: float | None
    hypotheses: tuple[str, ...]
    level: float
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return "Linear hypotheses"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "hypothesis", self.hypotheses

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("Xb", "se", "stat", "df", "pval", "ci_lb", "ci_ub")
        return {name: getattr(self, name) for name in names}

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        if self.QM is None or self.QMp is None or np.isnan(self.QM):
            return list(self.notes)
        df1, df2 = self.QM_df
        name = f"chi2({df1:g})" if df2 is None else f"F({df1:g}, {df2:g})"
        return [f"Joint test: {statistic_text(name, self.QM, self.QMp)}", *self.notes]


@guarded
def linear_hypothesis(result: Model, X: Any, *, rhs: Any = 0.0) -> LinearHypothesisResult:
    """Test linear combinations of the coefficients, one by one and together.

    Args:
        result: a meta-regression, multilevel or not, or its cluster-robust version (joint test:
            approximate Hotelling).
        X: one row (p,) or several (q, p) of multipliers of the coefficients; a mapping from
            coefficient names to multipliers (or a list of mappings); or a list of coefficient
            names, each to be tested against `rhs`.
        rhs: values under the hypotheses, one number or (q,).

    Returns:
        z tests and a chi-squared test for test "z", otherwise t tests and an F test.

    Raises:
        InputError: shapes or names do not fit.

    Example:
        >>> from review import meta_analysis
        >>> y, v = [0.1, 0.9, 0.4, 0.3, 0.7], [0.04, 0.09, 0.05, 0.05, 0.08]
        >>> fit = meta_analysis(y, v, [1, 5, 2, 2, 3], test="z")
        >>> linear_hypothesis(fit, [1, 3]).Xb.round(4)
        array([0.5591])
    """
    if not isinstance(result, Model):
        raise InputError(
            "linear_hypothesis needs the result of meta_analysis(), meta_analysis_mv() or "
            f"cluster_robust(), not {type(result).__name__}"
        )
    rows = hypothesis_rows(result.coef_names, X)
    values = hypothesis_values(rhs, len(rows))
    Xb, var = result.inside.at(rows)
    se = np.sqrt(var)
    inside = result.inside.basis.coordinates(rows)
    df = _df(result, rows, inside)
    stat = (Xb - values) / se
    half = critical_value(result.level, df) * se
    QM, QM_df, QMp, notes = _joint(result, rows, inside, values)
    return LinearHypothesisResult(
        X=rows, rhs=values, Xb=Xb, se=se, stat=stat, df=df, pval=two_sided(stat, df),
        ci_lb=Xb - half, ci_ub=Xb + half, QM=QM, QM_df=QM_df, QMp=QMp,
        hypotheses=hypothesis_words(rows, values, result.coef_names),
        level=result.level, notes=notes,
    )  # fmt: skip


def hypothesis_rows(names: tuple[str, ...], X: Any) -> Floats:
    """Return multipliers of the coefficients, (q, p), in any of the forms of `linear_hypothesis`.

    Raises:
        InputError: shapes or names do not fit.
    """
    p = len(names)
    if isinstance(X, str | dict):
        X = [X]
    if isinstance(X, list | tuple) and X and all(isinstance(row, str | dict) for row in X):
        rows = np.zeros((len(X), p))
        for i, row in enumerate(X):
            for name, factor in ({row: 1.0} if isinstance(row, str) else row).items():
                if name not in names:
                    raise UnknownNameError("coefficient", name, names)
                rows[i, names.index(name)] = factor
    else:
        try:
            rows = np.atleast_2d(np.asarray(X, dtype=float))
        except (TypeError, ValueError, OverflowError):
            raise InputError("X must hold numbers, or names of coefficients") from None
    if rows.ndim != 2 or rows.shape[1] != p:
        raise InputError(
            f"X must have {p} columns, one per coefficient ({', '.join(names)}), not "
            f"{rows.shape[-1]}"
        )
    size = np.abs(rows)
    if not np.isfinite(rows).all() or (size.max(axis=1) == 0).any():
        raise InputError("every row of X must be finite and have a multiplier that is not 0")
    if (size > LARGEST).any() or (size[size > 0] < 1 / LARGEST).any():
        raise InputError("a multiplier of X is too large or too small to compute with")
    return rows


def hypothesis_values(rhs: Any, q: int) -> Floats:
    """Return the values under q hypotheses, (q,).

    Raises:
        InputError: they are not one number, or one for each.
    """
    try:
        values = np.asarray(rhs, dtype=float).reshape(-1)
    except (TypeError, ValueError, OverflowError):
        values = np.empty(0)
    if len(values) not in {1, q} or not np.isfinite(values).all():
        raise InputError(f"rhs must be one number or one for each of the {q} hypotheses")
    return np.broadcast_to(values, (q,)).copy()


def _df(result: Model, rows: Floats, inside: Floats) -> Floats:
    """Degrees of freedom of each test; `inside` are the rows in the basis of the design."""
    if isinstance(result, RobustResult):
        if result.test == "Satterthwaite":
            return np.array([result.meat.satterthwaite(row) for row in inside])
        return np.full(len(inside), result.df[0])
    if result.ddf is None:
        return np.full(len(inside), np.inf)
    # of the coefficients that take part, the one with the fewest
    return np.asarray(np.where(rows != 0, result.ddf, np.inf).min(axis=1))


def _joint(
    result: Model, rows: Floats, inside: Floats, values: Floats
) -> tuple[float | None, tuple[float, float | None], float | None, tuple[str, ...]]:
    """Joint test; `inside` are the rows in the basis of the design."""
    q = len(rows)
    # of nearly parallel rows in one form the other form is well apart
    if max(_rank(rows), _rank(inside)) < q:
        note = "the rows depend on each other, so there is no joint test"
        return None, (float(q), None), None, (note,)
    # the same hypothesis with orthonormal rows: C g = value becomes U'g = T'value
    span = basis(inside.T)
    difference = span.U.T @ result.inside.coef - span.to_x.T @ values
    if isinstance(result, RobustResult):
        return robust_wald(result.meat, result.test, span.U.T, difference)
    ddf = None if result.ddf is None else float(_df(result, rows, inside).min())
    QM, QMp = wald(difference, span.U.T @ result.inside.cov @ span.U, ddf)
    return float(QM), (float(q), ddf), float(QMp), ()


def _rank(rows: Floats) -> int:
    length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return int(np.linalg.matrix_rank(rows / length, tol=RANK_TOL))


def hypothesis_words(rows: Floats, values: Floats, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return hypotheses in words."""
    return tuple(_words(row, value, names) for row, value in zip(rows, values, strict=True))


def _words(row: Floats, value: float, names: tuple[str, ...]) -> str:
    """A hypothesis in words, such as `intercept + 33.5 ablat = 0`."""
    text = ""
    for factor, name in zip(row.tolist(), names, strict=True):
        if factor == 0:
            continue
        sign = ("-" if factor < 0 else "") if not text else (" - " if factor < 0 else " + ")
        text += f"{sign}{'' if abs(factor) == 1 else f'{abs(factor):g} '}{name}"
    return f"{text} = {value:g}"

"""Fit the model of a result again to other data, with all its settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import look_up
from review.stats.ground.column_kinds import is_missing
from review.stats.ground.enumeration import rows_per_chunk
from review.stats.ground.inference import CoefTests, coef_tests
from review.stats.pooling.batched_fit import fit_batch, relative_heterogeneity
from review.stats.pooling.meta_result import MetaResult
from review.stats.pooling.subset_fits import fit_subsets
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from review.stats.effects.row_account import LeftOut

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

SHOWN: Final = 5  # rows named in one message
EXACT: Final = 1e-28  # Knapp-Hartung factor at or below which the effects agree exactly


@dataclass(frozen=True, eq=False)
class Fits:
    """Refits, one per row; what a row cannot determine is NaN.

    Attributes:
        k, tau2, s2w, ddf, QE, I2, H2: (B,); see `BatchFit`.
        beta: (B, p). vb: (B, p, p).
        coef, cov: the same in the basis of the design.
    """

    k: Floats
    tau2: Floats
    beta: Floats
    vb: Floats
    coef: Floats
    cov: Floats
    s2w: Floats
    ddf: Floats
    QE: Floats
    I2: Floats
    H2: Floats

    def tests(self, level: float, *, intercept: bool) -> CoefTests:
        """Standard errors, tests and limits of the coefficients, (B, p), and omnibus tests."""
        return coef_tests(
            self.beta, self.vb, self.ddf, level, intercept=intercept, inside=(self.coef, self.cov)
        )

    def spread(self, where: NDArray[np.bool_]) -> Fits:
        """Move the rows to the true places of `where`, (B',); the other rows are NaN."""

        def move(values: Floats) -> Floats:
            out = np.full((len(where), *values.shape[1:]), np.nan)
            out[where] = values
            return out

        return Fits(**{f.name: move(getattr(self, f.name)) for f in fields(self)})


def refit(
    result: MetaResult,
    include: NDArray[np.bool_] | None = None,
    *,
    y: Floats | None = None,
    order: NDArray[np.int64] | None = None,
    test: str | None = None,
) -> Fits:
    """Fit the model of `result` to a batch of changed data sets.

    Args:
        result: the model: method, test, weights, moderators and a fixed tau2 are kept.
        include: which studies each row contains, (B, k).
        y: other effects, (B, k).
        order: study whose effect, variance and weight stands at each row of the design, (B, k).
        test: instead of that of the model; "z" where only estimates are wanted.
    """
    test = test or result.test
    yi, vi, w = (result.yi if y is None else y), result.vi, result.case_weights
    fixed = result.tau2 if result.tau2_fixed else None
    if order is None and y is None and include is not None and w is None and result.intercept_only:
        return _subsets(result, include, test, fixed)
    if order is not None:
        yi, vi, w = yi[order], vi[order], None if w is None else w[order]
    b = fit_batch(
        yi, vi, None if result.intercept_only else result.design.basis, include,
        method=result.method, test=test, weights=w, tau2=fixed, intercept=result.intercept,
    )  # fmt: skip
    whole = {f.name: getattr(b, f.name) for f in fields(Fits)}
    return Fits(**(whole | {"k": np.broadcast_to(b.k, b.tau2.shape)}))


def refit_rows(
    result: MetaResult, rows: NDArray[np.intp], members: Callable[[NDArray[np.intp]], Bools]
) -> Fits:
    """Fit subsets in chunks, so that memory stays bounded whatever the number of studies.

    Args:
        result: the model.
        rows: numbers that stand for the subsets, (B,).
        members: maps some of the rows (b,) to their members (b, k).
    """
    step = rows_per_chunk(result.k * result.p)
    parts = [
        refit(result, members(rows[start : start + step])) for start in range(0, len(rows), step)
    ]
    return Fits(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Fits)}
    )


def _subsets(result: MetaResult, include: Bools, test: str, fixed: float | None) -> Fits:
    """Fits of a model without moderators to subsets, by the short way."""
    scaled = test in {"knha", "adhoc"}
    f = fit_subsets(result.yi, result.vi, include, result.method, rss=scaled, tau2=fixed)
    df = f.k - 1
    some = np.maximum(df, 1)
    s2w, ddf = np.ones(len(df)), np.full(len(df), np.inf)
    if test != "z":
        ddf = np.where(df > 0, df, np.inf)
    if scaled:
        factor = f.rss / some
        least = 1.0 if test == "adhoc" else EXACT
        s2w = np.where((df > 0) & (factor > least), factor, 1.0)
    QE = np.where(df > 0, f.QE, 0.0)
    vt = some / np.where(df > 0, f.trace, 1.0)
    I2, H2 = relative_heterogeneity(result.method, f.tau2, vt, QE, df)
    beta, vb = f.mean[:, None], (f.M * s2w)[:, None, None]
    return Fits(
        k=f.k, tau2=f.tau2, beta=beta, vb=vb, coef=beta, cov=vb, s2w=s2w, ddf=ddf, QE=QE, I2=I2,
        H2=H2,
    )  # fmt: skip


def require(
    result: Any, what: str, *, least: int = 1, beyond: int = 0, intercept_only: bool = False
) -> None:
    """Check that `result` is a meta-analysis that `what` can be computed from.

    Args:
        result: what was given.
        what: named in the message.
        least: number of studies needed.
        beyond: number of studies needed beyond one per coefficient.
        intercept_only: whether moderators are refused.

    Raises:
        InputError: it is no result of `meta_analysis`.
        StatsError: it has too few studies, or moderators where none are allowed.
    """
    if not isinstance(result, MetaResult):
        raise InputError(f"{what} needs the result of meta_analysis(), not {type(result).__name__}")
    if intercept_only and not result.intercept_only:
        raise StatsError(
            f"{what} is defined for models without moderators; this one has "
            f"{', '.join(result.coef_names)}"
        )
    least = max(least, result.p + beyond)
    if result.k < least:
        raise StatsError(f"{what} needs at least {least} studies, and there are {result.k}")


class Fitted(Protocol):
    """Any fit whose rows can be told from those of its input."""

    @property
    def k(self) -> int:
        """Number of rows used."""

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Rows that were not."""

    @property
    def ids(self) -> NDArray[np.intp]:
        """Position of the rows used in the input."""

    @property
    def call(self) -> dict[str, Any]:
        """The arguments of the fit."""


def essential(result: MetaResult) -> NDArray[np.bool_]:
    """Tell which studies alone determine a coefficient: without them X loses its rank, (k,)."""
    if result.intercept_only:
        return np.full(result.k, result.k == 1)
    return np.asarray((result.design.basis.U**2).sum(1) > 1 - 1e-10)


def per_study(result: Fitted, name: str, value: Any, *, gaps: bool = False) -> NDArray[np.object_]:
    """Values of the studies used, (k,), from a column name, or one value per row of the input.

    Args:
        result: the model.
        name: of the argument, for messages.
        value: what was given.
        gaps: whether values may be missing.

    Raises:
        InputError: the length is wrong or a value is missing; the message names the rows.
    """
    n = result.k + len(result.left_out)
    called = result.call.get("data")
    if called is None and hasattr(result.call.get("yi"), "columns"):
        called = result.call["yi"]
    raw = look_up(name, value, called)
    raw = raw.tolist() if hasattr(raw, "tolist") else raw
    if not isinstance(raw, Iterable):
        raise InputError(f"{name} must be one value per study or the name of a column, not {raw!r}")
    raw = list(raw)
    if any(isinstance(value, list | dict | set | np.ndarray) for value in raw):
        raise InputError(f"{name} must be one value per study, not a table")
    if len(raw) not in {n, result.k}:
        k = f" (or {result.k}, one per study used)" if n != result.k else ""
        raise InputError(f"{name} has {len(raw)} values, but there are {n} rows{k}")
    ids = result.ids.tolist() if len(raw) == n else range(result.k)
    empty = [] if gaps else [i for i in ids if is_missing(raw[i])]
    if empty:
        rows = listed((i + 1 for i in empty), most=SHOWN, last="")
        raise InputError(f"{name} has no value in row {rows}")
    out = np.empty(result.k, dtype=object)
    out[:] = [raw[i] for i in ids]
    return out

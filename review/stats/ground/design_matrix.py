"""Moderators: from a formula, columns or a matrix to a design matrix that can be made again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.effects.argument_columns import column_names
from review.stats.ground.arguments import LARGEST
from review.stats.ground.basis import Basis, basis, intercept_basis
from review.stats.ground.column_kinds import check_kind, is_missing, look_alike_note
from review.stats.ground.model_formula import (
    INTERCEPT,
    formula_matrix,
    formula_rows,
    outside_factors,
    reference_levels,
    translate,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray

RANK_TOL: Final = 1e-10  # sine of the angle between a column and the span of the earlier ones


@dataclass(frozen=True, eq=False)
class Design:
    """A design matrix and how to make its rows for new values.

    Attributes:
        X: (k, p).
        names: of the p coefficients.
        intercept: whether the first column is an intercept.
        formula: as given, or "".
        spec: what formulaic needs to make new rows; None for a matrix.
        columns: columns of the data that the formula uses.
        references: the reference level of each factor, by the factor's name.
        notes: what deserves a look, such as words of a factor that look alike.
    """

    X: FloatArray
    names: tuple[str, ...]
    intercept: bool
    formula: str = ""
    spec: Any = field(default=None, repr=False)
    columns: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def intercept_only(self) -> bool:
        """Whether there are no moderators."""
        return self.intercept and len(self.names) == 1

    @cached_property
    def basis(self) -> Basis:
        """Orthonormal basis of X, in which everything is computed."""
        return intercept_basis(self.X) if self.intercept_only else basis(self.X)

    def rows(self, newmods: Any) -> FloatArray:
        """Return design rows (m, p) for new moderator values.

        Args:
            newmods: for a formula a data frame or mapping of its columns; or numbers for the
                columns of the design without the intercept: (m, p-1), (m,) when there is one such
                column, (p-1,) for one row. A mapping may also name the design's columns.

        Raises:
            InputError: the shape is wrong or values are missing.
            UnknownNameError: a column is missing.
        """
        named = isinstance(newmods, dict) or hasattr(newmods, "columns")
        rows = self._named_rows(newmods) if named else self._plain_rows(newmods)
        if not np.isfinite(rows).all():
            raise InputError("newmods must hold numbers without gaps")
        return rows

    def _plain_rows(self, newmods: Any) -> FloatArray:
        slopes = len(self.names) - int(self.intercept)
        if slopes == 0:
            raise InputError("the model has no moderators, so newmods has no meaning")
        try:
            values = np.asarray(newmods, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise InputError(
                f"newmods must hold numbers, one column per coefficient: {self._wanted()}"
            ) from None
        if values.ndim < 2:
            values = values.reshape(-1, 1) if slopes == 1 else values.reshape(1, -1)
        if values.ndim != 2 or values.shape[1] != slopes:
            raise InputError(
                f"newmods needs {slopes} columns ({self._wanted()}), not {values.shape[-1]}"
            )
        return self._with_intercept(values)

    def _with_intercept(self, values: FloatArray) -> FloatArray:
        return np.column_stack([np.ones(len(values)), values]) if self.intercept else values

    def _wanted(self) -> str:
        return ", ".join(self.names[int(self.intercept) :])

    def _named_rows(self, newmods: Any) -> FloatArray:
        given = column_names(newmods)
        wanted = self.columns if self.spec is not None else self.names[int(self.intercept) :]
        for name in wanted:
            if name not in given:
                raise UnknownNameError("column", name, given, where="for newmods")
        table = {name: np.atleast_1d(np.asarray(newmods[name])) for name in wanted}
        length = max((len(c) for c in table.values()), default=1)
        if any(len(c) not in (1, length) for c in table.values()):
            raise InputError("the columns of newmods must have the same length")
        table = {name: np.broadcast_to(c, (length,)) for name, c in table.items()}
        if self.spec is None:
            return self._with_intercept(
                np.column_stack([np.asarray(c, float) for c in table.values()])
            )
        return formula_rows(self.spec, table)


def intercept_design(k: int) -> Design:
    """Design of a model without moderators."""
    return Design(np.ones((k, 1)), (INTERCEPT,), intercept=True)


@dataclass(frozen=True, eq=False)
class Moderators:
    """What was given as `mods`, before rows are left out.

    Attributes:
        table: the columns used, each of length n.
        names: of the columns of `values` when they are numbers.
        formula: one-sided formula in formulaic's spelling; "" for numbers.
        written: the formula as given.
        intercept: whether an intercept is added to the numbers.
        numeric: columns that the formula uses outside factor(), which must be all of one kind.
    """

    table: dict[str, Any]
    formula: str = ""
    written: str = ""
    intercept: bool = True
    numeric: tuple[str, ...] = ()

    def missing(self, n: int) -> list[tuple[str, npt.NDArray[np.bool_]]]:
        """For every column used, which of the n rows have no value."""
        out = []
        for name, column in self.table.items():
            gaps = _gaps(column)
            if len(gaps) != n:
                raise InputError(
                    f"moderator {name!r} has {len(gaps)} rows, but there are {n} effects"
                )
            out.append((name, gaps))
        return out

    def build(self, keep: npt.NDArray[np.bool_]) -> Design:
        """Build the design matrix of the rows kept; factor levels without rows do not count."""
        if not self.table and not self.formula:
            return intercept_design(int(keep.sum()))
        if self.formula:
            return self._formula_design(keep)
        names = tuple(self.table)
        X = np.column_stack([np.asarray(c, dtype=np.float64)[keep] for c in self.table.values()])
        constant = [j for j in range(len(names)) if (X[:, j] == 1).all()]
        if constant:  # an intercept that is already there comes first and is not added again
            order = [constant[0], *(j for j in range(len(names)) if j != constant[0])]
            X, names = X[:, order], (INTERCEPT, *(names[j] for j in order[1:]))
        elif self.intercept:
            X, names = np.column_stack([np.ones(len(X)), X]), (INTERCEPT, *names)
        return _checked(Design(X, names, intercept=bool(constant) or self.intercept))

    def _formula_design(self, keep: npt.NDArray[np.bool_]) -> Design:
        X, names, spec = formula_matrix(self.formula, self.table, keep, self.written)
        if not names:
            raise InputError(f"the formula {self.written!r} leaves no coefficient to estimate")
        for name, column in zip(names, X.T, strict=True):
            if not np.isfinite(column).all():
                row = int(np.flatnonzero(keep)[np.flatnonzero(~np.isfinite(column))[0]]) + 1
                raise StatsError(f"moderator {name} has no finite value in row {row}")
        intercept = names[0] == INTERCEPT
        design = Design(
            X, names, intercept, self.written, spec, tuple(self.table),
            reference_levels(spec) if intercept else {}, self._suspicions(keep),
        )  # fmt: skip
        return _checked(design)

    def _suspicions(self, keep: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        """Words of factors that differ only in case or blanks, in the rows kept."""
        notes = []
        for name, column in self.table.items():
            values = np.asarray(column, dtype=object)[keep]
            notes += look_alike_note(name, values.tolist())
        return tuple(notes)

    def check_kinds(self, place: Callable[[int], str]) -> None:
        """Refuse columns outside factor() that mix numbers and words.

        Args:
            place: names the row at a position, for messages.
        """
        for name in self.numeric:
            column = self.table[name]
            dtype = getattr(column, "dtype", None)
            declared = dtype is not None and dtype.kind not in "OUT"
            if not declared and getattr(dtype, "categories", None) is None:
                check_kind(name, list(column), place)


def _kind(mods: Any) -> str:
    try:
        return np.asarray(mods).dtype.kind
    except ValueError:
        raise InputError(
            "mods must be one value per study, not lists of different length"
        ) from None


def read_moderators(mods: Any, data: Any, n: int, *, intercept: bool) -> Moderators:
    """Understand `mods`: None, a formula, column names, a data frame, or numbers (n,) or (n, q).

    Raises:
        InputError, UnknownNameError: it is none of these, or names what does not exist.
    """
    if mods is None:
        if not intercept:
            raise InputError("without an intercept the model needs moderators: pass mods=")
        return Moderators({})
    if isinstance(mods, str):
        return _read_formula(mods, data, intercept=intercept)
    if data is not None and _all_text(mods):
        formula = "~ " + " + ".join(f"`{m}`" for m in mods)
        return _read_formula(formula, data, intercept=intercept)
    if isinstance(mods, dict) or hasattr(mods, "columns"):
        names = column_names(mods)
        table = {name: mods[name] for name in names}
        if all(np.asarray(c).dtype.kind in "fiub" for c in table.values()):
            return Moderators(table, intercept=intercept)
        return _read_formula("~ " + " + ".join(f"`{m}`" for m in names), mods, intercept=intercept)
    if _kind(mods) in "OUb":  # a factor given as values
        if np.ndim(mods) != 1:
            raise InputError(
                "mods of words or mixed values must be one column; pass several as a data frame"
            )
        name = str(getattr(mods, "name", None) or "mod")
        return _read_formula(f"~ `{name}`", {name: mods}, intercept=intercept)
    try:
        X = np.asarray(mods, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            "mods must be a formula such as '~ year', names of columns, a data frame or numbers"
        ) from None
    X = X.reshape(-1, 1) if X.ndim == 1 else X
    if X.ndim != 2 or len(X) != n:
        raise InputError(f"mods must have one row per effect ({n}), not shape {X.shape}")
    single = getattr(mods, "name", None) or "mod"
    names = [str(single)] if X.shape[1] == 1 else [f"mod{j + 1}" for j in range(X.shape[1])]
    return Moderators(dict(zip(names, X.T, strict=True)), intercept=intercept)


def _all_text(mods: Any) -> bool:
    return isinstance(mods, list | tuple) and bool(mods) and all(isinstance(m, str) for m in mods)


def _read_formula(text: str, data: Any, *, intercept: bool) -> Moderators:
    left, tilde, right = text.rpartition("~")
    if tilde and left.strip():
        raise InputError(f"the formula {text!r} must have nothing to the left of '~'")
    if not right.strip():
        raise InputError(f"the formula {text!r} is empty; write for example '~ year'")
    if data is None:
        raise InputError(f"the formula {text!r} names columns, but no data was given (data=...)")
    names = column_names(data)
    formula, used = translate(right.strip(), names)
    if not intercept:
        formula += " - 1"
    return Moderators(
        {u: data[u] for u in used}, formula=formula, written=text, intercept=intercept,
        numeric=tuple(outside_factors(right.strip(), names)),
    )  # fmt: skip


def _gaps(column: Any) -> npt.NDArray[np.bool_]:
    values = np.asarray(column)
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values))
    if values.dtype.kind in "iub":
        return np.zeros(len(values), dtype=bool)
    return np.asarray([is_missing(x) for x in values.tolist()], dtype=bool)


def _checked(design: Design) -> Design:
    """Refuse columns that are combinations of earlier ones, and name them.

    Raises:
        StatsError: the design has more columns than rows, or is not of full rank.
    """
    k, p = design.X.shape
    if p > k:
        raise StatsError(
            f"{p} coefficients ({', '.join(design.names)}) cannot be estimated from {k} studies"
        )
    for name, column in zip(design.names, design.X.T, strict=True):
        # a value far below the largest of its column is as good as 0: it spoils nothing
        size = float(np.abs(column).max(initial=0.0))
        if not (size == 0 or 1 / LARGEST <= size <= LARGEST):  # NaN and infinity too
            raise StatsError(
                f"the moderator {name} has values that are infinite, too large or too small to "
                "compute with; check them, or express them in another unit"
            )
    length = np.sqrt((design.X**2).sum(0))
    R = np.asarray(np.linalg.qr(design.X / np.where(length > 0, length, 1.0), mode="r"))
    bad = [design.names[j] for j in range(p) if abs(R[j, j]) <= RANK_TOL or length[j] == 0]
    if bad:
        rest = [n for n in design.names if n not in bad]
        raise StatsError(
            f"moderators are linearly dependent: {', '.join(bad)} can be computed from "
            f"{', '.join(rest)} in the {k} studies used; leave out one of them"
        )
    return design

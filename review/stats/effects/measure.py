"""What a measure is: its inputs, its formula, its options and its back-transformation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from review.stats.ground.conventions import LATEST

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Columns = dict[str, FloatArray]
Estimate = tuple[FloatArray, FloatArray]

POLICIES = ("only0", "all", "if0all", "none")


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one call after the defaults of the measure are filled in.

    Attributes:
        add: constant for zero cells.
        to: which tables get it: only0, all, if0all or none.
        drop00: leave out tables without events, or with events only, in both groups.
        vtype: how the sampling variance is computed.
        convention: one of `review.stats.ground.conventions.CONVENTIONS`.
    """

    add: float = 0.5
    to: str = "only0"
    drop00: bool = False
    vtype: str = "LS"
    convention: str = LATEST


@dataclass(frozen=True, slots=True)
class Step:
    """A conversion: what is done, and where it comes from.

    Attributes:
        method: in words.
        source: literature with its year.
        approximate: whether the result depends on an assumption.
    """

    method: str
    source: str
    approximate: bool = False


Prepare = Callable[[Columns, Options, "Audit"], tuple[Columns, FloatArray]]
Formula = Callable[[Columns, Options], Estimate]


@dataclass(frozen=True, slots=True)
class Family:
    """Measures that share their inputs.

    Attributes:
        needs: the inputs in words, for messages.
        alternatives: each a set of columns that is enough.
        prepare: checks the columns, applies the zero-cell policy and returns the columns that
            the formulas use together with the total size of each study.
    """

    needs: str
    alternatives: tuple[tuple[str, ...], ...]
    prepare: Prepare
    extra: tuple[str, ...] = ()
    steps: Mapping[tuple[str, ...], Step] = field(default_factory=dict)
    counts: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """All columns the family knows, in the order of its alternatives."""
        names = [name for columns in self.alternatives for name in columns]
        return tuple(dict.fromkeys([*names, *self.extra]))


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect size or outcome measure.

    Attributes:
        code: the field's code, such as "SMD".
        label: its name in words.
        family: its inputs.
        formula: (columns, options) -> (yi, vi).
        vtypes: the variance types it knows, the first is the default.
        add: default constant for zero cells.
        transf: name of the back-transformation of a pooled value.
        largest: absolute value that no effect can exceed, though its estimate may.
    """

    code: str
    label: str
    family: Family
    formula: Formula
    vtypes: tuple[str, ...] = ("LS",)
    add: float = 0.5
    transf: str = "identity"
    largest: float | None = None


def table(*measures: Measure) -> dict[str, Measure]:
    """Index measures by their code."""
    return {m.code: m for m in measures}


def add_to_zero_cells(
    cells: tuple[FloatArray, ...], zero: BoolArray, options: Options, audit: Audit
) -> tuple[FloatArray, ...]:
    """Apply a zero-cell policy, and name the tables that it changes.

    Args:
        cells: arrays of counts, shape (k,) each.
        zero: True where a table has a zero cell.
        options: `add` and `to`; "only0" changes the tables in `zero`, "all" every table,
            "if0all" every table when any has a zero cell, "none" no table.
        audit: where the note goes.

    Returns:
        The counts with the constant added.
    """
    if options.to == "only0":
        changed = zero
    elif options.to == "all" or (options.to == "if0all" and np.any(zero)):
        changed = ~np.all(np.isnan(cells), axis=0)
    else:
        return cells
    if options.add > 0:
        audit.note(changed, f"continuity correction: {options.add:g} added to each cell")
    return tuple(cell + options.add * changed for cell in cells)


def weighted_mean(values: FloatArray, weights: FloatArray) -> float:
    """Mean of `values` weighted by `weights`, over the rows where both are known."""
    known = np.isfinite(values) & np.isfinite(weights)
    total = float(weights[known].sum())
    return float((values[known] * weights[known]).sum() / total) if total > 0 else np.nan

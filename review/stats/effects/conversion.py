"""What was done to a row before its effect could be computed: method, inputs, source."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.stats.effects.measure import BoolArray, Columns, FloatArray, Step
    from review.stats.effects.row_account import Audit

HANDBOOK = "Cochrane Handbook, version 6.5 (2024)"


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion of one row.

    Attributes:
        row: position in the input, counted from 1.
        slab: label of the study (the row number when no labels were given).
        method: what was done, in words.
        inputs: the numbers it was done to, by argument.
        gives: the numbers it gave.
        source: where the method comes from, with its year.
        approximate: whether the result depends on an assumption (a normal distribution, a stated
            correlation, a rounded p-value); otherwise it only says the same in other numbers.
    """

    row: int
    slab: str
    method: str
    inputs: dict[str, float]
    gives: dict[str, float]
    source: str
    approximate: bool = False

    def __str__(self) -> str:
        label = "" if self.slab == str(self.row) else f" ({self.slab})"
        return f"row {self.row}{label}: {self.method}: {named(self.inputs)} -> {named(self.gives)}"

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain values."""
        return {
            "row": self.row, "slab": self.slab, "method": self.method, "inputs": self.inputs,
            "gives": self.gives, "source": self.source, "approximate": self.approximate,
        }  # fmt: skip


def named(values: Mapping[str, float]) -> str:
    """Write numbers by name: 'se1i=0.4, n1i=25'.

    Example:
        >>> named({"se1i": 0.4, "n1i": 25.0})
        'se1i=0.4, n1i=25'
    """
    return ", ".join(f"{name}={value:.6g}" for name, value in values.items())


@dataclass
class Record:
    """Collects the conversions of a call while rows still look for their route."""

    audit: Audit
    made: list[Conversion] = field(default_factory=list)

    def add(
        self, mask: BoolArray, step: Step, inputs: Columns, gives: Columns, method: str = ""
    ) -> None:
        """Record that `step` turned `inputs` into `gives` in the rows of `mask`.

        Args:
            mask: rows, (k,).
            step: the method.
            inputs: columns (k,); those without a value in a row are not listed there.
            gives: columns (k,).
            method: words instead of those of the step.
        """
        slab, words = self.audit.slab, method or step.method
        rows = np.flatnonzero(mask)
        # as lists: taking single numbers out of arrays costs more than all the rest
        taken = {name: column[rows].tolist() for name, column in inputs.items()}
        made = {name: column[rows].tolist() for name, column in gives.items()}
        for j, i in enumerate(rows.tolist()):
            self.made.append(
                Conversion(
                    i + 1,
                    slab[i] if slab is not None else str(i + 1),
                    words,
                    {n: v[j] for n, v in taken.items() if not math.isnan(v[j])},
                    {n: v[j] for n, v in made.items()},
                    step.source,
                    step.approximate,
                )
            )

    def result(self, yi: FloatArray, vi: FloatArray) -> tuple[Conversion, ...]:
        """Return the conversions of the rows that have an effect, in the order of the rows.

        Args:
            yi: effects, (k,), NaN where there is none: what a conversion gave that leads to the
                effect at once.
            vi: variances, (k,).
        """
        kept = [c for c in self.made if np.isfinite(yi[c.row - 1])]
        return tuple(
            c if c.gives else replace(
                c, gives={"yi": float(yi[c.row - 1]), "vi": float(vi[c.row - 1])}
            )
            for c in sorted(kept, key=lambda c: c.row)
        )  # fmt: skip

"""What happened to each row on the way from counts to effects: nothing is dropped silently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from review.errors import StatsError
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

SHOWN = 5  # rows named in one message


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row without a usable effect.

    Attributes:
        row: position in the input, counted from 1.
        slab: label of the study (the row number when no labels were given).
        reason: why there is no effect.
    """

    row: int
    slab: str
    reason: str

    def __str__(self) -> str:
        label = "" if self.slab == str(self.row) else f" ({self.slab})"
        return f"row {self.row}{label}: {self.reason}"


@dataclass
class Audit:
    """Collects, for one call, the rows left out and the remarks worth telling."""

    k: int
    slab: Sequence[str] | None = None
    reasons: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    divided: BoolArray | None = None  # rows whose counts were made fractional on purpose

    def label(self, index: int) -> str:
        """Return 'row 3 (Smith 2001)' for the row at `index` (counted from 0)."""
        name = f" ({self.slab[index]})" if self.slab is not None else ""
        return f"row {index + 1}{name}"

    def rows(self, mask: BoolArray) -> str:
        """Name the first rows that are set in `mask`, and say how many more there are."""
        return listed((self.label(int(i)) for i in np.flatnonzero(mask)), most=SHOWN, last="")

    def leave_out(self, mask: BoolArray, reason: str) -> None:
        """Record `reason` for the rows in `mask` that have none yet."""
        for i in np.flatnonzero(mask):
            self.reasons.setdefault(int(i), reason)

    def note(self, mask: BoolArray, text: str) -> None:
        """Record a remark about the rows in `mask`, if there are any."""
        if np.any(mask):
            self.notes.append(f"{text}: {self.rows(mask)}")

    def forbid(self, mask: BoolArray, name: str, values: FloatArray, rule: str) -> None:
        """Raise a StatsError that names the rows in `mask`, their values and the rule.

        Raises:
            StatsError: when any row is set.
        """
        if not np.any(mask):
            return
        found = (f"{self.label(int(i))} has {values[i]:g}" for i in np.flatnonzero(mask))
        raise StatsError(f"{name} {rule}: {listed(found, most=SHOWN, last='')}")

    def result(self) -> tuple[LeftOut, ...]:
        """Return the rows left out, in order."""
        return tuple(
            LeftOut(i + 1, self.slab[i] if self.slab is not None else str(i + 1), reason)
            for i, reason in sorted(self.reasons.items())
        )

    def count(self, name: str, values: FloatArray) -> None:
        """Demand counts: finite and not negative; note fractions (effective counts).

        Cluster trials and imputed tables give fractional counts, so they are accepted.
        """
        self.finite(name, values)
        self.forbid(values < 0, name, values, "must be a count of 0 or more")
        fraction = values > np.floor(values)  # False where there is no value
        if self.divided is not None:
            fraction &= ~self.divided
        self.note(fraction, f"{name} is not a whole number")

    def finite(self, name: str, values: FloatArray) -> None:
        """Demand numbers: NaN marks a missing value, infinity is an error."""
        self.forbid(np.isinf(values), name, values, "must be finite (leave a missing value empty)")

    def positive(self, name: str, values: FloatArray, what: str) -> None:
        """Demand values above 0."""
        self.finite(name, values)
        self.forbid(values <= 0, name, values, f"must be above 0 ({what})")

    def not_negative(self, name: str, values: FloatArray, what: str) -> None:
        """Demand values of 0 or more."""
        self.finite(name, values)
        self.forbid(values < 0, name, values, f"must be 0 or more ({what})")

    def within(self, name: str, values: FloatArray, low: float, high: float, what: str) -> None:
        """Demand values from `low` to `high`, both allowed."""
        self.finite(name, values)
        outside = (values < low) | (values > high)
        rule = f"must be from {low:g} to {high:g} ({what})"
        first = float(values[outside][0]) if outside.any() else 0.0
        if (low, high) == (0, 1) and 1 < first <= 100:
            rule += f"; a percentage? write {first / 100:g}, not {first:g}"
        self.forbid(outside, name, values, rule)

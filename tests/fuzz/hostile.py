"""Hostile values: what a formula, an export or a slip of the hand puts in the place of a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Draw = Callable[[], Any]

NUMBERS = (
    float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e308, -1e308,
    1e-308, 5e-324, 1e154, 1e-154, 1e16, 1e-16, 0.1, 95.0, 1e9, -0.25, 100.0, 3.0,
)  # fmt: skip
THINGS = (
    None, True, False, "", "text", "1", "nan", "x" * 300, "\x00", "é", [], (), {}, set(), b"bytes",
    object(), 10**400, 1 + 2j, np.nan, np.array(0.5), np.zeros((2, 2)), np.array([]),
)  # fmt: skip


class Values:
    """Draws values; everything follows from the seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def one(self, options: Sequence[Any]) -> Any:
        """Return one of some options."""
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """Return True with a probability."""
        return bool(self.rng.random() < share)

    def number(self) -> Any:
        """Return a number, mostly hostile."""
        return self.one(NUMBERS) if self.chance(0.7) else float(self.rng.normal())

    def thing(self) -> Any:
        """Return anything."""
        return self.one(THINGS) if self.chance(0.6) else self.number()

    def size(self) -> int:
        """Return how many studies there are: few, mostly."""
        return int(self.one((0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 30)))

    def plain(self, k: int) -> Any:
        """Return effects as studies report them."""
        return self.rng.normal(self.one((0, 0.5, -2)), self.one((0, 1e-9, 0.3, 5)), k)

    def column(self, k: int, *, kind: str = "any") -> Any:
        """Return k values (or nearly so): effects, variances, counts or anything.

        Args:
            k: how many.
            kind: "effect", "variance", "count", "proportion", "word" or "any".
        """
        rng = self.rng
        shape = self.one(("plain",) * 8 + ("constant", "ties", "hostile", "one", "two", "mixed"))
        values: Any
        if kind == "word":
            values = [self.one(("a", "b", "c", "", "1", None)) for _ in range(k)]
        elif shape == "constant":
            values = np.full(k, self.number())
        elif shape == "ties":
            values = rng.integers(0, 3, k).astype(float)
        elif shape == "hostile":
            values = np.array([self.number() for _ in range(k)])
        elif shape == "mixed":
            values = [self.thing() for _ in range(k)]
        else:
            values = {
                "effect": lambda: self.plain(k),
                "variance": lambda: 10.0 ** rng.uniform(*self.one(((-3, 0), (-12, 12))), k),
                "count": lambda: rng.integers(0, self.one((2, 30, 10_000)), k).astype(float),
                "proportion": lambda: rng.random(k).round(int(self.one((1, 2, 15)))),
            }.get(kind, lambda: self.plain(k))()
            for _ in range({"one": 1, "two": 2}.get(shape, 0)):
                if k:
                    values[int(rng.integers(k))] = self.number()
        return self._dressed(values, k)

    def _dressed(self, values: Any, k: int) -> Any:
        """Return values as a list, an array, a series, of another length or shape, or a scalar."""
        dress = self.one(
            ("as is",) * 12 + ("list", "series", "longer", "shorter", "table", "scalar")
        )
        if dress == "list":
            return list(values)
        if dress == "series":
            import pandas as pd

            return pd.Series(list(values))
        if dress == "longer":
            return [*list(values), self.number()]
        if dress == "shorter":
            return list(values)[:-1]
        if dress == "table" and k:
            return np.array([list(values)] * 2, dtype=object)
        return self.thing() if dress == "scalar" else values

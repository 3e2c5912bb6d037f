"""Which choices of a multiverse change the conclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.stats.ground.result_kit import Record
from review.words import listed

if TYPE_CHECKING:
    from review.stats.ground.least_squares import BoolArray, FloatArray
    from review.stats.ground.partition import IntArray
    from review.stats.influence.multiverse import Multiverse

DIMENSIONS = ("model", "method", "test", "without")


@dataclass(frozen=True, eq=False)
class MultiverseDecisions(Record):
    """One row per choice; arrays (m,).

    Attributes:
        dimension, choice: such as "method", "DL". reported: whether it is the reported one.
        n: specifications that make it. changed: per cent of them with another conclusion.
        lowest, median, highest: of their estimates.
        alone: per cent of the specifications that differ from the reported one in this choice
            alone which reach another conclusion; NaN for the reported choice.
        flips: names of the single changes that reverse the conclusion. together: where there are
            none, the fewest changes that do so together, the first of them named.
    """

    dimension: tuple[str, ...]
    choice: tuple[str, ...]
    reported: tuple[bool, ...]
    n: IntArray
    changed: FloatArray
    lowest: FloatArray
    median: FloatArray
    highest: FloatArray
    alone: FloatArray
    flips: tuple[str, ...]
    together: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return "What each choice does (changed and alone: per cent with another conclusion)"

    @property
    def conventions(self) -> None:
        """No version of a reference is followed."""

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "choice", tuple(
            f"{d}: {c}{' (reported)' if r else ''}"
            for d, c, r in zip(self.dimension, self.choice, self.reported, strict=True)
        )

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("n", "changed", "lowest", "median", "highest", "alone")
        return {name: getattr(self, name) for name in names}

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        if self.flips:
            return [f"The conclusion changes by one choice alone: {listed(self.flips, most=12)}."]
        if self.together:
            named = listed(self.together, most=6, last="or")
            return [f"No single choice changes the conclusion; the fewest together: {named}."]
        return ["No combination of these choices changes the conclusion."]


def decisions_of(found: Multiverse) -> MultiverseDecisions:
    """Return what each choice of a multiverse does.

    Args:
        found: the multiverse.
    """
    at = found.reference
    changed = found.changed
    labels = {
        "model": np.array(found.model), "method": np.array(found.method),
        "test": np.array(found.test), "without": np.array(found.kind),
    }  # fmt: skip
    # an equal-effects model has its own test: the change of estimator brings that along
    same = {name: x == x[at] for name, x in labels.items()}
    equal = labels["model"] == "equal effects"
    alone_in = {
        "model": ~same["model"] & same["without"] & (same["test"] | equal | equal[at]),
        "method": ~same["method"] & same["without"] & (same["test"] | equal | equal[at]),
        "test": same["method"] & ~same["test"] & same["without"],
        "without": same["method"] & same["test"] & ~same["without"],
    }
    rows: list[tuple[Any, ...]] = []
    flips: list[str] = []
    for name, values in labels.items():
        for choice in dict.fromkeys(values.tolist()):
            mine = values == choice
            single = mine & alone_in[name]
            reported = choice == values[at]
            alone = 100 * changed[single].mean() if single.any() and not reported else np.nan
            beta = found.beta[mine]
            rows.append((
                name, choice, bool(reported), mine.sum(), 100 * changed[mine].mean(), beta.min(),
                np.median(beta), beta.max(), alone,
            ))  # fmt: skip
            if name != "model" and not reported:
                flips += _named(found, name, np.flatnonzero(single & changed).tolist())
    words = [tuple(row[j] for row in rows) for j in range(3)]
    n, changed_, lowest, median, highest, alone_ = np.array(
        [row[3:] for row in rows], dtype=np.float64
    ).T
    return MultiverseDecisions(
        words[0], words[1], words[2], n=n.astype(np.intp), changed=changed_, lowest=lowest,
        median=median, highest=highest, alone=alone_, flips=tuple(dict.fromkeys(flips)),
        together=() if flips else _together(found, same, equal),
        notes=("alone is not defined for the reported choices",),
    )  # fmt: skip


def _together(found: Multiverse, same: dict[str, BoolArray], equal: BoolArray) -> tuple[str, ...]:
    """Names of the specifications that reverse the conclusion by the fewest changes."""
    tests = ~same["test"] & ~equal
    several = (~same["method"]).astype(int) + tests + ~same["without"]
    if not found.changed.any():
        return ()
    fewest = several[found.changed].min()
    names = []
    for i in np.flatnonzero(found.changed & (several == fewest)).tolist():
        parts = [f"method {found.method[i]}"] if not same["method"][i] else []
        parts += [f"test {found.test[i]}"] if tests[i] else []
        parts += [f"without {found.without[i] or 'nothing'}"] if not same["without"][i] else []
        names.append(" and ".join(parts))
    return tuple(dict.fromkeys(names))


def _named(found: Multiverse, name: str, rows: list[int]) -> list[str]:
    if name == "without":
        return [f"without {found.without[i]}" for i in rows]
    values = getattr(found, name)
    return [f"{name} {values[i]} instead of {values[found.reference]}" for i in rows]

"""Cut-points and given weights of a selection model, and intervals without p-values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.selection.weight_functions import VEVEA_WOODS

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.bias.selection.sides import FloatArray


def read_steps(steps: Any) -> FloatArray:
    """Return cut-points as a rising array below 1.

    Raises:
        InputError: they are no numbers.
        StatsError: they do not rise within (0, 1].

    Example:
        >>> read_steps([0.025, 0.5, 1]).tolist()
        [0.025, 0.5]
    """
    try:
        cuts = np.atleast_1d(np.asarray(steps, dtype=np.float64))
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"steps must be p-values such as (0.025, 0.5), not {steps!r}") from None
    shown = ", ".join(f"{c:g}" for c in cuts.ravel()[:10])
    if cuts.ndim != 1 or not np.isfinite(cuts).all() or (cuts <= 0).any() or (cuts > 1).any():
        raise StatsError(f"steps must be p-values above 0 and up to 1, not {shown}")
    if (np.diff(cuts) <= 0).any():
        raise StatsError(f"steps must rise, such as 0.025, 0.5; these do not: {shown}")
    cuts = cuts[cuts < 1.0]
    if not cuts.size:
        raise StatsError("steps needs a p-value below 1")
    return cuts


def read_delta(delta: Any, q: int, what: str) -> FloatArray:
    """Return given parameters, (q,), with NaN for those to be estimated.

    Raises:
        InputError: wrong number, not numbers, or negative.

    Example:
        >>> read_delta([1, None], 2, "step function").tolist()
        [1.0, nan]
    """
    if delta is None:
        return np.full(q, np.nan)
    given = list(delta) if isinstance(delta, Sequence | np.ndarray) else [delta]
    try:
        out = np.array([np.nan if d is None else float(d) for d in given])
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"delta must be numbers, None for those to be estimated, or one of "
            f"{', '.join(VEVEA_WOODS)}; not {delta!r}"
        ) from None
    if len(out) != q:
        raise InputError(f"the {what} has {q} selection parameters; delta has {len(out)}")
    if (out < 0).any() or np.isinf(out).any():
        raise InputError("delta must hold finite numbers that are not negative")
    return out


def count_intervals(p: FloatArray, cuts: FloatArray) -> npt.NDArray[np.intp]:
    """Return how many p-values lie in each interval, (c,)."""
    return np.bincount(np.searchsorted(cuts, p, side="left"), minlength=cuts.size + 1)


def needs_study(given: FloatArray, j: int) -> bool:
    """The first weight is 1, but needs a study too when others are relative to it."""
    return bool(np.isnan(given[j]) or (j == 0 and np.isnan(given).any()))


def empty_message(cuts: FloatArray, counts: Any, lacking: list[int]) -> str:
    """Say which intervals lack p-values and what can be done."""
    edges = [0.0, *cuts.tolist(), 1.0]
    named = ", ".join(f"({edges[j]:g}, {edges[j + 1]:g}]" for j in lacking)
    table = ", ".join(f"({edges[j]:g}, {edges[j + 1]:g}]: {c}" for j, c in enumerate(counts))
    return (
        f"no p-value lies in {named}, so that its weight cannot be estimated (studies per "
        f"interval: {table}); choose other steps, fix its delta, reverse the alternative, or pass "
        "empty='merge'"
    )


def merge_empty(
    cuts: FloatArray, given: FloatArray, counts: Any
) -> tuple[FloatArray, FloatArray, str]:
    """Join every empty interval with the next one (the last with the one before)."""
    if np.isfinite(given[1:]).any():
        raise InputError("empty='merge' cannot be combined with fixed delta")
    keep, last = [], int(np.flatnonzero(counts)[-1])
    keep = [j for j in range(cuts.size) if counts[j] > 0 and j < last]
    if not keep:
        raise StatsError(
            "all p-values lie in one interval: nothing can be said about selection with these "
            "steps; choose others, or reverse the alternative"
        )
    new = cuts[keep]
    text = f"intervals without p-values were merged; steps used: {', '.join(f'{c:g}' for c in new)}"
    fresh = np.full(new.size + 1, np.nan)
    fresh[0] = 1.0
    return new, fresh, text

"""Ranks, and the exact distribution of a rank correlation under permutation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Alternative = Literal["two-sided", "greater", "less"]
MAX_EXACT: Final = 12


def centred_ranks(values: Floats) -> Ints:
    """Return twice the mid-ranks minus n + 1: integers that sum to zero.

    Example:
        >>> centred_ranks(np.array([3.0, 1.0, 3.0])).tolist()
        [1, -2, 1]
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    twice = 2 * last - counts + 1  # first + last rank of each group of equal values
    centred: Ints = (twice - (values.size + 1))[inverse.reshape(-1)].astype(np.int64)
    return centred


def exact_tail(u: Ints, v: Ints, alternative: Alternative = "two-sided") -> float:
    """Return the share of all n! orderings of `v` whose sum of products with `u` is as extreme.

    The distribution is built item by item over the subsets of `v` already used, as counts of
    orderings per sum: exact in integers, ties or not.

    Args:
        u: centred ranks, shape (n,), n at most 12.
        v: the other centred ranks, shape (n,).
        alternative: the tail.
    """
    n = int(u.size)
    reach = int(np.abs(np.sort(np.abs(u))) @ np.sort(np.abs(v)))
    width = 2 * reach + 1
    masks = np.array([0], dtype=np.int64)
    counts = np.zeros((1, width), dtype=np.int64)
    counts[0, reach] = 1
    for i in range(n):
        grown = np.unique(np.concatenate([(masks | 1 << j)[masks >> j & 1 == 0] for j in range(n)]))
        new = np.zeros((len(grown), width), dtype=np.int64)
        for j in range(n):
            source = np.flatnonzero(masks >> j & 1 == 0)
            target = np.searchsorted(grown, masks[source] | 1 << j)
            shift = int(u[i] * v[j])
            to, start = max(shift, 0), max(-shift, 0)
            length = width - abs(shift)
            new[target, to : to + length] += counts[source, start : start + length]
        masks, counts = grown, new
    sums = np.arange(width) - reach
    return int(counts[0, extreme(sums, int(u @ v), alternative)].sum()) / math.factorial(n)


def extreme(sums: Any, observed: int, alternative: Alternative) -> NDArray[np.bool_]:
    """Tell which sums are at least as extreme as the observed one."""
    if alternative == "greater":
        return np.asarray(sums >= observed)
    if alternative == "less":
        return np.asarray(sums <= observed)
    return np.asarray(np.abs(sums) >= abs(observed))

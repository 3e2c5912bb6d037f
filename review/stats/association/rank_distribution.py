"""Ranks, ties, and the exact distribution of a rank correlation under permutation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.ground.alternatives import Alternative

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MAX_EXACT: Final = 12
ROUNDING: Final = 1e-12  # share of a value within which two are the same but for rounding


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


def tie_groups(values: Floats, error: Floats | float) -> Ints:
    """Number the distinct values in rising order from 0; values within rounding are tied.

    Computed values that are equal on paper differ in the last digits, by chance and by the order
    of the rows. Neighbours in order that differ by no more than the larger of their errors are one
    value, so that the groups depend neither on rounding nor on the order of the rows.

    Args:
        values: shape (n,).
        error: largest rounding error of each value, (n,) or one number.

    Example:
        >>> tie_groups(np.array([0.3, 0.1, 0.1 + 0.2]), 1e-12).tolist()
        [1, 0, 1]
    """
    order = np.argsort(values, kind="stable")
    sorted_values, spread = values[order], np.broadcast_to(error, values.shape)[order]
    new = np.diff(sorted_values) > np.maximum(spread[1:], spread[:-1])
    groups = np.empty(len(values), dtype=np.int64)
    groups[order] = np.concatenate([[0], np.cumsum(new)])
    return groups


def mid_ranks(groups: Ints) -> Floats:
    """Ranks from 1 of the numbers that `tie_groups` gives; tied values get the mean of theirs.

    Example:
        >>> mid_ranks(np.array([1, 0, 1])).tolist()
        [2.5, 1.0, 2.5]
    """
    counts = np.bincount(groups)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[groups], dtype=np.float64)


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

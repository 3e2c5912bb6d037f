"""Which treatments are connected, and what to say when they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from review.errors import StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    IntArray = npt.NDArray[np.intp]


def components_of(n: int, first: IntArray, second: IntArray) -> IntArray:
    """Return for each of n treatments the lowest number of those it is connected with.

    Example:
        >>> components_of(4, np.array([0, 2]), np.array([1, 3])).tolist()
        [0, 0, 2, 2]
    """
    root = list(range(n))

    def find(a: int) -> int:
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        return a

    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return np.array([find(a) for a in range(n)], dtype=np.intp)


def subnetworks(
    treatments: Sequence[str], first: IntArray, second: IntArray
) -> tuple[tuple[str, ...], ...]:
    """Return the names of the treatments of each connected part, the largest part first."""
    label = components_of(len(treatments), first, second)
    parts = [
        tuple(t for t, own in zip(treatments, label.tolist(), strict=True) if own == c)
        for c in sorted(set(label.tolist()))
    ]
    return tuple(sorted(parts, key=len, reverse=True))


def check_connected(treatments: Sequence[str], first: IntArray, second: IntArray) -> None:
    """Refuse a network that falls apart.

    Raises:
        StatsError: the message lists the subnetworks.
    """
    parts = subnetworks(treatments, first, second)
    if len(parts) > 1:
        named = "; ".join(f"({i}) {', '.join(part)}" for i, part in enumerate(parts, 1))
        raise StatsError(
            f"the network is not connected: no chain of comparisons leads from one of its "
            f"{len(parts)} subnetworks to another: {named}. Analyse them apart, check the spelling "
            "of the treatments, or use component_network where treatments share components"
        )

"""Rows in blocks: which rows belong together, and the blocks stacked by size.

A model of dependent effects links rows: through a sampling covariance, a random effect, a known
correlation. Rows that are linked, directly or through others, form a block; between blocks every
covariance is 0. All algebra is done on stacks of blocks of one size, so that time and memory grow
with the number of blocks and with the size of the largest, not with the square of all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

IntArray: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Stack:
    """All blocks of one size n.

    Attributes:
        blocks: their numbers, (b,).
        rows: their rows, (b, n).
    """

    blocks: IntArray
    rows: IntArray


@dataclass(frozen=True, eq=False)
class Partition:
    """Every row in exactly one block.

    Attributes:
        label: number of the block of each row, 0 to m - 1, (k,).

    Example:
        >>> parts = Partition(np.array([0, 1, 0, 2]))
        >>> parts.m, [s.rows.tolist() for s in parts.stacks]
        (3, [[[1], [3]], [[0, 2]]])
    """

    label: IntArray

    @property
    def k(self) -> int:
        """Number of rows."""
        return len(self.label)

    @cached_property
    def sizes(self) -> IntArray:
        """Number of rows of each block, (m,)."""
        return np.bincount(self.label)

    @property
    def m(self) -> int:
        """Number of blocks."""
        return len(self.sizes)

    @cached_property
    def order(self) -> IntArray:
        """Rows sorted by block, (k,)."""
        return np.argsort(self.label, kind="stable")

    @cached_property
    def place(self) -> IntArray:
        """Place of each row within its block, (k,)."""
        starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        place = np.empty(self.k, dtype=np.intp)
        place[self.order] = np.arange(self.k) - np.repeat(starts, self.sizes)
        return place

    @cached_property
    def stacks(self) -> tuple[Stack, ...]:
        """The blocks by size, from small to large."""
        starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        out = []
        for n in np.unique(self.sizes):
            blocks = np.flatnonzero(self.sizes == n)
            out.append(Stack(blocks, self.order[starts[blocks][:, None] + np.arange(n)]))
        return tuple(out)

    @cached_property
    def offset(self) -> IntArray:
        """Where each block starts when all blocks (n x n) are laid end to end, (m,)."""
        area = np.zeros(self.m, dtype=np.intp)
        at = 0
        for stack in self.stacks:
            b, n = stack.rows.shape
            area[stack.blocks] = at + np.arange(b) * n * n
            at += b * n * n
        return area

    @property
    def area(self) -> int:
        """Number of elements of all blocks."""
        return int((self.sizes.astype(np.int64) ** 2).sum())

    def nested_in(self, other: Partition) -> bool:
        """Tell whether every block lies within one block of `other`."""
        _, first = np.unique(self.label, return_index=True)
        return bool((other.label[first][self.label] == other.label).all())


def number(values: npt.ArrayLike) -> IntArray:
    """Number the different values 0, 1, ... in sorted order, (k,)."""
    return np.unique(np.asarray(values), return_inverse=True)[1].reshape(-1).astype(np.intp)


def connected(k: int, groupings: Iterable[npt.NDArray[np.intp]]) -> Partition:
    """Join rows that share a group in any of several groupings, directly or through others.

    Args:
        k: number of rows.
        groupings: each the number of every row's group, 0, 1, ..., (k,).

    Example:
        >>> connected(4, [np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])]).label
        array([0, 0, 0, 1])
    """
    groupings = list(groupings)
    if not groupings:
        return Partition(np.arange(k))
    if len(groupings) == 1:
        return Partition(number(groupings[0]))
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends, at = [], k
    for labels in groupings:
        ends.append(labels + at)
        at += int(labels.max(initial=-1)) + 1
    rows = np.tile(np.arange(k), len(groupings))
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, np.concatenate(ends))), (at, at))
    return Partition(number(connected_components(graph, directed=False)[1][:k]))

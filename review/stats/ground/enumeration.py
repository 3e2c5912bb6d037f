"""Subsets, sign vectors and orderings, in chunks, so that memory stays bounded.

Everything that enumerates (GOSH, exact permutation tests) draws its rows from here. Each generator
yields arrays of at most `chunk` rows; all rows together are never in memory.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

MAX_BITS = 62  # subsets are numbered by the bits of a signed 64-bit integer
CELLS_PER_CHUNK = 1 << 17  # numbers per work array: small enough to stay in a processor's cache


def rows_per_chunk(width: int) -> int:
    """Return how many rows of `width` numbers make a chunk that stays in the cache."""
    return max(CELLS_PER_CHUNK // max(width, 1), 64)


def subset_count(k: int, smallest: int = 1) -> int:
    """Return the number of subsets of `k` studies that have at least `smallest` members.

    Example:
        >>> subset_count(16), subset_count(5, smallest=4)
        (65535, 6)
    """
    return int(2**k) - sum(math.comb(k, size) for size in range(smallest))


def all_subsets(k: int, smallest: int = 1, chunk: int | None = None) -> Iterator[Bools]:
    """Yield all subsets as masks of shape (rows, k); study i is bit i of a running number.

    Example:
        >>> [mask.astype(int).tolist() for mask in all_subsets(2)]
        [[[1, 0], [0, 1], [1, 1]]]
    """
    if k > MAX_BITS:
        raise ValueError(f"cannot number the subsets of {k} studies (at most {MAX_BITS})")
    step = chunk or rows_per_chunk(k)
    for start in range(1, 2**k, step):
        codes = np.arange(start, min(start + step, 2**k), dtype="<i8")
        octets = codes.view(np.uint8).reshape(-1, 8)[:, : -(-k // 8)]
        masks = np.unpackbits(octets, axis=1, count=k, bitorder="little").view(bool)
        if smallest > 1:
            masks = masks[masks.sum(axis=1) >= smallest]
        if len(masks):
            yield masks


def random_subsets(
    k: int,
    n: int,
    rng: np.random.Generator,
    smallest: int = 1,
    chunk: int | None = None,
) -> Iterator[Bools]:
    """Yield `n` subsets, each drawn with equal probability from those with >= `smallest` members.

    A fair coin per study draws from all subsets uniformly; those too small are drawn again.
    """
    step = chunk or rows_per_chunk(k)
    left = n
    while left > 0:
        masks = rng.integers(0, 2, size=(min(step, left), k), dtype=np.int8).astype(bool)
        masks = masks[masks.sum(axis=1) >= smallest]
        left -= len(masks)
        if len(masks):
            yield masks


def all_signs(k: int, chunk: int | None = None) -> Iterator[Floats]:
    """Yield all 2^k vectors of +1 and -1, shape (rows, k); the first one is all +1."""
    if k > MAX_BITS:
        raise ValueError(f"cannot number the sign vectors of {k} studies (at most {MAX_BITS})")
    step = chunk or rows_per_chunk(k)
    bits = np.arange(k, dtype=np.int64)
    for start in range(0, 2**k, step):
        codes = np.arange(start, min(start + step, 2**k), dtype=np.int64)
        yield 1.0 - 2.0 * (codes[:, None] >> bits & 1).astype(np.float64)


def random_signs(
    k: int, n: int, rng: np.random.Generator, chunk: int | None = None
) -> Iterator[Floats]:
    """Yield `n` random vectors of +1 and -1, shape (rows, k)."""
    step = chunk or rows_per_chunk(k)
    for start in range(0, n, step):
        rows = min(step, n - start)
        yield 1.0 - 2.0 * rng.integers(0, 2, size=(rows, k), dtype=np.int8).astype(np.float64)


def ordering_count(labels: Sequence[int] | Ints) -> int:
    """Return the number of distinct orderings of `labels` (equal labels are interchangeable).

    Example:
        >>> ordering_count([0, 0, 1]), ordering_count(range(7))
        (3, 5040)
    """
    _, counts = np.unique(np.asarray(labels), return_counts=True)
    total = math.factorial(int(counts.sum()))
    for count in counts:
        total //= math.factorial(int(count))
    return int(total)


def all_orderings(labels: Sequence[int] | Ints, chunk: int | None = None) -> Iterator[Ints]:
    """Yield all distinct orderings of `labels`, shape (rows, k), each exactly once.

    The prefix is walked depth first until the orderings of what is left fit in one chunk; that
    chunk is built at once.

    Example:
        >>> [block.tolist() for block in all_orderings([0, 0, 1])]
        [[[0, 0, 1], [0, 1, 0], [1, 0, 0]]]
    """
    values, counts = np.unique(np.asarray(labels, dtype=np.int64), return_counts=True)
    step = chunk or rows_per_chunk(int(counts.sum()))

    def walk(prefix: list[int], left: Ints) -> Iterator[Ints]:
        if ordering_count(np.repeat(values, left)) <= step:
            tail = _orderings_block(values, left)
            head = np.broadcast_to(np.asarray(prefix, dtype=np.int64), (len(tail), len(prefix)))
            yield np.concatenate([head, tail], axis=1)
            return
        for i in np.flatnonzero(left):
            fewer = left.copy()
            fewer[i] -= 1
            yield from walk([*prefix, int(values[i])], fewer)

    yield from walk([], counts.astype(np.int64))


def _orderings_block(values: Ints, left: Ints) -> Ints:
    """All distinct orderings of `values` repeated `left` times, as one array."""
    size = int(left.sum())
    if size == 0:
        return np.empty((1, 0), dtype=np.int64)
    parts = []
    for i in np.flatnonzero(left):
        fewer = left.copy()
        fewer[i] -= 1
        tail = _orderings_block(values, fewer)
        parts.append(np.insert(tail, 0, values[i], axis=1))
    return np.concatenate(parts)


def random_orderings(
    k: int, n: int, rng: np.random.Generator, chunk: int | None = None
) -> Iterator[Ints]:
    """Yield `n` random orderings of 0 … k-1, shape (rows, k)."""
    step = chunk or rows_per_chunk(k)
    base = np.arange(k, dtype=np.int64)
    for start in range(0, n, step):
        rows = min(step, n - start)
        yield rng.permuted(np.broadcast_to(base, (rows, k)), axis=1)

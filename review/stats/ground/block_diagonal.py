"""Symmetric matrices that are block diagonal: stored, inverted and multiplied block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.ground.partition import Partition

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from review.stats.ground.partition import IntArray

    Floats = npt.NDArray[np.float64]


SMALL: Final = 16  # rows of a block up to which loops over rows beat loops over blocks


@dataclass(frozen=True, eq=False)
class BlockDiagonal:
    """A symmetric k x k matrix of which only the blocks on the diagonal are kept.

    Attributes:
        parts: which rows form a block.
        stacks: the blocks of each size, (b, n, n), in the order of `parts.stacks`.

    Example:
        >>> V = BlockDiagonal.of([np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[4.0]])])
        >>> V.shape, V.diagonal()
        ((3, 3), array([2., 2., 4.]))
        >>> V.to_dense()[0]
        array([2., 1., 0.])
    """

    parts: Partition
    stacks: tuple[Floats, ...]

    @classmethod
    def diagonal_of(cls, v: Floats) -> BlockDiagonal:
        """Return a diagonal matrix."""
        parts = Partition(np.arange(len(v)))
        return cls(parts, (np.asarray(v, dtype=np.float64).reshape(-1, 1, 1),))

    @classmethod
    def of(cls, blocks: Sequence[Floats]) -> BlockDiagonal:
        """Return the matrix of blocks that follow each other."""
        sizes = [len(b) for b in blocks]
        parts = Partition(np.repeat(np.arange(len(blocks)), sizes))
        return cls(parts, tuple(np.stack([blocks[j] for j in s.blocks]) for s in parts.stacks))

    @property
    def shape(self) -> tuple[int, int]:
        """(k, k)."""
        return self.parts.k, self.parts.k

    def diagonal(self) -> Floats:
        """Return the diagonal, (k,)."""
        out = np.empty(self.parts.k)
        for stack, values in zip(self.parts.stacks, self.stacks, strict=True):
            out[stack.rows] = np.einsum("bnn->bn", values)
        return out

    def flat(self) -> Floats:
        """Return all blocks end to end, in the order of `parts.offset`."""
        return np.concatenate([values.ravel() for values in self.stacks])

    def dot(self, B: Floats) -> Floats:
        """Multiply with a matrix (k, q) or a vector (k,)."""
        out = np.empty_like(B, dtype=np.float64)
        for stack, values in zip(self.parts.stacks, self.stacks, strict=True):
            rows = stack.rows
            if rows.shape[1] == 1:
                flat = rows[:, 0]
                out[flat] = B[flat] * (values[:, 0, 0] if B.ndim == 1 else values[:, 0])
            elif rows.shape[1] <= SMALL:
                out[rows] = np.einsum("bij,bj...->bi...", values, B[rows])
            elif B.ndim == 1:
                out[rows] = np.matmul(values, B[rows][..., None])[..., 0]
            else:
                out[rows] = np.matmul(values, B[rows])
        return out

    def rows(self, keep: IntArray) -> BlockDiagonal:
        """Return the matrix of some rows (and the same columns), in the order given."""
        labels = self.parts.label[keep]
        _, new = np.unique(labels, return_inverse=True)
        parts = Partition(new.reshape(-1).astype(np.intp))
        flat, place, sizes = self.flat(), self.parts.place[keep], self.parts.sizes[labels]
        start = self.parts.offset[labels]
        stacks = []
        for stack in parts.stacks:
            r = stack.rows
            at = (start[r] + place[r] * sizes[r])[:, :, None] + place[r][:, None, :]
            stacks.append(flat[at])
        return BlockDiagonal(parts, tuple(stacks))

    def block(self, number: int) -> Floats:
        """Return one block, (n, n)."""
        at, n = int(self.parts.offset[number]), int(self.parts.sizes[number])
        return self.flat()[at : at + n * n].reshape(n, n)

    def to_dense(self) -> Floats:
        """Return the k x k matrix; for small k, to look at or to compare."""
        out = np.zeros(self.shape)
        for stack, values in zip(self.parts.stacks, self.stacks, strict=True):
            out[stack.rows[:, :, None], stack.rows[:, None, :]] = values
        return out

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.to_dense().astype(np.float64 if dtype is None else dtype)

    def inverse(self) -> tuple[BlockDiagonal, float]:
        """Return the inverse and the logarithm of the determinant.

        Raises:
            NotPositiveDefinite: a block is not; the error carries its rows.
        """
        stacks, logdet = [], 0.0
        for stack, values in zip(self.parts.stacks, self.stacks, strict=True):
            inv, logs = _inverse(values)
            bad = np.flatnonzero(~np.isfinite(logs))
            if len(bad):
                raise NotPositiveDefinite(tuple(stack.rows[j] for j in bad))
            stacks.append(inv)
            logdet += float(logs.sum())
        return BlockDiagonal(self.parts, tuple(stacks)), logdet


class NotPositiveDefinite(ArithmeticError):  # noqa: N818  says what it is
    """Blocks of a matrix are not positive definite; `rows` holds the rows of each."""

    def __init__(self, rows: tuple[IntArray, ...]) -> None:
        super().__init__("a block is not positive definite")
        self.rows = rows


def _inverse(values: Floats) -> tuple[Floats, Floats]:
    """Inverses and log determinants of a stack; NaN where a block is not positive definite."""
    n = values.shape[-1]
    if n == 1:
        v = values[:, 0, 0]
        good = v > 0
        safe = np.where(good, v, 1.0)
        return (1.0 / safe)[:, None, None], np.where(good, np.log(safe), np.nan)
    if n == 2:
        return _inverse_of_pairs(values)
    if n <= SMALL and len(values) > 1:
        return _swept(values)
    try:
        L = np.linalg.cholesky(values)
    except np.linalg.LinAlgError:
        if len(values) == 1:
            return values, np.array([np.nan])
        half = len(values) // 2
        parts = [_inverse(values[:half]), _inverse(values[half:])]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    logs = 2 * np.log(np.einsum("bnn->bn", L)).sum(-1)
    root = np.linalg.inv(L)
    return np.matmul(np.swapaxes(root, 1, 2), root), logs


def _swept(values: Floats) -> tuple[Floats, Floats]:
    """Inverses of many small matrices at once, pivot by pivot (Beaton 1964; Goodnight 1979).

    For positive definite matrices the pivots are those of the Cholesky factor, and need no order.
    """
    n = values.shape[-1]
    A = np.ascontiguousarray(np.moveaxis(values, 0, -1))  # (n, n, b): all matrices side by side
    logs = np.zeros(len(values))
    good = np.ones(len(values), dtype=bool)
    for j in range(n):
        pivot = A[j, j].copy()
        good &= pivot > 0
        pivot = np.where(pivot > 0, pivot, 1.0)
        logs += np.log(pivot)
        row = A[j] / pivot
        column = A[:, j].copy()
        A -= column[:, None] * row
        A[j], A[:, j] = row, row
        A[j, j] = -1.0 / pivot
    return np.moveaxis(-A, -1, 0), np.where(good, logs, np.nan)


def _inverse_of_pairs(values: Floats) -> tuple[Floats, Floats]:
    a, b, c = values[:, 0, 0], values[:, 0, 1], values[:, 1, 1]
    safe_a = np.where(a > 0, a, 1.0)
    rest = c - b * (b / safe_a)  # the second pivot: no cancellation of products
    good = (a > 0) & (rest > 0)
    rest = np.where(good, rest, 1.0)
    out = np.empty_like(values)
    out[:, 1, 1] = 1 / rest
    out[:, 0, 1] = out[:, 1, 0] = -(b / safe_a) / rest
    out[:, 0, 0] = 1 / safe_a + (b / safe_a) ** 2 / rest
    return out, np.where(good, np.log(safe_a) + np.log(rest), np.nan)

"""The sampling covariance V, in whatever form it is given, as blocks; checked row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import look_up, to_floats
from review.stats.ground.block_diagonal import BlockDiagonal
from review.stats.ground.partition import Partition, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.partition import IntArray

SHOWN: Final = 6
ASYMMETRY: Final = 1e-8  # relative
LEAST_SHARE: Final = 1e-10  # of a row's variance that is its own, below which V is singular


def read_covariance(V: Any, data: Any, n: int) -> BlockDiagonal:
    """Understand V: variances, a matrix, a list of blocks, a sparse matrix, or what `vcalc` gives.

    Args:
        V: a column name or n variances; n x n (blocks are found by their zeros); square blocks one
            after the other whose rows add up to n; a scipy sparse matrix; a `BlockDiagonal`.
        data: where a column name is looked up.
        n: number of effects.

    Raises:
        InputError: it is none of these, has the wrong size, or is not symmetric.
    """
    if isinstance(V, BlockDiagonal):
        out = V
    elif hasattr(V, "tocoo"):
        out = _from_sparse(V.tocoo())
    elif _is_block_list(V):
        out = _from_blocks(V)
    else:
        value = look_up("V", V, data)
        array = np.asarray(value, dtype=object) if hasattr(value, "columns") else np.asarray(value)
        out = (
            _from_dense(np.asarray(value, dtype=np.float64))
            if array.ndim == 2
            else BlockDiagonal.diagonal_of(np.atleast_1d(to_floats("V", value)))
        )
    if out.parts.k != n:
        raise InputError(
            f"V has {out.parts.k} rows, but there are {n} effects; rows that are left out for "
            "missing values are taken out of V too"
        )
    return out


def _is_block_list(V: Any) -> bool:
    return (
        isinstance(V, list | tuple)
        and len(V) > 0
        and all(np.ndim(b) == 2 and not isinstance(b, str) for b in V)
    )


def _from_blocks(V: Sequence[Any]) -> BlockDiagonal:
    blocks = []
    for i, given in enumerate(V):
        block = np.asarray(given, dtype=np.float64)
        if block.shape[0] != block.shape[1]:
            raise InputError(
                f"block {i + 1} of V is {block.shape[0]} x {block.shape[1]}, not square"
            )
        _check_symmetric(block, np.arange(len(block)), f"block {i + 1} of V")
        blocks.append((block + block.T) / 2)
    return BlockDiagonal.of(blocks)


def _from_dense(V: FloatArray) -> BlockDiagonal:
    if V.shape[0] != V.shape[1]:
        raise InputError(f"V must be square, not {V.shape[0]} x {V.shape[1]}")
    _check_symmetric(V, np.arange(len(V)), "V")
    from scipy.sparse import coo_array

    linked = np.argwhere(V != 0)  # a missing value counts as a link
    return _blocks_of(
        len(V), coo_array((V[linked[:, 0], linked[:, 1]], (linked[:, 0], linked[:, 1])), V.shape)
    )


def _from_sparse(V: Any) -> BlockDiagonal:
    if V.shape[0] != V.shape[1]:
        raise InputError(f"V must be square, not {V.shape[0]} x {V.shape[1]}")
    off = abs(V - V.T)
    worst = off.max() if off.nnz else 0.0
    if worst > ASYMMETRY * abs(V).max():
        at = off.tocoo()
        i = int(np.argmax(at.data))
        raise InputError(f"V is not symmetric in rows {at.row[i] + 1} and {at.col[i] + 1}")
    return _blocks_of(V.shape[0], V)


def _check_symmetric(block: FloatArray, rows: IntArray, what: str) -> None:
    with np.errstate(invalid="ignore"):
        off = np.nan_to_num(np.abs(block - block.T))
        size = np.nan_to_num(np.abs(block)).max(initial=0.0)
    if off.max(initial=0.0) > ASYMMETRY * size:
        i, j = (int(x) for x in np.unravel_index(np.argmax(off), off.shape))
        raise InputError(
            f"{what} is not symmetric: rows {rows[i] + 1} and {rows[j] + 1} have "
            f"{block[i, j]:g} and {block[j, i]:g}"
        )


def _blocks_of(n: int, entries: Any) -> BlockDiagonal:
    """Blocks of a sparse symmetric matrix: its connected rows."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    i, j = np.asarray(entries.row), np.asarray(entries.col)
    graph = coo_array((np.ones(len(i), dtype=np.int8), (i, j)), (n, n))
    parts = Partition(number(connected_components(graph, directed=False)[1]))
    flat = np.zeros(parts.area)
    at = (
        parts.offset[parts.label[i]] + parts.place[i] * parts.sizes[parts.label[i]] + parts.place[j]
    )
    np.add.at(flat, at, np.asarray(entries.data, dtype=np.float64))
    stacks, start = [], 0
    for stack in parts.stacks:
        b, size = stack.rows.shape
        block = flat[start : start + b * size * size].reshape(b, size, size)
        stacks.append((block + np.swapaxes(block, 1, 2)) / 2)
        start += b * size * size
    return BlockDiagonal(parts, tuple(stacks))


def check_positive_definite(V: BlockDiagonal, ids: IntArray, labels: Sequence[str] | None) -> None:
    """Refuse a V in which a sampling error is determined by others, or that is no covariance.

    Args:
        V: of the rows used.
        ids: their positions in the input.
        labels: names of the rows of the input, or None.

    Raises:
        StatsError: the message names the rows of the first such block.
    """
    for stack, values in zip(V.parts.stacks, V.stacks, strict=True):
        n = values.shape[-1]
        if n == 1:
            continue
        if not np.isfinite(values).all():
            bad = stack.rows[~np.isfinite(values).all((1, 2))][0]
            raise StatsError(
                f"V has a missing or infinite covariance among the rows {_named(bad, ids, labels)}"
            )
        sd = np.sqrt(np.einsum("bnn->bn", values))
        correlation = values / (sd[:, :, None] * sd[:, None, :])
        good = _own_share(correlation) > LEAST_SHARE
        if good.all():
            continue
        j = int(np.flatnonzero(~good)[0])
        smallest = float(np.linalg.eigvalsh(correlation[j])[0])
        raise StatsError(
            f"V is not positive definite in the block of the rows "
            f"{_named(stack.rows[j], ids, labels)}: the smallest eigenvalue of its correlations is "
            f"{smallest:.3g}; sampling errors that are correlated by 1, or correlations that "
            "contradict each other, cannot be analysed"
        )


def _own_share(correlation: FloatArray) -> FloatArray:
    """Smallest share of a row's variance that the rows before it leave, for each block, (b,)."""
    try:
        root = np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError:
        if len(correlation) == 1:
            return np.array([-1.0])
        half = len(correlation) // 2
        return np.concatenate([_own_share(correlation[:half]), _own_share(correlation[half:])])
    return np.asarray(np.einsum("bnn->bn", root).min(-1) ** 2)


def _named(rows: IntArray, ids: IntArray, labels: Sequence[str] | None) -> str:
    at = ids[rows].tolist()
    shown = [f"{i + 1}" + (f" ({labels[i]})" if labels else "") for i in at[:SHOWN]]
    return ", ".join(shown) + (f" and {len(at) - SHOWN} more" if len(at) > SHOWN else "")

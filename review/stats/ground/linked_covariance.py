"""M = V + sum of Z_l G_l Z_l': inverse, determinant and traces without a k x k matrix.

Rows that are linked form blocks, and where the blocks are small M is inverted block by block. A
random effect that would make large blocks (an effect of a big cluster, crossed effects, a known
correlation of all levels) is kept outside instead: with D the block-diagonal rest and Z, G the
outside effects,

    M^-1 = D^-1 - D^-1 Z K Z'D^-1,   K = (I + G C)^-1 G,   C = Z'D^-1 Z,
    log|M| = log|D| + log|I + G C|

(Woodbury 1950; Harville 1977, J Am Stat Assoc 72:320, section 5.2). I + G C is itself block
diagonal over the sets of linked effects. This form needs no inverse of G, so that variances of 0
and correlations of 1 are allowed. Which effects stay outside is chosen by counting operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.ground.block_diagonal import BlockDiagonal
from review.stats.ground.partition import Partition, number
from review.stats.ground.patterns import Link, Pattern, links_partition, units_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from review.stats.ground.partition import IntArray

    Floats = npt.NDArray[np.float64]

MOST: Final = 100_000_000  # elements of all blocks together (0.8 GB)
WORTH: Final = 0.5  # share of the operations below which outside effects pay


@dataclass(frozen=True, eq=False)
class _Outside:
    """The effects that are kept outside of the blocks.

    Attributes:
        links: their numbers among all links.
        unit: for each link, the number of every row's effect among all outside effects, (k,).
        parts: which effects form a block of C, G and K.
        patterns: where each link adds to G.
        Zt: Z', sparse, (effects, k).
        at: for each pair of links, where an element (i, j) of D^-1 goes in C.
    """

    links: tuple[int, ...]
    unit: tuple[IntArray, ...]
    parts: Partition
    patterns: tuple[Pattern, ...]
    Zt: Any
    at: tuple[tuple[IntArray, ...], ...]


class LinkedCovariance:
    """The covariance of k rows as a function of the matrices T of its random effects.

    Args:
        V: the part that is known.
        links: the random effects.

    Attributes:
        whole: which rows are correlated, directly or through others.
        inside: the blocks of D.
        operations: number of operations that an inversion takes, roughly.

    Raises:
        StatsError: too many rows are linked in too many ways.
    """

    def __init__(self, V: BlockDiagonal, links: Sequence[Link]) -> None:
        self.V, self.links = V, tuple(links)
        self.k = V.parts.k
        self.whole = links_partition(self.k, V.parts, list(self.links))
        outside, self.operations = _plan(V, self.links, self.whole)
        within = [link for j, link in enumerate(self.links) if j not in outside]
        self.inside = links_partition(self.k, V.parts, within)
        self._patterns = {
            j: Pattern.of(link, self.inside)
            for j, link in enumerate(self.links)
            if j not in outside
        }
        self._base = _moved(V, self.inside)
        self._outside = self._prepare(outside) if outside else None

    def _prepare(self, outside: tuple[int, ...]) -> _Outside:
        own = [units_of(self.links[j]) for j in outside]
        counts = np.cumsum([0, *(len(first) for _, first in own)])
        unit = tuple(u + start for (u, _), start in zip(own, counts[:-1], strict=True))
        first = np.concatenate([f for _, f in own])
        parts = Partition(number(self.whole.label[first]))
        patterns = []
        for j, (_, rows), start in zip(outside, own, counts[:-1], strict=True):
            link = self.links[j]
            active = np.zeros(len(first), dtype=bool)
            active[start : start + len(rows)] = True
            group = np.zeros(len(first), dtype=np.intp)
            inner = np.zeros(len(first), dtype=np.intp)
            group[active], inner[active] = link.group[rows], link.inner[rows]
            patterns.append(Pattern.of(Link(group, inner, link.c, link.R), parts, active))
        from scipy.sparse import csr_array

        rows = np.tile(np.arange(self.k), len(outside))
        Zt = csr_array(
            (np.ones(len(rows)), (np.concatenate(unit), rows)), shape=(len(first), self.k)
        )
        left, right = _pairs(self.inside)
        at = tuple(
            tuple(
                parts.offset[parts.label[u[left]]]
                + parts.place[u[left]] * parts.sizes[parts.label[u[left]]]
                + parts.place[w[right]]
                for w in unit
            )
            for u in unit
        )
        return _Outside(outside, unit, parts, tuple(patterns), Zt, at)

    def within(self, parts: Partition, Ts: Sequence[Floats]) -> BlockDiagonal:
        """Return M itself as blocks of a partition that no correlation crosses."""
        flat = _moved(self.V, parts)
        for link, T in zip(self.links, Ts, strict=True):
            Pattern.of(link, parts).add(flat, T)
        return BlockDiagonal(parts, _stacks(parts, flat))

    def factor(self, Ts: Sequence[Floats]) -> Factored:
        """Invert M.

        Args:
            Ts: T of each random effect, (c, c).

        Raises:
            NotPositiveDefinite: M is not positive definite.
        """
        flat = self._base.copy()
        for j, pattern in self._patterns.items():
            pattern.add(flat, Ts[j])
        inverse, logdet = BlockDiagonal(self.inside, _stacks(self.inside, flat)).inverse()
        o = self._outside
        if o is None:
            return Factored(self, inverse, logdet)
        values = inverse.flat()
        size = o.parts.area
        C = np.zeros(size)
        for row in o.at:
            for position in row:
                C += np.bincount(position, values, size)
        G = np.zeros(size)
        for j, pattern in zip(o.links, o.patterns, strict=True):
            pattern.add(G, Ts[j])
        stacks_C, stacks_K = _stacks(o.parts, C), []
        for c, g in zip(stacks_C, _stacks(o.parts, G), strict=True):
            K, log = _kernel(c, g)
            stacks_K.append(K)
            logdet += log
        return Factored(
            self, inverse, logdet, BlockDiagonal(o.parts, stacks_C),
            BlockDiagonal(o.parts, tuple(stacks_K)),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Factored:
    """M^-1 at given T.

    Attributes:
        logdet: log|M|.
    """

    model: LinkedCovariance
    _D: BlockDiagonal  # D^-1
    logdet: float
    _C: BlockDiagonal | None = None
    _K: BlockDiagonal | None = None

    def solve(self, B: Floats) -> Floats:
        """Return M^-1 B for B (k, m) or (k,)."""
        W = self._D.dot(B)
        o = self.model._outside  # noqa: SLF001  two halves of one object
        if o is None or self._K is None:
            return W
        u = self._K.dot(np.asarray(o.Zt @ W))
        return W - self._D.dot(np.asarray(o.Zt.T @ u))

    @cached_property
    def _blocks(self) -> BlockDiagonal:
        """The elements of M^-1 within the blocks of D."""
        o = self.model._outside  # noqa: SLF001
        if o is None or self._K is None:
            return self._D
        K = self._K.flat()
        B = np.zeros(self._D.parts.area)
        for row in o.at:
            for position in row:
                B += K[position]
        stacks = tuple(
            D - D @ b @ D for D, b in zip(self._D.stacks, _stacks(self._D.parts, B), strict=True)
        )
        return BlockDiagonal(self._D.parts, stacks)

    def diagonal(self) -> Floats:
        """Return the diagonal of M^-1, (k,)."""
        return self._blocks.diagonal()

    def sums(self) -> list[Floats]:
        """For each random effect, S (c, c) with tr(M^-1 Z G Z') = sum of T * S."""
        model = self.model
        flat = self._blocks.flat() if model._patterns else np.empty(0)  # noqa: SLF001
        found = {j: pattern.sums(flat) for j, pattern in model._patterns.items()}  # noqa: SLF001
        o = model._outside  # noqa: SLF001
        if o is not None:
            H = self._between
            found |= {j: p.sums(H) for j, p in zip(o.links, o.patterns, strict=True)}
        return [found[j] for j in range(len(model.links))]

    @cached_property
    def _between(self) -> Floats:
        """Z'M^-1 Z of the outside effects, all blocks end to end."""
        assert self._C is not None
        assert self._K is not None
        return np.concatenate(
            [(C - C @ K @ C).ravel() for C, K in zip(self._C.stacks, self._K.stacks, strict=True)]
        )

    def explained(self, j: int, T: Floats) -> Floats:
        """Return the diagonal of G Z'M^-1 Z G for one random effect, (groups c,)."""
        link = self.model.links[j]
        o = self.model._outside  # noqa: SLF001
        if o is not None and j in o.links:
            turn = o.links.index(j)
            rows = units_of(link)[1]
            start = int(o.unit[turn].min())
            of_unit = np.zeros(o.parts.k, dtype=np.intp)
            of_unit[start : start + len(rows)] = rows
            pattern, parts, flat = o.patterns[turn], o.parts, self._between
        else:
            of_unit = np.arange(self.model.k)
            pattern, parts, flat = self.model._patterns[j], self.model.inside, self._blocks.flat()  # noqa: SLF001
        left, right = _pairs(parts)
        if pattern.at is not None:
            left, right, flat = left[pattern.at], right[pattern.at], flat[pattern.at]
        left, right = of_unit[left], of_unit[right]
        if link.R is not None:
            G = link.groups
            pairs = np.bincount(link.group[left] * G + link.group[right], flat, G * G)
            moved = link.R @ pairs.reshape(G, G)
            return np.asarray(T[0, 0] ** 2 * (moved * link.R).sum(1))
        c = link.c
        at = (link.group[left] * c + link.inner[left]) * c + link.inner[right]
        H = np.bincount(at, flat, link.groups * c * c).reshape(link.groups, c, c)
        return np.asarray(np.einsum("ab,gbc,ca->ga", T, H, T, optimize=True).ravel())


def _kernel(C: Floats, G: Floats) -> tuple[Floats, float]:
    """K = (I + G C)^-1 G and log|I + G C| of a stack."""
    if C.shape[-1] == 1:
        one = 1.0 + G * C
        return G / one, float(np.log(one).sum())
    one = np.eye(C.shape[-1]) + G @ C
    K = np.linalg.solve(one, G)
    return (K + np.swapaxes(K, 1, 2)) / 2, float(np.linalg.slogdet(one)[1].sum())


def _stacks(parts: Partition, flat: Floats) -> tuple[Floats, ...]:
    out, at = [], 0
    for stack in parts.stacks:
        b, n = stack.rows.shape
        out.append(flat[at : at + b * n * n].reshape(b, n, n))
        at += b * n * n
    return tuple(out)


def _pairs(parts: Partition) -> tuple[IntArray, IntArray]:
    """Row and column of every element of the blocks laid end to end."""
    left, right = [], []
    for stack in parts.stacks:
        n = stack.rows.shape[1]
        left.append(np.repeat(stack.rows, n, axis=1).ravel())
        right.append(np.tile(stack.rows, (1, n)).ravel())
    return np.concatenate(left), np.concatenate(right)


def _moved(V: BlockDiagonal, parts: Partition) -> Floats:
    """The elements of V within larger blocks, laid end to end."""
    left, right = _pairs(V.parts)
    flat = np.zeros(parts.area)
    label = parts.label[left]
    flat[parts.offset[label] + parts.place[left] * parts.sizes[label] + parts.place[right]] = (
        V.flat()
    )
    return flat


def _plan(
    V: BlockDiagonal, links: tuple[Link, ...], whole: Partition
) -> tuple[tuple[int, ...], float]:
    """Choose the effects to keep outside of the blocks, those that save most operations."""
    candidates = [j for j, link in enumerate(links) if len(np.unique(link.linked)) < V.parts.k]
    subsets = chain.from_iterable(
        combinations(candidates, n) for n in range(min(len(candidates), 6) + 1)
    )
    costs: dict[tuple[int, ...], float] = {}
    areas: dict[tuple[int, ...], int] = {}
    for outside in subsets:
        within = [link for j, link in enumerate(links) if j not in outside]
        inside = links_partition(V.parts.k, V.parts, within) if outside else whole
        q = np.zeros(whole.m)
        for j in outside:
            first = units_of(links[j])[1]
            q += np.bincount(whole.label[first], minlength=whole.m)
        areas[outside] = int(inside.area + (q**2).sum())
        costs[outside] = float(
            (inside.sizes.astype(float) ** 3).sum()
            + 3 * (q**3).sum()
            + 10 * inside.area * len(outside) ** 2
        )
    best = min(costs, key=lambda o: (costs[o], len(o)))
    chosen = () if costs[best] > WORTH * costs[()] and areas[()] <= MOST else best
    if areas[chosen] > MOST:
        raise StatsError(
            f"the model links {int(whole.sizes.max()):,} rows with each other in ways that need "
            f"{areas[chosen] * 8 / 1e9:.0f} GB of memory; use fewer crossed random effects, or "
            "leave correlations between sampling errors out of large clusters"
        )
    return chosen, costs[chosen]

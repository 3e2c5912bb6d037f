"""Where a random effect adds to a block-diagonal covariance, and what is summed there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from review.stats.ground.partition import Partition, connected, number

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.ground.partition import IntArray

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Link:
    """A random effect that rows share: cov(i, j) = T[inner i, inner j] R[group i, group j].

    Attributes:
        group: number of each row's group, 0 to G - 1, (k,). Without R, different groups are
            independent.
        inner: number of each row's level within its group, 0 to c - 1, (k,).
        c: number of levels; 1 for a random intercept.
        R: known correlation of the groups, (G, G), or None; only with c = 1.
    """

    group: IntArray
    inner: IntArray
    c: int = 1
    R: Floats | None = None

    @property
    def groups(self) -> int:
        """Number of groups."""
        return int(self.group.max()) + 1

    @cached_property
    def linked(self) -> IntArray:
        """Number of the set of correlated groups that each row belongs to, (k,)."""
        if self.R is None:
            return self.group
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        label = connected_components(csr_array(self.R != 0), directed=False)[1]
        return np.asarray(label[self.group], dtype=np.intp)

    @cached_property
    def unit(self) -> IntArray:
        """Number of each row's effect among the G c effects, (k,)."""
        return self.group * self.c + self.inner

    @cached_property
    def _collect(self) -> Any:
        from scipy.sparse import csr_array

        k = len(self.group)
        shape = (self.groups * self.c, k)
        return csr_array((np.ones(k), (self.unit, np.arange(k))), shape=shape)

    def collect(self, W: Floats) -> Floats:
        """Sum the rows of W (k, m) by effect: Z'W as (G, c, m)."""
        return np.asarray(self._collect @ W).reshape(self.groups, self.c, -1)

    def products(self, U: Floats) -> Floats:
        """Return S with sum over a, b of T[a, b] S[a, b] = W'(ZGZ')W, (c, c, m, m).

        Args:
            U: Z'W from `collect`, (G, c, m).
        """
        if self.c == 1:
            flat = U[:, 0]
            return np.asarray(flat.T @ (flat if self.R is None else self.R @ flat))[None, None]
        G, c, m = U.shape
        flat = U.reshape(G, c * m)
        return np.asarray((flat.T @ flat).reshape(c, m, c, m).transpose(0, 2, 1, 3))

    def spread(self, T: Floats, u: Floats) -> Floats:
        """Multiply effects u (G, c) with the covariances T (n, c, c) and give them to the rows.

        Returns:
            Z(T x R)u, (k, n).
        """
        if self.R is not None:
            u = self.R @ u
        out = np.einsum("gc,ncd->ngd", u, T, optimize=self.c > 1)
        return np.asarray(out.reshape(len(T), -1)[:, self.unit].T)


@dataclass(frozen=True, eq=False)
class Pattern:
    """The elements of the blocks of a partition that a link adds to.

    Attributes:
        at: their positions when all blocks are laid end to end, (q,); None for all of them.
        levels: the element of T (as one row) that stands there, (q,); None when c is 1.
        weight: the known correlation there, (q,); None for 1.
    """

    c: int
    at: IntArray | None
    levels: IntArray | None
    weight: Floats | None

    @classmethod
    def of(
        cls, link: Link, parts: Partition, active: npt.NDArray[np.bool_] | None = None
    ) -> Pattern:
        """Find the pattern.

        Args:
            link: the random effect.
            parts: blocks that are not smaller than the sets of rows that it links.
            active: which rows have the effect at all, (k,); all by default.
        """
        at, levels, weight = [], [], []
        start = 0
        for stack in parts.stacks:
            g = link.group[stack.rows]
            same = g[:, :, None] == g[:, None, :]
            if link.R is not None:
                R = link.R[g[:, :, None], g[:, None, :]]
                same = R != 0
            if active is not None:
                on = active[stack.rows]
                same = same & on[:, :, None] & on[:, None, :]
            found = np.flatnonzero(same.ravel())
            at.append(found + start)
            if link.c > 1:
                j = link.inner[stack.rows]
                levels.append((j[:, :, None] * link.c + j[:, None, :]).ravel()[found])
            if link.R is not None:
                weight.append(R.ravel()[found])
            start += same.size
        where = np.concatenate(at)
        return cls(
            link.c,
            None if len(where) == start else where,
            np.concatenate(levels) if levels else None,
            np.concatenate(weight) if weight else None,
        )

    def add(self, flat: Floats, T: Floats) -> None:
        """Add T to the blocks laid end to end."""
        values: Any = T[0, 0] if self.levels is None else T.ravel()[self.levels]
        if self.weight is not None:
            values = values * self.weight
        if self.at is None:
            flat += values
        else:
            flat[self.at] += values

    def sums(self, flat: Floats) -> Floats:
        """Sum elements of blocks laid end to end by the element of T they meet, (c, c)."""
        values = flat if self.at is None else flat[self.at]
        if self.weight is not None:
            values = values * self.weight
        if self.levels is None:
            return np.full((1, 1), values.sum())
        sums = np.bincount(self.levels, values, self.c * self.c)
        return np.asarray(sums.reshape(self.c, self.c), np.float64)


def links_partition(k: int, own: Partition, links: list[Link]) -> Partition:
    """Blocks of rows that a covariance with partition `own` and random effects link."""
    return connected(k, [own.label, *(link.linked for link in links)])


def units_of(link: Link) -> tuple[IntArray, IntArray]:
    """Number the effects that occur.

    Returns:
        The number of each row's effect, (k,), and the first row of each effect, (q,).
    """
    _, first = np.unique(link.unit, return_index=True)
    return number(link.unit), first.astype(np.intp)

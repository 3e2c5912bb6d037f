"""Covariances of several random effects in blocks, as sums of known matrices times parameters.

A block is a study: its cells are the logits of sensitivity and false-positive rate of each of its
rows. Random effects are shared by the cells of a study, of a row, or of a test in a study. Each
component has a covariance matrix Omega = L L' of size q, whose elements sigma_s enter the
covariance of a block through matrices D_s of 0 and 1, so that it is the sum of sigma_s D_s. L is
lower triangular and free (see `psi_factor` for why).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray

    Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Component:
    """One covariance matrix of size q.

    Attributes:
        name: what it varies over.
        q: its size.
        D: how its elements (lower triangle by rows) enter the blocks, (q (q+1) / 2, C or 1, m, m).
        diagonal: whether its off-diagonal elements are 0.
    """

    name: str
    q: int
    D: FloatArray
    diagonal: bool = False

    @property
    def triangle(self) -> tuple[Ints, Ints]:
        """Rows and columns of the elements."""
        i, j = np.tril_indices(self.q)
        return i, j

    @property
    def free(self) -> Ints:
        """Positions of the elements of L that are estimated."""
        i, j = self.triangle
        return np.flatnonzero(i == j) if self.diagonal else np.arange(len(i))


@dataclass(frozen=True, eq=False)
class JointCovariance:
    """All components together; parameters are the free elements of their factors in turn."""

    components: tuple[Component, ...]
    D: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        shape = np.broadcast_shapes(*(c.D.shape[1:] for c in self.components))
        D = np.concatenate([np.broadcast_to(c.D, (len(c.D), *shape)) for c in self.components])
        object.__setattr__(self, "D", D)

    @property
    def n_free(self) -> int:
        """Number of parameters."""
        return sum(len(c.free) for c in self.components)

    def factors(self, theta: FloatArray) -> list[FloatArray]:
        """L of each component, (B, q, q)."""
        out, at = [], 0
        for c in self.components:
            i, j = c.triangle
            L = np.zeros((len(theta), c.q, c.q))
            L[:, i[c.free], j[c.free]] = theta[:, at : at + len(c.free)]
            at += len(c.free)
            out.append(L)
        return out

    def matrices(self, theta: FloatArray) -> list[FloatArray]:
        """Omega of each component, (B, q, q)."""
        return [L @ L.transpose(0, 2, 1) for L in self.factors(theta)]

    def of_blocks(self, theta: FloatArray) -> FloatArray:
        """Covariances of the blocks, (B, C or 1, m, m)."""
        sigma = np.concatenate(
            [M[:, *c.triangle] for c, M in zip(self.components, self.matrices(theta), strict=True)],
            axis=1,
        )
        return np.asarray(np.tensordot(sigma, self.D, axes=1))

    def pull(self, theta: FloatArray, by_sigma: FloatArray) -> FloatArray:
        """Derivatives by the parameters from those by the elements, (B, S) to (B, n_free)."""
        return np.asarray(np.einsum("bsj,bs->bj", self.jacobian(theta), by_sigma))

    def jacobian(self, theta: FloatArray) -> FloatArray:
        """Derivatives of the elements by the parameters, (B, S, n_free)."""
        J = np.zeros((len(theta), len(self.D), self.n_free))
        row, column = 0, 0
        for c, L in zip(self.components, self.factors(theta), strict=True):
            i, j = c.triangle
            for f in c.free.tolist():
                a, k = int(i[f]), int(j[f])
                # Omega_ij = sum_k L_ik L_jk
                J[:, row : row + len(i), column] = (i == a) * L[:, j, k] + (j == a) * L[:, i, k]
                column += 1
            row += len(i)
        return J

    def pull_twice(self, theta: FloatArray, by_sigma: FloatArray, hess: FloatArray) -> FloatArray:
        """Second derivatives by the parameters, (B, n_free, n_free).

        Args:
            theta: parameters, (B, n_free).
            by_sigma: first derivatives by the elements, (B, S).
            hess: second ones, (B, S, S).
        """
        J = self.jacobian(theta)
        out: FloatArray = np.einsum("bsi,bst,btj->bij", J, hess, J)
        row, column = 0, 0
        for c in self.components:
            i, j = c.triangle
            place = {pair: s for s, pair in enumerate(zip(i.tolist(), j.tolist(), strict=True))}
            cells = [(int(i[f]), int(j[f])) for f in c.free.tolist()]
            for u, (a, k) in enumerate(cells):
                for v, (b, l) in enumerate(cells):
                    if k == l:  # second derivatives of Omega_ab by L_ak and L_bk: 1, or 2 if a = b
                        s = place[max(a, b), min(a, b)]
                        out[:, column + u, column + v] += (1 + (a == b)) * by_sigma[:, row + s]
            row += len(i)
            column += len(cells)
        return out


def shared(name: str, members: FloatArray, *, diagonal: bool = False) -> Component:
    """A component whose random effects are shared within groups of cells.

    Args:
        name: what it varies over.
        members: for each cell of a block, which of the q effects of which group it has:
            (G, C or 1, m, q) of 0 and 1, G groups within a block.
        diagonal: whether the effects are uncorrelated.
    """
    q = members.shape[-1]
    i, j = np.tril_indices(q)
    D = []
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        one = np.einsum("gcm,gcn->cmn", members[..., a], members[..., b])
        D.append(one if a == b else one + one.transpose(0, 2, 1))
    return Component(name, q, np.stack(D), diagonal)

"""Fits the bivariate model to the counts themselves: exact binomial within-study likelihood.

Chu & Cole 2006 (J Clin Epidemiol 59:1331). No continuity correction is needed, and a cell of 0 is
no problem. The parameters (coefficients and the Cholesky factor of Psi) are climbed together from
several starts by Newton's method; second derivatives are central differences of analytic first ones,
all points of which are one batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.errors import ConvergenceError
from review.stats.accuracy.ascent import Ascent, ascend
from review.stats.accuracy.binomial_kernel import BinomialBlocks, laplace, quadrature
from review.stats.accuracy.bivariate_normal import SAME, CovarianceFit, count_maxima, starts
from review.stats.accuracy.psi_factor import STRUCTURES, at_edge, jacobian, psi_of

if TYPE_CHECKING:
    from review.stats.kernels import FloatArray

MOST_NODES = 101
# Fisher's identity gives the derivative of the integral, not of its quadrature by few nodes
QUADRATURE_SLACK = 1e-3
DIFFERENCE = 1e-4  # of a parameter, for second derivatives from analytic first ones


@dataclass(frozen=True, eq=False)
class ExactModel:
    """The likelihood as a function of (beta, free elements of the factor).

    Attributes:
        blocks: the counts. p: number of coefficients. free: elements of the factor.
        nodes: of the quadrature per dimension; 1 is Laplace's approximation.
    """

    blocks: BinomialBlocks
    p: int
    free: tuple[int, ...]
    nodes: int

    def factor(self, theta: FloatArray) -> FloatArray:
        """(a, b, c) of Psi, (B, 3)."""
        out = np.zeros((len(theta), 3))
        out[:, list(self.free)] = theta[:, self.p :]
        return out

    def score(
        self, theta: FloatArray, near: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood (B,), gradient (B, q) and modes at parameters (B, q)."""
        factor = self.factor(theta)
        fixed = np.einsum("cmp,bp->bcm", self.blocks.X, theta[:, : self.p])
        if self.nodes == 1:
            omega = psi_of(factor)[:, [0, 1, 1, 2]].reshape(-1, 1, 2, 2)
            at = laplace(self.blocks, fixed, omega, near)
            total = at.by_covariance.sum(1).reshape(-1, 4)
            by_psi = np.stack([total[:, 0], total[:, 1] + total[:, 2], total[:, 3]], axis=-1)
            by_factor = np.einsum("bsi,bs->bi", jacobian(factor), by_psi)
        else:
            root = np.zeros((len(theta), 1, 2, 2))
            root[:, 0, 0, 0], root[:, 0, 1, 0], root[:, 0, 1, 1] = factor.T
            at = quadrature(self.blocks, fixed, root, self.nodes, near)
            total = at.by_covariance.sum(1).reshape(-1, 4)
            by_factor = total[:, [0, 2, 3]]
        by_beta = np.einsum("cmp,bcm->bp", self.blocks.X, at.by_eta)
        grad = np.concatenate([by_beta, by_factor[:, list(self.free)]], axis=1)
        return at.value.sum(1) + self.blocks.log_choose, grad, at.a

    def evaluate(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value, gradient and Hessian, the latter by central differences of the gradient."""
        value, grad, near = self.score(theta)
        B, q = theta.shape
        h = DIFFERENCE * (1 + np.abs(theta))
        shift = np.eye(q)[:, None, :] * h  # (q, B, q)
        points = np.concatenate([theta - shift, theta + shift]).reshape(-1, q)
        around = np.tile(near, (2 * q, 1, 1))
        moved = self.score(points, around)[1].reshape(2, q, B, q)
        hess = ((moved[1] - moved[0]) / (2 * h.T[:, :, None])).transpose(1, 0, 2)
        return value, grad, 0.5 * (hess + hess.transpose(0, 2, 1))


def fit_exact(
    blocks: BinomialBlocks,
    moments: FloatArray,
    scale: FloatArray,
    beta: FloatArray,
    *,
    structure: str = "UN",
    nodes: int = 1,
) -> CovarianceFit:
    """Estimate the model by maximum likelihood.

    Args:
        blocks: counts of (true positives of diseased, false positives of not diseased), (k, 2).
        moments: rough estimate of psi to start from, (3,).
        scale: typical sampling variances, (2,).
        beta: coefficients to start from, (p,).
        structure: "UN", or "DIAG" for a correlation of 0.
        nodes: of the quadrature per dimension; 1 is Laplace's approximation.

    Raises:
        ConvergenceError: no start reached a maximum.
    """
    p, free = len(beta), STRUCTURES[structure]
    model = ExactModel(blocks, p, free, 1)
    begin = starts(moments, scale)[:, list(free)]
    first = np.column_stack([np.tile(beta, (len(begin), 1)), begin])
    found = ascend(model.evaluate, first)
    if nodes > 1 and found.converged.any():
        # Laplace's approximation costs a fraction of the quadrature and ends close to it
        model = ExactModel(blocks, p, free, nodes)
        found = ascend(model.evaluate, distinct(found), slack=QUADRATURE_SLACK)
    if not found.converged.any():
        raise ConvergenceError(
            f"the exact likelihood of the bivariate model has no maximum that could be found from "
            f"{len(first)} starts; try structure='DIAG', or method='REML'"
        )
    best = found.best
    theta = found.theta[best]
    factor = model.factor(theta[None])[0]
    psi, rho, singular = at_edge(psi_of(factor), scale)
    vb, cov = _covariances(-found.hess[best], factor, p, free)
    return CovarianceFit(
        theta[:p], vb, psi, 0.0 if structure == "DIAG" else rho, singular,
        None if singular else cov, float(found.value[best]), found.iterations,
        count_maxima(found.value[found.converged]),
    )  # fmt: skip


def distinct(found: Ascent) -> FloatArray:
    """Return one parameter vector for each maximum that was found."""
    at = np.flatnonzero(found.converged)
    at = at[np.argsort(-found.value[at], kind="stable")]
    first = np.ones(len(at), dtype=bool)
    first[1:] = np.diff(-found.value[at]) > SAME * (1 + np.abs(found.value[at[1:]]))
    return found.theta[at[first]]


def _covariances(
    information: FloatArray, factor: FloatArray, p: int, free: tuple[int, ...]
) -> tuple[FloatArray, FloatArray | None]:
    """Covariances of the coefficients, and of these and psi, from the observed information.

    At the edge of the range of Psi a direction of the factor has no information; it is left out.
    """
    values, vectors = np.linalg.eigh(information)
    some = values > 1e-9 * values.max()
    whole = (vectors[:, some] / values[some]) @ vectors[:, some].T
    J = np.zeros((p + 3, len(whole)))
    J[:p, :p] = np.eye(p)
    J[p:, p:] = jacobian(factor)[:, list(free)]
    return whole[:p, :p], J @ whole @ J.T if some.all() else None

"""Fits random-effects models to the counts themselves: exact binomial within-study likelihood.

Chu & Cole 2006 (J Clin Epidemiol 59:1331). No continuity correction is needed, and a cell of 0 is
no problem. The parameters (coefficients and the factors of the covariances) are climbed together
from several starts by Newton's method; second derivatives are central differences of analytic first
ones, all points of which are one batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.errors import ConvergenceError
from review.stats.accuracy.bivariate_normal import SAME, count_maxima
from review.stats.accuracy.joint_normal import JointFit
from review.stats.ground.ascent import Ascent, ascend, with_hessian
from review.stats.ground.binomial_kernel import BinomialBlocks, laplace, quadrature

if TYPE_CHECKING:
    from review.stats.accuracy.joint_covariance import JointCovariance
    from review.stats.ground.least_squares import FloatArray

MOST_NODES = 101
# Fisher's identity gives the derivative of the integral, not of its quadrature by few nodes
QUADRATURE_SLACK = 1e-3


@dataclass(frozen=True, eq=False)
class ExactModel:
    """The likelihood as a function of (beta, free elements of the factors).

    Attributes:
        blocks: the counts.
        covariance: the random effects.
        nodes: of the quadrature per dimension; 1 is Laplace's approximation.
    """

    blocks: BinomialBlocks
    covariance: JointCovariance
    nodes: int

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.blocks.X.shape[-1])

    def score(
        self, theta: FloatArray, near: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood (B,), gradient (B, q) and modes at parameters (B, q)."""
        free = theta[:, self.p :]
        fixed = np.einsum("cmp,bp->bcm", self.blocks.X, theta[:, : self.p])
        if self.nodes == 1:
            at = laplace(self.blocks, fixed, self.covariance.of_blocks(free), near)
            by_factor = self.covariance.pull(free, self._by_sigma(at.by_covariance))
        else:
            root = self.covariance.factors(free)[0]
            at = quadrature(self.blocks, fixed, root[:, None], self.nodes, near)
            component = self.covariance.components[0]
            i, j = component.triangle
            by_factor = at.by_covariance.sum(1)[:, i[component.free], j[component.free]]
        by_beta = np.einsum("cmp,bcm->bp", self.blocks.X, at.by_eta)
        grad = np.concatenate([by_beta, by_factor], axis=1)
        return at.value.sum(1) + self.blocks.log_choose, grad, at.a

    def _by_sigma(self, by_omega: FloatArray) -> FloatArray:
        """Derivatives by the elements of the covariances, (B, S)."""
        D = self.covariance.D
        if D.shape[1] == 1:
            by_omega = by_omega.sum(1, keepdims=True)
        return by_omega.reshape(len(by_omega), -1) @ D.reshape(len(D), -1).T

    def evaluate(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value, gradient and Hessian."""
        return with_hessian(self.score, theta)


def fit_exact(
    blocks: BinomialBlocks,
    covariance: JointCovariance,
    beta: FloatArray,
    begin: FloatArray,
    *,
    nodes: int = 1,
) -> tuple[JointFit, FloatArray]:
    """Estimate a model by maximum likelihood.

    Args:
        blocks: counts.
        covariance: the random effects; with `nodes` above 1 one pair of them, in blocks of 2 cells.
        beta: coefficients to start from, (p,).
        begin: factors to start from, (B, n_free).
        nodes: of the quadrature per dimension; 1 is Laplace's approximation.

    Returns:
        The fit, and the observed information on (beta, factors).

    Raises:
        ConvergenceError: no start reached a maximum.
    """
    model = ExactModel(blocks, covariance, 1)
    first = np.column_stack([np.tile(beta, (len(begin), 1)), begin])
    found = ascend(model.evaluate, first)
    if nodes > 1 and found.converged.any():
        # Laplace's approximation costs a fraction of the quadrature and ends close to it
        model = ExactModel(blocks, covariance, nodes)
        found = ascend(model.evaluate, distinct(found), slack=QUADRATURE_SLACK)
    if not found.converged.any():
        raise ConvergenceError(
            f"the exact likelihood has no maximum that could be found from {len(first)} starts; "
            "try structure='DIAG', or method='REML'"
        )
    best, p = found.best, model.p
    theta = found.theta[best]
    information = -found.hess[best]
    value = float(found.value[best])
    fit = JointFit(
        theta[:p], _inverse(information)[:p, :p],
        tuple(M[0] for M in covariance.matrices(theta[None, p:])), theta[p:], value, value,
        float("nan"), found.iterations, count_maxima(found.value[found.converged]),
    )  # fmt: skip
    return fit, information


def distinct(found: Ascent) -> FloatArray:
    """Return one parameter vector for each maximum that was found."""
    at = np.flatnonzero(found.converged)
    at = at[np.argsort(-found.value[at], kind="stable")]
    first = np.ones(len(at), dtype=bool)
    first[1:] = np.diff(-found.value[at]) > SAME * (1 + np.abs(found.value[at[1:]]))
    return found.theta[at[first]]


def _inverse(information: FloatArray) -> FloatArray:
    """Inverse of the observed information.

    At the edge of the range of a covariance a direction of its factor has no information; it is
    left out.
    """
    values, vectors = np.linalg.eigh(information)
    some = values > 1e-9 * values.max()
    return np.asarray((vectors[:, some] / values[some]) @ vectors[:, some].T)

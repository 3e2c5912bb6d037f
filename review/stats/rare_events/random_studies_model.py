"""The model with random study effects: one normal rate of events, one normal effect per study.

The linear predictors of the two groups of study i are

    alpha + s_i + x_i' beta + load_1 u_i   and   alpha + s_i + load_2 u_i

with s_i ~ N(0, sigma^2) and u_i ~ N(0, tau^2), uncorrelated (Turner et al. 2000, Stat Med 19:3417;
Jackson et al. 2018, Stat Med 37:1059, model 4). The two effects are integrated out by the kernel of
the bivariate model of accuracy: Laplace's approximation, or quadrature in two dimensions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.ascent import with_hessian
from review.stats.ground.binomial_kernel import BinomialBlocks, Marginal, laplace, quadrature

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray


@dataclass(frozen=True, eq=False)
class RandomStudiesModel:
    """Parameters are (alpha, beta, sigma, tau).

    Attributes:
        blocks: counts of the two groups, with designs (k, 2, 1 + p).
        loads: of the random effect, (2,).
        nodes: of the quadrature per dimension.
    """

    blocks: BinomialBlocks
    loads: FloatArray
    nodes: int

    @property
    def p(self) -> int:
        """Number of coefficients, with alpha."""
        return int(self.blocks.X.shape[-1])

    @property
    def constant(self) -> float:
        """What the log-likelihood has beside `score`."""
        return self.blocks.log_choose

    def studies(
        self, theta: FloatArray, near: FloatArray | None = None, shift: float = 0.0
    ) -> tuple[Marginal, FloatArray]:
        """Likelihood of each study, and the columns that bring (s, u) to the predictors.

        Args:
            theta: parameters, (B, q).
            near: states of parameters that are close.
            shift: added to every study's effect.
        """
        fixed = np.einsum("cmp,bp->bcm", self.blocks.X, theta[:, : self.p])
        fixed = fixed + shift * self.loads
        ways = np.stack([np.ones(2), self.loads], axis=1)  # (2, 2): predictors by (s, u)
        root = ways * theta[:, None, -2:]  # (B, 2, 2)
        if self.nodes == 1:
            omega = root @ np.swapaxes(root, -1, -2)
            return laplace(self.blocks, fixed, omega[:, None], near), ways
        return quadrature(self.blocks, fixed, root[:, None], self.nodes, near), ways

    def score(
        self, theta: FloatArray, near: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood (B,), gradient (B, q) and modes at parameters (B, q)."""
        at, ways = self.studies(theta, near)
        by_beta = np.einsum("cmp,bcm->bp", self.blocks.X, at.by_eta)
        pull = at.by_covariance.sum(1)  # by Omega, or by its root
        if self.nodes == 1:
            by_sd = 2 * theta[:, -2:] * np.einsum("mi,bmn,ni->bi", ways, pull, ways)
        else:
            by_sd = np.einsum("mi,bmi->bi", ways, pull)
        return at.value.sum(1), np.concatenate([by_beta, by_sd], axis=1), at.a

    def evaluate(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value, gradient and Hessian of the log-likelihood."""
        return with_hessian(self.score, theta)

    def exactly(self, nodes: int) -> RandomStudiesModel:
        """Return the model with another number of nodes."""
        return replace(self, nodes=nodes)

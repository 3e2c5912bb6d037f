"""Log-likelihoods of whole models of counts, with gradient and Hessian, for `ascend`.

The linear predictor of group j of study i is

    x_ij' beta + d_j alpha_i + load_j tau z_i

with coefficients beta, one free parameter alpha_i per study in some models (the study's own rate of
events, or in saturated models its own effect), and a random effect z_i in others. The alpha_i are
profiled out: given (beta, tau) each maximises its own study's likelihood, so that the model has
p + 1 parameters whatever the number of studies; the Hessian of the profile likelihood is the Schur
complement of the whole one, and its inverse the covariance of (beta, tau).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.ascent import with_hessian
from review.stats.rare_events.study_marginal import StudyMarginal, study_marginal

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.rare_events.glmm_likelihoods import Counts

PROFILE_STEPS = 100
LONGEST = 2.0  # step of a study's own parameter, on the logit or log scale
FINE = 1e-12
DIFFERENCE = 1e-4


@dataclass(frozen=True, eq=False)
class GroupsModel:
    """One random effect per study, or none.

    Attributes:
        groups: counts of the m groups of k studies.
        X: designs, (m, k, p).
        loads: of the random effect, (m,); None for a model without one.
        own: d_j, how the study's own parameter enters, (m,); None for a model without.
        begin: start values of these parameters, (k,).
        nodes: of the quadrature.
    """

    groups: tuple[Counts, ...]
    X: FloatArray
    loads: FloatArray | None
    own: FloatArray | None
    begin: FloatArray
    nodes: int

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.X.shape[-1])

    @property
    def constant(self) -> float:
        """What the log-likelihood has beside `score`."""
        return float(sum(f.constants.sum() for f in self.groups))

    def score(
        self, theta: FloatArray, near: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood (B,), gradient (B, q) and state (B, 2, k) at parameters (B, q)."""
        at, alpha = self.studies(theta, near)
        by_beta = np.einsum("mkp,mbk->bp", self.X, at.by_fixed)
        columns = [by_beta]
        if self.loads is not None:
            columns.append(at.by_tau.sum(1, keepdims=True))
        return at.value.sum(1), np.concatenate(columns, axis=1), np.stack([at.mode, alpha], axis=1)

    def studies(
        self, theta: FloatArray, near: FloatArray | None = None
    ) -> tuple[StudyMarginal, FloatArray]:
        """Likelihood of each study, and the studies' own parameters (B, k)."""
        base = np.einsum("mkp,bp->mbk", self.X, theta[:, : self.p])
        tau = np.zeros(len(theta)) if self.loads is None else theta[:, -1]
        loads = np.zeros(len(self.groups)) if self.loads is None else self.loads
        mode = None if near is None else near[:, 0]
        if self.own is None:
            at = study_marginal(self.groups, loads, base, tau, nodes=self.nodes, near=mode)
            return at, np.zeros(at.value.shape)
        d = self.own[:, None, None]
        alpha = np.broadcast_to(self.begin, base.shape[1:]) if near is None else near[:, 1]
        at = study_marginal(self.groups, loads, base + d * alpha, tau, nodes=self.nodes, near=mode)
        slope = (d * at.by_fixed).sum(0)
        curve = np.einsum("i,j,ijbk->bk", self.own, self.own, at.bend)
        for _ in range(PROFILE_STEPS):
            # where nothing depends on the parameter it stays as it is
            safe = np.where(curve > 0, curve, 1.0)
            step = np.clip(np.where(curve > 0, slope / safe, 0.0), -LONGEST, LONGEST)
            alpha = alpha + step
            at = study_marginal(
                self.groups, loads, base + d * alpha, tau, nodes=self.nodes, near=at.mode
            )
            new = (d * at.by_fixed).sum(0)
            if not (np.abs(step) > FINE * (1 + np.abs(alpha))).any():
                break
            # the secant knows the curvature of the quadrature, Laplace's approximation does not
            with np.errstate(divide="ignore", invalid="ignore"):
                secant = (slope - new) / step
            plain = np.einsum("i,j,ijbk->bk", self.own, self.own, at.bend)
            good = np.isfinite(secant) & (secant > 0.2 * plain) & (secant < 5 * plain)
            curve, slope = np.where(good, secant, plain), new
        return at, alpha

    def evaluate(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Value, gradient and Hessian of the (profile) log-likelihood."""
        return with_hessian(self.score, theta)

    def study_information(self, theta: FloatArray, alpha: FloatArray) -> FloatArray:
        """Minus the second derivatives of each study by (alpha_i, beta, tau), (k, 1+q, 1+q).

        Args:
            theta: parameters, (q,).
            alpha: the studies' own ones, (k,).
        """
        assert self.own is not None
        q = len(theta)
        width = np.concatenate([[DIFFERENCE], DIFFERENCE * (1 + np.abs(theta))])
        shift = np.concatenate([np.diag(width), -np.diag(width)])
        moved = theta + shift[:, 1:]
        base = np.einsum("mkp,bp->mbk", self.X, moved[:, : self.p])
        base = base + self.own[:, None, None] * (alpha + shift[:, :1])
        loads = np.zeros(len(self.groups)) if self.loads is None else self.loads
        tau = np.zeros(len(moved)) if self.loads is None else moved[:, -1]
        at = study_marginal(self.groups, loads, base, tau, nodes=self.nodes)
        rows = [np.einsum("m,mbk->kb", self.own, at.by_fixed)[:, :, None]]
        rows.append(np.einsum("mkp,mbk->kbp", self.X, at.by_fixed))
        if self.loads is not None:
            rows.append(at.by_tau.T[:, :, None])
        grad = np.concatenate(rows, axis=2)  # (k, 2 (1+q), 1+q)
        hess = (grad[:, : q + 1] - grad[:, q + 1 :]) / (2 * width[None, :, None])
        return np.asarray(-0.5 * (hess + hess.transpose(0, 2, 1)))

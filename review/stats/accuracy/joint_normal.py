"""The normal likelihood of blocks of logits with several random effects, and its maximum.

As `bivariate_kernel`, for blocks of any size m: V_i = S_i + Omega_i, P = W - W X (X'WX)^-1 X'W.
Cost is linear in the number of blocks. Derivatives by the elements sigma_s of the covariances are
those of a linear covariance structure (Harville 1977, sec. 4):

    dl/ds = (y'P D_s P y - tr(P D_s)) / 2
    d2l/dsdt = tr(P D_s P D_t) / 2 - y'P D_s P D_t P y
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.errors import ConvergenceError
from review.stats.accuracy.bivariate_kernel import LOG_2PI
from review.stats.accuracy.bivariate_normal import count_maxima
from review.stats.ground.ascent import ascend

if TYPE_CHECKING:
    from review.stats.accuracy.joint_covariance import JointCovariance
    from review.stats.ground.least_squares import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class JointSample:
    """Logits in blocks.

    Attributes:
        y: (C, m), 0 where there is none. S: sampling covariances, (C, m, m), 1 on the diagonal
            where there is none. on: which cells are there, (C, m). X: design, (C, m, p), 0 where
            there is none.
    """

    y: FloatArray
    S: FloatArray
    on: BoolArray
    X: FloatArray

    @property
    def n(self) -> int:
        """Number of logits."""
        return int(self.on.sum())


@dataclass(frozen=True, eq=False)
class JointFit:
    """Coefficients and covariances of a joint model.

    Attributes:
        beta, vb: coefficients (p,) and their covariance (p, p).
        matrices: covariance of each component, (q, q).
        theta: elements of their factors.
        value: log-likelihood. ml, reml: either kind (reml NaN for the exact model).
        iterations, maxima: of the ascent.
    """

    beta: FloatArray
    vb: FloatArray
    matrices: tuple[FloatArray, ...]
    theta: FloatArray
    value: float
    ml: float
    reml: float
    iterations: int
    maxima: int


@dataclass(frozen=True, eq=False)
class JointLikelihood:
    """Log-likelihood of a batch of factors with what follows from it.

    Attributes:
        ml, reml: both log-likelihoods, (B,).
        grad, hess: of the one asked for, by the factors, (B, n_free) and (B, n_free, n_free).
        beta, vb: coefficients, (B, p), and their covariance, (B, p, p).
        cross: information that coefficients and factors share, (B, n_free, p).
    """

    ml: FloatArray
    reml: FloatArray
    grad: FloatArray
    hess: FloatArray
    beta: FloatArray
    vb: FloatArray
    cross: FloatArray


def joint_likelihood(
    s: JointSample, model: JointCovariance, theta: FloatArray, *, restricted: bool
) -> JointLikelihood:
    """Evaluate the profile log-likelihood at factors theta, (B, n_free).

    Args:
        s: the logits.
        model: their random effects.
        theta: factors.
        restricted: derivatives of the REML log-likelihood instead of ML.
    """
    both = s.on[:, :, None] & s.on[:, None, :]
    V = s.S + model.of_blocks(theta) * both
    W = np.linalg.inv(V) * both
    logdet = np.linalg.slogdet(V)[1].sum(-1)
    WX = W @ s.X
    C = np.linalg.inv(np.einsum("cmp,bcmq->bpq", s.X, WX))
    beta = (C @ np.einsum("bcmp,cm->bp", WX, s.y)[..., None])[..., 0]
    r = (s.y - np.einsum("cmp,bp->bcm", s.X, beta)) * s.on
    Wr = (W @ r[..., None])[..., 0]
    p = s.X.shape[-1]
    gram = float(np.linalg.slogdet(np.einsum("cmp,cmq->pq", s.X, s.X))[1])
    deviance = logdet + np.einsum("bcm,bcm->b", r, Wr) + s.n * LOG_2PI
    more = -np.linalg.slogdet(C)[1] - gram - p * LOG_2PI
    D = model.D
    DWr = np.einsum("scmn,bcn->bscm", D, Wr)
    DWX = np.einsum("scmn,bcnp->bscmp", D, WX)
    WD = np.einsum("bcmn,scnk->bscmk", W, D)
    score = np.einsum("bcmp,bscm->bsp", WX, DWr)
    grad = np.einsum("bcm,bscm->bs", Wr, DWr) - np.einsum("bscmm->bs", WD)
    twice = np.einsum("bscmn,btcnm->bst", WD, WD)
    outer = np.einsum("bscm,bcmn,btcn->bst", DWr, W, DWr, optimize=True)
    outer -= np.einsum("bsp,bpq,btq->bst", score, C, score)
    if restricted:
        A = np.einsum("bcmp,bscmq->bspq", WX, DWX)
        CA = C[:, None] @ A
        grad = grad + np.einsum("bsii->bs", CA)
        mixed = np.einsum("bscmp,bcmn,btcnq->bstpq", DWX, W, DWX, optimize=True)
        twice = twice - 2 * np.einsum("bpq,bstqp->bst", C, mixed)
        twice += np.einsum("bsij,btji->bst", CA, CA)
    hess = model.pull_twice(theta, 0.5 * grad, 0.5 * twice - outer)
    cross = np.einsum("bsj,bsp->bjp", model.jacobian(theta), score)
    return JointLikelihood(
        -0.5 * deviance, -0.5 * (deviance + more), model.pull(theta, 0.5 * grad), hess, beta,
        np.asarray(C, dtype=np.float64), cross,
    )  # fmt: skip


def fit_joint_normal(
    s: JointSample, model: JointCovariance, begin: FloatArray, *, restricted: bool
) -> JointFit:
    """Estimate a joint model.

    Args:
        s: the logits.
        model: their random effects.
        begin: factors to start from, (B, n_free).
        restricted: REML instead of ML.

    Raises:
        ConvergenceError: no start reached a maximum.
    """

    def evaluate(theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        at = joint_likelihood(s, model, theta, restricted=restricted)
        return at.reml if restricted else at.ml, at.grad, at.hess

    found = ascend(evaluate, begin)
    if not found.converged.any():
        raise ConvergenceError(
            f"the likelihood of the joint model has no maximum that could be found from "
            f"{len(begin)} starts; try a simpler covariance"
        )
    theta = found.theta[found.best][None]
    at = joint_likelihood(s, model, theta, restricted=restricted)
    ml, reml = float(at.ml[0]), float(at.reml[0])
    return JointFit(
        at.beta[0], at.vb[0], tuple(M[0] for M in model.matrices(theta)), theta[0],
        reml if restricted else ml, ml, reml, found.iterations,
        count_maxima(found.value[found.converged]),
    )  # fmt: skip

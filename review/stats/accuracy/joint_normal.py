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
from review.stats.accuracy.ascent import ascend
from review.stats.accuracy.bivariate_kernel import LOG_2PI
from review.stats.accuracy.bivariate_normal import count_maxima

if TYPE_CHECKING:
    from review.stats.accuracy.joint_covariance import JointCovariance
    from review.stats.kernels import BoolArray, FloatArray


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


def joint_likelihood(
    s: JointSample, model: JointCovariance, theta: FloatArray, *, restricted: bool
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Evaluate the profile log-likelihood at factors theta, (B, n_free).

    Returns:
        ML and REML log-likelihood (B,), gradient and Hessian of the one asked for, coefficients and
        their covariance.
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
    return (
        -0.5 * deviance, -0.5 * (deviance + more), model.pull(theta, 0.5 * grad), hess, beta, C,
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
        ml, reml, grad, hess, _, _ = joint_likelihood(s, model, theta, restricted=restricted)
        return reml if restricted else ml, grad, hess

    found = ascend(evaluate, begin)
    if not found.converged.any():
        raise ConvergenceError(
            f"the likelihood of the joint model has no maximum that could be found from "
            f"{len(begin)} starts; try a simpler covariance"
        )
    theta = found.theta[found.best][None]
    ml, reml, _, _, beta, vb = joint_likelihood(s, model, theta, restricted=restricted)
    return JointFit(
        beta[0], vb[0], tuple(M[0] for M in model.matrices(theta)), theta[0],
        float((reml if restricted else ml)[0]), float(ml[0]), float(reml[0]), found.iterations,
        count_maxima(found.value[found.converged]),
    )  # fmt: skip

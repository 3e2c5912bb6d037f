"""The likelihood of the bivariate random-effects model, with its derivatives, in O(k).

Study i has two outcomes y_i = (logit sensitivity, logit false-positive rate) with sampling
variances v_i, and V_i = Psi + diag(v_i) (Reitsma et al. 2005; Harville 1977 for REML):

    ML    l = -(n log 2pi + sum log|V_i| + r'Wr) / 2
    REML  l = -((n-p) log 2pi + sum log|V_i| + log|X'WX| - log|X'X| + r'Wr) / 2

A 2 x 2 matrix is three numbers (11, 12, 22). W_i = inverse of V_i is closed-form, and all sums over
studies that the likelihood and its first two derivatives need are linear in the 19 products of up
to three elements of W_i. A whole batch of Psi therefore costs one product of matrices. An outcome
that a study lacks has weight 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import BoolArray, FloatArray

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, eq=False)
class BivariateSample:
    """What the likelihood needs of the data.

    Attributes:
        y, v: outcomes and sampling variances, (..., 2, k); 0 and 1 where an outcome is missing.
        on: which outcomes are there, (2, k).
        X: design, (2, k, p).
        shift: coefficients that were subtracted from y before sums of squares, (..., p).
        basis: coefficients of W11, W12, W22 in X'WX, X'Wr and r'Wr, and ones,
            (..., k, 3 (p p + p + 1) + 1).
        log_gram: log|X'X|.
        n: number of outcomes.
        complete: whether every study has both.
    """

    y: FloatArray
    v: FloatArray
    on: BoolArray
    X: FloatArray
    shift: FloatArray
    basis: FloatArray
    log_gram: float
    n: int

    complete: bool

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.X.shape[-1])


@dataclass(frozen=True, eq=False)
class Likelihood:
    """Log-likelihood of a batch of covariances with what follows from it.

    Attributes:
        ml, reml: both log-likelihoods, (B,).
        grad: of the one asked for, by psi_11, psi_12, psi_22, (B, 3). hess: (B, 3, 3).
        beta: coefficients, (B, p). vb: their covariance, (B, p, p).
        rss: r'Wr, (B,).
        cross: information that coefficients and psi share, X'W D_s W r, (B, 3, p).
    """

    ml: FloatArray
    reml: FloatArray
    grad: FloatArray
    hess: FloatArray
    beta: FloatArray
    vb: FloatArray
    rss: FloatArray
    cross: FloatArray


def make_bivariate(
    y: FloatArray, v: FloatArray, X: FloatArray | None = None, on: BoolArray | None = None
) -> BivariateSample:
    """Prepare outcomes and variances, (..., 2, k).

    Args:
        y: outcomes; of a missing one any number.
        v: sampling variances, above 0.
        X: design, (2, k, p); by default one coefficient for each outcome.
        on: which outcomes are there, (2, k); by default all.
    """
    k = y.shape[-1]
    on = np.ones((2, k), dtype=bool) if on is None else on
    if X is None:
        X = np.zeros((2, k, 2))
        X[0, :, 0] = X[1, :, 1] = 1
    X = X * on[..., None]
    y, v = np.where(on, y, 0.0), np.where(on, v, 1.0)
    # outcomes near 0 keep the digits of sums of squares: take off a weighted regression first
    w = on / v
    A = np.einsum("...ak,akp,akq->...pq", w, X, X)
    shift = np.linalg.solve(A, np.einsum("...ak,akp,...ak->...p", w, X, y)[..., None])[..., 0]
    r = (y - np.einsum("akp,...p->...ak", X, shift)) * on
    basis = _basis(X, r)
    gram = np.einsum("akp,akq->pq", X, X)
    return BivariateSample(
        y,
        v,
        on,
        X,
        shift,
        basis,
        float(np.linalg.slogdet(gram)[1]),
        int(on.sum()),
        bool(on.all()),
    )


def _basis(X: FloatArray, r: FloatArray) -> FloatArray:
    """Coefficients of W11, W12 and W22 in X'WX, X'Wr and r'Wr; ones last."""
    x1, x2 = X
    k, p = x1.shape
    r1, r2 = r[..., 0, :, None], r[..., 1, :, None]
    cross = x1[:, :, None] * x2[:, None, :]
    XX = (
        x1[:, :, None] * x1[:, None, :],
        cross + cross.transpose(0, 2, 1),
        x2[:, :, None] * x2[:, None, :],
    )
    Xr = (x1 * r1, x1 * r2 + x2 * r1, x2 * r2)
    rr = (r1 * r1, 2 * r1 * r2, r2 * r2)
    lead = r.shape[:-2]
    parts = [
        np.broadcast_to(part, (*lead, k, part.shape[-1]))
        for one in zip((m.reshape(k, p * p) for m in XX), Xr, rr, strict=True)
        for part in one
    ]
    return np.concatenate([*parts, np.ones((*lead, k, 1))], axis=-1)


def likelihood(s: BivariateSample, psi: FloatArray, *, restricted: bool) -> Likelihood:
    """Evaluate the profile log-likelihood of covariances psi, (B, 3).

    Args:
        s: the sample; with a batch of data its leading axis is that of `psi`.
        psi: rows (psi_11, psi_12, psi_22).
        restricted: derivatives of the REML log-likelihood instead of ML.
    """
    B, p = len(psi), s.p
    W, logdet = _inverse(s, psi)
    sums = _monomials(W) @ s.basis
    count = sums[..., -1] @ _TRACES
    sums = _COMBINE @ sums[..., :-1].reshape(B, 57, -1)
    A = sums[..., : p * p].reshape(B, 10, p, p)
    b, q = sums[..., p * p : -1], sums[..., -1]
    C = np.asarray(np.linalg.inv(A[:, 0]), dtype=np.float64)
    beta = (C @ b[:, 0, :, None])[..., 0]
    # quadratic forms in the residuals at beta, and X'W..Wr there
    score = b - (A @ beta[:, None, :, None])[..., 0]
    form = q - ((b + score) @ beta[..., None])[..., 0]
    deviance = logdet + form[:, 0] + s.n * LOG_2PI
    more = np.linalg.slogdet(A[:, 0])[1] - s.log_gram - p * LOG_2PI
    grad = form[:, 1:4] - count[:, :3]
    twice = count[:, 3 + _PAIR]
    first = score[:, 1:4]
    outer = form[:, 4 + _PAIR] - first @ C @ first.transpose(0, 2, 1)
    if restricted:
        CA = C[:, None] @ A[:, 1:4]
        flat = CA.reshape(B, 3, p * p)
        turned = CA.transpose(0, 1, 3, 2).reshape(B, 3, p * p)
        grad = grad + flat[..., :: p + 1].sum(-1)
        CN = (A[:, 4:].reshape(B, 6, p * p) @ C.reshape(B, p * p, 1))[..., 0]
        twice = twice - 2 * CN[:, _PAIR] + flat @ turned.transpose(0, 2, 1)
    return Likelihood(
        -0.5 * deviance, -0.5 * (deviance + more), 0.5 * grad, 0.5 * twice - outer,
        beta + s.shift, C, form[:, 0], first,
    )  # fmt: skip


def _inverse(s: BivariateSample, psi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """W = V^-1 as three numbers, (B, 3, k), and the sum of log|V|, (B,)."""
    on1, on2 = s.on
    V = s.v + psi[:, ::2, None]
    if not s.complete:
        V = np.where(s.on, V, 1.0)
    b = psi[:, 1, None] * (on1 & on2)
    det = V[:, 0] * V[:, 1] - b * b
    W = np.empty((len(psi), 3, det.shape[-1]))
    W[:, 0], W[:, 1], W[:, 2] = V[:, 1], -b, V[:, 0]
    W /= det[:, None]
    if not s.complete:
        W[:, 0] *= on1
        W[:, 2] *= on2
    return W, np.log(det).sum(-1)


# products of two and three elements of W: of the first two, and of each with a third
_TWO = ([0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2])
_THREE = ([0, 0, 0, 1, 1, 2, 3, 3, 4, 5], [0, 1, 2, 1, 2, 2, 1, 2, 2, 2])
# position of the pair (s, t) of components among 11, 12, 13, 22, 23, 33
_PAIR = np.array([[0, 1, 2], [1, 3, 4], [2, 4, 5]])


def _monomials(W: FloatArray) -> FloatArray:
    """The 19 products of one, two and three elements of W, (B, 19, k)."""
    out = np.empty((len(W), 19, W.shape[-1]))
    out[:, :3] = W
    np.multiply(W[:, _TWO[0]], W[:, _TWO[1]], out=out[:, 3:9])
    np.multiply(out[:, 3:9][:, _THREE[0]], W[:, _THREE[1]], out=out[:, 9:])
    return out


def _combinations() -> tuple[FloatArray, FloatArray]:
    """How the monomials make the ten matrices of the likelihood, and the nine traces.

    The matrices are W; W D W for the components D of Psi (E11, E12 + E21, E22); and the symmetric
    part of W D W E W for the six pairs of components. The traces are tr(W D) and tr(W D W E).

    Returns:
        (10, 57): for each matrix, over monomials and its elements 11, 12, 22; and (19, 9).
    """
    names = ["a", "b", "c"]
    names += [names[i] + names[j] for i, j in zip(*_TWO, strict=True)]
    names += [names[3 + i] + "abc"[j] for i, j in zip(*_THREE, strict=True)]
    place = {"".join(sorted(name)): i for i, name in enumerate(names)}
    element = {(0, 0): "a", (0, 1): "b", (1, 0): "b", (1, 1): "c"}
    component = [[(0, 0)], [(0, 1), (1, 0)], [(1, 1)]]
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    chains: list[tuple[int, ...]] = [(), (0,), (1,), (2,), *pairs]
    matrices, traces = np.zeros((10, 19, 3)), np.zeros((19, 9))

    def add(target: FloatArray, left: int, chain: tuple[int, ...], right: int, by: float) -> None:
        """Add element (left, right) of W D W E ... W to a polynomial in the elements of W."""
        paths = [("", left)]
        for c in chain:
            paths = [(word + element[at, i], j) for word, at in paths for i, j in component[c]]
        for word, at in paths:
            target[place["".join(sorted(word + element[at, right]))]] += by

    for m, chain in enumerate(chains):
        for e, (i, j) in enumerate(((0, 0), (0, 1), (1, 1))):
            add(matrices[m, :, e], i, chain, j, 0.5)
            add(matrices[m, :, e], j, chain, i, 0.5)
    for t, chain in enumerate(chains[1:]):
        for i, j in component[chain[-1]]:
            add(traces[:, t], j, chain[:-1], i, 1.0)
    return matrices.reshape(10, 57), traces


_COMBINE, _TRACES = _combinations()

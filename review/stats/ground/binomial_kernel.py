"""The marginal likelihood of counts with normal random effects on the logit or log scale.

Block i (a study) has m binomial counts x of n with logits eta = X beta + b, b ~ N(0, Omega_i)
(Chu & Cole 2006), or Poisson counts with log rates eta. b is integrated out by

* Laplace's approximation (Breslow & Clayton 1993), with exact derivatives of the approximation;
* adaptive Gauss-Hermite quadrature around the same mode (Liu & Pierce 1994; Pinheiro & Bates 1995).

The mode is found in a = Omega^-1 b, and the factor |I + D Omega| replaces |D + Omega^-1| (Rasmussen
& Williams 2006, sec. 3.4 and 5.5): Omega is never inverted, so it may be singular. A count of n = 0
says nothing and costs nothing: that is how a missing one is written. Everything is batched over B
parameter vectors and C blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

MODE_STEPS = 100
HALVINGS = 40


def log_choose(n: FloatArray, x: FloatArray) -> float:
    """Return the sum of the logarithms of the binomial coefficients n over x."""
    from scipy.special import gammaln

    return float((gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)).sum())


@dataclass(frozen=True, eq=False)
class BinomialBlocks:
    """Counts in blocks.

    Attributes:
        x, n: events and trials, (C, m); n = 0 where there is no count.
        X: design, (C, m, p).
    """

    x: FloatArray
    n: FloatArray
    X: FloatArray

    @cached_property
    def log_choose(self) -> float:
        """Sum of the logarithms of the binomial coefficients."""
        return log_choose(self.n, self.x)

    def density(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log densities without their coefficients, and probabilities, at predictors eta."""
        return log_binomial(self.x, self.n, eta)

    def spread(self, p: FloatArray) -> FloatArray:
        """Variances of the counts."""
        return self.n * p * (1 - p)

    def skew(self, p: FloatArray) -> FloatArray:
        """Third central moments of the counts."""
        return self.spread(p) * (1 - 2 * p)


@dataclass(frozen=True, eq=False)
class PoissonBlocks(BinomialBlocks):
    """Events in blocks, x of them in person-time n with log rate eta; fields as for binomial ones.

    What is a probability there is a rate here.
    """

    @cached_property
    def log_choose(self) -> float:
        """Sum of x log n - log x!."""
        from scipy.special import gammaln, xlogy

        return float((xlogy(self.x, self.n) - gammaln(self.x + 1)).sum())

    def density(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log densities without their coefficients, and rates."""
        rate = np.exp(eta)
        return self.x * eta - self.n * rate, rate

    def spread(self, p: FloatArray) -> FloatArray:
        """Variances of the counts."""
        return self.n * p

    def skew(self, p: FloatArray) -> FloatArray:
        """Third central moments of the counts."""
        return self.n * p


@dataclass(frozen=True, eq=False)
class Modes:
    """The modes of the random effects given the data.

    Attributes:
        eta: logits at the mode, (B, C, m). a: Omega^-1 b there. D: n p (1 - p) there.
        p: probabilities there.
        joint: log density of the counts given b, plus -b' Omega^-1 b / 2, per block, (B, C).
    """

    eta: FloatArray
    a: FloatArray
    D: FloatArray
    p: FloatArray
    joint: FloatArray


@dataclass(frozen=True, eq=False)
class Marginal:
    """Log-likelihood of blocks, the random effects integrated out, with its derivatives.

    Attributes:
        value: per block, without the binomial coefficients, (B, C).
        by_eta: derivative by the fixed part of the logits, (B, C, m).
        by_covariance: by Omega or its factor, (B, C, m, m).
        a: of the modes, for `near`.
    """

    value: FloatArray
    by_eta: FloatArray
    by_covariance: FloatArray
    a: FloatArray


def log_binomial(x: FloatArray, n: FloatArray, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return x eta - n log(1 + exp(eta)) and 1 / (1 + exp(-eta)), without overflow."""
    small = np.exp(-np.abs(eta))
    above = eta > 0
    value = x * eta - n * (np.where(above, eta, 0.0) + np.log1p(small))
    return np.asarray(value), np.asarray(np.where(above, 1.0, small) / (1.0 + small))


def solve(A: FloatArray, y: FloatArray) -> FloatArray:
    """Solve A z = y for a stack of small matrices, (..., m, m) and (..., m)."""
    if A.shape[-1] == 2:  # far faster than a call of a solver per matrix
        a, b, c, d = A[..., 0, 0], A[..., 0, 1], A[..., 1, 0], A[..., 1, 1]
        det = a * d - b * c
        return np.stack(
            [(d * y[..., 0] - b * y[..., 1]) / det, (a * y[..., 1] - c * y[..., 0]) / det], axis=-1
        )
    return np.asarray(np.linalg.solve(A, y[..., None])[..., 0])


def inverse(A: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverses and log-determinants of a stack of small matrices with positive determinant."""
    if A.shape[-1] == 2:
        a, b, c, d = A[..., 0, 0], A[..., 0, 1], A[..., 1, 0], A[..., 1, 1]
        det = a * d - b * c
        out = np.empty(A.shape)
        out[..., 0, 0], out[..., 0, 1] = d / det, -b / det
        out[..., 1, 0], out[..., 1, 1] = -c / det, a / det
        return out, np.log(det)
    return np.asarray(np.linalg.inv(A), dtype=np.float64), np.asarray(np.linalg.slogdet(A)[1])


def find_modes(
    s: BinomialBlocks, fixed: FloatArray, omega: FloatArray, near: FloatArray | None = None
) -> Modes:
    """Find the modes by Newton's method, halving steps that go down.

    Args:
        s: the counts.
        fixed: X beta, (B, C, m).
        omega: covariances of the random effects, (B, C, m, m) or with 1 for C.
        near: `a` of modes that are close, to start from.
    """
    shape = np.broadcast_shapes(fixed.shape, omega.shape[:-1])
    a = np.zeros(shape) if near is None else near
    eye = np.eye(shape[-1])

    def at(a: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        b = (omega @ a[..., None])[..., 0]
        log_f, p = s.density(fixed + b)
        return b, p, log_f.sum(-1) - 0.5 * (a * b).sum(-1)

    b, p, joint = at(a)
    for _ in range(MODE_STEPS):
        D = s.spread(p)
        step = solve(eye + D[..., None] * omega, D * b + s.x - s.n * p) - a
        moved = np.abs((omega @ step[..., None])[..., 0]).max()
        for _ in range(HALVINGS):
            new_b, new_p, new_joint = at(a + step)
            worse = new_joint < joint - 1e-13 * (1 + np.abs(joint))
            if not worse.any():
                break
            step = np.where(worse[..., None], step / 2, step)
        a, b, p, joint = a + step, new_b, new_p, new_joint
        if not moved > 1e-7:  # the step squared the error: it is now below rounding
            break
    return Modes(fixed + b, a, s.spread(p), p, joint)


def laplace(
    s: BinomialBlocks, fixed: FloatArray, omega: FloatArray, near: FloatArray | None = None
) -> Marginal:
    """Laplace log-likelihood and its derivatives by the logits and by Omega.

    With S = (I + D Omega)^-1 D, V = Omega - Omega S Omega, T = n p (1-p)(1-2p) and
    u = (I + D Omega)^-1 s, s = -diag(V) T / 2, the derivative by the fixed part of the logits is
    a + u, and by Omega (aa' + ua' + au' - S) / 2.

    The derivatives are by Omega, (B, C, m, m).
    """
    mode = find_modes(s, fixed, omega, near)
    factor, logdet = inverse(np.eye(fixed.shape[-1]) + mode.D[..., None] * omega)
    S = factor * mode.D[..., None, :]
    a = s.x - s.n * mode.p
    variance = np.einsum("...ii->...i", omega) - np.einsum(
        "...ij,...jk,...ki->...i", omega, S, omega
    )
    slope = -0.5 * variance * s.skew(mode.p)
    u = (factor @ slope[..., None])[..., 0]
    left = a + u
    by_omega = 0.5 * (left[..., :, None] * a[..., None, :] + a[..., :, None] * u[..., None, :] - S)
    return Marginal(mode.joint - 0.5 * logdet, left, by_omega, mode.a)


def quadrature(
    s: BinomialBlocks, fixed: FloatArray, root: FloatArray, nodes: int,
    near: FloatArray | None = None,
) -> Marginal:  # fmt: skip
    """Log-likelihood by adaptive Gauss-Hermite quadrature, and its derivatives.

    b = L z with z ~ N(0, I). The nodes lie around the mode of z, scaled by the curvature there. The
    derivatives are the posterior means of those of the log density (Fisher's identity), by the
    same nodes.

    Args:
        s: the counts, two per block.
        fixed: X beta, (B, C, 2).
        root: L, (B, 1, 2, 2) or (B, C, 2, 2).
        nodes: per dimension.
        near: `a` of modes that are close, to start from.

    The derivatives are by L, (B, C, 2, 2).
    """
    turned = np.swapaxes(root, -1, -2)
    mode = find_modes(s, fixed, root @ turned, near)
    centre = (turned @ mode.a[..., None])[..., 0]
    curvature = np.eye(2) + turned @ (mode.D[..., None] * root)
    spread, logdet = inverse(curvature)
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    t = np.stack(np.meshgrid(points, points, indexing="ij"), axis=-1).reshape(-1, 2)
    log_w = (np.log(weights)[:, None] + np.log(weights)[None, :]).reshape(-1) - np.log(2 * np.pi)
    scale = np.linalg.cholesky(spread)
    z = centre[..., None, :] + np.einsum("...ij,qj->...qi", scale, t)
    eta = fixed[..., None, :] + np.einsum("...ij,...qj->...qi", root, z)
    x, n = s.x[:, None, :], s.n[:, None, :]
    log_f, p = replace(s, x=x, n=n).density(eta)
    log_f = log_f.sum(-1) - 0.5 * (z * z).sum(-1) + log_w + 0.5 * (t * t).sum(-1)
    top = log_f.max(-1, keepdims=True)
    mass = np.exp(log_f - top)
    total = mass.sum(-1)
    mass /= total[..., None]
    residual = (x - n * p) * mass[..., None]
    by_root = np.swapaxes(residual, -1, -2) @ z
    return Marginal(np.log(total) + top[..., 0] - 0.5 * logdet, residual.sum(-2), by_root, mode.a)

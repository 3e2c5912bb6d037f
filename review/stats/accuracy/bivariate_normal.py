"""Fits the bivariate model to logits and their sampling variances: REML, ML, method of moments.

The likelihood is climbed from several starts together by Newton's method with analytic second
derivatives (see `bivariate_kernel`); the highest maximum is reported, and how many there were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.errors import ConvergenceError
from review.stats.accuracy.bivariate_kernel import Likelihood, likelihood
from review.stats.accuracy.psi_factor import STRUCTURES, at_edge, by_factor, factor_of, psi_of
from review.stats.ground.ascent import ascend

if TYPE_CHECKING:
    from review.stats.accuracy.bivariate_kernel import BivariateSample
    from review.stats.ground.least_squares import FloatArray

METHODS = ("REML", "ML", "MM")
SAME = 1e-6  # log-likelihoods that differ less belong to one maximum


@dataclass(frozen=True, eq=False)
class CovarianceFit:
    """Coefficients and between-study covariance of one fit.

    Attributes:
        beta: coefficients, (p,). vb: their covariance, (p, p).
        psi: (psi_11, psi_12, psi_22). rho: the correlation, None where a variance is 0.
        singular: whether Psi is at the edge of its range.
        cov: covariance of (beta, psi) from the observed information, (p + 3, p + 3); None for the
            method of moments and at the edge.
        value: the log-likelihood maximised; NaN for the method of moments.
        iterations, maxima: of the ascent; 0 for closed forms.
    """

    beta: FloatArray
    vb: FloatArray
    psi: FloatArray
    rho: float | None
    singular: bool
    cov: FloatArray | None
    value: float
    iterations: int
    maxima: int


def fit_normal(s: BivariateSample, method: str, structure: str = "UN") -> CovarianceFit:
    """Estimate the model.

    Args:
        s: the sample.
        method: "REML", "ML" or "MM" (Jackson, White & Riley 2013).
        structure: "UN", or "DIAG" for two univariate models (correlation 0).

    Raises:
        ConvergenceError: no start reached a maximum.
    """
    scale = typical_variances(s)
    moments = moment_psi(s)
    if method == "MM":
        psi = positive(moments if structure == "UN" else moments * np.array([1.0, 0.0, 1.0]))
        psi, rho, singular = at_edge(psi, scale)
        at = likelihood(s, psi[None], restricted=False)
        return CovarianceFit(at.beta[0], at.vb[0], psi, rho, singular, None, np.nan, 0, 0)
    restricted = method == "REML"
    free = list(STRUCTURES[structure])

    def evaluate(theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        factor = np.zeros((len(theta), 3))
        factor[:, free] = theta
        at = likelihood(s, psi_of(factor), restricted=restricted)
        grad, hess = by_factor(factor, at.grad, at.hess)
        return at.reml if restricted else at.ml, grad[:, free], hess[:, free][:, :, free]

    found = ascend(evaluate, starts(moments, scale)[:, free])
    if not found.converged.any():
        raise ConvergenceError(
            f"the {method} likelihood of the bivariate model has no maximum that could be found "
            f"from {len(found.theta)} starts; try method='MM', or structure='DIAG'"
        )
    factor = np.zeros(3)
    factor[free] = found.theta[found.best]
    psi, rho, singular = at_edge(psi_of(factor), scale)
    at = likelihood(s, psi[None], restricted=restricted)
    return CovarianceFit(
        at.beta[0], at.vb[0], psi, 0.0 if structure == "DIAG" else rho, singular,
        None if singular else _covariance(at, structure), float((at.reml if restricted else
        at.ml)[0]), found.iterations, count_maxima(found.value[found.converged]),
    )  # fmt: skip


def count_maxima(values: FloatArray) -> int:
    """Return how many different log-likelihoods there are among converged starts."""
    ordered = np.sort(values)
    return int(1 + (np.diff(ordered) > SAME * (1 + np.abs(ordered[:-1]))).sum())


def _covariance(at: Likelihood, structure: str) -> FloatArray | None:
    """Inverse of the observed information on (beta, psi), 0 for what is not estimated."""
    free = list(STRUCTURES[structure])
    information = -at.hess[0][np.ix_(free, free)]
    if np.linalg.eigvalsh(information).min() <= 0:
        return None
    p = at.beta.shape[1]
    whole = np.zeros((p + 3, p + 3))
    places = [*range(p), *(p + j for j in free)]
    whole[np.ix_(places, places)] = unprofiled(at.vb[0], at.cross[0][free], information)
    return whole


def unprofiled(vb: FloatArray, cross: FloatArray, information: FloatArray) -> FloatArray:
    """Joint covariance of coefficients and variances, after the former were profiled out.

    Args:
        vb: inverse information on the coefficients alone, (p, p).
        cross: information that they share with the variances, (q, p).
        information: of the profile likelihood on the variances, (q, q).
    """
    spread = np.linalg.inv(information)
    mixed = -vb @ cross.T @ spread
    return np.block([[vb - mixed @ cross @ vb, mixed], [mixed.T, spread]])


def typical_variances(s: BivariateSample) -> FloatArray:
    """Harmonic means of the sampling variances of the two outcomes, (2,)."""
    w = np.where(s.on, 1 / s.v, 0.0).sum(-1)
    return np.asarray(s.on.sum(-1) / w)


def starts(moments: FloatArray, scale: FloatArray) -> FloatArray:
    """Factors to climb from: the moments, and other correlations and variances, (4, 3)."""
    size = np.maximum(moments[[0, 2]], 0.1 * scale)
    root = np.sqrt(size.prod())
    rho = np.clip(moments[1] / root, -0.8, 0.8)
    psi = np.array(
        [
            [m * size[0], r * m * root, m * size[1]]
            for m, r in ((1.0, rho), (1.0, 0.0), (2.5, 0.6), (0.8, -0.6))
        ]
    )
    return factor_of(psi)


def moment_psi(s: BivariateSample) -> FloatArray:
    """Moment estimates of psi before they are made a covariance, (3,).

    Jackson, White & Riley 2013 (Biom J 55:231), eq. 8: with residuals r of fixed-effect regressions
    of each outcome and W = 1/v, sum_i w_ia r_ia r_ib has expectation
    [a = b](k_a - p_a) + psi_ab tr(W_a (I - H_a)(I - H_b)'). Symmetric by averaging.
    """
    on, w = s.on, s.on / s.v
    r, half = [], []
    for a in range(2):
        X = s.X[a][:, np.abs(s.X[a]).max(0) > 0]
        G = np.linalg.pinv((X * w[a][:, None]).T @ X) @ (X * w[a][:, None]).T  # H = X G
        r.append((s.y[a] - X @ (G @ s.y[a])) * on[a])
        half.append((X, G))
    both = on[0] & on[1]
    psi = np.empty((2, 2))
    for a in range(2):
        for b in range(2):
            (Xa, Ga), (Xb, Gb) = half[a], half[b]
            use = on[a] if a == b else both
            wa = w[a] * use
            q = float((wa * r[a] * r[b]).sum())
            free = use.sum() - np.einsum("kp,pk->", Xa * use[:, None], Ga) if a == b else 0.0
            # trace of W_a (I - H_a)(I - H_b)', over outcomes of studies that have both
            cross = Ga * both @ Gb.T if a != b else Ga * use @ Gb.T
            t = wa.sum()
            t -= np.einsum("k,kp,pk->", wa, Xa, Ga * both) + np.einsum(
                "k,kp,pk->", wa, Xb, Gb * both
            )
            t += np.einsum("k,kp,pq,kq->", wa, Xa, cross, Xb)
            psi[a, b] = (q - free) / t if t > 0 else 0.0
    return np.array([psi[0, 0], (psi[0, 1] + psi[1, 0]) / 2, psi[1, 1]])


def positive(psi: FloatArray) -> FloatArray:
    """Nearest covariance: eigenvalues below 0 are set to 0."""
    values, vectors = np.linalg.eigh(np.array([[psi[0], psi[1]], [psi[1], psi[2]]]))
    P = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return np.array([P[0, 0], P[0, 1], P[1, 1]])

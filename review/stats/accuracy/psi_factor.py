"""The between-study covariance Psi by its Cholesky factor, so that no step leaves its range.

Psi = L L' with L = [[a, 0], [b, c]], hence psi_11 = a^2, psi_12 = a b, psi_22 = b^2 + c^2. The
edges of the range (a correlation of -1 or 1, a variance of 0) are inner points of (a, b, c), where
the log-likelihood stays smooth (Pinheiro & Bates 1996).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

STRUCTURES: Final = {"UN": (0, 1, 2), "DIAG": (0, 2)}  # free elements among a, b, c
# shares of a variance that count as 0: the optimiser stops within rounding of the edge
EDGE: Final = 1e-8


def psi_of(factor: FloatArray) -> FloatArray:
    """Return (psi_11, psi_12, psi_22) of (a, b, c), (..., 3)."""
    a, b, c = factor[..., 0], factor[..., 1], factor[..., 2]
    return np.stack([a * a, a * b, b * b + c * c], axis=-1)


def factor_of(psi: FloatArray) -> FloatArray:
    """Return (a, b, c) of a covariance with psi_11 above 0, (..., 3)."""
    a = np.sqrt(psi[..., 0])
    b = psi[..., 1] / a
    return np.stack([a, b, np.sqrt(np.maximum(psi[..., 2] - b * b, 0.0))], axis=-1)


def jacobian(factor: FloatArray) -> FloatArray:
    """Derivatives of psi by the elements of the factor, (..., 3, 3)."""
    a, b, c = factor[..., 0], factor[..., 1], factor[..., 2]
    J = np.zeros((*factor.shape[:-1], 3, 3))
    J[..., 0, 0] = 2 * a
    J[..., 1, 0], J[..., 1, 1] = b, a
    J[..., 2, 1], J[..., 2, 2] = 2 * b, 2 * c
    return J


def by_factor(
    factor: FloatArray, grad: FloatArray, hess: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Turn derivatives by psi into derivatives by the factor, (..., 3) and (..., 3, 3)."""
    J = jacobian(factor)
    H = np.einsum("...si,...st,...tj->...ij", J, hess, J)
    H[..., 0, 0] += 2 * grad[..., 0]
    H[..., 0, 1] += grad[..., 1]
    H[..., 1, 0] += grad[..., 1]
    H[..., 1, 1] += 2 * grad[..., 2]
    H[..., 2, 2] += 2 * grad[..., 2]
    return np.einsum("...si,...s->...i", J, grad), H


def at_edge(psi: FloatArray, scale: FloatArray) -> tuple[FloatArray, float | None, bool]:
    """Return a covariance with what is 0 within rounding set to 0.

    Args:
        psi: (3,).
        scale: variances that 0 is judged by, such as typical sampling variances, (2,).

    Returns:
        Psi, (3,); the correlation, None where a variance is 0; whether Psi is singular.
    """
    zero = psi[[0, 2]] <= EDGE * (psi[[0, 2]] + scale)
    if zero.any():
        kept = np.where(zero, 0.0, psi[[0, 2]])
        return np.array([kept[0], 0.0, kept[1]]), None, True
    rho = float(psi[1] / math.sqrt(psi[0] * psi[2]))
    if 1 - rho * rho <= EDGE:
        rho = math.copysign(1.0, rho)
        return np.array([psi[0], rho * math.sqrt(psi[0] * psi[2]), psi[2]]), rho, True
    return psi.copy(), rho, False

"""An orthonormal basis of a design, and coefficients that were computed in it.

Raw powers of a year are nearly parallel: over 2010 to 2017 the part of year^3 that is not year^2 is
a billionth of its length, and X'WX, which squares that, cannot be inverted in double precision.
Estimates, covariances and tests are therefore computed in an orthonormal basis U of the columns of
X, in which nothing cancels, and are expressed in X at the very end. Where columns are nearly
parallel, U and the change of basis are corrected with products in twice the working precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

_WELL_APART: Final = 1e-3  # sine of the angle of a column to the others from which QR is enough
_SPLITTER: Final = 134217729.0  # 2^27 + 1 cuts the 53 digits of a number into halves (Dekker 1971)


@dataclass(frozen=True, eq=False)
class Basis:
    """Orthonormal basis of the columns of a design.

    Attributes:
        U: the basis, (k, p) or (..., k, p); of an intercept alone the column of ones.
        to_x: upper triangular T with X = U T^-1: T g are the coefficients of X, (..., p, p).
        _inner, _rest: their sum is T but for its last, harmless factor; two numbers per entry, so
            that new rows lose nothing where columns are nearly parallel.
        _outer: that factor.
    """

    U: FloatArray
    to_x: FloatArray
    _inner: FloatArray
    _rest: FloatArray
    _outer: FloatArray

    def coordinates(self, rows: FloatArray) -> FloatArray:
        """Design rows, or contrasts of the coefficients, in the basis: rows @ T, (m, p).

        Args:
            rows: in the columns of X, (m, p).

        Example:
            >>> b = basis(np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 4.0]]))
            >>> bool(np.allclose(b.coordinates(np.array([[1.0, 2.0]])), b.U[1]))
            True
        """
        parts = np.concatenate([self._inner, self._rest], axis=-2)
        return exact_product(np.concatenate([rows, rows], axis=-1), parts) @ self._outer


def basis(X: FloatArray) -> Basis:
    """Orthonormal basis of the columns of X, in their order.

    Args:
        X: (k, p) or (..., k, p), of full column rank.

    Example:
        >>> year = np.arange(2010.0, 2018.0)
        >>> U = basis(np.column_stack([np.ones(8), year, year**2, year**3])).U
        >>> x = year - 2013.5  # the cubic part is that of the centred years
        >>> bool(np.allclose(U[:, 3] / U[0, 3], (x**3 - 9.25 * x) / (-(3.5**3) + 9.25 * 3.5)))
        True
    """
    # powers of two as units of the columns: nothing is rounded
    length = np.sqrt((X * X).sum(-2))
    unit = np.exp2(-np.round(np.log2(np.where(length > 0, length, 1.0))))
    scaled = X * unit[..., None, :]
    U, R = np.linalg.qr(scaled)
    eye: FloatArray = np.broadcast_to(np.eye(X.shape[-1]), R.shape)
    inner, rest, outer = np.asarray(np.linalg.inv(R), np.float64), np.zeros(R.shape), eye
    if np.abs(np.einsum("...ii->...i", R)).min(initial=1.0) < _WELL_APART:
        # what QR left over, and one step of Newton for the inverse of R, both to twice the digits
        left = exact_product(np.concatenate([scaled, U], -1), np.concatenate([eye, -R], -2))
        off = exact_product(np.concatenate([eye, R], -1), np.concatenate([eye, -inner], -2))
        rest = inner @ off
        U, outer = np.linalg.qr(U + left @ inner)
        outer = np.asarray(np.linalg.inv(outer), np.float64)
    inner, rest = inner * unit[..., :, None], rest * unit[..., :, None]
    return Basis(U, np.triu((inner + rest) @ outer), inner, rest, outer)


def intercept_basis(ones: FloatArray) -> Basis:
    """Basis of an intercept alone: its column (k, 1), so that its coordinate is the average."""
    one = np.ones((1, 1))
    return Basis(ones, one, one, 0 * one, one)


def exact_product(A: FloatArray, B: FloatArray) -> FloatArray:
    """Return A @ B, rounded once: computed as if with twice the digits.

    Products and sums are split into rounded value and rounding error (Ogita, Rump & Oishi 2005,
    SIAM J Sci Comput 26:1955, algorithm 5.3).

    Args:
        A: (..., m, n).
        B: (..., n, q).

    Example:
        >>> A, B = np.array([[1e16, 1.0, -1e16]]), np.ones((3, 1))
        >>> (A @ B).item(), exact_product(A, B).item()
        (0.0, 1.0)
    """
    total = np.zeros(np.broadcast_shapes((*A.shape[:-1], 1), (*B.shape[:-2], 1, B.shape[-1])))
    low = total.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for i in range(A.shape[-1]):
            x, y = A[..., :, i, None], B[..., None, i, :]
            product = x * y
            low += _product_error(x, y, product)
            new = total + product
            part = new - total
            low += (total - (new - part)) + (product - part)
            total = new
        out = total + low
    return np.asarray(np.where(np.isfinite(out), out, A @ B))


def _product_error(x: FloatArray, y: FloatArray, product: FloatArray) -> FloatArray:
    """Return x y - product exactly (Dekker 1971, Numer Math 18:224)."""
    x_high, y_high = ((z * _SPLITTER) - (z * _SPLITTER - z) for z in (x, y))
    x_low, y_low = x - x_high, y - y_high
    return x_low * y_low - (((product - x_high * y_high) - x_low * y_high) - x_high * y_low)


@dataclass(frozen=True, eq=False)
class BasisFit:
    """Coefficients and their covariance in the basis of a design.

    Attributes:
        basis: of the design.
        coef: coefficients of the columns of U, (p,).
        cov: their covariance, (p, p).
    """

    basis: Basis
    coef: FloatArray
    cov: FloatArray

    @property
    def beta(self) -> FloatArray:
        """Coefficients of the columns of X, (p,)."""
        return self.basis.to_x @ self.coef

    @property
    def vb(self) -> FloatArray:
        """Covariance of the coefficients of the columns of X, (p, p)."""
        return np.asarray(self.basis.to_x @ self.cov @ self.basis.to_x.T)

    @property
    def fitted(self) -> FloatArray:
        """Fitted values of the rows of the design, (k,)."""
        return self.basis.U @ self.coef

    @property
    def variances(self) -> FloatArray:
        """Variances of the fitted values, (k,)."""
        return quadratic(self.basis.U, self.cov)

    def at(self, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values of rows @ beta and their variances, (m,) each; rows are (m, p)."""
        inside = self.basis.coordinates(rows)
        return inside @ self.coef, quadratic(inside, self.cov)


def quadratic(rows: FloatArray, A: FloatArray) -> FloatArray:
    """Return x'A x of every row x of (m, p), with one A (p, p) or one for each row (m, p, p)."""
    each = "pq" if A.ndim == 2 else "ipq"
    return np.asarray(np.maximum(np.einsum(f"ip,{each},iq->i", rows, A, rows), 0.0))

"""Log-likelihood of a selection model with its exact gradient and Hessian.

With s_i^2 = v_i + tau2, mu_i = x_i beta and A_i = E[w(p(Y))] for Y ~ N(mu_i, s_i^2)

    l = sum_i  log w(p_i) - log(2 pi s_i^2)/2 - (y_i - mu_i)^2 / (2 s_i^2) - log A_i

(Hedges 1992; Vevea & Hedges 1995). d/d(mu) of a normal density is He_1(u)/s times it
and d/d(tau2) is half of its second derivative by mu, so that all derivatives of A are Hermite
moments of w (see `grid`). Parameters are ordered beta, tau2, delta.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from review.stats.bias.selection.sides import FloatArray

_ROWS: Final = 2048  # studies per block: memory stays bounded for any k
_TINY: Final = 1e-280


class Weighting(Protocol):
    """What the likelihood needs of a weight function, for studies `rows`."""

    @property
    def n_delta(self) -> int:
        """Number of selection parameters."""

    def observed(self, rows: slice, delta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log w at the observed p-values (k,), slopes (q, k), curvatures (q, q, k)."""

    def moments(
        self, rows: slice, m: FloatArray, s: FloatArray, delta: FloatArray, *, derivatives: bool
    ) -> Moments:
        """Return the Hermite moments of w, and of its derivatives by delta, on the z scale."""


class Moments(NamedTuple):
    """M_n of w: (5, k); of dw/d(delta_j): (q, 3, k); of the second derivatives: (q, q, k)."""

    weight: FloatArray
    slope: FloatArray
    curve: FloatArray


@dataclass(frozen=True)
class Likelihood:
    """Data and weight function of one selection model.

    Attributes:
        y, v: effects and sampling variances, shape (k,).
        X: design matrix, shape (k, p).
        weighting: the weight function at these studies.
    """

    y: FloatArray
    v: FloatArray
    X: FloatArray
    weighting: Weighting
    root_v: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "root_v", np.sqrt(self.v))

    @property
    def size(self) -> int:
        """Number of parameters: coefficients, tau2 and delta."""
        return int(self.X.shape[1]) + 1 + self.weighting.n_delta

    def value(self, theta: FloatArray) -> float:
        """Return the log-likelihood, -inf where it is not defined."""
        return sum(self._block_value(theta, rows) for rows in self._blocks())

    def derivatives(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the log-likelihood, its gradient (n,) and its Hessian (n, n)."""
        total, gradient = 0.0, np.zeros(self.size)
        hessian = np.zeros((self.size, self.size))
        for rows in self._blocks():
            value, g, h = self._block_derivatives(theta, rows)
            total, gradient, hessian = total + value, gradient + g, hessian + h
        return total, gradient, hessian

    def _blocks(self) -> list[slice]:
        return [slice(i, i + _ROWS) for i in range(0, self.y.size, _ROWS)]

    def _located(
        self, theta: FloatArray, rows: slice
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return mu, s^2 and, on the z scale, the mean and standard deviation of the studies."""
        p = self.X.shape[1]
        mu = self.X[rows] @ theta[:p]
        variance = self.v[rows] + theta[p]
        return mu, variance, mu / self.root_v[rows], np.sqrt(variance) / self.root_v[rows]

    def _block_value(self, theta: FloatArray, rows: slice) -> float:
        mu, variance, m, s = self._located(theta, rows)
        delta = theta[self.X.shape[1] + 1 :]
        area = self.weighting.moments(rows, m, s, delta, derivatives=False).weight[0]
        if not (area > _TINY).all():
            return -np.inf
        seen = self.weighting.observed(rows, delta)[0]
        residual = self.y[rows] - mu
        normal = np.log(2.0 * np.pi * variance) + residual**2 / variance
        return float(np.sum(seen - 0.5 * normal - np.log(area)))

    def _block_derivatives(
        self, theta: FloatArray, rows: slice
    ) -> tuple[float, FloatArray, FloatArray]:
        X = self.X[rows]
        mu, variance, m, s = self._located(theta, rows)
        delta = theta[X.shape[1] + 1 :]
        moments = self.weighting.moments(rows, m, s, delta, derivatives=True)
        seen, seen_slope, seen_curve = self.weighting.observed(rows, delta)
        area = np.maximum(moments.weight[0], _TINY)
        residual = self.y[rows] - mu
        value = np.sum(
            seen - 0.5 * (np.log(2.0 * np.pi * variance) + residual**2 / variance) - np.log(area)
        )
        root = np.sqrt(variance)
        # relative derivatives of A by (mu, tau2, delta) and the second ones
        first = (
            np.stack(
                [
                    moments.weight[1] / root,
                    moments.weight[2] / (2.0 * variance),
                    *moments.slope[:, 0],
                ]
            )
            / area
        )
        second = _second(moments, root) / area
        slope = -first
        slope[0] += residual / variance
        slope[1] += 0.5 * (residual**2 / variance - 1.0) / variance
        slope[2:] += seen_slope
        curve = first[:, None] * first[None, :] - second
        curve[0, 0] -= 1.0 / variance
        cross = residual / variance**2
        curve[0, 1] -= cross
        curve[1, 0] -= cross
        curve[1, 1] += (0.5 - residual**2 / variance) / variance**2
        curve[2:, 2:] += seen_curve
        return float(value), self._chain(X, slope), self._chain2(X, curve)

    def _chain(self, X: FloatArray, slope: FloatArray) -> FloatArray:
        """Return the gradient by beta, tau2, delta from slopes by mu_i, tau2, delta."""
        return np.concatenate([X.T @ slope[0], slope[1:].sum(axis=1)])

    def _chain2(self, X: FloatArray, curve: FloatArray) -> FloatArray:
        p = X.shape[1]
        hessian = np.empty((self.size, self.size))
        hessian[:p, :p] = X.T @ (curve[0, 0][:, None] * X)
        hessian[:p, p:] = X.T @ curve[0, 1:].T
        hessian[p:, :p] = hessian[:p, p:].T
        hessian[p:, p:] = curve[1:, 1:].sum(axis=2)
        return hessian


def _second(moments: Moments, root: FloatArray) -> FloatArray:
    """Return the second derivatives of A by (mu, tau2, delta), shape (2 + q, 2 + q, k)."""
    q, k = moments.slope.shape[0], root.size
    weight, variance = moments.weight, root**2
    out = np.empty((2 + q, 2 + q, k))
    out[0, 0] = weight[2] / variance
    out[0, 1] = out[1, 0] = weight[3] / (2.0 * root * variance)
    out[1, 1] = weight[4] / (4.0 * variance**2)
    out[0, 2:] = out[2:, 0] = moments.slope[:, 1] / root
    out[1, 2:] = out[2:, 1] = moments.slope[:, 2] / (2.0 * variance)
    out[2:, 2:] = moments.curve
    return out

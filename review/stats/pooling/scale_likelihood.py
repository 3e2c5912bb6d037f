"""Likelihood of the location-scale model with exact first and second derivatives, on arrays.

y_i ~ N(x_i' beta, v_i + tau2_i), tau2_i = exp(z_i' alpha) or z_i' alpha (Viechtbauer &
Lopez-Lopez 2022, Res Synth Methods 13:697, eqs. 2-6). beta is profiled out by weighted least
squares; for REML the log-determinant terms are those of Harville (1977, JASA 72:320). Derivatives
follow from dP = -P dV P with P = W - W X (X'WX)^-1 X'W; no k x k matrix is formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from review.errors import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Link = Literal["log", "identity"]
_LARGEST_STEP = 4.0  # in units of log tau2: no Newton step multiplies a variance by more than e^4
_MAX_ITERATIONS = 200
_DECREMENT = 1e-20  # squared Newton step length, in standard errors, below which we stop


@dataclass(frozen=True)
class Point:
    """Log-likelihood at one value of the scale coefficients, with its derivatives."""

    alpha: Floats
    tau2: Floats
    loglik: float
    gradient: Floats
    hessian: Floats
    expected: Floats  # expected information, positive semidefinite
    beta: Floats
    vb: Floats  # (X'WX)^-1


@dataclass(frozen=True)
class ScaleLikelihood:
    """Data of the model; `at` evaluates, `maximise` climbs.

    Attributes:
        y, v: effects and sampling variances, shape (k,).
        X, Z: design of the location (k, p) and of the scale (k, q).
        restricted: REML when true, else ML.
        link: "log" or "identity".
    """

    y: Floats
    v: Floats
    X: Floats
    Z: Floats
    restricted: bool = True
    link: Link = "log"

    def tau2(self, alpha: Floats) -> Floats:
        """Between-study variance of each study."""
        eta = self.Z @ alpha
        return np.exp(np.clip(eta, -700.0, 700.0)) if self.link == "log" else eta

    def at(self, alpha: Floats) -> Point:
        """Evaluate log-likelihood, gradient and Hessian in O(k (p^2 + q^2))."""
        y, X, Z = self.y, self.X, self.Z
        k, p = X.shape
        tau2 = self.tau2(alpha)
        w = 1.0 / (self.v + tau2)
        WX = X * w[:, None]
        M = np.asarray(np.linalg.inv(X.T @ WX), dtype=np.float64)
        beta = M @ (WX.T @ y)
        e = y - X @ beta
        r = w * e  # P y
        leverage = np.einsum("ip,pq,iq->i", WX, M, WX)  # diagonal of W - P
        first = tau2 if self.link == "log" else np.ones(k)
        D = Z * first[:, None]
        ll = -0.5 * (np.log(2 * np.pi) * k - np.log(w).sum() + e @ r)
        trace = w
        G = np.einsum("ij,ip,iq->jpq", D, WX, WX)  # X'W D_j W X
        square = D.T @ (D * (w**2)[:, None])  # tr(P D_j P D_m)
        if self.restricted:
            ll += 0.5 * (p * np.log(2 * np.pi) + np.linalg.slogdet(X.T @ X)[1])
            ll += 0.5 * np.linalg.slogdet(M)[1]
            trace = w - leverage
            square = square - 2 * D.T @ (D * (w * leverage)[:, None])
            square = square + np.einsum("pq,jqr,rs,msp->jm", M, G, M, G, optimize=True)
        inner = D.T @ (D * (w * r**2)[:, None])  # y'P D_j P D_m P y
        pull = WX.T @ (D * r[:, None])
        inner = inner - pull.T @ M @ pull
        gradient = 0.5 * D.T @ (r**2 - trace)
        hessian = 0.5 * square - inner
        if self.link == "log":
            hessian = hessian + 0.5 * Z.T @ (D * (r**2 - trace)[:, None])
        return Point(alpha, tau2, float(ll), gradient, hessian, 0.5 * square, beta, M)

    def maximise(self, start: Floats, basis: Floats | None = None) -> Point:
        """Newton ascent with step halving, expected information where the Hessian is no use.

        Args:
            start: scale coefficients, shape (q,).
            basis: columns span the directions that may be moved (default all), shape (q, r).

        Raises:
            ConvergenceError: when the iteration does not settle.
        """
        N = np.eye(len(start)) if basis is None else basis
        point = self.at(start)
        if N.shape[1] == 0:
            return point
        for _ in range(_MAX_ITERATIONS):
            step, decrement = self._step(point, N)
            if decrement < _DECREMENT:
                return point
            better = self._improve(point, step)
            if better is None:
                if decrement < 1e-10:  # rounding leaves no visible rise: one last step
                    return self.at(point.alpha + step)
                break
            point = better
        raise ConvergenceError(
            "the location-scale model did not converge: the likelihood has no clear maximum in "
            "the scale coefficients; use fewer scale predictors"
        )

    def _step(self, point: Point, N: Floats) -> tuple[Floats, float]:
        slope = N.T @ point.gradient
        for information in (-N.T @ point.hessian @ N, N.T @ point.expected @ N):
            values, vectors = np.linalg.eigh((information + information.T) / 2)
            if values[0] > 1e-14 * max(abs(values[-1]), np.finfo(float).tiny):
                break
        values = np.maximum(values, 1e-14 * max(values[-1], np.finfo(float).tiny))
        turned = vectors.T @ slope
        return N @ (vectors @ (turned / values)), float(turned @ (turned / values))

    def _improve(self, point: Point, step: Floats) -> Point | None:
        move = np.abs(self.Z @ step).max()
        if self.link == "log" and move > _LARGEST_STEP:
            step = step * (_LARGEST_STEP / move)
        for _ in range(40):
            trial = point.alpha + step
            if self.link == "log" or self.tau2(trial).min() >= -1e-12 * self.v.mean():
                new = self.at(trial)
                if new.loglik > point.loglik:
                    return new
            step = step / 2
        return None

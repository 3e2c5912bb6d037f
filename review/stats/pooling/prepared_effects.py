"""Effects, variances and the design of one meta-analysis, or of a batch of them, made ready.

The effects are stored as differences from a value (intercept alone) or from their least squares fit
(moderators), so that a common shift costs no digits; `restore` puts it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from review.stats.ground.basis import Basis, basis
from review.stats.ground.least_squares import FloatArray, Projector


@dataclass(frozen=True, eq=False)
class Sample:
    """One data set (k,) or a batch (..., k).

    Attributes:
        y: effects less `centre`, (..., k).
        v: sampling variances, (k,) or (..., k).
        U: orthonormal basis of the design, (k, p) or (..., k, p); None for an intercept alone.
        on: 1 for studies kept, 0 for studies left out of a row, (..., k); None when all are kept.
        k: number of studies kept, (...).
        p: number of coefficients.
        spread: mean squared deviation of the effects from their mean, (...).
        rss: residual sum of squares of the unweighted fit, (...).
        v_min, v_max: smallest and largest variance kept, (...).
        centre: what was taken off: a value (...), or coefficients in the basis (..., p).
        to_x: turns coefficients in the basis U into those of X, (p, p) or (..., p, p).
    """

    y: FloatArray
    v: FloatArray
    U: FloatArray | None
    on: FloatArray | None
    k: FloatArray
    p: int
    spread: FloatArray
    rss: FloatArray
    v_min: FloatArray
    v_max: FloatArray
    centre: FloatArray
    to_x: FloatArray | None

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The leading (batch) shape (...)."""
        U = () if self.U is None else self.U.shape[:-2]
        on = () if self.on is None else self.on.shape[:-1]
        return np.broadcast_shapes(self.y.shape[:-1], self.v.shape[:-1], U, on)

    @cached_property
    def df(self) -> FloatArray:
        """Residual degrees of freedom k - p, (...)."""
        return np.asarray(self.k - self.p)

    @cached_property
    def at_zero(self) -> Projector:
        """P at weights 1/v."""
        return self.projector(np.zeros(()))

    @cached_property
    def rows(self) -> FloatArray:
        """Of one data set: the design basis and the effects less their mean, (p + 1, k)."""
        basis_rows = np.ones((1, self.y.shape[-1])) if self.U is None else self.U.T
        return np.vstack([basis_rows, self.y - self.y.mean() if self.U is None else self.y])

    def weights(self, tau2: FloatArray) -> FloatArray:
        """1/(v + tau2), with 0 for studies left out, (..., k)."""
        w = 1.0 / (self.v + np.asarray(tau2)[..., None])
        return w if self.on is None else w * self.on

    def projector(self, tau2: FloatArray) -> Projector:
        """P at weights 1/(v + tau2)."""
        return Projector(self.weights(tau2), self.U)

    def restore(self, gamma: FloatArray) -> FloatArray:
        """Coefficients of U for the effects as given, (..., p), from those of the stored ones."""
        total = np.asarray(gamma + self.centre)
        return total[..., None] if self.U is None else total

    def in_x(self, coef: FloatArray, cov: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Coefficients (..., p) of X, and their covariance (..., p, p), from those of U."""
        if self.to_x is None:
            return coef, cov
        beta = np.asarray((self.to_x @ coef[..., None])[..., 0])
        return beta, np.asarray(self.to_x @ cov @ np.swapaxes(self.to_x, -1, -2))


def make_sample(
    y: FloatArray,
    v: FloatArray,
    X: FloatArray | Basis | None = None,
    mask: FloatArray | None = None,
) -> Sample:
    """Prepare effects for the estimators.

    Args:
        y: effects, (k,) or (..., k).
        v: sampling variances, all positive, (k,) or (..., k).
        X: design matrix of full rank, (k, p) or (..., k, p), or its basis; None for an intercept
            alone.
        mask: 1 or True for studies kept in a row, (..., k); None to keep all.

    Example:
        >>> s = make_sample(np.array([1.0, 2.0, 6.0]), np.ones(3))
        >>> int(s.k), float(s.spread)
        (3, 4.666666666666667)
    """
    on = None if mask is None else np.asarray(mask, dtype=np.float64)
    shape = np.broadcast_shapes(y.shape, v.shape, () if on is None else on.shape)
    n = np.float64(shape[-1])
    one = 1.0 if on is None else on
    k = np.asarray(n if on is None else on.sum(-1))
    v_min = np.min(v, -1) if on is None else np.where(on > 0, v, np.inf).min(-1)
    v_max = np.max(v, -1) if on is None else np.where(on > 0, v, 0.0).max(-1)
    if X is None:
        centre = _most_precise(y, v)
        y0 = y - centre[..., None]
        mean = (y0 if on is None else one * y0).sum(-1) / k
        from_mean = y0 - mean[..., None]
        spread = np.vecdot(from_mean if on is None else one * from_mean, from_mean) / k
        U, to_x, p, rss = None, None, 1, spread * k
    else:
        y_mean = (y if on is None else one * y).sum(-1) / k
        spread = (one * (y - y_mean[..., None]) ** 2).sum(-1) / k
        found = X if isinstance(X, Basis) else basis(X)
        U, to_x = found.U, found.to_x
        p = U.shape[-1]
        Ut = np.swapaxes(U, -1, -2)
        centre = (Ut @ y[..., None])[..., 0]
        y0 = y - (U @ centre[..., None])[..., 0]
        rss = (y0 * y0).sum(-1) if on is None else Projector(on, U).quadratic(y0)
    return Sample(
        y=y0, v=v, U=U, on=on, k=k, p=p, spread=np.asarray(spread), rss=np.asarray(rss),
        v_min=np.asarray(v_min), v_max=np.asarray(v_max), centre=np.asarray(centre), to_x=to_x,
    )  # fmt: skip


def _most_precise(y: FloatArray, v: FloatArray) -> FloatArray:
    """The effect with the smallest variance, (...): its residual is then exact at tau2 = 0."""
    if y.ndim == v.ndim == 1:
        return np.asarray(y[np.argmin(v)])
    first = np.expand_dims(np.argmin(np.broadcast_to(v, y.shape), -1), -1)
    return np.asarray(np.take_along_axis(y, first, -1)[..., 0])

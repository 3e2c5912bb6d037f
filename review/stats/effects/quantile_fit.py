"""Distributions fitted to printed quantiles: quantile estimation (QE).

A distribution is chosen among normal, log-normal, gamma, Weibull and (for values between 0 and 1)
beta by the least squares distance of its quantiles to the printed ones. It gives mean and SD of
skewed data, and the density at the median, hence the variance of a median.

Sources: McGrath, Zhao, Steele, Thombs and Benedetti (2020), Stat Methods Med Res 29, 2520 (mean
and SD); McGrath, Sohn, Steele and Benedetti (2020), Biom J 62, 69 (variance of a median).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.effects.fivenumber import Quantiles
    from review.stats.effects.measure import FloatArray

_SHAPES: Final = np.linspace(-4.0, 8.0, 121)  # logarithms of shape parameters that are tried first
_EXACT: Final = 1e-12  # a fit that misses by less, relative to the quantiles, is exact


@dataclass(frozen=True, slots=True)
class QuantileFit:
    """A fitted distribution.

    Attributes:
        name: normal, log-normal, gamma, Weibull or beta.
        distance: sum of squared distances of its quantiles to the printed ones.
        mean, sd: of the distribution.
        median_density: density at its median.
    """

    name: str
    distance: float
    mean: float
    sd: float
    median_density: float


def fit_quantiles(quantiles: Quantiles) -> QuantileFit | None:
    """Fit the candidate distributions to a median with quartiles, range or both; return the best.

    Args:
        quantiles: numbers; minimum and maximum are taken as the quantiles 1/n and 1 - 1/n. With a
            value of 0 or below only the normal distribution is a candidate.

    Returns:
        The fit, or None when too little is stated or the numbers are not in order.

    Example:
        >>> from review.stats.effects.fivenumber import Quantiles
        >>> nan = float("nan")
        >>> fit = fit_quantiles(Quantiles(nan, 4, 6, 10, nan, 20))
        >>> fit.name, round(fit.mean, 2), round(fit.sd, 2)
        ('log-normal', 7.92, 6.34)
    """
    minimum, q1, median, q3, maximum, n = quantiles
    values = np.array(quantiles[:5], dtype=float)
    if not n > 1 or np.isnan(median):
        return None
    p = np.array([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])
    known = ~np.isnan(values)
    if np.isnan(q1) != np.isnan(q3) or np.isnan(minimum) != np.isnan(maximum) or known.sum() < 3:
        return None
    p, q = p[known], values[known]
    if np.any(np.diff(q) < 0) or q[-1] <= q[0]:
        return None
    order = np.argsort(p, kind="stable")
    fits = [_normal(p[order], q[order])]
    if q[0] > 0:
        fits += [f(p[order], q[order]) for f in (_log_normal, _gamma, _weibull)]
        if q[-1] < 1:
            fits.append(_beta(p[order], q[order]))
    least = min(f.distance for f in fits)
    exact = (_EXACT * np.abs(q).max()) ** 2
    return next(f for f in fits if f.distance <= max(least, exact))


def _normal(p: FloatArray, q: FloatArray) -> QuantileFit:
    from scipy.special import ndtri

    z = ndtri(p)
    A = np.column_stack([np.ones_like(z), z])
    (mean, sd), *_ = np.linalg.lstsq(A, q, rcond=None)
    distance = float(((A @ [mean, sd] - q) ** 2).sum())
    return QuantileFit("normal", distance, float(mean), float(sd), 1 / (sd * np.sqrt(2 * np.pi)))


def _with_scale(
    q: FloatArray, unit: Callable[[float], FloatArray], low: float, high: float
) -> tuple[float, float, float]:
    """Shape and scale of a family whose quantiles are scale x unit(log shape), and the distance.

    For a given shape the best scale is a regression through the origin, so that one parameter is
    left to search: on a grid first, since the distance may have several minima.
    """
    from scipy.optimize import minimize_scalar

    def distance(t: float) -> float:
        u = unit(t)
        top = u.max()
        if not np.isfinite(top) or top <= 0:
            return float("inf")
        u = u / top
        return float(((q - (u @ q) / (u @ u) * u) ** 2).sum())

    grid = _SHAPES[(low <= _SHAPES) & (high >= _SHAPES)]
    values = [distance(t) for t in grid]
    best = int(np.argmin(values))
    ends = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    found = minimize_scalar(distance, bounds=ends, method="bounded", options={"xatol": 1e-12})
    t = float(found.x) if found.fun <= values[best] else float(grid[best])
    u = unit(t)
    return t, float((u @ q) / (u @ u)), distance(t)


def _log_normal(p: FloatArray, q: FloatArray) -> QuantileFit:
    from scipy.special import ndtri

    z = ndtri(p)
    t, median, distance = _with_scale(q, lambda t: np.exp(np.exp(t) * z), -4.0, 2.0)
    s = np.exp(t)
    mean = median * np.exp(s**2 / 2)
    sd = mean * np.sqrt(np.expm1(s**2))
    density = 1 / (median * s * np.sqrt(2 * np.pi))
    return QuantileFit("log-normal", distance, float(mean), float(sd), float(density))


def _gamma(p: FloatArray, q: FloatArray) -> QuantileFit:
    from scipy.special import gammaincinv, gammaln

    t, scale, distance = _with_scale(q, lambda t: gammaincinv(np.exp(t), p), -4.0, 8.0)
    a = float(np.exp(t))
    x = float(gammaincinv(a, 0.5))
    density = float(np.exp((a - 1) * np.log(x) - x - gammaln(a)) / scale)
    return QuantileFit("gamma", distance, a * scale, float(np.sqrt(a)) * scale, density)


def _weibull(p: FloatArray, q: FloatArray) -> QuantileFit:
    from scipy.special import gamma

    e = -np.log1p(-p)
    t, scale, distance = _with_scale(q, lambda t: e ** np.exp(-t), -3.0, 5.0)
    c = float(np.exp(t))
    first, second = gamma(1 + 1 / c), gamma(1 + 2 / c)
    x = float(np.log(2.0) ** (1 / c))
    density = c * x ** (c - 1) * 0.5 / scale
    spread = float(np.sqrt(max(second - first**2, 0.0)))
    return QuantileFit("Weibull", distance, scale * float(first), scale * spread, float(density))


def _beta(p: FloatArray, q: FloatArray) -> QuantileFit:
    """Two shapes: least squares from starts that have the median's mean and several sizes."""
    from scipy.optimize import least_squares
    from scipy.special import betainc, betaincinv, betaln

    def distances(t: FloatArray) -> FloatArray:
        return np.asarray(betaincinv(np.exp(t[0]), np.exp(t[1]), p) - q)

    middle = float(np.interp(0.5, p, q))
    best = None
    for size in (2.0, 8.0, 32.0, 128.0):
        start = np.log([middle * size, (1 - middle) * size])
        found = least_squares(distances, start, bounds=(-8.0, 12.0), xtol=1e-14, ftol=1e-14)
        if best is None or found.cost < best.cost:
            best = found
    assert best is not None
    a, b = np.exp(best.x)
    x = float(betaincinv(a, b, 0.5))
    assert abs(betainc(a, b, x) - 0.5) < 1e-6
    density = float(np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - betaln(a, b)))
    sd = float(np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))))
    return QuantileFit("beta", 2 * float(best.cost), float(a / (a + b)), sd, density)

"""Tetrachoric correlation of 2x2 tables: the correlation of two dichotomised normal variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from review.stats.effects.measure import Estimate, FloatArray

ITERATIONS = 80  # bisection alone would need 52 to exhaust double precision


def bivariate_normal_cdf(h: FloatArray, k: FloatArray, r: FloatArray) -> FloatArray:
    """P(X < h, Y < k) of a standard bivariate normal pair with correlation r.

    Source: Owen (1956), Ann Math Stat 27, 1075, through his T function.

    Args:
        h: upper limits of X, shape (k,), finite.
        k: upper limits of Y, the same shape, finite.
        r: correlations inside (-1, 1), the same shape.

    Returns:
        Probabilities, the same shape.

    Example:
        >>> import numpy as np
        >>> zero, half = np.zeros(1), np.array([0.5])
        >>> round(float(bivariate_normal_cdf(zero, zero, half)[0]), 12)  # 1/4 + asin(1/2) / 2 pi
        0.333333333333
    """
    from scipy.special import ndtr, owens_t

    root = np.sqrt((1 - r) * (1 + r))
    with np.errstate(divide="ignore", invalid="ignore"):
        ah, ak = (k - r * h) / (h * root), (h - r * k) / (k * root)
    opposite = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    general = 0.5 * (ndtr(h) + ndtr(k) - opposite) - owens_t(h, ah) - owens_t(k, ak)
    centre = 0.25 + np.arcsin(r) / (2 * np.pi)
    return np.where((h == 0) & (k == 0), centre, general)


def _solve(h: FloatArray, k: FloatArray, target: FloatArray) -> FloatArray:
    """Correlation at which the bivariate normal probability equals `target`.

    Newton steps in the angle asin(r), where the derivative is the density of Plackett (1954),
    kept inside a bracket that shrinks at each step.
    """
    low = np.full_like(h, -np.pi / 2)
    high = np.full_like(h, np.pi / 2)
    angle = np.zeros_like(h)
    for _ in range(ITERATIONS):
        r = np.sin(angle)
        excess = bivariate_normal_cdf(h, k, r) - target
        low = np.where(excess < 0, angle, low)
        high = np.where(excess > 0, angle, high)
        density = np.exp(-(h**2 + k**2 - 2 * h * k * r) / (2 * np.cos(angle) ** 2)) / (2 * np.pi)
        step = angle - excess / density
        inside = (step > low) & (step < high)
        new = np.where(excess == 0, angle, np.where(inside, step, (low + high) / 2))
        if np.all(np.abs(new - angle) <= 1e-15):
            return np.sin(new)
        angle = new
    return np.sin(angle)


def tetrachoric(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Estimate:
    """Tetrachoric correlation and its large-sample variance.

    Sources: Pearson (1900), Phil Trans A 195, 1; the variance of the estimate with estimated
    thresholds is Pearson's, in the form of Kirk (1973), Psychometrika 38, 259. With the margins
    at their observed proportions the estimate reproduces the table exactly, so it is also the
    maximum-likelihood estimate. A table with an empty cell has its estimate at -1 or 1 and no
    variance (NaN), as has a table with an empty margin.

    Args:
        a: counts in both first categories, shape (k,).
        b: counts in the first row only.
        c: counts in the first column only.
        d: counts in neither.

    Returns:
        Correlations and variances, shape (k,) each.
    """
    from scipy.special import ndtr, ndtri

    n = a + b + c + d
    y, v = np.full_like(n, np.nan), np.full_like(n, np.nan)
    usable = np.logical_and.reduce([cell > 0 for cell in (a, b, c, d)])
    if not np.any(usable):
        return y, v
    a, b, c, d, n = (cell[usable] for cell in (a, b, c, d, n))
    h, k = ndtri((a + b) / n), ndtri((a + c) / n)
    r = _solve(h, k, a / n)
    root2 = (1 - r) * (1 + r)
    density = np.exp(-(h**2 + k**2 - 2 * r * h * k) / (2 * root2)) / (2 * np.pi * np.sqrt(root2))
    ph = ndtr((h - r * k) / np.sqrt(root2)) - 0.5
    pk = ndtr((k - r * h) / np.sqrt(root2)) - 0.5
    spread = (
        (a + d) * (b + c) / 4
        + (a + c) * (b + d) * ph**2
        + (a + b) * (c + d) * pk**2
        + 2 * (a * d - b * c) * ph * pk
        - (a * b - c * d) * ph
        - (a * c - b * d) * pk
    )
    y[usable], v[usable] = r, spread / (n**3 * density**2)
    return y, v

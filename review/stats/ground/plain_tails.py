"""Tails of the normal, t and chi-squared distributions for one number, without scipy.

Importing `scipy.special` takes longer than all else of a first meta-analysis together. With whole
degrees of freedom the chi-squared tail is a finite sum of positive terms (Abramowitz & Stegun 1972,
26.4.4-5), and the t tail an incomplete beta function, for which a continued fraction converges
quickly away from the middle (Press et al. 2007, Numerical Recipes, sec. 6.4); in the middle a
finite sum is exact enough (Abramowitz & Stegun 1972, 26.7.3-4). Agreement with scipy: 1e-13.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

LARGEST_DF: Final = 100  # of t; beyond, the fraction needs more and more terms near the middle
_MIDDLE: Final = 1.0  # t up to which 1 - P loses less than a digit
_ROUNDS: Final = 20_000  # of a fraction; a few dozen do but for large degrees of freedom
_ENOUGH: Final = 4e-16
_ROOT2: Final = math.sqrt(2.0)


def chi2_upper(q: float, df: int) -> float:
    """P(chi2 with df > q); df is at least 1.

    Example:
        >>> round(chi2_upper(3.841458820694124, 1), 12)
        0.05
    """
    half = q / 2
    if half <= 0:
        return 1.0
    if df % 2:
        total, term = math.erfc(math.sqrt(half)), math.sqrt(half / math.pi) * 2 * math.exp(-half)
        steps = [i + 0.5 for i in range(1, (df - 1) // 2 + 1)]
    else:
        total, term = 0.0, math.exp(-half)
        steps = [float(i) for i in range(1, df // 2 + 1)]
    for step in steps:
        total += term
        term *= half / step
    return total


def t_both(t: float, df: float) -> float:
    """P(|T| > |t|) with whole degrees of freedom; infinite ones are the normal distribution.

    Example:
        >>> round(t_both(2.228138851986274, 10), 12), round(t_both(1.959963984540054, math.inf), 12)
        (0.05, 0.05)
    """
    t = abs(t)
    if math.isinf(df):
        return math.erfc(t / _ROOT2)
    if t <= _MIDDLE:
        return 1.0 - _central(t, int(df))
    return _beta_tail(df / (df + t * t), df / 2)


def _central(t: float, df: int) -> float:
    """P(|T| <= t) as a finite sum."""
    theta = math.atan(t / math.sqrt(df))
    cos2 = math.cos(theta) ** 2
    odd = df % 2
    total = term = math.cos(theta) if odd else 1.0
    if df == 1:
        total = 0.0
    for i in range(3 if odd else 2, df - 1, 2):
        term *= cos2 * (i - 1) / i
        total += term
    if odd:
        return 2 / math.pi * (theta + math.sin(theta) * total)
    return math.sin(theta) * total


def _beta_tail(x: float, a: float) -> float:
    """Incomplete beta function I_x(a, 1/2)."""
    front = math.exp(
        math.lgamma(a + 0.5) - math.lgamma(a) - math.lgamma(0.5)
        + a * math.log(x) + 0.5 * math.log1p(-x)
    )  # fmt: skip
    return front * beta_fraction(x, a, 0.5) / a


def beta_fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of I_x(a, b) (DLMF 8.17.22), by the modified Lentz method.

    It converges quickly for x below (a + 1) / (a + b + 2).

    Example:
        >>> round(beta_fraction(0.5, 1.0, 1.0), 12)  # I_x(1, 1) is x, and x (1 - x) stands before
        2.0
    """
    tiny = 1e-300
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > tiny else tiny)
    h = d
    for m in range(1, _ROUNDS):
        for factor in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1.0 + factor * d, 1.0 + factor / c
            d = 1.0 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            h *= d * c
        if abs(d * c - 1.0) < _ENOUGH:
            break
    return h


@lru_cache(maxsize=256)
def t_critical(alpha: float, df: float) -> float:
    """Return the t with P(|T| > t) = alpha.

    Example:
        >>> round(t_critical(0.05, 10), 12), round(t_critical(0.05, math.inf), 12)
        (2.228138851986, 1.95996398454)
    """
    t = 0.0
    for _ in range(200):
        # Newton steps on a tail that is convex stay to the left of the root
        step = (t_both(t, df) - alpha) / (2 * _density(t, df))
        t += step
        if abs(step) <= 4e-16 * t:
            break
    return t


def _density(t: float, df: float) -> float:
    if math.isinf(df):
        return math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return math.exp(log_scale - (df + 1) / 2 * math.log1p(t * t / df))

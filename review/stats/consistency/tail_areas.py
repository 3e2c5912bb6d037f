"""Tail areas of Student's t, F, chi-square and beta for single numbers, without loading scipy.

An audit asks for a few hundred of them, and loading scipy.special takes longer than all its work.
Incomplete beta functions by the continued fraction of `plain_tails`, gamma functions by their own
(DLMF 8.9.2, evaluated after Lentz 1976) and series (DLMF 8.7.1); held to scipy in the tests. Where
the fractions converge slowly (more than `_LARGE` degrees of freedom) t goes over to its normal
approximation (Abramowitz and Stegun 26.7.8, relative error of the order df^-2), and F and
chi-square to scipy.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from review.stats.ground.plain_tails import beta_fraction

if TYPE_CHECKING:
    from collections.abc import Callable

_TINY: Final = 1e-300
_EPS: Final = 1e-16
_LARGE: Final = 200_000.0
_ROUNDS: Final = 20_000
_NORMAL: Final = NormalDist()


def t_area(df: float, t: float) -> float:
    """Return P(|T| >= |t|) of Student's t.

    Example:
        >>> round(t_area(28, 2.2), 6), t_area(5, 0)
        (0.036225, 1.0)
    """
    t = abs(t)
    if t == 0:
        return 1.0
    if math.isinf(t):
        return 0.0
    if df > _LARGE:
        z = t * (1 - 1 / (4 * df)) / math.sqrt(1 + t * t / (2 * df))
        return math.erfc(z / math.sqrt(2))
    # logarithms of both parts, since df / (df + t^2) is near 1 for small t
    log_x = -math.log1p(t * t / df)
    log_y = -math.log1p(df / (t * t))
    return _beta(df / 2, 0.5, (math.exp(log_x), math.exp(log_y)), (log_x, log_y))


def f_area(df1: float, df2: float, f: float) -> float:
    """Return P(F >= f).

    Example:
        >>> round(f_area(1, 28, 4.84), 6)
        0.036225
    """
    if f <= 0:
        return 1.0
    if math.isinf(f):
        return 0.0
    if max(df1, df2) > _LARGE:
        from scipy.special import fdtrc

        return float(fdtrc(df1, df2, f))
    ratio = df1 * f / df2
    log_x, log_y = -math.log1p(ratio), -math.log1p(1 / ratio)
    return _beta(df2 / 2, df1 / 2, (math.exp(log_x), math.exp(log_y)), (log_x, log_y))


def chi2_area(df: float, x: float) -> float:
    """Return P(chi2 >= x).

    Example:
        >>> round(chi2_area(11, 24.53), 5)
        0.01067
    """
    if x <= 0:
        return 1.0
    if math.isinf(x):
        return 0.0
    if df > _LARGE:
        from scipy.special import chdtrc

        return float(chdtrc(df, x))
    a, half = df / 2, x / 2
    front = math.exp(a * math.log(half) - half - math.lgamma(a))
    if half < a + 1:
        term = total = 1 / a
        for i in range(1, _ROUNDS):
            term *= half / (a + i)
            total += term
            if term < total * _EPS:
                break
        return 1 - front * total
    return front / _fraction(half + 1 - a, lambda i: (i * (a - i), half + 1 - a + 2 * i))


def beta_area(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Example:
        >>> round(beta_area(2, 3, 0.4), 6)
        0.5248
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    return _beta(a, b, (x, 1 - x), (math.log(x), math.log1p(-x)))


def beta_point(a: float, b: float, area: float) -> float:
    """Return the x at which I_x(a, b) is `area`, to 1e-12.

    Example:
        >>> round(beta_point(2, 3, 0.5248), 6)
        0.4
    """
    low, high, x = 0.0, 1.0, a / (a + b)
    log_beta = _log_beta(a, b)
    for _ in range(100):  # Newton's steps, by halves where they leave the bracket
        off = beta_area(a, b, x) - area
        low, high = (low, x) if off > 0 else (x, high)
        slope = math.exp((a - 1) * math.log(x) + (b - 1) * math.log1p(-x) - log_beta)
        step = x - off / slope if slope > 0 else low
        new = step if low < step < high else (low + high) / 2
        if abs(new - x) <= 1e-14 * max(x, 1e-4) or not 0 < new < 1:
            return new
        x = new
    return x


def t_point(df: float, area: float) -> float:
    """Return the t that |T| exceeds with a probability.

    Example:
        >>> round(t_point(28, 0.05), 4)
        2.0484
    """
    if not 0 < area < 1:
        return math.inf if area <= 0 else 0.0
    high = 1.0
    while t_area(df, high) > area:
        high *= 2
    return _solve(lambda t: area - t_area(df, t), 0.0, high)


def normal_point(area: float) -> float:
    """Return the z that |Z| exceeds with a probability; infinity at 0.

    Example:
        >>> round(normal_point(0.05), 4), normal_point(0), normal_point(1)
        (1.96, inf, 0.0)
    """
    if area <= 0:
        return math.inf
    return 0.0 if area >= 1 else -_NORMAL.inv_cdf(area / 2)


def normal_area(z: float) -> float:
    """Return P(|Z| >= |z|)."""
    return math.erfc(abs(z) / math.sqrt(2))


def _beta(a: float, b: float, xy: tuple[float, float], logs: tuple[float, float]) -> float:
    """I_x(a, b) from x, 1 - x and their logarithms."""
    front = math.exp(a * logs[0] + b * logs[1] - _log_beta(a, b))
    if xy[0] < (a + 1) / (a + b + 2):
        return front * beta_fraction(xy[0], a, b) / a
    return 1 - front * beta_fraction(xy[1], b, a) / b


def _log_beta(a: float, b: float) -> float:
    """Ln B(a, b); for b = 1/2 and large a without the loss of digits of a difference."""
    if b == 0.5 and a > 50:
        ratio = 0.5 * math.log(a) - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5)
        return math.lgamma(0.5) - ratio
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _fraction(first: float, term: Callable[[int], tuple[float, float]]) -> float:
    """Return first + a1 / (b1 + a2 / (b2 + ...)) with (a_i, b_i) = term(i)."""
    f = first or _TINY
    c, d = f, 0.0
    for i in range(1, _ROUNDS):
        a, b = term(i)
        d = b + a * d
        d = 1 / (d if abs(d) > _TINY else _TINY)
        c = b + a / c
        c = c if abs(c) > _TINY else _TINY
        step = c * d
        f *= step
        if abs(step - 1) < _EPS * 4:
            break
    return f


def _solve(rising: Callable[[float], float], low: float, high: float) -> float:
    """Return the zero of a rising function, by the Illinois method inside a bracket."""
    f_low, f_high = rising(low), rising(high)
    side = 0
    for _ in range(200):
        x = (low * f_high - high * f_low) / (f_high - f_low) if f_high != f_low else low
        if not low < x < high:
            x = (low + high) / 2
        value = rising(x)
        if value == 0 or high - low <= 1e-15 * max(abs(low), abs(high), 1e-12):
            return x
        if value > 0:
            high, f_high = x, value
            f_low *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            low, f_low = x, value
            f_high *= 0.5 if side == -1 else 1.0
            side = -1
        if abs(high - low) <= 1e-14 * max(abs(high), 1e-3):
            return (low + high) / 2
    return (low + high) / 2

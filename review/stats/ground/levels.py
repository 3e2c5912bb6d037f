"""Confidence levels, and intervals that need nothing but the normal distribution; no arrays."""

from __future__ import annotations

import math
from statistics import NormalDist

from review.errors import InputError


def check_level(level: float) -> float:
    """Return a confidence level as a fraction: the one rule for every level of the package.

    95 and 0.95 both mean 95 per cent. 1 would be 1 per cent or 100, and is refused.

    Raises:
        InputError: the level is not between 0 and 100, or 1.

    Example:
        >>> check_level(95), check_level(0.9)
        (0.95, 0.9)
    """
    try:
        value = float("nan") if isinstance(level, bool | str) else float(level)
    except (TypeError, ValueError):
        value = float("nan")
    if not 0 < value < 100 or value == 1:
        raise InputError(f"level must be a percentage between 0 and 100, such as 95, not {level!r}")
    return value / 100 if value > 1 else value


def level_percent(level: float) -> float:
    """Return a confidence level in per cent, by the rule of `check_level`.

    Example:
        >>> level_percent(95), level_percent(0.9), level_percent(0.999)
        (95.0, 90.0, 99.9)
    """
    return round(100 * check_level(level), 10)


def normal_quantile(level: float) -> float:
    """Return the two-sided quantile of the normal distribution.

    Example:
        >>> round(normal_quantile(95), 6) == round(normal_quantile(0.95), 6) == 1.959964
        True
    """
    return NormalDist().inv_cdf(0.5 + check_level(level) / 2)


def wilson(k: float, n: float, level: float = 95) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion k/n (Wilson 1927).

    Example:
        >>> tuple(round(x, 4) for x in wilson(8, 10))
        (0.4902, 0.9433)
    """
    z, p = normal_quantile(level), k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)

"""Quantities as they stand in texts, tables and figures."""

from __future__ import annotations

import math
from typing import Final

DECIMALS: Final = 4
MISSING: Final = "not available"
_LEAST_P: Final = 1e-4
_MOST_DECIMALS: Final = 8
_LARGE: Final = 1e7  # from here on, digits before the point are too many to be read


def number(x: float | None, decimals: int | None = None, *, missing: str = MISSING) -> str:
    """Write a number.

    Without `decimals`: four of them, and four significant digits for small and large numbers, so
    that a variance of 0.00004231 keeps its digits. With `decimals`: so many, as in the columns of
    a table, but never a 0 for a number that is not 0.

    Args:
        x: the number; None and NaN are `missing`.
        decimals: digits after the point.
        missing: what stands for a missing number.

    Example:
        >>> number(-0.71453), number(0.0), number(3.1e-9), number(None)
        ('-0.7145', '0.0000', '3.100e-09', 'not available')
        >>> number(-0.714, 2), number(0.0004, 2), number(123456789.0, 2), number(1e400, 2)
        ('-0.71', '0.0004', '1.235e+08', '∞')
    """
    if x is None or math.isnan(x):
        return missing
    if math.isinf(x):
        return "∞" if x > 0 else "-∞"
    if abs(x) >= _LARGE:
        return f"{x:.3e}"
    if decimals is None:
        if x != 0 and abs(x) < 1e-3:
            return f"{x:.3e}"
        decimals = DECIMALS
    text = f"{x:.{decimals if abs(x) < 1e5 else 0}f}"
    if float(text) == 0:
        return f"{x:.1g}" if x != 0 else text.removeprefix("-")
    return text


def significant(x: float, digits: int = 6) -> str:
    """Write a value of data as it is, without the noise of binary fractions.

    Example:
        >>> significant(0.1 + 0.2), significant(2019.0), significant(123.456, 3)
        ('0.3', '2019', '123')
    """
    return number(x) if not math.isfinite(x) else f"{x:.{digits}g}"


def count(n: int) -> str:
    """Write a count with separators between thousands.

    Example:
        >>> count(1234567)
        '1,234,567'
    """
    return f"{n:,}"


def percent(x: float | None, decimals: int = 1) -> str:
    """Write a percentage; 0% and 100% stand for exactly that.

    Args:
        x: in per cent (92.2, not 0.922).
        decimals: digits after the point, more where fewer would hide how near 0 or 100 it is.

    Example:
        >>> percent(92.2214), percent(50, 0), percent(0.4, 0), percent(0.0174), percent(99.97)
        ('92.2%', '50%', '0.4%', '0.017%', '99.970%')
    """
    if x is None or not math.isfinite(x):
        return number(x)
    near = min(x, 100 - x)
    if 0 < near < 10.0**-decimals:
        decimals = min((decimals > 0) - math.floor(math.log10(near)), _MOST_DECIMALS)
    text = f"{x:.{decimals}f}"
    return f"{text.removeprefix('-') if float(text) == 0 else text}%"


def p_number(p: float | None) -> str:
    """Write a p-value for a column whose heading says `p`.

    Example:
        >>> p_number(0.00001), p_number(0.03124), p_number(None)
        ('< 0.0001', '0.0312', 'not computed')
    """
    if p is None or math.isnan(p):
        return "not computed"
    return f"< {_LEAST_P:.4f}" if p < _LEAST_P else f"{p:.4f}"


def p_value(p: float | None) -> str:
    """Write a p-value in running text.

    Example:
        >>> p_value(0.00001), p_value(0.25), p_value(None)
        ('p < 0.0001', 'p = 0.2500', 'p not computed')
    """
    text = p_number(p)
    return f"p {text}" if text[0] in "<n" else f"p = {text}"


def level_name(level: float) -> str:
    """Write a level of confidence, given in per cent.

    Example:
        >>> level_name(95.0), level_name(99.5)
        ('95%', '99.5%')
    """
    return f"{level:g}%"


def interval(low: float | None, high: float | None, decimals: int | None = None) -> str:
    """Write limits in running text.

    Example:
        >>> interval(-1.10842, -0.32058), interval(0.1, 0.2, 2)
        ('-1.1084 to -0.3206', '0.10 to 0.20')
    """
    return f"{number(low, decimals)} to {number(high, decimals)}"


def confidence(
    low: float | None, high: float | None, level: float, decimals: int | None = None
) -> str:
    """Write a confidence interval with its level in running text.

    Example:
        >>> confidence(0.1, 0.4, 95)
        '95% CI 0.1000 to 0.4000'
    """
    return f"{level_name(level)} CI {interval(low, high, decimals)}"


def bracketed(low: float | None, high: float | None, decimals: int | None = None) -> str:
    """Write limits beside an estimate in a table or figure.

    Example:
        >>> bracketed(0.3441, 0.6962, 2)
        '[0.34, 0.70]'
    """
    return f"[{number(low, decimals)}, {number(high, decimals)}]"


def estimate(
    value: float | None, low: float | None, high: float | None, decimals: int | None = None
) -> str:
    """Write an estimate with its limits in a table or figure; without limits the estimate alone.

    Example:
        >>> estimate(0.4894, 0.3441, 0.6962, 2), estimate(0.4894, None, None, 2)
        ('0.49 [0.34, 0.70]', '0.49')
    """
    if low is None or high is None:
        return number(value, decimals)
    return f"{number(value, decimals)} {bracketed(low, high, decimals)}"


def statistic_text(name: str, value: float | None, p: float | None) -> str:
    """Write a test: its statistic (with degrees of freedom in the name) and its p-value.

    Example:
        >>> statistic_text("Q(12)", 152.233, 1e-20)
        'Q(12) = 152.2330, p < 0.0001'
    """
    return f"{name} = {number(value)}, {p_value(p)}"

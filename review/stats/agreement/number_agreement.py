"""Agreement of coders on numbers: intraclass correlation, limits of agreement."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from review.errors import InputError
from review.stats.agreement.category_agreement import NO_WIDTH, Estimate
from review.stats.ground.inference import check_level, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Form = Literal["agreement", "consistency", "oneway"]
_NAMES: Final[dict[str, str]] = {
    "agreement": "ICC(A,1) = ICC(2,1), two-way random, absolute agreement",
    "consistency": "ICC(C,1) = ICC(3,1), two-way, consistency",
    "oneway": "ICC(1) = ICC(1,1), one-way",
}


def complete_units(ratings: Sequence[Sequence[float | None]]) -> NDArray[np.float64]:
    """Return units x coders with the units that every coder gave a number.

    Raises:
        InputError: rows of different length, or a number that is not finite.
    """
    if len({len(row) for row in ratings}) > 1:
        raise InputError("coders rated different numbers of units")
    kept = [
        [float(v) for v in unit if v is not None]
        for unit in zip(*ratings, strict=True)
        if all(v is not None for v in unit)
    ]
    data = np.asarray(kept, dtype=float).reshape(len(kept), len(ratings))
    if not np.isfinite(data).all():
        raise InputError("a number of a coder is not finite")
    return data


def icc(
    ratings: Sequence[Sequence[float | None]], *, form: Form = "agreement", level: float = 95
) -> Estimate:
    """Return the intraclass correlation of single measurements.

    Formulas and intervals of Shrout and Fleiss (1979) and McGraw and Wong (1996, tables 4 and 7).

    Args:
        ratings: coders x units, None where a number is missing (the unit is left out).
        form: absolute agreement, consistency, or one-way.
        level: confidence level, per cent (95) or a fraction (0.95).

    Example:
        >>> first, second = [9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2]
        >>> third, fourth = [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]
        >>> round(icc([first, second, third, fourth]).value, 2)
        0.29
    """
    method = _NAMES[form]
    data = complete_units(ratings)
    n, k = data.shape
    if k < 2 or n < 2:
        return Estimate(None, None, None, n, method, "needs two coders and two units with numbers")
    spread = float(np.ptp(data))
    if spread == 0:
        return Estimate(None, None, None, n, method, "every number is the same: 0/0")
    x = (data - data.mean()) / spread
    rows, columns = x.mean(axis=1), x.mean(axis=0)
    msr = k * float(((rows - x.mean()) ** 2).sum()) / (n - 1)
    msc = n * float(((columns - x.mean()) ** 2).sum()) / (k - 1)
    residual = x - rows[:, None] - columns[None, :] + x.mean()
    mse = float((residual**2).sum()) / ((n - 1) * (k - 1))
    msw = float(((x - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    if msw < 1e-28:
        return Estimate(1.0, 1.0, 1.0, n, method)
    value: float | None
    limits: tuple[float | None, float | None]
    if form == "oneway":
        value, limits = _from_f(msr, msw, k, (n - 1, n * (k - 1)), level)
    elif form == "consistency":
        value, limits = _from_f(msr, mse, k, (n - 1, (n - 1) * (k - 1)), level)
    else:
        value = _ratio(msr - mse, msr + (k - 1) * mse + k / n * (msc - mse))
        limits = (
            (None, None)
            if value is None
            else _agreement_limits(value, (msr, msc, mse), (n, k), level)
        )
    note = "" if limits[0] is not None else "no interval"
    if value is None:
        note = "neither units nor residuals vary: 0/0"
    return Estimate(value, *limits, n, method, note)


def _ratio(top: float, bottom: float) -> float | None:
    return top / bottom if bottom > 1e-28 else None


def _from_f(
    between: float, within: float, k: int, df: tuple[int, int], level: float
) -> tuple[float | None, tuple[float | None, float | None]]:
    from scipy.special import fdtri

    value = _ratio(between - within, between + (k - 1) * within)
    if within < 1e-28:
        return value, (None, None)
    ratio, upper = between / within, 0.5 + check_level(level) / 2
    low = ratio / float(fdtri(*df, upper))
    high = ratio * float(fdtri(*df[::-1], upper))
    return value, ((low - 1) / (low + k - 1), (high - 1) / (high + k - 1))


def _agreement_limits(
    value: float, squares: tuple[float, float, float], shape: tuple[int, int], level: float
) -> tuple[float | None, float | None]:
    from scipy.special import fdtri

    n, k = shape
    msr, msc, mse = squares
    if mse < 1e-28:
        return None, None
    a = k * value / (n * (1 - value))
    b = 1 + k * value * (n - 1) / (n * (1 - value))
    spread = (a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1))
    df = (a * msc + b * mse) ** 2 / spread if spread > 0 else 0.0
    if df <= 0:
        return None, None
    upper = 0.5 + check_level(level) / 2
    f_low = float(fdtri(n - 1, df, upper))
    f_high = float(fdtri(df, n - 1, upper))
    rest = k * msc + (k * n - k - n) * mse
    low = n * (msr - f_low * mse) / (f_low * rest + n * msr)
    high = n * (f_high * msr - mse) / (rest + n * f_high * msr)
    return (low, high) if math.isfinite(low + high) else (None, None)


@dataclass(frozen=True, slots=True)
class BlandAltman:
    """Limits of agreement of two coders.

    Attributes:
        n: pairs of numbers.
        n_equal: pairs that are exactly equal.
        bias, bias_low, bias_high: mean of first minus second, with its confidence interval.
        sd: standard deviation of the differences.
        low, high: limits of agreement, bias -/+ 1.96 SD.
        low_ci, high_ci: confidence interval of each limit.
        note: why a number is None.
    """

    n: int
    n_equal: int = 0
    bias: float | None = None
    bias_low: float | None = None
    bias_high: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    low_ci: tuple[float, float] | None = None
    high_ci: tuple[float, float] | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers as a dictionary."""
        return asdict(self)


def bland_altman(
    first: Sequence[float | None], second: Sequence[float | None], *, level: float = 95
) -> BlandAltman:
    """Return bias and limits of agreement (Bland and Altman 1986; 1999 for the intervals).

    Example:
        >>> bland_altman([1, 2, 3, 4], [1, 2, 3, 5]).bias
        -0.25
    """
    from scipy.special import stdtrit

    data = complete_units([first, second])
    n = len(data)
    if not n:
        return BlandAltman(0, note="no unit has a number of both coders")
    difference = data[:, 0] - data[:, 1]
    equal, bias = int((difference == 0).sum()), float(difference.mean())
    if n < 2:
        return BlandAltman(n, equal, bias, note="one pair only: no standard deviation")
    sd = float(difference.std(ddof=1))
    if np.ptp(difference) == 0:
        same = f"all differences are equal: {NO_WIDTH}"
        return BlandAltman(n, equal, bias, sd=0.0, low=bias, high=bias, note=same)
    t, z = float(stdtrit(n - 1, 0.5 + check_level(level) / 2)), normal_quantile(95)
    half = t * sd / math.sqrt(n)
    low, high = bias - z * sd, bias + z * sd
    # variance of a limit: s^2 (1/n + z^2 / (2 (n - 1))), Bland and Altman 1999, section 2.1
    margin = t * sd * math.sqrt(1 / n + z * z / (2 * (n - 1)))
    return BlandAltman(
        n,
        equal,
        bias,
        bias - half,
        bias + half,
        sd,
        low,
        high,
        (low - margin, low + margin),
        (high - margin, high + margin),
    )

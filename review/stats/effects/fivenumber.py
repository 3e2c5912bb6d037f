"""Mean and standard deviation from median, quartiles and range, for data that are about normal.

Scenarios: S1 minimum, median, maximum; S2 quartiles and median; S3 all five. The skewness test of
Shi et al. tells when the assumption does not hold.

Sources: mean Luo, Wan, Liu and Tong (2018), Stat Methods Med Res 27, 1785; SD Wan, Wang, Liu and
Tong (2014), BMC Med Res Methodol 14, 135 (S1, S2), Shi et al. (2020), Res Synth Methods 11, 641
(S3); test Shi et al. (2023), Stat Methods Med Res 32, 1338; method "wan" is all of Wan et al.
(2014), "bland" Bland (2015), Int J Stat Med Res 4, 57.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from review.stats.effects.measure import BoolArray, FloatArray

METHODS: Final = ("luo", "wan", "bland")


def _normal_quantile(p: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    return np.asarray(ndtri(p), dtype=float)


def _extreme(n: FloatArray) -> FloatArray:
    """Expected standardised maximum of n values (Blom's approximation)."""
    return _normal_quantile((n - 0.375) / (n + 0.25))


def _quartile(n: FloatArray) -> FloatArray:
    """Expected standardised third quartile of n values (Blom's approximation)."""
    return _normal_quantile((0.75 * n - 0.125) / (n + 0.25))


class Quantiles(NamedTuple):
    """What is known of the distribution of one group: numbers, or arrays (k,); NaN not stated.

    Attributes:
        minimum: smallest value.
        q1: first quartile.
        median: median.
        q3: third quartile.
        maximum: largest value.
        n: sample size.
    """

    minimum: Any
    q1: Any
    median: Any
    q3: Any
    maximum: Any
    n: Any

    def arrays(self) -> list[FloatArray]:
        """The six columns as float arrays of one length, (k,)."""
        return list(np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, float)) for v in self)))


def mean_sd(quantiles: Quantiles, method: str = "luo") -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation, row by row from what is known.

    Args:
        quantiles: a row needs the median with the quartiles, with minimum and maximum, or both.
        method: "luo" (Luo 2018, with the SDs of Wan 2014 and Shi 2020), "wan" or "bland" (S3 only).

    Returns:
        Means and SDs, (k,); NaN where too little is known.

    Example:
        >>> nan = float("nan")
        >>> mean, sd = mean_sd(Quantiles(nan, [4.0], [6.0], [10.0], nan, [20.0]))
        >>> mean.round(4).tolist(), sd.round(4).tolist()
        ([6.7195], [4.7871])
    """
    a, l, m, u, b, n = columns = quantiles.arrays()
    with np.errstate(all="ignore"):
        s1 = ~np.isnan(a + m + b) & (n > 1)
        s2 = ~np.isnan(l + m + u) & (n > 1)
        s3 = s1 & s2
        if method == "bland":
            return _bland(columns, s3)
        one, two = _luo(columns) if method == "luo" else _wan(columns)
    mean = np.select([s3, s1, s2], [one[2], one[0], one[1]], np.nan)
    sd = np.select([s3, s1, s2], [two[2], two[0], two[1]], np.nan)
    return mean, sd


Three = tuple["FloatArray", "FloatArray", "FloatArray"]


def _luo(columns: list[FloatArray]) -> tuple[Three, Three]:
    """Means of S1, S2, S3 (Luo 2018, eq. 7, 11, 15) and SDs (Wan 2014, eq. 7 and 15; Shi 2020)."""
    a, l, m, u, b, n = columns
    w = 4 / (4 + n**0.75)
    v = 0.7 + 0.39 / n
    w1, w2 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    middle, inner = (a + b) / 2, (l + u) / 2
    means = (
        w * middle + (1 - w) * m,
        v * inner + (1 - v) * m,
        w1 * middle + w2 * inner + (1 - w1 - w2) * m,
    )
    theta1 = (2 + 0.14 * n**0.6) * _extreme(n)
    theta2 = (2 + 2 / (0.07 * n**0.6)) * _quartile(n)
    sds = (
        (b - a) / (2 * _extreme(n)),
        (u - l) / (2 * _quartile(n)),
        (b - a) / theta1 + (u - l) / theta2,
    )
    return means, sds


def _wan(columns: list[FloatArray]) -> tuple[Three, Three]:
    """Means and SDs of Wan et al. (2014), scenarios C1, C3 and C2."""
    a, l, m, u, b, n = columns
    means = (a + 2 * m + b) / 4, (l + m + u) / 3, (a + 2 * l + 2 * m + 2 * u + b) / 8
    range_sd, quartile_sd = (b - a) / (2 * _extreme(n)), (u - l) / (2 * _quartile(n))
    return means, (range_sd, quartile_sd, (range_sd + quartile_sd) / 2)


def _bland(columns: list[FloatArray], s3: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Mean and SD of Bland (2015), which need all five numbers."""
    a, l, m, u, b, _ = columns
    mean = (a + 2 * l + 2 * m + 2 * u + b) / 8
    squares = (a**2 + 2 * l**2 + 2 * m**2 + 2 * u**2 + b**2) / 16
    products = (a * l + l * m + m * u + u * b) / 8
    sd = np.sqrt(squares + products - mean**2)
    return np.where(s3, mean, np.nan), np.where(s3, sd, np.nan)


def skewness(quantiles: Quantiles) -> tuple[FloatArray, FloatArray]:
    """Statistic and critical value (5 per cent) of the skewness test of Shi et al. (2023).

    Args:
        quantiles: as in `mean_sd`.

    Returns:
        Statistics and critical values, (k,); data are skewed where the first exceeds the second.

    Example:
        >>> nan = float("nan")
        >>> statistic, limit = skewness(Quantiles([2.0], nan, [10.0], nan, [25.0], [50.0]))
        >>> bool(statistic[0] > limit[0])
        True
    """
    a, l, m, u, b, n = quantiles.arrays()
    with np.errstate(all="ignore"):
        outer = np.abs(a + b - 2 * m) / (b - a)
        inner = np.abs(l + u - 2 * m) / (u - l)
        both = np.maximum(2.65 * np.log(0.6 * n) / np.sqrt(n) * outer, inner)
        limits = (
            1.01 / np.log(n + 9) + 2.43 / (n + 1),
            2.66 / np.sqrt(n) - 5.92 / n**2,
            2.97 / np.sqrt(n) - 39.1 / n**3,
        )
    s1, s2 = ~np.isnan(outer), ~np.isnan(inner)
    statistic = np.select([s1 & s2, s1, s2], [both, outer, inner], np.nan)
    return statistic, np.select([s1 & s2, s1, s2], [limits[2], limits[0], limits[1]], np.nan)

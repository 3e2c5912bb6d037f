"""Mean and standard deviation of skewed data from printed quantiles: the Box-Cox method (BC).

A power transformation makes the quantiles symmetric; mean and SD of the transformed data follow
from the methods for normal data, and those of the data from integrals over the normal density.

Source: McGrath, Zhao, Steele, Thombs and Benedetti (2020), Stat Methods Med Res 29, 2520, sec. 2.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.effects.fivenumber import Quantiles, mean_sd

if TYPE_CHECKING:
    from review.stats.effects.measure import FloatArray

_LARGEST: Final = 20.0  # power up to which symmetry is looked for
_NODES: Final = 400  # of the quadrature
_REACH: Final = 12.0  # standard deviations beyond which nothing is left


def box_cox(x: FloatArray, power: float) -> FloatArray:
    """(x**power - 1) / power, the logarithm for power 0."""
    return np.log(x) if power == 0 else np.expm1(power * np.log(x)) / power


def symmetric_power(q: FloatArray) -> float:
    """Power of 0 or more that makes the quantiles lie symmetrically around the median.

    The distances of the upper and the lower quantile to the median have the ratio 1; with range
    and quartiles the sum of the two squared differences from 1 is smallest. Powers below 0 have no
    finite mean under normality, so that more skewed data get the logarithm.

    Args:
        q: minimum, first quartile, median, third quartile, maximum; NaN where not stated.
    """
    from scipy.optimize import minimize_scalar

    def asymmetry(power: float) -> float:
        t = box_cox(q / q[2], power)  # the ratios do not depend on the unit
        parts = [t[4 - j] / -t[j] - 1 for j in (0, 1) if not np.isnan(t[j])]
        return float(sum(x * x for x in parts))

    grid = np.concatenate([[0.0], np.geomspace(0.01, _LARGEST, 120)])
    values = [asymmetry(x) for x in grid]
    best = int(np.argmin(values))
    ends = (float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)]))
    found = minimize_scalar(asymmetry, bounds=ends, method="bounded", options={"xatol": 1e-12})
    return float(found.x) if found.fun < values[best] else float(grid[best])


def box_cox_mean_sd(quantiles: Quantiles) -> tuple[float, float, float]:
    """Mean, SD and power of the Box-Cox method; NaN when a quantile is not positive.

    Args:
        quantiles: numbers.

    Returns:
        Mean by Luo et al. (2018) and SD by Wan et al. (2014) of the transformed data, brought back.

    Example:
        >>> nan = float("nan")
        >>> mean, sd, power = box_cox_mean_sd(Quantiles(nan, 4, 6, 10, nan, 20))
        >>> round(mean, 3), round(sd, 3), power
        (8.141, 6.843, 0.0)
    """
    q, n = np.array(quantiles[:5], dtype=float), quantiles.n
    if np.nanmin(q) <= 0 or not n > 1 or np.any(np.diff(q[~np.isnan(q)]) <= 0):
        return np.nan, np.nan, np.nan
    power = symmetric_power(q)
    t = box_cox(q, power)
    low, first, middle, third, high = t.tolist()
    transformed = Quantiles(low, first, middle, third, high, n)
    centre = float(mean_sd(transformed)[0][0])
    spread = float(mean_sd(transformed, "wan")[1][0])
    if power == 0:  # log-normal
        mean = float(np.exp(centre + spread**2 / 2))
        return mean, mean * float(np.sqrt(np.expm1(spread**2))), power
    # the inverse exists for power x + 1 > 0; the normal is cut there, and as far above
    reach = min(_REACH, (centre + 1 / power) / spread)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    z = reach * nodes
    density = weights * np.exp(-(z**2) / 2)
    x = np.exp(np.log1p(power * (centre + spread * z)) / power)
    mean = float((density @ x) / density.sum())
    variance = float((density @ (x - mean) ** 2) / density.sum())
    return mean, float(np.sqrt(variance)), power

"""Power of z tests, the distribution of their number of findings, and the tests built on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.ground.alternatives import choose_alternative

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray

_TERMS: Final = 1e6  # exact while this many outcomes would have to be listed


def significant(z: FloatArray, alternative: str, alpha: float) -> npt.NDArray[np.bool_]:
    """Tell which z statistics are significant, (k,)."""
    from scipy.special import ndtri

    alternative = choose_alternative(alternative)
    if alternative == "two-sided":
        return np.asarray(np.abs(z) >= ndtri(1 - alpha / 2))
    critical = ndtri(1 - alpha)
    return np.asarray(z >= critical if alternative == "greater" else z <= -critical)


def power(
    theta: float | FloatArray,
    se: FloatArray,
    *,
    H0: float = 0.0,
    tau2: float = 0.0,
    alternative: str = "two-sided",
    alpha: float = 0.05,
) -> FloatArray:
    """Return the power of z tests with standard errors `se` (k,) at effects N(theta, tau2).

    Averaging the power over normal effects is again a normal probability, with variance
    se^2 + tau2.

    Example:
        >>> power(0.5, np.array([0.2])).round(4).tolist()
        [0.7054]
    """
    from scipy.special import ndtr, ndtri

    spread = np.sqrt(se**2 + tau2)
    shift = np.asarray(theta) - H0
    alternative = choose_alternative(alternative)
    two = alternative == "two-sided"
    critical = ndtri(1 - alpha / 2 if two else 1 - alpha) * se
    above, below = ndtr((shift - critical) / spread), ndtr((-shift - critical) / spread)
    if two:
        return np.asarray(above + below)
    return np.asarray(above if alternative == "greater" else below)


def few_terms(observed: int, k: int, side: str) -> bool:
    """Whether at most 10^6 sets of significant findings lie on the side that is tested."""
    side = choose_alternative(side)
    if side == "two-sided":
        return 2.0 ** min(k, 1000) <= _TERMS
    sizes = range(k, observed - 1, -1) if side == "greater" else range(observed + 1)
    terms = 0
    for j in sizes:
        terms += math.comb(k, j)
        if terms > _TERMS:
            return False
    return True


def count_distribution(p: FloatArray) -> FloatArray:
    """Distribution of the number of successes of independent trials, (k + 1,), by convolution.

    Example:
        >>> count_distribution(np.array([0.5, 0.5])).tolist()
        [0.25, 0.5, 0.25]
    """
    out = np.zeros(len(p) + 1)
    out[0] = 1.0
    for i, one in enumerate(p.tolist()):
        out[1 : i + 2] = out[1 : i + 2] * (1 - one) + out[: i + 1] * one
        out[0] *= 1 - one
    return out


def excess_p(observed: int, powers: FloatArray, test: str, side: str) -> tuple[float, float | None]:
    """Return the p-value of `observed` findings when they have these powers, and chi-squared.

    Args:
        observed: number of significant findings.
        powers: chance of each study to be significant, (k,).
        test: "exact", "chi2" or "binom".
        side: "greater", "less" or "two-sided".
    """
    k = len(powers)
    if test != "chi2":
        p = powers if test == "exact" else np.full(k, powers.mean())
        return _from_distribution(count_distribution(p), observed, side), None
    from scipy.special import chdtrc, ndtr

    expected = float(powers.sum())
    gap = observed - expected
    # both classes; an expectation of 0 or k leaves no room for a deviation but an impossible one
    rest = k - expected
    if min(expected, rest) <= 1e-300:
        X2 = 0.0 if abs(gap) < 1e-12 else math.inf
    else:
        X2 = gap**2 / expected + gap**2 / rest
    side = choose_alternative(side)
    if side == "two-sided":
        return float(chdtrc(1, X2)), X2
    root = math.copysign(math.sqrt(X2), gap)
    return float(ndtr(-root if side == "greater" else root)), X2


def _from_distribution(probability: FloatArray, observed: int, side: str) -> float:
    if side == "greater":
        p = probability[observed:].sum()
    elif side == "less":
        p = probability[: observed + 1].sum()
    else:  # all outcomes that are no more likely than the one observed
        p = probability[probability <= probability[observed] * (1 + 1e-7)].sum()
    return min(1.0, float(p))


def limit_estimate(
    p_at: Callable[[float], float],
    excess: Callable[[float], float],
    *,
    H0: float,
    direction: float,
    unit: float,
    side: str,
    level: float,
) -> float | tuple[float | None, float | None] | None:
    """Find the effect on the observed side of H0 at which the p-value is `level`.

    Power rises with the distance t from H0, so the p-value rises with t for "greater" and falls for
    "less"; for "two-sided" it rises until E = O and falls from there, which gives two limits.
    """

    def crossing(low: float, high: float, rising: bool) -> float | None:
        def f(t: float) -> float:
            return (p_at(H0 + direction * t) - level) * (1.0 if rising else -1.0)

        if not f(low) < 0 < f(high):
            return None
        from scipy.optimize import brentq

        return H0 + direction * float(brentq(f, low, high, xtol=1e-14 * unit, rtol=1e-14))

    far = 100.0 * unit
    side = choose_alternative(side)
    if side != "two-sided":
        return crossing(0.0, far, rising=side == "greater")
    low, high = 0.0, far
    if excess(H0) < 0 < excess(H0 + direction * far):
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if excess(H0 + direction * middle) < 0 else (low, middle)
    elif excess(H0) >= 0:
        high = 0.0
    return crossing(0.0, high, rising=True), crossing(high, far, rising=False)

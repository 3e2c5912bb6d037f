"""Mixtures of normal distributions: what integrating over tau makes of normal posteriors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.bayes.posterior_summary import Distribution

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

STEPS: Final = 100
STARTS: Final = 24  # points from which a mode is looked for
CELLS: Final = 2_000_000  # numbers in memory at a time


@dataclass(frozen=True, eq=False)
class NormalMixture(Distribution):
    """A mixture of J normal distributions.

    Attributes:
        weights: probabilities of the components, (J,).
        means, sds: of the components, (J,).
        moments: highest moment that the distribution of the components leaves finite (0, 1 or 2).

    Example:
        >>> two = NormalMixture(np.array([0.5, 0.5]), np.array([-1.0, 1.0]), np.array([1.0, 1.0]))
        >>> two.mean, round(two.sd, 4), round(float(two.cdf(0)), 4)
        (0.0, 1.4142, 0.5)
    """

    weights: FloatArray
    means: FloatArray
    sds: FloatArray
    moments: int = 2

    def pdf(self, x: Any) -> FloatArray:
        """Return the density, in the shape of x."""
        return np.asarray(np.exp(self.log_pdf(x)))

    def log_pdf(self, x: Any) -> FloatArray:
        """Return the logarithm of the density, in the shape of x."""
        at = np.asarray(x, dtype=np.float64)
        z = (at[..., None] - self.means) / self.sds
        with np.errstate(divide="ignore"):
            terms = np.log(self.weights / self.sds) - 0.5 * z * z
        top = terms.max(-1)
        total = np.exp(terms - top[..., None]).sum(-1)
        return np.asarray(top + np.log(total) - 0.5 * math.log(2 * math.pi))

    def cdf(self, x: Any) -> FloatArray:
        """Return the probability of a smaller value, in the shape of x."""
        from scipy.special import ndtr

        at = np.asarray(x, dtype=np.float64)
        return np.asarray(ndtr((at[..., None] - self.means) / self.sds) @ self.weights)

    def quantile(self, p: Any) -> FloatArray:
        """Return quantiles, in the shape of p."""
        share = np.asarray(p, dtype=np.float64)
        means, sds = self.means[None], self.sds[None]
        inside = np.clip(share.ravel(), 1e-300, 1 - 1e-16)
        found = mixture_quantiles(self.weights, means, sds, inside)[0].reshape(share.shape)
        return np.where(share <= 0, -np.inf, np.where(share >= 1, np.inf, found))

    @property
    def mean(self) -> float | None:
        """Mean; None where the tails are too heavy."""
        return float(self.weights @ self.means) if self.moments >= 1 else None

    @property
    def sd(self) -> float | None:
        """Standard deviation; None where the tails are too heavy."""
        if self.moments < 2:
            return None
        spread = np.square(self.means - float(self.weights @ self.means))
        return math.sqrt(float(self.weights @ (np.square(self.sds) + spread)))

    @property
    def mode(self) -> float:
        """Value of the highest density."""
        return float(mixture_modes(self.weights, self.means[None], self.sds[None])[0])


def mixture_quantiles(
    weights: FloatArray, means: FloatArray, sds: FloatArray, p: FloatArray
) -> FloatArray:
    """Return quantiles of D mixtures that share their weights, by bracketed Newton steps.

    Args:
        weights: of the components, (J,).
        means: of the components, (D, J).
        sds: their standard deviations, (D, J).
        p: probabilities, (Q,).

    Returns:
        (D, Q).
    """
    step = max(1, CELLS // (len(weights) * len(p)))
    parts = [
        _quantiles(weights, means[i : i + step], sds[i : i + step], p)
        for i in range(0, len(means), step)
    ]
    return np.concatenate(parts)


def _quantiles(
    weights: FloatArray, means: FloatArray, sds: FloatArray, p: FloatArray
) -> FloatArray:
    from scipy.special import ndtr, ndtri

    # the smaller tail is solved for, so that no digits are lost near 1
    upper = p > 0.5
    sign, tail = np.where(upper, -1.0, 1.0), np.where(upper, 1 - p, p)
    components = means[:, None] + sds[:, None] * ndtri(p)[:, None]
    low, high = components.min(2), components.max(2)  # a quantile lies between the components'
    # components far out in a heavy tail say nothing about where a quantile lies
    inner = _inner(weights)
    x = np.clip(components @ inner, low, high)
    middle, typical = (means @ inner)[:, None], np.exp(np.log(sds) @ inner)[:, None]
    target = np.log(np.maximum(tail, 1e-300))
    for _ in range(STEPS):
        z = (x[..., None] - means[:, None]) / sds[:, None]
        mass = ndtr(sign[:, None] * z) @ weights
        density = (np.exp(-0.5 * z * z) / sds[:, None]) @ weights / math.sqrt(2 * math.pi)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            miss = np.log(mass) - target  # in logs the tail is nearly a parabola, not an exponent
            newton = x - sign * miss * mass / density
        over = sign * miss > 0
        low, high = np.where(over, low, x), np.where(over, x, high)
        inside = (newton >= low) & (newton <= high)
        new = np.where(inside, newton, _halfway(low, high, middle, typical))
        done = np.abs(new - x) <= 1e-14 * np.abs(x) + 1e-13 * typical
        x = new
        if done.all():
            break
    return x


def _inner(weights: FloatArray) -> FloatArray:
    """Weights of the middle 90 per cent of the components in their order, adding up to 1."""
    below = np.cumsum(weights)
    inner = np.where((below > 0.05) & (below < 0.95), weights, 0.0)
    return inner / inner.sum() if inner.sum() > 0 else weights


def _halfway(
    low: FloatArray, high: FloatArray, middle: FloatArray, typical: FloatArray
) -> FloatArray:
    """The middle of brackets; of those that span many orders of size the middle of the orders."""
    a, b = (np.arcsinh((x - middle) / typical) for x in (low, high))
    return np.clip(middle + typical * np.sinh((a + b) / 2), low, high)


def mixture_modes(weights: FloatArray, means: FloatArray, sds: FloatArray) -> FloatArray:
    """Return the mode of each of D mixtures that share their weights, (D,).

    The best of a grid is refined by steps to the weighted mean of the components at the point,
    which never lower the density (Carreira-Perpiñán 2000), and by Newton steps at the end.

    Args:
        weights: of the components, (J,).
        means: of the components, (D, J).
        sds: their standard deviations, (D, J).
    """
    out = np.empty(len(means))
    # component means all along the mixture; modes lie between them
    along = np.searchsorted(np.cumsum(weights), np.linspace(0.001, 0.999, STARTS))
    tallest = np.argsort(-weights)[:STARTS]
    tried = np.unique(np.concatenate([np.minimum(along, len(weights) - 1), tallest]))
    for d, (m, s) in enumerate(zip(means, sds, strict=True)):
        one = NormalMixture(weights, m, s)
        grid = m[tried]
        x = float(grid[int(np.argmax(one.log_pdf(grid)))])
        for i in range(STEPS):
            z = (x - m) / s
            part = weights / s * np.exp(-0.5 * z * z)
            fixed = float((part * m / s**2).sum() / (part / s**2).sum())
            slope = float((-part * z / s).sum())
            bend = float((part * (z * z - 1) / s**2).sum())
            new = x - slope / bend if i >= 5 and bend < 0 else fixed
            if abs(new - x) <= 1e-13 * (abs(x) + float(s.min())):
                break
            x = new
        out[d] = x
    return out

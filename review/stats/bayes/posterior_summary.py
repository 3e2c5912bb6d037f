"""What every posterior distribution offers: mode, median, mean, sd, quantiles and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.ground.inference import check_level
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

INTERVALS: Final = ("central", "shortest")
GRID: Final = 48  # positions of the interval that are tried before the best is refined


class Distribution:
    """Base of posterior distributions; a subclass gives `log_pdf`, `cdf`, `quantile`, `mode`...

    `quantile` takes shares of any shape; `log_pdf` values of any shape.
    """

    @property
    def lowest(self) -> float:
        """Smallest possible value."""
        return -np.inf

    def log_pdf(self, x: Any) -> FloatArray:
        """Return the logarithm of the density."""
        raise NotImplementedError

    def quantile(self, p: Any) -> FloatArray:
        """Return quantiles."""
        raise NotImplementedError

    @property
    def mode(self) -> float:
        """Value of the highest density."""
        raise NotImplementedError

    @property
    def mean(self) -> float | None:
        """Mean; None where the tails are too heavy."""
        raise NotImplementedError

    @property
    def sd(self) -> float | None:
        """Standard deviation; None where the tails are too heavy."""
        raise NotImplementedError

    @property
    def median(self) -> float:
        """Median."""
        return float(self.quantile(0.5))

    def interval(self, level: float = 95, kind: str = "central") -> tuple[float, float]:
        """Return a credible interval.

        Args:
            level: its probability, per cent (95) or a fraction (0.95).
            kind: "central" (equal tails) or "shortest" (of all with this probability; of a density
                with one peak that of the highest density).

        Raises:
            InputError: the level or the kind is wrong.
        """
        share = check_level(level)
        if choose("interval", kind, INTERVALS) == "central":
            low, high = self.quantile(np.array([(1 - share) / 2, (1 + share) / 2])).tolist()
            return low, high
        return shortest(self, share)


def shortest(distribution: Distribution, share: float) -> tuple[float, float]:
    """Return the shortest interval that has a probability of `share`.

    The lower end has the probability p below it; where the densities of both ends are equal, the
    width as a function of p has its minimum.
    """
    from scipy.optimize import brentq

    room = 1 - share
    bounded = np.isfinite(distribution.lowest)
    # p is 0 only where there is a smallest value; near 1 - share the interval is never shortest
    # unless the density rises to a largest value
    p = room * np.concatenate(
        [[0.0 if bounded else 1e-6], (np.arange(GRID) + 0.5) / GRID, [1 - 1e-9]]
    )
    ends = distribution.quantile(np.concatenate([p, p + share]))
    low, high = ends[: len(p)], ends[len(p) :]
    best = int(np.argmin(high - low))
    if best in {0, len(p) - 1}:
        return float(low[best]), float(high[best])

    def slope(at: float) -> float:
        a, b = distribution.quantile(np.array([at, at + share]))
        return float(distribution.log_pdf(a) - distribution.log_pdf(b))

    first, last = p[best - 1], p[best + 1]
    if best == 1 and bounded and slope(room * 1e-12) > 0:
        return float(low[0]), float(high[0])
    if slope(first) < 0 < slope(last):
        at = brentq(slope, first, last, xtol=1e-14, rtol=1e-12)
        a, b = distribution.quantile(np.array([at, at + share])).tolist()
        return a, b
    return float(low[best]), float(high[best])  # several peaks: the best of the grid

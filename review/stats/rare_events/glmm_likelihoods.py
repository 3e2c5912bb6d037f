"""Log-likelihoods of the counts of one group, as functions of its linear predictor.

Binomial counts on the logit scale, Poisson counts with person-times on the log scale. Both are
concave in the predictor, with derivatives that are cumulants (McCullagh & Nelder 1989, ch. 2).
The counts of several studies are one array (k,); predictors are (..., k). A count out of 0 trials,
or over a time of 0, says nothing: its log-likelihood is 0 everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import BoolArray, FloatArray


class Counts(Protocol):
    """Counts of k studies whose log-likelihood depends on one predictor each."""

    @property
    def k(self) -> int:
        """Number of studies."""

    @property
    def constants(self) -> FloatArray:
        """What the log-likelihood has beside `value`, (k,)."""

    def value(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood without its constants and the first derivative, (..., k) each."""

    def slopes(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """First, second and third derivative, (..., k) each."""

    def alone(self) -> tuple[FloatArray, FloatArray]:
        """Each study's own estimate of the predictor (infinite at the edge) and its top.

        The top is the largest log-likelihood, without the constants, (k,) each.
        """


@dataclass(frozen=True, eq=False)
class BinomialCounts:
    """x of n, with logit eta + offset.

    Attributes:
        x, n: events and trials, (k,), n may be 0.
        offset: (k,).
    """

    x: FloatArray
    n: FloatArray
    offset: FloatArray

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.x)

    @property
    def constants(self) -> FloatArray:
        """Logarithms of the binomial coefficients, (k,)."""
        from scipy.special import gammaln

        x, n = self.x, self.n
        return np.asarray(gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1))

    def _share(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Logits, exp(-|logit|) and probabilities, without overflow."""
        logit = eta + self.offset
        small = np.exp(-np.abs(logit))
        return logit, small, np.where(logit > 0, 1.0, small) / (1.0 + small)

    def value(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood and first derivative."""
        logit, small, p = self._share(eta)
        value = self.x * logit - self.n * (np.maximum(logit, 0.0) + np.log1p(small))
        return value, self.x - self.n * p

    def slopes(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """First, second and third derivative."""
        _, small, p = self._share(eta)
        spread = self.n * small / (1.0 + small) ** 2
        return self.x - self.n * p, -spread, -spread * (1 - 2 * p)

    def alone(self) -> tuple[FloatArray, FloatArray]:
        """Own logits and tops."""
        from scipy.special import xlogy

        x, rest = self.x, self.n - self.x
        with np.errstate(divide="ignore", invalid="ignore"):
            eta = np.log(x) - np.log(rest) - self.offset
        return eta, np.asarray(xlogy(x, x) + xlogy(rest, rest) - xlogy(self.n, self.n))


@dataclass(frozen=True, eq=False)
class PoissonCounts:
    """x events in person-time t, with log rate eta.

    Attributes:
        x, t: (k,), t may be 0 where x is.
    """

    x: FloatArray
    t: FloatArray

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.x)

    @property
    def constants(self) -> FloatArray:
        """The logarithm of t^x / x!, (k,)."""
        from scipy.special import gammaln, xlogy

        return np.asarray(xlogy(self.x, self.t) - gammaln(self.x + 1))

    def value(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood and first derivative."""
        mean = self.t * np.exp(eta)
        return self.x * eta - mean, self.x - mean

    def slopes(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """First, second and third derivative."""
        mean = self.t * np.exp(eta)
        return self.x - mean, -mean, -mean

    def alone(self) -> tuple[FloatArray, FloatArray]:
        """Own log rates and tops."""
        from scipy.special import xlogy

        with np.errstate(divide="ignore", invalid="ignore"):
            eta = np.log(self.x) - np.log(self.t)
        ratio = np.divide(self.x, self.t, out=np.ones_like(self.x), where=self.t > 0)
        return eta, np.asarray(xlogy(self.x, ratio) - self.x)


def without(counts: BinomialCounts | PoissonCounts, gone: BoolArray) -> Counts:
    """Return the counts with those of some studies taken out: they say nothing any more.

    Args:
        counts: of k studies.
        gone: which, (k,).
    """
    kept = np.where(gone, 0.0, counts.x)
    if isinstance(counts, BinomialCounts):
        return BinomialCounts(kept, np.where(gone, 0.0, counts.n), counts.offset)
    return PoissonCounts(kept, np.where(gone, 0.0, counts.t))

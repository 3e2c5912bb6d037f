"""What is known in closed form when tau is given: the mean's posterior and the likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.stats.ground.least_squares import FloatArray

CELLS: Final = 2_000_000  # numbers in memory at a time
LOG_2PI: Final = math.log(2 * math.pi)


@dataclass(frozen=True)
class MuPrior:
    """Prior of the mean effect mu: normal, or improper uniform where `sd` is infinite.

    Attributes:
        mean, sd: of the normal distribution.
    """

    GAPS: ClassVar = {"sd": "infinite: flat"}

    mean: float = 0.0
    sd: float = math.inf

    @property
    def proper(self) -> bool:
        """Whether it is a normal distribution."""
        return math.isfinite(self.sd)

    @property
    def label(self) -> str:
        """How it is written."""
        return f"normal:{self.mean:.10g},{self.sd:.10g}" if self.proper else "flat"


@dataclass(frozen=True, eq=False)
class GivenTau:
    """The normal posterior of mu at values of tau, and their likelihood, (n,).

    Attributes:
        mean, sd: of mu.
        log_likelihood: of tau, mu integrated out over its prior (over density 1 where it is flat).
        log_peak: of tau and mu at the mean, without the prior of mu.
    """

    mean: FloatArray
    sd: FloatArray
    log_likelihood: FloatArray
    log_peak: FloatArray


def given_tau(y: FloatArray, v: FloatArray, tau: FloatArray, prior: MuPrior) -> GivenTau:
    """Return what follows from values of tau (Röver 2020, J Stat Softw 93(6), section 2.5).

    Args:
        y: effects, (k,).
        v: sampling variances, (k,).
        tau: (n,).
        prior: of mu; an `sd` of 0 fixes mu at its mean.
    """
    parts = [_chunk(y, v, t, prior) for t in _chunks(tau, len(y))]
    return GivenTau(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _chunks(tau: FloatArray, k: int) -> Iterator[FloatArray]:
    step = max(1, CELLS // k)
    for start in range(0, max(len(tau), 1), step):
        yield tau[start : start + step]


def _chunk(
    y: FloatArray, v: FloatArray, tau: FloatArray, prior: MuPrior
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    # around a centre near the effects, so that a large common level costs no digits
    centre = float(np.average(y, weights=1 / v))
    total = v + np.square(tau)[:, None]
    w = 1 / total
    log_w = -np.log(total).sum(1)
    d = y - centre
    k = len(y)
    if prior.sd == 0:
        rss = (w * np.square(y - prior.mean)).sum(1)
        peak = 0.5 * (log_w - rss - k * LOG_2PI)
        return np.full(len(tau), prior.mean), np.zeros(len(tau)), peak, peak
    precision = 1 / prior.sd**2 if prior.proper else 0.0
    W = w.sum(1) + precision
    off = ((w * d).sum(1) + precision * (prior.mean - centre)) / W
    rss = (w * np.square(d - off[:, None])).sum(1)
    peak = 0.5 * (log_w - rss - k * LOG_2PI)
    if prior.proper:
        shift = precision * np.square(centre + off - prior.mean)
        inner = -0.5 * (shift + np.log(W) + 2 * math.log(prior.sd))
    else:
        inner = 0.5 * (LOG_2PI - np.log(W))
    return centre + off, 1 / np.sqrt(W), peak + inner, peak

"""The exact conditional likelihood of 2x2 tables: the non-central hypergeometric distribution.

Given all margins, the number a of events in group 1 has the probability

    P(a | theta) = C(n1, a) C(n2, m - a) exp(a theta) / sum_j C(n1, j) C(n2, m - j) exp(j theta)

with m events in both groups and log odds ratio theta (Fisher 1935; Breslow & Day 1980, eq. 4.2;
Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046, sec. 4). The group's risks are gone. Studies are
handled in stacks of similar support, so that a large trial does not widen the arrays of small ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from review.errors import StatsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from review.stats.ground.least_squares import BoolArray, FloatArray

    Ints = npt.NDArray[np.intp]

STEPS = 200
WIDE = 1_000  # length of a support from which only the part that matters is summed over
MOST_NUMBERS = 4_000_000  # in one temporary array
# longest support: sums over more possible tables than this are no longer a matter of seconds
LONGEST = 200_000


@dataclass(frozen=True, eq=False)
class _Stack:
    """Studies of similar support: positions (s,), outcomes relative to a, (s, J), log weights."""

    at: Ints
    j: FloatArray
    log_c: FloatArray


@dataclass(frozen=True, eq=False)
class HypergeometricCounts:
    """Events a of group 1 given the margins.

    Attributes:
        a, n1, m, n2: events and size of group 1, events in both, size of group 2: whole numbers,
            (k,).

    Raises:
        StatsError: a table has so many events that its support is too long to sum over.
    """

    a: FloatArray
    n1: FloatArray
    m: FloatArray
    n2: FloatArray
    stacks: tuple[_Stack, ...] = field(init=False)

    def __post_init__(self) -> None:
        from scipy.special import gammaln

        low = np.maximum(0.0, self.m - self.n2)
        size = (np.minimum(self.n1, self.m) - low + 1).astype(np.intp)
        if size.max() > LONGEST:
            raise StatsError(
                f"the exact conditional likelihood sums over {int(size.max()):,} possible tables "
                "of one study; use model='CM.AL' or 'UM.FS'"
            )
        level = np.ceil(np.log2(size)).astype(np.intp)
        stacks = []
        for each in np.unique(level).tolist():
            at = np.flatnonzero(level == each)
            j = low[at, None] + np.arange(size[at].max())[None, :]
            n1, n2, m = self.n1[at, None], self.n2[at, None], self.m[at, None]
            inside = j <= np.minimum(n1, m)
            i = np.where(inside, j, low[at, None])
            log_c = -gammaln(i + 1) - gammaln(n1 - i + 1)
            log_c -= gammaln(m - i + 1) + gammaln(n2 - m + i + 1)
            own = self.a[at, None]
            log_own = -gammaln(own + 1) - gammaln(n1 - own + 1)
            log_own -= gammaln(m - own + 1) + gammaln(n2 - m + own + 1)
            # relative to the table that was seen: the log-likelihood is minus log sum exp, and
            # nothing large is subtracted
            log_c = np.where(inside, log_c - log_own, -np.inf)
            stacks.append(_Stack(at, np.where(inside, j - own, 0.0), log_c))
        object.__setattr__(self, "stacks", tuple(stacks))

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.a)

    @property
    def constants(self) -> FloatArray:
        """Zeros, (k,): `value` is the whole log-probability."""
        return np.zeros(self.k)

    def _sums(self, eta: FloatArray, order: int) -> list[FloatArray]:
        """Log-sum of the weights, and the first `order` cumulants of j - a, (..., k) each."""
        eta = np.broadcast_to(eta, (*np.shape(eta)[:-1], self.k))
        flat = eta.reshape(-1, self.k)
        out = [np.empty(flat.shape) for _ in range(order + 1)]
        for s in self.stacks:
            rows = max(1, MOST_NUMBERS // s.j.size)
            for first in range(0, len(flat), rows):
                part = slice(first, first + rows)
                eta_here = flat[part][:, s.at]
                found = _cumulants(eta_here, *self._near(s, eta_here), order)
                for one, values in zip(out, found, strict=True):
                    one[part, s.at] = values
        return [one.reshape(eta.shape) for one in out]

    def _near(self, s: _Stack, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The part of a long support that has all of the probability at log odds ratios (r, s).

        The number of events is a sum of independent Bernoulli variables (Harkness 1965), so that
        beyond 10 sqrt(J) of its mean, J outcomes long, lies less than exp(-200) (Hoeffding 1963).
        """
        J = s.j.shape[1]
        reach = int(10 * np.sqrt(J)) + 50  # the mean is known to about 1
        if J <= WIDE or reach * 2 > J:
            return s.j, s.log_c
        ends = [self._mean(s.at, edge) - self.a[s.at] for edge in (eta.min(0), eta.max(0))]
        start = s.j[:, :1].min(1)
        low = np.clip(np.floor(ends[0] - start) - reach, 0, J - 1).astype(np.intp)
        high = np.clip(np.ceil(ends[1] - start) + reach, 0, J - 1).astype(np.intp)
        width = int((high - low).max()) + 1
        low = np.minimum(low, J - width)
        at = low[:, None] + np.arange(width)
        return np.take_along_axis(s.j, at, 1), np.take_along_axis(s.log_c, at, 1)

    def _mean(self, at: Ints, eta: FloatArray) -> FloatArray:
        """About the mean of the events: the table of these margins with the odds ratio."""
        n1, m, n2 = self.n1[at], self.m[at], self.n2[at]
        p = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
        q = 1 - p
        linear = q * (n2 - m) + p * (n1 + m)
        root = np.sqrt(np.maximum(linear**2 + 4 * (q - p) * p * n1 * m, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            above = 2 * p * n1 * m / (linear + root)
            below = (root - linear) / (2 * (q - p))
        return np.where(linear >= 0, above, below)

    def value(self, eta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log-probability of the table seen, and its first derivative."""
        log_sum, mean = self._sums(eta, 1)
        return -log_sum, -mean

    def slopes(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """First, second and third derivative."""
        _, mean, variance, third = self._sums(eta, 3)
        return -mean, -variance, -third

    def alone(self) -> tuple[FloatArray, FloatArray]:
        """Conditional maximum-likelihood log odds ratio of each study, and its log-probability."""
        low = self.a == np.maximum(0.0, self.m - self.n2)
        high = self.a == np.minimum(self.n1, self.m)
        edge = low | high
        eta = _root(lambda x: self.slopes(x)[:2], self._begin(), edge)
        top = np.where(edge, 0.0, self.value(np.where(edge, 0.0, eta))[0])
        infinite = np.where(low & high, np.nan, np.where(low, -np.inf, np.inf))
        return np.where(edge, infinite, eta), top

    def _begin(self) -> FloatArray:
        """Log odds ratios with half an event more in each cell."""
        a, b, c = self.a + 0.5, self.n1 - self.a + 0.5, self.m - self.a + 0.5
        return np.asarray(np.log(a / b) - np.log(c / (self.n2 - self.m + self.a + 0.5)))


def _cumulants(eta: FloatArray, j: FloatArray, log_c: FloatArray, order: int) -> list[FloatArray]:
    """Log of the sum of exp(log_c + j eta) and cumulants of j, (r, s) each, for eta (r, s)."""
    log_w = log_c + j * eta[..., None]
    top = log_w.max(-1, keepdims=True)
    w = np.exp(log_w - top)
    total = w.sum(-1)
    w /= total[..., None]
    mean = (w * j).sum(-1)
    out = [np.log(total) + top[..., 0], mean]
    if order > 1:
        d = j - mean[..., None]
        square = w * d * d
        out += [square.sum(-1), (square * d).sum(-1)]
    return out


def _root(
    slopes: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    start: FloatArray,
    skip: BoolArray,
) -> FloatArray:
    """Where the derivatives of concave functions vanish: Newton steps kept inside brackets."""
    x = start.copy()
    low, high = np.full_like(x, -np.inf), np.full_like(x, np.inf)
    for _ in range(STEPS):
        slope, bend = slopes(x)
        low, high = np.where(slope > 0, x, low), np.where(slope < 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(bend < 0, -slope / bend, 0.0)
        step = np.clip(np.where(skip, 0.0, step), -2.0, 2.0)
        new = x + step
        with np.errstate(invalid="ignore"):
            middle = 0.5 * (low + high)
        done = np.abs(step) <= 1e-13 * (1 + np.abs(x))
        outside = ~done & ((new <= low) | (new >= high)) & np.isfinite(middle)
        x = np.where(skip, x, np.where(outside, middle, new))
        if (done | skip).all():
            break
    return x

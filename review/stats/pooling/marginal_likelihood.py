"""Log-likelihoods of the random-effects model and their maximum over tau2.

With w = 1/(v + tau2), P as in `review.stats.ground.least_squares` and r the residuals of the
weighted fit (Harville 1977, J Am Stat Assoc 72:320; Raudenbush 2009, eq. 16.12-16.15):

    ML    l = -(k log 2pi + sum log(v + tau2) + r'Wr) / 2
    REML  l = -((k-p) log 2pi + sum log(v + tau2) + log|X'WX| - log|X'X| + r'Wr) / 2

The likelihood can have several maxima in tau2, and one at the boundary tau2 = 0. The sign of its
derivative is therefore taken on a grid first; every change from + to - brackets a maximum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.least_squares import BoolArray, FloatArray, falling_root
from review.stats.pooling.likelihood_grid import (
    block_sums,
    from_sums,
    grid_steps,
    shares_grid,
    slopes_on_grid,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import Projector
    from review.stats.pooling.prepared_effects import Sample

LOG_2PI = float(np.log(2 * np.pi))


def log_likelihoods(
    s: Sample, tau2: FloatArray, P: Projector, rss: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Both log-likelihoods, ML and REML, (...).

    Args:
        s: the sample.
        tau2: (...).
        P: the projector at tau2.
        rss: r'Wr at the coefficients, (...).
    """
    logs = np.log(s.v + np.asarray(tau2)[..., None])
    total = (logs if s.on is None else logs * s.on).sum(-1) + rss
    ml = -0.5 * (s.k * LOG_2PI + total)
    return np.asarray(ml), np.asarray(-0.5 * (s.df * LOG_2PI + total + P.logdet()))


def log_likelihood(s: Sample, tau2: FloatArray, *, restricted: bool) -> FloatArray:
    """Log-likelihood at tau2 (...), the coefficients being those of the weighted fit."""
    P = s.projector(tau2)
    return log_likelihoods(s, tau2, P, P.quadratic(s.y))[restricted]


def score(s: Sample, *, restricted: bool) -> Callable[[FloatArray], tuple[FloatArray, FloatArray]]:
    """Return t -> (twice the derivative of the log-likelihood, a Newton or Fisher step), (...)."""
    by_sums = block_sums(s)

    def func(t: FloatArray) -> tuple[FloatArray, FloatArray]:
        if by_sums is not None:
            value, info, curve = from_sums(by_sums(t[None], 3)[0], restricted=restricted)
        else:
            P = s.projector(t)
            z = P(s.y)
            first, info = P.traces() if restricted else (P.s1, np.vecdot(P.w, P.w))
            value, curve = np.vecdot(z, z) - first, np.vecdot(z, P(z))
        bend = info - 2 * curve
        # Newton where the log-likelihood is concave, Fisher scoring elsewhere
        return np.asarray(value), np.asarray(np.where(bend < 0, -value / bend, value / info))

    return func


def maximise(s: Sample, *, restricted: bool) -> tuple[FloatArray, int, int]:
    """Find the global maximum of the log-likelihood over tau2 >= 0, for every row.

    The derivative is negative beyond a + sqrt(a max(v)) with a = rss/(k-p), so the search interval
    is finite. On it the grid is even near 0, on the scale of the smallest variance, and
    logarithmic above.

    Returns:
        tau2 (...), the number of evaluations, and the largest number of local maxima of any row.
    """
    usable = (s.df > 0) & (s.rss > 0)
    a = np.where(usable, s.rss, 0.0) / np.maximum(s.df, 1.0)
    top = a + np.sqrt(a * s.v_max)
    if shares_grid(s):
        top = np.full(top.shape, top.max(initial=0.0))
    k = s.y.shape[-1]
    steps = grid_steps(k)
    n = len(steps)
    log_range = np.log1p(top / s.v_min)
    steps = steps.reshape((n,) + (1,) * top.ndim)
    grid = np.concatenate([s.v_min * np.expm1(log_range * steps), top[None]])
    values = slopes_on_grid(s, grid[:-1], restricted=restricted)
    values = np.concatenate([values, np.full((1, *top.shape), -1.0)])
    up = values > 0
    peaks = up[:-1] & ~up[1:] & usable
    at_zero = ~up[0]
    count = peaks.sum(0) + at_zero
    best, used = _climb(s, grid, values, _first(peaks), restricted=restricted)
    most = int(count.max(initial=0))
    if most > 1:
        best_l = log_likelihood(s, best, restricted=restricted)
        for number in range(2, n + 1):
            peaks = peaks & ~_first(peaks)
            candidates = np.zeros_like(best)
            if number > 2 and not peaks.any():
                break
            if peaks.any():
                candidates, more = _climb(s, grid, values, _first(peaks), restricted=restricted)
                used += more
            possible = peaks.any(0) | at_zero
            l = log_likelihood(s, candidates, restricted=restricted)
            better = possible & (l > best_l)
            best, best_l = np.where(better, candidates, best), np.where(better, l, best_l)
    return best, used + n, max(most, 1)


def _first(peaks: BoolArray) -> BoolArray:
    """Keep only the first True along the leading axis."""
    return np.asarray(peaks & (np.cumsum(peaks, 0) == 1))


def _climb(
    s: Sample, grid: FloatArray, values: FloatArray, peak: BoolArray, *, restricted: bool
) -> tuple[FloatArray, int]:
    """Solve for the maximum in the one bracket marked per row; 0 in rows without a mark."""
    lo, hi, g_lo, g_hi = (
        np.asarray(np.where(peak, x, 0.0).sum(0))
        for x in (grid[:-1], grid[1:], values[:-1], values[1:])
    )
    share = np.clip(g_lo / np.where(g_lo > g_hi, g_lo - g_hi, 1.0), 0.1, 0.9)
    start = lo + share * (hi - lo)
    if not peak.any():
        return np.zeros_like(lo), 0
    what = "the REML equation" if restricted else "the ML equation"
    return falling_root(score(s, restricted=restricted), lo, hi, start, s.v_min, what=what)

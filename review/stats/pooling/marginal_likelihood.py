"""Log-likelihoods of the random-effects model and their maximum over tau2.

With w = 1/(v + tau2), P as in `review.stats.ground.least_squares` and r the residuals of the
weighted fit (Harville 1977, J Am Stat Assoc 72:320; Raudenbush 2009, eq. 16.12-16.15):

    ML    l = -(k log 2pi + sum log(v + tau2) + r'Wr) / 2
    REML  l = -((k-p) log 2pi + sum log(v + tau2) + log|X'WX| - log|X'X| + r'Wr) / 2

The likelihood can have several maxima in tau2, and one at the boundary tau2 = 0. The sign of its
derivative is therefore taken on a grid first; every change from + to - brackets a maximum.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.least_squares import BoolArray, FloatArray, falling_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import Projector
    from review.stats.pooling.prepared_effects import Sample

    Sums = tuple[FloatArray, FloatArray]  # of w^a, and of w^a z z'

AT_ONCE = 100_000  # elements of an array up to which all grid points are evaluated together
LARGE = 20_000  # studies from which sums over blocks pay
BLOCK = 16_384
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
    by_sums = _sums_of(s)

    def func(t: FloatArray) -> tuple[FloatArray, FloatArray]:
        if by_sums is not None:
            value, info, curve = _from_sums(by_sums(t[None], 3)[0], restricted=restricted)
        else:
            P = s.projector(t)
            z = P(s.y)
            first = P.trace() if restricted else P.s1
            info = P.trace_sq() if restricted else np.vecdot(P.w, P.w)
            value, curve = np.vecdot(z, z) - first, np.vecdot(z, P(z))
        bend = info - 2 * curve
        # Newton where the log-likelihood is concave, Fisher scoring elsewhere
        return np.asarray(value), np.asarray(np.where(bend < 0, -value / bend, value / info))

    return func


def slope_only(s: Sample, *, restricted: bool) -> Callable[[FloatArray], FloatArray]:
    """Return t -> twice the derivative of the log-likelihood, (...)."""

    def func(t: FloatArray) -> FloatArray:
        P = s.projector(t)
        z = P(s.y)
        return np.asarray(np.vecdot(z, z) - (P.trace() if restricted else P.s1))

    return func


def _sums_of(s: Sample) -> Callable[[FloatArray, int], list[Sums]] | None:
    """For one large data set: (t, powers) -> for each t sums of w^a and w^a z z', a = 1 .. powers.

    z holds the design basis and the effects. Blocks stay in the processor's cache, which is
    several times faster than whole arrays, and all t share the products z z'. None where that does
    not pay, or where a study could dominate and sums of powers lose digits.
    """
    k = s.y.shape[-1]
    if s.shape or s.on is not None or k < LARGE or s.v_max > 1e6 * s.v_min:
        return None
    rows = s.rows
    m = len(rows)
    upper = np.triu_indices(m)

    def sums(t: FloatArray, powers: int) -> list[Sums]:
        total = np.zeros((powers, len(t), 1 + len(upper[0])))
        block = BLOCK // 4 if len(t) > 1 else BLOCK
        for start in range(0, k, block):
            z = rows[:, start : start + block]
            products = np.concatenate([np.ones((1, z.shape[1])), z[upper[0]] * z[upper[1]]])
            w = 1.0 / (s.v[start : start + block] + t[:, None])
            u = w
            for power in range(powers):
                u = u * w if power else w
                total[power] += u @ products.T
        crossed = np.zeros((len(t), powers, m, m))
        crossed[..., upper[0], upper[1]] = crossed[..., upper[1], upper[0]] = np.swapaxes(
            total[..., 1:], 0, 1
        )
        return list(zip(total[:2, :, 0].T, crossed, strict=True))

    return sums


def _from_sums(S: Sums, *, restricted: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Derivative, expected information and y'PPPy from the sums of `_sums_of`.

    With two powers of w the last two are those of one power less and mean nothing.
    """
    plain, crossed = S
    p = crossed.shape[-1] - 1
    first, second, last = crossed[0], crossed[1], crossed[-1]
    d = np.append(-np.linalg.solve(first[:p, :p], first[:p, p]), 1.0)  # residuals are z'd
    A = np.linalg.solve(first[:p, :p], second[:p, :p])
    value = d @ second @ d - (plain[0] - np.trace(A) if restricted else plain[0])
    info = plain[1]
    if restricted:
        info = info - 2 * np.trace(np.linalg.solve(first[:p, :p], last[:p, :p])) + np.trace(A @ A)
    e = (second @ d)[:p]
    curve = d @ last @ d - e @ np.linalg.solve(first[:p, :p], e)
    return value, info, curve


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
    k = s.y.shape[-1]
    steps = grid_steps(k)
    n = len(steps)
    log_range = np.log1p(top / s.v_min)
    steps = steps.reshape((n,) + (1,) * top.ndim)
    grid = np.concatenate([s.v_min * np.expm1(log_range * steps), top[None]])
    values = _slopes(s, grid[:-1], restricted=restricted)
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


@lru_cache(maxsize=8)
def _steps(n: int) -> FloatArray:
    return np.arange(n) / n


def grid_steps(k: int) -> FloatArray:
    """Return where the grid for k studies is evaluated, as shares of its logarithmic range.

    Several maxima need few studies of very different size: a coarse grid does for many.
    """
    return _steps(40 if k <= 100 else 20 if k <= 2_000 else 10)


def grid_slopes(
    y: FloatArray, v: FloatArray, points: FloatArray, *, restricted: bool
) -> FloatArray:
    """Twice the derivative of the log-likelihood at points, without moderators.

    By sums over the studies of products with 1, y and y^2, which are products of matrices: half of
    the time of the residuals. What that costs in digits can only move the sign of a derivative that
    is 0 but for rounding, and a bracket is all that the signs are for.

    Args:
        y: effects near 0, (k,) or (B, k).
        v: sampling variances, the same way.
        points: values of tau2, (n,) or (n, B).
        restricted: REML; otherwise ML.

    Returns:
        (n,) or (n, B).
    """
    powers = np.stack([np.ones(y.shape), y, y * y], -1)  # (..., k, 3)
    w = 1.0 / (v[..., None, :] + points.T[..., None])  # (..., n, k)
    first = np.matmul(w, powers[..., :2])
    second = np.matmul(np.multiply(w, w, out=w), powers)
    s1, s2 = first[..., 0], second[..., 0]
    mean = first[..., 1] / s1
    value = second[..., 2] - mean * (2 * second[..., 1] - mean * s2)
    return np.asarray((value - (s1 - s2 / s1 if restricted else s1)).T)


def _slopes(s: Sample, points: FloatArray, *, restricted: bool) -> FloatArray:
    """Slopes at the points (n, ...) of a grid; a whole grid at a time where it is small."""
    n, k = len(points), s.y.shape[-1]
    plain = s.U is None and s.on is None and s.y.shape == s.v.shape and k < LARGE
    if plain and s.y.ndim <= 2 and not _dominated(s):
        if s.y.ndim == 1:
            return grid_slopes(s.y, s.v, points, restricted=restricted)
        slopes = np.empty(points.shape)
        some = max(1, AT_ONCE // (n * k))
        for i in range(0, len(s.y), some):
            part = slice(i, i + some)
            slopes[:, part] = grid_slopes(
                s.y[part], s.v[part], points[:, part], restricted=restricted
            )
        return slopes
    if (by_sums := _sums_of(s)) is not None:
        found = by_sums(points, 2)
        return np.array([_from_sums(one, restricted=restricted)[0] for one in found])
    slope = slope_only(s, restricted=restricted)
    at_once = k < LARGE and points.size * k <= AT_ONCE
    return slope(points) if at_once else np.stack([slope(t) for t in points])


def _dominated(s: Sample) -> bool:
    return s.at_zero.dominated


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

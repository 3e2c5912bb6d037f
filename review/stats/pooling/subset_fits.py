"""Fits of the model without moderators to many subsets of one data set.

Sums over subsets are products of the membership matrix with a few columns, so a fit costs a few
passes over that matrix. For (restricted) maximum likelihood such sums give the derivative of the
log-likelihood on a grid of tau2 that all subsets share, and thereby brackets of its maxima, at
next to no cost. A few Newton steps on sums follow; the last step is taken with the accurate
kernels, so a subset's tau2 is that of a fit to the subset alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.least_squares import falling_root, others
from review.stats.pooling.marginal_likelihood import maximise, score
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.tau2 import EQUAL_EFFECTS, estimate_tau2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.prepared_effects import Sample

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_QUICK_STEPS = 5  # Newton steps on plain sums; after them 8 or more digits are right
_CLOSE = 1e-7  # relative step after which one accurate Newton step is enough
_NEAR = 1e-5  # relative step after which, with squared error, plain sums have given all they can
_GROUP = 4  # grid points per matrix product
_LOST = 1e-3  # share of the sum of weights below which tr P has lost too many digits


@dataclass(frozen=True)
class SubsetFits:
    """Numbers of every subset, (B,).

    Attributes:
        k: studies. tau2, mean: estimates. M: 1/sum(w). rss: weighted residual sum of squares.
        QE, trace: residual sum of squares and trace of P at tau2 = 0.
    """

    k: Floats
    tau2: Floats
    mean: Floats
    M: Floats
    rss: Floats
    QE: Floats
    trace: Floats


def fit_subsets(
    y: Floats, v: Floats, include: Bools, method: str, *, rss: bool, tau2: float | None = None
) -> SubsetFits:
    """Fit the model with an intercept alone to subsets of the studies.

    Args:
        y: effects, (k,).
        v: sampling variances, (k,).
        include: the subsets, (B, k).
        method: code of the estimator of tau2.
        rss: whether the weighted residual sum of squares is wanted (knha, adhoc).
        tau2: fixed value instead of an estimate.
    """
    on = include.astype(np.float64)
    w0 = 1 / v
    middle = float(np.average(y, weights=w0))
    y = y - middle
    columns = np.column_stack([np.ones_like(y), w0, w0 * y, w0 * w0, w0 * y * y])
    count, s1, s1y, s2, s1yy = columns.T @ on.T
    QE = s1yy - s1y * (s1y / s1)
    close = _LOST * s1yy > QE  # the difference of two nearly equal sums has lost three digits
    if close.any():
        QE[close] = _squares(on[close], y, (s1y / s1)[close]) @ w0
    trace = s1 - s2 / s1
    lost = (trace < _LOST * s1) & (count > 1)
    if lost.any():
        w = on[lost] * w0
        trace[lost] = (w * others(w)).sum(1) / s1[lost]
    fixed = tau2 is not None
    t = np.full(len(on), tau2) if fixed else _tau2(on, y, v, method, (count, QE, trace))
    if not t.any():
        return SubsetFits(count, t, s1y / s1 + middle, 1 / s1, QE, QE, trace)
    w = v + t[:, None]
    np.divide(on, w, out=w)
    total, total_y = np.stack([np.ones_like(y), y]) @ w.T
    mean = total_y / total
    left = (_squares(w, y, mean)).sum(1) if rss else QE
    return SubsetFits(count, t, mean + middle, 1 / total, left, QE, trace)


def _tau2(
    on: Floats, y: Floats, v: Floats, method: str, moments: tuple[Floats, Floats, Floats]
) -> Floats:
    """Estimate tau2 of every subset; `moments` are size, QE and tr P."""
    if method in EQUAL_EFFECTS:
        return np.zeros(len(on))
    if method == "DL":
        count, QE, trace = moments
        some = count > 1
        return np.where(some, np.maximum(0.0, (QE - count + 1) / np.where(some, trace, 1.0)), 0.0)
    s = make_sample(y, v, None, on)
    if method in {"REML", "ML"}:
        return maximise_subsets(s, restricted=method == "REML")
    return estimate_tau2(s, method).value


def _squares(weights: Floats, y: Floats, mean: Floats) -> Floats:
    """Return weights * (y - mean)^2, (B, k)."""
    r = y - mean[:, None]
    r *= r
    r *= weights
    return r


def maximise_subsets(s: Sample, *, restricted: bool) -> Floats:
    """Return tau2 (B,) of every row of a sample of subsets.

    Args:
        s: one-dimensional y and v, no moderators, `on` of shape (B, k).
        restricted: REML if true, else ML.
    """
    assert s.on is not None
    usable = (s.df > 0) & (s.rss > 0)
    middle = float(np.average(s.y, weights=1 / s.v))
    y = s.y - middle
    grid, values = _scan(s, y, usable, restricted=restricted)
    up = values > 0
    falls = up[:-1] & ~up[1:]
    several = usable & (falls.sum(0) + ~up[0] > 1)
    climb = usable & up[0] & ~several
    tau2 = np.zeros(usable.shape)
    if climb.any():
        j = falls.argmax(0)[climb]
        g_lo, g_hi = values[j, climb], values[j + 1, climb]
        share = np.clip(g_lo / (g_lo - g_hi), 0.05, 0.95)
        lo, hi = grid[j], grid[j + 1]
        start = lo + share * (hi - lo)
        rows = _rows(s, climb)
        assert rows.on is not None
        start = _quick(rows.on, y, s.v, (lo, hi), start, restricted=restricted)
        start = np.clip(start, lo, hi)
        tau2[climb] = _polish(rows, lo, hi, start, restricted=restricted)
    if several.any():
        tau2[several] = maximise(_rows(s, several), restricted=restricted)[0]
    return tau2


def _polish(s: Sample, lo: Floats, hi: Floats, start: Floats, *, restricted: bool) -> Floats:
    """One accurate Newton step; where that is not enough, the bracketed search."""
    _, step = score(s, restricted=restricted)(start)
    root = start + step
    far = ~((np.abs(step) <= _CLOSE * (start + s.v_min)) & (root >= 0))
    if far.any():
        part = _rows(s, far)
        ends = lo[far], hi[far], start[far]
        func = score(part, restricted=restricted)
        root[far] = falling_root(func, *ends, part.v_min, what="the likelihood equation")[0]
    return root


def _rows(s: Sample, keep: Bools) -> Sample:
    """Part of the rows of a sample of subsets."""
    assert s.on is not None
    return replace(
        s, on=s.on[keep], k=s.k[keep], spread=s.spread[keep], rss=s.rss[keep],
        v_min=s.v_min[keep], v_max=s.v_max[keep],
    )  # fmt: skip


def _scan(s: Sample, y: Floats, usable: Bools, *, restricted: bool) -> tuple[Floats, Floats]:
    """Grid of tau2 (n + 1,) and the slope of the log-likelihood on it, (n + 1, B).

    Beyond a + sqrt(a max(v)) with a = rss/(k-p) the slope is negative in every row.
    """
    assert s.on is not None
    a = np.where(usable, s.rss, 0.0) / np.maximum(s.df, 1.0)
    top = float((a + np.sqrt(a * s.v_max)).max(initial=0.0))
    floor = float(s.v.min())
    n = 48 if len(y) <= 100 else 24
    grid = floor * np.expm1(np.log1p(top / floor) * np.arange(n + 1) / n)
    values = np.empty((n + 1, len(s.on)))
    values[n] = -1.0
    for first in range(0, n, _GROUP):
        t = grid[first : min(first + _GROUP, n)]
        w = 1 / (s.v[:, None] + t)
        yy = y[:, None]
        columns = np.concatenate([w, w * yy, w * w, w * w * yy, w * w * yy**2], axis=1)
        sums = (columns.T @ s.on.T).reshape(5, len(t), -1)
        values[first : first + len(t)] = _slope(sums, restricted=restricted)
    return grid, values


def _slope(sums: Floats, *, restricted: bool) -> Floats:
    """Return y'PPy - tr P (REML) or - tr W (ML) from sums of w, wy, w2, w2y, w2y2."""
    s1, s1y, s2, s2y, s2yy = sums
    mean = s1y / s1
    fit = s2yy - mean * (2 * s2y - mean * s2)
    return np.asarray(fit - s1 + s2 / s1 if restricted else fit - s1)


def _quick(
    on: Floats, y: Floats, v: Floats, ends: tuple[Floats, Floats], t: Floats, *, restricted: bool
) -> Floats:
    """Bracketed Newton steps on sums of powers of the weights."""
    lo, hi = ends
    powers = np.stack([np.ones_like(y), y, y * y])
    for _ in range(_QUICK_STEPS):
        w = v + t[:, None]
        np.divide(on, w, out=w)
        s1, s1y, _ = powers @ w.T
        w2 = w * w
        s2, s2y, s2yy = powers @ w2.T
        w2 *= w
        s3, s3y, s3yy = powers @ w2.T
        mean = s1y / s1
        value = s2yy - mean * (2 * s2y - mean * s2) - s1
        info = s2
        if restricted:
            value = value + s2 / s1
            info = s2 - 2 * s3 / s1 + (s2 / s1) ** 2
        cubic = s3yy - mean * (2 * s3y - mean * s3) - (s2y - mean * s2) ** 2 / s1
        bend = info - 2 * cubic
        step = np.where(bend < 0, -value / bend, value / info)
        lo, hi = np.where(value > 0, t, lo), np.where(value > 0, hi, t)
        new = t + step
        inside = (new > lo) & (new < hi)
        t = np.where(inside, new, (lo + hi) / 2)
        if inside.all() and (np.abs(step) <= _NEAR * t).all():
            break
    return t

"""The derivative of the likelihood in tau2 on a grid, for one data set or many at a time.

The sign of the derivative on a grid brackets every maximum (see `marginal_likelihood`). By sums
over the studies of products of w and w^2 with the design and the effects it costs half of what the
residuals would, because these are products of matrices. What that costs in digits can only move the
sign of a derivative that is 0 but for rounding, and a bracket is all that the signs are for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.prepared_effects import Sample

    Sums = tuple[FloatArray, FloatArray]  # of w^a, and of w^a z z'

AT_ONCE = 100_000  # elements of an array up to which all grid points are evaluated together
LARGE = 20_000  # studies from which sums over blocks pay
BLOCK = 16_384


@lru_cache(maxsize=8)
def _steps(n: int) -> FloatArray:
    return np.arange(n) / n


def grid_steps(k: int) -> FloatArray:
    """Return where the grid for k studies is evaluated, as shares of its logarithmic range.

    Several maxima need few studies of very different size: a coarse grid does for many.
    """
    return _steps(40 if k <= 100 else 20 if k <= 2_000 else 10)


def shares_grid(s: Sample) -> bool:
    """Whether the rows of a batch differ in their effects alone, so that one grid suits all."""
    return s.on is None and s.U is None and s.y.ndim == 2 and s.v.ndim == 1


def slopes_on_grid(s: Sample, points: FloatArray, *, restricted: bool) -> FloatArray:
    """Twice the derivative of the log-likelihood of every row at its points, (n, ...)."""
    n, k = len(points), s.y.shape[-1]
    ordinary = s.on is None and k < LARGE and s.y.ndim <= 2 and points.ndim == s.y.ndim
    if ordinary and s.U is None and not s.at_zero.dominated:
        if s.y.ndim == 1:
            return grid_slopes(s.y, s.v, points, restricted=restricted)
        if shares_grid(s):
            return _shared_slopes(s, points[:, 0], restricted=restricted)
        found = np.empty(points.shape)
        some = max(1, AT_ONCE // (n * k))
        for i in range(0, len(s.y), some):
            part = slice(i, i + some)
            found[:, part] = grid_slopes(
                s.y[part], s.v[part], points[:, part], restricted=restricted
            )
        return found
    if ordinary and s.U is not None and (s.U.ndim, s.v.ndim, s.y.ndim) == (2, 2, 2):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = _design_slopes(s, points, restricted=restricted)
        if np.isfinite(found).all():
            return found
    if (by_sums := block_sums(s)) is not None:
        return np.array([from_sums(one, restricted=restricted)[0] for one in by_sums(points, 2)])
    slope = slope_only(s, restricted=restricted)
    at_once = k < LARGE and points.size * k <= AT_ONCE
    return slope(points) if at_once else np.stack([slope(t) for t in points])


def grid_slopes(
    y: FloatArray, v: FloatArray, points: FloatArray, *, restricted: bool
) -> FloatArray:
    """The same without moderators.

    Args:
        y: effects near 0, (k,) or (B, k).
        v: sampling variances, the same way.
        points: values of tau2, (n,) or (n, B).
        restricted: REML; otherwise ML.

    Returns:
        (n,) or (n, B).
    """
    w = 1.0 / (v[..., None, :] + points.T[..., None])  # (..., n, k)
    powers = np.stack([np.ones(y.shape), y, y * y], -1)  # (..., k, 3)
    first = np.matmul(w, powers[..., :2])
    second = np.matmul(np.multiply(w, w, out=w), powers)
    s1, s2 = first[..., 0], second[..., 0]
    mean = first[..., 1] / s1
    value = second[..., 2] - mean * (2 * second[..., 1] - mean * s2)
    return np.asarray((value - (s1 - s2 / s1 if restricted else s1)).T)


def _shared_slopes(s: Sample, points: FloatArray, *, restricted: bool) -> FloatArray:
    """The same for effects (B, k) with the variances (k,): points (n,) to (n, B)."""
    w = 1.0 / (s.v + points[:, None])
    w2 = w * w
    s1, s2 = w.sum(1)[:, None], w2.sum(1)[:, None]
    mean = w @ s.y.T / s1
    value = w2 @ (s.y * s.y).T - mean * (2 * (w2 @ s.y.T) - mean * s2)
    return np.asarray(value - (s1 - s2 / s1 if restricted else s1))


def _design_slopes(s: Sample, points: FloatArray, *, restricted: bool) -> FloatArray:
    """The same for a batch, y and v (B, k), with one design (k, p): points (n, B) to (n, B)."""
    U = s.U
    assert U is not None
    p = U.shape[-1]
    upper = np.triu_indices(p)
    columns = U[:, upper[0]] * U[:, upper[1]]
    out = np.empty(points.shape)
    yy = s.y * s.y
    for i, t in enumerate(points):
        w = 1.0 / (s.v + t[:, None])
        total, sums = w.sum(-1), []
        for power in range(2):
            if power:
                w *= w
            crossed = np.empty((len(t), p + 1, p + 1))
            crossed[:, upper[0], upper[1]] = crossed[:, upper[1], upper[0]] = w @ columns
            crossed[:, p, :p] = crossed[:, :p, p] = (w * s.y) @ U
            crossed[:, p, p] = np.vecdot(w, yy)
            sums.append(crossed)
        out[i] = _slope_of_sums(total, sums[0], sums[1], restricted=restricted)
    return out


def _slope_of_sums(
    total: FloatArray, first: FloatArray, second: FloatArray, *, restricted: bool
) -> FloatArray:
    """Y'PPy - tr P (ML: - tr W) of each row, from sums of w (B,), of w z z' and of w^2 z z'."""
    p = first.shape[-1] - 1
    inverse = _two_by_two(first[:, :2, :2]) if p == 2 else np.linalg.inv(first[:, :p, :p])
    d = np.concatenate([-inverse @ first[:, :p, p:], np.ones((len(first), 1, 1))], 1)[..., 0]
    value = np.vecdot(d, (d[:, None, :] @ second)[:, 0])
    trace = np.einsum("bij,bij->b", inverse, second[:, :p, :p])
    return np.asarray(value - (total - trace if restricted else total))


def _two_by_two(A: FloatArray) -> FloatArray:
    """Inverses (B, 2, 2); solving such small equations one by one takes far longer."""
    out = np.empty(A.shape)
    out[:, 0, 0], out[:, 1, 1] = A[:, 1, 1], A[:, 0, 0]
    out[:, 0, 1] = out[:, 1, 0] = -A[:, 0, 1]
    return np.asarray(out / (A[:, 0, 0] * A[:, 1, 1] - A[:, 0, 1] ** 2)[:, None, None])


def slope_only(s: Sample, *, restricted: bool) -> Callable[[FloatArray], FloatArray]:
    """Return t -> twice the derivative of the log-likelihood, (...)."""

    def func(t: FloatArray) -> FloatArray:
        P = s.projector(t)
        z = P(s.y)
        return np.asarray(np.vecdot(z, z) - (P.trace() if restricted else P.s1))

    return func


def block_sums(s: Sample) -> Callable[[FloatArray, int], list[Sums]] | None:
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


def from_sums(S: Sums, *, restricted: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Derivative, expected information and y'PPPy from the sums of `block_sums`.

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

"""Weighted least squares without k x k matrices, for one data set or many at a time.

All arrays may have leading (batch) dimensions: effects and variances are (..., k), design bases
(..., k, p). A study that is left out of a row has weight 0. Time and memory are linear in k.

The matrix of meta-analysis, P = W - WX(X'WX)^-1 X'W (Viechtbauer 2005, J Educ Behav Stat 30:261,
eq. 6), depends on the design X only through its column space. It is held as the weights w and an
orthonormal basis U of that space; `U=None` stands for an intercept alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from review.errors import ConvergenceError

if TYPE_CHECKING:
    from collections.abc import Callable

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

DOMINANT = 0.9  # share of the sum of weights from which 1 - w/sum(w) needs care
MAX_STEPS = 300
_UNSOLVED = (
    f"{{}} could not be solved in {MAX_STEPS} bracketed steps; check the effects and variances for "
    "values of extremely different size"
)


def others(x: FloatArray) -> FloatArray:
    """Return, for every element along the last axis, the sum of the other (positive) elements.

    Subtracting an element from the total loses all digits when that element dominates, so its sum
    is formed anew.

    Example:
        >>> others(np.array([1e20, 1.0, 2.0]))[0]
        np.float64(3.0)
    """
    rest = np.asarray(x.sum(-1, keepdims=True) - x)
    top = np.expand_dims(x.argmax(-1), -1)
    without = x.copy()
    np.put_along_axis(without, top, 0.0, -1)
    np.put_along_axis(rest, top, without.sum(-1, keepdims=True), -1)
    return rest


class Projector:
    """P = W - WX(X'WX)^-1 X'W as an operator.

    Args:
        w: weights, (..., k), not negative; 0 leaves a study out.
        U: orthonormal basis of the columns of X, (k, p) or (..., k, p); None for an intercept.

    Attributes:
        w, U: as given.
        M: (X'WX)^-1 in the basis U, (..., p, p), or for an intercept 1/sum(w), (...).
        singular: rows (...) in which X'WX cannot be inverted; their numbers are NaN.

    Example:
        >>> P = Projector(np.array([1.0, 1.0]))
        >>> float(P.quadratic(np.array([0.0, 2.0])))
        2.0
    """

    __slots__ = ("M", "U", "_w2", "dominated", "s1", "singular", "w", "wu")

    def __init__(self, w: FloatArray, U: FloatArray | None = None) -> None:
        self.w, self.U = w, U
        self.s1 = w.sum(-1)
        self.dominated = False
        self._w2: FloatArray | None = None
        if U is None:
            self.singular = np.asarray(self.s1 <= 0)
            with np.errstate(divide="ignore"):
                self.M = np.asarray(np.where(self.singular, np.nan, 1.0 / self.s1))
            self.wu = None
            self.dominated = bool(np.any(w.max(-1, initial=0.0) > DOMINANT * self.s1))
        else:
            self.wu = U * w[..., None]
            self.M, self.singular = inverse(np.swapaxes(self.wu, -1, -2) @ U)

    def coef(self, y: FloatArray) -> FloatArray:
        """Weighted least squares coefficients of y in the basis U: (..., p), or (...)."""
        if self.wu is None:
            return np.asarray(np.vecdot(self.w, y) * self.M)
        return (self.M @ (np.swapaxes(self.wu, -1, -2) @ y[..., None]))[..., 0]

    def residuals(self, y: FloatArray) -> FloatArray:
        """Residuals y - X b, (..., k)."""
        b = self.coef(y)
        if self.U is None:
            return y - b[..., None]
        return y - (self.U @ b[..., None])[..., 0]

    def __call__(self, y: FloatArray) -> FloatArray:
        """P y, (..., k)."""
        return self.w * self.residuals(y)

    def quadratic(self, y: FloatArray) -> FloatArray:
        """Weighted residual sum of squares y'P y, (...)."""
        r = self.residuals(y)
        return np.asarray(np.vecdot(self.w * r, r))

    def trace(self, d: FloatArray | None = None) -> FloatArray:
        """tr(P D) for a diagonal D (the identity by default), (...)."""
        wd = self.w if d is None else self.w * d
        if self.wu is not None:
            return np.asarray(wd.sum(-1) - trace_of(self.M @ self._cross(wd)))
        if self.dominated:
            return np.asarray((wd * others(self.w)).sum(-1) * self.M)
        total = self.s1 if d is None else wd.sum(-1)
        return np.asarray(total - np.vecdot(self.w, wd) * self.M)

    def trace_sq(self, d: FloatArray | None = None) -> FloatArray:
        """tr(P D P D) for a diagonal D (the identity by default), (...)."""
        wd = self.w if d is None else self.w * d
        if self.wu is not None:
            wdwd = self._squares if d is None else wd * wd
            C2 = self.M @ self._cross(wd)
            C3 = self.M @ self._cross(wdwd)
            return np.asarray(wdwd.sum(-1) - 2 * trace_of(C3) + trace_of(C2 @ C2))
        wwd = self._squares if d is None else self.w * wd
        if self.dominated:
            free = wd * others(self.w)
            return np.asarray(((free * free).sum(-1) + (wwd * others(wwd)).sum(-1)) * self.M**2)
        s = np.vecdot(self.w, wd) * self.M
        return np.asarray(np.vecdot(wd, wd) - 2 * np.vecdot(wwd, wd) * self.M + s * s)

    def traces(self) -> tuple[FloatArray, FloatArray]:
        """tr P and tr PP, (...), with what they share computed once."""  # noqa: D403  a symbol
        if self.wu is None:
            return self.trace(), self.trace_sq()
        C2 = self.M @ self._cross(self.w)
        C3 = self.M @ self._cross(self._squares)
        square = self._squares.sum(-1) - 2 * trace_of(C3) + trace_of(C2 @ C2)
        return np.asarray(self.s1 - trace_of(C2)), np.asarray(square)

    @property
    def _squares(self) -> FloatArray:
        """The squared weights, computed once."""
        if self._w2 is None:
            self._w2 = self.w * self.w
        return self._w2

    def logdet(self) -> FloatArray:
        """log|X'WX| - log|X'X|, (...); with zero weights X is that of the studies kept in."""
        if self.U is None:
            count = (self.w > 0).sum(-1)
            return np.asarray(-np.log(self.M) - np.log(count))
        kept = (self.w > 0).astype(np.float64)
        inside = (
            0.0 if kept.all() else logdet_of(np.swapaxes(self.U * kept[..., None], -1, -2) @ self.U)
        )
        return np.asarray(-logdet_of(self.M) - inside)

    def _cross(self, d: FloatArray) -> FloatArray:
        """U' W D U, (..., p, p)."""
        assert self.wu is not None
        assert self.U is not None
        return np.swapaxes(self.wu * d[..., None], -1, -2) @ self.U


def trace_of(A: FloatArray) -> FloatArray:
    """Trace of the last two dimensions."""
    return np.asarray(np.einsum("...ii->...", A))


def logdet_of(A: FloatArray) -> FloatArray:
    """Log determinant of positive definite matrices in the last two dimensions."""
    return np.asarray(np.linalg.slogdet(A)[1])


def inverse(A: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Invert symmetric positive definite matrices (..., p, p); singular ones become NaN.

    Returns:
        The inverses and which rows are singular: those whose correlation-scaled matrix has an
        eigenvalue below 1e-14.
    """
    p = A.shape[-1]
    if p == 2:
        return _inverse_of_two(A)
    diag = np.einsum("...ii->...i", A)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(diag > 0, 1.0 / np.sqrt(diag), 0.0)
    scaled = A * scale[..., :, None] * scale[..., None, :]
    singular = np.asarray(np.linalg.eigvalsh(scaled)[..., 0] < 1e-14)
    if singular.any():
        scaled = np.where(singular[..., None, None], np.eye(p), scaled)
    inv = np.linalg.inv(scaled) * scale[..., :, None] * scale[..., None, :]
    inv = 0.5 * (inv + np.swapaxes(inv, -1, -2))
    return np.where(singular[..., None, None], np.nan, inv), singular


def _inverse_of_two(A: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """`inverse` of 2 x 2 matrices: scaled to a correlation r they have eigenvalues 1 + r, 1 - r."""
    if A.ndim == 2:
        return _one_inverse_of_two(A)
    diagonal = A[..., (0, 1), (0, 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(diagonal > 0, 1.0 / np.sqrt(diagonal), np.nan)
        r = A[..., 0, 1] * scale[..., 0] * scale[..., 1]
        singular = np.asarray(~(1 - np.abs(r) >= 1e-14))
        free = np.where(singular, np.nan, 1.0 / ((1 - r) * (1 + r)))
    inv = np.empty(A.shape)
    inv[..., 0, 0], inv[..., 1, 1] = free * scale[..., 0] ** 2, free * scale[..., 1] ** 2
    inv[..., 0, 1] = inv[..., 1, 0] = -r * free * scale[..., 0] * scale[..., 1]
    return inv, singular


def _one_inverse_of_two(A: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The same for one matrix, in plain numbers."""
    (a, b), (_, c) = A.tolist()
    r = b / math.sqrt(a) / math.sqrt(c) if a > 0 and c > 0 else math.nan
    if not 1 - abs(r) >= 1e-14:
        return np.full((2, 2), np.nan), np.asarray(True)
    free = 1.0 / ((1 - r) * (1 + r))
    off = -r * free / math.sqrt(a) / math.sqrt(c)
    return np.array([[free / a, off], [off, free / c]]), np.asarray(False)


def falling_root(
    func: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    lo: FloatArray,
    hi: FloatArray,
    start: FloatArray,
    floor: FloatArray | float,
    *,
    what: str = "the equation",
) -> tuple[FloatArray, int]:
    """Solve func(t) = 0 where func is positive at `lo` and negative at `hi`, elementwise.

    Newton steps are kept inside the bracket, which shrinks with every evaluation; a step that
    would leave it, or that shrinks too slowly, is replaced by bisection, so the search cannot fail
    on finite numbers.

    Args:
        func: maps t (...) to its values and its proposed steps (Newton or Fisher scoring), (...).
        lo: lower ends, (...).
        hi: upper ends, (...).
        start: first values, (...), inside the bracket.
        floor: the scale below which differences in t do not matter, (...): the tolerance of t is
            1e-12 * (t + floor), so it is the same in all units of measurement.
        what: named in the error message.

    Returns:
        The roots (...) and the number of evaluations.

    Raises:
        ConvergenceError: if func is not finite or the bracket does not shrink.
    """
    if lo.ndim == 0:
        root, n = _one_root(func, (float(lo), float(hi)), float(start), float(floor), what)
        return np.asarray(root), n
    lo, hi = lo.copy(), hi.copy()
    t = np.clip(start, lo, hi)
    before = hi - lo
    for step_no in range(1, MAX_STEPS + 1):
        value, step = func(t)
        if not np.isfinite(value).all():
            break
        up = value > 0
        lo, hi = np.where(up, t, lo), np.where(up, hi, t)
        new = t + step
        width = hi - lo
        middle = 0.5 * (lo + hi)
        wide = lo > 0
        middle = np.where(wide & (hi > 4 * lo), np.sqrt(lo * np.where(wide, hi, lo)), middle)
        slow = (width > 0.5 * before) & (np.abs(step) > 0.5 * before) if step_no > 2 else False
        bad = ~np.isfinite(new) | (new <= lo) | (new >= hi) | slow
        tol = 1e-12 * (np.abs(t) + floor)
        exact = (value == 0) | (np.abs(step) <= tol)
        done = exact | (width <= tol)
        t_next = np.where(
            exact, np.clip(np.where(np.isfinite(new), new, t), lo, hi), np.where(bad, middle, new)
        )
        if done.all():
            return np.asarray(np.where(value == 0, t, t_next)), step_no
        before, t = width, np.asarray(t_next)
    raise ConvergenceError(_UNSOLVED.format(what))


def _one_root(
    func: Callable[[FloatArray], tuple[FloatArray, FloatArray]], span: tuple[float, float],
    start: float, floor: float, what: str,
) -> tuple[float, int]:  # fmt: skip
    def of_number(t: float) -> tuple[float, float]:
        value, step = func(np.asarray(t))
        return float(value), float(step)

    lo, hi = span
    return falling_number(of_number, span, min(max(start, lo), hi), floor, what=what)


def falling_number(
    func: Callable[[float], tuple[float, float]],
    span: tuple[float, float],
    t: float,
    floor: float,
    *,
    what: str = "the equation",
) -> tuple[float, int]:
    """Solve one equation as `falling_root` solves many, in plain numbers.

    Example:
        >>> f = lambda t: (2 - t * t, (2 - t * t) / (2 * t))
        >>> round(falling_number(f, (1.0, 2.0), 1.5, 1.0)[0], 12)
        1.414213562373
    """
    lo, hi = span
    before = hi - lo
    for step_no in range(1, MAX_STEPS + 1):
        value, step = func(t)
        if not math.isfinite(value):
            break
        if value > 0:
            lo = t
        else:
            hi = t
        new, width = t + step, hi - lo
        middle = math.sqrt(lo * hi) if lo > 0 and hi > 4 * lo else 0.5 * (lo + hi)
        slow = step_no > 2 and width > 0.5 * before and abs(step) > 0.5 * before
        tol = 1e-12 * (abs(t) + floor)
        exact = value == 0 or abs(step) <= tol
        bad = not lo < new < hi or slow
        kept = min(max(new, lo), hi) if math.isfinite(new) else t
        following = kept if exact else middle if bad else new
        if exact or width <= tol:
            return t if value == 0 else following, step_no
        before, t = width, following
    raise ConvergenceError(_UNSOLVED.format(what))

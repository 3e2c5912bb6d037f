"""Maximise a likelihood with exact derivatives over a box: projected Newton from many starts.

The Newton step uses the absolute eigenvalues of the Hessian, so that it climbs where the surface is
not concave; parameters on a bound whose gradient points outwards are held there (Bertsekas, 1982,
SIAM J. Control Optim. 20, 221-246). Near a maximum it converges quadratically.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import ConvergenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from review.stats.bias.selection.selection_likelihood import Likelihood
    from review.stats.bias.selection.sides import FloatArray

    BoolArray = npt.NDArray[np.bool_]

_STEPS: Final = 300
_HALVINGS: Final = 50
_DONE: Final = 1e-13  # Newton decrement, relative to 1 + |log-likelihood|
_STUCK: Final = 1e-9  # the same where rounding leaves no point that climbs
_SAME: Final = 1e-7  # two maxima are the same when their log-likelihoods differ by less


@dataclass(frozen=True)
class Maximum:
    """A maximum of the likelihood inside a box.

    Attributes:
        theta: parameters, shape (n,).
        value: log-likelihood.
        hessian: shape (n, n).
        held: parameters that sit on a bound (or were fixed), shape (n,).
        converged: whether the Newton decrement vanished.
        iterations: Newton steps taken.
        starts, agreeing: starting points tried, and those that reached this maximum.
        higher: whether a start ran off to a higher likelihood without finding a maximum.
    """

    theta: FloatArray
    value: float
    hessian: FloatArray
    held: BoolArray
    converged: bool
    iterations: int
    starts: int = 1
    agreeing: int = 1
    higher: bool = False


@dataclass(frozen=True)
class Box:
    """Bounds of the parameters; a fixed parameter has lower == upper. Shapes (n,)."""

    lower: FloatArray
    upper: FloatArray

    def clip(self, theta: FloatArray) -> FloatArray:
        """Return `theta` moved into the box."""
        return np.clip(theta, self.lower, self.upper)

    def held(self, theta: FloatArray, direction: FloatArray) -> BoolArray:
        """Return which parameters sit on a bound and would leave the box along `direction`."""
        low = (theta <= self.lower) & (direction <= 0.0)
        high = (theta >= self.upper) & (direction >= 0.0)
        return np.asarray(low | high | (self.lower == self.upper))


def _newton_step(
    box: Box, theta: FloatArray, gradient: FloatArray, hessian: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """Return (step, held): an ascent direction that keeps held parameters where they are."""
    held = box.held(theta, gradient)
    while True:
        free = np.flatnonzero(~held)
        step = np.zeros_like(theta)
        if free.size == 0:
            return step, held
        # unit-free curvature: eigenvalues of the correlation form of the Hessian
        part = hessian[np.ix_(free, free)]
        size = np.sqrt(np.maximum(np.abs(np.diag(part)), 1e-12))
        values, vectors = np.linalg.eigh(part / np.outer(size, size))
        values = np.maximum(np.abs(values), 1e-10 * np.abs(values).max() + 1e-300)
        step[free] = vectors @ ((vectors.T @ (gradient[free] / size)) / values) / size
        leaving = ~held & box.held(theta, step)
        if not leaving.any():
            return step, held
        held = held | leaving


def climb(likelihood: Likelihood, box: Box, start: FloatArray) -> Maximum | None:
    """Return the maximum that Newton steps from `start` reach; None if they cannot start."""
    theta = box.clip(start)
    value, gradient, hessian = likelihood.derivatives(theta)
    if not _finite(value, gradient, hessian):
        return None
    held: BoolArray = np.zeros(theta.size, dtype=np.bool_)
    for iteration in range(1, _STEPS + 1):
        step, held = _newton_step(box, theta, gradient, hessian)
        decrement = float(gradient @ step)
        done = decrement <= _DONE * (1.0 + abs(value))
        moved = _line_search(
            likelihood, box, theta, value, gradient=gradient, step=step, polish=done
        )
        if moved is None:
            near = decrement <= _STUCK * (1.0 + abs(value))
            return Maximum(theta, value, hessian, held, near, iteration)
        candidate = likelihood.derivatives(moved)
        if not _finite(*candidate):
            return Maximum(theta, value, hessian, held, done, iteration)
        theta, (value, gradient, hessian) = moved, candidate
        if done:
            return Maximum(theta, value, hessian, held, converged=True, iterations=iteration)
    return Maximum(theta, value, hessian, held, converged=False, iterations=_STEPS)


def _finite(value: float, gradient: FloatArray, hessian: FloatArray) -> bool:
    return bool(np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all())


def _line_search(
    likelihood: Likelihood,
    box: Box,
    theta: FloatArray,
    value: float,
    *,
    gradient: FloatArray,
    step: FloatArray,
    polish: bool,
) -> FloatArray | None:
    """Return the first point along `step` (projected, halved) that climbs enough."""
    if not step.any():
        return None
    if polish:  # the last step only removes rounding-size errors of the parameters
        return box.clip(theta + step)
    length = 1.0
    for _ in range(_HALVINGS):
        moved = box.clip(theta + length * step)
        gain = likelihood.value(moved) - value
        if gain >= 1e-4 * float(gradient @ (moved - theta)) and gain >= 0.0:
            return moved
        length /= 2.0
    return None


def maximise(likelihood: Likelihood, box: Box, starts: Sequence[FloatArray]) -> Maximum:
    """Return the highest maximum over all starting points.

    Raises:
        ConvergenceError: no start converged.
    """
    found = [best for start in starts if (best := climb(likelihood, box, start)) is not None]
    converged = [m for m in found if m.converged]
    if not converged:
        raise ConvergenceError(
            f"the selection model did not converge from any of {len(starts)} starting points; "
            "there may be too few studies for it, or the likelihood has no maximum (the mean falls "
            "and tau2 grows without end, which outliers can cause): try a type with fewer "
            "parameters or fewer steps, or fix delta or tau2"
        )
    best = max(converged, key=lambda m: m.value)
    agreeing = sum(abs(m.value - best.value) < _SAME * (1 + abs(best.value)) for m in converged)
    return Maximum(
        best.theta, best.value, best.hessian, best.held, converged=True,
        iterations=best.iterations, starts=len(starts), agreeing=agreeing,
        higher=any(m.value > best.value + _SAME * (1 + abs(best.value)) for m in found),
    )  # fmt: skip

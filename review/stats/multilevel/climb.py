"""Climbing to a maximum of a likelihood with bounds: damped scoring, then Newton steps.

Each step solves (I + d diag(I)) step = slope with the average information I (Gilmour et al. 1995)
and a damping d that shrinks while steps succeed (Marquardt 1963, J Soc Ind Appl Math 11:431).
Coordinates at a bound whose slope points outwards are held. Near the maximum the
observed information, from differences of the slopes, takes the place of I, so that the last digits
come quadratically; it also tells a maximum from a saddle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import ConvergenceError
from review.stats.ground.block_diagonal import NotPositiveDefinite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_likelihood import Point

    Bools = npt.NDArray[np.bool_]

STEPS: Final = 200
ROUGH: Final = 1e-9  # gain expected from a further step at which the Newton steps take over
FINE: Final = 1e-17
POLISH: Final = 12
NEAR: Final = 1e-5  # gain, and squared distance in standard errors, right below a maximum
LEAST_DAMPING: Final = 1e-4
GIVE_UP: Final = 1e12  # damping


@dataclass(frozen=True, eq=False)
class Summit:
    """Where a climb ended.

    Attributes:
        point: the model there.
        converged: whether a further step would gain nothing.
        evaluations: of the likelihood and its derivatives.
        gain: expected rise of the log-likelihood by a further Newton step.
        observed: observed information of the free coordinates in all coordinates, (n, n).
        free: coordinates that are neither fixed nor at a bound, (n,).
        flat: whether the likelihood does not change in some direction.
    """

    point: Point
    converged: bool
    evaluations: int
    gain: float
    observed: FloatArray
    free: Bools
    flat: bool = False


class Climb:
    """Climbs of one likelihood.

    Args:
        at: the model at coordinates.
        bounds: of the coordinates.
        fixed: coordinates that stay as they are.
    """

    def __init__(
        self, at: Callable[[FloatArray], Point], bounds: tuple[FloatArray, FloatArray], fixed: Bools
    ) -> None:
        self._at, self.fixed = at, fixed
        self.lower, self.upper = bounds
        self.evaluations = 0

    def _try(self, x: FloatArray) -> Point | None:
        self.evaluations += 1
        try:
            point = self._at(x)
        except (NotPositiveDefinite, np.linalg.LinAlgError):
            return None
        return point if np.isfinite(point.loglik) and np.isfinite(point.slope).all() else None

    def free(self, point: Point) -> Bools:
        """Tell which coordinates may move."""
        low = (point.x <= self.lower) & (point.slope <= 0)
        high = (point.x >= self.upper) & (point.slope >= 0)
        return np.asarray(~(self.fixed | low | high))

    def rough(self, x: FloatArray, known: Sequence[Point] = ()) -> Point:
        """Climb by scoring until a further step would gain next to nothing.

        Args:
            x: where to start.
            known: ends of earlier climbs; one that comes close to one of them ends there.

        Raises:
            ConvergenceError: the likelihood cannot be computed at the start.
        """
        point = self._try(np.clip(x, self.lower, self.upper))
        if point is None:
            raise ConvergenceError("the likelihood cannot be computed at the starting values")
        damping = 1e-3
        for _ in range(STEPS):
            free = self.free(point)
            if not free.any():
                return point
            found = None
            while damping < GIVE_UP:
                step = _newton(point.slope, point.information, free, damping)[0]
                new = np.clip(point.x + step, self.lower, self.upper)
                expected = float((new - point.x) @ point.slope)
                if expected <= ROUGH and damping <= 1:
                    return point
                if expected <= NEAR:
                    end = next((end for end in known if _close(point, end)), None)
                    if end is not None:
                        return end
                found = self._try(new)
                if found is not None and found.loglik > point.loglik:
                    damping = damping / 8 if damping > LEAST_DAMPING else 0.0
                    break
                found, damping = None, max(damping, LEAST_DAMPING) * 6
            if found is None:
                return point
            point = found
        return point

    def fine(self, point: Point) -> Summit:
        """Go on by Newton steps with the observed information."""
        gain, flat = np.inf, False
        n = len(point.x)
        observed, free = np.zeros((n, n)), self.free(point)
        for _ in range(POLISH):
            free = self.free(point)
            if not free.any():
                return Summit(point, True, self.evaluations, 0.0, np.zeros((n, n)), free)
            observed = self._observed(point, free)
            step, gain, flat = _newton(point.slope, observed, free)
            if gain < FINE * max(1.0, abs(point.loglik)):
                break
            better = self._search(point, step)
            if better is None:
                break
            point = better
        settled = gain < 1e-9 * max(1.0, abs(point.loglik) * 1e-3)
        return Summit(point, bool(settled), self.evaluations, float(gain), observed, free, flat)

    def _search(self, point: Point, step: FloatArray) -> Point | None:
        """Return a point along a step that is not lower; None when there is none."""
        slack = 1e-13 * max(1.0, abs(point.loglik))  # what rounding leaves of the log-likelihood
        for share in (1.0, 0.3, 0.1, 0.01, 1e-3):
            new = np.clip(point.x + share * step, self.lower, self.upper)
            found = self._try(new)
            if found is not None and found.loglik >= point.loglik - slack:
                return found
        return None

    def _observed(self, point: Point, free: Bools) -> FloatArray:
        """Observed information by central differences of the slopes; one-sided at a bound."""
        n = len(point.x)
        out = np.zeros((n, n))
        for j in np.flatnonzero(free).tolist():
            scale = max(abs(point.x[j]), 1e-3 * _unit(point, j))
            ends = []
            for sign in (1.0, -1.0):
                x = point.x.copy()
                x[j] = np.clip(x[j] + sign * 1e-4 * scale, self.lower[j], self.upper[j])
                ends.append(point if x[j] == point.x[j] else self._try(x) or point)
            width = ends[0].x[j] - ends[1].x[j]
            if width > 0:
                out[j] = -(ends[0].slope - ends[1].slope) / width
        out = (out + out.T) / 2
        out[~free] = 0.0
        out[:, ~free] = 0.0
        return out


def _close(point: Point, end: Point) -> bool:
    """Tell whether a point lies on the slope of a known maximum, right below it."""
    apart = point.x - end.x
    return bool(apart @ end.information @ apart < NEAR and 0 <= end.loglik - point.loglik < NEAR)


def _unit(point: Point, j: int) -> float:
    """A change of a coordinate that matters: its standard error by the average information."""
    information = point.information[j, j]
    return float(1 / np.sqrt(information)) if information > 0 else 1.0


def _newton(
    slope: FloatArray, observed: FloatArray, free: Bools, damping: float = 0.0
) -> tuple[FloatArray, float, bool]:
    """Newton step, the gain it promises, and whether a direction is flat.

    In directions in which the likelihood is not curved downwards the curvature is turned around.
    The damping adds to the curvatures, in units of each coordinate's own.
    """
    H = observed[np.ix_(free, free)]
    scale = np.sqrt(np.abs(np.diag(H)))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(H / np.outer(scale, scale))
    top = float(np.abs(values).max())
    flat = bool((np.abs(values) < 1e-7 * max(top, 1e-300)).any())
    curved = np.maximum(np.abs(values), 1e-7 * max(top, 1e-300)) + damping
    g = vectors.T @ (slope[free] / scale)
    step = np.zeros_like(slope)
    step[free] = (vectors @ (g / curved)) / scale
    return step, float((g * g / curved).sum() / 2), flat

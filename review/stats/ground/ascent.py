"""Newton's method from several starts at once, for log-likelihoods of a few parameters.

All starts (and all data sets of a simulation) are one batch: an iteration costs one call of the
log-likelihood. The step is Newton's with the absolute eigenvalues of the Hessian (Nocedal & Wright
2006, ch. 3.4), so that it climbs away from saddles, such as a variance component of 0, and it is
halved where the log-likelihood would fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import BoolArray, FloatArray

    Evaluate = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]
    Score = Callable[[FloatArray, FloatArray | None], tuple[FloatArray, FloatArray, FloatArray]]

NEAR: float = 1e-5  # log-likelihoods that belong to one maximum, relative
MOST: int = 200
HALVINGS: int = 30
# the gain that a step promises, below which it is the last one: Newton's method squares the error,
# so the point that it leads to is exact to rounding
LAST_GAIN: float = 1e-11
ROUNDING: float = 4e-15  # at the maximum, steps move within the last digits
DIFFERENCE: float = 1e-4  # of a parameter, for second derivatives from analytic first ones
FAR: float = 1e-3  # the same where two widths are combined
LONGEST: float = 5.0  # of a step, in the units of the parameters (logits and their deviations)


@dataclass(frozen=True, eq=False)
class Ascent:
    """Where each start of a batch (B) ended.

    Attributes:
        theta, value, grad, hess: parameters (B, q), log-likelihood (B,), gradient (B, q) and
            Hessian (B, q, q) there.
        gain: twice what a further step promises, (B,).
        converged: whether the last step promised no gain, (B,).
        iterations: of the batch.
    """

    theta: FloatArray
    value: FloatArray
    grad: FloatArray
    hess: FloatArray
    gain: FloatArray
    converged: BoolArray
    iterations: int

    @property
    def best(self) -> int:
        """The position of the highest converged log-likelihood; of any if none converged.

        Of starts that reached one maximum it is the one that came closest to it: log-likelihoods
        that differ by rounding do not tell.
        """
        value = np.where(self.converged, self.value, -np.inf)
        if not self.converged.any():
            value = np.where(np.isfinite(self.value), self.value, -np.inf)
        top = value.max()
        one = value >= top - NEAR * (1 + np.abs(top))
        return int(np.argmin(np.where(one, self.gain, np.inf)))


def ascend(
    evaluate: Evaluate, start: FloatArray, *, most: int = MOST, slack: float = ROUNDING
) -> Ascent:
    """Climb from every row of `start`, (B, q).

    Args:
        evaluate: parameters (B, q) -> log-likelihood (B,), gradient (B, q), Hessian (B, q, q).
        start: (B, q).
        most: iterations.
        slack: fall of the log-likelihood that a step may bring, relative to 1 + its size: rounding,
            or more where the gradient is not exactly that of the computed log-likelihood.
    """
    theta = np.array(start, dtype=np.float64)
    value, grad, hess = evaluate(theta)
    done = np.zeros(len(theta), dtype=bool)
    count = 0
    for count in range(1, most + 1):  # noqa: B007  the number of iterations is reported
        step, gain = newton_step(grad, hess)
        last = gain < LAST_GAIN * (1 + np.abs(value))
        step[done] = 0
        theta, value, grad, hess, stuck = _climb(
            evaluate, theta, (value, grad, hess), step, moving=~done, slack=slack
        )
        done |= last | stuck
        if done.any():
            done |= _arriving(value, grad, hess, done)
        if done.all():
            break
    _, gain = newton_step(grad, hess)
    flat = np.isfinite(value) & (gain < 1e-6 * (1 + np.abs(value)))
    return Ascent(theta, value, grad, hess, gain, done & flat, count)


def with_hessian(
    score: Score, theta: FloatArray, width: float = DIFFERENCE
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Value, gradient and Hessian, the latter by central differences of the gradient.

    Args:
        score: parameters (B, q), and a state to start from or None -> value (B,), gradient (B, q)
            and state (B, ...); all points around the parameters are one batch.
        theta: parameters, (B, q).
        width: of the differences, relative to 1 + the size of a parameter.
    """
    value, grad, near = score(theta, None)
    B, q = theta.shape
    h = width * (1 + np.abs(theta))
    shift = np.eye(q)[:, None, :] * h  # (q, B, q)
    points = np.concatenate([theta - shift, theta + shift]).reshape(-1, q)
    around = np.tile(near, (2 * q, *(1,) * (near.ndim - 1)))
    moved = score(points, around)[1].reshape(2, q, B, q)
    hess = ((moved[1] - moved[0]) / (2 * h.T[:, :, None])).transpose(1, 0, 2)
    return value, grad, 0.5 * (hess + hess.transpose(0, 2, 1))


def exact_hessian(score: Score, theta: FloatArray) -> FloatArray:
    """Hessian at parameters (q,), (q, q): differences of two widths, extrapolated.

    Central differences err by the square of their width; four thirds of the narrow ones less a
    third of those twice as wide err by its fourth power (Richardson 1911).
    """
    narrow, wide = (with_hessian(score, theta[None], w)[2][0] for w in (FAR, 2 * FAR))
    return np.asarray((4 * narrow - wide) / 3)


def _arriving(value: FloatArray, grad: FloatArray, hess: FloatArray, done: BoolArray) -> BoolArray:
    """Starts whose next step leads to a maximum that another start has reached already.

    Where a step promises little, the parabola below it is the likelihood, so its top tells where
    the start will end; following it there would only cost time.
    """
    _, gain = newton_step(grad, hess)
    top = np.where(done, value, -np.inf).max()
    near = np.abs(value + gain / 2 - top) < NEAR * (1 + np.abs(top))
    return np.asarray(~done & near & (gain < 1e-2))


def newton_step(grad: FloatArray, hess: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the uphill step and twice the gain that it promises, (B, q) and (B,)."""
    usable = np.asarray(np.isfinite(hess).all((-2, -1)) & np.isfinite(grad).all(-1))
    safe = np.where(usable[:, None, None], hess, -np.eye(hess.shape[-1]))
    values, vectors = np.linalg.eigh(safe)
    size = np.abs(values)
    size = np.maximum(size, 1e-9 * size.max(-1, keepdims=True) + 1e-300)
    along = np.einsum("bij,bi->bj", vectors, np.where(usable[:, None], grad, 0.0))
    step = np.einsum("bij,bj->bi", vectors, along / size)
    gain = (along**2 / size).sum(-1)
    longest = np.abs(step).max(-1, keepdims=True)
    return step * np.minimum(1.0, LONGEST / np.maximum(longest, 1e-300)), gain


def _climb(
    evaluate: Evaluate,
    theta: FloatArray,
    now: tuple[FloatArray, FloatArray, FloatArray],
    step: FloatArray,
    *,
    moving: BoolArray,
    slack: float,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, BoolArray]:
    """Take the step, halved where the log-likelihood falls; tell where no step helps."""
    value, grad, hess = now
    left = moving.copy()
    for _ in range(HALVINGS):
        new_value, new_grad, new_hess = evaluate(theta + step)
        no_fall = new_value >= value - slack * (1 + np.abs(value))
        better = left & no_fall & np.isfinite(new_grad).all(-1)
        theta = np.where(better[:, None], theta + step, theta)
        value = np.where(better, new_value, value)
        grad = np.where(better[:, None], new_grad, grad)
        hess = np.where(better[:, None, None], new_hess, hess)
        left &= ~better
        if not left.any():
            break
        step = np.where(left[:, None], step / 2, 0.0)
    return theta, value, grad, hess, left

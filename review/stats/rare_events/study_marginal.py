"""The likelihood of a study with one normal random effect, by adaptive Gauss-Hermite quadrature.

Group j of study i has the linear predictor fixed_ij + load_j tau z with z ~ N(0, 1), and counts
whose log-likelihood is f_j. With h(z) = sum_j f_j - z^2 / 2, its mode m and s = (-h''(m))^(-1/2),

    log L = log s + log sum_q w_q exp(h(m + s t_q) + t_q^2 / 2)

for the nodes t_q and weights w_q of the normal density (Liu & Pierce 1994, Biometrika 81:624;
Pinheiro & Bates 1995). One node is Laplace's approximation. The derivatives are those of this very
sum, the moving mode and scale included (m and s depend on the parameters through h' = 0), so that
its maximum is found to rounding whatever the number of nodes. All arrays are batched over B
parameter vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.rare_events.glmm_likelihoods import Counts

STEPS = 100
HALVINGS = 40


@dataclass(frozen=True, eq=False)
class StudyMarginal:
    """Log-likelihoods of k studies with their derivatives.

    Attributes:
        value: without the constants of the counts, (B, k).
        by_fixed: by the fixed part of each of m groups, (m, B, k).
        by_tau: by the standard deviation of the random effect, (B, k).
        mode: of z, (B, k).
        bend: sum over the groups i and j of d_i d_j times minus the second derivative by their
            fixed parts as Laplace's approximation has it without its determinant, (m, m, B, k).
    """

    value: FloatArray
    by_fixed: FloatArray
    by_tau: FloatArray
    mode: FloatArray
    bend: FloatArray


def study_marginal(
    groups: tuple[Counts, ...],
    loads: FloatArray,
    fixed: FloatArray,
    tau: FloatArray,
    *,
    nodes: int,
    near: FloatArray | None = None,
) -> StudyMarginal:
    """Integrate the random effect out.

    Args:
        groups: counts of the m groups of k studies.
        loads: of the random effect, (m,).
        fixed: fixed parts of the predictors, (m, B, k).
        tau: standard deviations of the random effect, of either sign, (B,).
        nodes: of the quadrature.
        near: modes that are close, (B, k).
    """
    if not loads.any():
        return _without_effect(groups, fixed)
    scaled = loads[:, None, None] * tau[None, :, None]  # (m, B, 1)
    z = _modes(groups, scaled, fixed, near)
    slopes = [f.slopes(fixed[j] + scaled[j] * z) for j, f in enumerate(groups)]
    first, second, third = (np.stack([s[i] for s in slopes]) for i in range(3))
    bend = (scaled**2 * second).sum(0) - 1.0  # h''
    s = 1.0 / np.sqrt(-bend)
    # derivatives of h' and of h'' by fixed parts and by tau, z held, and then with z moving
    cross = scaled * second  # d h' / d fixed
    twist = scaled**2 * third  # d h'' / d fixed
    c, t3 = loads[:, None, None], (scaled**3 * third).sum(0)  # h'''
    cross_tau = (c * first + c * scaled * z * second).sum(0)
    twist_tau = (2 * c * scaled * second + c * scaled**2 * z * third).sum(0)
    move, move_tau = -cross / bend, -cross_tau / bend
    grow = 0.5 * s**3 * (twist + t3 * move)
    grow_tau = 0.5 * s**3 * (twist_tau + t3 * move_tau)

    t, log_w = _nodes(nodes)
    total = np.zeros((len(t), *z.shape))
    at = z + s * t[:, None, None]  # (Q, B, k)
    by_eta = []
    for j, f in enumerate(groups):
        value, slope = f.value(fixed[j] + scaled[j] * at)
        total += value
        by_eta.append(slope)
    along = sum(scaled[j] * by_eta[j] for j in range(len(groups))) - at  # h' at the nodes
    total += log_w[:, None, None] - 0.5 * at**2 + 0.5 * t[:, None, None] ** 2
    top = total.max(0)
    mass = np.exp(total - top)
    sums = mass.sum(0)
    mass /= sums
    pull = (mass * along).sum(0)
    push = (mass * along * t[:, None, None]).sum(0)
    by_fixed = np.stack(
        [
            (mass * g).sum(0) + pull * move[j] + (push + 1 / s) * grow[j]
            for j, g in enumerate(by_eta)
        ]
    )
    direct = sum(loads[j] * (mass * g * at).sum(0) for j, g in enumerate(by_eta))
    by_tau = direct + pull * move_tau + (push + 1 / s) * grow_tau
    curved = np.zeros((len(groups), *second.shape))
    for j in range(len(groups)):
        curved[j, j] -= second[j]
        curved[j] += cross[j] * cross / bend
    return StudyMarginal(np.log(s) + np.log(sums) + top, by_fixed, by_tau, z, curved)


def _without_effect(groups: tuple[Counts, ...], fixed: FloatArray) -> StudyMarginal:
    """The likelihood where no group has the random effect: nothing to integrate."""
    none = np.zeros(fixed.shape[1:])
    found = [f.value(fixed[j]) for j, f in enumerate(groups)]
    curved = np.zeros((len(groups), *fixed.shape))
    for j, f in enumerate(groups):
        curved[j, j] = -f.slopes(fixed[j])[1]
    value = none + sum(value for value, _ in found)
    return StudyMarginal(value, np.stack([slope for _, slope in found]), none, none, curved)


@cache
def _nodes(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and logarithms of the weights of the standard normal density."""
    t, w = np.polynomial.hermite_e.hermegauss(nodes)
    log_w = np.log(w) - 0.5 * np.log(2 * np.pi)
    for array in (t, log_w):  # they are kept for the next call
        array.setflags(write=False)
    return t, log_w


def _modes(
    groups: tuple[Counts, ...], scaled: FloatArray, fixed: FloatArray, near: FloatArray | None
) -> FloatArray:
    """Modes of z by Newton's method; h is concave, and a step that goes down is halved."""
    z = np.zeros(fixed.shape[1:]) if near is None else near.copy()

    def height(z: FloatArray) -> FloatArray:
        parts = (f.value(fixed[j] + scaled[j] * z)[0] for j, f in enumerate(groups))
        return sum(parts) - 0.5 * z * z

    h = height(z)
    for _ in range(STEPS):
        slopes = [f.slopes(fixed[j] + scaled[j] * z)[:2] for j, f in enumerate(groups)]
        down = sum(scaled[j] * s[0] for j, s in enumerate(slopes)) - z
        bend = sum(scaled[j] ** 2 * s[1] for j, s in enumerate(slopes)) - 1.0
        step = np.nan_to_num(-down / bend)
        new_h = height(z + step)
        for _ in range(HALVINGS):
            worse = ~(new_h >= h - 1e-13 * (1 + np.abs(h)))
            if not worse.any():
                break
            step = np.where(worse, step / 2, step)
            new_h = height(z + step)
        z, h = z + step, new_h
        if not np.abs(step).max() > 1e-7:  # the step squared the error: it is below rounding
            break
    return z

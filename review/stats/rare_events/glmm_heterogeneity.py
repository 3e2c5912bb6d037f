"""Tests of heterogeneity for models of counts: every study with an effect of its own.

The saturated model fits each study's effect. Twice its log-likelihood less that of the model
without random effects is the likelihood-ratio test; the sum of squares of the studies' effects
around that model, in units of their variances, is the Wald-type test. A study with a cell of 0 has
an infinite effect: the likelihood ratio counts it, while in the Wald-type test its weight vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.ascent import ascend
from review.stats.rare_events.glmm_fit import SPREADS, level_of, no_maximum
from review.stats.rare_events.glmm_likelihoods import BinomialCounts, PoissonCounts, without
from review.stats.rare_events.glmm_models import GroupsModel

if TYPE_CHECKING:
    from review.stats.ground.least_squares import BoolArray, FloatArray
    from review.stats.rare_events.glmm_fit import GLMMSetup


@dataclass(frozen=True, eq=False)
class Saturated:
    """The model in which every study has its own effect.

    Attributes:
        loglik: with all constants.
        wald: sum of squares of the studies' effects around the model without random effects, in
            units of their variances; None when too few studies have a finite effect.
        infinite: studies without a finite effect of their own (a cell of 0), (k,).
    """

    loglik: float
    wald: float | None
    infinite: BoolArray


def fit_saturated(s: GLMMSetup, nodes: int) -> Saturated:
    """Let every study have its own effect; see `Saturated`.

    Args:
        s: the likelihood.
        nodes: of the quadrature, which the model with random study effects needs here too.
    """
    if s.model == "UM.RS":
        return _saturated_random(s, nodes)
    loglik = sum(float(f.constants.sum()) for f in s.groups)
    alone = [f.alone() for f in s.groups]
    loglik += sum(float(top.sum()) for _, top in alone)
    with np.errstate(invalid="ignore"):
        effects = alone[0][0] - alone[1][0] if s.two else alone[0][0]
    finite = np.all([np.isfinite(eta) for eta, _ in alone], axis=0)
    variances = np.zeros(s.k)
    for f, (eta, _) in zip(s.groups, alone, strict=True):
        bend = -f.slopes(np.where(np.isfinite(eta), eta, 0.0))[1]
        variances += np.where(finite, 1 / np.where(finite, bend, 1.0), np.inf)
    weights = np.where(finite, 1 / np.where(finite, variances, 1.0), 0.0)
    wald = _around(np.where(finite, effects, 0.0), s.U, weights, None, None)
    return Saturated(loglik, wald, ~finite)


def _saturated_random(s: GLMMSetup, nodes: int) -> Saturated:
    """Free effects and random rates: the rates' mean and variance are shared.

    A group of a study that fits its own effect perfectly (no events, or nothing else) says nothing
    about them.
    """
    first, second = s.groups
    assert isinstance(first, BinomialCounts | PoissonCounts)
    infinite = ~np.isfinite(first.alone()[0])
    groups = (without(first, infinite), second)
    X = np.ones((2, s.k, 1))
    model = GroupsModel(groups, X, np.ones(2), np.array([1.0, 0.0]), s.effects, nodes)
    found = ascend(model.evaluate, np.array([[level_of(s), sd] for sd in SPREADS]))
    if not found.converged.any():
        raise no_maximum(s)
    theta = found.theta[found.best]
    _, alpha = model.studies(theta[None])
    parts = model.study_information(theta, alpha[0])
    weights = np.where(infinite, 0.0, parts[:, 0, 0])
    cross = np.where(infinite[:, None], 0.0, parts[:, 0, 1:])
    shared = parts[:, 1:, 1:].sum(0)
    effects = np.where(infinite, 0.0, alpha[0])
    gone = float(first.constants[infinite].sum() + first.alone()[1][infinite].sum())
    constants = float(model.groups[0].constants[~infinite].sum() + second.constants.sum())
    wald = _around(effects, s.U, weights, cross, shared)
    return Saturated(float(found.value[found.best]) + constants + gone, wald, infinite)


def _around(
    effects: FloatArray, U: FloatArray, weights: FloatArray, cross: FloatArray | None,
    shared: FloatArray | None,
) -> float | None:  # fmt: skip
    """Smallest sum of squares of effects - U b in the metric W = diag(weights) - C S^-1 C'."""

    def times(x: FloatArray) -> FloatArray:
        out = weights[:, None] * x if x.ndim == 2 else weights * x
        if cross is not None and shared is not None:
            out = out - cross @ np.linalg.solve(shared, cross.T @ x)
        return np.asarray(out)

    A = U.T @ times(U)
    if int((weights > 0).sum()) < U.shape[1] or np.linalg.cond(A) > 1e12:
        return None
    r = effects - U @ np.linalg.solve(A, U.T @ times(effects))
    return max(float(r @ times(r)), 0.0)

"""The weighted least squares fit of a network at one tau2, and its square tables by treatment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import StatsError
from review.stats.ground.guard import TOO_EXTREME
from review.stats.ground.inference import critical_value, two_sided
from review.stats.ground.least_squares import inverse
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.tau2 import estimate_tau2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.arm_space import ArmSpace
    from review.stats.pooling.prepared_effects import Sample

METHODS: Final = ("DL", "REML", "ML", "PM", "EB", "HE", "EE")  # ways to tau2


@dataclass(frozen=True, eq=False)
class NetworkTables:
    """All comparisons of T treatments by one model: element [i, j] is i against j.

    Attributes:
        model: "common" or "random". tau2: heterogeneity variance of the weights.
        te: effects, (T, T), antisymmetric. se: standard errors, 0 on the diagonal.
        stat, pval: z statistics and two-sided p-values (0 and 1 on the diagonal).
        ci_lb, ci_ub: confidence limits.
        pi_lb, pi_ub: prediction limits for a new study; None without degrees of freedom.
        theta: treatment effects up to a constant, (T,). cov: a covariance of them, (T, T).
    """

    model: str
    tau2: float
    te: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray | None
    pi_ub: FloatArray | None
    theta: FloatArray
    cov: FloatArray


def solve(X: FloatArray, z: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return treatment effects against the first treatment, and their covariance.

    Args:
        X: (k, T), rows adding up to 0.
        z: effects, (k,).
        w: weights, (k,).

    Raises:
        StatsError: the weights are too unequal to compute with.
    """
    T = X.shape[1]
    A, singular = inverse((X[:, 1:] * w[:, None]).T @ X[:, 1:])
    if singular:
        raise StatsError(TOO_EXTREME)
    theta, cov = np.zeros(T), np.zeros((T, T))
    theta[1:] = A @ (X[:, 1:].T @ (w * z))
    cov[1:, 1:] = A
    return theta, cov


def tables(
    space: ArmSpace, tau2: float, level: float, *, df: int, model: str
) -> NetworkTables:  # fmt: skip
    """Fit the network at a tau2 and compare every treatment with every other.

    Args:
        space: the studies.
        tau2: between-study variance, 0 for the common effect model.
        level: of the intervals, per cent.
        df: of the t distribution of prediction intervals.
        model: name of the model.

    Raises:
        StatsError: the standard errors are too unequal to compute with.
    """
    theta, cov = solve(space.X, space.z(tau2), 1.0 / (space.v + tau2))
    te = theta[:, None] - theta[None, :]
    d = np.diag(cov)
    se = np.sqrt(np.maximum(d[:, None] + d[None, :] - 2 * cov, 0.0))
    eye = np.eye(len(theta), dtype=bool)
    se[eye] = 0.0
    # cancellation: some weights are so large that differences lose all their digits
    if not (np.isfinite(te).all() and (se[~eye] > 0).all()):
        raise StatsError(TOO_EXTREME)
    stat = np.where(eye, 0.0, te / np.where(eye, 1.0, se))
    half = critical_value(level, None) * se
    pi_lb = pi_ub = None
    if df > 0:
        wide = critical_value(level, float(df)) * np.sqrt(se * se + np.where(eye, 0.0, tau2))
        pi_lb, pi_ub = te - wide, te + wide
    return NetworkTables(
        model, tau2, te, se, stat, two_sided(stat, None), te - half, te + half, pi_lb, pi_ub,
        theta, cov,
    )  # fmt: skip


def network_sample(space: ArmSpace) -> Sample:
    """Return the network as effects with a design, for the estimators of tau2."""
    return make_sample(space.z(), space.v, space.X[:, 1:])


def network_tau2(sample: Sample, method: str) -> tuple[float, int, int]:
    """Estimate tau2; also the number of evaluations and of local maxima of the likelihood.

    DL is the generalised moment estimator of a network: Q at tau2 = 0 less its degrees of freedom,
    divided by the trace that belongs to it (Jackson, White & Riley 2012, Stat Med 31:3805; Rücker
    2012 for networks).
    """
    found = estimate_tau2(sample, method)
    return float(found.value), found.iterations, int(found.maxima)


def q_at(space: ArmSpace, tau2: float = 0.0) -> float:
    """Return the weighted residual sum of squares of the network at weights 1/(v + tau2)."""
    z, w = space.z(tau2), 1.0 / (space.v + tau2)
    theta, _ = solve(space.X, z, w)
    r = z - space.X @ theta
    return float((w * r * r).sum()) + space.unexplained(tau2)


def degrees(space: ArmSpace) -> int:
    """Return the degrees of freedom of Q: independent comparisons less T - 1."""
    return len(space.v) - (len(space.treatments) - 1)


def names_of(treatments: Sequence[str], i: int, j: int) -> str:
    """Return `A vs B`."""
    return f"{treatments[i]} vs {treatments[j]}"

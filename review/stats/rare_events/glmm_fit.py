"""Fits the models of counts: which likelihood belongs to which measure and model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import ConvergenceError, StatsError
from review.stats.accuracy.bivariate_exact import QUADRATURE_SLACK, distinct
from review.stats.accuracy.bivariate_normal import count_maxima
from review.stats.ground.ascent import ascend, exact_hessian
from review.stats.ground.binomial_kernel import BinomialBlocks, PoissonBlocks
from review.stats.ground.least_squares import Projector
from review.stats.rare_events.conditional_exact import HypergeometricCounts
from review.stats.rare_events.glmm_likelihoods import BinomialCounts, PoissonCounts
from review.stats.rare_events.glmm_models import GroupsModel
from review.stats.rare_events.random_studies_model import RandomStudiesModel

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.rare_events.glmm_likelihoods import Counts
    from review.stats.rare_events.glmm_tables import CountTables

MODELS: Final = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")
ONE_GROUP: Final = ("PLO", "IRLN")
# least information about a coefficient, in events, for its estimate to be called finite
LEAST_INFORMATION: Final = 1e-6
LEAST_SPREAD: Final = 1e-6  # a standard deviation below it is 0: the likelihood is flat there
FEW_NODES: Final = 7
SPREADS: Final = (0.15, 0.5, 1.5)  # standard deviations to start from


@dataclass(frozen=True, eq=False)
class GLMMEstimate:
    """A maximum of a likelihood.

    Attributes:
        coef, cov: coefficients in the columns of the design's basis and covariance, (p,), (p, p).
        tau2, sigma2: variances of the effects and of the studies' rates (None without).
        se_tau2: standard error of tau2; None at 0, or when it is not estimated.
        loglik: with all constants.
        parameters: number of them.
        alpha: intercept of the model with random studies, or None.
        modes: predicted u_i, (k,).
        shares: information of each study about its own effect, (k,).
        iterations, maxima: of the ascent.
    """

    coef: FloatArray
    cov: FloatArray
    tau2: float
    sigma2: float | None
    se_tau2: float | None
    loglik: float
    parameters: int
    alpha: float | None
    modes: FloatArray
    shares: FloatArray
    iterations: int
    maxima: int


@dataclass(frozen=True, eq=False)
class GLMMSetup:
    """Counts and designs of one analysis.

    Attributes:
        measure, model: codes; the model is "" for one group.
        groups: counts of the groups, or of the one conditional distribution.
        loads: of the random effect per group.
        U: basis of the moderators with columns of length sqrt(k), (k, p).
        begin: start values of the studies' own rates, (k,).
        effects, weights: the studies' own effects and 1 / variance, for start values, (k,).
    """

    measure: str
    model: str
    groups: tuple[Counts, ...]
    loads: FloatArray
    U: FloatArray
    begin: FloatArray
    effects: FloatArray
    weights: FloatArray

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.U)

    @property
    def free_rates(self) -> bool:
        """Whether each study has its own rate as a parameter."""
        return self.model == "UM.FS"

    @property
    def two(self) -> bool:
        """Whether both groups have a likelihood of their own."""
        return len(self.groups) == 2


def make_setup(t: CountTables, model: str, coding: float) -> GLMMSetup:
    """Return the likelihood of a model for the studies.

    Args:
        t: the studies.
        model: one of `MODELS`; "" for a single group.
        coding: load of the random effect on group 1; that on group 2 is one less.
    """
    k = t.k
    none = np.zeros(k)
    loads = np.array([1.0])
    groups: tuple[Counts, ...]
    begin = none
    c = t.cells
    if t.measure == "PLO":
        groups = (BinomialCounts(c["x"], c["n"], none),)
    elif t.measure == "IRLN":
        groups = (PoissonCounts(c["x"], c["t"]),)
    elif model == "CM.EL" and t.measure == "OR":
        groups = (HypergeometricCounts(c["a"], c["n1"], c["a"] + c["c"], c["n2"]),)
    elif model == "CM.AL" and t.measure == "OR":
        groups = (BinomialCounts(c["a"], c["a"] + c["c"], np.log(c["n1"] / c["n2"])),)
    elif model.startswith("CM"):
        groups = (BinomialCounts(c["x1"], c["x1"] + c["x2"], np.log(c["t1"] / c["t2"])),)
    else:
        loads = np.array([coding, coding - 1.0])
        if t.measure == "OR":
            groups = (BinomialCounts(c["a"], c["n1"], none), BinomialCounts(c["c"], c["n2"], none))
            begin = np.log(c["a"] + c["c"] + 0.5) - np.log(c["b"] + c["d"] + 0.5)
        else:
            groups = (PoissonCounts(c["x1"], c["t1"]), PoissonCounts(c["x2"], c["t2"]))
            begin = np.log(c["x1"] + c["x2"] + 0.5) - np.log(c["t1"] + c["t2"])
    U = t.design.basis.U
    if not t.design.intercept_only:
        U = U * np.sqrt(k)  # so that a coefficient of 1 moves predictors by about 1
    usable = np.isfinite(t.own) & (t.vi > 0)
    effects, weights = np.where(usable, t.own, 0.0), np.where(usable, 1 / t.vi, 0.0)
    return GLMMSetup(t.measure, model, groups, loads, U, begin, effects, weights)


def fit_counts(s: GLMMSetup, *, random: bool, nodes: int) -> GLMMEstimate:
    """Estimate a model by maximum likelihood.

    Args:
        s: the likelihood.
        random: whether effects differ between studies.
        nodes: of the quadrature.

    Raises:
        StatsError: the likelihood has no finite maximum.
        ConvergenceError: no maximum was found.
    """
    if s.model == "UM.RS" and random:
        return _fit_two_effects(s, nodes)
    if s.model == "UM.RS":
        X = np.stack([np.ones((2, s.k)), np.stack([np.ones(s.k), np.zeros(s.k)])], axis=-1)
        X = np.concatenate([X[..., :1], X[..., 1:] * s.U], axis=-1)
        model = GroupsModel(s.groups, X, np.ones(2), None, s.begin, nodes)
        first = np.array([[level_of(s), *_begin(s), sd] for sd in SPREADS])
        return _estimate(s, model, first, intercept=True, random=False)
    X = s.loads[:, None, None] * s.U
    own = np.ones(len(s.groups)) if s.free_rates else None
    model = GroupsModel(s.groups, X, s.loads if random else None, own, s.begin, nodes)
    beta = _begin(s)
    first = np.array([[*beta, sd] for sd in SPREADS] if random else [beta])
    return _estimate(s, model, first, intercept=False, random=random)


def _begin(s: GLMMSetup) -> FloatArray:
    """Coefficients of the studies' own effects, by weighted least squares."""
    if s.U.shape[1] == 1:
        total = s.weights.sum()
        value = float((s.weights * s.effects).sum() / total) if total > 0 else 0.0
        return np.array([value / float(s.U[0, 0])])
    found = Projector(s.weights, s.U / np.sqrt(s.k))
    if found.singular:
        return np.zeros(s.U.shape[1])
    return np.asarray(found.coef(s.effects) / np.sqrt(s.k))


def level_of(s: GLMMSetup) -> float:
    """Median of the studies' rates, on the scale of the predictor."""
    return float(np.median(s.begin))


def _estimate(
    s: GLMMSetup, model: GroupsModel, first: FloatArray, *, intercept: bool, random: bool
) -> GLMMEstimate:
    iterations = 0
    if model.nodes > FEW_NODES:
        # few nodes cost a fraction of many and end close to them
        rough = ascend(replace(model, nodes=FEW_NODES).evaluate, first)
        first = distinct(rough) if rough.converged.any() else first
        iterations = rough.iterations
    found = ascend(model.evaluate, first)
    if not found.converged.any():
        raise no_maximum(s)
    theta = found.theta[found.best]
    hess = exact_hessian(model.score, theta)
    spread = intercept or random  # the last parameter is a standard deviation
    cov = _covariance(-hess, s, spread=spread, intercept=intercept)
    at, alpha = model.studies(theta[None])
    p, i = s.U.shape[1], int(intercept)
    sd = _spread(theta[-1]) if spread else 0.0
    width = 1e-4
    moved = [
        _effect_slope(s, model, theta, np.stack([at.mode, alpha], axis=1), sign * width)
        for sign in (1, -1)
    ]
    tau2 = sd**2 if random else 0.0
    return GLMMEstimate(
        theta[i : i + p], cov[i : i + p, i : i + p], tau2, sd**2 if intercept else None,
        _se_of_square(sd, cov) if random else None,
        float(found.value[found.best]) + model.constant,
        len(theta) + (s.k if model.own is not None else 0),
        float(theta[0]) if intercept else None,
        sd * at.mode[0] * np.sign(theta[-1]) if random else np.zeros(s.k),
        np.maximum((moved[1] - moved[0]) / (2 * width), 0.0), iterations + found.iterations,
        count_maxima(found.value[found.converged]),
    )  # fmt: skip


def _effect_slope(
    s: GLMMSetup, model: GroupsModel, theta: FloatArray, near: FloatArray, shift: float
) -> FloatArray:
    """Derivative of each study's likelihood by its own effect, that effect moved by `shift`."""
    way = np.array([1.0, 0.0]) if s.model == "UM.RS" else s.loads
    extra = np.broadcast_to(way[:, None, None], (len(way), s.k, 1))
    wide = GroupsModel(
        model.groups, np.concatenate([extra, model.X], axis=-1), model.loads, model.own,
        model.begin, model.nodes,
    )  # fmt: skip
    at, _ = wide.studies(np.concatenate([[shift], theta])[None], near)
    return np.asarray(np.einsum("m,mk->k", way, at.by_fixed[:, 0]))


def _fit_two_effects(s: GLMMSetup, nodes: int) -> GLMMEstimate:
    """The model with random study effects: two integrals per study."""
    p = s.U.shape[1]
    X = np.zeros((s.k, 2, 1 + p))
    X[:, :, 0] = 1.0
    X[:, 0, 1:] = s.U
    first, second = s.groups
    blocks: BinomialBlocks
    if isinstance(first, BinomialCounts) and isinstance(second, BinomialCounts):
        blocks = BinomialBlocks(
            np.stack([first.x, second.x], 1), np.stack([first.n, second.n], 1), X
        )
    else:
        assert isinstance(first, PoissonCounts)
        assert isinstance(second, PoissonCounts)
        blocks = PoissonBlocks(
            np.stack([first.x, second.x], 1), np.stack([first.t, second.t], 1), X
        )
    model = RandomStudiesModel(blocks, s.loads, 1)
    level = float(np.std(s.begin)) or 0.5
    begin = np.array([[level_of(s), *_begin(s), level, sd] for sd in SPREADS])
    found = ascend(model.evaluate, begin)
    if nodes > 1 and found.converged.any():
        model = model.exactly(nodes)
        found = ascend(model.evaluate, distinct(found), slack=QUADRATURE_SLACK)
    if not found.converged.any():
        raise no_maximum(s)
    theta = found.theta[found.best]
    cov = _covariance(-exact_hessian(model.score, theta), s, spread=True, intercept=True)
    at, _ = model.studies(theta[None])
    width = 1e-4
    way = np.array([1.0, 0.0])
    slopes = [
        np.einsum("m,km->k", way, model.studies(theta[None], at.a, sign * width)[0].by_eta[0])
        for sign in (1, -1)
    ]
    tau = _spread(theta[-1])
    u = tau**2 * (at.a[0] @ s.loads)  # Cov(u, eta) Omega^-1 b at the mode
    return GLMMEstimate(
        theta[1 : 1 + p], cov[1 : 1 + p, 1 : 1 + p], tau**2, _spread(theta[-2]) ** 2,
        _se_of_square(tau, cov), float(found.value[found.best]) + model.constant, len(theta),
        float(theta[0]), u, np.maximum((slopes[1] - slopes[0]) / (2 * width), 0.0),
        found.iterations, count_maxima(found.value[found.converged]),
    )  # fmt: skip


def _covariance(
    information: FloatArray, s: GLMMSetup, *, spread: bool, intercept: bool
) -> FloatArray:
    """Inverse of the observed information on all parameters.

    Raises:
        StatsError: a coefficient has next to no information: it has no finite estimate.
    """
    q = len(information)
    sds = 0 if not spread else 2 if intercept and s.model == "UM.RS" and q > 2 + s.U.shape[1] else 1
    mean = information[: q - sds, : q - sds]
    values = np.linalg.eigvalsh(mean)
    if not values[0] > LEAST_INFORMATION:
        raise no_maximum(s)
    values = np.linalg.eigvalsh(information)
    if values[0] > 1e-9 * values[-1]:
        return np.asarray(np.linalg.inv(information), dtype=np.float64)
    # a standard deviation of 0 beside one that is not: no information in its direction
    out = np.zeros_like(information)
    out[: q - sds, : q - sds] = np.linalg.inv(mean)
    return out


def _spread(root: float) -> float:
    """A standard deviation from its root of either sign; what rounding leaves of 0 is 0."""
    sd = abs(float(root))
    return sd if sd > LEAST_SPREAD else 0.0


def _se_of_square(sd: float, cov: FloatArray) -> float | None:
    """Standard error of a variance by the delta method; None at 0, where it has none."""
    if sd == 0 or not cov[-1, -1] > 0:
        return None
    return float(2 * sd * np.sqrt(cov[-1, -1]))


def no_maximum(s: GLMMSetup) -> StatsError:
    """Return the error of a likelihood without a finite maximum."""
    if s.U.shape[1] > 1:
        return StatsError(
            "the likelihood has no finite maximum: some combination of the moderators tells "
            "studies apart that have no events (or nothing but events) in a group; use fewer "
            "moderators, or leave these studies out"
        )
    return ConvergenceError(
        f"no maximum of the likelihood was found for model {s.model or s.measure}; try another "
        "model, or method='EE'"
    )

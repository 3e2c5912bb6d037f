"""Find the maximum of the location-scale likelihood, inside or at the edge of its range."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import ConvergenceError
from review.stats.ground.basis import BasisFit
from review.stats.pooling.scale_likelihood import Link, Point, ScaleLikelihood
from review.words import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.ground.design_matrix import Design
    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]

_FLAT = 1e3  # standard error of log tau2 beyond which the likelihood counts as flat
_EDGE = 1e-7  # share of the typical variance at or below which a linear tau2 counts as 0


@dataclass(frozen=True)
class ScaleFit:
    """Maximum of the likelihood: estimates and covariances of location and scale.

    Attributes:
        location, scale: coefficients and covariances; that of the scale is NaN at the edge.
        tau2: of each study.
        loglik_ml, loglik_reml: log-likelihoods.
        edge: identity link with a tau2 of 0.
    """

    location: BasisFit
    scale: BasisFit
    tau2: Floats
    loglik_ml: float
    loglik_reml: float
    edge: bool


def solve(base: MetaResult, scale: Design, *, restricted: bool, link: Link) -> ScaleFit:
    """Maximise the likelihood, in orthonormal bases of both designs.

    Args:
        base: fit with one tau2 to the same rows.
        scale: design of the scale.
        restricted: REML if true, else ML.
        link: of tau2 to the scale moderators.

    Raises:
        ConvergenceError: there is no maximum at finite coefficients.
    """
    unit = 1.0 if scale.intercept_only else float(np.sqrt(base.k))
    U = scale.basis.U * unit
    model = ScaleLikelihood(base.yi, base.vi, base.design.basis.U, U, restricted, link)
    if link == "log":
        point, edge = _climb(model, base.tau2), False
        _check_flat(point, base, U)
    else:
        point, edge = _bounded(model, base.tau2)
    q = len(point.alpha)
    va = np.full((q, q), np.nan) if edge else np.asarray(np.linalg.inv(-point.hessian), float)
    other = replace(model, restricted=not restricted).at(point.alpha).loglik
    ml, reml = (other, point.loglik) if restricted else (point.loglik, other)
    return ScaleFit(
        location=BasisFit(base.design.basis, point.beta, point.vb),
        scale=BasisFit(scale.basis, unit * point.alpha, unit**2 * va),
        tau2=np.maximum(point.tau2, 0.0), loglik_ml=ml, loglik_reml=reml, edge=edge,
    )  # fmt: skip


def _climb(model: ScaleLikelihood, tau2: float) -> Point:
    """Best maximum over a few starts: the likelihood can have several."""
    v = model.v
    level = max(tau2, 0.01 * float(np.median(v)))
    e = model.y - model.X @ np.linalg.lstsq(model.X, model.y, rcond=None)[0]
    starts = [np.full(len(v), np.log(level)), np.log(np.maximum(e**2 - v, 0.05 * level))]
    best: Point | None = None
    failure: ConvergenceError | None = None
    for target in starts:
        try:
            point = model.maximise(np.linalg.lstsq(model.Z, target, rcond=None)[0])
        except ConvergenceError as error:
            failure = error
            continue
        if best is None or point.loglik > best.loglik:
            best = point
    if best is None:
        assert failure is not None
        raise failure
    return best


def _check_flat(point: Point, base: MetaResult, U: Floats) -> None:
    """Refuse a maximum at infinity: there log tau2 of some studies has no standard error."""
    values, vectors = np.linalg.eigh(-point.hessian)
    tiny = np.finfo(float).tiny
    spread = ((U @ vectors) ** 2 / np.maximum(values, tiny)).sum(1)
    lost = (spread > _FLAT**2) | (values[0] <= 0)
    if not lost.any():
        return
    names = np.array(base.slab, dtype=object)[lost].tolist()
    shown = listed(names, most=5)
    raise ConvergenceError(
        f"tau2 is estimated as 0 for {shown}, so log tau2 and the scale coefficients have no "
        "finite estimate; use link='identity', fewer scale moderators, or meta_analysis()"
    )


def _bounded(model: ScaleLikelihood, tau2: float) -> tuple[Point, bool]:
    """Maximise with tau2 = U alpha >= 0: constrained search, then Newton on the face it ends on."""
    from scipy.optimize import minimize

    unit = float(np.mean(model.v)) + tau2
    scaled = replace(model, y=model.y / np.sqrt(unit), v=model.v / unit)
    corners = np.unique(model.Z, axis=0)
    start = np.linalg.lstsq(model.Z, np.full(len(model.v), tau2 / unit + 0.05), rcond=None)[0]

    def objective(alpha: Any) -> Any:
        if (scaled.v + scaled.tau2(alpha)).min() <= 0:
            return 1e10, np.zeros_like(alpha)
        point = scaled.at(alpha)
        return -point.loglik, -point.gradient

    limits: Any = {"type": "ineq", "fun": lambda a: corners @ a, "jac": lambda _: corners}
    settings: Any = {"maxiter": 1000, "ftol": 1e-14}
    found = minimize(
        objective, start, jac=True, method="SLSQP", options=settings, constraints=limits
    )
    alpha = np.asarray(found.x)
    on_edge = corners[corners @ alpha <= _EDGE]
    if not np.isfinite(alpha).all() or (corners @ alpha).min() < -1e-4:
        raise ConvergenceError("the location-scale model did not converge with link='identity'")
    if len(on_edge):
        _, s, rows = np.linalg.svd(on_edge)
        free = rows[int((s > 1e-10 * s[0]).sum()) :].T
        alpha = free @ (free.T @ alpha)
        point = scaled.maximise(alpha, free)
    else:
        point = scaled.maximise(alpha)
    return model.at(point.alpha * unit), bool(len(on_edge))

"""One selection model to be fitted: scaled data, bounds, starting points, standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import ConvergenceError, StatsError
from review.stats.bias.selection.optimise import Box, Maximum, maximise
from review.stats.bias.selection.selection_likelihood import Likelihood
from review.stats.ground.least_squares import Projector

if TYPE_CHECKING:
    from review.stats.bias.selection.selection_arguments import Selection
    from review.stats.bias.selection.sides import FloatArray
    from review.stats.pooling.meta_result import MetaResult

_MANY: Final = 2000  # studies from which two starting points are enough


@dataclass(frozen=True, eq=False)
class Problem:
    """Scaled data, bounds and starting points of one selection model.

    Effects are divided by `unit`, so that tau2 is of order 1; the coefficients are those of the
    orthonormal basis of the design.

    Attributes:
        base: the same model without selection, by ML.
        selection: weight function and bounds.
        sign: -1 when small effects are favoured: the effects are mirrored.
    """

    base: MetaResult
    selection: Selection
    sign: float

    @property
    def unit(self) -> float:
        """Typical standard error, by which the effects are divided."""
        return float(np.sqrt(np.median(self.base.vi)))

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return self.base.p

    @property
    def tau2_free(self) -> bool:
        """Whether tau2 is estimated."""
        return not (self.base.equal_effects or self.base.tau2_fixed)

    def check_size(self) -> None:
        """Refuse models with more parameters than studies."""
        free = self.p + self.tau2_free + int((~self.selection.fixed).sum())
        if self.base.k < free:
            raise StatsError(
                f"{self.base.k} studies are too few for {free} parameters (coefficients, tau2 and "
                "selection); use fewer steps, a type with one parameter, or fix delta"
            )

    def likelihood(self) -> Likelihood:
        """Return the likelihood of the scaled effects, which face the significant side."""
        y = self.sign * self.base.yi / self.unit
        U = self.base.design.basis.U
        return Likelihood(y, self.base.vi / self.unit**2, U, self.selection.weighting)

    def box(self, *, tau2: float | None = None) -> Box:
        """Bounds, with tau2 (in the units of the effects) held when given."""
        held = None if tau2 is None else tau2 / self.unit**2
        if held is None and not self.tau2_free:
            held = self.base.tau2 / self.unit**2
        low, high = self.selection.lower, self.selection.upper
        ends = (0.0, np.inf) if held is None else (held, held)
        lower = np.concatenate([np.full(self.p, -np.inf), [ends[0]], low])
        upper = np.concatenate([np.full(self.p, np.inf), [ends[1]], high])
        return Box(lower, upper)

    def starts(self) -> list[FloatArray]:
        """Coefficients and tau2 of the model without selection (and more of tau2), with delta."""
        v, U = self.base.vi / self.unit**2, self.base.design.basis.U
        y = self.sign * self.base.yi / self.unit
        tau2 = self.base.tau2 / self.unit**2
        wider = [tau2, 0.25 * tau2 + 0.5 * float(np.mean(v))] if self.tau2_free else [tau2]
        out: list[FloatArray] = []
        for t in wider:
            beta = Projector(1.0 / (v + t), U).coef(y)
            deltas = self.selection.starts[:: 2 if out else 1]  # every other one with the wider
            out += [np.concatenate([beta, [t], delta]) for delta in deltas]
        return out if self.base.k <= _MANY else [out[0], out[2]]

    def fit(self) -> Maximum:
        """Return the highest maximum inside the bounds."""
        return maximise(self.likelihood(), self.box(), self.starts())

    def loglik(self, value: float) -> float:
        """Log-likelihood of the effects from that of the scaled effects."""
        return value - self.base.k * float(np.log(self.unit))

    def without_heterogeneity(self) -> float | None:
        """Log-likelihood at tau2 = 0; None when that fit does not converge."""
        starts = self.starts()[: len(self.selection.starts)]  # the others differ in tau2 only
        try:
            found = maximise(self.likelihood(), self.box(tau2=0.0), starts)
        except ConvergenceError:
            return None
        return self.loglik(found.value)

    @property
    def nested(self) -> bool:
        """Whether the model without selection is a special case of this one."""
        s = self.selection
        # a fixed shape plays no part once its size parameter is at 0
        idle = s.type == "negexppow" and not s.fixed[0]
        return bool(idle or (s.null[s.fixed] == s.lower[s.fixed]).all())


@dataclass(frozen=True, eq=False)
class Errors:
    """Covariance of the coefficients and standard errors of the other parameters (NaN: none).

    Attributes:
        coef: covariance of the coefficients in the basis of the design, (p, p).
        tau2, delta: standard errors.
    """

    coef: FloatArray
    tau2: float
    delta: FloatArray


def standard_errors(problem: Problem, best: Maximum, notes: list[str]) -> Errors:
    """Invert the Hessian over the parameters that are free and inside their bounds."""
    n, p, unit = best.theta.size, problem.p, problem.unit
    free = np.flatnonzero(~best.held)
    covariance = np.full((n, n), np.nan)
    information = -best.hessian[np.ix_(free, free)]
    size = np.sqrt(np.abs(np.diag(information)))
    size = np.where(size > 0, size, 1.0)
    scaled = information / np.outer(size, size)
    if np.linalg.eigvalsh(scaled).min() > 1e-12:
        covariance[np.ix_(free, free)] = np.linalg.inv(scaled) / np.outer(size, size)
    else:
        notes.append("the likelihood is flat at its maximum: no standard errors can be given")
    with np.errstate(invalid="ignore"):
        se = np.sqrt(np.diag(covariance))
    return Errors(covariance[:p, :p] * unit**2, float(se[p]) * unit**2, se[p + 1 :])


def bound_notes(problem: Problem, best: Maximum) -> tuple[bool, list[str]]:
    """Whether the maximum lies inside the box (0 counts as inside), and remarks."""
    s, inside = problem.selection, True
    notes: list[str] = []
    delta = best.theta[problem.p + 1 :]
    for j in np.flatnonzero(~s.fixed & best.held[problem.p + 1 :]).tolist():
        if delta[j] >= s.upper[j]:
            inside = False
            notes.append(
                f"delta{j + 1} reached its upper bound {s.upper[j]:g}: the likelihood still rises "
                "beyond it, and the estimates depend on the bound (delta_max)"
            )
        else:
            notes.append(f"delta{j + 1} is on its lower bound {s.lower[j]:g}")
    if problem.tau2_free and best.theta[problem.p] == 0.0:
        notes.append("tau2 is on its lower bound 0")
    if best.higher:
        notes.append(
            "the likelihood is higher where it has no maximum (the mean falls and tau2 grows "
            "without end); the estimates are those of the highest maximum"
        )
    if best.agreeing < best.starts:
        notes.append(
            f"{best.agreeing} of {best.starts} starting points reached the highest maximum"
        )
    return inside, notes

"""Residuals, best linear unbiased predictions and random effects of the studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import StatsError
from review.stats.ground.guard import guarded
from review.stats.ground.inference import critical_value, level_percent
from review.stats.ground.result_kit import Record
from review.stats.influence.influential_studies import leverages, rstudent_parts
from review.stats.influence.omitted_studies import without_each
from review.stats.pooling.refitting import essential, require
from review.words import level_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ResidualsResult(Record):
    """Residuals of the studies, arrays of shape (k,).

    Attributes:
        kind: "rstandard" or "rstudent".
        labels: of the studies.
        resid: observed minus fitted effects (fitted without the study for "rstudent").
        se: their standard errors.
        z: resid / se.
        notes: studies for which they are not defined.
    """

    kind: str
    labels: tuple[str, ...]
    resid: Floats
    se: Floats
    z: Floats
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        how = "internally" if self.kind == "rstandard" else "externally"
        return f"Residuals, {how} standardised"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "study", self.labels

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"resid": self.resid, "se": self.se, "z": self.z}


@dataclass(frozen=True, eq=False)
class EffectsResult(Record):
    """Predicted true effects, or random effects, of the studies, arrays of shape (k,).

    Attributes:
        kind: "BLUP" or "random effects".
        labels: of the studies.
        pred, se: predictions and their standard errors.
        pi_lb, pi_ub: limits of the prediction intervals.
        level: in per cent.
    """

    kind: str
    labels: tuple[str, ...]
    pred: Floats
    se: Floats
    pi_lb: Floats
    pi_ub: Floats
    level: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        name = "Best linear unbiased predictions" if self.kind == "BLUP" else "Random effects"
        return f"{name} with {level_name(self.level)} prediction intervals"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "study", self.labels

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {n: getattr(self, n) for n in ("pred", "se", "pi_lb", "pi_ub")}


@guarded
def rstandard(result: MetaResult) -> ResidualsResult:
    """Residuals standardised by their own standard error (internally studentised).

    Var(y - Xb) = (I - H) S (I - H)' with S = diag(v + tau2) and H the hat matrix; only its
    diagonal is formed (Viechtbauer & Cheung 2010, eq. 9).

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="EE")
        >>> rstandard(fit).z.round(3)
        array([-1.782,  1.99 ,  0.193])
    """
    require(result, "rstandard")
    S = result.vi + result.tau2
    resid = result.yi - result.inside.fitted
    spread = result.inside.variances / result.s2w
    var = S - spread if result.case_weights is None else S * (1 - 2 * leverages(result)) + spread
    alone = essential(result)
    z = np.where(alone, np.nan, resid / np.sqrt(np.where(alone, 1.0, np.maximum(var, 0.0))))
    se = np.where(alone, 0.0, np.sqrt(np.maximum(var, 0.0)))
    return ResidualsResult("rstandard", result.slab, resid, se, z, _fitted_exactly(result, alone))


def _fitted_exactly(result: MetaResult, alone: NDArray[np.bool_]) -> tuple[str, ...]:
    if not alone.any():
        return ()
    names = ", ".join(np.array(result.slab, dtype=object)[alone])
    return (f"fitted exactly, so without a standardised residual: {names}",)


@guarded
def rstudent(result: MetaResult) -> ResidualsResult:
    """Residuals from the fit without the study, standardised (externally studentised).

    Viechtbauer & Cheung (2010, eq. 11): (y_i - x_i'b(i)) / sqrt(v_i + tau2(i) + x_i'V(i)x_i).

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="EE")
        >>> rstudent(fit).z.round(3)
        array([-1.782,  1.99 ,  0.193])
    """
    fits, notes = without_each(result, "rstudent")
    resid, se = rstudent_parts(result, fits)
    return ResidualsResult("rstudent", result.slab, resid, se, resid / se, notes)


@guarded
def blup(result: MetaResult, *, level: float | None = None) -> EffectsResult:
    """Best linear unbiased predictions of the studies' true effects.

    With L = tau2/(tau2 + v): L y + (1 - L) x'b, variance L v + (1 - L)^2 x'Vx (Raudenbush & Bryk
    1985, J Educ Stat 10:75; Morris 1983, J Am Stat Assoc 78:47).

    Raises:
        StatsError: the model was fitted with the user's weights.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="DL")
        >>> blup(fit).pred.round(4)
        array([0.2044, 0.6509, 0.4079])
    """
    share, fitted, spread = _shrinkage(result, "blup")
    pred = share * result.yi + (1 - share) * fitted
    var = share * result.vi + (1 - share) ** 2 * spread
    return _effects("BLUP", result, pred, var, level)


@guarded
def ranef(result: MetaResult, *, level: float | None = None) -> EffectsResult:
    """Predicted random effects: the BLUPs less the fitted values.

    With L as in `blup`: L (y - x'b), variance tau2 (1 - L) + L^2 x'Vx.

    Raises:
        StatsError: the model was fitted with the user's weights.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="DL")
        >>> ranef(fit).pred.round(4)
        array([-0.2167,  0.2299, -0.0132])
    """
    share, fitted, spread = _shrinkage(result, "ranef")
    var = result.tau2 * (1 - share) + share**2 * spread
    return _effects("random effects", result, share * (result.yi - fitted), var, level)


def _shrinkage(result: MetaResult, what: str) -> tuple[Floats, Floats, Floats]:
    require(result, what)
    if result.case_weights is not None:
        raise StatsError(f"{what} is not defined for models fitted with weights=")
    share = result.tau2 / (result.tau2 + result.vi)
    return share, result.inside.fitted, result.inside.variances


def _effects(
    kind: str, result: MetaResult, pred: Floats, var: Floats, level: float | None
) -> EffectsResult:
    level = level_percent(result.level if level is None else level)
    se = np.sqrt(var)
    half = float(critical_value(level, result.ddf)) * se
    return EffectsResult(kind, result.slab, pred, se, pred - half, pred + half, level)

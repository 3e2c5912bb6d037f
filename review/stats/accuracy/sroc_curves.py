"""Summary ROC curves: straight lines between the logits, and the areas below them.

A bivariate normal distribution of the logits suggests several lines (Arends et al. 2008, Med Decis
Making 28:621, sec. 3), all through the summary point:

| curve | slope of logit sensitivity on logit false-positive rate |
|---|---|
| rutter_gatsonis | sigma_sens / sigma_fpr (Rutter & Gatsonis 2001) |
| sens_on_fpr | psi_12 / psi_22: the regression of sensitivity on the false-positive rate |
| fpr_on_sens | psi_11 / psi_12: the other regression |
| d_on_s | regression of the log odds ratio on the sum of the logits (Moses et al. 1993) |
| major_axis | the first principal axis |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.accuracy.summary_point import expit, logit
from review.stats.ground.result_kit import Record

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

CURVES: Final = ("rutter_gatsonis", "sens_on_fpr", "fpr_on_sens", "d_on_s", "major_axis")
CURVE_NAMES: Final = {
    "rutter_gatsonis": "Rutter-Gatsonis (HSROC)",
    "sens_on_fpr": "sensitivity on false-positive rate",
    "fpr_on_sens": "false-positive rate on sensitivity",
    "d_on_s": "log odds ratio on threshold",
    "major_axis": "major axis",
    "moses_littenberg": "Moses-Littenberg",
}
RULES: Final = ("exact", "99 points")
_NODES: Final = 12  # per panel
_MOST_PANELS: Final = 20_000


@dataclass(frozen=True, eq=False)
class SROC(Record):
    """A summary ROC curve.

    Attributes:
        curve: its kind.
        intercept, slope: of logit sensitivity on logit false-positive rate.
        fpr, sens: points of the curve, (n,).
    """

    curve: str
    intercept: float
    slope: float
    fpr: FloatArray
    sens: FloatArray

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"fpr": self.fpr, "sens": self.sens}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "point", tuple(str(i + 1) for i in range(len(self.fpr)))

    @property
    def title(self) -> str:
        """First line of the summary."""
        return (
            f"Summary ROC curve, {CURVE_NAMES[self.curve]}: logit(sens) = {self.intercept:.4f} + "
            f"{self.slope:.4f} logit(fpr)"
        )


@dataclass(frozen=True)
class AreaUnderCurve:
    """The area under a summary ROC curve.

    Attributes:
        auc: from false-positive rate 0 to 1, or from `lower` to `upper` divided by their
            difference: the mean sensitivity there.
        ci_lb, ci_ub: by the delta method on the logit scale; None when the covariance of the
            estimates is not known.
        curve, lower, upper, rule: what was integrated, and how.
        level: of the interval, per cent.
    """

    auc: float
    ci_lb: float | None
    ci_ub: float | None
    curve: str
    lower: float
    upper: float
    rule: str
    level: float


def line(curve: str, mu: FloatArray, psi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Intercept and slope of a curve, (...).

    Args:
        curve: one of `CURVES`.
        mu: logits of sensitivity and false-positive rate, (..., 2).
        psi: (psi_11, psi_12, psi_22), (..., 3).
    """
    p11, p12, p22 = psi[..., 0], psi[..., 1], psi[..., 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        if curve == "rutter_gatsonis":
            slope = np.sqrt(p11 / p22)
        elif curve == "sens_on_fpr":
            slope = p12 / p22
        elif curve == "fpr_on_sens":
            slope = p11 / p12
        elif curve == "d_on_s":
            # D = sens - fpr on S = sens + fpr with slope b gives sens on fpr with (1 + b)/(1 - b)
            b = (p11 - p22) / (p11 + 2 * p12 + p22)
            slope = (1 + b) / (1 - b)
        else:
            half = (p11 - p22) / 2
            slope = (half + np.sqrt(half**2 + p12**2)) / p12
        return mu[..., 0] - slope * mu[..., 1], slope


def curve_points(curve: str, intercept: float, slope: float, fpr: FloatArray) -> SROC:
    """Return the curve at false-positive rates, (n,).

    Raises:
        InputError: a rate lies outside 0 to 1.
        StatsError: the line is vertical or not defined.
    """
    fpr = np.atleast_1d(np.asarray(fpr, dtype=np.float64))
    if not ((fpr >= 0) & (fpr <= 1)).all():
        raise InputError("false-positive rates must lie from 0 to 1")
    check_line(curve, slope)
    return SROC(curve, intercept, slope, fpr, _height(intercept, slope, logit(fpr)))


def check_line(curve: str, slope: float) -> None:
    """Refuse a line that is not defined because a between-study variance or covariance is 0.

    Raises:
        StatsError: the slope is not finite.
    """
    if not np.isfinite(slope):
        raise StatsError(
            f"the curve {curve!r} is not defined: a variance (or the covariance) between studies "
            "is 0, so the studies show no trade-off of sensitivity against specificity"
        )


def _height(intercept: float, slope: float, x: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        eta = intercept + slope * x
    return expit(np.where(np.isnan(eta), intercept, eta))  # slope 0 at the ends of the axis


def area(
    intercept: FloatArray | float,
    slope: FloatArray | float,
    lower: float,
    upper: float,
    rule: str = "exact",
) -> FloatArray:
    """Mean height of the curve from `lower` to `upper`, (...).

    "exact" integrates over the logit by Gauss-Legendre quadrature in panels so short that the curve
    is smooth in each.
    "99 points" is what the R package mada 0.5.12 prints: (sum of 99 heights, the ends half) / 99 on
    an even grid, whose ends are kept 0.01 away from 0 and 1; its weights add up to 98/99, so it is
    too small by 1 % of the height at the ends.
    """
    intercept, slope = np.asarray(intercept)[..., None], np.asarray(slope)[..., None]
    if rule == "99 points":
        grid = np.linspace(max(lower, 0.01), min(upper, 0.99), 99)
        weights = np.ones(99)
        weights[[0, -1]] = 0.5
        return np.asarray((expit(intercept + slope * logit(grid)) * weights).sum(-1) / 99)
    # beyond 40 the weight of the logit is below rounding
    low, high = (float(np.clip(logit(np.float64(end)), -40, 40)) for end in (lower, upper))
    steep = max(1.0, float(np.abs(slope).max()))
    panels = min(int(np.ceil((high - low) * steep)), _MOST_PANELS)
    x, w = np.polynomial.legendre.leggauss(_NODES)
    edges = np.linspace(low, high, panels + 1)
    t = (edges[:-1, None] + np.diff(edges)[:, None] * (x + 1) / 2).ravel()
    weights = np.tile(w, panels) * (high - low) / (2 * panels)
    total = (weights * expit(t) * expit(-t) * expit(intercept + slope * t)).sum(-1)
    return np.asarray(total / (upper - lower))

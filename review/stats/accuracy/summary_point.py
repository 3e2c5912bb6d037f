"""From logits of sensitivity and false-positive rate to what a reader asks for, with intervals.

Likelihood ratios and the diagnostic odds ratio are those of the summary point (Zwinderman & Bossuyt
2008, Stat Med 27:687, advise against pooling ratios); their intervals are by the delta method on
the log scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from review.errors import InputError
from review.stats.ground.inference import check_level, chi2_quantile, critical_value
from review.stats.ground.result_kit import Record
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

DISTRIBUTIONS: Final = ("chi2", "F")


class Value(NamedTuple):
    """An estimate with its confidence limits."""

    estimate: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True, eq=False)
class SummaryPoints(Record):
    """Summary points of a test, one per row of moderators (one row without any).

    Attributes:
        names: of the rows.
        logits: of sensitivity and false-positive rate, (m, 2). vb: their covariances, (m, 2, 2).
        sens, spec, fpr, lr_pos, lr_neg, dor: estimates with confidence limits, (m, 3).
        sens_pi, spec_pi: limits of the shares of a new study, (m, 2).
        level: of all intervals, per cent.
    """

    names: tuple[str, ...]
    logits: FloatArray
    vb: FloatArray
    sens: FloatArray
    spec: FloatArray
    fpr: FloatArray
    lr_pos: FloatArray
    lr_neg: FloatArray
    dor: FloatArray
    sens_pi: FloatArray
    spec_pi: FloatArray
    level: float

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {}
        for name in ("sens", "spec", "fpr", "lr_pos", "lr_neg", "dor"):
            values = getattr(self, name)
            out |= {
                name: values[:, 0],
                f"{name}_ci_lb": values[:, 1],
                f"{name}_ci_ub": values[:, 2],
            }
        for name in ("sens_pi", "spec_pi"):
            out |= {
                f"{name}_lb": getattr(self, name)[:, 0],
                f"{name}_ub": getattr(self, name)[:, 1],
            }
        return out

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "at", self.names

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Summary points, {level_name(self.level)} intervals"

    def value(self, name: str, row: int = 0) -> Value:
        """Return one estimate with its limits, such as `value("sens")`."""
        return Value(*(float(x) for x in getattr(self, name)[row]))


def summary_points(
    logits: FloatArray, vb: FloatArray, psi: FloatArray, level: float, names: tuple[str, ...]
) -> SummaryPoints:
    """Turn logits, (m, 2), with covariances, (m, 2, 2), into a table.

    Args:
        logits: of sensitivity and false-positive rate.
        vb: their covariances.
        psi: between-study covariance, (2, 2).
        level: of the intervals, per cent.
        names: of the rows.
    """
    z = float(critical_value(level, None))
    se = np.sqrt(np.einsum("mii->mi", vb))
    shares = expit(logits)
    low, high = expit(logits - z * se), expit(logits + z * se)
    wide = np.sqrt(se**2 + np.diag(psi))
    new_low, new_high = expit(logits - z * wide), expit(logits + z * wide)
    sens, fpr = shares[:, 0], shares[:, 1]
    ratios = {}
    for name, log, slope in (
        ("lr_pos", np.log(sens) - np.log(fpr), np.stack([1 - sens, fpr - 1], -1)),
        ("lr_neg", np.log1p(-sens) - np.log1p(-fpr), np.stack([-sens, fpr], -1)),
        ("dor", logits[:, 0] - logits[:, 1], np.tile([1.0, -1.0], (len(sens), 1))),
    ):
        half = z * np.sqrt(np.einsum("mi,mij,mj->m", slope, vb, slope))
        ratios[name] = np.exp(np.stack([log, log - half, log + half], -1))
    return SummaryPoints(
        names=names, logits=logits, vb=vb,
        sens=np.stack([sens, low[:, 0], high[:, 0]], -1),
        spec=1 - np.stack([fpr, high[:, 1], low[:, 1]], -1),
        fpr=np.stack([fpr, low[:, 1], high[:, 1]], -1),
        sens_pi=np.stack([new_low[:, 0], new_high[:, 0]], -1),
        spec_pi=1 - np.stack([new_high[:, 1], new_low[:, 1]], -1),
        level=level, **ratios,
    )  # fmt: skip


def expit(x: FloatArray | float) -> FloatArray:
    """1 / (1 + exp(-x)), without overflow."""
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(np.asarray(x) >= 0, 1.0, small) / (1.0 + small))


def logit(p: FloatArray | float) -> FloatArray:
    """log(p / (1 - p)); infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(p) - np.log1p(-np.asarray(p)))


def ellipse(
    centre: FloatArray,
    covariance: FloatArray,
    level: float,
    *,
    df: int | None = None,
    points: int = 100,
) -> FloatArray:
    """Return the outline of a region on the scale of false-positive rate and sensitivity.

    Douglas 1993, drawn by angle: with correlation r = cos(d) the outline is
    (cos(t + d/2), cos(t - d/2)) in units of the standard deviations.

    Args:
        centre: logits of sensitivity and false-positive rate, (2,).
        covariance: (2, 2); a correlation of -1 or 1 makes the region a line.
        level: per cent.
        df: None for the chi-squared distribution with 2 df; else 2 F(2, df), which allows for
            the estimation of the variances (Harbord et al. 2007).
        points: of the outline, the last being the first again.

    Returns:
        (points, 2): false-positive rate and sensitivity.
    """
    sd = np.sqrt(np.diag(covariance))
    both = sd.prod()
    r = float(np.clip(covariance[0, 1] / both, -1, 1)) if both > 0 else 0.0
    size = np.sqrt(_squared_radius(level, df))
    half = np.arccos(r) / 2
    t = np.linspace(0, 2 * np.pi, points)
    sens = centre[0] + size * sd[0] * np.cos(t + half)
    fpr = centre[1] + size * sd[1] * np.cos(t - half)
    return np.column_stack([expit(fpr), expit(sens)])


def _squared_radius(level: float, df: int | None) -> float:
    fraction = check_level(level)
    if df is None:
        return float(chi2_quantile(fraction, 2))
    if df < 1:
        raise InputError("a region by the F distribution needs at least 3 studies")
    from scipy.special import fdtri

    return 2 * float(fdtri(2, df, fraction))

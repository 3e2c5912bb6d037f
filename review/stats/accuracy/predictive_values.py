"""What a test result means where the disease is rarer or more common than in the studies.

Bayes' theorem on the logit scale: logit PPV = logit prevalence + log LR+, and
-logit NPV = logit prevalence + log LR-. The intervals are those of the likelihood ratios of the
summary point, for a prevalence that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.stats.accuracy.summary_point import expit, logit
from review.stats.ground.result_kit import Record
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.accuracy.summary_point import SummaryPoints
    from review.stats.ground.least_squares import FloatArray

PEOPLE = 1000


@dataclass(frozen=True, eq=False)
class PredictiveValues(Record):
    """Predictive values over prevalences, and what happens to 1,000 people tested.

    Attributes:
        prevalence: (m,).
        ppv, npv: estimates with confidence limits, (m, 3). The probability of disease after a
            positive result is ppv, after a negative one 1 - npv.
        found, missed, cleared, alarmed: of 1,000 people those with the disease and a positive
            result, with it and a negative one, without it and a negative one, without it and a
            positive one, with confidence limits, (m, 3).
        at: name of the summary point.
        level: of the intervals, per cent.
    """

    prevalence: FloatArray
    ppv: FloatArray
    npv: FloatArray
    found: FloatArray
    missed: FloatArray
    cleared: FloatArray
    alarmed: FloatArray
    at: str
    level: float

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {}
        for name in ("ppv", "npv"):
            v = getattr(self, name)
            out |= {name: v[:, 0], f"{name}_ci_lb": v[:, 1], f"{name}_ci_ub": v[:, 2]}
        names = {"found": "tp", "missed": "fn", "cleared": "tn", "alarmed": "fp"}
        for name, cell in names.items():
            v = getattr(self, name)
            out |= {
                f"{cell}_per_1000": v[:, 0],
                f"{cell}_per_1000_ci_lb": v[:, 1],
                f"{cell}_per_1000_ci_ub": v[:, 2],
            }
        return out

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "prevalence", tuple(f"{p:g}" for p in self.prevalence.tolist())

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Predictive values over prevalence, {level_name(self.level)} intervals"


def predictive_values_of(points: SummaryPoints, prevalence: Any, row: int = 0) -> PredictiveValues:
    """Return predictive values of one summary point.

    Args:
        points: from `result.predict()`.
        prevalence: between 0 and 1, (m,).
        row: of the summary points.

    Raises:
        InputError: a prevalence does not lie between 0 and 1.
    """
    p = np.atleast_1d(np.asarray(prevalence, dtype=np.float64))
    if p.ndim != 1 or not ((p > 0) & (p < 1)).all():
        raise InputError("a prevalence must lie between 0 and 1, such as 0.05")
    before = logit(p)[:, None]
    ppv = expit(before + np.log(points.lr_pos[row])[None, :])
    # a higher LR- means a lower NPV: the limits change places
    npv = 1 - expit(before + np.log(points.lr_neg[row][[0, 2, 1]])[None, :])
    sens, spec = points.sens[row], points.spec[row]
    ill, well = PEOPLE * p[:, None], PEOPLE * (1 - p[:, None])
    turned = [0, 2, 1]
    return PredictiveValues(
        p, ppv, npv, ill * sens, ill * (1 - sens[turned]), well * spec, well * (1 - spec[turned]),
        points.names[row], points.level,
    )  # fmt: skip

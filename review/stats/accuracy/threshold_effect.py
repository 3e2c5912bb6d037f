"""Do studies trade sensitivity for specificity, as a common test at different thresholds would?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.stats.association.rank_correlation import SpearmanResult, spearman
from review.stats.ground.result_kit import Record

if TYPE_CHECKING:
    from review.stats.accuracy.accuracy_data import AccuracyData
    from review.stats.ground.least_squares import FloatArray


@dataclass(frozen=True, eq=False)
class ThresholdEffect(Record):
    """Correlation of logit sensitivity with logit false-positive rate.

    Attributes:
        spearman: rank correlation over the studies (Devillé et al. 2002, BMC Med Res Methodol
            2:9); sampling errors make it smaller.
        rho: correlation between studies by the bivariate model, or None.
        rho_ci: its confidence limits, or None.
        level: of the intervals, per cent.
    """

    spearman: SpearmanResult
    rho: float | None
    rho_ci: tuple[float, float] | None
    level: float

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        s = self.spearman
        low, high = self.rho_ci or (None, None)
        return {
            "rho": [s.rho, self.rho], "ci_lb": [s.ci_low, low], "ci_ub": [s.ci_high, high],
            "pval": [s.p_value, None],
        }  # fmt: skip

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "correlation", ("Spearman", "model")

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Threshold effect: Spearman's {self.spearman}"


def threshold_effect(
    rows: AccuracyData, rho: float | None, rho_ci: tuple[float, float] | None, level: float
) -> ThresholdEffect:
    """Return the correlations of the studies that report both shares."""
    both = rows.on.all(0)
    y: FloatArray = rows.y[:, both]
    return ThresholdEffect(spearman(y[0], y[1], level=level), rho, rho_ci, level)

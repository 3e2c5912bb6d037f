"""The result of a beta-binomial model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from review.stats.rare_events.counts_result import CountsResult
from review.words import number, statistic_text

if TYPE_CHECKING:
    from review.stats.pooling.prediction import PredictResult

_NUMBERS: Final = (
    "rho", "se_rho", "alpha", "se_alpha", "LRT_rho", "LRTp_rho", "loglik_binomial",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class BetaBinomialResult(CountsResult):
    """Beta-binomial model; further attributes than `CountsResult`.

    Attributes:
        rho, se_rho: correlation of the events within a group of a study, (0 without variation
            between studies), and its standard error (None at 0).
        alpha, se_alpha: transformed average risk of group 2 and its standard error; None for one
            group.
        LRT_rho, LRTp_rho: likelihood-ratio test of rho = 0 against rho > 0; its distribution is an
            equal mixture of 0 and chi-squared with 1 df (Self & Liang 1987).
        loglik_binomial: log-likelihood with rho = 0.
    """

    front_door: ClassVar[str] = "beta_binomial"

    rho: float
    se_rho: float | None
    alpha: float | None
    se_alpha: float | None
    LRT_rho: float
    LRTp_rho: float
    loglik_binomial: float

    def __repr__(self) -> str:
        return (
            f"BetaBinomialResult({self.measure}, k={self.k}, p={self.p}, "
            f"beta={[round(float(b), 4) for b in self.beta]}, rho={self.rho:.4g})"
        )

    @property
    def equal_effects(self) -> bool:
        """True: risks differ between studies, and the effect is that of the average risks."""
        return True

    def predict(self, *args: Any, **options: Any) -> PredictResult:
        """Predicted averages with confidence intervals; see `MetaResult.predict`."""
        found = super().predict(*args, **options)
        return replace(found, missing="the model describes risks, not effects of studies")

    @property
    def conventions(self) -> None:
        """None: the reference implementation has no such model."""
        return

    def model_words(self) -> str:
        """The model and its estimator in words."""
        return "beta-binomial model, maximum likelihood"

    def references(self) -> list[str]:
        """The literature of the model."""
        return ["Kuss O (2015). Stat Med 34:1097-1116"]

    def heterogeneity(self) -> list[str]:
        """Return what differs between studies, in lines of words."""
        test = statistic_text("chi2(0:1)", self.LRT_rho, self.LRTp_rho)
        se = "" if self.se_rho is None else f" (SE {number(self.se_rho)})"
        return [
            f"correlation of events within a group of a study: rho = {number(self.rho)}{se}",
            f"likelihood-ratio test of rho = 0: {test}",
        ]

    def numbers(self) -> dict[str, Any]:
        """Return the numbers that only this model has."""
        from review.stats.pooling.result_tables import plain

        return {name: plain(getattr(self, name)) for name in _NUMBERS}

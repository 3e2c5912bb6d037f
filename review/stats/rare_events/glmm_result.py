"""The result of a generalised linear mixed model of counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from review.stats.pooling.tau2 import EQUAL_EFFECTS
from review.stats.rare_events.counts_result import CountsResult
from review.words import number, percent, statistic_text

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

MODEL_NAMES: Final = {
    "UM.FS": "unconditional model with fixed study effects",
    "UM.RS": "unconditional model with random study effects",
    "CM.EL": "conditional model with the exact likelihood",
    "CM.AL": "conditional model with an approximate likelihood",
    "PLO": "binomial-normal model",
    "IRLN": "Poisson-normal model",
}
REFERENCES: Final = {
    "conditional": "Stijnen T, Hamza TH, Ozdemir P (2010). Stat Med 29:3046-3067",
    "models": "Jackson D, Law M, Stijnen T, Viechtbauer W, White IR (2018). Stat Med 37:1059-1085",
    "UM.RS": "Turner RM, Omar RZ, Yang M, Goldstein H, Thompson SG (2000). Stat Med 19:3417-3432",
    "I2": "Higgins JPT, Thompson SG (2002). Stat Med 21:1539-1558",
    "quadrature": "Pinheiro JC, Bates DM (1995). J Comput Graph Stat 4:12-35",
}
_NUMBERS: Final = (
    "tau2", "se_tau2", "tau", "sigma2", "alpha", "I2", "H2", "vt", "QE_Wld", "QEp_Wld", "QE_LRT",
    "QEp_LRT", "QE_df", "loglik_saturated", "loglik_ee",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class GLMMResult(CountsResult):
    """Generalised linear mixed model of counts; further attributes than `CountsResult`.

    Attributes:
        se_tau2: standard error of tau2; None where it is 0 or not estimated.
        sigma2: variance of the studies' rates of events (UM.RS), or None. alpha: their mean on the
            scale of the predictor, in group 2, or None.
        I2, H2: share of variability due to heterogeneity (per cent) and its ratio, from tau2 and
            the typical sampling variance vt of the studies' own effects (Higgins & Thompson 2002,
            eq. 9); 0 and 1 for equal effects. vt is 0 when k = p.
        QE_LRT, QEp_LRT: likelihood-ratio test of (residual) heterogeneity on QE_df = k - p df.
        QE_Wld, QEp_Wld: the Wald-type test, in which studies with a cell of 0 have no weight; None
            when too few are left.
        loglik_saturated, loglik_ee: log-likelihoods of the models that they compare.
        modes: predicted deviation of each study's effect from its average, (k,).
        nAGQ: nodes of the adaptive Gauss-Hermite quadrature. coding: of the random effect.
    """

    front_door: ClassVar[str] = "glmm"

    se_tau2: float | None
    sigma2: float | None
    alpha: float | None
    I2: float
    H2: float
    vt: float
    QE_LRT: float
    QEp_LRT: float
    QE_Wld: float | None
    QEp_Wld: float | None
    QE_df: int
    loglik_saturated: float
    loglik_ee: float
    modes: FloatArray
    nAGQ: int  # noqa: N815  the name in the field's software
    coding: float

    def __repr__(self) -> str:
        return (
            f"GLMMResult({self.measure}, {self.model}, {self.method}, k={self.k}, p={self.p}, "
            f"beta={[round(float(b), 4) for b in self.beta]}, tau2={self.tau2:.4g})"
        )

    @property
    def equal_effects(self) -> bool:
        """Whether the model has no variance between the effects of studies."""
        return self.method in EQUAL_EFFECTS

    @property
    def model_name(self) -> str:
        """The model in words."""
        return MODEL_NAMES[self.model or self.measure]

    def model_words(self) -> str:
        """The model and its estimator in words."""
        code = f" ({self.model})" if self.model else ""
        if self.equal_effects:
            return f"{self.model_name}{code}, equal effects ({self.method})"
        nodes = "Laplace's approximation" if self.nAGQ == 1 else f"{self.nAGQ} quadrature nodes"
        return f"{self.model_name}{code}, maximum likelihood, {nodes}"

    def references(self) -> list[str]:
        """The literature of the model."""
        keys = ["conditional", "models"]
        if self.model == "UM.RS":
            keys.append("UM.RS")
        return [REFERENCES[key] for key in (*keys, "quadrature", "I2")]

    def heterogeneity(self) -> list[str]:
        """Return what differs between studies, in lines of words."""
        lines = []
        if not self.equal_effects:
            se = "" if self.se_tau2 is None else f" (SE {number(self.se_tau2)})"
            lines.append(f"tau2 = {number(self.tau2)}{se}; tau = {number(self.tau)}")
        if self.sigma2 is not None:
            lines.append(f"variance of the studies' rates: sigma2 = {number(self.sigma2)}")
        lines.append(f"I2 = {percent(self.I2)}; H2 = {number(self.H2)}")
        kind = "heterogeneity" if self.intercept_only else "residual heterogeneity"
        name = f"chi2({self.QE_df})"
        lines.append(
            f"likelihood-ratio test of {kind}: {statistic_text(name, self.QE_LRT, self.QEp_LRT)}"
        )
        if self.QE_Wld is None or self.QEp_Wld is None:
            lines.append(f"Wald-type test of {kind}: none (too few studies without a cell of 0)")
        else:
            lines.append(
                f"Wald-type test of {kind}: {statistic_text(name, self.QE_Wld, self.QEp_Wld)}"
            )
        return lines

    def numbers(self) -> dict[str, Any]:
        """Return the numbers that only this model has."""
        from review.stats.pooling.result_tables import plain

        return {name: plain(getattr(self, name)) for name in _NUMBERS}

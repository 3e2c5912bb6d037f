"""The result of a bivariate meta-analysis of diagnostic accuracy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.errors import InputError, StatsError
from review.stats.accuracy.accuracy_studies import AccuracyStudies, studies_of
from review.stats.accuracy.hsroc import HSROC, hsroc_of, numeric_jacobian
from review.stats.accuracy.predictive_values import PredictiveValues, predictive_values_of
from review.stats.accuracy.sroc_curves import (
    CURVES,
    RULES,
    SROC,
    AreaUnderCurve,
    area,
    check_line,
    curve_points,
    line,
)
from review.stats.accuracy.summary_point import (
    DISTRIBUTIONS,
    SummaryPoints,
    ellipse,
    expit,
    logit,
    summary_points,
)
from review.stats.accuracy.threshold_effect import ThresholdEffect, threshold_effect
from review.stats.ground.inference import FitCriteria, check_level, critical_value
from review.stats.ground.model_result import ModelResult
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.accuracy.accuracy_data import AccuracyData
    from review.stats.accuracy.bivariate_normal import CovarianceFit
    from review.stats.accuracy.deeks import DeeksTest
    from review.stats.accuracy.moses_littenberg import MosesLittenberg
    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.design_matrix import Design
    from review.stats.ground.inference import FitStats
    from review.stats.ground.least_squares import FloatArray

PREVALENCES = (0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)


@dataclass(frozen=True, eq=False)
class AccuracyResult(ModelResult, Record, FitCriteria):
    """Bivariate random-effects model of logit sensitivity and logit false-positive rate.

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: coefficients with z tests and confidence limits, (p,):
            those of logit sensitivity, then those of logit false-positive rate.
        vb: their covariance, (p, p). coef_names: their names.
        psi: between-study covariance of the two logits, (2, 2).
        tau2: its diagonal, (2,). rho: its correlation, None where a variance is 0. The correlation
            with specificity is -rho.
        tau2_ci: confidence limits of tau2 (delta method on the log scale), (2, 2), and rho_ci those
            of rho (Fisher's z), None at the edge of the range and for the method of moments.
        singular: whether psi is at the edge of its range (a variance of 0, rho of -1 or 1).
        fallback: with a singular psi the model with a correlation of 0 (two univariate models).
        I2: per cent of the variability of the estimates that is due to heterogeneity, jointly, and
            I2_sens, I2_fpr for each (Jackson, White & Riley 2012, Stat Med 31:3805).
        QE, QEp: test of heterogeneity of the logits on n_outcomes - p df.
        QM, QMp: Wald test of the moderators (of all coefficients without moderators), on m df.
        k: studies. n_rows: rows, more than k where a study has several. n_outcomes: shares. p:
            coefficients. m: see QM.
        fit_ml, fit_reml: log-likelihood and information criteria of the logits (normal model), or
            of the counts (exact, where fit_reml is None).
        loglik_shares: log-likelihood as a density of the observed shares instead of their logits,
            which compares transformations; REML without the term log|X'X| / 2 (as mada prints it).
        method: "REML", "ML", "MM" or "exact". structure: "UN" or "DIAG".
        nodes: of the quadrature (exact); 1 is Laplace's approximation.
        level: of all intervals, per cent.
        iterations, maxima: of the maximisation; different maxima seen, the highest is reported.
        rows: the studies. X: design, (2, k, p).
        designs: of the two outcomes. moderators: their columns, one value per study.
        left_out: rows not used. notes: choices and weaknesses.
        call: the arguments, for `update`.
    """

    front_door: ClassVar[str] = "diagnostic_meta"
    figures: ClassVar[str] = "review.plots.accuracy"

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray
    coef_names: tuple[str, ...]
    psi: FloatArray
    tau2: FloatArray
    rho: float | None
    tau2_ci: FloatArray | None
    rho_ci: tuple[float, float] | None
    singular: bool
    fallback: AccuracyResult | None
    I2: float
    I2_sens: float
    I2_fpr: float
    QE: float
    QEp: float
    QM: float
    QMp: float
    k: int
    n_rows: int
    n_outcomes: int
    p: int
    m: int
    fit_ml: FitStats
    fit_reml: FitStats | None
    loglik_shares: float
    method: str
    structure: str
    nodes: int
    level: float
    iterations: int
    maxima: int
    rows: AccuracyData
    X: FloatArray
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    designs: tuple[Design, Design] = field(repr=False, kw_only=True)
    estimate: CovarianceFit = field(repr=False, kw_only=True)
    moderators: dict[str, list[Any]] = field(default_factory=dict, repr=False, kw_only=True)
    call: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)

    def __repr__(self) -> str:
        return (
            f"AccuracyResult({self.method}, k={self.k}, p={self.p}, "
            f"beta={np.array2string(self.beta, precision=4)}, rho={self.rho})"
        )

    # --- numbers ------------------------------------------------------------------------------

    @property
    def slab(self) -> tuple[str, ...]:
        """Study names; row numbers (from 1) when none were given."""
        return self.rows.slab

    @property
    def intercept_only(self) -> bool:
        """Whether there are no moderators."""
        return all(d.intercept_only for d in self.designs)

    @property
    def fit(self) -> FitStats:
        """Log-likelihood and criteria of the method: REML for REML, else ML."""
        return self.fit_reml if self.method == "REML" and self.fit_reml else self.fit_ml

    @property
    def sens(self) -> tuple[float, float, float]:
        """Summary sensitivity with confidence limits; see `predict`."""
        return self._summary.value("sens")

    @property
    def spec(self) -> tuple[float, float, float]:
        """Summary specificity with confidence limits; see `predict`."""
        return self._summary.value("spec")

    @property
    def lr_pos(self) -> tuple[float, float, float]:
        """Positive likelihood ratio of the summary point with confidence limits."""
        return self._summary.value("lr_pos")

    @property
    def lr_neg(self) -> tuple[float, float, float]:
        """Negative likelihood ratio of the summary point with confidence limits."""
        return self._summary.value("lr_neg")

    @property
    def dor(self) -> tuple[float, float, float]:
        """Diagnostic odds ratio of the summary point with confidence limits."""
        return self._summary.value("dor")

    @property
    def _summary(self) -> SummaryPoints:
        self._without_moderators("the summary point")
        return self.predict()

    def _without_moderators(self, what: str) -> None:
        if not self.intercept_only:
            raise StatsError(
                f"with moderators {what} depends on them: name values, predict(newmods)"
            )

    def predict(self, newmods: Any = None, *, level: float | None = None) -> SummaryPoints:
        """Return summary points with confidence and prediction intervals.

        Args:
            newmods: values of the moderators: a mapping or data frame of columns, or numbers, one
                row per point; by default the different ones of the studies (one point without
                moderators).
            level: per cent; that of the model by default.
        """
        level = self.level if level is None else 100 * check_level(level)
        if self.intercept_only:
            rows: FloatArray = np.eye(2)[None]
            names: tuple[str, ...] = ("all studies",)
        elif newmods is None:
            rows, names = self._own_rows()
        else:
            rows, names = self._design_rows(newmods)
        vb = np.einsum("map,pq,mbq->mab", rows, self.vb, rows)
        return summary_points(rows @ self.beta, vb, self.psi, level, names)

    def _own_rows(self) -> tuple[FloatArray, tuple[str, ...]]:
        """The different rows of the design, in the order of studies, named by the moderators."""
        rows = self.X.transpose(1, 0, 2)
        first = sorted(
            np.unique(rows.reshape(self.n_rows, -1), axis=0, return_index=True)[1].tolist()
        )
        names = [
            ", ".join(f"{name} = {_said(values[i])}" for name, values in self.moderators.items())
            for i in first
        ]
        return rows[first], tuple(names)

    def _design_rows(self, newmods: Any) -> tuple[FloatArray, tuple[str, ...]]:
        blocks = [d.rows(newmods) if not d.intercept_only else None for d in self.designs]
        m = max(len(b) for b in blocks if b is not None)
        first, second = (np.ones((m, 1)) if b is None else b for b in blocks)
        rows = np.zeros((m, 2, self.p))
        rows[:, 0, : first.shape[1]] = first
        rows[:, 1, first.shape[1] :] = second
        return rows, tuple(str(i + 1) for i in range(m))

    @property
    def hsroc(self) -> HSROC | None:
        """Parameters of the HSROC model; None with moderators or a variance of 0."""
        if not self.intercept_only:
            return None
        return hsroc_of(self.beta, self.estimate.psi, self.estimate.cov, self.level)

    def revman(self) -> dict[str, float | None]:
        """Return the parameters that RevMan asks for to draw curve and regions."""
        self._without_moderators("the RevMan parameters")
        return {
            "E(logitSe)": float(self.beta[0]),
            "E(logitSp)": -float(self.beta[1]),
            "Var(logitSe)": float(self.tau2[0]),
            "Var(logitSp)": float(self.tau2[1]),
            "Corr(logits)": None if self.rho is None else -self.rho,
            "SE(E(logitSe))": float(self.se[0]),
            "SE(E(logitSp))": float(self.se[1]),
            "Cov(Es)": -float(self.vb[0, 1]),
            "Studies": self.k,
        }

    # --- curves and regions -------------------------------------------------------------------

    def sroc(self, curve: str = "rutter_gatsonis", fpr: Any = None) -> SROC:
        """Return points of a summary ROC curve.

        Args:
            curve: see `review.stats.accuracy.sroc_curves`.
            fpr: false-positive rates; by default 0.01, 0.02, ..., 0.99.
        """
        curve = choose("curve", curve, CURVES)
        self._without_moderators("the curve")
        intercept, slope = line(curve, self.beta, self.estimate.psi)
        grid = np.arange(1, 100) / 100 if fpr is None else fpr
        return curve_points(curve, float(intercept), float(slope), grid)

    def auc(
        self,
        curve: str = "rutter_gatsonis",
        *,
        partial: bool = False,
        lower: float | None = None,
        upper: float | None = None,
        rule: str = "exact",
    ) -> AreaUnderCurve:
        """Return the area under a summary ROC curve.

        Args:
            curve: see `review.stats.accuracy.sroc_curves`.
            partial: over the false-positive rates that the studies report, where the curve is no
                extrapolation, divided by their range.
            lower: start of another range of false-positive rates.
            upper: its end.
            rule: "exact", or "99 points" as mada prints it, see `sroc_curves.area`.
        """
        curve, rule = choose("curve", curve, CURVES), choose("rule", rule, RULES)
        self._without_moderators("the area")
        low, high = self.observed_fpr if partial else (0.0, 1.0)
        low, high = (x if given is None else float(given)
                     for x, given in ((low, lower), (high, upper)))  # fmt: skip
        if not 0 <= low < high <= 1:
            raise InputError(
                f"an area needs a range of false-positive rates, not {low:g} to {high:g}"
            )
        theta = np.concatenate([self.beta, self.estimate.psi])

        def value(at: FloatArray) -> FloatArray:
            intercept, slope = line(curve, at[..., :2], at[..., 2:])
            return area(intercept, slope, low, high, rule)

        check_line(curve, float(line(curve, self.beta, self.estimate.psi)[1]))
        found = float(value(theta))
        limits: tuple[float | None, float | None] = (None, None)
        cov = self.estimate.cov
        if cov is not None and 0 < found < 1:
            slope = numeric_jacobian(lambda t: logit(value(t))[:, None], theta)[0]
            half = float(critical_value(self.level, None)) * float(np.sqrt(slope @ cov @ slope))
            middle = float(logit(np.float64(found)))
            limits = (
                float(expit(np.float64(middle - half))),
                float(expit(np.float64(middle + half))),
            )
        return AreaUnderCurve(found, *limits, curve, low, high, rule, self.level)

    @property
    def observed_fpr(self) -> tuple[float, float]:
        """Lowest and highest false-positive rate of the studies, from counts as given."""
        with np.errstate(invalid="ignore"):
            shares = self.rows.fp / (self.rows.fp + self.rows.tn)
        shares = np.where(np.isnan(shares), expit(self.rows.y[1]), shares)
        return float(np.nanmin(shares)), float(np.nanmax(shares))

    def region(
        self,
        kind: str = "confidence",
        *,
        level: float | None = None,
        distribution: str = "chi2",
        points: int = 100,
    ) -> FloatArray:
        """Return the outline of a region around the summary point.

        Args:
            kind: "confidence" (of the average) or "prediction" (of the share pair of a new study).
            level: per cent; that of the model by default.
            distribution: "chi2", or "F" with k - 2 df as in Harbord et al. 2007.
            points: of the outline.

        Returns:
            (points, 2): false-positive rate and sensitivity.
        """
        kind = choose("region", kind, ("confidence", "prediction"))
        self._without_moderators("the region")
        df = None if choose("distribution", distribution, DISTRIBUTIONS) == "chi2" else self.k - 2
        covariance = self.vb if kind == "confidence" else self.vb + self.psi
        return ellipse(
            self.beta, covariance, self.level if level is None else level, df=df, points=points
        )

    # --- further analyses ---------------------------------------------------------------------

    def predictive_values(self, prevalence: Any = PREVALENCES) -> PredictiveValues:
        """Return predictive values at prevalences between 0 and 1."""
        return predictive_values_of(self._summary, prevalence)

    @property
    def studies(self) -> AccuracyStudies:
        """Each study by itself: shares of counts as given, corrected ratios."""
        return studies_of(self.rows, level=self.level)

    def threshold_effect(self) -> ThresholdEffect:
        """Return the correlations of sensitivity with the false-positive rate."""
        return threshold_effect(self.rows, self.rho, self.rho_ci, self.level)

    def deeks_test(self) -> DeeksTest:
        """Return Deeks' test of funnel-plot asymmetry."""
        from review.stats.accuracy.deeks import deeks_test

        return deeks_test(self.rows, level=self.level)

    def moses_littenberg(self, *, weights: str = "none") -> MosesLittenberg:
        """Return the Moses-Littenberg regression of the same studies."""
        from review.stats.accuracy.moses_littenberg import moses_littenberg

        return moses_littenberg(self.rows, weights=weights, level=self.level)

    # --- tables and text ----------------------------------------------------------------------

    def columns(self) -> dict[str, Any]:
        """Columns of the table of coefficients."""
        return {n: getattr(self, n) for n in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "coefficient", self.coef_names

    @property
    def title(self) -> str:
        """First line of the summary."""
        from review.stats.accuracy.accuracy_text import title

        return title(self)

    def to_frame(self, what: str = "coefficients") -> pd.DataFrame:
        """Return a table: "coefficients", "studies", "points", "hsroc" or "predictive values"."""
        tables = ("coefficients", "studies", "points", "hsroc", "predictive values")
        chosen = choose("table", what, tables)
        if chosen == "coefficients":
            return super().to_frame()
        if chosen == "hsroc":
            found = self.hsroc
            if found is None:
                raise StatsError("the HSROC parameters are not defined for this model")
            return found.to_frame()
        if chosen == "predictive values":
            return self.predictive_values().to_frame()
        return (self.studies if chosen == "studies" else self.predict()).to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        from review.stats.accuracy.accuracy_text import as_dict

        return as_dict(self)

    def summary(self) -> str:
        """Return the printable account of the result."""
        from review.stats.accuracy.accuracy_text import summary

        return summary(self)

    def report_text(self) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        from review.stats.accuracy.accuracy_text import report_text

        return report_text(self)


def _said(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

"""The result of a meta-analysis: every number, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.stats.ground.model_result import SingleTau2Result
from review.stats.pooling.tau2 import EQUAL_EFFECTS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pandas as pd

    from review.stats.effects.conversion import Conversion
    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.basis import BasisFit
    from review.stats.ground.design_matrix import Design
    from review.stats.ground.inference import FitStats
    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.heterogeneity_intervals import ConfidenceIntervals
    from review.stats.pooling.prediction import PredictResult


@dataclass(frozen=True)
class Convergence:
    """How the estimate of tau2 was found.

    Attributes:
        converged: always true: a fit that fails raises ConvergenceError.
        iterations: evaluations of the estimating equation; 0 for closed forms.
        maxima: local maxima of the likelihood that were seen; the highest is reported.
        how: "closed form", "bracketed Newton", "fixed" or "not estimable".
    """

    converged: bool
    iterations: int
    maxima: int
    how: str


@dataclass(frozen=True, eq=False)
class MetaResult(SingleTau2Result):
    """Meta-analysis or meta-regression of k studies with p coefficients.

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: estimates, standard errors, z or t statistics,
            p-values and confidence limits, arrays (p,).
        vb: covariance of the coefficients, (p, p).
        coef_names: their names.
        tau2, se_tau2: between-study variance and its standard error (None when it is not
            estimated).
        I2, H2: share of variability due to heterogeneity (per cent) and its ratio, from the
            typical sampling variance vt (Higgins & Thompson 2002, eq. 9); for equal-effects models
            from Q. R2: per cent of heterogeneity explained by the moderators (Raudenbush 2009), or
            None.
        vt: typical sampling variance.
        QE, QEp: test of (residual) heterogeneity on k - p df.
        QM, QMp: omnibus test of all coefficients but an intercept that is not alone; chi-squared
            for test "z", else F.
        k, p, m: numbers of studies, of coefficients, and of those in the omnibus test.
        ddf: degrees of freedom of the t tests, None for "z".
        s2w: factor on vb (Knapp & Hartung 2003), 1 for "z" and "t".
        fit_ml, fit_reml: log-likelihood and information criteria of either kind at the estimates.
        weights: per cent, (k,).
        yi, vi: effects and variances used, (k,). X: design matrix, (k, p).
        ids: position of the studies used in the input, counted from 0, (k,).
        labels: study labels, or None. ni: study sizes, or None.
        measure: code of the effect measure, or "". transf: name of its back-transformation.
        method, test, level: codes of the estimator and the test, and the level in per cent.
        intercept: whether the first coefficient is an intercept.
        case_weights: weights given by the user, (k,), or None.
        tau2_fixed: whether tau2 was given.
        convergence: how tau2 was found.
        left_out: rows not used and why. notes: remarks on the choices made. conversions: what was
            done to the numbers of the rows used before they became effects.
        design: names, formula and the way to make rows for new moderator values.
        inside: coefficients and covariance in the orthonormal basis of the design, from which
            everything that depends on them is computed.
        call: the arguments, for `update`.
    """

    front_door: ClassVar[str] = "meta_analysis"
    figures: ClassVar[str] = "review.plots.meta"

    GAPS: ClassVar = {"ni": "NaN: not stated"}

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray
    coef_names: tuple[str, ...]
    tau2: float
    se_tau2: float | None
    I2: float
    H2: float
    R2: float | None
    vt: float
    QE: float
    QEp: float
    QM: float
    QMp: float
    k: int
    p: int
    m: int
    ddf: int | None
    s2w: float
    fit_ml: FitStats
    fit_reml: FitStats
    weights: FloatArray
    yi: FloatArray
    vi: FloatArray
    X: FloatArray
    ids: npt.NDArray[np.intp]
    labels: tuple[str, ...] | None
    ni: FloatArray | None
    measure: str
    transf: str
    method: str
    test: str
    level: float
    intercept: bool
    case_weights: FloatArray | None
    tau2_fixed: bool
    convergence: Convergence
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    design: Design = field(repr=False, kw_only=True)
    inside: BasisFit = field(repr=False, kw_only=True)
    call: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)

    def __repr__(self) -> str:
        return (
            f"MetaResult({self.method}, test={self.test}, k={self.k}, p={self.p}, "
            f"beta={np.array2string(self.beta, precision=4)}, tau2={self.tau2:.4g})"
        )

    @property
    def equal_effects(self) -> bool:
        """Whether the model has no between-study variance (EE, FE)."""
        return self.method in EQUAL_EFFECTS

    def predict(
        self,
        newmods: Any = None,
        transf: str | Callable[[FloatArray], Any] | None = None,
        *,
        level: float | None = None,
        pi_type: str = "default",
        intercept: bool | None = None,
        addx: bool = False,
        ni: Any = None,
    ) -> PredictResult:
        """Predicted averages with confidence and prediction intervals; see `predict`."""
        from review.stats.pooling.prediction import predict

        return predict(
            self, newmods, transf, level=level, pi_type=pi_type, intercept=intercept,
            addx=addx, ni=ni,
        )  # fmt: skip

    def confint(
        self,
        type: str = "default",  # noqa: A002  name of the field
        *,
        level: float | None = None,
    ) -> ConfidenceIntervals:
        """Confidence intervals of tau2, tau, I2 and H2."""
        from review.stats.pooling.heterogeneity_intervals import confint

        return confint(self, type, level=level)

    def summary(self, transf: str | Callable[[FloatArray], Any] | None = None) -> str:
        """Return the printable account; see `review.stats.presentation.report_text`."""
        from review.stats.presentation.report_text import summary

        return summary(self, transf)

    def report_text(self, transf: str | Callable[[FloatArray], Any] | None = None) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        from review.stats.presentation.report_text import report_text

        return report_text(self, transf)

    def to_frame(self, what: str = "coefficients") -> pd.DataFrame:
        """Return a table: "coefficients" (one row each) or "studies" (one row each)."""
        from review.stats.pooling.result_tables import frame

        return frame(self, what)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        from review.stats.pooling.result_tables import as_dict

        return as_dict(self)

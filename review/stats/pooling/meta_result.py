"""The result of a meta-analysis: every number, and how it was made."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.errors import UnknownNameError
from review.stats.ground.conventions import LATEST, named
from review.stats.ground.inference import FitCriteria
from review.stats.ground.result_kit import refitted
from review.stats.pooling.tau2 import EQUAL_EFFECTS
from review.words import plural

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
class MetaResult(FitCriteria):
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
    def conventions(self) -> str:
        """The version of the reference implementation that the numbers agree with."""
        return named(LATEST)

    @property
    def df(self) -> int:
        """Residual degrees of freedom k - p."""
        return self.k - self.p

    @property
    def QM_df(self) -> tuple[int, int | None]:  # noqa: N802  name of the field
        """Degrees of freedom of the omnibus test; the second is None for chi-squared."""
        return self.m, self.ddf

    @property
    def tau(self) -> float:
        """Between-study standard deviation."""
        return math.sqrt(self.tau2)

    @property
    def sei(self) -> FloatArray:
        """Standard errors of the effects, (k,)."""
        return np.sqrt(self.vi)

    @property
    def slab(self) -> tuple[str, ...]:
        """Study labels; row numbers (from 1) when none were given."""
        return self.labels or tuple(str(i + 1) for i in self.ids.tolist())

    @property
    def sample(self) -> str:
        """What was pooled, in words: "13 studies"."""
        return plural(self.k, "study")

    @property
    def counted(self) -> str:
        """How many studies there are, as it stands beside a total."""
        return f"k = {self.k}"

    @property
    def intercept_only(self) -> bool:
        """Whether there are no moderators."""
        return self.intercept and self.p == 1

    @property
    def equal_effects(self) -> bool:
        """Whether the model has no between-study variance (EE, FE)."""
        return self.method in EQUAL_EFFECTS

    @property
    def fit(self) -> FitStats:
        """Log-likelihood and criteria of the method: REML for REML, else ML."""
        return self.fit_reml if self.method == "REML" else self.fit_ml

    @property
    def pi_lb(self) -> float | None:
        """Lower prediction limit; None without one (see `predict`) and with moderators."""
        return self._prediction_limit("pi_lb")

    @property
    def pi_ub(self) -> float | None:
        """Upper prediction limit; None without one (see `predict`) and with moderators."""
        return self._prediction_limit("pi_ub")

    def _prediction_limit(self, name: str) -> float | None:
        limit = getattr(self.predict(), name) if self.intercept_only else None
        return None if limit is None else float(limit[0])

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

    def update(self, **changes: Any) -> MetaResult:
        """Fit again with some arguments changed, and return the new result.

        Example:
            >>> from review import meta_analysis
            >>> meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]).update(method="DL").method
            'DL'
        """
        again: MetaResult = refitted("meta_analysis", self.call, changes)
        return again

    @property
    def plot(self) -> Plots:
        """Figures of this result, such as `result.plot.forest()`."""
        return Plots(self)

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

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(f.name for f in fields(self))})


@dataclass(frozen=True)
class Plots:
    """Lazy access to the figures of a result: `result.plot.forest(...)`."""

    result: Any
    module: str = "review.plots.meta"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        figures = self._figures()
        known = [n for n in getattr(figures, "__all__", dir(figures)) if not n.startswith("_")]
        if name not in known:
            raise UnknownNameError("figure", name, known)
        build = getattr(figures, name)
        return lambda *args, **options: build(self.result, *args, **options)

    def __dir__(self) -> list[str]:
        figures = self._figures()
        return list(getattr(figures, "__all__", ()))

    def _figures(self) -> Any:
        return importlib.import_module(self.module)

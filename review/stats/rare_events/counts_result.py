"""What the results of models of counts have in common: coefficients, tests, rows, tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from review.stats.ground.model_result import SingleTau2Result

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.basis import BasisFit
    from review.stats.ground.design_matrix import Design
    from review.stats.ground.inference import FitStats
    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.prediction import PredictResult

    Transf = str | Callable[[FloatArray], Any] | None


@dataclass(frozen=True, eq=False, kw_only=True)
class CountsResult(SingleTau2Result):
    """A model of the counts of k studies with p coefficients.

    Attributes:
        measure, label: code of the effect measure, and its name in words.
        model: code of the model. method: how its variance is estimated, or "EE" or "FE" without.
        test: "z" or "t". level: of the intervals, per cent.
        beta, se, stat, pval, ci_lb, ci_ub: estimates, standard errors, z or t statistics,
            p-values and confidence limits, arrays (p,).
        vb: covariance of the coefficients, (p, p). coef_names: their names.
        QM, QMp: omnibus test of all coefficients but an intercept that is not alone; chi-squared
            for "z", else F.
        k, p, m: numbers of studies, of coefficients, and of those in the omnibus test.
        ddf: degrees of freedom of the t tests, None for "z".
        fit_ml: log-likelihood of the counts, all constants included, and information criteria.
        weights: per cent of the information about the average that each study brings, (k,).
        yi, vi: each study's own effect and variance, with a continuity correction where a cell is
            0: for figures and the typical variance; the model uses the counts.
        counts: the counts, by name, (k,) each.
        X: design matrix, (k, p). ids: positions of the studies in the input, from 0, (k,).
        labels: of the studies, or None. ni: their sizes, (k,).
        transf: name of the measure's back-transformation.
        intercept: whether the first coefficient is an intercept.
        double_zero: number of rows without any event (or with nothing else) in the input.
        corrected: number of own effects that rest on the continuity correction.
        tau2: variance of the effects between studies; 0 for a model without one.
        left_out: rows not used and why. notes: remarks on the choices made.
        settings: further choices.
        iterations, maxima: of the search for the maximum.
        design, inside: how to make predictions. call: the arguments, for `update`.
    """

    figures: ClassVar[str] = "review.plots.meta.count_plots"

    measure: str
    label: str
    model: str
    method: str
    test: str
    level: float
    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray
    coef_names: tuple[str, ...]
    QM: float
    QMp: float
    k: int
    p: int
    m: int
    ddf: int | None
    fit_ml: FitStats
    weights: FloatArray
    yi: FloatArray
    vi: FloatArray
    counts: dict[str, FloatArray]
    X: FloatArray
    ids: npt.NDArray[np.intp]
    labels: tuple[str, ...] | None
    ni: FloatArray
    transf: str
    intercept: bool
    double_zero: int
    corrected: int
    iterations: int
    maxima: int
    tau2: float = 0.0
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    design: Design = field(repr=False)
    inside: BasisFit = field(repr=False)
    call: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def equal_effects(self) -> bool:
        """Whether the model has no variance between the effects of studies."""
        raise NotImplementedError

    @property
    def tau2_fixed(self) -> bool:
        """Whether tau2 was given: never."""
        return False

    @property
    def fit(self) -> FitStats:
        """Log-likelihood and criteria."""
        return self.fit_ml

    def predict(
        self,
        newmods: Any = None,
        transf: Transf = None,
        *,
        level: float | None = None,
        pi_type: str = "default",
        addx: bool = False,
    ) -> PredictResult:
        """Predicted averages with confidence and prediction intervals; see `MetaResult.predict`."""
        from review.stats.pooling.prediction import predict

        return predict(self, newmods, transf, level=level, pi_type=pi_type, addx=addx)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the call, the counts among them."""
        rest = {name: value for name, value in self.call.items() if name != "columns"}
        counts: dict[str, Any] = self.call.get("columns", {})
        return rest | counts

    def model_words(self) -> str:
        """The model and its estimator in words."""
        raise NotImplementedError

    def references(self) -> list[str]:
        """The literature of the model."""
        raise NotImplementedError

    def summary(self, transf: Transf = None) -> str:
        """Return the printable account of the result."""
        from review.stats.rare_events.counts_text import summary

        return summary(self, transf)

    def report_text(self, transf: Transf = None) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        from review.stats.rare_events.counts_text import report_text

        return report_text(self, transf)

    def heterogeneity(self) -> list[str]:
        """Return what differs between studies, in lines of words."""
        raise NotImplementedError

    def numbers(self) -> dict[str, Any]:
        """Return the numbers that only this kind of model has."""
        return {}

    def to_frame(self, what: str = "coefficients") -> pd.DataFrame:
        """Return a table: "coefficients" (one row each) or "studies" (one row each)."""
        import pandas as pd

        from review.stats.pooling.meta_rows import choose
        from review.stats.pooling.result_tables import COEFFICIENT_COLUMNS

        if choose("table", what, ("coefficients", "studies")) == "coefficients":
            columns = {name: getattr(self, name) for name in COEFFICIENT_COLUMNS}
            return pd.DataFrame(columns, index=pd.Index(self.coef_names, name="coefficient"))
        table = {**self.counts, "yi": self.yi, "vi": self.vi, "weight": self.weights}
        return pd.DataFrame(table, index=pd.Index(self.slab, name="study"))

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        from review.stats.rare_events.counts_text import as_dict

        return as_dict(self)

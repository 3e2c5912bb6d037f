"""The result of a selection model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.stats.bias.record import SmallStudyResult
from review.stats.ground.inference import FitCriteria
from review.words import confidence, number, p_value, statistic_text

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.bias.selection.sides import FloatArray
    from review.stats.ground.inference import FitStats


@dataclass(frozen=True, eq=False)
class SelectionResult(SmallStudyResult, FitCriteria):
    """A meta-analysis corrected for selection, and the selection that was found.

    Arrays of coefficients have shape (p,), those of selection parameters (q,); NaN marks what is
    not defined: the standard error of a fixed parameter or of one that sits on a bound.

    Attributes:
        type: kind of selection model; formula: its weight function.
        beta, se, stat, pval, ci_lb, ci_ub: coefficients corrected for selection.
        coef_names: their names. vb: their covariance, (p, p).
        tau2, se_tau2: heterogeneity before selection; se_tau2 None when tau2 is fixed or 0.
        delta, se_delta, zval_delta, pval_delta, ci_lb_delta, ci_ub_delta: selection parameters;
            the test is against no selection.
        delta_fixed: which of them were held, (q,). delta_null: their values without selection.
        steps: upper ends of the p-value intervals (step functions), or the threshold up to which
            w = 1 and from which it falls as w(p) / w(threshold); () for none.
        counts: studies in each interval.
        loglik, AIC, AICc, BIC, deviance: of the selection model.
        loglik_null: log-likelihood without selection.
        LRT, LRTdf, LRTp: likelihood-ratio test of the selection parameters against no selection;
            LRTp is None when none is estimated, or when no selection is not a special case of the
            model because of fixed parameters.
        LRT_tau2, LRTp_tau2: the same for tau2 = 0 on 1 df; LRTp_tau2_mixture: with the
            distribution of a parameter on its boundary, half of it (Self & Liang 1987).
        QM, QMp, QM_df: omnibus test of the coefficients.
        unadjusted: the coefficients without selection (ML), (p,); tau2_unadjusted.
        alternative, prec, pval_min, method, test, level, k, p: settings and sizes.
        converged: whether the maximum is inside the box; if not, `notes` name the bound.
        iterations, starts, agreeing: Newton steps, starting points, and those that reached the
            maximum.
        notes: remarks on the fit.
    """

    GAPS: ClassVar = dict.fromkeys(
        ("se_delta", "zval_delta", "pval_delta", "ci_lb_delta", "ci_ub_delta"),
        "NaN: fixed or on its bound",
    )

    type: str
    formula: str
    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    coef_names: tuple[str, ...]
    vb: FloatArray
    tau2: float
    se_tau2: float | None
    delta: FloatArray
    se_delta: FloatArray
    zval_delta: FloatArray
    pval_delta: FloatArray
    ci_lb_delta: FloatArray
    ci_ub_delta: FloatArray
    delta_fixed: tuple[bool, ...]
    delta_null: tuple[float, ...]
    steps: tuple[float, ...]
    counts: tuple[int, ...]
    fit: FitStats
    loglik_null: float
    LRT: float
    LRTdf: int
    LRTp: float | None
    LRT_tau2: float | None
    LRTp_tau2: float | None
    LRTp_tau2_mixture: float | None
    QM: float
    QMp: float
    QM_df: tuple[int, int | None]
    unadjusted: FloatArray
    tau2_unadjusted: float
    alternative: str
    prec: str
    pval_min: float
    method: str
    test: str
    level: float
    k: int
    p: int
    converged: bool
    iterations: int
    starts: int
    agreeing: int
    notes: tuple[str, ...]
    prec_max: float | None = None

    def weight(self, p: Any, scale: float = 1.0) -> FloatArray:
        """Return the estimated weight function at p-values `p`, for drawing.

        Args:
            p: p-values between 0 and 1, any shape.
            scale: imprecision relative to the least precise study, when `prec` is used.
        """
        from review.stats.bias.selection.weight_functions import FAMILIES

        values = np.asarray(p, dtype=np.float64)
        if self.type == "stepfun":
            return np.asarray(self.delta[np.searchsorted(self.steps, values, side="left")])

        def log_weight(at: FloatArray) -> FloatArray:
            kept = np.clip(at, self.pval_min, 1.0 - self.pval_min)
            with np.errstate(divide="ignore"):
                lp, lq = np.log(kept), np.log1p(-kept)
            return FAMILIES[self.type].log_weight(lp, lq, self.delta, np.asarray(scale)).value

        if not self.steps:
            return np.exp(log_weight(values))
        start = log_weight(np.array(self.steps[0]))
        return np.where(values <= self.steps[0], 1.0, np.exp(log_weight(values) - start))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per parameter: coefficients, tau2, delta."""
        import pandas as pd

        nan = float("nan")
        rows: list[tuple[Any, ...]] = [
            (name, self.beta[j], self.se[j], self.stat[j], self.pval[j], self.ci_lb[j],
             self.ci_ub[j])
            for j, name in enumerate(self.coef_names)
        ]  # fmt: skip
        rows.append(("tau2", self.tau2, nan if self.se_tau2 is None else self.se_tau2, *[nan] * 4))
        rows += [
            (f"delta{j + 1}", self.delta[j], self.se_delta[j], self.zval_delta[j],
             self.pval_delta[j], self.ci_lb_delta[j], self.ci_ub_delta[j])
            for j in range(len(self.delta))
        ]  # fmt: skip
        columns = ["parameter", "estimate", "se", "stat", "pval", "ci_lb", "ci_ub"]
        return pd.DataFrame(rows, columns=columns)

    def words(self) -> str:
        """Return the result in words, with the method and its source."""
        lines = [
            f"Selection model: {self.type}, {SOURCES[self.type]}; {self.formula}",
            (
                f"alternative {self.alternative}, prec {self.prec}, {self.method}, "
                f"test {self.test}, k = {self.k}"
            ),
        ]
        for j, name in enumerate(self.coef_names):
            limits = confidence(self.ci_lb[j], self.ci_ub[j], self.level)
            lines.append(
                f"{name}: {number(self.beta[j])}, {limits}, {p_value(self.pval[j])} "
                f"(without selection {number(self.unadjusted[j])})"
            )
        se = "" if self.se_tau2 is None else f" (SE {number(self.se_tau2)})"
        before = number(self.tau2_unadjusted)
        lines.append(f"tau2 = {number(self.tau2)}{se}, without selection {before}")
        lines += [self._delta_line(j) for j in range(len(self.delta))]
        if self.LRTp is not None:
            lines.append(f"Selection: {statistic_text(f'LRT({self.LRTdf})', self.LRT, self.LRTp)}")
        if self.LRT_tau2 is not None and self.LRTp_tau2 is not None:
            shown = statistic_text("LRT", self.LRT_tau2, self.LRTp_tau2)
            lines.append(f"Heterogeneity: {shown}")
        criteria = f"AIC {number(self.AIC)}, BIC {number(self.BIC)}"
        lines.append(f"log-likelihood {number(self.loglik)}, {criteria}")
        return self.with_notes(*lines)

    def _delta_line(self, j: int) -> str:
        where = ""
        if self.type == "stepfun":
            low = 0.0 if j == 0 else self.steps[j - 1]
            where = f" ({low:g} < p <= {self.steps[j]:g}, k = {self.counts[j]})"
        if self.delta_fixed[j]:
            return f"delta{j + 1} = {self.delta[j]:g}{where}, fixed"
        if np.isnan(self.se_delta[j]):
            return f"delta{j + 1} = {number(self.delta[j])}{where}, on its bound"
        limits = confidence(self.ci_lb_delta[j], self.ci_ub_delta[j], self.level)
        found = f"{number(self.delta[j])}{where}, {limits}, {p_value(self.pval_delta[j])}"
        return f"delta{j + 1} = {found}"


SOURCES = {
    "stepfun": "Vevea & Hedges (1995)",
    "beta": "Citkowicz & Vevea (2017)",
    "halfnorm": "Preston, Ashby & Smyth (2004)",
    "negexp": "Preston, Ashby & Smyth (2004)",
    "logistic": "Preston, Ashby & Smyth (2004)",
    "power": "after Preston, Ashby & Smyth (2004)",
    "negexppow": "Begg & Mazumdar (1994)",
}

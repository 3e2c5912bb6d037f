"""The result of a network meta-analysis: every number, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.model_result import ModelResult
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.inference import FitStats
    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.arm_space import ArmSpace
    from review.stats.networks.component_model import ComponentResult
    from review.stats.networks.contribution import Contribution
    from review.stats.networks.inconsistency import Decomposition, NetHeat
    from review.stats.networks.network_fit import NetworkTables
    from review.stats.networks.network_funnel import NetworkFunnel
    from review.stats.networks.node_splitting import DirectIndirect
    from review.stats.networks.ranking import Ranking

SQUARE: Final = ("te", "se", "stat", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub")


@dataclass(frozen=True, eq=False)
class NetworkResult(ModelResult):
    """Network meta-analysis of n treatments in k studies.

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: each other treatment against the reference, with
            standard errors, z tests and confidence limits, (n - 1,), by the random effects model
            (by the common effect model for method "EE").
        pi_lb, pi_ub: prediction limits (t distribution with df degrees of freedom), or None.
        vb: covariance of beta. coef_names: "A vs reference".
        treatments: names in alphabetical order. reference: the one in beta.
        common, random: all comparisons by either model, as square tables; random is None for "EE".
        tau2: between-study variance of every comparison. I2, H2: from Q, I2 in per cent.
        Q, Qp: test of heterogeneity and inconsistency together, on df degrees of freedom.
        QM, QMp: test that all treatments are alike, on n - 1 df.
        k, m, n, d: numbers of studies, comparisons, treatments and designs.
        fit_ml, fit_reml: log-likelihood and information criteria at tau2.
        method: of tau2. level: of all intervals, per cent.
        smaller_is_better: direction of rankings.
        measure: code of the effect measure, or "". transf: its back-transformation.
        persons: persons (or time) per treatment where arms were given.
        left_out: rows not used and why. notes: remarks on the choices made.
        iterations: of the search for tau2.
        space: the studies as independent rows.
        call: the arguments, for `update`.
    """

    front_door: ClassVar[str] = "network_meta"
    figures: ClassVar[str] = "review.plots.network_meta"

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray | None
    pi_ub: FloatArray | None
    vb: FloatArray
    coef_names: tuple[str, ...]
    treatments: tuple[str, ...]
    reference: str
    common: NetworkTables
    random: NetworkTables | None
    tau2: float
    I2: float
    H2: float
    Q: float
    df: int
    Qp: float
    QM: float
    QMp: float
    k: int
    m: int
    n: int
    d: int
    fit_ml: FitStats
    fit_reml: FitStats | None
    method: str
    level: float
    smaller_is_better: bool
    measure: str
    transf: str
    persons: dict[str, float]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    iterations: int
    space: ArmSpace = field(repr=False, kw_only=True)
    call: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)

    def __repr__(self) -> str:
        return (
            f"NetworkResult({self.method}, k={self.k}, n={self.n}, reference={self.reference!r}, "
            f"beta={np.array2string(self.beta, precision=4)}, tau2={self.tau2:.4g})"
        )

    @property
    def main(self) -> NetworkTables:
        """The random effects tables; for method "EE" those of the common effect model."""
        return self.common if self.random is None else self.random

    @property
    def tau(self) -> float:
        """Between-study standard deviation."""
        return float(np.sqrt(self.tau2))

    @property
    def ni(self) -> None:
        """None: back-transformations of a network do not use study sizes."""
        return

    @property
    def loglik(self) -> float:
        """Log-likelihood: REML for method "REML", else ML."""
        if self.method == "REML" and self.fit_reml is not None:
            return self.fit_reml.loglik
        return self.fit_ml.loglik

    @property
    def studies(self) -> tuple[str, ...]:
        """Names of the studies, in the order of the input."""
        return self.space.studies

    @cached_property
    def study_counts(self) -> Any:
        """Number of studies that compare two treatments directly, (n, n) whole numbers."""
        out = np.zeros((self.n, self.n), dtype=np.intp)
        p = self.space.pairs
        np.add.at(out, (p.a, p.b), 1)
        return out + out.T

    @cached_property
    def studies_per_treatment(self) -> tuple[int, ...]:
        """Number of studies with each treatment."""
        counts = np.bincount(
            np.concatenate([np.array(a) for a in self.space.arms]), minlength=self.n
        )
        return tuple(counts.tolist())

    def tables(self, model: str | None = None) -> NetworkTables:
        """Return the square tables of a model: "common" or "random" (the main one by default).

        Raises:
            StatsError: there is no random effects model (method "EE").
        """
        if model is None:
            return self.main
        if choose("model", model, ("common", "random")) == "common":
            return self.common
        if self.random is None:
            raise StatsError("method 'EE' has no random effects model; choose another method")
        return self.random

    def table(self, what: str = "te", model: str | None = None) -> pd.DataFrame:
        """Return a square table by treatment: row against column.

        Args:
            what: "te", "se", "stat", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub", or "k" for the
                numbers of studies.
            model: "common" or "random"; the main one by default.

        Raises:
            StatsError: there are no prediction limits.
        """
        import pandas as pd

        what = choose("table", what, (*SQUARE, "k"))
        values = self.study_counts if what == "k" else getattr(self.tables(model), what)
        if values is None:
            raise StatsError("there are no prediction intervals: they need degrees of freedom of a "
                             "random effects model")  # fmt: skip
        names = pd.Index(self.treatments, name="treatment")
        return pd.DataFrame(values, index=names, columns=list(self.treatments))

    def league(self, order: Any = None, *, transf: Any = None, digits: int = 2) -> pd.DataFrame:
        """Return the league table as text: network estimates below, direct ones above the diagonal.

        Below the diagonal the treatment of the column is compared with that of the row; above it
        the row with the column. Read along a row or a column, the better-ranked comes first.

        Args:
            order: treatments; from best to worst by default.
            transf: scale; that of the measure by default, "identity" for that of the analysis.
            digits: decimals.
        """
        from review.stats.networks.network_text import league

        return league(self, order, transf=transf, digits=digits)

    @cached_property
    def p_scores(self) -> dict[str, float]:
        """P-score (SUCRA) of each treatment by the main model: 1 is best."""
        from review.stats.networks.ranking import p_scores

        scores = p_scores(self.main, smaller_is_better=self.smaller_is_better)
        return dict(zip(self.treatments, scores.tolist(), strict=True))

    @property
    def ranked(self) -> tuple[str, ...]:
        """Treatments from best to worst; equal scores in alphabetical order."""
        return tuple(sorted(self.treatments, key=lambda t: -round(self.p_scores[t], 12)))

    def ranking(
        self, *, model: str | None = None, draws: int = 100_000, seed: int | None = 1
    ) -> Ranking:
        """P-scores, SUCRA and the probability of each rank; see `review.stats.networks.ranking`."""
        from review.stats.networks.ranking import ranking

        return ranking(
            self.treatments, self.tables(model), smaller_is_better=self.smaller_is_better,
            draws=draws, seed=seed,
        )  # fmt: skip

    @cached_property
    def decomposition(self) -> Decomposition:
        """Q within and between designs, with the design-by-treatment interaction test."""
        from review.stats.networks.inconsistency import decompose

        return decompose(self.space)

    def node_split(self, method: str = "back-calculation") -> DirectIndirect:
        """Direct and indirect evidence of every comparison.

        Args:
            method: "back-calculation" (all comparisons, tau2 of the network), or "node-splitting"
                (one model per comparison that has both, tau2 estimated anew).
        """
        from review.stats.networks.node_splitting import back_calculation, node_splitting

        if choose("method", method, ("back-calculation", "node-splitting")) == "node-splitting":
            return node_splitting(self.space, self.main, self.level, self.method)
        return back_calculation(self.space, self.main, self.level)

    def net_heat(self, model: str | None = None) -> NetHeat:
        """Which designs disagree; see `review.stats.networks.inconsistency.net_heat`."""
        from review.stats.networks.inconsistency import net_heat

        fit = self.tables(model)
        return net_heat(self.space, fit.tau2, fit.model)

    def contribution(self, method: str = "shortest path", model: str | None = None) -> Contribution:
        """How much each direct comparison contributes to each estimate.

        Args:
            method: "shortest path" or "random walk", see `review.stats.networks.contribution`.
            model: "common" or "random"; the main one by default.
        """
        from review.stats.networks.contribution import contribution

        return contribution(self.space, self.tables(model), method)

    def funnel(self, order: Any = None) -> NetworkFunnel:
        """Points of the comparison-adjusted funnel plot, with Egger's test."""
        from review.stats.networks.network_funnel import network_funnel

        return network_funnel(self.space, self.tau2, order)

    def component_model(self, sep: str = "+", inactive: str | None = None) -> ComponentResult:
        """Additive model of components: treatments such as "A+B" (see `component_network`)."""
        from review.stats.networks.component_model import fit_components

        return fit_components(self.space, sep, inactive, self.method, self.level, self.left_out)

    def tau2_confint(self, *, level: float | None = None) -> tuple[float, float]:
        """Q-profile limits of tau2 (Viechtbauer 2007, Stat Med 26:37).

        Raises:
            StatsError: no degrees of freedom.
        """
        from review.stats.ground.inference import check_level, chi2_quantile
        from review.stats.networks.network_fit import network_sample
        from review.stats.pooling.tau2 import q_root

        if self.df < 1:
            raise StatsError("no degrees of freedom are left for an interval of tau2")
        alpha = 1 - check_level(self.level if level is None else level)
        s = network_sample(self.space)
        low, high = (
            float(q_root(s, chi2_quantile(p, s.df))[0]) for p in (1 - alpha / 2, alpha / 2)
        )
        return low, high

    def summary(self, transf: Any = None) -> str:
        """Return the printable account of the result."""
        from review.stats.networks.network_text import summary

        return summary(self, transf)

    def report_text(self, transf: Any = None) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        from review.stats.networks.network_text import report_text

        return report_text(self, transf)

    def to_frame(self, what: str = "coefficients") -> pd.DataFrame:
        """Return a table: "coefficients", "comparisons" (all pairs) or "studies" (the rows)."""
        from review.stats.networks.network_text import frame

        return frame(self, what)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        from review.stats.networks.network_text import as_dict

        return as_dict(self)

    def in_order(self, order: Any) -> tuple[int, ...]:
        """Return the numbers of all treatments in an order; from best to worst by default.

        Raises:
            InputError: the order does not hold every treatment once.
        """
        names = self.ranked if order is None else tuple(str(t) for t in order)
        if sorted(names) != sorted(self.treatments):
            raise InputError(f"order must hold every treatment once: {', '.join(self.treatments)}")
        return tuple(self.treatments.index(t) for t in names)

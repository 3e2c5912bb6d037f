"""The result of a multilevel or multivariate meta-analysis: every number, and how it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.stats.ground.model_result import CoefficientsResult

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pandas as pd

    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.basis import BasisFit
    from review.stats.ground.block_diagonal import BlockDiagonal
    from review.stats.ground.design_matrix import Design
    from review.stats.ground.inference import FitStats
    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.cluster_influence import ClusterInfluence
    from review.stats.multilevel.components import Component
    from review.stats.multilevel.mv_likelihood import Point, Problem
    from review.stats.multilevel.mv_predict import MVPrediction
    from review.stats.multilevel.mv_search import Optimum
    from review.stats.multilevel.profile_intervals import ComponentIntervals, ComponentProfile
    from review.stats.multilevel.random_effects import RandomEffects
    from review.stats.multilevel.variance_shares import VarianceShares


@dataclass(frozen=True, eq=False)
class MVResult(CoefficientsResult):
    """Multilevel or multivariate model of k effects with p coefficients.

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: estimates, standard errors, z or t statistics,
            p-values and confidence limits, arrays (p,).
        vb: covariance of the coefficients, (p, p).
        coef_names: their names.
        components: every variance and correlation with its name, value and what it rests on.
        QE, QEp: test of (residual) heterogeneity on k - p df, with V alone.
        QM, QMp: omnibus test of all coefficients but an intercept that is not alone; chi-squared
            for test "z", else F. QM_df: its degrees of freedom, the second None for chi-squared.
        k, p, m: numbers of effects, of coefficients, and of those in the omnibus test.
        ddf: degrees of freedom of the t tests, (p,); None for "z".
        fit_ml, fit_reml: log-likelihood and information criteria of either kind at the estimates.
        weights: per cent that each effect has in the average (without moderators), (k,).
        yi: effects, (k,). V: their sampling covariance. X: design matrix, (k, p).
        ids: position of the rows used in the input, counted from 0, (k,).
        labels: labels of the effects, or None. ni: sizes, or None.
        measure: code of the effect measure, or "". transf: name of its back-transformation.
        method, test, dfs: "REML", "ML" or "MM"; "z" or "t"; "residual" or "contain".
        level: of the intervals, per cent.
        intercept: whether the first coefficient is an intercept.
        optimum: how the maximum was found.
        left_out: rows not used and why. notes: remarks on the choices made.
        design: names, formula and the way to make rows for new moderator values.
        inside: coefficients and covariance in an orthonormal basis of the design.
        problem, point: the likelihood and its maximum.
        call: the arguments, for `update`.
    """

    front_door: ClassVar[str] = "meta_analysis_mv"
    figures: ClassVar[str] = "review.plots.meta.mv_plots"

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray
    coef_names: tuple[str, ...]
    components: tuple[Component, ...]
    QE: float
    QEp: float
    QM: float
    QMp: float
    QM_df: tuple[int, float | None]
    k: int
    p: int
    m: int
    ddf: FloatArray | None
    fit_ml: FitStats
    fit_reml: FitStats
    weights: FloatArray
    yi: FloatArray
    V: BlockDiagonal
    X: FloatArray
    ids: npt.NDArray[np.intp]
    labels: tuple[str, ...] | None
    ni: FloatArray | None
    measure: str
    transf: str
    method: str
    test: str
    dfs: str
    level: float
    intercept: bool
    optimum: Optimum
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    design: Design = field(repr=False, kw_only=True)
    inside: BasisFit = field(repr=False, kw_only=True)
    problem: Problem = field(repr=False, kw_only=True)
    point: Point = field(repr=False, kw_only=True)
    call: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)

    def __repr__(self) -> str:
        named = ", ".join(f"{c.name}={c.value:.4g}" for c in self.components)
        return (
            f"MVResult({self.method}, test={self.test}, k={self.k}, p={self.p}, "
            f"beta={np.array2string(self.beta, precision=4)}{', ' if named else ''}{named})"
        )

    def _values(self, family: str) -> FloatArray:
        return np.array([c.value for c in self.components if c.family == family])

    @property
    def sigma2(self) -> FloatArray:
        """Variances of the random intercepts, in the order of `random`."""
        return self._values("sigma2")

    @property
    def tau2(self) -> FloatArray:
        """Variances of the first "inner | outer" term."""
        return self._values("tau2")

    @property
    def rho(self) -> FloatArray:
        """Correlations of the first "inner | outer" term."""
        return self._values("rho")

    @property
    def gamma2(self) -> FloatArray:
        """Variances of the second "inner | outer" term."""
        return self._values("gamma2")

    @property
    def phi(self) -> FloatArray:
        """Correlations of the second "inner | outer" term."""
        return self._values("phi")

    @property
    def levels(self) -> dict[str, int]:
        """Number of groups of each random term."""
        return {t.name: t.link.groups for t in self.problem.terms}

    @property
    def vi(self) -> FloatArray:
        """Sampling variances, (k,)."""
        return self.V.diagonal()

    @property
    def counted(self) -> str:
        """How many effects there are, and of how many of the largest groups."""
        fewest = min(self.levels.items(), key=lambda item: item[1], default=None)
        return f"{self.k} effects" + (f", {fewest[0]}: {fewest[1]}" if fewest else "")

    @property
    def hat(self) -> FloatArray:
        """Leverages: diagonal of X vb X'M^-1, which adds up to p, (k,)."""
        inverse = np.linalg.inv(self.point.A)
        return np.asarray(np.einsum("ip,pq,iq->i", self.problem.U, inverse, self.point.WU))

    @property
    def equal_effects(self) -> bool:
        """Whether there are no random effects."""
        return not self.components

    def predict(
        self,
        newmods: Any = None,
        transf: str | Callable[[FloatArray], Any] | None = None,
        *,
        level: float | None = None,
        levels: Any = None,
        addx: bool = False,
    ) -> MVPrediction:
        """Predicted averages with confidence and prediction intervals; see `predict_mv`."""
        from review.stats.multilevel.mv_predict import predict_mv

        return predict_mv(self, newmods, transf, level=level, levels=levels, addx=addx)

    def confint(
        self, component: str | int | None = None, *, level: float | None = None
    ) -> ComponentIntervals:
        """Profile-likelihood intervals of the variances and correlations."""
        from review.stats.multilevel.profile_intervals import component_intervals

        return component_intervals(self, component, level=level)

    def profile(
        self, component: str | int = 0, *, values: Any = None, steps: int = 20
    ) -> ComponentProfile:
        """Profile likelihood of one variance or correlation."""
        from review.stats.multilevel.profile_intervals import component_profile

        return component_profile(self, component, values=values, steps=steps)

    def ranef(self, *, level: float | None = None) -> RandomEffects:
        """Predicted random effects (BLUPs) of all groups."""
        from review.stats.multilevel.random_effects import random_effects

        return random_effects(self, level=level)

    def influence(self, cluster: Any = None, *, reestimate: bool = True) -> ClusterInfluence:
        """What each cluster does to the result."""
        from review.stats.multilevel.cluster_influence import cluster_influence

        return cluster_influence(self, cluster, reestimate=reestimate)

    @property
    def I2(self) -> VarianceShares:  # noqa: N802  name of the field
        """Share of the variability due to each source; see `variance_shares`."""
        from review.stats.multilevel.variance_shares import variance_shares

        return variance_shares(self)

    def summary(self, transf: str | Callable[[FloatArray], Any] | None = None) -> str:
        """Return the printable account of the result."""
        from review.stats.multilevel.mv_text import summary

        return summary(self, transf)

    def report_text(self, transf: str | Callable[[FloatArray], Any] | None = None) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        from review.stats.multilevel.mv_text import report_text

        return report_text(self, transf)

    def to_frame(self, what: str = "coefficients") -> pd.DataFrame:
        """Return a table: "coefficients", "components" or "effects" (one row each)."""
        from review.stats.multilevel.mv_tables import frame

        return frame(self, what)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        from review.stats.multilevel.mv_tables import as_dict

        return as_dict(self)

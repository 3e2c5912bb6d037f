"""The result of a Bayesian meta-analysis."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from review.errors import InputError
from review.stats.bayes.normal_mixture import NormalMixture, mixture_modes, mixture_quantiles
from review.stats.bayes.tau_posterior import study_effects
from review.stats.ground.model_result import ModelResult, PooledStudies
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.result_tables import plain
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import pandas as pd

    from review.stats.bayes.bayes_factors import BayesFactors
    from review.stats.bayes.given_tau import MuPrior
    from review.stats.bayes.posterior_summary import Distribution
    from review.stats.bayes.prior_sensitivity import PriorSensitivity
    from review.stats.bayes.tau_posterior import TauPosterior
    from review.stats.bayes.tau_priors import TauPrior
    from review.stats.effects.conversion import Conversion
    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.prediction import PredictResult

    Transf = str | Callable[[FloatArray], Any] | None

SUMMARY = ("mode", "median", "mean", "sd", "ci_lb", "ci_ub")
ROWS = ("tau", "mu", "prediction")


@dataclass(frozen=True)
class PosteriorSummary:
    """A posterior distribution in six numbers.

    Attributes:
        mode, median, mean, sd: mean and sd are None where the tails are too heavy for them.
        ci_lb, ci_ub: credible limits.
    """

    mode: float
    median: float
    mean: float | None
    sd: float | None
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True, eq=False)
class StudyEffects(Record):
    """Posterior distributions of the effects of the studies, arrays (k,).

    Attributes:
        yi, sei: effects as they were reported, and their standard errors.
        mode, median, mean, sd, ci_lb, ci_ub: of the posterior distributions.
        shrinkage: per cent of the weight that the average has in a study's effect, against the
            study itself; 0 leaves it as it is, 100 puts the average in its place.
        slab: names of the studies. level: of the intervals, per cent.
    """

    yi: FloatArray
    sei: FloatArray
    mode: FloatArray
    median: FloatArray
    mean: FloatArray
    sd: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    shrinkage: FloatArray
    slab: tuple[str, ...]
    level: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Posterior effects of {plural(len(self.slab), 'study')}"

    @property
    def conventions(self) -> None:
        """No version of a reference is followed."""

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "study", self.slab

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {n: getattr(self, n) for n in ("yi", "sei", *SUMMARY, "shrinkage")}


@dataclass(frozen=True, eq=False)
class BayesResult(PooledStudies, ModelResult, Record):
    """Random-effects meta-analysis with prior distributions of mu and tau.

    It has the names of any meta-analysis too: beta is the posterior median of the average effect
    mu, se its posterior standard deviation, ci_lb and ci_ub are credible limits, pi_lb and pi_ub
    limits of the effect of a new study, tau2 is the square of the posterior median of tau.

    Attributes:
        mu, tau, prediction: average effect, standard deviation between studies, and effect of a
            new study: mode, median, mean, sd and credible limits.
        I2: posterior median of the share of variability that is heterogeneity, per cent, and I2_ci
            its limits (from those of tau; vt is the typical sampling variance).
        joint_mode: tau and mu of the highest joint posterior density. ml: of the highest
            likelihood.
        log_marginal: logarithm of the density of the effects under the priors; None where one of
            them is improper.
        bayes_factors: of mu = 0 and tau = 0.
        weights: posterior mean of the studies' weights in the average, per cent, (k,).
        tau_prior, mu_prior: the priors.
        tau_posterior, mu_posterior, prediction_posterior: the distributions, with `pdf`, `cdf`,
            `quantile` and `interval`.
        level: of all intervals, per cent. interval: "central" or "shortest".
        precision: relative error of the quadrature, by halving its panels.
        yi, vi: effects and variances used, (k,). ids: their rows in the input, from 0.
        labels: study labels, or None. measure, transf: the measure and its back-transformation.
        left_out, conversions, notes: as in every result.
    """

    front_door: ClassVar[str] = "bayes_meta"
    figures: ClassVar[str] = "review.plots.bayes"

    GAPS: ClassVar = {"ni": "NaN: not stated"}

    mu: PosteriorSummary
    tau: PosteriorSummary
    prediction: PosteriorSummary
    I2: float
    I2_ci: tuple[float, float]
    vt: float
    joint_mode: tuple[float, float]
    ml: tuple[float, float]
    log_marginal: float | None
    bayes_factors: BayesFactors
    weights: FloatArray
    tau_prior: TauPrior
    mu_prior: MuPrior
    level: float
    interval: str
    precision: float
    yi: FloatArray
    vi: FloatArray
    ids: npt.NDArray[np.intp]
    labels: tuple[str, ...] | None
    ni: FloatArray | None
    measure: str
    transf: str
    left_out: tuple[LeftOut, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    notes: tuple[str, ...] = ()
    tau_posterior: TauPosterior = field(repr=False, kw_only=True)
    mu_posterior: NormalMixture = field(repr=False, kw_only=True)
    prediction_posterior: NormalMixture = field(repr=False, kw_only=True)
    call: dict[str, Any] = field(default_factory=dict, repr=False, kw_only=True)

    method = "Bayes"
    intercept_only = True
    equal_effects = False

    def __repr__(self) -> str:
        return (
            f"BayesResult({self.tau_prior.label}, k={self.k}, mu={self.mu.median:.4g}, "
            f"tau={self.tau.median:.4g})"
        )

    @property
    def conventions(self) -> None:
        """No version of a reference is followed."""

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.yi)

    @property
    def beta(self) -> FloatArray:
        """Posterior median of the average effect, (1,)."""
        return np.array([self.mu.median])

    @property
    def se(self) -> FloatArray:
        """Posterior standard deviation of the average effect, (1,); NaN where there is none."""
        return np.array([np.nan if self.mu.sd is None else self.mu.sd])

    @property
    def ci_lb(self) -> FloatArray:
        """Lower credible limit of the average effect, (1,)."""
        return np.array([self.mu.ci_lb])

    @property
    def ci_ub(self) -> FloatArray:
        """Upper credible limit of the average effect, (1,)."""
        return np.array([self.mu.ci_ub])

    @property
    def pi_lb(self) -> float:
        """Lower limit of the effect of a new study."""
        return self.prediction.ci_lb

    @property
    def pi_ub(self) -> float:
        """Upper limit of the effect of a new study."""
        return self.prediction.ci_ub

    @property
    def tau2(self) -> float:
        """Square of the posterior median of tau, the posterior median of tau2."""
        return self.tau.median**2

    @cached_property
    def effects(self) -> StudyEffects:
        """Posterior distributions of the effects of the studies (shrinkage)."""
        return _effects(self)

    def probability(self, above: float = 0.0, *, of: str = "mu") -> float:
        """Return the posterior probability that an effect is above a value.

        Args:
            above: the value, on the scale of the analysis.
            of: "mu" (the average), "prediction" (the effect of a new study) or "tau".

        Example:
            >>> from review import bayes_meta
            >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
            >>> round(fit.probability(), 3), round(fit.probability(of="prediction"), 3)
            (0.95, 0.862)
        """
        chosen: Any = self.distribution(of)
        return float(1 - chosen.cdf(above))

    def distribution(self, of: str) -> Distribution:
        """Return the posterior distribution of "mu", "tau" or "prediction"."""
        name = choose("distribution", of, ROWS)
        chosen: Distribution = getattr(self, f"{name}_posterior")
        return chosen

    def predict(
        self, newmods: Any = None, transf: Transf = None, *, level: float | None = None
    ) -> PredictResult:
        """Median of the average with credible and prediction limits, as other results have it.

        Args:
            newmods: None; the model has no moderators.
            transf: brings them to another scale: a name, a function or "back".
            level: per cent; that of the fit by default.

        Raises:
            InputError: newmods were given.
        """
        from review.stats.ground.inference import level_percent
        from review.stats.pooling.prediction import PredictResult, transformed

        if newmods is not None:
            raise InputError("a Bayesian meta-analysis has no moderators to predict from")
        shown = self.level if level is None else level_percent(level)
        ci = self.mu_posterior.interval(shown, self.interval)
        pi = self.prediction_posterior.interval(shown, self.interval)
        limits: dict[str, Any] = {
            "pred": self.beta, "ci_lb": np.array([ci[0]]), "ci_ub": np.array([ci[1]]),
            "pi_lb": np.array([pi[0]]), "pi_ub": np.array([pi[1]]),
        }  # fmt: skip
        name, values = transformed(self, transf, limits, None)
        se = self.se if name == "" and self.mu.sd is not None else None
        limits |= values
        return PredictResult(
            **limits, se=se, level=shown, pi_type="posterior", transf=name, coef_names=("mu",)
        )

    def sensitivity(self, priors: Any = None) -> PriorSensitivity:
        """Fit again with other priors of tau; see `prior_sensitivity`."""
        from review.stats.bayes.prior_sensitivity import prior_sensitivity

        return prior_sensitivity(self, priors)

    # --- tables and text ----------------------------------------------------------------------

    @property
    def title(self) -> str:
        """First line of the summary."""
        from review.stats.bayes.bayes_text import title

        return title(self)

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "parameter", ROWS

    def columns(self) -> dict[str, Any]:
        """Columns of the table of parameters."""
        rows = [getattr(self, name) for name in ROWS]
        return {
            n: np.array([getattr(r, n) for r in rows], dtype=np.float64) for n in SUMMARY
        }  # fmt: skip

    def to_frame(self, what: str = "parameters") -> pd.DataFrame:
        """Return a table: "parameters" or "studies"."""
        if choose("table", what, ("parameters", "studies")) == "studies":
            return self.effects.to_frame()
        return super().to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as plain values for JSON; missing and infinite ones are None."""
        numbers = ("I2", "I2_ci", "vt", "joint_mode", "ml", "log_marginal", "tau2", "k")
        table = self.effects.to_frame()
        table.insert(0, "weight", self.weights)
        return {
            **{name: vars(getattr(self, name)).copy() for name in ROWS},
            **{name: plain(getattr(self, name)) for name in numbers},
            "probability_above_0": {of: self.probability(of=of) for of in ("mu", "prediction")},
            "bayes_factors": vars(self.bayes_factors).copy(),
            "tau_prior": self.tau_prior.label, "tau_prior_about": self.tau_prior.about,
            "mu_prior": self.mu_prior.label, "level": self.level, "interval": self.interval,
            "measure": self.measure, "transf": self.transf, "precision": self.precision,
            "studies": [
                {"study": name, **{c: plain(x) for c, x in row.items()}}
                for name, row in zip(self.slab, table.to_dict("records"), strict=True)
            ],
            "left_out": [
                {"row": r.row, "study": r.slab, "reason": r.reason} for r in self.left_out
            ],
            "notes": list(self.notes),
        }  # fmt: skip

    def summary(self, transf: Transf = None) -> str:
        """Return the printable account of the result."""
        from review.stats.bayes.bayes_text import summary

        return summary(self, transf)

    def report_text(self, transf: Transf = None) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        from review.stats.bayes.bayes_text import report_text

        return report_text(self, transf)


def _effects(result: BayesResult) -> StudyEffects:
    post = result.tau_posterior
    means, sds = (x[1:] for x in study_effects(post.y, post.v, post.tau, post.given))
    tail = (1 - result.level / 100) / 2
    q = mixture_quantiles(post.weights, means, sds, np.array([0.5, tail, 1 - tail]))
    low, high = q[:, 1], q[:, 2]
    if result.interval == "shortest":
        one = [NormalMixture(post.weights, m, s) for m, s in zip(means, sds, strict=True)]
        low, high = np.array([x.interval(result.level, "shortest") for x in one]).T
    mean = means @ post.weights  # finite under any prior: a large tau leaves a study its own effect
    spread = np.square(sds) + np.square(means - mean[:, None])
    share = post.v[:, None] / (post.v[:, None] + np.square(post.tau))
    return StudyEffects(
        yi=result.yi, sei=result.sei, mode=mixture_modes(post.weights, means, sds),
        median=q[:, 0], mean=mean, sd=np.sqrt(spread @ post.weights), ci_lb=low, ci_ub=high,
        shrinkage=100 * share @ post.weights, slab=result.slab, level=result.level,
    )  # fmt: skip

"""The same meta-analysis with other priors of tau."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bayes.bayes_factors import bayes_factors
from review.stats.bayes.normal_mixture import NormalMixture
from review.stats.bayes.prior_names import tau_prior
from review.stats.bayes.tau_posterior import tau_posterior
from review.stats.bayes.tau_priors import TauPrior
from review.stats.ground.result_kit import Record

if TYPE_CHECKING:
    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.ground.least_squares import FloatArray

# those that take their scale from the data, so that they suit any unit
UNIT_FREE: Final = ("uniform", "jeffreys", "shrinkage", "dumouchel")
SCALED: Final = ("half-normal", "half-t", "half-cauchy", "half-logistic", "exponential", "uniform")


@dataclass(frozen=True, eq=False)
class PriorSensitivity(Record):
    """The model under several priors of tau, one row each.

    Attributes:
        priors: their names.
        tau, tau_lb, tau_ub: posterior median of tau with credible limits.
        beta, ci_lb, ci_ub: posterior median of the average with credible limits.
        pi_lb, pi_ub: limits of the effect of a new study.
        above_0: posterior probability that the average is above 0.
        bf_mu0, bf_tau0: Bayes factors of mu = 0 and tau = 0; NaN with improper priors.
        chosen: name of the prior of the model. level: per cent.
        notes: priors that leave no posterior.
    """

    priors: tuple[str, ...]
    tau: FloatArray
    tau_lb: FloatArray
    tau_ub: FloatArray
    beta: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    above_0: FloatArray
    bf_mu0: FloatArray
    bf_tau0: FloatArray
    chosen: str
    level: float
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"The model under other priors of tau (chosen: {self.chosen})"

    @property
    def conventions(self) -> None:
        """No version of a reference is followed."""

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "prior", self.priors

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("tau", "tau_lb", "tau_ub", "beta", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "above_0",
                 "bf_mu0", "bf_tau0")  # fmt: skip
        columns = {name: getattr(self, name) for name in names}
        return {n: x for n, x in columns.items() if not (n[:2] == "bf" and np.isnan(x).all())}


def prior_sensitivity(result: BayesResult, priors: Any = None) -> PriorSensitivity:
    """Fit a Bayesian meta-analysis with other priors of tau.

    Args:
        result: the model.
        priors: a list of priors as `bayes_meta` takes them. By default the chosen one, the same
            with half and with double its scale, and four that take their scale from the data:
            improper uniform, Jeffreys, uniform shrinkage and DuMouchel.

    Raises:
        InputError: a prior is wrong, or none leaves a posterior distribution.

    Example:
        >>> from review import bayes_meta
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> prior_sensitivity(fit, ["half-normal:0.25", "half-normal:1"]).tau.round(3).tolist()
        [0.191, 0.412]
    """
    if not hasattr(result, "tau_prior"):
        raise InputError(
            f"priors are those of what bayes_meta returns, not of {type(result).__name__}"
        )
    if priors is None:
        named = _usual(result.tau_prior)
    elif isinstance(priors, str | TauPrior):
        named = [tau_prior(priors)]
    else:
        named = [tau_prior(p) for p in priors]
    rows, notes, kept = [], [], []
    for prior in named:
        try:
            rows.append(_row(result, prior))
            kept.append(prior.label)
        except StatsError as error:
            notes.append(f"{prior.label}: {error.message}")
    if not rows:
        raise InputError("; ".join(notes) or "there are no priors to compare")
    names = ("tau", "tau_lb", "tau_ub", "beta", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "above_0",
             "bf_mu0", "bf_tau0")  # fmt: skip
    columns = dict(zip(names, np.array(rows, dtype=np.float64).T, strict=True))
    improper = [n for n, bf in zip(kept, columns["bf_tau0"], strict=True) if np.isnan(bf)]
    if improper:
        notes.append("Bayes factors need proper priors of tau and of mu")
    return PriorSensitivity(
        tuple(kept), **columns, chosen=result.tau_prior.label, level=result.level,
        notes=tuple(notes),
    )  # fmt: skip


def _usual(chosen: TauPrior) -> list[TauPrior]:
    out = [chosen]
    name = "upper" if chosen.family == "uniform" else "scale"
    if chosen.family in SCALED:
        scale = chosen.values[name]
        out = [
            replace(chosen, values={**chosen.values, name: s})
            for s in (scale / 2, scale, 2 * scale)
        ]
    out += [tau_prior(name) for name in UNIT_FREE]
    return list({p.label: p for p in out}.values())


def _row(result: BayesResult, prior: TauPrior) -> tuple[float, ...]:
    post = tau_posterior(result.yi, result.vi, prior, result.mu_prior)
    mu = NormalMixture(post.weights, post.given.mean, post.given.sd)
    new = NormalMixture(post.weights, post.given.mean, np.hypot(post.given.sd, post.tau))
    limits = [d.interval(result.level, result.interval) for d in (post, mu, new)]
    factors = bayes_factors(post)
    bf = [math.nan if x is None else x for x in (factors.mu0, factors.tau0)]
    return (
        post.median, *limits[0], mu.median, *limits[1], *limits[2], float(1 - mu.cdf(0.0)), *bf,
    )  # fmt: skip

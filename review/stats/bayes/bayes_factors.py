"""Bayes factors of the hypotheses that mu is 0, and that tau is 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.stats.bayes.given_tau import MuPrior, given_tau
from review.stats.bayes.normal_mixture import NormalMixture
from review.stats.bayes.tau_posterior import TauPosterior, tau_posterior

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

LARGEST_LOG = 700.0


@dataclass(frozen=True)
class BayesFactors:
    """Bayes factors; below 1 they speak against the hypothesis, above 1 for it.

    The minimum is that over all priors of the parameter, the least support that the data leave to
    the hypothesis. An improper prior has no constant, and gives None where it would need one.

    Attributes:
        mu0, tau0: of mu = 0, and of tau = 0, against the model with both priors.
        mu0_min, tau0_min: their minima.
        missing: why some of them are not given, or "".
    """

    mu0: float | None
    tau0: float | None
    mu0_min: float | None
    tau0_min: float | None
    missing: str = ""


def bayes_factors(full: TauPosterior) -> BayesFactors:
    """Return the Bayes factors of a model (Kass & Raftery 1995; Spiegelhalter et al. 2004, 4.4).

    Args:
        full: its posterior of tau.
    """
    tau_proper, mu_proper = full.prior.proper, full.mu_prior.proper
    mu0 = mu0_min = tau0 = tau0_min = None
    if tau_proper:
        flat = full if not mu_proper else tau_posterior(full.y, full.v, full.prior, MuPrior())
        # with tau integrated out, the likelihood of mu is that mixture times a constant
        likelihood = NormalMixture(flat.weights, flat.given.mean, flat.given.sd)
        mu0_min = _ratio(float(likelihood.log_pdf(0.0)), float(likelihood.log_pdf(likelihood.mode)))
    if mu_proper:
        zero = _log_likelihood(full, np.zeros(1))[0]
        tau0_min = _ratio(float(zero), max(float(zero), _highest(full)))
    if tau_proper and mu_proper:
        null = tau_posterior(full.y, full.v, full.prior, MuPrior(0.0, 0.0))
        mu0 = _ratio(null.log_marginal, full.log_marginal)
        tau0 = _ratio(float(zero), full.log_marginal)
    improper = [n for n, ok in (("tau", tau_proper), ("mu", mu_proper)) if not ok]
    missing = f"Bayes factors need proper priors; that of {' and that of '.join(improper)} is not"
    return BayesFactors(mu0, tau0, mu0_min, tau0_min, missing if improper else "")


def _ratio(null: float, other: float) -> float:
    return math.exp(min(null - other, LARGEST_LOG))


def _log_likelihood(full: TauPosterior, tau: FloatArray) -> FloatArray:
    return given_tau(full.y, full.v, tau, full.mu_prior).log_likelihood


def _highest(full: TauPosterior) -> float:
    """Largest logarithm of the likelihood of tau."""
    from scipy.optimize import minimize_scalar

    top = 10 * (float(np.ptp(full.y)) + float(np.abs(full.y - full.mu_prior.mean).max()))
    least = 1e-3 * math.sqrt(float(full.v.min()))
    if top <= least:  # the effects agree: the likelihood falls from 0
        return -math.inf
    grid = np.geomspace(least, top, 200)
    value = _log_likelihood(full, grid)
    best = int(np.argmax(value))
    ends = np.log(grid[max(best - 1, 0)]), np.log(grid[min(best + 1, len(grid) - 1)])
    found = minimize_scalar(
        lambda u: -float(_log_likelihood(full, np.exp([u]))[0]), bounds=ends, method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    return max(-float(found.fun), float(value[best]))

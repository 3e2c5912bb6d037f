"""Bayesian meta-analysis: priors, posterior distributions, sensitivity to the prior."""

from review.stats.bayes.bayes_fit import bayes_meta
from review.stats.bayes.bayes_result import BayesResult, StudyEffects
from review.stats.bayes.empirical_priors import empirical_prior
from review.stats.bayes.prior_names import tau_prior
from review.stats.bayes.prior_sensitivity import PriorSensitivity, prior_sensitivity
from review.stats.bayes.tau_priors import TauPrior

__all__ = [
    "BayesResult",
    "PriorSensitivity",
    "StudyEffects",
    "TauPrior",
    "bayes_meta",
    "empirical_prior",
    "prior_sensitivity",
    "tau_prior",
]

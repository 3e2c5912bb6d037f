"""Figures of Bayesian meta-analysis: a result object in, a plotly figure out."""

from __future__ import annotations

from review.plots.bayes.posterior_plot import posteriors
from review.plots.bayes.prior_sensitivity_plot import sensitivity
from review.plots.bayes.shrinkage_forest import forest

__all__ = ["forest", "posteriors", "sensitivity"]

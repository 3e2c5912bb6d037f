"""Figures of meta-analyses: a result object in, a plotly figure out."""

from __future__ import annotations

from review.plots.meta.diagnostic_plots import baujat, profile, qq, radial
from review.plots.meta.forest_plot import forest
from review.plots.meta.funnel_plot import funnel
from review.plots.meta.gosh_plot import gosh
from review.plots.meta.labbe_plot import labbe
from review.plots.meta.model_plots import bubble, drapery
from review.plots.meta.multiverse_plot import multiverse
from review.plots.meta.orchard_plot import orchard
from review.plots.meta.refit_plots import cumulative, leave_one_out

__all__ = [
    "baujat",
    "bubble",
    "cumulative",
    "drapery",
    "forest",
    "funnel",
    "gosh",
    "labbe",
    "leave_one_out",
    "multiverse",
    "orchard",
    "profile",
    "qq",
    "radial",
]

"""Figures of meta-analyses: a result object in, a plotly figure out."""

from __future__ import annotations

from review.plots.meta.diagnostic import baujat, profile, qq, radial
from review.plots.meta.forest import forest
from review.plots.meta.funnel import funnel
from review.plots.meta.labbe import labbe
from review.plots.meta.models import bubble, drapery
from review.plots.meta.orchard_plot import orchard
from review.plots.meta.refits import cumulative, leave_one_out
from review.plots.meta.subsets import gosh

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
    "orchard",
    "profile",
    "qq",
    "radial",
]

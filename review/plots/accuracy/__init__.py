"""Figures of diagnostic accuracy: a result object in, a plotly figure out."""

from __future__ import annotations

from review.plots.accuracy.coupled_forest import coupled_forest
from review.plots.accuracy.deeks_funnel import deeks_funnel
from review.plots.accuracy.fagan_nomogram import fagan
from review.plots.accuracy.prevalence_view import prevalence
from review.plots.accuracy.sroc_plot import sroc

__all__ = ["coupled_forest", "deeks_funnel", "fagan", "prevalence", "sroc"]

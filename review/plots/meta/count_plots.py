"""Figures of models of counts: forest and funnel plot of the studies' own effects."""

from __future__ import annotations

from review.plots.meta.forest_plot import forest
from review.plots.meta.funnel_plot import funnel

__all__ = ["forest", "funnel"]

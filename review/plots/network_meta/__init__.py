"""Figures of networks of treatments: a result object in, a plotly figure out."""

from __future__ import annotations

from review.plots.network_meta.comparison_funnel import funnel
from review.plots.network_meta.league_heat import contribution, league, net_heat
from review.plots.network_meta.network_forests import forest, split_forest
from review.plots.network_meta.network_graph import graph
from review.plots.network_meta.rankogram import rankogram

__all__ = [
    "contribution", "forest", "funnel", "graph", "league", "net_heat", "rankogram", "split_forest",
]  # fmt: skip

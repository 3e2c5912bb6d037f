"""Predictive values over prevalence: what a result means in other populations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.plots.theme import MUTED, PALETTE, axis, layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.ground.least_squares import FloatArray


def prevalence(result: AccuracyResult, *, marks: Sequence[float] = (), title: str = "") -> Any:
    """Return the probability of disease after a positive and after a negative result.

    Bands are confidence intervals of the predictive values of the summary point.

    Args:
        result: a model without moderators.
        marks: prevalences to mark by vertical lines.
        title: above the figure.

    Raises:
        InputError: a mark does not lie between 0 and 1.
        StatsError: the model has moderators.

    Example:
        >>> from review import diagnostic_meta
        >>> fit = diagnostic_meta([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
        >>> [trace.name for trace in prevalence(fit).data if trace.mode == "lines" and trace.name]
        ['after a positive result', 'after a negative result']
    """
    import plotly.graph_objects as go

    grid = np.concatenate([[0.001], np.arange(1, 100) / 100, [0.999]])
    found = result.predictive_values(grid)
    figure = go.Figure()
    for name, values, colour, dash in (
        ("after a positive result", found.ppv, PALETTE[5], "solid"),
        ("after a negative result", 1 - found.npv[:, [0, 2, 1]], PALETTE[0], "dash"),
    ):
        _band(figure, grid, values, colour)
        figure.add_trace(
            go.Scatter(
                x=grid, y=values[:, 0], mode="lines", name=name, customdata=values[:, 1:],
                line={"color": colour, "width": 2.5, "dash": dash},
                hovertemplate="prevalence %{x:.1%}<br>disease %{y:.1%} "
                "[%{customdata[0]:.1%}, %{customdata[1]:.1%}]<extra></extra>",
            )
        )  # fmt: skip
    for at in marks:
        result.predictive_values(at)  # refuses what is no prevalence
        figure.add_vline(x=at, line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, layer="below",
                     line={"color": MUTED, "width": 1, "dash": "dot"})  # fmt: skip
    ends = {"range": [-0.01, 1.01], "tickformat": ".0%", "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1]}
    figure.update_layout(
        **layout(
            title,
            height=520,
            xaxis=axis("Prevalence (before the test)", **ends),
            yaxis=axis("Probability of disease", **ends),
        )
    )
    figure.update_layout(
        legend={"orientation": "h", "y": -0.18, "yanchor": "top", "x": 0}, margin={"b": 110}
    )
    return figure


def _band(figure: Any, grid: FloatArray, values: FloatArray, colour: str) -> None:
    import plotly.graph_objects as go

    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    figure.add_trace(
        go.Scatter(
            x=np.concatenate([grid, grid[::-1]]),
            y=np.concatenate([values[:, 1], values[::-1, 2]]),
            fill="toself", mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False,
            fillcolor=f"rgba({red},{green},{blue},0.15)",
        )
    )  # fmt: skip

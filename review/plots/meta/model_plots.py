"""Figures of a model: bubble plot of a meta-regression, drapery plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.plots.meta.axis_range import finite
from review.plots.meta.effect_axis import scale_of
from review.plots.theme import MUTED, PALETTE, axis, layout, plain
from review.stats.presentation.effect_display import back, back_pooled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.pooling.meta_result import MetaResult
    from review.stats.presentation.effect_display import Transf


def bubble(
    result: MetaResult,
    moderator: str | int | None = None,
    *,
    transf: Transf = None,
    links: Sequence[str | None] | None = None,
    title: str = "",
) -> Any:
    """Return a bubble plot: effects against a moderator, with the fitted line and its bands.

    Args:
        result: a meta-regression.
        moderator: name or position of the coefficient on the x axis; by default the first.
        transf: back-transformation; the measure's own by default.
        links: address per row of the input; a click on a bubble opens it.
        title: above the figure.

    Raises:
        InputError: there is no such moderator.

    Example:
        >>> from review import meta_analysis
        >>> data = {"dose": [1, 2, 3, 4]}
        >>> fit = meta_analysis([0.1, 0.9, 0.4, 1.2], [0.05] * 4, "~ dose", data=data)
        >>> bubble(fit).layout.xaxis.title.text
        'dose'
    """
    import plotly.graph_objects as go

    from review.stats.pooling.fitted_curves import regression_line

    line = regression_line(result, moderator)
    pred, ci_lb, ci_ub = (
        back_pooled(result, x, transf) for x in (line.pred, line.ci_lb, line.ci_ub)
    )
    effects = back(result, line.effects, transf)
    bands = [("confidence interval", ci_lb, ci_ub, "rgba(0,114,178,0.25)")]
    if line.pi_lb is not None and line.pi_ub is not None:
        low, high = (back_pooled(result, x, transf) for x in (line.pi_lb, line.pi_ub))
        bands.insert(0, ("prediction interval", low, high, "rgba(0,114,178,0.10)"))
    figure = go.Figure()
    for name, low, high, colour in bands:
        figure.add_trace(
            go.Scatter(
                x=[*line.x, *line.x[::-1]], y=[*low, *high[::-1]], fill="toself",
                fillcolor=colour, line={"width": 0}, name=name, hoverinfo="skip",
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(x=line.x, y=pred, mode="lines", name="average",
                   line={"color": PALETTE[0], "width": 2}, hovertemplate="%{x:.4g}: %{y:.4g}")
    )  # fmt: skip
    weight = result.weights / result.weights.max()
    figure.add_trace(
        go.Scatter(
            x=line.at, y=effects, mode="markers", name="studies",
            text=[plain(s) for s in result.slab],
            customdata=[links[i] for i in result.ids.tolist()] if links else None,
            marker={"size": 6 + 24 * np.sqrt(weight), "color": PALETTE[1], "opacity": 0.75,
                    "line": {"color": "#7A4F00", "width": 1}},
            hovertemplate="<b>%{text}</b><br>%{x:.4g}: %{y:.4g}<extra></extra>",
        )
    )  # fmt: skip
    scale = scale_of(result, transf)
    shown = scale.axis(finite([*effects, *ci_lb, *ci_ub]))
    figure.update_layout(**layout(title, xaxis=axis(line.name), yaxis=shown, height=480))
    figure.update_layout(legend={"orientation": "h", "y": -0.2})
    return figure


def drapery(result: MetaResult, *, transf: Transf = None, title: str = "") -> Any:
    """Return a drapery plot (Rücker & Schwarzer 2021): p-value functions of all studies.

    Where a curve crosses the dotted line, its confidence interval ends. Of more than 300 studies
    the most precise ones are drawn.

    Args:
        result: a model without moderators.
        transf: back-transformation; the measure's own by default.
        title: above the figure.

    Raises:
        StatsError: the model has moderators.

    Example:
        >>> from review import meta_analysis
        >>> figure = drapery(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> [trace.name for trace in figure.data][-2:]
        ['average effect', 'effect in a new study']
    """
    import plotly.graph_objects as go

    from review.stats.pooling.fitted_curves import p_value_curves

    curves = p_value_curves(result)
    scale = scale_of(result, transf)
    x = back_pooled(result, curves.theta, transf)
    figure = go.Figure()
    for label, p in zip(curves.labels, curves.studies, strict=True):
        figure.add_trace(
            go.Scatter(
                x=x, y=p, mode="lines", line={"color": "#B8BEC6", "width": 1},
                text=plain(label), hovertemplate="%{text}<br>%{x:.4g}: p = %{y:.3g}<extra></extra>",
                showlegend=False,
            )
        )  # fmt: skip
    lines = [("average effect", curves.summary, PALETTE[0], "solid")]
    if curves.prediction is not None:
        lines.append(("effect in a new study", curves.prediction, PALETTE[5], "dash"))
    for name, p, colour, dash in lines:
        figure.add_trace(
            go.Scatter(x=x, y=p, mode="lines", name=name,
                       line={"color": colour, "width": 3, "dash": dash},
                       hovertemplate="%{x:.4g}: p = %{y:.3g}")
        )  # fmt: skip
    alpha = 1 - result.level / 100
    figure.add_hline(y=alpha, line={"color": MUTED, "dash": "dot", "width": 1})
    figure.update_layout(
        **layout(
            title or "P-value functions",
            xaxis=scale.axis(finite(x)),
            yaxis=axis("p-value of the effect on the x axis", range=[0, 1.02]),
            height=480,
        )
    )
    figure.update_layout(legend={"orientation": "h", "y": -0.2})
    return figure

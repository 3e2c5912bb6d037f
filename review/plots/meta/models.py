"""Figures of a model: bubble plot of a meta-regression, drapery plot, orchard plot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.plots.meta.scales import scale_of
from review.plots.theme import MUTED, PALETTE, axis, layout, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from review.stats.kernels import FloatArray
    from review.stats.result import MetaResult


def _back(result: MetaResult, transf: str | None) -> Callable[[FloatArray], FloatArray]:
    name = transf or result.transf or "identity"
    if name == "identity":
        return np.asarray
    from review.stats.effect_sizes import back_transform

    return lambda x: np.asarray(back_transform(x, transf=name, ni=result.ni, ti=result.ni))


def bubble(
    result: MetaResult,
    moderator: str | int | None = None,
    *,
    transf: str | None = None,
    title: str = "",
) -> Any:
    """Return a bubble plot: effects against a moderator, with the fitted line and its bands.

    Args:
        result: a meta-regression.
        moderator: name or position of the coefficient on the x axis; by default the first.
        transf: back-transformation; the measure's own by default.
        title: above the figure.
    """
    import plotly.graph_objects as go

    from review.stats.curves import regression_line

    line = regression_line(result, moderator)
    back = _back(result, transf)
    figure = go.Figure()
    bands = [("prediction interval", line.pi_lb, line.pi_ub, "rgba(0,114,178,0.10)")]
    bands.append(("confidence interval", line.ci_lb, line.ci_ub, "rgba(0,114,178,0.25)"))
    for name, low, high, colour in bands:
        if low is None or high is None:
            continue
        figure.add_trace(
            go.Scatter(
                x=[*line.x, *line.x[::-1]], y=[*back(low), *back(high)[::-1]], fill="toself",
                fillcolor=colour, line={"width": 0}, name=name, hoverinfo="skip",
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(x=line.x, y=back(line.pred), mode="lines", name="average",
                   line={"color": PALETTE[0], "width": 2})
    )  # fmt: skip
    weight = result.weights / result.weights.max()
    figure.add_trace(
        go.Scatter(
            x=line.at, y=back(line.effects), mode="markers", name="studies",
            text=[plain(s) for s in result.slab],
            marker={"size": 6 + 24 * np.sqrt(weight), "color": PALETTE[1], "opacity": 0.75,
                    "line": {"color": "#7A4F00", "width": 1}},
            hovertemplate="<b>%{text}</b><br>%{x:.4g}: %{y:.4g}<extra></extra>",
        )
    )  # fmt: skip
    scale = scale_of(result, transf)
    extent = [float(v) for v in (*back(line.effects), *back(line.ci_lb), *back(line.ci_ub))]
    figure.update_layout(
        **layout(title, xaxis=axis(line.name), yaxis=scale.axis(extent), height=480)
    )
    return figure


def drapery(result: MetaResult, *, transf: str | None = None, title: str = "") -> Any:
    """Return a drapery plot (Rücker & Schwarzer 2021): p-value functions of all studies.

    Args:
        result: a model without moderators.
        transf: back-transformation; the measure's own by default.
        title: above the figure.
    """
    import plotly.graph_objects as go

    from review.stats.curves import p_value_curves

    curves = p_value_curves(result)
    scale = scale_of(result, transf)
    x = _back(result, transf)(curves.theta)
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
                       line={"color": colour, "width": 3, "dash": dash})
        )  # fmt: skip
    alpha = 1 - result.level / 100
    figure.add_hline(y=alpha, line={"color": MUTED, "dash": "dot", "width": 1})
    figure.update_layout(
        **layout(
            title or "P-value functions",
            xaxis=scale.axis([float(v) for v in x]),
            yaxis=axis("p-value of the effect on the x axis", range=[0, 1.02]),
            height=480,
        )
    )
    return figure


def orchard(
    result: MetaResult,
    *,
    groups: Mapping[str, MetaResult] | None = None,
    transf: str | None = None,
    title: str = "",
) -> Any:
    """Return an orchard plot (Nakagawa et al. 2021): effects, average and prediction interval.

    Args:
        result: a model without moderators.
        groups: subgroup -> model; drawn above the overall result.
        transf: back-transformation; the measure's own by default.
        title: above the figure.
    """
    import plotly.graph_objects as go

    from review.stats.forest import study_rows, total_rows

    scale = scale_of(result, transf)
    figure = go.Figure()
    models = [*(groups or {}).items(), ("All studies", result)]
    rng = np.random.default_rng(1)  # the scatter across the branch says nothing: same each time
    top = max(float((1 / m.sei).max()) for _, m in models)
    for y, (name, model) in enumerate(models):
        colour = PALETTE[y % len(PALETTE)]
        rows = study_rows(model, transf)
        size = 4 + 18 * (1 / model.sei) / top
        figure.add_trace(
            go.Scatter(
                x=[r.estimate for r in rows], y=y + rng.uniform(-0.28, 0.28, len(rows)),
                mode="markers", text=[plain(r.label) for r in rows], name=plain(name),
                marker={"size": size, "color": colour, "opacity": 0.45},
                hovertemplate="<b>%{text}</b><br>%{x:.4g}<extra></extra>",
            )
        )  # fmt: skip
        for row in total_rows(model, transf)[::-1]:
            thick = row.kind != "prediction"
            figure.add_trace(
                go.Scatter(
                    x=[row.ci_lb, row.estimate, row.ci_ub], y=[y] * 3, mode="lines+markers",
                    line={"color": "#1F2328", "width": 5 if thick else 1.5},
                    marker={"size": [0, 13, 0] if thick else [0, 0, 0], "color": colour,
                            "line": {"color": "#1F2328", "width": 2}},
                    hovertemplate="%{x:.4g}<extra></extra>",
                )
            )  # fmt: skip
    names = [f"{plain(name)}<br>(k = {model.k})" for name, model in models]
    values = [x for r in study_rows(result, transf) for x in (r.estimate,) if x is not None]
    figure.update_layout(
        **layout(
            title,
            xaxis=scale.axis(values),
            yaxis=axis("", tickvals=list(range(len(models))), ticktext=names, showgrid=False),
            height=150 + 110 * len(models),
            showlegend=False,
        )
    )
    if scale.null is not None:
        figure.add_vline(x=scale.null, line={"color": MUTED, "dash": "dash", "width": 1})
    return figure

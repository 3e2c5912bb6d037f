"""Funnel plots with significance contours and filled-in studies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.plots.meta.effect_axis import analysis_label, measure_label
from review.plots.natural_ticks import log_ticks
from review.plots.theme import INK, PALETTE, axis, layout, plain
from review.words import count, level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.bias.funnel_points import FunnelData
    from review.stats.presentation.forest_rows import Pooled

# from the inside out: white where nothing is significant, darker with smaller p
_SHADES: Final = ("#FFFFFF", "#E3EAF1", "#CBD7E4", "#B3C4D7", "#9BB1C9", "#839EBC")
MOST: Final = 5_000  # points that a browser draws without delay
_SHARES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)


def funnel(
    result: Pooled,
    *,
    contours: Sequence[float] = (90, 95, 99),
    trim_fill: Any = False,
    null: float | None = None,
    title: str = "",
    links: Sequence[str | None] | None = None,
) -> Any:
    """Return a funnel plot: effect against standard error.

    Args:
        result: a model without moderators.
        contours: levels of the significance contours in per cent; () for none.
        trim_fill: draw the studies that trim and fill adds (True, or its result).
        null: effect without a difference, the centre of the contours; by default 0, and no
            contours for measures of a single group, which have no such value.
        title: above the figure.
        links: address per row of the input; a click on a point opens it.

    Raises:
        InputError: the model has moderators; contours are no levels in per cent.

    Example:
        >>> from review import meta_analysis
        >>> figure = funnel(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> figure.layout.yaxis.title.text
        'Standard error'
    """
    import plotly.graph_objects as go

    from review.plots.meta.effect_axis import scale_of
    from review.stats.bias.funnel_points import funnel_data

    if null is None and scale_of(result).null is None:
        contours, null = (), 0.0
    data = funnel_data(result, contours=contours, null=null or 0.0, trim_fill=trim_fill)
    figure = go.Figure()
    _regions(figure, data)
    _lines(figure, data)
    _points(figure, data, result, links)
    low, high = data.x_range
    figure.update_layout(
        **layout(
            title,
            xaxis=_effect_axis(result, low, high),
            yaxis=axis("Standard error", range=[data.se_max, 0], showgrid=not data.regions),
            height=600,
            hovermode="closest",
            legend={"orientation": "h", "y": -0.16, "font": {"size": 11}},
        )
    )
    if data.regions:
        figure.update_layout(plot_bgcolor=_SHADES[0])
    return figure


def _regions(figure: Any, data: FunnelData) -> None:
    import plotly.graph_objects as go

    for i, region in enumerate(data.regions):
        shade = _SHADES[min(i, len(_SHADES) - 1)]
        for j, polygon in enumerate(region.polygons):
            figure.add_trace(
                go.Scatter(
                    x=polygon[:, 0], y=polygon[:, 1], mode="lines", fill="toself",
                    fillcolor=shade, line={"color": "#8C96A1", "width": 0.5}, hoverinfo="skip",
                    name=region.label.replace("<", "&lt;").replace(">", "&gt;"),
                    legendgroup=region.label, showlegend=j == 0,
                )
            )  # fmt: skip


def _lines(figure: Any, data: FunnelData) -> None:
    import plotly.graph_objects as go

    corners = data.funnel
    figure.add_trace(
        go.Scatter(
            x=corners[:, 0], y=corners[:, 1], mode="lines", hoverinfo="skip",
            line={"color": INK, "width": 1, "dash": "dash"},
            name=f"{level_name(data.level)} of studies if there is no heterogeneity",
        )
    )  # fmt: skip
    centres = [("average", data.estimate, PALETTE[5], "solid")]
    if data.adjusted is not None:
        centres.append(("average with filled-in studies", data.adjusted, PALETTE[0], "dot"))
    for name, x, colour, dash in centres:
        figure.add_trace(
            go.Scatter(
                x=[x, x], y=[0, data.se_max], mode="lines", name=name, hoverinfo="skip",
                line={"color": colour, "width": 1.5, "dash": dash},
            )
        )  # fmt: skip


def _points(
    figure: Any, data: FunnelData, result: Pooled, links: Sequence[str | None] | None
) -> None:
    import plotly.graph_objects as go

    for filled, what, symbol in ((False, "studies", "circle"), (True, "filled in", "circle-open")):
        name = what
        at = [i for i, fill in enumerate(data.fill.tolist()) if fill is filled]
        if not at:
            continue
        if len(at) > MOST:  # the same ones each time
            at = sorted(np.random.default_rng(1).choice(at, MOST, replace=False).tolist())
            name = f"{what} ({count(MOST)} of {count(len(data.yi))} drawn)"
        texts = [plain(data.slab[i]) for i in at]
        addresses = [links[result.ids[i]] for i in at] if links and not filled else None
        figure.add_trace(
            go.Scatter(
                x=data.yi[at], y=data.sei[at], mode="markers", name=name, text=texts,
                customdata=addresses,
                marker={"color": PALETTE[0], "size": 9, "symbol": symbol,
                        "line": {"color": "#FFFFFF" if not filled else PALETTE[0], "width": 1}},
                hovertemplate="<b>%{text}</b><br>effect %{x:.4g}, standard error %{y:.4g}"
                "<extra></extra>",
            )
        )  # fmt: skip


def _effect_axis(result: Pooled, low: float, high: float) -> dict[str, Any]:
    """Return the axis of effects on the scale of the analysis, with ticks of the outcome."""
    label = measure_label(result.measure)
    wide = high - low
    shown: dict[str, Any] = {"range": [low, high]}
    if result.transf == "exp" and wide < 25:
        ticks = log_ticks([math.exp(low), math.exp(high)])
        shown |= {"tickvals": [math.log(t) for t in ticks], "ticktext": [f"{t:g}" for t in ticks]}
        return axis(f"{label} (logarithmic scale)", **shown)
    if result.transf == "expit":
        ticks = [p for p in _SHARES if low <= math.log(p / (1 - p)) <= high]
        if len(ticks) > 1:
            positions = [math.log(p / (1 - p)) for p in ticks]
            shown |= {"tickvals": positions, "ticktext": [f"{t:g}" for t in ticks]}
        return axis(f"{label} (logit scale)", **shown)
    return axis(analysis_label(result), **shown)

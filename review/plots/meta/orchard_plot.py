"""Orchard plot: effects of the studies, average and prediction interval, by subgroup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.plots.meta.axis_range import window_of
from review.plots.meta.effect_axis import number, scale_of
from review.plots.theme import INK, MUTED, PALETTE, axis, layout, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.stats.pooling.meta_result import MetaResult
    from review.stats.presentation.effect_display import Transf
    from review.stats.presentation.forest_rows import ForestRow


def orchard(
    result: MetaResult,
    *,
    groups: Mapping[str, MetaResult] | None = None,
    transf: Transf = None,
    title: str = "",
) -> Any:
    """Return an orchard plot (Nakagawa et al. 2021): effects, average and prediction interval.

    Points are the studies, larger when more precise; the thick bar is the confidence interval of
    the average, the thin one the prediction interval.

    Args:
        result: a model without moderators.
        groups: subgroup -> model (the `fits` of `review.subgroup_analysis`), above the overall one.
        transf: back-transformation; the measure's own by default.
        title: above the figure.

    Raises:
        StatsError: the model has moderators.

    Example:
        >>> from review import meta_analysis
        >>> figure = orchard(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> figure.layout.yaxis.ticktext[0]
        'All studies<br>(k = 3)'
    """
    import plotly.graph_objects as go

    from review.errors import StatsError
    from review.stats.presentation.forest_rows import study_rows, total_rows

    if not result.intercept_only:
        raise StatsError("an orchard plot needs a model without moderators, or its subgroups")
    scale = scale_of(result, transf)
    figure = go.Figure()
    models = [("All studies", result), *list((groups or {}).items())[::-1]]
    rng = np.random.default_rng(1)  # the scatter across the branch says nothing: same each time
    top = max(float((1 / m.sei).max()) for _, m in models)
    everything: list[ForestRow] = []
    for y, (name, model) in enumerate(models):
        colour = PALETTE[0] if y == 0 else PALETTE[1 + (y - 1) % (len(PALETTE) - 2)]
        rows = study_rows(model, transf)
        totals = total_rows(model, transf)
        everything += [*rows, *totals]
        size = 4 + 18 * (1 / model.sei) / top
        figure.add_trace(
            go.Scatter(
                x=[r.estimate for r in rows], y=y + rng.uniform(-0.28, 0.28, len(rows)),
                mode="markers", text=[plain(r.label) for r in rows], name=plain(name),
                marker={"size": size, "color": colour, "opacity": 0.45},
                hovertemplate="<b>%{text}</b><br>%{x:.4g}<extra></extra>",
            )
        )  # fmt: skip
        for row in totals[::-1]:
            figure.add_trace(_bar(row, y, colour))
    window = window_of(everything, scale)
    names = [f"{plain(name)}<br>(k = {model.k})" for name, model in models]
    figure.update_layout(
        **layout(
            title,
            xaxis=scale.axis([window.low, window.high], range=window.axis),
            yaxis=axis("", tickvals=list(range(len(models))), ticktext=names, showgrid=False),
            height=150 + 110 * len(models),
            showlegend=False,
        )
    )
    if scale.null is not None and window.low <= scale.null <= window.high:
        figure.add_vline(x=scale.null, line={"color": MUTED, "dash": "dash", "width": 1})
    return figure


def _bar(row: ForestRow, y: int, colour: str) -> Any:
    """The interval of the average with its point, or the thin prediction interval."""
    import plotly.graph_objects as go

    average = row.kind != "prediction"
    text = f"{plain(row.label)}: {number(row.estimate, 4) + ' ' if average else ''}"
    return go.Scatter(
        x=[row.ci_lb, row.estimate, row.ci_ub], y=[y] * 3, mode="lines+markers",
        line={"color": INK, "width": 5 if average else 1.5},
        marker={"size": [0, 13 if average else 0, 0], "color": colour,
                "line": {"color": INK, "width": [0, 2 if average else 0, 0]}},
        text=f"{text}[{number(row.ci_lb, 4)}, {number(row.ci_ub, 4)}]",
        hovertemplate="%{text}<extra></extra>", name=plain(row.label),
    )  # fmt: skip

"""Comparison-adjusted funnel plot."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.plots.theme import (
    INK,
    MUTED,
    OTHER_COLOUR,
    PALETTE,
    SYMBOLS,
    TITLE_ROOM,
    axis,
    below_title,
    layout,
    plain,
)
from review.stats.ground.inference import critical_value
from review.words import p_value, plural

if TYPE_CHECKING:
    from review.stats.networks.network_result import NetworkResult

_NAMED: Final = 8  # comparisons with a colour of their own


def funnel(result: NetworkResult, *, order: Any = None, title: str = "") -> Any:
    """Return the comparison-adjusted funnel plot.

    Each point is a comparison of a study, less the average of that comparison; the lines enclose
    95 per cent (or the level of the result) of points without heterogeneity.

    Args:
        result: the network.
        order: all treatments, such as from new to old, so that every comparison points one way;
            alphabetical by default, which has no meaning.
        title: above the figure.

    Raises:
        InputError: the order does not hold every treatment once.

    Example:
        >>> from review import network_meta
        >>> fit = network_meta([-0.4, -0.3, 0.2, -0.2], [0.1, 0.2, 0.15, 0.3],
        ...                    ["A", "B", "A", "A"], ["C", "C", "B", "C"], list("1234"))
        >>> funnel(fit).layout.yaxis.title.text
        'Standard error'
    """
    import plotly.graph_objects as go

    found = result.funnel(order)
    figure = go.Figure()
    top = 1.06 * float(found.se.max())
    z = float(critical_value(result.level, None))
    figure.add_trace(
        go.Scatter(x=[-z * top, 0, z * top], y=[top, 0, top], mode="lines", hoverinfo="skip",
                   name="limits", showlegend=False,
                   line={"color": MUTED, "width": 1, "dash": "dash"})
    )  # fmt: skip
    by_count = Counter(found.comparisons)
    common = sorted(by_count, key=lambda name: (-by_count[name], name))
    named = common if len(common) <= _NAMED else common[: _NAMED - 1]
    for i, name in enumerate(named):
        on = np.array([c == name for c in found.comparisons])
        label = f"{name} ({by_count[name]})"
        _points(figure, found, on, name=label, colour=PALETTE[i], symbol=SYMBOLS[i])
    if len(named) < len(common):
        on = np.array([c not in named for c in found.comparisons])
        label = f"{plural(len(common) - len(named), 'other comparison')} ({int(on.sum())})"
        _points(figure, found, on, name=label, colour=OTHER_COLOUR, symbol="circle")
    lines = [] if np.isnan(found.pval) else [f"Egger's test: {p_value(found.pval)}"]
    rows = len(named) + 1
    bottom = 62 + 19 * rows
    above = TITLE_ROOM + 17 * len(lines)
    figure.update_layout(
        **layout(
            title or "Comparison-adjusted funnel plot",
            height=380 + above + bottom,
            margin={"l": 70, "r": 20, "t": above, "b": bottom},
            xaxis=axis("Effect less the average of its comparison", automargin=False),
            yaxis=axis("Standard error", range=[top, 0]),
            shapes=[{"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": top, "layer": "below",
                     "line": {"color": INK, "width": 1}}],
            annotations=below_title(lines),
        )
    )  # fmt: skip
    # one comparison per line below the plot: names are long, and windows narrow
    figure.update_layout(
        legend={"orientation": "v", "y": -58 / 380, "yanchor": "top", "x": 0, "xanchor": "left"}
    )
    return figure


def _points(figure: Any, found: Any, on: Any, *, name: str, colour: str, symbol: str) -> None:
    import plotly.graph_objects as go

    rows = np.flatnonzero(on).tolist()
    figure.add_trace(
        go.Scatter(
            x=found.adjusted[on], y=found.se[on], mode="markers", name=plain(name),
            cliponaxis=False,
            marker={"color": colour, "symbol": symbol, "size": 9,
                    "line": {"color": INK, "width": 0.6}},
            text=[f"<b>{plain(found.labels[i])}</b><br>{plain(found.comparisons[i])}"
                  for i in rows],
            hovertemplate="%{text}<br>%{x:.3g}, standard error %{y:.3g}<extra></extra>",
        )
    )  # fmt: skip

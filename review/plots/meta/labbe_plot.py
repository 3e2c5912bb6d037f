"""L'Abbé plot: event rates of the two groups of each study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.theme import INK, PALETTE, axis, layout, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.pooling.meta_result import MetaResult

MEASURES: Final = ("RR", "OR", "RD")


def labbe(
    result: MetaResult,
    *,
    ai: Sequence[float],
    n1i: Sequence[float],
    ci: Sequence[float],
    n2i: Sequence[float],
    title: str = "",
) -> Any:
    """Return a L'Abbé plot (L'Abbé, Detsky & O'Rourke 1987).

    Args:
        result: a model of log risk ratios, log odds ratios or risk differences.
        ai: events of the first group, one per row of the input.
        n1i: its size.
        ci: events of the second group.
        n2i: its size.
        title: above the figure.

    Example:
        >>> from review import effect_size, meta_analysis
        >>> ai, n1i, ci, n2i = [4, 6, 3], [20, 30, 25], [8, 9, 9], [20, 30, 25]
        >>> fit = meta_analysis(effect_size("RR", ai=ai, n1i=n1i, ci=ci, n2i=n2i))
        >>> len(labbe(fit, ai=ai, n1i=n1i, ci=ci, n2i=n2i).data)
        3

    Raises:
        InputError: the model is about another measure, or the numbers do not fit it.
    """
    import numpy as np
    import plotly.graph_objects as go

    from review.errors import InputError
    from review.stats.pooling.fitted_curves import event_rates

    if result.measure not in MEASURES:
        raise InputError(f"a L'Abbé plot needs a model of {', '.join(MEASURES)}")
    rates = event_rates(result, ai, n1i, ci, n2i)
    figure = go.Figure()
    lines = [
        ("no difference", rates.grid, INK, "dot"),
        ("average", rates.average, PALETTE[5], "solid"),
    ]
    for name, y, colour, dash in lines:
        figure.add_trace(
            go.Scatter(x=rates.grid, y=y, mode="lines", name=name, hoverinfo="skip",
                       line={"color": colour, "dash": dash})
        )  # fmt: skip
    weight = result.weights / result.weights.max()
    figure.add_trace(
        go.Scatter(
            x=rates.second, y=rates.first, mode="markers", name="studies",
            text=[plain(s) for s in result.slab], cliponaxis=False,
            marker={"size": 6 + 22 * np.sqrt(weight), "color": PALETTE[0], "opacity": 0.6},
            hovertemplate="<b>%{text}</b><br>%{y:.4g} against %{x:.4g}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        **layout(
            title,
            xaxis=axis("Event rate, second group", range=[0, rates.top], constrain="domain"),
            yaxis=axis(
                "Event rate, first group",
                range=[0, rates.top],
                scaleanchor="x",
                constrain="domain",
            ),
            height=560,
        )
    )
    return figure

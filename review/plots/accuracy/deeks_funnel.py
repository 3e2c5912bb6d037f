"""Deeks' funnel plot: diagnostic odds ratio against effective sample size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.plots.natural_ticks import log_ticks
from review.plots.theme import INK, PALETTE, axis, layout, plain
from review.words import p_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.accuracy.deeks import DeeksTest


def deeks_funnel(
    result: AccuracyResult, *, test: DeeksTest | None = None, title: str = "",
    links: Sequence[str | None] | None = None,
) -> Any:  # fmt: skip
    """Return the funnel plot with the regression line of Deeks' test.

    Args:
        result: the model.
        test: what `result.deeks_test()` found; computed when it is not given.
        title: above the figure.
        links: address per study of the test; a click opens it.

    Raises:
        StatsError: fewer than 3 studies.

    Example:
        >>> from review import diagnostic_meta
        >>> fit = diagnostic_meta([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
        >>> deeks_funnel(fit).layout.yaxis.title.text
        '1 / √(effective sample size)'
    """
    import plotly.graph_objects as go

    test = test or result.deeks_test()
    x = 1 / np.sqrt(test.ess)
    ends = np.array([0.0, 1.05 * float(x.max())])
    line = np.exp(test.beta[0] + test.beta[1] * ends)
    dor = np.exp(test.log_dor)
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(x=line, y=ends, mode="lines", name="regression", hoverinfo="skip",
                   line={"color": INK, "width": 1.5, "dash": "dash"})
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=dor, y=x, mode="markers", name="studies", text=[plain(s) for s in test.labels],
            customdata=list(links) if links else None, cliponaxis=False,
            marker={"color": PALETTE[0], "size": 9, "opacity": 0.8,
                    "line": {"color": PALETTE[7], "width": 1}},
            hovertemplate="<b>%{text}</b><br>odds ratio %{x:.3g}<extra></extra>",
        )
    )  # fmt: skip
    ticks = log_ticks([float(v) for v in (*dor, *line) if v > 0])
    figure.update_layout(
        **layout(
            title or f"Deeks' funnel plot: {p_value(test.slope_pval)}",
            height=480,
            xaxis=axis("Diagnostic odds ratio", type="log", tickvals=ticks,
                       ticktext=[f"{t:g}" for t in ticks]),
            yaxis=axis("1 / √(effective sample size)", range=[float(ends[1]), 0]),
            showlegend=False,
        )
    )  # fmt: skip
    return figure

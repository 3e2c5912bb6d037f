"""Forest plot with shrinkage: what each study reports, and what is known of it given the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.plots.bayes.interval_panels import frame_of, rows_axis, segments, texts_of
from review.plots.meta.axis_range import window_of
from review.plots.meta.effect_axis import number, scale_of
from review.plots.theme import INK, MUTED, PALETTE, layout, plain
from review.stats.bayes.shrinkage_rows import drawn, shrinkage_rows
from review.stats.presentation.effect_display import digits_for
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.bayes.shrinkage_rows import ShrinkageRow
    from review.stats.presentation.effect_display import Transf

MOST: Final = 300
OFFSET: Final = 0.16
PLOT: Final = 190  # pixels that the plot needs


def forest(
    result: BayesResult,
    *,
    rows: Sequence[ShrinkageRow] | None = None,
    transf: Transf = None,
    links: Sequence[str | None] | None = None,
    title: str = "",
    digits: int | None = None,
) -> Any:
    """Return a forest plot of reported and of posterior effects.

    Grey squares are effects as reported with confidence intervals, blue circles below them their
    posterior medians with credible intervals; the diamond is the average, the bar below it the
    effect of a new study.

    Args:
        result: a Bayesian meta-analysis.
        rows: those of `review.stats.bayes.shrinkage_rows`, where they are known already.
        transf: back-transformation; the measure's own by default.
        links: address per row of the input; a click on a mark opens it.
        title: above the figure.
        digits: after the decimal point; by default as many as the average needs.

    Raises:
        InputError: more than 300 studies, which nobody can read.

    Example:
        >>> from review import bayes_meta
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> [trace.name for trace in forest(fit).data if trace.mode == "markers"]
        ['as reported', 'posterior']
    """
    import plotly.graph_objects as go

    if result.k > MOST:
        raise InputError(f"{result.k:,} studies are too many for this plot (at most {MOST})")
    found = rows if rows is not None else shrinkage_rows(result, transf)
    scale = scale_of(result, transf)
    window = window_of(drawn(found), scale)
    places = digits_for(drawn(found)) if digits is None else digits
    own = np.array([r.reported for r in found if r.reported is not None])
    post = np.array([r.posterior for r in found if r.reported is not None])
    average, new = (r.posterior for r in found[-2:])
    names = [r.label for r in found]
    level = level_name(result.level)
    columns = [
        (f"Reported<br>[{level} CI]",
         ["" if r.reported is None else _text(r.reported, places) for r in found]),
        (f"Posterior<br>[{level} CrI]", [_text(r.posterior, places) for r in found]),
    ]  # fmt: skip
    frame = frame_of(names, columns, title=title)
    ys = np.arange(result.k, dtype=float)
    shown = [None if links is None else links[i] for i in result.ids.tolist()]
    figure = go.Figure()
    for what, values, y, colour, symbol, width in (
        ("as reported", own, ys - OFFSET, MUTED, "square", 1.2),
        ("posterior", post, ys + OFFSET, PALETTE[0], "circle", 1.8),
    ):
        limits = np.array([[window.clip(v) for v in pair] for pair in values[:, 1:].tolist()])
        line = {"color": colour, "width": width}
        figure.add_trace(segments(limits, y, name=f"intervals {what}", line=line))
        figure.add_trace(
            go.Scatter(
                x=values[:, 0], y=y, mode="markers", name=what,
                marker={"symbol": symbol, "size": 7, "color": colour},
                text=[f"<b>{plain(n)}</b><br>{what} {_text(v, 4)}"
                      for n, v in zip(result.slab, values, strict=True)],
                customdata=shown if links else None,
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    _summaries(figure, average, new, result.k)
    figure.update_layout(
        **layout(
            title,
            height=frame.height,
            margin={"l": frame.left, "r": frame.right, "t": frame.top, "b": 66},
            showlegend=False,
            xaxis=scale.axis(
                [window.low, window.high], range=window.axis, automargin=False, tickangle=0
            ),
            yaxis=rows_axis(result.k + 2),
            annotations=texts_of(frame, names, columns, [False] * result.k + [True] * 2),
            meta={"min_width": round(frame.left + frame.right + PLOT)},
        )
    )
    figure.update_layout(title={"xref": "container", "x": 0, "pad": {"l": 8}})
    for x, colour, dash in ((scale.null, MUTED, "dot"), (average[0], PALETTE[5], "dash")):
        if x is not None and window.low <= x <= window.high:
            figure.add_vline(x=x, line={"color": colour, "dash": dash, "width": 1}, layer="below")
    return figure


def _summaries(figure: Any, average: Sequence[Any], new: Sequence[Any], k: int) -> None:
    import plotly.graph_objects as go

    middle, low, high = average
    figure.add_trace(
        go.Scatter(
            x=[low, middle, high, middle, low], y=[k, k - 0.32, k, k + 0.32, k], mode="lines",
            fill="toself", fillcolor=PALETTE[5], line={"color": INK, "width": 0.8},
            name="average", hoverinfo="text", text=f"average {_text(average, 4)}",
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=list(new[1:]), y=[k + 1, k + 1], mode="lines", name="new study", hoverinfo="text",
            line={"color": PALETTE[5], "width": 5}, text=f"new study {_text(new, 4)}",
        )
    )  # fmt: skip


def _text(values: Any, digits: int) -> str:
    estimate, low, high = (None if v is None else float(v) for v in values)
    return f"{number(estimate, digits)} [{number(low, digits)}, {number(high, digits)}]"

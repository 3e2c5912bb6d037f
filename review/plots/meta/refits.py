"""Forest-like figures of refits: leave-one-out and cumulative meta-analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.plots.meta.scales import number, scale_of
from review.plots.theme import INK, MUTED, PALETTE, axis, layout, plain

if TYPE_CHECKING:
    from review.stats.diagnostics import RefitResult
    from review.stats.result import MetaResult


def leave_one_out(result: MetaResult, *, transf: str | None = None, title: str = "") -> Any:
    """Return the estimate without each study in turn, with its interval."""
    from review.stats.diagnostics import leave_one_out as refit

    heading = title or "Estimate without the study named"
    return _refits(result, refit(result), transf, heading, "without ")


def cumulative(
    result: MetaResult, order: Any = None, *, transf: str | None = None, title: str = ""
) -> Any:
    """Return the estimate after each added study, with its interval.

    Args:
        result: a model without moderators.
        order: what studies are sorted by; see `review.cumulative`.
        transf: back-transformation; the measure's own by default.
        title: above the figure.
    """
    from review.stats.diagnostics import cumulative as refit

    heading = title or "Estimate after adding the study named"
    return _refits(result, refit(result, order), transf, heading, "+ ")


def _refits(
    result: MetaResult, refits: RefitResult, transf: str | None, title: str, prefix: str
) -> Any:
    import numpy as np
    import plotly.graph_objects as go

    from review.stats.effect_sizes import back_transform

    name = transf or result.transf or "identity"
    values = [
        np.asarray(back_transform(x, transf=name, ni=result.ni, ti=result.ni))
        for x in (refits.estimate, refits.ci_lb, refits.ci_ub)
    ]
    estimate, low, high = values
    scale = scale_of(result, transf)
    ys = list(range(len(refits.labels)))
    figure = go.Figure(
        go.Scatter(
            x=estimate, y=ys, mode="markers", marker={"color": PALETTE[0], "size": 9},
            error_x={"type": "data", "symmetric": False, "array": high - estimate,
                     "arrayminus": estimate - low, "color": INK, "thickness": 1.3, "width": 0},
            text=[
                f"{prefix}{plain(label)}<br>{number(e, 4)} [{number(lo, 4)}, {number(hi, 4)}]"
                for label, e, lo, hi in zip(refits.labels, *values, strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip
    whole = float(result.predict(transf=None if name == "identity" else name).pred[0])
    figure.add_vline(x=whole, line={"color": MUTED, "dash": "dot", "width": 1})
    for y, *texts in zip(ys, *values, strict=True):
        e, lo, hi = (number(float(t)) for t in texts)
        figure.add_annotation(
            x=1, xref="paper", xanchor="right", y=y, showarrow=False, font={"size": 12},
            text=f"{e} [{lo}, {hi}]",
        )  # fmt: skip
    extent = [float(v) for v in np.concatenate(values) if np.isfinite(v)]
    figure.update_layout(
        **layout(
            title,
            xaxis=scale.axis(extent, domain=[0, 0.76]),
            yaxis=axis(
                "", tickvals=ys, ticktext=[prefix + plain(s) for s in refits.labels],
                range=[len(ys) - 0.4, -0.6], showgrid=False,
            ),
            height=130 + 24 * len(ys),
            showlegend=False,
        )
    )  # fmt: skip
    return figure

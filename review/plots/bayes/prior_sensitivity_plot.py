"""Prior sensitivity: average and tau under several priors of tau."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.plots.bayes.interval_panels import frame_of, rows_axis, segments, texts_of
from review.plots.meta.effect_axis import number, scale_of
from review.plots.theme import INK, MUTED, PALETTE, axis, layout, plain
from review.stats.presentation.effect_display import back_pooled
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.bayes.prior_sensitivity import PriorSensitivity
    from review.stats.presentation.effect_display import Transf

PANEL: Final = 150  # pixels that a panel needs


def sensitivity(
    result: BayesResult,
    priors: Any = None,
    *,
    found: PriorSensitivity | None = None,
    transf: Transf = None,
    title: str = "",
    digits: int = 2,
) -> Any:
    """Return average (thick), effect of a new study (thin) and tau under several priors.

    Args:
        result: a Bayesian meta-analysis.
        priors: those of `review.prior_sensitivity`.
        found: what was computed already.
        transf: back-transformation of effects; the measure's own by default.
        title: above the figure.
        digits: after the decimal point.

    Example:
        >>> from review import bayes_meta
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> figure = sensitivity(fit, ["half-normal:0.5", "half-cauchy:0.5"])
        >>> figure.layout.annotations[0].text
        '<b>half-normal:0.5</b>'
    """
    import plotly.graph_objects as go

    if found is None:
        found = result.sensitivity(priors)
    scale = scale_of(result, transf)
    level = level_name(found.level)
    mean = np.column_stack([
        back_pooled(result, x, transf) for x in (found.beta, found.ci_lb, found.ci_ub)
    ])  # fmt: skip
    new = np.column_stack([back_pooled(result, x, transf) for x in (found.pi_lb, found.pi_ub)])
    tau = np.column_stack([found.tau, found.tau_lb, found.tau_ub])
    columns = [
        (f"Average<br>[{level} CrI]", [_text(x, digits) for x in mean]),
        (f"tau<br>[{level} CrI]", [_text(x, digits) for x in tau]),
    ]
    frame = frame_of(found.priors, columns, title=title)
    ys = np.arange(len(found.priors), dtype=float)
    figure = go.Figure()
    thin = {"color": MUTED, "width": 1.2}
    figure.add_trace(segments(new, ys, name="new study", line=thin))
    for name, values, place, colour in (
        ("average", mean, {"xaxis": "x", "yaxis": "y"}, PALETTE[0]),
        ("tau", tau, {"xaxis": "x2", "yaxis": "y"}, PALETTE[2]),
    ):
        thick = {"color": colour, "width": 3}
        figure.add_trace(
            segments(values[:, 1:], ys, name=f"interval of {name}", line=thick, **place)
        )
        figure.add_trace(
            go.Scatter(
                x=values[:, 0], y=ys, mode="markers", name=name,
                marker={"size": 9, "color": colour, "line": {"color": INK, "width": 1}},
                text=[f"<b>{plain(p)}</b><br>{name} {_text(v, 4)}"
                      for p, v in zip(found.priors, values, strict=True)],
                hovertemplate="%{text}<extra></extra>", **place,
            )
        )  # fmt: skip
    drawn = [float(new.min()), float(new.max())]
    ends = np.log10(drawn) if scale.log else np.array(drawn)
    ends = ends + 0.04 * float(np.ptp(ends)) * np.array([-1, 1])
    most = float(tau.max())
    figure.update_layout(
        **layout(
            title,
            height=frame.height,
            margin={"l": frame.left, "r": frame.right, "t": frame.top, "b": 66},
            showlegend=False,
            xaxis=scale.axis(drawn, range=ends.tolist(), domain=[0, 0.58], automargin=False,
                             tickangle=0),
            xaxis2=axis("tau", domain=[0.66, 1], anchor="y", range=[-0.03 * most, 1.05 * most],
                        nticks=4,
                        automargin=False, tickangle=0),
            yaxis=rows_axis(len(ys)),
            annotations=texts_of(
                frame, found.priors, columns, [p == found.chosen for p in found.priors]
            ),
            meta={"min_width": round(frame.left + frame.right + 2 * PANEL)},
        )
    )  # fmt: skip
    figure.update_layout(title={"xref": "container", "x": 0, "pad": {"l": 8}})
    if scale.null is not None and drawn[0] <= scale.null <= drawn[1]:
        figure.add_vline(x=scale.null, line={"color": MUTED, "dash": "dot", "width": 1})
    return figure


def _text(values: Any, digits: int) -> str:
    estimate, low, high = (number(float(v), digits) for v in values)
    return f"{estimate} [{low}, {high}]"

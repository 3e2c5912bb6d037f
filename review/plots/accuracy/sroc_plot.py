"""The summary ROC plot: studies with their intervals, summary point, regions and curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.plots.meta.effect_axis import number
from review.plots.theme import INK, MUTED, PALETTE, SYMBOLS, axis, layout, plain
from review.stats.accuracy.sroc_curves import CURVE_NAMES
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.accuracy.accuracy_comparison import AccuracyComparison
    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.accuracy.accuracy_studies import AccuracyStudies

_CURVE_POINTS: Final = 200
_SMALL, _LARGE = 6.0, 18.0  # pixels of the smallest and largest study
_FAINT: Final = "rgba(89,99,110,0.45)"
MOST_CROSSES: Final = 150  # studies above which their intervals are not drawn


def sroc(
    result: AccuracyResult,
    *,
    curve: str | None = "rutter_gatsonis",
    confidence: bool = True,
    prediction: bool = True,
    distribution: str = "chi2",
    crosses: bool = True,
    links: Sequence[str | None] | None = None,
    title: str = "",
) -> Any:
    """Return the summary ROC plot.

    The area of a study's mark is in proportion to its size, its cross shows the intervals of
    sensitivity and false-positive rate. The curve ends where the studies end.

    Args:
        result: a model without moderators.
        curve: its kind, see `result.sroc`, or None for no curve.
        confidence: whether the confidence region is drawn.
        prediction: whether the prediction region is drawn.
        distribution: of the regions, see `result.region`.
        crosses: whether the intervals of the studies are drawn (up to 150 studies).
        links: address per row of the input; a click on a study opens it.
        title: above the figure.

    Raises:
        StatsError: the model has moderators.

    Example:
        >>> from review import diagnostic_meta
        >>> fit = diagnostic_meta([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
        >>> [trace.name for trace in sroc(fit, crosses=False).data][-1]
        'summary point'
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    level = f"{level_name(result.level)}"
    if prediction:
        outline = result.region("prediction", distribution=distribution)
        name = f"{level} prediction region"
        _outline(figure, outline, name, MUTED, dash="dash", fill="rgba(0,0,0,0)")
    if confidence:
        outline = result.region("confidence", distribution=distribution)
        fill = "rgba(213,94,0,0.15)"
        name = f"{level} confidence region"
        _outline(figure, outline, name, PALETTE[5], dash="solid", fill=fill)
    studies = result.studies
    if crosses and result.n_rows <= MOST_CROSSES:
        figure.add_trace(_crosses(studies))
    figure.add_trace(_marks(studies, result.rows.ids.tolist(), links))
    if curve is not None:
        _curve(figure, result, curve)
    _summary(figure, result)
    _finish(figure, title)
    return figure


def sroc_tests(comparison: AccuracyComparison, *, title: str = "") -> Any:
    """Return the summary points of several tests with their confidence regions.

    Args:
        comparison: from `review.compare_tests`.
        title: above the figure.
    """
    import plotly.graph_objects as go

    from review.stats.accuracy.summary_point import ellipse

    figure = go.Figure()
    points = comparison.points
    for t, name in enumerate(comparison.tests):
        colour = PALETTE[t % len(PALETTE)]
        region = ellipse(points.logits[t], points.vb[t], comparison.level)
        figure.add_trace(
            go.Scatter(
                x=region[:, 0], y=region[:, 1], mode="lines", legendgroup=name, showlegend=False,
                line={"color": colour, "width": 1.5}, fill="toself", opacity=0.9,
                fillcolor=_transparent(colour), hoverinfo="skip",
            )
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=[points.fpr[t, 0]], y=[points.sens[t, 0]], mode="markers", name=plain(name),
                legendgroup=name,
                marker={"symbol": SYMBOLS[1 + t % 5], "size": 12, "color": colour,
                        "line": {"color": INK, "width": 1}},
                text=[_point_text(points, t)], hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    _finish(figure, title)
    return figure


def _transparent(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"


def _outline(figure: Any, outline: Any, name: str, colour: str, *, dash: str, fill: str) -> None:
    import plotly.graph_objects as go

    figure.add_trace(
        go.Scatter(
            x=outline[:, 0], y=outline[:, 1], mode="lines", name=name, fill="toself",
            fillcolor=fill, line={"color": colour, "width": 1.5, "dash": dash}, hoverinfo="skip",
        )
    )  # fmt: skip


def _crosses(studies: AccuracyStudies) -> Any:
    """One line per interval, in one trace."""
    import plotly.graph_objects as go

    xs: list[float | None] = []
    ys: list[float | None] = []
    for sens, spec in zip(studies.sens.tolist(), studies.spec.tolist(), strict=True):
        if np.isnan(sens[0]) or np.isnan(spec[0]):
            continue
        fpr = [1 - s for s in spec]
        xs += [fpr[2], fpr[1], None, fpr[0], fpr[0], None]
        ys += [sens[0], sens[0], None, sens[1], sens[2], None]
    return go.Scatter(
        x=xs, y=ys, mode="lines", name="intervals of the studies", hoverinfo="skip",
        line={"color": _FAINT, "width": 0.8}, showlegend=False,
    )  # fmt: skip


def _marks(studies: AccuracyStudies, ids: list[int], links: Sequence[str | None] | None) -> Any:
    import plotly.graph_objects as go

    sens, spec = studies.sens, studies.spec
    both = ~(np.isnan(sens[:, 0]) | np.isnan(spec[:, 0]))
    size = np.nan_to_num(studies.tp + studies.fn + studies.fp + studies.tn, nan=0.0)
    top = float(size.max()) or 1.0
    return go.Scatter(
        x=1 - spec[both, 0], y=sens[both, 0], mode="markers", name="studies", cliponaxis=False,
        marker={
            "size": _SMALL + (_LARGE - _SMALL) * np.sqrt(size[both] / top),
            "color": PALETTE[0], "opacity": 0.65, "line": {"color": PALETTE[7], "width": 1},
        },
        text=[_study_text(studies, i) for i in np.flatnonzero(both).tolist()],
        customdata=[links[ids[i]] for i in np.flatnonzero(both).tolist()] if links else None,
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _study_text(studies: AccuracyStudies, i: int) -> str:
    lines = [f"<b>{plain(studies.labels[i])}</b>"]
    for name, words in (("sens", "sensitivity"), ("spec", "specificity")):
        e, low, high = getattr(studies, name)[i].tolist()
        lines.append(f"{words} {number(e, 3)} [{number(low, 3)}, {number(high, 3)}]")
    cells = [getattr(studies, c)[i] for c in ("tp", "fn", "fp", "tn")]
    if not np.isnan(cells).any():
        lines.append("TP {:g}, FN {:g}, FP {:g}, TN {:g}".format(*cells))
    return "<br>".join(lines)


def _curve(figure: Any, result: AccuracyResult, kind: str) -> None:
    """Draw the curve over the observed false-positive rates; nothing where it is not defined."""
    import plotly.graph_objects as go

    low, high = result.observed_fpr
    try:
        line = result.sroc(kind, np.linspace(max(low, 0.0), min(high, 1.0), _CURVE_POINTS))
    except StatsError:
        return
    figure.add_trace(
        go.Scatter(
            x=line.fpr, y=line.sens, mode="lines", hoverinfo="skip",
            name=f"SROC curve, {CURVE_NAMES[kind]}", line={"color": INK, "width": 2},
        )
    )  # fmt: skip


def _summary(figure: Any, result: AccuracyResult) -> None:
    import plotly.graph_objects as go

    points = result.predict()
    figure.add_trace(
        go.Scatter(
            x=points.fpr[:, 0], y=points.sens[:, 0], mode="markers", name="summary point",
            marker={"symbol": "diamond", "size": 13, "color": PALETTE[5],
                    "line": {"color": INK, "width": 1}},
            text=[_point_text(points, 0)], hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip


def _point_text(points: Any, row: int) -> str:
    lines = [f"<b>{plain(points.names[row])}</b>"]
    for name, words in (("sens", "sensitivity"), ("spec", "specificity")):
        e, low, high = points.value(name, row)
        lines.append(f"{words} {number(e, 3)} [{number(low, 3)}, {number(high, 3)}]")
    return "<br>".join(lines)


def _finish(figure: Any, title: str) -> None:
    ends = {"range": [-0.02, 1.02], "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1]}
    figure.add_shape(
        type="line", x0=0, y0=0, x1=1, y1=1, layer="below",
        line={"color": MUTED, "width": 1, "dash": "dot"},
    )  # fmt: skip
    figure.update_layout(
        **layout(
            title,
            height=620,
            # one unit is as long on both axes, in a wide window and in a narrow one
            xaxis=axis("False-positive rate (1 − specificity)", **ends, constrain="domain",
                       constraintoward="left"),
            yaxis=axis("Sensitivity", **ends, scaleanchor="x", constrain="domain",
                       constraintoward="bottom"),
        )
    )  # fmt: skip
    figure.update_layout(
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "xanchor": "left"},
        margin={"b": 150},
    )

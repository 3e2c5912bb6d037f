"""Specification curve: every specification of a multiverse in order, and the choices it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.plots.meta.effect_axis import number, scale_of
from review.plots.text_measure import shorten, text_width
from review.plots.theme import BUTTONS, INK, MUTED, PALETTE, axis, layout, plain
from review.stats.presentation.effect_display import back_pooled
from review.words import count, level_name, percent

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.influence.multiverse import Multiverse
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.presentation.effect_display import Transf

COLOURS: Final = {"below": PALETTE[0], "not distinguished": "#9A9A9A", "above": PALETTE[5]}
MOST: Final = 1_500  # specifications that are drawn
ROW: Final = 20  # pixels per choice
CURVE: Final = 300
GAP: Final = 44
NAME: Final = 30  # letters of a choice


def multiverse(
    result: MetaResult,
    *,
    found: Multiverse | None = None,
    transf: Transf = None,
    title: str = "",
    **options: Any,
) -> Any:
    """Return the specification curve (Simonsohn, Simmons & Nelson 2020, Nat Hum Behav 4:1208).

    Above: estimate and interval of every specification, in the order of the estimates, coloured by
    the conclusion; the diamond is the reported one. Below: a mark for each choice that a
    specification makes. Of more than 1,500 specifications evenly spaced ones are drawn.

    Args:
        result: the meta-analysis.
        found: what was computed already.
        transf: back-transformation; the measure's own by default.
        title: above the figure.
        options: of `review.multiverse`, where it is not computed yet.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4, 0.3], [0.04, 0.09, 0.05, 0.02])
        >>> figure = multiverse(fit, methods=["DL", "REML"], tests=["z", "knha"])
        >>> [trace.name for trace in figure.data if trace.showlegend is None]
        ['includes 0', '95% interval above 0', 'reported']
    """
    import plotly.graph_objects as go

    if found is None:
        from review.stats.influence.multiverse import multiverse as compute

        found = compute(result, **options)
    order = np.argsort(found.beta, kind="stable")
    shown = order
    if len(order) > MOST:
        at = np.linspace(0, len(order) - 1, MOST).astype(int)
        place = int(np.flatnonzero(order == found.reference)[0])
        shown = order[np.unique(np.append(at, place))]
    shown_values = [
        back_pooled(result, values[shown], transf)
        for values in (found.beta, found.ci_lb, found.ci_ub)
    ]
    estimate, low, high = shown_values[0], np.fmin(*shown_values[1:]), np.fmax(*shown_values[1:])
    choices = _choices(found)
    figure = go.Figure()
    null = float(back_pooled(result, found.null, transf))
    _curve(figure, found, shown, np.stack([estimate, low, high]), null)
    _marks(figure, found, shown, choices)
    scale = scale_of(result, transf)
    drawn = [float(low.min()), float(high.max())]
    height = BUTTONS + (28 if title else 0) + 46 + CURVE + GAP + ROW * len(choices) + 52
    split = (ROW * len(choices)) / (CURVE + GAP + ROW * len(choices))
    names = [shorten(text, NAME) for _, text in choices]
    figure.update_layout(
        **layout(
            title,
            height=height,
            margin={
                "l": 16 + max(text_width(n, 11.5) for n in (*names, "0.00 0.00")), "r": 14,
                "t": BUTTONS + (28 if title else 0) + 46, "b": 52,
            },
            xaxis=axis(
                "", range=[-1.5, len(shown) + 0.5], showgrid=False,
                showticklabels=False, ticks="", anchor="y2", automargin=False,
            ) | {"title": {"text": _count(found, len(shown)), "standoff": 8,
                           "font": {"size": 13}}},
            yaxis=scale.axis(drawn, domain=[split + GAP / (height - 128), 1], automargin=False)
            | {"title": {"text": plain(scale.title), "standoff": 6, "font": {"size": 13}}},
            yaxis2={
                "domain": [0, split], "range": [len(choices) - 0.5, -0.5], "tickmode": "array",
                "tickvals": list(range(len(choices))), "ticktext": [_label(*c) for c in choices],
                "tickfont": {"size": 11.5}, "showgrid": True, "gridcolor": "#EEF0F2",
                "zeroline": False, "ticks": "", "fixedrange": True, "automargin": False,
            },
            legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": {"size": 12},
                    "itemsizing": "constant"},
        )
    )  # fmt: skip
    if scale.null is not None or found.null != 0:
        figure.add_hline(y=null, line={"color": MUTED, "dash": "dot", "width": 1}, yref="y")
    return figure


def _count(found: Multiverse, shown: int) -> str:
    of = f"{count(shown)} of {count(found.n)}" if shown < found.n else count(found.n)
    return f"{of} specifications<br>{percent(found.share_changed)} change the conclusion"


def _choices(found: Multiverse) -> list[tuple[str, str]]:
    """Dimension and choice of the rows of the lower part; "" and a heading above each dimension."""
    rows: list[tuple[str, str]] = []
    for heading, name in (("Estimator", "method"), ("Test", "test"), ("Left out", "kind")):
        rows.append(("", heading))
        rows += [(name, choice) for choice in dict.fromkeys(getattr(found, name))]
    return rows


def _label(dimension: str, choice: str) -> str:
    text = plain(shorten(choice, NAME))
    return f"{text} " if dimension else f"<b>{text}</b> "


def _text(found: Multiverse, i: int, values: FloatArray) -> str:
    without = plain(found.without[i] or "nothing")
    estimate, low, high = (number(float(v), 3) for v in values)
    return (
        f"{found.method[i]}, {found.test[i]}, without {without} (k = {found.k[i]:g})<br>"
        f"{estimate} [{low}, {high}]"
    )


def _curve(figure: Any, found: Multiverse, shown: Any, values: FloatArray, null: float) -> None:
    import plotly.graph_objects as go

    level = level_name(found.level)
    conclusion = np.array(found.conclusion)[shown]
    names = {"below": f"{level} interval below {null:g}",
             "not distinguished": f"includes {null:g}",
             "above": f"{level} interval above {null:g}"}  # fmt: skip
    for kind, colour in COLOURS.items():
        at = np.flatnonzero(conclusion == kind)
        if not len(at):
            continue
        estimate, low, high = values[:, at]
        nothing = np.full(len(at), np.nan)
        figure.add_trace(
            go.Scatter(
                x=np.stack([at, at, nothing], axis=1).ravel(),
                y=np.stack([low, high, nothing], axis=1).ravel(),
                mode="lines", line={"color": colour, "width": 1}, opacity=0.45, hoverinfo="skip",
                showlegend=False, name=f"intervals, {kind}",
            )
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=at, y=estimate, mode="markers", name=names[kind],
                marker={"color": colour, "size": 5},
                text=[_text(found, int(shown[j]), values[:, j]) for j in at.tolist()],
                hovertemplate="%{text}<extra></extra>",
            )
        )  # fmt: skip
    place = int(np.flatnonzero(shown == found.reference)[0])
    figure.add_trace(
        go.Scatter(
            x=[place], y=[values[0, place]], mode="markers", name="reported",
            marker={"symbol": "diamond", "size": 12, "color": "#FFFFFF",
                    "line": {"color": INK, "width": 2}},
            text=[_text(found, found.reference, values[:, place])],
            hovertemplate="reported: %{text}<extra></extra>",
        )
    )  # fmt: skip


def _marks(figure: Any, found: Multiverse, shown: Any, choices: list[tuple[str, str]]) -> None:
    """One mark per specification and choice."""
    import plotly.graph_objects as go

    conclusion = np.array(found.conclusion)[shown]
    wide = 9 if len(shown) < 150 else 6
    for y, (dimension, choice) in enumerate(choices):
        if not dimension:
            continue
        at = np.flatnonzero(np.array(getattr(found, dimension))[shown] == choice)
        figure.add_trace(
            go.Scatter(
                x=at, y=np.full(len(at), y), mode="markers", yaxis="y2", showlegend=False,
                name=f"{dimension} {choice}", hoverinfo="skip",
                marker={"symbol": "line-ns", "size": wide,
                        "line": {"width": 1.2, "color": [COLOURS[c] for c in conclusion[at]]}},
            )
        )  # fmt: skip

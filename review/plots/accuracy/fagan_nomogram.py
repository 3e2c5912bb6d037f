"""Fagan's nomogram: from the probability of disease before a test to that after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.plots.meta.effect_axis import number
from review.plots.theme import INK, MUTED, PALETTE, PAPER, layout
from review.stats.accuracy.summary_point import logit
from review.words import percent

if TYPE_CHECKING:
    from review.stats.accuracy.accuracy_result import AccuracyResult

_SHARES: Final = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98,
    0.99, 0.995, 0.998, 0.999,
)  # fmt: skip
_RATIOS: Final = (
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000,
)  # fmt: skip
_END: Final = float(np.log(0.999 / 0.001))


def fagan(result: AccuracyResult, pretest: float = 0.2, *, title: str = "") -> Any:
    """Return Fagan's nomogram (1975, N Engl J Med 293:257) of the summary point.

    Args:
        result: a model without moderators.
        pretest: probability of disease before the test.
        title: above the figure.

    Raises:
        InputError: the probability does not lie between 0 and 1.
        StatsError: the model has moderators.

    Example:
        >>> from review import diagnostic_meta
        >>> fit = diagnostic_meta([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
        >>> [trace.name.split(":")[0] for trace in fagan(fit, 0.3).data if trace.name]
        ['after a positive result', 'after a negative result']
    """
    import plotly.graph_objects as go

    found = result.predictive_values(pretest)
    point = result.predict()
    before = float(logit(np.float64(pretest)))
    figure = go.Figure()
    for x, values, ticks in (
        (0.0, [-float(logit(np.float64(p))) for p in _SHARES], _SHARES),
        (0.5, [float(np.log(r)) / 2 for r in _RATIOS], _RATIOS),
        (1.0, [float(logit(np.float64(p))) for p in _SHARES], _SHARES),
    ):
        _scale(figure, x, values, [_tick(t, share=x != 0.5) for t in ticks], inner=x == 0.5)
    after = {"positive": found.ppv[0], "negative": 1 - found.npv[0][[0, 2, 1]]}
    ratios = {"positive": point.value("lr_pos"), "negative": point.value("lr_neg")}
    for (sign, share), colour, dash in zip(
        after.items(), (PALETTE[5], PALETTE[0]), ("solid", "dash"), strict=True
    ):
        ratio = ratios[sign]
        end = before + float(np.log(ratio.estimate))
        text = f"{_percent(share[0])} [{_percent(share[1])}, {_percent(share[2])}]"
        figure.add_trace(
            go.Scatter(
                x=[0, 1], y=[-before, end], mode="lines+markers",
                line={"color": colour, "width": 2.5, "dash": dash},
                marker={"size": 7, "color": colour},
                name=f"after a {sign} result: {text}<br>(LR {number(ratio.estimate)})",
                hovertemplate=f"after a {sign} result: {text}<extra></extra>",
            )
        )  # fmt: skip
    _finish(figure, pretest, title)
    return figure


def _tick(value: float, *, share: bool) -> str:
    return f"{100 * value:g}" if share else f"{value:g}"


def _percent(share: float) -> str:
    """A share in per cent, with the digits that keep it apart from 0 and 100."""
    value = 100 * float(share)
    digits = 1 if 1 <= value <= 99 else 2
    return percent(value, digits)


def _scale(figure: Any, x: float, values: list[float], texts: list[str], *, inner: bool) -> None:
    """A vertical scale with ticks and numbers, on its outer side at the edges.

    Numbers of the inner scale lie on paper, so that the lines do not strike them out.
    """
    import plotly.graph_objects as go

    figure.add_shape(type="line", x0=x, x1=x, y0=min(values), y1=max(values),
                     line={"color": INK, "width": 1.2})  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[x] * len(values), y=values, mode="markers" if inner else "markers+text",
            text=[f" {t} " for t in texts],
            textposition="middle left" if x < 1 else "middle right", textfont={"size": 11},
            marker={"symbol": "line-ew", "size": 7, "line": {"color": INK, "width": 1.2}},
            hoverinfo="skip", showlegend=False, cliponaxis=False,
        )
    )  # fmt: skip


def _inner_numbers() -> list[dict[str, Any]]:
    return [
        {"text": _tick(r, share=False), "x": 0.5, "y": float(np.log(r)) / 2, "xanchor": "right",
         "yanchor": "middle", "xshift": -7, "showarrow": False, "bgcolor": PAPER, "borderpad": 0,
         "font": {"size": 11}, "height": 11}
        for r in _RATIOS
    ]  # fmt: skip


def _finish(figure: Any, pretest: float, title: str) -> None:
    heads = (
        (0.0, "Before the test<br>(%)"),
        (0.5, "Likelihood<br>ratio"),
        (1.0, "After the test<br>(%)"),
    )
    notes = [
        {"text": f"<b>{text}</b>", "x": x, "xref": "x", "y": 1, "yref": "paper",
         "yanchor": "bottom", "showarrow": False, "font": {"size": 12}, "yshift": 6}
        for x, text in heads
    ]  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(
        **layout(
            title or f"Probability of disease, {_percent(pretest)} before the test",
            height=720,
            xaxis=hidden | {"range": [-0.16, 1.16]},
            yaxis=hidden | {"range": [-_END - 0.3, _END + 0.3]},
            annotations=[*notes, *_inner_numbers()],
            margin={"l": 16, "r": 16, "t": 116, "b": 96},
            font={"color": INK, "size": 13},
        )
    )
    figure.update_layout(
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0, "font": {"color": MUTED}}
    )

"""Forest plots: studies, subgroups, summary and prediction interval in one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.meta.scales import Scale, number, scale_of
from review.plots.theme import INK, MUTED, PALETTE, layout, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.stats.forest import ForestRow
    from review.stats.result import MetaResult

ROW: Final = 24  # pixels per row
SMALL: Final = 16
MANY: Final = 60  # rows from which they are drawn small
_TEXT_WIDTH: Final = 0.25
_WEIGHT_WIDTH: Final = 0.09
_COLUMN_WIDTH: Final = 0.10
_ROB_WIDTH: Final = 0.045
# judgement -> sign and colour: readable without colours
ROB_SIGNS: Final = {
    "low": ("+", "#009E73"),
    "some concerns": ("−", "#E69F00"),
    "moderate": ("−", "#E69F00"),
    "unclear": ("?", "#E69F00"),
    "high": ("×", "#D55E00"),
    "serious": ("×", "#D55E00"),
    "critical": ("!", "#882255"),
    "no information": ("?", "#9A9A9A"),
}


def forest(
    result: MetaResult,
    *,
    rows: Sequence[ForestRow] | None = None,
    transf: str | None = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    risk_of_bias: Mapping[str, Sequence[str | None]] | None = None,
    links: Sequence[str | None] | None = None,
    title: str = "",
    footer: Sequence[str] = (),
    digits: int = 2,
) -> Any:
    """Return a forest plot.

    Args:
        result: the model; with moderators no total is drawn.
        rows: those of `review.stats.forest` with subgroups; by default the studies and the total.
        transf: back-transformation; the measure's own by default.
        columns: extra columns of text: title -> one value per row of the input.
        risk_of_bias: domain -> one judgement per row of the input.
        links: address of each study, one per row of the input; opened from the hover text.
        title: above the figure.
        footer: lines below it, such as the test for subgroup differences.
        digits: after the decimal point.

    Returns:
        A plotly figure.

    Example:
        >>> from review import meta_analysis
        >>> figure = forest(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> figure.layout.yaxis.ticktext[0]
        '1'
    """
    import plotly.graph_objects as go

    from review.stats.forest import forest_rows

    shown = list(rows if rows is not None else forest_rows(result, transf))
    scale = scale_of(result, transf)
    figure = go.Figure()
    ys = list(range(len(shown)))
    _studies(figure, shown, links)
    _summaries(figure, shown)
    size = SMALL if len(shown) > MANY else ROW
    texts = _text_columns(shown, columns or {}, digits, scale, result.level)
    right = _draw_columns(figure, shown, texts, risk_of_bias or {})
    lines = _footer(figure, footer)
    figure.update_layout(
        **layout(
            title,
            height=size * (len(shown) + 1) + 130 + 18 * lines,
            margin={"l": 10, "r": 20, "t": 76 if title else 50, "b": 66 + 18 * lines},
            showlegend=False,
            xaxis=scale.axis(_extent(shown), domain=[0, right]),
            yaxis=_labels(shown, ys, size),
        )
    )
    if scale.null is not None:
        figure.add_shape(
            type="line", x0=scale.null, x1=scale.null, y0=-0.6, y1=len(shown) - 0.4,
            line={"color": INK, "width": 1}, layer="below",
        )  # fmt: skip
    total = next((r for r in shown if r.kind == "total"), None)
    if total is not None:
        figure.add_shape(
            type="line", x0=total.estimate, x1=total.estimate, y0=-0.6, y1=len(shown) - 1,
            line={"color": MUTED, "width": 1, "dash": "dot"}, layer="below",
        )  # fmt: skip
    return figure


def _extent(rows: Sequence[ForestRow]) -> list[float]:
    return [x for r in rows for x in (r.ci_lb, r.ci_ub) if x is not None]


def _labels(rows: Sequence[ForestRow], ys: list[int], size: int) -> dict[str, Any]:
    texts = [plain(r.label) if r.kind == "study" else f"<b>{plain(r.label)}</b>" for r in rows]
    return {
        "tickvals": ys,
        "ticktext": texts,
        "range": [len(rows) - 0.4, -0.6],
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": 12 if size == ROW else 10},
    }


def _studies(figure: Any, rows: Sequence[ForestRow], links: Sequence[str | None] | None) -> None:
    """Squares with an area in proportion to the weight, and their intervals."""
    import plotly.graph_objects as go

    drawn = [(y, r) for y, r in enumerate(rows) if r.kind == "study" and r.estimate is not None]
    top = max((r.weight or 0 for _, r in drawn), default=1) or 1
    figure.add_trace(
        go.Scatter(
            x=[r.estimate for _, r in drawn],
            y=[y for y, _ in drawn],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_gap(r.ci_ub, r.estimate) for _, r in drawn],
                "arrayminus": [_gap(r.estimate, r.ci_lb) for _, r in drawn],
                "color": INK,
                "thickness": 1.3,
                "width": 0,
            },
            mode="markers",
            marker={
                "symbol": "square",
                "color": PALETTE[0],
                "size": [4 + 12 * ((r.weight or 0) / top) ** 0.5 for _, r in drawn],
                "line": {"width": 0},
                "opacity": 1,
            },
            text=[_hover(r, links) for _, r in drawn],
            hovertemplate="%{text}<extra></extra>",
            name="studies",
        )
    )


def _gap(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(high - low, 0.0)


def _hover(row: ForestRow, links: Sequence[str | None] | None) -> str:
    link = links[row.row] if links and row.row is not None else None
    text = f"<b>{plain(row.label)}</b><br>{row.estimate:.6g} [{row.ci_lb:.6g}, {row.ci_ub:.6g}]"
    if row.weight is not None:
        text += f"<br>weight {row.weight:.4g} %"
    return text + (f"<br>{plain(link)}" if link else "")


def _summaries(figure: Any, rows: Sequence[ForestRow]) -> None:
    """Diamonds of totals and subtotals, and the bar of the prediction interval."""
    import plotly.graph_objects as go

    for y, row in enumerate(rows):
        if row.kind in {"total", "subtotal"}:
            xs = [row.ci_lb, row.estimate, row.ci_ub, row.estimate, row.ci_lb]
            colour = PALETTE[5] if row.kind == "total" else PALETTE[1]
            figure.add_trace(
                go.Scatter(
                    x=xs, y=[y, y - 0.32, y, y + 0.32, y], mode="lines", fill="toself",
                    fillcolor=colour, line={"color": colour, "width": 1}, hoverinfo="text",
                    text=_hover(row, None), name=plain(row.label),
                )
            )  # fmt: skip
        elif row.kind == "prediction":
            figure.add_trace(
                go.Scatter(
                    x=[row.ci_lb, row.ci_ub], y=[y, y], mode="lines",
                    line={"color": PALETTE[5], "width": 5}, hoverinfo="text",
                    text=_hover(row, None), name="prediction interval",
                )
            )  # fmt: skip


def _text_columns(
    rows: Sequence[ForestRow],
    columns: Mapping[str, Sequence[Any]],
    digits: int,
    scale: Scale,
    level: float,
) -> list[tuple[str, float, list[str]]]:
    """Return (title, width, text per row) of each column to the right of the plot."""
    found = [
        (
            name,
            _COLUMN_WIDTH,
            ["" if r.row is None or values[r.row] is None else str(values[r.row]) for r in rows],
        )
        for name, values in columns.items()
    ]
    effect = [
        ""
        if row.estimate is None
        else f"{'' if row.kind == 'prediction' else number(row.estimate, digits) + ' '}"
        f"[{number(row.ci_lb, digits)}, {number(row.ci_ub, digits)}]"
        for row in rows
    ]
    found.append((f"{scale.title} [{level:g}% CI]", _TEXT_WIDTH, effect))
    if any(row.weight is not None for row in rows):
        weights = ["" if r.weight is None else f"{r.weight:.1f} %" for r in rows]
        found.append(("Weight", _WEIGHT_WIDTH, weights))
    return found


def _draw_columns(
    figure: Any,
    rows: Sequence[ForestRow],
    texts: list[tuple[str, float, list[str]]],
    risk: Mapping[str, Sequence[str | None]],
) -> float:
    """Draw the columns to the right; return where the plot itself ends."""
    right = 1 - sum(width for _, width, _ in texts) - _ROB_WIDTH * len(risk)
    at = right
    for name, width, column in texts:
        _text(figure, at + width, -1, f"<b>{plain(name)}</b>", "right", bold=True)
        for y, (row, text) in enumerate(zip(rows, column, strict=True)):
            if text:
                strong = row.kind != "study"
                shown = f"<b>{plain(text)}</b>" if strong else plain(text)
                _text(figure, at + width, y, shown, "right")
        at += width
    for name, judgements in risk.items():
        _text(figure, at + _ROB_WIDTH / 2, -1, f"<b>{plain(name)}</b>", "center", bold=True)
        for y, row in enumerate(rows):
            judged = judgements[row.row] if row.row is not None else None
            if judged:
                sign, colour = ROB_SIGNS.get(judged.casefold(), ("?", "#9A9A9A"))
                shown = f'<span style="color:{colour}"><b>{sign}</b></span>'
                _text(figure, at + _ROB_WIDTH / 2, y, shown, "center", hover=judged)
        at += _ROB_WIDTH
    return right - 0.02


def _text(
    figure: Any, x: float, y: float, text: str, anchor: str, *, bold: bool = False, hover: str = ""
) -> None:
    place = {"yref": "paper", "y": 1.0, "yanchor": "bottom"} if bold else {"yref": "y", "y": y}
    figure.add_annotation(
        x=x, xref="paper", xanchor=anchor, text=text, showarrow=False, font={"size": 12},
        hovertext=hover or None, **place,
    )  # fmt: skip


def _footer(figure: Any, lines: Sequence[str]) -> int:
    for i, line in enumerate(lines):
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=0, yref="paper", yanchor="top",
            yshift=-58 - 18 * i, text=plain(line), showarrow=False,
            font={"size": 12, "color": MUTED},
        )  # fmt: skip
    return len(lines)

"""Coupled forest plot: sensitivity and specificity of each study side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.plots.meta.effect_axis import number
from review.plots.meta.forest_columns import GAP
from review.plots.text_measure import shorten, text_width
from review.plots.theme import BUTTONS, INK, PALETTE, axis, layout, plain
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.ground.least_squares import FloatArray

ROW: Final = 24
SMALL: Final = 17
MANY: Final = 60
MOST: Final = 400  # studies that are drawn
ORDERS: Final = ("given", "sensitivity", "specificity", "name")
_CELLS: Final = ("tp", "fn", "fp", "tn")
_PANEL: Final = 130  # pixels that a panel needs
_NAME: Final = 36


@dataclass(frozen=True)
class _Row:
    label: str
    cells: tuple[str, ...]
    sens: tuple[float, float, float]
    spec: tuple[float, float, float]
    kind: str  # study, summary, prediction


def coupled_forest(
    result: AccuracyResult,
    *,
    order: str = "given",
    links: Sequence[str | None] | None = None,
    title: str = "",
    digits: int = 2,
) -> Any:
    """Return the coupled forest plot.

    Squares are shares of counts as given with Wilson intervals; diamonds are the summary point;
    the bars below it are prediction intervals.

    Args:
        result: the model; with moderators no summary is drawn.
        order: of the studies: "given", "sensitivity", "specificity" or "name".
        links: address per row of the input; a click on a square opens it.
        title: above the figure.
        digits: after the decimal point.

    Raises:
        InputError: more than 400 studies, which nobody can read.

    Example:
        >>> from review import diagnostic_meta
        >>> fit = diagnostic_meta([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
        >>> figure = coupled_forest(fit)
        >>> figure.layout.xaxis.title.text, figure.layout.xaxis2.title.text
        ('Sensitivity', 'Specificity')
    """
    import plotly.graph_objects as go

    from review.stats.pooling.meta_rows import choose

    if result.n_rows > MOST:
        raise InputError(
            f"{result.n_rows:,} studies are too many for a coupled forest plot (at most {MOST})"
        )
    rows, index = _rows(result, choose("order", order, ORDERS))
    small = len(rows) > MANY
    size, high = (10.5, SMALL) if small else (12, ROW)
    texts = {n: [_interval(r, n, digits) for r in rows] for n in ("sens", "spec")}
    widths = {n: max(text_width(t, size) for t in (*x, "[95% CI]")) + GAP for n, x in texts.items()}
    cell = max(text_width(c, size) for r in rows for c in (*r.cells, "TN")) + 14
    name = 14 + max(text_width(shorten(r.label, _NAME), size + 0.5) for r in rows)
    left, right = name + 4 * cell + 10, sum(widths.values()) + GAP
    figure = go.Figure()
    for n, axes in (("sens", ("x", "y")), ("spec", ("x2", "y"))):
        _panel(figure, rows, n, axes, _links(result, links, index))
    height = high * (len(rows) + 1) + BUTTONS + (28 if title else 0) + 34 + 66
    figure.update_layout(
        **layout(
            title,
            height=height,
            margin={"l": left, "r": right, "t": BUTTONS + (28 if title else 0) + 34, "b": 66},
            showlegend=False,
            yaxis={"range": [len(rows) - 0.4, -0.6], "showticklabels": False, "showgrid": False,
                   "zeroline": False, "ticks": "", "fixedrange": True},
            xaxis=_axis("Sensitivity", 0.0, 0.47),
            xaxis2=_axis("Specificity", 0.53, 1.0) | {"anchor": "y"},
            annotations=_texts(rows, texts, widths, size=size, left=left, cell=cell,
                               level=result.level),
            meta={"min_width": round(left + right + 2 * _PANEL)},
        )
    )  # fmt: skip
    figure.update_layout(title={"xref": "container", "x": 0, "pad": {"l": 8}})
    return figure


def _axis(title: str, start: float, end: float) -> dict[str, Any]:
    ticks = {"tickvals": [0, 0.5, 1], "ticktext": ["0", "0.5", "1"], "tickangle": 0}
    return axis(title, domain=[start, end], range=[-0.04, 1.04], automargin=False, **ticks)


def _rows(result: AccuracyResult, order: str) -> tuple[list[_Row], list[int]]:
    """The rows from top to bottom, and the position of each study among the model's rows."""
    studies = result.studies
    index = list(range(result.n_rows))
    keys = {
        "sensitivity": lambda i: (-np.nan_to_num(studies.sens[i, 0], nan=-1), i),
        "specificity": lambda i: (-np.nan_to_num(studies.spec[i, 0], nan=-1), i),
        "name": lambda i: (studies.labels[i].casefold(), i),
    }
    if order in keys:
        index.sort(key=keys[order])
    rows = [
        _Row(
            studies.labels[i],
            tuple(_count(getattr(studies, n)[i]) for n in _CELLS),
            tuple(studies.sens[i].tolist()), tuple(studies.spec[i].tolist()), "study",
        )
        for i in index
    ]  # fmt: skip
    if result.intercept_only:
        point = result.predict()
        rows.append(
            _Row(f"Summary ({result.method}, k = {result.k})", ("",) * 4, point.value("sens"),
                 point.value("spec"), "summary")
        )  # fmt: skip
        limits = [(float("nan"), *x[0].tolist()) for x in (point.sens_pi, point.spec_pi)]
        rows.append(_Row("Prediction interval", ("",) * 4, limits[0], limits[1], "prediction"))
    return rows, index


def _count(x: float) -> str:
    return "" if np.isnan(x) else f"{x:g}"


def _links(
    result: AccuracyResult, links: Sequence[str | None] | None, index: list[int]
) -> list[str | None] | None:
    return None if links is None else [links[int(result.rows.ids[i])] for i in index]


def _interval(row: _Row, name: str, digits: int) -> str:
    estimate, low, high = getattr(row, name)
    if np.isnan(low):
        return ""
    limits = f"[{number(low, digits)}, {number(high, digits)}]"
    return limits if row.kind == "prediction" else f"{number(estimate, digits)} {limits}"


def _panel(
    figure: Any, rows: list[_Row], name: str, axes: tuple[str, str], links: list[str | None] | None
) -> None:
    import plotly.graph_objects as go

    place = dict(zip(("xaxis", "yaxis"), axes, strict=True))
    xs: list[float | None] = []
    ys: list[float | None] = []
    at: list[int] = []
    for y, row in enumerate(rows):
        estimate, low, high = getattr(row, name)
        if np.isnan(low):
            continue
        if row.kind == "study":
            xs += [low, high, None]
            ys += [y, y, None]
            at.append(y)
        elif row.kind == "summary":
            figure.add_trace(
                go.Scatter(
                    x=[low, estimate, high, estimate, low], y=[y, y - 0.32, y, y + 0.32, y],
                    mode="lines", fill="toself", fillcolor=PALETTE[5],
                    line={"color": INK, "width": 0.8}, name="summary", text=_hover(row, name),
                    hoverinfo="text", **place,
                )
            )  # fmt: skip
        else:
            figure.add_trace(
                go.Scatter(
                    x=[low, high], y=[y, y], mode="lines", name="prediction interval",
                    line={"color": PALETTE[5], "width": 5}, text=_hover(row, name),
                    hoverinfo="text", **place,
                )
            )  # fmt: skip
    figure.add_trace(
        go.Scatter(x=xs, y=ys, mode="lines", line={"color": INK, "width": 1.2}, hoverinfo="skip",
                   name="intervals", **place)
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[getattr(rows[y], name)[0] for y in at], y=at, mode="markers", name="studies",
            marker={"symbol": "square", "size": _sizes([rows[y] for y in at], name),
                    "color": PALETTE[0]},
            text=[_hover(rows[y], name) for y in at], cliponaxis=False,
            customdata=[links[y] for y in at] if links else None,
            hovertemplate="%{text}<extra></extra>", **place,
        )
    )  # fmt: skip


def _sizes(rows: list[_Row], name: str) -> FloatArray:
    """Sides of squares whose area is in proportion to the people behind a share."""
    pair = slice(0, 2) if name == "sens" else slice(2, 4)
    people = np.array([sum(float(c) for c in r.cells[pair] if c) for r in rows], dtype=float)
    top = people.max(initial=0.0)
    return np.clip(11 * np.sqrt(people / top), 4, None) if top else np.full(len(rows), 7.0)


def _hover(row: _Row, name: str) -> str:
    words = "sensitivity" if name == "sens" else "specificity"
    return f"<b>{plain(row.label)}</b><br>{words} {_interval(row, name, 4)}"


def _texts(
    rows: list[_Row],
    texts: dict[str, list[str]],
    widths: dict[str, float],
    *,
    size: float,
    left: float,
    cell: float,
    level: float,
) -> list[dict[str, Any]]:
    """Names and counts in the left margin, shares with intervals in the right one."""
    notes = []

    def put(text: str, y: int | None, *, bold: bool = False, **place: Any) -> None:
        shown = f"<b>{plain(text)}</b>" if bold or y is None else plain(text)
        at = {"yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 4} if y is None else (
            {"yref": "y", "y": y, "yanchor": "middle"}
        )  # fmt: skip
        notes.append(
            {"text": shown, "xref": "paper", "showarrow": False, "font": {"size": size}}
            | at
            | place
        )

    for j, name in enumerate(_CELLS):
        shift = -10 - (3 - j) * cell
        put(name.upper(), None, x=0, xanchor="right", xshift=shift)
    at = float(GAP)
    for name, words in (("sens", "Sensitivity"), ("spec", "Specificity")):
        at += widths[name]
        put(f"{words}", None, x=1, xanchor="right", xshift=at, align="right")
        notes[-1]["text"] = f"<b>{words}<br>[{level_name(level)} CI]</b>"
    for y, row in enumerate(rows):
        strong = row.kind != "study"
        put(shorten(row.label, _NAME), y, bold=strong, x=0, xanchor="left", xshift=8 - left)
        if shorten(row.label, _NAME) != row.label:
            notes[-1]["hovertext"] = plain(row.label)
        for j, text in enumerate(row.cells):
            if text:
                put(text, y, x=0, xanchor="right", xshift=-10 - (3 - j) * cell)
        at = float(GAP)
        for name in ("sens", "spec"):
            at += widths[name]
            if texts[name][y]:
                put(texts[name][y], y, bold=strong, x=1, xanchor="right", xshift=at)
    return notes

"""Scatter plots: colour by one category, marker shape by another, a link behind each point."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.plots.theme import (
    INK,
    NOT_STATED,
    OTHER,
    SAMPLE_COLOUR,
    TITLE_ROOM,
    axis,
    below_title,
    colours,
    layout,
    plain,
    symbols,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MANY_POINTS: Final = 5_000  # above, points get smaller and hover texts shorter
HEIGHT: Final = 620


@dataclass(frozen=True)
class ScatterStyle:
    """What a scatter plot shows.

    Attributes:
        x, y: columns of the rows.
        colour, shape: columns with categories, or "" for none.
        colours, shapes: the categories in their order, so that every panel uses the same signs.
        lines: text below the title, such as a correlation; plain text.
    """

    title: str
    x: str
    y: str
    x_title: str
    y_title: str
    colour: str = ""
    colour_title: str = ""
    colours: tuple[str, ...] = ()
    shape: str = ""
    shape_title: str = ""
    shapes: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    log_x: bool = True


def scatter(rows: Sequence[Mapping[str, Any]], style: ScatterStyle) -> Any:
    """Return a plotly scatter plot.

    Args:
        rows: one dictionary per point, with the columns that `style` names and `hover` and
            `link` for the text and address behind the point.
        style: what is shown where.
    """
    import plotly.graph_objects as go

    shape_of, colour_of = symbols(style.shapes), colours(style.colours)
    by_group: dict[str, list[Mapping[str, Any]]] = {
        group: [] for group in [*style.colours, OTHER, NOT_STATED]
    }
    for row in rows:
        by_group[_group(row, style)].append(row)
    traces = []
    for group, inside in by_group.items():
        if inside:
            colour = colour_of[group] if style.colour else SAMPLE_COLOUR
            traces.append(_points(inside, style, group, _marker(inside, style, colour, len(rows))))
            if style.colour:
                sign = {"color": colour, "symbol": "circle", "line": {"color": INK, "width": 0.8}}
                traces.append(_key(group, len(inside), "legend", sign, group=group))
    if style.shape:
        traces += _shape_keys(rows, style, shape_of)
    # plotly checks each value on its own, which takes seconds for very many points
    checked = {} if len(rows) <= MANY_POINTS else {"_validate": False}
    return go.Figure(data=traces, layout=_layout(style), **checked)


def hover_text(row: Mapping[str, Any], lines: Sequence[str], *, short: bool = False) -> str:
    """Return the text of a point: the study, its title, then the lines given.

    Args:
        row: with `label`, `title`, `link`.
        lines: plain text.
        short: the study alone, for very many points.
    """
    head = f"<b>{plain(row['label'])}</b>"
    if short:
        return head
    body = [plain(line) for line in lines]
    title = [plain(part) for part in textwrap.wrap(str(row["title"] or ""), 60)[:4]]
    link = [f"<i>click: {plain(row['link'])}</i>"] if row["link"] else []
    return "<br>".join([head, *title, *body, *link])


def _group(row: Mapping[str, Any], style: ScatterStyle) -> str:
    value = row[style.colour] if style.colour else None
    if value is None:
        return NOT_STATED
    return str(value) if value in style.colours else OTHER


def _marker(
    rows: Sequence[Mapping[str, Any]], style: ScatterStyle, colour: str, total: int
) -> dict[str, Any]:
    many = total > MANY_POINTS
    shape: Any = "circle"
    if style.shape:
        shape_of = symbols(style.shapes)
        shape = [shape_of.get(_word(r[style.shape]), shape_of[OTHER]) for r in rows]
    return {
        "color": colour,
        "symbol": shape,
        "size": 5 if many else 11,
        "opacity": 0.5 if many else 0.9,
        "line": {"color": INK, "width": 0 if many else 0.8},
    }


def _word(value: Any) -> str:
    return NOT_STATED if value is None else str(value)


def _points(
    rows: Sequence[Mapping[str, Any]], style: ScatterStyle, group: str, marker: dict[str, Any]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(words(group)),
        "x": [float(r[style.x]) for r in rows],
        "y": [float(r[style.y]) for r in rows],
        "hovertext": [r["hover"] for r in rows],
        "hoverinfo": "text",
        "customdata": [r["link"] for r in rows],
        "showlegend": False,
        "legendgroup": group,
        "marker": marker,
    }


def _key(
    name: str, n: int, legend: str, marker: dict[str, Any], *, group: str | None = None
) -> dict[str, Any]:
    """Return a trace without points that explains a sign; it toggles the points of its group."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": f"{plain(words(name))} ({n:,})",
        "legend": legend,
        "legendgroup": group or f"shape {name}",
        "hoverinfo": "skip",
        "showlegend": True,
        "marker": {"size": 11, **marker},
    }


def _shape_keys(
    rows: Sequence[Mapping[str, Any]], style: ScatterStyle, shape_of: Mapping[str, str]
) -> list[dict[str, Any]]:
    counts = Counter(_word(row[style.shape]) for row in rows)
    order = [*style.shapes, *sorted(set(counts) - {*style.shapes, NOT_STATED}), NOT_STATED]
    line = {"color": INK, "width": 1.5}
    return [
        _key(
            name,
            counts[name],
            "legend2",
            {"symbol": shape_of.get(name, shape_of[OTHER]), "color": "#FFFFFF", "line": line},
        )
        for name in order
        if counts[name]
    ]


def _layout(style: ScatterStyle) -> dict[str, Any]:
    top = TITLE_ROOM + 17 * len(style.lines)
    legend = {
        "orientation": "v",
        "x": 1.01,
        "xanchor": "left",
        "y": 1,
        "yanchor": "top",
        "font": {"size": 12},
        "itemsizing": "constant",
        "tracegroupgap": 0,
    }
    second = {**legend, "y": 0, "yanchor": "bottom", "title": {"text": plain(style.shape_title)}}
    return layout(
        style.title,
        height=HEIGHT,
        margin={"l": 70, "r": 20, "t": top, "b": 60},
        xaxis=axis(
            style.x_title,
            **(
                {
                    "type": "log",
                    "dtick": 1,
                    "minor": {"ticks": "outside"},
                    "exponentformat": "power",
                }
                if style.log_x
                else {}
            ),
        ),
        yaxis=axis(style.y_title),
        legend={**legend, "title": {"text": plain(style.colour_title)}},
        legend2=second,
        annotations=below_title(style.lines),
        hovermode="closest",
    )

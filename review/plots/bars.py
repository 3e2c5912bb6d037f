"""Bar charts that never mix up published counts and coded studies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from review.plots.theme import (
    INK,
    PUBLISHED_COLOUR,
    SAMPLE_COLOUR,
    TITLE_ROOM,
    axis,
    below_title,
    layout,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW: Final = 30  # pixels per category of a horizontal chart


@dataclass(frozen=True)
class Series:
    """Bars of one source.

    Attributes:
        name: shown in the legend.
        values: a number or None (no bar) per category.
        published: drawn hatched and in the colour of published counts.
    """

    name: str
    values: Sequence[float | None]
    published: bool = False
    hover: Sequence[str] = field(default_factory=tuple)


def bar_trace(
    categories: Sequence[str], series: Series, *, horizontal: bool, legend: bool = True
) -> dict[str, Any]:
    """Return a plotly bar trace; hatching tells published bars apart without colour."""
    numbers, names = list(series.values), [plain(c) for c in categories]
    colour = PUBLISHED_COLOUR if series.published else SAMPLE_COLOUR
    return {
        "type": "bar",
        "name": plain(series.name),
        "orientation": "h" if horizontal else "v",
        "x": numbers if horizontal else names,
        "y": names if horizontal else numbers,
        "text": ["" if n is None else f"{n:,}" for n in numbers],
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "textfont": {"color": INK, "size": 12},
        "hovertext": [plain(t) for t in series.hover] or None,
        "hoverinfo": "text" if series.hover else "x+y+name",
        "legendgroup": series.name,
        "showlegend": legend,
        "marker": {
            "color": colour,
            "line": {"color": colour, "width": 1},
            "pattern": {
                "shape": "/" if series.published else "",
                "fillmode": "replace",
                "fgcolor": colour,
                "bgcolor": "#FFFFFF",
                "size": 7,
                "solidity": 0.35,
            },
        },
    }


def room(values: Sequence[float | None]) -> list[float]:
    """Return an axis range that leaves room for the number at the end of the longest bar."""
    largest = max((v for v in values if v is not None), default=1) or 1
    return [0, largest * 1.15]


def horizontal_bars(
    title: str, categories: Sequence[str], series: Sequence[Series], x_title: str
) -> Any:
    """Return grouped horizontal bars, the first category on top."""
    import plotly.graph_objects as go

    height = 150 + len(categories) * ROW * max(len(series), 1)
    figure = go.Figure(
        layout=layout(
            title,
            height=height,
            barmode="group",
            bargap=0.25,
            xaxis=axis(x_title, range=room([v for s in series for v in s.values])),
            yaxis=axis(autorange="reversed", type="category", ticks=""),
            legend={"orientation": "h", "y": -60 / height, "yanchor": "top", "x": 0},
        )
    )
    for one in series:
        figure.add_trace(bar_trace(categories, one, horizontal=True))
    return figure


def vertical_bars(
    title: str,
    categories: Sequence[str],
    series: Sequence[Series],
    axes: tuple[str, str],
    lines: Sequence[str] = (),
) -> Any:
    """Return grouped vertical bars.

    Args:
        title: of the figure.
        categories: from left to right.
        series: one or more sources.
        axes: titles of the x and y axis.
        lines: text below the title.
    """
    import plotly.graph_objects as go

    figure = go.Figure(
        layout=layout(
            title,
            barmode="group",
            bargap=0.2,
            margin={"l": 70, "r": 20, "t": TITLE_ROOM + 17 * len(lines), "b": 90},
            xaxis=axis(axes[0], type="category", gridcolor="rgba(0,0,0,0)"),
            yaxis=axis(axes[1], range=room([v for s in series for v in s.values])),
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right"},
            showlegend=len(series) > 1,
            annotations=below_title(lines),
        )
    )
    for one in series:
        figure.add_trace(bar_trace(categories, one, horizontal=False))
    return figure

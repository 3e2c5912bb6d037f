"""Bar charts that never mix up published counts and coded studies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from review.plots.text_measure import lines_of
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

    from review.plots.figure_sizes import Medium

ROW: Final = 30  # pixels per category of a horizontal chart


@dataclass(frozen=True)
class Series:
    """Bars of one source.

    Attributes:
        name: shown in the legend.
        values: a number or None (no bar) per category.
        published: drawn hatched and in the colour of published counts.
        labels: text at the end of each bar; by default the value.
    """

    name: str
    values: Sequence[float | None]
    published: bool = False
    hover: Sequence[str] = field(default_factory=tuple)
    labels: Sequence[str] = field(default_factory=tuple)


def bar_trace(
    categories: Sequence[str], series: Series, *, horizontal: bool, legend: bool = True
) -> dict[str, Any]:
    """Return a plotly bar trace; hatching tells published bars apart without colour.

    The categories are as plotly reads them.
    """
    numbers, names = list(series.values), list(categories)
    colour = PUBLISHED_COLOUR if series.published else SAMPLE_COLOUR
    return {
        "type": "bar",
        "name": plain(series.name),
        "orientation": "h" if horizontal else "v",
        "x": numbers if horizontal else names,
        "y": names if horizontal else numbers,
        "text": list(series.labels) or ["" if n is None else f"{n:,}" for n in numbers],
        "textposition": "outside",
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"color": INK, "size": 11},
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


def room(series: Sequence[Series]) -> list[float]:
    """Return an axis range that leaves room for the text at the end of the longest bar."""
    largest = max((v for s in series for v in s.values if v is not None), default=1) or 1
    return [0, largest * (1.42 if any(s.labels for s in series) else 1.18)]


def wrapped_names(names: Sequence[str], width: float, medium: Medium) -> list[str]:
    """Return names of categories in lines of at most so many pixels, as plotly reads them."""
    return ["<br>".join(map(plain, lines_of(name, width, medium.text))) for name in names]


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
            xaxis=axis(x_title, range=room(series)),
            yaxis=axis(autorange="reversed", type="category", ticks=""),
            legend={"orientation": "h", "y": -60 / height, "yanchor": "top", "x": 0},
        )
    )
    for one in series:
        figure.add_trace(bar_trace([plain(c) for c in categories], one, horizontal=True))
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
        categories: from left to right, plain text.
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
            margin={"l": 70, "r": 20, "t": TITLE_ROOM + 17 * len(lines), "b": 60},
            xaxis=axis(axes[0], type="category", gridcolor="rgba(0,0,0,0)"),
            yaxis=axis(axes[1], range=room(series)),
            legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right"},
            showlegend=len(series) > 1,
            annotations=below_title(lines),
        )
    )
    for one in series:
        figure.add_trace(bar_trace([plain(c) for c in categories], one, horizontal=False))
    return figure


@dataclass(frozen=True)
class HistogramBar:
    """A bar of a histogram.

    Attributes:
        low, high: where it begins and ends on the axis; an open one has no end.
        count: its height.
        hover: shown for it.
    """

    low: float
    high: float | None
    count: int
    hover: str


def histogram(
    title: str,
    bars: Sequence[HistogramBar],
    axes: tuple[str, str],
    *,
    ticks: Sequence[tuple[float, str]],
    series: str,
) -> Any:
    """Return bars on an axis of numbers: equal steps have equal gaps.

    An open bin at the end stands apart and is drawn paler, since its width says nothing.

    Args:
        title: of the figure.
        bars: from left to right, of equal width; the last one may be open.
        axes: titles of the x and y axis.
        ticks: places and labels; of an open bin, the place where it begins.
        series: what is counted.
    """
    import plotly.graph_objects as go

    wide = next(b.high - b.low for b in bars if b.high is not None) if (
        any(b.high is not None for b in bars)
    ) else 1.0  # fmt: skip
    apart = [b.low + wide * (0.5 if b.high is not None else 1.25) for b in bars]
    shown = [(x if x != _open(bars) else x + 1.25 * wide, text) for x, text in ticks]
    figure = go.Figure(
        layout=layout(
            title,
            bargap=0.0,
            margin={"l": 70, "r": 20, "t": TITLE_ROOM, "b": 60},
            xaxis=axis(
                axes[0], showgrid=False, tickvals=[x for x, _ in shown],
                ticktext=[plain(text) for _, text in shown],
                range=[bars[0].low - 0.25 * wide, max(apart) + 0.9 * wide],
            ),
            yaxis=axis(axes[1], range=[0, 1.18 * max(b.count for b in bars)]),
            showlegend=False,
        )
    )  # fmt: skip
    trace = bar_trace((), Series(series, [b.count for b in bars]), horizontal=False)
    pale = [0.45 if b.high is None else 1.0 for b in bars]
    marker = {**trace["marker"], "opacity": pale, "pattern": {}}
    figure.add_trace(
        trace
        | {"x": apart, "width": 0.9 * wide, "marker": marker, "hoverinfo": "text"}
        | {"hovertext": [plain(b.hover) for b in bars]}
    )
    return figure


def _open(bars: Sequence[HistogramBar]) -> float | None:
    return bars[-1].low if bars and bars[-1].high is None else None

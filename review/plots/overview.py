"""The overview of a review: key numbers on top, the most frequent categories below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.plots.bars import ROW, Series, bar_trace, room
from review.plots.side_by_side import count_series
from review.plots.theme import BUTTONS, GRID, INK, MUTED, NOT_STATED, axis, layout, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.workflow.counts import CategoryCounts

TILES: Final = 150  # pixels for title and key numbers
MOST: Final = 8  # categories per chart; the others share one bar


def overview(
    title: str,
    tiles: Sequence[tuple[str, str]],
    charts: Sequence[CategoryCounts],
    sample: str,
) -> Any:
    """Return the overview.

    Args:
        title: of the figure.
        tiles: key numbers and what they count.
        charts: counts per variable, two charts per row.
        sample: how the coded studies are called.
    """
    import plotly.graph_objects as go

    shown = [shorten(*count_series(chart, sample)) for chart in charts]
    heights = [
        max(len(names) for names, _ in shown[i : i + 2]) * ROW * 1.15 + 96
        for i in range(0, len(shown), 2)
    ]
    inner = sum(heights) or 1
    settings: dict[str, Any] = {}
    notes, traces = _tiles(tiles), []
    explained: set[bool] = set()
    for i, (chart, (names, series)) in enumerate(zip(charts, shown, strict=True)):
        line, column = divmod(i, 2)
        above = sum(heights[:line])
        place = _Place(
            mark="" if i == 0 else str(i + 1),
            left=0.13 + 0.54 * column,
            low=max(1 - (above + heights[line] - 60) / inner, 0),
            high=1 - (above + 36) / inner,
        )
        settings |= _axes(place, series)
        notes.append(_heading(chart.label, place.left, place.high))
        for one in series:
            # both sources are the same in every chart: the legend explains each once
            new = one.published not in explained
            explained.add(one.published)
            traces.append(
                bar_trace(names, one, horizontal=True, legend=new)
                | {"xaxis": f"x{place.mark}", "yaxis": f"y{place.mark}"}
                | {"legendgroup": str(one.published)}
            )
    return go.Figure(
        data=traces,
        layout=layout(
            title,
            height=int(TILES + inner + 60),
            margin={"l": 60, "r": 20, "t": TILES, "b": 60},
            barmode="group",
            bargap=0.25,
            annotations=notes,
            legend={"orientation": "h", "x": 0, "y": -20 / inner, "yanchor": "top"},
            **settings,
        ),
    )


@dataclass(frozen=True)
class _Place:
    """Where a chart stands in the figure, and the number of its axes."""

    mark: str
    left: float
    low: float
    high: float


def _axes(place: _Place, series: Sequence[Series]) -> dict[str, Any]:
    return {
        f"xaxis{place.mark}": axis(
            "studies",
            domain=[place.left, place.left + 0.33],
            anchor=f"y{place.mark}",
            range=room([v for s in series for v in s.values]),
            nticks=5,
        ),
        f"yaxis{place.mark}": axis(
            domain=[place.low, place.high],
            anchor=f"x{place.mark}",
            autorange="reversed",
            type="category",
            ticks="",
            automargin=False,
        ),
    }


def shorten(names: list[str], series: list[Series]) -> tuple[list[str], list[Series]]:
    """Merge the categories beyond the first ones into one bar that says how many they are.

    `not stated`, the last one, stays a bar of its own.
    """
    end = len(names) - (names[-1] == NOT_STATED) if names else 0
    if end <= MOST + 1:
        return names, series
    made = []
    for one in series:
        rest = [v for v in one.values[MOST:end] if v is not None]
        merged = sum(rest) if rest else None
        values = [*one.values[:MOST], merged, *one.values[end:]]
        made.append(Series(one.name, values, published=one.published))
    return [*names[:MOST], f"{end - MOST} others", *names[end:]], made


def _heading(text: str, x: float, y: float) -> dict[str, Any]:
    return {
        "text": f"<b>{plain(text)}</b>", "xref": "paper", "yref": "paper", "x": x, "y": y,
        "xanchor": "left", "yanchor": "bottom", "yshift": 4, "showarrow": False,
        "font": {"size": 14, "color": INK},
    }  # fmt: skip


def _tiles(tiles: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    made = []
    for i, (number, text) in enumerate(tiles):
        made.append(
            {
                "text": f"<b><span style='font-size:22px'>{plain(number)}</span></b><br>"
                f"<span style='color:{MUTED}'>{plain(text).replace(' (', '<br>(')}</span>",
                "xref": "paper",
                "yref": "paper",
                "x": (i + 0.5) / len(tiles),
                "y": 1,
                "yshift": TILES - BUTTONS - 72,
                "xanchor": "center",
                "yanchor": "middle",
                "align": "center",
                "showarrow": False,
                "bordercolor": GRID,
                "borderpad": 6,
                "font": {"size": 12},
            }
        )
    return made

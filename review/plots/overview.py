"""The overview of a review: key numbers on top, the most frequent categories below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.plots.bars import ROW, Series, bar_trace, room, wrapped_names
from review.plots.figure_sizes import DESKTOP, with_media
from review.plots.side_by_side import axis_of, count_series
from review.plots.theme import INK, MUTED, NOT_STATED, TITLE_ROOM, axis, layout, plain
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.figure_sizes import Medium
    from review.workflow.counts import CategoryCounts

TILE: Final = 74  # pixels for a line of key numbers
LABELS: Final = 108  # for the names of categories
BETWEEN: Final = 96  # a chart's heading and axis
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

    shares = any(chart.published for chart in charts)
    shown = [shorten(*count_series(chart, sample, shares=shares)) for chart in charts]
    names = [wrapped_names(names, LABELS, DESKTOP) for names, _ in shown]
    traces = []
    explained: set[bool] = set()
    for i, (_, series) in enumerate(shown):
        for one in series:
            # both sources are the same in every chart: the legend explains each once
            new = one.published not in explained
            explained.add(one.published)
            mark = "" if i == 0 else str(i + 1)
            traces.append(
                bar_trace(names[i], one, horizontal=True, legend=new)
                | {"xaxis": f"x{mark}", "yaxis": f"y{mark}"}
                | {"legendgroup": str(one.published)}
            )
    bars = [series for _, series in shown]

    def layout_of(medium: Medium) -> dict[str, Any]:
        columns = 1 if medium.name == "phone" else 2
        step = ROW * medium.row / DESKTOP.row
        rows = [
            len(n) * step * (1.5 if len(s) > 1 else 1) for n, s in zip(names, bars, strict=True)
        ]
        heights = [max(rows[i : i + columns]) + BETWEEN for i in range(0, len(names), columns)]
        per_row = 2 if columns == 1 else len(tiles)
        top = TITLE_ROOM + TILE * -(-len(tiles) // max(per_row, 1)) + 30
        inner = sum(heights) or 1
        notes = _tiles(tiles, per_row, medium)
        settings: dict[str, Any] = {}
        for i, chart in enumerate(charts):
            line, column = divmod(i, columns)
            above = sum(heights[:line])
            left = (column + (LABELS + 12) * columns / medium.width) / columns
            place = _Place(
                mark="" if i == 0 else str(i + 1),
                left=left,
                right=(column + 1) / columns - (0.03 if column < columns - 1 else 0),
                low=max(1 - (above + heights[line] - 60) / inner, 0),
                high=1 - (above + 36) / inner,
            )
            settings |= _axes(place, bars[i])
            notes.append(_heading(chart.label, place.left, place.high))
        return layout(
            title, height=int(top + inner + 10), margin={"l": 10, "r": 14, "t": top, "b": 10},
            barmode="group", bargap=0.25, annotations=notes, **settings,
        )  # fmt: skip

    return with_media(go.Figure(data=traces), layout_of)


@dataclass(frozen=True)
class _Place:
    """Where a chart stands in the figure, and the number of its axes."""

    mark: str
    left: float
    right: float
    low: float
    high: float


def _axes(place: _Place, series: Sequence[Series]) -> dict[str, Any]:
    return {
        f"xaxis{place.mark}": axis(
            axis_of(series),
            domain=[place.left, place.right],
            anchor=f"y{place.mark}",
            range=room(series),
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
        labels = [*one.labels[:MOST], _sum_label(one, end), *one.labels[end:]] if one.labels else ()
        made.append(Series(one.name, values, published=one.published, labels=labels))
    return [*names[:MOST], f"{end - MOST} others", *names[end:]], made


def _sum_label(one: Series, end: int) -> str:
    """The text of the bar of the remaining categories: their shares and numbers together."""
    rest = [(v, text) for v, text in zip(one.values, one.labels, strict=True)][MOST:end]
    counted = [int(text.partition("(")[2].rstrip(")").replace(",", "")) for _, text in rest if text]
    if not counted:
        return ""
    return f"{percent(sum(v for v, _ in rest if v is not None), 0)} ({sum(counted):,})"


def _heading(text: str, x: float, y: float) -> dict[str, Any]:
    return {
        "text": f"<b>{plain(text)}</b>", "xref": "paper", "yref": "paper", "x": x, "y": y,
        "xanchor": "left", "yanchor": "bottom", "yshift": 4, "showarrow": False,
        "font": {"size": 14, "color": INK},
    }  # fmt: skip


def _tiles(tiles: Sequence[tuple[str, str]], per_row: int, medium: Medium) -> list[dict[str, Any]]:
    """Key numbers with what they count, so many side by side, above the charts."""
    lines = -(-len(tiles) // max(per_row, 1))
    made = []
    for i, (number, text) in enumerate(tiles):
        line, column = divmod(i, per_row)
        made.append(
            {
                "text": f"<b><span style='font-size:{1.6 * medium.text:.0f}px'>{plain(number)}"
                f"</span></b><br><span style='color:{MUTED}'>"
                f"{plain(text).replace(' (', '<br>(')}</span>",
                "xref": "paper",
                "yref": "paper",
                "x": (column + 0.5) / per_row,
                "y": 1,
                "yshift": TILE * (lines - line - 0.5) + 30,
                "xanchor": "center",
                "yanchor": "middle",
                "align": "center",
                "showarrow": False,
                "font": {"size": medium.small},
            }
        )
    return made

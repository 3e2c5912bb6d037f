"""The overview of a review: key numbers on top, the most frequent categories below."""

from __future__ import annotations

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
    lines = [shown[i : i + 2] for i in range(0, len(shown), 2)]
    heights = [max(len(names) for names, _ in line) * ROW * 1.15 + 96 for line in lines]
    top, bottom = TILES, 60
    inner = sum(heights) or 1
    total = int(top + inner + bottom)
    settings: dict[str, Any] = {}
    notes = _tiles(tiles)
    traces: list[dict[str, Any]] = []
    seen: set[bool] = set()
    above = 0.0
    for line, height, pair in zip(lines, heights, _pairs(charts), strict=True):
        low, high = 1 - (above + height - 60) / inner, 1 - (above + 36) / inner
        for column, ((names, series), chart) in enumerate(zip(line, pair, strict=True)):
            number = len(settings) // 2 + 1
            mark = "" if number == 1 else str(number)
            left = 0.13 + 0.54 * column
            settings[f"xaxis{mark}"] = axis(
                "studies",
                domain=[left, left + 0.33],
                anchor=f"y{mark}",
                range=room([v for s in series for v in s.values]),
                nticks=5,
            )
            settings[f"yaxis{mark}"] = axis(
                domain=[max(low, 0), high], anchor=f"x{mark}", autorange="reversed",
                type="category", ticks="", automargin=False,
            )  # fmt: skip
            notes.append(_heading(chart.label, left, high))
            for one in series:
                trace = bar_trace(names, one, horizontal=True, legend=one.published not in seen)
                # the totals of the charts are the same, the legend shows them once
                seen.add(one.published)
                traces.append(
                    trace
                    | {"xaxis": f"x{mark}", "yaxis": f"y{mark}", "legendgroup": str(one.published)}
                )
        above += height
    return go.Figure(
        data=traces,
        layout=layout(
            title,
            height=total,
            margin={"l": 60, "r": 20, "t": top, "b": bottom},
            barmode="group",
            bargap=0.25,
            annotations=notes,
            legend={"orientation": "h", "x": 0, "y": -20 / inner, "yanchor": "top"},
            **settings,
        ),
    )


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


def _pairs(charts: Sequence[CategoryCounts]) -> list[Sequence[CategoryCounts]]:
    return [charts[i : i + 2] for i in range(0, len(charts), 2)]


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

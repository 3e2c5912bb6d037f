"""Published counts beside coded studies, with the coded studies by year at the right."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from review.plots.bars import ROW, Series, bar_trace, room
from review.plots.heatmap import heat_trace
from review.plots.theme import INK, NOT_STATED, axis, layout, words

if TYPE_CHECKING:
    from review.workflow.counts import CategoryCounts

MOST: Final = 30  # categories that one drawing shows; the table holds all


def count_series(counts: CategoryCounts, sample: str) -> tuple[list[str], list[Series]]:
    """Return the category names and the bars of both sources, `not stated` last."""
    names = [words(c) for c in counts.categories]
    coded: list[float | None] = [counts.sample.get(c) for c in counts.categories]
    series = []
    if counts.published:
        printed: list[float | None] = [counts.published.get(c) for c in counts.categories]
        if counts.not_stated:
            printed.append(None)
        series.append(Series(f"published (n = {counts.published_total:,})", printed, True))
    if counts.not_stated:
        names.append(NOT_STATED)
        coded.append(counts.not_stated)
    series.append(Series(f"{sample} (n = {counts.studies:,})", coded))
    return names, series


def most_frequent(counts: CategoryCounts, most: int = MOST) -> CategoryCounts:
    """Return the counts of the most frequent categories alone, for a drawing that can be read."""
    both = Counter(counts.sample) + Counter(counts.published or {})
    kept = {name for name, _ in both.most_common(most)}
    return replace(counts, categories=tuple(c for c in counts.categories if c in kept))


def counts_and_years(title: str, counts: CategoryCounts, sample: str) -> Any:
    """Return bars per source at the left and a heat map category by year at the right."""
    import plotly.graph_objects as go

    shown = counts if len(counts.categories) <= MOST else most_frequent(counts)
    if shown is not counts:
        title += f" (the {MOST} most frequent of {len(counts.categories):,})"
    counts = shown
    names, series = count_series(counts, sample)
    years = sorted({year for _, year in counts.by_year})
    span = list(range(years[0], years[-1] + 1)) if years else []
    split = 0.5 if span else 1.0
    rows = max(len(names), 2)
    height = 190 + rows * ROW * (1 if len(series) == 1 else 1.4)
    figure = go.Figure(
        layout=layout(
            title,
            height=int(height),
            barmode="group",
            bargap=0.2,
            xaxis=axis(
                "studies",
                domain=[0, split],
                range=room([v for s in series for v in s.values]),
            ),
            yaxis=axis(autorange="reversed", type="category", ticks=""),
            legend={"orientation": "h", "y": -85 / height, "yanchor": "top", "x": 0},
        )
    )
    for one in series:
        figure.add_trace(bar_trace(names, one, horizontal=True))
    if span:
        table = [[counts.by_year.get((c, y), 0) for y in span] for c in counts.categories]
        table += [[0] * len(span)] * (len(names) - len(counts.categories))
        trace = heat_trace(names, [str(y) for y in span], table)
        figure.add_trace(trace | {"xaxis": "x2", "yaxis": "y2"})
        figure.update_layout(**_second_axes(f"{sample} by year", split + 0.04))
    return figure


def _second_axes(title: str, left: float) -> dict[str, Any]:
    """The axes of the heat map, whose rows are those of the bars."""
    return {
        "xaxis2": axis(
            title,
            domain=[left, 1],
            type="category",
            showgrid=False,
            linecolor=INK,
            anchor="y2",
        ),
        "yaxis2": {
            "autorange": "reversed",
            "type": "category",
            "anchor": "x2",
            "showticklabels": False,
            "ticks": "",
            "matches": "y",
        },
    }

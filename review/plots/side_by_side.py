"""Published counts beside coded studies, with the coded studies by year at the right."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from review.plots.bars import ROW, Series, bar_trace, room, wrapped_names
from review.plots.figure_sizes import DESKTOP, with_media
from review.plots.heatmap import heat_trace
from review.plots.theme import INK, NOT_STATED, TITLE_ROOM, axis, layout, words
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.figure_sizes import Medium
    from review.workflow.counts import CategoryCounts

MOST: Final = 30  # categories that one drawing shows; the table holds all
LABELS: Final = 130  # pixels that names of categories take
APART: Final = 80  # between bars and the heat map below them


def count_series(
    counts: CategoryCounts, sample: str, *, shares: bool | None = None
) -> tuple[list[str], list[Series]]:
    """Return the category names and the bars of both sources, `not stated` last.

    Args:
        counts: of one variable.
        sample: how the coded studies are called.
        shares: bars are per cent of the studies of their source, so that two sets of studies of
            different size can be compared; by default where there are two sources.
    """
    names = [words(c) for c in counts.categories]
    coded: list[float | None] = [counts.sample.get(c) for c in counts.categories]
    series = []
    if counts.not_stated:
        names.append(NOT_STATED)
        coded.append(counts.not_stated)
    relative = bool(counts.published) if shares is None else shares
    if counts.published:
        printed: list[float | None] = [counts.published.get(c) for c in counts.categories]
        if counts.not_stated:
            printed.append(None)
        name = f"published (n = {counts.published_total:,})"
        of = counts.published_total if relative else None
        series.append(_bars(name, printed, of, published=True))
    of = counts.studies if relative else None
    series.append(_bars(f"{sample} (n = {counts.studies:,})", coded, of))
    return names, series


def _bars(
    name: str, numbers: Sequence[float | None], of: int | None, *, published: bool = False
) -> Series:
    """Bars of counts, or of per cent with the counts beside them."""
    if not of:
        return Series(name, numbers, published=published)
    shares = [None if n is None else 100 * n / of for n in numbers]
    labels = [
        "" if n is None or s is None else f"{percent(s, 0)} ({n:,})"
        for n, s in zip(numbers, shares, strict=True)
    ]
    return Series(name, shares, published=published, labels=labels)


def axis_of(series: Sequence[Series]) -> str:
    """Return what bars count, as the title of their axis."""
    return "% of the studies (number)" if any(s.labels for s in series) else "studies"


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
    shown_names = wrapped_names(names, LABELS, DESKTOP)
    figure = go.Figure()
    for one in series:
        figure.add_trace(bar_trace(shown_names, one, horizontal=True))
    if span:
        table = [[counts.by_year.get((c, y), 0) for y in span] for c in counts.categories]
        table += [[0] * len(span)] * (len(names) - len(counts.categories))
        trace = heat_trace(shown_names, [str(y) for y in span], table)
        figure.add_trace(trace | {"xaxis": "x2", "yaxis": "y2"})

    def layout_of(medium: Medium) -> dict[str, Any]:
        rows = max(len(names), 2)
        inner = rows * ROW * (1 if len(series) == 1 else 1.5) * medium.row / DESKTOP.row
        stacked = medium.name == "phone" and bool(span)
        folded = any("<br>" in name for name in shown_names)
        heat = rows * medium.row * (1.6 if folded else 1.0) if stacked else 0.0
        both = inner + heat + (APART if stacked else 0)
        bars = axis(
            axis_of(series), domain=[0, 0.5 if span and not stacked else 1.0], range=room(series)
        )
        rest = axis(
            autorange="reversed", type="category", ticks="",
            domain=[1 - inner / both, 1] if stacked else [0, 1],
        )  # fmt: skip
        place = _second_axes(f"{sample} by year", heat / both if stacked else None)
        return layout(
            title, height=int(TITLE_ROOM + both + 60), barmode="group", bargap=0.2,
            margin={"l": 70, "r": 20, "t": TITLE_ROOM, "b": 60}, xaxis=bars, yaxis=rest,
            **(place if span else {}),
        )  # fmt: skip

    return with_media(figure, layout_of)


def _second_axes(title: str, below: float | None) -> dict[str, Any]:
    """The axes of the heat map: beside the bars and with their rows, or below them."""
    rows: dict[str, Any] = {"ticks": "", "showticklabels": False, "matches": "y"}
    if below is not None:
        rows = {"ticks": "", "domain": [0, below], "automargin": True}
    return {
        "xaxis2": axis(
            title, domain=[0.54 if below is None else 0, 1], type="category", showgrid=False,
            linecolor=INK, anchor="y2",
        ),
        "yaxis2": {"autorange": "reversed", "type": "category", "anchor": "x2"} | rows,
    }  # fmt: skip

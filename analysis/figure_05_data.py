"""Figure 5: the data of the studies: body part by modality, classes, quantity."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Options, Panel
from review.errors import InputError
from review.plots.bars import HistogramBar, Series, histogram, horizontal_bars, vertical_bars
from review.plots.heatmap import heat_map
from review.plots.side_by_side import MOST, axis_of, count_series
from review.plots.theme import words
from review.stats.association.contingency import cramers_v
from review.words import percent, plural
from review.workflow.counts import (
    Bin,
    bin_quantities,
    count_categories,
    cross_counts,
    nice_width,
    quantities,
)
from review.workflow.panel_choice import build_panels
from review.workflow.roles import label, need, number, role

if TYPE_CHECKING:
    from review.project import Review

MOST_STEPS = 15  # numbers of classes that have a bar each
TITLE = "Body part by modality, number of classes, data quantity"


def build(review: Review, options: Options) -> Artifact:
    """Return the panels that the review has the variables for."""
    makers = (partial(make, review, options) for make in (_body_parts, _classes, _quantities))
    panels, notes = build_panels("figure 5", makers)
    return Artifact(
        kind="figure",
        key="5",
        title="Data characteristics of the studies",
        caption=f"Studies of the {review.settings.sample} ({review.name}); studies that do not "
        "state a value are not shown.",
        panels=panels,
        notes=tuple(notes),
    )


def _body_parts(review: Review, options: Options) -> Panel:
    subject, modality = role(review, "subject"), role(review, "modality")
    if not subject or not modality:
        if not subject and not modality:
            raise need(review, "panel a", "the roles subject and modality")
        return _one_category(review, subject or modality)
    a, b, several = cross_counts(review, subject, modality)
    found = cramers_v(a, b, seed=options.seed)
    if not found.counts:
        raise InputError(f"panel a: {subject} by {modality}: {found.reason}")
    by_row = dict(zip(found.rows, found.counts, strict=True))
    rows = sorted(found.rows, key=lambda name: (-sum(by_row[name]), name))
    totals = dict(zip(found.columns, map(sum, zip(*found.counts, strict=True)), strict=True))
    columns = sorted(found.columns, key=lambda name: (-totals[name], name))
    at = {name: i for i, name in enumerate(found.columns)}
    counts = [[by_row[r][at[c]] for c in columns] for r in rows]
    names = label(review, subject), label(review, modality)
    tested = [f"Cramer's {found}"]
    if found.v is not None:
        tested.append(f"p from: {found.method}")
    shown = len(rows) <= MOST and len(columns) <= MOST
    left_out = "" if shown else f"from the drawing all but the {MOST} most frequent; "
    left_out += f"{found.dropped} without one of the two, {several} with several"
    return Panel(
        letter="a",
        title=f"{names[0]} by {names[1].lower()}",
        rows=[
            {subject: r, modality: c, "studies": n}
            for r, line in zip(rows, counts, strict=True)
            for c, n in zip(columns, line, strict=True)
        ],
        statistics={"cramers_v": found.to_dict(), "left_out_several": several},
        figure=heat_map(
            f"a  {names[0]} by {names[1].lower()}",
            [words(r) for r in rows[:MOST]],
            [words(c) for c in columns[:MOST]],
            [line[:MOST] for line in counts[:MOST]],
            (names[1], names[0]),
            lines=(*tested, f"left out: {left_out}"),
        ),
        alt=f"Heat map of {names[0].lower()} by {names[1].lower()}: {'; '.join(tested)}; left out: "
        f"{left_out}. Most frequent: {words(rows[0])} ({sum(by_row[rows[0]])}) and "
        f"{words(columns[0])} ({totals[columns[0]]}).",
    )


def _one_category(review: Review, variable: str) -> Panel:
    """Body parts alone, or modalities alone, when the review codes only one of them."""
    counts = count_categories(review, variable)
    if not counts.sample:
        raise InputError(f"panel a: no study states {variable}")
    names, series = count_series(counts, review.settings.sample)
    top = next(iter(counts.sample))
    return Panel(
        letter="a",
        title=counts.label,
        rows=counts.rows(),
        statistics=counts.to_dict(),
        figure=horizontal_bars(f"a  {counts.label}", names, series, axis_of(series)),
        alt=f"Bar chart of {counts.label.lower()}: {counts.studies - counts.not_stated} studies "
        f"state it, most often {words(top)} ({counts.sample[top]}).",
    )


def _classes(review: Review, _: Options) -> Panel:
    variable = role(review, "n_classes", numeric=True)
    if not variable:
        raise need(review, "panel b", "the role n_classes", numeric=True)
    counts = Counter(n for s in review.studies if (n := number(s.value(variable))) is not None)
    if not counts:
        raise InputError(f"panel b: no study states {variable}")
    values = sorted(counts)
    stated, modal = sum(counts.values()), max(values, key=lambda v: (counts[v], -v))
    published = _published(review, "modal_n_classes")
    text = f"{stated} studies state it; most have {modal:g} ({counts[modal]} studies)"
    if published is not None:
        text += ", and so says the paper for its own" * (published == modal)
        text += f"; the paper: {published}" * (published != modal)
    return Panel(
        letter="b",
        title=label(review, variable),
        rows=[{variable: int(v) if v.is_integer() else v, "studies": counts[v]} for v in values],
        statistics={
            "stated": stated,
            "not_stated": len(review.studies) - stated,
            "modal": modal,
            "modal_studies": counts[modal],
            "published_modal": published,
        },
        figure=_numbers(review, f"b  {label(review, variable)}", counts, label(review, variable)),
        alt=f"Bar chart of {label(review, variable).lower()}: {text}.",
    )


def _numbers(review: Review, title: str, counts: Counter[float], name: str) -> Any:
    """Bars on an axis of numbers; what lies far out shares an open bin that stands apart."""
    values = sorted(counts)
    first = int(values[0])
    if all(v.is_integer() for v in values):
        last = int(max(v for v in values if v < first + MOST_STEPS))
        bars = [
            HistogramBar(n - 0.5, n + 0.5, counts[n], f"{n}: {counts[n]}")
            for n in range(first, last + 1)
        ]
        ticks = [(float(n), str(n)) for n in range(first, last + 1)]
        beyond = [v for v in values if v > last]
        if beyond:
            n = sum(counts[v] for v in beyond)
            listed = ", ".join(f"{v:g}" for v in beyond[:10])
            bars.append(HistogramBar(last + 0.5, None, n, f"{listed}: {n}"))
            ticks.append((last + 0.5, f"{last + 1}+"))
        return histogram(
            title, bars, (f"{name} (number)", "studies"), ticks=ticks, series=review.settings.sample
        )
    return vertical_bars(
        title,
        [f"{v:g}" for v in values],
        [Series(review.settings.sample, [counts[v] for v in values])],
        (f"{name} (number)", "studies"),
    )


def _edge(bin_: Bin) -> str:
    """The label of the lower edge of a bin; of the open one, that it is open."""
    return f"{bin_.low:,.6g}" + "+" * (bin_.high is None)


def _quantities(review: Review, _: Options) -> Panel:
    values, units = quantities(review)
    first = _published(review, "first_bin")
    width = float(first[1] - first[0]) if first else nice_width(values)
    bins = bin_quantities(values, width)
    unit = " or ".join(units)
    share = bins[0].studies / len(values)
    text = (
        f"{bins[0].studies} of {plural(len(values), 'study')} ({percent(100 * share, 0)}) lie in "
        "the first bin"
    )
    if first:
        text += f"; the paper says that most of its studies do ({first[0]} to {first[1]})"
    return Panel(
        letter="c",
        title=f"Data quantity ({unit})",
        rows=[{"low": b.low, "below": b.high, "studies": b.studies} for b in bins],
        statistics={
            "n": len(values),
            "not_stated": len(review.studies) - len(values),
            "bin_width": width,
            "first_bin_studies": bins[0].studies,
            "first_bin_share": share,
            "units": units,
            "published_first_bin": first,
        },
        figure=histogram(
            f"c  Data quantity ({unit})",
            [HistogramBar(b.low, b.high, b.studies, f"{b.name}: {b.studies}") for b in bins],
            (f"data quantity ({unit}; the upper limit belongs to the next bin)", "studies"),
            ticks=[(b.low, _edge(b)) for b in bins],
            series=review.settings.sample,
        ),
        alt=f"Histogram of the data quantity in {unit}: {text}.",
    )


def _published(review: Review, name: str) -> Any:
    facts = review.published
    return (facts.data.get("figure5") or {}).get(name) if facts else None

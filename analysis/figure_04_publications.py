"""Figure 4: publications per year, by backbone and by transfer-learning type."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Options, Panel
from review.errors import InputError
from review.plots.bars import Series, vertical_bars
from review.plots.side_by_side import counts_and_years
from review.plots.theme import words
from review.words import listed
from review.workflow.counts import (
    PUBLISHED,
    SAMPLE,
    CategoryCounts,
    count_categories,
    count_years,
)
from review.workflow.panel_choice import build_panels
from review.workflow.roles import need, role

if TYPE_CHECKING:
    from review.project import Review

TITLE = "Publications per year, by backbone and by transfer-learning type, published and coded"


def build(review: Review, _: Options) -> Artifact:
    """Return the panels that the review has the variables for."""
    makers = (partial(make, review) for make in (_years, _backbones, _tl_types))
    panels, notes = build_panels("figure 4", makers)
    if review.filter is not None and review.published is not None:
        notes.append("The filter applies to the coded studies, not to the published counts.")
    return Artifact(
        kind="figure",
        key="4",
        title=f"Studies over time{_by(review)}",
        caption=f"'published' are the counts that the paper prints; '{review.settings.sample}' "
        f"are the {len(review.studies)} studies coded in {review.name}. The two are different "
        "sets of studies, so bars beside each other are per cent of each; versions of a network "
        "stand with the family that the paper counts."
        if review.published is not None
        else f"The {review.settings.sample} of {review.name} that state it.",
        panels=panels,
        notes=tuple(notes),
    )


def _by(review: Review) -> str:
    """What the panels beside the years are about; "" when there are none."""
    roles = review.settings.roles
    named = ((roles.backbone, "by backbone model"), (roles.tl_type, "by transfer-learning type"))
    said = listed(name for variable, name in named if variable)
    return f", {said}" * bool(said)


def _years(review: Review) -> Panel:
    coded = count_years(review)
    facts = review.published
    stated = {int(y): n for y, n in (facts.counts.get("year") or {}).items()} if facts else {}
    years = sorted({*coded, *stated})
    said = (facts.data.get("figure4") or {}) if facts else {}
    series = [Series(review.settings.sample, [coded.get(y, 0) for y in years])]
    if stated:
        series.insert(0, Series("published", [stated.get(y) for y in years], published=True))
    lines = [f"{k.replace('_', ' ')} {v} (published)" for k, v in said.items()]
    if facts and not stated:
        lines.insert(0, "the paper prints no counts per year")
    rows = [_row(PUBLISHED, y, n) for y, n in sorted(stated.items())]
    rows += [_row(SAMPLE, y, n) for y, n in coded.items()]
    peak = max(coded, key=lambda y: coded[y])
    return Panel(
        letter="a",
        title="Publications per year",
        rows=rows,
        statistics={
            "sample": {str(y): n for y, n in coded.items()},
            "sample_without_year": len(review.studies) - sum(coded.values()),
            "published": {str(y): n for y, n in stated.items()} or None,
            "published_statements": said or None,
        },
        figure=vertical_bars(
            "a  Publications per year", [str(y) for y in years], series, ("year", "studies"),
            ["; ".join(lines)] if lines else (),
        ),
        alt=f"Bar chart of {sum(coded.values())} coded studies from {min(coded)} to {max(coded)}, "
        f"most in {peak} ({coded[peak]})" + (f"; {'; '.join(lines)}." if lines else "."),
    )  # fmt: skip


def _row(source: str, year: int, n: int) -> dict[str, Any]:
    return {"source": source, "variable": "year", "category": None, "year": year, "studies": n}


def _backbones(review: Review) -> Panel:
    variable = role(review, "backbone")
    if not variable:
        raise need(review, "panel b", "the role backbone")
    return _panel("b", review, count_categories(review, variable))


def _tl_types(review: Review) -> Panel:
    variable = role(review, "tl_type")
    if not variable:
        raise need(review, "panel c", "the role tl_type")
    return _panel("c", review, count_categories(review, variable))


def _panel(letter: str, review: Review, counts: CategoryCounts) -> Panel:
    if not counts.sample and not counts.published:
        raise InputError(f"panel {letter}: no study states {counts.variable}")
    top = next(iter(counts.sample), None)
    text = f"{counts.studies - counts.not_stated} of {counts.studies} coded studies state it"
    if top is not None:
        text += f", most often {words(top)} ({counts.sample[top]})"
    if counts.published:
        first = max(counts.published, key=lambda name: (counts.published or {})[name])
        text += (
            f"; published: {counts.published_total} studies, most often {words(first)} "
            f"({counts.published[first]})"
        )
    return Panel(
        letter=letter,
        title=counts.label,
        rows=counts.rows(years=True),
        statistics=counts.to_dict(),
        figure=counts_and_years(
            f"{letter}  {counts.label}",
            count_categories(review, counts.variable, families=True),
            review.settings.sample,
        ),
        alt=f"Bars of {counts.label.lower()} and heat map by year: {text}.",
    )

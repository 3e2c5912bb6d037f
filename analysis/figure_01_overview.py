"""Figure 1: the scope of the review at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Options, Panel
from review.errors import InputError
from review.plots.overview import overview
from review.plots.theme import words
from review.workflow.counts import CategoryCounts, count_categories, scope_variables

if TYPE_CHECKING:
    from review.project import Review

TITLE = "The scope of the review at a glance"


def build(review: Review, _: Options) -> Artifact:
    """Return the overview: key numbers, then the most frequent categories."""
    sample = review.settings.sample
    if not review.studies and not (review.published and review.published.prisma):
        raise InputError(f"figure 1 has nothing to show: {review.name} holds no studies")
    charts = [count_categories(review, v) for v in scope_variables(review)]
    charts = [c for c in charts if c.sample or c.published]
    drawn = [count_categories(review, c.variable, families=True) for c in charts]
    numbers = _key_numbers(review)
    tiles = [(str(n) if name == "years" else f"{n:,}", name) for name, n in numbers.items()]
    return Artifact(
        kind="figure",
        key="1",
        title="Scope of the review",
        caption=f"'published' are the counts that the paper prints, '{sample}' the studies coded "
        f"in {review.name}: two different sets of studies, so bars are per cent of each. Versions "
        "of a network stand with the family that the paper counts."
        if review.published and review.published.counts
        else f"The {sample} of {review.name}.",
        panels=(
            Panel(
                letter="",
                title="Scope of the review",
                rows=[
                    {"source": None, "variable": name, "category": None, "year": None, "studies": n}
                    for name, n in numbers.items()
                    if isinstance(n, int)
                ]
                + [row for chart in charts for row in chart.rows()],
                statistics={
                    "numbers": numbers,
                    "variables": {c.variable: c.to_dict() for c in charts},
                },
                figure=overview("Scope of the review", tiles, drawn, sample),
                alt=_describe(numbers, charts),
            ),
        ),
    )


def _key_numbers(review: Review) -> dict[str, Any]:
    """Key numbers by what they count, only those that are known."""
    facts, sample = review.published, review.settings.sample
    numbers: dict[str, Any] = {}
    if facts and facts.prisma:
        numbers["records identified (published)"] = facts.prisma.identified
        numbers["studies included (published)"] = facts.prisma.included
    numbers[f"studies ({sample})"] = len(review.studies)
    years = [s.year for s in review.studies if s.year is not None]
    if years:
        same = min(years) == max(years)
        numbers["years"] = str(min(years)) if same else f"{min(years)} to {max(years)}"
    numbers["reported results"] = len(review.results)
    numbers["public data sets"] = len(review.datasets)
    return {name: n for name, n in numbers.items() if n}


def _describe(numbers: dict[str, Any], charts: list[CategoryCounts]) -> str:
    said = [f"{name}: {n}" for name, n in numbers.items()]
    for chart in charts:
        top = [f"{words(c)} {n}" for c, n in list(chart.sample.items())[:3]]
        said.append(f"{chart.label}, most frequent: {', '.join(top)}")
    return "Overview. " + ". ".join(said) + "."

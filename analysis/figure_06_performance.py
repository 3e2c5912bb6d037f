"""Figure 6: performance against the normalised data quantity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Options, Panel
from review.plots.scatter import MANY_POINTS, ScatterStyle, hover_text, scatter
from review.plots.theme import panel_letters, words
from review.workflow.performance_tests import MetricResult, Performance, performance
from review.workflow.performance_text import correlation_lines, describe, notes
from review.workflow.roles import label

if TYPE_CHECKING:
    from review.project import Review

TITLE = "Performance against normalised data quantity, with rank correlations and group tests"


def build(review: Review, options: Options) -> Artifact:
    """Return the scatter plots: one panel per metric, coloured by modality, then by backbone."""
    found = performance(review, options.selection, seed=options.seed)
    coloured = [v for r, v in found.groups.items() if r in {"modality", "backbone"}] or [""]
    hovers = {m.variable: _with_hover(found, m) for m in found.metrics}
    drawn = [(colour, metric) for colour in coloured for metric in found.metrics if metric.rows]
    return Artifact(
        kind="figure",
        key="6",
        title="Model performance, data quantity, modality, backbone and transfer-learning type",
        caption=_caption(review, found),
        panels=tuple(
            _panel(metric, _style(review, found, metric, colour), letter, hovers[metric.variable])
            for (colour, metric), letter in zip(drawn, panel_letters(), strict=False)
        ),
        notes=tuple(notes(review, found, options.selection)),
    )


def _style(review: Review, found: Performance, metric: MetricResult, colour: str) -> ScatterStyle:
    shape = found.groups.get("tl_type", "")
    per = " / class" if found.per_class else ""
    title = f"{metric.label} by data quantity"
    if colour:
        title += f", coloured by {label(review, colour).lower()}"
    return ScatterStyle(
        title=title,
        x="normalised_quantity",
        y="value",
        x_title=f"normalised data quantity ({' or '.join(found.units)}{per}, log scale)",
        y_title=metric.label,
        colour=colour,
        colour_title=label(review, colour) if colour else "",
        colours=found.categories.get(colour, ()),
        shape=shape,
        shape_title=label(review, shape) if shape else "",
        shapes=review.codebook[shape].vocabulary or found.categories[shape] if shape else (),
        lines=tuple(correlation_lines(metric, review.settings.sample)),
    )


def _panel(
    metric: MetricResult, style: ScatterStyle, letter: str, hover: list[dict[str, Any]]
) -> Panel:
    return Panel(
        letter=letter,
        title=style.title,
        rows=list(metric.rows),
        statistics={
            **metric.to_dict(),
            "colour": style.colour or None,
            "shape": style.shape or None,
        },
        figure=scatter(hover, replace(style, title=f"{letter}  {style.title}")),
        alt=describe(metric, style.title),
    )


def _with_hover(found: Performance, metric: MetricResult) -> list[dict[str, Any]]:
    short = len(metric.rows) > MANY_POINTS
    return [
        row | {"hover": hover_text(row, () if short else _lines(found, metric, row), short=short)}
        for row in metric.rows
    ]


def _lines(found: Performance, metric: MetricResult, row: dict[str, Any]) -> list[str]:
    """What the text of a point says besides the study's identity."""
    size = f"{row['quantity']:,} {row['quantity_unit']}"
    if row["n_classes"]:
        size += f" / {row['n_classes']} classes = {row['normalised_quantity']:,.5g}"
    groups = " · ".join(words(row[v]) for v in found.groups.values())
    return [groups, size, f"{metric.label} {row['value']}"]


def _caption(review: Review, found: Performance) -> str:
    text = f"Studies of the {review.settings.sample} ({review.name})."
    special = review.settings.roles.patients_for
    if special:
        text += (
            f" The quantity counts patients for {', '.join(special)} when stated, otherwise "
            "images, otherwise patients"
        )
        text += ", divided by the number of classes." if found.per_class else "."
    return text + " Click a point to open the study's source."

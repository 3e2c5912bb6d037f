"""Figure size: does the size or depth of the network go with its performance?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Options, Panel
from review.plots.scatter import ScatterStyle, hover_text, scatter
from review.plots.theme import panel_letters, words
from review.words import p_value, plural
from review.workflow.model_size import MEASURES, ModelSize, SizeMetric, model_size

if TYPE_CHECKING:
    from review.project import Review

ROLES = ("backbone", "metrics")
TITLE = "Performance against the parameters and the depth of the network"


def build(review: Review, options: Options) -> Artifact:
    """Return scatter plots: each metric against parameters, then against depth."""
    found = model_size(review, seed=options.seed)
    return Artifact(
        kind="figure",
        key="size",
        title=TITLE,
        caption=f"Studies of the {review.settings.sample} ({review.name}) that used one network "
        "and say which; a family such as ResNet, without its depth, has no size. Click a point "
        "to open the study's source.",
        panels=tuple(
            _panel(review, found, metric, letter)
            for metric, letter in zip(found.metrics, panel_letters(), strict=False)
        ),
        notes=tuple(_notes(review, found)),
    )


def _panel(review: Review, found: ModelSize, metric: SizeMetric, letter: str) -> Panel:
    axis = "parameters" if metric.measure == "params" else "depth"
    title = f"{metric.label} by {axis} of the network"
    lines = [f"{review.settings.sample}: Spearman {metric.correlation}"]
    if metric.correlation.rho is not None:
        lines.append(f"p from: {metric.correlation.method}")
    style = ScatterStyle(
        title=f"{letter}  {title}",
        x=metric.measure,
        y="value",
        x_title=MEASURES[metric.measure] + (", log scale" if metric.measure == "params" else ""),
        y_title=metric.label,
        colour="network",
        colour_title="Network",
        colours=found.networks[:10],
        shape="tl_type",
        shape_title="Transfer-learning type",
        shapes=found.tl_types,
        lines=tuple(lines),
        log_x=metric.measure == "params",
    )
    return Panel(
        letter=letter,
        title=title,
        rows=list(metric.rows),
        statistics={
            "metric": metric.metric,
            "measure": metric.measure,
            "n": len(metric.rows),
            "spearman": metric.correlation.to_dict(),
            "within_studies": [asdict(w) for w in found.within if w.measure == metric.measure],
        },
        figure=scatter([_with_hover(row) for row in metric.rows], style),
        alt=f"Scatter plot: {title}. Spearman {metric.correlation}.",
    )


def _with_hover(row: dict[str, Any]) -> dict[str, Any]:
    lines = [
        f"{row['network']}: {row['params']:,} parameters, {row['depth']} layers deep",
        words(row["tl_type"]),
        f"{row['metric']} {row['value']}",
    ]
    return {**row, "hover": hover_text(row, lines)}


def _notes(review: Review, found: ModelSize) -> list[str]:
    said = {
        "known": "name one network whose size is known",
        "several": "used several networks",
        "family": "name a family without its depth",
        "unlisted": "name a network that is not listed here",
        "not stated": "do not say which network they used",
    }
    counts = ", ".join(f"{found.statuses[k]} {v}" for k, v in said.items() if k in found.statuses)
    notes = [f"Of {plural(len(review.studies), 'study')}, {counts}."]
    for within in found.within:
        what = "larger" if within.measure == "params" else "deeper"
        votes = within.larger + within.smaller + within.tied
        if votes:
            p = "" if within.p_value is None else f" (sign test {p_value(within.p_value)})"
            notes.append(
                f"Within studies that compared networks on the same data, the {what} one did "
                f"better in {within.larger} of {votes}, worse in {within.smaller}{p}."
            )
    notes.append(
        "Studies differ in their data and report their best result: a correlation between them "
        "is no effect of the network."
    )
    return notes

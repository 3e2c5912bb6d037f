"""The files of a Bayesian meta-analysis: figures, tables, numbers and text.

All are made from the same `BayesRun`, so their numbers agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Panel
from review.plots.bayes.posterior_plot import posteriors
from review.plots.bayes.prior_sensitivity_plot import sensitivity
from review.plots.bayes.shrinkage_forest import MOST, forest
from review.plots.interval_table.table_drawing import drawn_as
from review.stats.bayes.shrinkage_rows import drawn
from review.stats.presentation.effect_display import digits_for
from review.words import estimate, interval, level_name

if TYPE_CHECKING:
    from review.workflow.pooling.bayes_run import BayesRun


def bayes_artifacts(run: BayesRun, stem: str) -> tuple[Artifact, ...]:
    """Return the figures of a Bayesian meta-analysis.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    from review.workflow.pooling.meta_text import left_out_lines

    notes = tuple(run.notes) + tuple(f"left out: {x}" for x in left_out_lines(run.left_out))
    return tuple(
        Artifact(
            "figure", "", f"{panel.title}: {run.rows.title}", headline(run), (panel,), notes,
            stem=f"{stem}-{name}",
        )
        for name, panel in _panels(run).items()
    )  # fmt: skip


def _panels(run: BayesRun) -> dict[str, Panel]:
    result = run.result
    level = level_name(result.level)
    panels: dict[str, Panel] = {}
    if result.k <= MOST:
        panels["forest"] = Panel(
            "", "Forest plot with shrinkage", run.table, numbers(run), alt=headline(run),
            **drawn_as(forest(result, rows=run.forest, links=run.links or None,
                              description=headline(run))),
            caption=f"Grey squares are the studies as they report, with {level} confidence "
            "intervals; blue circles are what is known of their effects given the other studies, "
            f"with {level} credible intervals. The diamond is the average effect, the bar the "
            "effect of a new study.",
        )  # fmt: skip
    panels["posteriors"] = Panel(
        "", "Posterior distributions", parameters(run), numbers(run), figure=posteriors(result),
        alt=f"Posterior densities. {headline(run)}",
        caption=f"The area below a curve is probability; shaded is the {level} credible interval, "
        "with the median as a line. Above: the average effect and the effect of a new study; "
        "below: the standard deviation between studies, with its prior distribution where that "
        "can be drawn.",
    )  # fmt: skip
    panels["priors"] = Panel(
        "", "Sensitivity to the prior", prior_rows(run), {}, alt=run.priors.title,
        figure=sensitivity(result, found=run.priors),
        caption="The average effect (thick, with the effect of a new study as a thin line) and tau "
        "under several prior distributions of tau; the chosen one stands in bold.",
    )  # fmt: skip
    return panels


def parameters(run: BayesRun) -> list[dict[str, Any]]:
    """Return the rows of the table of parameters, on the scale of the analysis."""
    return _records(run.result.to_frame())


def prior_rows(run: BayesRun) -> list[dict[str, Any]]:
    """Return the rows of the table of priors, on the scale of the analysis."""
    return _records(run.priors.to_frame())


def _records(frame: Any) -> list[dict[str, Any]]:
    rows = frame.reset_index().to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def numbers(run: BayesRun) -> dict[str, Any]:
    """Return the numbers of the model without its studies, which stand in the table."""
    found = run.result.to_dict()
    return {k: v for k, v in found.items() if k not in {"studies", "left_out", "notes"}}


def headline(run: BayesRun) -> str:
    """Return the main numbers in one sentence, with the digits of the forest plot."""
    digits = digits_for(drawn(run.forest))
    average, new = run.forest[-2:]
    return (
        f"{average.label}: {estimate(*average.posterior, digits)}; effect of a new study "
        f"{interval(*new.posterior[1:], digits)}; prior of tau {run.result.tau_prior.label}."
    )


def bayes_tables(run: BayesRun, stem: str) -> dict[str, bytes]:
    """Return the tables, the numbers and the text of a run: file name -> bytes.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    from review.formats.rows import csv_text, json_text

    return {
        f"{stem}-table.csv": csv_text(run.table).encode(),
        f"{stem}-parameters.csv": csv_text(parameters(run)).encode(),
        f"{stem}-priors.csv": csv_text(prior_rows(run)).encode(),
        f"{stem}.json": (json_text(run.to_dict()) + "\n").encode(),
        f"{stem}.txt": run.text().encode(),
    }

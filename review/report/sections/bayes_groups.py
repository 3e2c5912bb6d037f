"""Bayesian meta-analyses among the meta-analyses of a report: text, figures, estimates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from review.plots.bayes.bayes_files import bayes_artifacts
from review.report.blocks import Bullets, Estimate, Group, text
from review.report.sections.panels_section import panel_block
from review.report.table_cells import table_of
from review.words import sentence

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.pooling.bayes_run import BayesRun


def bayes_group(name: str, run: BayesRun, results: Results) -> Group:
    """Return the part of a report that one Bayesian meta-analysis has."""
    title = results.meta_title(name)
    blocks: list[Block] = [text(bayes_account(run)[1])]
    for artifact in bayes_artifacts(run, f"bayes-{name}"):
        for panel in artifact.panels:
            named = replace(panel, title=f"{panel.title}: {title}")
            blocks.append(panel_block(results.review, artifact, named))
    if run.left_out:
        rows = [{"study": label, "reason": why} for label, why in run.left_out]
        caption = f"Results on {title} that are not pooled, and why"
        blocks.append(table_of(rows, caption=caption, name=f"not-pooled-{name}", folded=True))
    if others := [note for note in run.notes if note not in run.result.notes]:
        blocks.append(Bullets(tuple((sentence(note),) for note in others)))
    return Group(f"meta-{name}", title, tuple(blocks))


def bayes_account(run: BayesRun) -> tuple[str, str, list[str]]:
    """Methods, results and references of the model, as its own report text words them."""
    parts = run.result.report_text().split("\n\n")
    found = {part.partition(":")[0]: part.partition(":")[2].strip() for part in parts}
    references = [line.removeprefix("- ") for line in found["References"].splitlines()]
    return found["Methods"], found["Results"], references


def bayes_estimates(name: str, run: BayesRun, results: Results) -> tuple[Estimate, ...]:
    """Return the estimates that a report keeps track of."""
    title, k = results.meta_title(name), run.result.k
    average, new = (row.posterior for row in run.forest[-2:])
    tau = run.result.tau
    return (
        Estimate(f"meta.{name}.pooled", f"Posterior {title}", *average, k),
        Estimate(f"meta.{name}.new", f"Effect of a new study, {title}", *new, k),
        Estimate(f"meta.{name}.tau", f"tau of {title}", tau.median, tau.ci_lb, tau.ci_ub, k),
    )

"""Bayesian meta-analyses among the meta-analyses of a report: text, figures, estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.plots.bayes.bayes_files import bayes_artifacts
from review.report.blocks import Estimate, Group, text
from review.report.run_blocks import account, left_out_table, panels_of, remarks

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.pooling.bayes_run import BayesRun


def bayes_group(name: str, run: BayesRun, results: Results) -> Group:
    """Return the part of a report that one Bayesian meta-analysis has."""
    title = results.meta_title(name)
    blocks: list[Block] = [text(account(run.result)[1])]
    blocks += panels_of(results.review, bayes_artifacts(run, f"bayes-{name}"), title)
    blocks += left_out_table(run.left_out, f"Results on {title} that are not pooled, and why", name)
    if others := [note for note in run.notes if note not in run.result.notes]:
        blocks.append(remarks(others))
    return Group(f"meta-{name}", title, tuple(blocks))


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

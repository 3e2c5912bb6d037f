"""Diagnostic accuracy: sensitivity and specificity pooled together, with curve and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.accuracy.accuracy_files import accuracy_artifacts
from review.report.blocks import Bullets, Estimate, Section, empty, text
from review.report.results import Lacking
from review.report.sections.panels_section import panel_block
from review.report.table_cells import table_of
from review.words import sentence

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.pooling.accuracy_run import AccuracyRun

TITLE: Final = "Diagnostic accuracy"


def build(results: Results) -> Section:
    """Return the section."""
    run = results.accuracy
    if isinstance(run, Lacking):
        return empty(
            "accuracy", TITLE, f"Sensitivity and specificity are not pooled: {run.reason}."
        )
    methods, found, references = _account(run)
    blocks: list[Block] = [text(found)]
    for artifact in accuracy_artifacts(run, "accuracy"):
        blocks += [panel_block(results.review, artifact, panel) for panel in artifact.panels]
    if run.left_out:
        rows = [{"study": name, "reason": why} for name, why in run.left_out]
        caption = "Results on accuracy that are not pooled, and why"
        blocks.append(table_of(rows, caption=caption, name="not-pooled-accuracy", folded=True))
    blocks.append(Bullets(tuple((sentence(note),) for note in run.notes)))
    return Section(
        "accuracy", TITLE, tuple(blocks), methods=(methods, *_tests(run)), references=references,
        estimates=_estimates(run),
    )  # fmt: skip


def _account(run: AccuracyRun) -> tuple[str, str, tuple[str, ...]]:
    """Methods, results and references of the model, as its own report text words them."""
    parts = run.result.report_text().split("\n\n")
    found = {part.partition(":")[0]: part.partition(":")[2].strip() for part in parts}
    references = tuple(line.removeprefix("- ") for line in found["References"].splitlines())
    return found["Methods"], found["Results"], references


def _tests(run: AccuracyRun) -> tuple[str, ...]:
    """The further tests that were made, each in one sentence with its result."""
    return tuple(sentence(x.title) for x in (run.threshold, run.deeks) if x is not None)


def _estimates(run: AccuracyRun) -> tuple[Estimate, ...]:
    result = run.result
    found = []
    for name, words in (
        ("sens", "sensitivity"), ("spec", "specificity"), ("lr_pos", "positive likelihood ratio"),
        ("lr_neg", "negative likelihood ratio"), ("dor", "diagnostic odds ratio"),
    ):  # fmt: skip
        value, low, high = getattr(result, name)
        found.append(Estimate(f"accuracy.{name}", f"Pooled {words}", value, low, high, result.k))
    if result.rho is not None:
        low, high = result.rho_ci or (None, None)
        words = "Correlation of the logits of sensitivity and false-positive rate"
        found.append(Estimate("accuracy.rho", words, result.rho, low, high, result.k))
    return tuple(found)

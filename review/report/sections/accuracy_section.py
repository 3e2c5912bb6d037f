"""Diagnostic accuracy: sensitivity and specificity pooled together, with curve and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.accuracy.accuracy_files import accuracy_artifacts
from review.report.blocks import Estimate, Group, Section, empty, text
from review.report.everyday_scale import of_accuracy
from review.report.results import Lacking
from review.report.run_blocks import (
    account,
    in_words,
    left_out_table,
    not_pooled,
    nothing_pooled,
    panels_of,
    remarks,
)
from review.words import sentence

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.pooling.accuracy_run import AccuracyRun

TITLE: Final = "Diagnostic accuracy"


def build(results: Results) -> Section:
    """Return the section."""
    found = results.accuracy
    runs = {name: run for name, run in found.items() if not isinstance(run, Lacking)}
    lacking = [
        f"{results.meta_title(name)}: {run.reason}" if name else run.reason
        for name, run in found.items()
        if isinstance(run, Lacking)
    ]
    if not runs:
        why = lacking or ["no [[meta]] of review.toml has model = 'dta'"]
        none = empty("accuracy", TITLE, "Sensitivity and specificity are not pooled.", *why)
        return nothing_pooled(none, lacking, results)
    blocks: list[Block] = []
    for name, run in runs.items():
        made = _run(name, run, results)
        blocks += [Group(f"accuracy-{name}", results.meta_title(name), made)] if name else made
    blocks += not_pooled(lacking)
    accounts = {name: account(run.result) for name, run in runs.items()}
    before = {name: f"{results.meta_title(name)}: " if name else "" for name in runs}
    return Section(
        "accuracy", TITLE, tuple(blocks),
        methods=tuple(
            f"{before[name]}{said}"
            for name, run in runs.items()
            for said in (accounts[name][0], *_tests(run))
        ),
        references=tuple(dict.fromkeys(r for _, _, refs in accounts.values() for r in refs)),
        estimates=tuple(e for name, run in runs.items() for e in _estimates(name, run)),
    )  # fmt: skip


def _run(name: str, run: AccuracyRun, results: Results) -> tuple[Block, ...]:
    blocks: list[Block] = [in_words(of_accuracy(run.result))] if run.result.intercept_only else []
    blocks.append(text(account(run.result)[1]))
    stem = f"accuracy-{name}" if name else "accuracy"
    title = results.meta_title(name) if name else ""
    blocks += panels_of(results.review, accuracy_artifacts(run, stem), title)
    blocks += left_out_table(run.left_out, "Results on accuracy that are not pooled, and why", stem)
    return (*blocks, remarks(run.notes))


def _tests(run: AccuracyRun) -> tuple[str, ...]:
    """The further tests that were made, each in one sentence with its result."""
    return tuple(sentence(x.title) for x in (run.threshold, run.deeks) if x is not None)


def _estimates(name: str, run: AccuracyRun) -> tuple[Estimate, ...]:
    result = run.result
    key = f"accuracy.{name}" if name else "accuracy"
    found = []
    for measure, words in (
        ("sens", "sensitivity"), ("spec", "specificity"), ("lr_pos", "positive likelihood ratio"),
        ("lr_neg", "negative likelihood ratio"), ("dor", "diagnostic odds ratio"),
    ):  # fmt: skip
        value, low, high = getattr(result, measure)
        found.append(Estimate(f"{key}.{measure}", f"Pooled {words}", value, low, high, result.k))
    if result.rho is not None:
        low, high = result.rho_ci or (None, None)
        words = "Correlation of the logits of sensitivity and false-positive rate"
        found.append(Estimate(f"{key}.rho", words, result.rho, low, high, result.k))
    return tuple(found)

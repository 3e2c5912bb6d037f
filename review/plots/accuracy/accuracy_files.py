"""The files of an accuracy meta-analysis: figures, tables, numbers and text.

All are made from the same `AccuracyRun`, so their numbers agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.analysis_api import Artifact, Panel
from review.plots.accuracy.coupled_forest import MOST, coupled_forest
from review.plots.accuracy.deeks_funnel import deeks_funnel
from review.plots.accuracy.fagan_nomogram import fagan
from review.plots.accuracy.prevalence_view import prevalence
from review.plots.accuracy.sroc_plot import sroc, sroc_tests
from review.plots.interval_table.table_drawing import drawn_as
from review.plots.meta.effect_axis import number
from review.stats.pooling.result_tables import records
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.workflow.pooling.accuracy_run import AccuracyRun


def accuracy_artifacts(run: AccuracyRun, stem: str) -> tuple[Artifact, ...]:
    """Return the figures of an accuracy meta-analysis.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    notes = tuple(run.notes)
    if run.left_out:
        from review.workflow.pooling.meta_text import left_out_lines

        notes += tuple(f"left out: {line}" for line in left_out_lines(run.left_out))
    panels = accuracy_panels(run)
    return tuple(
        Artifact(
            "figure", "", f"{panel.title}: {run.rows.title}", headline(run), (panel,), notes,
            stem=f"{stem}-{name}",
        )
        for name, panel in panels.items()
    )  # fmt: skip


def accuracy_panels(run: AccuracyRun) -> dict[str, Panel]:
    """Return the figures by name, in the order in which a reader meets them."""
    result, links = run.result, run.rows.links or None
    panels: dict[str, Panel] = {}
    if result.intercept_only:
        panels["sroc"] = Panel(
            "", "Summary ROC plot", run.table, {}, figure=sroc(result, links=links),
            alt=f"Summary ROC plot. {headline(run)}",
            caption="Circles are the studies, with an area in proportion to their size; crosses "
            "are their intervals. The diamond is the average sensitivity and specificity, with its "
            "confidence region; the dashed line is the prediction region, where a new study lies.",
        )  # fmt: skip
    if run.comparison is not None:
        panels["tests"] = Panel(
            "", "Tests compared", records(run.comparison.to_frame()), {},
            figure=sroc_tests(run.comparison), alt=run.comparison.title,
            caption="Average sensitivity and specificity of each test with confidence regions.",
        )  # fmt: skip
    if result.n_rows <= MOST:
        panels["forest"] = Panel(
            "", "Coupled forest plot", run.table, {}, alt=f"Coupled forest plot. {headline(run)}",
            **drawn_as(coupled_forest(result, links=links, description=headline(run))),
            caption=f"Squares are the studies with {level_name(result.level)} Wilson intervals, "
            "diamonds the averages, and the bars below them prediction intervals.",
        )  # fmt: skip
    if result.intercept_only:
        panels |= _after_the_test(run)
    if run.deeks is not None:
        panels["deeks"] = Panel(
            "", "Deeks' funnel plot", _deeks_rows(run), {}, alt=run.deeks.title,
            figure=deeks_funnel(result, test=run.deeks),
            caption="A slope means that small studies report other odds ratios than large ones.",
        )  # fmt: skip
    return panels


def _after_the_test(run: AccuracyRun) -> dict[str, Panel]:
    result = run.result
    assert run.values is not None
    values = records(run.values.to_frame())
    pretest, how = _pretest(run)
    return {
        "prevalence": Panel(
            "", "Predictive values over prevalence", values, {},
            figure=prevalence(result, marks=run.prevalences), alt=run.values.title,
            caption="The probability of disease after a positive and after a negative result; "
            f"bands are {level_name(result.level)} confidence intervals.",
        ),
        "fagan": Panel(
            "", "Fagan nomogram", records(result.predictive_values(pretest).to_frame()), {},
            figure=fagan(result, pretest), alt=f"Fagan nomogram. {headline(run)}",
            caption=f"From the probability before the test ({pretest:.3g}, {how}) through the "
            "likelihood ratio to that after it.",
        ),
    }  # fmt: skip


def _pretest(run: AccuracyRun) -> tuple[float, str]:
    """The prevalence of the nomogram, and where it comes from."""
    if run.prevalences:
        return run.prevalences[0], "as asked for"
    rows = run.result.rows
    ill, well = rows.tp + rows.fn, rows.fp + rows.tn
    shares = (ill / (ill + well))[~np.isnan(ill + well)]
    if len(shares) == 0:
        return 0.5, "no study states how many are diseased"
    return float(np.median(shares)), "the median of the studies"


def _deeks_rows(run: AccuracyRun) -> list[dict[str, Any]]:
    assert run.deeks is not None
    return [
        {"study": label, "log_dor": float(y), "ess": float(n)}
        for label, y, n in zip(run.deeks.labels, run.deeks.log_dor, run.deeks.ess, strict=True)
    ]


def headline(run: AccuracyRun) -> str:
    """Return the main numbers in one sentence."""
    result = run.result
    if not result.intercept_only:
        return (
            f"Bivariate meta-regression of {result.k:,} studies on {', '.join(result.moderators)}."
        )
    said = [
        f"{name} {_triple(value)}"
        for name, value in (("sensitivity", result.sens), ("specificity", result.spec))
    ]
    return f"{result.k:,} studies ({result.method}): {', '.join(said)}."


def _triple(value: tuple[float, float, float]) -> str:
    return f"{number(value[0])} [{number(value[1])}, {number(value[2])}]"


def accuracy_tables(run: AccuracyRun, stem: str) -> dict[str, bytes]:
    """Return tables, numbers and text of a run: file name -> bytes."""
    from review.formats.rows import csv_text, json_text

    result: AccuracyResult = run.result
    files = {f"{stem}-table.csv": csv_text(run.table).encode()}
    files[f"{stem}-points.csv"] = csv_text(records(result.predict().to_frame())).encode()
    if run.values is not None:
        values = records(run.values.to_frame())
        files[f"{stem}-predictive-values.csv"] = csv_text(values).encode()
    files[f"{stem}.json"] = (json_text(run.to_dict()) + "\n").encode()
    files[f"{stem}.txt"] = run.text().encode()
    return files

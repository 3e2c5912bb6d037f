"""The files of a meta-analysis: forest and funnel plot, table, numbers and text.

All are made from the same `MetaRun`, so their numbers agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.analysis_api import Artifact, Panel
from review.plots.meta.forest import forest
from review.plots.meta.funnel import funnel
from review.plots.meta.models import bubble
from review.plots.meta.scales import number

if TYPE_CHECKING:
    from review.stats.result import MetaResult
    from review.workflow.meta_run import MetaRun


def meta_artifacts(run: MetaRun, stem: str) -> tuple[Artifact, ...]:
    """Return the figures of a meta-analysis: forest, and funnel or bubble plot.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    notes = tuple(run.notes)
    if run.left_out:
        notes += ("left out: " + "; ".join(f"{name}: {why}" for name, why in run.left_out),)
    made = [_artifact(run, f"{stem}-forest", _forest(run), notes)]
    if run.result.intercept_only:
        made.append(_artifact(run, f"{stem}-funnel", _funnel(run), notes))
    elif (panel := _bubble(run)) is not None:
        made.append(_artifact(run, f"{stem}-bubble", panel, notes))
    return tuple(made)


def _artifact(run: MetaRun, stem: str, panel: Panel, notes: tuple[str, ...]) -> Artifact:
    title = f"{panel.title}: {run.rows.title}"
    return Artifact("figure", "", title, panel.caption, (panel,), notes, stem=stem)


def _forest(run: MetaRun) -> Panel:
    result = run.result
    figure = forest(result, rows=run.forest, links=run.rows.links or None, footer=footer_lines(run))
    caption = (
        "Squares are the studies, with an area in proportion to their weight; lines are "
        f"{result.level:g} % confidence intervals; the diamond is the average effect."
    )
    if result.intercept_only and not result.equal_effects:
        caption += (
            " The bar below is the prediction interval: where the effect of a new study lies."
        )
    return Panel(
        "", "Forest plot", [row.to_dict() for row in run.forest], result.to_dict(),
        figure=figure, alt=headline(run), caption=caption,
    )  # fmt: skip


def _funnel(run: MetaRun) -> Panel:
    result = run.result
    rows = [
        {"study": label, "yi": float(y), "sei": float(s)}
        for label, y, s in zip(result.slab, result.yi, result.sei, strict=True)
    ]
    alt = f"Funnel plot of {result.k} studies."
    if run.egger is not None:
        alt += " " + run.egger.summary()
    return Panel(
        "", "Funnel plot", rows, {} if run.egger is None else run.egger.to_dict(),
        figure=funnel(result, links=run.rows.links or None), alt=alt,
        caption="Effects against their standard errors; asymmetry may come from missing studies, "
        "from heterogeneity or from chance.",
    )  # fmt: skip


def _bubble(run: MetaRun) -> Panel | None:
    result = run.result
    if result.p != (2 if result.intercept else 1):
        return None
    rows = [
        {"study": label, result.coef_names[-1]: float(x), "yi": float(y), "vi": float(v)}
        for label, x, y, v in zip(result.slab, result.X[:, -1], result.yi, result.vi, strict=True)
    ]
    return Panel(
        "", "Bubble plot", rows, result.to_dict(), figure=bubble(result), alt=headline(run),
        caption="Effects against the moderator; the area of a bubble is the weight of the study.",
    )  # fmt: skip


def headline(run: MetaRun) -> str:
    """Return the main numbers in one sentence, as the forest plot shows them."""
    result = run.result
    total = next((row for row in run.forest if row.kind == "total"), None)
    if total is None:
        return f"Meta-regression of {result.k} studies on {', '.join(result.coef_names)}."
    text = f"{total.label}: {number(total.estimate)} [{number(total.ci_lb)}, {number(total.ci_ub)}]"
    wide = next((r for r in run.forest if r.kind == "prediction" and not r.group), None)
    if wide is not None:
        text += f"; prediction interval [{number(wide.ci_lb)}, {number(wide.ci_ub)}]"
    return text + "."


def footer_lines(run: MetaRun) -> list[str]:
    """Return the heterogeneity of the model, and the test for subgroup differences."""
    lines = [heterogeneity(run.result)]
    if run.subgroups is not None:
        lines.append(run.subgroups.test_text())
    return lines


def heterogeneity(result: MetaResult) -> str:
    """Return Q, tau2 and I2 of a model in one line."""
    from review.plots.theme import format_p

    if result.k < 2:
        return "Heterogeneity cannot be estimated from one study."
    parts = [f"Q = {result.QE:.2f}, df = {result.df}, {format_p(result.QEp)}"]
    if not result.equal_effects:
        parts.append(f"tau² = {result.tau2:.4g} ({result.method})")
    parts.append(f"I² = {result.I2:.1f} %")
    test = {"z": "z", "t": "t", "knha": "Knapp-Hartung", "adhoc": "Knapp-Hartung, ad hoc"}
    return f"Heterogeneity: {'; '.join(parts)}. Intervals: {test.get(result.test, result.test)}."


def meta_tables(run: MetaRun, stem: str) -> dict[str, bytes]:
    """Return the table, the numbers and the text of a meta-analysis: file name -> bytes.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    from review.plots.export import csv_text, json_text

    files = {f"{stem}-table.csv": csv_text([row.to_dict() for row in run.forest]).encode()}
    if not run.result.intercept_only:
        coefficients = run.result.to_dict()["coefficients"]
        files[f"{stem}-coefficients.csv"] = csv_text(coefficients).encode()
    files[f"{stem}.json"] = (json_text(run.to_dict()) + "\n").encode()
    files[f"{stem}.txt"] = run.text().encode()
    return files

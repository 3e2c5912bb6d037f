"""The files of a meta-analysis: figures, table, numbers and text.

All are made from the same `MetaRun`, so their numbers agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.analysis_api import Artifact, Panel
from review.errors import InputError, StatsError
from review.plots.interval_table.table_drawing import drawn_as
from review.plots.meta import (
    baujat,
    cumulative,
    drapery,
    gosh,
    leave_one_out,
    multiverse,
    orchard,
    profile,
    qq,
    radial,
)
from review.plots.meta.effect_axis import number
from review.plots.meta.forest_plot import drawn_rows, forest
from review.plots.meta.funnel_plot import funnel
from review.plots.meta.labbe_plot import labbe
from review.plots.meta.model_plots import bubble
from review.stats.multilevel.che import CHEResult
from review.stats.pooling.meta_result import MetaResult
from review.stats.presentation.effect_display import digits_for, interval_text
from review.stats.rare_events.common_effect import CommonEffect
from review.stats.rare_events.counts_result import CountsResult
from review.words import level_name, listed, percent, sentence, statistic_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.workflow.pooling.meta_run import MetaRun, Result

MOST_ROWS: Final = 2_000  # of the data of a further figure
# name of an analysis -> title and maker of its figure
_FIGURES: Final[dict[str, tuple[str, Callable[[MetaRun, Any], Any]]]] = {
    "leave-one-out": ("Leave-one-out", lambda run, x: leave_one_out(run.single, refits=x)),
    "cumulative": ("Cumulative meta-analysis", lambda run, x: cumulative(run.single, refits=x)),
    "baujat": ("Baujat plot", lambda run, x: baujat(run.single, points=x)),
    "radial": ("Radial plot", lambda run, x: radial(run.single, points=x)),
    "qq": ("Normal quantiles", lambda run, x: qq(run.single, points=x)),
    "profile": ("Profile likelihood", lambda run, x: profile(run.single, curve=x)),
    "gosh": ("GOSH plot", lambda run, x: gosh(run.single, subsets=x)),
    "multiverse": ("Multiverse", lambda run, x: multiverse(run.single, found=x)),
    "drapery": ("Drapery plot", lambda run, _: drapery(run.single)),
    "orchard": ("Orchard plot", lambda run, _: _orchard(run)),
    "labbe": ("L'Abbé plot", lambda run, _: _labbe(run)),
}


def meta_artifacts(run: MetaRun, stem: str) -> tuple[Artifact, ...]:
    """Return the figures of a meta-analysis.

    The forest plot; the funnel plot, with the studies of trim and fill when that was asked for, or
    with one numeric moderator the bubble plot; and those of the further analyses.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    notes = tuple(run.notes)
    if run.left_out:
        from review.workflow.pooling.meta_text import left_out_lines

        notes += tuple(f"left out: {line}" for line in left_out_lines(run.left_out))
    made = [_artifact(run, f"{stem}-forest", _forest(run), notes)]
    if run.result.intercept_only:
        made.append(_artifact(run, f"{stem}-funnel", _funnel(run), notes))
    elif (panel := _bubble(run)) is not None:
        made.append(_artifact(run, f"{stem}-bubble", panel, notes))
    if run.rhos is not None:
        made.append(_artifact(run, f"{stem}-rho", _rho(run), notes))
    further = ((name, _further(run, name)) for name in run.asked if name in _FIGURES)
    made += [_artifact(run, f"{stem}-{n}", panel, notes) for n, panel in further if panel]
    return tuple(made)


def _artifact(run: MetaRun, stem: str, panel: Panel, notes: tuple[str, ...]) -> Artifact:
    title = f"{panel.title}: {run.rows.title}"
    return Artifact("figure", "", title, headline(run), (panel,), notes, stem=stem)


def _forest(run: MetaRun) -> Panel:
    result = run.result
    figure = forest(
        result, rows=run.forest, links=run.rows.links or None, footer=footer_lines(run),
        description=headline(run),
        columns=run.rows.shown or None, risk_of_bias=run.rows.risk_of_bias or None,
        favours=run.rows.favours,
    )  # fmt: skip
    caption = (
        "Squares are the studies, with an area in proportion to their weight; lines are "
        f"{level_name(result.level)} confidence intervals."
    )
    kinds = {row.kind for row in run.forest}
    if "total" in kinds:
        caption += " The diamond is the average effect."
    if "prediction" in kinds:
        caption += (
            " The bar below is the prediction interval: where the effect of a new study lies."
        )
    if run.rows.favours:
        left, right = run.rows.favours
        caption += f" Effects left of no effect favour {left}, those right of it {right}."
    if len(drawn_rows(run.forest)) < len(run.forest):
        caption = (
            f"{result.sample} are too many to be drawn one by one: the diamond is their "
            "average effect. The table holds every study."
        )
    return Panel(
        "", "Forest plot", run.table, numbers(result),
        svg=figure.svg, smaller=figure.smaller, alt=headline(run), caption=caption,
    )  # fmt: skip


def _funnel(run: MetaRun) -> Panel:
    result = run.result
    rows = [
        {"study": label, "yi": float(y), "sei": float(s)}
        for label, y, s in zip(result.slab, result.yi, result.sei, strict=True)
    ]
    alt = f"Funnel plot of {result.sample}."
    found = run.also.get("egger") or run.egger
    filled = run.also.get("trim-fill")
    for record in (found, filled):
        if record is not None:
            alt += " " + " ".join(record.words().split("\n")) + "."
    return Panel(
        "", "Funnel plot", rows, {} if found is None else found.to_dict(),
        figure=funnel(result, links=run.rows.links or None, trim_fill=filled or False), alt=alt,
        caption="Effects against their standard errors; asymmetry may come from missing studies, "
        "from heterogeneity or from chance.",
    )  # fmt: skip


def _rho(run: MetaRun) -> Panel:
    from review.plots.meta.mv_plots import sensitivity

    assert isinstance(run.result, CHEResult)
    assert run.rhos is not None
    rows = run.rhos.to_frame().reset_index().to_dict("records")
    return Panel(
        "", "Assumed correlation", [{str(k): v for k, v in row.items()} for row in rows],
        run.rhos.to_dict(), figure=sensitivity(run.result, found=run.rhos), alt=run.rhos.title,
        caption="The estimate with its interval under other correlations of the sampling errors of "
        "a study; the dashed line is the one that was assumed.",
    )  # fmt: skip


def _bubble(run: MetaRun) -> Panel | None:
    result = run.result
    if (
        not isinstance(result, MetaResult)
        or result.p != 1 + result.intercept
        or len(set(result.X[:, -1].tolist())) < 3
    ):
        return None
    rows = [
        {"study": label, result.coef_names[-1]: float(x), "yi": float(y), "vi": float(v)}
        for label, x, y, v in zip(result.slab, result.X[:, -1], result.yi, result.vi, strict=True)
    ]
    return Panel(
        "", "Bubble plot", rows, numbers(result), alt=headline(run),
        figure=bubble(result, links=run.rows.links or None),
        caption="Effects against the moderator, with the average and its confidence interval "
        "(dark) and prediction interval (light); the area of a bubble is the weight of the study.",
    )  # fmt: skip


def _further(run: MetaRun, name: str) -> Panel | None:
    """Return the figure of a further analysis; None when it could not be computed."""
    title, make = _FIGURES[name]
    found = run.also.get(name)
    try:
        drawn = drawn_as(make(run, found))
    except (InputError, StatsError):
        return None
    if found is None:
        return Panel("", title, [], {}, alt=f"{title}. {headline(run)}", **drawn)
    table = found.to_frame().reset_index()
    # the subsets of a GOSH plot are points to look at, not rows to read
    rows = [] if len(table) > MOST_ROWS else table.to_dict("records")
    return Panel(
        "", title, [{str(k): v for k, v in row.items()} for row in rows], {},
        alt=f"{title}. {getattr(found, 'title', '')}".strip(), **drawn,
    )  # fmt: skip


def _orchard(run: MetaRun) -> Any:
    groups = None if run.subgroups is None else run.subgroups.fits
    return orchard(run.single, groups=groups)


def _labbe(run: MetaRun) -> Any:
    given = run.rows.columns
    ai, ci = given.get("ai"), given.get("ci")
    if ai is None or ci is None:
        raise InputError("a L'Abbé plot needs the events of two groups (ai, ci)")
    sizes = [
        given.get(size) or [a + b for a, b in zip(given[events], given[others], strict=True)]
        for size, events, others in (("n1i", "ai", "bi"), ("n2i", "ci", "di"))
        if size in given or others in given
    ]
    if len(sizes) < 2:
        raise InputError("a L'Abbé plot needs the sizes of two groups (n1i, n2i)")
    return labbe(run.single, ai=ai, n1i=sizes[0], ci=ci, n2i=sizes[1])


def numbers(result: Result) -> dict[str, Any]:
    """Return the numbers of a model without its studies, which stand in the table."""
    found = result.to_dict()
    return {k: v for k, v in found.items() if k not in {"studies", "left_out", "notes", "vb"}}


def headline(run: MetaRun) -> str:
    """Return the main numbers in one sentence, as the forest plot shows them."""
    result = run.result
    digits = digits_for(run.forest)
    total = next((row for row in run.forest if row.kind == "total"), None)
    if total is None:
        return f"Meta-regression of {result.sample} on {listed(result.coef_names)}."
    text = f"{total.label}: {interval_text(total, digits)}"
    wide = next((r for r in run.forest if r.kind == "prediction" and not r.group), None)
    if wide is not None:
        text += f"; prediction interval {interval_text(wide, digits)}"
    return text + "."


def footer_lines(run: MetaRun) -> list[str]:
    """Return the heterogeneity of the model, and what is to be said of its subgroups."""
    lines = [heterogeneity(run.result)]
    if run.subgroups is not None:
        lines.append(f"{run.subgroups.test_text()}.")
        lines += map(sentence, run.subgroups.notes)
    return lines


def heterogeneity(result: Result) -> str:
    """Return Q, tau2 and I2 of a model in one line."""
    from review.stats.multilevel.che_text import heterogeneity_text

    if isinstance(result, CountsResult | CommonEffect):
        said = "; ".join(result.heterogeneity())
        return f"{said[:1].upper()}{said[1:]}. Intervals: {result.test}."
    if isinstance(result, CHEResult):
        said = heterogeneity_text(result)
        return f"{said[:1].upper()}{said[1:]}. Intervals: cluster-robust ({result.robust.type})."
    tests = {"z": "z", "t": "t", "knha": "Knapp-Hartung", "adhoc": "Knapp-Hartung, ad hoc"}
    intervals = f"Intervals: {tests.get(result.test, result.test)}."
    if result.k < 2:
        return f"Heterogeneity cannot be estimated from one study. {intervals}"
    parts = [statistic_text(f"Q({result.df})", result.QE, result.QEp)] if result.df else []
    if not result.equal_effects:
        fixed = ", fixed" if result.tau2_fixed else ""
        parts.append(f"tau² = {number(result.tau2, None)} ({result.method}{fixed})")
    parts.append(f"I² = {percent(result.I2)}")
    kind = "Heterogeneity" if result.intercept_only else "Residual heterogeneity"
    return f"{kind}: {'; '.join(parts)}. {intervals}"


def meta_tables(run: MetaRun, stem: str) -> dict[str, bytes]:
    """Return the table, the numbers and the text of a meta-analysis: file name -> bytes.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    from review.formats.rows import csv_text, json_text

    files = {f"{stem}-table.csv": csv_text(run.table).encode()}
    if not run.result.intercept_only:
        coefficients = run.result.to_dict()["coefficients"]
        files[f"{stem}-coefficients.csv"] = csv_text(coefficients).encode()
    files[f"{stem}.json"] = (json_text(run.to_dict()) + "\n").encode()
    files[f"{stem}.txt"] = run.text().encode()
    return files

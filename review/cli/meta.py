"""`review meta`: meta-analysis of a review's results or of a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import DEFAULT_OUT, JsonOption, ReviewOption, echo, load, print_json
from review.cli.table_options import given_options, with_table_options
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.formats.read_options import ReadOptions
    from review.workflow.pooling.meta_run import MetaRun
    from review.workflow.pooling.pooled_rows import MetaInput


MODELS = ("uni", "mv", "dta")


@with_table_options
def meta(
    *,
    review: ReviewOption = None,
    outcome: Annotated[
        str | None,
        typer.Option(
            help="Metric of the review's results (auc, hazard_ratio, ...), or with "
            "--outcome-column the outcome of a CSV file."
        ),
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="Which results: headline (default), comparison or all.")
    ] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="FILTER", help="Only rows such as 'modality == \"MRI\"'."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="uni: one effect per study; mv: several, pooled by study with cluster-robust "
            "intervals (by default where results of a review share a study, or with --cluster); "
            "dta: diagnostic accuracy, sensitivity and specificity together, from tp, fn, fp, tn "
            "or sens, spec, n_pos, n_neg."
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="FILE", help="A CSV, Excel or OpenDocument file instead of a review."
        ),
    ] = None,
    yi: Annotated[str | None, typer.Option(help="Column with the effects.")] = None,
    vi: Annotated[str | None, typer.Option(help="Column with the sampling variances.")] = None,
    sei: Annotated[str | None, typer.Option(help="Column with the standard errors.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="ARG=COLUMN",
            help="Numbers by argument, such as ai=tpos or est=HR; may be repeated. Without it, "
            "columns that are called as the measure's arguments, or as estimates usually, are.",
        ),
    ] = None,
    outcome_column: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column that tells the outcomes of a CSV file apart."),
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Rows are arms: the column with their names."),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(metavar="ARM", help="The arm that the others are compared with."),
    ] = None,
    multi_arm: Annotated[
        str | None,
        typer.Option(help="Studies with several arms: combine, split (the reference) or each."),
    ] = None,
    labels: Annotated[str | None, typer.Option(help="Column with the study names.")] = None,
    measure: Annotated[str | None, typer.Option(help="Measure: OR, RR, SMD, LOGITAUC, ...")] = None,
    by: Annotated[str | None, typer.Option(help="Column that forms subgroups.")] = None,
    tau2: Annotated[
        str, typer.Option(help="tau2 of subgroups: separate for each, or pooled.")
    ] = "separate",
    mods: Annotated[
        str | None, typer.Option(help="Moderators, such as 'log(n_images) + factor(modality)'.")
    ] = None,
    method: Annotated[
        str, typer.Option(help="Estimator of tau2: REML, DL, PM, ML, ...; EE or FE for none.")
    ] = "REML",
    test: Annotated[
        str | None, typer.Option(help="z, t, knha or adhoc; knha unless the model is EE or FE.")
    ] = None,
    level: Annotated[float, typer.Option(help="Level of all intervals: 95 or 0.95.")] = 95,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Of mv: column that names the study of each row."),
    ] = None,
    rho: Annotated[
        float | None,
        typer.Option(
            help="Of mv: assumed correlation of the sampling errors of a study (0.6); the "
            "intervals do not rely on it."
        ),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Column with weights, instead of 1/(variance + tau2).")
    ] = None,
    add: Annotated[float | None, typer.Option(help="Constant for zero cells.")] = None,
    to: Annotated[str | None, typer.Option(help="Who gets it: only0, all, if0all or none.")] = None,
    drop00: Annotated[
        bool, typer.Option("--drop00", help="Leave out studies without any event.")
    ] = False,
    scale: Annotated[
        str | None, typer.Option(help="Of ACC, SENS, SPEC: logit, raw, log, arcsine, FT.")
    ] = None,
    prefer: Annotated[
        str | None,
        typer.Option(help="Of a row with both: raw numbers (default) or its estimate."),
    ] = None,
    medians: Annotated[
        str | None,
        typer.Option(help="Means from medians: luo (default), wan, bland, qe or bc."),
    ] = None,
    skewed: Annotated[
        str | None,
        typer.Option(help="Skewed medians: out (default), qe, bc, or use them as they are."),
    ] = None,
    without_converted: Annotated[
        bool,
        typer.Option("--without-converted", help="Leave out rows that had to be converted."),
    ] = False,
    without_approximate: Annotated[
        bool,
        typer.Option(
            "--without-approximate",
            help="Leave out rows whose conversion depends on an assumption.",
        ),
    ] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES",
            help="Further analyses, joined by commas: leave-one-out, cumulative, influence, "
            "baujat, radial, qq, profile, blup, gosh, permutation, vif, egger, egger-lm, begg, "
            "trim-fill, fsn, fsn-orwin, fsn-rosenberg, tes, pet-peese, p-curve, limit, selection, "
            "medians; figures: drapery, orchard, labbe; or all.",
        ),
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="Column by which --also cumulative adds studies.")
    ] = None,
    show: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMNS", help="Columns beside the studies in the forest plot, by commas."
        ),
    ] = None,
    risk_of_bias: Annotated[
        list[str] | None,
        typer.Option(
            "--risk-of-bias",
            metavar="COLUMNS",
            help="Columns with judgements (low, some concerns, high) beside them; those of a "
            "review's risk_of_bias.csv are there anyway.",
        ),
    ] = None,
    study: Annotated[
        str | None, typer.Option(help="Of dta: column that says which rows are of one study.")
    ] = None,
    prevalence: Annotated[
        list[str] | None,
        typer.Option(metavar="P", help="Of dta: prevalences for predictive values, by commas."),
    ] = None,
    structure: Annotated[
        str | None, typer.Option(help="Of dta: UN (default), or DIAG for a correlation of 0.")
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option(help="Of dta with --method exact: quadrature nodes; 1 is Laplace (default)."),
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="Of dta: shares are in per cent.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Write figures, table, numbers and text there."
        ),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMATS",
            help="Of the figures: html (default), svg, png, csv, json; joined by commas or "
            "repeated. SVG and PNG need Chromium.",
        ),
    ] = None,
    as_json: JsonOption = False,
    reading: ReadOptions,
) -> None:
    """Pool results: a random-effects model with its intervals, heterogeneity and prediction.

    The output names every choice. A confidence interval is about the average effect, a
    prediction interval about the effect in a new study.
    """
    from review.errors import InputError
    from review.plots.export import parse_formats
    from review.workflow.pooling.meta_run import run_meta
    from review.workflow.pooling.pooled_rows import beside_forest

    accuracy = {"study": study, "prevalence": prevalence, "structure": structure, "nodes": nodes,
                "percent": percent}  # fmt: skip
    if _is_accuracy(model):
        from review.cli.meta_accuracy import meta_accuracy

        _refuse(
            "models of one effect per study, not about --model dta", outcome=outcome, yi=yi, vi=vi,
            sei=sei, measure=measure, test=test, weights=weights, drop00=drop00, scale=scale,
            also=also, order=order, show=show, risk_of_bias=risk_of_bias, arm=arm, medians=medians,
            skewed=skewed, prefer=prefer, **{
                "tau2": None if tau2 == "separate" else tau2, "outcome-column": outcome_column,
                "multi-arm": multi_arm, "without-converted": without_converted,
                "without-approximate": without_approximate,
            },
        )  # fmt: skip
        more = {"add": add, "to": to, "percent": percent or None}
        meta_accuracy(
            review=review, where=where, role=role, csv=csv, reading=reading,
            columns=columns or (), labels=labels, study=study, by=by, reference=reference,
            prevalence=prevalence or (), out=out,
            formats=formats or (), as_json=as_json,
            settings={
                "method": method, "mods": mods, "level": level, "structure": structure or "UN",
                "nodes": nodes or 1, "options": {k: v for k, v in more.items() if v is not None},
            },
        )  # fmt: skip
        return
    _refuse("accuracy models: --model dta", **accuracy)

    chosen = parse_formats(formats or ["html"])
    given = {"yi": yi, "vi": vi, "sei": sei}
    if csv is not None:
        _refuse("a review, not about --csv", review=review, role=role)
        rows = _from_csv(
            csv, given, columns or [], measure=measure, labels=labels, where=where,
            outcome_column=outcome_column, outcome=outcome, arm=arm, reference=reference,
            multi_arm=multi_arm, reading=reading,
        )  # fmt: skip
        context: dict[str, Any] = {"review_title": csv.name}
        read = csv
        others = [path.stem for path in csv.parent.glob("*.csv")]
    else:
        layout = {"outcome-column": outcome_column, "arm": arm, "reference": reference}
        layout |= {"multi-arm": multi_arm}
        _refuse("a CSV file: name it with --csv", **given, column=columns, labels=labels, **layout)
        if options_given := given_options(reading):
            raise InputError(f"{', '.join(options_given)}: only with --csv FILE")
        opened = load(review, where)
        rows = _from_review(opened, outcome, measure, role or "headline")
        context = review_context(opened)
        read = opened.path
        others = [r.metric for r in opened.whole.results if r.metric]
    rows = beside_forest(rows, show or (), risk_of_bias or ())
    options: dict[str, Any] = {
        "add": add, "to": to, "drop00": drop00 or None, "scale": scale, "prefer": prefer,
        "medians": medians, "skewed": skewed,
    }  # fmt: skip
    without = "approximate" if without_approximate else None
    without = "all" if without_converted else without
    run = run_meta(
        rows, by=by, mods=mods, method=method, test=test, level=level, tau2=tau2,
        also=also or (), order=order, weights=weights,
        options={k: v for k, v in options.items() if v is not None},
        without_converted=without,
        model=model, cluster=cluster, rho=rho,
    )  # fmt: skip
    written: list[Path] = []
    failed = None
    if out is not None or formats:
        written, failed = _write(run, out or DEFAULT_OUT, chosen, context, read=read, others=others)
    _report(run, written, as_json=as_json)
    if failed is not None:
        raise failed


def _is_accuracy(model: str | None) -> bool:
    from review.errors import UnknownNameError

    name = "" if model is None else model.strip().casefold()
    if name and name not in MODELS:
        raise UnknownNameError("model", model or "", MODELS)
    return name == "dta"


def _refuse(what: str, **options: Any) -> None:
    """Refuse options that belong to the other kind of input."""
    from review.errors import InputError

    named = [f"--{name}" for name, value in options.items() if value]
    if named:
        verb = "are" if len(named) > 1 else "is"
        raise InputError(f"{listed(named)} {verb} about {what}")


def _from_review(review: Any, outcome: str | None, measure: str | None, role: str) -> MetaInput:
    from review.errors import InputError
    from review.workflow.pooling.pooled_rows import from_review
    from review.workflow.pooling.reported import reported_results

    if outcome is None:
        metrics = sorted({r.metric for r in reported_results(review) if r.metric})
        known = f"{review.name} has {', '.join(metrics)}" if metrics else "it has no results.csv"
        raise InputError(f"which outcome? name it with --outcome ({known}), or give --csv FILE")
    return from_review(review, outcome, measure=measure, role=None if role == "all" else role)


def _from_csv(
    path: Path,
    effects: dict[str, str | None],
    raw: list[str],
    **options: Any,
) -> MetaInput:
    from review.errors import InputError
    from review.workflow.pooling.csv_input import from_csv

    columns = {name: column for name, column in effects.items() if column is not None}
    for item in raw:
        argument, sign, column = item.partition("=")
        if not sign or not argument.strip() or not column.strip():
            raise InputError(f"--column {item!r}: write it as argument=column, such as ai=tpos")
        columns[argument.strip()] = column.strip()
    return from_csv(path, columns=columns, **options)


def review_context(review: Any) -> dict[str, Any]:
    """Return what files of a review say about where they come from."""
    from review import __version__

    return {
        "review": review.name,
        "review_title": review.settings.title,
        "cite": review.settings.cite,
        "sample": review.settings.sample,
        "filter": review.filter.text if review.filter else None,
        "version": __version__,
    }


def _write(
    run: MetaRun,
    out: Path,
    formats: Any,
    context: dict[str, Any],
    *,
    read: Path,
    others: Iterable[str],
) -> tuple[list[Path], Any]:
    from review.cli.artifacts import file_stem, write, write_files
    from review.plots.meta.meta_files import meta_artifacts, meta_tables

    stem = f"meta-{file_stem(run.rows.outcome or run.rows.title, others)}"
    written, failed = write(meta_artifacts(run, stem), out, formats, context, read=[read])
    return [*written, *write_files(out, meta_tables(run, stem), read=[read])], failed


def _report(run: MetaRun, written: list[Path], *, as_json: bool) -> None:
    if as_json:
        print_json({**run.to_dict(), "files": [str(path) for path in written]})
        return
    echo(run.text().rstrip("\n"))
    for path in written:
        echo(f"written: {path}")

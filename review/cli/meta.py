"""`review meta`: meta-analysis of a review's results or of a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import JsonOption, ReviewOption, load
from review.cli.meta_output import Delivery, deliver, deliver_all, deliver_file
from review.cli.table_options import given_options, with_table_options
from review.words import listed

if TYPE_CHECKING:
    from review.formats.read_options import ReadOptions


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
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="One of the analyses that review.toml keeps as [[meta]]; without it, and without "
            "--outcome, --column or --csv, all of them. Other options override what is kept.",
        ),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            metavar="results|studies",
            help="Where a review's numbers stand: results.csv, or the columns of studies.csv.",
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
            "or sens, spec, n_pos, n_neg; bayes: prior distributions (--tau-prior, --mu-prior); "
            "nma: several treatments in one network, from te, se, treat1, treat2 of each "
            "comparison or the numbers of each arm (--measure); "
            "of rare events, from counts without continuity correction: glmm (--variant), betabin, "
            "mh (Mantel-Haenszel), peto."
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
            help="Numbers by argument, such as ai=tpos or est=HR, of a CSV file or of the review's "
            "studies.csv; may be repeated. Without it, columns that are called as the measure's "
            "arguments, or as estimates usually, are.",
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
        str | None, typer.Option(help="tau2 of subgroups: separate for each (default), or pooled.")
    ] = None,
    mods: Annotated[
        str | None, typer.Option(help="Moderators, such as 'log(n_images) + factor(modality)'.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help="Estimator of tau2: REML (default), DL, PM, ML, ...; EE or FE for none."),
    ] = None,
    test: Annotated[
        str | None, typer.Option(help="z, t, knha or adhoc; knha unless the model is EE or FE.")
    ] = None,
    level: Annotated[
        float | None, typer.Option(help="Level of all intervals: 95 (default) or 0.95.")
    ] = None,
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
            "medians, multiverse; figures: drapery, orchard, labbe; or all. Of mv: rho.",
        ),
    ] = None,
    order: Annotated[
        str | None, typer.Option(help="Column by which --also cumulative adds studies.")
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Order of the studies in table and figures: a column of numbers or dates, or "
            "label; -COLUMN for the largest first.",
        ),
    ] = None,
    favours: Annotated[
        str | None,
        typer.Option(
            metavar="LEFT,RIGHT", help="What stands left and right of no effect: treatment,control."
        ),
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
    tau_prior: Annotated[
        str | None,
        typer.Option(
            metavar="PRIOR",
            help="Of bayes: prior of tau, such as half-normal:0.5, half-cauchy:0.5, half-t:0.5,4, "
            "log-normal:-2,0.7, uniform:2, uniform, jeffreys, 'turner:pain/pharmacological vs "
            "placebo', 'rhodes:mental health/pharmacological vs placebo'.",
        ),
    ] = None,
    mu_prior: Annotated[
        str | None,
        typer.Option(metavar="PRIOR", help="Of bayes: prior of the average: flat or normal:0,4."),
    ] = None,
    compare_priors: Annotated[
        list[str] | None,
        typer.Option(metavar="PRIORS", help="Of bayes: priors of tau to compare, by semicolons."),
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="Of bayes: central (default) or shortest intervals.")
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
        typer.Option(
            help="Of dta with --method exact, and of glmm: quadrature nodes; 1 is Laplace."
        ),
    ] = None,
    variant: Annotated[
        str | None,
        typer.Option(
            help="Of glmm: UM.FS (fixed study effects, default), UM.RS (random ones), CM.EL "
            "(exact conditional), CM.AL (approximate conditional)."
        ),
    ] = None,
    percent: Annotated[
        bool, typer.Option("--percent", help="Of dta: shares are in per cent.")
    ] = False,
    smaller_is_better: Annotated[
        bool,
        typer.Option("--smaller-is-better", help="Of nma: low effects rank first (mortality)."),
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
    from review.schema.meta_settings import settings_from
    from review.workflow.pooling.settings_run import named_settings, refuse_misplaced

    settings = settings_from({
        "rows": rows, "outcome": outcome, "role": role, "where": where, "model": model,
        "measure": measure, "columns": _columns({"yi": yi, "vi": vi, "sei": sei}, columns or []),
        "by": by, "tau2": tau2, "mods": mods, "method": method, "test": test, "level": level,
        "cluster": cluster, "rho": rho, "weights": weights, "add": add, "to": to,
        "drop00": drop00, "scale": scale, "prefer": prefer, "medians": medians,
        "skewed": skewed, "without_converted": without_converted,
        "without_approximate": without_approximate, "also": also, "order": order, "sort": sort,
        "favours": favours, "show": show, "risk_of_bias": risk_of_bias,
        "prevalence": prevalence, "structure": structure, "nodes": nodes, "percent": percent,
        "reference": reference, "tau_prior": tau_prior, "mu_prior": mu_prior,
        "compare_priors": compare_priors, "interval": interval, "variant": variant,
        "smaller_is_better": smaller_is_better,
    })  # fmt: skip
    layout = {"outcome-column": outcome_column, "arm": arm, "multi-arm": multi_arm}
    effects = {"yi": yi, "vi": vi, "sei": sei} | layout
    unsuited = effects if settings.is_accuracy else {"study": study}
    if settings.is_network:
        unsuited = {"outcome-column": outcome_column, "multi-arm": multi_arm}
    if csv is not None or (name is None and settings.says_what):
        refuse_misplaced(settings, [option for option, value in unsuited.items() if value])
    delivery = Delivery(out, tuple(parse_formats(formats or ["html"])), bool(formats), as_json)
    if csv is not None:
        _refuse("a review, not about --csv", review=review, role=role, rows=rows, name=name)
        deliver_file(csv, settings, layout | {"labels": labels, "study": study}, reading, delivery)
        return
    about_files = layout | {"labels": labels, "study": study}
    if settings.of_effects and name is None:
        about_files["reference"] = reference
    _refuse("a CSV file: name it with --csv", **about_files)
    if options_given := given_options(reading):
        raise InputError(f"{', '.join(options_given)}: only with --csv FILE")
    opened = load(review)
    if name is not None:
        deliver(opened, named_settings(opened, name).with_options(settings), delivery)
    elif opened.settings.meta and not settings.says_what:
        kept = [one.with_options(settings) for one in opened.settings.meta]
        deliver_all(opened, kept, delivery)
    else:
        deliver(opened, settings, delivery)


def _columns(effects: dict[str, str | None], raw: list[str]) -> dict[str, str]:
    from review.errors import InputError

    columns = {name: column for name, column in effects.items() if column is not None}
    for item in raw:
        argument, sign, column = item.partition("=")
        if not sign or not argument.strip() or not column.strip():
            raise InputError(f"--column {item!r}: write it as argument=column, such as ai=tpos")
        columns[argument.strip()] = column.strip()
    return columns


def _refuse(what: str, **options: Any) -> None:
    """Refuse options that belong to the other kind of input."""
    from review.errors import InputError

    named = [f"--{name}" for name, value in options.items() if value]
    if named:
        verb = "are" if len(named) > 1 else "is"
        raise InputError(f"{listed(named)} {verb} about {what}")

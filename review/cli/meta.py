"""`review meta`: meta-analysis of a review's results or of a CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import (
    JsonOption,
    ReviewOption,
    WhereOption,
    echo,
    load,
    warn,
)

if TYPE_CHECKING:
    from review.workflow.meta_input import MetaInput
    from review.workflow.meta_run import MetaRun


def meta(
    *,
    review: ReviewOption = None,
    outcome: Annotated[
        str | None, typer.Option(help="Metric of the review's results: auc, accuracy, ...")
    ] = None,
    role: Annotated[
        str, typer.Option(help="Which results: headline, comparison or all.")
    ] = "headline",
    where: WhereOption = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="A CSV file instead of a review.")
    ] = None,
    yi: Annotated[str | None, typer.Option(help="Column with the effects.")] = None,
    vi: Annotated[str | None, typer.Option(help="Column with the sampling variances.")] = None,
    sei: Annotated[str | None, typer.Option(help="Column with the standard errors.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="ARG=COLUMN", help="Raw numbers, such as ai=tpos."),
    ] = None,
    labels: Annotated[str | None, typer.Option(help="Column with the study names.")] = None,
    measure: Annotated[str | None, typer.Option(help="Measure: OR, RR, SMD, LOGITAUC, ...")] = None,
    by: Annotated[str | None, typer.Option(help="Column that forms subgroups.")] = None,
    mods: Annotated[
        str | None, typer.Option(help="Moderators, such as 'log(n_images) + factor(modality)'.")
    ] = None,
    method: Annotated[str, typer.Option(help="Estimator of tau2.")] = "REML",
    test: Annotated[
        str | None, typer.Option(help="z, t, knha or adhoc; knha unless the model is EE or FE.")
    ] = None,
    level: Annotated[float, typer.Option(help="Level of all intervals in per cent.")] = 95,
    add: Annotated[float | None, typer.Option(help="Constant for zero cells.")] = None,
    to: Annotated[str | None, typer.Option(help="Who gets it: only0, all, if0all or none.")] = None,
    drop00: Annotated[
        bool, typer.Option("--drop00", help="Leave out studies without any event.")
    ] = False,
    scale: Annotated[
        str | None, typer.Option(help="Of ACC, SENS, SPEC: logit, raw, log, arcsine, FT.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write forest, funnel, table and text.")
    ] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="Of the figures: html, svg, png.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Pool results: a random-effects model with its intervals, heterogeneity and prediction.

    The output names every choice. A confidence interval is about the average effect, a
    prediction interval about the effect in a new study.
    """
    from review.workflow.meta_run import run_meta

    if csv is not None:
        given = {"yi": yi, "vi": vi, "sei": sei}
        rows = _from_csv(csv, given, columns or [], measure=measure, labels=labels)
    else:
        rows = _from_review(load(review, where), outcome, measure, role)
    options: dict[str, Any] = {"add": add, "to": to, "drop00": drop00 or None, "scale": scale}
    run = run_meta(
        rows, by=by, mods=mods, method=method, test=test, level=level,
        options={k: v for k, v in options.items() if v is not None},
    )  # fmt: skip
    written = _write(run, out, formats, outcome or rows.title) if out is not None else []
    if as_json:
        from review.plots.export import json_text

        echo(json_text({**run.to_dict(), "files": written}))
        return
    echo(run.text())
    for name in written:
        warn(f"wrote {name}")


def _from_review(review: Any, outcome: str | None, measure: str | None, role: str) -> MetaInput:
    from review.errors import InputError
    from review.workflow.meta_input import from_review

    if outcome is None:
        metrics = sorted({r.metric for r in review.results if r.metric})
        known = f"{review.name} has {', '.join(metrics)}" if metrics else "it has no results.csv"
        raise InputError(f"which outcome? name it with --outcome ({known}), or give --csv FILE")
    return from_review(review, outcome, measure=measure, role=None if role == "all" else role)


def _from_csv(
    path: Path,
    effects: dict[str, str | None],
    raw: list[str],
    *,
    measure: str | None,
    labels: str | None,
) -> MetaInput:
    from review.errors import InputError
    from review.workflow.meta_input import from_csv

    columns = {name: column for name, column in effects.items() if column is not None}
    for item in raw:
        argument, sign, column = item.partition("=")
        if not sign:
            raise InputError(f"--column {item!r}: write it as argument=column, such as ai=tpos")
        columns[argument.strip()] = column.strip()
    if not columns and measure is not None:
        columns = _by_name(path, measure)
    if not columns:
        raise InputError(
            "which columns? --yi and --vi (or --sei), or --measure with --column ai=..., ..."
        )
    if columns.keys() & {"yi", "vi", "sei"} and not (
        "yi" in columns and columns.keys() & {"vi", "sei"}
    ):
        raise InputError("effects need both --yi and --vi (or --sei)")
    if "yi" not in columns and measure is None:
        raise InputError("raw columns need --measure, such as --measure RR")
    return from_csv(path, measure=measure, columns=columns, labels=labels)


def _by_name(path: Path, measure: str) -> dict[str, str]:
    """Return the columns of a file that carry the names of the measure's arguments."""
    from review.errors import InputError
    from review.project.tables import read_table
    from review.stats.effect_sizes.registry import find_measure

    if not path.is_file():
        raise InputError(f"{path}: no such file")
    family = find_measure(measure.upper()).family
    header = read_table(path).header
    found = {name: name for name in family.allowed if name in header}
    if not found:
        raise InputError(
            f"{path.name} has no column that is called as {measure.upper()} needs it "
            f"({family.needs}); map yours with --column, such as ai=tpos"
        )
    return found


def _write(run: MetaRun, out: Path, formats: list[str] | None, name: str) -> list[str]:
    import re

    from review.errors import InputError
    from review.plots.meta.files import meta_files
    from review.project.write import write_atomic

    stem = "meta-" + (re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60] or "run")
    files = meta_files(run, stem, formats)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {out}: {error.strerror}") from None
    for file, data in files.items():
        write_atomic(out / file, data)
    return [str(out / file) for file in files]

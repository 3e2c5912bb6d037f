"""`review rob`: risk-of-bias assessments, their tools, check and figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import (
    DEFAULT_OUT,
    FiguresOption,
    JsonOption,
    ReviewOption,
    WhereOption,
    echo,
    echo_data,
    load,
    print_json,
    print_table,
    warn,
)
from review.cli.table_options import given_options, tell, with_table_options
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.analysis_api import Artifact
    from review.formats.read_options import ReadOptions
    from review.project import Review
    from review.schema.assessment import Tool
    from review.workflow.coding.assessments import Assessments


@with_table_options
def rob(
    *,
    review: ReviewOption = None,
    tool: Annotated[
        str | None, typer.Option("--tool", metavar="NAME", help="Only this tool.")
    ] = None,
    where: WhereOption = None,
    tools: Annotated[
        bool, typer.Option("--tools", help="List the tools with domains and judgement words.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Check risk_of_bias.csv; exit status 1 on a problem.")
    ] = False,
    template: Annotated[
        bool,
        typer.Option("--template", help="Print an empty risk_of_bias.csv for --tool."),
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE",
                     help="CSV, Excel or OpenDocument with study_id and weight, for the summary."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write the two figures.")
    ] = None,
    formats: FiguresOption = None,
    as_json: JsonOption = False,
    reading: ReadOptions,
) -> None:  # fmt: skip
    """Risk of bias: QUADAS-2, QUADAS-3, PROBAST+AI, RoB 2, ROBINS-I or a tool of your own.

    Assessments are the rows of risk_of_bias.csv in the review folder (study_id, tool, version,
    unit, domain, kind, judgement, rationale, assessor); own tools are TOML files in tools/.
    """
    from review.errors import InputError
    from review.workflow.coding.assessment_files import load_assessments, load_tools

    if weights is None and (given := given_options(reading)):
        raise InputError(f"{', '.join(given)}: only with --weights FILE")
    opened = load(review, where)
    if tools:
        _list_tools(load_tools(opened), tool, as_json=as_json)
        return
    if template:
        _template(opened, load_tools(opened), tool)
        return
    if check:
        _check(opened, as_json=as_json)
        return
    found = load_assessments(opened)
    if not found:
        _nothing(opened, as_json=as_json)
        return
    used = [found.tool(tool)] if tool else list(found.tools.values())
    shares = _read_weights(weights, reading) if weights is not None else None
    if as_json:
        print_json(found.to_dict() | {
            "counts": {t.name: found.counts(t.name, shares) for t in used}})  # fmt: skip
    else:
        for one in used:
            _print(found, one, shares)
    if out is not None or formats:
        known = load_tools(opened)
        artifacts = [_artifact(found, one, shares, known) for one in used]
        for path in _draw(opened, artifacts, out, formats or [], weights):
            warn(f"written: {path}")


def _nothing(review: Review, *, as_json: bool) -> None:
    if as_json:
        print_json({"tools": [], "assessments": [], "counts": {}})
        return
    echo(f"{review.name} has no risk_of_bias.csv: no assessments")
    echo("'review rob --tools' lists the tools; "
         "'review rob --tool QUADAS-2 --template > risk_of_bias.csv' starts a file")  # fmt: skip


def _pick(known: dict[str, Tool], name: str | None) -> list[Tool]:
    from review.errors import UnknownNameError

    if name is None:
        return list(known.values())
    found = [t for n, t in known.items() if n.casefold() == name.casefold()]
    if not found:
        raise UnknownNameError("tool", name, list(known))
    return found


def _list_tools(known: dict[str, Tool], name: str | None, *, as_json: bool) -> None:
    chosen = _pick(known, name)
    if as_json:
        print_json([t.model_dump(mode="json") for t in chosen])
        return
    for one in chosen:
        echo(f"{one.name} (version {one.version or 'not stated'}): {one.subject}, per {one.unit}")
        echo(f"  judgements: {', '.join(one.words)}")
        for domain in one.domain:
            echo(f"  {domain.key:<28} {domain.full_title} [{', '.join(domain.kinds)}]")
        if one.overall:
            echo(f"  {'overall':<28} Overall [{', '.join(one.overall)}]")
        if one.cite:
            echo(f"  {one.cite}{f' doi {one.doi}' if one.doi else ''}")


def _template(review: Review, known: dict[str, Tool], name: str | None) -> None:
    from review.errors import InputError
    from review.formats.rows import csv_text
    from review.schema.assessment import Assessment

    if name is None:
        raise InputError(f"--template needs --tool ({', '.join(known)})")
    one = _pick(known, name)[0]
    rows: list[dict[str, Any]] = [
        {"study_id": s.study_id, "tool": one.name, "version": one.version, "domain": domain,
         "kind": kind}
        for s in review.studies
        for domain, kind, _ in one.columns()
    ]  # fmt: skip
    echo_data(csv_text(rows, list(Assessment.model_fields)))


def _check(review: Review, *, as_json: bool) -> None:
    from review.workflow.coding.assessment_files import check_assessments

    count, problems = check_assessments(review)
    errors = [p for p in problems if p.level == "error"]
    if as_json:
        print_json({"assessments": count, "ok": not errors,
                    "problems": [p.to_dict() for p in problems]})  # fmt: skip
    else:
        echo(f"risk_of_bias.csv: {count} assessments, {len(errors)} problems")
        for problem in problems:
            echo(f"  {'error' if problem.level == 'error' else 'note'}: {problem}")
    if errors:
        raise typer.Exit(1)


def _print(found: Assessments, tool: Tool, weights: dict[str, float] | None) -> None:
    table = found.table(tool.name)
    echo(f"{tool.name}: {len(table)} assessed (per {tool.unit})")
    titles = [(d, k, f"{t}{' (applicability)' if k == 'applicability' else ''}")
              for d, k, t in tool.columns()]  # fmt: skip
    print_table(
        ["study_id", "unit", *(t for _, _, t in titles)],
        [
            [study_id, unit, *(row[d, k].word if (d, k) in row else "" for d, k, _ in titles)]
            for (study_id, unit), row in table.items()
        ],
    )
    rows = found.counts(tool.name, weights)
    print_table(
        ["domain", "kind", "level", "n", "weighted share" if weights else "share"],
        [[r["title"], r["kind"], r["level"], r["n"], percent(100 * r["share"], 0)] for r in rows],
    )


def _read_weights(path: Path, reading: ReadOptions) -> dict[str, float]:
    from review.formats.reading import read_sheet
    from review.workflow.pooling.study_weights import study_weights

    table = read_sheet(path, reading)
    try:
        return study_weights(table)
    finally:
        tell(table)


def _draw(
    review: Review,
    artifacts: list[Artifact],
    out: Path | None,
    formats: list[str],
    weights: Path | None,
) -> list[Path]:
    """Write the figures; raise when a picture could not be drawn, after everything else."""
    from review import __version__
    from review.cli.artifacts import write
    from review.plots.export import parse_formats

    context = {
        "review": review.name,
        "review_title": review.settings.title,
        "cite": review.settings.cite,
        "version": __version__,
    }
    written, failed = write(
        artifacts, out or DEFAULT_OUT, parse_formats(formats), context,
        read=[review.path, *([weights] if weights else [])],
    )  # fmt: skip
    if failed is not None:
        raise failed
    return written


def _artifact(
    found: Assessments, tool: Tool, weights: dict[str, float] | None, known: Iterable[str]
) -> Artifact:
    from review.analysis_api import Artifact, Panel
    from review.cli.artifacts import file_stem
    from review.plots.traffic_light import summary, traffic_light

    rows = [r for r in found.rows() if r["tool"] == tool.name]
    counts = found.counts(tool.name, weights)
    key = file_stem(tool.name, known)
    units = len(found.table(tool.name))
    return Artifact(
        kind="figure",
        key=f"risk-of-bias-{key}",
        title=f"Risk of bias: {tool.name}",
        caption=tool.cite,
        panels=(
            Panel("a", "Judgements by study", rows, figure=traffic_light(found, tool.name),
                  alt=f"Judgements of {units} rows (per {tool.unit}); the table holds all."),
            Panel("b", "Share of judgements", counts, {"weighted": weights is not None},
                  figure=summary(found, tool.name, weights=weights),
                  alt="Share of each judgement by domain; the table below holds the numbers."),
        ),
    )  # fmt: skip

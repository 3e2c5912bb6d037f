"""`review audit`: published and coded numbers against arithmetic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import (
    JsonOption,
    ReviewOption,
    WhereOption,
    echo,
    load,
    print_json,
    print_table,
    warn,
)
from review.cli.table_options import given_options, with_table_options

if TYPE_CHECKING:
    from review.formats.read_options import ReadOptions
    from review.workflow.audit import AuditReport


@with_table_options
def audit(
    *,
    review: ReviewOption = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="FILE", help="Check the rows of a CSV, Excel or OpenDocument file."
        ),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(
            "--text",
            metavar="FILE",
            help="Check the statistics in the sentences of a .txt, .md, .html, .docx or .pdf file.",
        ),
    ] = None,
    where: WhereOption = None,
    verdict: Annotated[
        list[str] | None,
        typer.Option("--verdict", metavar="WORD", help="Only claims with it; may be repeated."),
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only what is inconsistent or impossible.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit status 1 also for 'rounding' and 'cannot be checked'."),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write audit.csv and .json.")
    ] = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="List the columns that --csv understands.")
    ] = False,
    all_claims: Annotated[
        bool, typer.Option("--all", help="Print sound claims and each number without a check too.")
    ] = False,
    template: Annotated[
        Path | None,
        typer.Option(
            "--template",
            metavar="FILE",
            help="Write a CSV file to fill in, all columns explained.",
        ),
    ] = None,
    as_json: JsonOption = False,
    reading: ReadOptions,
) -> None:
    """Check published facts, coded results or a text against arithmetic and the data.

    Each claim gets a verdict (confirmed, consistent, rounding, inconsistent, impossible, cannot be
    checked) with the computation; sound ones are printed with --all. Exit status 1 when a claim is
    inconsistent or impossible.
    """
    from review.errors import InputError
    from review.workflow.audit import Verdict

    if columns:
        _print_columns(as_json=as_json)
        return
    if template is not None:
        _write_template(template)
        return
    files = [name for name, given in (("--csv", csv), ("--text", text)) if given is not None]
    if files and (len(files) > 1 or review or where):
        raise InputError(f"{files[0]} cannot be combined with --review, --where or another file")
    if csv is None and (given := given_options(reading)):
        raise InputError(f"{', '.join(given)}: only with --csv FILE")
    wanted = _verdicts(verdict or [], failed=failed)
    if csv is not None or text is not None:
        whole, read = _of_a_file(csv, text, reading)
    else:
        from review.workflow.audit import audit_review

        opened = load(review, where)
        whole, read = audit_review(opened), opened.path
    shown = whole.select(wanted) if wanted else whole
    if as_json:
        print_json(shown.to_dict() | {"counts": whole.counts, "failed": len(whole.failed)})
    else:
        _print(shown, whole, fold=not wanted and not all_claims)
    if out is not None:
        _write(shown, out, read, quiet=as_json)
    loose = {Verdict.ROUNDING, Verdict.UNCHECKED}
    if whole.failed or (strict and any(c.verdict in loose for c in whole.claims)):
        raise typer.Exit(1)


def _of_a_file(
    csv: Path | None, text: Path | None, reading: ReadOptions
) -> tuple[AuditReport, Path]:
    from review.workflow.audit import audit_csv, audit_text

    if csv is not None:
        return audit_csv(csv, reading), csv
    assert text is not None
    return audit_text(text), text


def _print_columns(*, as_json: bool) -> None:
    from review.workflow.audit.audited_columns import COLUMNS

    if as_json:
        print_json([{"columns": names, "meaning": meaning} for names, meaning in COLUMNS])
    else:
        print_table(["columns", "meaning"], COLUMNS)


def _write_template(path: Path) -> None:
    from review.errors import InputError
    from review.formats.rows import csv_text
    from review.project.write import write_output
    from review.workflow.audit.audit_template import template_rows

    if path.exists():
        raise InputError(f"{path} is there already: choose another name for the template")
    write_output(path, csv_text(template_rows()).encode(), read=[])
    warn(f"written: {path}")


def _verdicts(names: list[str], *, failed: bool) -> list[str]:
    from review.errors import UnknownNameError
    from review.workflow.audit import FAILED, Verdict

    known = [v.value for v in Verdict]
    spelled = [name.strip().casefold().replace("-", " ") for name in names]
    for name, given in zip(spelled, names, strict=True):
        if name not in known:
            raise UnknownNameError("verdict", given, known)
    return spelled + ([v for v in known if v in FAILED] if failed else [])


def _print(shown: AuditReport, whole: AuditReport, *, fold: bool) -> None:
    from review.workflow.audit import Verdict

    counted = ", ".join(f"{n} {word}" for word, n in whole.counts.items() if n)
    echo(f"{whole.subject}: {len(whole.claims)} claims: {counted or 'none'}")
    for note in whole.notes:
        echo(f"  {note}")
    sound = {Verdict.CONFIRMED, Verdict.CONSISTENT}
    printed = [c for c in shown.claims if not (fold and c.verdict in sound)]
    if printed:
        echo()
    for claim in printed:
        echo(str(claim))
    for number in () if fold else whole.unchecked:
        echo(str(number))
    folded = len(shown.claims) - len(printed)
    if folded:
        echo()
        echo(f"{folded} of them are sound and not printed: --all shows them")
    if fold and whole.unchecked:
        echo(f"{len(whole.unchecked)} numbers that no check used: --all lists them")


def _write(report: AuditReport, out: Path, read: Path, *, quiet: bool) -> None:
    from review.cli.artifacts import write_files
    from review.formats.rows import csv_text, json_text
    from review.project.write import output_folder

    output_folder(out)
    files = {
        "audit.csv": csv_text(report.rows()),
        "audit.json": json_text(report.to_dict()) + "\n",
    }
    data = {name: text.encode() for name, text in files.items()}
    for path in write_files(out, data, read=[read]):
        if not quiet:
            warn(f"written: {path}")

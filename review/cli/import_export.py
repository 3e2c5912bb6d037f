"""`review import` and `review export`: records of databases and reference managers, in and out."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import JsonOption, ReviewOption, ask, echo, load, print_json, warn
from review.cli.table_options import with_table_options

if TYPE_CHECKING:
    from review.formats.read_options import ReadOptions
    from review.workflow.records.import_records import ImportedFile


@with_table_options
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE... [DIR]", help="Exports of any kind; the folder of the review last."
        ),
    ],
    *,
    review: ReviewOption = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="What was searched, such as PubMed."),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="Of the source: database, register, website, organisation, citation or other.",
        ),
    ] = "database",
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="Of the search.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", metavar="TEXT", help="Of the search.")
    ] = None,
    decision: Annotated[
        str | None,
        typer.Option(
            "--decision",
            metavar="WORD",
            help="On all records: include, exclude or none; Covidence says it in the name of the "
            "file alone.",
        ),
    ] = None,
    stage: Annotated[
        str,
        typer.Option("--stage", metavar="STAGE", help="Of decisions: screening or full_text."),
    ] = "screening",
    reviewer: Annotated[
        str | None,
        typer.Option("--reviewer", metavar="NAME", help="Who made decisions that carry no name."),
    ] = None,
    words: Annotated[
        list[str] | None,
        typer.Option(
            "--word",
            metavar="WORD=DECISION",
            help="What a word of a log decides: include, exclude, not_retrieved, maybe, none; "
            "several times.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Import a file that was imported before.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, and write nothing.")] = False,
    as_json: JsonOption = False,
    reading: ReadOptions,
) -> None:
    """Put the records of exports into the review, with the decisions of screening tools.

    Read are RIS, PubMed (MEDLINE, XML), EndNote (XML, tagged), Web of Science, BibTeX, CSL-JSON,
    Scopus, Springer, IEEE and other tables, and exports of Covidence, Rayyan and ASReview; what a
    file is follows from its content. Records are compared with what the file marks; what cannot be
    read goes to rejects.csv. Headings of a table are named with --map 'HEADING=title'; decisions of
    a log of your own with --map 'HEADING=decision:NAME@full_text', reasons with reason:NAME, and
    --map 'HEADING=stage' and 'HEADING=reviewer' where each row says them.
    """
    from review.errors import InputError
    from review.formats.bibliography.source_bytes import require_file
    from review.workflow.records.import_records import ImportSettings, import_records

    paths = list(files)
    if paths and paths[-1].is_dir():
        if review is not None:
            raise InputError(f"{paths[-1]} and --review {review}: name one review")
        review = str(paths.pop())
    if not paths:
        raise InputError(
            f"name the files to import before the folder of the review {review}; those in a folder "
            f"are {Path(review or '.') / '*'}"
        )
    # before the review is looked for: a misspelled file is the likelier slip
    for path in paths:
        if path is paths[-1] and len(paths) > 1 and not path.suffix and not path.exists():
            raise InputError(
                f"{path}: no such file or folder; 'review init {path}' makes a review there"
            )
        require_file(path)
    opened = load(review)
    settings = ImportSettings(
        source=source, kind=kind, date=date or "", query=query or "",
        decision=decision or _asked(paths), stage=stage, reviewer=reviewer or "", again=again,
        words=tuple(words or ()), reading=reading,
    )  # fmt: skip
    done = import_records(opened, paths, settings, dry_run=dry_run)
    if as_json:
        print_json(
            {
                "review": str(opened.path),
                "written": not dry_run,
                "files": [asdict(one) for one in done],
            }
        )
        return
    for one in done:
        _report(one, dry_run=dry_run)


def _asked(paths: list[Path]) -> str:
    """Ask on a terminal what an export of Covidence holds; "" where nobody can be asked."""
    from review.formats.bibliography.reading_exports import read_export
    from review.workflow.records.exported_decisions import decision_in_name

    if not sys.stdin.isatty():
        return ""
    for path in paths:
        if path.is_file() and read_export(path).writer == "Covidence":
            guess = decision_in_name(path.name)
            return ask(
                f"{path.name}: Covidence says in the name of the file alone what was decided. "
                f"include, exclude or none{f' [{guess}]' if guess else ''}",
                guess or None,
            )
    return ""


def _report(one: ImportedFile, *, dry_run: bool) -> None:
    from review.words import plural

    warn(one.said)
    for note in one.notes:
        warn(f"note: {note}")
    verb = "would import" if dry_run else "imported"
    text = f"{verb} {plural(one.imported, 'record')} of {one.source} from {one.file}"
    if one.matched:
        text += f"; {plural(one.matched, 'record')} were there already"
    if one.decisions:
        text += f"; {plural(one.decisions, 'decision')}"
    if one.rejected:
        text += f"; {one.rejected:,} rejected"
    echo(text)


def export(
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="To write: .ris, .bib, .json (CSL), .csv or .xlsx."),
    ],
    *,
    review: ReviewOption = None,
    decision: Annotated[
        str | None,
        typer.Option(
            "--decision",
            metavar="WORD",
            help="Only records with it: include, exclude, not_retrieved or undecided.",
        ),
    ] = None,
    stage: Annotated[
        str,
        typer.Option("--stage", metavar="STAGE", help="Of --decision: screening or full_text."),
    ] = "screening",
    everything: Annotated[
        bool, typer.Option("--all", help="Duplicates and removed records too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the records for a reference manager, a screening tool or a spreadsheet.

    Duplicates and records removed before screening are left out, and counted. Read back by 'review
    import', the records hold what they held.
    """
    from review.project.write import output_folder
    from review.words import plural
    from review.workflow.records.export_records import export_records

    opened = load(review)
    output_folder(path.parent)
    made = export_records(opened, path, decision=decision or "", stage=stage, everything=everything)
    if as_json:
        print_json(asdict(made) | {"path": str(path)})
        return
    left = {
        plural(made.duplicates, "duplicate"): made.duplicates,
        f"{made.removed:,} removed": made.removed,
        f"{made.others:,} with another decision": made.others,
    }
    if any(left.values()):
        warn(f"left out: {', '.join(text for text, n in left.items() if n)}")
    echo(f"written: {path} ({made.format}, {plural(made.records, 'record')})")

"""`review init`: starts a review folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import JsonOption, echo, print_json, warn
from review.cli.table_options import given_options, tell, with_table_options

if TYPE_CHECKING:
    from review.formats.read_options import ReadOptions


@with_table_options
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    *,
    title: Annotated[str | None, typer.Option(help="Title of the review.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME|PATH|FILE",
            help="Copy the coding form of a review, or propose one from a CSV, Excel or "
            "OpenDocument sheet.",
        ),
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Coding form, roles and meta-analyses for: ml (prediction models), dta "
            "(diagnostic accuracy), rct (trials), prevalence, prognosis; without it imaging "
            "(machine learning on medical images).",
        ),
    ] = None,
    studies: Annotated[
        bool,
        typer.Option(
            "--studies", help="With --from: copy everything, studies included; rows of a sheet too."
        ),
    ] = False,
    as_json: JsonOption = False,
    reading: ReadOptions,
) -> None:
    """Make a new review: settings, a commented coding form and an empty table of studies."""
    from review.errors import InputError
    from review.workflow.coding.init import init_review

    notes: list[str] = []
    if source is not None and Path(source).is_file():
        if template is not None:
            raise InputError("--template and --from both give the coding form: choose one")
        written, notes = _from_sheet(folder, Path(source), title, reading, studies=studies)
    elif given := given_options(reading):
        raise InputError(f"{', '.join(given)}: only with --from FILE, a sheet")
    else:
        written = init_review(
            folder, title=title, source=source, studies=studies, template=template
        )
    if as_json:
        print_json({"review": str(folder), "files": [str(p) for p in written], "notes": notes})
        return
    for note in notes:
        warn(f"note: {note}")
    echo(f"made the review {folder}:")
    for path in written:
        echo(f"  {path}")
    echo(f"next: edit {folder / 'codebook.toml'}, then 'review add --review {folder}'")


def _from_sheet(
    folder: Path, path: Path, title: str | None, reading: ReadOptions, *, studies: bool
) -> tuple[list[Path], list[str]]:
    """Make a review from a sheet; return its files and what deserves a look."""
    from review.formats.reading import read_sheet
    from review.workflow.coding.init_from_sheet import init_from_sheet

    table = read_sheet(path, reading)
    try:
        written, proposal = init_from_sheet(folder, table, title=title, studies=studies)
    finally:
        tell(table)
    return written, proposal.notes

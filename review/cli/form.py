"""`review form`: the coding form, to look at or to fill in a spreadsheet program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from review.cli.common import JsonOption, ReviewOption, echo, load, print_json, print_table
from review.errors import InputError
from review.words import listed

ENDINGS: Final = {"--excel": ".xlsx", "--csv": ".csv", "--json-schema": ".json"}


def form(
    *,
    review: ReviewOption = None,
    rows: Annotated[
        str, typer.Option(metavar="studies|results", help="What a row of the form is.")
    ] = "studies",
    excel: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.xlsx",
            help="A workbook with drop-downs, rules and help, that 'review add --from' reads.",
        ),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="The headings of the form as CSV.")
    ] = None,
    json_schema: Annotated[
        Path | None,
        typer.Option(
            "--json-schema", metavar="FILE.json", help="JSON Schema of the entries, for programs."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the coding form, or write it for spreadsheet programs: one column per variable."""
    from review.project.write import write_output
    from review.workflow.coding.coding_form import coding_form

    wanted = {"--excel": excel, "--csv": csv, "--json-schema": json_schema}
    files = {option: path for option, path in wanted.items() if path is not None}
    opened = load(review)
    for option, path in files.items():
        _check_place(option, path, opened.path)
    if len({path.resolve() for path in files.values()}) < len(files):
        raise InputError(f"{listed(files)} name the same file")
    made = coding_form(opened, rows)
    makers = {"--excel": made.xlsx, "--csv": made.csv, "--json-schema": made.json_schema}
    for path, data in {path: makers[option]() for option, path in files.items()}.items():
        write_output(path, data, read=[opened.path])
    if as_json:
        columns = [
            {"heading": c.heading, **c.variable.model_dump(mode="json")} for c in made.columns
        ]
        written = [str(p) for p in files.values()]
        print_json({"review": str(opened.path), "rows": rows, "files": written, "columns": columns})
        return
    for path in files.values():
        echo(f"wrote {path}")
    if not files:
        heads = ("column", "variable", "required", "takes", "help")
        cells = [
            (c.heading, v.name, "yes" if v.required else "", v.allowed(), v.help)
            for c in made.columns
            for v in [c.variable]
        ]
        print_table(heads, cells)


def _check_place(option: str, path: Path, review: Path) -> None:
    """Refuse a place before anything is written."""
    from review.project.write import output_target

    output_target(path, read=[review])
    ending = ENDINGS[option]
    if path.suffix.lower() != ending:
        raise InputError(f"{option} {path}: the name of the file ends in {ending}")
    if not path.resolve().parent.is_dir():
        raise InputError(f"{option} {path}: there is no folder {path.parent}")

"""`review add` and `review remove`: changes the table of studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import (
    JsonOption,
    ReviewOption,
    answer_hint,
    ask,
    echo,
    load,
    print_json,
    say_still_wrong,
    warn,
)
from review.cli.table_options import given_options, tell, with_table_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.formats.entries import Entry
    from review.formats.read_options import ReadOptions
    from review.project import Review
    from review.schema import Variable
    from review.workflow.coding.add import Added


@with_table_options
def add(
    *,
    review: ReviewOption = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="One value; several times."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="From CSV, Excel (such as the form of 'review form'), OpenDocument, JSON or TOML.",
        ),
    ] = None,
    rows: Annotated[
        str,
        typer.Option(
            metavar="studies|results",
            help="What is added: studies, or results of studies (results.csv).",
        ),
    ] = "studies",
    save_map: Annotated[
        bool,
        typer.Option(
            "--save-map", help="With --from: keep what the headings mean for files like this one."
        ),
    ] = False,
    allow_duplicate: Annotated[
        bool, typer.Option("--allow-duplicate", help="Accept a known DOI, PMID, or title and year.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Validate only.")] = False,
    as_json: JsonOption = False,
    reading: ReadOptions,
) -> None:
    """Add coded studies, or results of studies; without --set and --from, ask for each variable.

    Nothing is written unless every value can be read; required cells may still be empty, which is
    said. 'review remove STUDY' takes a study out again.
    """
    from review.errors import InputError, UnknownNameError
    from review.workflow.coding.add import add_studies
    from review.workflow.coding.coding_form import ROWS

    if rows not in ROWS:
        raise UnknownNameError("rows", rows, ROWS)
    if rows == "results" and not (sets or source):
        raise InputError("results are added with --from FILE, or one with --set NAME=VALUE ...")
    if rows == "results" and allow_duplicate:
        raise InputError("--allow-duplicate is about studies")
    if sets and source:
        raise InputError("--set and --from cannot be combined")
    opened = load(review)
    opened.require_writable()
    keep = None
    if source is not None:
        entries, keep = _from_file(opened, source, reading, rows)
    elif sets:
        entries = [_from_options(sets)]
    else:
        entries = [_ask(opened)]
    if source is None and (save_map or given_options(reading)):
        given = ", ".join([*given_options(reading), *(["--save-map"] if save_map else [])])
        raise InputError(f"{given}: only with --from FILE")
    if rows == "results":
        _add_results(opened, entries, keep if save_map else None, dry_run=dry_run, as_json=as_json)
        return
    added = add_studies(opened, entries, allow_duplicate=allow_duplicate, dry_run=dry_run)
    if save_map and keep is not None and not dry_run:
        keep()
    _report(opened, added, dry_run=dry_run, as_json=as_json)


def _from_file(
    review: Review, path: Path, reading: ReadOptions, rows: str
) -> tuple[list[Entry], Callable[[], object] | None]:
    """Read what a file adds; return it, and how the meaning of its headings is kept."""
    from review.errors import InputError
    from review.formats.entries import FORMATS, read_entries
    from review.formats.reading import read_sheet
    from review.formats.saved_mappings import save_mapping
    from review.workflow.coding.add_results import result_entries
    from review.workflow.pooling.table_entries import entries_of, mapping_of

    if path.suffix.lower() in FORMATS:
        if given := given_options(reading):
            raise InputError(f"{', '.join(given)}: about tables, and {path.name} is none")
        return read_entries(path), None
    table = read_sheet(path, reading, prefer=rows)
    try:
        entries, matches = (result_entries if rows == "results" else entries_of)(review, table)
    finally:
        tell(table)
    mapping = mapping_of(matches, table)
    return entries, lambda: save_mapping(
        review.path, table.headings, mapping, note=f"from {table.source}"
    )


def _add_results(
    review: Review,
    entries: list[Entry],
    keep: Callable[[], object] | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    from review.project.review import model_values
    from review.words import plural
    from review.workflow.coding.add_results import add_results

    added = add_results(review, entries, dry_run=dry_run)
    if keep is not None and not dry_run:
        keep()
    if as_json:
        rows = [{"line": line, **model_values(result)} for line, result in added]
        print_json({"review": str(review.path), "written": not dry_run, "added": rows})
        return
    verb = "would add" if dry_run else "added"
    echo(f"{verb} {plural(len(added), 'result')} to {review.path / 'results.csv'}")


def _from_options(sets: list[str]) -> Entry:
    from review.errors import InputError
    from review.formats.entries import Entry

    cells: dict[str, str] = {}
    for item in sets:
        name, sign, value = item.partition("=")
        if not sign:
            raise InputError(f"--set {item!r}: write it as name=value")
        if name.strip() in cells:
            raise InputError(f"--set {name.strip()!r} is given twice")
        cells[name.strip()] = value
    return Entry("--set", None, cells)


def _report(review: Review, added: list[Added], *, dry_run: bool, as_json: bool) -> None:
    from review.project.review import model_values
    from review.project.row_checks import still_wrong

    if not dry_run:
        lines = {a.line for a in added}
        say_still_wrong(p for p in still_wrong(review, "studies.csv") if p.line in lines)
    if as_json:
        print_json(
            {
                "review": str(review.path),
                "written": not dry_run,
                "added": [{"line": a.line, **model_values(a.study)} for a in added],
            }
        )
        return
    for one in added:
        verb = "would add" if dry_run else "added"
        echo(f"{verb} {one.study.study_id} to {review.path / 'studies.csv'}, line {one.line}")


def _ask(review: Review) -> Entry:
    """Ask for the identity of a study and each variable of the codebook."""
    from review.formats.entries import Entry

    cells: dict[str, str] = {}
    warn(f"Adding a study to {review.settings.title!r}. Empty = not stated; Ctrl-C = stop.")
    identity = ("first_author", "year", "title", "venue", "doi", "source_url", "evidence")
    for name in identity:
        cells[name] = _ask_one(review, name, name.replace("_", " "), "")
    for variable in review.codebook.variable:
        cells[variable.name] = _ask_one(review, variable.name, variable.title, _hint(variable))
    return Entry("answers", None, {k: v for k, v in cells.items() if v})


def _hint(variable: Variable) -> str:
    words = variable.allowed()
    return " ".join(filter(None, [variable.help, f"[{words}]"]))


def _ask_one(review: Review, name: str, title: str, hint: str) -> str:
    from review.project.row_models import build_row

    while True:
        if hint:
            warn(f"  {hint}")
        answer = ask(title)
        cells = {"study_id": "x", name: answer}
        _, problems = build_row(review.study_model, cells, name="answer", line=None)
        required = name in review.codebook and review.codebook[name].required
        if not problems and (answer.strip() or not required):
            return answer
        for problem in problems:
            warn(f"  {answer_hint(problem)}")
        if not problems:
            warn("  this one is required")


def remove(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Its study_id.")],
    *,
    review: ReviewOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a study out of the table of studies again, and print its row."""
    from review.workflow.coding.add import remove_study

    opened = load(review)
    row = remove_study(opened, study)
    if as_json:
        print_json({"review": str(opened.path), "removed": study, "row": row})
    else:
        echo(f"removed {study} from {opened.path / 'studies.csv'}; its row was:")
        echo(row)

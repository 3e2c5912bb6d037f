"""Adds reported results to `results.csv`: validated, never twice, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.formats.entries import Entry
from review.formats.headings import Target, match_headings, unknown_headings
from review.formats.saved_mappings import saved_mapping
from review.formats.variable_columns import read_variables
from review.project.problems import Problem, raise_problems
from review.project.row_models import build_row
from review.project.transaction import changes
from review.schema.form_columns import result_variables
from review.schema.reported_result import ReportedResult
from review.workflow.coding.add import known_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.headings import Matches
    from review.formats.sheet_table import SheetTable
    from review.project.review import Review

FILE: Final = "results.csv"
COLUMNS: Final = tuple(ReportedResult.model_fields)


def result_entries(review: Review, table: SheetTable) -> tuple[list[Entry], Matches]:
    """Return the rows of a table as entries of results, and what its headings were taken for.

    Args:
        review: its saved mappings are used.
        table: gets notes of what was matched and converted.

    Raises:
        DataError: everything that is wrong with the file, its headings and its cells.
        UnknownNameError: the user's mapping names what is not there.
    """
    variables = result_variables()
    targets = [Target(v.name, v.label, v.unit) for v in variables]
    matches = match_headings(table, targets, saved_mapping(review.path, table.headings))
    table.add(*matches.problems, *unknown_headings(table, matches, targets))
    for note in matches.notes():
        table.note(note)
    rows = read_variables(table, matches, {v.name: v for v in variables})
    table.require()
    return [Entry(table.source, table.line(i), cells) for i, cells in enumerate(rows)], matches


def add_results(
    review: Review, entries: Sequence[Entry], *, dry_run: bool = False
) -> list[tuple[int, ReportedResult]]:
    """Append entries to `results.csv`: all of them, or none.

    Args:
        review: a review that can be written to.
        entries: cells by column name, with the place they come from.
        dry_run: validate only.

    Returns:
        The line of each result in `results.csv`, and the result.

    Raises:
        DataError: an entry does not fit, is of no study of the review, or is there already; lists
            every problem.
        InputError: there is nothing to add, or the review is read-only.
    """
    review.require_writable()
    if not entries:
        raise InputError("there is nothing to add")
    with changes(review, command="add", dry_run=dry_run) as tx:
        filled = {c for e in entries for c, text in e.cells.items() if text.strip()}
        columns = [c for c in COLUMNS if c == "study_id" or c in filled]
        table = tx.table(FILE, ReportedResult, columns=columns)
        ids = {s.study_id.casefold(): s.study_id for s in tx.review.studies}
        there = {_key(row.cells) for row in table.rows}
        problems: list[Problem] = []
        added = []
        for entry in entries:
            known_columns(COLUMNS, entry)
            cells = {c: t.strip() for c, t in entry.cells.items() if t.strip()}
            result, wrong = build_row(ReportedResult, cells, name=entry.file, line=entry.line)
            problems += wrong
            if result is None:
                continue
            study = ids.get(result.study_id.casefold())
            cells["study_id"] = study or result.study_id
            problems += _wrong(entry, cells, study, there, list(ids.values()))
            there.add(_key(cells))
            table.add_columns(list(cells))
            added.append((table.append(cells).line, result))
        raise_problems(problems, what="nothing was added")
    return added


def _key(cells: dict[str, Any]) -> tuple[str, ...]:
    return tuple(cells.get(c, "").strip() for c in COLUMNS)


def _wrong(
    entry: Entry,
    cells: dict[str, str],
    study: str | None,
    there: set[tuple[str, ...]],
    known: Sequence[str],
) -> list[Problem]:
    """Say what is wrong with a row beside its cells."""
    from review.errors import suggest

    about: dict[str, Any] = {"line": entry.line, "study_id": cells["study_id"]}
    if study is None:
        close = suggest(cells["study_id"], known, most=1)
        return [
            Problem(
                entry.file, "no study of studies.csv has this study_id", line=entry.line,
                column="study_id", value=cells["study_id"],
                allowed="add the study first" if not known else ", ".join(known[:20]),
                suggestion=close[0] if close else None,
            )
        ]  # fmt: skip
    if not cells.get("metric"):
        return [
            Problem(
                entry.file, "the result does not say its metric", column="metric",
                allowed="auc, sensitivity, hazard_ratio, ...", **about,
            )
        ]  # fmt: skip
    if _key(cells) in there:
        return [
            Problem(
                entry.file, "the same result is there already", allowed="each result once", **about
            )
        ]
    return []

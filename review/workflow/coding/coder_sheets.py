"""Codings from the sheets of coders, of whatever program, in place of the files in codings/."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from review.errors import InputError
from review.formats.headings import match_headings, unknown_headings
from review.formats.saved_mappings import saved_mapping
from review.formats.variable_columns import read_variables
from review.project.row_models import build_row
from review.schema import coding_model
from review.workflow.pooling.table_entries import study_targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.formats.sheet_table import SheetTable
    from review.project.problems import Problem
    from review.project.review import Review


def with_coder_sheets(review: Review, sheets: Mapping[str, SheetTable]) -> Review:
    """Return a view of a review whose codings are those of sheets.

    Args:
        review: its codebook says what the columns are.
        sheets: the name of each coder -> the table; it needs a column study_id. Identity columns
            such as titles may be there and are not compared.

    Raises:
        DataError: everything that is wrong with a sheet.
        InputError: a sheet has no column for study_id.
    """
    view = copy.copy(review)
    view.codings = {name: _codings(review, table) for name, table in sheets.items()}
    view.codings_of_files = False
    view.coders = list(sheets)
    return view


def _codings(review: Review, table: SheetTable) -> list[Any]:
    targets = study_targets(review)
    matches = match_headings(table, targets, saved_mapping(review.path, table.headings))
    table.add(*matches.problems, *unknown_headings(table, matches, targets))
    for note in matches.notes():
        table.note(note)
    if "study_id" not in matches.headings:
        raise InputError(
            f"{table.source} has no column that means study_id; name it with --map "
            f"'HEADING=study_id' (it has {', '.join(table.headings)})"
        )
    coded = {"study_id", *review.codebook.names}
    matches.found = [m for m in matches.found if set(m.names) <= coded]
    model = coding_model(review.codebook)
    found: dict[str, Any] = {}
    variables = {v.name: v for v in review.codebook.variable}
    for row, cells in enumerate(read_variables(table, matches, variables)):
        heading = matches.headings["study_id"]
        coding, wrong = build_row(model, cells, name=table.file, line=table.line(row))
        known = {p.line for p in table.problems}
        table.add(*(p for p in wrong if p.line not in known))
        if coding is None:
            continue
        key = coding.study_id.casefold()
        if key in found:
            table.add(_twice(table, row, heading))
        found[key] = coding
    table.require()
    return list(found.values())


def _twice(table: SheetTable, row: int, heading: str) -> Problem:
    return table.problem(row, heading, "the study is there twice", allowed="each study once")

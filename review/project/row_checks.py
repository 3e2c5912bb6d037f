"""What `review check` asks of the rows of a table beyond the types of their cells.

The rules stand with the models of the rows (`RULES`, see `schema.row_rules`); the codebook says
which variables are required.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, suggest
from review.project.problems import Problem
from review.project.row_models import rename_columns
from review.schema.folder_files import STUDIES, FolderFile, registered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel

    from review.project.csv_tables import RawTable, Row
    from review.project.review import Review
    from review.schema.row_rules import Rule

_SURE: Final = 4  # letters of a name; shorter ones are close to many others


def row_problems(review: Review, name: str, file: FolderFile, this_year: int) -> list[Problem]:
    """Return what the rules of a table find in its rows.

    Args:
        review: whose codebook can be read.
        name: of the table, relative to the folder.
        file: its entry of the registry.
        this_year: later years than the next cannot be right.
    """
    try:
        table = review.table(name)
    except DataError:  # reported already
        return []
    model = file.row_model(review.codebook)
    rename_columns(table, model)
    rules: Sequence[Rule] = getattr(model, "RULES", ())
    required = [v.name for v in review.codebook.variable if v.required] if name == STUDIES else []
    found = list(_slips(table, model))
    for row in table.rows if rules or required else ():
        if row.whole:
            found += [_problem(name, row, f) for rule in rules for f in rule(row.cells, this_year)]
            found += [
                _at(name, row, column, "the cell is empty", allowed="a value, or NR: the codebook "
                    "requires it")
                for column in required
                if not row.cells.get(column, "").strip()
            ]  # fmt: skip
    return found


def still_wrong(review: Review, name: str) -> list[Problem]:
    """Return the errors that `review check` will say of the rows of a table just written.

    Cells may be empty while a study is being looked up, and such rows are written; what is wrong
    with them should be known at once all the same.

    Args:
        review: as it was opened before; the table is read anew.
        name: of the table, relative to the folder.
    """
    from review.project.review import open_review

    year = dt.datetime.now(dt.UTC).year
    found = row_problems(open_review(review.path), name, registered(name), year)
    return [p for p in found if p.level == "error"]


def _problem(name: str, row: Row, found: Any) -> Problem:
    return _at(
        name, row, found.column, found.message, allowed=found.allowed,
        suggestion=found.suggestion, remedy=found.remedy, level=found.level,
    )  # fmt: skip


def _at(name: str, row: Row, column: str | None, message: str, **more: Any) -> Problem:
    value = row.cells.get(column or "", "").strip() or None
    ident = row.cells.get("study_id", "").strip() or None
    return Problem(
        name, message, line=row.line, column=column, value=value, study_id=ident, **more
    )  # fmt: skip


def _slips(table: RawTable, model: type[BaseModel]) -> Iterator[Problem]:
    """Find columns of a table that may have others, but are spelled almost like one of its own."""
    if model.model_config.get("extra") != "allow":
        return
    others = getattr(model, "OTHER_NAMES", {})
    free = [c for c in (*model.model_fields, *others) if c not in table.header]
    free = [c for c in free if others.get(c) not in table.header]
    for column in table.header:
        if column in model.model_fields or column in others or len(column) < _SURE:
            continue
        if close := slip_of(column, free):
            yield Problem(
                table.name, "a column of your own, which is not read", line=1, column=column,
                suggestion=close, level="warning",
            )  # fmt: skip


def slip_of(name: str, known: Sequence[str]) -> str | None:
    """Return the name that was misspelled: it differs in a letter or two.

    Example:
        >>> slip_of("reson", ["reason", "stage"]), slip_of("remarks", ["reason", "stage"])
        ('reason', None)
    """
    import difflib

    digits = str.maketrans("", "", "0123456789")
    close = suggest(name, [k for k in known if len(k) >= _SURE], most=1)
    if not close:
        return None
    if close[0].translate(digits) == name.translate(digits):  # table1, table2
        return None
    ratio = difflib.SequenceMatcher(None, name.casefold(), close[0].casefold()).ratio()
    return close[0] if ratio > 0.8 else None

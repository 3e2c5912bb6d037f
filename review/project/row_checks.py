"""What `review check` asks of the rows of a table beyond the types of their cells.

The rules stand with the models of the rows (`RULES`, see `schema.row_rules`); the codebook says
which variables are required.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, suggest
from review.project.csv_tables import header_table
from review.project.problems import Problem
from review.project.row_models import renamed
from review.project.table_columns import column_chunks
from review.schema.folder_files import STUDIES, FolderFile, registered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from review.project.review import Review
    from review.project.table_columns import Chunk
    from review.schema.row_rules import Finding, Rule

_SURE: Final = 4  # letters of a name; shorter ones are close to many others


def row_problems(review: Review, name: str, file: FolderFile, this_year: int) -> list[Problem]:
    """Return what the rules of a table find in its rows.

    Args:
        review: whose codebook can be read.
        name: of the table, relative to the folder.
        file: its entry of the registry.
        this_year: later years than the next cannot be right.
    """
    model = file.row_model(review.codebook)
    rules: Sequence[Rule] = getattr(model, "RULES", ())
    required = [v.name for v in review.codebook.variable if v.required] if name == STUDIES else []
    found: list[Problem] = []
    try:
        data = review.file(name)
        table, _ = header_table(data, name)
        found += _slips(name, renamed(table.header, model), model)
        for chunk in column_chunks(data, name, model) if rules or required else ():
            found += _of_rows(name, chunk, rules, required, this_year)
    except DataError:  # reported already
        return []
    return found


def _of_rows(
    name: str, chunk: Chunk, rules: Sequence[Rule], required: Sequence[str], this_year: int
) -> Iterator[Problem]:
    """Look at the rows in which a column has a text that can be a reason."""
    columns = chunk.columns()
    absent = ("",) * len(chunk.rows)
    looks = [(c, test) for rule in rules for c, test in rule.looks.items()]
    looks += [(c, lambda text: not text.strip()) for c in required]
    doubtful: set[int] = set()
    for column, test in looks:
        texts = columns.get(column, absent)
        reasons = {text for text in set(texts) if test(text)}
        if reasons:
            doubtful.update(i for i, text in enumerate(texts) if text in reasons)
    for i in sorted(doubtful - chunk.wrong):
        cells, line = chunk.cells(i), chunk.lines[i]
        for rule in rules:
            yield from (_problem(name, line, cells, f) for f in rule(cells, this_year))
        for column in required:
            if not cells.get(column, "").strip():
                yield _at(
                    name, line, cells, column, "the cell is empty",
                    allowed="a value, or NR: the codebook requires it",
                )  # fmt: skip


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


def _problem(name: str, line: int, cells: Mapping[str, str], found: Finding) -> Problem:
    return _at(
        name, line, cells, found.column, found.message, allowed=found.allowed,
        suggestion=found.suggestion, remedy=found.remedy, level=found.level,
    )  # fmt: skip


def _at(
    name: str, line: int, cells: Mapping[str, str], column: str | None, message: str, **more: Any
) -> Problem:
    value = cells.get(column or "", "").strip() or None
    ident = cells.get("study_id", "").strip() or None
    return Problem(
        name, message, line=line, column=column, value=value, study_id=ident, **more
    )  # fmt: skip


def _slips(name: str, header: Sequence[str], model: type[BaseModel]) -> Iterator[Problem]:
    """Find columns of a table that may have others, but are spelled almost like one of its own."""
    if model.model_config.get("extra") != "allow":
        return
    others = getattr(model, "OTHER_NAMES", {})
    free = [c for c in (*model.model_fields, *others) if c not in header]
    free = [c for c in free if others.get(c) not in header]
    for column in header:
        if column in model.model_fields or column in others or len(column) < _SURE:
            continue
        if close := slip_of(column, free):
            yield Problem(
                name, "a column of your own, which is not read", line=1, column=column,
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

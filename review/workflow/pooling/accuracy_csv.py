"""2 x 2 tables, or accuracy measures as printed, from a CSV file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from review.errors import InputError, UnknownNameError
from review.formats.read_options import DEFAULT
from review.schema.missing_marks import missing_reason
from review.workflow.pooling.accuracy_input import ARGUMENTS, HEADINGS, TEXT, AccuracyInput
from review.workflow.pooling.csv_input import source_links, study_names, unique_names
from review.workflow.pooling.plain_table import filtered, read_plain, stated_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from review.formats.read_options import ReadOptions
    from review.workflow.pooling.plain_table import PlainTable


def from_accuracy_csv(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    labels: str | None = None,
    study: str | None = None,
    by: str | None = None,
    where: str | None = None,
    title: str | None = None,
    reading: ReadOptions = DEFAULT,
) -> AccuracyInput:
    """Return the rows of a CSV file.

    Args:
        path: CSV, Excel or OpenDocument with a line of headings.
        columns: argument of `review.diagnostic_meta` (`tp`, `sens`, `n_pos`, ...) -> column of the
            file; without them the columns that are called so, in any case.
        labels: the column with study names; found by its name when there is one.
        study: the column that says which rows belong to one study.
        by: the column with the name of the test, for a comparison.
        where: a filter of the rows, such as `year >= 2010`.
        title: of figures and tables; by default the name of the file.
        reading: how the file is read.

    Raises:
        UnknownNameError: a column is not in the file; an argument does not exist.
        InputError: there is no such file, it has no rows, or no column can be used.
        DataError: the file is broken, or a cell of a used column is no number.
    """
    table = read_plain(path, reading)
    made = accuracy_of_plain(
        table, source=path.name, columns=columns, labels=labels, study=study, by=by, where=where,
        title=title or path.stem,
    )  # fmt: skip
    return replace(made, notes=[*table.remarks(), *made.notes])


def accuracy_of_plain(
    table: PlainTable,
    *,
    title: str,
    source: str,
    columns: Mapping[str, str] | None = None,
    labels: str | None = None,
    study: str | None = None,
    by: str | None = None,
    where: str | None = None,
) -> AccuracyInput:
    """Return the rows of a table; see `from_accuracy_csv`.

    Args:
        table: the rows.
        title: of figures and tables.
        source: where they come from.
        columns: see `from_accuracy_csv`.
        labels: the same way.
        study: the same way.
        by: the same way.
        where: the same way.
    """
    if where:
        table = filtered(table, where)
    chosen = dict(columns) if columns else _by_heading(table)
    for argument in chosen:
        if argument not in ARGUMENTS:
            raise UnknownNameError("argument", argument, ARGUMENTS, where="of accuracy data")
    for column in (*chosen.values(), *(c for c in (labels, study, by) if c)):
        table.has(column)
    read = ", ".join(f"{a} from {c}" for a, c in chosen.items() if a != c)
    found = {argument: _column(table, argument, c) for argument, c in chosen.items()}
    table.require()
    return AccuracyInput(
        title=title,
        source=source,
        columns=found,
        labels=unique_names(study_names(table, labels or study), table.lines),
        data={c: table.values(c) for c in table.header},
        study=None if study is None else stated_names(table, study),
        test=None if by is None else stated_names(table, by),
        links=source_links(table),
        notes=[*table.notes, *([f"read as: {read}"] if read else [])],
    )


def _by_heading(table: PlainTable) -> dict[str, str]:
    """Return the columns that are called as arguments, or by their usual names, in any case."""
    out: dict[str, str] = {}
    for column in table.header:
        name = re.sub(r"[\s.-]+", "_", column.strip().casefold())
        argument = name if name in ARGUMENTS else HEADINGS.get(name)
        if argument is None:
            continue
        if argument in out:
            raise InputError(
                f"{table.name}: {out[argument]!r} and {column!r} both are called like {argument}; "
                f"say which one with --column {argument}=COLUMN"
            )
        out[argument] = column
    if {"tp", "fn", "fp", "tn"} <= out.keys():
        return {a: out[a] for a in ("tp", "fn", "fp", "tn")}
    if not out.keys() & {"tp", "sens", "spec"}:
        raise InputError(
            f"{table.name} has no columns tp, fn, fp and tn, and none called sens and spec; map "
            f"yours with --column, such as tp=TruePos. Its columns are {', '.join(table.header)}"
        )
    return out


def _column(table: PlainTable, argument: str, column: str) -> list[Any]:
    """Return a column: counts as numbers, measures as printed, None where missing."""
    if argument in TEXT:
        return [None if missing_reason(t) else t for t in table.texts(column)]
    return [None if x != x else x for x in table.numbers(column)]  # noqa: PLR0124  NaN

"""A table that was read: headings, cells as text, and the place of every row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from review.errors import InputError, UnknownNameError
from review.project.problems import Problem, raise_problems
from review.project.tables import read_table
from review.schema.cells import CellError, parse_number
from review.schema.missing_marks import EMPTY, missing_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path


@dataclass(frozen=True)
class PlainTable:
    """Rows of text.

    Attributes:
        name: of the file, for messages.
        header: the headings.
        rows: cells by heading, one mapping per row.
        lines: the line of the file where each row starts.
        notes: how it was read.
    """

    name: str
    header: list[str]
    rows: list[Mapping[str, str]]
    lines: list[int]
    notes: list[str] = field(default_factory=list)

    def has(self, column: str, where: str = "") -> str:
        """Return a heading that exists.

        Raises:
            UnknownNameError: there is none of that name.
        """
        if column not in self.header:
            place = f"in {self.name}" + (f" {where}" if where else "")
            raise UnknownNameError("column", column, self.header, where=place)
        return column

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column."""
        return [row[column].strip() for row in self.rows]

    def keep(self, chosen: Sequence[int]) -> PlainTable:
        """Return some of the rows, by position."""
        return replace(
            self, rows=[self.rows[i] for i in chosen], lines=[self.lines[i] for i in chosen]
        )

    def numbers(self, column: str) -> list[float]:
        """Return a column of numbers; NaN where a cell is missing.

        Raises:
            DataError: cells that are no numbers, each with line and value.
        """
        problems: list[Problem] = []
        found = []
        for line, text in zip(self.lines, self.texts(column), strict=True):
            try:
                value = number_or_gap(text)
            except CellError as error:
                value = None
                problems.append(
                    Problem(
                        self.name, str(error), line=line, column=column, value=text,
                        allowed=error.allowed, suggestion=error.suggestion,
                    )
                )  # fmt: skip
            found.append(float("nan") if value is None else float(value))
        raise_problems(problems, what=self.name)
        return found

    def values(self, column: str) -> list[Any]:
        """Return a column for moderators and subgroups.

        All numbers: floats, NaN where missing. Otherwise text, None where missing; a column that
        mixes both keeps its text, and is refused where numbers are needed.
        """
        texts = self.texts(column)
        try:
            read = [number_or_gap(t) for t in texts]
        except CellError:
            return [None if missing_reason(t) else t for t in texts]
        return [float("nan") if v is None else float(v) for v in read]

    def typed_rows(self) -> list[dict[str, Any]]:
        """Return the rows for a filter: numbers as printed, words, None where missing."""
        columns: dict[str, list[Any]] = {}
        for column in self.header:
            texts = self.texts(column)
            try:
                columns[column] = [number_or_gap(t) for t in texts]
            except CellError:
                columns[column] = [None if missing_reason(t) else t for t in texts]
        return [{c: values[i] for c, values in columns.items()} for i in range(len(self.rows))]

    def missing_note(self, columns: Sequence[str]) -> list[str]:
        """Say which words of these columns were read as missing, and how often."""
        words: dict[str, int] = {}
        for column in dict.fromkeys(columns):
            for text in self.texts(column):
                if (missing_reason(text) or EMPTY) != EMPTY:
                    words[text] = words.get(text, 0) + 1
        listed = ", ".join(f"{word!r} ({n})" for word, n in words.items())
        return [f"read as missing: {listed}"] if words else []


def number_or_gap(text: str) -> Decimal | None:
    """Return the number of a cell, None when it is missing.

    Raises:
        CellError: it is neither.
    """
    return None if missing_reason(text) else parse_number(text)


def read_plain(path: Path) -> PlainTable:
    """Read a CSV file: UTF-8, commas, a header line.

    Raises:
        InputError: there is no such file, or it has no rows.
        DataError: the file is broken.
    """
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}")
    table = read_table(path)
    raise_problems(table.problems, what=path.name)
    rows = table.rows
    if not rows:
        raise InputError(f"{path.name}: the file has a header but no rows")
    return PlainTable(
        path.name, list(table.header), [r.cells for r in rows], [r.line for r in rows]
    )


def filtered(table: PlainTable, where: str) -> PlainTable:
    """Return the rows that fit a filter such as `year >= 2010 and drug == "A"`.

    Raises:
        InputError: the filter is wrong, or no row fits.
    """
    from review.project.where import compile_where

    test = compile_where(where, table.header)
    chosen = [i for i, row in enumerate(table.typed_rows()) if test(row)]
    if not chosen:
        raise InputError(f"no row of {table.name} fits the filter {where!r}")
    note = f"{len(chosen)} of {len(table.rows)} rows of {table.name} fit the filter {where}"
    kept = table.keep(chosen)
    return replace(kept, notes=[*kept.notes, note])


def one_outcome(table: PlainTable, column: str, outcome: str | None) -> PlainTable:
    """Return the rows of one outcome of a file that holds several.

    Args:
        table: the rows.
        column: which outcome a row is about.
        outcome: the one wanted; may be left out when there is only one.

    Raises:
        UnknownNameError: no row is about it.
        InputError: there are several, and none is named.
    """
    texts = table.texts(table.has(column, "for outcomes"))
    known = list(dict.fromkeys(t for t in texts if t))
    if outcome is None and len(known) != 1:
        listed = "; ".join(f"{name} ({texts.count(name)} rows)" for name in known)
        raise InputError(f"which outcome of {table.name}? name it with --outcome: {listed}")
    wanted = outcome if outcome is not None else known[0]
    chosen = [i for i, t in enumerate(texts) if t == wanted]
    if not chosen:
        raise UnknownNameError("outcome", wanted, known, where=f"in {table.name}")
    return table.keep(chosen)

"""A table as it was found in a file: headings, rows, and the place of every cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from review.errors import UnknownNameError
from review.formats.grid import letters
from review.formats.read_options import ReadOptions
from review.formats.workbook import stored_text
from review.project.problems import Problem, raise_problems
from review.schema.numerals import decimal_evidence
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.grid import Grid, Numbers
    from review.schema.cell_types import CellError
    from review.schema.numerals import Mark


@dataclass
class SheetTable:
    """Headings and rows of one table, with what is wrong and what deserves a look.

    Attributes:
        grid: the cells of the sheet or file.
        headings: in the order of the columns.
        indices: the column of each heading in the grid.
        rows: the row of each record in the grid.
        header_row: the row of the headings in the grid (the last of several).
        options: what the user said.
        problems: all that stops the table from being used; `require` raises them together.
        pending: problems of a column that count once it is used.
        notes: remarks, printed with the result.
        fixes: what `--fix` changed.
        styles: what the numbers of the columns read so far told, such as a decimal comma.
        missing: heading -> the words that were read as missing, each with how often.
    """

    grid: Grid
    headings: list[str]
    indices: list[int]
    rows: Sequence[int]
    header_row: int
    options: ReadOptions = field(default_factory=ReadOptions)
    problems: list[Problem] = field(default_factory=list)
    pending: dict[str, list[Problem]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fixes: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    missing: dict[str, Counter[str]] = field(default_factory=dict)
    _texts: dict[str, list[str]] = field(default_factory=dict)
    _known: set[Problem] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.grid.file

    @property
    def source(self) -> str:
        """The file, with its sheet in brackets."""
        return f"{self.file} [{self.grid.sheet}]" if self.grid.sheet else self.file

    def keep(self, chosen: Sequence[int]) -> SheetTable:
        """Return the table with some of its records, by position; problems and notes are shared."""
        return replace(self, rows=[self.rows[i] for i in chosen], _texts={})

    def index(self, heading: str) -> int:
        """Return the column of a heading in the grid.

        Raises:
            UnknownNameError: there is no such heading.
        """
        if heading not in self.headings:
            raise UnknownNameError("column", heading, self.headings, where=f"in {self.source}")
        return self.indices[self.headings.index(heading)]

    def raw(self, heading: str) -> Sequence[Any]:
        """Return the values of a column as they are stored."""
        values = self.grid.cells.column(self.index(heading))
        first, last = (self.rows[0], self.rows[-1]) if self.rows else (0, -1)
        if last - first + 1 == len(self.rows):
            return values[first : last + 1]
        return [values[i] for i in self.rows]

    def texts(self, heading: str) -> list[str]:
        """Return the cells of a column as the text that stands there; "" is empty."""
        if heading not in self._texts:
            values = self.raw(heading)
            marks, column = self.grid.marks, self.index(heading)
            if self.grid.sheet is None or set(map(type, values)) == {str}:
                self._texts[heading] = list(values)
            elif not (marks.percent or marks.digits):
                self._texts[heading] = [stored_text(v) for v in values]
            else:
                self._texts[heading] = [
                    stored_text(
                        v, marks.digits.get((r, column)), percent=(r, column) in marks.percent
                    )
                    for r, v in zip(self.rows, values, strict=True)
                ]
        return self._texts[heading]

    def numbers(self, heading: str) -> Numbers | None:
        """Return a column of plain numbers, or None when its cells need a closer look."""
        if self.grid.marks.percent or self.options.missing or self.options.decimal == ",":
            return None
        if not self.rows or len(self.rows) != self.grid.cells.height - self.rows[0]:
            return None
        return self.grid.cells.numbers(self.index(heading), self.rows[0])

    def line(self, row: int) -> int:
        """Return the row of a record in the sheet, or the line it starts on in a text file."""
        return self.grid.lines[self.rows[row]]

    def cell(self, row: int, heading: str) -> str | None:
        """Return the place of a cell such as C7; None in a text file, which has no letters."""
        if self.grid.sheet is None:
            return None
        return f"{letters(self.index(heading))}{self.line(row)}"

    def problem(self, row: int, heading: str, message: str, **more: Any) -> Problem:
        """Return a problem with a cell: with its place, its heading and its text."""
        more.setdefault("value", self.texts(heading)[row])
        return Problem(
            self.file, message, line=self.line(row), column=heading, sheet=self.grid.sheet,
            cell=self.cell(row, heading), **more,
        )  # fmt: skip

    def lost_rows(self, heading: str) -> set[int]:
        """Return the records whose cell holds an error, or a formula without a value."""
        marks, column = self.grid.marks, self.index(heading)
        if not (marks.errors or marks.no_value):
            return set()
        lost = {r for r, c in (*marks.errors, *marks.no_value) if c == column}
        return {i for i, r in enumerate(self.rows) if r in lost}

    def add_once_per_column(
        self, heading: str, cells: Sequence[tuple[int, CellError]], remedy: str = ""
    ) -> None:
        """Add the problem that cells of a column share, at the first of them."""
        if cells:
            row, error = cells[0]
            more = f" (and {len(cells) - 1} more in the column)" if len(cells) > 1 else ""
            self.add(
                self.problem(
                    row, heading, f"{error}{more}", allowed=error.allowed,
                    suggestion=error.suggestion, remedy=remedy,
                )
            )  # fmt: skip

    def record_fix(self, row: int, heading: str, suggestion: str, why: str) -> None:
        """Note that a suggestion was taken for a cell."""
        place = self.cell(row, heading) or f"line {self.line(row)}"
        text = self.texts(heading)[row]
        said = f"changed {place} {heading!r}: {text!r} to {suggestion!r} ({why})"
        if said not in self.fixes:
            self.fixes.append(said)

    def add(self, *problems: Problem) -> None:
        """Add problems, each once, however often a column is read."""
        for problem in problems:
            if problem not in self._known:
                self._known.add(problem)
                self.problems.append(problem)

    def note(self, text: str) -> None:
        """Add a remark, once."""
        if text not in self.notes:
            self.notes.append(text)

    def use(self, heading: str) -> None:
        """Count the problems that a column has as a whole, now that it is used."""
        self.add(*self.pending.get(heading, ()))

    def marks_shown(self, heading: str) -> frozenset[Mark]:
        """Return the decimal marks that the columns beside `heading` show."""
        if self.grid.sheet is not None:
            return frozenset()
        found: set[Mark] = set()
        for other in self.headings:
            if other != heading:
                for text in self.texts(other):
                    found |= decimal_evidence(text)
        return frozenset(found)

    def describe(self) -> str:
        """Say in one line what was read, and how."""
        said = list(self.grid.said)
        said[1:1] = self.styles
        header = self.grid.lines[self.header_row]
        if header != 1:
            said.append(f"headings in row {header}")
        count = len(self.rows)
        return f"read {self.file}: {', '.join(said)}, {plural(count, 'row')}"

    def remarks(self, *, empty: bool = True) -> list[str]:
        """Return the notes, what was read as missing, and what was changed.

        Args:
            empty: count empty cells among the missing ones.
        """
        said = list(self.notes)
        counted = sum(self.missing.values(), Counter[str]())
        if not empty:
            del counted[""]
        if counted:
            listed = ", ".join(
                f"{n:,} {repr(word) if word else 'empty'}" for word, n in counted.most_common(12)
            )
            cells = "cell" if counted.total() == 1 else "cells"
            said.append(f"read as missing: {counted.total():,} {cells} ({listed})")
        return said + self.fixes

    def require(self) -> None:
        """Raise all problems together.

        Raises:
            DataError: there is at least one.
        """
        place = {heading: i for i, heading in enumerate(self.headings)}
        in_order = sorted(self.problems, key=lambda p: (p.line or 0, place.get(p.column or "", -1)))
        raise_problems(in_order, what=self.source)

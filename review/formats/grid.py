"""The cells of a sheet or text file as they stand there, before anything is known about them."""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from review.schema.missing_marks import missing_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NAN: Final = float("nan")
# a place: row and column, both counted from 0
Place = tuple[int, int]


class Cells(Protocol):
    """The values of a grid, by column; an empty cell is `""`.

    Text files give text; workbooks give text, numbers, booleans, dates and times.
    """

    height: int
    width: int

    def column(self, index: int) -> Sequence[Any]:
        """Return the values of a column from top to bottom."""

    def row(self, index: int) -> Sequence[Any]:
        """Return the values of a row."""

    def filled(self) -> list[int]:
        """Return how many cells of each row are not empty."""

    def numbers(self, index: int, start: int) -> Numbers | None:
        """Return a column from row `start` on, when it holds numbers and missing words only."""


@dataclass
class Numbers:
    """A column of plain numbers: NaN where a word or an empty cell says missing, and those words.

    Rows that are not of the table count among the words too.
    """

    values: Sequence[float]  # a list, or an array of numpy
    words: Counter[str] = field(default_factory=Counter)


@dataclass
class Marks:
    """What a workbook says about cells beside their values.

    Attributes:
        hidden_rows, hidden_columns: counted from 0.
        merged: ranges as first and last place.
        percent: cells that are shown as a percentage; the value is the proportion.
        digits: decimals that a number is shown with.
        errors: cells with an error such as `#N/A`.
        no_value: formulas without a stored value.
    """

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    percent: set[Place] = field(default_factory=set)
    digits: dict[Place, int] = field(default_factory=dict)
    errors: dict[Place, str] = field(default_factory=dict)
    no_value: dict[Place, str] = field(default_factory=dict)


@dataclass
class Grid:
    """A sheet or a text file.

    Attributes:
        file: its name.
        sheet: of a workbook, or None.
        cells: the values.
        lines: the number of each row: its row in the sheet, or the line it starts on.
        widths: the cells of each row in a text file, where rows can differ; None in a sheet.
        marks: what a workbook says beside the values.
        said: how it was read, in words: "semicolon", "UTF-8".
        notes: remarks.
    """

    file: str
    sheet: str | None
    cells: Cells
    lines: Sequence[int]
    widths: Sequence[int] | None = None
    marks: Marks = field(default_factory=Marks)
    said: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def name_of(self, row: int, column: int) -> str:
        """Return the place of a cell as people write it: C7, in text files by its line."""
        return f"{letters(column)}{self.lines[row]}"


class RowCells:
    """Cells that are held row by row, all of the same length; blanks around text are taken off.

    That is done when a column or row is asked for: most columns of a large sheet hold numbers.
    """

    def __init__(self, rows: list[list[Any]]) -> None:
        self.rows = rows
        self.height = len(rows)
        self.width = len(rows[0]) if rows else 0
        with collector_paused():
            self._stored: list[Sequence[Any]] = list(zip(*rows))  # noqa: B905  all of one length
        self._columns: dict[int, Sequence[Any]] = {}

    def column(self, index: int) -> Sequence[Any]:
        """Return the values of a column."""
        if index not in self._columns:
            stored = self._stored[index]
            words = set(map(type, stored)) == {str}
            self._columns[index] = list(map(str.strip, stored)) if words else stripped(stored)
        return self._columns[index]

    def row(self, index: int) -> Sequence[Any]:
        """Return the values of a row."""
        return stripped(self.rows[index])

    def filled(self) -> list[int]:
        """Return how many cells of each row are not empty."""
        counts = [self.width - row.count("") for row in self.rows]
        for i, count in enumerate(counts):
            if 0 < count <= 2:  # of which some may be blanks alone
                counts[i] = self.width - stripped(self.rows[i]).count("")
        return counts

    def numbers(self, index: int, start: int) -> Numbers | None:
        """Return a column of stored numbers; None when other cells need a look."""
        values = self._stored[index][start:]
        kinds = set(map(type, values))
        if kinds <= {float, int}:
            return Numbers(values)
        if not kinds <= {float, int, str} or kinds == {str}:
            return None
        words = Counter(v.strip() for v in values if type(v) is str)
        if any(missing_reason(w) is None for w in words):
            return None
        return Numbers([NAN if type(v) is str else v for v in values], words)


def stripped(values: Iterable[Any]) -> list[Any]:
    """Return values without the blanks around those that are text."""
    return [v.strip() if type(v) is str else v for v in values]


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from looking through millions of new cells again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def letters(index: int) -> str:
    """Return the letters of a column counted from 0.

    Example:
        >>> letters(0), letters(25), letters(26), letters(701), letters(702)
        ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def column_index(text: str) -> int:
    """Return the index of a column from its letters: the inverse of `letters`.

    Example:
        >>> column_index("A"), column_index("AAA")
        (0, 702)
    """
    index = 0
    for letter in text:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1

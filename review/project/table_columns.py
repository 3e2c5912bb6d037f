"""A CSV file of a review by columns, some thousand rows at a time.

`RawTable` keeps every byte of a file, for writing; who only reads gets the cells here, in a third
of the time and without the room that the whole table would take.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from review.project.csv_tables import header_table, parse_table, width_problem
from review.project.row_models import rename_columns, renamed
from review.schema.cell_types import MAX_CELL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import BaseModel

    from review.project.csv_tables import RawTable

AT_ONCE: Final = 10_000  # rows


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table: those that hold something.

    Attributes:
        header: the columns.
        lines: the line that each row starts on.
        rows: their cells; a row that is too short has "" in the last ones.
        wrong: which have more or fewer cells than the header.
    """

    header: Sequence[str]
    lines: list[int]
    rows: list[list[str]]
    wrong: frozenset[int]

    def columns(self) -> dict[str, tuple[str, ...]]:
        """Return the texts by column."""
        found = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.header)
        return dict(zip(self.header, found, strict=True))

    def cells(self, row: int) -> dict[str, str]:
        """Return the texts of a row."""
        return dict(zip(self.header, self.rows[row], strict=True))


def column_chunks(data: bytes, name: str, model: type[BaseModel] | None = None) -> Iterator[Chunk]:
    """Yield the rows of a CSV file.

    Args:
        data: the bytes of the file.
        name: of the file, relative to the folder.
        model: columns that may have several names get those of this model.

    Raises:
        DataError: the file cannot be read, as `parse_table` says.
    """
    if streams(data):
        table, _ = header_table(data, name)
        table.header = renamed(table.header, model) if model else table.header
        try:
            yield from chunks_of(data, table)
        except csv.Error:
            parse_table(data, name)  # says where
            raise
        return
    table = parse_table(data, name)
    if model:
        rename_columns(table, model)
    rows = table.rows
    yield Chunk(
        table.header, [r.line for r in rows], [[r.cells[c] for c in table.header] for r in rows],
        frozenset(i for i, r in enumerate(rows) if not r.whole),
    )  # fmt: skip


def streams(data: bytes) -> bool:
    """Whether all carriage returns of a file belong to line ends that no reader takes amiss."""
    return data.count(b"\r") == data.count(b"\r\n")


def chunks_of(data: bytes, table: RawTable) -> Iterator[Chunk]:
    """Yield the rows below a header; those of a wrong width become problems of the table.

    Raises:
        csv.Error: broken quotation marks.
    """
    width, before = len(table.header), csv.field_size_limit(max(len(data), MAX_CELL))
    try:
        # the text as a whole, and StringIO even more, would take several times its bytes
        stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
        reader = csv.reader(stream, strict=True)
        next(reader)
        while True:
            lines: list[int] = []
            rows: list[list[str]] = []
            wrong: list[int] = []
            first = reader.line_num
            line = first + 1
            for cells in islice(reader, AT_ONCE):
                if any(map(str.strip, cells)):
                    if len(cells) != width:
                        table.problems.append(width_problem(table, line, cells))
                        cells[width:] = [""] * (width - len(cells))
                        wrong.append(len(rows))
                    lines.append(line)
                    rows.append(cells)
                line = reader.line_num + 1
            if reader.line_num == first:
                return
            yield Chunk(table.header, lines, rows, frozenset(wrong))
    finally:
        csv.field_size_limit(before)

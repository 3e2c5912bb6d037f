"""Text files with a delimiter, as a grid: encoding and delimiter found out, or as the user says."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from review.errors import DataError
from review.formats.delimiters import find_delimiter
from review.formats.grid import Grid, RowCells
from review.formats.read_options import DEFAULT, DELIMITER_NAMES, ReadOptions
from review.formats.text_encoding import decode_text
from review.project.bounded import MAX_COLUMNS, MAX_GRID, check_signs
from review.project.csv_records import broken_csv
from review.project.problems import Problem
from review.schema.cell_types import MAX_CELL

if TYPE_CHECKING:
    from review.formats.grid import Cells


def delimited_grid(data: bytes, name: str, options: ReadOptions = DEFAULT) -> Grid:
    r"""Return the cells of a text file.

    Args:
        data: its bytes.
        name: for messages.
        options: encoding and delimiter, where the user names them.

    Raises:
        DataError: the file is empty, cannot be decoded, or its quotation marks do not match.

    Example:
        >>> grid = delimited_grid(b"study;auc\nKim;0,93\n", "a.csv")
        >>> grid.said, list(grid.cells.column(1))
        (['semicolon', 'UTF-8'], ['auc', '0,93'])
    """
    text, encoding = decode_text(data, name, options.encoding)
    hint = re.match(r'"?sep=(.)"?[ \t,;]*\r?\n', text)
    if not re.compile(r"\S").search(text, hint.end() if hint else 0):
        problem = Problem(name, "the file is empty", allowed="a row of headings and rows below it")
        raise DataError(str(problem), [problem])
    delimiter = options.delimiter or (hint[1] if hint else find_delimiter(text))
    check_signs(text, delimiter or "\0", name)
    said = [
        DELIMITER_NAMES.get(delimiter, repr(delimiter)) if delimiter else "one column",
        encoding,
    ]
    if hint is None and (cells := _bulk(text, delimiter)):
        return Grid(name, None, cells, range(1, cells.height + 1), said=said)
    return _small(text, name, delimiter, said, skip=1 if hint else 0)


def _bulk(text: str, delimiter: str | None) -> Cells | None:
    """Read a large file with the fast reader; None when it is small or not of equal rows."""
    from review.formats.bulk_text import MIN_SIZE, bulk_cells

    return bulk_cells(text, delimiter) if delimiter and len(text) >= MIN_SIZE else None


def _small(text: str, name: str, delimiter: str | None, said: list[str], *, skip: int) -> Grid:
    rows, lines = _records(text, name, delimiter or "\0")
    rows, lines = rows[skip:], lines[skip:]
    widths = list(map(len, rows))
    width = max(widths)
    if width > MAX_COLUMNS or width * len(rows) > MAX_GRID:
        line = lines[widths.index(width)]
        problem = Problem(
            name, f"{width:,} cells in a row of {len(rows):,} rows", line=line,
            allowed=f"at most {MAX_COLUMNS:,} columns and {MAX_GRID:,} cells",
        )  # fmt: skip
        raise DataError(str(problem), [problem])
    if min(widths) < width:
        rows = [row + [""] * (width - len(row)) for row in rows]
    return Grid(name, None, RowCells(rows), lines, widths=widths, said=said)


def _records(text: str, name: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the cells of all records, and the line that each starts on."""
    previous = csv.field_size_limit(max(len(text), MAX_CELL))
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    start = 1
    try:
        for record in reader:
            rows.append(record)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise broken_csv(name, start, str(error)) from None
    finally:
        csv.field_size_limit(previous)
    return rows, lines

"""CSV files as they lie on disk: rows with their line numbers and their untouched bytes."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from review.errors import DataError
from review.project.problems import Problem
from review.schema.cells import MAX_CELL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Row:
    """One record of a table: its cells by column, the line it starts on, its own text."""

    line: int
    cells: dict[str, str]
    raw: str


@dataclass
class RawTable:
    """A CSV file that was read without changing anything.

    Attributes:
        name: the file's name relative to the review folder.
        header: the column names.
        header_raw: the text of the header line(s).
        rows: the records in file order.
        newline: how the file ends its lines.
        bom: whether it starts with a byte order mark.
        problems: what is wrong with the file's form.
    """

    name: str
    header: list[str] = field(default_factory=list)
    header_raw: str = ""
    rows: list[Row] = field(default_factory=list)
    newline: str = "\n"
    bom: bool = False
    problems: list[Problem] = field(default_factory=list)

    def to_bytes(self) -> bytes:
        """Return the file's bytes: of untouched rows exactly those that were read."""
        text = self.header_raw + "".join(row.raw for row in self.rows)
        return (_BOM if self.bom else b"") + text.encode("utf-8")

    def row_text(self, cells: dict[str, str]) -> str:
        """Return the line(s) that hold `cells` in the order of the header."""
        return format_row([cells.get(column, "") for column in self.header], self.newline)

    def append(self, cells: dict[str, str]) -> None:
        """Add a row at the end, completing an unfinished last line first."""
        last = self.rows[-1] if self.rows else None
        if last is not None and not last.raw.endswith(("\n", "\r")):
            last.raw += self.newline
        elif last is None and not self.header_raw.endswith(("\n", "\r")):
            self.header_raw += self.newline
        line = (last.line + last.raw.count("\n")) if last else 1 + self.header_raw.count("\n")
        self.rows.append(Row(line, dict(cells), self.row_text(cells)))

    def replace(self, index: int, cells: dict[str, str]) -> None:
        """Write row `index` anew; the bytes of all other rows stay."""
        old = self.rows[index]
        ended = old.raw.endswith(("\n", "\r"))
        raw = self.row_text(cells)
        self.rows[index] = Row(old.line, dict(cells), raw if ended else raw.rstrip("\r\n"))


def format_row(cells: Sequence[str], newline: str) -> str:
    r"""Return cells as one CSV record.

    Example:
        >>> format_row(["a", "b,c"], "\n")
        'a,"b,c"\n'
    """
    buffer = io.StringIO()
    # "\r\n" as terminator makes the writer quote cells that hold either character
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().removesuffix("\r\n") + newline


def decode(data: bytes, name: str) -> tuple[str, bool]:
    """Return the text of a UTF-8 file and whether it began with a byte order mark.

    Raises:
        DataError: the bytes are not UTF-8, with the line of the first wrong byte.
    """
    bom = data.startswith(_BOM)
    body = data[3:] if bom else data
    try:
        return body.decode("utf-8"), bom
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        guess = "UTF-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "Windows-1252 or Latin-1"
        problem = Problem(
            name,
            f"not UTF-8: byte 0x{body[error.start]:02x} (the file looks like {guess})",
            line=line,
            allowed="UTF-8; in a spreadsheet program save as 'CSV UTF-8'",
        )
        raise DataError(str(problem), [problem]) from None


def read_table(path: Path, name: str | None = None) -> RawTable:
    """Read a CSV file; what is wrong with its form is in `problems`.

    Raises:
        DataError: the file cannot be read at all (missing, not UTF-8, empty, broken quoting).
    """
    name = name or path.name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{name}: no such file in {path.parent}") from None
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None
    return parse_table(data, name)


def parse_table(data: bytes, name: str) -> RawTable:
    """Parse the bytes of a CSV file; see `read_table`."""
    text, bom = decode(data, name)
    if not text.strip():
        problem = Problem(name, "the file is empty", allowed="a header line with column names")
        raise DataError(str(problem), [problem])
    table = RawTable(name, bom=bom, newline="\r\n" if "\r\n" in text else "\n")
    records = _records(text, name)
    _, header, table.header_raw = next(records)
    table.header = [h.strip() for h in header]
    _check_header(table)
    for line, cells, raw in records:
        if not any(c.strip() for c in cells):
            table.rows.append(Row(line, {}, raw))
            continue
        if len(cells) != len(table.header):
            table.problems.append(_width_problem(table, line, cells))
        table.rows.append(Row(line, dict(zip(table.header, cells, strict=False)), raw))
    return table


def _width_problem(table: RawTable, line: int, cells: list[str]) -> Problem:
    more = len(cells) > len(table.header)
    return Problem(
        table.name,
        f"the row has {len(cells)} cells, the header {len(table.header)}",
        line=line,
        study_id=cells[0][:40] or None,
        allowed='text with a comma goes between double quotes: "a, b"'
        if more
        else "one cell per column; empty cells keep their commas",
    )


def _check_header(table: RawTable) -> None:
    header = table.header
    for i, column in enumerate(header):
        if not column:
            table.problems.append(Problem(table.name, f"column {i + 1} has no name", line=1))
        elif header.index(column) < i:
            table.problems.append(
                Problem(table.name, "the column is there twice", line=1, column=column)
            )
    if len(header) == 1 and header[0].count(";") + header[0].count("\t") >= 2:
        sign = "semicolons" if ";" in header[0] else "tabs"
        table.problems.append(
            Problem(table.name, f"columns are separated by {sign}", line=1, allowed="commas")
        )


def _records(text: str, name: str) -> Iterator[tuple[int, list[str], str]]:
    """Yield (first line, cells, own text) of each record."""
    lines = text.splitlines(keepends=True) if "\n" not in text else _split_lines(text)
    previous = csv.field_size_limit(max(len(text), MAX_CELL))
    try:
        reader = csv.reader(iter(lines), strict=True)
        start = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _broken(name, start + 1, error) from None
            yield start + 1, cells, "".join(lines[start : reader.line_num])
            start = reader.line_num
    finally:
        csv.field_size_limit(previous)


def _split_lines(text: str) -> list[str]:
    """Split at line feeds only: other line separators may stand inside cells."""
    parts = text.split("\n")
    lines = [part + "\n" for part in parts[:-1]]
    return lines + ([parts[-1]] if parts[-1] else [])


def _broken(name: str, line: int, error: csv.Error) -> DataError:
    said = str(error)
    if "unexpected end of data" in said:
        said = "a double quote opens here and is never closed"
    elif "expected after" in said:
        said = "text follows a closing double quote"
    elif "new-line character" in said:
        said = "a bare carriage return stands in the row"
    problem = Problem(
        name,
        f"broken CSV: {said}",
        line=line,
        allowed='a double quote inside a cell is written twice: "say ""yes"""',
    )
    return DataError(str(problem), [problem])

"""CSV files as they lie on disk: rows with their line numbers and their untouched bytes.

`RawTable` is also the one writer of tables: rows and cells are set, added and taken out in it, and
everything else (line ends, quotation marks, byte order mark, blank lines) stays byte for byte. What
was changed is kept as `Edit`s, which is what a written file is checked against (`read_back`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from review.errors import DataError, InputError
from review.project.bounded import check_form, read_bounded
from review.project.csv_records import (
    append_cells,
    format_row,
    keep_cells,
    line_end,
    lines_of,
    quoting,
    records,
    replace_cell,
)
from review.project.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Row:
    """One record of a table: its cells by column, the line it starts on, its own text.

    Attributes:
        line: the line in the file as it was read; of a new row the one that it will have.
        cells: text by column; a row that is too short has "" in the last ones.
        raw: the record's own text with its line end.
        number: of the record in the file, from 1; new rows go on counting.
        whole: whether the row has as many cells as the header.
    """

    line: int
    cells: dict[str, str]
    raw: str
    number: int = 0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a table: a cell that was set, or a row that came or went.

    Attributes:
        file: the table, relative to the review folder.
        number: of the record (`Row.number`); 0 is the header, whose `before` names the columns that
            were taken out, and `after` new ones.
        before: the cells that changed, by column, with their former text; None for a new row.
        after: the same columns with the new text; None for a row that was taken out.
        line: where the row stands, or stood.
        above: of a new row that does not stand at the end: the number of the record below it.
    """

    file: str
    number: int
    before: dict[str, str] | None
    after: dict[str, str] | None
    line: int = field(default=0, compare=False)
    above: int | None = None


@dataclass
class RawTable:
    """A CSV file that was read without changing anything.

    Attributes:
        name: the file's name relative to the review folder.
        header: the column names.
        header_raw: the text of the header line(s).
        records: the records in file order, blank lines included.
        newline: how the file ends its lines.
        bom: whether it starts with a byte order mark.
        problems: what is wrong with the file's form.
        former: the bytes that were read, or None for a table that is not there yet.
        edits: what was changed since, in order.
        last_number: the highest `Row.number` given so far.
    """

    name: str
    header: list[str] = field(default_factory=list)
    header_raw: str = ""
    records: list[Row] = field(default_factory=list)
    newline: str = "\n"
    bom: bool = False
    problems: list[Problem] = field(default_factory=list)
    former: bytes | None = None
    edits: list[Edit] = field(default_factory=list)
    last_number: int = 0

    @classmethod
    def new(cls, name: str, columns: Sequence[str]) -> RawTable:
        """Return a table with a header and no rows, which no file holds yet."""
        made = Edit(name, 0, {}, dict.fromkeys(columns, ""))
        raw = format_row(columns, "\n")
        return cls(name, header=list(columns), header_raw=raw, edits=[made])

    @property
    def rows(self) -> list[Row]:
        """The records that hold something; blank lines and lines of commas alone are none."""
        return [record for record in self.records if record.cells]

    def to_bytes(self) -> bytes:
        """Return the file's bytes: of untouched rows exactly those that were read.

        Raises:
            InputError: a text that UTF-8 cannot hold.
        """
        text = self.header_raw + "".join(record.raw for record in self.records)
        try:
            return (_BOM if self.bom else b"") + text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(
                f"{self.name}: U+{ord(text[error.start]):04X} is half a character, which no text "
                "file can hold; nothing was changed"
            ) from None

    def find(self, column: str, text: str) -> Row | None:
        """Return the first row whose cell holds `text` (blanks around it do not count)."""
        return next((r for r in self.rows if r.cells.get(column, "").strip() == text), None)

    def set(self, row: Row, column: str, text: str) -> None:
        """Write one cell anew; nothing happens when it holds `text` already.

        Raises:
            KeyError: there is no such column.
        """
        before = row.cells[column]
        if before == text:
            return
        row.raw = replace_cell(row.raw, self.header.index(column), text)
        row.cells[column] = text
        edit = Edit(self.name, row.number, {column: before}, {column: text}, row.line)
        self.edits.append(edit)

    def append(self, cells: dict[str, str]) -> Row:
        """Add a row at the end, completing an unfinished last line first.

        It puts quotation marks where the row above has them without need.
        """
        last = self.records[-1] if self.records else None
        if last is not None and not line_end(last.raw):
            last.raw += self.newline
        elif last is None and not line_end(self.header_raw):
            self.header_raw += self.newline
        line = 1 + len(lines_of(self.header_raw))
        if last is not None:
            line = last.line + len(lines_of(last.raw))
        model = next((r.raw for r in reversed(self.records) if r.cells), self.header_raw)
        row = self._new_row(line, cells, model)
        self.records.append(row)
        self.edits.append(Edit(self.name, row.number, None, dict(row.cells), line))
        return row

    def _new_row(self, line: int, cells: Mapping[str, str], model: str) -> Row:
        shaped = {column: cells.get(column, "") for column in self.header}
        raw = format_row(list(shaped.values()), self.newline, quoted=quoting(model))
        self.last_number += 1
        return Row(line, shaped, raw, self.last_number)

    def insert(self, rows: Sequence[tuple[int, dict[str, str]]]) -> None:
        """Put rows where they once stood: each on its line, or at the end when there are fewer.

        Args:
            rows: line and cells, by line.
        """
        wanted, rest = list(rows), self.records
        line = 1 + len(lines_of(self.header_raw))
        self.records = []
        for number, record in enumerate(rest):
            while wanted and wanted[0][0] <= line:
                row = self._new_row(line, wanted.pop(0)[1], record.raw)
                self.records.append(row)
                edit = Edit(self.name, row.number, None, dict(row.cells), line, record.number)
                self.edits.append(edit)
                line += len(lines_of(row.raw))
            if not wanted:
                self.records += rest[number:]
                return
            self.records.append(record)
            line += len(lines_of(record.raw))
        for _, cells in wanted:
            self.append(cells)

    def remove(self, row: Row) -> None:
        """Take a row out."""
        self.remove_all([row])

    def remove_all(self, rows: Sequence[Row]) -> None:
        """Take several rows out, which takes no longer than one."""
        gone = {id(row) for row in rows}
        self.records = [record for record in self.records if id(record) not in gone]
        for row in rows:
            self.edits.append(Edit(self.name, row.number, dict(row.cells), None, row.line))

    def drop_columns(self, columns: Sequence[str]) -> None:
        """Take columns out in which no row has anything.

        Raises:
            ValueError: a row has.
        """
        old = [c for c in columns if c in self.header]
        if any(row.cells[c].strip() for row in self.rows for c in old):
            raise ValueError("a column that holds something cannot be taken out")
        if not old:
            return
        kept = [i for i, c in enumerate(self.header) if c not in old]
        self.header_raw = keep_cells(self.header_raw, kept)
        for row in self.rows:
            row.raw = keep_cells(row.raw, kept)
            for column in old:
                del row.cells[column]
        self.header = [self.header[i] for i in kept]
        self.edits.append(Edit(self.name, 0, dict.fromkeys(old, ""), {}))

    def set_columns(self, columns: Sequence[str]) -> None:
        """Give a table that has no rows these columns.

        Raises:
            ValueError: it has rows.
        """
        if self.rows:
            raise ValueError("the columns of a table with rows cannot be set")
        old = dict.fromkeys(self.header, "")
        self.header, self.header_raw = list(columns), format_row(columns, self.newline)
        self.edits.append(Edit(self.name, 0, old, dict.fromkeys(columns, "")))

    def add_columns(self, columns: Sequence[str]) -> None:
        """Add columns that the table lacks, as empty cells of every row."""
        new = [c for c in columns if c not in self.header]
        if not new:
            return
        if self.header:
            self.header_raw = append_cells(self.header_raw, new)
        else:  # all were taken out
            self.header_raw = format_row(new, self.newline)
        self.header += new
        for row in self.rows:
            row.raw = append_cells(row.raw, [""] * len(new))
            row.cells |= dict.fromkeys(new, "")
        self.edits.append(Edit(self.name, 0, {}, dict.fromkeys(new, "")))


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
    return parse_table(read_bounded(path, name), name)


def parse_table(data: bytes, name: str) -> RawTable:
    """Parse the bytes of a CSV file; see `read_table`."""
    table, text = header_table(data, name)
    found = records(text, name)
    next(found)
    for number, (line, cells, raw) in enumerate(found, 1):
        table.last_number = number
        if not any(c.strip() for c in cells):
            table.records.append(Row(line, {}, raw, number))
            continue
        whole = len(cells) == len(table.header)
        if not whole:
            table.problems.append(width_problem(table, line, cells))
            cells.extend([""] * (len(table.header) - len(cells)))
        shaped = dict(zip(table.header, cells, strict=False))
        table.records.append(Row(line, shaped, raw, number, whole))
    return table


def header_table(data: bytes, name: str) -> tuple[RawTable, str]:
    """Return a CSV file with its header alone, and the text of the whole; see `read_table`."""
    check_form(data, name)
    text, bom = decode(data, name)
    if not text.strip():
        problem = Problem(name, "the file is empty", allowed="a header line with column names")
        raise DataError(str(problem), [problem])
    table = RawTable(name, bom=bom, former=data)
    end = min((at for sign in "\r\n" if (at := text.find(sign)) >= 0), default=len(text))
    plain = '"' not in text[:end]  # then the first line is the whole header
    _, header, table.header_raw = next(records(text[: end + 2] if plain else text, name))
    table.newline = line_end(table.header_raw) or "\n"
    table.header = [h.strip() for h in header]
    _check_header(table)
    return table, text


def width_problem(table: RawTable, line: int, cells: list[str]) -> Problem:
    """Return the problem of a row that has more or fewer cells than the header."""
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
    if not any(header):
        table.problems.append(
            Problem(
                table.name, "the first line is blank", line=1,
                allowed="a header line with column names",
            )
        )  # fmt: skip
        return
    seen: set[str] = set()
    for i, column in enumerate(header):
        if not column:
            table.problems.append(Problem(table.name, f"column {i + 1} has no name", line=1))
        elif column in seen:
            table.problems.append(
                Problem(table.name, "the column is there twice", line=1, column=column)
            )
        seen.add(column)
    if len(header) == 1 and header[0].count(";") + header[0].count("\t") >= 2:
        sign = "semicolons" if ";" in header[0] else "tabs"
        table.problems.append(
            Problem(table.name, f"columns are separated by {sign}", line=1, allowed="commas")
        )

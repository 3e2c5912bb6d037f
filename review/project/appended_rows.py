"""Rows put at the end of a table that may be too large to be held: written and read as a stream.

A table of a million records has gigabytes. The former bytes are copied as they are, the new rows
follow, and what was written is read back row by row and compared with what was meant.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.project.csv_records import append_cells, format_row, line_end
from review.project.csv_tables import parse_table
from review.project.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from pathlib import Path

_BOM: Final = "\ufeff"
_LARGEST_CELL: Final = 50_000_000


@dataclass(frozen=True)
class AppendedRows:
    """Rows that a table gets at its end.

    Attributes:
        name: of the table, relative to the review folder.
        columns: that the rows fill; those that the table lacks are added to it.
        rows: gives the rows, each time anew.
    """

    name: str
    columns: Sequence[str]
    rows: Callable[[], Iterable[Sequence[str]]]

    def chunks(self, former: Path | None) -> Iterator[bytes]:
        """Yield the bytes of the new version.

        Args:
            former: the table as it lies there, None when there is none.

        Raises:
            DataError: the former table is not UTF-8, or its quotation marks do not match.
        """
        if former is None:
            header = list(self.columns)
            yield format_row(header, "\n").encode()
            newline = "\n"
        else:
            header = header_of(former, self.name)
            missing = [c for c in self.columns if c not in header]
            newline = yield from self._former(former, missing)
            header += missing
        place = {name: i for i, name in enumerate(self.columns)}
        order = [place.get(name, -1) for name in header]
        for batch in _batches(self.rows()):
            lines = [
                format_row([row[i] if i >= 0 else "" for i in order], newline) for row in batch
            ]
            yield "".join(lines).encode()

    def _former(self, path: Path, missing: list[str]) -> Generator[bytes, None, str]:
        """Yield the former table, and return how it ends its lines."""
        end, newline = "", "\n"
        for number, (_, raw) in enumerate(_raw_rows(path, self.name)):
            if number == 0:
                newline = line_end(raw) or "\n"
            if missing:
                more = missing if number == 0 else [""] * len(missing)
                raw = append_cells(raw, more) if raw.strip("\ufeff\r\n") else raw  # noqa: PLW2901
            yield raw.encode()
            end = line_end(raw)
        if not end:
            yield newline.encode()
        return newline

    def check(self, former: Path | None, written: Path) -> None:
        """Compare the written version with the former one and the rows.

        Raises:
            InputError: a cell differs.
        """
        got = _cells(written, self.name)
        header = next(got, [])
        before = header_of(former, self.name) if former is not None else list(self.columns)
        missing = len(header) - len(before)
        if header[: len(before)] != before or not {*header} >= {*self.columns}:
            self._refuse("the header is another one")
        place = {name: i for i, name in enumerate(self.columns)}
        order = [place.get(name, -1) for name in header]
        meant: Iterable[list[str]] = (
            [row[i] if i >= 0 else "" for i in order] for row in self.rows()
        )
        if former is not None:
            old = _cells(former, self.name)
            next(old, None)
            meant = chain((r + [""] * missing if r else r for r in old), meant)
        count = 0
        for count, want in enumerate(meant, 1):
            if next(got, None) != want:
                self._refuse(f"row {count} differs")
        if next(got, None) is not None:
            self._refuse(f"more than {count} rows")

    def _refuse(self, what: str) -> None:
        raise InputError(
            f"{self.name}: what was written is not what was meant ({what}); nothing was changed"
        )


def start_with(data: bytes, digest: str) -> bytes | None:
    r"""Return the beginning of a file, up to the end of a line, that has a digest.

    It is what the file held before rows were put at its end.

    Args:
        data: the file.
        digest: SHA-256 of the beginning.

    Example:
        >>> start_with(b"a\nb\n", hashlib.sha256(b"a\n").hexdigest())
        b'a\n'
    """
    found, end = hashlib.sha256(), 0
    for line in data.splitlines(keepends=True):
        bare = found.copy()  # the last line may have got its end with the rows
        bare.update(line.rstrip(b"\r\n"))
        if bare.hexdigest() == digest:
            return data[: end + len(line.rstrip(b"\r\n"))]
        found.update(line)
        end += len(line)
        if found.hexdigest() == digest:
            return data[:end]
    return None


def keys_of(data: bytes, name: str, column: str) -> set[str]:
    """Return the keys of the rows of a table, in small letters.

    Raises:
        DataError: it is no table that can be read.
    """
    table = parse_table(data, name)
    return {row.cells.get(column, "").strip().casefold() for row in table.rows}


def header_of(path: Path, name: str) -> list[str]:
    """Return the columns of a table.

    Raises:
        DataError: it has none, or is not UTF-8.
    """
    cells = next(_cells(path, name), [])
    if not any(cells):
        problem = Problem(name, "the first line is blank", line=1, allowed="a header line")
        raise DataError(str(problem), [problem])
    return [c.strip() for c in cells]


def _cells(path: Path, name: str) -> Iterator[list[str]]:
    for cells, _ in _raw_rows(path, name):
        yield cells


def _raw_rows(path: Path, name: str) -> Iterator[tuple[list[str], str]]:
    """Yield each record of a table: its cells, and its own text."""
    held: list[str] = []

    def lines(file: Iterable[str]) -> Iterator[str]:
        for line in file:
            held.append(line)
            yield line.removeprefix(_BOM) if len(held) == 1 and first else line

    first = True
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader: Any = csv.reader(lines(file), strict=True)
            while True:
                csv.field_size_limit(_LARGEST_CELL)
                cells = next(reader, None)
                if cells is None:
                    return
                yield cells, "".join(held)
                held.clear()
                first = False
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not UTF-8 ({error.reason}); save it as CSV UTF-8") from None
    except csv.Error as error:
        raise DataError(f"{name}: broken CSV: {error}") from None
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror})") from None


def _batches(rows: Iterable[Sequence[str]], size: int = 500) -> Iterator[list[Sequence[str]]]:
    batch: list[Sequence[str]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch

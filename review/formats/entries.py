"""Reads entries to add to a review from CSV, JSON, TOML or Excel, as cells of text.

Numbers keep the digits that were written: `0.90` arrives as `0.90`.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.formats.archive_parts import open_archive, unreadable
from review.project.bounded import MAX_COLUMNS, MEGABYTE, read_bounded
from review.project.confined import confined
from review.project.problems import Problem, raise_problems, shorten
from review.project.settings import read_toml
from review.project.tables import decode, read_table
from review.schema.cells import MAX_CELL, cell_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_JSON: Final = 50 * MEGABYTE
MAX_EXCEL: Final = 50 * MEGABYTE
MAX_CELLS: Final = 3_000_000
FORMATS: Final = (".csv", ".json", ".toml", ".xlsx")


@dataclass(frozen=True)
class Entry:
    """One entry: where it stands and its cells by column.

    Attributes:
        line: the line of a CSV file, the row of an Excel sheet, the number of an item otherwise.
    """

    file: str
    line: int | None
    cells: dict[str, str]


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of a file.

    Raises:
        InputError: the file does not exist, or its kind is unknown.
        DataError: it is broken, empty, or holds something else than entries.
    """
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise InputError(
            f"{path}: cannot read {kind or 'this kind of'} files ({', '.join(FORMATS)})"
        )
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    entries = {".csv": _csv, ".json": _json, ".toml": _toml, ".xlsx": _excel}[kind](path)
    if not entries:
        raise DataError(f"{path.name}: holds no entries")
    raise_problems([p for entry in entries for p in _too_long(entry)], what=path.name)
    return entries


def _too_long(entry: Entry) -> Iterator[Problem]:
    for column, text in entry.cells.items():
        if max(len(column), len(text)) > MAX_CELL:
            yield Problem(
                entry.file,
                f"the cell holds {max(len(column), len(text)):,} characters",
                line=entry.line,
                column=shorten(column),
                value=text[:MAX_CELL],
                allowed=f"at most {MAX_CELL:,} characters, what a spreadsheet cell holds",
            )


def _csv(path: Path) -> list[Entry]:
    table = read_table(path)
    raise_problems(table.problems, what=path.name)
    return [Entry(path.name, row.line, row.cells) for row in table.rows]


def _json(path: Path) -> list[Entry]:
    text, _ = decode(read_bounded(path, most=MAX_JSON), path.name)
    if not text.strip():
        raise DataError(f"{path.name}: the file is empty")
    try:
        data = json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        problem = Problem(
            path.name,
            f"broken JSON: {error.msg} (character {error.colno} of the line)",
            line=error.lineno,
        )
        raise DataError(str(problem), [problem]) from None
    except RecursionError:
        raise DataError(f"{path.name}: broken JSON: nested too deeply") from None
    except ValueError as error:
        raise DataError(f"{path.name}: broken JSON: {error}") from None
    return _items(path.name, data)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number (leave out what is missing)")


def _toml(path: Path) -> list[Entry]:
    data = read_toml(path, parse_float=str)
    for key in ("study", "studies"):
        if isinstance(data.get(key), list):
            return _items(path.name, data[key])
    return _items(path.name, data) if data else []


def _items(name: str, data: Any) -> list[Entry]:
    items = [data] if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise DataError(f"{name}: holds neither one study (name: value) nor a list of studies")
    return [
        Entry(name, i, {str(k): _cell(name, i, str(k), v) for k, v in item.items()})
        for i, item in enumerate(items, 1)
    ]


def _cell(name: str, line: int, column: str, value: Any) -> str:
    if isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
    ):
        problem = Problem(
            name, "a nested value", line=line, column=column, allowed="text, a number or a list"
        )
        raise DataError(str(problem), [problem])
    return cell_text(value)


def _excel(path: Path) -> list[Entry]:
    what = f"the workbook {path.name}"
    title, rows = confined(excel_rows, read_bounded(path, most=MAX_EXCEL), path.name, what=what)
    place = f"{path.name} [{title}]"
    if not rows or rows[0][0] != 1:
        raise DataError(f"{place}: the first row holds no column names")
    header = rows[0][1]
    entries = []
    for number, row in rows[1:]:
        cells = {h: c for h, c in zip(header, row, strict=False) if h}
        if any(cells.values()):
            entries.append(Entry(place, number, cells))
    return entries


def excel_rows(data: bytes, name: str) -> tuple[str, list[tuple[int, list[str]]]]:
    """Return the title of the sheet `studies`, or of the first one, and its rows by number.

    It runs in a process of its own: what a sheet means in memory cannot be told from its size.

    Raises:
        DataError: not a workbook, or more than any table of a review.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    open_archive(data, name).close()
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book["studies"] if "studies" in book.sheetnames else book.worksheets[0]
        # the size that a sheet states about itself may be anything
        sheet.reset_dimensions()
        rows = []
        cells = 0
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells += len(row)
            if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
                found = f"row {number} has {len(row):,} cells, all rows {cells:,}"
                raise DataError(f"{name}: {found} (allowed: {MAX_COLUMNS:,} and {MAX_CELLS:,})")
            texts = [_excel_text(cell) for cell in row]
            if any(texts):
                rows.append((number, texts))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError,
            IndexError, AttributeError, SyntaxError) as error:  # fmt: skip
        raise unreadable(name, str(error)) from None
    return sheet.title, rows


def _excel_text(value: Any) -> str:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return cell_text(value).strip()

"""Reads entries to add to a review from CSV, JSON, TOML or Excel, as cells of text.

Numbers keep the digits that were written: `0.90` arrives as `0.90`.
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.project.problems import Problem, raise_problems
from review.project.settings import read_toml
from review.project.tables import decode, parse_table
from review.schema.cells import cell_text

if TYPE_CHECKING:
    from pathlib import Path

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
    return entries


def _csv(path: Path) -> list[Entry]:
    table = parse_table(path.read_bytes(), path.name)
    raise_problems(table.problems, what=path.name)
    return [Entry(path.name, row.line, row.cells) for row in table.rows]


def _json(path: Path) -> list[Entry]:
    text, _ = decode(path.read_bytes(), path.name)
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
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name}: broken JSON: {error}") from None
    return _items(path.name, data)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number (leave out what is missing)")


def _toml(path: Path) -> list[Entry]:
    read_toml(path)  # says where a broken file is broken
    data = tomllib.loads(decode(path.read_bytes(), path.name)[0], parse_float=str)
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
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError):
        raise DataError(f"{path.name}: not a readable Excel workbook (.xlsx)") from None
    try:
        sheet = book["studies"] if "studies" in book.sheetnames else book.worksheets[0]
        rows = [[_excel_text(c) for c in row] for row in sheet.iter_rows(values_only=True)]
    except (KeyError, ValueError, IndexError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{path.name}: not a readable Excel workbook ({error})") from None
    finally:
        book.close()
    place = f"{path.name} [{sheet.title}]"
    if not rows or not any(rows[0]):
        raise DataError(f"{place}: the first row holds no column names")
    header = rows[0]
    entries = []
    for number, row in enumerate(rows[1:], 2):
        cells = {h: c for h, c in zip(header, row, strict=False) if h}
        if any(cells.values()):
            entries.append(Entry(place, number, cells))
    return entries


def _excel_text(value: Any) -> str:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return cell_text(value).strip()

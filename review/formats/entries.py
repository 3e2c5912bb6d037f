"""Reads entries to add to a review from JSON or TOML, as cells of text; tables are `reading`'s.

Numbers keep the digits that were written: `0.90` arrives as `0.90`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.project.bounded import MEGABYTE, read_bounded
from review.project.csv_tables import decode
from review.project.problems import Problem, raise_problems, shorten
from review.project.toml_files import read_toml
from review.schema.cell_types import MAX_CELL, cell_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_JSON: Final = 50 * MEGABYTE
FORMATS: Final = (".json", ".toml")


@dataclass(frozen=True)
class Entry:
    """One entry: where it stands and its cells by column.

    Attributes:
        line: the line of a CSV file, the row of a sheet, the number of an item otherwise.
    """

    file: str
    line: int | None
    cells: dict[str, str]


def read_entries(path: Path) -> list[Entry]:
    """Return the entries of a JSON or TOML file.

    Raises:
        InputError: the file does not exist.
        DataError: it is broken, empty, or holds something else than entries.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    entries = _toml(path) if path.suffix.lower() == ".toml" else _json(path)
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
    return entries_from(path.name, data)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number (leave out what is missing)")


def _toml(path: Path) -> list[Entry]:
    data = read_toml(path, parse_float=str)
    for key in ("study", "studies"):
        if isinstance(data.get(key), list):
            return entries_from(path.name, data[key])
    return entries_from(path.name, data) if data else []


def entries_from(name: str, data: Any) -> list[Entry]:
    """Return one study or a list of studies, each a mapping, as entries.

    Args:
        name: where the data come from, for messages.
        data: a mapping of columns to values, or a list of such mappings.

    Raises:
        DataError: something else, or a nested value.
    """
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

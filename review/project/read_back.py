"""Checks a table that was written against what was meant: every cell, touched or not.

The writer of `tables.RawTable` works on the text of records. Here the csv module alone reads both
the former and the new file, and the changes are replayed on its cells: a cell that landed in
another column, or one that changed without being meant, cannot pass.
"""

from __future__ import annotations

import csv
import io
from itertools import groupby
from typing import TYPE_CHECKING, NoReturn

from review.errors import InputError
from review.project.csv_tables import decode
from review.schema.cell_types import MAX_CELL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from review.project.csv_tables import Edit

Grid = dict[int, list[str]]


def check_written(former: bytes | None, written: bytes, edits: Sequence[Edit], name: str) -> None:
    """Compare a written table with the former one on which `edits` are replayed.

    Args:
        former: the bytes before; None for a new file.
        written: the bytes as they were read back from the disk.
        edits: what was meant to change.
        name: of the file, for messages.

    Raises:
        InputError: a cell differs from what was meant.
    """
    meant: Grid = dict(enumerate(_cells(former, name))) if former is not None else {0: []}
    blank = {n for n, cells in meant.items() if n and not any(text.strip() for text in cells)}
    for inserted, run in groupby(edits, lambda edit: edit.above is not None):
        if inserted:
            _put_between(meant, list(run))
        else:
            for edit in run:
                _replay(meant, edit, blank)
    count = 0
    wanted = iter(meant.values())
    for count, got in enumerate(_cells(written, name), 1):
        want = next(wanted, None)
        if want != got:
            _refuse(name, f"record {count} reads {got!r} instead of {want!r}")
    if count != len(meant):
        _refuse(name, f"it has {count} records instead of {len(meant)}")


def _cells(data: bytes, name: str) -> Iterator[list[str]]:
    """Yield the cells of each record, the header first."""
    text, _ = decode(data, name)
    before = csv.field_size_limit(max(len(text), MAX_CELL))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        _refuse(name, str(error))
    finally:
        csv.field_size_limit(before)


def _replay(grid: Grid, edit: Edit, blank: set[int]) -> None:
    """Do an edit; lines that were blank in the former file are no rows and stay as they are."""
    columns = [text.strip() for text in grid[0]]
    if edit.number == 0:
        gone = {columns.index(column) for column in edit.before or ()}
        new = list(edit.after or {})
        for number, cells in grid.items():
            if number not in blank:
                cells[:] = [text for i, text in enumerate(cells) if i not in gone]
                cells.extend([""] * len(new) if number else new)
    elif edit.after is None:
        del grid[edit.number]
    elif edit.before is None:
        grid[edit.number] = [edit.after.get(column, "") for column in columns]
    else:
        for column, text in edit.after.items():
            grid[edit.number][columns.index(column)] = text


def _put_between(grid: Grid, edits: Sequence[Edit]) -> None:
    """Put new rows above others, all in one pass."""
    columns = [text.strip() for text in grid[0]]
    above: dict[int | None, list[Edit]] = {}
    for edit in edits:
        above.setdefault(edit.above, []).append(edit)

    def put(number: int, cells: list[str]) -> None:
        for edit in above.pop(number, ()):
            put(edit.number, [(edit.after or {}).get(column, "") for column in columns])
        grid[number] = cells

    there = list(grid.items())
    grid.clear()
    for number, cells in there:
        put(number, cells)


def _refuse(name: str, what: str) -> NoReturn:
    raise InputError(
        f"{name}: what was written is not what was meant ({what}); nothing was changed"
    )

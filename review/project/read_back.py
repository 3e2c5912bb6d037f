"""Checks a table that was written against what was meant: every cell, touched or not.

The writer of `tables.RawTable` works on the text of records. Here the csv module alone reads both
the former and the new file, and the changes are replayed on its cells: a cell that landed in
another column, or one that changed without being meant, cannot pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.errors import InputError
from review.project.csv_records import records
from review.project.tables import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project.tables import Edit

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
    meant = _cells(former, name) if former is not None else {0: []}
    for edit in edits:
        _replay(meant, edit)
    found = list(_cells(written, name).values())
    for at, (want, got) in enumerate(zip(meant.values(), found, strict=False)):
        if want != got:
            _refuse(name, f"record {at + 1} reads {got!r} instead of {want!r}")
    if len(meant) != len(found):
        _refuse(name, f"it has {len(found)} records instead of {len(meant)}")


def _cells(data: bytes, name: str) -> Grid:
    """Return the cells of each record by its number; the header is 0."""
    text, _ = decode(data, name)
    return {number: record.cells for number, record in enumerate(records(text, name))}


def _replay(grid: Grid, edit: Edit) -> None:
    columns = [text.strip() for text in grid[0]]
    if edit.number == 0:
        new = list(edit.after or {})
        for number, cells in grid.items():
            if number == 0 or any(text.strip() for text in cells):
                cells.extend([""] * len(new) if number else new)
    elif edit.after is None:
        del grid[edit.number]
    elif edit.before is None:
        grid[edit.number] = [edit.after.get(column, "") for column in columns]
    else:
        for column, text in edit.after.items():
            grid[edit.number][columns.index(column)] = text


def _refuse(name: str, what: str) -> None:
    raise InputError(
        f"{name}: what was written is not what was meant ({what}); nothing was changed"
    )

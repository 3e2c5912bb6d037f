"""Which row of a sheet holds the headings, and what they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from review.errors import DataError
from review.formats.workbook import stored_text
from review.project.problems import Problem, shorten
from review.schema.numerals import COMMA, POINT, find_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.grid import Grid
    from review.formats.read_options import ReadOptions


def find_header(
    grid: Grid, filled: Sequence[int], options: ReadOptions, notes: list[str]
) -> tuple[int, int]:
    """Return the first and the last row of the headings, as rows of the grid.

    Args:
        grid: the sheet or file.
        filled: filled cells of each row.
        options: the rows, where the user names them.
        notes: gets a remark when rows above the headings are not read.

    Raises:
        DataError: the rows named are not there or empty, or no row can hold headings.
    """
    if options.header_row is not None:
        return _given(grid, filled, options.header_row)
    first = next(i for i, n in enumerate(filled) if n)
    row = first
    if max(filled) >= 2:
        while filled[row] <= 1 and row + 1 < len(filled):
            row += 1
    if row > first:
        if _is_title(grid, first, row) and all(_is_word(v) for v in grid.cells.row(row) if v != ""):
            notes.append(_above(grid, first, row))
        else:
            row = first  # a first row with one heading only, over rows of data
    numbers = sum(1 for v in grid.cells.row(row) if v != "" and not _is_word(v))
    if 2 * numbers >= filled[row]:
        raise _no_headings(grid, row)
    return row, row


def _is_title(grid: Grid, first: int, row: int) -> bool:
    """Tell whether rows of one cell are a title: several words, or an empty row below."""
    rows = [[v for v in grid.cells.row(i) if v != ""] for i in range(first, row)]
    return not all(rows) or any(" " in stored_text(r[0]) for r in rows if r)


def _given(grid: Grid, filled: Sequence[int], rows: tuple[int, int]) -> tuple[int, int]:
    at = {line: i for i, line in enumerate(grid.lines)}
    places = [at.get(line) for line in rows]
    if None in places or not filled[places[1] or 0]:
        text = f"row {rows[1]} holds no headings: "
        text += "it is empty" if None not in places else f"the rows are 1 to {grid.lines[-1]}"
        problem = Problem(grid.file, text, sheet=grid.sheet, remedy="name another --header-row")
        raise DataError(str(problem), [problem])
    return places[0] or 0, places[1] or 0


def _above(grid: Grid, first: int, row: int) -> str:
    """Name the cells above the headings."""
    above = [
        f"{grid.name_of(i, j)} {shorten(stored_text(v), 40)!r}"
        for i in range(first, row)
        for j, v in enumerate(grid.cells.row(i))
        if v != ""
    ]
    return (
        f"the headings are in row {grid.lines[row]}; above them {', '.join(above)} "
        f"{'is' if len(above) == 1 else 'are'} not read"
    )


def _no_headings(grid: Grid, row: int) -> DataError:
    shown = ", ".join(stored_text(v) for v in grid.cells.row(row) if v != "")
    problem = Problem(
        grid.file,
        f"row {grid.lines[row]} holds numbers where headings are expected ({shorten(shown)})",
        line=grid.lines[row],
        sheet=grid.sheet,
        remedy="put a row of headings above it, or name the row that holds them with --header-row",
    )
    return DataError(str(problem), [problem])


def join_headings(grid: Grid, first: int, last: int) -> list[str]:
    """Return the heading of each column; of several rows, joined from top to bottom.

    A heading that spans columns, merged or followed by empty cells, holds for all of them.
    """
    lines = [[tidy_heading(v) for v in grid.cells.row(i)] for i in range(first, last + 1)]
    for i, line in zip(range(first, last), lines[:-1], strict=True):
        _spread(grid, i, line, lines[-1])
    joined = []
    for parts in zip(*lines, strict=True):
        unlike = [p for k, p in enumerate(parts) if p and p not in parts[:k]]
        joined.append(" ".join(unlike) if parts[-1] or len(unlike) == 1 else "")
    return joined


def _spread(grid: Grid, row: int, line: list[str], lowest: Sequence[str]) -> None:
    """Repeat a heading over the columns that it spans."""
    merged = [m for m in grid.marks.merged if m[0][0] <= row <= m[1][0]]
    if merged:
        for (_, left), (_, right) in merged:
            for j in range(left + 1, min(right + 1, len(line))):
                line[j] = line[left]
        return
    for j in range(1, len(line)):
        if not line[j] and lowest[j]:
            line[j] = line[j - 1]


def tidy_heading(value: Any) -> str:
    r"""Return a heading on one line.

    Example:
        >>> tidy_heading("Sample\n size "), tidy_heading(2019.0)
        ('Sample size', '2019')
    """
    return re.sub(r"[\s\u200b\ufeff]+", " ", stored_text(value)).strip()


def _is_word(value: Any) -> bool:
    """Tell whether a cell can be a heading: text that is no number."""
    if not isinstance(value, str):
        return False
    return find_decimal(value, POINT) is None and find_decimal(value, COMMA) is None

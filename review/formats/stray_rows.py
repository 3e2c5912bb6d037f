"""Rows of a sheet that are no record: totals, repeated headings, a second table, notes below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from review.formats.grid import letters
from review.formats.header_rows import tidy_heading
from review.formats.workbook import stored_text
from review.project.problems import Problem, shorten
from review.schema import summing_rows
from review.schema.missing_marks import missing_reason
from review.schema.numerals import COMMA, POINT, find_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.grid import Grid
    from review.formats.sheet_table import SheetTable

_FOOTNOTE: Final = re.compile(
    r"(?:[*†‡§¶#]|\d\)|[a-z]\)|notes?\b|abbreviations?\b|sources?\b|legend\b|footnotes?\b)"
    r"|.*\b[A-Z][A-Za-z]*\s?[=:]\s?\w|.{80}",
    re.IGNORECASE | re.DOTALL,
)


def check_rows(table: SheetTable, filled: Sequence[int], *, totals_are_wrong: bool = True) -> None:
    """Take rows that are no record out of the table, and say so.

    Args:
        table: its rows are all that are filled below the headings.
        filled: filled cells of each row of the grid.
        totals_are_wrong: a row called Total is a problem, and otherwise a note.
    """
    _notes_below(table, filled)
    words = _first_words(table)
    _repeated_headings(table, words)
    _second_table(table, filled)
    _totals(table, words, wrong=totals_are_wrong)
    _single_cells(table, filled)


def _notes_below(table: SheetTable, filled: Sequence[int]) -> None:
    """Leave out the last rows that hold one cell with a footnote."""
    rows, width = table.rows, len(table.headings)
    end = len(rows)
    while end > 1 and width > 1 and filled[rows[end - 1]] == 1:
        place = _only_cell(table.grid, rows[end - 1])
        apart = rows[end - 1] - rows[end - 2] > 1
        if not (apart or _FOOTNOTE.match(place[1])):
            break
        end -= 1
    # an empty row above the first note sets all of them apart
    below = [_only_cell(table.grid, r) for r in rows[end:]]
    if below:
        listed = ", ".join(f"{name} {shorten(text, 40)!r}" for name, text in below[:5])
        more = f" and {len(below) - 5} more" if len(below) > 5 else ""
        table.note(f"below the table {listed}{more} {'is' if len(below) == 1 else 'are'} not read")
        table.rows = rows[:end]


def _only_cell(grid: Grid, row: int) -> tuple[str, str]:
    """Return the place and the text of the only filled cell of a row."""
    index, value = next((j, v) for j, v in enumerate(grid.cells.row(row)) if v != "")
    return place_name(grid, row, index), stored_text(value)


def place_name(grid: Grid, row: int, column: int) -> str:
    """Return C7 in a sheet, and `line 7` in a text file."""
    if grid.sheet is None:
        return f"line {grid.lines[row]}"
    return f"{letters(column)}{grid.lines[row]}"


def _row_problem(table: SheetTable, row: int, message: str, **more: Any) -> Problem:
    grid = table.grid
    cells = grid.cells.row(row)
    first = next((j for j, v in enumerate(cells) if v != ""), 0)
    return Problem(
        grid.file, message, line=grid.lines[row], sheet=grid.sheet,
        cell=None if grid.sheet is None else place_name(grid, row, first),
        value=stored_text(cells[first]), **more,
    )  # fmt: skip


def _repeated_headings(table: SheetTable, words: Sequence[str]) -> None:
    """Refuse the headings in the middle of the table, as when files were put together."""
    heading = table.headings[0].casefold()
    if heading not in words:
        return  # also when no cell is suspect
    again = [
        row
        for row, word in zip(table.rows, words, strict=True)
        if word == heading and _is_heading_row(table, row)
    ]
    for row in again:
        table.add(
            _row_problem(
                table, row, "the headings stand here again",
                remedy="take the row out, or put a second table into a sheet of its own",
            )
        )  # fmt: skip


def _first_words(table: SheetTable) -> list[str]:
    """Return the first column in small letters, "" for what is no text; [] when none is suspect.

    Few first letters are looked at before many cells.
    """
    values = table.raw(table.headings[0])
    starts = {v[:3].casefold() for v in {v[:3] for v in values if isinstance(v, str)}}
    if starts.isdisjoint(summing_rows.STARTS) and table.headings[0][:3].casefold() not in starts:
        return []
    return [v.casefold() if isinstance(v, str) else "" for v in values]


def _is_heading_row(table: SheetTable, row: int) -> bool:
    cells = table.grid.cells.row(row)
    pairs = zip(table.headings, table.indices, strict=True)
    same = sum(tidy_heading(cells[j]).casefold() == h.casefold() for h, j in pairs)
    return 2 * same > len(table.headings) and same > 1


def _second_table(table: SheetTable, filled: Sequence[int]) -> None:
    """Refuse a block below an empty row that starts with headings of its own."""
    rows = table.rows
    if not rows or rows[-1] - rows[0] + 1 == len(rows):
        return  # no empty row
    starts = [k for k in range(1, len(rows)) if rows[k] - rows[k - 1] > 1]
    known = {p.line for p in table.problems}
    for k in starts:
        row = table.rows[k]
        if table.grid.lines[row] in known or k + 1 >= len(table.rows) or filled[row] < 2:
            continue
        if _are_headings(table, k):
            last = table.rows[-1]
            table.add(
                _row_problem(
                    table, row,
                    f"a second table starts here (to row {table.grid.lines[last]})",
                    remedy="put it into a sheet or file of its own",
                )
            )  # fmt: skip
            return


def _are_headings(table: SheetTable, start: int) -> bool:
    """Tell whether a row holds words where the rows above it hold numbers."""
    above, row = table.rows[:start], table.rows[start]
    words = 0
    for j in table.indices:
        column = table.grid.cells.column(j)
        value = column[row]
        if missing_reason(stored_text(value)) is not None:
            continue
        if _is_number(value):
            return False
        numbers = sum(_is_number(column[r]) for r in above)
        words += 2 * numbers > sum(column[r] != "" for r in above)
    return words > 0


def _is_number(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    return find_decimal(value, POINT) is not None or find_decimal(value, COMMA) is not None


def _totals(table: SheetTable, words: Sequence[str], *, wrong: bool) -> None:
    """Find rows that sum up the others by what stands in their first cell."""
    found = [r for r, word in zip(table.rows, words, strict=False) if summing_rows.sums_up(word)]
    column = table.grid.cells.column(table.indices[0])
    if not wrong:
        table.notes += [
            f"{place_name(table.grid, r, table.indices[0])} {column[r]!r} is read like any row"
            for r in found
        ]
        return
    table.problems += [
        _row_problem(
            table, r, summing_rows.MESSAGE, remedy=summing_rows.REMEDY,
        )
        for r in found
    ]  # fmt: skip


def _single_cells(table: SheetTable, filled: Sequence[int]) -> None:
    """Say which rows hold one cell only, as headings inside a table do."""
    if len(table.headings) < 3 or 1 not in filled:
        return
    alone = [r for r in table.rows if filled[r] == 1]
    if alone and len(alone) < len(table.rows):
        listed = [" ".join((p, repr(shorten(t, 40)))) for p, t in (
            _only_cell(table.grid, r) for r in alone[:5])]  # fmt: skip
        more = f" and {len(alone) - 5} more" if len(alone) > 5 else ""
        one = len(alone) == 1
        table.note(
            f"{', '.join(listed)}{more} {'is' if one else 'are'} alone in "
            f"{'its row' if one else 'their rows'}: {'a heading' if one else 'headings'} inside "
            "the table?"
        )

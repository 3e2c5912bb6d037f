"""Where a table stands in a sheet: its headings, its columns, its rows, and what else is filled.

Nothing filled is dropped in silence: it is part of the table, or a problem or note names it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from review.errors import DataError
from review.formats.grid import RowCells, letters
from review.formats.header_rows import find_header, join_headings
from review.formats.read_options import DEFAULT, ReadOptions
from review.formats.sheet_table import SheetTable
from review.formats.stray_rows import check_rows, place_name
from review.formats.workbook import stored_text
from review.project.problems import Problem, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.grid import Grid


def lay_out(
    grid: Grid, options: ReadOptions = DEFAULT, *, totals_are_wrong: bool = True
) -> SheetTable:
    """Return the table that stands in a grid, with everything that is wrong in `problems`.

    Args:
        grid: the cells of a sheet or file.
        options: the rows of the headings; whether merged cells are filled.
        totals_are_wrong: a row called Total is a problem, and otherwise a note.

    Raises:
        DataError: nothing is filled, or no row can hold headings.
    """
    if options.fill_merged:
        _fill_merged(grid)
    filled = grid.cells.filled()
    if not any(filled):
        problem = Problem(
            grid.file, "the file is empty" if grid.sheet is None else "the sheet is empty",
            sheet=grid.sheet, allowed="a row of headings and rows below it",
        )  # fmt: skip
        raise DataError(str(problem), [problem])
    notes = list(grid.notes)
    first, last = find_header(grid, filled, options, notes)
    headings = join_headings(grid, first, last)
    rows: Sequence[int] = range(last + 1, len(filled))
    if not all(filled[last + 1 :]):
        rows = [i for i in rows if filled[i]]
    named = [j for j, h in enumerate(headings) if h]
    if not named:
        problem = Problem(
            grid.file, f"row {grid.lines[last]} holds no headings", sheet=grid.sheet,
            line=grid.lines[last], remedy="name the row that holds them with --header-row",
        )  # fmt: skip
        raise DataError(str(problem), [problem])
    table = SheetTable(grid, [headings[j] for j in named], named, rows, last, options, notes=notes)
    _unnamed_columns(table, headings)
    _same_headings(table)
    _uneven_rows(table, headings)
    check_rows(table, filled, totals_are_wrong=totals_are_wrong)
    _beside(table, headings)
    if not options.fill_merged:
        _merged_cells(table)
    _lost_values(table)
    if not table.rows:
        problem = Problem(
            grid.file, "there are headings but no rows below them", sheet=grid.sheet,
            line=grid.lines[last],
        )  # fmt: skip
        table.add(problem)
    return table


def _column_problem(table: SheetTable, index: int, message: str, **more: Any) -> Problem:
    """Return a problem with a column, at its heading."""
    grid = table.grid
    line = grid.lines[table.header_row]
    cell = None if grid.sheet is None else f"{letters(index)}{line}"
    return Problem(grid.file, message, line=line, sheet=grid.sheet, cell=cell, **more)


def _unnamed_columns(table: SheetTable, headings: Sequence[str]) -> None:
    """Refuse columns that are filled but have no heading, unless they number the rows."""
    cells, grid = table.grid.cells, table.grid
    for j, heading in enumerate(headings):
        if heading:
            continue
        column = cells.column(j)
        values = [(r, column[r]) for r in table.rows if column[r] != ""]
        if not values or (grid.widths is not None and j >= grid.widths[table.header_row]):
            continue  # the cells beyond the headings of a text file are named row by row
        texts = [stored_text(v) for _, v in values]
        name = f"column {letters(j)}" if grid.sheet else f"column {j + 1}"
        if j == 0 and texts in ([str(i + k) for i in range(len(table.rows))] for k in (0, 1)):
            table.note(
                f"{name} numbers the rows ({texts[0]} to {texts[-1]}) without a heading: not read"
            )
            continue
        where = place_name(grid, values[0][0], j)
        count = "1 cell" if len(values) == 1 else f"{len(values)} cells"
        table.add(
            _column_problem(
                table, j,
                f"{name} is filled ({count} from {where}) but has no heading",
                value=texts[0],
                remedy="write a heading above it, or empty the column"
                + ("; headings in two rows are read with --header-row 1-2" if _in_two_rows(table)
                   else ""),
            )
        )  # fmt: skip


def _in_two_rows(table: SheetTable) -> bool:
    """Tell whether the first row below the headings holds words only, over numbers."""
    if len(table.rows) < 2:
        return False
    top, below = (table.grid.cells.row(r) for r in table.rows[:2])
    pairs = [(t, b) for t, b in zip(top, below, strict=True) if t != ""]
    return all(isinstance(t, str) and not t[:1].isdigit() for t, _ in pairs) and any(
        not isinstance(b, str) or b[:1].isdigit() for _, b in pairs
    )


def _same_headings(table: SheetTable) -> None:
    """Refuse headings that differ in letter case at most."""
    places = defaultdict(list)
    for heading, index in zip(table.headings, table.indices, strict=True):
        places[heading.casefold()].append((heading, index))
    for same in places.values():
        if len(same) == 1:
            continue
        line = table.grid.lines[table.header_row]
        listed = " and ".join(
            f"{letters(j)}{line}" if table.grid.sheet else f"column {j + 1}" for _, j in same
        )
        spelled = "" if len({h for h, _ in same}) == 1 else " (letter case does not distinguish)"
        table.add(
            _column_problem(
                table, same[1][1], f"{len(same)} columns have this heading: {listed}{spelled}",
                column=same[0][0], remedy="give each column a heading of its own",
            )
        )  # fmt: skip


def _uneven_rows(table: SheetTable, headings: Sequence[str]) -> None:
    """Refuse rows of a text file that have more or fewer cells than headings."""
    grid = table.grid
    if grid.widths is None:
        return
    width = grid.widths[table.header_row]
    uneven = [r for r in table.rows if grid.widths[r] != width]
    kept = []
    for row in uneven:
        beyond = [v for v in grid.cells.row(row)[width:] if v]
        if grid.widths[row] > width and not beyond:
            continue
        kept.append(row)
        more = grid.widths[row] > width
        table.add(
            Problem(
                grid.file, f"the row has {grid.widths[row]} cells, the headings {width}",
                line=grid.lines[row], value=grid.cells.row(row)[0],
                remedy=_put_right(table, more=more),
            )
        )  # fmt: skip
    if headings and len(kept) == len(table.rows) > 1 and len({grid.widths[r] for r in kept}) == 1:
        table.problems = [p for p in table.problems if p.line not in {grid.lines[r] for r in kept}]
        table.add(
            Problem(
                grid.file,
                f"all rows have {grid.widths[kept[0]]} cells, the headings {width}",
                line=grid.lines[table.header_row],
                remedy="give each column a heading (R's write.table leaves out that of row names)"
                "; put numbers with decimal commas between double quotes",
            )
        )


def _put_right(table: SheetTable, *, more: bool) -> str:
    delimiter = table.grid.said[0] if table.grid.said else "comma"
    if not more:
        return f"give the row one cell per column: an empty cell keeps its {delimiter}"
    return f'put text that holds a {delimiter} between double quotes: "a, b"'


def _beside(table: SheetTable, headings: Sequence[str]) -> None:
    """Refuse a table beside the first one: after an empty column, in rows of its own."""
    grid, rows = table.grid, table.rows
    if grid.sheet is None or not rows:
        return
    gaps = [j for j in range(1, len(headings)) if not headings[j] and headings[j - 1]]
    for gap in gaps:
        right = [j for j in range(gap, len(headings)) if headings[j]]
        left = [j for j in range(gap) if headings[j]]
        if not right or not left or any(grid.cells.column(gap)[r] != "" for r in rows):
            continue
        ends = [_last_filled(grid, part, rows) for part in (left, right)]
        where = f"{letters(right[0])}{grid.lines[table.header_row]}"
        if ends[1] > ends[0]:
            table.add(
                _column_problem(
                    table, right[0], f"a second table starts here, beside the first: its rows go "
                    f"on to row {grid.lines[ends[1]]}, those of the first to {grid.lines[ends[0]]}",
                    column=headings[right[0]], remedy="put it into a sheet or file of its own",
                )
            )  # fmt: skip
        else:
            table.note(
                f"column {letters(gap)} is empty; those from {where} {headings[right[0]]!r} on "
                "are read as part of the table"
            )
        return


def _last_filled(grid: Grid, columns: Sequence[int], rows: Sequence[int]) -> int:
    parts = [grid.cells.column(j) for j in columns]
    return next((r for r in reversed(rows) if any(c[r] != "" for c in parts)), rows[0])


def _fill_merged(grid: Grid) -> None:
    """Give the value of merged cells to each of their cells."""
    if isinstance(grid.cells, RowCells):
        rows = grid.cells.rows
        for (top, left), (bottom, right) in grid.marks.merged:
            for i in range(top, min(bottom + 1, len(rows))):
                for j in range(left, min(right + 1, len(rows[i]))):
                    rows[i][j] = rows[top][left]
        grid.cells = RowCells(rows)


def _merged_cells(table: SheetTable) -> None:
    """Refuse merged cells in a column that is used: only the first of them holds the value."""
    data = set(table.rows) if table.grid.marks.merged else set()
    for (top, left), (bottom, right) in table.grid.marks.merged:
        covered = [r for r in range(top, bottom + 1) if r in data]
        if left not in table.indices or not covered or (top == bottom and left == right):
            continue
        heading = table.headings[table.indices.index(left)]
        name = f"{table.grid.name_of(top, left)}:{table.grid.name_of(bottom, right)}"
        table.pending.setdefault(heading, []).append(
            Problem(
                table.file, f"{name} are merged, so only the first cell holds the value",
                line=table.grid.lines[top], column=heading, sheet=table.grid.sheet,
                cell=table.grid.name_of(top, left),
                value=stored_text(table.grid.cells.column(left)[top]),
                remedy="--fill-merged gives it to each of them; or split the cells in the sheet",
            )
        )  # fmt: skip


def _lost_values(table: SheetTable) -> None:
    """Refuse formulas without a stored value, and errors, in a column that is used."""
    if not (table.grid.marks.no_value or table.grid.marks.errors):
        return
    data = set(table.rows)
    heading_of = dict(zip(table.indices, table.headings, strict=True))
    grouped: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    for kind, cells in (("formula", table.grid.marks.no_value), ("error", table.grid.marks.errors)):
        for (row, column), text in cells.items():
            if row in data and column in heading_of:
                grouped[column, kind].append((row, text))
    for (column, kind), found in grouped.items():
        row, text = min(found)
        heading = heading_of[column]
        count = f" (and {len(found) - 1} more in the column)" if len(found) > 1 else ""
        formula = kind == "formula"
        table.pending.setdefault(heading, []).append(
            Problem(
                table.file,
                ("a formula without a stored value" if formula else "an error of the spreadsheet")
                + count,
                line=table.grid.lines[row], column=heading, sheet=table.grid.sheet,
                cell=table.grid.name_of(row, column),
                value=shorten("=" + text if formula else text),
                remedy="open the file in Excel or LibreOffice and save it: that stores the values"
                if formula
                else "put the formula right, or empty the cell if the value is missing",
            )
        )  # fmt: skip

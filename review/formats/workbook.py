"""Sheets of Excel and OpenDocument workbooks as grids: stored values, dates, what is hidden."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from review.errors import DataError, UnknownNameError
from review.formats.archive_parts import open_archive, unreadable
from review.formats.grid import Grid, Marks, RowCells, collector_paused, letters
from review.project.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from python_calamine import CalamineSheet, CalamineWorkbook

    from review.formats.read_options import ReadOptions
    from review.formats.xlsx_marks import XlsxParts

T = TypeVar("T")
ZIP_START: Final = b"PK\x03\x04"
OLE_START: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(data: bytes) -> bool:
    """Tell by its first bytes whether a file is a workbook, whatever it is called."""
    return data.startswith((ZIP_START, OLE_START))


def workbook_grid(
    data: bytes, name: str, options: ReadOptions, *, prefer: str | None = None
) -> Grid:
    """Return the cells of the sheet that is named, or of the only one that is filled.

    Args:
        data: the bytes of an .xlsx, .xlsm, .ods or .xls file.
        name: for messages.
        options: the sheet, where the user names it.
        prefer: a sheet that is taken when it is there and none is named.

    Raises:
        DataError: the file is no workbook or protected, no sheet is filled, or several are.
        UnknownNameError: there is no such sheet.
    """
    with _Book(data, name) as book, collector_paused():
        return book.grid(book.chosen(options.sheet, prefer))


@dataclass
class _Filled:
    """A sheet that holds something."""

    name: str
    rows: int
    columns: int
    hidden: bool

    def __str__(self) -> str:
        hidden = ", hidden" if self.hidden else ""
        return f"{self.name!r} ({self.rows} rows, {self.columns} columns{hidden})"


class _Book:
    """An open workbook: the fast reader for values, the archive for what it does not tell."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.archive = _archive(data, name)
        self.notes: list[str] = []
        self._ods: dict[str, Marks] | None = None
        self._hidden: set[str] = set()
        self._xlsx: XlsxParts | None = None
        if self.archive is not None:
            self._look_inside(self.archive)
        self._book: CalamineWorkbook = _guarded(name, lambda: _opened(data))
        self._sheets: dict[str, CalamineSheet] = {}

    def _look_inside(self, archive: zipfile.ZipFile) -> None:
        from review.formats.ods_marks import ods_marks
        from review.formats.xlsx_marks import XlsxParts

        def look() -> None:
            if "content.xml" in archive.namelist():
                self._ods, self._hidden = ods_marks(archive, self.name)
            else:
                self._xlsx = XlsxParts(archive, self.name)

        _guarded(self.name, look)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()
        if self._xlsx is not None:
            self._xlsx.close()
        if self.archive is not None:
            self.archive.close()

    def sheet(self, name: str) -> CalamineSheet:
        """Return a sheet, after its size was looked at."""
        if name not in self._sheets:
            if self._xlsx is not None:
                parts = self._xlsx
                _guarded(self.name, lambda: parts.begin(name))
            self._sheets[name] = _guarded(self.name, lambda: self._book.get_sheet_by_name(name))
        return self._sheets[name]

    def chosen(self, wanted: str | None, prefer: str | None) -> str:
        """Return the name of the sheet to read."""
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        sheets = [s for s in self._book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
        names = [s.name for s in sheets]
        self._hidden |= {s.name for s in sheets if s.visible != SheetVisibleEnum.Visible}
        named = wanted or (prefer if prefer in names else None)
        if named is not None:
            by_fold = {n.strip().casefold(): n for n in names}
            found = named if named in names else by_fold.get(named.strip().casefold())
            if found is None:
                raise UnknownNameError("sheet", named, names, where=f"in {self.name}")
            return found
        filled = [f for n in names if (f := self._filled(n)) is not None]
        shown = [f for f in filled if not f.hidden]
        if len(shown) == 1:
            self.notes += [
                f"sheet {f} is not read; --sheet reads it instead" for f in filled if f.hidden
            ]
            return shown[0].name
        raise self._no_choice(filled)

    def _filled(self, name: str) -> _Filled | None:
        sheet = self.sheet(name)
        if not sheet.height:
            return None
        return _Filled(name, sheet.height, sheet.width, name in self._hidden)

    def _no_choice(self, filled: Sequence[_Filled]) -> DataError:
        listed = "; ".join(map(str, filled))
        if not filled:
            text, remedy = "no sheet of the workbook holds anything", ""
        elif all(f.hidden for f in filled):
            text = f"only hidden sheets hold something: {listed}"
            remedy = "name the one to read with --sheet"
        else:
            text = f"{len(filled)} sheets are filled: {listed}"
            remedy = f"name the one to read, such as --sheet {filled[0].name!r}"
        problem = Problem(self.name, text, remedy=remedy)
        return DataError(str(problem), [problem])

    def grid(self, name: str) -> Grid:
        """Return the cells of a sheet and their marks."""
        sheet = self.sheet(name)
        values = _guarded(self.name, lambda: sheet.to_python(skip_empty_area=False))
        if not values or not values[0]:
            problem = Problem(self.name, "the sheet is empty", sheet=name)
            raise DataError(str(problem), [problem])
        rows: list[list[Any]] = values
        marks = self._marks(name, sheet)
        _show_lost(rows, marks)
        size = (len(rows), len(rows[0]))
        return Grid(
            self.name, name, RowCells(rows), range(1, size[0] + 1), marks=marks,
            said=[f"sheet {name!r}"], notes=[*self.notes, *_hidden_notes(marks, size)],
        )  # fmt: skip

    def _marks(self, name: str, sheet: CalamineSheet) -> Marks:
        merged = sheet.merged_cell_ranges or []
        if self._xlsx is not None:
            parts = self._xlsx
            marks = _guarded(self.name, lambda: parts.marks(name))
            marks.merged = merged
            return marks
        if self._ods is not None:
            return self._ods.get(name, Marks())
        self.notes.append(
            "an .xls file: number formats, hidden rows and errors of formulas cannot be seen"
        )
        return Marks(merged=merged)


def _show_lost(rows: list[list[Any]], marks: Marks) -> None:
    """Put errors, and formulas without a value, where the fast reader leaves nothing."""
    lost = marks.errors | {place: "=" + formula for place, formula in marks.no_value.items()}
    if not lost:
        return
    height = max(len(rows), *(row + 1 for row, _ in lost))
    width = max(len(rows[0]), *(column + 1 for _, column in lost))
    rows += [[] for _ in range(height - len(rows))]
    rows[:] = [row + [""] * (width - len(row)) for row in rows]
    for (line, column), text in lost.items():
        rows[line][column] = text


def _hidden_notes(marks: Marks, size: tuple[int, int]) -> list[str]:
    """Say which rows and columns are hidden in the sheet, and read all the same."""
    rows = [str(r + 1) for r in marks.hidden_rows if r < size[0]]
    columns = [letters(c) for c in marks.hidden_columns if c < size[1]]
    notes = []
    for what, hidden in (("row", rows), ("column", columns)):
        if hidden:
            listed = ", ".join(hidden[:12]) + (", ..." if len(hidden) > 12 else "")
            several = len(hidden) > 1
            notes.append(
                f"{what}{'s' if several else ''} {listed} {'are' if several else 'is'} hidden in "
                "the sheet and read like the others"
            )
    return notes


def stored_text(value: Any, digits: int | None = None, *, percent: bool = False) -> str:
    """Return a stored value as the text that stands in the sheet, without losing digits.

    Args:
        value: text, number, boolean, date or time.
        digits: decimals that the cell shows; zeros are added, nothing is rounded.
        percent: it is shown as a percentage.

    Example:
        >>> stored_text(0.9, 2), stored_text(120.0), stored_text(0.07, percent=True)
        ('0.90', '120', '7%')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int):
        return _number_text(value, digits, percent=percent)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _number_text(value: float, digits: int | None, *, percent: bool) -> str:
    if percent:
        number = Decimal(_shortest(value)).scaleb(2)
    elif digits is None and float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    else:
        number = Decimal(_shortest(value))
    exponent = number.normalize().as_tuple().exponent
    shown = max(digits or 0, -exponent if isinstance(exponent, int) else 0)
    text = f"{number:.{shown}f}" if abs(number) < 10**15 else str(number)
    return text + "%" if percent else text


def _shortest(value: float) -> str:
    """Return a number as spreadsheets show it: 15 digits, where the rest is the noise of binary.

    `0.1 + 0.2` is stored as 0.30000000000000004; nobody typed that.
    """
    exact, short = repr(float(value)), f"{value:.15g}"
    return short if len(short) < min(len(exact), 14) else exact


def _archive(data: bytes, name: str) -> zipfile.ZipFile | None:
    """Return the archive of a workbook, after its size was looked at; None for .xls."""
    if data.startswith(OLE_START):
        return None
    return open_archive(data, name)


def _opened(data: bytes) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_filelike(io.BytesIO(data))


def _guarded(name: str, action: Callable[[], T]) -> T:
    """Run a step of reading; whatever the libraries raise on a broken file is one error."""
    from xml.etree.ElementTree import ParseError

    from python_calamine import CalamineError, PasswordError

    try:
        return action()
    except DataError:
        raise
    except PasswordError:
        raise unreadable(name, "it is protected by a password; save it without one") from None
    except (CalamineError, ParseError, zlib.error, zipfile.BadZipFile, OSError, EOFError,
            KeyError, ValueError, RuntimeError) as error:  # fmt: skip
        raise unreadable(name, str(error) or type(error).__name__) from None
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # how the fast reader fails on damaged files
            raise unreadable(name, "the file is damaged") from None
        raise

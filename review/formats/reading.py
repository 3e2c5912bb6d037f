"""The way in for every table: a file becomes headings and rows, whatever program wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.errors import DataError, InputError
from review.formats.delimited import delimited_grid
from review.formats.read_options import DEFAULT, ReadOptions
from review.formats.sheet_layout import lay_out
from review.formats.text_encoding import utf16_without_mark
from review.formats.workbook import is_workbook, workbook_grid
from review.project.bounded import read_bounded
from review.project.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from review.formats.sheet_table import SheetTable


def read_sheet(
    path: Path,
    options: ReadOptions = DEFAULT,
    *,
    prefer: str | None = None,
    totals_are_wrong: bool = True,
) -> SheetTable:
    """Return the table of a CSV, Excel or OpenDocument file.

    What kind of file it is follows from its content, not from its name.

    Args:
        path: the file.
        options: what the user said about it.
        prefer: the sheet of a workbook that is taken when it is there and none is named.
        totals_are_wrong: a row called Total is a problem, and otherwise a note.

    Returns:
        The table. What is wrong with it is in `problems`, not raised, so that the problems of its
        cells can be added: `SheetTable.require` raises all together.

    Raises:
        InputError: there is no such file.
        DataError: the file cannot be read as a table at all.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file")
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'not a plain file'}")
    data = read_bounded(path)
    return table_from_bytes(
        data, path.name, options, prefer=prefer, totals_are_wrong=totals_are_wrong
    )


def table_from_bytes(
    data: bytes,
    name: str,
    options: ReadOptions = DEFAULT,
    *,
    prefer: str | None = None,
    totals_are_wrong: bool = True,
) -> SheetTable:
    r"""Return the table that bytes hold; see `read_sheet`.

    Example:
        >>> table = table_from_bytes("Studie;AUC\nMüller;0,93\n".encode("cp1252"), "a.csv")
        >>> table.describe(), table.texts("AUC")
        ('read a.csv: semicolon, Windows-1252, 1 row', ['0,93'])
    """
    if is_workbook(data):
        grid = workbook_grid(data, name, options, prefer=prefer)
    else:
        _refuse_other(data, name)
        if options.sheet is not None:
            raise InputError(f"--sheet is about workbooks; {name} is a text file")
        grid = delimited_grid(data, name, options)
    return lay_out(grid, options, totals_are_wrong=totals_are_wrong)


def _refuse_other(data: bytes, name: str) -> None:
    """Refuse what is neither text nor workbook, with the way out."""
    start = data[:1000].lstrip().lower()
    kind = next((kind for mark, kind in _OTHERS if start.startswith(mark)), None)
    two_bytes = data[:2] in {b"\xff\xfe", b"\xfe\xff"} or utf16_without_mark(data) is not None
    if kind is None and 0 in data[:20_000] and not two_bytes:
        kind = "neither text nor a workbook"
    if kind is not None:
        problem = Problem(
            name, f"the file is {kind}", allowed="CSV, .xlsx, .ods or .xls",
            remedy="open it in a spreadsheet program and save it as .xlsx or as CSV UTF-8",
        )  # fmt: skip
        raise DataError(str(problem), [problem])


_OTHERS = (
    (b"<html", "a web page"), (b"<!doctype html", "a web page"), (b"<table", "a web page"),
    (b"<?xml", "XML"), (b"%pdf", "a PDF"), (b"{\\rtf", "a Rich Text document"),
    (b"\x1f\x8b", "packed with gzip"), (b"$fl", "an SPSS file"), (b"<stata", "a Stata file"),
)  # fmt: skip

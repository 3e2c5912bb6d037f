"""Reads files of a folder that may come from somebody else: bounded, and none from outside of it.

A file is read when it is a plain file, lies in the folder once every link is followed, and is not
larger than anything that the program has use for. A pipe or device is never opened for long, so
that no file can make a command wait.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from review.errors import DataError
from review.project.problems import Problem

MEGABYTE: Final = 1_000_000
# tables with abstracts of 100,000 records stay below
MAX_BYTES: Final = 500 * MEGABYTE
# what a sheet of a spreadsheet program can hold (Excel specifications and limits)
MAX_COLUMNS: Final = 16_384
# line ends and delimiters count inside quoted cells too, so these leave room for long texts
MAX_LINES: Final = 2_000_000
MAX_CELLS: Final = 20_000_000
# places for cells, where rows are filled up to the widest
MAX_GRID: Final = 60_000_000


def read_bounded(
    path: Path, name: str | None = None, *, root: Path | None = None, most: int = MAX_BYTES
) -> bytes:
    """Return the bytes of a file.

    Args:
        path: the file.
        name: how messages call it; its own name without one.
        root: the folder that it must lie in; None for a file that the user named.
        most: bytes.

    Raises:
        DataError: missing, not readable, not a plain file, too large, or a link that leads out of
            the folder.

    Example:
        >>> from review.resources import resource_dir
        >>> folder = resource_dir("data") / "kim2022"
        >>> read_bounded(folder / "review.toml", root=folder)[:7]
        b'title ='
    """
    name = name or path.name
    require_inside(path, name, root)
    try:
        # without waiting: opening a pipe would otherwise last until somebody writes to it
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _binary())
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise DataError(f"{name}: not a plain file")
            # files that the system makes up while they are read have no size
            with open(handle, "rb", closefd=False) as file:
                data = b"" if found.st_size > most else file.read(most + 1)
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise DataError(f"{name}: no such file in {path.parent}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{name}: cannot be read ({reason})") from None
    if found.st_size > most or len(data) > most:
        size = max(found.st_size, len(data)) / MEGABYTE
        raise DataError(
            f"{name}: the file has {size:,.1f} MB, and at most {most / MEGABYTE:,.0f} MB are read"
        )
    return data


def require_inside(path: Path, name: str, root: Path | None) -> None:
    """Refuse a file that does not lie in a folder once every link is followed.

    Raises:
        DataError: with the place that the link leads to.
    """
    if root is not None and (outside := leads_out(path, root)) is not None:
        raise DataError(
            f"{name}: the link leads out of the folder, to {outside}; copy the file into the folder"
        )


def _binary() -> int:
    return getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def leads_out(path: Path, root: Path) -> Path | None:
    """Return where a path ends when links lead it out of a folder; None when it stays inside.

    Example:
        >>> leads_out(Path("a/b.csv"), Path("a")) is None
        True
    """
    target = Path(os.path.realpath(path))
    return None if target.is_relative_to(os.path.realpath(root)) else target


def check_form(data: bytes, name: str) -> None:
    """Refuse a CSV file with more lines, cells or columns than any table of a review has.

    Counting bytes takes a thousandth of the time and no memory, where reading the cells would take
    minutes and gigabytes.

    Raises:
        DataError: with what is too many and what is allowed.
    """
    header = data[: data.find(b"\n") + 1 or len(data)]
    columns = header.count(b",") + 1
    lines = data.count(b"\n") + data.count(b"\r")
    _refuse_more("columns", columns, MAX_COLUMNS, name, line=1)
    _refuse_more("lines", lines, MAX_LINES, name)
    _refuse_more("cells", data.count(b","), MAX_CELLS, name)
    # short rows are filled up to the columns of the header
    _refuse_more("places for cells", columns * lines, MAX_GRID, name)


def check_signs(text: str, delimiter: str, name: str) -> None:
    """Refuse a text file with more lines or cells than any table has.

    Raises:
        DataError: with what is too many and what is allowed.
    """
    _refuse_more("lines", text.count("\n") + text.count("\r"), MAX_LINES, name)
    _refuse_more("cells", text.count(delimiter), MAX_CELLS, name)


def _refuse_more(what: str, count: int, most: int, name: str, *, line: int | None = None) -> None:
    if count > most:
        problem = Problem(
            name, f"the table has {count:,} {what}", line=line, allowed=f"at most {most:,}"
        )
        raise DataError(str(problem), [problem])

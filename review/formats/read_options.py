"""What a user may say about a table: sheet, rows of headings, marks, encoding, names, missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.schema.day_order import DayOrder
    from review.schema.numerals import Mark

DELIMITERS: Final = {
    "comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " ", "\\t": "\t",
}  # fmt: skip
DELIMITER_NAMES: Final = {
    ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a table is read; everything that is not said is found out, and told.

    Attributes:
        sheet: of a workbook.
        header_row: first and last row that hold the headings, counted from 1.
        delimiter: the character between the cells of a text file.
        decimal: the decimal mark of all columns.
        encoding: of a text file.
        mapping: heading -> variable; several variables of one column joined by `+`.
        missing: words or numbers that mean missing, beside the usual ones.
        day_order: whether day or month stands first in dates such as 03/02/2019.
        fill_merged: merged cells give their value to each of their rows.
        fix: take every suggestion for a cell that cannot be read as it is.
    """

    sheet: str | None = None
    header_row: tuple[int, int] | None = None
    delimiter: str | None = None
    decimal: Mark | None = None
    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    day_order: DayOrder | None = None
    fill_merged: bool = False
    fix: bool = False


DEFAULT: Final = ReadOptions()


def options_from_text(
    *,
    sheet: str | None = None,
    header_row: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    mapping: Sequence[str] = (),
    missing: Sequence[str] = (),
    day_order: DayOrder | None = None,
    fill_merged: bool = False,
    fix: bool = False,
) -> ReadOptions:
    """Return options from what was typed.

    Args:
        sheet: its name.
        header_row: a row such as "3", or several such as "2-3".
        delimiter: a character or its name: comma, semicolon, tab, pipe, space.
        decimal: `.` or `,`, or point or comma.
        encoding: a name such as utf-8 or windows-1252.
        mapping: each "heading=variable".
        missing: words.
        day_order: day or month.
        fill_merged: as in `ReadOptions`.
        fix: as in `ReadOptions`.

    Raises:
        InputError: one of them cannot be understood.

    Example:
        >>> options_from_text(header_row="2-3", mapping=["Age (y)=age"]).mapping
        {'Age (y)': 'age'}
    """
    return ReadOptions(
        sheet=sheet,
        header_row=_rows(header_row),
        delimiter=_delimiter(delimiter),
        decimal=_decimal(decimal),
        encoding=_encoding(encoding),
        mapping=_mapping(mapping),
        missing=tuple(word.strip() for word in missing if word.strip()),
        day_order=day_order,
        fill_merged=fill_merged,
        fix=fix,
    )


def _rows(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,7})\s*(?:[-:]\s*(\d{1,7})\s*)?", text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= first + 9:
        raise InputError(f"--header-row {text!r}: write a row such as 3, or rows such as 2-3")
    return first, last


def _delimiter(text: str | None) -> str | None:
    if text is None:
        return None
    found = DELIMITERS.get(text.strip().casefold(), text)
    if len(found) != 1 or found.isalnum() or found in "\"'\r\n.":
        raise InputError(
            f"--delimiter {text!r}: one character, or comma, semicolon, tab, pipe or space"
        )
    return found


def _decimal(text: str | None) -> Mark | None:
    if text is None:
        return None
    found = {"point": ".", "comma": ","}.get(text.strip().casefold(), text.strip())
    marks: tuple[Literal["."], Literal[","]] = (".", ",")
    for mark in marks:
        if found == mark:
            return mark
    raise InputError(f"--decimal {text!r}: one of . and , (or point and comma)")


def _encoding(text: str | None) -> str | None:
    import codecs

    if text is None:
        return None
    try:
        return codecs.lookup(text.strip()).name
    except (LookupError, ValueError):
        raise InputError(
            f"--encoding {text!r}: unknown; such as utf-8, utf-16, windows-1252, latin-1, mac-roman"
        ) from None


def _mapping(items: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        heading, sign, variable = (part.strip() for part in item.rpartition("="))
        if not sign or not heading or not variable:
            raise InputError(f"--map {item!r}: write it as heading=variable, 'Age (y)=age'")
        if heading in found:
            raise InputError(f"--map names the heading {heading!r} twice")
        found[heading] = variable
    return found

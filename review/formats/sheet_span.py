"""How large the area is that the cells of a sheet span: the fast reader fills all of it.

Two cells far apart take a hundred bytes and mean a million rows. The places are looked for in the
bytes of the sheet, each time only as exactly as is needed to know that the area is small.
"""

from __future__ import annotations

import re
from typing import Final

from review.errors import DataError
from review.formats.archive_parts import unreadable
from review.formats.grid import column_index
from review.project.bounded import MAX_COLUMNS

# a table of 600,000 rows and 33 columns
MOST_CELLS: Final = 20_000_000
_START: Final = re.compile(rb"<(\w+:)?worksheet\b")
_LETTERS: Final = re.compile(rb' r="([A-Z]+)')
_NUMBERS: Final = re.compile(rb' r="[A-Z]*(\d+)"')
_FAR: Final = re.compile(rb' r="(?:[A-Z]{3,}|[C-Z][A-Z])\d')
_NEAR: Final = 78  # columns up to BZ
# a place written with other marks, blanks or references, which the searches here do not see
_ODD: Final = re.compile(rb"\sr\s*=\s*'|\sr\s+=|\sr=\s|[\t\r\n]r=")
_ODD_PLACE: Final = re.compile(rb' r="[A-Z0-9]*[^A-Z0-9"]')
# the same inside of a tag: texts that stand in the sheet itself may say r = 0.4
_IN_TAG: Final = re.compile(rb"<[^<>]*(?:%b|%b)" % (_ODD.pattern, _ODD_PLACE.pattern))


def check_span(xml: bytes, name: str, sheet: str) -> None:
    """Refuse a sheet whose cells span more than any table does.

    Args:
        xml: of the sheet of an .xlsx file.
        name: of the file, for messages.
        sheet: its name.

    Raises:
        DataError: with what the cells span.
    """
    places = xml.count(b' r="')
    if _is_odd(xml, places):
        raise unreadable(name, f"the sheet {sheet!r} is written as no spreadsheet program does")
    found = _START.search(xml)
    tag = b"<" + ((found[1] or b"") if found else b"")
    rows = re.findall(tag + rb'row\s[^>]*?\br="(\d{1,9})"', xml)
    height = max(xml.count(tag + b"row"), *map(int, rows), 1)
    width = _widest(xml, tag, places - len(rows))
    # a cell may name a row with as many digits as the last row has; more digits are looked for
    digits = len(str(height))
    more = re.search(rb' r="[A-Z]*\d{%d}' % (digits + 1), xml) is not None
    near = _FAR.search(xml) is None
    small = width <= MAX_COLUMNS and (10**digits - 1) * max(width, _NEAR) <= MOST_CELLS
    if small and near and not more:
        return
    columns = (column_index(c.decode()) + 1 for c in sorted(set(_LETTERS.findall(xml))))
    width = max(width, *columns, 1)
    if more or (10**digits - 1) * width > MOST_CELLS:
        height = max(height, *map(int, _NUMBERS.findall(xml)), 1)
    if height * width > MOST_CELLS or width > MAX_COLUMNS:
        raise DataError(
            f"{name} [{sheet}]: the cells span {height:,} rows and {width:,} columns, more than a "
            "table has. Delete what stands far to the right or below"
        )


def _is_odd(xml: bytes, places: int) -> bool:
    if xml[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in xml[:200]:
        return True
    odd = (xml.count(b"r=") != places or b"r " in xml) and _ODD.search(xml)
    return bool(odd or _ODD_PLACE.search(xml)) and _IN_TAG.search(xml) is not None


def _widest(xml: bytes, tag: bytes, placed: int) -> int:
    """Return the most cells of a row, where some have no place and stand behind the one before."""
    signs = [tag + b"c" + end for end in (b" ", b">", b"/", b"\n", b"\r", b"\t")]
    if sum(xml.count(sign) for sign in signs) <= placed:
        return 1
    return max(sum(part.count(sign) for sign in signs) for part in xml.split(tag + b"row"))

"""What an .ods file says about its cells beside their values: percentages, errors, hidden, merged.

Cells have no address there: each stands after the one before, repeated as often as it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from review.errors import DataError
from review.formats.grid import Marks
from review.formats.sheet_span import MOST_CELLS

if TYPE_CHECKING:
    import zipfile

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC: Final = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"


def ods_marks(archive: zipfile.ZipFile, name: str) -> tuple[dict[str, Marks], set[str]]:
    """Return the marks of each sheet, and the names of the hidden sheets.

    Args:
        archive: the open file.
        name: of the file, for messages.

    Raises:
        DataError: a sheet repeats cells without end.
    """
    root = ET.fromstring(archive.read("content.xml"))  # noqa: S314  expat bounds entities
    invisible = {
        style.get(_STYLE + "name")
        for style in root.iter(_STYLE + "style")
        if any(p.get(_TABLE + "display") == "false" for p in style)
    }
    found, hidden = {}, set()
    for table in root.iter(_TABLE + "table"):
        sheet = table.get(_TABLE + "name", "")
        found[sheet] = _Walk(name, sheet).walk(table)
        if table.get(_TABLE + "style-name") in invisible:
            hidden.add(sheet)
    return found, hidden


class _Walk:
    """Goes through the rows and cells of one sheet."""

    def __init__(self, name: str, sheet: str) -> None:
        self.place = f"{name} [{sheet}]"
        self.marks = Marks()
        self.area = 0

    def walk(self, table: ET.Element) -> Marks:
        index = 0
        for column in table.iter(_TABLE + "table-column"):
            times = _times(column, "columns")
            if column.get(_TABLE + "visibility") in {"collapse", "filter"} and times < 1000:
                self.marks.hidden_columns += range(index, index + times)
            index += times
        line = 0
        for row in table.iter(_TABLE + "table-row"):
            times = _times(row, "rows")
            filled = self._row(row, line)
            self.area += times * filled
            if self.area > MOST_CELLS:
                raise DataError(
                    f"{self.place}: repeated cells fill more than a table has. Delete what stands "
                    "below or to the right of the table"
                )
            if filled and row.get(_TABLE + "visibility") in {"collapse", "filter"}:
                self.marks.hidden_rows += range(line, line + times)
            line += times
        return self.marks

    def _row(self, row: ET.Element, line: int) -> int:
        """Go through the cells of a row; return the column after the last that is filled."""
        times = _times(row, "rows")
        index = filled = 0
        for cell in row:
            if cell.tag not in {_TABLE + "table-cell", _TABLE + "covered-table-cell"}:
                continue
            repeated = _times(cell, "columns")
            if cell.get(_OFFICE + "value-type"):
                filled = index + repeated
                self._cell(cell, line, index, times if times < 100_000 else 1, repeated)
            index += repeated
        return filled

    def _cell(self, cell: ET.Element, line: int, index: int, times: int, repeated: int) -> None:
        rows, columns = _times(cell, "rows", "spanned"), _times(cell, "columns", "spanned")
        if rows > 1 or columns > 1:
            self.marks.merged.append(((line, index), (line + rows - 1, index + columns - 1)))
        shown = "".join("".join(p.itertext()) for p in cell.iter(_TEXT + "p"))
        error = cell.get(_CALC + "value-type") == "error"
        percent = cell.get(_OFFICE + "value-type") == "percentage"
        digits = len(shown.rstrip("% ").replace(",", ".").partition(".")[2])
        number = cell.get(_OFFICE + "value-type") in {"float", "percentage"}
        if not (error or percent or (number and digits)):
            return
        for place in ((line + i, index + j) for i in range(times) for j in range(repeated)):
            if error:
                self.marks.errors[place] = shown or "error"
            if percent:
                self.marks.percent.add(place)
            if number and digits and shown[:1] not in {"", "#"}:
                self.marks.digits[place] = digits


def _times(element: ET.Element, what: str, how: str = "repeated") -> int:
    return int(element.get(f"{_TABLE}number-{what}-{how}", "1"))

"""What an .xlsx file says about its cells beside their values: formats, errors, hidden, no value.

The fast reader gives values only: an error, and a formula that was never computed, arrive there as
empty cells. They are found here in the XML of the sheet, with searches that take a tenth of a
second on three million cells, where a parser takes ten.
"""

from __future__ import annotations

import posixpath
import re
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from review.formats.grid import Marks, column_index
from review.formats.sheet_span import check_span

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

# decimals of the built-in number formats
_BUILT_IN: Final = {1: 0, 2: 2, 3: 0, 4: 2}
_PERCENT_BUILT_IN: Final = {9: 0, 10: 2}
_CELL: Final = rb"<(?:\w+:)?c\s([^>]*[^>/])"
_ERROR: Final = re.compile(
    rb"<(?:\w+:)?c\s([^>]*\bt=\"e\"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<", re.DOTALL
)
_FORMULA: Final = re.compile(
    _CELL + rb">\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_HIDDEN_ROW: Final = re.compile(rb"<(?:\w+:)?row\s[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_HIDDEN_COLUMN: Final = re.compile(rb"<(?:\w+:)?col\s[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_DIGITS: Final = re.compile(r"[#,]*0(?:\.(0*))?")


class XlsxParts:
    """The XML parts of a workbook: sheets by name, and the formats of its styles.

    Args:
        archive: the open file.
        name: of the file, for messages.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name
        self._paths = self._sheet_paths()
        self._formats = self._style_formats()
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._looks: dict[str, Future[Marks]] = {}

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown()

    def begin(self, sheet: str) -> None:
        """Begin to look at a sheet beside the fast reader, which does not hold this thread up.

        Raises:
            DataError: its cells span more than a table can, which the fast reader must not meet.
        """
        path = self._paths.get(sheet, "")
        xml = self.archive.read(path) if path in self.archive.namelist() else b""
        check_span(xml, self.name, sheet)
        self._looks[sheet] = self._pool.submit(self._look, xml)

    def marks(self, sheet: str) -> Marks:
        """Return the marks of a sheet, but for its merged cells."""
        return self._looks[sheet].result()

    def _look(self, xml: bytes) -> Marks:
        found = Marks()
        if b"hidden=" in xml:
            found.hidden_rows = [int(_attribute(m, "r")) - 1 for m in _HIDDEN_ROW.findall(xml)]
            for tag in _HIDDEN_COLUMN.findall(xml):
                first, last = int(_attribute(tag, "min")), int(_attribute(tag, "max"))
                found.hidden_columns += range(first - 1, min(last, first + 999))
        if b't="e"' in xml:
            for attributes, text in _ERROR.findall(xml):
                found.errors[_place(attributes)] = text.decode(errors="replace")
        prefix = re.search(rb"<(\w+:)?worksheet", xml[:2000])
        if b"</%bf>" % (prefix[1] or b"" if prefix else b"") in xml:
            for attributes, formula in _FORMULA.findall(xml):
                if b't="str"' not in attributes:
                    found.no_value[_place(attributes)] = formula.decode(errors="replace")
        self._number_formats(xml, found)
        return found

    def _number_formats(self, xml: bytes, found: Marks) -> None:
        """Record which cells are shown as a percentage or with fixed decimals."""
        styles = {style: f for style, f in self._formats.items() if f}
        if not styles:
            return
        ids = "|".join(map(str, styles)).encode()
        pattern = re.compile(rb"<(?:\w+:)?c\s([^>]*\bs=\"(" + ids + rb")\"[^>]*[^>/])>")
        for attributes, style in pattern.findall(xml):
            if re.search(rb'\bt="(?!n")', attributes):
                continue
            percent, digits = styles[int(style)]
            place = _place(attributes)
            if percent:
                found.percent.add(place)
            if digits:
                found.digits[place] = digits

    def _style_formats(self) -> dict[int, tuple[bool, int]]:
        """Return style -> (is a percentage, decimals) of the styles that say something."""
        path = next((p for p in self.archive.namelist() if p.endswith("/styles.xml")), None)
        if path is None:
            return {}
        root = ET.fromstring(self.archive.read(path))  # noqa: S314  expat bounds entities
        custom = {
            int(e.get("numFmtId", "-1")): e.get("formatCode", "") for e in _all(root, "numFmt")
        }
        used = next(iter(_all(root, "cellXfs")), None)
        found = {}
        for style, element in enumerate(used if used is not None else ()):
            ident = int(element.get("numFmtId", "0"))
            shown = _shown_as(ident, custom.get(ident))
            if shown[0] or shown[1]:
                found[style] = shown
        return found

    def _sheet_paths(self) -> dict[str, str]:
        """Return sheet name -> path of its part."""
        names = self.archive.namelist()
        book = next((n for n in names if n.endswith("/workbook.xml")), None)
        if book is None:
            return {}
        folder, base = posixpath.split(book)
        relations = f"{folder}/_rels/{base}.rels"
        if relations not in names:
            return {}
        targets = {
            e.get("Id"): e.get("Target", "")
            for e in _all(ET.fromstring(self.archive.read(relations)), "Relationship")  # noqa: S314
        }
        root = ET.fromstring(self.archive.read(book))  # noqa: S314
        found = {}
        for sheet in _all(root, "sheet"):
            ident = next((v for k, v in sheet.items() if k.rpartition("}")[2] == "id"), None)
            target = targets.get(ident, "")
            path = target.lstrip("/") if target[:1] == "/" else posixpath.join(folder, target)
            found[sheet.get("name", "")] = posixpath.normpath(path)
        return found


def _all(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield elements by their name in any namespace (strict workbooks use another)."""
    return (e for e in root.iter() if e.tag.rpartition("}")[2] == name)


def _attribute(tag: bytes, name: str) -> bytes:
    match = re.search(rb"\b" + name.encode() + rb'="([^"]*)"', tag)
    return match[1] if match else b"0"


def _place(attributes: bytes) -> tuple[int, int]:
    match = re.search(rb'\br="([A-Z]{1,3})(\d+)"', attributes)
    return (int(match[2]) - 1, column_index(match[1].decode())) if match else (-1, -1)


def _shown_as(ident: int, code: str | None) -> tuple[bool, int]:
    """Return whether a number format is a percentage, and its decimals."""
    if code is None:
        percent = ident in _PERCENT_BUILT_IN
        return percent, (_PERCENT_BUILT_IN if percent else _BUILT_IN).get(ident, 0)
    plain = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", code.partition(";")[0]).strip()
    match = _DIGITS.fullmatch(plain.removesuffix("%").strip())
    return plain.endswith("%"), len(match[1] or "") if match else 0

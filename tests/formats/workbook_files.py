"""Makes small workbooks for the tests: .xlsx with openpyxl, .ods by hand."""

from __future__ import annotations

import io
import re
import zipfile
from html import escape

_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def xlsx(*sheets, change=None):
    """Return a workbook; each sheet is (title, rows) or rows; `change(book)` sets the rest."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for number, sheet in enumerate(sheets, 1):
        title, rows = sheet if isinstance(sheet, tuple) else (f"Sheet{number}", sheet)
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def edited(data, old, new, member="xl/worksheets/sheet1.xml"):
    """Return a workbook in whose XML `old` was replaced: what openpyxl cannot write."""
    source = zipfile.ZipFile(io.BytesIO(data))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == member:
                changed = re.sub(old, new, content.decode())
                assert changed != content.decode(), "nothing was replaced"
                content = changed.encode()
            target.writestr(name, content)
    return buffer.getvalue()


def ods(*sheets):
    """Return an OpenDocument sheet; a cell is a value, or the XML of a cell as `Raw`."""
    tables = []
    for number, sheet in enumerate(sheets, 1):
        title, rows = sheet if isinstance(sheet, tuple) else (f"Sheet{number}", sheet)
        body = "".join(
            row if isinstance(row, Raw)
            else f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>"
            for row in rows
        )  # fmt: skip
        tables.append(f'<table:table table:name="{title}">{body}</table:table>')
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES}><office:body>'
        f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
        f'manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        target.writestr("mimetype", kind)
        target.writestr("META-INF/manifest.xml", manifest)
        target.writestr("content.xml", content)
    return buffer.getvalue()


class Raw(str):
    """XML of a row or cell as it is."""

    __slots__ = ()


def _cell(value):
    if isinstance(value, Raw):
        return value
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    return (
        '<table:table-cell office:value-type="string">'
        f"<text:p>{escape(value)}</text:p></table:table-cell>"
    )


def shown(value, text, kind="percentage"):
    """Return a number that is shown in another way, such as 0.93 as 93%."""
    return Raw(
        f'<table:table-cell office:value-type="{kind}" office:value="{value}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )

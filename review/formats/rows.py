"""Writes rows (dictionaries with the same keys) as CSV, JSON, Excel or an HTML table.

CSV and Excel neutralise text that a spreadsheet program would run as a formula.
"""

from __future__ import annotations

import html
import io
import json
from typing import TYPE_CHECKING, Any, Final

from review.project.tables import format_row
from review.schema.cells import cell_text, json_value, neutralise

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS: Final = ("csv", "json", "xlsx", "html")


def rows_to_bytes(
    kind: str, rows: Sequence[dict[str, Any]], columns: Sequence[str], title: str
) -> bytes:
    """Return the bytes of a file of one of `FORMATS`."""
    if kind == "xlsx":
        return rows_to_xlsx(rows, columns, title)
    if kind == "csv":
        return rows_to_csv(rows, columns).encode()
    if kind == "json":
        return (rows_to_json(rows) + "\n").encode()
    return rows_to_html(rows, columns, title).encode()


def rows_to_csv(rows: Sequence[dict[str, Any]], columns: Sequence[str] | None = None) -> str:
    r"""Return rows as CSV text with a header.

    Example:
        >>> rows_to_csv([{"a": 1, "b": "=x"}, {"a": None, "b": "y"}])
        "a,b\n1,'=x\n,y\n"
    """
    names = list(columns or (rows[0] if rows else []))
    lines = [format_row(names, "\n")]
    lines += [format_row([neutralise(cell_text(r.get(n))) for n in names], "\n") for r in rows]
    return "".join(lines)


def rows_to_json(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as a JSON list."""
    return json.dumps(list(rows), indent=2, ensure_ascii=False, default=json_value, allow_nan=False)


def rows_to_xlsx(rows: Sequence[dict[str, Any]], columns: Sequence[str], title: str) -> bytes:
    """Return rows as an Excel workbook with one sheet."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_excel_value(row.get(name)) for name in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _excel_value(value: Any) -> Any:
    return value if isinstance(value, int | float) else neutralise(cell_text(value))


def rows_to_html(rows: Sequence[dict[str, Any]], columns: Sequence[str], title: str) -> str:
    """Return rows as a self-contained HTML page with one table; addresses become links."""
    head = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_html_cell(row.get(c))}</td>" for c in columns) + "</tr>"
        for row in rows
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.4 system-ui,sans-serif;margin:2rem}}table{{border-collapse:collapse}}
caption{{text-align:left;font-weight:600;margin-bottom:.5rem}}
th,td{{padding:.3rem .6rem;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}}
th{{position:sticky;top:0;background:#fff}}</style></head>
<body><main><h1>{html.escape(title)}</h1>
<table><caption>{len(rows):,} rows</caption><thead><tr>{head}</tr></thead><tbody>
{body}
</tbody></table></main></body></html>
"""


def _html_cell(value: Any) -> str:
    text = html.escape(cell_text(value))
    if cell_text(value).startswith(("https://", "http://")):
        return f'<a href="{text}" rel="noreferrer">{text}</a>'
    return text

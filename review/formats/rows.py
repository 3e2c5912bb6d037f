"""Writes rows (dictionaries with the same keys) as CSV, JSON, Excel or an HTML table.

CSV and Excel neutralise text that a spreadsheet program would run as a formula.
"""

from __future__ import annotations

import csv
import html
import io
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from review.schema.cell_types import cell_text, neutralise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FORMATS: Final = ("csv", "json", "xlsx", "html")


def rows_to_bytes(
    kind: str, rows: Sequence[dict[str, Any]], columns: Sequence[str], title: str
) -> bytes:
    """Return the bytes of a file of one of `FORMATS`."""
    if kind == "xlsx":
        return rows_to_xlsx(rows, columns, title)
    if kind == "csv":
        return csv_text(rows, columns).encode()
    if kind == "json":
        return (json_text(rows) + "\n").encode()
    return rows_to_html(rows, columns, title).encode()


MANY_ROWS: Final = 100
_PLAIN: Final = frozenset({str, int, bool, type(None)})


def jsonable(value: Any) -> Any:
    """Return `value` as plain JSON types; NaN and infinities, which JSON has not, become None.

    Decimals become numbers, numpy arrays lists, tuples lists, dates text.
    """
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(k): v if type(v) in _PLAIN else jsonable(v) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return [jsonable(v) for v in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    if hasattr(value, "tolist"):
        return jsonable(value.tolist())
    if hasattr(value, "to_dict"):
        return jsonable(value.to_dict())
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """Return `value` as JSON text."""
    plain = jsonable(value)
    many = indent is not None and isinstance(plain, list) and len(plain) > MANY_ROWS
    if many and all(isinstance(row, dict) and row and _flat(row) for row in plain):
        return _flat_rows(plain, " " * (indent or 0))
    return json.dumps(plain, indent=indent, ensure_ascii=False, allow_nan=False)


def _flat(row: Mapping[str, Any]) -> bool:
    return not any(isinstance(x, (dict, list)) for x in row.values())


def _flat_rows(rows: Sequence[Mapping[str, Any]], step: str) -> str:
    """Return rows as `json.dumps` with an indent does, by the part of it that is written in C.

    With an indent it takes the other part, which is several times slower.
    """
    write = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(f",\n{step}{step}", ": ")
    ).encode
    between = f"\n{step}}},\n{step}{{\n{step}{step}"
    inner = between.join(write(row)[1:-1] for row in rows)
    return f"[\n{step}{{\n{step}{step}{inner}\n{step}}}\n]"


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None) -> str:
    r"""Return rows as CSV; text that a spreadsheet would run as a formula is neutralised.

    Args:
        rows: dictionaries.
        columns: in this order; without them, those of the rows in order of appearance.

    Example:
        >>> csv_text([{"name": "=1+1", "n": 3, "auc": None}])
        "name,n,auc\n'=1+1,3,\n"
    """
    names = list(columns) if columns is not None else columns_of(rows)
    return csv_lines([[neutralise(n) for n in names], *(csv_cells(row, names) for row in rows)])


def csv_cells(row: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    """Return the cells of one row as text, formulas neutralised."""
    return [_cell(row.get(name)) for name in columns]


def csv_lines(lines: Iterable[Sequence[str]]) -> str:
    """Return lines of cells as CSV text."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(lines)
    return buffer.getvalue()


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the keys of the rows, each once, in order of appearance."""
    seen: dict[str, None] = {}
    last: Any = None
    for row in rows:
        if row.keys() != last:
            last = row.keys()
            seen.update(dict.fromkeys(row))
    return list(seen)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        # most texts start with a letter or digit, and then cannot be a formula
        text = value if value[:1].isalnum() else neutralise(value)
        # the csv module leaves a bare carriage return without quotes
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if value is None:
        return ""
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else ""
    if isinstance(value, tuple | list):
        return neutralise(cell_text(value))
    return cell_text(value)


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
    if isinstance(value, Decimal):
        return float(value)
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

"""Values as table cells, and rows of values as tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from review.formats.rows import columns_of
from review.plots.theme import words
from review.report.blocks import Cell, Link, Table, web_address
from review.schema.cell_types import cell_text
from review.words import significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# a table of few rows and many columns is turned round
MANY_COLUMNS: Final = 10
FEW_ROWS: Final = 6
_SHORT_FORMS: Final = {"fe": "FE", "fc": "FC", "tl": "TL", "id": "ID", "ci": "CI", "se": "SE"}


def cell(value: Any, *, tone: str = "") -> Cell:
    """Return a value as a table cell: numbers to the right, web addresses as links.

    Example:
        >>> cell(0.123456789), cell(None).text
        (Cell(text='0.123457', number=True, href=None, tone=''), '')
    """
    if isinstance(value, Cell):
        return value
    if isinstance(value, Link):
        return Cell(value.text, href=value.href, tone=tone)
    if isinstance(value, float):
        return Cell(significant(value), number=True, tone=tone)
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    href = web_address(value) if isinstance(value, str) and value.startswith("http") else None
    return Cell(cell_text(value), number, href, tone)


def table_of(
    rows: Sequence[Mapping[str, Any]],
    *,
    caption: str,
    name: str = "",
    columns: Iterable[str] | None = None,
    labels: Mapping[str, str] | None = None,
    most: int = 200,
    folded: bool = False,
) -> Table:
    """Return dictionaries as a table.

    Args:
        rows: the data.
        caption: says what the table holds.
        name: stem of the CSV file that can be downloaded.
        columns: in this order; without them, those of the rows.
        labels: headings by column; without one, the column's name in words.
        most: rows written as HTML; the download holds all.
        folded: closed at first.
    """
    names = list(columns) if columns is not None else columns_of(rows)
    headings = [(labels or {}).get(c) or _heading(c) for c in names]
    body = [tuple(cell(row.get(c)) for c in names) for row in rows[:most]]
    turned = len(names) > MANY_COLUMNS and 1 < len(rows) <= FEW_ROWS
    if turned:
        # many columns of few rows are read, and printed, from top to bottom
        body = [(Cell(h), *cells) for h, *cells in zip(headings, *body, strict=True)]
        headings, body = [body[0][0].text, *(c.text for c in body[0][1:])], body[1:]
    return Table(
        caption=caption,
        columns=tuple(headings),
        rows=tuple(body),
        name=name,
        total=len(body) if turned else len(rows),
        records=_records(names, rows) if name and (turned or len(rows) > most) else "",
        folded=folded,
        turned=turned,
    )


def _records(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    from review.formats.rows import json_text
    from review.plots.artifact_json import script_json

    values = [[_plain(row.get(c)) for c in names] for row in rows]
    return script_json(json_text({"columns": list(names), "rows": values}, indent=None))


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, Cell | Link) else value


def _heading(column: str) -> str:
    """A column's name in words, its first letter a capital unless it is a sign or a code."""
    text = " ".join(_SHORT_FORMS.get(word, word) for word in words(column).split(" "))
    return text[:1].upper() + text[1:] if text[1:2].islower() or len(text) == 1 else text

"""`searches.csv` after an import: which search an export belongs to, and how much it found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.schema.folder_files import SEARCHES
from review.schema.screening_rows import SearchRow
from review.words import plural
from review.workflow.records.column_names import column_names
from review.workflow.searches import searches

if TYPE_CHECKING:
    from review.project.csv_tables import RawTable, Row
    from review.project.transaction import Changes

_COLUMNS: Final = ("source", "kind", "date", "query", "records")


def add_hits(
    tx: Changes, source: str, hits: int, before: int, *, kind: str, date: str, query: str
) -> list[str]:
    """Count an export to the search that it belongs to, or note a new search.

    A number of hits that the team has written is never changed: what differs is said.

    Args:
        tx: the changes of the import.
        source: the name of what was searched.
        hits: the records that the export marks.
        before: those of the exports of this search that were imported before.
        kind: database, register, ...
        date: of the search, "" when it is not said.
        query: "" when it is not said.

    Returns:
        What deserves a remark.

    Raises:
        InputError: several searches of this source, and nothing says which.
    """
    notes: list[str] = []
    table = _table(tx, notes)
    column = dict(zip(_COLUMNS, column_names(table.header, SearchRow, _COLUMNS), strict=True))
    table.add_columns([name for name in column.values() if name not in table.header])
    row = _search(table, column, source, date, query)
    total = before + hits
    if row is None:
        table.append(
            {
                column["source"]: source, column["kind"]: kind, column["date"]: date,
                column["query"]: query, column["records"]: str(total),
            }
        )  # fmt: skip
        return notes
    for name, text in (("date", date), ("query", query)):
        if text and not row.cells[column[name]].strip():
            table.set(row, column[name], text)
    stated = row.cells[column["records"]].strip()
    if not stated or (before and stated == str(before)):
        table.set(row, column["records"], str(total))
    elif stated != str(total):
        notes.append(
            f"searches.csv states {stated} records of {source}; the exports imported so far mark "
            f"{total:,}"
        )
    return notes


def _table(tx: Changes, notes: list[str]) -> RawTable:
    """Return the table; searches of review.toml move to it, since it takes their place."""
    there = (tx.folder / SEARCHES).exists()
    table = tx.table(SEARCHES, columns=_COLUMNS)
    if not there and not table.rows:
        moved = searches(tx.review) if (tx.folder / "review.toml").exists() else []
        for search in moved:
            table.append(
                {
                    "source": search.source, "kind": search.kind, "date": search.date or "",
                    "query": search.query or "",
                    "records": "" if search.records is None else str(search.records),
                }
            )  # fmt: skip
        if moved:
            many = plural(len(moved), "search", "searches")
            notes.append(f"{many} of review.toml copied to searches.csv, which takes its place")
    return table


def _search(
    table: RawTable, column: dict[str, str], source: str, date: str, query: str
) -> Row | None:
    def same(row: Row, name: str, text: str) -> bool:
        there = row.cells[column[name]].strip().casefold()
        return not text or not there or there == text.casefold()

    rows = [
        row for row in table.rows
        if row.cells[column["source"]].strip().casefold() == source.casefold()
        and same(row, "date", date) and same(row, "query", query)
    ]  # fmt: skip
    exact = [r for r in rows if date and r.cells[column["date"]].strip() == date]
    if len(rows) > 1 and len(exact) != 1:
        raise InputError(
            f"searches.csv holds {len(rows)} searches of {source}: say which with --date or "
            "--query; nothing was imported"
        )
    found = exact or rows
    return found[0] if found else None

"""Duplicates that a reviewer sees while screening: marked in `duplicates.csv`, and unmarked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.project.change_records import now
from review.project.transaction import changes
from review.schema.folder_files import DUPLICATES
from review.schema.screening_rows import BY_RULE, VERDICTS, DuplicateRow
from review.workflow.records.stored_records import stored_records
from review.workflow.screening.screening_queue import repeated_records
from review.workflow.screening.screening_votes import reviewer_named

if TYPE_CHECKING:
    from review.project import Review
    from review.project.csv_tables import RawTable, Row

COLUMNS: Final = tuple(DuplicateRow.model_fields)
SEEN: Final = "seen while screening"


@dataclass(frozen=True)
class MarkedDuplicate:
    """A record that was marked as one that repeats another.

    Attributes:
        record_id: counts as removed.
        other_id: is kept.
        before: the cells on these two that stood in `duplicates.csv` before; None for none.
    """

    record_id: str
    other_id: str
    before: dict[str, str] | None


def mark_duplicate(
    review: Review, record_id: str, other_id: str, *, by: str, reason: str = SEEN
) -> MarkedDuplicate:
    """Say that a record repeats another one, which is kept.

    Nothing is taken out of `records.csv` or `decisions.csv`; what was decided on the record counts
    again when the mark is taken back.

    Raises:
        InputError: a record is not there, both are one, or one of them repeats another already.
    """
    person = reviewer_named(review, by)
    with changes(review, command="screen --duplicate", who=person) as tx:
        record_id, other_id = record_id.strip(), other_id.strip()
        there = {
            r["record_id"]: r.get("duplicate_of", "").strip() for r in stored_records(tx.review)
        }
        for name in (record_id, other_id):
            if name not in there:
                raise UnknownNameError("record", name, there, where="in records.csv")
        if record_id == other_id:
            raise InputError(f"{record_id!r} is one record, not a pair")
        # a record that is gone cannot be the one that is kept: two would vanish for one
        gone = {i: other for i, other in there.items() if other} | repeated_records(tx.review)
        for name in (record_id, other_id):
            if name in gone:
                raise InputError(f"{name} repeats {gone[name]} already: name that one instead")
        table = _table(tx.table(DUPLICATES, DuplicateRow, columns=COLUMNS))
        cells = {
            "record_id": record_id, "other_id": other_id, "verdict": "same", "reason": reason,
            "decided_by": person, "date": now().date().isoformat(),
        }  # fmt: skip
        row = _row_on(table, record_id, other_id)
        before = None if row is None else {c: row.cells[c] for c in COLUMNS}
        if row is None:
            table.append(cells)
        else:
            for column, text in cells.items():
                table.set(row, column, text)
    return MarkedDuplicate(record_id, other_id, before)


def unmark_duplicate(
    review: Review, record_id: str, *, by: str, before: dict[str, str] | None = None
) -> str:
    """Take back that a record repeats another one, when a person has said so.

    Args:
        review: a review that can be written to.
        record_id: of the record.
        by: who takes it back.
        before: of `MarkedDuplicate`: what is put in its place.

    Returns:
        The record that it was said to repeat.

    Raises:
        InputError: nobody has said so.
    """
    person = reviewer_named(review, by)
    with changes(review, command="screen --not-duplicate", who=person) as tx:
        table = _table(tx.table(DUPLICATES, DuplicateRow, columns=COLUMNS))
        same = [
            row
            for row in table.rows
            if row.cells["record_id"].strip() == record_id.strip()
            and VERDICTS.get(row.cells["verdict"].strip().casefold()) == "same"
        ]
        if not same:
            raise InputError(f"{record_id} is not marked as a duplicate of another record")
        row = same[-1]
        other = row.cells["other_id"]
        if before is not None:
            for column, text in before.items():
                table.set(row, column, text)
        elif row.cells["decided_by"].strip() in {"", BY_RULE}:
            # the rules would find it again: that a person says otherwise has to stand there
            table.set(row, "verdict", "different")
            table.set(row, "reason", SEEN)
            table.set(row, "decided_by", person)
            table.set(row, "date", now().date().isoformat())
        else:
            table.remove(row)
    return other


def _table(table: RawTable) -> RawTable:
    table.add_columns(COLUMNS)
    return table


def _row_on(table: RawTable, one: str, other: str) -> Row | None:
    wanted = {one, other}
    return next(
        (
            row
            for row in table.rows
            if {row.cells["record_id"].strip(), row.cells["other_id"].strip()} == wanted
        ),
        None,
    )

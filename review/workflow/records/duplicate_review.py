"""The duplicates of a review: found, decided, and kept in `duplicates.csv`.

No record is taken out of `records.csv`: a merge is a row of `duplicates.csv`, and undone with it.
Rows that a person has decided stay word for word and decide again whenever the records are
compared; all others are written anew.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.project.csv_records import format_row
from review.project.transaction import Changes, changes
from review.schema.cell_types import CellError, clean_text
from review.schema.folder_files import DUPLICATES, RECORDS
from review.schema.screening_rows import BY_RULE, DuplicateRow
from review.workflow.records.duplicate_keys import RecordKeys
from review.workflow.records.found_duplicates import (
    Decided,
    FoundDuplicates,
    duplicates_among,
    pairs_of,
)
from review.workflow.records.kept_record import kept_of
from review.workflow.records.merged_records import merged_record
from review.workflow.records.stored_records import stored_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from review.project import Review

COLUMNS: Final = tuple(DuplicateRow.model_fields)
# who has decided what the imported file says in its column duplicate_of
_IMPORTED: Final = RECORDS
DECISIONS: Final = ("same", "report", "different")
Row = dict[str, str]


@dataclass(frozen=True)
class ReviewDuplicates:
    """What is known of the duplicates of a review.

    Attributes:
        found: the groups and links.
        rows: of `duplicates.csv`, with the columns that others have added.
        decided: how many rows a person has decided.
        notes: decisions that concern records which are not there, and the like.
    """

    found: FoundDuplicates
    rows: tuple[Row, ...]
    decided: int
    notes: tuple[str, ...]


def dedupe(
    review: Review, *, engine: str = "memory", spark: Any = None, dry_run: bool = False
) -> ReviewDuplicates:
    """Compare the records of a review and write what is found to `duplicates.csv`.

    Args:
        review: a review that can be written to.
        engine: as of `find_duplicates`.
        spark: as there.
        dry_run: write nothing.

    Raises:
        InputError: the review is read-only or has no records.
        UnknownNameError: there is no such engine.
        MissingExtraError: splink, or pyspark, is not installed.
        DataError: `records.csv` or `duplicates.csv` cannot be read.
    """
    pairs_of(engine, spark)  # refused before anything is read
    with changes(review, command="dedupe", dry_run=dry_run) as tx:
        return _compared(tx, _decided_rows(tx.review), engine=engine, spark=spark)


def decide(
    review: Review, decisions: Sequence[Decided], *, dry_run: bool = False
) -> ReviewDuplicates:
    """Record what a person has decided on pairs of records, and compare all of them again.

    A later decision on the same two records takes the place of an earlier one.

    Raises:
        InputError: a word or a record is not known, who decided is not said, or the decisions
            contradict each other.
    """
    _check(decisions)
    who = ", ".join(dict.fromkeys(d.decided_by for d in decisions))
    with changes(review, command="dedupe", who=who, dry_run=dry_run) as tx:
        rows = _with_decisions(_decided_rows(tx.review), decisions)
        return _compared(tx, rows, needed=[i for d in decisions for i in d[:2]])


def settle_doubts(review: Review, decisions: Sequence[Decided]) -> None:
    """Record decisions on doubtful pairs at once; `dedupe` brings the other rows up to date.

    Raises:
        InputError: as `decide`.
    """
    _check(decisions)
    who = ", ".join(dict.fromkeys(d.decided_by for d in decisions))
    with changes(review, command="dedupe", who=who) as tx:
        table = tx.table(DUPLICATES, DuplicateRow, columns=COLUMNS)
        table.add_columns(COLUMNS)
        there = {_pair_of(row.cells): row for row in table.rows}
        for decision in decisions:
            cells = _row_of(decision)
            row = there.get(_pair_of(cells))
            if row is None:
                table.append(cells)
                continue
            for column, text in cells.items():
                table.set(row, column, text)


def undo(review: Review, record_id: str | None = None, other_id: str | None = None) -> Row:
    """Take back a decision on two records (the last one that was made, without arguments).

    Raises:
        InputError: nobody has decided on these two.
    """
    with changes(review, command="dedupe --undo") as tx:
        decided = _decided_rows(tx.review)
        wanted = None if record_id is None or other_id is None else _pair(record_id, other_id)
        fitting = [row for row in decided if wanted is None or _pair_of(row) == wanted]
        if not fitting:
            where = f" on {record_id} and {other_id}" if wanted else ""
            raise InputError(f"nobody has decided{where}; see {DUPLICATES}, column decided_by")
        _compared(tx, [row for row in decided if row is not fitting[-1]])
        return fitting[-1]


def doubtful_pairs(review: Review) -> list[tuple[Row, Row, str]]:
    """Return the pairs that nobody has decided on: two records, and why they are doubtful.

    Raises:
        InputError: the records were not compared yet.
    """
    if not review.has(DUPLICATES):
        raise InputError("the records were not compared yet: run 'review dedupe' first")
    open_ones = [row for row in _rows(review) if row["verdict"] == "doubt"]
    wanted = {row[end] for row in open_ones for end in ("record_id", "other_id")}
    found = {r["record_id"]: r for r in stored_records(review) if r["record_id"] in wanted}
    return [
        (found[row["record_id"]], found[row["other_id"]], row["reason"])
        for row in open_ones
        if row["record_id"] in found and row["other_id"] in found
    ]


def merged_records(review: Review) -> Iterator[Row]:
    """Yield the records without those that repeat one, with the best field of each.

    See `merged_record`; the records keep their order.

    Raises:
        DataError: `records.csv` or `duplicates.csv` cannot be read.
    """
    kept = kept_of(review.duplicates)
    members = Counter(kept.values())
    repeats: dict[str, list[Row]] = {}
    for record in stored_records(review):
        if (main := kept.get(record["record_id"])) is not None:
            repeats.setdefault(main, []).append(record)
    for record in stored_records(review):
        if record["record_id"] in kept:
            continue
        group = repeats.get(record["record_id"], []) if record["record_id"] in members else []
        yield merged_record([record, *sorted(group, key=lambda r: r["record_id"])])


def _compared(
    tx: Changes,
    decided: list[Row],
    needed: Sequence[str] = (),
    *,
    engine: str = "memory",
    spark: Any = None,
) -> ReviewDuplicates:
    """Compare all records, keep what was decided, and write the rows.

    Args:
        tx: the change that is going on.
        decided: rows that a person has decided.
        needed: identifiers that records.csv must hold.
        engine: as of `find_duplicates`.
        spark: as there.
    """
    if not tx.review.has(RECORDS):
        raise InputError(f"the review has no {RECORDS}: import the records first")
    collected = RecordKeys()
    said: list[Decided] = []
    for record in stored_records(tx.review):
        collected.add(record)
        if other := record.get("duplicate_of", "").strip():
            said.append(Decided(record["record_id"], other, "same", _IMPORTED, "said on import"))
    there = set(collected.ids)
    if unknown := [i for i in needed if i not in there]:
        raise InputError(f"{RECORDS} holds no record {unknown[0]!r}")
    own = [
        Decided(row["record_id"], row["other_id"], row["verdict"], row["decided_by"], row["reason"])
        for row in decided
    ]
    pairs = {_pair(d[0], d[1]) for d in own}
    every = [*own, *(d for d in said if _pair(d[0], d[1]) not in pairs)]
    notes = [
        f"{RECORDS} holds no record {i}: what {d.decided_by or DUPLICATES} says of it is left out"
        for d in every
        for i in d[:2]
        if i not in there
    ]
    valid = [d for d in every if there.issuperset(d[:2])]
    found = duplicates_among(collected, valid, engine=engine, spark=spark)
    rows = _all_rows(found, decided, _rows(tx.review))
    _write(tx, rows)
    return ReviewDuplicates(found, tuple(rows), len(decided), (*notes, *found.notes))


def _all_rows(found: FoundDuplicates, decided: list[Row], before: list[Row]) -> list[Row]:
    """The decided rows as they are, then one for each link that no decision has made."""
    repeats = found.duplicate_of
    rows = [_kept_last(row, repeats) for row in decided]
    pairs = {_pair_of(row) for row in decided}
    dates = {(_pair_of(row), row["verdict"]): row.get("date", "") for row in before}
    today = _today()
    for link in found.links:
        pair = _pair(link.record_id, link.other_id)
        if pair not in pairs:
            when = dates.get((pair, link.verdict)) or today
            rows.append({**link._asdict(), "date": when})
    return rows


def _kept_last(row: Row, repeats: Mapping[str, str]) -> Row:
    """Of two records that are the same the first is the one that goes."""
    one, other = row["record_id"], row["other_id"]
    if row["verdict"] == "same" and one not in repeats and other in repeats:
        return {**row, "record_id": other, "other_id": one}
    return row


def _write(tx: Changes, rows: list[Row]) -> None:
    extra = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    header = [*COLUMNS, *extra]
    lines = [format_row(header, "\n")]
    lines += [format_row([row.get(name) or "" for name in header], "\n") for row in rows]
    tx.replace(DUPLICATES, "".join(lines).encode("utf-8"))


def _rows(review: Review) -> list[Row]:
    """The rows of `duplicates.csv` as text, every one checked."""
    if not review.has(DUPLICATES):
        return []
    return [
        {name: "" if value is None else str(value) for name, value in row.model_dump().items()}
        for row in review.duplicates
    ]


def _decided_rows(review: Review) -> list[Row]:
    """The rows that a person has decided; of two on one pair the later one."""
    found: dict[tuple[str, str], Row] = {}
    for row in _rows(review):
        if row["decided_by"] in {BY_RULE, _IMPORTED} or row["verdict"] == "doubt":
            continue
        found.pop(_pair_of(row), None)
        found[_pair_of(row)] = row
    return list(found.values())


def _with_decisions(rows: list[Row], decisions: Sequence[Decided]) -> list[Row]:
    pairs = {_pair(d[0], d[1]) for d in decisions}
    return [row for row in rows if _pair_of(row) not in pairs] + [_row_of(d) for d in decisions]


def _row_of(d: Decided) -> Row:
    return {**d._asdict(), "date": _today()}


def _check(decisions: Sequence[Decided]) -> None:
    for d in decisions:
        if d.verdict not in DECISIONS:
            raise InputError(
                f"{d.verdict!r} is no decision on two records: " + ", ".join(DECISIONS)
            )
        if d.decided_by.strip().casefold() in {"", BY_RULE, _IMPORTED}:
            raise InputError("say who decides, with a name of their own (--by NAME)")
        for what, text in (("who decides", d.decided_by), ("the reason", d.reason)):
            try:
                clean_text(text)
            except CellError as error:
                raise InputError(f"{what}: {error} (allowed: {error.allowed})") from None
    twice = [p for p, n in Counter(_pair(d[0], d[1]) for d in decisions).items() if n > 1]
    if twice:
        raise InputError(f"{twice[0][0]} and {twice[0][1]} are decided twice")


def _pair(one: str, other: str) -> tuple[str, str]:
    return min(one, other), max(one, other)


def _pair_of(row: Row) -> tuple[str, str]:
    return _pair(row["record_id"], row["other_id"])


def _today() -> str:
    return dt.datetime.now().astimezone().date().isoformat()

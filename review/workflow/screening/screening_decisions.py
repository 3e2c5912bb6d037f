"""Decisions of screening: made, changed, cleared and settled, each written at once with the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError, suggest
from review.project import change_records
from review.project.transaction import Changes, changes
from review.schema.cell_types import CellError, clean_text
from review.schema.change_log import when_text
from review.schema.folder_files import DECISIONS, RECORDS
from review.schema.screening_rows import DECISIONS as WORDS
from review.schema.screening_rows import STAGES, DecisionRow
from review.workflow.records.stored_records import stored_records
from review.workflow.screening.screening_queue import ORDERS, repeated_records
from review.workflow.screening.screening_votes import (
    DECISIVE,
    FULL_TEXT,
    RETRIEVAL,
    SCREENING,
    STAGE_TITLE,
    STAGE_WORD,
    Ballot,
    ballots,
    reviewer_named,
    same_name,
    stage_named,
)

if TYPE_CHECKING:
    from review.project import Review
    from review.project.csv_tables import RawTable, Row

COLUMNS: Final = tuple(DecisionRow.model_fields)
# the name of a settled decision that is nobody's in particular: what the two agreed on
TOGETHER: Final = "consensus"


@dataclass(frozen=True)
class Decision:
    """A decision that was written.

    Attributes:
        record_id, stage, reviewer: whose it is, and on what.
        decision: include, exclude, maybe, not_retrieved; "" when it was cleared.
        before: the cells that stood there before, None for none.
        final: whether it settles a disagreement.
    """

    record_id: str
    stage: str
    reviewer: str
    decision: str
    reason: str = ""
    note: str = ""
    final: bool = False
    before: dict[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary for JSON."""
        before = None if self.before is None else self.before["decision"]
        return {
            "record_id": self.record_id, "stage": STAGE_WORD[self.stage],
            "reviewer": self.reviewer, "decision": self.decision, "reason": self.reason,
            "note": self.note, "final": self.final, "before": before,
        }  # fmt: skip


def decide(
    review: Review,
    record_id: str,
    decision: str,
    *,
    by: str,
    stage: str = "title_abstract",
    reason: str = "",
    note: str = "",
    order: str = "",
) -> Decision:
    """Write what a reviewer decides on a record; a later decision takes the place of an earlier.

    Args:
        review: a review that can be written to.
        record_id: of a record that is neither repeated nor removed.
        decision: include, exclude, maybe (title and abstract only: it stays in), or not_retrieved
            (full text only).
        by: the reviewer.
        stage: title_abstract or full_text.
        reason: of an exclusion: one of `[screening] reasons`, or its number there from 1; any
            text where the review has no such list. Full texts are not excluded without one.
        note: any text.
        order: in which the record came up (`left_for`); a decision that is changed keeps its own.

    Raises:
        InputError: an argument is wrong, or the record is not there to be screened.
        DataError: a table cannot be read.
    """
    at, reviewer = stage_named(stage), reviewer_named(review, by)
    if order not in {"", *ORDERS}:
        raise UnknownNameError("order", order, ORDERS)
    return _write(review, record_id, decision, reviewer, at, reason=reason, note=note, order=order)


def settle(
    review: Review,
    record_id: str,
    decision: str,
    *,
    by: str,
    stage: str = "title_abstract",
    reason: str = "",
    note: str = "",
) -> Decision:
    """Settle a disagreement of reviewers, as a third person; arguments as of `decide`.

    `by` may be "consensus", for what the reviewers agreed on when they had talked.

    Raises:
        InputError: as `decide`; nothing is in dispute, or `by` is one of those who disagree.
    """
    at = stage_named(stage)
    together = same_name(by) in DECISIVE
    person = TOGETHER if together else reviewer_named(review, by)
    return _write(review, record_id, decision, person, at, reason=reason, note=note, final=True)


def clear(
    review: Review, record_id: str, *, by: str, stage: str = "title_abstract", final: bool = False
) -> Decision:
    """Take a decision out, so that the record is open for that reviewer again.

    Args:
        review: a review that can be written to.
        record_id: of the record.
        by: whose decision it is.
        stage: title_abstract or full_text.
        final: take the one out that settled a disagreement, whoever made it.

    Raises:
        InputError: there is none.
    """
    at = stage_named(stage)
    reviewer = "" if final and same_name(by) in DECISIVE else reviewer_named(review, by)
    with changes(review, command="screen --clear", who=reviewer or by) as tx:
        mine = _rows_of(_table(tx), record_id, at, reviewer, final=final)
        if not mine:
            what = "a settled decision" if final else f"a decision of {reviewer}"
            raise InputError(
                f"{DECISIONS} holds no {what.removeprefix('a ')} on {record_id!r} "
                f"({STAGE_TITLE[at]})"
            )
        table = tx.table(DECISIONS)
        before = _cells(table, mine[-1])
        table.remove_all(mine)
    return Decision(record_id, at, before["reviewer"], "", final=final, before=before)


def put_back(review: Review, done: Decision) -> None:
    """Put back what stood before a decision, or before it was cleared.

    Raises:
        InputError: it was changed since.
    """
    with changes(review, command="screen --undo", who=done.reviewer) as tx:
        table = _table(tx)
        mine = _rows_of(table, done.record_id, done.stage, done.reviewer, final=done.final)
        now_there = _cells(table, mine[-1])["decision"] if mine else ""
        if WORDS.get(now_there.casefold(), now_there) != done.decision:
            raise InputError(f"the decision on {done.record_id} was changed since, and is left")
        if done.before is None:
            table.remove_all(mine)
        elif mine:
            _set(table, mine[-1], done.before)
        else:
            table.append(_named(table, done.before))


def _write(
    review: Review, record_id: str, decision: str, reviewer: str, stage: str, *,
    reason: str, note: str, final: bool = False, order: str = "",
) -> Decision:  # fmt: skip
    word = _decision_word(decision, stage)
    why = _reason(review, reason, word, stage)
    said = _text(note, "--note")
    with changes(review, command="screen --settle" if final else "screen", who=reviewer) as tx:
        cast = ballots(tx.review)
        record_id = _record(tx.review, record_id)
        _fits(cast, record_id, stage)
        if final:
            _in_dispute(cast[stage].get(record_id), record_id, reviewer, stage)
        table = _table(tx)
        cells = {
            "record_id": record_id, "stage": STAGE_WORD[stage], "reviewer": reviewer,
            "decision": word, "reason": why, "note": said, "role": "final" if final else "",
            "date": when_text(change_records.now()),
        }  # fmt: skip
        mine = _rows_of(table, record_id, stage, reviewer if not final else "", final=final)
        before = _cells(table, mine[-1]) if mine else None
        cells["order"] = order if before is None else before["order"]
        if mine:
            _set(table, mine[-1], cells)
        else:
            table.append(_named(table, cells))
    return Decision(record_id, stage, reviewer, word, why, said, final, before)


def _decision_word(text: str, stage: str) -> str:
    word = WORDS.get(text.strip().casefold().replace("-", "_"))
    allowed = ["include", "exclude", "maybe" if stage == SCREENING else "not_retrieved"]
    if stage == RETRIEVAL:
        allowed = ["not_retrieved"]
    if word in allowed:
        return str(word)
    if word == "maybe":
        raise InputError("a full text is included or excluded; leave it for later with skip")
    if word is not None:
        raise InputError(f"{text!r} is no decision on {STAGE_TITLE[stage]}: {', '.join(allowed)}")
    raise UnknownNameError("decision", text, allowed)


def _reason(review: Review, text: str, decision: str, stage: str) -> str:
    """The reason as the team's list writes it."""
    given = " ".join(_text(text, "--reason").split())
    known = review.settings.screening.reasons
    if given and decision != "exclude":
        raise InputError(f"a reason belongs to an exclusion, not to {decision!r}; use a note")
    if not given:
        if decision == "exclude" and stage == FULL_TEXT:
            listed = f": {'; '.join(known)}" if known else ""
            raise InputError(f"a full text is excluded with a reason (--reason){listed}")
        return ""
    if not known:
        return given
    if given.isascii() and given.isdigit() and 1 <= int(given) <= len(known):
        return known[int(given) - 1]
    found = {same_name(r): r for r in known}.get(same_name(given))
    if found is None:
        close = next(iter(suggest(given, known, most=1)), None)
        hint = f"; did you mean {close!r}?" if close else ""
        raise InputError(
            f"{given!r} is not among the reasons of review.toml [screening]: "
            f"{'; '.join(known)}{hint}"
        )
    return found


def _text(text: str, what: str) -> str:
    try:
        return clean_text(text) or ""
    except CellError as error:
        raise InputError(f"{what}: {error} (allowed: {error.allowed})") from None


def _record(review: Review, record_id: str) -> str:
    """The identifier of a record that is there to be screened."""
    wanted = record_id.strip()
    if not review.has(RECORDS):
        raise InputError(f"the review has no {RECORDS}: import the records first")
    ids = []
    for record in stored_records(review):
        ids.append(record["record_id"])
        if record["record_id"] != wanted:
            continue
        if box := record.get("removed", "").strip():
            raise InputError(f"{wanted} was removed before screening ({box}; {RECORDS})")
        other = record.get("duplicate_of", "").strip() or repeated_records(review).get(wanted, "")
        if other:
            raise InputError(f"{wanted} repeats {other}: decide on that one")
        return wanted
    raise UnknownNameError("record", record_id, ids, where=f"in {RECORDS}")


def _fits(cast: dict[str, dict[str, Ballot]], record_id: str, stage: str) -> None:
    first = cast[SCREENING].get(record_id)
    if stage == SCREENING or first is None or first.state == "include":
        return
    why = {
        "exclude": "was excluded by title and abstract",
        "conflict": "is in dispute by title and abstract",
        "waiting": "waits for another reviewer by title and abstract",
    }.get(first.state, "was not retrieved")
    raise InputError(f"{record_id} {why}: it has no full text to decide on yet")


def _in_dispute(ballot: Ballot | None, record_id: str, reviewer: str, stage: str) -> None:
    if ballot is None or not (
        ballot.state == "conflict" or ballot.reasons_differ or ballot.final is not None
    ):
        raise InputError(
            f"nothing is in dispute on {record_id} ({STAGE_TITLE[stage]}); see --conflicts"
        )
    if ballot.vote_of(reviewer) is not None:
        raise InputError(
            f"{reviewer} is one of those who disagree on {record_id}: a third person settles it, "
            "or --by consensus says what they agreed on"
        )


def _table(tx: Changes) -> RawTable:
    table = tx.table(DECISIONS, DecisionRow, columns=COLUMNS)
    there = set(table.header)
    keys = {c for c, known in DecisionRow.OTHER_NAMES.items() if known == "record_id"}
    table.add_columns([c for c in COLUMNS if c != "record_id" or not there & (keys | {c})])
    return table


def _key(table: RawTable) -> str:
    return next(c for c in ("record_id", *DecisionRow.OTHER_NAMES) if c in table.header)


def _named(table: RawTable, cells: dict[str, str]) -> dict[str, str]:
    """The cells under the names that the columns of the table have."""
    return {_key(table) if c == "record_id" else c: text for c, text in cells.items()}


def _cells(table: RawTable, row: Row) -> dict[str, str]:
    return {c: row.cells[_key(table) if c == "record_id" else c] for c in COLUMNS}


def _set(table: RawTable, row: Row, cells: dict[str, str]) -> None:
    for column, text in _named(table, cells).items():
        table.set(row, column, text)


def _rows_of(
    table: RawTable, record_id: str, stage: str, reviewer: str, *, final: bool
) -> list[Row]:
    """The rows of a reviewer on a record at a stage; of settled decisions those of anybody."""
    key, name = _key(table), same_name(reviewer)
    found = []
    for row in table.rows:
        if row.cells[key].strip() != record_id:
            continue
        at = STAGES.get(row.cells["stage"].strip().casefold())
        who = same_name(row.cells["reviewer"])
        settled = bool(row.cells["role"].strip() not in {"", "reviewer"} or who in DECISIVE)
        if at == stage and settled is final and (final or who == name):
            found.append(row)
    return found

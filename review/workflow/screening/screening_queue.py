"""Which records a reviewer has still to decide on, and which is the next one.

Nothing in it says what others decided: reviewers are blind to each other until both have.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.schema.folder_files import DUPLICATES, RECORDS
from review.schema.prisma_flow import OTHER_METHODS
from review.schema.screening_rows import KINDS
from review.workflow.records.stored_records import stored_records
from review.workflow.screening.screening_votes import (
    FULL_TEXT,
    RETRIEVAL,
    SCREENING,
    Ballot,
    ballots,
    reviewer_named,
    stage_named,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from review.project import Review
    from review.workflow.screening.relevance_ranking import RelevanceRanking

ORDERS: Final = ("file", "date", "relevance", "random")
Record = dict[str, str]


def as_it_is_now(review: Review) -> Review:
    """Return the review with nothing read yet: others may have written since it was opened."""
    return review.fresh()


def repeated_records(review: Review) -> dict[str, str]:
    """Return the records that repeat another one, and which one that is."""
    return {row.record_id: row.other_id for row in review.duplicates if row.verdict == "same"}


def screened_records(review: Review) -> list[Record]:
    """Return the records that are screened: neither repeated nor removed before, in file order.

    Raises:
        InputError: the review has no records.
        DataError: a table cannot be read.
    """
    if not review.has(RECORDS):
        raise InputError(f"the review has no {RECORDS}: import the records first")
    files = (RECORDS, DUPLICATES)
    kept: list[Record] = review.derived("screened records", files, lambda: _screened(review))
    return list(kept)


def _screened(review: Review) -> list[Record]:
    gone = repeated_records(review)
    return [
        record
        for record in stored_records(review)
        if record["record_id"] not in gone
        and not record.get("duplicate_of", "").strip()
        and not record.get("removed", "").strip()
    ]


def records_at(
    records: Collection[Record], cast: Mapping[str, Mapping[str, Ballot]], stage: str
) -> list[Record]:
    """Return the records that a stage is about.

    Title and abstract: those of databases and registers; as in the PRISMA flow, what websites,
    organisations and citations brought is sought without it. Full text: what stayed in and could
    be retrieved; what is in dispute or waits for a reviewer comes when that is settled.
    """
    first, sought, full = cast[SCREENING], cast[RETRIEVAL], cast[FULL_TEXT]
    found = []
    for record in records:
        i = record["record_id"]
        state = first[i].state if i in first else ""
        if stage == SCREENING:
            wanted = bool(state) or kind_of(record) not in OTHER_METHODS
        else:
            other = kind_of(record) in OTHER_METHODS
            kept = state == "include" or (other and not state)
            lost = i in sought and sought[i].state == "not_retrieved"
            wanted = (kept and not lost) or i in full
        if wanted:
            found.append(record)
    return found


def kind_of(record: Record) -> str:
    """Return the kind of source that a record comes from."""
    text = record.get("kind", "")
    return KINDS.get(text) or KINDS.get(text.strip().casefold(), "database")


def left_for(
    review: Review,
    by: str,
    *,
    stage: str = "title_abstract",
    order: str = "file",
    records: Collection[Record] | None = None,
    ranking: RelevanceRanking | None = None,
) -> list[Record]:
    """Return the records that a reviewer has still to decide on, the next one first.

    Args:
        review: the review, as it was opened.
        by: the reviewer.
        stage: title_abstract or full_text.
        order: file; date (newest first, without a year last); relevance, by what the reviewer has
            decided and what is settled (see `relevance_ranking`); random, the same for everybody.
            No order leaves anything out.
        records: of `screened_records`, when they are read already.
        ranking: of these records, when their words are counted already.

    Raises:
        InputError: there are no records, or an argument is wrong.
        MissingExtraError: an order by relevance needs scikit-learn.
        DataError: a table cannot be read.
    """
    if order not in ORDERS:
        raise UnknownNameError("order", order, ORDERS)
    at, reviewer = screening_stage(stage), reviewer_named(review, by)
    every = screened_records(review) if records is None else records
    cast = ballots(review)
    left = open_records(review, every, cast, at, reviewer)
    if order in {"date", "random"}:
        left = in_order(left, order)
    elif order == "relevance" and left:
        from review.workflow.screening.relevance_ranking import RelevanceRanking

        ranking = ranking or RelevanceRanking(list(every))
        ranks = {i: n for n, i in enumerate(ranking.order(_known(cast, at, reviewer)))}
        left.sort(key=lambda record: ranks[record["record_id"]])
    return left


def in_order(records: Collection[Record], order: str) -> list[Record]:
    """Return records in an order that nobody's decisions change: file, date or random."""
    if order == "date":
        return sorted(records, key=_newest_first)
    return sorted(records, key=_by_lot) if order == "random" else list(records)


def _known(cast: Mapping[str, Mapping[str, Ballot]], stage: str, reviewer: str) -> dict[str, bool]:
    """What a reviewer may know: one's own decisions, and what is settled."""
    known = {
        i: False
        for i, ballot in cast[SCREENING].items()
        if stage != SCREENING and ballot.state == "exclude"
    }
    for i, ballot in cast[stage].items():
        own = ballot.vote_of(reviewer)
        said = own.decision if own is not None else ballot.state
        if said in {"include", "maybe", "exclude"}:
            known[i] = said != "exclude"
    return known


def _by_lot(record: Record) -> bytes:
    """A place that has nothing to do with the record, and is the same on every computer."""
    return hashlib.sha256(f"screening {record['record_id']}".encode()).digest()


def open_records(
    review: Review,
    records: Collection[Record],
    cast: Mapping[str, Mapping[str, Ballot]],
    stage: str,
    reviewer: str,
) -> list[Record]:
    """Return the records of a stage that are open for a reviewer, in their order."""
    needed = review.settings.screening.reviewers
    left = []
    for record in records_at(records, cast, stage):
        ballot = cast[stage].get(record["record_id"])
        if ballot is not None and (
            ballot.final is not None
            or ballot.state == "not_retrieved"
            or ballot.vote_of(reviewer) is not None
            or (needed is not None and len(ballot.votes) >= needed)
        ):
            continue
        left.append(record)
    return left


def _newest_first(record: Record) -> tuple[bool, int]:
    year = record.get("year", "").strip()[:4]
    known = year.isascii() and year.isdigit()
    return not known, -int(year) if known else 0


def next_record(
    review: Review,
    by: str,
    *,
    stage: str = "title_abstract",
    order: str = "file",
    skip: Collection[str] = (),
) -> Record | None:
    """Return the next record of a reviewer, or None when nothing is left.

    Args:
        review: the review; its files are read anew.
        by: the reviewer.
        stage: title_abstract or full_text.
        order: see `left_for`.
        skip: identifiers of records that come last.

    Raises:
        InputError, DataError: as `left_for`.
    """
    left = left_for(as_it_is_now(review), by, stage=stage, order=order)
    return next((r for r in left if r["record_id"] not in skip), left[0] if left else None)


def screening_stage(stage: str) -> str:
    """Return the stage that a word means, if records are screened at it.

    Raises:
        UnknownNameError: they are not.
    """
    found = stage_named(stage)
    if found == RETRIEVAL:
        raise UnknownNameError("stage of screening", stage, ["title-abstract", "full-text"])
    return found

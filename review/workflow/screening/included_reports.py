"""The reports that reviewers have included in full text: those that become studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.workflow.screening.screening_queue import Record, screened_records
from review.workflow.screening.screening_votes import FULL_TEXT, RETRIEVAL, ballots

if TYPE_CHECKING:
    from review.project import Review


@dataclass(frozen=True)
class IncludedReports:
    """What full-text screening came to.

    Attributes:
        records: the included reports, in the order of `records.csv`: record_id -> cells.
        open: reports in dispute or waiting for another reviewer.
        screened: whether anything was decided in full text.
    """

    records: dict[str, Record]
    open: int
    screened: bool


def included_reports(review: Review) -> IncludedReports:
    """Return the reports that are included in full text, neither repeated nor removed.

    What is in dispute, or waits for a reviewer, is not included yet.

    Raises:
        InputError: the review has no records.
        DataError: a table cannot be read.
    """
    cast = ballots(review)
    lost = {i for i, ballot in cast[RETRIEVAL].items() if ballot.state == "not_retrieved"}
    states = {i: ballot.state for i, ballot in cast[FULL_TEXT].items() if i not in lost}
    found, unsettled = {}, 0
    for record in screened_records(review):
        state = states.get(record["record_id"])
        if state == "include":
            found[record["record_id"]] = record
        unsettled += state in {"conflict", "waiting"}
    return IncludedReports(found, unsettled, bool(cast[FULL_TEXT]))

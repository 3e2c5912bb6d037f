"""Where reviewers disagree, for the third person who settles it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.workflow.screening.screening_queue import as_it_is_now, screened_records
from review.workflow.screening.screening_votes import (
    FULL_TEXT,
    SCREENING,
    STAGE_WORD,
    Ballot,
    ballots,
    stage_named,
)

if TYPE_CHECKING:
    from review.project import Review


@dataclass(frozen=True)
class Conflict:
    """A record that reviewers disagree on; all who were needed have decided.

    Attributes:
        record: its cells.
        ballot: who decided what.
        kind: decision, or reason where all exclude a full text for different reasons.
    """

    record: dict[str, str]
    ballot: Ballot
    kind: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary for JSON."""
        return {
            "record_id": self.ballot.record_id,
            "title": self.record.get("title", ""),
            "stage": STAGE_WORD[self.ballot.stage],
            "kind": self.kind,
            "votes": [
                {"reviewer": v.reviewer or "", "decision": v.decision, "reason": v.reason or "",
                 "note": v.note or ""}
                for v in self.ballot.votes
            ],
        }  # fmt: skip


def conflicts(review: Review, stage: str | None = None) -> list[Conflict]:
    """Return what is in dispute and not settled, in the order of the records.

    Args:
        review: the review; its files are read anew.
        stage: title_abstract or full_text; both without it.

    Raises:
        InputError: there are no records, or the stage is none.
        DataError: a table cannot be read.
    """
    wanted = (SCREENING, FULL_TEXT) if stage is None else (stage_named(stage),)
    fresh = as_it_is_now(review)
    cast = ballots(fresh)
    found = []
    for at in wanted:
        for record in screened_records(fresh):
            ballot = cast[at].get(record["record_id"])
            if ballot is None:
                continue
            if ballot.state == "conflict":
                found.append(Conflict(record, ballot, "decision"))
            elif ballot.reasons_differ:
                found.append(Conflict(record, ballot, "reason"))
    return found

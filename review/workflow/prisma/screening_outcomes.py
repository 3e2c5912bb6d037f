"""What the reviewers decided on each record, from `decisions.csv`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from review.project import Review

# whoever decides when reviewers disagree
DECISIVE: Final = frozenset({"consensus", "adjudicator", "adjudication", "final"})


@dataclass(frozen=True)
class Outcomes:
    """The outcome per record at each stage.

    Attributes:
        outcome: stage -> record -> include, exclude or not_retrieved.
        reasons: stage -> record -> the first reason given for excluding it.
        open: disagreements that nobody has settled; such a record stays in.
    """

    outcome: dict[str, dict[str, str]]
    reasons: dict[str, dict[str, str]]
    open: int


def outcomes(review: Review) -> Outcomes | None:
    """Return the outcome of every record that was decided on; None without `decisions.csv`.

    Raises:
        DataError: the table cannot be read, or a word in it is not known.
    """
    if not review.has("decisions.csv"):
        return None
    votes: dict[str, dict[str, list[tuple[bool, str]]]] = {
        s: defaultdict(list) for s in ("screening", "retrieval", "full_text")
    }
    reasons: dict[str, dict[str, str]] = {s: {} for s in votes}
    for row in review.decisions:
        who = (row.reviewer or "").casefold()
        votes[row.stage][row.record_id].append((who in DECISIVE, row.decision))
        if row.reason and row.decision == "exclude":
            reasons[row.stage].setdefault(row.record_id, row.reason)
    outcome, unsettled = {}, 0
    for at, by_record in votes.items():
        outcome[at] = {i: _outcome(cast) for i, cast in by_record.items()}
        unsettled += sum(_unsettled(cast) for cast in by_record.values())
    return Outcomes(outcome, reasons, unsettled)


def _outcome(votes: list[tuple[bool, str]]) -> str:
    """The last decisive vote, or the common one; a record stays in while reviewers disagree."""
    final = [said for decisive, said in votes if decisive]
    if final:
        return final[-1]
    said = {said for _, said in votes}
    return said.pop() if len(said) == 1 else "include"


def _unsettled(votes: list[tuple[bool, str]]) -> bool:
    return not any(decisive for decisive, _ in votes) and len({said for _, said in votes}) > 1

"""What the reviewers decided on each record, from `decisions.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.workflow.screening.screening_votes import ballots

if TYPE_CHECKING:
    from review.project import Review


@dataclass(frozen=True)
class Outcomes:
    """The outcome per record at each stage.

    Attributes:
        outcome: stage -> record -> include, exclude or not_retrieved; without records on which
            fewer reviewers have decided than `[screening] reviewers` says.
        reasons: stage -> record -> the reason for excluding it: that of the final decision, or
            the first one given.
        open: disagreements that nobody has settled; such a record stays in.
        waiting: records of any stage that wait for another reviewer.
    """

    outcome: dict[str, dict[str, str]]
    reasons: dict[str, dict[str, str]]
    open: int
    waiting: int = 0


def outcomes(review: Review) -> Outcomes | None:
    """Return the outcome of every record that was decided on; None without `decisions.csv`.

    Raises:
        DataError: the table cannot be read, or a word in it is not known.
    """
    if not review.has("decisions.csv"):
        return None
    outcome: dict[str, dict[str, str]] = {}
    reasons: dict[str, dict[str, str]] = {}
    unsettled = waiting = 0
    for stage, by_record in ballots(review).items():
        states = {i: ballot.state for i, ballot in by_record.items()}
        unsettled += sum(state == "conflict" for state in states.values())
        waiting += sum(state == "waiting" for state in states.values())
        outcome[stage] = {
            i: "include" if state == "conflict" else state
            for i, state in states.items()
            if state != "waiting"
        }
        reasons[stage] = {i: b.reasons[0] for i, b in by_record.items() if b.reasons}
    return Outcomes(outcome, reasons, unsettled, waiting)

"""What one person does in a sitting of screening, step by step, and back again.

The terminal and the page go through it, so that a key does the same thing in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from review.errors import InputError
from review.workflow.screening.screening_decisions import clear, decide, put_back
from review.workflow.screening.screening_duplicates import mark_duplicate, unmark_duplicate

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.project import Review
    from review.workflow.screening.screening_decisions import Decision
    from review.workflow.screening.screening_duplicates import MarkedDuplicate


@dataclass
class ScreeningSteps:
    """The steps of one person at one stage.

    Attributes:
        reviewer: who screens.
        stage: screening or full_text.
        later: identifiers of records that were put off.
        done: record and how to take the step on it back, the last one last.
        decided: how many steps stand.
    """

    reviewer: str
    stage: str
    later: dict[str, None] = field(default_factory=dict)
    done: list[tuple[str, Callable[[Review], object]]] = field(default_factory=list)

    @property
    def decided(self) -> int:
        """How many steps were made and not taken back."""
        return len(self.done)

    def decide(
        self, review: Review, record_id: str, decision: str, *,
        reason: str = "", note: str = "", order: str = "",
    ) -> Decision:  # fmt: skip
        """Write a decision; see `screening_decisions.decide`."""
        made = decide(
            review, record_id, decision, by=self.reviewer, stage=self.stage, reason=reason,
            note=note, order=order,
        )  # fmt: skip
        self.done.append((made.record_id, lambda now: put_back(now, made)))
        return made

    def clear(self, review: Review, record_id: str) -> Decision:
        """Take one's decision on a record out."""
        made = clear(review, record_id, by=self.reviewer, stage=self.stage)
        self.done.append((made.record_id, lambda now: put_back(now, made)))
        return made

    def mark(self, review: Review, record_id: str, other_id: str) -> MarkedDuplicate:
        """Say that a record repeats another one, which is kept."""
        made = mark_duplicate(review, record_id, other_id, by=self.reviewer)
        self.done.append((
            made.record_id,
            lambda now: unmark_duplicate(
                now, made.record_id, by=self.reviewer, before=made.before
            ),
        ))  # fmt: skip
        return made

    def undo(self, review: Review) -> str:
        """Take the last step back; return the record that it was about.

        Raises:
            InputError: nothing was done, or what was done was changed since.
        """
        if not self.done:
            raise InputError("nothing was decided in this run; a decision can be cleared")
        record_id, back = self.done[-1]
        back(review)
        self.done.pop()
        return record_id

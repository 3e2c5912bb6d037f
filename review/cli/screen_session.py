"""The questions of `review screen`: one record at a time, answered with single keys."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import typer

from review.cli.common import ask, echo, print_marked, warn

if TYPE_CHECKING:
    from review.project import Review
    from review.workflow.screening.relevance_ranking import RelevanceRanking
    from review.workflow.screening.screening_queue import Record
    from review.workflow.screening.screening_steps import ScreeningSteps

_LONGEST: Final = 400
_RANKED_EVERY: Final = 10  # decisions
_FACTS: Final = ("authors", "year", "journal", "doi", "keywords")


def run_session(
    review: Review, by: str, stage: str, order: str, keys: list[str], *, highlight: bool
) -> None:
    """Ask about each record that is left for a reviewer, until none is or the person stops."""
    from review.workflow.screening.screening_queue import (
        left_for,
        screened_records,
        screening_stage,
    )
    from review.workflow.screening.screening_steps import ScreeningSteps
    from review.workflow.screening.screening_votes import reviewer_named

    at = screening_stage(stage)
    key_of = _keys(review, keys)
    try:
        name = by.strip() or ask("Who screens (your name)", None)
    except typer.Abort:
        warn("")
        return
    reviewer = reviewer_named(review, name)
    left = left_for(review, reviewer, stage=stage, order=order)
    steps = ScreeningSteps(reviewer, at)
    session = _Session(review, steps, key_of, highlight=highlight, order=order)
    if order == "relevance" and left:
        from review.workflow.screening.relevance_ranking import RelevanceRanking

        session.records = screened_records(review)
        session.ranking = RelevanceRanking(session.records)
    if at == "full_text":
        session.key_of.pop("maybe")
    session.run(left)


def _keys(review: Review, changed: list[str]) -> dict[str, str]:
    from pydantic import ValidationError

    from review.errors import InputError
    from review.schema.screening_settings import ScreeningSettings

    own = dict(review.settings.screening.keys)
    for item in changed:
        action, sign, key = item.partition("=")
        if not sign:
            raise InputError(f"--key {item!r}: write it as ACTION=KEY, such as exclude=x")
        own[action.strip()] = key.strip()
    try:
        return ScreeningSettings(keys=own).key_of
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise InputError(f"--key: {said}") from None


@dataclass
class _Session:
    """What one person does until they stop.

    Attributes:
        steps: who screens what, and what was done.
        records, ranking: of all records, where the order is that of relevance.
        shown: records that came up, by their identifier.
    """

    review: Review
    steps: ScreeningSteps
    key_of: dict[str, str]
    highlight: bool
    order: str = "file"
    records: list[Record] = field(default_factory=list)
    ranking: RelevanceRanking | None = None
    ranked_at: int = 0
    note: str = ""
    shown: dict[str, Record] = field(default_factory=dict)

    def run(self, left: list[Record]) -> None:
        """Ask until nothing is left."""
        if not left:
            echo("nothing is left to decide")
            return
        warn(self.keys_line())
        waiting = list(left)
        try:
            while waiting:
                if not self.one(waiting):
                    break
                decided = self.steps.decided
                if self.ranking is not None and decided >= self.ranked_at + _RANKED_EVERY:
                    waiting, self.ranked_at = self.ranked(), decided
        except (typer.Abort, KeyboardInterrupt):
            warn("")
        echo(f"{self.steps.decided} decided, {len(waiting)} left; all of it is written")

    def ranked(self) -> list[Record]:
        """What is left, ranked anew; what was put off stays last."""
        from review.workflow.screening.screening_queue import as_it_is_now, left_for

        left = left_for(
            as_it_is_now(self.review), self.steps.reviewer, stage=self.steps.stage,
            order=self.order, records=self.records, ranking=self.ranking,
        )  # fmt: skip
        return sorted(left, key=lambda record: record["record_id"] in self.steps.later)

    def keys_line(self) -> str:
        """The keys with what they do."""
        from review.schema.screening_settings import MEANING

        said = [f"{key} {MEANING[action]}" for action, key in self.key_of.items()]
        reasons = self.review.settings.screening.reasons
        said += [f"{n} exclude: {r}" for n, r in enumerate(reasons[:9], 1)]
        return ", ".join(said)

    def one(self, waiting: list[Record]) -> bool:
        """Show the first record and do what the person says; False to stop."""
        from review.errors import InputError

        record = waiting[0]
        self.show(record, len(waiting))
        self.note = ""
        while True:
            key = self.key()
            action = next((a for a, k in self.key_of.items() if k.casefold() == key), "")
            try:
                if action == "quit":
                    return False
                if action == "help" or not (action or key.isdigit()):
                    warn(self.keys_line())
                elif action == "highlight":
                    self.highlight = not self.highlight
                    self.show(record, len(waiting))
                elif action == "note":
                    self.note = self.text("Note")
                elif action == "skip":
                    self.steps.later[record["record_id"]] = None
                    waiting.append(waiting.pop(0))
                    return True
                elif action == "undo":
                    if self.undo(waiting):
                        return True
                elif self.change(record, action, key):
                    waiting.pop(0)
                    return True
            except InputError as error:
                warn(f"  {error}")

    def change(self, record: Record, action: str, key: str) -> bool:
        """Write a decision or a duplicate; False when the person thinks better of it."""
        i = record["record_id"]
        if action == "duplicate":
            other = self.text("Which record it repeats (Enter: none)")
            if not other:
                return False
            self.steps.mark(self.review, i, other)
            warn(f"  {i} repeats {other}")
            return True
        reason = key if key.isdigit() else ""
        if action == "exclude" and self.steps.stage == "full_text":
            reason = self.text(self.reason_question())
            if not reason:
                return False
        made = self.steps.decide(
            self.review, i, "exclude" if key.isdigit() else action, reason=reason,
            note=self.note, order=self.order,
        )  # fmt: skip
        why = f": {made.reason}" if made.reason else ""
        warn(f"  {made.decision}{why}")
        return True

    def reason_question(self) -> str:
        """The reasons with their numbers."""
        reasons = self.review.settings.screening.reasons
        listed = ", ".join(f"{n} {r}" for n, r in enumerate(reasons, 1))
        return f"Why ({listed})" if listed else "Why"

    def undo(self, waiting: list[Record]) -> bool:
        """Take the last step back and show its record again."""
        waiting.insert(0, self.shown[self.steps.undo(self.review)])
        return True

    def key(self) -> str:
        """One key, without Enter on a terminal; a line of a file or pipe otherwise."""
        if sys.stdin.isatty():
            found = str(typer.getchar())
            if found in {"\x03", "\x04"}:
                raise typer.Abort
            return found.casefold()
        line = sys.stdin.readline()
        if not line:
            raise typer.Abort
        return line.strip()[:1].casefold() or "\0"

    def text(self, question: str) -> str:
        """A line of text; empty when the person presses Enter alone."""
        return ask(f"  {question}", "").strip()

    def show(self, record: Record, left: int) -> None:
        """Print a record, its keywords marked."""
        self.shown[record["record_id"]] = record
        facts = "; ".join(text for name in _FACTS if (text := record.get(name, "")))
        title = record.get("title", "") or "(no title)"
        abstract = record.get("abstract", "") or "(no abstract)"
        print_marked([
            ("", "", []),
            (f"[{left} left] {record['record_id']}", "dim", []),
            (title, "bold", self.marks(title)),
            (facts[:_LONGEST], "", []),
            (abstract, "", self.marks(abstract)),
        ])  # fmt: skip

    def marks(self, text: str) -> list[tuple[int, int, str]]:
        """Where keywords stand in a text, with their style."""
        from review.workflow.screening.screening_keywords import keyword_marks

        if not self.highlight:
            return []
        words = self.review.settings.screening
        return [
            (mark.start, mark.end, "bold red" if mark.against else "bold green")
            for mark in keyword_marks(text, words.keywords, words.keywords_against)
        ]

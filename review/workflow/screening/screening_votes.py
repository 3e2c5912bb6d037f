"""The votes on each record at a stage of screening, and what they come to: one rule for all.

The PRISMA flow, the queue, the conflicts and the progress read this, so that they cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError, suggest
from review.schema.cell_types import CellError, clean_text
from review.schema.folder_files import DECISIONS, SETTINGS_FILE
from review.schema.screening_rows import BY_RULE, STAGES

if TYPE_CHECKING:
    from review.project import Review
    from review.schema.screening_rows import DecisionRow

SCREENING: Final = "screening"
RETRIEVAL: Final = "retrieval"
FULL_TEXT: Final = "full_text"
# how commands and files call the stages
STAGE_WORD: Final = {SCREENING: "title_abstract", RETRIEVAL: "retrieval", FULL_TEXT: "full_text"}
STAGE_TITLE: Final = {
    SCREENING: "title and abstract", RETRIEVAL: "retrieval", FULL_TEXT: "full text",
}  # fmt: skip
# whoever decides when reviewers disagree, where no column role says so
DECISIVE: Final = frozenset({"consensus", "adjudicator", "adjudication", "final"})
_STAYS_IN: Final = {"maybe": "include"}


@dataclass(frozen=True)
class Ballot:
    """What was decided on one record at one stage.

    Attributes:
        record_id: of the record.
        stage: screening, retrieval or full_text.
        votes: of the reviewers, in the order of the file; of a reviewer who decided twice the last.
        final: the decision that settles a disagreement, or None.
        needed: how many reviewers decide.
    """

    record_id: str
    stage: str
    votes: tuple[DecisionRow, ...]
    final: DecisionRow | None
    needed: int

    @cached_property
    def state(self) -> str:
        """What it comes to: waiting, conflict, include, exclude or not_retrieved.

        A record waits as long as fewer reviewers than needed have decided; what one of them could
        not retrieve waits for nobody. Maybe keeps a record in, as include does.
        """
        if self.final is not None:
            return _STAYS_IN.get(self.final.decision, self.final.decision)
        said = {_STAYS_IN.get(v.decision, v.decision) for v in self.votes}
        if said == {"not_retrieved"}:
            return "not_retrieved"
        if len(self.votes) < (self.needed if self.stage != RETRIEVAL else 1):
            return "waiting"
        return said.pop() if len(said) == 1 else "conflict"

    @property
    def reasons(self) -> list[str]:
        """The different reasons given for excluding it, that of the final decision first."""
        rows = [*([self.final] if self.final else []), *self.votes]
        return list(dict.fromkeys(r.reason for r in rows if r.reason and r.decision == "exclude"))

    @property
    def reasons_differ(self) -> bool:
        """Whether a report is excluded for two reasons, of which the flow can name one only."""
        open_one = self.final is None and self.stage == FULL_TEXT and self.state == "exclude"
        return open_one and len({r.casefold() for r in self.reasons}) > 1

    def vote_of(self, reviewer: str) -> DecisionRow | None:
        """Return what a reviewer decided, or None."""
        return self._votes_by_name.get(same_name(reviewer))

    @cached_property
    def _votes_by_name(self) -> dict[str, DecisionRow]:
        return {same_name(v.reviewer): v for v in reversed(self.votes)}


def ballots(review: Review) -> dict[str, dict[str, Ballot]]:
    """Return stage -> record -> ballot, of every record that anybody has decided on.

    Raises:
        DataError: `decisions.csv` cannot be read, or a word in it is not known.
    """
    files = (DECISIONS, SETTINGS_FILE)
    cast: _Cast = review.derived(
        "ballots", files, lambda: _count(review), lambda before: _count(review, before)
    )
    return cast.ballots


@dataclass(frozen=True)
class _Cast:
    """All ballots, with what they were made of.

    Attributes:
        rows: of `decisions.csv`; needed: reviewers.
        votes, settled: (stage, record) -> reviewer -> decision, and the one that settles.
    """

    rows: list[DecisionRow]
    needed: int
    votes: dict[tuple[str, str], dict[object, DecisionRow]]
    settled: dict[tuple[str, str], DecisionRow]
    ballots: dict[str, dict[str, Ballot]]


def _count(review: Review, before: _Cast | None = None) -> _Cast:
    """Count the votes; where rows were only added since `before`, those alone."""
    rows, needed = review.decisions, review.settings.screening.reviewers or 1
    if before is None or before.needed != needed or not _grown(before.rows, rows):
        before = _Cast([], needed, {}, {}, {SCREENING: {}, RETRIEVAL: {}, FULL_TEXT: {}})
    votes, settled = dict(before.votes), dict(before.settled)
    found = {stage: dict(kept) for stage, kept in before.ballots.items()}
    touched: dict[tuple[str, str], dict[object, DecisionRow]] = {}
    start = len(before.rows)
    for number, row in enumerate(rows[start:], start):
        at, name = (row.stage, row.record_id), same_name(row.reviewer)
        if at not in touched:
            touched[at] = votes[at] = dict(votes.get(at, {}))
        if row.role == "final" or name in DECISIVE:
            settled[at] = row
        else:  # without a name two rows may be those of two people
            touched[at][name or number] = row
    for (stage, record_id), cast in touched.items():
        final = settled.get((stage, record_id))
        found[stage][record_id] = Ballot(record_id, stage, tuple(cast.values()), final, needed)
    return _Cast(rows, needed, votes, settled, found)


def _grown(before: list[DecisionRow], rows: list[DecisionRow]) -> bool:
    """Whether rows begin with those of before: the same objects, not only equal ones."""
    if len(rows) < len(before):
        return False
    return not before or (rows[0] is before[0] and rows[len(before) - 1] is before[-1])


@lru_cache(maxsize=4096)
def same_name(name: str | None) -> str:
    """Return a name as it is compared: case and blanks make no difference.

    Example:
        >>> same_name(" Ann  Lee ")
        'ann lee'
    """
    return " ".join((name or "").split()).casefold()


def stage_named(text: str) -> str:
    """Return the stage that a word means.

    Raises:
        UnknownNameError: it means none.

    Example:
        >>> stage_named("full-text"), stage_named("title_abstract")
        ('full_text', 'screening')
    """
    word = text.strip().casefold().replace("-", "_")
    found = STAGES.get(word) or STAGES.get(word.replace("_", " "))
    if found is None:
        raise UnknownNameError("stage of screening", text, ["title-abstract", "full-text"])
    return found


def reviewer_named(review: Review, name: str) -> str:
    """Return the name of a reviewer, as the team writes it.

    Raises:
        InputError: it is empty, or a word that has a meaning of its own.
        UnknownNameError: the review lists its team, and it is not in it.
    """
    try:
        given = " ".join((clean_text(name) or "").split())
    except CellError as error:
        raise InputError(f"--by: {error} (allowed: {error.allowed})") from None
    if not given:
        raise InputError("say who screens: --by NAME")
    if same_name(given) in DECISIVE | {BY_RULE}:
        raise InputError(
            f"{given!r} is no name of a reviewer: it stands for the decision that settles a "
            "disagreement (--settle)"
        )
    team = {same_name(n): n for n in review.settings.screening.team}
    if team and same_name(given) not in team:
        close = next(iter(suggest(given, team.values(), most=1)), None)
        hint = f"; did you mean {close!r}?" if close else ""
        raise InputError(
            f"{given!r} is not in the team of review.toml [screening] ({', '.join(team.values())})"
            f"{hint}"
        )
    return team.get(same_name(given), given)

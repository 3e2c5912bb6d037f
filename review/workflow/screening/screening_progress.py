"""How far the screening of a review is: decided, left, in dispute, how fast, how well it agrees."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from review.stats.agreement.category_agreement import (
    Estimate,
    cohen_kappa,
    gwet_ac,
    percent_agreement,
)
from review.words import plural
from review.workflow.screening.screening_queue import (
    as_it_is_now,
    open_records,
    records_at,
    screened_records,
)
from review.workflow.screening.screening_votes import (
    FULL_TEXT,
    SCREENING,
    STAGE_TITLE,
    STAGE_WORD,
    Ballot,
    ballots,
    same_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.project import Review

# between two decisions of a person; more is a break, and no time spent on a record
BREAK_SECONDS: Final = 600.0
_FEWEST_GAPS: Final = 3


@dataclass(frozen=True)
class ReviewerProgress:
    """How far one reviewer is at a stage.

    Attributes:
        decided: records that the reviewer has decided on.
        left: records that are open for the reviewer.
        per_hour: records an hour, from the median time between two decisions (breaks of more than
            10 minutes left out); None where fewer than three such times are known.
    """

    reviewer: str
    decided: int
    left: int
    per_hour: float | None


@dataclass(frozen=True)
class StageProgress:
    """How far the team is at a stage.

    Attributes:
        stage: title_abstract or full_text.
        records: that the stage is about, by now.
        untouched, waiting, conflicts: nobody has decided; another reviewer has to; in dispute.
        reasons_differ: excluded by all, for different reasons (full text).
        included, excluded, not_retrieved: settled.
        reviewers: one entry each.
        agreement: on include (or maybe) against exclude, of records with two decisions or more:
            percent, kappa (two reviewers only) and ac1.
    """

    stage: str
    records: int
    untouched: int
    waiting: int
    conflicts: int
    reasons_differ: int
    included: int
    excluded: int
    not_retrieved: int
    reviewers: tuple[ReviewerProgress, ...]
    agreement: dict[str, Estimate]


@dataclass(frozen=True)
class ScreeningProgress:
    """How far the screening of a review is.

    Attributes:
        needed: how many reviewers decide on each record; None where review.toml does not say.
        stages: title and abstract, full text.
        notes: what the numbers rest on.
    """

    needed: int | None
    stages: tuple[StageProgress, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary for JSON."""
        return asdict(self)


def progress(review: Review) -> ScreeningProgress:
    """Return how far the screening is; the files are read anew.

    Raises:
        InputError: there are no records.
        DataError: a table cannot be read.
    """
    fresh = as_it_is_now(review)
    records, cast = screened_records(fresh), ballots(fresh)
    needed = fresh.settings.screening.reviewers
    notes = []
    if needed is None:
        notes.append(
            "review.toml has no [screening] reviewers: a record counts from its first decision "
            "on; reviewers = 2 lets two decide, blind to each other"
        )
    if any(cast[s] for s in cast):
        notes.append("agreement: include and maybe against exclude, before disputes were settled")
    stages = tuple(_stage(fresh, records, cast, at) for at in (SCREENING, FULL_TEXT))
    return ScreeningProgress(needed, stages, tuple(notes))


def _stage(
    review: Review,
    records: Sequence[dict[str, str]],
    cast: Mapping[str, Mapping[str, Ballot]],
    stage: str,
) -> StageProgress:
    here = [r["record_id"] for r in records_at(records, cast, stage)]
    held = [cast[stage][i] for i in here if i in cast[stage]]
    states = [ballot.state for ballot in held]
    names = {
        same_name(v.reviewer): v.reviewer for b in cast[stage].values() for v in b.votes
        if v.reviewer
    }  # fmt: skip
    names |= {same_name(n): n for n in review.settings.screening.team}
    ordered = sorted(names.values(), key=same_name)
    people = []
    for name in ordered:
        votes = [v for b in held if (v := b.vote_of(name))]
        left = len(open_records(review, records, cast, stage, name))
        people.append(ReviewerProgress(name, len(votes), left, _per_hour([v.date for v in votes])))
    return StageProgress(
        STAGE_WORD[stage],
        len(here),
        len(here) - len(held),
        states.count("waiting"),
        states.count("conflict"),
        sum(b.reasons_differ for b in held),
        states.count("include"),
        states.count("exclude"),
        states.count("not_retrieved"),
        tuple(people),
        _agreement(held, ordered),
    )


def _agreement(held: Sequence[Ballot], names: Sequence[str]) -> dict[str, Estimate]:
    """Agreement of the reviewers on whether a record stays in."""
    both = [b for b in held if len(b.votes) >= 2]
    if not both:
        return {}
    ratings = []
    for name in names:
        votes = [b.vote_of(name) for b in both]
        if any(votes):
            ratings.append([None if v is None else _side(v.decision) for v in votes])
    if len(ratings) < 2:
        return {}
    found = {"percent": percent_agreement(ratings)}
    if len(ratings) == 2:
        found["kappa"] = cohen_kappa(ratings)
    found["ac1"] = gwet_ac(ratings, categories=["in", "out"])
    return found


def _side(decision: str) -> str | None:
    """In or out; what could not be retrieved is no judgement."""
    return {"include": "in", "maybe": "in", "exclude": "out"}.get(decision)


def _per_hour(dates: Sequence[str | None]) -> float | None:
    moments = []
    for text in dates:
        try:
            moment = dt.datetime.fromisoformat(text or "")
        except ValueError:  # a date of another program
            continue
        if moment.tzinfo is not None:  # nor does a day without a time say when
            moments.append(moment.timestamp())
    moments.sort()
    gaps = [b - a for a, b in itertools.pairwise(moments) if b - a <= BREAK_SECONDS]
    # the log counts whole seconds: a median of 0 says that no person has decided
    if len(gaps) < _FEWEST_GAPS or median(gaps) <= 0:
        return None
    return 3600 / median(gaps)


def progress_lines(found: ScreeningProgress) -> list[str]:
    """Return the progress in sentences."""
    lines = []
    for s in found.stages:
        if not s.records:
            continue
        done = s.included + s.excluded + s.not_retrieved
        lines.append(
            f"{STAGE_TITLE[SCREENING if s.stage == 'title_abstract' else FULL_TEXT]}: "
            f"{plural(s.records, 'record')}, {done:,} settled ({s.included:,} in, "
            f"{s.excluded:,} out{f', {s.not_retrieved:,} not retrieved' * (s.not_retrieved > 0)}), "
            f"{s.untouched:,} untouched, {s.waiting:,} waiting for another reviewer, "
            f"{plural(s.conflicts, 'dispute')}"
            + (f", {plural(s.reasons_differ, 'exclusion')} for different reasons"
               if s.reasons_differ else "")
        )  # fmt: skip
        for r in s.reviewers:
            speed = "" if r.per_hour is None else f", {r.per_hour:.0f} an hour"
            lines.append(f"  {r.reviewer}: {r.decided:,} decided, {r.left:,} left{speed}")
        for name, e in s.agreement.items():
            if e.value is None:
                lines.append(f"  {name}: none ({e.note})")
                continue
            spread = "" if e.low is None else f" [{e.low:.2f}, {e.high:.2f}]"
            lines.append(f"  {name}: {e.value:.2f}{spread}, {plural(e.n, 'record')} ({e.method})")
    return lines

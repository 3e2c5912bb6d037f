"""The recall of a screening that has not seen every record: estimate, bound and test."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from review.stats.recall.recall_estimate import RecallEstimate, recall_estimate
from review.words import p_number, percent, plural
from review.workflow.screening.screening_queue import (
    as_it_is_now,
    records_at,
    screened_records,
    screening_stage,
)
from review.workflow.screening.screening_votes import ballots

if TYPE_CHECKING:
    from review.project import Review


def screening_recall(
    review: Review, *, stage: str = "title_abstract", target: float = 0.95, level: float = 95
) -> RecallEstimate:
    """Return how much of what is relevant was found, from the order of the decisions.

    Records in dispute count as relevant, those that wait for another reviewer as not screened. The
    last run of decisions in random order (`review screen --order random`) is the sample; without
    one the ranks stand for it, see `recall_estimate`.

    Raises:
        InputError: there are no records, or the stage is none.
        StatsError: the target or the level is out of range.
        DataError: a table cannot be read.
    """
    at, fresh = screening_stage(stage), as_it_is_now(review)
    cast = ballots(fresh)
    here = {r["record_id"] for r in records_at(screened_records(fresh), cast, at)}
    settled = {
        i: ballot.state != "exclude"
        for i, ballot in cast[at].items()
        if i in here and ballot.state != "waiting"
    }
    # a record is screened when the last of its reviewers has decided
    place = {
        row.record_id: (number, (row.order or "").casefold())
        for number, row in enumerate(fresh.decisions)
        if row.stage == at and row.record_id in settled and row.role != "final"
    }
    ordered = sorted(settled, key=lambda i: place.get(i, (-1, "")))
    by_chance = takewhile(lambda i: place.get(i, (0, ""))[1] == "random", reversed(ordered))
    found = recall_estimate(
        [settled[i] for i in ordered], len(here),
        sampled=sum(1 for _ in by_chance), target=target, level=level,
    )  # fmt: skip
    waiting = sum(b.state == "waiting" for i, b in cast[at].items() if i in here)
    if not waiting:
        return found
    note = f"not counted as screened: {plural(waiting, 'record')} that wait for another reviewer"
    return replace(found, notes=(*found.notes, note))


def recall_lines(found: RecallEstimate) -> list[str]:
    """Return the estimate in sentences."""
    drawn = "drawn at random" if found.sampling == "random" else "the last by rank"
    first = (
        f"{found.screened:,} of {plural(found.records, 'record')} screened, {found.found:,} "
        f"relevant; sample: {found.sampled:,} ({drawn}) with {found.sampled_found:,} relevant"
    )
    lines = [first]
    if found.recall is not None and found.recall_lb is not None:
        lines.append(
            f"recall {percent(100 * found.recall)}, at least {percent(100 * found.recall_lb)} "
            f"({percent(found.level)} one-sided); relevant ones not seen: about "
            f"{found.missed:.1f}, at most {found.missed_ub:,}"
        )
    alpha = 1 - found.level / 100
    verdict = "is not" if found.pval >= alpha else "is"
    lines.append(
        f"the chance of so few finds, were the recall below {percent(100 * found.target)}: "
        f"{p_number(found.pval)}; at an error of {percent(100 * alpha)} the target {verdict} shown"
    )
    return lines

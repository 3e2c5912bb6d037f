"""Disputes of reviewers in the browser: everybody's reasons, and how each is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.workflow.records.stored_records import stored_records
from review.workflow.screening.screening_conflicts import Conflict, conflicts
from review.workflow.screening.screening_decisions import TOGETHER, clear, settle
from review.workflow.screening.screening_votes import (
    FULL_TEXT,
    SCREENING,
    STAGE_TITLE,
    STAGE_WORD,
    ballots,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from review.web.web_visit import Visit


def disputes(visit: Visit) -> Response:
    """Show what reviewers disagree on, and what was settled."""
    review = visit.review
    found: list[Conflict] = review.derived("conflicts", (), lambda: conflicts(review))
    cast = ballots(review)
    titles = {r["record_id"]: r.get("title", "") for r in stored_records(review)}
    settled = [
        (b, titles.get(i, ""), STAGE_WORD[stage])
        for stage in (SCREENING, FULL_TEXT)
        for i, b in cast[stage].items()
        if b.final is not None
    ]
    return visit.page(
        "conflicts.html.j2",
        found=found[:100],
        total=len(found),
        settled=settled[-50:],
        stage_word=STAGE_WORD,
        stage_title=STAGE_TITLE,
        reasons=review.settings.screening.reasons,
        words=(review.settings.screening.keywords, review.settings.screening.keywords_against),
        together=TOGETHER,
    )


def settle_dispute(visit: Visit) -> Response:
    """Settle a dispute, or open it again."""
    record, stage = visit.field("record"), visit.field("stage")
    person = visit.person
    if visit.field("action") == "unsettle":
        clear(visit.review, record, by=person, stage=stage, final=True)
        visit.tell(f"{record} is open again")
    else:
        by = TOGETHER if visit.field("by") == TOGETHER else person
        action = visit.field("action")
        reason = visit.field("reason").strip() if action == "exclude" else ""
        note = visit.field("note").strip()
        if by == TOGETHER:
            note = f"{note} (entered by {person})".strip()
        settle(visit.review, record, action, by=by, stage=stage, reason=reason, note=note)
        visit.tell(f"{record} is settled: {action}")
    visit.review = visit.state.now()
    return disputes(visit)

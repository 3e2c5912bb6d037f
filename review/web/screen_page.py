"""Screening in the browser: one record at a time, disputes, one's own decisions, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from review.errors import InputError, UnknownNameError
from review.schema.folder_files import DECISIONS, DUPLICATES, RECORDS, SETTINGS_FILE
from review.schema.screening_settings import MEANING
from review.web.folder_pdfs import folder_pdfs, pdf_of
from review.web.keys_page import keys_of
from review.web.screen_filters import ScreenFilter
from review.workflow.records.merged_records import merged_record
from review.workflow.records.stored_records import stored_records
from review.workflow.screening.alike_records import alike_records
from review.workflow.screening.screening_duplicates import unmark_duplicate
from review.workflow.screening.screening_queue import (
    ORDERS,
    Record,
    in_order,
    left_for,
    repeated_records,
    screened_records,
    screening_stage,
)
from review.workflow.screening.screening_steps import ScreeningSteps
from review.workflow.screening.screening_votes import (
    FULL_TEXT,
    STAGE_TITLE,
    STAGE_WORD,
    Ballot,
    ballots,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from review.project.watched_review import WatchedReview
    from review.schema.screening_rows import DecisionRow
    from review.web.web_visit import Visit
    from review.workflow.screening.relevance_ranking import RelevanceRanking

_OF_SCREENING: Final = (RECORDS, DUPLICATES, DECISIONS, SETTINGS_FILE)
_RANKED: Final = (RECORDS, DUPLICATES)
_AT_ONCE: Final = 2_000  # records whose words are counted while the page waits
_MINE: Final = 300
_RANKED_EVERY: Final = 10  # decisions


def screen(visit: Visit) -> Response:
    """Show the next record of a person, or the one that is asked for."""
    return _show(visit, visit.query("record"))


def decide(visit: Visit) -> Response:
    """Do what a person has pressed, and show what comes next."""
    review, steps = visit.review, _steps(visit)
    action, record = visit.field("action"), visit.field("record").strip()
    reason = visit.field("reason").strip()
    if action.isascii() and action.isdigit():  # the number of a reason excludes
        action, reason = "exclude", action
    shown = ""
    if action == "skip":
        steps.later.pop(record, None)
        steps.later[record] = None
    elif action == "undo":
        shown = steps.undo(review)
        visit.tell(f"{shown}: the last step was taken back")
    elif action == "clear":
        steps.clear(review, record)
        visit.tell(f"{record}: your decision was taken out")
        shown = record
    elif action == "duplicate":
        other = visit.field("other").strip()
        if not other:
            raise InputError("say which record it repeats")
        steps.mark(review, record, other)
        visit.tell(f"{record} repeats {other}")
    elif action == "not_duplicate":
        other = unmark_duplicate(review, record, by=visit.person)
        visit.tell(f"{record} is kept beside {other}")
        shown = record
    else:
        order = visit.field("order", "file")
        _as_shown(visit, steps, record, action)
        made = steps.decide(review, record, action, reason=reason,
                            note=visit.field("note").strip(), order=order)  # fmt: skip
        steps.later.pop(record, None)
        why = f": {made.reason}" if made.reason else ""
        visit.tell(f"{record}: {made.decision.replace('_', ' ')}{why}")
    visit.review = visit.state.now()
    return _show(visit, shown)


def _as_shown(visit: Visit, steps: ScreeningSteps, record: str, action: str) -> None:
    """Refuse to decide over a decision of one's own that an old page does not show."""
    ballot = ballots(visit.review)[steps.stage].get(record)
    vote = ballot.vote_of(steps.reviewer) if ballot else None
    now, held = _held(vote), visit.field("held")
    if vote is not None and now != held and not now == action != "exclude":
        raise InputError(
            f"you decided {now!r} on {record} since the page was made, which showed "
            f"{held or 'no decision'!r}: load the record again to change it"
        )


def _held(vote: DecisionRow | None) -> str:
    """A decision as a page carries it, to say later what it showed."""
    if vote is None:
        return ""
    return f"{vote.decision}: {vote.reason}" if vote.reason else vote.decision


def _steps(visit: Visit) -> ScreeningSteps:
    stage = screening_stage(visit.field("stage", "title_abstract"))
    key = (visit.session, visit.person, stage)
    with visit.state.lock:
        found: ScreeningSteps = visit.state.steps.setdefault(key, ScreeningSteps(key[1], stage))
    return found


def _show(visit: Visit, wanted: str) -> Response:
    review, steps = visit.review, _steps(visit)
    order = visit.field("order", "file")
    chosen = ScreenFilter.of(visit.field)
    left = _left(visit, steps, order)
    if chosen.words():
        left = [r for r in left if chosen.fits(r)]
    if steps.later:
        left.sort(key=lambda r: r["record_id"] in steps.later)
    record = _named(review, wanted) if wanted else next(iter(left), None)
    following = next((r for r in left if record and r["record_id"] != record["record_id"]), None)
    record, following = _merged(review, record), _merged(review, following)
    own, settings = _own(review, steps, record), review.settings
    return visit.page(
        "screen.html.j2",
        stage=STAGE_WORD[steps.stage],
        stage_title=STAGE_TITLE[steps.stage],
        full_text=steps.stage == FULL_TEXT,
        order=order,
        orders=ORDERS,
        chosen=chosen,
        here=urlencode({"stage": STAGE_WORD[steps.stage], "order": order, **chosen.words()}),
        left=len(left),
        decided=steps.decided,
        record=record,
        following=following,
        pdfs=_pdfs(review, steps, record, following),
        mine=own,
        held=_held(own),
        lifted=_lifted(review, steps, record),
        repeats=repeated_records(review).get(record["record_id"], "") if record else "",
        reasons=settings.screening.reasons,
        words=(settings.screening.keywords, settings.screening.keywords_against),
        eligibility=settings.protocol.eligibility,
        key_of=keys_of(visit),
        meaning=MEANING,
    )


def _pdfs(review: WatchedReview, steps: ScreeningSteps, *records: Record | None) -> dict[str, str]:
    """The PDFs of records, which full texts are read in."""
    if steps.stage != FULL_TEXT:
        return {}
    there = folder_pdfs(review)
    ids = [r["record_id"] for r in records if r]
    return {i: found for i in ids if (found := pdf_of(there, i))}


def _left(visit: Visit, steps: ScreeningSteps, order: str) -> list[Record]:
    """The records that are open for a person, in an order."""
    review = visit.review
    if order == "relevance":
        return _ranked(visit, steps)
    if order not in ORDERS:
        raise UnknownNameError("order", order, ORDERS)
    every = review.derived(
        f"records in order {order}", _RANKED, lambda: in_order(screened_records(review), order)
    )
    return list(_left_in(review, steps.reviewer, steps.stage, order, every))


def _left_in(
    review: WatchedReview, reviewer: str, stage: str, order: str, every: list[Record] | None = None
) -> list[Record]:
    left: list[Record] = review.derived(
        f"left {reviewer} {stage} {order}",
        _OF_SCREENING,
        lambda: left_for(review, reviewer, stage=stage, records=every),
    )
    return left


def left_to_screen(review: WatchedReview, reviewer: str, stage: str) -> int:
    """Return how many records this page has still to show to a person."""
    return len(_left_in(review, reviewer, stage, "file"))


def _ranked(visit: Visit, steps: ScreeningSteps) -> list[Record]:
    """By relevance: ranked anew after each tenth decision of a person, as in the terminal."""
    review = visit.review
    now = left_for(review, steps.reviewer, stage=steps.stage)
    if not _may_rank(visit, len(now)):
        return now
    key = (visit.session, steps.reviewer, f"ranked {steps.stage}")
    turn = (steps.decided // _RANKED_EVERY, review.stamp(_RANKED))
    kept = visit.state.steps.get(key)
    if kept is None or kept[0] != turn:
        ranking = _ranking(review)
        ranked = left_for(
            review, steps.reviewer, stage=steps.stage, order="relevance", ranking=ranking
        )
        kept = turn, {r["record_id"]: n for n, r in enumerate(ranked)}
        visit.state.steps[key] = kept
    places = kept[1]
    return sorted(now, key=lambda r: places.get(r["record_id"], len(places)))


def _may_rank(visit: Visit, records: int) -> bool:
    """Whether the words of the records are counted; those of many are counted meanwhile."""
    review = visit.review
    if records <= _AT_ONCE or review.known("ranking", _RANKED):
        return True
    before = visit.state.works.of("ranking")
    if before is not None and before.state == "failed":
        raise InputError(before.message)
    if before is None or before.state != "running":
        visit.state.works.start("ranking", lambda _: _ranking(review))
    visit.tell(
        "the words of the records are being counted: until then the records come in the order of "
        "the file", "warning",
    )  # fmt: skip
    return False


def _ranking(review: WatchedReview) -> RelevanceRanking:
    def made() -> RelevanceRanking:
        from review.workflow.screening.relevance_ranking import RelevanceRanking

        return RelevanceRanking(screened_records(review))

    found: RelevanceRanking = review.derived("ranking", _RANKED, made)
    return found


def _merged(review: WatchedReview, record: Record | None) -> Record | None:
    """A record with the best of each field of those that repeat it."""
    if record is None:
        return None
    repeating: dict[str, list[str]] = review.derived(
        "repeating", _RANKED, lambda: _repeating(review)
    )
    others = repeating.get(record["record_id"], [])
    if not others:
        return record
    by_id = {r["record_id"]: r for r in stored_records(review) if r["record_id"] in others}
    return merged_record([record, *(by_id[i] for i in others if i in by_id)])


def _repeating(review: WatchedReview) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record_id, other in repeated_records(review).items():
        found.setdefault(other, []).append(record_id)
    return found


def _named(review: WatchedReview, record_id: str) -> Record:
    found = next((r for r in stored_records(review) if r["record_id"] == record_id), None)
    if found is None:
        raise InputError(f"{RECORDS} holds no record {record_id!r}")
    return found


def _ballot(review: WatchedReview, steps: ScreeningSteps, record: Record | None) -> Ballot | None:
    return None if record is None else ballots(review)[steps.stage].get(record["record_id"])


def _own(review: WatchedReview, steps: ScreeningSteps, record: Record | None) -> DecisionRow | None:
    ballot = _ballot(review, steps, record)
    return None if ballot is None else ballot.vote_of(steps.reviewer)


def _lifted(review: WatchedReview, steps: ScreeningSteps, record: Record | None) -> Ballot | None:
    """What all have decided, once nobody who is still to decide could be led by it."""
    ballot = _ballot(review, steps, record)
    if ballot is None or ballot.state == "waiting":
        return None
    needed = review.settings.screening.reviewers
    mine = ballot.vote_of(steps.reviewer) is not None
    return ballot if mine or (needed is not None and len(ballot.votes) >= needed) else None


def alike(visit: Visit) -> Response:
    """List records that may be the same as one."""
    record = _named(visit.review, visit.query("record"))
    return visit.page("alike.html.j2", record=record, found=alike_records(visit.review, record))


def mine(visit: Visit) -> Response:
    """List what a person has decided, the last first."""
    steps = _steps(visit)
    records = {r["record_id"]: r for r in stored_records(visit.review)}
    found = [
        (vote, records.get(i, {}).get("title", ""))
        for i, ballot in ballots(visit.review)[steps.stage].items()
        if (vote := ballot.vote_of(steps.reviewer))
    ]
    found.sort(key=lambda pair: pair[0].date or "", reverse=True)
    return visit.page(
        "mine.html.j2",
        found=found[:_MINE],
        total=len(found),
        stage=STAGE_WORD[steps.stage],
        stage_title=STAGE_TITLE[steps.stage],
    )

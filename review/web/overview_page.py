"""The first page: the flow, what waits for whom, how far everybody is, what is wrong; and names."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from review.errors import InputError, ReviewError, UnknownNameError
from review.plots.prisma_drawing import prisma_svg
from review.project.set_cells import set_cells
from review.schema.folder_files import RECORDS, registered
from review.web.code_page import unlinked_reports
from review.web.screen_page import left_to_screen
from review.web.web_visit import NAME_COOKIE, Visit
from review.words import plural
from review.workflow.agreement.coder_agreement import choose_coders
from review.workflow.coding.adjudicate import pending
from review.workflow.coding.coded_answers import coder_named, studies_left
from review.workflow.prisma import flows
from review.workflow.screening.screening_conflicts import conflicts
from review.workflow.screening.screening_progress import (
    ScreeningProgress,
    StageProgress,
    progress,
)
from review.workflow.screening.screening_votes import (
    STAGE_TITLE,
    reviewer_named,
    same_name,
    stage_named,
)
from review.workflow.whole_check import check_folder

if TYPE_CHECKING:
    from review.project.watched_review import WatchedReview

_SHOWN: Final = 200
_LARGE: Final = 5_000_000  # bytes of records.csv, above which a page does not wait for counts


@dataclass(frozen=True)
class Waiting:
    """What a person may do next."""

    text: str
    link: str


def overview(visit: Visit) -> Response:
    """Show how the review stands; of large ones what has to be counted comes after the page."""
    review = visit.review
    small = not review.has(RECORDS) or (review.path / RECORDS).stat().st_size < _LARGE
    stands = _standing(visit) if small or review.known("progress", ()) else None
    drawn = _flow(visit) if small or review.known("drawn flow", ()) else None
    return visit.page("overview.html.j2", standing=stands, flow=drawn)


def standing(visit: Visit) -> Response:
    """Show what waits for a person, and how far everybody is."""
    return visit.page("standing.html.j2", standing=_standing(visit))


def flow(visit: Visit) -> Response:
    """Show the PRISMA flow."""
    return visit.page("flow.html.j2", flow=_flow(visit))


def _standing(visit: Visit) -> dict[str, Any]:
    stands = _progress(visit.review)
    stages = stands.stages if stands else ()
    return {
        "progress": stands,
        "stages": [(s, STAGE_TITLE[stage_named(s.stage)]) for s in stages],
        "waiting": _waiting(visit, stands) if visit.name else [],
    }


def _flow(visit: Visit) -> dict[str, Any]:
    drawn, why = _drawings(visit.review)
    return {"drawings": drawn, "why": why}


def _drawings(review: WatchedReview) -> tuple[list[Markup], str]:
    def made() -> tuple[list[Markup], str]:
        try:
            found = flows(review)
        except ReviewError as error:
            return [], error.message
        # the drawing escapes what it is made of
        title = review.settings.title
        return [Markup(prisma_svg(flow, title)) for flow in found], ""  # noqa: S704

    drawn: tuple[list[Markup], str] = review.derived("drawn flow", (), made)
    return drawn


def _progress(review: WatchedReview) -> ScreeningProgress | None:
    if not review.has(RECORDS):
        return None
    found: ScreeningProgress = review.derived("progress", (), lambda: progress(review))
    return found


def _waiting(visit: Visit, stands: ScreeningProgress | None) -> list[Waiting]:
    review, found = visit.review, list[Waiting]()
    for stage in stands.stages if stands else ():
        mine = _left(visit, stage)
        title = STAGE_TITLE[stage_named(stage.stage)]
        if mine:
            text = f"{plural(mine, 'record')} to screen by {title}"
            found.append(Waiting(text, f"/screen?stage={stage.stage}"))
    if stands:
        disputes = len(review.derived("conflicts", (), lambda: conflicts(review)))
        if disputes:
            found.append(Waiting(f"{plural(disputes, 'dispute')} to settle", "/conflicts"))
    if len(review.coders) >= 2:
        left = len(
            review.derived("pending", (), lambda: pending(review, choose_coders(review, None)))
        )
        if left:
            found.append(Waiting(f"{plural(left, 'disagreement')} of coders", "/disagreements"))
    reports = unlinked_reports(review)
    if reports:
        found.append(Waiting(f"{plural(reports, 'included report')} of no study yet", "/code"))
    if review.studies and review.codebook.names:
        with contextlib.suppress(InputError):  # a name that no file in codings/ can have
            left = len(studies_left(review, coder_named(review, visit.name)))
            if left:
                found.append(Waiting(f"{plural(left, 'study', 'studies')} to code", "/code"))
    return found


def _left(visit: Visit, stage: StageProgress) -> int:
    """The records that the page Screen has for a person."""
    for one in stage.reviewers:
        if same_name(one.reviewer) == same_name(visit.name):
            return one.left
    try:  # who has not decided on anything yet
        reviewer = reviewer_named(visit.review, visit.name)
    except InputError:  # a name that cannot screen
        return 0
    return left_to_screen(visit.review, reviewer, stage_named(stage.stage))


def problems(visit: Visit) -> Response:
    """Show what `review check` says; each problem leads to its cell."""
    review = visit.review
    report = review.derived("check", (), lambda: check_folder(review))
    listed = sorted(report.problems, key=lambda p: p.level != "error")
    return visit.page("problems.html.j2", report=report, problems=listed[:_SHOWN],
                      more=max(len(listed) - _SHOWN, 0), own=_own)  # fmt: skip


def _own(file: str) -> str:
    """Where the rows of a table are made that are single persons' answers; "" for the team's."""
    try:
        return registered(file).own
    except KeyError:
        return ""


def _table_named(visit: Visit) -> str:
    """The table that a cell is of: no one's own answers are shown, or written, by this page."""
    file = visit.field("file")
    known = [name for name, _ in visit.review.stamp() if name.endswith(".csv")]
    if file not in known:
        raise UnknownNameError("table", file, [name for name in known if not _own(name)])
    if own := _own(file):
        raise InputError(
            f"{file} holds what single persons answered, which this page neither shows nor "
            f"changes; its rows are made by {own}. A cell that "
            f"'review check' finds wrong is put right by whose it is: 'review set --file {file}'"
        )
    return file


def cell(visit: Visit) -> Response:
    """Show a row of a table, one cell of it to be put right."""
    file, column = _table_named(visit), visit.field("column")
    line = _line(visit)
    table = visit.review.table(file)
    row = next((r for r in table.rows if r.line == line), None)
    ident = visit.field("study") or (row.cells.get(table.header[0], "") if row else "")
    held = json.dumps(row.cells) if row else ""
    return visit.page("cell.html.j2", file=file, line=line, column=column, row=row, ident=ident,
                      header=table.header, held=held)  # fmt: skip


def _line(visit: Visit) -> int | None:
    text = visit.field("line")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def set_cell(visit: Visit) -> Response:
    """Set the cell, as `review set` does, if its row is still the one that was shown."""
    file = _table_named(visit)
    change, _ = set_cells(
        visit.review, visit.field("study"), {visit.field("column"): visit.field("value")},
        file=file, line=_line(visit), who=visit.person, held=_held(visit),
    )  # fmt: skip
    visit.tell("saved" if change else "the cell held that already")
    visit.review = visit.state.now()
    return cell(visit)


def _held(visit: Visit) -> dict[str, str]:
    """The row that the form was made for."""
    try:
        held = json.loads(visit.field("held"))
    except ValueError:
        held = None
    texts = isinstance(held, dict) and all(isinstance(text, str) for text in held.values())
    if not texts or visit.field("column") not in held:
        raise InputError("the form does not say which row it showed: load the page again")
    return {str(column): text for column, text in held.items()}


def who(visit: Visit) -> Response:
    """Ask who sits at this browser."""
    return visit.page("who.html.j2", next="/", team=visit.state.team(visit.review))


def say_who(visit: Visit) -> Response:
    """Keep the name of who sits at this browser."""
    given = visit.field("name") or visit.field("other")
    name = reviewer_named(visit.review, given) if given.strip() else ""
    if not name:
        raise InputError("a name is needed, so that the files can say who did what")
    if not visit.state.team(visit.review):  # what the team writes is not to be written differently
        coder_named(visit.review, name)  # one name screens and codes
    visit.keep(NAME_COOKIE, name)
    back = visit.field("next", "/")
    # an address of this server alone: // would be one of another
    safe = back.startswith("/") and not back.startswith(("//", "/\\"))
    return RedirectResponse(back if safe else "/", 303)

"""The report and the figures in the browser, made from the files as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from review.analysis_api import KINDS, Options, find_modules, load_module
from review.errors import InputError, UnknownNameError
from review.plots.page import page as figure_page
from review.report import build_report

if TYPE_CHECKING:
    from review.analysis_api import ModuleFile
    from review.project.watched_review import WatchedReview
    from review.report import Report
    from review.web.long_work import Work
    from review.web.web_visit import Visit

# such a page brings its own scripts, whose digests its own policy names; to the server it is a
# stranger: without a session, so that nothing in it could change the review
SANDBOX: Final = (
    "sandbox allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox; "
    "frame-ancestors 'self'"
)


def report(visit: Visit) -> Response:
    """Offer the report as it stands."""
    work = visit.state.works.of("report")
    return visit.page("report.html.j2", work=work, made=_made(visit, work))


def _made(visit: Visit, work: Work | None) -> Report | None:
    """The report, when it is of the files as they are now."""
    if work is None or work.state != "done" or work.stamp != visit.review.stamp():
        return None
    made: Report = work.result
    return made


def start_report(visit: Visit) -> Response:
    """Begin to make the report; the page shows how far it is."""
    review, compare = visit.review, visit.field("compare").strip() or None

    def make(work: Work) -> Report:
        def told(section: str, number: int, total: int) -> None:
            work.tell(section.replace("_", " "), number, total)

        return build_report(review, compare=compare, progress=told)

    visit.state.works.start("report", make, stamp=review.stamp())
    return RedirectResponse("/report", 303)


def report_file(visit: Visit) -> Response:
    """Answer with the report itself."""
    work = visit.state.works.of("report")
    if work is None or work.state != "done":
        raise InputError("the report has not been made yet")
    made: Report = work.result
    headers = {"content-security-policy": SANDBOX}
    if visit.query("save"):
        headers["content-disposition"] = 'attachment; filename="report.html"'
    return HTMLResponse(made.html, headers=headers)


def figures(visit: Visit) -> Response:
    """List the figures and tables of the review."""
    known = {kind: _modules(visit.review, kind) for kind in KINDS}
    return visit.page("figures.html.j2", known=known)


def _modules(review: WatchedReview, kind: Any) -> dict[str, ModuleFile]:
    return {key: file for key, file in find_modules(review, kind).items() if file.used}


def figure(visit: Visit) -> Response:
    """Answer with the page of one figure or table."""
    review, kind, key = visit.review, visit.part("kind"), visit.part("key")
    if kind not in KINDS:
        raise UnknownNameError("kind", kind, KINDS)
    known = _modules(review, kind)
    if key not in known:
        raise UnknownNameError(kind, key, list(known))

    def made() -> str:
        import review as package

        artifact = load_module(known[key]).build(review, Options())
        settings = review.settings
        context = {
            "review": review.name, "review_title": settings.title, "cite": settings.cite,
            "sample": settings.sample, "filter": None, "version": package.__version__,
        }  # fmt: skip
        return figure_page(artifact, context)

    text = review.derived(f"page of {kind} {key}", (), made)
    return HTMLResponse(text, headers={"content-security-policy": SANDBOX})


def work_state(visit: Visit) -> Response:
    """Say how far a piece of long work is."""
    work = visit.state.works.of(visit.part("name"))
    return JSONResponse(None if work is None else work.to_dict())


def cancel_work(visit: Visit) -> Response:
    """Stop a piece of long work; nothing of it was written."""
    work = visit.state.works.of(visit.part("name"))
    if work is not None:
        work.cancel()
    return JSONResponse({"ok": work is not None})

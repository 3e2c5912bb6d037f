"""The pages of the local server under their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from review.resources import resource_dir
from review.web import (
    code_page,
    disagreements_page,
    disputes_page,
    folder_pdfs,
    import_page,
    keys_page,
    overview_page,
    report_page,
    results_page,
    rob_page,
    screen_page,
)
from review.web.page_templates import STATIC
from review.web.web_gate import Door, Gate
from review.web.web_state import WebState
from review.web.web_visit import page

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from review.project.watched_review import WatchedReview

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def web_app(review: WatchedReview, door: Door) -> ASGIApp:
    """Return the server of a review.

    Args:
        review: whose pages they are.
        door: who may come in.
    """
    reading, writing = ["GET"], ["POST"]
    routes = [
        Route("/", page(overview_page.overview), methods=reading),
        Route("/standing", page(overview_page.standing), methods=reading),
        Route("/flow", page(overview_page.flow), methods=reading),
        Route("/problems", page(overview_page.problems), methods=reading),
        Route("/cell", page(overview_page.cell), methods=reading),
        Route("/cell", page(overview_page.set_cell), methods=writing),
        Route("/who", page(overview_page.who), methods=reading),
        Route("/who", page(overview_page.say_who), methods=writing),
        Route("/screen", page(screen_page.screen), methods=reading),
        Route("/screen", page(screen_page.decide), methods=writing),
        Route("/screen/alike", page(screen_page.alike), methods=reading),
        Route("/screen/mine", page(screen_page.mine), methods=reading),
        Route("/screen/keys", page(keys_page.keys), methods=reading),
        Route("/screen/keys", page(keys_page.set_keys), methods=writing),
        Route("/conflicts", page(disputes_page.disputes), methods=reading),
        Route("/conflicts", page(disputes_page.settle_dispute), methods=writing),
        Route("/import", page(import_page.records), methods=reading),
        Route("/import", page(import_page.take_in), methods=writing),
        Route("/dedupe", page(import_page.compare), methods=writing),
        Route("/duplicates", page(import_page.settle_pair), methods=writing),
        Route("/code", page(code_page.coding), methods=reading),
        Route("/code", page(code_page.add_study), methods=writing),
        Route("/link", page(code_page.link), methods=writing),
        Route("/agree", page(code_page.agree), methods=writing),
        Route("/code/{study}", page(code_page.study_form), methods=reading),
        Route("/code/{study}/{variable}", page(code_page.save_value), methods=writing),
        Route("/code/{study}/{variable}/check", page(code_page.check_value), methods=reading),
        Route("/code/{study}/{variable}/history", page(code_page.history), methods=reading),
        Route("/disagreements", page(disagreements_page.disagreements), methods=reading),
        Route("/disagreements", page(disagreements_page.settle_disagreement), methods=writing),
        Route("/rob", page(rob_page.risk_of_bias), methods=reading),
        Route("/rob/{study}", page(rob_page.assess), methods=reading),
        Route("/rob/{study}", page(rob_page.save_judgement), methods=writing),
        Route("/results", page(results_page.results), methods=reading),
        Route("/figures", page(report_page.figures), methods=reading),
        Route("/figure/{kind}/{key}", page(report_page.figure), methods=reading),
        Route("/report", page(report_page.report), methods=reading),
        Route("/report", page(report_page.start_report), methods=writing),
        Route("/report/file", page(report_page.report_file), methods=reading),
        Route("/running/{name}", page(report_page.work_state), methods=reading),
        Route("/running/{name}/cancel", page(report_page.cancel_work), methods=writing),
        Route("/pdf/{path:path}", page(folder_pdfs.pdf), methods=reading),
        Route("/static/{name}", static, methods=reading),
    ]
    app = Starlette(routes=routes)
    app.state.review = WebState(review, door)
    return Gate(app, door)


async def static(request: Request) -> Response:
    """Answer with a style or script of the program: those that are listed, and no other file."""
    file = _static_files().get(request.path_params["name"])
    if file is None:
        return PlainTextResponse("no such file\n", 404)
    media = _TYPES[file.suffix]
    return Response(file.read_bytes(), media_type=media, headers={"cache-control": "no-cache"})


def _static_files() -> dict[str, Path]:
    found = {f.name: f for f in sorted(STATIC.iterdir()) if f.suffix in _TYPES}
    templates = resource_dir("templates")
    found["report.css"] = templates / "report.css"
    found["plotly.js"] = templates / "vendor" / "plotly-cartesian.min.js"
    return found

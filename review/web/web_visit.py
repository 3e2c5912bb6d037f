"""One request for a page: the review as it is now, who asks, what the form says; and the answer."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from review.errors import BusyError, InputError, ReviewError
from review.web.page_templates import fill_page
from review.web.web_gate import cookies, same
from review.words import plural
from review.workflow.screening.screening_votes import reviewer_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from review.project.watched_review import WatchedReview
    from review.web.web_state import WebState

NAME_COOKIE: Final = "review_name"
KEYS_COOKIE: Final = "review_keys"
WHO: Final = "/who"
YEAR: Final = 365 * 24 * 3600
_MOST_FIELDS: Final = 5_000


class NobodyError(InputError):
    """A page that is about a person was asked for by somebody who has not said a name."""


@dataclass
class Visit:
    """A request.

    Attributes:
        request: as it came.
        state: of the server.
        review: the state of the folder now; all of the answer is about it.
        session: the word of the session.
        fields: of the form that was sent, in order.
        body: what was sent, where that is no form.
        said: what is told on the page.
        new_cookies: kept by the browser for a year.
    """

    request: Request
    state: WebState
    review: WatchedReview
    session: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    said: list[tuple[str, str]] = field(default_factory=list)
    new_cookies: dict[str, str] = field(default_factory=dict)

    @property
    def csrf(self) -> str:
        """The word that each form of this browser holds."""
        return self.state.door.sessions.get(self.session, "")

    @property
    def reader(self) -> bool:
        """Whether nothing can be changed."""
        return self.state.door.reader or self.review.bundled

    @property
    def name(self) -> str:
        """The name that the person of this browser has chosen; "" for none yet."""
        kept = cookies(self.request.headers).get(NAME_COOKIE, "")
        return self.new_cookies.get(NAME_COOKIE) or " ".join(unquote(kept).split())[:100]

    @property
    def person(self) -> str:
        """The name, as the team writes it.

        Raises:
            NobodyError: no name was chosen.
            InputError: it is not in the team.
        """
        if not self.name:
            raise NobodyError("say first who you are")
        return reviewer_named(self.review, self.name)

    def query(self, name: str, default: str = "") -> str:
        """Return a part of the address after the question mark."""
        return self.request.query_params.get(name, default)

    def field(self, name: str, default: str = "") -> str:
        """Return the last value of a field of the form, else what the address says."""
        return next((v for n, v in reversed(self.fields) if n == name), self.query(name, default))

    def part(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def tell(self, text: str, tone: str = "good") -> None:
        """Say something at the top of the page."""
        self.said.append((tone, text))

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page."""
        return HTMLResponse(fill_page(template, visit=self, **values), status)

    def keep(self, name: str, value: str) -> None:
        """Let the browser keep a word."""
        self.new_cookies[name] = value


def page(make: Callable[[Visit], Response]) -> Callable[[Request], Any]:
    """Return the endpoint of a page: reading, errors, and the check of every change."""

    async def endpoint(request: Request) -> Response:
        state: WebState = request.app.state.review
        fields: list[tuple[str, str]] = []
        body = b""
        if request.method == "POST":
            body = await request.body()
            if request.headers.get("content-type", "").startswith(
                "application/x-www-form-urlencoded"
            ):
                try:
                    fields = parse_qsl(
                        body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS
                    )
                except ValueError:
                    return PlainTextResponse("Refused: the form cannot be read.\n", 400)
        return await run_in_threadpool(_answer, make, request, state, fields, body)

    return endpoint


def _answer(
    make: Callable[[Visit], Response], request: Request, state: WebState,
    fields: list[tuple[str, str]], body: bytes,
) -> Response:  # fmt: skip
    session = state.door.session(request.headers) or ""
    visit = Visit(request, state, state.now(), session, fields, body)
    if request.method == "POST":
        given = request.headers.get("x-csrf") or dict(fields).get("csrf", "")
        if not same(given, visit.csrf):
            text = "Refused: the form is not one of this session. Load the page again.\n"
            return PlainTextResponse(text, 403)
    try:
        if request.method == "POST" and request.url.path != WHO:
            _of_this_person(visit)
        answer = make(visit)
    except NobodyError:
        answer = visit.page("who.html.j2", next=_place(request), team=state.team(visit.review))
    except ReviewError as error:
        answer = _error(visit, error)
    except Exception as error:  # noqa: BLE001  a defect, said in one message like all else
        answer = _defect(visit, error)
    for name, value in visit.new_cookies.items():
        answer.set_cookie(
            name, quote(value), max_age=YEAR, httponly=True, samesite="strict", path="/"
        )
    return answer


def _of_this_person(visit: Visit) -> None:
    """Refuse a page that was made for somebody else: the name may be changed in another tab."""
    said = unquote(visit.request.headers.get("x-person", ""))
    given = said or dict(visit.fields).get("made_for", "")
    if given != visit.name:
        raise InputError(
            f"this page was made for {given or 'nobody yet'}, and the person of this browser is "
            f"{visit.name or 'nobody yet'} now (the name was changed in another tab): load the "
            "page again, or change the name back"
        )


def _place(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query if request.method == "GET" else "/"


def _error(visit: Visit, error: ReviewError) -> Response:
    status = 503 if isinstance(error, BusyError) else 422
    problems = getattr(error, "problems", [])
    message = error.message.splitlines()[0] if problems else error.message
    if wants_json(visit.request):
        return JSONResponse({"ok": False, "message": message}, status)
    many = f" ({plural(len(problems), 'problem')})" if problems else ""
    return visit.page("error.html.j2", status=status, message=message + many, problems=problems)


def _defect(visit: Visit, error: Exception) -> Response:
    if os.environ.get("REVIEW_DEBUG"):
        raise error
    said = f"{type(error).__name__}: {error}"
    text = f"This is a defect of the program; please report it ({said}; REVIEW_DEBUG=1 says more)."
    if wants_json(visit.request):
        return JSONResponse({"ok": False, "message": text}, 500)
    return PlainTextResponse(f"{text}\n", 500)


def wants_json(request: Request) -> bool:
    """Tell whether a script of the page asks, not the reader."""
    return request.headers.get("accept", "").startswith("application/json")

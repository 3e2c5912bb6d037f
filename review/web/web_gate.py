"""The gate of the local server: who is let in, what is let through, and what goes out with it.

A page of any other site can make the browser of its reader send requests to 127.0.0.1, and a name
server can make a foreign name mean this computer. So the name that was called, the page that asks
and the session are looked at before anything else; the session begins with the address that
`review serve` prints, whose token nobody can guess. What is sent in is bounded, and what goes out
says that a browser loads and runs nothing else.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE: Final = 1_000_000
MAX_FORM: Final = MEGABYTE
MAX_UPLOAD: Final = 64 * MEGABYTE
UPLOAD: Final = "/import"
_MOST_SESSIONS: Final = 64
# `frame-src`: a PDF and the report of the folder, shown beside the form
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    # with no-referrer browsers send a form with the origin "null", which is refused
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_COMES_IN: Final = "open the address that 'review serve' has printed; it holds the key to this page"


@dataclass
class Door:
    """Who may come in.

    Attributes:
        port: on which the server listens.
        reader: nothing can be changed.
        token: of the address; whoever has it gets a session.
        sessions: the word in a browser's cookie -> the word that its forms must hold.
    """

    port: int
    reader: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    sessions: dict[str, str] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers do not tell the ports of a computer apart."""
        return f"review_{self.port}"

    @property
    def hosts(self) -> tuple[str, str]:
        """The names by which the server is called."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    @property
    def address(self) -> str:
        """What a browser opens to come in."""
        return f"http://{self.hosts[0]}/?token={self.token}"

    def enter(self, token: str) -> str | None:
        """Return the word of a new session; None for a wrong token."""
        if not same(token, self.token):
            return None
        while len(self.sessions) >= _MOST_SESSIONS:  # the oldest browser comes in again
            del self.sessions[next(iter(self.sessions))]
        word = secrets.token_urlsafe(32)
        self.sessions[word] = secrets.token_urlsafe(32)
        return word

    def session(self, headers: Headers) -> str | None:
        """Return the word of the session that a request belongs to."""
        word = cookies(headers).get(self.cookie, "")
        return word if word in self.sessions else None


def same(one: str, other: str) -> bool:
    """Tell whether two secrets are equal, in a time that says nothing about them."""
    return hmac.compare_digest(one.encode(), other.encode())


def cookies(headers: Headers) -> dict[str, str]:
    """Return the cookies of a request; none when they cannot be read."""
    try:
        return {name: m.value for name, m in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


class Gate:
    """The outermost layer of the server, around all pages."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        out = _with_headers(send)
        answer = self._refusal(scope, headers) or self._entering(scope)
        if answer is None and self.door.session(headers) is None:
            answer = None if scope["path"].startswith("/static/") else _no(_COMES_IN, 403)
        if answer is not None:
            await answer(scope, receive, out)
            return
        most = MAX_UPLOAD if scope["path"] == UPLOAD else MAX_FORM
        if _length(headers) > most:
            await _too_large(most)(scope, receive, out)
            return
        body = await _body(receive, most)
        if body is None:
            await _too_large(most)(scope, receive, out)
            return
        await self.app(scope, _again(body, receive), out)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        host = headers.get("host", "").lower()
        if host not in self.door.hosts:
            return _no("this server answers to its own address alone", 421)
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return _no("this server knows GET and POST", 405)
        # sent by every browser of today; a program on this computer may leave them out
        site = headers.get("sec-fetch-site", "none")
        entering = scope["path"] == "/" and headers.get("sec-fetch-mode") == "navigate"
        if site not in {"none", "same-origin"} and not entering:
            return _no("a page of another site asked for this", 403)
        if scope["method"] == "POST":
            if headers.get("origin", "") != f"http://{host}":
                return _no("a change has to come from a page of this server", 403)
            if self.door.reader:
                return _no("the review was opened for reading (--reader): nothing is changed", 403)
        if _length(headers) < 0:
            return _no("the length of what was sent is none", 400)
        return None

    def _entering(self, scope: Scope) -> Response | None:
        """Give a browser that has the token its session, and take the token out of the address."""
        query = QueryParams(scope["query_string"])
        if scope["path"] != "/" or "token" not in query:
            return None
        word = self.door.enter(query["token"])
        if word is None:
            return _no(_COMES_IN, 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.door.cookie, word, httponly=True, samesite="strict", path="/")
        return answer


def _no(text: str, status: int) -> Response:
    return PlainTextResponse(f"Refused: {text}.\n", status)


def _too_large(most: int) -> Response:
    return _no(f"at most {most // MEGABYTE} MB are taken; 'review import' takes larger files", 413)


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


async def _body(receive: Receive, most: int) -> bytes | None:
    """Return all that comes in; None when it is too much, which need not be said beforehand."""
    parts, came = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        came += len(parts[-1])
        if came > most:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Hand on what was read, and then what follows: that the browser has gone."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def handed() -> Message:
        return left.pop() if left else await receive()

    return handed


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _ALWAYS.items():
                headers[name] = value
            headers.setdefault("content-security-policy", POLICY)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sent

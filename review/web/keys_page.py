"""The keys of screening in the browser: those of the team, or of one browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pydantic import ValidationError

from review.errors import InputError
from review.schema.screening_settings import KEYS, MEANING, ScreeningSettings
from review.web.web_gate import cookies
from review.web.web_visit import KEYS_COOKIE

if TYPE_CHECKING:
    from starlette.responses import Response

    from review.web.web_visit import Visit


def keys_of(visit: Visit) -> dict[str, str]:
    """The keys of this browser, else of the team; without those that the page does not have."""
    team = dict(visit.review.settings.screening.keys)
    kept = visit.new_cookies.get(KEYS_COOKIE) or cookies(visit.request.headers).get(KEYS_COOKIE)
    try:
        own = json.loads(unquote(kept)) if kept else {}
        return ScreeningSettings(keys={**team, **own}).key_of
    except (ValueError, TypeError):  # pydantic's errors are ValueErrors: a cookie of old
        return ScreeningSettings(keys=team).key_of


def keys(visit: Visit) -> Response:
    """Show the keys."""
    return visit.page("keys.html.j2", key_of=keys_of(visit), meaning=MEANING)


def set_keys(visit: Visit) -> Response:
    """Change the keys of this browser."""
    own = {a: visit.field(a).strip() for a in KEYS if visit.field(a).strip()}
    try:
        ScreeningSettings(keys=own)
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise InputError(said) from None
    visit.keep(KEYS_COOKIE, json.dumps(own))
    visit.tell("the keys of this browser are changed")
    return keys(visit)

"""The Content-Security-Policy of a page: put in by the program, out of reach of templates."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import TYPE_CHECKING, Final

from review.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

# What stands before the policy is outside of its reach (HTML standard, "Content security policy
# state"), so nothing that could run or load may: an attribute such as onclick would.
_START: Final = re.compile(
    r'\s*<!doctype html>\s*<html(?:\s+(?:lang|dir|class|id|data-[a-z-]+)="[^"<>&]*")*\s*>\s*<head>',
    re.IGNORECASE,
)
# What no policy stops: leaving for another address by itself, and asking the network for names.
# Only plain entries such as <meta name="..." content="..."> are let through.
_LOOSE: Final = re.compile(
    r'<(?:base|link|meta(?!(?:\s+(?:charset|name|content|property)="[^"]*")+\s*/?>))\b',
    re.IGNORECASE,
)


def policy(scripts: Sequence[str]) -> str:
    """Return a Content-Security-Policy that runs these inline scripts and loads nothing.

    Example:
        >>> policy([]).startswith("default-src 'none'; script-src 'none'")
        True
    """
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() + "'"
        for s in scripts
    ]
    allowed = " ".join(hashes) or "'none'"
    # plotly sets styles from its script and saves pictures through data: and blob: addresses
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def with_policy(page: str, scripts: Sequence[str], *, library: str = "") -> str:
    """Return a page with the policy as the first element of its head.

    Args:
        page: as the templates made it.
        scripts: those that may run.
        library: the one of them that comes with the program, which is not looked through.

    Raises:
        DataError: the page does not begin as it must, or holds an element that works around
            every policy.

    Example:
        >>> with_policy("<html><head>", [])
        Traceback (most recent call last):
        ...
        review.errors.DataError: a page must begin with <!doctype html>, <html lang="en">, <head>
        >>> with_policy('<!doctype html><html lang="en"><head>', []).splitlines()[1][:23]
        '<meta http-equiv="Conte'
    """
    start = _START.match(page)
    if start is None:
        raise DataError('a page must begin with <!doctype html>, <html lang="en">, <head>')
    markup = page.replace(library, "") if library else page
    if loose := _LOOSE.search(markup):
        raise DataError(
            f"a page must not hold {markup[loose.start() :][:40]!r}, over which the policy that "
            "keeps it from loading anything has no power"
        )
    element = (
        f'\n<meta http-equiv="Content-Security-Policy" content="{html.escape(policy(scripts))}">'
    )
    return page[: start.end()] + element + page[start.end() :]

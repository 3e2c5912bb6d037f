"""The templates of the local pages: all text in them is escaped, none comes from a review."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from review.errors import ReviewError
from review.words import number, plural
from review.workflow.screening.screening_keywords import keyword_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from review.web.web_visit import Visit

ROOM: Final = Path(__file__).parent
PAGES: Final = ROOM / "pages"
MENU: Final = (
    ("Overview", "/"), ("Records", "/import"), ("Screen", "/screen"), ("Disputes", "/conflicts"),
    ("Code", "/code"), ("Disagreements", "/disagreements"), ("Risk of bias", "/rob"),
    ("Results", "/results"), ("Report", "/report"),
)  # fmt: skip
STATIC: Final = ROOM / "static"


def fill_page(template: str, **values: Any) -> str:
    """Return the text of a page."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    import review

    environment = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "version": review.__version__, "marked": marked, "menu": MENU, "heading_of": _heading,
    }  # fmt: skip
    environment.filters |= {"plural": plural, "number": number, "thousands": _thousands}
    return environment


def _heading(visit: Visit) -> str:
    """The title of the review; its name where the settings cannot be read."""
    try:
        return visit.review.settings.title
    except ReviewError:
        return visit.review.name


def _thousands(value: int) -> str:
    return f"{value:,}"


def marked(text: str, keywords: Sequence[str], against: Sequence[str]) -> Markup:
    """Return a text with the words of the team marked.

    Example:
        >>> print(marked("Mice & men", ["men"], ["mice"]))
        <mark class="against">Mice</mark> &amp; <mark class="for">men</mark>
    """
    made, at = Markup(), 0
    for mark in keyword_marks(text, keywords, against):
        side = "against" if mark.against else "for"
        word = text[mark.start : mark.end]
        made += text[at : mark.start]
        made += Markup('<mark class="{}">{}</mark>').format(side, word)
        at = mark.end
    return made + text[at:]

"""Turns sections into the bytes of one HTML file; the look comes from templates.

Templates of the review folder (`templates/`) win over the bundled ones of the same name.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from review.errors import DataError, UnknownNameError
from review.report.blocks import Group
from review.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jinja2 import Environment

    from review.project import Review
    from review.report.blocks import Block, ExplorerColumn, Section

Theme = Literal["light", "dark", "auto"]
THEMES: Final[tuple[Theme, ...]] = get_args(Theme)
FOLDER: Final = "templates"
PAGE: Final = "report.html.j2"


def render(
    review: Review,
    sections: Sequence[Section],
    data: dict[str, Any],
    *,
    theme: str = "auto",
    date: str = "",
) -> bytes:
    """Return the report as bytes.

    Args:
        review: gives title, authors and its own templates.
        sections: in the order shown.
        data: the machine-readable block that later reports are compared with.
        theme: colours: `auto` follows the reader's system.
        date: the day the report carries; "" for none.

    Raises:
        UnknownNameError: no such theme.
        DataError: a template of the review folder is broken.
    """
    import jinja2

    import review as package
    from review.plots.export import json_text, script_json
    from review.plots.page import plotly_source, policy

    if theme not in THEMES:
        raise UnknownNameError("theme", theme, THEMES)
    environment = _environment(review)
    try:
        style, script = _source(environment, "report.css"), _source(environment, "report.js")
        plotly = plotly_source() if any(_has_plotly(s.blocks) for s in sections) else ""
        text = environment.get_template(PAGE).render(
            title=review.settings.title,
            authors=review.settings.authors,
            sample=review.settings.sample,
            n_studies=len(review.studies),
            sections=sections,
            theme=theme,
            date=date,
            version=package.__version__,
            policy=policy([s for s in (plotly, script) if s]),
            style=_harmless(style, "style"),
            script=_harmless(script, "script"),
            plotly=plotly,
            data=script_json(json_text(data, indent=None)),
            columns_json=_columns_json,
            anchors=_anchors(sections),
        )
    except jinja2.TemplateError as error:
        raise _broken(review, error) from error
    return (_without_blank_lines(text).strip() + "\n").encode()


def _environment(review: Review) -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    # a review folder may come from somebody else: its templates cannot reach Python
    return SandboxedEnvironment(
        loader=FileSystemLoader([review.path / FOLDER, resource_dir("templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(environment: Environment, name: str) -> str:
    """Return a file of the templates as it is; own styles are added to, not only replaced."""
    assert environment.loader is not None
    text = environment.loader.get_source(environment, name)[0]
    extra = name.replace("report.", "extra.")
    if extra in environment.list_templates():
        text += "\n" + environment.loader.get_source(environment, extra)[0]
    return text.replace("\r\n", "\n")


def _harmless(text: str, element: str) -> str:
    if f"</{element}" in text.casefold():
        raise DataError(f"report.{'css' if element == 'style' else 'js'} must not hold </{element}")
    return text


def _without_blank_lines(text: str) -> str:
    """Drop blank lines outside of scripts and styles, whose bytes the policy vouches for."""
    parts = re.split(r"(<(script|style)\b.*?</\2>)", text, flags=re.DOTALL)
    kept = [re.sub(r"\n[ \t]*(?=\n)", "", part) for part in parts[::3]]
    return "".join(a + b for a, b in zip(kept, [*parts[1::3], ""], strict=True))


def _columns_json(columns: Sequence[ExplorerColumn]) -> str:
    from review.plots.export import json_text, script_json

    return script_json(json_text([asdict(c) for c in columns], indent=None))


def _has_plotly(blocks: Sequence[Block]) -> bool:
    return any(b.kind == "plot" and b.json for b in walk(blocks))


def _anchors(sections: Sequence[Section]) -> set[str]:
    """Return the identifiers that links within the report may lead to."""
    names = {s.name for s in sections}
    return names | {b.ident for s in sections for b in walk(s.blocks) if hasattr(b, "ident")}


def walk(blocks: Sequence[Block]) -> Iterator[Any]:
    """Yield the blocks and those inside of groups."""
    for block in blocks:
        yield block
        if isinstance(block, Group):
            yield from walk(block.blocks)


def _broken(review: Review, error: Any) -> DataError:
    place = getattr(error, "filename", None) or getattr(error, "name", None)
    line = getattr(error, "lineno", None)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.endswith(".j2"):
            place, line = frame.filename, frame.lineno
    where = f"{Path(place or FOLDER).name}:{line}" if line else str(place or FOLDER)
    return DataError(
        f"a template of the report cannot be used ({where}): {error.message or error} "
        f"(templates of this review lie in {review.path / FOLDER})"
    )

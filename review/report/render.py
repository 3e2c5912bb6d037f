"""Turns sections into the bytes of one HTML file; the look comes from templates.

Templates of a trusted review folder (`templates/`) win over the bundled ones of the same name; the
policy that governs the page is put in here, after them.
"""

from __future__ import annotations

import base64
import gzip
import re
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from review.errors import DataError, UnknownNameError
from review.project.folder_code import TEMPLATES
from review.report.blocks import Group
from review.report.templates import fill, own_templates, source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from review.project import Review
    from review.report.blocks import Block, Section

_PACKED: Final = re.compile(
    rb'<script type="text/plain" id="packed-plotly">([A-Za-z0-9+/=\s]*)</script>'
)
Theme = Literal["light", "dark", "auto"]
THEMES: Final[tuple[Theme, ...]] = get_args(Theme)


def render(
    review: Review,
    sections: Sequence[Section],
    data: dict[str, Any],
    *,
    theme: str = "auto",
    date: str = "",
    folded: bool = False,
) -> bytes:
    """Return the report as bytes.

    Args:
        review: gives title, authors and its own templates.
        sections: in the order shown.
        data: the machine-readable block that later reports are compared with.
        theme: colours: `auto` follows the reader's system.
        date: the day the report carries; "" for none.
        folded: whether the sections below the first page are closed at first.

    Raises:
        UnknownNameError: no such theme.
        DataError: a template of the review folder is broken.
    """
    import review as package
    from review.formats.rows import json_text
    from review.plots.artifact_json import script_json
    from review.plots.dark_theme import figure_style, with_constants
    from review.plots.page import plotly_source
    from review.plots.policy import with_policy

    if theme not in THEMES:
        raise UnknownNameError("theme", theme, THEMES)
    own = own_templates(review.code.below(TEMPLATES))
    style = source(own, "report.css") + figure_style(dark=True)
    script = with_constants(source(own, "report.js"))
    plotly = plotly_source() if any(_has_plotly(s.blocks) for s in sections) else ""
    values = {
        "title": review.settings.title,
        "authors": review.settings.authors,
        "sample": review.settings.sample,
        "n_studies": len(review.studies),
        "sections": sections,
        "theme": theme,
        "date": date,
        "version": package.__version__,
        "style": style,
        "script": script,
        "folded": folded,
        "packed_plotly": packed(plotly),
        "data": script_json(json_text(data, indent=None)),
        "anchors": _anchors(sections),
    }
    try:
        text = _without_blank_lines(fill(own, values)).strip() + "\n"
        text = with_policy(text, [s for s in (plotly, script) if s])
    except DataError as error:
        raise DataError(
            f"the report cannot be made with the templates in {review.path / TEMPLATES}: "
            f"{error.message}"
        ) from error
    return text.encode()


def packed(script: str) -> str:
    """Return a script compressed, as base64 text; "" for none.

    The page unpacks it and runs it as a script of its own, which the policy lets through by the
    hash of its text.
    """
    if not script:
        return ""
    # without name and time in its head, so that the same text gives the same bytes
    return base64.b64encode(gzip.compress(script.encode(), compresslevel=9, mtime=0)).decode()


def unpacked(page: bytes) -> bytes:
    """Return a report whose library runs at once: printing does not wait until it is unpacked."""

    def plain(match: re.Match[bytes]) -> bytes:
        return b"<script>" + gzip.decompress(base64.b64decode(match.group(1))) + b"</script>"

    return _PACKED.sub(plain, page, count=1)


def _without_blank_lines(text: str) -> str:
    """Drop blank lines outside of scripts and styles, whose bytes the policy vouches for."""
    parts = re.split(r"(<(script|style)\b.*?</\2>)", text, flags=re.DOTALL)
    kept = [re.sub(r"\n[ \t]*(?=\n)", "", part) for part in parts[::3]]
    return "".join(a + b for a, b in zip(kept, [*parts[1::3], ""], strict=True))


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

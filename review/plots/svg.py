"""The little that hand-made SVG drawings need: escaped text, wrapped lines, boxes, arrows."""

from __future__ import annotations

import hashlib
import html
import re
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Final

from review.plots.theme import INK, PAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

FONT_FAMILY: Final = "Helvetica, Arial, 'Liberation Sans', sans-serif"
SIZE: Final = 13
LINE: Final = 17
# average width of a character in units of the font size; wide on purpose
CHARACTER: Final = 0.56
_FORBIDDEN: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COUNT: Final = re.compile(r"\(n = [\d,]+\)")


def escape(text: str) -> str:
    """Return text that stays text inside XML; characters that XML forbids become spaces."""
    allowed = _FORBIDDEN.sub(" ", text)
    return html.escape(allowed)


def wrap(text: str, width: float, size: float = SIZE) -> list[str]:
    """Return lines that fit a width in pixels; a count such as `(n = 3)` stays on one line."""
    kept = _COUNT.sub(lambda m: m.group().replace(" ", "\u00a0"), text)
    lines = textwrap.wrap(kept, max(int(width / (size * CHARACTER)), 8)) or [""]
    return [line.replace("\u00a0", " ") for line in lines]


def text_line(
    x: float, y: float, text: str, *, bold: bool = False, anchor: str = "start", fill: str = INK,
    size: float = SIZE,
) -> str:  # fmt: skip
    """Return one line of text, its baseline at `y`."""
    weight = ' font-weight="600"' if bold else ""
    middle = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}"{weight}{middle}>'
        f"{escape(text)}</text>"
    )


def box(
    x: float, y: float, width: float, lines: Sequence[tuple[str, bool]], *, fill: str = PAPER,
    stroke: str = INK,
) -> tuple[str, float]:  # fmt: skip
    """Return a box of wrapped lines (text, bold) and its height."""
    wrapped = [(part, bold) for text, bold in lines for part in wrap(text, width - 24)]
    height = LINE * len(wrapped) + 18
    frame = (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" '
        f'fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'
    )
    parts = [frame] + [
        text_line(x + 12, y + 22 + LINE * i, text, bold=bold)
        for i, (text, bold) in enumerate(wrapped)
    ]
    return "".join(parts), height


def arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    """Return a straight arrow; `document` defines its head."""
    return (
        f'<path d="M{x1:g} {y1:g} L{x2:g} {y2:g}" stroke="{INK}" stroke-width="1.2" fill="none" '
        'marker-end="url(#HEAD)"/>'
    )


def elbow(x: float, y1: float, y2: float, to: float) -> str:
    """Return an arrow that goes down from (x, y1) and then sideways to (to, y2)."""
    return (
        f'<path d="M{x:g} {y1:g} L{x:g} {y2:g} L{to:g} {y2:g}" stroke="{INK}" stroke-width="1.2" '
        'fill="none" marker-end="url(#HEAD)"/>'
    )


def document(
    width: float,
    height: float,
    title: str,
    description: str,
    parts: Sequence[str],
    *,
    role: str = "img",
) -> str:
    """Return a drawing that a screen reader announces by title and description.

    Its texts are read one by one where `role` is "group" instead of "img".

    The identifiers inside depend on the contents, so several drawings can stand in one page.
    """
    body, size = _compact("".join(parts))
    mark = hashlib.sha256(f"{title}{description}{body}".encode(errors="replace")).hexdigest()[:8]
    head = (
        f'<marker id="head-{mark}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        f'markerHeight="7" orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z" fill="{INK}"/>'
        "</marker>"
    )
    body = body.replace("url(#HEAD)", f"url(#head-{mark})").replace("HATCH", f"hatch-{mark}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="{role}" '
        f'aria-labelledby="title-{mark} desc-{mark}" font-family="{FONT_FAMILY}" '
        f'font-size="{size}" fill="{INK}">'
        f'<title id="title-{mark}">{escape(title)}</title>'
        f'<desc id="desc-{mark}">{escape(description)}</desc>'
        f"<defs>{head}</defs>"
        f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>{body}</svg>'
    )


def _compact(body: str) -> tuple[str, str]:
    """Take out of the texts what most of them share, which then stands once for all."""
    sizes = Counter(re.findall(r'<text [^>]*?font-size="([\d.]+)"', body))
    usual = sizes.most_common(1)[0][0] if sizes else f"{SIZE}"

    def shorter(found: re.Match[str]) -> str:
        return found[0].replace(f' font-size="{usual}"', "").replace(f' fill="{INK}"', "")

    return re.sub(r"<text [^>]*>", shorter, body), usual

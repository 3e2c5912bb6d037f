"""The visual abstract: the first page of a report as one drawing of 1200 by 675, to be shared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.plots.svg import document, escape, wrap
from review.report.blocks import Link
from review.report.in_short import in_short

if TYPE_CHECKING:
    from review.report.in_short import InShort
    from review.report.results import Results

WIDTH: Final = 1200
HEIGHT: Final = 675
MARGIN: Final = 48
TEXT_WIDTH: Final = 620
PICTURE: Final = (712, 128, 440, 420)  # left, top, width and height of the room for the picture
BAND: Final = "#0B4F79"
MUTED: Final = "#59636E"
INK: Final = "#1F2328"
FOOT: Final = 600  # where the last band begins
_SIZE: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)" width="[\d.]+" height="[\d.]+"')
_PAGE: Final = re.compile(r"var\(--map,(#[0-9A-Fa-f]+)\)")


def visual_abstract(results: Results) -> bytes:
    """Return the visual abstract as an SVG file.

    Args:
        results: of the review.

    Example:
        >>> from review.project import open_review
        >>> from review.report.results import Results
        >>> visual_abstract(Results(open_review("wang2021")))[:38]
        b'<?xml version="1.0" encoding="UTF-8"?>'
    """
    page, settings = in_short(results), results.review.settings
    lead = page.lead
    parts = [f'<rect width="{WIDTH}" height="104" fill="{BAND}"/>']
    title, size = _fitted(settings.title, WIDTH - 2 * MARGIN, 84, (34, 30, 26, 22, 18))
    y = 52 + size * 0.36 - (len(title) - 1) * size * 0.6
    parts += [_line(MARGIN, y + i * size * 1.2, said, size, "#FFFFFF", bold=True)
              for i, said in enumerate(title)]  # fmt: skip
    y = 128.0  # the top of the next lines
    for said, room, sizes, colour, bold in (
        (lead.question, 76, (20, 18, 16), MUTED, False),
        (lead.label, 26, (18, 16), MUTED, False),
        (" ".join(lead.answer), 190, (30, 27, 24, 21, 18), INK, True),
        *((f"• {one}", 62, (19, 17, 15), INK, False) for one in lead.sure),
    ):
        if not said or y > FOOT - 30:
            continue
        lines, size = _fitted(said, TEXT_WIDTH, min(room, FOOT - 8 - y), sizes)
        parts += [_line(MARGIN, y + (i * 1.25 + 0.85) * size, line, size, colour, bold=bold)
                  for i, line in enumerate(lines)]  # fmt: skip
        # the label stands close to the answer below it
        y += len(lines) * size * 1.25 + (22 if bold else 0 if said == lead.label else 10)
    parts += _picture(page)
    authors = f"Authors: {', '.join(settings.authors)}" if settings.authors else ""
    parts += _foot(page, settings.cite or authors)
    alt = " ".join((lead.question, *lead.answer, *lead.sure)).strip()
    svg = document(WIDTH, HEIGHT, settings.title, alt, parts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{svg}\n'.encode(errors="replace")


def _picture(page: InShort) -> list[str]:
    """The picture of the first page within its room, with its caption."""
    found = _SIZE.search(page.picture)
    if found is None:
        return []
    left, top, width, height = PICTURE
    w, h = float(found.group(1)), float(found.group(2))
    shown = min(height, width * h / w)
    # colours that a page would give are written out, and the drawing is part of another
    inner = _PAGE.sub(r"\1", page.picture)
    inner = _SIZE.sub(f'viewBox="0 0 {w:g} {h:g}" width="{width}" height="{shown:.0f}"', inner)
    inner = re.sub(r'<svg xmlns="[^"]*"', f'<svg x="{left}" y="{top}"', inner, count=1)
    inner = re.sub(r' role="img" aria-labelledby="[^"]*"', "", inner)
    inner = re.sub(r"<title.*?</title>", "", inner).replace("currentColor", INK)
    caption, size = _fitted(page.caption, width, FOOT - 12 - top - shown, (15, 13))
    return [inner, *(
        _line(left, top + shown + 22 + i * size * 1.25, line, size, MUTED)
        for i, line in enumerate(caption)
    )]  # fmt: skip


def _foot(page: InShort, cite: str) -> list[str]:
    said = []
    for name, parts in page.facts:
        if name in {"Studies", "Registered", "Funding"}:
            words = "".join("" if isinstance(p, Link) else p for p in parts).strip()
            said.append(f"{name}: {words}")
    out = [f'<path d="M{MARGIN} {FOOT}H{WIDTH - MARGIN}" stroke="{MUTED}" stroke-opacity=".5"/>']
    for i, text in enumerate(line for line in (" · ".join(said), cite) if line):
        (line, *_), size = _fitted(text, WIDTH - 2 * MARGIN, 18, (15, 13))
        out.append(_line(MARGIN, FOOT + 26 + 24 * i, line, size, MUTED))
    return out


def _fitted(
    text: str, width: float, height: float, sizes: tuple[int, ...]
) -> tuple[list[str], int]:
    """Return lines that fit, in the largest size that does; the last resort is to cut."""
    for size in sizes:
        lines = wrap(text, width, size)
        if len(lines) * size * 1.25 <= max(height, size * 1.25):
            return lines, size
    size = sizes[-1]
    most = max(1, int(height / (size * 1.25)))
    kept = wrap(text, width, size)[:most]
    return [*kept[:-1], kept[-1].rstrip(" .,;") + "…"], size


def _line(x: float, y: float, text: str, size: float, fill: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    head = f'<text x="{x:g}" y="{y:.1f}" font-size="{size:g}" fill="{fill}"{weight}>'
    return f"{head}{escape(text)}</text>"

"""The text of a Word file in lines, each with its paragraph: body, tables, notes, equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.formats.archive_parts import DOCUMENT, open_archive
from review.formats.raised_figures import RaisedFigures
from review.project.confined import TooLong

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_BREAKS: Final = {"tab": "\t", "br": " ", "cr": " ", "noBreakHyphen": "-"}
# signs of the Symbol font that statistics are written with (by the last two hexadecimal digits)
_SYMBOL: Final = {
    "63": "χ", "61": "α", "62": "β", "68": "η", "72": "ρ", "74": "τ", "77": "ω", "66": "φ",
    "2d": "−", "b1": "±", "b4": "×", "a3": "≤", "b3": "≥", "3c": "<", "3d": "=", "3e": ">",
}  # fmt: skip
_NOTES: Final = ("footnotes", "endnotes")


def word_lines(data: bytes, name: str) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return place and text of each paragraph, and what was read in words.

    Tracked insertions count as text, tracked deletions do not.

    Raises:
        DataError: not a Word file, damaged, encrypted, or larger than any manuscript.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise DataError(f"{name}: encrypted or in the old Word format; save it as plain .docx")
    open_archive(data, name, DOCUMENT).close()
    import io

    import docx
    from docx.oxml import parse_xml

    try:
        document = docx.Document(io.BytesIO(data))
        bodies = [("paragraph", document.element.body)]
        for part in document.part.package.iter_parts():
            kind = str(part.partname).rpartition("/")[2].removesuffix(".xml")
            if kind in _NOTES:
                bodies.append((kind.removesuffix("s"), parse_xml(part.blob)))
    except (MemoryError, TooLong):
        raise
    except Exception as error:  # noqa: BLE001  the library raises whatever it meets inside
        raise DataError(f"{name}: not a readable Word file ({_short(error)})") from None
    figures = RaisedFigures()
    lines = [line for kind, body in bodies for line in _paragraphs(kind, body, figures)]
    return lines, ("Word file", *figures.notes())


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def _paragraphs(kind: str, body: Any, figures: RaisedFigures) -> Iterator[tuple[str, str]]:
    for number, block in enumerate(body.iter(f"{_WORD}p"), 1):
        text = ""
        for raised, signs in _signs(block):
            text += figures.joined(text, signs) if raised else signs
        if text.strip():
            yield f"{kind} {number}", " ".join(text.split("\n"))


def _signs(block: Any) -> Iterator[tuple[bool, str]]:
    """Yield the texts of a paragraph, and whether each is raised."""
    raised = False
    for item in block.iter():
        tag = item.tag
        if tag == f"{_WORD}r":
            place = item.find(f"{_WORD}rPr/{_WORD}vertAlign")
            raised = place is not None and place.get(f"{_WORD}val") == "superscript"
        if tag in {f"{_WORD}t", f"{_MATH}t"}:
            yield raised and tag == f"{_WORD}t", item.text or ""
        elif tag == f"{_WORD}sym":
            yield False, _SYMBOL.get((item.get(f"{_WORD}char") or "")[-2:].casefold(), "\ufffd")
        elif isinstance(tag, str) and tag.startswith(_WORD):
            yield False, _BREAKS.get(tag.removeprefix(_WORD), "")

"""The text of a PDF in lines, each with its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.formats.raised_figures import RaisedFigures
from review.project.confined import TooLong
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_LETTER: Final = re.compile(r"\(cid:\d+\)")
# of a raised figure: smaller than the line's letters, and above their feet by a part of their size
_SMALL: Final = 0.9
_UP: Final = 0.15
_FEW: Final = 20  # signs a page: less is a page number or a stamp on a scan


def pdf_lines(data: bytes, name: str) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return place and text of each line, and what was read in words.

    Raises:
        DataError: not a PDF, damaged, encrypted, or pages without text (scanned).
    """
    if b"%PDF-" not in data[:1024]:
        raise DataError(f"{name}: not a PDF (it does not begin as one)")
    import io

    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams, LTTextContainer
    from pdfminer.pdfdocument import (
        PDFEncryptionError,
        PDFPasswordIncorrect,
    )

    lines: list[tuple[str, str]] = []
    pages = 0
    figures = RaisedFigures()
    try:
        for pages, page in enumerate(extract_pages(io.BytesIO(data), laparams=LAParams()), 1):
            boxes = [b for b in page if isinstance(b, LTTextContainer)]
            rows = [row for box in boxes for row in _rows(box, figures)]
            lines += [(f"page {pages}, line {i}", row) for i, row in enumerate(rows, 1)]
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise DataError(f"{name}: the PDF is encrypted; save a copy without a password") from None
    except (MemoryError, TooLong):
        raise
    except Exception as error:  # noqa: BLE001  the library raises whatever it meets inside
        said = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise DataError(f"{name}: not a readable PDF ({said})") from None
    if not pages:
        raise DataError(f"{name}: the PDF has no pages")
    if sum(len(text.strip()) for _, text in lines) < _FEW * pages:
        raise DataError(
            f"{name}: the PDF has {plural(pages, 'page')} and no text: a scan. "
            "Run text recognition (OCR) on it first"
        )
    notes = [f"PDF, {plural(pages, 'page')}"]
    unknown = sum(len(_NO_LETTER.findall(text)) for _, text in lines)
    if unknown:
        notes.append(f"{plural(unknown, 'sign')} of fonts without letters left out")
    notes += figures.notes()
    return [(place, _NO_LETTER.sub(" ", text)) for place, text in lines], tuple(notes)


def _rows(box: Any, figures: RaisedFigures) -> Iterator[str]:
    """Yield the lines of a box of text; raised figures are joined as `figures` says."""
    from pdfminer.layout import LTChar, LTTextLine

    for line in box:
        if not isinstance(line, LTTextLine):
            yield from line.get_text().splitlines()
            continue
        letters = [c for c in line if isinstance(c, LTChar)]
        main = max(letters, key=lambda c: c.size, default=None)
        text = run = ""
        for sign in line:
            if main is not None and isinstance(sign, LTChar) and _is_raised(sign, main):
                run += sign.get_text()
                continue
            text += figures.joined(text, run) + sign.get_text()
            run = ""
        yield from (text + figures.joined(text, run)).splitlines()


def _is_raised(sign: Any, main: Any) -> bool:
    return bool(sign.size < _SMALL * main.size and sign.y0 - main.y0 > _UP * main.size)

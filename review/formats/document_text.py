"""The text of a paper or manuscript, each line with its place: .txt, .md, .html, .docx, .pdf.

Word files and PDFs are read in a process of its own with bounds on time and memory: their size says
little about what they turn into.
"""

from __future__ import annotations

import importlib.util
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import DataError, MissingExtraError
from review.formats.html_lines import html_lines
from review.formats.pdf_lines import pdf_lines
from review.formats.raised_figures import RaisedFigures
from review.formats.text_encoding import decode_text
from review.formats.word_lines import word_lines
from review.project.bounded import MEGABYTE, read_bounded
from review.project.confined import confined
from review.words import plural

if TYPE_CHECKING:
    from pathlib import Path

Line = tuple[str, str]  # place, text
KINDS: Final = (".txt", ".md", ".html", ".htm", ".docx", ".pdf")
MAX_TEXT: Final = 20 * MEGABYTE  # of a text file; books have 2
MAX_DOCUMENT: Final = 100 * MEGABYTE  # with its images
# kind -> module, package, extra that installs it
_NEEDS: Final = {
    ".docx": ("docx", "python-docx", "word"),
    ".pdf": ("pdfminer", "pdfminer.six", "pdf"),
}
_SECONDS: Final = 180.0
_STRANGE: Final = 0.02  # share of control signs from which bytes are no text


@dataclass(frozen=True)
class DocumentText:
    """The text of a file.

    Attributes:
        name: of the file.
        text: lines, joined by line ends.
        starts: where each line begins in `text`.
        places: of each line, such as `line 3` or `page 2, line 7`.
        notes: what was read, and what could not be.
    """

    name: str
    text: str
    starts: tuple[int, ...]
    places: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def place(self, offset: int) -> str:
        """Return the file and line in which a sign of the text stands."""
        return f"{self.name}, {self.places[max(0, bisect_right(self.starts, offset) - 1)]}"


def document_of(name: str, lines: list[Line], notes: tuple[str, ...] = ()) -> DocumentText:
    r"""Put lines together to one text.

    Example:
        >>> made = document_of("a.txt", [("line 1", "t(28) ="), ("line 2", "2.20")])
        >>> made.text, made.place(9)
        ('t(28) =\n2.20', 'a.txt, line 2')
    """
    starts, at = [], 0
    for _, text in lines:
        starts.append(at)
        at += len(text) + 1
    return DocumentText(
        name, "\n".join(t for _, t in lines), tuple(starts), tuple(p for p, _ in lines), notes
    )


def read_document(path: Path) -> DocumentText:
    """Return the text of a file.

    Args:
        path: a file whose name ends in one of `KINDS`.

    Raises:
        DataError: no such file, not of its kind, encrypted, without text, or larger than any paper.
        MissingExtraError: a package that reads the format is not installed.
    """
    name, kind = path.name or str(path), path.suffix.casefold()
    if kind == ".doc":
        raise DataError(f"{name}: the old Word format is not read; save it as .docx")
    if kind not in KINDS:
        raise DataError(f"{name}: not a kind of text that is read ({', '.join(KINDS)})")
    packed = kind in _NEEDS
    if packed:
        _require(*_NEEDS[kind])
    data = read_bounded(path, name, most=MAX_DOCUMENT if packed else MAX_TEXT)
    if not data.strip():
        raise DataError(f"{name}: the file is empty")
    notes: tuple[str, ...] = ()
    if packed:
        reader, what = (word_lines, "Word file") if kind == ".docx" else (pdf_lines, "PDF")
        lines, notes = confined(reader, data, name, what=f"the {what} {name}", seconds=_SECONDS)
    else:
        text, encoding = decode_text(data, name)
        _refuse_binary(text, name)
        figures = RaisedFigures()
        lines = html_lines(text, figures) if kind in {".html", ".htm"} else _numbered(text)
        notes = (encoding, *figures.notes())
    letters = sum(len(t) for _, t in lines)
    if not any(text.strip() for _, text in lines):
        raise DataError(f"{name}: no text in it")
    said = f"{name}: {', '.join((*notes, plural(letters, 'sign')))} of text read"
    return document_of(name, lines, (said,))


def _require(module: str, package: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise MissingExtraError(
            f"this file needs {package}: pip install 'review-analytics[{extra}]'"
        )


def _numbered(text: str) -> list[Line]:
    return [(f"line {i}", line) for i, line in enumerate(text.splitlines(), 1)]


def _refuse_binary(text: str, name: str) -> None:
    sample = text[:100_000]
    odd = sum(1 for c in sample if (c < " " and c not in "\t\n\r\x0b\x0c") or c == "\ufffd")
    if "\0" in sample or odd > _STRANGE * len(sample):
        raise DataError(f"{name}: not text (it holds signs that no text has)")

"""One bibliographic record as plain texts, whatever program wrote it, and how it is filled."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field, fields
from html.entities import name2codepoint
from typing import TYPE_CHECKING, Any, Final

from review.schema.screening_rows import LIST_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# at the end of a cell whose text goes on in the next one, and at the beginning of that
GOES_ON: Final = "\u2026"
# fields that hold several texts; all others hold one
LISTS: Final = ("authors", "keywords", "language", "url", "issn", "other_ids")
_DOI: Final = re.compile(r"\b10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"<>]+")
_DOI_START: Final = re.compile(
    r"^\s*(?:https?://)?(?:[\w.-]*doi[\w.-]*/|(?:dx\.)?doi\.org/)?(?:doi\s*:?\s*)?", re.IGNORECASE
)
# &uuml; and other names of characters, whose semicolons separate nothing
_CHARACTER: Final = re.compile(rf"&(?:#\d{{1,6}}|{'|'.join(name2codepoint)});")
_YEAR: Final = re.compile(r"(?<![0-9])(1[5-9][0-9]{2}|20[0-9]{2}|2100)(?![0-9])")
# what no table and no XML may hold: control characters, and halves of characters
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class BibRecord:
    """One record; a text that is not stated is "".

    Attributes:
        line: where it starts in its file, from 1; of a workbook or JSON the row or item.
        type, title, year, journal, volume, issue, pages, doi, pmid, abstract, publisher: as in
            `records.csv`.
        authors, keywords, language, url, issn, other_ids: none holds `; `.
        notes: none holds a line break.
        extra: tags that no field holds, with their texts, in the order of the file.
    """

    line: int
    type: str = ""
    title: str = ""
    authors: list[str] = field(default_factory=list)
    year: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    other_ids: list[str] = field(default_factory=list)
    abstract: str = ""
    keywords: list[str] = field(default_factory=list)
    language: list[str] = field(default_factory=list)
    url: list[str] = field(default_factory=list)
    issn: list[str] = field(default_factory=list)
    publisher: str = ""
    notes: list[str] = field(default_factory=list)
    extra: list[tuple[str, str]] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing but its type is known."""
        return not any(getattr(self, name) for name in COLUMNS if name != "type")

    @property
    def bare(self) -> bool:
        """Whether it says of no paper what it is: neither title nor an identifier of it."""
        return not (self.title or self.doi or self.pmid or self.other_ids)

    def one(self, name: str, text: str, tag: str) -> None:
        """Fill a field that holds one text; another text than the first goes to `extra`."""
        text = text.strip()
        if not text:
            return
        there = getattr(self, name)
        if not there:
            setattr(self, name, text)
        elif there != text:
            self.extra.append((tag, text))

    def many(self, name: str, texts: Iterable[str]) -> None:
        """Add texts to a field that holds several, each once; semicolons separate them."""
        there: list[str] = getattr(self, name)
        for text in texts:
            whole = _CHARACTER.sub(_character, text) if "&" in text else text
            for piece in whole.split(";") if name != "url" else text.split(LIST_MARK):
                part = " ".join(piece.split())
                if part and part not in there:
                    there.append(part)

    def note(self, text: str) -> None:
        """Add a remark, each once."""
        text = " ".join(text.split())
        if text and text not in self.notes:
            self.notes.append(text)

    def keep(self, tag: str, text: str) -> None:
        """Keep a tag that no field holds, word by word."""
        text = text.strip()
        if text:
            self.extra.append((tag, text))

    def date(self, text: str, tag: str) -> None:
        """Fill the year; a date that says more than it is kept whole."""
        text = text.strip()
        found = _YEAR.search(text)
        if found is not None and not self.year:
            self.year = found[1]
        if text.strip("/- ") != self.year:
            self.keep(tag, text)

    def identifier(self, text: str, tag: str) -> None:
        """Fill the DOI from what is one or holds one; anything else goes to `extra`."""
        text = text.strip()
        bare = bare_doi(text)
        if not bare:
            self.keep(tag, text)
        elif not self.doi:
            self.doi = bare
        elif bare.casefold() != self.doi.casefold():
            self.keep(tag, text)

    def restore(self, name: str, text: str) -> None:
        """Fill a field with what this program wrote where a format has no place for it."""
        if name == "notes":
            self.note(text)
        elif name in LISTS:
            self.many(name, (text,))
        elif name in COLUMNS and name != "extra":
            setattr(self, name, text)
        else:
            self.keep(f"={name}", text)

    def page_range(self, first: str, last: str) -> None:
        """Fill the pages from the first and the last."""
        first, last = first.strip(), last.strip()
        self.pages = first if not last or last == first else f"{first}-{last}".lstrip("-")

    def cells(self) -> dict[str, str]:
        """Return the record as texts of the columns of `records.csv`; empty ones are left out.

        Example:
            >>> record = BibRecord(3, title="A", authors=["Kim H", "Lee J"], extra=[("U2", "L1")])
            >>> record.cells()
            {'line': '3', 'title': 'A', 'authors': 'Kim H; Lee J', 'extra': '[["U2", "L1"]]'}
        """
        found = {"line": str(self.line)}
        for name in COLUMNS:
            value: Any = getattr(self, name)
            if not value:
                continue
            if name == "extra":
                value = json.dumps(value, ensure_ascii=False)
            elif name == "notes":
                value = "\n".join(value)
            elif name in LISTS:
                value = LIST_MARK.join(value)
            found[name] = value
        return found

    def tidy(self) -> int:
        """Take out characters that no table can hold; return how many there were."""
        count = 0

        def clean(text: str) -> str:
            nonlocal count
            if text.isprintable():
                return text
            text, n = _UNFIT.subn("", text)
            count += n
            return text

        for name in COLUMNS:
            value: Any = getattr(self, name)
            if name == "extra":
                self.extra = [(clean(tag), clean(text)) for tag, text in value]
            elif isinstance(value, list):
                setattr(self, name, [c for v in value if (c := clean(v).strip())])
            elif value:
                setattr(self, name, clean(value).strip())
        return count


COLUMNS: Final = tuple(f.name for f in fields(BibRecord) if f.name != "line")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A part of a file that is no record that can be read.

    Attributes:
        line: where it starts.
        reason: why, in words.
        text: its beginning.
        counted: whether it counts among the records that a search has found; a line of totals
            is none.
    """

    line: int
    reason: str
    text: str = ""
    counted: bool = True


def _character(found: re.Match[str]) -> str:
    """The character that HTML calls so; one that separates a list stays a name."""
    made = html.unescape(found.group())
    return made if made not in {";", "\n", "\r"} and made.isprintable() else found.group()[:-1]


def record_of(cells: Mapping[str, str | None], line: int = 0) -> BibRecord:
    """Return a record from the texts of a row of `records.csv`; what `BibRecord.cells` made.

    Example:
        >>> record_of({"title": "A", "authors": "Kim H; Lee J"}).authors
        ['Kim H', 'Lee J']
    """
    record = BibRecord(line)
    for name in COLUMNS:
        text = cells.get(name) or ""
        if not text:
            continue
        if name == "extra":
            record.extra = _pairs(text)
        elif name == "notes":
            record.notes = text.split("\n")
        elif name in LISTS:
            setattr(record, name, text.split(LIST_MARK))
        else:
            setattr(record, name, text)
    return record


def _pairs(text: str) -> list[tuple[str, str]]:
    """Read the column `extra`; what a person wrote there is kept as it is."""
    try:
        found = json.loads(text)
        return [(str(tag), str(value)) for tag, value in found]
    except (ValueError, TypeError, RecursionError):
        return [("extra", text)]


def bare_doi(text: str) -> str:
    """Return a DOI without what stands around it, "" where there is none.

    Example:
        >>> bare_doi("https://doi.org/10.1002/cpp.2398"), bare_doi("10.1016/x [doi]")
        ('10.1002/cpp.2398', '10.1016/x')
        >>> bare_doi("doi:10.1000/ABC"), bare_doi("S0009-8981(23)00321-2")
        ('10.1000/ABC', '')
    """
    rest = _DOI_START.sub("", text, count=1)
    if rest.startswith("10.") and " " not in rest.strip() and "/" in rest:
        return rest.strip().rstrip(".,;")
    found = _DOI.search(text)
    return "" if found is None else found.group().rstrip(".,;")

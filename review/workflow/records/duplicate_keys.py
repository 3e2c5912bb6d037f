"""What of a record is compared: folded title, surnames, place and identifiers."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from review.workflow.records.author_surnames import surnames
from review.workflow.records.folded_text import folded, folded_spelling
from review.workflow.records.publication_place import (
    is_meeting,
    issue_numbers,
    journal_source,
    journal_words,
    pages,
    split_volume,
    supplement_number,
    volume_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# what a field may be called, in the order of preference
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "record_id": ("record_id", "id"),
    "title": ("title", "primary_title", "ti", "t1"),
    "authors": ("authors", "author", "au"),
    "year": ("year", "publication_year", "py", "date"),
    "journal": ("journal", "secondary_title", "container_title", "publication", "booktitle",
                "source_title", "jo", "t2"),
    "volume": ("volume", "vl"),
    "issue": ("issue", "number", "is"),
    "pages": ("pages", "page"),
    "first_page": ("first_page", "start_page", "sp"),
    "last_page": ("last_page", "end_page", "ep"),
    "doi": ("doi", "do"),
    "pmid": ("pmid", "pubmed_id"),
}  # fmt: skip
_DOI: Final = re.compile(r"10\.\d{4,9}/[^\s\"<>;|]+")
_NAMES: Final = 160
_YEAR: Final = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_ARTICLE: Final = re.compile(r"(?:article|art\.?|no\.?)\s*\w*\d+|e\d{3,}", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")
_LANGUAGE: Final = (
    "afrikaans|arabic|bulgarian|chinese|croatian|czech|danish|dutch|english|estonian|finnish|"
    "french|german|greek|hebrew|hungarian|italian|japanese|korean|lithuanian|norwegian|persian|"
    "polish|portuguese|romanian|russian|serbian|slovak|slovenian|spanish|swedish|thai|turkish|"
    "ukrainian"
)
# Embase ends a translated title with its language, and may add the original
_IN_LANGUAGE: Final = re.compile(
    rf"(?:\.|\]|\?|!)\s*[\[(]?(?:{_LANGUAGE})[\])]?\.?\s*(?:$|\n.*$)", re.IGNORECASE | re.DOTALL
)
# the title of an article that was taken back is the article's, with a word before it
_TAKEN_BACK: Final = re.compile(
    r"\W*(?:retracted|withdrawn)(?:\s+(?:article|paper|chapter|manuscript))?\s*[\]):.\-]+\s*",
    re.IGNORECASE,
)


@dataclass
class DuplicateKeys:
    """The compared fields of all records, column by column; "" or () where nothing is stated.

    Attributes:
        title: folded, spelling made the same, without the language that Embase adds.
        other_title: a second title in another language that the field holds.
        surnames: of the first authors, in order.
        names: the beginning of the author field, should given names and surnames be swapped.
        year: 0 when not stated.
        journal: its telling words.
        first, last: pages, completed.
        issue: the numbers of the issue.
        supplement: the number of the supplement, which some exports give as the volume.
        meeting: whether it is an abstract of a meeting, or in a supplement.
        doi, pmid: as an identifier is written.
    """

    title: list[str] = field(default_factory=list)
    other_title: list[str] = field(default_factory=list)
    surnames: list[tuple[str, ...]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    year: array[int] = field(default_factory=lambda: array("h"))
    journal: list[tuple[str, ...]] = field(default_factory=list)
    volume: list[str] = field(default_factory=list)
    issue: list[frozenset[str]] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    doi: list[str] = field(default_factory=list)
    pmid: list[str] = field(default_factory=list)
    supplement: list[str] = field(default_factory=list)
    meeting: list[bool] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.title)

    def said(self, i: int) -> tuple[Any, ...]:
        """Return all that is compared of a record."""
        return (
            self.title[i], self.other_title[i], self.doi[i], self.pmid[i], self.year[i],
            self.volume[i], self.issue[i], self.first[i], self.last[i], self.journal[i],
            self.surnames[i], self.names[i], self.supplement[i], self.meeting[i],
        )  # fmt: skip

    def filled(self, i: int) -> int:
        """Return how many of the compared fields a record states, authors one by one."""
        return (
            bool(self.title[i]) + bool(self.journal[i]) + bool(self.volume[i]) + bool(self.issue[i])
            + bool(self.first[i]) + bool(self.doi[i]) + bool(self.pmid[i]) + bool(self.year[i])
            + len(self.surnames[i])
        )  # fmt: skip


@dataclass
class RecordKeys:
    """Collects what is compared, record by record; the records themselves are not kept.

    Attributes:
        keys: what is compared.
        ids: `record_id` or `id` of each record, or its number, from 1.
        columns: the names of the fields, as they were given.

    Example:
        >>> collected = RecordKeys()
        >>> collected.add({"title": "Deep Learning. [French]", "pages": "12-9",
        ...                "doi": "https://doi.org/10.1000%2FABC"})
        >>> keys = collected.keys
        >>> keys.title, keys.first, keys.last, keys.doi
        (['deep learning'], ['12'], ['19'], ['10.1000/abc'])
    """

    keys: DuplicateKeys = field(default_factory=DuplicateKeys)
    ids: list[str] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    _named: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    _journals: dict[str, tuple[tuple[str, ...], str, bool]] = field(default_factory=dict)
    _issues: dict[str, tuple[frozenset[str], str, bool]] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any]) -> None:
        """Add a record: field -> value; names of fields as in `FIELDS`, in any case."""
        names = tuple(record)
        known = self._named.get(names)
        if known is None:
            known = self._named[names] = _columns(names)
            self.columns.update(dict.fromkeys(map(str, names)))
        cells = {name: _text(record[column]) for name, column in known.items()}
        cell = cells.get
        keys = self.keys
        self.ids.append(cell("record_id", "") or str(len(self.ids) + 1))
        title, other = titles(cell("title", ""))
        keys.title.append(title)
        keys.other_title.append(other)
        authors = cell("authors", "")
        keys.surnames.append(surnames(authors))
        keys.names.append(authors[:_NAMES])
        year = _YEAR.search(cell("year", ""))
        keys.year.append(int(year[0]) if year else 0)
        journal, inside, at_meeting = self._journal(cell("journal", ""))
        keys.journal.append(journal)
        volume, number, article = split_volume(cell("volume", ""), cell("issue", ""))
        keys.volume.append(volume_of(volume) or inside)
        numbers, supplement, in_supplement = self._issue(number)
        keys.issue.append(numbers)
        keys.supplement.append(supplement)
        keys.meeting.append(at_meeting or in_supplement or is_meeting(volume))
        span = cell("pages", "")
        if not span:
            ends = cell("first_page", ""), cell("last_page", "")
            span = "-".join(filter(None, ends))
            span = span or article
            if not span and number and (found := _ARTICLE.fullmatch(number)):
                span = found[0]  # an article number in place of the issue
        first, last = pages(span)
        keys.first.append(first)
        keys.last.append(last)
        keys.doi.append(doi_of(cell("doi", "")))
        pmid = _DIGITS.search(cell("pmid", ""))
        keys.pmid.append(pmid[0].lstrip("0") if pmid else "")

    def _journal(self, name: str) -> tuple[tuple[str, ...], str, bool]:
        known = self._journals.get(name)
        if known is None:
            bare, inside = journal_source(name)
            known = self._journals[name] = journal_words(bare), inside, is_meeting(name)
        return known

    def _issue(self, text: str) -> tuple[frozenset[str], str, bool]:
        known = self._issues.get(text)
        if known is None:
            made = issue_numbers(text), supplement_number(text), is_meeting(text)
            known = self._issues[text] = made
        return known


def _text(value: Any) -> str:
    """A cell as text; lists with their mark, whole numbers without the point of a data frame."""
    if isinstance(value, str):
        return value.strip()
    if value is None or value != value:  # noqa: PLR0124  NaN
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _columns(names: tuple[str, ...]) -> dict[str, str]:
    lowered = {str(n).strip().casefold().replace(" ", "_"): n for n in reversed(names)}
    found = {}
    for name, others in FIELDS.items():
        for other in others:
            if other in lowered:
                found[name] = lowered[other]
                break
    return found


def doi_of(text: str) -> str:
    """Return the DOI in a text, in lower case, without resolver and percent-encoding, or "".

    Example:
        >>> doi_of("http://dx.doi.org/10.1016/S0003-4975%2899%2900646-3")
        '10.1016/s0003-4975(99)00646-3'
        >>> doi_of("781253568 [pii];10.1080/10286020500384302 [doi]"), doi_of("none")
        ('10.1080/10286020500384302', '')
    """
    if not text:
        return ""
    text = unquote(text) if "%" in text else text
    found = _DOI.search(text)
    if not found:
        return ""
    doi = found[0].lower().rstrip(".,'")
    return doi.rstrip(")") if "(" not in doi else doi


def titles(text: str) -> tuple[str, str]:
    """Return the folded title, and the folded second title (in another language), or "".

    Example:
        >>> titles("Crowd work: a theory [Arbeiten in der Crowd: eine Theorie der Arbeit]")
        ('crowd work a theory', 'arbeiten in der crowd eine theorie der arbeit')
    """
    other = ""
    if "\n" in text or "[" in text or text[-12:].rstrip(".])").lower().endswith(_ENDINGS):
        bare = _IN_LANGUAGE.sub("", text)
        if bare.strip(" []"):
            if "\n" in text:
                other = text.partition("\n")[2]
            text = bare
        at = text.find("[", 20)
        if at > 0 and text.rstrip(" .*").endswith("]") and len(text) - at > 30:
            text, other = text[:at], text[at:]
        elif "\n" in text.strip():
            text, _, other = text.strip().partition("\n")
            if len(other) < 20:
                text, other = f"{text} {other}", ""
    if text[:1] in "[RrWw" and (found := _TAKEN_BACK.match(text)):
        text = text[found.end() :] or text
    return folded_spelling(folded(text)), folded_spelling(folded(other)) if other else ""


_ENDINGS: Final = tuple(_LANGUAGE.split("|"))

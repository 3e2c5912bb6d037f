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
    supplement_number,
    volume_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# what a field may be called, in the order of preference
FIELDS: Final[dict[str, tuple[str, ...]]] = {
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


def duplicate_keys(records: Iterable[Mapping[str, Any]]) -> DuplicateKeys:
    """Return what is compared of each record; the records themselves are not kept.

    Args:
        records: field -> value; names of fields as in `FIELDS`, in any case.

    Example:
        >>> keys = duplicate_keys([{"title": "Deep Learning. [French]", "pages": "12-9",
        ...                         "doi": "https://doi.org/10.1000%2FABC"}])
        >>> keys.title, keys.first, keys.last, keys.doi
        (['deep learning'], ['12'], ['19'], ['10.1000/abc'])
    """
    keys = DuplicateKeys()
    columns: dict[tuple[str, ...], dict[str, str]] = {}
    journals: dict[str, tuple[tuple[str, ...], str]] = {}
    issues: dict[str, frozenset[str]] = {}
    for record in records:
        names = tuple(record)
        known = columns.get(names)
        if known is None:
            known = columns[names] = _columns(names)

        def cell(
            name: str, record: Mapping[str, Any] = record, known: dict[str, str] = known
        ) -> str:
            column = known.get(name)
            value = None if column is None else record[column]
            return "" if value is None or value != value else str(value)  # noqa: PLR0124

        title, other = titles(cell("title"))
        keys.title.append(title)
        keys.other_title.append(other)
        authors = record[known["authors"]] if "authors" in known else ""
        who = authors if isinstance(authors, list | tuple) else cell("authors")
        keys.surnames.append(surnames(who))
        keys.names.append(who[:_NAMES] if isinstance(who, str) else "; ".join(who)[:_NAMES])
        year = _YEAR.search(cell("year"))
        keys.year.append(int(year[0]) if year else 0)
        name = cell("journal")
        journal = journals.get(name)
        if journal is None:
            bare, inside = journal_source(name)
            journal = journals[name] = journal_words(bare), inside
        keys.journal.append(journal[0])
        volume, number = cell("volume"), cell("issue")
        keys.volume.append(volume_of(volume) or journal[1])
        keys.supplement.append(supplement_number(number))
        keys.meeting.append(is_meeting(number) or is_meeting(volume) or is_meeting(name))
        if number not in issues:
            issues[number] = issue_numbers(number)
        keys.issue.append(issues[number])
        span = cell("pages") or "-".join(p for p in (cell("first_page"), cell("last_page")) if p)
        if not span and (found := _ARTICLE.fullmatch(number.strip())):
            span = found[0]  # an article number in place of the issue
        first, last = pages(span)
        keys.first.append(first)
        keys.last.append(last)
        keys.doi.append(doi_of(cell("doi")))
        pmid = _DIGITS.search(cell("pmid"))
        keys.pmid.append(pmid[0].lstrip("0") if pmid else "")
    return keys


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
    return folded_spelling(folded(text)), folded_spelling(folded(other)) if other else ""


_ENDINGS: Final = tuple(_LANGUAGE.split("|"))

"""What kind of export a file is, told by what stands in it and never by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.errors import DataError
from review.formats.bibliography.pubmed_text import HEAD
from review.formats.bibliography.record_tables import delimiter_of
from review.formats.bibliography.ris_files import FIRST
from review.formats.bibliography.table_headings import table_dialect
from review.formats.workbook import is_workbook
from review.project.problems import Problem

if TYPE_CHECKING:
    from review.formats.bibliography.source_bytes import Source

_RIS: Final = re.compile(rf"(?m)^{FIRST.pattern}")
_MEDLINE: Final = re.compile(r"(?m)^PMID- ")
_WOS: Final = re.compile(r"(?m)^PT [A-Z]\s*$")
_ENW: Final = re.compile(r"(?m)^%0(?:\s|$)")
_BIBTEX: Final = re.compile(r"(?m)^\s*@\s*[A-Za-z]+\s*[{(]")
# with what a record starts, or holds once, in the formats that several programs write
_STARTS: Final = (
    _RIS, _BIBTEX, _ENW, re.compile(r'"type"\s*:\s*"'), re.compile(r"<record>"),
)  # fmt: skip
# what stands in the records of each, most telling first
_WRITERS: Final = (
    ("ASReview", r"ASReview_(?:relevant|irrelevant|not_seen)"),
    ("Rayyan", r"RAYYAN-(?:INCLUSION|LABELS|EXCLUSION)|rayyan-\d+"),
    ("Embase", r"(?m)^DB  ?-? ?Embase|embase\.com"),
    ("Ovid", r"ovidsp\.|ovidweb\.cgi|Database: .*Ovid"),
    ("Cochrane", r"cochranelibrary|Provider: John Wiley|(?m:^DB  -  ?CENTRAL)"),
    ("ProQuest", r"search\.proquest\.com|www\.proquest\.com"),
    ("EBSCO", r"search\.ebscohost\.com|ebsco"),
    ("Scopus", r"www\.scopus\.com|(?m:^\s*source = \{Scopus\})|(?m:^DB  - Scopus)"),
    ("IEEE Xplore", r"ieeexplore|(?m:^JO  - IEEE|^T2  - .*IEEE.*$)"),
    ("Web of Science", r"Unique-ID = |WOS:\d{15}|(?m:^AN  - WOS:)"),
    ("ScienceDirect", r"www\.sciencedirect\.com"),
    ("ACM", r"dl\.acm\.org|Association for Computing Machinery"),
    ("Springer", r"link\.springer\.com"),
    ("Zotero", r"zotero\.org|(?m:^DB  - .*Zotero)"),
    ("Mendeley", r"mendeley"),
)
_COVIDENCE: Final = re.compile(r"review_\d{3,}_", re.IGNORECASE)
DATABASES: Final = {
    "Embase": "Embase", "Ovid": "Ovid", "Cochrane": "Cochrane Library", "ProQuest": "ProQuest",
    "EBSCO": "EBSCO", "Scopus": "Scopus", "IEEE Xplore": "IEEE Xplore",
    "Web of Science": "Web of Science", "Web of Science, tab": "Web of Science",
    "ScienceDirect": "ScienceDirect", "ACM": "ACM Digital Library", "Springer": "SpringerLink",
    "PubMed": "PubMed", "Lens": "The Lens",
}  # fmt: skip
_ACCEPTED: Final = (
    "RIS, PubMed (MEDLINE, XML), EndNote (XML, .enw), Web of Science, BibTeX, CSL-JSON, CSV, "
    "Excel, or an ASReview project"
)


def detect(source: Source) -> tuple[str, str]:
    """Return the format of a file, and the program or database that wrote it ("" if unknown).

    Raises:
        DataError: none that is known.
    """
    head = source.head
    if head.startswith(b"PK\x03\x04") and _is_project(source):
        return "ASReview project", "ASReview"
    if is_workbook(head):
        return "workbook", ""
    text = source.head_text()
    start = text.lstrip()
    if start.startswith("<") or head[:2_000].lstrip()[:5] == b"<?xml":
        return _xml(source, text)
    kind = _text_kind(text, start)
    if kind in {"CSV", "tab-delimited"}:
        sign = delimiter_of(text) or ","
        first = next((line for line in text.split("\n") if line.strip()), "")
        return kind, table_dialect(h.strip('"') for h in first.split(sign))
    if not kind:
        problem = Problem(
            source.name, "no kind of export that is known", allowed=_ACCEPTED,
            value=start[:60] if start.isprintable() else None,
        )  # fmt: skip
        raise DataError(str(problem), [problem])
    if kind in {"MEDLINE", "PubMed abstracts"}:
        return kind, "PubMed"
    if kind == "Web of Science":
        return kind, kind
    # nothing in Covidence's files for reference managers says whose they are, but their name
    return kind, writer_of(text) or ("Covidence" if _COVIDENCE.match(source.name) else "")


def _text_kind(text: str, start: str) -> str:
    """Return the format of a text; "" for none."""
    if start[:1] in {"[", "{"} and re.match(r"[\[{]\s*[\[{\"\]}]", start):
        return "CSL-JSON"
    places = {
        kind: found.start()
        for kind, pattern in (
            ("RIS", _RIS), ("MEDLINE", _MEDLINE), ("Web of Science", _WOS),
            ("EndNote tagged", _ENW), ("BibTeX", _BIBTEX),
        )
        if (found := pattern.search(text)) is not None
    }  # fmt: skip
    sign = delimiter_of(text)
    if sign is not None:  # a heading line is the first line: nothing stands before it
        return "tab-delimited" if sign == "\t" else "CSV"
    if places:
        return min(places, key=lambda kind: places[kind])
    if HEAD.match(start.split("\n", maxsplit=1)[0]) and "PMID:" in text:
        return "PubMed abstracts"
    # a table with headings somewhere, which the intake for tables finds
    lines = [line for line in start.split("\n")[:50] if line.strip()]
    signs = max((sum(sign in line for line in lines) for sign in ",;\t"), default=0)
    return "table" if len(lines) > 1 and signs > 0.6 * len(lines) else ""


def _xml(source: Source, text: str) -> tuple[str, str]:
    for kind, mark in (("PubMed XML", r"<Pubmed(?:Book)?Article|<!DOCTYPE PubmedArticleSet"),
                       ("EndNote XML", r"<xml>\s*<records>|<records>|<record>")):  # fmt: skip
        if re.search(mark, text):
            return kind, "PubMed" if kind == "PubMed XML" else writer_of(text) or "EndNote"
    problem = Problem(source.name, "XML that is neither PubMed's nor EndNote's", allowed=_ACCEPTED)
    raise DataError(str(problem), [problem])


def writer_of(text: str) -> str:
    """Return the database or program whose marks stand in the records; "" for none."""
    records = max(1, *(len(start.findall(text)) for start in _STARTS))
    # a link to another database in one record tells nothing of the file
    return next((name for name, mark in _WRITERS if 3 * len(re.findall(mark, text)) >= records), "")


def _is_project(source: Source) -> bool:
    import zipfile

    try:
        with zipfile.ZipFile(source.path) as archive:
            return "project.json" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False

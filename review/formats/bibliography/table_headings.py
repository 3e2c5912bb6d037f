"""What the headings of tables of records mean, in the words of all databases that write them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# field -> headings of Scopus, Springer, IEEE, PubMed, Covidence, Rayyan, ASReview, Dimensions,
# Lens, ProQuest, EBSCO, Cochrane, Zotero, Google-Scholar tools, and of this program
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "type": ("type", "document type", "content type", "item type", "publication type",
             "documenttype", "reference type", "type of work"),
    "title": ("title", "item title", "document title", "article title", "primary title",
              "record title", "paper title", "publication name"),
    "authors": ("authors", "author", "author s", "author full names", "author names", "creator",
                "author/s", "first author", "primary authors"),
    "year": ("year", "publication year", "published year", "pubyear", "year of publication",
             "publication date", "date", "published", "year published", "primary year"),
    "journal": ("journal", "source title", "publication title", "journal/book", "journal title",
                "secondary title", "journal name", "pubtitle", "container title",
                "source full name",
                "parent publication"),
    "volume": ("volume", "journal volume"),
    "issue": ("issue", "journal issue", "number", "issue number"),
    "pages": ("pages", "pagination", "page range"),
    "doi": ("doi", "item doi", "digitalobjectidentifier", "doi link", "doi url"),
    "pmid": ("pmid", "pubmed id", "pubmed_id", "pubmed pmid", "medline pmid"),
    "other_ids": ("eid", "accession number", "pmcid", "pmc_id", "pmc id", "lens id", "unique-id",
                  "nihms id", "openalex id", "other_ids", "wos id", "ut (unique wos id)",
                  "publication id"),
    "abstract": ("abstract", "abstract note", "abstracts", "primary abstract"),
    "keywords": ("keywords", "author keywords", "index keywords", "manual tags", "automatic tags",
                 "ieee terms", "keyword", "mesh terms", "subjects", "keywords plus",
                 "mesh_terms", "inspec controlled terms", "inspec non-controlled terms"),
    "language": ("language", "language of original document"),
    "url": ("url", "link", "urls", "pdf link", "source url", "article url"),
    "issn": ("issn", "isbn", "isbns", "eissn", "issns", "e-issn"),
    "publisher": ("publisher",),
    "notes": ("notes", "note"),
    "extra": ("extra",),
}  # fmt: skip
FIRST_PAGE: Final = ("page start", "start page", "first page", "startpage")
LAST_PAGE: Final = ("page end", "end page", "last page", "endpage")
ARTICLE_NUMBER: Final = ("art. no.", "article number", "art no")
MEANING: Final = {
    heading.replace("_", " "): name
    for name, headings in _HEADINGS.items()
    for heading in headings
} | {
    **dict.fromkeys(FIRST_PAGE, "first_page"), **dict.fromkeys(LAST_PAGE, "last_page"),
    **dict.fromkeys(ARTICLE_NUMBER, "article_number"),
}  # fmt: skip
# columns of exports that say nothing that records.csv has a column for
_MORE_EXPORTED: Final = frozenset(
    (
        # Zotero
        "key", "date added", "date modified", "access date", "num pages", "number of volumes",
        "journal abbreviation", "short title", "series", "series number", "series text",
        "series title", "place", "rights", "archive", "archive location", "library catalog",
        "call number", "file attachments", "link attachments", "editor", "series editor",
        "translator", "contributor", "attorney agent", "book author", "cast member", "commenter",
        "composer", "cosponsor", "counsel", "interviewer", "producer", "recipient",
        "reviewed author", "scriptwriter", "words by", "guest", "edition", "running time",
        "scale", "medium", "artwork size", "filing date", "application number",
        "assignee", "issuing authority", "country", "meeting name", "conference name", "court",
        "references", "reporter", "legal status", "priority numbers", "programming language",
        "version", "system", "code", "code number", "section", "session", "committee", "history",
        "legislative body",
        # Web of Science
        "book authors", "book editors", "book group authors", "book author full names",
        "group authors", "book series title", "book series subtitle", "conference title",
        "conference date", "conference location", "conference sponsor", "conference host",
        "addresses", "affiliations", "reprint addresses", "email addresses", "researcher ids",
        "orcids", "funding orgs", "funding name preferred", "funding text", "cited references",
        "cited reference count", "times cited, wos core", "times cited, all databases",
        "180 day usage count", "since 2013 usage count", "publisher city", "publisher address",
        "journal iso abbreviation", "part number", "supplement", "special issue",
        "meeting abstract", "book doi", "early access date", "number of pages", "wos categories",
        "web of science index", "research areas", "ids number", "open access designations",
        "highly cited status", "hot paper status", "date of export", "web of science record",
        # IEEE Xplore, Scopus
        "author affiliations", "date added to xplore", "funding information",
        "article citation count", "patent citation count", "reference count", "license",
        "online date", "issue date", "meeting date", "document identifier", "author(s) id",
        "page count", "cited by", "authors with affiliations", "molecular sequence numbers",
        "chemicals/cas", "tradenames", "manufacturers", "correspondence address", "editors",
        "sponsors", "conference code", "coden", "abbreviated source title", "publication stage",
        "open access", "source", "funding details", "funding texts",
        # Covidence, Rayyan, ASReview
        "published month", "ref", "covidence #", "study", "tags", "month", "day", "location",
        "record id", "included", "asreview label", "asreview time", "asreview prior",
        "asreview included", "asreview ranking", "asreview note",
    )
)  # fmt: skip
# what --map may name
TARGETS: Final = (*_HEADINGS, "first_page", "last_page", "article_number")
# tags that Web of Science writes as the headings of its tab-delimited file
WOS_TAGS: Final = frozenset({"PT", "AU", "TI", "SO", "PY", "UT"})
_TABLES: Final = (
    ("Springer", {"item title", "item doi", "content type"}),
    ("IEEE Xplore", {"document title", "publication title", "ieee terms"}),
    ("IEEE Xplore", {"document title", "date added to xplore"}),
    ("Web of Science", {"article title", "source title", "ut (unique wos id)"}),
    ("Scopus", {"source title", "eid"}),
    ("Scopus", {"source title", "author(s) id"}),
    ("Covidence", {"covidence #", "title"}),
    ("Rayyan", {"key", "title", "pmc id", "pubmed id"}),
    ("ASReview", {"record id", "title", "asreview label"}),
    ("ASReview", {"title", "asreview included"}),
    ("ASReview", {"title", "asreview prior"}),
    ("PubMed", {"pmid", "title", "citation", "first author"}),
    ("Lens", {"lens id", "title"}),
    ("Zotero", {"key", "item type", "publication title", "abstract note"}),
)


def folded(heading: str) -> str:
    """Return a heading without letter case, underscores and doubled blanks.

    Example:
        >>> folded(" Source  Title")
        'source title'
    """
    return re.sub(r"[\s_]+", " ", heading.strip().strip("\ufeff")).casefold()


def table_dialect(headings: Iterable[str]) -> str:
    """Return which program writes a table with these headings, "" for none that is known."""
    given = [h.strip().strip("\ufeff") for h in headings]
    if {*given} >= WOS_TAGS:
        return "Web of Science, tab"
    there = {folded(h) for h in given}
    return next((name for name, needed in _TABLES if there >= needed), "")


def is_export_heading(heading: str) -> bool:
    """Tell whether a heading is one that a database or reference manager writes.

    Example:
        >>> is_export_heading("Abstract Note"), is_export_heading("Covidence #")
        (True, True)
        >>> is_export_heading("AUC of the test set")
        False
    """
    plain = folded(heading)
    return plain in MEANING or plain in _MORE_EXPORTED or plain.startswith("funding text")


def is_record_table(headings: Iterable[str]) -> bool:
    """Tell whether headings are those of a table of records: a title and something more."""
    given = [*headings]
    meant = {MEANING.get(folded(h), "") for h in given} - {""}
    return bool(table_dialect(given)) or ("title" in meant and len(meant) > 1)

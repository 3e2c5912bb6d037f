"""PubMed's XML: articles and books; what no field holds is kept under its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.formats.bibliography.xml_stream import elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.formats.bibliography.source_bytes import Source
    from review.formats.bibliography.tagged_lines import Tally
    from review.formats.bibliography.xml_stream import Node

RECORDS: Final = ("PubmedArticle", "PubmedBookArticle")
_ARTICLE: Final = ("MedlineCitation/Article/", "BookDocument/", "BookDocument/Book/")
_ONE: Final = {
    "MedlineCitation/PMID": "pmid", "BookDocument/PMID": "pmid",
    **{f"{a}ArticleTitle": "title" for a in _ARTICLE},
    "BookDocument/Book/BookTitle": "journal",
    "MedlineCitation/Article/Journal/Title": "journal",
    "MedlineCitation/Article/Journal/JournalIssue/Volume": "volume",
    "MedlineCitation/Article/Journal/JournalIssue/Issue": "issue",
    "MedlineCitation/Article/Pagination/MedlinePgn": "pages",
    "BookDocument/Book/Publisher/PublisherName": "publisher",
}  # fmt: skip
_MANY: Final = {
    "MedlineCitation/Article/Journal/ISSN": "issn", "BookDocument/Book/Isbn": "issn",
    "MedlineCitation/Article/Language": "language", "BookDocument/Language": "language",
    "MedlineCitation/KeywordList/Keyword": "keywords", "BookDocument/KeywordList/Keyword":
    "keywords",
}  # fmt: skip
_IDS: Final = (
    "PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId",
    "BookDocument/ArticleIdList/ArticleId", "MedlineCitation/Article/ELocationID",
    "BookDocument/Book/ELocationID",
)  # fmt: skip
_TYPES: Final = (
    "MedlineCitation/Article/PublicationTypeList/PublicationType", "BookDocument/PublicationType",
)  # fmt: skip
_ABSTRACTS: Final = ("MedlineCitation/Article/Abstract", "BookDocument/Abstract")
_AUTHORS: Final = (
    "MedlineCitation/Article/AuthorList/Author", "BookDocument/AuthorList/Author",
    "BookDocument/Book/AuthorList/Author",
)  # fmt: skip
_DATES: Final = (
    "MedlineCitation/Article/Journal/JournalIssue/PubDate", "BookDocument/Book/PubDate",
)  # fmt: skip
_HEADINGS: Final = "MedlineCitation/MeshHeadingList/MeshHeading"


def pubmed_records(source: Source, tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a file in PubMed's XML.

    Raises:
        DataError: the file defines entities.
    """
    for found in elements(source, RECORDS, tally):
        yield found if isinstance(found, Rejected) else _record(*found)


def _record(line: int, article: Node) -> BibRecord | Rejected:
    record = BibRecord(line)
    record.type = "; ".join(t for path in _TYPES for n in article.all(path) if (t := n.text()))
    for path in _DATES:
        for node in article.all(path):
            record.date(" ".join(t for c in node.children if (t := c.text())), path)
    for path in _AUTHORS:
        for node in article.all(path):
            _author(record, node)
    for path in _ABSTRACTS:
        texts = [_abstract(n) for n in article.all(f"{path}/AbstractText")]
        record.one("abstract", "\n".join(filter(None, texts)), path)
    record.many("keywords", (_heading(n) for n in article.all(_HEADINGS)))
    done = (*_AUTHORS, *_DATES, _HEADINGS)
    for path, node in article.leaves():
        text = node.text()
        if not text or path.startswith(tuple(f"{d}/" for d in done)):
            continue
        if path in _ONE:
            record.one(_ONE[path], text, path)
        elif path in _MANY:
            record.many(_MANY[path], (text,))
        elif path in _IDS:
            _identify(record, node, path)
        elif path in _TYPES or (path.rpartition("/")[0] in _ABSTRACTS and "AbstractText" in path):
            continue
        else:
            record.keep(_described(path, node), text)
    if not record.title:
        record.title, record.journal = record.journal, ""
    if record.empty:
        return Rejected(line, "the record holds nothing", article.text()[:2_000])
    return record


def _described(path: str, node: Node) -> str:
    """The path with the attributes that say what kind of text it is."""
    kinds = [f"{k}={v}" for k, v in node.attributes.items() if k.endswith(("Type", "Label"))]
    return f"{path}[{', '.join(kinds)}]" if kinds else path


def _author(record: BibRecord, node: Node) -> None:
    last, fore = node.first("LastName"), node.first("ForeName") or node.first("Initials")
    name = ", ".join(filter(None, [last, fore])) or node.first("CollectiveName")
    if suffix := node.first("Suffix"):
        name += f", {suffix}"
    record.many("authors", (name,))
    used = {"LastName", "ForeName", "Suffix", "Initials"} | ({"CollectiveName"} - {name})
    for path, leaf in node.leaves():
        if path not in used and (text := leaf.text()) and text != name:
            record.keep(_described(f"Author/{path}", leaf), f"{name}: {text}")


def _abstract(node: Node) -> str:
    label, text = node.attributes.get("Label", ""), node.text()
    return f"{label}: {text}" if label and text else text


def _heading(node: Node) -> str:
    """A heading with its qualifiers as PubMed's own format writes them: Heart/*physiology."""
    return "/".join(
        ("*" if c.attributes.get("MajorTopicYN") == "Y" else "") + c.text() for c in node.children
    )


def _identify(record: BibRecord, node: Node, path: str) -> None:
    kind = node.attributes.get("IdType") or node.attributes.get("EIdType") or ""
    text = node.text()
    if kind == "doi":
        record.identifier(text, path)
    elif kind == "pubmed":
        record.one("pmid", text, path)
    elif kind == "pmc":
        record.many("other_ids", (text,))
    else:
        record.many("other_ids", (f"{kind} {text}".strip(),))

"""EndNote's own formats: XML, and lines that begin with % (also called Refer, .enw)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.formats.bibliography.tagged_lines import Kind, TagStyle, Tally, blocks, fill
from review.formats.bibliography.xml_stream import elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.formats.bibliography.source_bytes import Line, Source
    from review.formats.bibliography.xml_stream import Node

STYLE: Final = TagStyle(
    re.compile(r"%([0-9A-Z@!#$&()*+,./:;<=>?\[\\^~|{}-])(?:\s|$)(.*)", re.DOTALL),
    starts=frozenset({"0"}),
)
_TAGS: Final[dict[str, tuple[Kind, str]]] = {
    "0": ("one", "type"), "A": ("many", "authors"), "T": ("one", "title"), "D": ("date", ""),
    "J": ("one", "journal"), "B": ("one", "journal"), "V": ("one", "volume"),
    "N": ("one", "issue"), "P": ("one", "pages"), "R": ("doi", ""), "X": ("one", "abstract"),
    "@": ("many", "issn"), "U": ("many", "url"), "G": ("many", "language"),
    "I": ("one", "publisher"), "Z": ("note", ""), "M": ("many", "other_ids"),
}  # fmt: skip
RECORD: Final = "record"
_ONE: Final = {
    "titles/title": "title", "periodical/full-title": "journal", "titles/secondary-title":
    "journal", "volume": "volume", "number": "issue", "pages": "pages", "publisher": "publisher",
    "abstract": "abstract",
}  # fmt: skip
_MANY: Final = {
    "contributors/authors/author": "authors", "keywords/keyword": "keywords", "isbn": "issn",
    "language": "language", "urls/related-urls/url": "url", "accession-num": "other_ids",
}  # fmt: skip


def tagged_records(lines: Iterator[Line], tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a tagged EndNote file.

    Args:
        lines: of the file.
        tally: gets what deserves a remark.
    """

    def keywords(record: BibRecord, tag: str, lines: list[str]) -> None:
        del tag
        record.many("keywords", lines)

    for block in blocks(lines, STYLE, tally):
        rejected = block.rejected()
        if rejected is not None:
            yield rejected
            continue
        record = BibRecord(block.line)
        fill(record, [t for t in block.tags if t[1]], _TAGS, {"K": keywords})
        # tags are kept as they stand there, so that a % tag is no RIS tag
        record.extra = [(f"%{tag}", text) for tag, text in record.extra]
        yield record


def endnote_records(source: Source, tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of an EndNote XML file.

    Raises:
        DataError: the file defines entities.
    """
    for found in elements(source, (RECORD,), tally):
        yield found if isinstance(found, Rejected) else _record(*found)


def _record(line: int, node: Node) -> BibRecord | Rejected:
    record = BibRecord(line)
    for path, leaf in node.leaves():
        text = leaf.text()
        if path == "ref-type":
            record.one("type", leaf.attributes.get("name") or text, path)
        elif not text or path in {"database", "source-app"}:
            continue
        elif path in _ONE:
            record.one(_ONE[path], text, path)
        elif path in _MANY:
            record.many(_MANY[path], (text,))
        elif path == "dates/year":
            record.date(text, path)
        elif path == "electronic-resource-num":
            record.identifier(text, path)
        elif path in {"notes", "research-notes"}:
            record.note(text)
        else:
            record.keep(path, text)
    if record.empty:
        return Rejected(line, "the record holds nothing", node.text()[:2_000])
    return record

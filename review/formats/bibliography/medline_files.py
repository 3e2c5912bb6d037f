"""PubMed's own format (MEDLINE, NBIB): tags of up to four letters, lines wrapped at 90 signs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.formats.bibliography.tagged_lines import Kind, TagStyle, Tally, blocks, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.formats.bibliography.source_bytes import Line
    from review.formats.bibliography.tagged_lines import Block

_LINE: Final = re.compile(r"(?=.{4}- ?)([A-Z][A-Z0-9]{1,3}) {0,2}-(?: |$)(.*)", re.DOTALL)
STYLE: Final = TagStyle(_LINE, starts=frozenset({"PMID"}))
_TAGS: Final[dict[str, tuple[Kind, str]]] = {
    "PMID": ("one", "pmid"), "TI": ("one", "title"), "FAU": ("many", "authors"),
    "CN": ("many", "authors"), "DP": ("date", ""), "JT": ("one", "journal"),
    "VI": ("one", "volume"), "IP": ("one", "issue"), "PG": ("one", "pages"),
    "AB": ("one", "abstract"), "MH": ("many", "keywords"), "OT": ("many", "keywords"),
    "LA": ("many", "language"), "IS": ("many", "issn"), "ISBN": ("many", "issn"),
    "PB": ("one", "publisher"), "GN": ("note", ""),
}  # fmt: skip


def medline_records(lines: Iterator[Line], tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a file in PubMed's format.

    Args:
        lines: of the file.
        tally: gets what deserves a remark.
    """
    for block in blocks(lines, STYLE, tally):
        yield block.rejected(start_counts=True) or _record(block)


def _record(block: Block) -> BibRecord:
    record = BibRecord(block.line)
    tags = [(tag, lines) for tag, lines in block.tags if lines]
    full = any(tag == "FAU" for tag, _ in tags)
    own = any(tag == "TI" for tag, _ in tags)
    for tag, lines in tags:
        text = " ".join(lines).strip()
        if tag == "AU" and not full:
            record.many("authors", (text,))
        elif tag == "BTI" and not own:
            record.one("title", text, tag)
        elif tag in {"LID", "AID"}:
            _location(record, tag, text)
        elif tag == "PMC":
            record.many("other_ids", (text,))
        elif tag == "PT":
            record.type = f"{record.type}; {text}" if record.type else text
        else:
            fill(record, [(tag, lines)], _TAGS, {})
    if not record.journal:
        _short_journal(record)
    return record


def _location(record: BibRecord, tag: str, text: str) -> None:
    """LID and AID name the DOI, the publisher's number, or the number of a bookshelf."""
    if text.endswith("[doi]"):
        record.identifier(text, tag)
    else:
        found = re.fullmatch(r"(.*?) ?\[(\w+)\]", text)
        record.many("other_ids", (f"{found[2]} {found[1]}" if found else text,))


def _short_journal(record: BibRecord) -> None:
    for pair in record.extra:
        if pair[0] == "TA":
            record.journal = pair[1]
            record.extra.remove(pair)
            return

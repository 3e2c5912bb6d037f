"""Web of Science, plain text: two letters, then text; lists go on in lines that are indented."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.formats.bibliography.tagged_lines import Kind, TagStyle, Tally, blocks, fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from review.formats.bibliography.source_bytes import Line

STYLE: Final = TagStyle(
    re.compile(r"([A-Z][A-Z0-9])(?: |$)(.*)", re.DOTALL),
    starts=frozenset({"PT"}), ends=frozenset({"ER"}), ignored=frozenset({"FN", "VR", "EF"}),
    opening=frozenset({"AU", "TI"}),
)  # fmt: skip
# what each line of these is: one of a list
_LISTS: Final = frozenset({"AU", "AF", "BA", "BF", "BE", "CA", "CR", "C1"})
TAGS: Final[dict[str, tuple[Kind, str]]] = {
    "TI": ("one", "title"), "DT": ("one", "type"), "SO": ("one", "journal"), "PY": ("date", ""),
    "VL": ("one", "volume"), "IS": ("one", "issue"), "DI": ("doi", ""), "AB": ("one", "abstract"),
    "DE": ("many", "keywords"), "ID": ("many", "keywords"), "LA": ("many", "language"),
    "SN": ("many", "issn"), "EI": ("many", "issn"), "PU": ("one", "publisher"),
    "PM": ("one", "pmid"), "UT": ("many", "other_ids"), "CA": ("many", "authors"),
}  # fmt: skip


def wos_records(lines: Iterator[Line], tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a plain-text file of Web of Science.

    Args:
        lines: of the file.
        tally: gets what deserves a remark.
    """
    for block in blocks(lines, STYLE, tally):
        rejected = block.rejected()
        if rejected is not None:
            yield rejected
            continue
        pairs: list[tuple[str, str]] = []
        for tag, texts in block.tags:
            parts = texts if tag in _LISTS else [" ".join(texts)]
            pairs += [(tag, part) for part in parts]
        yield wos_record(block.line, pairs, block.after)


def wos_record(line: int, pairs: Iterable[tuple[str, str]], after: Iterable[str] = ()) -> BibRecord:
    """Return a record from the tags of Web of Science, one of its texts each.

    Args:
        line: where it starts.
        pairs: tag and text, lists item by item.
        after: text behind its end.
    """
    record = BibRecord(line)
    given = [(tag, text.strip()) for tag, text in pairs if text.strip()]
    first = dict(reversed(given))
    authors = "AF" if "AF" in first else "AU"
    for tag, text in given:
        if tag == authors:
            record.many("authors", (text,))
        elif tag in {"BP", "EP"} and first[tag] == text:
            continue
        elif tag == "AR" and "BP" not in first:
            record.one("pages", text, tag)
        else:
            fill(record, [(tag, [text])], TAGS, {})
    if "BP" in first:
        record.page_range(first["BP"], first.get("EP", ""))
    elif "EP" in first:
        record.keep("EP", first["EP"])
    for text in after:
        record.keep("", text)
    return record

"""PubMed's "abstract" text, which is a page to read and no data: read as far as it can be trusted.

Each record begins with a number; its parts are paragraphs that carry no names. The citation, the
title, the authors, the DOI and the PubMed number can be told; the longest other paragraph is the
abstract. What else stands there is kept in `extra`, and a note advises to export again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from review.formats.bibliography.source_bytes import Line
    from review.formats.bibliography.tagged_lines import Tally

ADVICE: Final = (
    "PubMed's 'abstract' text has no names for its parts: they were told by their order; better "
    "export again with Save, Format: PubMed"
)
HEAD: Final = re.compile(r"(\d{1,6})\. (.{2,}(?:19|20)\d\d.*)", re.DOTALL)
_CITATION: Final = re.compile(
    r"(?P<journal>.+?)\. (?P<date>(?:19|20)\d\d[^;.:]*)"
    r"(?:;(?P<volume>[^:(.]*)(?:\((?P<issue>[^)]*)\))?(?::(?P<pages>[^.;]+))?)?",
)
_AUTHOR: Final = re.compile(r"[^\W\d_][^,;:]* [A-Z]{1,4}(?:\(\d+\))*(?:\([\d, ]+\))?\.?$")
_LABELS: Final = (
    "Author information:", "Comment in", "Comment on", "Erratum in", "Conflict of interest",
    "Copyright", "©", "Update of", "Plain Language Summary", "DOI:", "PMID:", "PMCID:",
)  # fmt: skip


def pubmed_text_records(lines: Iterable[Line], tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a text that PubMed's "abstract" format wrote.

    Args:
        lines: of the file.
        tally: gets the advice.
    """
    tally.notes.append(ADVICE)
    start, paragraphs, expected = 0, [""], 1
    for number, text, _ in lines:
        head = HEAD.match(text)
        # numbers of references inside an abstract do not count on
        if head is not None and int(head[1]) == expected and not paragraphs[-1]:
            if start:
                yield _record(start, paragraphs)
            start, paragraphs, expected = number, [head[2]], expected + 1
        elif text.strip():
            paragraphs[-1] = f"{paragraphs[-1]} {text.strip()}".strip()
        elif paragraphs[-1]:
            paragraphs.append("")
    if start:
        yield _record(start, paragraphs)


def _record(line: int, paragraphs: list[str]) -> BibRecord | Rejected:
    record = BibRecord(line)
    texts = [p for p in paragraphs if p]
    if len(texts) < 2:
        return Rejected(line, "the record holds a citation and nothing else", texts[0])
    _citation(record, texts[0])
    record.title = texts[1]
    rest: list[str] = []
    for text in texts[2:]:
        if not record.authors and not rest and _names(text):
            record.many("authors", _names(text))
        elif text.startswith(("DOI:", "PMID:", "PMCID:")):
            _identify(record, text)
        else:
            rest.append(text)
    plain = [t for t in rest if not t.startswith(_LABELS)]
    if plain:
        record.abstract = max(plain, key=len)
    for text in rest:
        if text != record.abstract:
            record.keep("", text)
    return record


def _citation(record: BibRecord, text: str) -> None:
    record.keep("citation", text)
    found = _CITATION.match(text)
    if found is None:
        return
    record.journal = found["journal"]
    record.year = found["date"][:4]
    for name in ("volume", "issue", "pages"):
        setattr(record, name, (found[name] or "").strip())
    doi = re.search(r"doi: (\S+)", text)
    if doi is not None:
        record.identifier(doi[1], "citation")


def _names(text: str) -> list[str]:
    """Return names of authors, or none when a paragraph is something else."""
    names = [re.sub(r"(\(\d+\))+$", "", n.strip().rstrip(".")) for n in text.split(", ")]
    fit = sum(bool(_AUTHOR.match(n)) for n in names)
    return names if names and fit >= 0.6 * len(names) else []


def _identify(record: BibRecord, text: str) -> None:
    for kind, value in re.findall(r"(DOI|PMID|PMCID): (\S+)", text):
        if kind == "DOI":
            record.identifier(value, kind)
        elif kind == "PMID":
            record.one("pmid", value, kind)
        else:
            record.many("other_ids", (value,))

"""RIS as databases and reference managers really write it: Ovid, Embase, Cochrane, EBSCO, IEEE, ...

One table of tags serves all: where two tags of a record fill the same field with different texts,
the first in the order of `PREFER` fills it and the other is kept in `extra` under its tag.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected, bare_doi
from review.formats.bibliography.tagged_lines import Kind, TagStyle, Tally, blocks, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.formats.bibliography.source_bytes import Line
    from review.formats.bibliography.tagged_lines import Block

STRICT: Final = re.compile(r"([A-Z][A-Z0-9]) {2}-(?:[ \t]|$)(.*)", re.DOTALL)
# a blank more or fewer, or before the tag, where a file writes its first line so
LOOSE: Final = re.compile(r"\s{0,3}([A-Z][A-Z0-9])[ \t]{1,3}-(?:[ \t]|$)(.*)", re.DOTALL)
FIRST: Final = re.compile(r"\s{0,3}TY[ \t]{1,3}-")
_OPENING: Final = frozenset({"TI", "T1", "AU", "A1", "AB", "N2", "PY", "Y1", "JF", "JO"})
# what stands between records in Ovid, Cochrane, ProQuest
_BETWEEN: Final = re.compile(
    r"\d+\.$|Record #\d+ of \d+$|Provider:|Content:|Database:|Result.s? \d+|_{5,}$|-{5,}$|\*{5,}$"
)
_TAGS: Final[dict[str, tuple[Kind, str]]] = {
    "TY": ("one", "type"),
    "TI": ("one", "title"), "T1": ("one", "title"),
    "AU": ("many", "authors"), "A1": ("many", "authors"),
    "PY": ("date", ""), "Y1": ("date", ""), "DA": ("date", ""),
    "T2": ("one", "journal"), "JF": ("one", "journal"), "JO": ("one", "journal"),
    "JA": ("one", "journal"), "J2": ("one", "journal"), "J1": ("one", "journal"),
    "VL": ("one", "volume"), "IS": ("one", "issue"),
    "DO": ("doi", ""), "DI": ("doi", ""),
    "AB": ("one", "abstract"), "N2": ("one", "abstract"),
    "KW": ("many", "keywords"), "LA": ("many", "language"), "UR": ("many", "url"),
    "PB": ("one", "publisher"), "N1": ("note", ""), "PM": ("one", "pmid"),
}  # fmt: skip
# which of several tags fills a field, best first
PREFER: Final = ("TI", "T1", "CT", "BT", "JF", "T2", "JO", "JA", "J2", "J1", "AB", "N2", "PY", "Y1")
_TRIAL: Final = re.compile(
    r"(NCT\d{8}|EUCTR[\w-]+|ISRCTN\d+|A?CTRN?\d{8,}|ACTRN\d+|ChiCTR[\w-]+|JPRN-\w+|CTRI/[\w/]+|"
    r"IRCT\w+|DRKS\d+|NTR\d+|KCT\d+|RBR-\w+|PACTR\d+|TCTR\d+|SLCTR[\w/]+|LBCTR\d+|UMIN\d+),?$",
    re.IGNORECASE,
)
_ISSN: Final = re.compile(r"[\d]{4}-?[\d]{3}[\dXx]|[\d-]{10,17}[Xx]?")
_WHOLE_DOI: Final = re.compile(r"\s*(?:https?://(?:dx\.)?doi\.org/|doi|10\.)")
_OWN: Final = re.compile(r"\[([^\]]{0,500})\] ?(.*)", re.DOTALL)


def ris_style(head: str) -> TagStyle:
    """Return how the lines of a file look, by its first ones."""
    strict = re.search(r"(?m)^TY  -(?:[ \t]|$)", head) is not None
    return TagStyle(
        STRICT if strict and not re.search(r"(?m)^\s{1,3}TY[ \t]{1,3}-", head) else LOOSE,
        starts=frozenset({"TY"}), ends=frozenset({"ER"}), opening=_OPENING, between=_BETWEEN,
    )  # fmt: skip


def ris_records(lines: Iterator[Line], head: str, tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a RIS file.

    Args:
        lines: of the file.
        head: the text that it starts with, which shows how it writes its tags.
        tally: gets what deserves a remark.
    """
    for block in blocks(lines, ris_style(head), tally):
        yield block.rejected() or _record(block)


def _record(block: Block) -> BibRecord:
    record = BibRecord(block.line)
    tags = block.tags
    fields = [t for t in tags if t[0] in _RANK]
    if len({t[0] for t in fields}) > 1:
        # the best tag of a field first; all others keep their order
        ordered = iter(sorted(fields, key=lambda t: _RANK[t[0]]))
        tags = [next(ordered) if t[0] in _RANK else t for t in tags]
    pages = {"SP": "", "EP": ""}
    for tag, lines in tags:
        if tag in pages and not pages[tag]:
            pages[tag] = " ".join(lines).strip()
        elif tag in pages:
            record.keep(tag, " ".join(lines))
    fill(record, [t for t in tags if t[0] not in pages], _TAGS, _SPECIAL)
    if pages["SP"] == "No" and pages["EP"].endswith("Specified"):  # Ovid: "No Pagination Specified"
        record.extra += pages.items()
    else:
        record.page_range(pages["SP"], pages["EP"])
    for text in block.after:
        record.keep("", text)
    _identifiers(record)
    return record


_RANK: Final = {tag: place for place, tag in enumerate(PREFER)}


def _title(record: BibRecord, tag: str, lines: list[str]) -> None:
    """CT and BT are titles of a record that has no other (`PREFER` puts them last)."""
    record.one("title", " ".join(lines), tag)


def _author(record: BibRecord, tag: str, lines: list[str]) -> None:
    """Cochrane writes the number of a trial's register in the place of an author."""
    del tag
    text = " ".join(lines)
    if (found := _TRIAL.match(text.strip())) is not None:
        record.many("other_ids", (found[1],))
    else:
        record.many("authors", (text,))


def _source(record: BibRecord, tag: str, lines: list[str]) -> None:
    """Cochrane writes the address of a trial's register in the place of a journal."""
    text = " ".join(lines).strip()
    if text.startswith(("http://", "https://")):
        record.many("url", (text,))
    else:
        record.one("journal", text, tag)


def _serial(record: BibRecord, tag: str, lines: list[str]) -> None:
    """ISSN and ISBN, of which ProQuest and Zotero write several in one line."""
    del tag
    text = " ".join(lines).strip()
    parts = [p for p in re.split(r"[,;\s]+", text) if p]
    if parts and all(_ISSN.fullmatch(p) for p in parts):
        record.many("issn", parts)
    elif text:
        record.many("issn", (text,))


def _accession(record: BibRecord, tag: str, lines: list[str]) -> None:
    record.many("other_ids", (f"{tag} {part.strip()}" for part in " ".join(lines).split(";")
                              if part.strip()))  # fmt: skip


def _own(record: BibRecord, tag: str, lines: list[str]) -> None:
    """What this program wrote: `[tag] text`, or `[=field] text`, for what RIS has no tag for."""
    text = " ".join(lines)
    found = _OWN.match(text)
    if found is None:
        record.keep(tag, text)
    elif found[1].startswith("="):
        record.restore(found[1][1:], found[2])
    else:
        kept = found[1].replace("%5D", "]").replace("%3D", "=").replace("%25", "%")
        record.keep(kept, found[2])


_SPECIAL: Final = {
    "CT": _title, "BT": _title, "AU": _author, "A1": _author, "SN": _serial,
    "AN": _accession, "ID": _accession, "U5": _own,
    **dict.fromkeys(("T2", "JF", "JO", "JA", "J2", "J1"), _source),
}  # fmt: skip


def _identifiers(record: BibRecord) -> None:
    """Find a DOI or PubMed number where some databases put it."""
    for tag, text in record.extra:
        if not record.doi and tag in {"L3", "M3", "L2", "LK", "N1", "C7"}:
            # a link to a resolver often holds the DOI among other things: only whole ones count
            record.doi = bare_doi(text) if _WHOLE_DOI.match(text) else ""
        elif not record.pmid and tag == "C2" and re.fullmatch(r"\d{6,8}", text):
            record.pmid = text
    if not record.doi:
        for text in record.url:
            if re.match(r"https?://(?:dx\.)?doi\.org/", text):
                record.doi = bare_doi(text)
                break

"""BibTeX, read so that no entry is lost: repeated keys and fields, blanks in names, missing commas.

Entries are found by their first lines and their braces. Where the braces of an entry do not match
(an abstract with a single one), its fields are found line by line instead, up to the next entry.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.formats.bibliography.latex_text import plain_text
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from review.formats.bibliography.source_bytes import Line
    from review.formats.bibliography.tagged_lines import Tally

ENTRY: Final = re.compile(r"\s*@\s*([A-Za-z]+)\s*([{(])")
NO_RECORDS: Final = frozenset({"comment", "preamble", "string"})
MAX_ENTRY: Final = 8_000_000
# an entry that begins although the one before has not ended
_CLEAR: Final = re.compile(r"@\s*[A-Za-z]+\s*\{\s*[^\s,={}\"]*\s*,\s*$")
_NAME: Final = re.compile(r"[\s,]*([^\s=,{}\"#][^=,{}\"#]*?)\s*=\s*")
_FIELD_LINE: Final = re.compile(r"\s*,?\s*([A-Za-z][\w .:+-]{0,60}?)\s*=\s*([{\"]|[\w#])")
# a field inside of another, whose braces match those of a third
_SWALLOWED: Final = re.compile(
    r"\n\s*(?:author|title|year|abstract|doi|journal|booktitle|volume|pages|keywords|url|publisher)"
    r"\s*=\s*[{\"]",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(r"\s*#\s*")
_BARE: Final = re.compile(r"[^\s,#{}\"]+")
_VANCOUVER: Final = re.compile(r"[^\W\d_][\w'’ -]* [A-Z]{1,3}\.?$")
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_ONE: Final = {
    "title": "title", "journal": "journal", "journaltitle": "journal", "booktitle": "journal",
    "volume": "volume", "number": "issue", "issue": "issue", "abstract": "abstract",
    "publisher": "publisher", "pmid": "pmid",
}  # fmt: skip
_MANY: Final = {
    "url": "url", "issn": "issn", "isbn": "issn", "eissn": "issn", "language": "language",
    "langid": "language", "unique-id": "other_ids", "pmcid": "other_ids", "eprint": "other_ids",
}  # fmt: skip


@dataclass(slots=True)
class _Entry:
    line: int
    kind: str
    pieces: list[str] = field(default_factory=list)
    depth: int = 0
    size: int = 0
    cut: int = 0
    closed: bool = False
    broken: bool = False


def bibtex_records(lines: Iterable[Line], tally: Tally) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a BibTeX file.

    Args:
        lines: of the file.
        tally: gets what deserves a remark.
    """
    macros = {month: month for month in _MONTHS}
    keys: set[str] = set()
    repeated = broken = 0
    for entry in _entries(lines, tally):
        text = "\n".join(entry.pieces)
        if entry.kind == "string":
            macros |= {n.casefold(): v for n, v in _fields(text, macros)[0]}
        if entry.kind in NO_RECORDS:
            continue
        if entry.cut or entry.size > MAX_ENTRY:
            size = (entry.size + entry.cut) / 1e6
            yield Rejected(entry.line, f"the entry has {size:,.1f} MB of text", text[:2_000])
            continue
        key, _, body = text.partition(",")
        pairs, rest = _fields(body, macros)
        if entry.broken or not entry.closed or any(_SWALLOWED.search(v) for _, v in pairs):
            pairs, rest = _by_lines(body), ""
            broken += 1
        record = _record(entry.line, entry.kind, key.strip(), pairs, rest)
        if record is None:
            why = "the entry has no field that can be read"
            yield Rejected(entry.line, why, f"@{entry.kind}{{{text}"[:2_000])
            continue
        repeated += key.strip() in keys
        keys.add(key.strip())
        yield record
    if repeated:
        many = plural(repeated, "repeated key")
        tally.notes.append(f"{many}; the entries were all read")
    if broken:
        many = plural(broken, "entry")
        tally.notes.append(f"{many} with braces that do not match, read line by line")


def _entries(lines: Iterable[Line], tally: Tally) -> Iterator[_Entry]:
    """Yield the entries of a file; what stands behind the end of one without a begin joins it."""
    entry: _Entry | None = None
    for number, whole, cut in lines:
        text = whole
        while text:
            inside = entry is not None and not entry.closed
            found = ENTRY.match(text)
            begins = not inside or _CLEAR.match(text.strip()) or (entry is not None and entry.cut)
            if found is not None and begins:
                if entry is not None:
                    yield entry
                entry = _Entry(number, found[1].lower(), depth=1)
                text = _take(entry, text[found.end() :], cut)
            elif inside and entry is not None:
                text = _take(entry, text, cut)
            else:
                _stray(entry, text, tally)
                break
    if entry is not None:
        yield entry


def _take(entry: _Entry, text: str, cut: int) -> str:
    """Add a line to an entry up to its end; return what follows in the line."""
    entry.cut += cut
    rest = ""
    opened, closed = text.count("{"), text.count("}")
    if entry.depth + opened - closed <= 0 or (opened and closed and entry.depth <= closed):
        for brace in re.finditer(r"[{}]", text):
            entry.depth += 1 if brace.group() == "{" else -1
            if entry.depth == 0:
                entry.closed = True
                text, rest = text[: brace.start()], text[brace.end() :].strip(" ,\t")
                break
    else:
        entry.depth += opened - closed
    entry.size += len(text)
    if entry.size <= MAX_ENTRY:
        entry.pieces.append(text)
    return rest


def _stray(entry: _Entry | None, text: str, tally: Tally) -> None:
    if not text.strip():
        return
    if entry is None or entry.kind in NO_RECORDS:
        if len(tally.header) < 20:
            tally.header.append(text.strip()[:200])
    elif _FIELD_LINE.match(text) or text.strip() in {"}", "},"} or entry.broken:
        # a brace too many closed the entry before its end
        entry.broken = True
        entry.size += len(text)
        if entry.size <= MAX_ENTRY:
            entry.pieces.append(text)


def _fields(body: str, macros: dict[str, str]) -> tuple[list[tuple[str, str]], str]:
    """Return the fields of an entry, and what is none of them."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while (found := _NAME.match(body, at)) is not None:
        at = found.end()
        value = ""
        while True:
            part, at = _value(body, at, macros)
            value += part
            joined = _JOINED.match(body, at)
            if joined is None:
                break
            at = joined.end()
        pairs.append((found[1].strip(), value))
    return pairs, body[at:].strip(" \t\n,}")


def _value(body: str, at: int, macros: dict[str, str]) -> tuple[str, int]:
    """Return one part of a value and where it ends."""
    if body[at : at + 1] == "{":
        depth = 0
        for brace in re.finditer(r"[{}]", body[at:]):
            depth += 1 if brace.group() == "{" else -1
            if depth == 0:
                return body[at + 1 : at + brace.start()], at + brace.end()
        return body[at + 1 :], len(body)
    if body[at : at + 1] == '"':
        depth = 0
        for sign in re.finditer(r"\\.|[{}\"]", body[at + 1 :], re.DOTALL):
            depth += {"{": 1, "}": -1}.get(sign.group(), 0)
            if sign.group() == '"' and depth <= 0:
                return body[at + 1 : at + 1 + sign.start()], at + 1 + sign.end()
        return body[at + 1 :], len(body)
    found = _BARE.match(body, at)
    if found is None:
        return "", at
    word = found.group()
    return macros.get(word.casefold(), word), found.end()


def _by_lines(body: str) -> list[tuple[str, str]]:
    """Return the fields of an entry whose braces do not match: each begins a line."""
    pairs: list[tuple[str, str]] = []
    for line in body.split("\n"):
        found = _FIELD_LINE.match(line)
        if found is not None:
            pairs.append((found[1].strip(), line[found.start(2) :]))
        elif pairs and line.strip() not in {"}", "},"}:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}\n{line}")
    return [(name, _stripped(value)) for name, value in pairs]


def _stripped(value: str) -> str:
    value = value.strip().rstrip(",").rstrip()
    if value[:1] in {"{", '"'}:
        value = value[1:]
        value = value[:-1] if value[-1:] in {"}", '"'} else value
    return value


def _record(
    line: int, kind: str, key: str, pairs: list[tuple[str, str]], rest: str
) -> BibRecord | None:
    record = BibRecord(line, type=kind)
    names = [name.casefold() for name, _ in pairs]
    for name, raw in pairs:
        tag = name.casefold()
        if tag == "author":
            _authors(record, raw)
            continue
        text = " ".join(plain_text(raw).split())
        if tag == "review-extra":
            _own(record, text)
        elif tag in _ONE:
            record.one(_ONE[tag], text, tag)
        elif tag in _MANY:
            record.many(_MANY[tag], (text,))
        elif tag in {"keywords", "keyword", "author_keywords"}:
            single = ";" in text or names.count(tag) > 1
            record.many("keywords", (text,) if single else text.split(","))
        elif tag in {"year", "date"}:
            record.date(text, tag)
        elif tag == "doi":
            record.identifier(text, tag)
        elif tag == "pages":
            record.one("pages", re.sub(r"\s*(?:-+|[\u2012-\u2015])\s*", "-", text), tag)
        elif tag == "note":
            record.note(text)
        else:
            record.keep(name, text)
    empty = record.empty
    record.keep("key", key)
    if rest:
        record.keep("", rest)
    return None if empty else record


def _own(record: BibRecord, text: str) -> None:
    """What this program wrote: fields and tags that BibTeX has no name for."""
    try:
        pairs = [(str(tag), str(value)) for tag, value in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        record.keep("review-extra", text)
        return
    for tag, value in pairs:
        if tag.startswith("=") and not tag.startswith("=="):
            record.restore(tag[1:], value)
        else:
            record.keep(tag.removeprefix("=") if tag.startswith("==") else tag, value)


def _authors(record: BibRecord, raw: str) -> None:
    """Split at the word "and" outside of braces; a list in the style of Vancouver at commas."""
    names, depth, start = [], 0, 0
    text = " ".join(raw.split())
    for sign in re.finditer(r"[{}]|\sand(?=\s)", text, re.IGNORECASE):
        if sign.group() in "{}":
            depth += 1 if sign.group() == "{" else -1
        elif depth <= 0:
            names.append(text[start : sign.start()])
            start = sign.end()
    names.append(text[start:])
    if len(names) == 1 and text.count(",") > 1:
        parts = [p.strip() for p in text.split(",")]
        if all(_VANCOUVER.match(p) for p in parts):
            names = parts
    record.many("authors", (plain_text(n) for n in names if n.strip().casefold() != "others"))
    if names[-1].strip().casefold() == "others":
        record.keep("author", "and others")

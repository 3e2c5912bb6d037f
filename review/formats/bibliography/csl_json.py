"""CSL-JSON, as Zotero and others export it, item by item: no more than one is held."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from review.formats.bibliography.bib_record import BibRecord, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_ITEM: Final = 8_000_000
_SIGNS: Final = re.compile(r'\\.|["{}]', re.DOTALL)
_WRAPPED: Final = re.compile(r'\s*\{\s*"(?:items|records|references|data)"\s*:\s*\[')
_ONE: Final = {
    "type": "type", "title": "title", "container-title": "journal", "volume": "volume",
    "issue": "issue", "page": "pages", "abstract": "abstract", "publisher": "publisher",
    "PMID": "pmid",
}  # fmt: skip
_MANY: Final = {
    "ISSN": "issn", "ISBN": "issn", "URL": "url", "language": "language", "keyword": "keywords",
    "PMCID": "other_ids",
}  # fmt: skip


def csl_records(texts: Iterable[str]) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a CSL-JSON file.

    Args:
        texts: the file in pieces.
    """
    for line, text in json_objects(texts):
        if text is None:
            yield Rejected(line, f"the item has more than {MAX_ITEM / 1e6:,.0f} MB")
            continue
        try:
            item = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Rejected(line, f"broken JSON: {error}", text[:2_000])
            continue
        record = csl_record(line, item)
        yield Rejected(line, "the item holds nothing", text[:2_000]) if record.empty else record


def json_objects(texts: Iterable[str]) -> Iterator[tuple[int, str | None]]:
    """Yield the outermost objects of a JSON text with their lines; None for one too large."""
    depth, base, line, quoted, size = 0, 0, 1, False, 0
    began = True
    held, begin, parts = "", 1, list[str]()
    for piece in texts:
        text, held = held + piece, ""
        if text.endswith("\\"):
            text, held = text[:-1], "\\"
        if began and text.strip():
            base, began = int(_WRAPPED.match(text) is not None), False
        at, counted = 0, 0
        for sign in _SIGNS.finditer(text):
            mark = sign.group()
            if mark == '"':
                quoted = not quoted
            elif quoted or len(mark) > 1:
                continue
            elif mark == "{":
                if depth == base:
                    line += text.count("\n", counted, sign.start())
                    counted = at = sign.start()
                    begin, parts, size = line, [], 0
                depth += 1
            elif depth > base:
                depth -= 1
                if depth == base:
                    parts.append(text[at : sign.end()])
                    size += sign.end() - at
                    yield begin, "".join(parts) if size <= MAX_ITEM else None
                    parts = []
        line += text.count("\n", counted)
        if depth > base:
            size += len(text) - at
            parts = [*parts, text[at:]] if size <= MAX_ITEM else parts[:1]
    if depth > base and base + 1 <= depth:
        yield begin, "".join(parts)[:MAX_ITEM]


def csl_record(line: int, item: dict[str, Any]) -> BibRecord:
    """Return a record from an item of CSL-JSON."""
    record = BibRecord(line)
    for key, raw in item.items():
        value = raw[0] if isinstance(raw, list) and key in _ONE and raw else raw
        if key == "author" and isinstance(raw, list):
            record.many("authors", (person_name(p) for p in raw))
        elif key in _ONE and isinstance(value, str | int):
            record.one(_ONE[key], str(value), key)
        elif key in _MANY and isinstance(raw, str | int | list):
            given = raw if isinstance(raw, list) else [raw]
            keywords = key == "keyword" and ";" not in str(raw)
            record.many(_MANY[key], (p for g in given
                        for p in (str(g).split(",") if keywords else [str(g)])))  # fmt: skip
        elif key == "DOI":
            record.identifier(str(raw), key)
        elif key == "issued":
            _issued(record, raw)
        elif key == "note" and isinstance(raw, str):
            _note(record, raw)
        elif key == "custom" and isinstance(raw, dict):
            _custom(record, raw)
        elif raw not in (None, "", [], {}):
            record.keep(key, raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False))
    return record


def person_name(person: Any) -> str:
    """Return a name as text: family, given; or the name of a group."""
    if not isinstance(person, dict):
        return str(person)
    if person.get("literal"):
        return str(person["literal"])
    particle = " ".join(
        str(person[k]) for k in ("dropping-particle", "non-dropping-particle") if person.get(k)
    )
    family = " ".join(filter(None, [particle, str(person.get("family") or "")]))
    parts = [family, str(person.get("given") or ""), str(person.get("suffix") or "")]
    return ", ".join(filter(None, parts))


def _issued(record: BibRecord, raw: Any) -> None:
    parts = raw.get("date-parts") if isinstance(raw, dict) else None
    if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
        if len(parts) == 1 and len(parts[0]) == 1 and len(raw) == 1:
            record.date(str(parts[0][0]), "issued")
            return
        before = len(record.extra)
        record.date(str(parts[0][0]), "issued")
        record.extra[before:] = [("issued", json.dumps(raw, ensure_ascii=False))]
        return
    text = raw if isinstance(raw, str) else ""
    if isinstance(raw, dict):
        text = next((str(raw[k]) for k in ("raw", "literal", "year") if raw.get(k)), "")
    before = len(record.extra)
    record.date(text, "issued")
    if isinstance(raw, dict) and len(record.extra) > before:
        record.extra[-1] = ("issued", json.dumps(raw, ensure_ascii=False))


def _note(record: BibRecord, text: str) -> None:
    """Zotero keeps in the note, line by line, what CSL has no place for."""
    for line in text.split("\n"):
        name, sign, value = line.partition(":")
        if sign and name.strip().upper() == "PMID" and value.strip().isdigit():
            record.one("pmid", value.strip(), "note")
        elif sign and name.strip().upper() == "PMCID":
            record.many("other_ids", (value.strip(),))
        else:
            record.note(line)


def _custom(record: BibRecord, raw: dict[str, Any]) -> None:
    """What this program wrote: fields and tags that CSL has no place for."""
    for key, value in raw.items():
        if key == "extra" and isinstance(value, list):
            record.extra += [(str(p[0]), str(p[1])) for p in value
                             if isinstance(p, list) and len(p) == 2]  # fmt: skip
        elif key in {"other_ids", "url", "issn"} and isinstance(value, list):
            record.many(key, map(str, value))
        elif key == "type" and isinstance(value, str):
            record.type = value
        elif key == "notes" and isinstance(value, list):
            for one in value:
                record.note(str(one))
        else:
            record.keep(key, value if isinstance(value, str) else json.dumps(value))

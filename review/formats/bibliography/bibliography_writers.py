"""Records as RIS, BibTeX, CSL-JSON, CSV and Excel, so that reading them gives the same again.

What a format has no place for goes where this program finds it again: in RIS into `U5` lines
(`[tag] text`), in BibTeX into the field `review-extra`, in CSL-JSON into `custom`. Other programs
leave these alone.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, Final

from review.formats.bibliography.bib_record import COLUMNS, GOES_ON, BibRecord
from review.formats.bibliography.record_types import type_for
from review.schema.cell_types import MAX_CELL, is_formula_like

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

FORMATS: Final = {
    ".ris": "RIS", ".bib": "BibTeX", ".json": "CSL-JSON", ".csv": "CSV", ".xlsx": "Excel",
}  # fmt: skip
_RIS_TAG: Final = re.compile(r"[A-Z][A-Z0-9]")
# tags that the reader of RIS does not simply keep, so that a kept text is not written under them
_RIS_READ: Final = frozenset({
    "TY", "ER", "TI", "T1", "AU", "A1", "PY", "Y1", "DA", "T2", "JF", "JO", "JA", "J2", "J1",
    "VL", "IS", "DO", "DI", "AB", "N2", "KW", "LA", "UR", "PB", "N1", "PM", "SP", "EP", "CT",
    "BT", "SN", "AN", "ID", "U5", "C2",
})  # fmt: skip
# those from which the reader takes a DOI where there is no other
_DOI_TAGS: Final = frozenset(["L3", "M3", "L2", "LK", "C7"])
_BIB_NAME: Final = re.compile(r"[a-z][a-z0-9_:-]*")
_BIB_READ: Final = frozenset({
    "author", "title", "journal", "journaltitle", "booktitle", "volume", "number", "issue",
    "abstract", "publisher", "pmid", "url", "issn", "isbn", "eissn", "language", "langid",
    "unique-id", "pmcid", "eprint", "keywords", "keyword", "author_keywords", "year", "date",
    "doi", "pages", "note", "key", "id", "review-extra",
})  # fmt: skip


def ris_text(record: BibRecord) -> str:
    r"""Return a record as RIS.

    Example:
        >>> ris_text(BibRecord(1, title="A", extra=[("U2", "L1"), ("mine", "x")])).split("\n")[1:4]
        ['TI  - A', 'U2  - L1', 'U5  - [mine] x']
    """
    kind = type_for(record.type, "RIS")
    lines = [("TY", kind), ("TI", record.title)]
    lines += [("AU", name) for name in record.authors]
    lines += [("PY", record.year), ("JF", record.journal), ("VL", record.volume),
              ("IS", record.issue)]  # fmt: skip
    own = [("=type", record.type)] if record.type not in {kind, ""} else []
    first, sign, last = record.pages.partition("-")
    if record.pages and sign and first and last and "-" not in last and first != last \
            and record.pages == f"{first.strip()}-{last.strip()}":  # fmt: skip
        lines += [("SP", first), ("EP", last)]
    else:
        lines.append(("SP", record.pages))
    lines += [("DO", record.doi), ("PM", record.pmid), ("AB", record.abstract)]
    lines += [("KW", word) for word in record.keywords] + [("LA", x) for x in record.language]
    lines += [("UR", link) for link in record.url] + [("SN", x) for x in record.issn]
    lines.append(("PB", record.publisher))
    lines += [("N1", note) for note in record.notes]
    own += [("=other_ids", x) for x in record.other_ids]
    closed = _RIS_READ if record.doi else _RIS_READ | _DOI_TAGS
    for tag, text in record.extra:
        if _RIS_TAG.fullmatch(tag) and tag not in closed and len(text.splitlines()) == 1:
            lines.append((tag, text))
        else:
            own.append((f"%3D{tag[1:]}" if tag[:1] == "=" else tag, text))
    lines += [("U5", f"[{_in_brackets(tag)}] {text}") for tag, text in own]
    written = [f"{tag}  - {' '.join(text.splitlines())}" for tag, text in lines if text]
    return "\n".join([*written, "ER  - ", ""])


def _in_brackets(tag: str) -> str:
    """Return a tag without what would end it, as the reader of `U5` undoes it."""
    tag = " ".join(tag.splitlines())
    return (tag if tag.startswith("%3D") else tag.replace("%", "%25")).replace("]", "%5D")


def bibtex_text(record: BibRecord, key: str) -> str:
    """Return a record as BibTeX.

    Args:
        record: to write.
        key: of the entry, unique in the file.
    """
    kind = type_for(record.type, "BibTeX")
    extra = [("=type", record.type)] if record.type not in {kind, ""} else []
    place = "booktitle" if kind in {"incollection", "inproceedings"} else "journal"
    fields = [
        ("title", record.title), ("year", record.year), (place, record.journal),
        ("volume", record.volume), ("number", record.issue),
        ("pages", record.pages.replace("-", "--")), ("doi", record.doi), ("pmid", record.pmid),
        ("abstract", record.abstract), ("keywords", _joined(record.keywords)),
        ("language", _joined(record.language)), ("url", _joined(record.url)),
        ("issn", _joined(record.issn)), ("publisher", record.publisher),
        *(("note", note) for note in record.notes[:1]),
    ]  # fmt: skip
    extra += [("=other_ids", x) for x in record.other_ids]
    extra += [("=notes", note) for note in record.notes[1:]]
    taken = {*_BIB_READ}
    for tag, text in record.extra:
        if _BIB_NAME.fullmatch(tag) and tag not in taken:
            fields.append((tag, text))
            taken.add(tag)
        elif tag != "key" or text != key:
            extra.append((f"={tag}" if tag[:1] == "=" else tag, text))
    lines = [f"  {name} = {{{_bib_escaped(text)}}}," for name, text in fields if text]
    if record.authors:
        names = " and ".join(map(_bib_name, record.authors))
        lines.insert(0, f"  author = {{{names}}},")
    if extra:
        packed = json.dumps(extra, ensure_ascii=False)
        # blanks that BibTeX would make one
        packed = re.sub(r" (?=\s)", r"\\u0020", packed)
        lines.append(f"  review-extra = {{{_bib_escaped(packed)}}},")
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _joined(texts: Sequence[str]) -> str:
    # a mark at the end says that commas inside are no separators
    return "; ".join(texts) + (";" if len(texts) == 1 and "," in texts[0] else "")


def _bib_name(name: str) -> str:
    made = _bib_escaped(name)
    whole = re.search(r"(?i)\band\b", name) or name.casefold() == "others" or name.count(",") > 1
    return f"{{{made}}}" if whole else made


_BIB_SIGNS: Final = {
    "\\": "\\textbackslash{}", "{": "\\textbraceleft{}", "}": "\\textbraceright{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}  # fmt: skip


def _bib_escaped(text: str) -> str:
    """Write signs of LaTeX so that they are read as themselves, and no brace is alone."""
    return re.sub(r"[\\{}&%$#_]", lambda found: _BIB_SIGNS[found.group()], text)


def csl_item(record: BibRecord, ident: str) -> dict[str, Any]:
    """Return a record as an item of CSL-JSON.

    Args:
        record: to write.
        ident: of the item, unique in the file.
    """
    kind = type_for(record.type, "CSL-JSON")
    item: dict[str, Any] = {"id": ident, "type": kind}
    custom: dict[str, Any] = {"type": record.type} if record.type not in {kind, ""} else {}
    texts = {
        "title": record.title, "container-title": record.journal, "volume": record.volume,
        "issue": record.issue, "page": record.pages, "DOI": record.doi, "PMID": record.pmid,
        "abstract": record.abstract, "publisher": record.publisher,
    }  # fmt: skip
    item |= {name: text for name, text in texts.items() if text}
    if record.authors:
        item["author"] = [_person(name) for name in record.authors]
    if record.year:
        item["issued"] = {"date-parts": [[int(record.year)]]}
    for name, values in (("ISSN", record.issn), ("URL", record.url), ("keyword", record.keywords),
                         ("language", record.language)):  # fmt: skip
        if values:
            item[name] = _joined(values) if name != "URL" else values[0]
    if len(record.url) > 1:
        custom["url"] = record.url[1:]
    if record.other_ids:
        custom["other_ids"] = record.other_ids
    if record.notes:
        custom["notes"] = record.notes
    if record.extra:
        custom["extra"] = [list(pair) for pair in record.extra]
    if custom:
        item["custom"] = custom
    return item


def _person(name: str) -> dict[str, str]:
    family, sign, given = name.partition(", ")
    whole = not sign or not family.strip() or not given.strip() or ", " in given
    return {"literal": name} if whole else {"family": family, "given": given}


def record_bytes(records: Iterable[BibRecord], kind: str) -> Iterator[bytes]:
    r"""Yield the bytes of a file of records, one by one; only Excel is put together whole.

    Args:
        records: in their order.
        kind: RIS, BibTeX, CSL-JSON, CSV or Excel.

    Example:
        >>> b"".join(record_bytes([BibRecord(1, type="JOUR", title="A")], "RIS"))
        b'TY  - JOUR\nTI  - A\nER  - \n\n'
    """
    writers: dict[str, Callable[[Iterable[BibRecord]], Iterator[bytes]]] = {
        "RIS": lambda rs: (f"{ris_text(r)}\n".encode() for r in rs),
        "BibTeX": _bibtex_file,
        "CSL-JSON": _csl_file,
        "CSV": _csv_file,
        "Excel": _excel,
    }
    yield from writers[kind](records)


def _bibtex_file(records: Iterable[BibRecord]) -> Iterator[bytes]:
    taken: set[str] = set()
    for number, record in enumerate(records, 1):
        yield f"{bibtex_text(record, _key(record, number, taken))}\n".encode()


def _key(record: BibRecord, number: int, taken: set[str]) -> str:
    """The key that the entry had, or one of author, year and number."""
    old = next((text for tag, text in record.extra if tag == "key"), "")
    name = re.sub(r"[^A-Za-z]", "", record.authors[0].split(",")[0]) if record.authors else ""
    key = old if re.fullmatch(r"[^\s,{}=\"#%\\]+", old) else f"{name or 'record'}{record.year}"
    while key in taken or not key:
        key = f"{key}_{number}"
    taken.add(key)
    return key


def _csl_file(records: Iterable[BibRecord]) -> Iterator[bytes]:
    sign = b"[\n"
    for number, record in enumerate(records, 1):
        item = csl_item(record, str(number))
        yield sign + json.dumps(item, ensure_ascii=False).encode()
        sign = b",\n"
    yield b"\n]\n" if sign == b",\n" else b"[]\n"


def as_text(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula; `plain_cell` undoes it.

    Example:
        >>> as_text("=1+1"), as_text("-0.5 is"), as_text("'t Hooft")
        ("'=1+1", "'-0.5 is", "'t Hooft")
    """
    return f"'{text}" if is_formula_like(text.lstrip("'")) else text


def _csv_file(records: Iterable[BibRecord]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    # with a mark, by which Excel knows UTF-8
    writer.writerow(COLUMNS)
    yield b"\xef\xbb\xbf"
    for record in records:
        cells = record.cells()
        writer.writerow([as_text(cells.get(name, "")) for name in COLUMNS])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _pieces(text: str) -> list[str]:
    """Cut a text into what cells hold; `GOES_ON` stands at each cut, so that no blank is at an end.

    Readers of cells take blanks off their ends.
    """
    size = MAX_CELL - 2
    if len(text) <= size:
        return [text]
    parts = [text[i : i + size] for i in range(0, len(text), size)]
    last = len(parts) - 1
    return [
        f"{GOES_ON if i else ''}{part}{GOES_ON if i < last else ''}" for i, part in enumerate(parts)
    ]


def _excel(records: Iterable[BibRecord]) -> Iterator[bytes]:
    """Yield a workbook of texts; one longer than a cell goes on in a column `name (2)`."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    rows = [{n: _pieces(t) for n, t in record.cells().items()} for record in records]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("records")
    columns = [
        (name, i)
        for name in COLUMNS
        for i in range(max((len(row.get(name, ())) for row in rows), default=1) or 1)
    ]
    sheet.append([name if i == 0 else f"{name} ({i + 1})" for name, i in columns])
    for row in rows:
        cells = []
        for name, i in columns:
            pieces = row.get(name, [])
            cell = WriteOnlyCell(sheet, pieces[i] if i < len(pieces) else None)
            if i < len(pieces):
                cell.data_type = "s"  # text, even where it starts like a formula
            cells.append(cell)
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    yield file.getvalue()

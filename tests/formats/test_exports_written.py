"""Written and read back: no field is lost that a format can hold."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from formats_export_samples import ALL
from hypothesis import given, settings
from hypothesis import strategies as st

from review.formats.bibliography.bib_record import BibRecord
from review.formats.bibliography.bibliography_writers import record_bytes
from review.formats.bibliography.reading_exports import read_export
from review.formats.bibliography.record_types import type_for


def back(records, kind, folder):
    path = folder / "out"
    path.write_bytes(b"".join(record_bytes(records, kind)))
    export = read_export(path)
    items = list(export)
    assert export.markers == len(records)
    assert export.rejected == 0
    return items


def plain(record, kind):
    """What must come back: without the name of the entry, which a file of BibTeX must have."""
    texts = {n: getattr(record, n) for n in BibRecord.__slots__ if n != "line"}
    texts["extra"] = sorted(p for p in record.extra if p[0] not in {"key", "id"})
    if not record.type or record.type == type_for("", kind):
        texts["type"] = ""
    if kind in {"RIS", "BibTeX"}:  # there all blanks are one
        texts = json.loads(json.dumps(texts))
        texts = {n: _squeezed(v) for n, v in texts.items()}
    return texts


def _squeezed(value):
    if isinstance(value, list):
        return [_squeezed(v) for v in value]
    return " ".join(value.split())


@pytest.mark.parametrize("kind", ["RIS", "BibTeX", "CSL-JSON", "CSV"])
@pytest.mark.parametrize("name", sorted(ALL))
def test_every_dialect_comes_back_from_every_format(name, kind, tmp_path):
    path = tmp_path / "in"
    path.write_bytes(ALL[name][0].encode())
    records = [r for r in read_export(path) if isinstance(r, BibRecord)]
    target = kind if kind in {"RIS", "BibTeX", "CSL-JSON"} else "RIS"
    same = kind if kind in {"RIS", "BibTeX"} else "CSL-JSON"
    found = back(records, kind, tmp_path)
    for got, want in zip(found, records, strict=True):
        got_texts, want_texts = plain(got, same), plain(want, same)
        if not want.type or want.type == type_for("", target):
            got_texts["type"] = want_texts["type"] = ""
        assert got_texts == want_texts


SIGNS = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"],
    exclude_characters="\ufeff",
)  # fmt: skip
WORD = st.text(SIGNS, min_size=1, max_size=12)
TEXT = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
# NFC makes a semicolon of the Greek question mark
PART = TEXT.filter(lambda t: ";" not in unicodedata.normalize("NFC", t))
NAME = PART.filter(lambda t: t.casefold() != "others" and ", " not in t)
TAG = st.sampled_from(["U2", "M3", "L3", "AD", "SP", "title", "journal", "note", "%>", "=x", "==",
                       "a/b[@c=d]", "", "Authors with affiliations", "funding_text 1", "TY", "C2",
                       "100%5D", "abstract", "custom", "type"])  # fmt: skip
URLS = ["http://a.org/x;j=1", "https://b.org/?a=%20&b={c}"]
RECORDS = st.builds(
    BibRecord, line=st.just(1),
    type=st.sampled_from(["", "JOUR", "Journal Article; Review", "CHAP", "inproceedings", "weird"]),
    title=TEXT, year=st.sampled_from(["", "1999", "2020"]), journal=TEXT, volume=WORD, issue=WORD,
    pages=st.sampled_from(["", "69", "69-81", "183-92", "e1-e9", "1-2-3", "-5"]),
    doi=st.sampled_from(["", "10.1000/abc", "10.1016/S0140-6736(20)30183-5"]),
    pmid=st.sampled_from(["", "35418051"]),
    abstract=TEXT, authors=st.lists(NAME, unique=True, max_size=4),
    keywords=st.lists(PART, unique=True, max_size=4), language=st.just(["eng"]),
    url=st.lists(st.sampled_from(URLS), unique=True),
    issn=st.lists(st.sampled_from(["1111-1111", "2222-222X (Print)"]), unique=True),
    other_ids=st.lists(PART, unique=True, max_size=2), publisher=TEXT,
    notes=st.lists(TEXT, unique=True, max_size=3),
    extra=st.lists(st.tuples(TAG, TEXT), max_size=6),
)  # fmt: skip


@pytest.mark.parametrize("kind", ["RIS", "BibTeX", "CSL-JSON", "CSV"])
@given(records=st.lists(RECORDS, min_size=1, max_size=3))
@settings(max_examples=25)
def test_any_record_comes_back(tmp_path_factory, kind, records):
    found = back(records, kind, tmp_path_factory.mktemp("w"))
    for got, want in zip(found, records, strict=True):
        same = kind if kind != "CSV" else "CSL-JSON"
        a, b = plain(got, same), plain(want, same)
        if not want.type:
            a["type"] = ""
        assert a == b


def test_other_programs_see_the_usual_tags(tmp_path):
    record = BibRecord(
        1, type="Journal Article", title="50% & {more}", year="2020", journal="J", pages="69-81",
        authors=["Kim, H", "World Bank and others"], doi="10.1/x",
        extra=[("U2", "L1"), ("M3", "Article")],
    )  # fmt: skip
    out = b"".join(record_bytes([record], "RIS"))
    lines = out.decode().splitlines()
    assert lines[0] == "TY  - JOUR"
    assert {"SP  - 69", "EP  - 81", "U2  - L1", "M3  - Article"} <= set(lines)
    out = b"".join(record_bytes([record, record], "BibTeX"))
    text = out.decode()
    assert r"title = {50\% \& \textbraceleft{}more\textbraceright{}}" in text
    assert "author = {Kim, H and {World Bank and others}}" in text
    assert "@article{Kim2020," in text
    assert "@article{Kim2020_2," in text
    out = b"".join(record_bytes([record], "CSL-JSON"))
    (item,) = json.loads(out)
    assert item["author"][0] == {"family": "Kim", "given": "H"}
    assert item["issued"] == {"date-parts": [[2020]]}


def test_a_workbook_may_say_r_equals_in_its_texts(tmp_path):
    texts = ["r = 0.45 and", "Pearson's\nr='x'", ' r="A1"', ' r="a 1" r= 2']
    records = [BibRecord(i + 2, title=f"T{i}", abstract=text) for i, text in enumerate(texts)]
    found = back(records, "Excel", tmp_path)
    assert [r.abstract for r in found] == [t.strip() for t in texts]


def test_spreadsheets_run_nothing_and_long_texts_are_whole(tmp_path):
    record = BibRecord(
        2, title="=HYPERLINK(1)", abstract="x " * 40_000 + "end", notes=["'=a", "-1 b"]
    )
    for kind in ("CSV", "Excel"):
        (found,) = back([record], kind, tmp_path)
        assert (found.title, found.abstract, found.notes) == (
            record.title, record.abstract, record.notes,
        )  # fmt: skip
    out = b"".join(record_bytes([record], "CSV"))
    rows = list(csv.DictReader(io.StringIO(out.decode("utf-8-sig"))))
    assert rows[0]["title"] == "'=HYPERLINK(1)"

"""Broken exports of every format: nothing is lost in silence, and nothing but clear errors."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from formats_export_samples import ALL, ENDNOTE_XML, PUBMED_XML

from review.errors import DataError, InputError, ReviewError
from review.formats.bibliography import source_bytes
from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.formats.bibliography.reading_exports import read_export
from review.formats.read_options import ReadOptions

NAMES = sorted(ALL)
SIGNS = [b"\r", b"{", b"}", b'"', b"<", b"\0", b"\n@x{", b";"]
RIS = "TY  - JOUR\nTI  - {}\nAU  - {}\nER  - \n"


def read(path, data, **options):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    export = read_export(path, ReadOptions(**options))
    return export, list(export)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_anywhere_accounts_for_every_record_that_it_marks(name, tmp_path):
    data = ALL[name][0].encode()
    path = tmp_path / "cut"
    for end in range(1, len(data), max(len(data) // 25, 1)):
        try:
            export, items = read(path, data[:end])
        except ReviewError as error:
            assert str(error)  # noqa: PT017  what is too short to be told is refused in words
            continue
        assert export.read + export.rejected == len(items)
        named = export.markers == len(items) or "marks" in export.remarks()[0]
        assert named, end


@pytest.mark.parametrize("name", NAMES)
def test_damaged_bytes_never_end_in_a_traceback(name, tmp_path):
    data, draw = ALL[name][0].encode(), random.Random(name)
    path = tmp_path / "damaged"
    for _ in range(15):
        wrong = bytearray(data)
        for _ in range(draw.randint(1, 6)):
            place = draw.randrange(len(wrong))
            kind = draw.randrange(3)
            if kind == 0:
                wrong[place] = draw.randrange(256)
            elif kind == 1:
                del wrong[place : place + draw.randint(1, 20)]
            else:
                wrong[place:place] = draw.choice(SIGNS)
            wrong = wrong or bytearray(b"x")
        try:
            _, items = read(path, bytes(wrong))
        except ReviewError:
            continue
        assert all(isinstance(i, BibRecord | Rejected) for i in items)


@pytest.mark.parametrize(
    ("codec", "title", "words"),
    [
        ("utf-16", "深層学習 und Äpfel", "UTF-16"),
        ("utf-16-le", "Ähnlich", "UTF-16"),
        ("utf-8-sig", "Ähnlich", "UTF-8 with BOM"),
        ("cp1252", "Für die „Müller“", "Windows-1252"),
        ("cp1251", "Глубокое обучение для анализа медицинских изображений", "1251"),
        ("gb18030", "深度学习在医学影像中的应用研究与进展", "gb18030"),
    ],
)
def test_encodings_are_found_out_and_said(codec, title, words, tmp_path):
    text = RIS.format(title, "Kim, H") * 3
    export, items = read(tmp_path / "a", text.encode(codec))
    assert [i.title for i in items] == [title] * 3
    assert words in export.source.encoding
    assert export.markers == 3


def test_lines_of_another_encoding_in_a_file_of_utf_8(tmp_path):
    data = (RIS.format("Ähnlich", "Kim") * 3).encode() + RIS.format("Über", "Lee").encode("cp1252")
    export, items = read(tmp_path / "a", data)
    assert [i.title for i in items] == ["Ähnlich"] * 3 + ["Über"]
    assert export.source.encoding == "UTF-8, 1 line of it Windows-1252"


@pytest.mark.parametrize("first", [1, 0])
def test_as_many_lines_of_another_encoding_as_of_utf_8(first, tmp_path):
    """Two exports put together: neither half is turned into signs that nobody wrote."""
    halves = [RIS.format("Étude", "Kim").encode(), RIS.format("Über", "Lee").encode("cp1252") * 2]
    export, items = read(tmp_path / "a", halves[first] + halves[1 - first])
    assert sorted(i.title for i in items) == ["Étude", "Über", "Über"]
    assert export.source.encoding == "UTF-8, 2 lines of it Windows-1252"


def test_a_stated_encoding_is_taken(tmp_path):
    _, items = read(tmp_path / "a", RIS.format("Žižek", "K").encode("cp1250"), encoding="cp1250")
    assert items[0].title == "Žižek"


def test_files_put_together_have_marks_in_the_middle(tmp_path):
    data = RIS.format("A", "K").encode("utf-8-sig") + RIS.format("B", "L").encode("utf-8-sig")
    export, items = read(tmp_path / "a", data)
    assert [i.title for i in items] == ["A", "B"]
    assert export.markers == 2


def test_mixed_line_ends_and_missing_ends(tmp_path):
    data = (
        b"TY  - JOUR\r\nTI  - A\nAU  - X\rER  - \r\n\n\rTY  - JOUR\rTI  - B\r\nTY  - JOUR\nTI  - C"
    )
    export, items = read(tmp_path / "a", data)
    assert [i.title for i in items] == ["A", "B", "C"]
    assert export.markers == 3


@pytest.mark.parametrize("text", [PUBMED_XML, ENDNOTE_XML])
def test_entities_that_expand_are_refused(text, tmp_path):
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    start, _, rest = text.partition("?>")
    rest = rest.replace(rest[rest.index("<!DOCTYPE") : rest.index("<PubmedArticleSet>")], "") \
        if "<!DOCTYPE" in rest else rest  # fmt: skip
    with pytest.raises(DataError, match="the XML defines an entity"):
        read(tmp_path / "a", f"{start}?>{bomb}{rest}")


def test_xml_that_breaks_off_keeps_what_came_before(tmp_path):
    export, items = read(tmp_path / "a", PUBMED_XML[: PUBMED_XML.index("<BookDocument>") + 30])
    assert items[0].pmid == "35418051"
    assert "breaks off" in items[1].reason
    assert export.markers == 2


def test_one_endless_line_takes_no_memory_and_costs_one_record(tmp_path):
    path = tmp_path / "long"
    with path.open("wb") as file:
        file.write(RIS.format("A", "X").encode() + b"TY  - JOUR\nTI  - B\nAB  - ")
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\nER  - \n" + RIS.format("C", "Y").encode())
    tracemalloc.start()
    export = read_export(path)
    items = list(export)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [getattr(i, "title", None) for i in items] == ["A", None, "C"]
    assert items[1].reason == "the record has 100.0 MB of text"
    assert export.markers == 3
    assert most < 60e6


@pytest.mark.parametrize("kind", ["csv", "bib", "json", "xml", "enw", "nbib"])
def test_a_long_line_in_other_formats(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(source_bytes, "MAX_LINE", 100_000)
    long = "y" * 12_000_000
    text = {
        "csv": f"Title,Abstract\nA,x\nB,{long}\nC,z\n",
        "bib": "@misc{a, title={A}}\n@misc{b,\n title={" + long + "}\n}\n@misc{c, title={C}}\n",
        "json": f'[{{"title": "A"}}, {{"title": "{long}"}}, {{"title": "C"}}]',
        "xml": f"<xml><records><record><titles><title>A</title></titles></record><record><titles>"
               f"<title>{long}</title></titles></record><record><titles><title>C</title></titles>"
               f"</record></records></xml>",
        "enw": f"%0 Book\n%T A\n%0 Book\n%T {long}\n%0 Book\n%T C\n",
        "nbib": f"PMID- 1\nTI  - A\n\nPMID- 2\nTI  - {long}\n\nPMID- 3\nTI  - C\n",
    }[kind]  # fmt: skip
    export, items = read(tmp_path / "a", text)
    titles = [i.title for i in items if isinstance(i, BibRecord)]
    assert titles == ["A", "C"]
    assert export.rejected == 1
    assert export.markers == 3


def test_control_characters_are_taken_out_and_said(tmp_path):
    export, items = read(tmp_path / "a", RIS.format("A\x0b\x00B", "K"))
    assert items[0].title == "AB"
    assert "2 control characters were taken out" in export.remarks()[0]


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_empty_files(data, tmp_path):
    with pytest.raises(DataError, match="empty"):
        read(tmp_path / "a", data)


def test_what_is_no_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_export(tmp_path / "no")
    with pytest.raises(InputError, match="is a folder"):
        read_export(tmp_path)


def test_an_unclosed_quotation_mark_is_named(tmp_path):
    export, items = read(tmp_path / "a", 'Title,Year\nA,2020\n"B,2021\nC,2022\nD,2023\n')
    assert export.remarks() == [] or "marks" in export.remarks()[0]
    assert "C,2022" in str(items)

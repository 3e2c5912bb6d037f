"""Every dialect: what is read, where it stood, and that nothing of it is lost."""

from __future__ import annotations

import re

import pytest
from formats_export_samples import ALL, BIBTEX, COVIDENCE_CSV, IEEE, PUBMED_XML, STRUCTURE
from hypothesis import given
from hypothesis import strategies as st

from review.errors import DataError, InputError, UnknownNameError
from review.formats.bibliography.bib_record import BibRecord, Rejected, record_of
from review.formats.bibliography.latex_text import plain_text
from review.formats.bibliography.reading_exports import read_export
from review.formats.bibliography.record_tables import split_glued
from review.formats.read_options import ReadOptions

NAMES = sorted(ALL)


@pytest.fixture
def read(tmp_path):
    """Read a text as a file with a name that tells nothing."""

    def reader(text, **options):
        path = tmp_path / "export.dat"
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(data)
        export = read_export(path, ReadOptions(**options))
        items = list(export)
        return export, items

    return reader


def sample(read, name):
    return read(ALL[name][0])


@pytest.mark.parametrize("name", NAMES)
def test_every_record_that_is_marked_is_read(read, name):
    export, items = sample(read, name)
    _, marked, records = ALL[name]
    assert export.markers == marked
    assert [type(i) for i in items] == [BibRecord] * records
    assert not [r for r in export.remarks() if "marks" in r]


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_file_is_in_its_records(read, name):
    text = ALL[name][0]
    export, items = sample(read, name)
    found = " ".join(" ".join(i.cells().values()) for i in items)
    found += " " + " ".join(export.tally.header)
    if name == "bibtex":
        text = plain_text(re.sub(r"@(\w+)\{", r" \1 ", text))
    text = text.replace("\\n", " ")
    words = set(re.findall(r"[^\W_]{3,}", text))
    lost = words - set(re.findall(r"[^\W_]{3,}", found))
    known = set(STRUCTURE.split())
    lost = {w for w in lost if not re.fullmatch(r"[A-Z]{2,4}\d?", w) and w.casefold() not in known}
    assert lost == set()


def test_embase_keeps_repeated_tags_and_whole_addresses(read):
    (record,) = sample(read, "embase")[1]
    assert record.title == "Duplication cysts"
    assert record.authors == ["Liu R.", "Adler D.G."]
    assert record.url == ["http://www.embase.com/x;jsessionid=1", "http://b.org"]
    assert record.issn == ["2226-7190"]
    assert [t for t in record.extra if t[0] == "M1"] == [
        ("M1", "(Liu R.) Utah"), ("M1", "(Adler D.G.) Boston"),
    ]  # fmt: skip
    assert (record.journal, ("JO", "J. Endosc.") in record.extra) == ("Journal of Endoscopy", True)


@pytest.mark.trap("Ovid PsycINFO export", "pages are SP No and EP Specified")
def test_ovid_says_no_pages_and_writes_behind_the_end(read):
    """Such words are no pages, and what stands behind the end is kept."""
    export, (first, second) = sample(read, "ovid")
    assert export.writer == "Ovid"
    assert (first.pages, first.doi, first.year) == ("", "10.1002/cpp.2398", "2019")
    assert ("NL", "Clin Psychol") in first.extra
    assert any("Full Text" in text for _, text in first.extra)
    assert (second.title, second.publisher) == ("Second", "Wiley")
    assert ("PB", "US") in second.extra


def test_cochrane_puts_register_numbers_in_the_place_of_authors(read):
    export, (first, second) = sample(read, "cochrane")
    assert export.writer == "Cochrane"
    assert first.authors == []
    assert {"AN CN-01234567", "NCT01234567"} <= set(first.other_ids)
    assert (first.journal, first.url) == ("", ["https://clinicaltrials.gov/show/NCT01234567"])
    assert (second.authors, second.journal) == (["Kim, H"], "Lancet")


@pytest.mark.trap(
    "EBSCO, ProQuest exports",
    "the abstract stands twice or thrice, the DOI in L3, two ISSNs in one field",
)
def test_ebsco_repeats_abstracts_and_hides_the_doi(read):
    """One abstract, the DOI and both ISSNs are found; further abstracts are kept."""
    (record,) = sample(read, "ebsco")[1]
    assert record.abstract == "Background: sleep."
    assert [text[:5] for tag, text in record.extra if tag == "N2"] == ["Hinte", "Copyr"]
    assert (record.doi, record.issn) == ("10.1000/sleep.1", ["0894-9867", "0894-9868"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\n\n\r"])
def test_line_ends_of_any_kind_give_the_same(read, end):
    text = IEEE.replace("\r\n\n\r", "\n").replace("\r", "\n").replace("\n", end)
    assert [i.title for i in read(text)[1]] == ["Networks", "Nets again"]


def test_a_missing_end_or_begin_loses_no_record(read):
    export, items = sample(read, "no_end")
    assert [(i.title, i.authors) for i in items] == [("A", ["X"]), ("B", ["Y"]), ("C", [])]
    assert "1 record without the line that ends one" in export.remarks()[0]
    assert "cut off" in export.remarks()[1]
    export, items = read("TY  - JOUR\nTI  - A\nER  - \nTI  - B\nAU  - Y\nER  - \n")
    assert [i.title for i in items] == ["A", "B"]
    assert "marks 1 record, and 2 were found" in export.remarks()[0]


def test_wrapped_lines_join_and_unknown_tags_stay(read):
    (record,) = sample(read, "wrapped")[1]
    assert record.title == "Title that goes on here"
    assert record.abstract == "one two three"
    assert record.extra == [("ED", "Smith, A")]


def test_medline(read):
    first, second = sample(read, "nbib")[1]
    assert first.title == "Advancing the practice of medicine."
    assert first.authors == ["Kim, Hee E", "Lee, Jin", "Group A", "Group B"]
    assert (first.doi, first.language) == ("10.1016/j.cca.2023.1", ["eng", "fre"])
    assert first.issn == ["1873-3492 (Electronic)", "0009-8981 (Linking)"]
    assert first.type == "Journal Article; Review"
    assert first.other_ids == ["pii S0009-8981(23)00321-2", "PMC123"]
    assert first.journal == "Clinica chimica acta"
    assert [t for t in first.extra if t[0] in {"AU", "AD"}] == [
        ("AU", "Kim HE"), ("AD", "Seoul."), ("AU", "Lee J"),
    ]  # fmt: skip
    assert (second.title, second.authors, second.pmid) == ("A book", ["Park S"], "2")


@pytest.mark.trap(
    "Web of Science tab-delimited",
    "quotation marks stand as they come: readers of CSV join rows",
)
def test_web_of_science_plain_and_tab(read):
    """Quotation marks are signs like others in cells between tabs."""
    first, second = sample(read, "wos")[1]
    assert first.authors == ["Osei-Kyei, Robert", "Tam, Vivian"]
    assert (first.title, first.pages) == ("Critical review of indicators", "370-381")
    assert first.keywords == ["Urban community", "Resilience", "HAZARDS", "LAND"]
    assert [t for t, _ in first.extra].count("CR") == 2
    assert ("UK", "something unknown") in first.extra
    assert (second.pages, second.line) == ("12", 26)
    (tab,) = sample(read, "wos_tab")[1]
    assert (tab.title, tab.authors, tab.pages) == ('A 5" coil', ["Kim, Hee", "Lee, Jin"], "1-9")


def test_endnote_tagged_and_xml(read):
    first, second = sample(read, "enw")[1]
    assert (first.title, first.doi, first.keywords) == (
        "Deep learning", "10.1000/abc", ["one", "two"],
    )  # fmt: skip
    assert first.extra == [("%X", "Ein Abstract."), ("%>", "link")]
    assert second.extra == [("%E", "Editor, Ed")]
    first, second = sample(read, "endnote_xml")[1]
    assert first.title == "Effect of H. pylori on MRI"
    assert (first.authors, first.doi) == (["Kim, Hee E", "Lee, J"], "10.1000/abc")
    assert ("contributors/secondary-authors/author", "Editor, Ed") in first.extra
    assert second.title == "Plain title"


@pytest.mark.trap(
    "PubMed XML",
    "it has a DOCTYPE, which safe XML readers refuse; abstracts have parts",
)
def test_pubmed_xml(read):
    """Entities are refused, a DOCTYPE is not; parts of an abstract keep their headings."""
    first, second = sample(read, "pubmed_xml")[1]
    assert first.title == "Transfer learning for MRI."
    assert first.abstract == "BACKGROUND: Much.\nMETHODS: Few."
    assert first.authors == ["Kim, Hee E", "Group A"]
    assert (first.year, first.pmid, first.doi) == ("2022", "35418051", "10.1186/s12880-022-1")
    assert first.keywords == ["Heart/*physiology"]
    assert any("Mannheim" in text for _, text in first.extra)
    line = PUBMED_XML[: PUBMED_XML.index("<PubmedBookArticle")].count("\n") + 1
    assert (second.title, second.line) == ("Chapter", line)


def test_bibtex_loses_no_entry(read):
    export, items = sample(read, "bibtex")
    first, second, third, broken, last, same = items
    assert first.title == "Deep Learning for MRI"
    assert (first.journal, first.year, first.keywords) == (
        "J Magn Reson Imaging", "2020", ["one", "two"],
    )  # fmt: skip
    assert first.abstract == "Email me@x.org for data. Longer"
    assert (first.authors, ("author", "and others") in first.extra) == (["Kim, H."], True)
    assert (second.title, second.authors) == ("X", ["Bergström, D", "Müller, E"])
    assert second.extra[:3] == [("funding_text 1", "Fund"), ("doi", "1"), ("doi", "2")]
    assert second.pages == "69-81"
    assert third.authors == ["Kim H", "Lee J", "Park S"]
    assert third.title == 'A "quoted" one'
    assert (broken.title, broken.year, broken.authors) == (
        "Braces that do not match", "2019", ["Wu, X"],
    )  # fmt: skip
    assert (last.title, same.title) == ("End", "Same line")
    assert any("repeated key" in r for r in export.remarks())


def test_csl_json(read):
    first, second = sample(read, "csl")[1]
    assert (first.title, first.authors) == ("Transfer", ["Kim, H", "WHO"])
    assert (first.year, first.pmid, first.notes) == ("2022", "35418051", ["seen"])
    assert ("custom-tag", '{"a": ["}", 1]}') in first.extra
    assert (second.title, second.year, second.line) == ('B {brace} " }', "2022", 5)


def test_tables_of_databases(read):
    export, (first, second) = sample(read, "scopus_csv")
    assert export.writer == "Scopus"
    assert (first.title, first.authors) == ('A "quoted" title', ["Osei-Kyei R.", "Tam V."])
    assert (first.pages, first.keywords) == ("3-9", ["a", "b", "c"])
    assert (first.line, second.line) == (2, 4)
    export, (springer,) = sample(read, "springer_csv")
    assert springer.authors == ["Hafiz Waseem", "Saif Ul Islam", "Ann McDonald"]
    assert any("run together" in r for r in export.remarks())
    assert any("Waseem" in text for _, text in springer.extra)


def test_other_tables_are_read_through_the_intake(read):
    text = "Search of 1 May;;\n\nTitel;Jahr;Journal\nÄhnlich;2020;J\n".encode("cp1252")
    _, (record,) = read(text, mapping={"Titel": "title", "Jahr": "year"}, header_row=(3, 3))
    assert (record.title, record.year, record.line) == ("Ähnlich", "2020", 4)
    with pytest.raises(UnknownNameError, match="unknown field of a record 'titel'"):
        read("Title,Year\nA,2020\n", mapping={"Title": "titel"})
    with pytest.raises(DataError, match="no column holds titles"):
        read("Name;Wert;x\nA;2020;1\n")
    with pytest.raises(InputError, match="--map is about tables"):
        read("TY  - JOUR\nTI  - A\nER  - \n", mapping={"Title": "title"})


@pytest.mark.trap(
    "PubMed abstract text",
    "it is no data format, though it is often what is at hand",
)
def test_pubmed_text_is_read_with_advice(read):
    """It is read as far as it goes, with the advice to take MEDLINE."""
    export, (first, second) = sample(read, "pubmed_text")
    assert (first.title, first.authors) == (
        "Advancing AI in healthcare.", ["Polevikov S", "Kim HE"],
    )  # fmt: skip
    assert first.abstract.startswith("2. is how a line")
    assert (first.pmid, first.doi, first.journal) == (
        "37595864",
        "10.1016/j.cca.1",
        "Clin Chim Acta",
    )
    assert (second.volume, second.issue, second.pages) == ("374", "3", "n1872")
    assert "Format: PubMed" in export.remarks()[0]


def test_the_format_is_told_by_the_content(read):
    assert read(COVIDENCE_CSV)[0].writer == "Covidence"
    assert read(BIBTEX)[0].format == "BibTeX"
    with pytest.raises(DataError, match="no kind of export"):
        read("Dear colleague,\nthis is a letter.\n")
    with pytest.raises(DataError, match="neither PubMed's nor EndNote's"):
        read("<?xml version='1.0'?><html/>")


@pytest.mark.trap("Springer CSV", "authors stand without any sign between them")
def test_names_run_together():
    """Names are split before capital letters, which is said, and kept as they stood."""
    assert split_glued("Jane DoeJohn Roe") == ["Jane Doe", "John Roe"]
    assert split_glued("Richard J. ChenJudy J. Wang") == ["Richard J. Chen", "Judy J. Wang"]
    assert split_glued("Ann McDonaldJean DeLuca") == ["Ann McDonald", "Jean DeLuca"]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs", "Co", "Cn"]),
    min_size=1, max_size=20,
).map(str.strip).filter(bool)  # fmt: skip
TAGS = st.from_regex(r"[A-Z][A-Z0-9]", fullmatch=True).filter(lambda t: t not in {"TY", "ER", "U5"})


@given(st.lists(st.lists(st.tuples(TAGS, TEXT), min_size=1, max_size=8), min_size=1, max_size=4))
def test_no_tag_of_any_ris_file_is_lost(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("ris") / "a"
    lines = []
    for record in records:
        lines += ["TY  - JOUR", *[f"{tag}  - {text}" for tag, text in record], "ER  - ", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    export = read_export(path)
    items = list(export)
    assert len(items) == export.markers == len(records)
    for item, record in zip(items, records, strict=True):
        assert isinstance(item, BibRecord)
        found = [*item.cells().values(), *[text for _, text in item.extra]]
        squeezed = "".join(c for c in "".join(found) if c.isalnum())
        for _, text in record:
            for part in re.findall(r"\w+", text):
                kept = "".join(c for c in part if c.isalnum())
                assert kept in squeezed


@given(st.builds(
    BibRecord, line=st.integers(1, 9), title=TEXT, year=st.just("2020"),
    authors=st.lists(TEXT.filter(lambda t: ";" not in t), unique=True),
    notes=st.lists(TEXT, unique=True), extra=st.lists(st.tuples(TEXT, TEXT)),
))  # fmt: skip
def test_a_row_of_records_csv_gives_the_record_back(record):
    assert record_of(record.cells(), record.line) == record


def test_a_rejected_part_says_where_and_why(read):
    export, items = read("TY  - JOUR\nER  - \nTY  - JOUR\nTI  - A\nER  - \n")
    assert items[0] == Rejected(1, "the record holds nothing", "TY  - JOUR")
    assert (export.read, export.rejected, export.markers) == (1, 1, 2)

"""Exports that parsers of the field read wrongly without a word, read by ours."""

from __future__ import annotations

import json

import pytest

from review.formats.bibliography.bibliography_writers import record_bytes, ris_text

A = "TY  - JOUR\nTI  - A\n"


def ris(*lines):
    return "\n".join(["TY  - JOUR", "TI  - T", *lines, "ER  - ", ""])


@pytest.mark.trap(
    "rispy 0.10.0",
    "a record without its ER line is glued to the next: one record with the title of the "
    "first and the authors of both",
)
@pytest.mark.trap("bibliography-io 0.1.0", "a record without its ER line is lost")
def test_a_missing_end_separates_two_records(records):
    """A new TY line begins a new record, and the missing end is said."""
    (first, second), said = records(f"{A}AU  - X\nTY  - JOUR\nTI  - B\nAU  - Y\nER  - \n")
    assert (first.authors, second.authors) == (["X"], ["Y"])
    assert "1 record without the line that ends one" in said[0]


@pytest.mark.trap("rispy 0.10.0", "the last record of a file cut before its ER line is dropped")
@pytest.mark.trap(
    "nbib 0.3.2",
    "the last record is dropped when the file does not end in a newline",
)
@pytest.mark.trap(
    "wosfile 0.7.0",
    "a file cut before EF is an error as a whole, though its record is complete",
)
@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (f"{A}ER  - \nTY  - JOUR\nTI  - B\n", ["A", "B"]),
        ("PMID- 1\nTI  - A\n\nPMID- 2\nTI  - B", ["A", "B"]),
        ("FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nTI A\nPY 2020\nER\n", ["A"]),
    ],
)
def test_a_file_that_is_cut_at_its_end_keeps_its_last_record(records, text, titles):
    """What stands in the file is a record, whether or not its last line is there."""
    assert [r.title for r in records(text)[0]] == titles


@pytest.mark.trap(
    "rispy 0.10.0",
    "a byte-order mark, as Embase, Web of Science and ASReview write one, costs the first record",
)
def test_a_byte_order_mark_costs_nothing(records):
    """The mark is taken off before the first tag is read."""
    found, _ = records("\ufeff" + f"{A}ER  - \nTY  - JOUR\nTI  - B\nER  - \n")
    assert [r.title for r in found] == ["A", "B"]


@pytest.mark.trap("rispy 0.10.0", "an address is cut at each ; into several")
@pytest.mark.trap(
    "asreview 3.0.8",
    "writing what was read from RIS cuts addresses at ;, and drops editors and further DOIs",
)
@pytest.mark.trap(
    "rispy 0.10.0",
    "of repeated DO, SN and AB lines the first stays, the rest vanish",
)
@pytest.mark.trap(
    "rispy 0.10.0",
    "ED (editor) is no known tag: with skip_unknown_tags, as ASReview uses it, editors are gone",
)
@pytest.mark.trap("@citation-js 0.8.2", "the editor of a chapter (ED) is dropped")
@pytest.mark.trap("deduplicate-it 1.2.0", "second values of a tag are lost in its output")
def test_repeated_and_rare_tags_survive_reading_and_writing(records):
    """Addresses stay whole; what has no column of its own is kept under its tag, and comes back."""
    lines = ["DO  - 10.1000/a", "DO  - 10.1000/b", "SN  - 1111-1111", "SN  - 2222-2222",
             "AB  - One", "AB  - Two", "ED  - Smith, A", "UR  - http://a.org/x;id=1",
             "UR  - http://b.org"]  # fmt: skip
    (record,), _ = records(ris(*lines))
    assert record.url == ["http://a.org/x;id=1", "http://b.org"]
    (again,), _ = records(ris_text(record))
    assert sorted(again.extra) == sorted(record.extra)
    assert (again.url, again.doi, again.issn) == (record.url, record.doi, record.issn)
    for word in ("10.1000/b", "2222-2222", "Two", "Smith, A", "x;id=1"):
        assert word in ris_text(record)


@pytest.mark.trap("rispy 0.10.0", "the second line of an ignored tag is added to the title")
@pytest.mark.trap("deduplicate-it 1.2.0", "the second physical line of an abstract is lost")
def test_lines_that_go_on_belong_to_their_own_tag(records):
    """A line without a tag continues the tag above it."""
    (record,), _ = records(ris("AB  - abs one", "abs two"))
    assert (record.title, record.abstract) == ("T", "abs one abs two")


@pytest.mark.trap(
    "rispy 0.10.0",
    "a text where a list of authors is expected is written as one line per letter, None as "
    "the word None",
)
def test_empty_fields_are_not_written(records):
    """A record without DOI has no DO line, and one author one line."""
    (record,), _ = records(ris("AU  - Smith, A"))
    lines = ris_text(record).splitlines()
    assert [x for x in lines if x.startswith("AU")] == ["AU  - Smith, A"]
    assert not any("None" in x or x.startswith("DO") for x in lines)


@pytest.mark.trap("nbib 0.3.2", "LID is not read: a DOI that stands there alone is lost")
@pytest.mark.trap("nbib 0.3.2", "authors without FAU lines are lost")
@pytest.mark.trap("nbib 0.3.2", "of several LA and CN lines the last stays")
@pytest.mark.trap("biopython 1.88", "two ISSNs become one text joined by a blank")
def test_medline_fields_that_stand_twice_or_elsewhere(records):
    """The DOI of LID, AU without FAU, every language, group and ISSN."""
    (record,), _ = records(
        "PMID- 1\nTI  - A\nLID - 10.1000/x [doi]\nAU  - Kim HE\nAU  - Lee J\nCN  - Group A\n"
        "CN  - Group B\nLA  - eng\nLA  - fre\nIS  - 1471-2342 (Electronic)\n"
        "IS  - 1471-2349 (Linking)\n\n"
    )
    assert record.doi == "10.1000/x"
    assert record.authors == ["Kim HE", "Lee J", "Group A", "Group B"]
    assert (record.language, len(record.issn)) == (["eng", "fre"], 2)


@pytest.mark.trap(
    "deduplicate-it 1.2.0",
    "of an EndNote tagged file, listed as supported, 0 records",
)
@pytest.mark.trap(
    "endnote-utils 1.0.3",
    "EndNote XML without style elements gives empty titles, authors, DOIs",
)
@pytest.mark.trap(
    "endnote-utils 1.0.3",
    "titles are cut at the first italics, editors are authors, a DOI with the prefix doi: is "
    "dropped",
)
def test_endnote_tagged_and_xml_with_and_without_styles(records):
    """Plain and styled elements read the same; editors are no authors."""
    (tagged,), _ = records(
        "%0 Journal Article\n%A Kim, H\n%T Deep learning\n%D 2020\n%R 10.1000/abc\n"
    )
    assert (tagged.title, tagged.doi) == ("Deep learning", "10.1000/abc")
    styled = (
        "<title><style face='normal'>Effect of </style><style face='italic'>H. pylori</style>"
        "<style face='normal'> on MRI</style></title>"
    )
    entry = (
        "<record><ref-type name='Journal Article'>17</ref-type><contributors><authors><author>"
        "Kim, H</author></authors><secondary-authors><author>Editor, Ed</author>"
        "</secondary-authors></contributors><titles>{}</titles><dates><year>2021</year></dates>"
        "<electronic-resource-num>doi:10.1000/xyz</electronic-resource-num></record>"
    )
    text = "".join(entry.format(t) for t in (styled, "<title>Plain title</title>"))
    found, _ = records(f"<?xml version='1.0'?><xml><records>{text}</records></xml>")
    assert [r.title for r in found] == ["Effect of H. pylori on MRI", "Plain title"]
    assert {(*r.authors, r.year, r.doi) for r in found} == {("Kim, H", "2021", "10.1000/xyz")}


@pytest.mark.trap("bibliography-io 0.1.0", "every BibTeX record gets the fields of the last entry")
@pytest.mark.trap(
    "bibtexparser 2.1.0",
    "a second entry with the same key is in no list of entries (Scopus: 227 of 231)",
)
@pytest.mark.trap(
    "bibtexparser 2.1.0",
    "an entry that repeats a field is in no list of entries (ScienceDirect: 59 of 414)",
)
@pytest.mark.trap("pybtex 0.26.1", "keys that differ in case alone are an error for the whole file")
def test_bibtex_entries_with_the_same_key_or_field_are_all_read(records):
    """Each entry is a record with its own fields; repeated fields are kept."""
    found, _ = records(
        "@article{a, title={First}, year=2020}\n@article{a, title={Second}, year=2021}\n"
        "@article{A, title={Third}, keywords={x}, keywords={y}, doi={10.1000/c}}\n"
    )
    assert [(r.title, r.year) for r in found] == [
        ("First", "2020"), ("Second", "2021"), ("Third", ""),
    ]  # fmt: skip
    assert "x" in str(found[2].cells())
    assert "y" in str(found[2].cells())


@pytest.mark.trap("bibtexparser 2.1.0", 'macros joined with # stay as they are: jmr # " Imaging"')
@pytest.mark.trap(
    "bibtexparser 2.1.0",
    "without the comma after a title, the authors become a part of the title",
)
@pytest.mark.trap("deduplicate-it 1.2.0", "a year without quotes is not read; an @ ends the entry")
def test_bibtex_with_macros_without_comma_and_with_at_signs(records):
    """Macros are joined, a missing comma ends the field, @ is a sign like others."""
    found, _ = records(
        '@string{jmr = "J Magn Reson"}\n@article{a, journal=jmr # " Imaging", title={T}}\n'
        "@article{b, title={X} author={A and B}}\n"
        "@article{c, title={Y}, year=2020, abstract={Email me@x.org for data. Longer}}\n"
    )
    assert found[0].journal == "J Magn Reson Imaging"
    assert (found[1].title, found[1].authors) == ("X", ["A", "B"])
    assert (found[2].year, found[2].abstract) == ("2020", "Email me@x.org for data. Longer")


@pytest.mark.trap("pybtex 0.26.1", "authors in one comma-separated row stop the whole file")
@pytest.mark.trap("@citation-js 0.8.2", "and others becomes an author called others")
@pytest.mark.trap("@retorquere/bibtex-parser 9.0.29", "titles are put into sentence case")
def test_bibtex_names_and_titles_as_they_are_written(records):
    """Vancouver names are split, "and others" is nobody, capitals stay."""
    found, _ = records(
        "@article{a, title={Deep Learning for {MRI}}, author={Kim H, Lee J, Park S}}\n"
        "@article{b, title={B}, author={Kim, H. and others}}\n"
    )
    assert found[0].authors == ["Kim H", "Lee J", "Park S"]
    assert (found[0].title, found[1].authors) == ("Deep Learning for MRI", ["Kim, H."])


@pytest.mark.trap(
    "rispy 0.10.0",
    "IEEE Xplore ends records with CR LF LF CR: 1 of 25 records as it comes",
)
@pytest.mark.trap(
    "Cochrane export",
    "TY with two blanks, header lines in each record, an address as the journal",
)
def test_odd_line_ends_and_blanks(records):
    """Any line end and any number of blanks behind a tag."""
    found, _ = records(
        b"TY  - JOUR\r\nTI  - A\r\nER  - \r\n\n\rTY  -  JOUR\r\nTI  -  B\r\nER  - \r\n\n\r"
    )
    assert [r.title for r in found] == ["A", "B"]


@pytest.mark.trap("@citation-js 0.8.2", "DA wins over PY: a paper of 2022 becomes one of 2021")
@pytest.mark.trap("asreview 3.0.8", "PY with a day (2020/03/01/) refuses the whole file")
@pytest.mark.trap("asreview 3.0.8", "a year that stands in Y1 alone is dropped")
@pytest.mark.trap(
    "@citation-js 0.8.2",
    "the year and T2 of a CONF record are not those of the record",
)
def test_years_of_ris(records):
    """PY first, then Y1, then DA; a day gives its year."""
    lines = [["PY  - 2022", "DA  - 2021/12/30"], ["PY  - 2020/03/01/"], ["Y1  - 2019"],
             ["DA  - 2018/05"]]  # fmt: skip
    found, _ = records("".join(ris(*part) for part in lines))
    assert [r.year for r in found] == ["2022", "2020", "2019", "2018"]
    (record,), _ = records("TY  - CONF\nTI  - A\nT2  - MICCAI\nPY  - 2021\nER  - \n")
    assert (record.journal, record.year) == ("MICCAI", "2021")


@pytest.mark.trap("@citation-js 0.8.2", "RIS: no PMID, no editor, the page range in SP without EP")
@pytest.mark.trap(
    "@citation-js 0.8.2",
    "BibTeX: abstract and keywords are not written, the day in month",
)
@pytest.mark.trap("@citation-js 0.8.2", "a raw date (2022-04) gives no year at all")
@pytest.mark.trap("@citation-js 0.8.2", "a DOI as short as 10.1/X is not written to RIS")
def test_csl_json_is_written_whole(records):
    """Year of a raw date, PMID, pages, DOI, abstract and keywords in RIS and BibTeX."""
    item = {"id": "x", "type": "article-journal", "title": "T", "page": "69-81", "DOI": "10.1/X",
            "PMID": "35418051", "issued": {"raw": "2022-04"}, "abstract": "Text", "keyword": "a, b",
            "author": [{"family": "Kim", "given": "H"}]}  # fmt: skip
    (record,), _ = records(json.dumps([item]))
    lines = ris_text(record).splitlines()
    assert {"PY  - 2022", "SP  - 69", "EP  - 81", "DO  - 10.1/X"} <= {*lines}
    assert "35418051" in ris_text(record)
    bibtex = b"".join(record_bytes([record], "BibTeX")).decode()
    for word in ("2022", "Text", "10.1/X", "69--81"):
        assert word in bibtex


@pytest.mark.trap(
    "asreview 3.0.8",
    "a cell with authors Kim, H.; Lee, J. gives a name that begins with a blank",
)
@pytest.mark.trap("asreview 3.0.8", "a title that is a number (1984) is an error")
@pytest.mark.trap("asreview 3.0.8", "labels Yes and No are an error, yes and no are not")
def test_tables_of_records(records):
    """Authors without blanks, titles that are numbers, words as they stand."""
    (record,), _ = records('title,authors,year,included\n1984,"Kim, H.; Lee, J.",2019,Yes\n')
    assert (record.title, record.authors) == ("1984", ["Kim, H.", "Lee, J."])
    assert ("included", "Yes") in record.extra


@pytest.mark.trap("rispy 0.10.0 (WokParser)", "an unknown tag such as UK is an error or lost")
def test_unknown_tags_of_web_of_science_are_kept(records):
    """What no column holds is in extra, under its tag."""
    (record,), _ = records(
        "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nTI A\nUK odd\nER\n\nEF\n"
    )
    assert ("UK", "odd") in record.extra

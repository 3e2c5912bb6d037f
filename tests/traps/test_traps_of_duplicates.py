"""Records that programs of the field merge or keep apart wrongly."""

from __future__ import annotations

import pytest

from review.workflow.records.found_duplicates import find_duplicates
from review.workflow.records.merged_records import merged_record

KIM = {
    "title": "Transfer learning for medical image classification: a literature review",
    "authors": "Kim, Hee E.; Cosa-Linan, Alejandro; Ganslandt, Thomas",
    "year": "2022",
    "journal": "BMC Medical Imaging",
    "volume": "22",
    "issue": "1",
    "pages": "69",
    "doi": "10.1186/s12880-022-00793-7",
}


def said(one, two):
    """What is said of two records: same, doubt, report or different."""
    found = find_duplicates([one, two])
    if found.groups:
        return "same"
    return found.links[0].verdict if found.links else "different"


def kim(**changes):
    return {**KIM, **changes}


@pytest.mark.trap("bib-dedupe 0.11.0", "Part I and Part II with all else equal are merged")
@pytest.mark.trap("bib-dedupe 0.11.0", "an erratum is merged into its article")
@pytest.mark.trap("bib-dedupe 0.11.0", "a reply is merged into the article it replies to")
@pytest.mark.trap("bib-dedupe 0.11.0", "annual reports of two years are merged")
@pytest.mark.parametrize(
    ("one", "two"),
    [
        (
            "Deep learning in radiology. Part I: methods",
            "Deep learning in radiology. Part II: methods",
        ),
        (KIM["title"], f"Erratum to: {KIM['title']}"),
        (KIM["title"], f"Reply to: {KIM['title']}"),
        ("Annual report 2021 of the registry", "Annual report 2022 of the registry"),
    ],
)
def test_parts_errata_replies_and_volumes_stay_apart(one, two):
    """Words that tell two papers apart count, however alike the rest is."""
    assert said(kim(title=one, doi=""), kim(title=two, doi="")) == "different"


@pytest.mark.trap(
    "deduplicate-it 1.2.0",
    "records without a DOI are never compared, however identical",
)
@pytest.mark.trap(
    "deduplicate-it 1.2.0",
    "braces of BibTeX become blanks, so that the same title differs",
)
@pytest.mark.trap("bib-dedupe 0.11.0", "records of the same search are never compared")
@pytest.mark.trap("asreview 3.0.8", "http://dx.doi.org/ before a DOI makes it another DOI")
@pytest.mark.parametrize(
    "other",
    [
        kim(doi=""),
        kim(title=KIM["title"].replace("T", "{T}").replace("medical", "{MEDICAL}")),
        kim(search_set="s1", source_file="one.ris"),
        kim(doi="http://dx.doi.org/10.1186/S12880-022-00793-7"),
    ],
)
def test_one_record_written_in_two_ways_is_one(other):
    """Without DOI, with braces, from the same file, with a resolver's address."""
    assert said(kim(source_file="one.ris"), other) == "same"


@pytest.mark.trap(
    "deduplicate-it 1.2.0",
    "a title without Latin letters is empty: equal DOI and title are not enough",
)
@pytest.mark.trap("asreview 3.0.8", "titles without Latin letters are all alike, and so one group")
@pytest.mark.trap(
    "rapidfuzz 3.14.6",
    "two empty texts are 100 % alike by ratio, 0 % by token_set_ratio",
)
def test_titles_of_other_scripts_and_empty_ones():
    """Letters of every script count; two records that say nothing are not alike."""
    assert said({"title": "深層学習"}, {"title": "画像分類"}) == "different"
    one = {"title": "深層学習", "doi": "10.1000/jp"}
    assert said(one, {**one, "doi": "10.1000/JP"}) == "same"
    silent = [{"title": "", "abstract": "x"}, {"title": "", "abstract": "y"}]
    assert not find_duplicates([KIM, *silent]).links


@pytest.mark.trap("asreview 3.0.8", "two editorials without abstract are one paper")
@pytest.mark.trap("asreview 3.0.8", "equal titles and abstracts are one paper whatever the year")
@pytest.mark.trap(
    "asreview 3.0.8",
    "in a list of titles alone all are copies of the first, with empty titles",
)
def test_short_titles_and_other_years_are_no_proof():
    """A title that many papers have is no evidence; titles alone are a question for a person."""
    assert said({"title": "Editorial"}, {"title": "Editorial"}) == "different"
    two = [{"title": "Deep learning of images"}, {"title": "Transfer learning of scans"}]
    assert said(*two) == "different"
    far = {"title": "Deep learning", "abstract": "Objective A.", "year": "2019"}
    assert said(far, {**far, "title": "Deep Learning", "year": "2021"}) != "same"


@pytest.mark.trap(
    "bib-dedupe 0.11.0",
    "equal DOI with another title and author: maybe, like a real doubt",
)
@pytest.mark.trap(
    "asreview 3.0.8",
    "the DOI is not looked at: titles that differ by a word are two papers",
)
def test_an_equal_doi_is_weighed_with_the_title():
    """Another title and place is another paper; at one place it is a doubt; a word is nothing."""
    other = kim(title="Convolutional networks in dermatology", authors="Lee, J.")
    assert said(KIM, other) == "doubt"
    assert said(KIM, kim(title=KIM["title"].replace("literature ", ""), abstract="x")) == "same"


@pytest.mark.trap(
    "bib-dedupe 0.11.0",
    "of a bare record and a full one, DOI, abstract and pages are lost in the merged one",
)
@pytest.mark.trap("bib-dedupe 0.11.0", "of two years the later is kept, whatever the DOI says")
def test_the_merged_record_has_the_best_of_each_field():
    """What one of the records lacks comes from the other."""
    bare = kim(doi="", pages="", abstract="", record_id="1")
    full = kim(abstract="Text", record_id="2")
    found = find_duplicates([bare, full])
    assert found.groups
    merged = merged_record([bare, full])
    assert (merged["doi"], merged["pages"], merged["abstract"]) == (KIM["doi"], "69", "Text")


def test_who_wrote_what_is_of_one_record():
    """A wrong merge makes no paper of one's authors and another's title; gaps are filled."""
    kept = kim(record_id="1", authors="Kim, H.", journal="")
    wrong = kim(record_id="2", title="Other", authors="Osei-Kyei, Robert; Tam, Vivian", year="2001")
    merged = merged_record([kept, wrong])
    assert (merged["authors"], merged["title"], merged["year"]) == (
        "Kim, H.", KIM["title"], KIM["year"],
    )  # fmt: skip
    assert merged["journal"] == KIM["journal"]
    assert merged_record([kept | {"authors": ""}, wrong])["authors"] == wrong["authors"]
    for short in ("Kim, H.", "Kim H; Cosa-Linan A", "Kim H, et al."):
        merged = merged_record([kept | {"authors": short}, wrong, kim(record_id="3")])
        assert merged["authors"] == KIM["authors"]
        assert "authors: 3" in merged["merged_fields"]


@pytest.mark.trap(
    "bib-dedupe 0.11.0",
    "whole numbers as IDs make the merge fail; so do empty authors",
)
@pytest.mark.trap("bib-dedupe 0.11.0", "without columns for the place, two equal records stay two")
def test_numbers_as_identifiers_and_missing_columns():
    """Identifiers of any kind, records with or without authors, three columns alone."""
    found = find_duplicates([kim(id=1, authors=""), kim(id=2, authors="")])
    assert found.duplicate_of == {"2": "1"}
    three = {"title": KIM["title"], "authors": KIM["authors"], "year": "2022"}
    assert said(three, dict(three)) == "same"

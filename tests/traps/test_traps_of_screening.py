"""Labels and lists of screening tools, and rows that lack an identifier."""

from __future__ import annotations

import pytest

from review.errors import InputError
from review.formats.entries import Entry
from review.project import open_review
from review.workflow.coding.add import add_studies
from review.workflow.records.exported_decisions import votes_of
from review.workflow.records.found_duplicates import find_duplicates


@pytest.mark.trap(
    "asreview 3.0.8",
    "the labels of an export lose against the column included of the data set before",
)
@pytest.mark.trap(
    "asreview 3.0.8",
    "labels that were read as 1.0, 0.0 and empty are an error on writing",
)
def test_the_labels_of_the_screening_count(records):
    """asreview_label says what was decided, with or without a decimal point."""
    found, _ = records(
        "record_id,title,abstract,included,asreview_label\n"
        "0,Nets,a,0,1.0\n1,Scans,b,1,0.0\n2,Lungs,c,,\n"
    )
    assert [[v.decision for v in votes_of(r, "ASReview", reviewer="")] for r in found] == [
        ["include"], ["exclude"], [],
    ]  # fmt: skip


@pytest.mark.trap(
    "asreview 3.0.8",
    "duplicated() without titles returns the abstracts instead of yes and no",
)
def test_records_without_titles_are_refused():
    """Neither title nor DOI: an error that says which columns are needed."""
    with pytest.raises(InputError, match="name them title"):
        find_duplicates([{"abstract": "x"}, {"abstract": "x"}])


@pytest.mark.trap("pandera 0.35.0", "unique columns: two empty cells are duplicates of each other")
def test_studies_without_a_doi_are_no_duplicates(new_review):
    """An empty DOI is not the DOI of another study."""
    base = {"modality": "MRI", "auc": "0.9"}
    rows = [{**base, "first_author": a, "year": "2020", "title": t, "doi": ""}
            for a, t in (("Kim", "Nets of the brain"), ("Lee", "Scans of the lung"))]  # fmt: skip
    opened = open_review(new_review)
    known = {*opened.columns}
    entries = [Entry("x", i, {k: v for k, v in row.items() if k in known})
               for i, row in enumerate(rows, 1)]  # fmt: skip
    assert len(add_studies(opened, entries)) == 2


@pytest.mark.trap(
    "asreview 3.0.8 (one column)",
    "a list of titles gives as many records without a title, all copies of the first",
)
@pytest.mark.parametrize(
    "text",
    ["title\nNets, a review\nScans\n", 'Title\n"Nets, a review"\n"Scans"\n'],
)
def test_a_list_of_titles_is_read_line_by_line(records, text):
    """One column is enough: each line is a title, commas and all."""
    assert [r.title for r in records(text, "titles.csv")[0]] == ["Nets, a review", "Scans"]

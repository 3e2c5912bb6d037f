from __future__ import annotations

import csv

import pytest

from review.project import open_review
from review.project.folder_check import check_review
from review.resources import resource_dir


def check(path):
    return check_review(open_review(path))


def edit(path, old, new, count=1):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def only(report):
    errors = [p for p in report.problems if p.level == "error"]
    assert len(errors) == 1, [str(p) for p in errors]
    return errors[0]


def test_bundled_reviews_have_no_problem_and_the_documented_numbers_of_rows():
    # the numbers of rows: README of the data; Wang et al. 2021, Tables 7 to 11
    kim = check("kim2022")
    assert kim.ok
    assert kim.counts == {
        "studies.csv": 191,
        "excluded.csv": 7,
        "results.csv": 331,
        "datasets.csv": 218,
        "codings/coder1.csv": 195,
        "codings/coder2.csv": 105,
        "codings/adjudication.csv": 42,
    }
    wang = check("wang2021")
    assert wang.ok
    assert wang.counts["studies.csv"] == 89
    published = open_review("wang2021").published.counts["organ"]
    assert wang.breakdown["organ"] == published
    assert check("shtem2021").ok


@pytest.mark.parametrize("name", ["kim2022", "wang2021", "shtem2021"])
def test_every_cell_of_a_bundled_table_is_read_as_written(name):
    """Each value, written as text again, is the text of the file: nothing is lost or rounded."""
    review = open_review(name)
    from review.schema.cell_types import cell_text

    with (resource_dir("data") / name / "studies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(review.studies)
    for row, study in zip(rows, review.studies, strict=True):
        assert {k: cell_text(study.value(k)) for k in row} == row


def test_a_word_outside_the_vocabulary_is_located(kim_copy):
    edit(kim_copy / "studies.csv", ",mammography,thoracic", ",mamography,thoracic")
    problem = only(check(kim_copy))
    assert (problem.file, problem.line, problem.column) == ("studies.csv", 2, "modality")
    assert (problem.value, problem.suggestion) == ("mamography", "mammography")
    assert "endoscopy, CT" in problem.allowed


def test_all_problems_are_reported_at_once(kim_copy):
    edit(kim_copy / "studies.csv", ",14860,3715,3,", ",many,-5,1,")
    edit(kim_copy / "codings" / "coder2.csv", "abubakar2020burns", "nobody2020")
    edit(kim_copy / "results.csv", "abubakar2020burns", "abubakar2020burn")
    errors = [p for p in check(kim_copy).problems if p.level == "error"]
    assert {(p.file, p.line, p.column) for p in errors} == {
        ("studies.csv", 2, "n_images"),
        ("studies.csv", 2, "n_patients"),
        ("studies.csv", 2, "n_classes"),
        ("codings/coder2.csv", 3, "study_id"),
        ("results.csv", 2, "study_id"),
    }


def test_a_misspelled_column_gets_the_right_name(kim_copy):
    edit(kim_copy / "studies.csv", "modality", "modalty")
    problem = next(p for p in check(kim_copy).problems if p.message == "unknown column")
    assert (problem.line, problem.column, problem.suggestion) == (1, "modalty", "modality")


def test_duplicate_ids_name_both_lines(new_review):
    (new_review / "studies.csv").write_text(
        "study_id,first_author,year\nlee,Lee,2018\nLEE,Lee,2019\n", encoding="utf-8"
    )
    problem = only(check(new_review))
    assert "stands in line 2" in problem.message
    assert problem.line == 3


def test_the_same_study_twice_is_noted(new_review):
    (new_review / "studies.csv").write_text(
        "study_id,title,year,doi\na,Big Study!,2020,10.1000/A\nb,big study,2020,\nc,,,10.1000/a\n",
        encoding="utf-8",
    )
    notes = [p for p in check(new_review).problems if "same study twice" in p.message]
    assert [(p.study_id, p.level) for p in notes] == [("b", "warning"), ("c", "warning")]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("review.toml", "title = ", "review.toml:1: broken TOML"),
        ("review.toml", 'title = "x"\ntitel = "y"', "unknown entry"),
        ("review.toml", "", "Field required"),
        ("codebook.toml", '[[variable]]\nname = "a"\ntype = "txt"', r"variable\[a\].type"),
        ("codebook.toml", '[[variable]]\nname = "title"\ntype = "text"', "identity column"),
        ("studies.csv", "", "the file is empty"),
        ("studies.csv", "study_id\nx,y\n", "2 cells, the header 1"),
        ("studies.csv", "title\nx\n", "column 'study_id': the column is missing"),
        ("studies.csv", "study_id,title\n,x\n", "column 'study_id': the cell is empty"),
        ("studies.csv", "study_id,title\nx,=cmd\n", "spreadsheet formula"),
        ("studies.csv", "study_id,title\nx," + "y" * 10**6 + "\n", "1,000,000 characters"),
    ],
)
def test_broken_files_are_reported_not_raised(new_review, file, text, said):
    import re

    (new_review / file).write_text(text, encoding="utf-8")
    report = check(new_review)
    assert not report.ok
    assert any(re.search(said, str(p)) for p in report.problems), [str(p) for p in report.problems]


def test_a_role_of_no_variable_is_an_error_once_there_are_studies(new_review):
    text = 'title = "x"\n[roles]\nmodality = "modalty"'
    (new_review / "review.toml").write_text(text, encoding="utf-8")
    (problem,) = check(new_review).problems
    assert (problem.level, problem.column) == ("warning", "roles.modality")
    (new_review / "studies.csv").write_text(
        "study_id,first_author,year\na,Lee,2020\n", encoding="utf-8"
    )
    assert only(check(new_review)).suggestion == "modality"


def test_adjudications_are_checked_against_the_codebook(kim_copy):
    edit(kim_copy / "codings" / "adjudication.csv", "n_classes,2,,2,", "n_classes,2,,two,")
    problem = only(check(kim_copy))
    assert (problem.line, problem.column) == (2, "consensus")

"""`review check`: what it asks of each file beyond the types of its cells."""

from __future__ import annotations

import shutil

import pytest

from review.project import open_review
from review.resources import resource_dir
from review.schema.row_rules import FIRST_YEAR
from review.workflow.coding.init import init_review
from review.workflow.whole_check import check_folder

THIS_YEAR = 2026
HEAD = "study_id,first_author,year,title,doi,pmid\n"
GOOD = "lee2018,Lee,2018,Breast MRI,10.1000/a,29269036\n"


def problems(folder, *, level=None):
    report = check_folder(open_review(folder), this_year=THIS_YEAR)
    skip = ("no doi and no source_url", "no evidence")
    return [
        p
        for p in report.problems
        if (level is None or p.level == level) and not any(s in p.message for s in skip)
    ]


def write(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "line", "column", "said"),
    [
        ("x,,2018,,,", 3, "first_author", "the cell is empty, and so is the title"),
        ("x,Lee,,Title,,", 3, "year", "the cell is empty"),
        ("x,Lee,2028,Title,,", 3, "year", "later than next year"),
        ("x,Lee,2200,Title,,", 3, "year", "later than next year"),
        ("x,Lee,1799,Title,,", 3, "year", "too early"),
        ("x,Lee,20188,Title,,", 3, "year", "less than or equal to 2200"),
        ("x,Lee,2018,Title,,PMID: 29269036", 3, "pmid", "did you mean '29269036'"),
        ("x,Lee,2018,Title,,29269036.0", 3, "pmid", "did you mean '29269036'"),
        ("x,Lee,2018,Title,,https://pubmed.ncbi.nlm.nih.gov/29269036/", 3, "pmid", "'29269036'"),
        ("x,Lee,2018,Title,,PMC5739791", 3, "pmid", "not a PMID: 'PMC5739791' (allowed"),
        ("x,Lee,2018,Title,,2.93E+07", 3, "pmid", "not a PMID"),
        ("x,Lee,2018,Title,11.1/x,", 3, "doi", "not a DOI"),
        ("Total,,,,,", 3, "study_id", "a row that sums up others, not a study"),
        ("x,Overall,,,,", 3, "first_author", "a row that sums up others, not a study"),
        ("x,Lee,2018,Pooled effect,,", 3, "title", "a row that sums up others, not a study"),
    ],
)
def test_a_row_that_is_no_study_or_cannot_be_found_is_an_error(new_review, row, line, column, said):
    write(new_review, "studies.csv", HEAD + GOOD + row + "\n")
    found = [p for p in problems(new_review, level="error") if p.column == column]
    assert [(p.file, p.line) for p in found] == [("studies.csv", line)], problems(new_review)
    assert said in str(found[0])


@pytest.mark.parametrize(
    "row",
    [
        "x,Lee,NR,Title,,NR",
        "x,,2018,Title,,",
        "x,Lee,2018,,,",
        "x,Sum,2018,Title,,123456789",
        f"x,Lee,{FIRST_YEAR},Title,,1",
        f"x,Lee,{THIS_YEAR + 1},Title,,",
        "total2019knee,Total Knee Group,2019,Total knee replacement,,",
    ],
)
def test_a_study_that_can_be_found_is_none(new_review, row):
    write(new_review, "studies.csv", HEAD + GOOD + row + "\n")
    assert problems(new_review) == []


def test_studies_can_be_read_and_analysed_while_something_is_being_looked_up(new_review):
    write(new_review, "studies.csv", HEAD + "x,,,,,PMC1\n")
    assert len(problems(new_review, level="error")) == 3
    assert open_review(new_review).study("x").pmid == "PMC1"


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("b,Kim,2019,Other,10.1000/A,", "the same DOI as lee2018"),
        ("b,Kim,2019,Other,,29269036", "the same PMID as lee2018"),
        ("b,Kim,2018,breast mri.,,", "the same title and year as lee2018"),
    ],
)
@pytest.mark.parametrize("file", ["studies.csv", "excluded.csv"])
def test_a_study_that_is_there_twice_is_noted_in_both_tables(new_review, second, said, file):
    write(new_review, "studies.csv", HEAD + GOOD + (f"{second}\n" if file == "studies.csv" else ""))
    if file == "excluded.csv":
        write(new_review, file, HEAD + second + "\n")
    (found,) = problems(new_review)
    assert (found.file, found.level, found.study_id) == (file, "warning", "b")
    assert said in found.message


def test_a_study_that_is_included_and_excluded_is_noted(new_review):
    write(new_review, "studies.csv", HEAD + GOOD)
    write(new_review, "excluded.csv", HEAD + "LEE2018,Lee,2018,Another,,\n")
    (found,) = problems(new_review)
    assert found.message == "the same study_id as lee2018: the same study twice?"


@pytest.mark.parametrize(
    ("file", "text", "said", "level"),
    [
        ("decisions.csv", "record_id,stage,decision\nr1,ful_text,include\n",
         "decisions.csv:2: column 'stage': unknown word: 'ful_text'; did you mean 'full_text'",
         "error"),
        ("decisions.csv", "record_id,stage,decision,reson\nr1,full_text,exclude,age\n",
         "column 'reson': a column of your own, which is not read; did you mean 'reason'",
         "warning"),
        ("searches.csv", "source,date,querry\nPubMed,2020,x\n", "did you mean 'query'", "warning"),
        ("searches.csv", "sorce\nPubMed\n", "column 'source': the column is missing", "error"),
        ("records.csv", "record_id,duplicate\nr1,r1\n", "did you mean 'duplicate_of'", "warning"),
        ("records.csv", "record_id,pmid\nr1,PMID 29269036\n", "not a PMID", "warning"),
        ("records.csv", "record_id,doi\nr1,none of it\n", "not a DOI", "warning"),
        ("records.csv", "record_id,year\nr1,2219\n", "later than next year", "warning"),
        ("weights.csv", "study_id,wieght\nlee2018,1\n", "did you mean 'weight'", "error"),
        ("weights.csv", "study_id,weight\nle2018,1\n", "did you mean 'lee2018'", "error"),
        ("datasets.csv", "name,year\nTotal,2020\n", "a row that sums up others", "error"),
        ("datasets.csv", "name,year\nA,2029\n", "later than next year", "error"),
        ("excluded.csv", "study_id,title,raeson\nx,T,y\n", "did you mean 'reason'", "error"),
        ("excluded.csv", "study_id,title\nx,T\n", "column 'year': the cell is empty", "warning"),
        ("results.csv", "study_id,metrc\nlee2018,auc\n", "did you mean 'metric'", "error"),
        ("risk_of_bias.csv", "study_id,tol\nlee2018,QUADAS-2\n", "did you mean 'tool'", "error"),
        ("published.toml", '[source]\nkey = "x"\njurnal = "J"\n', "did you mean 'source.journal'",
         "warning"),
        ("published.toml", '[source]\nkey = "x"\n[[claim]]\ntext = "y"\n', "did you mean 'claims'",
         "warning"),
        ("published.toml", '[source]\nkey = "x"\n[prisma]\nincldued = 3\n', "did you mean",
         "error"),
        ("review.toml", 'title = "x"\nauthrs = ["y"]\n', "unknown entry", "error"),
        ("codebook.toml", '[[variable]]\nname = "a"\ntype = "text"\nlable = "A"\n',
         "did you mean 'label'", "error"),
        ("mappings.toml", '[[mapping]]\nheading = ["a"]\n', "mappings.toml", "error"),
        ("log.csv", "change,when,who\n", "log.csv:1", "error"),
        ("study.csv", "study_id\nx\n", "no file of a review: it is not read", "warning"),
    ],
)  # fmt: skip
def test_every_file_of_a_folder_is_read(tmp_path, file, text, said, level):
    init_review(tmp_path / "mine", title="Mine", template="imaging")
    folder = tmp_path / "mine"
    write(folder, "studies.csv", HEAD + GOOD)
    if file == "study.csv":
        (folder / "studies.csv").unlink()
    else:
        assert problems(folder) == []
    write(folder, file, text)
    found = [p for p in problems(folder) if said in str(p)]
    assert found, [str(p) for p in problems(folder)]
    assert {p.level for p in found} == {level}


@pytest.mark.parametrize("level", ["error", "warning"])
def test_only_errors_change_the_exit_status(new_review, run, level):
    row = "x,Lee,2018,Title,10.1000/a,\n" if level == "warning" else "x,Lee,,Title,,\n"
    write(new_review, "studies.csv", HEAD + GOOD + row)
    done = run("check", new_review)
    assert done.code == (level == "error")
    assert ("note:" in done.out, "error:" in done.out) == (True, level == "error")


def test_a_required_variable_is_missed_only_where_nothing_is_said(new_review):
    write(new_review, "codebook.toml",
          '[[variable]]\nname = "dose"\ntype = "number"\nrequired = true\n')  # fmt: skip
    head = HEAD.replace("\n", ",dose\n")
    body = "".join(f"{i},Lee,2018,Title {i},,,{dose}\n" for i, dose in (("a", "1"), ("b", "NR"),
                                                                     ("c", "")))  # fmt: skip
    write(new_review, "studies.csv", head + body)
    found = [p for p in problems(new_review, level="error") if p.file == "studies.csv"]
    assert [(p.line, p.column, p.study_id) for p in found] == [(4, "dose", "c")]


@pytest.mark.parametrize(
    ("template", "columns", "cells", "said"),
    [
        ("rct", "events_treated,n_treated", "12,10", "events_treated is above n_treated, 10"),
        ("rct", "hazard_ratio,hazard_ratio_ci_low", "0.5,0.7", "above hazard_ratio, 0.5"),
        ("rct", "hazard_ratio,hazard_ratio_ci_high", "0.5,0.4", "above hazard_ratio_ci_high, 0.4"),
        ("prevalence", "n_cases,n_sample", "12,10", "n_cases is above n_sample, 10"),
        ("prognosis", "n_events,n_participants", "12,10", "n_events is above n_participants, 10"),
    ],
)
def test_counts_and_limits_that_cannot_be_are_notes(tmp_path, template, columns, cells, said):
    folder = tmp_path / "mine"
    init_review(folder, title="Mine", template=template)
    head, good = HEAD.strip(), GOOD.strip()
    write(folder, "studies.csv", f"{head},{columns}\n{good},{cells}\n")
    doubts = [p for p in problems(folder) if p.message.startswith("impossible")]
    assert [(p.file, p.line, p.level, p.study_id) for p in doubts] == [
        ("studies.csv", 2, "warning", "lee2018")
    ]
    assert said in doubts[0].message
    write(folder, "studies.csv", f"{head},{columns}\n{good},{','.join(cells.split(',')[::-1])}\n")
    assert [p for p in problems(folder) if p.level == "warning"] == []


def test_a_sensitivity_against_its_counts_is_a_note(new_review):
    write(new_review, "studies.csv", HEAD + GOOD)
    write(new_review, "results.csv",
          "study_id,metric,value,tp,fn\nlee2018,sensitivity,0.485,120,22\n")  # fmt: skip
    doubts = [p for p in problems(new_review) if "doubtful (inconsistent)" in p.message]
    assert [(p.file, p.line, p.level) for p in doubts] == [("results.csv", 2, "warning")]
    assert "TP / (TP + FN) = 120/142" in doubts[0].message


@pytest.mark.parametrize("name", ["kim2022", "wang2021", "shtem2021"])
def test_the_bundled_reviews_have_no_error(tmp_path, name):
    folder = shutil.copytree(resource_dir("data") / name, tmp_path / name)
    assert problems(folder, level="error") == []


def test_a_broken_codebook_is_told_once_and_nothing_else_is_guessed(new_review):
    write(new_review, "codebook.toml", "[[variable]\n")
    write(new_review, "studies.csv", HEAD + "Total,,,,,\n")
    (found,) = problems(new_review)
    assert (found.file, found.level) == ("codebook.toml", "error")

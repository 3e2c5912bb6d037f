"""Coders answer the form; what they agree on goes to studies.csv, and nothing is typed twice."""

from __future__ import annotations

import pytest

from review.errors import DataError, InputError, UnknownNameError
from review.project import open_review
from review.project.take_back import take_back
from review.workflow.coding.agreed_values import write_agreed
from review.workflow.coding.coded_answers import (
    answers_of,
    coder_named,
    coding_progress,
    studies_left,
    write_answers,
)
from review.workflow.coding.linked_studies import link_studies

LEE, BERG = "lee2019vaccination", "vanderberg2020trial"


@pytest.fixture(name="coded")
def _coded(folder):
    link_studies(open_review(folder))
    return folder


def answer(folder, by, study=LEE, **cells):
    return write_answers(open_review(folder), study, cells, by=by)


def test_answers_are_written_one_by_one_in_the_coder_s_file(coded, rows):
    assert answer(coded, "Ann", design="rct", n="120") == {"design": ("", "RCT"), "n": ("", "120")}
    assert answer(coded, "ann", arms="2; BCG") == {"arms": ("", "placebo;BCG")}
    assert rows("codings/Ann.csv") == [
        {"study_id": LEE, "design": "RCT", "n": "120", "arms": "placebo;BCG", "remark": ""}
    ]
    assert answer(coded, "Ann", n="NR") == {"n": ("120", "NR")}
    assert answers_of(open_review(coded), "Ann", LEE)["n"] == "NR"
    assert answer(coded, "Ann", n="NR") == {}
    assert studies_left(open_review(coded), "Ann")[0] == LEE
    answer(coded, "Ann", remark="page 3")
    assert studies_left(open_review(coded), "Ann")[0] == BERG
    assert studies_left(open_review(coded), "Bo")[0] == LEE
    assert coding_progress(open_review(coded))[0]["answered"] == {"Ann": 4}
    take_back(open_review(coded), None)
    assert answers_of(open_review(coded), "Ann", LEE)["remark"] == ""
    assert answer(coded, "Bo", n="") == {}
    assert not (coded / "codings/Bo.csv").exists()


def test_answers_that_do_not_fit_are_refused_and_nothing_is_written(coded):
    with pytest.raises(DataError, match="not a word of the vocabulary"):
        answer(coded, "Ann", design="RCTs", n="5")
    with pytest.raises(DataError, match="below the minimum"):
        answer(coded, "Ann", n="0")
    with pytest.raises(UnknownNameError, match="desing"):
        answer(coded, "Ann", desing="RCT")
    with pytest.raises(UnknownNameError, match=LEE):
        answer(coded, "Ann", "lee2019vacination", n="5")
    for name in ("adjudication", "../evil", "a/b", ".hidden", "", "con"):
        with pytest.raises(InputError, match="--by"):
            coder_named(open_review(coded), name)
    assert not (coded / "codings").exists()
    assert coder_named(open_review(coded), " Ann  Lee ") == "Ann Lee"


def test_what_coders_agree_on_is_written_and_nothing_else(coded, rows):
    answer(coded, "Ann", design="RCT", n="120", arms="BCG;placebo", remark="page 3")
    answer(coded, "Bo", design="RCT", n="121", arms="placebo;BCG", remark="page  3")
    answer(coded, "Ann", BERG, design="cohort", n="NR")
    answer(coded, "Bo", BERG, design="cohort", n="NA")
    answer(coded, "Ann", "worldhealthorganization2018report", n="7")
    done = write_agreed(open_review(coded))
    assert done.written == [
        (LEE, "design", "RCT"), (LEE, "arms", "BCG;placebo"), (LEE, "remark", "page 3"),
        (BERG, "design", "cohort"),
    ]  # fmt: skip
    assert (done.differing, done.alone) == (2, ["worldhealthorganization2018report"])
    assert rows("studies.csv")[0]["n"] == ""
    assert write_agreed(open_review(coded)).written == []
    open_review(coded)
    answer(coded, "Ann", design="cohort")
    answer(coded, "Bo", design="cohort")
    kept = write_agreed(open_review(coded)).kept
    assert kept == [(LEE, "design", "RCT", "cohort")]
    answer(coded, "Ann", "worldhealthorganization2018report", arms="BCG")
    answer(coded, "Bo", "worldhealthorganization2018report", n="7")
    done = write_agreed(open_review(coded), variables=["arms", "n"])
    assert (done.open, done.differing) == (1, 2)
    assert done.written == [("worldhealthorganization2018report", "n", "7")]
    alone = write_agreed(open_review(coded), ["Ann"], ["n"]).written
    assert (LEE, "n", "120") in alone
    assert (BERG, "n", "NR") in alone


def test_one_coder_agrees_with_nobody(coded):
    with pytest.raises(InputError, match="review code STUDY"):
        write_agreed(open_review(coded))
    answer(coded, "Ann", n="5")
    with pytest.raises(InputError, match="--coders Ann"):
        write_agreed(open_review(coded))
    with pytest.raises(UnknownNameError, match="Bo"):
        write_agreed(open_review(coded), ["Bo"])


def test_the_form_asks_goes_back_and_resumes(run, coded, rows):
    typed = "RCT\nabc\n-4\n120\n:b\n121\n:q\n"
    done = run("code", LEE, "--by", "Ann", "--review", coded, stdin=typed)
    assert "Two thousand children." in done.out
    assert "report x1: preprint; 2017; medRxiv; 10.1101/x1" in done.out
    assert "(2/4) n" in done.err
    assert "not a whole number" in done.err
    assert "below the minimum (allowed: a whole number, at least 1 (people))" in done.err
    assert "2 answered in this run, all of it is written to codings/Ann.csv" in done.out
    assert rows("codings/Ann.csv")[0]["n"] == "121"
    again = run("code", LEE, "--by", "Ann", "--review", coded, stdin="1;4\n1\n\n:l\n")
    assert "2 of 4 answered before" in again.err
    assert "(3/4) arms" in again.err
    assert "(1/4) design" not in again.err
    assert "not a word of the vocabulary" in again.err
    assert rows("codings/Ann.csv")[0]["arms"] == "BCG"
    last = run("code", LEE, "--by", "Ann", "--review", coded, stdin=":g desing\n:g design\n:c\n\n")
    assert "did you mean 'design'?" in last.err
    assert rows("codings/Ann.csv")[0]["design"] == ""


def test_without_a_study_all_of_them_come_in_turn(run, coded):
    done = run("code", "--by", "Ann", "--review", coded, stdin="1\n9\nBCG\nx\n:n\n:q\n")
    assert f"[1/3] {LEE}" in done.out
    assert f"[2/3] {BERG}" in done.out
    assert "[3/3] worldhealthorganization2018report" in done.out
    assert "2 of 3 studies with open questions" in done.out
    full = run("code", LEE, "--by", "Ann", "--review", coded, stdin="\n")
    assert "every question is answered" in full.err
    shown = run("code", "--list", "--review", coded).out
    assert "4/4" in shown
    assert run("code", "lee2019vacination", "--by", "A", "--review", coded, stdin="").code == 2


def test_link_and_code_as_commands(run, folder):
    done = run("link", folder)
    assert f"{LEE}: added, from p1 and x1" in done.out
    assert "3 studies added" in done.out
    assert "0 studies added" in run("link", folder).out
    assert "x1 is no report of" in run("link", folder, "--unlink", "x1", "--by", "Ann").out
    assert run("link", folder, "--set", f"x1={BERG}", "--by", "Ann").code == 0
    assert "4 reports of 3 studies" in run("link", folder, "--list").out
    assert run("link", folder, "--set", "x1", "--by", "Ann").code == 2
    assert "say who decides" in run("link", folder, "--set", "x1=new").err
    said = run("code", LEE, "--by", "Ann", "--set", "n=12", "--review", folder)
    assert f"set n of {LEE}: (open) -> 12" in said.out
    assert run("code", LEE, "--by", "Bo", "--set", "n=12", "--review", folder).code == 0
    agreed = run("adjudicate", "--agreed", "--review", folder)
    assert "1 cell of studies.csv were filled" in agreed.out.replace("was", "were")
    assert "report p1" in run("show", LEE, "--review", folder).out
    assert "linked to a study" not in run("check", folder).out

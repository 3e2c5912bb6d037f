"""`review report` from the command line."""

from __future__ import annotations

import json

import pytest

from review.report import pdf

QUICK = ["--section", "protocol", "--section", "studies,checklist"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def test_the_file_is_named_after_the_review(run, tmp_path):
    done = run("report", "--review", "wang2021", *QUICK)
    assert done.code == 0
    assert (tmp_path / "wang2021-report.html").read_text("utf-8").startswith("<!doctype html>")
    assert "wrote wang2021-report.html" in done.out


def test_json_tells_what_was_written(run):
    done = run("report", "-r", "wang2021", *QUICK, "--out", "a.html", "--date", "2026-05-04",
               "--json")  # fmt: skip
    told = json.loads(done.out)
    assert told["files"] == ["a.html"]
    assert told["date"] == "2026-05-04"
    assert told["studies"] == 89
    assert [s["name"] for s in told["sections"]] == ["protocol", "studies", "checklist"]


def test_sections_without_data_are_listed(run):
    done = run("report", "-r", "wang2021", "--section", "search,agreement", "--out", "a.html")
    assert "no data for: Search strategy, Coder agreement" in done.err
    assert "searches.csv" in done.err


def test_a_filter_is_named_in_the_command_that_the_report_shows(run, tmp_path):
    filtered = 'organ == "brain"'
    done = run("report", "-r", "wang2021", "--where", filtered, "--section", "studies,provenance",
               "--out", "a.html")  # fmt: skip
    assert done.code == 0
    html = (tmp_path / "a.html").read_text("utf-8")
    assert "20 studies" in html
    assert "--where &#39;organ == &#34;brain&#34;&#39;" in html


def test_changes_since_an_older_report_are_printed(run, tmp_path):
    run("report", "-r", "wang2021", "--section", "studies", "--out", "old.html")
    done = run("report", "-r", "shtem2021", "--section", "studies", "--out", "new.html",
               "--compare", "old.html")  # fmt: skip
    assert done.code == 0
    assert "changes since the report" in done.out
    assert "removed studies (89)" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--section", "sumary"], "did you mean 'summary'"),
        (["--theme", "drak"], "did you mean 'dark'"),
        (["--date", "yesterday"], "2026-01-31"),
        (["--compare", "gone.html"], "no such file"),
        (["--out", "none/report.html"], "cannot write"),
        (["--out", "."], "it is a folder"),
        (["--out", "report.pdf", "--format", "docx"], "file of the format pdf"),
        (["--format", "odt"], "docx, md"),
        (["--review", "kim2021"], "did you mean 'kim2022'"),
        (["--where", "organ =="], "cannot read the filter"),
        (["--colour", "red"], "No such option"),
    ],
)
def test_wrong_input_is_told_in_one_message_and_writes_nothing(run, tmp_path, arguments, said):
    arguments = ["report", *arguments]
    if "--review" not in arguments:
        arguments += ["--review", "wang2021"]
    if "--section" not in arguments:
        arguments += ["--section", "protocol"]
    done = run(*arguments)
    assert done.code == 2
    assert said in done.err
    assert not list(tmp_path.iterdir())


def test_pdf_without_a_browser_says_how_to_get_one(run, tmp_path, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    done = run("report", "-r", "wang2021", *QUICK, "--pdf")
    assert done.code == 2
    assert "apt install chromium" in done.err
    assert not list(tmp_path.iterdir())


def test_a_browser_that_is_named_must_exist(run, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/no/browser")
    done = run("report", "-r", "wang2021", *QUICK, "--pdf")
    assert done.code == 2
    assert "BROWSER_PATH" in done.err


def test_a_browser_that_fails_is_reported(run, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "/bin/false")
    done = run("report", "-r", "wang2021", *QUICK, "--pdf")
    assert done.code == 2
    assert "printed no PDF" in done.err
    assert (tmp_path / "wang2021-report.html").exists()


def test_broken_data_stop_the_report(run, kim_copy):
    (kim_copy / "studies.csv").write_text("study_id,nope\na,b\n")
    done = run("report", "-r", str(kim_copy), "--section", "studies")
    assert done.code == 2
    assert "unknown column" in done.err

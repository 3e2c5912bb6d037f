"""`review screen`, run as a user runs it."""

from __future__ import annotations

import csv
import json

import pytest
import typer

SETTINGS = """title = "Mine"

[screening]
reviewers = 2
reasons = ["wrong population", "no control group"]
keywords = ["random*"]
"""
RECORDS = """record_id,title,abstract,year
a1,Randomised trial,In people,2019
a2,Mice,In mice,2021
a3,Another trial,With a control,2020
a4,Trial again,With a control,2018
"""


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "review.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "records.csv").write_text(RECORDS, encoding="utf-8")
    return folder


def decided(folder):
    with (folder / "decisions.csv").open(encoding="utf-8", newline="") as file:
        return [
            (r["record_id"], r["decision"], r["reason"], r["note"]) for r in csv.DictReader(file)
        ]


def test_a_session_with_keys(run, folder):
    answers = "n\nsee page 3\ni\nx\n2\nu\n1\ns\nd\na3\n?\n"
    done = run("screen", folder, "--by", "Ann", stdin=answers)
    assert "Randomised trial" in done.out
    assert "2 exclude: no control group" in done.err
    assert "3 decided, 1 left; all of it is written" in done.out
    assert decided(folder) == [
        ("a1", "include", "", "see page 3"), ("a2", "exclude", "wrong population", ""),
    ]  # fmt: skip
    assert "a4,a3,same,seen while screening,Ann" in (folder / "duplicates.csv").read_text()
    again = run("screen", folder, "--by", "Ann", stdin="u\ni\n")
    assert "nothing was decided in this run" in again.err
    assert "1 decided, 0 left" in again.out
    assert "nothing is left" in run("screen", folder, "--by", "Ann", stdin="").out


def test_undo_brings_the_record_back(run, folder):
    done = run("screen", folder, "--by", "Ann", stdin="d\na3\nu\ne\nu\ni\nq\n")
    assert "1 decided, 3 left" in done.out
    assert [d[:2] for d in decided(folder)] == [("a1", "include")]
    assert "a1,a3" not in (folder / "duplicates.csv").read_text()


def test_keys_of_a_terminal_can_be_others(run, folder, monkeypatch):
    pressed = iter(["x", "y", "\x03"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "getchar", lambda: next(pressed))
    done = run("screen", folder, "--by", "Ann", "--key", "exclude=x", "--key", "include=y")
    assert "y include, x exclude" in done.err
    assert [d[:2] for d in decided(folder)] == [("a1", "exclude"), ("a2", "include")]
    assert "2 decided, 2 left; all of it is written" in done.out


def test_a_full_text_is_asked_for_its_reason(run, folder):
    for name in ("Ann", "Bo"):
        run("screen", folder, "--by", name, "--decide", "a1", "include")
        run("screen", folder, "--by", name, "--decide", "a3", "maybe")
    done = run(
        "screen", folder, "--by", "Ann", "--stage", "full-text", stdin="e\n\nm\ne\n9\ne\n2\n2\n"
    )
    assert "Why (1 wrong population, 2 no control group)" in done.err
    assert "not among the reasons" in done.err
    assert [d[1:3] for d in decided(folder)[-2:]] == [("exclude", "no control group")] * 2


def test_a_script(run, folder):
    made = run("screen", folder, "--by", "Ann", "--decide", "a1", "exclude", "--reason", "1")
    assert made.out.strip() == "a1: exclude: wrong population"
    made = run("screen", folder, "--by", "Bo", "--decide", "a1", "include", "--json")
    assert json.loads(made.out)["decision"] == "include"
    listed = run("screen", folder, "--conflicts")
    assert "Ann: exclude: wrong population" in listed.out
    assert "1 dispute not settled" in listed.out
    assert json.loads(run("screen", folder, "--conflicts", "--json").out)[0]["kind"] == "decision"
    assert (
        "settled: include" in run("screen", folder, "--by", "Cho", "--settle", "a1", "include").out
    )
    told = json.loads(run("screen", folder, "--progress", "--json").out)
    assert (told["stages"][0]["included"], told["stages"][1]["records"]) == (1, 1)
    assert (
        "4 records, 1 settled (1 in, 0 out), 3 untouched" in run("screen", folder, "--progress").out
    )
    run("screen", folder, "--unsettle", "a1")
    assert "1 dispute" in run("screen", folder, "--conflicts").out
    assert "cleared (was exclude)" in run("screen", folder, "--by", "Ann", "--clear", "a1").out
    shown = run("screen", folder, "--by", "Ann", "--next", "--json")
    assert json.loads(shown.out)["record_id"] == "a1"
    assert "title: Mice" in run("screen", folder, "--by", "Bo", "--next").out
    run("screen", folder, "--by", "Ann", "--duplicate", "a4", "a3")
    back = run("screen", folder, "--by", "Ann", "--not-duplicate", "a4")
    assert back.out.strip() == "a4 is kept beside a3"
    assert run("check", "--review", folder).code == 0


def test_ranking_and_recall(run, folder):
    answers = "i\n" + "e\n" * 3
    done = run("screen", folder, "--by", "Ann", "--order", "relevance", stdin=answers)
    assert "4 decided, 0 left" in done.out
    run("screen", folder, "--by", "Bo", "--order", "random", stdin="e\ne\ne\n")
    told = run("screen", folder, "--recall", "--target", "0.9")
    assert "3 of 4 records screened" in told.out
    assert "1 record that wait" in told.err
    assert json.loads(run("screen", folder, "--recall", "--json").out)["sampling"] == "random"
    assert "between 0 and 1" in run("screen", folder, "--recall", "--target", "95").err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--decide", "a1", "include"], "say who screens"),
        (["--by", "Ann", "--decide", "a1", "inclde"], "unknown decision 'inclde'"),
        (["--by", "Ann", "--decide", "a7", "include"], "unknown record 'a7'"),
        (["--by", "Ann", "--decide", "a1"], "requires 2 arguments"),
        (["--by", "Ann", "--decide", "a1", "include", "--conflicts"], "cannot be combined"),
        (["--by", "Ann", "--progress", "--reason", "x"], "--reason and --note go with"),
        (["--by", "Ann", "--json"], "--json goes with"),
        (["--by", "Ann", "--order", "best"], "unknown order 'best'"),
        (["--by", "Ann", "--stage", "third"], "unknown stage"),
        (["--by", "Ann", "--key", "exclude=i"], "include and exclude have the same key"),
        (["--by", "Ann", "--key", "exclude"], "write it as ACTION=KEY"),
        (["--by", "Ann", "--clear", "a1"], "holds no decision of Ann on 'a1'"),
        (["--by", "Ann", "--settle", "a1", "include"], "nothing is in dispute"),
        (["--by", "Ann", "--duplicate", "a1", "a1"], "is one record, not a pair"),
        (["--by", "Ann", "--not-duplicate", "a1"], "not marked as a duplicate"),
        (["--review", "x"], "name the same thing"),
    ],
)
def test_wrong_inputs(run, folder, options, said):
    done = run("screen", folder, *options, stdin="")
    assert done.code == 2
    assert said in done.err
    assert not (folder / "decisions.csv").exists()


def test_a_bundled_review_is_not_written_to(run):
    assert "read-only" in run("screen", "--review", "kim2022", "--by", "A", stdin="").err

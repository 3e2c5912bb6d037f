"""`review set`, `review log` and `review undo` as they are typed."""

from __future__ import annotations

import json

import pytest

from review.project.lock import locked


@pytest.fixture(name="mine")
def _mine(new_review, run, monkeypatch):
    monkeypatch.setenv("REVIEW_USER", "Kim")
    for ident, auc in (("lee2018", "0.90"), ("kim2020", "0.80")):
        run("add", "--review", new_review, "--set", f"study_id={ident}", "--set", f"auc={auc}")
    return new_review


def state(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_set_log_undo(mine, run):
    before = (mine / "studies.csv").read_bytes()
    done = run("set", "lee2018", "auc=0.93", "year=2018", "--by", "Lee", "--review", mine)
    assert done.out.splitlines() == [
        "set auc of lee2018: 0.90 -> 0.93",
        "set year of lee2018: (empty) -> 2018",
        "change 4: 'review undo 4' takes it back",
    ]
    said = run("log", "--review", mine, "--last", "1").out.splitlines()
    assert said[0].startswith("change 4 (set, Lee, 20")
    assert said[1:] == [
        "  studies.csv lee2018 auc: 0.90 -> 0.93",
        "  studies.csv lee2018 year: (empty) -> 2018",
    ]
    assert run("undo", "--review", mine).out.startswith("took back change 4 (set, Lee, 20")
    assert (mine / "studies.csv").read_bytes() == before
    assert "[taken back by 5]" in run("log", "--review", mine).out
    run("undo", "5", "--review", mine)
    assert b"0.93" in (mine / "studies.csv").read_bytes()


def test_json(mine, run):
    done = json.loads(run("set", "lee2018", "auc=0.93", "--review", mine, "--json").out)
    assert done["cells"] == [{"variable": "auc", "old": "0.90", "new": "0.93"}]
    found = json.loads(run("log", "--study", "LEE2018", "--review", mine, "--json").out)
    assert [(c["change"], c["who"], c["command"]) for c in found] == [
        (2, "Kim", "add"),
        (4, "Kim", "set"),
    ]
    undone = json.loads(run("undo", "--review", mine, "--json").out)["undone"]
    assert (undone["change"], undone["rows"][0]["new"]) == (4, "0.93")


def test_a_dry_run_changes_nothing(mine, run):
    before = state(mine)
    assert "would set auc" in run("set", "lee2018", "auc=1", "--review", mine, "--dry-run").out
    assert "would take back change 3" in run("undo", "--dry-run", "--review", mine).out
    assert state(mine) == before


def test_what_is_there_already_is_said(mine, run):
    before = state(mine)
    assert "says so already" in run("set", "lee2018", "auc=0.90", "--review", mine).out
    assert state(mine) == before


def test_a_cell_is_emptied(mine, run):
    run("set", "lee2018", "auc=", "--review", mine)
    assert b"0.90" not in (mine / "studies.csv").read_bytes()


def test_the_log_of_one_file(mine, run):
    assert "review.toml" in run("log", "--file", "review.toml", "--review", mine).out
    assert "holds no such change" in run("log", "--file", "results.csv", "--review", mine).out
    assert "holds no change" in run("log", "--review", "kim2022").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "lee2019", "auc=1"], "did you mean 'lee2018'"),
        (["set", "lee2018", "acu=1"], "did you mean 'auc'"),
        (["set", "lee2018", "auc=high"], "studies.csv:2: [lee2018] column 'auc': not a number"),
        (["set", "lee2018", "auc=93%"], "did you mean '0.93'"),
        (["set", "lee2018", "auc=1", "modality=MRT"], "did you mean 'MRI'"),
        (["set", "lee2018", "auc"], "'auc' is no VARIABLE=VALUE"),
        (["set", "lee2018", "=1"], "is no VARIABLE=VALUE"),
        (["set", "lee2018", "auc=1", "auc=0"], "auc is given twice"),
        (["set", "lee2018", "study_id=x"], "names the row"),
        (["set", "lee2018", "auc=1", "--file", "study.csv"], "did you mean 'studies.csv'"),
        (["set", "lee2018", "auc=1", "--line", "7"], "line 7 of studies.csv holds no row"),
        (["set", "lee2018"], "Missing argument"),
        (["undo", "9"], "the log has no change 9 (it has 1 to 3"),
        (["undo", "1"], "delete the folder instead"),
        (["undo", "0"], "Invalid value for"),
        (["undo", "two"], "Invalid value for"),
        (["log", "--last", "0"], "Invalid value for"),
        (["log", "--last", "all"], "Invalid value for"),
    ],
)
def test_wrong_inputs_change_nothing(mine, run, arguments, said):
    before = state(mine)
    done = run(*arguments, "--review", mine)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert state(mine) == before


@pytest.mark.parametrize("command", [["set", "x", "auc=1"], ["undo"]])
def test_a_bundled_review_is_refused(run, command):
    done = run(*command, "--review", "kim2022")
    assert (done.code, "is read-only" in done.err) == (2, True)


@pytest.mark.parametrize("command", [["set", "lee2018", "auc=1"], ["undo"]])
def test_a_folder_that_somebody_else_changes_is_said(mine, run, command, monkeypatch):
    monkeypatch.setattr("review.project.transaction.locked", lambda f: locked(f, seconds=0))
    before = state(mine)
    with locked(mine):
        done = run(*command, "--review", mine)
    assert (done.code, "another program has been changing" in done.err) == (2, True)
    assert state(mine) == before


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["set", "lee2018", "auc=1"], "the first line is not that of a log"),
        (["undo"], "unknown column"),
        (["log"], "unknown column"),
        (["check"], "unknown column"),
    ],
)
def test_a_damaged_log_is_named_and_not_added_to(mine, run, command, said):
    log = mine / "log.csv"
    log.write_bytes(log.read_bytes().replace(b"change,", b"chnage,"))
    before = state(mine)
    done = run(*command, "--review", mine)
    assert done.code in {1, 2}
    assert said in done.err + done.out
    assert "log.csv:1" in done.err + done.out
    assert state(mine) == before


def test_what_check_will_say_of_a_row_is_said_when_it_is_written(mine, run):
    done = run("set", "lee2018", "pmid=abc", "year=", "auc=0.93", "--review", mine)
    assert done.out.startswith("set pmid of lee2018: (empty) -> abc")
    (one,) = [line for line in done.err.splitlines() if "'pmid'" in line]
    assert one.startswith("note: still wrong: studies.csv:2: [lee2018] column 'pmid': not a PMID")
    assert "auc" not in done.err
    assert run("set", "lee2018", "auc=0.94", "--review", mine).err == ""
    added = run("add", "--review", mine, "--set", "first_author=Wu", "--set", "title=Lungs")
    assert "added wu" in added.out
    assert "studies.csv:4: [wulungs] column 'year': the cell is empty" in added.err
    assert "lee2018" not in added.err
    dry = run("add", "--review", mine, "--set", "first_author=Xi", "--set", "title=B", "--dry-run")
    assert dry.err == ""

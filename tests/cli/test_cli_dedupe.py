"""`review dedupe`, run as a user runs it."""

from __future__ import annotations

import csv
import json

import pytest

ROWS = """record_id,title,authors,year,journal,volume,pages,doi
a1,Deep learning for chest films,Lee A; Wu B,2020,Eur Radiol,30,123-8,
b1,Deep learning for chest films,Lee A; Wu B,2020,European Radiology,30,123-128,10.1000/x
d1,Transfer learning of images,,2021,,,,10.1000/d
d2,Transfer learning of scans,,2021,,,,10.1000/d
"""


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")
    (folder / "records.csv").write_text(ROWS, encoding="utf-8")
    return folder


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_tour(run, folder, tmp_path):
    done = run("dedupe", folder)
    assert done.out.strip() == (
        "4 records: 1 duplicate, 0 pairs of reports of one study, 1 doubtful pair"
    )
    assert "review dedupe --doubtful" in done.err
    assert "1 doubtful" in run("dedupe", folder, "--list").out
    assert json.loads(run("dedupe", folder, "--list", "--json").out)[0]["records"][0]["doi"]
    asked = run("dedupe", "--review", folder, "--doubtful", stdin="Ann\nx\nd\n")
    assert "Transfer learning of scans" in asked.out
    assert "answer s, r, d" in asked.err
    assert "1 decided, 0 left" in asked.out
    assert "no pair is doubtful" in run("dedupe", folder, "--doubtful").out
    out = tmp_path / "out" / "once.csv"
    run("dedupe", folder, "--out", out)
    assert [r["record_id"] for r in table(out)] == ["b1", "d1", "d2"]
    assert table(out)[0]["merged_from"] == "a1"
    assert (
        "d1 and d2 were different (decided by Ann)" in run("dedupe", folder, "--undo", "last").err
    )
    told = json.loads(run("dedupe", folder, "--json").out)
    assert (told["duplicates"], told["decided"]) == (1, 0)
    assert told["groups"] == [["b1", "a1"]]


def test_answers_can_be_taken_back_and_left_for_later(run, folder):
    run("dedupe", folder)
    back = run("dedupe", folder, "--doubtful", "--by", "Ann", stdin="s\n")
    assert "1 decided" in back.out
    assert len(table(folder / "duplicates.csv")) == 2
    run("dedupe", folder, "--undo", "d2:d1")
    assert "0 decided, 1 left" in run("dedupe", folder, "--doubtful", "--by", "B", stdin="\n").out
    assert "0 decided, 1 left" in run("dedupe", folder, "--doubtful", "--by", "B", stdin="q\n").out
    assert "0 decided, 1 left" in run("dedupe", folder, "--doubtful", "--by", "B", stdin="").out


def test_undo_within_the_questions(run, folder):
    more = "e1,Learning of images by transfer,,2021,,,,10.1000/e\n"
    more += "e2,Learning of scans by transfer,,2021,,,,10.1000/e\n"
    (folder / "records.csv").write_text(ROWS + more, encoding="utf-8")
    run("dedupe", folder)
    done = run("dedupe", folder, "--doubtful", "--by", "Ann", stdin="s\nu\nd\nr\n")
    assert "2 decided, 0 left" in done.out
    said = {r["record_id"]: r["verdict"] for r in table(folder / "duplicates.csv")}
    assert (said["d1"], said["e1"]) == ("different", "report")


def test_a_dry_run_writes_nothing(run, folder):
    done = run("dedupe", folder, "--dry-run", "--json")
    assert json.loads(done.out)["written"] is False
    run("dedupe", folder, "--set", "a1:b1=different", "--by", "Ann", "--dry-run")
    assert sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) == [
        "records.csv", "review.toml",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "a1:b1"], "write it as RECORD:RECORD=VERDICT"),
        (["--set", "a1=same"], "write it as RECORD:RECORD=VERDICT"),
        (["--set", "a1:b1=same"], "say who decides"),
        (["--undo", "a1"], "RECORD:RECORD, or last"),
        (["--undo", "last"], "nobody has decided"),
        (["--list"], "run 'review dedupe' first"),
        (["--list", "--doubtful"], "cannot be combined"),
        (["--doubtful", "--json"], "--json cannot be combined"),
        (["--dry-run", "--undo", "last"], "--dry-run goes with --set"),
        (["--review", "kim2022"], "name the same thing"),
    ],
)
def test_options_that_do_not_fit_are_refused(run, folder, options, message):
    done = run("dedupe", folder, *options)
    assert done.code == 2
    assert message in done.err
    assert not (folder / "duplicates.csv").exists()

"""A review that stays open reads what has changed, and nothing else."""

from __future__ import annotations

import os

import pytest

from review.errors import DataError
from review.project import Review, watched_review
from review.project.watched_review import WatchedReview
from review.workflow.screening.screening_decisions import clear, decide, settle
from review.workflow.screening.screening_votes import SCREENING, ballots

RECORDS = "record_id,title\n" + "".join(f"r{i},Title {i}\n" for i in range(6))


@pytest.fixture(name="watched")
def _watched(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")
    (folder / "records.csv").write_text(RECORDS, encoding="utf-8")
    return WatchedReview(folder)


def test_a_state_is_kept_as_long_as_no_file_changes(watched):
    records = watched.records
    assert watched.fresh() is watched
    decide(watched, "r0", "include", by="Ann")
    after = watched.fresh()
    assert after is not watched
    assert after.records is records  # not read again
    assert watched.decisions == [] or len(watched.decisions) == 1  # read when first asked for
    assert [d.record_id for d in after.decisions] == ["r0"]


def test_decisions_that_were_added_are_read_alone(watched, monkeypatch):
    read = []
    parse = watched_review.parse_table
    monkeypatch.setattr(
        watched_review, "parse_table", lambda data, name: read.append(data) or parse(data, name)
    )
    for i in range(4):
        decide(watched, f"r{i}", "include", by="Ann")
        watched = watched.fresh()
        assert len(watched.decisions) == i + 1
    assert [data.count(b"\n") for data in read] == [2, 2, 2]  # the header and the new row
    clear(watched, "r1", by="Ann")
    watched = watched.fresh()
    assert [d.record_id for d in watched.decisions] == ["r0", "r2", "r3"]
    assert ballots(watched)[SCREENING].keys() == {"r0", "r2", "r3"}
    path = watched.path / "decisions.csv"
    path.write_text(path.read_text("utf-8") + "r4,title_abstract,Ann,perhaps\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"decisions\.csv:5"):  # the line of the whole file
        _ = watched.fresh().decisions


def test_votes_that_were_added_are_counted_as_if_all_were_counted(watched):
    steps = [("r0", "include", "Ann"), ("r0", "exclude", "Bo"), ("r1", "maybe", "Ann"),
             ("r0", "exclude", "Ann"), ("r1", "exclude", "Bo")]  # fmt: skip
    for record, decision, who in steps:
        decide(watched, record, decision, by=who)
        watched = watched.fresh()
        counted = ballots(watched)
        assert counted == ballots(WatchedReview(watched.path))
        states = {i: ballot.state for i, ballot in counted[SCREENING].items()}
        assert states == {i: b.state for i, b in ballots(Review(watched.path))[SCREENING].items()}
    settle(watched, "r1", "include", by="Cy")
    assert ballots(watched.fresh())[SCREENING]["r1"].state == "include"
    assert ballots(watched.fresh())[SCREENING]["r0"].state == "exclude"


def test_a_change_that_keeps_size_and_time_is_noticed(watched):
    assert watched.records[0].title == "Title 0"
    path = watched.path / "records.csv"
    before = path.stat()
    path.write_text(RECORDS.replace("Title 0", "Title X"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert watched.fresh().records[0].title == "Title X"


def test_what_is_made_of_files_is_kept_with_them(watched):
    made = []

    def ask(review):
        return review.derived("titles", ("records.csv",), lambda: made.append(1) or len(made))

    assert not watched.known("titles", ("records.csv",))
    assert (ask(watched), ask(watched.fresh())) == (1, 1)
    assert watched.known("titles", ("records.csv",))
    decide(watched, "r0", "include", by="Ann")
    assert ask(watched.fresh()) == 1
    (watched.path / "records.csv").write_text(RECORDS + "r9,Nine\n", encoding="utf-8")
    assert ask(watched.fresh()) == 2
    (watched.path / "review.toml").write_text('title = "Other"\n', encoding="utf-8")
    assert watched.fresh().settings.title == "Other"
    assert watched.fresh().fresh().settings.title == "Other"

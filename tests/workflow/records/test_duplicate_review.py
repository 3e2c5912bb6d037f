"""Duplicates of a review: rows of one file, decided by people, counted in the flow."""

from __future__ import annotations

import csv

import pytest

from review.errors import DataError, InputError
from review.project import open_review
from review.project.folder_check import check_review
from review.workflow.prisma import own_flow
from review.workflow.records.duplicate_review import (
    decide,
    dedupe,
    doubtful_pairs,
    merged_records,
    settle_doubts,
    undo,
)
from review.workflow.records.found_duplicates import Decided

HEADER = "record_id,source,title,authors,year,journal,volume,pages,doi,abstract,keywords"
RECORDS = """\
a1,Embase,Deep learning for chest films,Lee A; Wu B,2020,Eur Radiol,30,123-8,,Short.,film; chest
b1,PubMed,Deep learning for chest films,"Lee, Ann; Wu, Bo",2020,European Radiology,30,123-128,\
10.1000/x,A longer abstract.,Chest; lung
c1,Scopus,Deep learning for chest films,Lee A; Wu B,2019,medRxiv,,,10.1101/y,,
d1,Scopus,Transfer learning of images,,2021,,,,10.1000/d,,
d2,PubMed,Transfer learning of scans,,2021,,,,10.1000/d,,
e1,PubMed,Something else,Kim C,2018,Radiology,7,1-9,,,
"""


@pytest.fixture(name="folder")
def _folder(tmp_path):
    (tmp_path / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")
    (tmp_path / "records.csv").write_text(f"{HEADER}\n{RECORDS}", encoding="utf-8")
    return tmp_path


def rows(folder):
    with (folder / "duplicates.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verdicts(folder):
    return {(r["record_id"], r["other_id"]): r["verdict"] for r in rows(folder)}


def decision(one, other, verdict, reason="seen both"):
    return Decided(one, other, verdict, "Ann", reason)


def test_what_is_found_is_rows_and_the_records_stay(folder):
    before = (folder / "records.csv").read_bytes()
    done = dedupe(open_review(folder))
    assert (folder / "records.csv").read_bytes() == before
    assert verdicts(folder) == {
        ("a1", "b1"): "same", ("d1", "d2"): "doubt", ("b1", "c1"): "report",
    }  # fmt: skip
    assert {r["decided_by"] for r in rows(folder)} == {"rule"}
    assert all(r["reason"] and r["date"] for r in rows(folder))
    assert done.found.duplicates == 1
    assert check_review(open_review(folder)).ok


def test_the_flow_counts_the_rows(folder):
    dedupe(open_review(folder))
    flow = own_flow(open_review(folder))
    assert flow.counts()["identified"] == 6
    assert flow.counts()["duplicates_removed"] == 1
    decide(open_review(folder), [decision("d1", "d2", "same")])
    assert own_flow(open_review(folder)).counts()["duplicates_removed"] == 2
    decide(open_review(folder), [decision("a1", "b1", "different")])
    assert own_flow(open_review(folder)).counts()["duplicates_removed"] == 1


def test_no_duplicates_is_a_count_too(folder):
    (folder / "records.csv").write_text("record_id,title\na,One thing\nb,Another\n")
    assert own_flow(open_review(folder)).duplicates_removed is None
    dedupe(open_review(folder))
    assert own_flow(open_review(folder)).duplicates_removed == 0


def test_a_second_run_changes_nothing(folder):
    dedupe(open_review(folder))
    before = (folder / "duplicates.csv").read_bytes()
    dedupe(open_review(folder))
    assert (folder / "duplicates.csv").read_bytes() == before


def test_decisions_hold_when_more_records_come(folder):
    dedupe(open_review(folder))
    decide(open_review(folder), [decision("d1", "d2", "same"), decision("b1", "c1", "different")])
    with (folder / "records.csv").open("a", encoding="utf-8") as file:
        file.write(
            "f1,Web of Science,Deep learning for chest films,Lee A,2020,Eur Radiol,30,123,,,\n"
        )
    done = dedupe(open_review(folder))
    assert done.decided == 2
    found = verdicts(folder)
    assert found["f1", "b1"] == "same"
    assert found["b1", "c1"] == "different"
    assert {pair for pair, said in found.items() if "d1" in pair} == {("d2", "d1")}
    kept = [r for r in rows(folder) if r["decided_by"] == "Ann"]
    assert [(r["verdict"], r["reason"]) for r in kept] == [
        ("same", "seen both"), ("different", "seen both"),
    ]  # fmt: skip


def test_a_merge_is_undone_and_the_undoing_too(folder):
    decide(open_review(folder), [decision("b1", "a1", "different")])
    assert ("a1", "b1") not in verdicts(folder)
    taken = undo(open_review(folder))
    assert (taken["record_id"], taken["verdict"]) == ("b1", "different")
    assert verdicts(folder)["a1", "b1"] == "same"
    with pytest.raises(InputError, match="nobody has decided"):
        undo(open_review(folder))


def test_doubts_are_shown_and_settled_one_by_one(folder):
    with pytest.raises(InputError, match="run 'review dedupe' first"):
        doubtful_pairs(open_review(folder))
    dedupe(open_review(folder))
    ((one, other, why),) = doubtful_pairs(open_review(folder))
    assert (one["title"], other["title"]) == (
        "Transfer learning of images", "Transfer learning of scans",
    )  # fmt: skip
    assert "DOI" in why
    settle_doubts(open_review(folder), [decision("d1", "d2", "different")])
    assert doubtful_pairs(open_review(folder)) == []
    assert verdicts(folder)["d1", "d2"] == "different"
    dedupe(open_review(folder))
    assert doubtful_pairs(open_review(folder)) == []


def test_rows_written_by_hand_stay_with_their_columns(folder):
    text = "record_id,other_id,verdict,why_not\nd1,d2,duplicate,checked twice\n"
    (folder / "duplicates.csv").write_text(text, encoding="utf-8")
    dedupe(open_review(folder))
    mine = next(r for r in rows(folder) if "d1" in r.values())
    assert (mine["verdict"], mine["why_not"], mine["decided_by"]) == ("same", "checked twice", "")


def test_what_an_import_said_of_duplicates_counts(folder):
    path = folder / "records.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{line},{'d1' if line.startswith('d2') else ''}" for line in lines[1:]]
    path.write_text("\n".join([f"{HEADER},duplicate_of", *lines]) + "\n", encoding="utf-8")
    dedupe(open_review(folder))
    (row,) = [r for r in rows(folder) if "d1" in r.values()]
    assert (row["verdict"], row["decided_by"]) == ("same", "records.csv")
    decide(open_review(folder), [decision("d1", "d2", "different")])
    assert verdicts(folder)["d1", "d2"] == "different"


def test_a_decision_on_a_record_that_is_gone_is_named_and_kept(folder):
    decide(open_review(folder), [decision("d1", "e1", "report")])
    path = folder / "records.csv"
    kept = [x for x in path.read_text().splitlines(keepends=True) if not x.startswith("e1")]
    path.write_text("".join(kept))
    done = dedupe(open_review(folder))
    assert done.notes == ("records.csv holds no record e1: what Ann says of it is left out",)
    assert verdicts(folder)["d1", "e1"] == "report"


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ([("a1", "b1", "equal", "Ann", "")], "'equal' is no decision"),
        ([("a1", "b1", "same", " ", "")], "say who decides"),
        ([("a1", "b1", "same", "rule", "")], "say who decides"),
        ([("a1", "zz", "same", "Ann", "")], "'zz'"),
        ([("a1", "b1", "same", "Ann", ""), ("b1", "a1", "report", "Ann", "")], "decided twice"),
        ([("a1", "b1", "same", "Ann", "=1+1")], "the reason: .* formula"),
        (
            [("a1", "b1", "same", "Ann", ""), ("b1", "e1", "same", "Ann", ""),
             ("a1", "e1", "different", "Ann", "")],
            "contradict each other: a1 and e1",
        ),
    ],
)  # fmt: skip
def test_wrong_decisions_are_refused_and_nothing_is_written(folder, decisions, message):
    with pytest.raises(InputError, match=message):
        decide(open_review(folder), [Decided(*d) for d in decisions])
    assert not (folder / "duplicates.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("record_id,", "nr,", "column 'record_id' is missing"),
        ("e1,PubMed", "e1,Pub,Med", r"records.csv:7.*the row has 12 cells"),
        ("e1,", "a1,", "two records have the identifier 'a1'"),
        ("Something else", '"Something else', "never closed"),
    ],
)
def test_broken_records_are_named(folder, old, new, message):
    path = folder / "records.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises((DataError, InputError), match=message):
        dedupe(open_review(folder))
    assert not (folder / "duplicates.csv").exists()


def test_records_that_are_not_utf8_are_named(folder):
    (folder / "records.csv").write_bytes("record_id,title\na,Müller\n".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        dedupe(open_review(folder))


def test_a_review_without_records_says_what_to_do(tmp_path):
    (tmp_path / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")
    with pytest.raises(InputError, match="import the records first"):
        dedupe(open_review(tmp_path))
    with pytest.raises(InputError, match="read-only"):
        dedupe(open_review("kim2022"))


def test_the_best_of_each_field_is_kept_with_its_origin(folder):
    dedupe(open_review(folder))
    merged = {r["record_id"]: r for r in merged_records(open_review(folder))}
    assert list(merged) == ["b1", "c1", "d1", "d2", "e1"]
    best = merged["b1"]
    assert best["doi"] == "10.1000/x"
    assert best["abstract"] == "A longer abstract."
    assert best["keywords"] == "Chest; lung; film"
    assert best["source"] == "PubMed; Embase"
    assert (best["merged_from"], best["merged_fields"]) == ("a1", "")


def test_fields_that_the_kept_record_lacks_come_from_the_others(folder):
    path = folder / "records.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("A longer abstract.", ""), "utf-8")
    dedupe(open_review(folder))
    best = next(r for r in merged_records(open_review(folder)) if r["record_id"] == "b1")
    assert (best["abstract"], best["merged_fields"]) == ("Short.", "abstract: a1")

"""Settling disagreements: what is written, what stays, what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import os

import pytest

from review.errors import DataError, InputError, UnknownNameError
from review.project import open_review
from review.project.csv_tables import read_table
from review.project.folder_check import check_review
from review.workflow.coding.adjudicate import pending, resolve, undo
from review.workflow.coding.resolutions import Resolution, read_resolutions

DAY = dt.date(2026, 1, 2)


def decision(study="blanco2019wounds", variable="backbone", value="ResNet", **more):
    return Resolution(study, variable, value, more.pop("reason", "named in the title"),
                      more.pop("by", "Ann"), DAY, **more)  # fmt: skip


CARIES = decision("lee2018caries", "auc_ci_low", "0.79")


def test_open_disagreements_of_kim():
    found = {(d.study_id, d.variable) for d in pending(open_review("kim2022"))}
    assert ("lee2018caries", "auc_ci_low") in found
    assert ("ahn2018glaucoma", "auc") not in found  # settled in adjudication.csv
    assert not any(v == "condition" for _, v in found)
    text = pending(open_review("kim2022"), variables=["condition"])
    assert len(text) > 40


def test_a_decision_changes_one_cell_and_adds_one_line(kim_copy):
    studies, record = kim_copy / "studies.csv", kim_copy / "codings" / "adjudication.csv"
    before, old = studies.read_bytes(), record.read_bytes()
    done = resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_low", "0.86")])
    assert (done[0].before, done[0].after, done[0].in_studies) == ("0.79", "0.86", True)
    after = studies.read_bytes()
    changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert len(changed) == 2
    assert max(changed) - min(changed) == 1
    lines = record.read_text(encoding="utf-8").splitlines()
    assert lines[0] == (
        "study_id,variable,coder1,coder2,consensus,reason,adjudicator,date,previous"
    )
    # the rows that were there keep their characters; empty cells are added at their ends
    for new, was in zip(lines[1:], old.decode().splitlines()[1:], strict=False):
        assert new == was + ",,,"
    assert lines[-1] == (
        "lee2018caries,auc_ci_low,0.79,0.86,0.86,named in the title,Ann,2026-01-02,0.79"
    )
    assert check_review(open_review(kim_copy)).ok
    left = {(d.study_id, d.variable) for d in pending(open_review(kim_copy))}
    assert ("lee2018caries", "auc_ci_low") not in left


def test_a_study_outside_the_table_is_recorded_only(kim_copy):
    done = resolve(open_review(kim_copy), [decision()])
    assert not done[0].in_studies
    last = open_review(kim_copy).adjudications[-1]
    assert (last.study_id, last.consensus, last.adjudicator) == (
        "blanco2019wounds",
        "ResNet",
        "Ann",
    )
    assert last.date == DAY


def test_a_consensus_may_be_not_stated_in_so_many_words(kim_copy):
    before = (kim_copy / "studies.csv").read_bytes()
    with pytest.raises(DataError, match=r"would empty a cell that holds '0\.79'.*NR"):
        resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_low", "")])
    assert (kim_copy / "studies.csv").read_bytes() == before
    (done,) = resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_low", "NR")])
    assert (done.before, done.after) == ("0.79", "NR")
    assert open_review(kim_copy).study("lee2018caries").auc_ci_low is None
    assert undo(open_review(kim_copy)).after == "0.79"
    assert check_review(open_review(kim_copy)).ok


def test_an_open_question_is_no_disagreement(kim_copy):
    """Nor is what the other has answered shown before it is answered."""
    sheet = kim_copy / "codings" / "coder2.csv"
    cell = ("lee2018caries", "auc_ci_low")

    def left(text):
        table = read_table(sheet, "codings/coder2.csv")
        row = table.find("study_id", cell[0])
        table.set(row, cell[1], text)
        sheet.write_bytes(table.to_bytes())
        found = pending(open_review(kim_copy))
        return [(d.values, d.kind) for d in found if (d.study_id, d.variable) == cell]

    assert left("") == []
    with pytest.raises(DataError, match="do not disagree here"):
        resolve(open_review(kim_copy), [CARIES])
    assert left("NR") == [({"coder1": "0.79", "coder2": "NR"}, "missing")]


def test_undo_gives_back_every_byte_of_the_studies(kim_copy):
    before = (kim_copy / "studies.csv").read_bytes()
    resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_low", "0.86"), decision()])
    first = undo(open_review(kim_copy))
    assert first.study_id == "blanco2019wounds"
    second = undo(open_review(kim_copy), "lee2018caries", "auc_ci_low")
    assert (second.before, second.after) == ("0.86", "0.79")
    assert (kim_copy / "studies.csv").read_bytes() == before
    assert len(open_review(kim_copy).adjudications) == 42


def test_undo_refuses_what_it_cannot_know(kim_copy):
    with pytest.raises(InputError, match="does not say what the cell held"):
        undo(open_review(kim_copy))
    with pytest.raises(InputError, match="nothing was settled for x:auc"):
        undo(open_review(kim_copy), "x", "auc")
    resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_low", "0.86")])
    studies = kim_copy / "studies.csv"
    studies.write_bytes(studies.read_bytes().replace(b",0.86,0.901,", b",0.80,0.901,"))
    with pytest.raises(InputError, match="changed since"):
        undo(open_review(kim_copy))
    (kim_copy / "codings" / "adjudication.csv").unlink()
    with pytest.raises(InputError, match="nothing was settled yet"):
        undo(open_review(kim_copy))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([decision(value="ResNt")], "did you mean 'ResNet'"),
        ([decision("lee2018caries", "auc_ci_low", "1.7")], "above the maximum"),
        ([decision("lee2018caries", "auc_ci_low", "0,7")], "not a number"),
        ([decision("lee2018caries", "auc_ci_lo", "0.7")], "did you mean 'auc_ci_low'"),
        ([decision("abubakar2020burns", "modality", "MRI")], "do not disagree"),
        ([decision("nobody", "modality", "MRI")], "do not disagree"),
        ([decision("ahn2018glaucoma", "auc", "0.94")], "settled already"),
        ([CARIES, CARIES], "settled twice"),
        ([decision(reason=" ")], "no reason"),
        ([decision(by="")], "no adjudicator"),
        ([decision(reason="=HYPERLINK(1)")], "spreadsheet formula"),
        ([decision(by="@me")], "spreadsheet formula"),
        ([decision("lee2018caries", "auc_ci_low", "=1")], "not a number"),
    ],
)
def test_wrong_decisions_write_nothing(kim_copy, wrong, said):
    files = [kim_copy / "studies.csv", kim_copy / "codings" / "adjudication.csv"]
    before = [f.read_bytes() for f in files]
    with pytest.raises(DataError, match=said):
        resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_high", "0.9"), *wrong])
    assert [f.read_bytes() for f in files] == before


def test_bundled_reviews_and_nothing_are_refused(kim_copy):
    with pytest.raises(InputError, match="read-only"):
        resolve(open_review("kim2022"), [decision()])
    with pytest.raises(InputError, match="read-only"):
        undo(open_review("kim2022"))
    with pytest.raises(InputError, match="nothing to settle"):
        resolve(open_review(kim_copy), [])
    with pytest.raises(UnknownNameError):
        pending(open_review(kim_copy), variables=["nothing"])


def test_a_dry_run_writes_nothing(kim_copy):
    before = (kim_copy / "studies.csv").read_bytes()
    assert resolve(open_review(kim_copy), [CARIES], dry_run=True)
    assert (kim_copy / "studies.csv").read_bytes() == before


def test_three_coders_are_named_in_the_reason(kim_copy):
    third = (kim_copy / "codings" / "coder2.csv").read_bytes()
    (kim_copy / "codings" / "coder3.csv").write_bytes(third)
    resolve(open_review(kim_copy), [CARIES])
    assert (
        open_review(kim_copy)
        .adjudications[-1]
        .reason.endswith("(coder1: 0.79; coder2: 0.86; coder3: 0.86)")
    )


def test_decisions_of_a_file(kim_copy, tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text(
        "study_id,variable,consensus,reason,date\n"
        'lee2018caries,auc_ci_low,0.79,"first, as printed",2026-02-03\n'
        "\n"
        "lee2018caries,auc_ci_high,0.901,same model,\n",
        encoding="utf-8",
    )
    found = read_resolutions(path, adjudicator="Ben")
    assert [(r.consensus, r.adjudicator, r.date) for r in found] == [
        ("0.79", "Ben", dt.date(2026, 2, 3)), ("0.901", "Ben", None),
    ]  # fmt: skip
    resolve(open_review(kim_copy), found)
    rows = open_review(kim_copy).adjudications[-2:]
    assert rows[0].reason == "first, as printed"
    assert rows[1].date == dt.datetime.now().astimezone().date()


def test_problems_of_a_file_name_line_and_column(kim_copy, tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text("study_id,variable,consensus\na,b,c\n", encoding="utf-8")
    with pytest.raises(DataError, match="column 'reason': the column is missing"):
        read_resolutions(path)
    path.write_text(
        "study_id,variable,consensus,reason,date\na,b,c,d,yesterday\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match=r"decisions\.csv:2.*not a date"):
        read_resolutions(path)
    path.write_text("study_id,variable,consensus,reason,who\na,b,c,d,e\n", encoding="utf-8")
    with pytest.raises(DataError, match="unknown column"):
        read_resolutions(path)
    path.write_text(
        "study_id,variable,consensus,reason\nlee2018caries,auc_ci_low,2,x\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match=r"decisions\.csv:2.*consensus.*above the maximum"):
        resolve(open_review(kim_copy), read_resolutions(path, adjudicator="A"))


def test_windows_lines_and_a_missing_column_stay_as_they_are(kim_copy):
    studies = kim_copy / "studies.csv"
    studies.write_bytes(studies.read_bytes().replace(b"\n", b"\r\n"))
    resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_low", "0.86")])
    data = studies.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n")
    assert read_table(studies).problems == []


def cells_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [list(row) for row in csv.reader(file)]


@pytest.mark.parametrize("title", ['5" MRI, 3" CT', '5" MRI', '"', 'say ""5""', "two\nlines"])
def test_quotation_marks_inside_cells_do_not_shift_the_consensus(kim_copy, title):
    """Inch marks stand unquoted in a cell, as spreadsheet programs write them."""
    studies = kim_copy / "studies.csv"
    before = cells_of(studies)
    row = next(r for r in before if r[0] == "lee2018caries")
    at = before[0].index("title")
    plain = ",".join(f'"{c}"' if "," in c else c for c in row)
    text = studies.read_text(encoding="utf-8")
    assert plain in text
    bare = title if not {",", "\n", '"'} & set(title[:1] + title.replace('"', "")) else None
    cell = bare or '"' + title.replace('"', '""') + '"'
    shaped = [f'"{c}"' if "," in c else c for c in row]
    shaped[at] = cell
    studies.write_text(text.replace(plain, ",".join(shaped)), encoding="utf-8")
    before = cells_of(studies)
    resolve(open_review(kim_copy), [decision("lee2018caries", "auc_ci_low", "0.86")])
    after = cells_of(studies)
    changed = [
        (a[0], before[0][i])
        for a, b in zip(after, before, strict=True)
        for i, (x, y) in enumerate(zip(a, b, strict=True))
        if x != y
    ]
    assert changed == [("lee2018caries", "auc_ci_low")]
    assert next(r for r in after if r[0] == "lee2018caries")[at] == title
    undo(open_review(kim_copy))
    assert cells_of(studies) == before


@pytest.mark.parametrize("work", ["resolve", "undo"])
def test_a_codings_folder_that_cannot_be_written_changes_neither_file(kim_copy, work, monkeypatch):
    if work == "undo":
        resolve(open_review(kim_copy), [CARIES])
    names = ("studies.csv", "codings/adjudication.csv")
    before = [(kim_copy / n).read_bytes() for n in names]
    real = os.replace

    def refused(source, target):
        if str(target).endswith("codings/adjudication.csv"):
            raise PermissionError(errno.EACCES, "Permission denied", source, None, target)
        real(source, target)

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(
        InputError, match=r"codings/adjudication\.csv: Permission denied; nothing was changed"
    ):
        resolve(open_review(kim_copy), [CARIES]) if work == "resolve" else undo(
            open_review(kim_copy)
        )
    assert [(kim_copy / n).read_bytes() for n in names] == before
    monkeypatch.undo()
    assert pending(open_review(kim_copy))
    assert not (kim_copy / ".review-changes").exists()

"""Numbers of a review's own tables that no check used, and cells that cannot be read."""

from __future__ import annotations

import shutil

import pytest

from review.errors import DataError
from review.project import open_review
from review.workflow.audit import audit_review
from review.workflow.audit.claim import Verdict

RESULTS = """study_id,role,model,metric,value,pval,n_test
ahn2018glaucoma,headline,A,accuracy,0.93,0.03,{cell}
ahn2018glaucoma,headline,A,auc,0.97,,
ahn2018glaucoma,headline,B,volume,12.5,,
"""


def copied(tmp_path, cell=""):
    folder = tmp_path / "kim"
    shutil.copytree(open_review("kim2022").path, folder)
    (folder / "results.csv").write_text(RESULTS.format(cell=cell), encoding="utf-8")
    return folder


def test_every_number_without_a_check_is_listed_with_its_reason(tmp_path, run):
    report = audit_review(open_review(copied(tmp_path)))
    listed = {(n.line, n.column): n.reason for n in report.unchecked if n.file == "results.csv"}
    assert set(listed) == {
        (2, "value (accuracy)"), (2, "pval (accuracy)"), (3, "value (auc)"), (4, "value (volume)"),
    }  # fmt: skip
    assert "no test set" in listed[2, "value (accuracy)"]
    assert "no check knows the metric 'volume'" in listed[4, "value (volume)"]
    summed = [n for n in report.notes if n.startswith("results.csv, value (accuracy)")]
    assert summed[0].split(": ")[1] == "1 number not checked"
    done = run("audit", "--review", tmp_path / "kim", "--all")
    assert "not checked: value (auc) 0.97 [ahn2018glaucoma] (results.csv:3)" in done.out


def test_a_number_that_a_check_used_is_not_listed(tmp_path):
    report = audit_review(open_review(copied(tmp_path, cell="100")))
    listed = {n.column for n in report.unchecked if n.file == "results.csv" and n.line == 2}
    assert listed == {"pval (accuracy)"}


def test_a_cell_that_cannot_be_read_is_one_claim_and_the_rest_is_audited(tmp_path):
    report = audit_review(open_review(copied(tmp_path, cell="many")))
    (claim,) = [c for c in report.claims if c.check == "cell"]
    assert (claim.verdict, claim.source) == (Verdict.UNCHECKED, "results.csv:2")
    assert claim.claim == "n_test many can be read"
    assert any(c.source.startswith("studies.csv") for c in report.claims)


def test_a_table_that_is_broken_elsewhere_is_an_error(tmp_path):
    folder = copied(tmp_path)
    (folder / "results.csv").write_text("study_id,colour\nx,red\n", encoding="utf-8")
    with pytest.raises(DataError, match="unknown column"):
        audit_review(open_review(folder))

"""Accuracy meta-analyses of CSV files and of review folders."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import review
from review.errors import DataError, InputError, ReviewError, UnknownNameError
from review.project import open_review
from review.resources import resource_dir
from review.workflow.pooling.accuracy_csv import from_accuracy_csv
from review.workflow.pooling.accuracy_input import from_review_results
from review.workflow.pooling.accuracy_run import accuracy_of_review, run_accuracy

TABLE = """study,year,TP,FN,FP,TN,kit,doi
Lee,2019,20,5,4,30,A,10.1/x
Kim,2020,30,3,9,40,A,
Ng,2021,15,6,2,28,B,https://example.org/n
Roy,2022,40,2,12,50,B,
Ito,2022,33,4,5,44,A,
"""


def written(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_file_gives_the_result_of_its_counts(tmp_path):
    rows = from_accuracy_csv(written(tmp_path, TABLE))
    run = run_accuracy(rows)
    fit = review.diagnostic_meta([20, 30, 15, 40, 33], [5, 3, 6, 2, 4], [4, 9, 2, 12, 5],
                                 [30, 40, 28, 50, 44])  # fmt: skip
    np.testing.assert_array_equal(run.result.beta, fit.beta)
    assert rows.labels == ["Lee", "Kim", "Ng", "Roy", "Ito"]
    assert rows.links[:3] == ["https://doi.org/10.1/x", None, "https://example.org/n"]
    assert rows.notes == [
        "read t.csv: comma, UTF-8, 5 rows",
        "read as: tp from TP, fn from FN, fp from FP, tn from TN",
    ]
    text = run.text()
    assert f"sensitivity: {fit.sens[0]:.4f}" in text
    json.dumps(run.to_dict(), allow_nan=False)
    assert run.to_dict()["result"]["points"][0]["sens"] == fit.sens[0]
    assert run.deeks is None  # fewer than ten studies


def test_columns_are_mapped(tmp_path):
    text = TABLE.replace("TP,FN,FP,TN", "a,b,c,d")
    rows = from_accuracy_csv(
        written(tmp_path, text), columns={"tp": "a", "fn": "b", "fp": "c", "tn": "d"}
    )
    assert rows.columns["tp"] == [20, 30, 15, 40, 33]
    with pytest.raises(InputError, match="no columns tp, fn, fp and tn"):
        from_accuracy_csv(written(tmp_path, text))
    with pytest.raises(UnknownNameError, match="unknown argument 'tpp'"):
        from_accuracy_csv(written(tmp_path, text), columns={"tpp": "a"})
    with pytest.raises(UnknownNameError, match="unknown column 'z'"):
        from_accuracy_csv(written(tmp_path, text), columns={"tp": "z"})


def test_two_columns_of_one_name_are_not_chosen_among(tmp_path):
    text = "sens,sensitivity,spec\n0.9,0.8,0.7\n"
    with pytest.raises(InputError, match="both are called like sens"):
        from_accuracy_csv(written(tmp_path, text))


def test_shares_keep_the_digits_of_the_file(tmp_path):
    text = "study,Sensitivity,Specificity,n_pos,n_neg\nA,0.90,88.2%,50,34\nB,0.909,0.816,33,49\n"
    text += "C,0.714,0.933,21,30\nD,0.952,0.806,42,62\n"
    rows = from_accuracy_csv(written(tmp_path, text))
    assert rows.columns["sens"] == ["0.90", "0.909", "0.714", "0.952"]
    assert run_accuracy(rows).result.rows.tp.tolist() == [45, 30, 15, 40]


def test_an_impossible_share_names_the_study(tmp_path):
    text = "study,sens,spec,n_pos,n_neg\nA,0.838,0.88,35,34\nB,0.909,0.816,33,49\n"
    text += "C,0.714,0.933,21,30\n"
    rows = from_accuracy_csv(written(tmp_path, text))
    with pytest.raises(ReviewError, match=r"row 1 \(A\): sens 0.838 of 35 is impossible"):
        run_accuracy(rows)


def test_a_cell_that_is_no_number_names_its_place(tmp_path):
    with pytest.raises(DataError) as caught:
        from_accuracy_csv(written(tmp_path, TABLE.replace("30,3,9", "30,three,9")))
    problem = caught.value.problems[0]
    assert (problem.line, problem.column, problem.value) == (3, "FN", "three")


def test_tests_of_a_column_are_compared(tmp_path):
    rows = from_accuracy_csv(written(tmp_path, TABLE), by="kit")
    run = run_accuracy(rows, prevalences=[0.1])
    assert run.comparison.tests == ("A", "B")
    assert run.values.prevalence.tolist() == [0.1]
    assert "Comparison of 2 tests" in run.text()
    with pytest.raises(InputError, match="choose one"):
        run_accuracy(rows, mods="year")
    with pytest.raises(InputError, match="between 0 and 1"):
        run_accuracy(rows, prevalences=[10])


def test_moderators_of_a_file(tmp_path):
    run = run_accuracy(from_accuracy_csv(written(tmp_path, TABLE)), mods="year")
    assert run.result.coef_names[1] == "sens: year"
    assert run.values is None


def test_rows_of_one_study_are_grouped(tmp_path):
    text = TABLE.replace("Kim,", "Lee,")
    rows = from_accuracy_csv(written(tmp_path, text), study="study")
    run = run_accuracy(rows)
    assert (run.result.k, run.result.n_rows) == (4, 5)
    assert rows.labels[:2] == ["Lee (line 2)", "Lee (line 3)"]


@pytest.fixture
def folder(tmp_path):
    """A copy of a bundled review whose results state confusion tables."""
    target = tmp_path / "folder"
    shutil.copytree(resource_dir("data") / "kim2022", target)
    ids = [s.study_id for s in open_review(target).studies][:6]
    lines = ["study_id,role,model,metric,value,n_test,n_pos,n_neg,tp,fp,fn,tn"]
    cells = [(20, 4, 5, 30), (30, 9, 3, 40), (15, 2, 6, 28), (40, 12, 2, 50)]
    lines += [
        f"{i},headline,m,accuracy,0.9,,,,{tp},{fp},{fn},{tn}"
        for i, (tp, fp, fn, tn) in zip(ids, cells, strict=False)
    ]
    lines += [f"{ids[4]},headline,m,sensitivity,0.892,,37,49,,,,",
              f"{ids[4]},headline,m,specificity,0.898,,37,49,,,,",
              f"{ids[5]},headline,m,sensitivity,0.838,,35,40,,,,",
              f"{ids[5]},headline,m,specificity,0.90,,35,40,,,,"]  # fmt: skip
    (target / "results.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def test_a_folder_with_tables_and_printed_shares(folder):
    rows = from_review_results(open_review(folder))
    assert len(rows.labels) == 5
    assert rows.columns["tp"] == [20, 30, 15, 40, 33]
    assert rows.columns["fp"] == [4, 9, 2, 12, 5]
    assert len(rows.left_out) == 1
    assert "0.838 of 35 is impossible" in rows.left_out[0][1]
    run = accuracy_of_review(open_review(folder))
    assert run.result.k == 5
    assert run.left_out == rows.left_out


def test_the_bundled_review_pools_what_its_abstracts_state():
    run = accuracy_of_review(open_review("kim2022"))
    assert run.result.k >= 4
    reasons = " ".join(why for _, why in run.left_out)
    assert "n_pos" in reasons
    assert "0.838 of 35 is impossible" in reasons


def test_a_review_without_tables_says_why():
    with pytest.raises(InputError, match="state no tp, fp, fn and tn"):
        from_review_results(open_review("wang2021"))

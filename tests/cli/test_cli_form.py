"""`review form` and `review add --rows results`, as a user runs them."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

RESULTS = [
    {"study_id": "lee2020", "role": "headline", "metric": "hazard_ratio", "value": "0.50",
     "ci_low": "0.25", "ci_high": "1.00", "note": "Table 2"},
    {"study_id": "kim2021", "role": "headline", "metric": "hazard_ratio", "value": "2.0",
     "ci_low": "1.00", "ci_high": "4.00"},
]  # fmt: skip


@pytest.fixture(name="mine")
def _mine(new_review, run):
    for author, year in (("Lee", 2020), ("Kim", 2021)):
        sets = [f"first_author={author}", f"year={year}", "title=A trial",
                f"study_id={author.lower()}{year}"]  # fmt: skip
        options = [part for text in sets for part in ("--set", text)]
        assert run("add", "--review", new_review, *options).code == 0
    return new_review


def filled(run, review, rows, path):
    """Write the form of results with these rows."""
    assert run("form", "--review", review, "--rows", "results", "--excel", path).code == 0
    told = json.loads(run("form", "--review", review, "--rows", "results", "--json").out)
    book = openpyxl.load_workbook(path)
    for line, row in enumerate(rows, 2):
        for position, column in enumerate(told["columns"], 1):
            book["results"].cell(line, position).value = row.get(column["name"])
    book.save(path)
    return path


def results(folder):
    table = csv.DictReader(io.StringIO((folder / "results.csv").read_text(encoding="utf-8")))
    return [{k: v for k, v in row.items() if v} for row in table]


def test_results_are_added_from_their_form_and_pooled(run, mine, tmp_path):
    path = filled(run, mine, RESULTS, tmp_path / "results.xlsx")
    book = openpyxl.load_workbook(path)
    rules = book["results"].data_validations.dataValidation
    ids = next(r for r in rules if r.promptTitle == "Study ID")
    assert ids.type == "list"
    assert [c.value for c in book["lists"]["B"]][:3] == ["study_id", "lee2020", "kim2021"]
    done = run("add", "--review", mine, "--rows", "results", "--from", path, "--dry-run")
    assert (done.code, done.out.split(" to ")[0]) == (0, "would add 2 results")
    assert not (mine / "results.csv").exists()
    done = run("add", "--review", mine, "--rows", "results", "--from", path)
    assert done.code == 0, done.err
    assert results(mine) == RESULTS
    assert run("check", mine).code == 0
    # exp of the mean of log 0.5 and log 2, which have the same variance
    told = json.loads(run("meta", "--review", mine, "--outcome", "hazard_ratio", "--json").out)
    assert told["result"]["k"] == 2
    assert abs(told["result"]["coefficients"][0]["beta"]) < 1e-12


def test_one_result_by_name_and_value(run, mine):
    sets = ["study_id=LEE2020", "metric=auc", "value=0.90", "se=0.02"]
    options = [part for text in sets for part in ("--set", text)]
    assert run("add", "--review", mine, "--rows", "results", *options).code == 0
    assert results(mine) == [
        {"study_id": "lee2020", "metric": "auc", "value": "0.90", "se": "0.02"}
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"study_id": "lee2002"}, "did you mean 'lee2020'"),
        ({"study_id": None}, "study_id"),
        ({"metric": None}, "does not say its metric"),
        ({"value": "about 2"}, "'about 2'"),
        ({"tp": "12.5"}, "12.5"),
        ({"role": "main"}, "'main'"),
        ({"note": "=1+1"}, "spreadsheet formula"),
        ({"ci_low": "0.2-0.3"}, "0.2-0.3"),
        ({"ci_level": "950"}, "above the maximum"),
        ({"se": "-1"}, "below the minimum"),
        (RESULTS[0], "the same result is there already"),
    ],
)
def test_a_wrong_result_is_named_and_nothing_is_added(run, mine, tmp_path, change, said):
    rows = [RESULTS[0], RESULTS[1] | change if change is not RESULTS[0] else RESULTS[0]]
    path = filled(run, mine, rows, tmp_path / "results.xlsx")
    done = run("add", "--review", mine, "--rows", "results", "--from", path)
    assert done.code == 2
    assert said in done.err
    assert not (mine / "results.csv").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rows", "study"], "did you mean"),
        (["--excel", "form.xls"], "ends in .xlsx"),
        (["--excel", "form.csv"], "ends in .xlsx"),
        (["--csv", "form.txt"], "ends in .csv"),
        (["--json-schema", "form"], "ends in .json"),
        (["--excel", "nowhere/form.xlsx"], "there is no folder nowhere"),
        (["--csv", "mine/studies.csv"], "would write over a file of the review"),
        (["--json-schema", "mine/codings/a.json"], "would write over a file of the review"),
        (["--excel", "mine/codings/a.xlsx"], "would write over a file of the review"),
        (["--review", "nowhere"], "nowhere"),
        (["--excel", "mine"], "no plain file"),
        (["--unknown"], "No such option"),
    ],
)
def test_wrong_calls_of_form_are_one_message(run, mine, monkeypatch, options, said):
    tmp_path = mine.parent
    monkeypatch.chdir(tmp_path)
    before = sorted(p.name for p in tmp_path.rglob("*"))
    done = run("form", *([] if "--review" in options else ["--review", "mine"]), *options)
    assert done.code == 2
    assert said in done.err
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rows", "result"], "did you mean"),
        (["--rows", "results"], "--from FILE"),
        (["--rows", "results", "--set", "study_id=lee2020", "--allow-duplicate"], "about studies"),
        (["--rows", "results", "--set", "value"], "name=value"),
        (["--rows", "results", "--set", "values=3"], "did you mean 'value'"),
    ],
)
def test_wrong_calls_of_add_for_results(run, mine, options, said):
    done = run("add", "--review", mine, *options)
    assert done.code == 2
    assert said in done.err
    assert not (mine / "results.csv").exists()


def test_the_form_is_printed_and_all_files_are_written_at_once(run, mine, tmp_path):
    done = run("form", "--review", mine)
    assert done.code == 0
    assert "Imaging modality" in done.out
    files = [tmp_path / name for name in ("form.xlsx", "form.csv", "form.json")]
    done = run("form", "--review", mine, "--excel", files[0], "--csv", files[1],
               "--json-schema", files[2])  # fmt: skip
    assert done.code == 0
    assert all(f.stat().st_size for f in files)
    assert json.loads(files[2].read_text(encoding="utf-8"))["$defs"]["row"]["required"] == [
        "first_author", "year", "title",
    ]  # fmt: skip


def test_a_broken_codebook_is_one_message(run, mine, tmp_path):
    (mine / "codebook.toml").write_text('[[variable]]\nname = "a"\ntype = "numbr"\n')
    done = run("form", "--review", mine, "--excel", tmp_path / "form.xlsx")
    assert done.code == 2
    assert "numbr" in done.err
    assert not (tmp_path / "form.xlsx").exists()

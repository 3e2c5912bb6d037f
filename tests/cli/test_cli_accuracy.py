"""`review meta --model dta`."""

from __future__ import annotations

import json

import pytest

from review.cli.main import main

TABLE = """study,tp,fn,fp,tn
Lee,20,5,4,30
Kim,30,3,9,40
Ng,15,6,2,28
Roy,40,2,12,50
"""


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as done:
        main(["meta", *map(str, arguments)])
    out = capsys.readouterr()
    return done.value.code or 0, out.out, out.err


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "tests.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_text_json_and_files_agree(capsys, table, tmp_path):
    out = tmp_path / "out"
    code, text, _ = run(
        capsys, "--model", "dta", "--csv", table, "--out", out, "--prevalence", "5%"
    )
    assert code == 0
    code, printed, _ = run(
        capsys, "--model", "dta", "--csv", table, "--json", "--prevalence", "0.05"
    )
    found = json.loads(printed)
    sens = found["result"]["points"][0]["sens"]
    assert f"sensitivity: {sens:.4f}" in text
    names = {path.name for path in out.iterdir()}
    stem = "accuracy-tests"
    assert names >= {f"{stem}-{n}.html" for n in ("sroc", "forest", "prevalence", "fagan")}
    assert names >= {f"{stem}.json", f"{stem}.txt", f"{stem}-table.csv", f"{stem}-points.csv"}
    stored = json.loads((out / f"{stem}.json").read_text(encoding="utf-8"))
    assert stored["result"] == found["result"]
    assert (out / f"{stem}.txt").read_text(encoding="utf-8").strip() in text
    assert f"{sens:.2f}" in (out / f"{stem}-sroc.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "dtaa"], "did you mean 'dta'"),
        (["--model", "dta", "--yi", "x"], "--yi is about models of one effect per study"),
        (["--model", "dta", "--prevalence", "x"], "--prevalence: 'x' is no number"),
        (["--model", "dta", "--prevalence", "7"], "between 0 and 1"),
        (["--model", "dta", "--column", "tp"], "write it as argument=column"),
        (["--model", "dta", "--method", "DL"], "unknown method 'DL'"),
        (
            ["--model", "dta", "--arm", "x", "--without-converted"],
            "--arm and --without-converted are about models of one effect per study",
        ),
        (["--model", "dta", "--reference", "A"], "name their column (--by)"),
        (["--model", "dta", "--where", "tp > 100"], "no row of tests.csv fits the filter"),
        (["--prevalence", "0.1"], "--prevalence is about accuracy models"),
    ],
)
def test_errors_of_one_line(capsys, table, arguments, message):
    code, out, err = run(capsys, "--csv", table, *arguments)
    assert code != 0
    assert message in err
    assert out == ""
    assert "Traceback" not in err


def test_a_review_folder(capsys):
    code, text, _ = run(capsys, "--model", "dta", "--review", "kim2022", "--method", "exact")
    assert code == 0
    assert "results of" not in text.splitlines()[0]
    assert "Bivariate meta-analysis of diagnostic accuracy" in text
    assert "Left out:" in text

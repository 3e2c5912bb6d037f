"""`review meta --model nma`."""

from __future__ import annotations

import json

import pytest

from review.cli.main import main

TABLE = """study,treat1,treat2,te,se
s1,A,B,0.1,0.2
s2,A,C,0.3,0.2
s3,B,C,0.25,0.15
s4,A,C,0.1,0.3
"""


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as done:
        main(["meta", "--model", "nma", *map(str, arguments)])
    out = capsys.readouterr()
    return done.value.code or 0, out.out, out.err


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "trials.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_text_json_and_files_agree(capsys, table, tmp_path):
    out = tmp_path / "out"
    code, text, _ = run(capsys, "--csv", table, "--out", out, "--measure", "OR", "--level", "90")
    assert code == 0
    code, printed, _ = run(capsys, "--csv", table, "--json", "--measure", "OR", "--level", "90")
    assert code == 0
    found = json.loads(printed)
    names = {path.name for path in out.iterdir()}
    figures = ("graph", "forest", "league", "split", "heat", "contribution", "funnel", "ranks")
    assert names >= {f"network-trials-{n}.html" for n in figures}
    stored = json.loads((out / "network-trials.json").read_text(encoding="utf-8"))
    assert stored["result"] == found["result"]
    assert (out / "network-trials.txt").read_text(encoding="utf-8").strip() in text
    tau2 = found["result"]["tau2"]
    assert f"tau2 = {tau2:.4f}" in text
    assert "90% CI" in text
    assert found["result"]["settings"]["method"] == "REML"
    scores = found["result"]["p_scores"]
    for name, score in scores.items():
        assert f"{name} {score:.3f}" in text
        page = (out / "network-trials-forest.html").read_text(encoding="utf-8")
        assert f"{score:.2f}" in page or name == found["result"]["settings"]["reference"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--prevalence", "0.1"], "--prevalence is about accuracy models: --model dta"),
        (["--also", "egger"], "--also is about other models"),
        (["--multi-arm", "each"], "--multi-arm is about other models"),
        (["--outcome", "auc"], "about the results of a review"),
        (["--rho", "0.3"], "about the results of a review"),
        (["--reference", "Z"], "unknown treatment 'Z'"),
        (["--method", "SJ"], "unknown method 'SJ'"),
        (["--column", "te"], "write it as argument=column"),
        (["--where", "te > 100"], "no row of trials.csv fits the filter"),
    ],
)
def test_errors_of_one_line(capsys, table, arguments, message):
    code, out, err = run(capsys, "--csv", table, *arguments)
    assert code != 0
    assert message in err
    assert out == ""
    assert "Traceback" not in err


def test_a_network_in_parts_is_named(capsys, table):
    table.write_text(TABLE + "s5,X,Y,0.1,0.2\n", encoding="utf-8")
    code, _, err = run(capsys, "--csv", table)
    assert code != 0
    assert "(1) A, B, C; (2) X, Y" in err


def test_a_review_folder(capsys):
    code, text, _ = run(capsys, "--review", "kim2022", "--outcome", "auc")
    assert code == 0
    assert "rho = 0.9" in text
    assert "Left out:" in text
    code, _, err = run(capsys, "--review", "kim2022")
    assert code != 0
    assert "which outcome" in err

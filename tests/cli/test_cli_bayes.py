"""`review meta --model bayes`."""

from __future__ import annotations

import json

import pytest

from review.cli.main import main

TABLE = """study,yi,sei
Lee,-2.31,0.60
Kim,-0.46,0.56
Ng,-2.30,0.88
Roy,-1.76,0.46
"""
GIVEN = ("--yi", "yi", "--sei", "sei", "--measure", "OR")
PRIOR = ("--model", "bayes", "--tau-prior", "half-normal:0.5")


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as done:
        main(["meta", *map(str, arguments)])
    out = capsys.readouterr()
    return done.value.code or 0, out.out, out.err


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "trials.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_text_json_and_files_agree(capsys, table, tmp_path):
    out = tmp_path / "out"
    code, text, _ = run(capsys, *PRIOR, "--csv", table, *GIVEN, "--out", out)
    assert code == 0
    code, printed, _ = run(capsys, *PRIOR, "--csv", table, *GIVEN, "--json")
    found = json.loads(printed)
    median = found["result"]["mu"]["median"]
    assert f"{median:.4f}" in text
    stem = "bayes-trials"
    names = {path.name for path in out.iterdir()}
    assert names >= {f"{stem}-{n}.html" for n in ("forest", "posteriors", "priors")}
    tables = {f"{stem}-{n}.csv" for n in ("table", "parameters", "priors")}
    assert names >= {f"{stem}.json", f"{stem}.txt", *tables}
    stored = json.loads((out / f"{stem}.json").read_text(encoding="utf-8"))
    assert stored["result"] == found["result"]
    assert (out / f"{stem}.txt").read_text(encoding="utf-8").strip() in text
    shown = found["forest"][-2]
    assert f"{shown['posterior_estimate']:.2f}" in (out / f"{stem}-forest.html").read_text("utf-8")


def test_priors_intervals_and_levels_are_options(capsys, table):
    code, printed, _ = run(
        capsys, *PRIOR, "--csv", table, *GIVEN, "--mu-prior", "normal:0,4", "--interval",
        "shortest", "--level", "90", "--compare-priors", "jeffreys; half-t:0.5,4", "--json",
    )  # fmt: skip
    found = json.loads(printed)
    assert code == 0
    assert found["result"]["mu_prior"] == "normal:0,4"
    assert found["result"]["interval"] == "shortest"
    assert found["result"]["level"] == 90
    assert found["priors"]["priors"] == ["half-normal:0.5", "jeffreys", "half-t:0.5,4"]
    code, printed, _ = run(capsys, *PRIOR[:3], "turner:pain/pharmacological vs placebo", "--csv",
                           table, *GIVEN, "--json")  # fmt: skip
    assert json.loads(printed)["result"]["tau_prior"] == "log-normal:-0.915,0.76"


def test_a_review_folder_is_pooled_too(capsys):
    code, text, _ = run(capsys, *PRIOR, "--review", "kim2022", "--outcome", "auc")
    assert code == 0
    assert "Bayesian meta-analysis" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "bayess"], "did you mean 'bayes'"),
        (["--tau-prior", "half-normal:1"], "--tau-prior is about Bayesian models"),
        (["--compare-priors", "jeffreys"], "--compare-priors is about Bayesian models"),
        ([*PRIOR, "--method", "DL"], "--method is about models without priors"),
        ([*PRIOR, "--also", "egger"], "--also is about models without priors"),
        (["--model", "bayes", "--tau-prior", "half-norml:1"], "did you mean 'half-normal'"),
        ([*PRIOR, "--mu-prior", "normal:0"], "prior of mu"),
        ([*PRIOR, "--interval", "hpd"], "interval"),
    ],
)
def test_what_does_not_fit_is_refused(capsys, table, arguments, message):
    code, _, error = run(capsys, *arguments, "--csv", table, *GIVEN)
    assert code != 0
    assert message in error.replace("\n", " ")


def test_an_improper_prior_with_two_studies_is_refused(capsys, tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("\n".join(TABLE.splitlines()[:3]) + "\n", encoding="utf-8")
    code, _, error = run(
        capsys, "--model", "bayes", "--tau-prior", "uniform", "--csv", path, *GIVEN
    )
    assert code != 0
    assert "at least 3 studies" in error.replace("\n", " ")

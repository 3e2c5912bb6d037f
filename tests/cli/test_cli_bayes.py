"""`review meta --model bayes`."""

from __future__ import annotations

import json

import pytest

import review
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


KEPT = """
[[meta]]
name = "prior"
title = "With a prior"
measure = "RR"
columns = { ai = "events_treated", n1i = "n_treated", ci = "events_control", n2i = "n_control" }
model = "bayes"
tau_prior = "half-normal:0.5"
compare_priors = ["jeffreys", "half-t:0.5,4"]
"""
# the first trials of the BCG vaccine against tuberculosis (Colditz et al. 1994, JAMA 271:698)
TRIALS = """study_id,first_author,year,title,intervention,comparator,events_treated,n_treated,events_control,n_control
aronson1948,Aronson,1948,BCG,BCG,no treatment,4,123,11,139
ferguson1949,Ferguson,1949,BCG,BCG,no treatment,6,306,29,303
rosenthal1960,Rosenthal,1960,BCG,BCG,no treatment,3,231,11,220
"""  # noqa: E501


def command(*arguments):
    with pytest.raises(SystemExit) as done:
        main([*map(str, arguments)])
    return done.value.code or 0


def test_a_review_keeps_a_bayesian_analysis_and_reports_it(capsys, tmp_path):
    folder = tmp_path / "trials"
    assert command("init", folder, "--template", "rct", "--title", "Mine") == 0
    rows = tmp_path / "rows.csv"
    rows.write_text(TRIALS, encoding="utf-8")
    assert command("add", "--review", folder, "--from", rows, "--allow-duplicate") == 0
    path = folder / "review.toml"
    path.write_text(path.read_text(encoding="utf-8") + KEPT, encoding="utf-8")
    assert command("check", folder) == 0
    capsys.readouterr()
    code, printed, _ = run(capsys, "--review", folder, "--name", "prior", "--json")
    found = json.loads(printed)
    assert code == 0
    expected = review.bayes_meta(
        review.effect_size("RR", ai=[4, 6, 3], n1i=[123, 306, 231], ci=[11, 29, 11],
                           n2i=[139, 303, 220]),
        tau_prior="half-normal:0.5",
    )  # fmt: skip
    assert found["result"]["mu"]["median"] == expected.mu.median
    assert found["priors"]["priors"] == ["half-normal:0.5", "jeffreys", "half-t:0.5,4"]
    report = tmp_path / "r.html"
    assert command("report", "--review", folder, "--out", report) == 0
    text = report.read_text(encoding="utf-8")
    assert "With a prior" in text
    assert "Bayesian random-effects model" in text
    assert f"{expected.mu.median:.4f}" in text

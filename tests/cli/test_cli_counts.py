"""`review meta --model glmm|betabin|mh|peto` on a CSV file and on a review."""

from __future__ import annotations

import csv
import json
import re

import pytest

import review

# a trial without events and three with a cell of 0; numbers to compute with, of no study
TABLE = """study,ai,n1i,ci,n2i,x1i,t1i,x2i,t2i,dose
Abel,0,50,3,48,0,510,3,480,1
Baker,2,80,6,85,2,800,6,860,2
Cole,5,99,9,97,5,1000,9,950,3
Dunn,0,60,0,61,0,600,0,610,4
Eyre,1,40,7,42,1,400,7,430,5
Ford,6,120,5,118,6,1200,5,1150,6
Gale,0,30,2,33,0,310,2,320,7
"""
TWO = {"ai": [0, 2, 5, 0, 1, 6, 0], "n1i": [50, 80, 99, 60, 40, 120, 30],
       "ci": [3, 6, 9, 0, 7, 5, 2], "n2i": [48, 85, 97, 61, 42, 118, 33]}  # fmt: skip


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rare.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def told(run, *arguments):
    done = run("meta", *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


CASES = [
    (("glmm", "--measure", "OR"), lambda: review.glmm("OR", **TWO)),
    (("glmm", "--measure", "OR", "--variant", "CM.EL", "--test", "t", "--level", "90"),
     lambda: review.glmm("OR", model="CM.EL", test="t", level=90, **TWO)),
    (("glmm", "--measure", "OR", "--variant", "UM.RS", "--nodes", "5"),
     lambda: review.glmm("OR", model="UM.RS", nAGQ=5, **TWO)),
    (("glmm", "--measure", "OR", "--method", "EE"),
     lambda: review.glmm("OR", method="EE", **TWO)),
    (("betabin", "--measure", "RD"), lambda: review.beta_binomial("RD", **TWO)),
    (("mh", "--measure", "RR"), lambda: review.mantel_haenszel("RR", **TWO)),
    (("peto",), lambda: review.peto(**TWO)),
]  # fmt: skip


@pytest.mark.parametrize(("options", "fit"), CASES)
def test_the_command_gives_the_numbers_of_the_function(run, table, options, fit):
    found = told(run, "--csv", table, "--model", *options)["result"]
    expected = fit()
    ours = found["coefficients"][0] if "coefficients" in found else {
        name: found[name][0] for name in ("beta", "se", "ci_lb", "ci_ub")
    }  # fmt: skip
    for name in ("beta", "se", "ci_lb", "ci_ub"):
        assert ours[name] == pytest.approx(float(getattr(expected, name)[0]), rel=1e-9), name


@pytest.mark.parametrize("model", ["glmm", "betabin", "mh", "peto"])
def test_text_files_and_figures_agree_digit_for_digit(run, table, tmp_path, model):
    out = tmp_path / model
    done = run("meta", "--csv", table, "--measure", "OR", "--model", model, "--out", out)
    assert done.code == 0, done.err
    names = {path.name for path in out.iterdir()}
    assert {f"meta-rare{end}" for end in
            ("-forest.html", "-funnel.html", "-table.csv", ".json", ".txt")} <= names  # fmt: skip
    stored = json.loads((out / "meta-rare.json").read_text(encoding="utf-8"))
    text = (out / "meta-rare.txt").read_text(encoding="utf-8")
    assert text.strip() in done.out
    table_text = (out / "meta-rare-table.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table_text.splitlines()))
    total = next(r for r in rows if r["kind"] == "total")
    said = re.search(r"^Total \(.*\)\s+([\d.]+) \[([\d.]+), ([\d.]+)\]", text, re.MULTILINE)
    assert said is not None
    digits = len(said[1].partition(".")[2])
    kept = next(r for r in stored["forest"] if r["kind"] == "total")
    for name, shown in zip(("estimate", "ci_lb", "ci_ub"), said.groups(), strict=True):
        assert float(total[name]) == pytest.approx(kept[name], rel=1e-12)
        assert f"{kept[name]:.{digits}f}" == shown
    figure = (out / "meta-rare-forest.html").read_text(encoding="utf-8")
    assert f"{said[1]} [{said[2]}, {said[3]}]" in figure
    assert "ouble-zero" in text or "Dunn" in text


def test_double_zero_studies_and_corrections_are_named(run, table):
    text = run("meta", "--csv", table, "--measure", "OR", "--model", "glmm").out
    assert "1 double-zero study" in text
    assert "Dunn" in text
    assert "no continuity correction" in text
    assert "2 studies with a cell of 0" in text
    text = run("meta", "--csv", table, "--measure", "OR", "--model", "mh").out
    assert "1 double-zero study (no events in both groups): it has no weight" in text
    text = run("meta", "--csv", table, "--measure", "RD", "--model", "mh").out
    assert "it has a difference of 0" in text
    text = run("meta", "--csv", table, "--measure", "OR", "--model", "betabin").out
    assert "used as it is" in text


def test_the_ordinary_model_offers_the_models_of_counts(run, table, tmp_path):
    text = run("meta", "--csv", table, "--measure", "OR").out
    assert "3 of 7 studies have a cell of 0, 1 of them without any event" in text
    for model in ("glmm", "betabin", "mh", "peto"):
        assert f"--model {model}" in text
    rates = run("meta", "--csv", table, "--measure", "IRR").out
    assert "--model glmm" in rates
    assert "--model peto" not in rates
    whole = tmp_path / "whole.csv"
    whole.write_text("study,ai,n1i,ci,n2i\na,5,50,9,48\nb,2,80,6,85\nc,5,99,9,97\n", "utf-8")
    assert "--model glmm" not in run("meta", "--csv", whole, "--measure", "OR").out


def test_rates_moderators_and_one_group(run, table, tmp_path):
    found = told(run, "--csv", table, "--measure", "IRR", "--model", "glmm", "--mods", "dose")
    assert [c["name"] for c in found["result"]["coefficients"]] == ["intercept", "dose"]
    done = run("meta", "--csv", table, "--measure", "IRR", "--model", "glmm", "--mods", "dose",
               "--out", tmp_path / "mods")  # fmt: skip
    assert done.code == 0, done.err
    assert (tmp_path / "mods" / "meta-rare-coefficients.csv").exists()
    one = tmp_path / "one.csv"
    one.write_text("study,xi,ni\na,0,20\nb,3,50\nc,9,60\nd,2,44\n", encoding="utf-8")
    found = told(run, "--csv", one, "--measure", "PLO", "--model", "glmm")["result"]
    expected = review.glmm("PLO", xi=[0, 3, 9, 2], ni=[20, 50, 60, 44])
    assert found["tau2"] == pytest.approx(expected.tau2, abs=1e-12)
    assert found["pi_ub"] == pytest.approx(expected.pi_ub)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "glm", "--measure", "OR"], "did you mean 'glmm'"),
        (["--model", "glmm", "--measure", "SMD"], "unknown measure|no measure|SMD"),
        (["--model", "glmm", "--measure", "OR", "--weights", "dose"], "--weights is about other"),
        (["--model", "mh", "--measure", "OR", "--mods", "dose"], "--mods is about other models"),
        (["--model", "peto", "--method", "DL"], "--method is about other models"),
        (["--variant", "CM.EL", "--measure", "OR"], "--variant is about mixed models of counts"),
        (["--model", "mh", "--measure", "OR", "--nodes", "3"], "--nodes"),
        (["--model", "glmm", "--measure", "OR", "--variant", "CM"], "CM.EL"),
        (["--model", "glmm", "--measure", "OR", "--by", "dose"], "--by is about other models"),
        (["--model", "glmm", "--yi", "ai", "--vi", "ci"], "is about counts"),
        (["--model", "glmm", "--measure", "OR", "--method", "REML"], "'ML'|ML"),
        (["--model", "glmm", "--measure", "OR", "--tau-prior", "flat"], "Bayesian models"),
    ],
)
def test_what_has_no_meaning_is_refused_in_words(run, table, arguments, message):
    done = run("meta", "--csv", table, *arguments)
    assert done.code != 0
    assert re.search(message, done.err), done.err
    assert "Traceback" not in done.err


def test_estimates_are_no_counts(run, tmp_path):
    path = tmp_path / "ratios.csv"
    path.write_text("study,est,ci_lb,ci_ub\na,0.5,0.2,1.1\nb,0.8,0.5,1.4\n", encoding="utf-8")
    done = run("meta", "--csv", path, "--measure", "OR", "--model", "glmm")
    assert "needs counts" in done.err
    mixed = tmp_path / "mixed.csv"
    mixed.write_text(
        "study,ai,n1i,ci,n2i,est,ci_lb,ci_ub\na,3,50,6,50,,,\nb,4,60,9,61,,,\nc,,,,,0.5,0.2,1.1\n"
        "d,5,70,11,72,,,\n", encoding="utf-8",
    )  # fmt: skip
    done = run("meta", "--csv", mixed, "--measure", "OR", "--model", "glmm")
    assert done.code == 0, done.err
    assert "not used" in done.out
    assert "Left out" in done.out


def test_a_review_keeps_and_runs_it(run, tmp_path):
    folder = tmp_path / "rct"
    assert run("init", folder, "--template", "rct", "--title", "Mine").code == 0
    (tmp_path / "rows.csv").write_text(
        "study_id,first_author,year,title,intervention,events_treated,n_treated,events_control,"
        "n_control,comparator\n"
        "a,Abel,2001,T,x,0,50,3,48,placebo\nb,Baker,2002,T,x,2,80,6,85,placebo\n"
        "c,Cole,2003,T,x,5,99,9,97,placebo\nd,Dunn,2004,T,x,0,60,0,61,placebo\n", encoding="utf-8",
    )  # fmt: skip
    done = run("add", "--review", folder, "--from", tmp_path / "rows.csv", "--allow-duplicate")
    assert done.code == 0, done.err
    path = folder / "review.toml"
    path.write_text(
        path.read_text(encoding="utf-8")
        + '\n[[meta]]\nname = "rare"\nmodel = "glmm"\nvariant = "CM.EL"\nmeasure = "OR"\n'
        'columns = { ai = "events_treated", n1i = "n_treated", ci = "events_control", '
        'n2i = "n_control" }\n',
        encoding="utf-8",
    )
    found = told(run, "--review", folder, "--name", "rare")
    expected = review.glmm("OR", model="CM.EL", ai=[0, 2, 5, 0], n1i=[50, 80, 99, 60],
                           ci=[3, 6, 9, 0], n2i=[48, 85, 97, 61])  # fmt: skip
    assert found["result"]["coefficients"][0]["beta"] == pytest.approx(float(expected.beta[0]))
    page = tmp_path / "report.html"
    done = run("report", "--review", folder, "--out", page)
    assert done.code == 0, done.err
    html = page.read_text(encoding="utf-8")
    assert "conditional model with the exact likelihood (CM.EL)" in html
    assert "Stijnen T, Hamza TH" in html
    assert f"{float(expected.beta[0]):.4f}".lstrip("-") in html

"""A Bayesian meta-analysis of rows: text, tables and figures agree."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

import review
from review.errors import InputError
from review.formats.read_options import DEFAULT
from review.plots.bayes.bayes_files import bayes_artifacts, bayes_tables, headline
from review.workflow.pooling.bayes_run import run_bayes
from review.workflow.pooling.csv_input import from_csv
from review.workflow.pooling.pooled_rows import from_review

ROWS = """study,yi,sei,trial
Lee 2019,-2.31,0.60,a
Kim 2020,-0.46,0.56,a
Ng 2021,-2.30,0.88,b
Roy 2022,-1.76,0.46,c
Sen 2023,,0.5,c
"""


@pytest.fixture(name="path")
def _path(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture(name="rows")
def _rows(path):
    return from_csv(path, columns={"yi": "yi", "sei": "sei"}, measure="OR", labels="study",
                    reading=DEFAULT)  # fmt: skip


def test_a_run_is_the_model_of_its_rows(rows):
    run = run_bayes(rows, tau_prior="half-normal:0.5")
    fit = review.bayes_meta([-2.31, -0.46, -2.30, -1.76], [0.60, 0.56, 0.88, 0.46],
                            "half-normal:0.5")  # fmt: skip
    assert run.result.mu == fit.mu
    assert run.left_out == [("Sen 2023", "no value for yi")]
    assert run.priors.chosen == "half-normal:0.5"


def test_text_tables_and_figures_agree_digit_for_digit(rows):
    run = run_bayes(rows, tau_prior="half-normal:0.5", mu_prior="normal:0,4")
    files = bayes_tables(run, "x")
    text = files["x.txt"].decode()
    table = list(csv.DictReader(files["x-table.csv"].decode().splitlines()))
    average = next(row for row in table if row["kind"] == "total")
    assert float(average["posterior_estimate"]) == math.exp(run.result.mu.median)
    said = headline(run)
    numbers = said.split(": ")[1].split(";")[0]
    assert numbers in text
    (forest, posteriors, priors) = bayes_artifacts(run, "x")
    assert f">{numbers}<" in forest.panels[0].svg
    assert posteriors.caption == priors.caption == said
    data = json.loads(files["x.json"])
    assert data["result"]["mu"]["median"] == run.result.mu.median
    assert [r["label"] for r in data["forest"]] == [r["label"] for r in table]
    rows_of_priors = list(csv.DictReader(files["x-priors.csv"].decode().splitlines()))
    assert float(rows_of_priors[1]["beta"]) == run.result.mu.median
    parameters = list(csv.DictReader(files["x-parameters.csv"].decode().splitlines()))
    assert float(parameters[0]["median"]) == run.result.tau.median


def test_rows_of_a_study_are_put_together_first(rows):
    run = run_bayes(rows, tau_prior="half-normal:0.5", cluster="trial", rho=0.5)
    assert run.result.slab == ("a", "b", "c")
    found = review.aggregate_effects([-2.31, -0.46], np.square([0.60, 0.56]), ["a", "a"], rho=0.5)
    assert run.result.yi[0] == found.yi[0]
    assert run.result.vi[0] == found.vi[0]
    assert any("4 results come from 3 studies" in note for note in run.notes)
    assert run.left_out == [("Sen 2023", "no value for yi")]


def test_raw_numbers_become_effects(tmp_path):
    path = tmp_path / "raw.csv"
    path.write_text("study,ai,n1i,ci,n2i\na,5,50,9,50\nb,9,60,12,60\nc,3,40,8,40\n", "utf-8")
    rows = from_csv(path, columns={}, measure="OR", labels=None, reading=DEFAULT)
    run = run_bayes(rows)
    assert run.result.measure == "OR"
    assert any("no prior of tau was named" in note for note in run.notes)
    assert "odds ratio" in run.text()


def test_a_review_is_pooled_by_study():
    opened = review.open_review("kim2022")
    rows = from_review(opened, "auc", measure=None, role="headline")
    run = run_bayes(rows, tau_prior="half-normal:0.5")
    assert run.result.k >= 3
    assert run.result.mu.ci_lb < run.result.mu.median < run.result.mu.ci_ub


def test_priors_to_compare_are_those_asked_for(rows):
    run = run_bayes(rows, tau_prior="half-normal:0.5", priors=["jeffreys", "half-cauchy:1"])
    assert run.priors.priors == ("half-normal:0.5", "jeffreys", "half-cauchy:1")
    with pytest.raises(InputError, match="half-norml"):
        run_bayes(rows, tau_prior="half-norml:1")

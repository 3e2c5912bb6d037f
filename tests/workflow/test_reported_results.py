"""Results to pool: those of results.csv, or what the table of studies states itself."""

from __future__ import annotations

import pytest

from review.project import open_review
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import from_review
from review.workflow.pooling.reported import reported_results


@pytest.fixture(name="coded")
def _coded(kim_copy):
    (kim_copy / "results.csv").unlink()
    return open_review(kim_copy)


def test_headline_values_of_the_studies_are_those_of_the_results(coded):
    """README of the data: results.csv holds one headline row per study and metric."""
    fields = ("study_id", "metric", "value", "ci_low", "ci_high", "n_test", "n_pos", "n_neg")
    stated = {tuple(getattr(r, f) for f in fields) for r in reported_results(coded)}
    kim = open_review("kim2022")
    listed = {tuple(getattr(r, f) for f in fields) for r in kim.results if r.role == "headline"}
    assert len(stated) == 213
    assert stated == listed


def test_pooling_without_results_gives_the_same_estimate(coded):
    for outcome in ("auc", "accuracy"):
        with_file = run_meta(from_review(open_review("kim2022"), outcome)).result
        without = run_meta(from_review(coded, outcome)).result
        assert without.k == with_file.k
        assert without.beta[0] == pytest.approx(with_file.beta[0], rel=1e-12)


def test_a_review_without_performance_has_no_results(new_review):
    assert reported_results(open_review(new_review)) == []

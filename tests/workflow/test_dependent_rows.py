"""Rows that share a study: found, said, pooled as correlated and hierarchical effects."""

from __future__ import annotations

import json

import pytest

from review.errors import InputError, UnknownNameError
from review.project import open_review
from review.stats.multilevel.che import CHEResult, che_model
from review.stats.pooling.meta_result import MetaResult
from review.workflow.pooling.dependent_rows import find_clusters
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import MetaInput, from_review

Y = [0.1, 0.3, 0.8, 0.6, 0.2, 0.5, 0.1]
V = [0.02, 0.03, 0.04, 0.03, 0.02, 0.05, 0.03]
STUDY = ["a", "a", "b", "b", "c", "d", "e"]


def _rows(**more):
    data = {"study": list(STUDY), "x": [1.0, 2.0, 1.0, 3.0, 2.0, 4.0, 1.0]} | more
    return MetaInput(
        title="t", source="s", measure=None, columns={"yi": Y, "vi": V},
        labels=[f"r{i}" for i in range(7)], data=data, links=[None] * 7,
    )  # fmt: skip


def test_a_file_is_pooled_as_it_is_and_the_studies_are_proposed():
    run = run_meta(_rows())
    assert isinstance(run.result, MetaResult)
    assert any("7 rows have 5 different values of 'study'" in note for note in run.notes)
    alone = run_meta(_rows(study=list("abcdefg")))
    assert not any("different values" in note for note in alone.notes)


def test_named_clusters_are_the_correlated_and_hierarchical_model():
    run = run_meta(_rows(), cluster="study", rho=0.4)
    fit = che_model(Y, V, cluster=STUDY, rho=0.4)
    assert isinstance(run.result, CHEResult)
    assert run.result.beta == pytest.approx(fit.beta, rel=1e-9)
    assert run.result.se == pytest.approx(fit.se, rel=1e-9)
    assert run.egger is None
    text = run.text()
    assert "7 effects of 5 studies" in text
    assert "rho = 0.4" in text
    assert "(chosen: 0.4)" in text
    plain = json.loads(json.dumps(run.to_dict()))
    assert plain["result"]["m"] == 5
    assert plain["rho"]["chosen"] == 0.4
    total = next(row for row in run.table if row["kind"] == "total")
    assert total["label"] == "Total (CHE, 7 effects of 5 studies)"
    assert (total["ci_lb"], total["ci_ub"]) == pytest.approx((fit.ci_lb[0], fit.ci_ub[0]))
    with pytest.raises(InputError, match="several rows share a study"):
        run.single  # noqa: B018


def test_the_model_alone_finds_the_column():
    assert isinstance(run_meta(_rows(), model="mv").result, CHEResult)
    assert isinstance(run_meta(_rows(), model="uni").result, MetaResult)
    assert not run_meta(_rows(), model="uni").notes


def test_moderators_of_dependent_rows():
    run = run_meta(_rows(), cluster="study", mods="x")
    fit = che_model(Y, V, "~ x", {"x": _rows().data["x"]}, STUDY)
    assert run.result.beta == pytest.approx(fit.beta, rel=1e-9)


def test_results_of_a_review_that_share_a_study_are_pooled_by_study():
    kim = open_review("kim2022")
    run = run_meta(from_review(kim, "accuracy", role=None))
    assert isinstance(run.result, CHEResult)
    assert run.result.m < run.result.k
    assert any("come from 9 studies" in note for note in run.notes)
    assert isinstance(run_meta(from_review(kim, "accuracy")).result, MetaResult)
    # what is about one effect per study decides against it, and says so
    single = run_meta(from_review(kim, "accuracy", role=None), also=["egger"])
    assert isinstance(single.result, MetaResult)
    assert any("treated as independent, because --also" in note for note in single.notes)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"model": "mvv"}, UnknownNameError, "model 'mvv'"),
        ({"cluster": "stdy"}, UnknownNameError, "'stdy'"),
        ({"model": "uni", "cluster": "study"}, InputError, "not about --model uni"),
        ({"cluster": "study", "rho": 1.0}, InputError, "from 0 to below 1"),
        ({"cluster": "study", "by": "x"}, InputError, "--by is about one effect per study"),
        ({"cluster": "study", "also": ["egger"]}, InputError, "--also is about"),
        ({"cluster": "study", "method": "DL"}, InputError, "--method is about"),
    ],
)
def test_wrong_options_are_named(options, error, said):
    with pytest.raises(error, match=said):
        run_meta(_rows(), **options)


def test_rows_without_a_column_of_studies():
    rows = MetaInput("t", "s", None, {"yi": Y, "vi": V}, list("abcdefg"), {"x": Y})
    with pytest.raises(InputError, match="name it with --cluster"):
        find_clusters(rows, "mv", None, None)
    with pytest.raises(InputError, match="name their column"):
        find_clusters(rows, None, None, 0.5)
    assert find_clusters(rows, None, None, None) == (None, [])


def test_a_report_says_how_many_results_of_how_many_studies(kim_copy):
    from review.report.results import Results
    from review.report.sections.meta_section import build
    from review.workflow.pooling.meta_run import default_runs

    path = kim_copy / "results.csv"
    text = path.read_text(encoding="utf-8").replace(",comparison,", ",headline,")
    path.write_text(text, encoding="utf-8")
    kim = open_review(kim_copy)
    runs = {run.rows.outcome: run for run in default_runs(kim)}
    assert isinstance(runs["accuracy"].result, CHEResult)
    assert runs["accuracy"].subgroups is None  # they are about one effect per study
    assert "effects of 9 studies" in runs["accuracy"].result.sample
    section = build(Results(kim))
    said = " ".join(section.methods)
    assert "19 effects of 9 studies" in said
    assert "were assumed to be correlated by 0.6" in said
    pooled = next(e for e in section.estimates if e.key == "meta.accuracy.pooled")
    assert pooled.value == pytest.approx(runs["accuracy"].forest[-2].estimate)

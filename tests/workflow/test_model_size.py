from __future__ import annotations

import csv
import math

import pytest

from review.analysis_api import Options, find_modules, load_module
from review.errors import InputError
from review.models.backbones import backbones
from review.project import open_review
from review.workflow.comparisons import Pair
from review.workflow.model_size import (
    larger_wins,
    model_size,
    network_of,
    result_columns,
    size_columns,
    usual_classes,
)


@pytest.fixture(name="kim", scope="module")
def _kim():
    return open_review("kim2022")


@pytest.fixture(name="coded")
def _coded(kim_copy):
    """A copy of kim2022 with studies whose network is coded as given."""

    def make(*cells):
        path = kim_copy / "studies.csv"
        header = path.read_text("utf-8").splitlines()[0].split(",")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows({"study_id": f"s{i}", "year": 2020} | c for i, c in enumerate(cells))
        return open_review(kim_copy)

    return make


@pytest.mark.parametrize(
    ("cells", "status", "key"),
    [
        ({"backbones": "VGG-16"}, "known", "VGG16"),
        ({"backbones": "VGG16;vgg-16"}, "known", "VGG16"),
        ({"backbones": "VGG16;ResNet50"}, "several", None),
        ({"backbones": "ResNet"}, "family", None),
        ({"backbones": "vgg-f"}, "unlisted", None),
        ({"backbone": "Inception1"}, "known", "GoogLeNet"),
        ({"backbone": "ResNet"}, "family", None),
        ({"backbone": "ResNet", "backbones": "ResNet50"}, "known", "ResNet50"),
        ({"backbone": "many"}, "several", None),
        ({"backbone": "else"}, "unlisted", None),
        ({}, "not stated", None),
    ],
)  # fmt: skip
def test_the_network_of_a_study_is_never_guessed(coded, cells, status, key):
    review = coded(cells)
    found = network_of(review, review.studies[0])
    assert found.status == status
    assert (found.backbone.key if found.backbone else None) == key


def test_columns_for_analysis(coded):
    review = coded({"backbones": "VGG16"}, {"backbones": "ResNet"})
    columns = size_columns(review, review.studies)
    assert columns["params"][0] == 138_357_544
    assert columns["depth"][0] == 16
    assert math.isnan(columns["params"][1])


def test_every_study_is_accounted_for(kim):
    found = model_size(kim, seed=1)
    assert sum(found.statuses.values()) == len(kim.studies) == 191


def test_rows_are_the_studies_with_a_known_network_and_the_metric(kim):
    found = model_size(kim, seed=1)
    known = {
        s.study_id: network_of(kim, s).backbone.key
        for s in kim.studies
        if network_of(kim, s).backbone is not None
    }
    assert found.statuses["known"] == len(known)
    for metric in found.metrics:
        expected = {s for s in known if kim.study(s).value(metric.metric) is not None}
        assert {row["study_id"] for row in metric.rows} == expected
        assert all(row["network"] == known[row["study_id"]] for row in metric.rows)
        assert all(row["depth"] == backbones()[row["network"]].depth for row in metric.rows)


def test_rank_correlation_is_that_of_scipy(kim):
    from scipy.stats import spearmanr

    for metric in model_size(kim, seed=1).metrics:
        x = [row[metric.measure] for row in metric.rows]
        y = [float(row["value"]) for row in metric.rows]
        assert metric.correlation.n == len(x)
        assert metric.correlation.rho == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)


def pair(study, first, second, x, y):
    return Pair(study, "backbone", "auc", first, second, x, y)


def test_larger_and_deeper_are_different_questions():
    # VGG16 has more parameters, ResNet50 is deeper
    found = [pair("a", "ResNet50", "VGG16", 0.9, 0.8), pair("b", "ResNet50", "VGG16", 0.9, 0.9)]
    params, depth = larger_wins(found, "params"), larger_wins(found, "depth")
    assert (params.larger, params.smaller, params.tied) == (0, 1, 1)
    assert (depth.larger, depth.smaller, depth.tied) == (1, 0, 1)


def test_families_have_no_size_to_compare():
    assert larger_wins([pair("a", "ResNet", "VGG16", 0.9, 0.8)], "params").larger == 0


def test_a_review_without_networks_says_what_is_missing(new_review):
    with pytest.raises(InputError, match=r"no study of mine .*\(there are no studies\)"):
        model_size(open_review(new_review), seed=1)


def test_no_known_network_is_an_error(coded):
    with pytest.raises(InputError, match="no study of kim states one network"):
        model_size(coded({"backbones": "ResNet"}), seed=1)


def test_usual_number_of_classes(kim, coded):
    assert usual_classes(kim) == 2
    assert usual_classes(coded({"n_classes": 7}, {"n_classes": 7}, {"n_classes": 3})) == 7
    assert usual_classes(coded({})) == 2


def test_the_figure_shows_the_same_numbers(kim):
    artifact = load_module(find_modules(None, "figure")["size"]).build(kim, Options())
    assert [p.letter for p in artifact.panels] == ["a", "b", "c", "d"]
    found = model_size(kim, seed=Options().seed)
    for panel, metric in zip(artifact.panels, found.metrics, strict=True):
        assert panel.statistics["n"] == len(panel.rows) == len(metric.rows)
        assert panel.statistics["spearman"]["rho"] == metric.correlation.rho
        points = sum(len(t["x"]) for t in panel.figure.to_dict()["data"] if t["x"] != [None])
        assert points == len(metric.rows)
    assert "no effect of the network" in artifact.notes[-1]
    assert artifact.notes[0].startswith("Of 191 studies, ")


def test_results_carry_the_size_of_the_network_they_name(kim):
    results = [r for r in kim.results if r.study_id in {"khan2020brain", "ahn2018glaucoma"}]
    columns = result_columns(kim, [kim.study(r.study_id) for r in results], results)
    by_model = {
        (r.study_id, r.role, r.model): depth
        for r, depth in zip(results, columns["depth"], strict=True)
    }
    assert by_model["khan2020brain", "comparison", "ResNet50"] == 50
    assert math.isnan(by_model["khan2020brain", "comparison", "authors' own CNN (not pretrained)"])
    assert by_model["ahn2018glaucoma", "headline", "InceptionV3"] == 48


def test_size_and_depth_are_moderators_of_a_meta_analysis(kim):
    from review.workflow.pooling.pooled_rows import from_review

    data = from_review(kim, "auc").data
    known = [d for d in data["depth"] if not math.isnan(d)]
    assert known
    assert set(known) <= {float(b.depth) for b in backbones().values()}
    assert len(data["params"]) == len(data["depth"]) == len(data["year"])


def test_no_columns_where_no_network_is_known():
    shtem = open_review("shtem2021")
    assert result_columns(shtem, [], []) == {}

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.project import open_review
from review.workflow.comparisons import Pair, contests, pairs, sign_test


@pytest.fixture(name="with_results")
def _with_results(kim_copy):
    """A copy of kim2022 whose results are the rows given."""

    def make(*rows):
        path = kim_copy / "results.csv"
        header = path.read_text("utf-8").splitlines()[0].split(",")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows({"role": "comparison", "metric": "auc"} | row for row in rows)
        return open_review(kim_copy)

    return make


def row(study, model, value, **more):
    return {"study_id": study, "model": model, "value": value, **more}


def test_two_networks_under_the_same_description_are_a_pair(with_results):
    review = with_results(
        row("a", "VGG16 + SVM", 0.8), row("a", "InceptionV3 + SVM", 0.9),
        row("a", "ResNet50 fine-tuned", 0.95), row("b", "VGG16 + SVM", 0.7),
    )  # fmt: skip
    assert pairs(review, "backbone") == (
        Pair("a", "backbone", "auc", "Inception3", "VGG16", 0.9, 0.8),
    )


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"model": "VGG16", "dataset": "A"}, {"model": "ResNet50", "dataset": "B"}),
        ({"model": "VGG16", "n_test": "50"}, {"model": "ResNet50", "n_test": "60"}),
        ({"model": "VGG16", "metric": "auc"}, {"model": "ResNet50", "metric": "accuracy"}),
        ({"model": "VGG16 on grey images"}, {"model": "ResNet50 on colour images"}),
        ({"model": "VGG16", "tl_type": "fine_tuning"},
         {"model": "ResNet50", "tl_type": "feature_extractor"}),
        ({"model": "VGG16"}, {"model": "VGG-16"}),
        ({"model": "VGG16"}, {"model": "our own network"}),
        ({"model": "VGG16"}, {"model": "VGG16 and ResNet50"}),
        ({"model": "VGG16", "role": "headline"}, {"model": "ResNet50"}),
    ],
)  # fmt: skip
def test_what_differs_otherwise_is_no_pair(with_results, one, two):
    review = with_results(
        {"study_id": "a", "value": 0.8} | one, {"study_id": "a", "value": 0.9} | two
    )
    assert not pairs(review, "backbone")


def test_types_are_compared_on_one_network(with_results):
    review = with_results(
        row("a", "VGG19 features + SVM", 0.84, tl_type="feature_extractor_hybrid"),
        row("a", "VGG19, last layers retrained", 0.86, tl_type="feature_extractor"),
        row("a", "ResNet50", 0.9, tl_type="fine_tuning"),
    )
    (pair,) = pairs(review, "tl_type")
    assert (pair.first, pair.second, pair.sign) == (
        "feature_extractor", "feature_extractor_hybrid", 1,
    )  # fmt: skip


def test_a_value_given_twice_is_ambiguous(with_results):
    review = with_results(row("a", "VGG16", 0.8), row("a", "VGG16", 0.7), row("a", "ResNet50", 0.9))
    assert not pairs(review, "backbone")


def pair(study, x, y, metric="auc"):
    return Pair(study, "backbone", metric, "A", "B", x, y)


def test_each_study_has_one_vote():
    (found,) = contests(
        [pair("s", 0.9, 0.8), pair("s", 0.9, 0.8, "accuracy"), pair("t", 0.5, 0.6),
         pair("u", 0.9, 0.8), pair("u", 0.7, 0.8, "accuracy")]
    )  # fmt: skip
    assert (found.first_better, found.second_better, found.tied) == (1, 1, 1)
    assert not found.ranked


def test_six_to_nothing_can_be_ranked_and_five_to_nothing_cannot():
    six = contests([pair(f"s{i}", 0.9, 0.8) for i in range(6)])[0]
    assert six.p_value == pytest.approx(2 / 64)
    assert six.ranked
    assert not contests([pair(f"s{i}", 0.9, 0.8) for i in range(5)])[0].ranked


def test_many_contests_are_adjusted_for():
    other = [Pair("x", "backbone", "auc", "C", "D", 0.1, 0.2)]
    found = {c.first: c for c in contests([pair(f"s{i}", 0.9, 0.8) for i in range(6)] + other)}
    assert found["A"].p_holm == pytest.approx(4 / 64)
    assert not found["A"].ranked


@given(st.integers(0, 200), st.integers(0, 200))
def test_sign_test_is_the_binomial_test(better, worse):
    from scipy.stats import binomtest

    p = sign_test(better, worse)
    if better + worse == 0:
        assert p is None
    else:
        assert p == pytest.approx(binomtest(better, better + worse).pvalue)


def test_thousands_of_votes_do_not_overflow():
    assert sign_test(3000, 2000) == pytest.approx(0, abs=1e-12)


def test_the_bundled_comparisons():
    # Khan 2020 reports accuracy 0.96, 0.89 and 0.75 for VGG16, ResNet50 and InceptionV3
    found = [p for p in pairs(open_review("kim2022"), "backbone") if p.study_id == "khan2020brain"]
    assert [(p.first, p.first_value, p.second, p.second_value) for p in found] == [
        ("Inception3", 0.75, "ResNet50", 0.89),
        ("Inception3", 0.75, "VGG16", 0.96),
        ("ResNet50", 0.89, "VGG16", 0.96),
    ]
    assert not any(c.ranked for c in contests(pairs(open_review("kim2022"), "backbone")))

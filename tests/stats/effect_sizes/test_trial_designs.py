"""Clusters, shared controls, combined groups and pairs: published examples and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import review
from review import InputError, StatsError
from review.stats.effects.trial_designs import combine_groups

TABLE = {"ai": 63, "n1i": 295, "ci": 84, "n2i": 330}


def test_a_cluster_trial_of_the_handbook():
    """Cochrane Handbook 23.1.4: 21 classes, 625 children, ICC 0.02; sizes 187.2 and 209.4."""
    size = 29.8  # (295 + 330) / (10 + 11)
    es = review.effect_size("RR", **TABLE, icc=0.02, cluster_size=size)
    deff = 1 + (size - 1) * 0.02
    assert deff == pytest.approx(1.576, abs=5e-4)
    assert (295 / deff, 330 / deff) == pytest.approx((187.2, 209.4), abs=0.06)
    assert (63 / deff, 84 / deff) == pytest.approx((40.0, 53.3), abs=0.05)
    plain = review.effect_size("RR", **TABLE)
    assert es.yi[0] == pytest.approx(plain.yi[0], rel=1e-12)
    assert es.vi[0] == pytest.approx(deff * plain.vi[0], rel=1e-12)
    (made,) = es.conversions
    assert made.approximate
    assert made.gives["design effect"] == pytest.approx(deff)
    assert not any("whole" in note for note in es.notes)
    given_directly = review.effect_size("RR", **TABLE, deff=deff)
    assert given_directly.vi[0] == pytest.approx(es.vi[0], rel=1e-12)


@pytest.mark.parametrize(
    ("measure", "columns"),
    [
        ("MD", {"est": 1.0, "se": 0.5}),
        ("AUC", {"auc": 0.8, "se": 0.05}),
        ("HR", {"oei": -3, "voei": 8}),
        ("MD", {"m1i": 1, "sd1i": 2, "n1i": 40, "m2i": 0, "sd2i": 2, "n2i": 44}),
        ("IRR", {"x1i": 5, "t1i": 100, "x2i": 9, "t2i": 120}),
        ("PLO", {"xi": 12, "ni": 60}),
        ("ACC", {"tp": 20, "tn": 30, "fp": 4, "fn": 6}),
    ],
)
def test_the_design_effect_multiplies_the_variance(measure, columns):
    plain = review.effect_size(measure, **columns)
    wide = review.effect_size(measure, **columns, deff=1.8)
    assert wide.yi[0] == pytest.approx(plain.yi[0], rel=1e-12)
    assert wide.vi[0] == pytest.approx(1.8 * plain.vi[0], rel=1e-12)
    assert len(wide.conversions) == len(plain.conversions) + 1


def test_clusters_of_unequal_sizes_and_rows_without_clusters():
    es = review.effect_size(
        "RR", **TABLE, icc=[0.02, None, 0.02], cluster_size=[30, None, 30], cluster_cv=[0, 0, 0.6]
    )
    plain = review.effect_size("RR", **TABLE).vi[0]
    wide = 1 + (30 * 1.36 - 1) * 0.02
    np.testing.assert_allclose(es.vi / plain, [1.58, 1.0, wide], rtol=1e-12)
    assert [c.row for c in es.conversions] == [1, 3]


def test_half_a_cluster_description_leaves_the_row_out():
    es = review.effect_size("RR", **TABLE, icc=[0.02, 0.02], cluster_size=[30, None])
    assert [row.reason for row in es.left_out] == ["icc and cluster_size belong together"]
    with pytest.raises(InputError, match="mean cluster size"):
        review.effect_size("RR", **TABLE, icc=0.02)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"deff": 0.5}, "must be 1 or more"),
        ({"icc": 1.5, "cluster_size": 30}, "an intracluster correlation"),
        ({"icc": 0.1, "cluster_size": 0.2}, "cluster_size must be 1 or more"),
        ({"shared": 0}, "comparisons with this control"),
    ],
)
def test_impossible_designs(more, words):
    with pytest.raises(StatsError, match=words):
        review.effect_size("RR", **TABLE, **more)


def test_a_shared_control_group_is_divided():
    """Cochrane Handbook 23.3.4: events and persons over the comparisons; of means the persons."""
    es = review.effect_size("RR", ai=10, n1i=50, ci=18, n2i=60, shared=2)
    want = review.effect_size("RR", ai=10, n1i=50, ci=9, n2i=30)
    assert (es.yi[0], es.vi[0]) == (pytest.approx(want.yi[0]), pytest.approx(want.vi[0]))
    means = {"m1i": 5, "sd1i": 2, "n1i": 30, "m2i": 4, "sd2i": 3, "n2i": 40}
    split = review.effect_size("MD", **means, shared=2)
    assert split.vi[0] == pytest.approx(4 / 30 + 9 / 20, rel=1e-12)
    alone = review.effect_size("RR", est=[0.8], se=[0.2], shared=2)
    assert alone.vi[0] == pytest.approx(0.04)
    assert "not split, since only an estimate is known: row 1" in alone.notes[0]


@settings(max_examples=40)
@given(sizes=st.lists(st.integers(2, 12), min_size=2, max_size=4), seed=st.integers(0, 10**6))
def test_combined_groups_equal_all_persons_together(sizes, seed):
    rng = np.random.default_rng(seed)
    groups = [rng.normal(rng.normal(0, 5), rng.uniform(0.5, 4), n) for n in sizes]
    n, mean, sd = combine_groups(sizes, [g.mean() for g in groups], [g.std(ddof=1) for g in groups])
    everyone = np.concatenate(groups)
    assert (n, mean, sd) == pytest.approx(
        (len(everyone), everyone.mean(), everyone.std(ddof=1)), rel=1e-9
    )


def test_groups_without_persons_are_refused():
    with pytest.raises(StatsError, match="sizes above 0"):
        combine_groups([10, 0], [1, 2], [1, 1])


def test_a_crossover_trial_against_simulation():
    """The variance of the mean difference of pairs: 20,000 trials of 30 patients."""
    rng = np.random.default_rng(1)
    covariance = [[9.0, 0.6 * 12], [0.6 * 12, 16.0]]
    draws = rng.multivariate_normal([10, 8], covariance, (20_000, 30))
    difference = (draws[..., 0] - draws[..., 1]).mean(axis=1)
    es = review.effect_size("MD", m1i=10, sd1i=3, m2i=8, sd2i=4, corr=0.6, ni=30)
    assert es.yi[0] == 2
    assert es.vi[0] == pytest.approx(difference.var(), rel=0.03)
    assert es.conversions[0].method == "crossover or matched pairs"


def test_a_standardised_difference_of_pairs():
    """Borenstein et al. (2009), ch. 4: d 0.4225, its variance 0.0131 (r = 0.7, n = 50).

    Their table 4.2 example: means 103 and 100, SD of the difference 5.5, correlation 0.7.
    """
    within = 5.5 / np.sqrt(2 * (1 - 0.7))
    es = review.effect_size("SMD", m1i=103, sd1i=within, m2i=100, sd2i=within, corr=0.7, ni=50)
    factor = 1 - 3 / (4 * 49 - 1)  # their approximation of the correction
    assert es.yi[0] == pytest.approx(0.4225 * factor, rel=1e-3)
    assert es.vi[0] == pytest.approx(0.0131 * factor**2, rel=2e-2)


@pytest.mark.parametrize(("measure", "paired"), [("OR", "MPOR"), ("RR", "MPRR"), ("RD", "MPRD")])
def test_pairs_beside_parallel_groups(measure, paired):
    es = review.effect_size(
        measure, ai=[10, None], n1i=[50, None], ci=[15, None], n2i=[52, None],
        both=[None, 12], only1=[None, 5], only2=[None, 11], neither=[None, 20],
    )  # fmt: skip
    want = review.effect_size(paired, ai=12, bi=5, ci=11, di=20)
    assert (es.yi[1], es.vi[1]) == (want.yi[0], want.vi[0])
    assert es.yi[0] == review.effect_size(measure, ai=10, n1i=50, ci=15, n2i=52).yi[0]

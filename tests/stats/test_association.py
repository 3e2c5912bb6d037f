from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.errors import InputError, StatsError
from review.stats.association.contingency import cramers_v, random_tables
from review.stats.association.kruskal_wallis import kruskal_wallis
from review.stats.ground.p_adjustment import holm


def grouped(sizes, seed, distinct=1000):
    rng = np.random.default_rng(seed)
    groups = [g for g, n in zip("abcdef", sizes, strict=False) for _ in range(n)]
    return rng.integers(0, distinct, len(groups)).astype(float), groups


@pytest.mark.parametrize("distinct", [5, 10**6])
def test_statistic_and_p_value_are_scipys(distinct):
    from scipy.stats import kruskal

    y, g = grouped((8, 11, 6), 1, distinct)
    ours = kruskal_wallis(y, g)
    theirs = kruskal(*[[v for v, k in zip(y, g, strict=True) if k == name] for name in "abc"])
    assert ours.h == pytest.approx(theirs.statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert ours.method == "chi-squared approximation"
    assert ours.epsilon2 == pytest.approx(ours.h / 24)
    assert ours.df == 2


def test_small_groups_are_permuted():
    y, g = grouped((3, 3), 2)
    ours = kruskal_wallis(y, g)
    every = []
    for chosen in itertools.combinations(range(6), 3):
        names = ["a" if i in chosen else "b" for i in range(6)]
        every.append(kruskal_wallis(y, names, permutations=1).h)
    exact = np.mean(np.array(every) >= ours.h - 1e-9)
    assert "sampled permutations" in ours.method
    assert ours.p_value == pytest.approx(exact, abs=0.02)


def test_dunn_is_kruskal_wallis_for_two_groups():
    y, g = grouped((9, 14), 3, distinct=12)
    result = kruskal_wallis(y, g)
    (pair,) = result.pairs
    assert pair.z**2 == pytest.approx(result.h, rel=1e-10)
    assert pair.p_value == pytest.approx(result.p_value, rel=1e-9)


def test_dunn_by_its_published_formula():
    from scipy.stats import rankdata

    y, g = grouped((7, 8, 9), 4, distinct=15)
    result = kruskal_wallis(y, g)
    ranks, n = rankdata(y), len(y)
    _, ties = np.unique(y, return_counts=True)
    correction = float((ties**3 - ties).sum()) / (12 * (n - 1))
    mean = {k: np.mean([r for r, name in zip(ranks, g, strict=True) if name == k]) for k in "abc"}
    size = {k: g.count(k) for k in "abc"}
    for pair in result.pairs:
        variance = (n * (n + 1) / 12 - correction) * (1 / size[pair.a] + 1 / size[pair.b])
        assert pair.z == pytest.approx((mean[pair.a] - mean[pair.b]) / math.sqrt(variance))
    assert [s.name for s in result.groups] == ["c", "b", "a"]
    assert result.groups[2].mean_rank == pytest.approx(mean["a"])
    assert [p.p_holm for p in result.pairs] == pytest.approx(
        holm([p.p_value for p in result.pairs])
    )


def test_small_groups_missing_values_and_equal_values_are_named():
    result = kruskal_wallis([1, 2, 3, 4, 5, None], ["a", "a", "b", "b", "c", "a"])
    assert result.left_out == (("c", 1),)
    assert (result.n, result.dropped) == (4, 1)
    alone = kruskal_wallis([1, 2, 3], ["a", "a", None])
    assert alone.h is None
    assert "2 are needed" in alone.reason
    assert "equal" in kruskal_wallis([1, 1, 1, 1], ["a", "a", "b", "b"]).reason
    assert kruskal_wallis([], []).h is None
    json.dumps(alone.to_dict(), allow_nan=False)
    with pytest.raises(StatsError, match="3 values but 2 groups"):
        kruskal_wallis([1, 2, 3], ["a", "b"])
    with pytest.raises(InputError, match="must be a number"):
        kruskal_wallis(["x", 2], ["a", "b"])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 20), min_size=12, max_size=12))
def test_monotone_changes_of_the_values_change_nothing(values):
    groups = ["a", "b", "c"] * 4
    one = kruskal_wallis(values, groups, permutations=99)
    other = kruskal_wallis([math.exp(v) * 1e-9 for v in values], groups, permutations=99)
    assert (one.h, one.p_value) == (other.h, other.p_value)
    renamed = kruskal_wallis(values, [g * 3 for g in groups], permutations=99)
    assert renamed.h == one.h


def test_hundreds_of_groups_are_tested_but_not_paired():
    rng = np.random.default_rng(11)
    result = kruskal_wallis(rng.normal(size=3000), [str(i % 300) for i in range(3000)])
    assert result.df == 299
    assert result.pairs == ()
    assert result.pairs_method == "not compared: 300 groups"


def test_holm_is_statsmodels():
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(5)
    p = [*rng.uniform(size=9).tolist(), 0.01, 0.01]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert holm([None, 0.02, None]) == [None, 0.02, None]
    assert holm([]) == []
    for wrong in (1.2, -0.1, math.nan):
        with pytest.raises(StatsError, match="p-value 2"):
            holm([0.5, wrong])


def test_cramers_v_is_scipys():
    from scipy.stats import chi2_contingency
    from scipy.stats.contingency import association

    rng = np.random.default_rng(6)
    a = rng.integers(0, 4, 150)
    b = (a + rng.integers(0, 3, 150)) % 5
    result = cramers_v(a.tolist(), b.tolist())
    table = np.array(result.counts)
    assert table.sum() == result.n == 150
    assert result.v == pytest.approx(association(table, method="cramer"))
    assert result.chi2 == pytest.approx(chi2_contingency(table, correction=False).statistic)
    assert result.p_value == pytest.approx(1 / 10_000)


def test_cramers_p_value_is_that_of_permuting_one_variable():
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, 3, 30), rng.integers(0, 3, 30)
    ours = cramers_v(a.tolist(), b.tolist())
    observed, hits, runs = ours.chi2, 0, 4000

    def chi2(x, y):
        table = np.zeros((3, 3))
        np.add.at(table, (x, y), 1)
        expected = np.outer(table.sum(1), table.sum(0)) / len(x)
        return ((table - expected) ** 2 / expected).sum()

    for _ in range(runs):
        hits += chi2(a, rng.permutation(b)) >= observed - 1e-9
    assert ours.p_value == pytest.approx(hits / runs, abs=0.03)


def test_random_tables_keep_their_margins_and_have_the_expected_mean():
    row, column = np.array([5, 0, 12]), np.array([7, 6, 4])
    tables = random_tables(row, column, 5000, np.random.default_rng(8))
    assert (tables >= 0).all()
    assert (tables.sum(axis=2) == row).all()
    assert (tables.sum(axis=1) == column).all()
    assert tables.mean(axis=0) == pytest.approx(np.outer(row, column) / 17, abs=0.1)


def test_bias_correction_removes_what_chance_gives():
    rng = np.random.default_rng(9)
    plain, corrected = [], []
    for _ in range(60):
        result = cramers_v(
            rng.integers(0, 6, 60).tolist(), rng.integers(0, 6, 60).tolist(), permutations=1
        )
        plain.append(result.v)
        corrected.append(result.v_corrected)
    assert np.mean(plain) > 0.25
    assert np.mean(corrected) < 0.12


def test_both_ways_of_sampling_agree():
    from review.stats.association.contingency import _as_extreme, _permuted

    rng = np.random.default_rng(10)
    x, y = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    table = np.zeros((4, 3), dtype=np.int64)
    np.add.at(table, (x, y), 1)
    chi2 = cramers_v(x.tolist(), y.tolist(), permutations=1).chi2
    one = _permuted(x, y, chi2, 8000, rng) / 8000
    other = _as_extreme(table, chi2, 8000, rng) / 8000
    assert one == pytest.approx(other, abs=0.03)


def test_very_large_tables_are_sampled_less_and_say_so():
    names = [f"{i % 900}" for i in range(40_000)]
    result = cramers_v(names, names)
    assert result.v == 1.0
    assert result.permutations == 500
    assert "500 sampled" in result.method
    names = [str(i) for i in range(2000)]
    too_many = cramers_v(names, names)
    assert too_many.v is None
    assert "too many" in too_many.reason


def test_degenerate_tables_have_a_reason():
    one = cramers_v(["a", "a"], ["x", "y"])
    assert one.v is None
    assert "does not vary" in one.reason
    none = cramers_v([None, "a"], ["x", None])
    assert (none.n, none.dropped, none.reason) == (0, 2, "no pairs")
    assert "not defined" in str(none)
    json.dumps(none.to_dict(), allow_nan=False)
    perfect = cramers_v(list("aabbcc"), list("xxyyzz"))
    assert perfect.v == 1.0
    with pytest.raises(StatsError, match="1 and 2"):
        cramers_v(["a"], ["b", "c"])

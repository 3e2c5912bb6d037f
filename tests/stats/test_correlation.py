from __future__ import annotations

import itertools
import json
import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.association.rank_correlation import p_from_rho, spearman
from review.stats.association.rank_distribution import centred_ranks


def brute_force(x, y, alternative="two-sided"):
    """Every ordering of y, with Pearson's correlation of mid-ranks by scipy's ranks."""
    from scipy.stats import rankdata

    a, b = rankdata(x), rankdata(y)
    a, b = a - a.mean(), b - b.mean()
    observed = a @ b
    sums = np.array([a @ np.array(p) for p in itertools.permutations(b)])
    if alternative == "greater":
        return np.mean(sums >= observed - 1e-9)
    if alternative == "less":
        return np.mean(sums <= observed + 1e-9)
    return np.mean(np.abs(sums) >= abs(observed) - 1e-9)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("n", [3, 4, 5, 7])
@pytest.mark.parametrize("distinct", [3, 100])
def test_exact_p_value_counts_all_orderings(n, distinct, alternative):
    rng = np.random.default_rng(n + distinct)
    x, y = rng.integers(0, distinct, n), rng.permutation(n) // (2 if distinct == 3 else 1)
    x[0], x[1] = 0, 1
    result = spearman(x, y, alternative=alternative)
    assert result.method.startswith("exact")
    assert result.p_value == pytest.approx(brute_force(x, y, alternative), abs=1e-12)


@pytest.mark.parametrize(
    ("n", "squares", "p"),
    [
        # upper-tail probabilities of Kendall (1948), appendix table 2, doubled
        (4, 0, 2 * 0.0417),
        (5, 2, 2 * 0.0417),
        (6, 6, 2 * 0.0292),
        (7, 16, 2 * 0.0440),
        (8, 30, 2 * 0.0481),
    ],
)
def test_exact_p_value_is_that_of_printed_tables(n, squares, p):
    x = range(n)
    y = next(
        q for q in itertools.permutations(x)
        if sum((i - j) ** 2 for i, j in zip(x, q, strict=True)) == squares
    )  # fmt: skip
    result = spearman(x, y)
    assert result.rho == pytest.approx(1 - 6 * squares / (n * (n * n - 1)))
    assert result.p_value == pytest.approx(p, abs=2e-4)


def test_the_critical_value_of_ten_pairs():
    # two-sided 5 % critical value 0.648 (Zar 1972, table 1): reached at sum d^2 = 58, not at 60
    from review.stats.association.rank_distribution import exact_tail

    ranks = centred_ranks(np.arange(10.0))
    rng = np.random.default_rng(0)
    found = {}
    while len(found) < 2:
        order = rng.permutation(10)
        squares = int(((order - np.arange(10)) ** 2).sum())
        if squares in {58, 60}:
            found[squares] = exact_tail(ranks, centred_ranks(order.astype(float)))
    assert found[58] <= 0.05 < found[60]


def test_statistic_and_large_sample_p_are_scipys():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(3)
    for n, distinct in ((101, 10**6), (400, 40)):
        x, y = rng.integers(0, distinct, n), rng.integers(0, distinct, n)
        theirs, ours = spearmanr(x, y), spearman(x, y)
        assert ours.rho == pytest.approx(theirs.statistic, rel=1e-12)
        assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
        assert ours.method.startswith("Student")


def test_sampled_permutations_come_close_to_the_exact_value():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=12), rng.normal(size=12)
    exact, sampled = spearman(x, y), spearman(x, y, test="permutation")
    assert abs(exact.p_value - sampled.p_value) < 4 * math.sqrt(0.25 / sampled.permutations)
    assert sampled.permutations == 99_999
    assert "99,999" in sampled.method
    assert sampled.p_value == spearman(x, y, test="permutation").p_value


def test_which_method_is_used():
    rng = np.random.default_rng(5)
    for n, method in ((12, "exact"), (13, "99,999 sampled"), (100, "99,999"), (101, "Student")):
        assert spearman(rng.normal(size=n), rng.normal(size=n)).method.startswith(method)
    # 3 of 2,000 values differ from the rest: t would be far off
    tied = np.zeros(2_000)
    tied[:3] = 1
    result = spearman(tied, rng.normal(size=2_000))
    assert "sampled" in result.method
    assert result.ties


def test_interval_follows_bonett_and_wright():
    rng = np.random.default_rng(6)
    x = rng.normal(size=40)
    result = spearman(x, x + rng.normal(size=40), level=90)
    z = math.atanh(result.rho)
    half = 1.6448536269514722 * math.sqrt((1 + result.rho**2 / 2) / 37)
    assert result.ci_low == pytest.approx(math.tanh(z - half), rel=1e-12)
    assert result.ci_high == pytest.approx(math.tanh(z + half), rel=1e-12)


def test_interval_covers_the_true_correlation():
    rng = np.random.default_rng(7)
    # rank correlation of a bivariate normal with correlation r: 6/pi asin(r/2)
    r, hits, runs = 0.5, 0, 600
    truth = 6 / math.pi * math.asin(r / 2)
    for _ in range(runs):
        x = rng.normal(size=40)
        y = r * x + math.sqrt(1 - r * r) * rng.normal(size=40)
        result = spearman(x, y, test="t")
        hits += result.ci_low <= truth <= result.ci_high
    assert 0.92 < hits / runs < 0.98


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=9))
def test_ranks_alone_count(pairs):
    x, y = (np.array(v, dtype=float) for v in zip(*pairs, strict=True))
    one = spearman(x, y)
    grown = spearman(np.exp(x / 10) * 1e-280, y * 1e6 + 3)
    assert grown.rho == one.rho
    assert grown.p_value == one.p_value
    turned = spearman(-x, y)
    swapped = spearman(y, x)
    if one.rho is None:
        assert turned.rho is None
    else:
        assert turned.rho == pytest.approx(-one.rho, abs=1e-15)
        assert turned.p_value == pytest.approx(one.p_value, abs=1e-12)
        assert swapped.rho == pytest.approx(one.rho, abs=1e-15)
        assert swapped.p_value == pytest.approx(one.p_value, abs=1e-12)
        assert 0 < one.p_value <= 1
        assert -1 <= one.rho <= 1


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([], [], "0 pairs"),
        ([1, 2], [1, 2], "2 pairs"),
        ([1], [2], "1 pair;"),
        ([1, 1, 1], [1, 2, 3], "x does not vary"),
        ([1, 2, 3], [5, 5, 5], "y does not vary"),
        ([1, None, 3, float("nan")], [1, 2, 3, 4], "2 pairs"),
    ],
)
def test_undefined_is_said_with_a_reason(x, y, reason):
    result = spearman(x, y)
    assert (result.rho, result.p_value, result.ci_low, result.ci_high) == (None,) * 4
    assert result.reason.startswith(reason)
    assert "not defined" in str(result)
    json.dumps(result.to_dict(), allow_nan=False)


def test_missing_pairs_are_dropped_and_counted():
    result = spearman([1, None, 2, 3, 4, float("nan")], [Decimal("2.0"), 1, 1, None, 5, 6])
    assert (result.n, result.dropped) == (3, 3)


def test_small_and_perfect_samples_have_no_interval_and_say_so():
    perfect = spearman([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
    assert (perfect.rho, perfect.ci_low, perfect.ci_high) == (1.0, None, None)
    assert "exactly 1" in perfect.ci_reason
    assert perfect.p_value == pytest.approx(2 / 120)
    three = spearman([1, 2, 3], [1, 3, 2])
    assert three.ci_low is None
    assert "at least 4" in three.ci_reason


def test_a_million_pairs_do_not_overflow():
    x = np.arange(1_000_000.0)
    assert spearman(x, -x).rho == -1.0
    assert spearman(x, x).p_value == 0.0


def test_a_level_may_be_written_as_a_fraction():
    x, y = [1, 2, 3, 4, 5], [2, 1, 4, 3, 5]
    assert spearman(x, y, level=0.9) == spearman(x, y, level=90)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"x": [1, 2, 3], "y": [1, 2]}, StatsError, "x has 3 values, y has 2"),
        ({"x": [1, 2, "three"], "y": [1, 2, 3]}, InputError, "x in row 3 must be a number"),
        ({"x": [[1, 2], [3, 4]], "y": [1, 2]}, InputError, "one column of numbers"),
        ({"x": 0.5, "y": [1, 2, 3]}, InputError, "x must hold one value per row, not 0.5"),
        ({"x": [1, 2, 3], "y": "123"}, InputError, "y must hold one value per row"),
        ({"x": [1, 2, 3], "y": [1, 2, 3], "level": 100}, InputError, "such as 95"),
        ({"x": [1, 2, 3], "y": [1, 2, 3], "seed": -1}, InputError, "seed must be a whole number"),
        ({"x": [1, 2, 3], "y": [1, 2, 3], "alternative": "both"}, UnknownNameError, "two-sided"),
        ({"x": [1, 2, 3], "y": [1, 2, 3], "test": "exakt"}, UnknownNameError, "exact"),
        ({"x": range(13), "y": range(13), "test": "exact"}, StatsError, "at most 12"),
        ({"x": [1, 2, 3], "y": [1, 2, 3], "permutations": 0}, InputError, "at least 1"),
    ],
)
def test_wrong_input_is_explained(arguments, error, says):
    with pytest.raises(error, match=says):
        spearman(**arguments)


def test_p_from_rho_is_the_t_test():
    from scipy.stats import t

    for rho, n in ((0.3, 20), (-0.13, 41), (0.0, 5), (1.0, 30)):
        stat = rho * math.sqrt((n - 2) / (1 - rho**2)) if abs(rho) < 1 else math.inf
        assert p_from_rho(rho, n) == pytest.approx(2 * t.sf(abs(stat), n - 2), abs=1e-14)
        assert p_from_rho(rho, n, "greater") == pytest.approx(t.sf(stat, n - 2), abs=1e-14)

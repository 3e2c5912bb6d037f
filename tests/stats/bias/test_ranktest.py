"""Rank correlation test: enumeration of all orderings, ties, properties, errors."""

from itertools import permutations

import numpy as np
import pytest

from review import StatsError, meta_analysis, rank_test
from review.stats.bias.ranktest import EXACT_UP_TO, standardised

Y, V = [0.1, 0.3, 0.9, 0.8, 0.2], [0.01, 0.02, 0.1, 0.15, 0.05]


def concordance(a, b):
    return sum(np.sign(a[i] - a[j]) * np.sign(b[i] - b[j]) for i in range(len(a)) for j in range(i))


@pytest.mark.parametrize("k", [3, 4, 5, 6])
def test_p_value_by_counting_all_orderings(data, k):
    y, v = (values[:k] for values in data("bcg"))
    z = standardised(y, v)
    seen = concordance(z, v)
    scores = [concordance(z, order) for order in permutations(v)]
    found = rank_test(y, v)
    assert found.tau == pytest.approx(seen / (k * (k - 1) / 2), abs=1e-14)
    assert found.pval == pytest.approx(np.mean(np.abs(scores) >= abs(seen) - 1e-9), abs=1e-12)
    assert found.exact


def test_effects_are_standardised_by_the_variance_of_the_difference_from_the_mean():
    y, v = np.array(Y), np.array(V)
    mean = np.average(y, weights=1 / v)
    expected = (y - mean) / np.sqrt(v - 1 / np.sum(1 / v))
    np.testing.assert_allclose(standardised(y, v), expected, rtol=1e-12)


def test_one_study_with_nearly_all_weight_keeps_finite_numbers():
    z = standardised(np.array([0.0, 1.0, 2.0]), np.array([1e-18, 1.0, 1.0]))
    assert np.isfinite(z).all()


def test_ties_use_the_corrected_variance():
    # Kendall & Gibbons (1990), ch. 4: var S with groups of t tied values
    v = np.array([0.1, 0.1, 0.2, 0.2, 0.3, 0.4])
    y = np.array([0.1, 0.5, 0.2, 0.7, 0.9, 0.3])
    k, tied = 6, [2, 2]
    variance = (k * (k - 1) * (2 * k + 5) - sum(t * (t - 1) * (2 * t + 5) for t in tied)) / 18
    from scipy.stats import norm

    expected = 2 * norm.sf(abs(concordance(standardised(y, v), v)) / np.sqrt(variance))
    found = rank_test(y, v)
    assert found.ties
    assert not found.exact
    assert found.pval == pytest.approx(expected, rel=1e-12)


def test_the_model_plays_no_part(data):
    y, v = data("egger")
    assert rank_test(meta_analysis(y, v, method="EE", mods=v)).tau == rank_test(y, v).tau


def test_exact_and_approximate_p_values_are_near_and_can_be_chosen(data):
    y, v = data("egger")
    exact, approximate = rank_test(y, v, exact=True), rank_test(y, v, exact=False)
    assert exact.pval != approximate.pval
    assert exact.pval == pytest.approx(approximate.pval, rel=0.05)


def test_many_studies_use_the_approximation():
    rng = np.random.default_rng(1)
    found = rank_test(rng.normal(size=EXACT_UP_TO + 1), rng.uniform(1, 2, EXACT_UP_TO + 1))
    assert not found.exact
    assert not found.ties


def test_scale_and_sign(data):
    y, v = data("hackshaw")
    plain = rank_test(y, v)
    assert rank_test(4 * y, 16 * v).tau == plain.tau
    assert rank_test(-y, v).tau == pytest.approx(-plain.tau)


@pytest.mark.parametrize(
    ("y", "v", "options", "message"),
    [
        (Y[:2], V[:2], {}, "needs 3 studies"),
        (Y, [0.1] * 5, {}, "all sampling variances are the same"),
        ([1] * 5, V, {}, "all effects are the same"),
        (Y, [0.1, 0.1, 0.2, 0.3, 0.4], {"exact": True}, "without ties"),
    ],
)
def test_numbers_that_allow_no_test(y, v, options, message):
    with pytest.raises(StatsError, match=message):
        rank_test(y, v, **options)


def test_the_result_shows_itself():
    found = rank_test(Y, V)
    assert "Begg & Mazumdar 1994" in found.summary()
    assert found.to_dict() == {"tau": found.tau, "pval": found.pval, "exact": True, "ties": False,
                               "k": 5}  # fmt: skip

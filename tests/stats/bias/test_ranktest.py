"""Rank correlation test: enumeration of all orderings, ties, properties, errors."""

from fractions import Fraction
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
                               "k": 5, "notes": list(found.notes),
                               "conventions": "metafor 5.1"}  # fmt: skip


def test_duplicated_studies_are_ties_wherever_they_stand():
    found = rank_test([0.7, 0.6, 0.6, 0.6, 0.5], [0.09, 0.05, 0.05, 0.05, 0.03])
    assert found.tau == pytest.approx(1, abs=1e-15)
    assert found.pval == pytest.approx(0.0292, abs=5e-5)
    assert "3 of 5 standardised effects, 3 of 5 variances" in found.notes[0]
    assert found.notes[0] in found.summary()


def exact_concordance(y, v):
    """Signs of all pairs from exact fractions: squares of the standardised effects are rational."""
    y, v = ([Fraction(str(x)) for x in values] for values in (y, v))
    total = sum(1 / x for x in v)
    d = [a - sum(b / x for b, x in zip(y, v, strict=True)) / total for a in y]
    z = [np.sign(float(a)) * (a * a / (x - 1 / total)) for a, x in zip(d, v, strict=True)]
    signs = [
        (np.sign(float(z[i] - z[j])), np.sign(float(v[i] - v[j])))
        for i in range(len(y)) for j in range(i)
    ]  # fmt: skip
    s = sum(a * b for a, b in signs)
    return s / np.sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))


def test_ties_are_those_of_exact_fractions_and_the_order_of_rows_plays_no_part():
    rng = np.random.default_rng(8)
    for _ in range(150):
        k = int(rng.integers(4, 9))
        y = np.round(rng.normal(0.4, 0.3, k), 1)
        v = np.round(rng.uniform(0.02, 0.1, k), 2)
        y[1], v[1] = y[0], v[0]
        y[-1], v[-1] = y[0], v[0]
        if len(set(v)) < 2 or len(set(y)) < 2:
            continue
        found = [rank_test(y[o], v[o]) for o in (np.arange(k), *rng.permuted(
            np.tile(np.arange(k), (4, 1)), axis=1))]  # fmt: skip
        assert len({(f.tau, f.pval, f.notes) for f in found}) == 1
        assert found[0].tau == pytest.approx(exact_concordance(y, v), abs=1e-12)


def test_variances_that_differ_by_rounding_are_ties():
    # the same four cells in another order: 1/a + 1/b + 1/c + 1/d
    a = 1 / 2 + 1 / 3 + 1 / 4 + 1 / 7
    b = 1 / 7 + 1 / 4 + 1 / 3 + 1 / 2
    assert a != b
    assert rank_test([0.1, 0.2, 0.3, 0.5], [a, b, 0.1, 0.2]).ties

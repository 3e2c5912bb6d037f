"""Permutation tests: exact against enumeration, sampled against exact, options."""

import itertools

import numpy as np
import pytest

from review import InputError, StatsError, UnknownNameError, meta_analysis, permutation_test


def _data(seed, k):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.4, k)
    x = rng.normal(size=k)
    return rng.normal(0.3 + 0.3 * x, np.sqrt(v + 0.1)), v, x


@pytest.mark.parametrize("test", ["z", "knha", "t"])
@pytest.mark.parametrize("method", ["DL", "REML"])
def test_signs_equal_enumeration(test, method):
    y, v, _ = _data(1, 6)
    fit = meta_analysis(y, v, method=method, test=test)
    found = permutation_test(fit, exact=True)
    draws = [
        meta_analysis(y * np.array(signs), v, method=method, test=test).stat[0]
        for signs in itertools.product([1, -1], repeat=6)
    ]
    assert np.sort(found.draws[:, 0]) == pytest.approx(np.sort(draws), rel=1e-8)
    expected = np.mean(np.abs(draws) >= abs(fit.stat[0]) * (1 - 1e-9))
    assert found.pval[0] == pytest.approx(expected)
    assert found.permutations == 64


@pytest.mark.parametrize("weights", [None, "given"])
def test_orders_equal_enumeration(weights):
    y, v, _ = _data(2, 5)
    x = np.array([1.0, 1.0, 2.0, 4.0, 4.0])
    w = None if weights is None else np.array([1, 2, 1, 3, 1.5])
    fit = meta_analysis(y, v, x, method="DL", test="knha", weights=w)
    found = permutation_test(fit, exact=True)
    assert found.permutations == 30  # 5!/(2! 2!)
    fits = [
        meta_analysis(y, v, np.array(order), method="DL", test="knha", weights=w)
        for order in itertools.permutations(x)
    ]
    for j in range(2):
        shares = np.mean([abs(f.stat[j]) >= abs(fit.stat[j]) * (1 - 1e-9) for f in fits])
        assert found.pval[j] == pytest.approx(shares)
    omnibus = np.mean([f.QM >= fit.QM * (1 - 1e-9) for f in fits])
    assert found.QMp == pytest.approx(omnibus)


def test_a_factor_without_intercept_is_permuted_too():
    y, v, _ = _data(3, 6)
    fit = meta_analysis(y, v, "~ g - 1", data={"g": list("aabbcc")}, method="EE")
    found = permutation_test(fit, exact=True)
    assert found.permutations == 90
    assert found.pval.shape == (3,)


def test_sampled_p_values_are_close_to_exact_ones_and_repeat():
    y, v, x = _data(4, 8)
    fit = meta_analysis(y, v, x, method="DL")
    exact = permutation_test(fit, exact=True)
    drawn = permutation_test(fit, exact=False, iterations=4000, seed=1)
    assert drawn.pval == pytest.approx(exact.pval, abs=0.03)
    assert (permutation_test(fit, exact=False, iterations=4000, seed=1).pval == drawn.pval).all()
    named = permutation_test(fit, exact=False, iterations=50)
    again = permutation_test(fit, exact=False, iterations=50, seed=named.seed)
    assert (named.pval == again.pval).all()


def test_a_p_value_is_never_zero():
    y = np.full(30, 2.0) + np.random.default_rng(5).normal(0, 0.1, 30)
    found = permutation_test(meta_analysis(y, np.full(30, 0.01)), iterations=99, seed=1)
    assert not found.exact
    assert found.pval[0] == pytest.approx(0.01)


def test_few_permutations_are_taken_all():
    y, v, _ = _data(6, 5)
    fit = meta_analysis(y, v)
    assert permutation_test(fit).exact
    assert not permutation_test(fit, iterations=20, seed=1).exact


def test_one_sided_tests_add_up():
    y, v, _ = _data(7, 7)
    fit = meta_analysis(y, v, method="EE")
    less, greater = (
        permutation_test(fit, exact=True, alternative=a).pval[0] for a in ("less", "greater")
    )
    assert less + greater == pytest.approx(1 + 1 / 128)


def test_equal_effect_statistics_are_those_of_the_coefficients():
    # with equal variances and tau2 = 0 all standard errors are equal: "coef" and "test" agree
    y = _data(8, 7)[0]
    fit = meta_analysis(y, np.full(7, 0.3), method="EE")
    coef = permutation_test(fit, exact=True, statistic="coef")
    assert coef.pval == pytest.approx(permutation_test(fit, exact=True).pval)
    assert coef.draws[0, 0] == pytest.approx(fit.beta[0])


def test_summary_table_and_wrong_input():
    y, v, x = _data(9, 6)
    fit = meta_analysis(y, v, x)
    found = permutation_test(fit, exact=True)
    assert "exact, all 720 orders" in found.summary()
    assert "draws" not in found.to_dict()
    assert found.to_frame().index.tolist() == ["intercept", "mod"]
    with pytest.raises(UnknownNameError, match="two-sided"):
        permutation_test(fit, alternative="both")
    with pytest.raises(UnknownNameError, match="statistic"):
        permutation_test(fit, statistic="F")
    for wrong in (0, 1.5, True, "many"):
        with pytest.raises(InputError, match="iterations"):
            permutation_test(fit, iterations=wrong)
    large = meta_analysis(*_data(10, 40)[:2])
    with pytest.raises(StatsError, match="exact=False"):
        permutation_test(large, exact=True)
    with pytest.raises(InputError, match="meta_analysis"):
        permutation_test("fit")

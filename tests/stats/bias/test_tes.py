"""Test of excess significance: enumeration, numerical integration, limits, errors."""

from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binomtest, chisquare, norm

from review import InputError, UnknownNameError, excess_significance, meta_analysis
from review.stats.bias.findings import count_distribution, power

Y, V = [0.1, 0.3, 0.9, 0.8, 0.2], [0.01, 0.02, 0.1, 0.15, 0.05]


def test_the_distribution_of_the_count_by_listing_all_outcomes():
    p = np.array([0.1, 0.5, 0.7, 0.9, 0.2, 0.05])
    expected = np.zeros(7)
    for outcome in product((0, 1), repeat=6):
        chance = np.prod(np.where(outcome, p, 1 - p))
        expected[sum(outcome)] += chance
    np.testing.assert_allclose(count_distribution(p), expected, rtol=1e-12)


@pytest.mark.parametrize("alternative", ["two.sided", "greater", "less"])
def test_power_under_heterogeneity_by_integration(alternative):
    se, theta, tau2, H0, alpha = 0.3, 0.25, 0.09, 0.05, 0.1

    def rejected(mean):
        shift = (mean - H0) / se
        if alternative == "two.sided":
            return norm.sf(norm.isf(alpha / 2) - shift) + norm.cdf(-norm.isf(alpha / 2) - shift)
        side = shift if alternative == "greater" else -shift
        return norm.sf(norm.isf(alpha) - side)

    expected = quad(lambda t: rejected(t) * norm.pdf(t, theta, np.sqrt(tau2)), -4, 4)[0]
    found = power(theta, np.array([se]), H0=H0, tau2=tau2, alternative=alternative, alpha=alpha)
    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_chi_squared_and_binomial_against_scipy(data):
    y, v = data("hackshaw")
    found = excess_significance(y, v, test="chi2", tes_alternative="two.sided")
    other = chisquare([found.O, found.k - found.O], [found.E, found.k - found.E])
    assert pytest.approx(other.statistic, rel=1e-12) == found.X2
    assert found.pval == pytest.approx(other.pvalue, rel=1e-10)
    for side, name in (("greater", "greater"), ("less", "less"), ("two.sided", "two-sided")):
        found = excess_significance(y, v, test="binom", tes_alternative=side)
        other = binomtest(found.O, found.k, found.E / found.k, alternative=name)
        assert found.pval == pytest.approx(other.pvalue, rel=1e-10)


def test_one_sided_chi_squared_halves_agree(data):
    y, v = data("hackshaw")
    greater, less = (
        excess_significance(y, v, test="chi2", tes_alternative=side) for side in ("greater", "less")
    )
    assert greater.pval + less.pval == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("test", ["exact", "chi2", "binom"])
@pytest.mark.parametrize("name", ["bcg", "hackshaw", "egger"])
def test_at_the_limit_estimate_the_p_value_is_the_level(data, name, test):
    y, v = data(name)
    found = excess_significance(y, v, test=test)
    again = excess_significance(y, v, test=test, theta=found.theta_lim)
    assert again.pval == pytest.approx(0.10, rel=1e-8)
    assert np.sign(found.theta_lim) == np.sign(found.theta)


def test_two_limits_of_a_two_sided_chi_squared_test(data):
    y, v = data("hackshaw")
    found = excess_significance(y, v, test="chi2", tes_alternative="two.sided", theta=0.01)
    low, high = found.theta_lim
    for limit in (low, high):
        again = excess_significance(y, v, test="chi2", tes_alternative="two.sided", theta=limit)
        assert again.pval == pytest.approx(0.10, rel=1e-8)
    assert 0 < low < high


def test_without_an_excess_at_the_null_there_is_no_limit():
    assert excess_significance([0.0, 0.1], [1.0, 1.0]).theta_lim is None


def test_the_test_is_chosen_by_the_number_of_outcomes():
    few, many = [5.0] * 10, [5.0] * 3 + [0.0] * 37
    assert excess_significance(few, [0.04] * 10).test == "exact"
    assert excess_significance(many, [0.04] * 40).test == "chi2"
    assert excess_significance([5.0] * 40, [0.04] * 40).test == "exact"
    chosen = excess_significance(many, [0.04] * 40, test="exact")
    assert chosen.test == "exact"


def test_a_model_brings_its_estimate_and_heterogeneity(data):
    model = meta_analysis(*data("bcg"))
    found = excess_significance(model)
    assert found.theta == model.beta[0]
    assert found.tau2 == model.tau2
    other = excess_significance(*data("bcg"), theta=model.beta[0], tau2=model.tau2)
    assert found.pval == other.pval


def test_moderators_give_every_study_its_own_effect():
    model = meta_analysis(Y, V, mods=[1, 2, 3, 4, 6])
    found = excess_significance(model)
    np.testing.assert_allclose(found.theta, model.X @ model.beta)
    assert found.theta_lim is None
    assert "fitted values" in found.summary()


def test_sign_and_scale(data):
    y, v = data("egger")
    plain, mirrored = excess_significance(y, v), excess_significance(-0.01 * y, 1e-4 * v)
    assert mirrored.pval == pytest.approx(plain.pval, rel=1e-10)
    assert mirrored.theta_lim == pytest.approx(-0.01 * plain.theta_lim, rel=1e-8)


def test_extreme_powers():
    assert excess_significance([9.0] * 4, [1e-4] * 4).pval == 1.0
    assert excess_significance([9.0] * 40, [1e-4] * 40, test="chi2").pval == 0.5  # O = E
    impossible = excess_significance([-50.0], [1.0], alternative="greater", test="exact")
    assert impossible.O == 0
    assert impossible.OEratio is None
    assert "ratio" not in impossible.summary()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"alpha": 2}, InputError, "alpha must be a number between"),
        ({"tes_alpha": 0}, InputError, "tes_alpha must be a number between"),
        ({"tau2": -1}, InputError, "not negative"),
        ({"theta": np.inf}, InputError, "finite"),
        ({"test": "fisher"}, UnknownNameError, "known: auto, exact"),
        ({"alternative": "both"}, UnknownNameError, "two-sided"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        excess_significance(Y, V, **arguments)


def test_the_result_shows_itself():
    found = excess_significance(Y, V)
    assert "Ioannidis & Trikalinos 2007" in found.summary()
    assert found.to_frame()["sig"].sum() == found.O
    assert found.to_dict()["power"] == found.power.tolist()

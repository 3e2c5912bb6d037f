"""p-curve: the published formulas with scipy's noncentral chi-squared, and the decision rules."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom, chi2, ncx2, norm

from review import InputError, StatsError, p_curve
from review.stats.bias.p_curve import ncp_of_power

Z = np.array([2.0, 2.1, 2.4, 2.8, 3.1, 3.9, 1.2])


def curve(z=Z, **options):
    return p_curve(z, np.ones(len(z)), **options)


def stouffer(pp):
    return norm.ppf(pp).sum() / np.sqrt(len(pp))


def tail(x, ncp):
    return ncx2.sf(x, 1, ncp) if ncp else chi2.sf(x, 1)


def pp_values(z, ncp, alpha):
    return tail(z**2, ncp) / tail(chi2.isf(alpha, 1), ncp)


def power_to_ncp(power):
    return brentq(lambda ncp: tail(chi2.isf(0.05, 1), ncp) - power, 1e-9, 60, xtol=1e-13)


def test_right_skew_with_the_chi_squared_distribution():
    found = curve()
    used = Z[np.abs(Z) > norm.isf(0.025)]
    inner = Z[np.abs(Z) > norm.isf(0.0125)]
    assert (found.k, found.k_sig, found.k_half) == (7, 6, 4)
    assert found.full.z == pytest.approx(stouffer(pp_values(used, 0, 0.05)), rel=1e-9)
    assert found.half.z == pytest.approx(stouffer(pp_values(inner, 0, 0.025)), rel=1e-9)
    assert found.full.pval == pytest.approx(norm.cdf(found.full.z), rel=1e-9)
    assert found.binomial == pytest.approx(binom.sf(3, 6, 0.5), rel=1e-12)


def test_pp_values_are_twenty_times_the_p_values():
    p = 2 * norm.sf(Z[:6])
    assert curve().full.z == pytest.approx(stouffer(20 * p), rel=1e-9)


def test_flatness_against_a_power_of_one_third():
    found, ncp = curve(), power_to_ncp(1 / 3)
    used, inner = Z[:6], Z[2:6]
    assert found.flat_full.z == pytest.approx(stouffer(1 - pp_values(used, ncp, 0.05)), rel=1e-8)
    assert found.flat_half.z == pytest.approx(stouffer(1 - pp_values(inner, ncp, 0.025)), rel=1e-8)
    share = tail(chi2.isf(0.025, 1), ncp) / tail(chi2.isf(0.05, 1), ncp)
    assert found.flat_binomial == pytest.approx(binom.cdf(4, 6, share), rel=1e-9)


def test_the_power_estimate_makes_the_pp_values_average_out():
    found = curve(level=90)
    z = [
        stouffer(pp_values(Z[:6], power_to_ncp(power), 0.05))
        for power in (found.power_lb, found.power, found.power_ub)
    ]
    np.testing.assert_allclose(z, [norm.ppf(0.05), 0, norm.ppf(0.95)], atol=1e-6)


def test_the_power_of_simulated_studies_is_found():
    rng = np.random.default_rng(8)
    ncp = ncp_of_power(0.6)
    z = rng.normal(ncp, 1, 20_000)
    found = p_curve(z, np.ones(z.size))
    assert found.power == pytest.approx(0.6, abs=0.02)
    assert found.evidential_value
    assert not found.inadequate


def test_no_effect_gives_a_flat_curve():
    rng = np.random.default_rng(9)
    z = rng.normal(0, 1, 20_000)
    found = p_curve(z, np.ones(z.size))
    assert not found.evidential_value
    assert found.inadequate
    assert found.power == pytest.approx(0.05, abs=0.02)


def test_left_skew_is_no_evidence():
    found = curve(np.array([1.97, 1.98, 2.0, 2.02]))
    assert found.half is None
    assert found.flat_half is None
    assert not found.evidential_value
    assert found.inadequate
    assert found.power == 0.05
    assert "no p < 0.025" in found.summary()


def test_the_sign_plays_no_part_and_no_p_value_is_too_small():
    assert curve(-Z).full == curve().full
    extreme = curve(np.array([40.0, 60.0]))
    assert np.isfinite(extreme.full.z)
    assert extreme.power == 0.99


def test_errors():
    with pytest.raises(StatsError, match=r"none of the 2 results has p < 0.05"):
        curve(np.array([0.1, 1.0]))
    with pytest.raises(InputError, match="level"):
        curve(level=0)


def test_the_result_shows_itself():
    found = curve()
    assert "Simonsohn, Nelson & Simmons 2014" in found.summary()
    assert len(found.to_frame()) == 6
    assert found.to_dict()["half"] == {"z": found.half.z, "pval": found.half.pval}

"""Limit meta-analysis: maximum likelihood, inflated precision, least squares as second routes."""

import numpy as np
import pytest
from scipy.optimize import minimize

from review import InputError, StatsError, UnknownNameError, limit_meta, meta_analysis

NAMES = ["bcg", "hackshaw", "egger"]


def line(x, y):
    slope, intercept = np.polyfit(x, y, 1)
    return intercept, slope


@pytest.mark.parametrize("name", NAMES)
def test_alpha_and_beta_maximise_the_likelihood_of_the_extended_model(data, name):
    y, v = data(name)
    found = limit_meta(y, v)
    s = np.sqrt(v + found.tau2)

    def deviance(parameters):
        alpha, beta = parameters
        return np.sum((y - beta - s * alpha) ** 2 / s**2)

    best = minimize(deviance, [0.0, 0.0], method="Nelder-Mead",
                    options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 5000}).x  # fmt: skip
    np.testing.assert_allclose((found.alpha, found.beta), best, rtol=1e-6, atol=1e-7)
    assert found.estimates["beta0"] == pytest.approx(best[1] + np.sqrt(found.tau2) * best[0],
                                                     rel=1e-6)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_limit_is_reached_when_all_studies_grow(data, name):
    y, v = data(name)
    found = limit_meta(y, v)
    s = np.sqrt(v + found.tau2)
    standardised = (y - found.beta) / s  # alpha + eps_i
    inflated = found.beta + np.sqrt(v / 1e14 + found.tau2) * standardised
    np.testing.assert_allclose(found.shrunken, inflated, rtol=1e-6, atol=1e-9)
    x = 1 / np.sqrt(v)
    beta_lim = line(x, found.shrunken * x)[1]
    assert found.estimates["beta_lim"] == pytest.approx(beta_lim, rel=1e-8)
    assert found.estimates["mu_lim"] == pytest.approx(
        np.average(found.shrunken, weights=1 / v), rel=1e-10
    )
    r = np.corrcoef(x, found.shrunken * x)[0, 1]
    assert pytest.approx(100 * (1 - r**2), rel=1e-8) == found.G2


@pytest.mark.parametrize("adjustment", ["beta0", "beta_lim", "mu_lim"])
def test_model_errors_are_those_of_linear_functions_of_the_effects(data, adjustment):
    y, v = data("hackshaw")
    base = meta_analysis(y, v)
    step = 1e-4

    def estimate(effects):
        fixed = meta_analysis(effects, v, tau2=base.tau2)
        return limit_meta(fixed, adjustment=adjustment, errors="model").est

    slopes = np.array(
        [(estimate(y + step * e) - estimate(y - step * e)) / (2 * step) for e in np.eye(len(y))]
    )
    found = limit_meta(base, adjustment=adjustment, errors="model")
    assert found.se == pytest.approx(np.sqrt(np.sum(slopes**2 * (v + base.tau2))), rel=1e-6)


def test_limit_errors_are_those_of_the_radial_plot(data):
    y, v = data("egger")
    x = 1 / np.sqrt(v)
    for adjustment in ("beta0", "beta_lim"):
        found = limit_meta(y, v, adjustment=adjustment)
        assert found.se == pytest.approx(1 / (np.std(x, ddof=1) * np.sqrt(len(x) - 1)), rel=1e-10)
    assert limit_meta(y, v, adjustment="mu_lim").se == pytest.approx(np.sum(x**2) ** -0.5)


def test_heterogeneity_is_split_into_small_study_effects_and_the_rest(data):
    y, v = data("egger")
    found, x = limit_meta(y, v), 1 / np.sqrt(v)
    intercept, slope = line(x, y * x)
    rest = np.sum((y * x - intercept - slope * x) ** 2)
    assert found.Q_resid == pytest.approx(rest, rel=1e-8)
    assert found.Q_small == pytest.approx(found.Q - rest, rel=1e-8)


def test_without_heterogeneity_all_studies_tend_to_one_effect():
    y, v = np.array([0.5, 0.52, 0.56, 0.6]), np.array([0.01, 0.02, 0.05, 0.1])
    found = limit_meta(y, v)
    assert found.tau2 == 0
    assert pytest.approx(0, abs=1e-8) == found.G2
    np.testing.assert_allclose(found.shrunken, found.beta)
    for estimate in found.estimates.values():
        assert estimate == pytest.approx(found.beta)


def test_without_small_study_effects_nothing_is_adjusted():
    rng = np.random.default_rng(5)
    v = rng.uniform(0.005, 0.2, 4000)
    y = 0.3 + rng.normal(size=v.size) * np.sqrt(v + 0.05)
    found = limit_meta(y, v)
    assert found.est == pytest.approx(0.3, abs=0.05)
    assert found.pval_alpha > 0.01


def test_shift_sign_and_scale(data):
    y, v = data("egger")
    plain, moved = limit_meta(y, v), limit_meta(3 - 0.1 * y, 0.01 * v)
    assert moved.est == pytest.approx(3 - 0.1 * plain.est, rel=1e-8)
    assert moved.se == pytest.approx(0.1 * plain.se, rel=1e-8)
    # with another origin the radial plot differs, and with it G2; beta0 and alpha do not
    assert moved.alpha == pytest.approx(-plain.alpha, rel=1e-7)


def test_the_model_decides_on_tau2_and_level(data):
    model = meta_analysis(*data("bcg"), method="DL", level=90)
    found = limit_meta(model)
    assert (found.tau2, found.method, found.level) == (model.tau2, "DL", 90)
    assert found.unadjusted == model.beta[0]
    assert limit_meta(model, method="PM").method == "PM"


def test_memory_is_linear_in_the_number_of_studies():
    rng = np.random.default_rng(6)
    v = rng.uniform(0.01, 0.2, 200_000)
    found = limit_meta(rng.normal(size=v.size) * np.sqrt(v + 0.01), v)
    assert found.est == pytest.approx(0, abs=0.02)


def test_errors(data):
    y, v = [0.1, 0.3, 0.9, 0.8, 0.2], [0.01, 0.02, 0.1, 0.15, 0.05]
    with pytest.raises(InputError, match="without moderators"):
        limit_meta(meta_analysis(y, v, mods=[1, 2, 3, 4, 6]))
    with pytest.raises(StatsError, match="needs 3 studies"):
        limit_meta(y[:2], v[:2])
    with pytest.raises(StatsError, match="all standard errors are the same"):
        limit_meta(y, [0.1] * 5)
    with pytest.raises(UnknownNameError, match="did you mean 'beta0'"):
        limit_meta(y, v, adjustment="beta")
    with pytest.raises(UnknownNameError, match="known: limit, model"):
        limit_meta(y, v, errors="robust")


def test_the_result_shows_itself(data):
    found = limit_meta(*data("bcg"))
    assert "Rücker et al. 2011" in found.summary()
    assert found.to_frame()["shrunken"].tolist() == found.shrunken.tolist()
    assert found.to_dict()["estimates"] == found.estimates

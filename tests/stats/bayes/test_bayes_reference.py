"""Every reference result of bayesmeta 3.4, and a second quadrature that decides the digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import halfcauchy, halfnorm, norm
from scipy.stats import t as student

import review
from review.stats.effects.measure_registry import MEASURES

# bayesmeta's mixtures on a grid of tau differ from the exact ones by a divergence of up to 0.001;
# a shift of a normal distribution by d standard deviations has the divergence d^2 / 2
GRID = math.sqrt(2 * 0.001)
MODE = 1e-4  # its optimiser of modes stops there, in standard deviations


def fit_of(entry, **options):
    return review.bayes_meta(
        entry["inputs"]["y"], entry["inputs"]["sigma"], entry["tau_prior"], entry["mu_prior"],
        **options,
    )  # fmt: skip


def six(found):
    return np.array([found.mode, found.median, found.mean, found.sd, found.ci_lb, found.ci_ub])


def test_tau_is_that_of_bayesmeta(entry):
    want = np.array(entry["results"]["tau"])
    ours = six(fit_of(entry).tau)
    np.testing.assert_allclose(ours[1:], want[1:], rtol=1e-6)
    assert abs(ours[0] - want[0]) < MODE * want[3]


@pytest.mark.parametrize("name", ["mu", "predict"])
def test_mu_and_predictions_agree_within_the_precision_of_bayesmeta(entry, name):
    want = np.array(entry["results"][name])
    ours = six(getattr(fit_of(entry), {"predict": "prediction"}.get(name, name)))
    assert np.abs(ours - want).max() < GRID * want[3]
    # the means of both mixtures are moments over tau, which the grid hardly changes
    assert abs(ours[2] - want[2]) < 2e-3 * want[3]


def test_effects_of_studies_agree_within_the_precision_of_bayesmeta(entry):
    want = np.array(entry["results"]["theta"])
    fit = fit_of(entry)
    effects = fit.effects
    np.testing.assert_array_equal(effects.yi, want[0])
    names = ("mode", "median", "mean", "sd", "ci_lb", "ci_ub")
    ours = np.array([getattr(effects, name) for name in names])
    # a mode moves much farther than the divergence says where the density is flat
    assert (np.abs(ours[1:] - want[3:]) < GRID * want[5]).all()
    assert (np.abs(ours[0] - want[2]) < 0.15 * want[5]).all()
    assert ((effects.shrinkage > 0) & (effects.shrinkage < 100)).all()


def test_bayes_factors_are_those_of_bayesmeta(entry):
    fit = fit_of(entry)
    (tau0, mu0), (tau0_min, mu0_min) = entry["results"]["bf"]
    ours = fit.bayes_factors
    for mine, theirs in ((ours.tau0, tau0), (ours.mu0, mu0), (ours.tau0_min, tau0_min)):
        assert (mine is None) == (theirs is None)
        if theirs is not None:
            assert mine == pytest.approx(theirs, rel=1e-6)
    assert (ours.mu0_min is None) == (mu0_min is None)
    if mu0_min is not None:
        assert ours.mu0_min == pytest.approx(mu0_min, rel=1e-6)
    assert bool(ours.missing) == (tau0 is None)


def test_the_highest_likelihood_is_that_of_maximum_likelihood(entry):
    fit = fit_of(entry)
    ml = review.meta_analysis(fit.yi, fit.vi, method="ML")
    assert fit.ml[0] == pytest.approx(ml.tau, rel=1e-6, abs=1e-8)
    assert fit.ml[1] == pytest.approx(float(ml.beta[0]), rel=1e-8)
    assert fit.ml[0] == pytest.approx(entry["results"]["ML"][0], abs=1e-3)


# --- a second quadrature ------------------------------------------------------------------------

DENSITIES = {
    "half-normal:0.5": lambda t, v: halfnorm(scale=0.5).pdf(t),
    "half-cauchy:0.5": lambda t, v: halfcauchy(scale=0.5).pdf(t),
    "half-t:0.5,4": lambda t, v: 2 * student(4, scale=0.5).pdf(t),
    "uniform": lambda t, v: np.ones_like(t),
    "jeffreys": lambda t, v: np.sqrt(np.square(t[:, None] / (v + t[:, None] ** 2)).sum(1)),
    "log-normal:-1.975,0.67": lambda t, v: norm(-1.975, 0.67).pdf(np.log(t)) / t,
}


def test_a_second_quadrature_gives_the_same_digits(entry):
    """The trapezoidal rule in log tau, which converges like an exponential on the whole line."""
    fit = fit_of(entry)
    y, s = (np.array(entry["inputs"][name], dtype=float) for name in ("y", "sigma"))
    tau = np.exp(np.arange(-45, 45, 0.01))
    w = 1 / (s**2 + tau[:, None] ** 2)
    precision = 0 if entry["mu_prior"] == "flat" else 1 / 16
    W = w.sum(1) + precision
    m, sd = (w @ y) / W, 1 / np.sqrt(W)
    log = 0.5 * np.log(w).sum(1) - 0.5 * np.log(W)
    log -= 0.5 * ((w * (y - m[:, None]) ** 2).sum(1) + precision * m**2)
    mass = DENSITIES[entry["tau_prior"]](tau, s**2) * np.exp(log - log.max()) * tau
    mass /= mass.sum()
    mean = mass @ m
    assert fit.mu.mean == pytest.approx(mean, rel=1e-10)
    assert fit.mu.sd == pytest.approx(math.sqrt(mass @ (sd**2 + (m - mean) ** 2)), rel=1e-9)
    assert fit.tau.mean == pytest.approx(mass @ tau, rel=1e-9)
    for found, spread in ((fit.mu, sd), (fit.prediction, np.hypot(sd, tau))):
        for x, p in ((found.ci_lb, 0.025), (found.median, 0.5), (found.ci_ub, 0.975)):
            assert mass @ norm.cdf((x - m) / spread) == pytest.approx(p, rel=1e-9)
        around = found.mode + np.array([0, -1e-3, 1e-3]) * found.sd
        z = (around[:, None] - m) / spread
        density = (np.exp(-0.5 * z**2) / spread) @ mass
        assert density[0] > density[1:].max()
    for i in range(len(y)):
        b = tau**2 / (tau**2 + s[i] ** 2)
        middle, spread = b * y[i] + (1 - b) * m, np.sqrt(b * s[i] ** 2 + ((1 - b) * sd) ** 2)
        for x, p in ((fit.effects.ci_lb[i], 0.025), (fit.effects.median[i], 0.5)):
            assert mass @ norm.cdf((x - middle) / spread) == pytest.approx(p, rel=1e-9)
        assert fit.effects.mean[i] == pytest.approx(mass @ middle, rel=1e-9)
        assert fit.effects.shrinkage[i] == pytest.approx(100 * (mass @ (1 - b)), rel=1e-9)


def test_the_default_prior_is_for_measures_of_its_scale():
    from review.stats.bayes.bayes_fit import KNOWN_SCALE

    assert set(KNOWN_SCALE) <= set(MEASURES)

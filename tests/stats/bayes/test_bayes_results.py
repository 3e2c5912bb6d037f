"""Properties of the posterior distributions, hostile input, and what a result says."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.integrate import quad

import review
from review.errors import InputError, StatsError
from review.stats.bayes.normal_mixture import NormalMixture
from review.stats.presentation.forest_rows import forest_rows

Y = [-2.31, -0.46, -2.30, -1.76, -1.26, -2.42]
S = [0.60, 0.56, 0.88, 0.46, 0.64, 1.53]
PRIORS = ("half-normal:0.5", "half-cauchy:0.5", "log-normal:-2,0.7", "log-t:-1.7,1.3,5",
          "uniform:3", "uniform", "sqrt", "jeffreys", "overall-jeffreys", "berger-deely",
          "conventional", "dumouchel", "shrinkage", "i2", "exponential:0.5")  # fmt: skip


@pytest.mark.parametrize("prior", PRIORS)
def test_density_probability_and_quantile_agree(prior):
    fit = review.bayes_meta(Y, S, prior)
    for name in ("tau", "mu", "prediction"):
        d = fit.distribution(name)
        p = np.array([1e-4, 0.025, 0.3, 0.5, 0.9, 0.999])
        x = d.quantile(p)
        np.testing.assert_allclose(d.cdf(x), p, rtol=1e-9)
        between = quad(lambda t, d=d: float(d.pdf(t)), x[2], x[4], epsrel=1e-10, limit=200)[0]
        assert between == pytest.approx(0.6, rel=1e-7)
        assert (d.pdf(d.mode) >= d.pdf(x) * (1 - 1e-12)).all()
    assert fit.precision < 1e-10


@pytest.mark.parametrize("prior", ["half-normal:0.5", "jeffreys", "uniform:3"])
@pytest.mark.parametrize("of", ["tau", "mu", "prediction"])
def test_shortest_intervals_have_their_level_and_no_shorter_one(prior, of):
    d = review.bayes_meta(Y, S, prior).distribution(of)
    low, high = d.interval(90, "shortest")
    assert float(d.cdf(high) - d.cdf(low)) == pytest.approx(0.9, rel=1e-9)
    central = d.interval(90)
    assert high - low <= (central[1] - central[0]) * (1 + 1e-12)
    if low > 0 or of != "tau":
        assert float(d.pdf(low)) == pytest.approx(float(d.pdf(high)), rel=1e-6)
    for shift in np.linspace(0, 0.0999, 23):
        a, b = d.quantile(np.array([shift, shift + 0.9]))
        assert high - low <= b - a + 1e-9


def test_intervals_of_studies_can_be_the_shortest():
    central = review.bayes_meta(Y, S, "half-normal:0.5").effects
    shortest = review.bayes_meta(Y, S, "half-normal:0.5", interval="shortest").effects
    assert (shortest.ci_ub - shortest.ci_lb <= central.ci_ub - central.ci_lb).all()


def test_the_order_and_the_unit_of_the_data_play_no_part():
    fit = review.bayes_meta(Y, S, "half-normal:0.5")
    turned = review.bayes_meta(Y[::-1], S[::-1], "half-normal:0.5")
    assert turned.mu.median == pytest.approx(fit.mu.median, rel=1e-12)
    np.testing.assert_allclose(turned.effects.median[::-1], fit.effects.median, rtol=1e-11)
    for unit in (1e-6, 1e6):
        y, s = np.array(Y) * unit, np.array(S) * unit
        other = review.bayes_meta(y, s, f"half-normal:{0.5 * unit!r}")
        assert other.mu.ci_ub == pytest.approx(unit * fit.mu.ci_ub, rel=1e-9)
        assert other.tau.ci_lb == pytest.approx(unit * fit.tau.ci_lb, rel=1e-9)
        assert other.bayes_factors.tau0_min is None
    moved = review.bayes_meta(np.array(Y) + 1e5, S, "half-normal:0.5")
    assert moved.tau.median == pytest.approx(fit.tau.median, rel=1e-7)


def test_a_narrow_prior_gives_the_model_of_that_tau():
    fixed = review.meta_analysis(Y, np.square(S), tau2=0.3**2, test="z")
    fit = review.bayes_meta(Y, S, f"log-normal:{math.log(0.3)!r},0.00001")
    assert fit.mu.mean == pytest.approx(float(fixed.beta[0]), rel=1e-6)
    assert fit.mu.ci_lb == pytest.approx(float(fixed.ci_lb[0]), rel=1e-6)
    np.testing.assert_allclose(fit.weights, fixed.weights, rtol=1e-4)
    np.testing.assert_allclose(fit.effects.median, review.blup(fixed).pred, rtol=1e-5)


def test_one_study_leaves_the_prior_as_it_is():
    fit = review.bayes_meta([0.3], [0.2], "half-normal:0.5")
    assert fit.tau.median == pytest.approx(0.5 * 0.6744897501960817, rel=1e-10)
    assert fit.tau.sd == pytest.approx(0.5 * math.sqrt(1 - 2 / math.pi), rel=1e-10)
    assert fit.mu.median == pytest.approx(0.3, rel=1e-10)
    assert any("1 study" in note for note in fit.notes)


@pytest.mark.parametrize(
    ("k", "prior", "needed"), [(2, "uniform", 3), (1, "jeffreys", 2), (1, "sqrt", 2)]
)
def test_improper_priors_need_enough_studies(k, prior, needed):
    with pytest.raises(StatsError, match=f"at least {needed} studies; use a proper prior"):
        review.bayes_meta(Y[:k], S[:k], prior)
    review.bayes_meta(Y[:needed], S[:needed], prior)


def test_moments_that_do_not_exist_are_not_given():
    fit = review.bayes_meta(Y[:3], S[:3], "uniform")  # the density of tau falls like tau^-2
    assert fit.tau.mean is None
    assert fit.mu.sd is None
    assert any("no mean and no standard deviation" in note for note in fit.notes)
    assert fit.mu.ci_lb < fit.mu.median < fit.mu.ci_ub
    assert fit.to_dict()["tau"]["mean"] is None
    four = review.bayes_meta(Y[:4], S[:4], "uniform")
    assert four.tau.mean is not None
    assert four.tau.sd is None


def test_effects_that_agree_and_effects_that_do_not():
    same = review.bayes_meta([0.3] * 5, [0.1] * 5, "half-normal:0.5")
    assert same.mu.median == pytest.approx(0.3, rel=1e-9)
    assert same.tau.mode == 0
    far = review.bayes_meta([0.0, 1000.0, 2.0], [1e-3, 1e-3, 1e3], "half-cauchy:0.5")
    assert 0 < far.mu.median < 1000
    assert far.tau.median > 100


def test_many_studies_are_no_burden():
    rng = np.random.default_rng(7)
    s = rng.uniform(0.1, 0.5, 20_000)
    y = rng.normal(0.3, np.hypot(s, 0.2))
    fit = review.bayes_meta(y, s, "half-normal:0.5")
    assert fit.tau.median == pytest.approx(0.2, abs=0.01)
    ml = review.meta_analysis(y, s**2, method="REML")
    assert fit.mu.median == pytest.approx(float(ml.beta[0]), abs=1e-4)


def test_bayes_factors_are_ratios_of_densities_at_zero():
    """The Savage-Dickey ratio: posterior over prior density at the hypothesis."""
    fit = review.bayes_meta(Y, S, "half-normal:0.5", "normal:0,2")
    prior = 1 / (2 * math.sqrt(2 * math.pi))
    assert fit.bayes_factors.mu0 == pytest.approx(float(fit.mu_posterior.pdf(0)) / prior, rel=1e-9)
    tau_prior = 2 / (0.5 * math.sqrt(2 * math.pi))
    assert fit.bayes_factors.tau0 == pytest.approx(
        float(fit.tau_posterior.pdf(0)) / tau_prior, rel=1e-9
    )
    assert fit.bayes_factors.mu0_min < fit.bayes_factors.mu0


def test_the_joint_mode_is_the_highest_point():
    fit = review.bayes_meta(Y, S, "half-normal:0.5", "normal:0,2")
    v = np.square(S)

    def log_joint(tau, mu):
        total = v + tau**2
        log = -0.5 * (np.log(total) + (np.array(Y) - mu) ** 2 / total).sum()
        return log - 0.5 * (tau / 0.5) ** 2 - 0.5 * (mu / 2) ** 2

    tau, mu = fit.joint_mode
    best = log_joint(tau, mu)
    for d in (1e-3, -1e-3):
        assert log_joint(tau + d, mu) < best
        assert log_joint(tau, mu + d) < best


def test_the_mean_of_shares_and_probabilities():
    fit = review.bayes_meta(Y, S, "half-normal:0.5")
    assert fit.weights.sum() == pytest.approx(100)
    assert fit.probability(of="mu") == pytest.approx(1 - float(fit.mu_posterior.cdf(0)))
    assert fit.probability(fit.tau.median, of="tau") == pytest.approx(0.5)
    assert pytest.approx(100 * fit.tau2 / (fit.tau2 + fit.vt)) == fit.I2


def test_the_prior_of_tau_is_a_choice_that_is_asked_for():
    with pytest.raises(InputError, match="tau_prior is missing"):
        review.bayes_meta(Y, S)
    with pytest.raises(InputError, match="the unit of MD"):
        review.bayes_meta(Y, S, measure="MD")
    fit = review.bayes_meta(Y, S, measure="OR")
    assert fit.tau_prior.label == "half-normal:0.5"
    assert any("no prior of tau was named" in note for note in fit.notes)


@pytest.mark.parametrize("given", ["cauchy:0,1", "normal:0", "normal:0,-1", (0,), "normal:a,b", 3])
def test_wrong_priors_of_mu_are_refused(given):
    with pytest.raises(InputError, match=r"prior of mu"):
        review.bayes_meta(Y, S, "half-normal:0.5", given)


def test_rows_without_numbers_are_left_out_and_named():
    fit = review.bayes_meta([*Y, None], [*S, 0.2], "half-normal:0.5", slab=list("abcdefg"))
    assert [row.slab for row in fit.left_out] == ["g"]
    assert "left out" in fit.summary()
    assert fit.to_dict()["left_out"][0]["study"] == "g"
    with pytest.raises(StatsError, match="row 2"):
        review.bayes_meta(Y, [0.6, -0.5, *S[2:]], "half-normal:0.5")
    with pytest.raises(StatsError, match="row 2"):
        review.bayes_meta(Y, [0.6, 0, *S[2:]], "half-normal:0.5")


def test_effect_sizes_are_taken_as_they_are():
    es = review.effect_size("OR", ai=[5, 9, 3], n1i=[50, 60, 40], ci=[9, 12, 8], n2i=[50, 60, 40])
    fit = review.bayes_meta(es)
    assert fit.measure == "OR"
    assert "odds ratio" in fit.report_text()
    back = fit.predict(transf="back")
    assert float(back.pred[0]) == pytest.approx(math.exp(fit.mu.median))
    assert [row.kind for row in forest_rows(fit)][-2:] == ["total", "prediction"]


def test_sensitivity_to_the_prior():
    fit = review.bayes_meta(Y[:2], S[:2], "half-normal:0.5")
    table = fit.sensitivity()
    assert table.priors[:3] == ("half-normal:0.25", "half-normal:0.5", "half-normal:1")
    assert "flat" not in table.priors  # two studies leave no posterior
    assert any(note.startswith("flat:") for note in table.notes)
    chosen = table.priors.index("half-normal:0.5")
    assert table.beta[chosen] == fit.mu.median
    assert (np.diff(table.tau[:3]) > 0).all()
    with pytest.raises(InputError, match="at least 3 studies"):
        fit.sensitivity("uniform")
    assert "half-normal:1" in table.summary()


def test_results_can_be_written_as_json_and_updated():
    fit = review.bayes_meta(Y, S, "half-normal:0.5", slab=list("abcdef"))
    text = json.dumps(fit.to_dict(), allow_nan=False)
    assert json.loads(text)["studies"][0]["study"] == "a"
    assert fit.update(tau_prior="half-normal:1").tau.median > fit.tau.median
    frame = fit.to_frame()
    assert list(frame.index) == ["tau", "mu", "prediction"]
    assert len(fit.to_frame("studies")) == 6


def test_a_mixture_with_two_peaks_has_the_higher_one_as_mode():
    two = NormalMixture(np.array([0.4, 0.6]), np.array([-5.0, 5.0]), np.array([1.0, 1.0]))
    assert two.mode == pytest.approx(5.0, abs=1e-9)
    assert float(two.cdf(two.quantile(0.4))) == pytest.approx(0.4, rel=1e-12)
    far = two.quantile(np.array([1e-12, 1 - 1e-12]))
    assert float(two.cdf(far[0])) == pytest.approx(1e-12, rel=1e-6)
    assert -far[0] < far[1]


def test_sizes_that_are_not_stated_are_no_error():
    es = review.effect_size("OR", ai=[5, 9, 3], n1i=[50, 60, 40], ci=[9, 12, 8], n2i=[50, 60, 40])
    fit = review.bayes_meta(es.yi, vi=es.vi, ni=[100, None, 80], measure="OR")
    assert np.isnan(fit.ni[1])


@pytest.mark.parametrize(
    ("k", "prior", "mu_prior"),
    [(1, "sqrt", "normal:0,4"), (2, "sqrt", "flat"), (1, "log-t:-1.7,1.3,5", "flat")],
)
def test_tails_without_any_moment_have_quantiles(k, prior, mu_prior):
    fit = review.bayes_meta(Y[:k], S[:k], prior, mu_prior)
    assert fit.mu.mean is None or mu_prior != "flat"
    for name in ("tau", "mu", "prediction"):
        d = fit.distribution(name)
        p = np.array([0.001, 0.025, 0.5, 0.975, 0.999])
        np.testing.assert_allclose(d.cdf(d.quantile(p)), p, rtol=1e-8)


def test_a_prior_that_contradicts_the_data_altogether_costs_no_time():
    """The logarithm of the likelihood is about -4 million: its rounding is the limit."""
    y = [2.186e8, 1.919e8, 2.522e8, 2.539e8, 2.591e8]
    s = [2.59e5, 6.71e4, 9.16e4, 1.495e5, 8.99e4]
    fit = review.bayes_meta(y, s, "half-normal:0.5", "normal:0,4")
    assert len(fit.tau_posterior.tau) < 3_000
    assert fit.mu.sd == pytest.approx(4, rel=1e-6)
    assert fit.precision < 1e-6

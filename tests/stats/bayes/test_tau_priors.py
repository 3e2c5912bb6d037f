"""Priors of tau: densities, names, empirical tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import review
from review.errors import InputError, UnknownNameError
from review.stats.bayes.empirical_priors import COMPARISONS, RHODES_TABLE, TURNER_TABLE
from review.stats.bayes.prior_names import tau_prior
from review.stats.bayes.tau_priors import FAMILIES

V = np.array([0.04, 0.09, 0.25])
WRITTEN = {
    "half-normal": "half-normal:0.5", "half-t": "half-t:0.5,4", "half-cauchy": "half-cauchy:0.5",
    "half-logistic": "half-logistic:0.5", "exponential": "exponential:0.5",
    "log-normal": "log-normal:-1,0.7", "log-t": "log-t:-1,0.7,5", "uniform": "uniform:2",
}  # fmt: skip
SAME = {
    "half-normal:0.5": stats.halfnorm(scale=0.5),
    "half-cauchy:0.5": stats.halfcauchy(scale=0.5),
    "half-logistic:0.5": stats.halflogistic(scale=0.5),
    "exponential:0.5": stats.expon(scale=0.5),
    "log-normal:-1,0.7": stats.lognorm(0.7, scale=math.exp(-1)),
    "uniform:2": stats.uniform(0, 2),
}


@pytest.mark.parametrize("name", SAME)
def test_densities_are_those_of_scipy(name):
    tau = np.array([1e-3, 0.1, 0.5, 1.7, 3.0])
    ours = np.exp(tau_prior(name).log_density(tau, V))
    np.testing.assert_allclose(ours, SAME[name].pdf(tau), rtol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_proper_densities_integrate_to_one_and_tails_are_as_said(family):
    prior = tau_prior(WRITTEN.get(family, family))

    def density(u):
        tau = math.exp(u)
        return float(np.exp(prior.log_density(np.array([tau]), V)[0])) * tau

    if prior.normed:
        top = math.log(prior.upper) if math.isfinite(prior.upper) else 60
        total = quad(density, -80, top, limit=500, points=[-5, 0])[0]
        # log-t has the tails of a t distribution in log tau, the others those of a power
        assert total == pytest.approx(1, abs=1e-6 if family == "log-t" else 1e-9)
    if math.isfinite(prior.tail) and family != "log-t":
        far = prior.log_density(np.array([1e8, 1e9]), V)
        assert far[0] - far[1] == pytest.approx(prior.tail * math.log(10), rel=1e-3)
    if math.isfinite(prior.origin) and family != "log-t":
        near = prior.log_density(np.array([1e-9, 1e-8]), V)
        assert near[1] - near[0] == pytest.approx(prior.origin * math.log(10), abs=1e-3)


def test_priors_from_the_standard_errors_follow_their_formulas():
    tau = np.array([0.2, 1.0])
    w = 1 / (V + tau[:, None] ** 2)
    s2 = 3 / (1 / V).sum()
    own = {
        "jeffreys": np.sqrt(np.square(tau[:, None] * w).sum(1)),
        "overall-jeffreys": np.sqrt(np.square(tau[:, None] * w).sum(1) * w.sum(1)),
        "berger-deely": (tau[:, None] * w).prod(1) ** (1 / 3),
        "conventional": (tau[:, None] * w**1.5).prod(1) ** (1 / 3),
        "dumouchel": math.sqrt(s2) / (math.sqrt(s2) + tau) ** 2,
        "shrinkage": 2 * s2 * tau / (s2 + tau**2) ** 2,
    }
    for name, want in own.items():
        ours = np.exp(tau_prior(name).log_density(tau, V))
        np.testing.assert_allclose(ours, want, rtol=1e-12, err_msg=name)


def test_i2_is_uniform_under_its_prior():
    w = 1 / V
    s2 = 2 * w.sum() / (w.sum() ** 2 - np.square(w).sum())
    for share in (0.1, 0.5, 0.9):
        tau = math.sqrt(share * s2 / (1 - share))
        below = quad(lambda t: float(np.exp(tau_prior("i2").log_density(np.array([t]), V)[0])), 0,
                     tau)[0]  # fmt: skip
        assert below == pytest.approx(share, rel=1e-8)


def test_names_are_read_in_any_spelling():
    assert tau_prior("HalfNormal: 0.5") == tau_prior("half-normal", 0.5)
    assert tau_prior("half t:df=4, scale=0.5").values == {"scale": 0.5, "df": 4.0}
    assert tau_prior("uniform").family == "flat"
    assert not tau_prior("uniform").proper
    assert tau_prior("uniform:2").proper
    assert tau_prior("Jeffreys") is not None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("half-norml:0.5", "did you mean 'half-normal'"),
        ("half-normal", "needs scale: write it as 'half-normal:0.5'"),
        ("half-normal:-1", "must be a number between 0"),
        ("half-normal:x", "'x' in the prior 'half-normal:x' is no number"),
        ("half-normal:1,2", "has 2 parameters here; it takes 1"),
        ("half-t:0.5", "needs df"),
        ("half-t:width=2,df=4", "width"),
        ("log-normal:-2,0", "sdlog"),
        (3, "not int"),
    ],
)
def test_wrong_priors_are_refused_in_words(written, said):
    with pytest.raises(InputError, match=r"prior") as caught:
        tau_prior(written)
    assert said.casefold() in str(caught.value).casefold()


# --- empirical priors ---------------------------------------------------------------------------


def test_the_published_example_of_a_prior_is_found():
    # Turner et al. 2015: all-cause mortality, pharmacological vs placebo, LN(-3.95, 1.34^2); the
    # median of tau2 is 0.02 there
    prior = review.empirical_prior("OR", "all-cause mortality", "pharmacological vs. placebo")
    assert prior.values == {"meanlog": -1.975, "sdlog": 0.67}
    assert math.exp(2 * prior.values["meanlog"]) == pytest.approx(0.02, abs=0.005)
    assert review.empirical_prior("OR").values == {"meanlog": -1.28, "sdlog": 0.87}
    assert review.empirical_prior("SMD").values == {"location": -1.72, "scale": 1.295, "df": 5.0}


@pytest.mark.parametrize("table", ["turner", *range(3)])
def test_locations_are_an_outcome_plus_a_comparison(table):
    """The published models are additive, so that a slip of a digit shows."""
    cells = TURNER_TABLE if table == "turner" else {k: v[table] for k, v in RHODES_TABLE.items()}
    location = np.array([[x for x, _ in row] for row in cells.values()])
    for j in range(1, location.shape[1]):
        step = location[:, j] - location[:, j - 1]
        assert np.nanmax(np.abs(step - np.nanmedian(step))) < 0.025


def test_scales_of_areas_hardly_differ():
    scale = np.array([[[s for _, s in row] for row in areas] for areas in RHODES_TABLE.values()])
    step = scale[:, 1:] - scale[:, :1]
    assert np.nanmax(np.abs(step[:, 0])) < 0.035
    assert np.nanmin(step[:, 1]) > 0.05
    assert np.nanmax(step[:, 1]) < 0.16


def test_kinds_that_the_paper_puts_together_share_a_prior():
    one = review.empirical_prior("SMD", "pain", "pharmacological vs placebo")
    assert one == review.empirical_prior("SMD", "adverse events", "pharmacological vs placebo")
    three = [review.empirical_prior("SMD", "pain", c) for c in (*COMPARISONS[2:],
             "non-pharmacological")]  # fmt: skip
    assert len({p.label for p in three}) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("RR",), "measure of empirical priors"),
        (("OR", "mortality", "pharmacological vs placebo"), "outcome of empirical priors"),
        (("OR", "pain"), "depends on the comparison"),
        (("OR", "pain", "drug vs drug"), "comparison of empirical priors"),
        (("OR", None, "pharmacological vs placebo"), "needs an outcome"),
        (("OR", "pain", "pharmacological vs placebo", "cancer"), "standardised mean differences"),
        (("SMD", "mental health", "non-pharmacological"), "not known for sure"),
    ],
)
def test_empirical_priors_that_do_not_exist_are_refused(given, said):
    with pytest.raises((InputError, UnknownNameError)) as caught:
        review.empirical_prior(*given)
    assert said in str(caught.value)


def test_empirical_priors_have_names_and_say_what_they_are_about():
    named = tau_prior("turner:pain/pharmacological vs placebo")
    assert named == review.empirical_prior("OR", "pain", "pharmacological vs placebo")
    assert tau_prior("rhodes:pain/non-pharmacological/cancer").values["location"] == -0.23
    y, se = [0.1, 0.9, 0.4], [0.2, 0.3, 0.2]
    fit = review.bayes_meta(y, se, named, measure="SMD")
    assert any("meta-analyses of OR, not of SMD" in note for note in fit.notes)
    assert "Turner RM" in fit.report_text()

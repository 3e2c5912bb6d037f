"""Likelihood of selection models: derivatives, special cases, the optimiser."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from review import ConvergenceError
from review.stats.bias.selection.optimise import Box, climb, maximise
from review.stats.bias.selection.selection_likelihood import Likelihood
from review.stats.bias.selection.sides import log_p
from review.stats.bias.selection.weight_functions import (
    FAMILIES,
    VEVEA_WOODS,
    VEVEA_WOODS_STEPS,
    family_named,
)
from review.stats.bias.selection.weighting import Curve, Steps

RNG = np.random.default_rng(11)
K = 25
V = RNG.uniform(0.02, 0.3, K)
Y = 0.3 + RNG.normal(size=K) * np.sqrt(V + 0.05)
X = np.column_stack([np.ones(K), RNG.normal(size=K)])
SCALE = np.sqrt(V / V.max())


def curve(name, *, two_sided=False, threshold=None, scaled=False, censor=None):
    family = FAMILIES[name]
    return Curve(
        family, Y / np.sqrt(V), SCALE if scaled else None, two_sided, threshold,
        family.censor if censor is None else censor,
    )  # fmt: skip


def differences(f, theta, step=1e-5):
    return np.array([(f(theta + step * e) - f(theta - step * e)) / (2 * step)
                     for e in np.eye(theta.size)])  # fmt: skip


CASES = [
    (name, two_sided, threshold, scaled)
    for name, family in FAMILIES.items()
    for two_sided in (False, True)
    for threshold, scaled in ((None, False), (None, True), (0.2, False))
    if not (scaled and not family.takes_precision) and not (threshold and name == "beta")
]


@pytest.mark.parametrize(("name", "two_sided", "threshold", "scaled"), CASES)
def test_gradient_and_hessian_of_smooth_weights(name, two_sided, threshold, scaled):
    weighting = curve(name, two_sided=two_sided, threshold=threshold, scaled=scaled)
    likelihood = Likelihood(Y, V, X, weighting)
    theta = np.array([0.2, -0.1, 0.08, *[1.3, 0.8][: weighting.n_delta]])
    value, gradient, hessian = likelihood.derivatives(theta)
    assert value == pytest.approx(likelihood.value(theta), rel=1e-13)
    np.testing.assert_allclose(gradient, differences(likelihood.value, theta), rtol=1e-6, atol=1e-6)
    second = differences(lambda t: likelihood.derivatives(t)[1], theta)
    np.testing.assert_allclose(hessian, second, atol=1e-6 * np.abs(hessian).max())


@pytest.mark.parametrize("two_sided", [False, True])
def test_gradient_and_hessian_of_steps(two_sided):
    p = np.exp(log_p(Y / np.sqrt(V), two_sided=two_sided)[0])
    steps = Steps.of(p, np.array([0.05, 0.3]), two_sided=two_sided)
    likelihood = Likelihood(Y, V, X, steps)
    theta = np.array([0.2, -0.1, 0.08, 1.0, 0.7, 1.4])
    _, gradient, hessian = likelihood.derivatives(theta)
    np.testing.assert_allclose(gradient, differences(likelihood.value, theta), rtol=1e-6, atol=1e-7)
    second = differences(lambda t: likelihood.derivatives(t)[1], theta)
    np.testing.assert_allclose(hessian, second, atol=1e-6 * np.abs(hessian).max())


@pytest.mark.parametrize("name", ["halfnorm", "negexp", "logistic", "power"])
def test_the_value_is_the_density_given_that_a_study_is_seen(name):
    formulas = {
        "halfnorm": lambda p, d: np.exp(-d * p**2),
        "negexp": lambda p, d: np.exp(-d * p),
        "logistic": lambda p, d: 2 * np.exp(-d * p) / (1 + np.exp(-d * p)),
        "power": lambda p, d: (1 - p) ** d,
    }
    mu, tau2, delta = 0.2, 0.08, 1.3
    expected = 0.0
    for y, v in zip(Y[:8], V[:8], strict=True):

        def density(t, v=v):
            return formulas[name](norm.sf(t / np.sqrt(v)), delta) * norm.pdf(
                t, mu, np.sqrt(v + tau2)
            )

        expected += np.log(density(y) / quad(density, -12, 12, epsabs=1e-13, limit=400)[0])
    weighting = Curve(FAMILIES[name], (Y / np.sqrt(V))[:8], None, False, None, 0.0)
    found = Likelihood(Y[:8], V[:8], X[:8, :1], weighting).value(np.array([mu, tau2, delta]))
    assert found == pytest.approx(expected, rel=1e-9)


def test_blocks_of_studies_add_up(monkeypatch):
    from review.stats.bias.selection import selection_likelihood as module

    theta = np.array([0.2, -0.1, 0.08, 1.3])
    whole = Likelihood(Y, V, X, curve("negexp", scaled=True)).derivatives(theta)
    monkeypatch.setattr(module, "_ROWS", 4)
    parts = Likelihood(Y, V, X, curve("negexp", scaled=True)).derivatives(theta)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize(
    ("special", "general", "to_general"),
    [
        ("halfnorm", "negexppow", lambda d: [d, 0.5]),
        ("negexp", "negexppow", lambda d: [d, 1.0]),
        ("power", "beta", lambda d: [1.0, d + 1.0]),
    ],
)
def test_families_contain_each_other(special, general, to_general):
    narrow = Likelihood(Y, V, X[:, :1], curve(special)).value(np.array([0.2, 0.1, 1.7]))
    wide = Likelihood(Y, V, X[:, :1], curve(general)).value(np.array([0.2, 0.1, *to_general(1.7)]))
    assert narrow == pytest.approx(wide, rel=1e-12)


def test_where_no_study_can_be_seen_the_likelihood_is_not_defined():
    likelihood = Likelihood(Y, V, X[:, :1], curve("negexp"))
    assert likelihood.value(np.array([-1e4, 0.0, 1e3])) == -np.inf


def test_the_tables_of_vevea_and_woods_have_a_weight_for_every_step():
    for weights in VEVEA_WOODS.values():
        assert len(weights) == len(VEVEA_WOODS_STEPS)
        assert weights[0] == 1
    assert family_named("beta").null == (1.0, 1.0)


def test_the_optimiser_stops_at_a_bound_and_says_so():
    likelihood = Likelihood(Y, V, X[:, :1], curve("negexp"))
    box = Box(np.array([-np.inf, 0.0, 0.0]), np.array([np.inf, np.inf, 0.01]))
    found = climb(likelihood, box, np.array([0.1, 0.1, 0.005]))
    assert found.converged
    assert found.theta[2] in {0.0, 0.01}
    assert found.held.tolist() == [False, bool(found.theta[1] == 0), True]


def test_a_start_without_a_likelihood_is_passed_over():
    likelihood = Likelihood(Y, V, X[:, :1], curve("negexp"))
    box = Box(np.array([-np.inf, 0.0, 0.0]), np.array([np.inf, np.inf, 100.0]))
    bad, good = np.array([np.nan, 0.1, 1.0]), np.array([0.1, 0.1, 1.0])
    assert climb(likelihood, box, bad) is None
    assert maximise(likelihood, box, [bad, good]).starts == 2
    with pytest.raises(ConvergenceError, match="did not converge from any of 1 starting points"):
        maximise(likelihood, box, [bad])

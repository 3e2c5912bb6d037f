"""The likelihoods of models of counts against brute-force integration and libraries."""

import functools
import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from scipy.stats import binom, nchypergeom_fisher, poisson

import review
from review.stats.rare_events.conditional_exact import HypergeometricCounts
from review.stats.rare_events.glmm_likelihoods import BinomialCounts, PoissonCounts
from review.stats.rare_events.study_marginal import study_marginal

SMALL = {"ai": [0, 2, 9, 1, 14], "n1i": [20, 30, 25, 40, 33], "ci": [7, 2, 3, 0, 4],
         "n2i": [22, 28, 24, 38, 30]}  # fmt: skip
RATES = {"x1i": [0, 2, 9, 1, 14], "t1i": [200.0, 310.0, 251.0, 400.0, 333.0],
         "x2i": [7, 2, 3, 0, 4], "t2i": [220.0, 280.0, 240.0, 380.0, 300.0]}  # fmt: skip


legendre = functools.cache(np.polynomial.legendre.leggauss)


def integral(log_density, spread, width=11.0, points=400):
    """Log of the integral over an effect that is normal with mean 0."""
    z, w = legendre(points)
    z, w = width * z, width * w
    inside = log_density(spread * z) - 0.5 * z * z - 0.5 * np.log(2 * np.pi) + np.log(w)
    return float(logsumexp(inside))


def arrays(data):
    return [np.asarray(v, dtype=float) for v in data.values()]


def expit(x):
    return 1 / (1 + np.exp(-x))


def table(a, n1, m, n2, e):
    """Log-probability of a table given its margins, by its definition."""
    possible = range(max(0, int(m - n2)), int(min(n1, m)) + 1)
    ways = {j: math.comb(int(n1), j) * math.comb(int(n2), int(m) - j) for j in possible}
    total = sum(n * np.exp(j * e) for j, n in ways.items())
    return np.log(ways[int(a)]) + a * e - np.log(total)


def brute(model, theta):
    """Log-likelihood of the small tables, study by study, by dense quadrature.

    With fixed study effects each study's own rate is searched by a general optimiser.
    """
    a, n1, c, n2 = arrays(SMALL)
    x1, t1, x2, t2 = arrays(RATES)
    beta, tau = theta
    total = 0.0
    for i in range(5):

        def density(u, own=0.0, i=i):
            e = beta + u
            if model == "CM.EL":
                return table(a[i], n1[i], a[i] + c[i], n2[i], e)
            if model == "CM.AL":
                return binom.logpmf(a[i], a[i] + c[i], expit(e + np.log(n1[i] / n2[i])))
            if model == "IRR.CM.EL":
                return binom.logpmf(x1[i], x1[i] + x2[i], expit(e + np.log(t1[i] / t2[i])))
            if model == "IRLN":
                return poisson.logpmf(x2[i], t2[i] * np.exp(e))
            if model == "PLO":
                return binom.logpmf(c[i], n2[i], expit(e))
            if model == "IRR.UM.FS":
                return poisson.logpmf(x1[i], t1[i] * np.exp(own + e / 2)) + poisson.logpmf(
                    x2[i], t2[i] * np.exp(own - e / 2)
                )
            return binom.logpmf(a[i], n1[i], expit(own + e / 2)) + binom.logpmf(
                c[i], n2[i], expit(own - e / 2)
            )

        if model.endswith("UM.FS"):
            level = np.log((a[i] + c[i] + 0.5) / (n1[i] + n2[i]))
            if model.startswith("IRR"):
                level = np.log((x1[i] + x2[i] + 0.5) / (t1[i] + t2[i]))
            found = minimize_scalar(
                lambda own, f=density: -integral(lambda u: f(u, own), tau),
                bracket=(level - 0.5, level + 0.5), tol=1e-9,
            )  # fmt: skip
            total -= found.fun
        else:
            total += integral(density, tau)
    return total


CASES = {
    "UM.FS": ("OR", "UM.FS", SMALL), "IRR.UM.FS": ("IRR", "UM.FS", RATES),
    "CM.EL": ("OR", "CM.EL", SMALL), "CM.AL": ("OR", "CM.AL", SMALL),
    "IRR.CM.EL": ("IRR", "CM.EL", RATES),
    "PLO": ("PLO", None, {"xi": SMALL["ci"], "ni": SMALL["n2i"]}),
    "IRLN": ("IRLN", None, {"xi": RATES["x2i"], "ti": RATES["t2i"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_maximum_of_the_integrated_likelihood(name):
    """Value and slopes of the dense integral at the estimates: a maximum, with our value."""
    measure, model, data = CASES[name]
    fit = review.glmm(measure, model=model, nAGQ=61, **data)
    at = np.array([float(fit.beta[0]), fit.tau])
    assert fit.tau2 > 0.01
    assert brute(name, at) == pytest.approx(fit.loglik, abs=1e-8)
    for j in range(2):
        step = 1e-4 * np.eye(2)[j]
        slope = (brute(name, at + step) - brute(name, at - step)) / 2e-4
        assert abs(slope) < 1e-5


@pytest.mark.parametrize("measure", ["OR", "IRR"])
def test_random_study_effects_by_dense_integration(measure):
    """Two integrals per study over a grid, at the estimates with many nodes."""
    data = SMALL if measure == "OR" else RATES
    fit = review.glmm(measure, model="UM.RS", nAGQ=21, **data)
    a, n1, c, n2 = arrays(data)
    z, w = np.polynomial.legendre.leggauss(160)
    z, w = 9 * z, 9 * w
    s, u = np.meshgrid(z, z, indexing="ij")
    log_w = (np.log(w)[:, None] + np.log(w)[None]) - 0.5 * (s**2 + u**2) - np.log(2 * np.pi)

    def height(theta):
        alpha, beta, sigma, tau = theta
        one = alpha + beta + sigma * s + tau * u / 2
        two = alpha + sigma * s - tau * u / 2
        total = 0.0
        for i in range(5):
            if measure == "OR":
                f = binom.logpmf(a[i], n1[i], expit(one)) + binom.logpmf(c[i], n2[i], expit(two))
            else:
                f = poisson.logpmf(a[i], n1[i] * np.exp(one))
                f = f + poisson.logpmf(c[i], n2[i] * np.exp(two))
            total += float(logsumexp(f + log_w))
        return total

    at = np.array([fit.alpha, float(fit.beta[0]), np.sqrt(fit.sigma2), fit.tau])
    assert height(at) == pytest.approx(fit.loglik, abs=1e-7)
    for j in range(4):
        step = 1e-4 * np.eye(4)[j]
        assert abs((height(at + step) - height(at - step)) / 2e-4) < 1e-4


def test_the_hypergeometric_distribution_is_that_of_a_library():
    a, n1, m, n2 = (
        np.array(x, dtype=float) for x in ([0, 3, 7], [10, 12, 9], [4, 9, 12], [8, 15, 6])
    )
    H = HypergeometricCounts(a, n1, m, n2)
    for theta in (-2.0, 0.0, 0.7, 3.0):
        value, slope = H.value(np.full(3, theta))
        _, bend, _ = H.slopes(np.full(3, theta))
        for i in range(3):
            known = nchypergeom_fisher(n1[i] + n2[i], n1[i], m[i], np.exp(theta))
            assert value[i] == pytest.approx(known.logpmf(a[i]), abs=1e-8)
            assert slope[i] == pytest.approx(a[i] - known.mean(), abs=1e-7)
            assert -bend[i] == pytest.approx(known.var(), abs=1e-7)


def test_tables_of_any_size_give_the_same_numbers_alone_and_together():
    """Stacks of similar support: a large trial changes nothing in the small ones."""
    a, n1, m, n2 = (np.array(x, dtype=float) for x in
                    ([3, 900, 1], [20, 4000, 7], [8, 2100, 1], [25, 3900, 9]))  # fmt: skip
    together = HypergeometricCounts(a, n1, m, n2)
    eta = np.array([[0.3, -0.2, 1.0], [-1.0, 0.1, 0.0]])
    for i in range(3):
        one = HypergeometricCounts(a[i : i + 1], n1[i : i + 1], m[i : i + 1], n2[i : i + 1])
        for mine, whole in zip(one.slopes(eta[:, i : i + 1]), together.slopes(eta), strict=True):
            assert mine[:, 0] == pytest.approx(whole[:, i], rel=1e-12)
    effects, tops = together.alone()
    assert np.isposinf(effects[2])
    assert tops[2] == 0
    assert together.slopes(np.where(np.isfinite(effects), effects, 0.0))[0][:2] == pytest.approx(
        [0, 0], abs=1e-9
    )


@pytest.mark.parametrize("nodes", [1, 2, 7, 20])
def test_derivatives_of_the_quadrature_itself(nodes):
    """Slopes by fixed part and tau are those of the sum of few nodes, not of the integral."""
    k = 4
    groups = (
        BinomialCounts(np.array([0.0, 3, 9, 2]), np.array([9.0, 12, 10, 40]), np.zeros(k)),
        PoissonCounts(np.array([2.0, 0, 5, 1]), np.array([3.0, 4, 2, 0.5])),
    )
    loads = np.array([0.5, -0.5])
    rng = np.random.default_rng(3)
    fixed, tau, h = rng.normal(0, 1, (2, 1, k)), np.array([1.3]), 1e-5
    at = study_marginal(groups, loads, fixed, tau, nodes=nodes)
    for j in range(2):
        step = np.zeros((2, 1, k))
        step[j] = h
        ends = [study_marginal(groups, loads, fixed + s * step, tau, nodes=nodes).value
                for s in (1, -1)]  # fmt: skip
        assert at.by_fixed[j] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-8)
    ends = [study_marginal(groups, loads, fixed, tau + s * h, nodes=nodes).value for s in (1, -1)]
    assert at.by_tau == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-8)


def test_extreme_predictors_do_not_overflow():
    one = BinomialCounts(np.array([0.0, 5.0]), np.array([5.0, 5.0]), np.zeros(2))
    value, slope = one.value(np.array([[-800.0, 800.0]]))
    assert value.tolist() == [[0.0, 0.0]]
    assert slope.tolist() == [[0.0, 0.0]]


def test_long_supports_are_summed_over_where_the_probability_is():
    """Windows of a long support give the whole sum, at any log odds ratio and in any batch."""
    a, n1 = np.array([9_000.0, 12_500.0]), np.array([40_000.0, 25_000.0])
    m, n2 = np.array([21_000.0, 24_000.0]), np.array([39_000.0, 24_500.0])
    H = HypergeometricCounts(a, n1, m, n2)
    for theta in (-6.0, -0.4, 0.0, 0.3, 5.0):
        value, slope = H.value(np.array([[theta, theta]]))
        for i in range(2):
            stack = next(s for s in H.stacks if i in s.at)
            row = stack.at.tolist().index(i)
            whole = logsumexp(stack.log_c[row] + stack.j[row] * theta)
            weights = np.exp(stack.log_c[row] + stack.j[row] * theta - whole)
            assert value[0, i] == pytest.approx(-whole, rel=1e-12, abs=1e-9)
            assert slope[0, i] == pytest.approx(-(weights @ stack.j[row]), rel=1e-8, abs=1e-6)
    wide = H.value(np.array([[-5.0, 0.1], [4.0, 0.2]]))[0]
    assert wide[0, 0] == pytest.approx(H.value(np.array([[-5.0, 0.1]]))[0][0, 0], rel=1e-12)
    effects, _ = H.alone()
    assert H.value(effects)[1] == pytest.approx([0, 0], abs=1e-6)

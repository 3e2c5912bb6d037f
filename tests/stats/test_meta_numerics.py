"""Accuracy where it is hard to get, and size."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from review import meta_analysis
from review.stats.ground.least_squares import Projector, falling_root, others
from review.stats.pooling.marginal_likelihood import log_likelihood
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.tau2 import METHODS


def exact_moments(yi, vi, weights):
    """tau2 of the generalised method of moments in rational arithmetic, for an intercept."""
    y, v, a = ([Fraction(float(x)) for x in xs] for xs in (yi, vi, weights))
    s1 = sum(a)
    mean = sum(w * x for w, x in zip(a, y, strict=True)) / s1
    q = sum(w * (x - mean) ** 2 for w, x in zip(a, y, strict=True))
    expected = sum(w * u * (1 - w / s1) for w, u in zip(a, v, strict=True))
    trace = s1 - sum(w * w for w in a) / s1
    return float((q - expected) / trace)


@pytest.mark.parametrize("spread", [0.1, 1, 4, 9])
def test_moment_estimators_are_exact_even_when_one_study_dominates(spread):
    rng = np.random.default_rng(3)
    vi = np.exp(rng.normal(-3, spread, 7))
    yi = rng.normal(5, np.sqrt(vi + 3))
    dl, he = (meta_analysis(yi, vi, method=m, test="z") for m in ("DL", "HE"))
    wanted_dl = exact_moments(yi, vi, [Fraction(1) / Fraction(float(v)) for v in vi])
    assert dl.tau2 == pytest.approx(max(0, wanted_dl), rel=1e-11)
    assert he.tau2 == pytest.approx(max(0, exact_moments(yi, vi, np.ones(7))), rel=1e-12)
    n = np.arange(1.0, 8.0)
    genq = meta_analysis(yi, vi, method="GENQ", weights=n)
    assert genq.tau2 == pytest.approx(max(0, exact_moments(yi, vi, n)), rel=1e-11)


def test_a_dominating_study_loses_no_digits():
    # variances 1e-14 and 1: the trace S1 - S2/S1 would be the difference of two numbers near 1e14
    yi, vi = [1.0, 3.0, 6.0], [1e-14, 1.0, 1.0]
    fit = meta_analysis(yi, vi, method="DL", test="z")
    w = [Fraction(1) / Fraction(v) for v in vi]
    assert fit.tau2 == pytest.approx(exact_moments(yi, vi, w), rel=1e-13)
    np.testing.assert_array_equal(others(np.array([1e20, 1.0, 2.0])), [3.0, 1e20, 1e20])


def moments_once_more(yi, vi, X, tau2):
    """Method of moments with the weights 1/(vi + tau2), on dense matrices."""
    W = np.diag(1 / (vi + tau2))
    P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
    return max(0.0, (yi @ P @ yi - np.trace(P @ np.diag(vi))) / np.trace(P))


@pytest.mark.parametrize("moderated", [False, True])
def test_the_iterated_dl_estimator_is_the_fixed_point_of_its_iteration(moderated):
    rng = np.random.default_rng(11)
    above = 0
    for _ in range(30):
        k = int(rng.integers(4, 15))
        vi = rng.uniform(0.02, 0.4, k)
        yi = rng.normal(0.2, np.sqrt(vi + 0.15))
        x = rng.normal(size=k)
        X = np.column_stack([np.ones(k), x]) if moderated else np.ones((k, 1))
        mods = x if moderated else None
        fit = meta_analysis(yi, vi, mods, method="DLIT")
        # plain rounds from 0 can swing for ever between 0 and a value above the fixed point
        again = moments_once_more(yi, vi, X, fit.tau2)
        assert again == pytest.approx(fit.tau2, rel=1e-9, abs=1e-11)
        assert fit.tau2 == meta_analysis(yi, vi, mods, method="PM").tau2
        above += fit.tau2 > 0
    assert above > 15


def test_iterated_dl_by_hand_and_by_the_reference(reference):
    # two studies: (.9 - .1)^2 = .04 + .09 + 2 tau2
    assert meta_analysis([0.1, 0.9], [0.04, 0.09], method="DLIT").tau2 == pytest.approx(0.255)
    inputs = reference("uni.bcg_RR.REML.z")["inputs"]
    found = meta_analysis(inputs["yi"], inputs["vi"], method="DLIT")
    # metafor 5.1-12: rma(yi, vi, method = "DLIT", control = list(threshold = 1e-13))
    assert found.tau2 == pytest.approx(0.318068452205, rel=1e-11)
    assert found.se_tau2 == pytest.approx(0.173663027463, rel=1e-11)


def test_the_projector_equals_the_dense_matrix():
    rng = np.random.default_rng(0)
    k = 6
    for p in (1, 2, 3):
        X = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
        w, y, d = rng.uniform(0.5, 2, k), rng.normal(size=k), rng.uniform(0.1, 3, k)
        W, D = np.diag(w), np.diag(d)
        P = W - W @ X @ np.linalg.inv(X.T @ W @ X) @ X.T @ W
        ours = Projector(w, None if p == 1 else np.linalg.qr(X)[0])
        np.testing.assert_allclose(ours(y), P @ y, atol=1e-12)
        np.testing.assert_allclose(ours.quadratic(y), y @ P @ y)
        np.testing.assert_allclose(ours.trace(), np.trace(P))
        np.testing.assert_allclose(ours.trace(d), np.trace(P @ D))
        np.testing.assert_allclose(ours.trace_sq(), np.trace(P @ P))
        np.testing.assert_allclose(ours.trace_sq(d), np.trace(P @ D @ P @ D))
        logdet = np.linalg.slogdet(X.T @ W @ X)[1] - np.linalg.slogdet(X.T @ X)[1]
        np.testing.assert_allclose(ours.logdet(), logdet, atol=1e-12)


def test_the_root_finder_survives_bad_steps():
    def func(t):
        return 2.0 - t**3, np.full_like(t, 1e9)  # every step leaves the bracket

    root, _ = falling_root(func, np.zeros(2), np.full(2, 50.0), np.ones(2), 1.0)
    np.testing.assert_allclose(root, 2 ** (1 / 3), rtol=1e-11)


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_the_likelihood_is_maximised_globally(method):
    several = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 7))
        vi = np.exp(rng.normal(-2, 2.5, k))
        yi = rng.normal(0, np.sqrt(vi + rng.choice([0, 1, 5])))
        fit = meta_analysis(yi, vi, method=method, test="z")
        several += fit.convergence.maxima > 1
        s = make_sample(yi, vi)
        top = 100 * (np.var(yi) + vi.max())
        grid = np.concatenate([[0.0], np.geomspace(vi.min() * 1e-3, top, 400)])
        best = log_likelihood(s, grid, restricted=method == "REML").max()
        assert fit.loglik >= best - 1e-9
    assert several > 0  # the data sets do include likelihoods with two maxima


def test_two_maxima_are_noted():
    rng = np.random.default_rng(2983)
    k = int(rng.integers(2, 7))
    vi = np.exp(rng.normal(-2, 2.5, k))
    yi = rng.normal(0, np.sqrt(vi + rng.choice([0, 1, 5]))) * rng.choice([1, 3])
    fit = meta_analysis(yi, vi, method="ML")
    assert fit.convergence.maxima == 2
    assert "2 maxima" in fit.notes[0]


def test_large_data_take_linear_memory():
    k = 100_000
    rng = np.random.default_rng(1)
    vi = rng.uniform(0.01, 0.5, k)
    yi = rng.normal(0.3, np.sqrt(vi + 0.1))
    fit = meta_analysis(yi, vi)
    assert fit.tau2 == pytest.approx(0.1, abs=0.003)
    tracemalloc.start()
    meta_analysis(yi, vi, mods=rng.normal(size=k))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60 * 8 * k  # some arrays of length k, never k x k


@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("EE", "FE", "GENQ", "GENQM")])
def test_paule_mandel_and_all_others_scale_where_absolute_tolerances_fail(method, reference):
    inputs = reference("uni.bcg_RR.REML.z")["inputs"]
    yi, vi = np.array(inputs["yi"]), np.array(inputs["vi"])
    wanted = meta_analysis(yi, vi, method=method).tau2
    small = meta_analysis(yi * 0.001, vi * 1e-6, method=method).tau2
    assert small * 1e6 == pytest.approx(wanted, rel=1e-12)


def test_numbers_out_of_range_are_refused():
    from review.errors import StatsError

    for yi, vi in (([1e300, 2e300], [1, 1]), ([1, 2], [1e-320, 1])):
        with pytest.raises(StatsError, match="unit"):
            meta_analysis(yi, vi)


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize("slopes", [0, 2])
def test_sums_over_blocks_equal_whole_arrays(method, slopes, monkeypatch):
    rng = np.random.default_rng(8)
    vi = rng.uniform(0.01, 0.5, 20_001)
    yi = rng.normal(1e4, np.sqrt(vi + 0.02))
    mods = rng.normal(5, 1, (20_001, slopes)) if slopes else None
    by_blocks = meta_analysis(yi, vi, mods, method=method).tau2
    monkeypatch.setattr("review.stats.pooling.likelihood_grid.LARGE", 10**9)
    assert by_blocks == pytest.approx(meta_analysis(yi, vi, mods, method=method).tau2, rel=1e-11)

"""A batch row equals a fit of its own."""

import numpy as np
import pytest

from review import meta_analysis
from review.stats.pooling.batched_fit import fit_batch
from review.stats.pooling.tau2 import METHODS

RNG = np.random.default_rng(4)
K = 9
VI = np.exp(RNG.normal(-2, 1, K))
YI = RNG.normal(0.5, np.sqrt(VI + 0.2))
X = np.column_stack([np.ones(K), RNG.normal(size=(K, 2))])
W = RNG.uniform(1, 3, K)
NAMES = (
    "beta",
    "se",
    "stat",
    "pval",
    "ci_lb",
    "ci_ub",
    "tau2",
    "I2",
    "H2",
    "QE",
    "QEp",
    "QM",
    "QMp",
)
BATCHED = [m for m in METHODS if m != "GENQM"]


def compare(batch, row, fit, tol=1e-10):
    for name in NAMES:
        ours, wanted = getattr(batch, name)[row], getattr(fit, name)
        np.testing.assert_allclose(ours, wanted, rtol=tol, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("method", BATCHED)
@pytest.mark.parametrize("test", ["z", "knha"])
def test_subsets(method, test):
    keep = RNG.random((20, K)) < 0.6
    keep = keep[keep.sum(1) >= 2]
    weights = W if method == "GENQ" else None
    batch = fit_batch(YI, VI, mask=keep, method=method, test=test, weights=weights)
    for row, on in enumerate(keep):
        w = None if weights is None else weights[on]
        alone = meta_analysis(YI[on], VI[on], method=method, test=test, weights=w)
        compare(batch, row, alone)


@pytest.mark.parametrize("method", ["REML", "ML", "DL", "PM", "EE", "SJ"])
def test_subsets_with_moderators(method):
    keep = ~np.eye(K, dtype=bool)
    batch = fit_batch(YI, VI, X, keep, method=method, test="z", weights=W)
    for row, on in enumerate(keep):
        alone = meta_analysis(YI[on], VI[on], X[on][:, 1:], method=method, test="z", weights=W[on])
        compare(batch, row, alone)


@pytest.mark.parametrize("method", ["REML", "DL", "HE"])
def test_permutations(method):
    order = np.array([RNG.permutation(K) for _ in range(10)])
    by_effect = fit_batch(YI[order], VI, method=method)
    by_moderator = fit_batch(YI, VI, X[order], method=method)
    for row, o in enumerate(order):
        compare(by_effect, row, meta_analysis(YI[o], VI, method=method))
        compare(by_moderator, row, meta_analysis(YI, VI, X[o][:, 1:], method=method))


def test_small_subsets_are_defined():
    keep = np.zeros((2, K), dtype=bool)
    keep[0, 3] = True
    keep[1, :2] = True
    batch = fit_batch(YI, VI, mask=keep)
    compare(batch, 0, meta_analysis(YI[3], VI[3]))
    compare(batch, 1, meta_analysis(YI[:2], VI[:2]))
    assert batch.test_changed.tolist() == [True, False]
    assert np.isinf(batch.ddf[0])


def test_subsets_that_cannot_carry_the_design_are_nan():
    dummy = np.column_stack([np.ones(K), np.arange(K) == 0])
    keep = np.ones((2, K), dtype=bool)
    keep[1, 0] = False  # without the first study the second column is 0
    batch = fit_batch(YI, VI, dummy, keep, method="DL", test="z")
    assert np.isfinite(batch.beta[0]).all()
    assert np.isnan(batch.beta[1]).all()
    assert np.isnan(batch.tau2[1])


def test_a_fixed_tau2_per_row():
    tau2 = np.array([0.0, 0.5, 2.0])
    batch = fit_batch(YI, VI, tau2=tau2, test="z")
    for row, t in enumerate(tau2):
        compare(batch, row, meta_analysis(YI, VI, tau2=t, test="z"))

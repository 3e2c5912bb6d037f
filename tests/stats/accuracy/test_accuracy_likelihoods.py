"""The likelihoods against dense matrices, a grid and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, gammaln

from review.stats.accuracy.bivariate_exact import ExactModel
from review.stats.accuracy.bivariate_kernel import likelihood, make_bivariate
from review.stats.accuracy.bivariate_normal import fit_normal
from review.stats.accuracy.joint_covariance import JointCovariance, shared
from review.stats.accuracy.joint_normal import JointSample, joint_likelihood
from review.stats.accuracy.psi_factor import by_factor, factor_of, psi_of
from review.stats.ground.binomial_kernel import BinomialBlocks, laplace, quadrature

K = 12


def example(seed=1, missing=True):
    rng = np.random.default_rng(seed)
    y, v = rng.normal(size=(2, K)), rng.uniform(0.05, 0.5, (2, K))
    on = np.ones((2, K), dtype=bool)
    if missing:
        on[0, 1] = on[1, 5] = False
    x = rng.normal(size=K)
    X = np.zeros((2, K, 4))
    X[0, :, 0] = X[1, :, 2] = 1
    X[0, :, 1] = X[1, :, 3] = x
    return y, v, on, X


def dense(y, v, on, X, psi):
    """ML and REML log-likelihood by one matrix of all outcomes."""
    k, p = y.shape[1], X.shape[2]
    P = np.array([[psi[0], psi[1]], [psi[1], psi[2]]])
    V = np.zeros((2 * k, 2 * k))
    for i in range(k):
        V[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = P + np.diag(v[:, i])
    keep = on.T.ravel()
    V, Y = V[np.ix_(keep, keep)], y.T.ravel()[keep]
    Z = X.transpose(1, 0, 2).reshape(2 * k, p)[keep]
    W = np.linalg.inv(V)
    A = Z.T @ W @ Z
    beta = np.linalg.solve(A, Z.T @ W @ Y)
    r = Y - Z @ beta
    base = np.linalg.slogdet(V)[1] + r @ W @ r
    ml = -0.5 * (base + len(Y) * np.log(2 * np.pi))
    more = np.linalg.slogdet(A)[1] - np.linalg.slogdet(Z.T @ Z)[1]
    reml = -0.5 * (base + (len(Y) - p) * np.log(2 * np.pi) + more)
    return ml, reml, beta, np.linalg.inv(A), r @ W @ r


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("psi", [[0.5, 0.2, 0.7], [0.5, 0.0, 0.0], [0.3, 0.6, 1.2], [0, 0, 0]])
def test_the_normal_likelihood_by_dense_matrices(psi, missing):
    y, v, on, X = example(missing=missing)
    at = likelihood(make_bivariate(y, v, X, on), np.array([psi], float), restricted=True)
    ml, reml, beta, vb, rss = dense(y, v, on, X, psi)
    np.testing.assert_allclose(at.ml[0], ml, rtol=1e-12)
    np.testing.assert_allclose(at.reml[0], reml, rtol=1e-12)
    np.testing.assert_allclose(at.beta[0], beta, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(at.vb[0], vb, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(at.rss[0], rss, rtol=1e-10)


@pytest.mark.parametrize("restricted", [False, True])
def test_derivatives_of_the_normal_likelihood(restricted):
    s = make_bivariate(*(example()[j] for j in (0, 1, 3, 2)))
    psi, h = np.array([0.5, 0.2, 0.7]), 1e-5

    def value(p):
        at = likelihood(s, p[None], restricted=restricted)
        return (at.reml if restricted else at.ml)[0]

    at = likelihood(s, psi[None], restricted=restricted)
    steps = np.eye(3) * h
    grad = [(value(psi + e) - value(psi - e)) / (2 * h) for e in steps]
    np.testing.assert_allclose(at.grad[0], grad, rtol=1e-6, atol=1e-7)
    hess = [
        (likelihood(s, (psi + e)[None], restricted=restricted).grad[0]
         - likelihood(s, (psi - e)[None], restricted=restricted).grad[0]) / (2 * h)
        for e in steps
    ]  # fmt: skip
    np.testing.assert_allclose(at.hess[0], hess, rtol=1e-6, atol=1e-6)


def test_derivatives_by_the_factor():
    s = make_bivariate(*(example()[j] for j in (0, 1, 3, 2)))
    L, h = np.array([0.7, 0.2, 0.6]), 1e-5

    def grad(f):
        at = likelihood(s, psi_of(f[None]), restricted=True)
        return by_factor(f[None], at.grad, at.hess)[0][0]

    at = likelihood(s, psi_of(L[None]), restricted=True)
    hess = [(grad(L + e) - grad(L - e)) / (2 * h) for e in np.eye(3) * h]
    np.testing.assert_allclose(
        by_factor(L[None], at.grad, at.hess)[1][0], hess, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(factor_of(psi_of(L)), L, rtol=1e-12)


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_no_covariance_is_better_than_the_estimate(method):
    s = make_bivariate(*(example(seed=4)[j] for j in (0, 1, 3, 2)))
    fit = fit_normal(s, method)
    rng = np.random.default_rng(7)
    factors = rng.normal(size=(20_000, 3)) * rng.uniform(0.05, 2, (20_000, 1))
    at = likelihood(s, psi_of(factors), restricted=False)
    assert fit.value >= (at.reml if method == "REML" else at.ml).max() - 1e-9


def test_the_joint_likelihood_of_pairs_is_the_bivariate_one():
    y, v, on, X = example()
    sample = make_bivariate(y, v, X, on)
    S = np.zeros((K, 2, 2))
    for j in range(2):
        S[:, j, j] = np.where(on[j], v[j], 1)
    joint = JointSample((y * on).T, S, on.T, X.transpose(1, 0, 2) * on.T[..., None])
    model = JointCovariance((shared("study", np.eye(2)[None, None]),))
    theta = np.array([[0.7, 0.2, 0.6], [0.1, 0.3, 0.9]])
    for restricted in (False, True):
        ours = joint_likelihood(joint, model, theta, restricted=restricted)
        at = likelihood(sample, psi_of(theta), restricted=restricted)
        g, H = by_factor(theta, at.grad, at.hess)
        for name, theirs in (("ml", at.ml), ("reml", at.reml), ("grad", g), ("hess", H),
                             ("beta", at.beta), ("vb", at.vb)):  # fmt: skip
            np.testing.assert_allclose(getattr(ours, name), theirs, rtol=1e-9, atol=1e-10)


def blocks_of_two(seed=2, k=5):
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 40, (k, 2)).astype(float)
    x = rng.binomial(n.astype(int), [0.8, 0.3]).astype(float)
    x[0] = n[0, 0], 0.0  # cells of 0
    n[1, 1] = x[1, 1] = 0.0  # a missing group
    return BinomialBlocks(x, n, np.broadcast_to(np.eye(2), (k, 2, 2)).copy())


BETA, ROOT = np.array([1.2, -0.8]), np.array([[0.9, 0.0], [0.3, 0.7]])


def test_quadrature_integrates_over_a_fine_grid():
    s = blocks_of_two()
    fixed = np.broadcast_to(BETA, (1, len(s.x), 2))
    ours = quadrature(s, fixed, ROOT[None, None], 41).value[0]
    z = np.linspace(-9, 9, 1201)
    grid = np.stack(np.meshgrid(z, z, indexing="ij"), -1).reshape(-1, 2)
    b = grid @ ROOT.T
    for i, (x, n) in enumerate(zip(s.x, s.n, strict=True)):
        eta = BETA + b
        log_f = (x * eta - n * np.logaddexp(0, eta)).sum(-1) - (grid**2).sum(-1) / 2
        whole = np.log(np.exp(log_f).sum() * (z[1] - z[0]) ** 2 / (2 * np.pi))
        np.testing.assert_allclose(ours[i], whole, rtol=1e-9)


def test_laplace_is_quadrature_with_one_node():
    s = blocks_of_two()
    fixed = np.broadcast_to(BETA, (1, len(s.x), 2))
    one = quadrature(s, fixed, ROOT[None, None], 1).value
    np.testing.assert_allclose(
        laplace(s, fixed, (ROOT @ ROOT.T)[None, None]).value, one, rtol=1e-12
    )


@pytest.mark.parametrize("nodes", [1, 35])
def test_derivatives_of_the_exact_likelihood(nodes):
    s = blocks_of_two()
    model = ExactModel(s, JointCovariance((shared("study", np.eye(2)[None, None]),)), nodes)
    theta, h = np.concatenate([BETA, [0.9, 0.3, 0.7]]), 1e-5
    value = lambda t: model.score(t[None])[0][0]  # noqa: E731
    grad = [(value(theta + e) - value(theta - e)) / (2 * h) for e in np.eye(5) * h]
    np.testing.assert_allclose(model.score(theta[None])[1][0], grad, rtol=1e-6, atol=1e-7)


def test_the_laplace_derivatives_of_larger_blocks():
    rng = np.random.default_rng(5)
    n = rng.integers(5, 60, (6, 4)).astype(float)
    x = rng.binomial(n.astype(int), 0.6).astype(float)
    X = np.tile(np.eye(2), (6, 2, 1))
    study, row = np.zeros((1, 1, 4, 2)), np.zeros((2, 1, 4, 2))
    study[0, 0, ::2, 0] = study[0, 0, 1::2, 1] = 1
    for r in range(2):
        row[r, 0, 2 * r, 0] = row[r, 0, 2 * r + 1, 1] = 1
    cov = JointCovariance((shared("study", study), shared("row", row)))
    model = ExactModel(BinomialBlocks(x, n, X), cov, 1)
    theta, h = np.array([0.4, 0.2, 0.6, 0.2, 0.5, 0.3, -0.1, 0.4]), 1e-5
    value = lambda t: model.score(t[None])[0][0]  # noqa: E731
    grad = [(value(theta + e) - value(theta - e)) / (2 * h) for e in np.eye(8) * h]
    np.testing.assert_allclose(model.score(theta[None])[1][0], grad, rtol=1e-6, atol=1e-7)


def test_a_likelihood_without_random_effects_is_that_of_logistic_regression():
    s = blocks_of_two()
    fixed = np.broadcast_to(BETA, (1, len(s.x), 2))
    p = expit(BETA)
    log_f = (s.x * np.log(p) + (s.n - s.x) * np.log(1 - p)).sum(-1)
    np.testing.assert_allclose(
        laplace(s, fixed, np.zeros((1, 1, 2, 2))).value[0], log_f, rtol=1e-12
    )
    choose = gammaln(s.n + 1) - gammaln(s.x + 1) - gammaln(s.n - s.x + 1)
    np.testing.assert_allclose(s.log_choose, choose.sum())

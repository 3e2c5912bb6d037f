"""Comparing tests: designs, covariances, and what the joint model is equal to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

import review
from review.errors import InputError, ReviewError, StatsError, UnknownNameError


def paired(seed=3, k=20, tests=("A", "B"), shift=0.4):
    rng = np.random.default_rng(seed)
    T = len(tests)
    study, test = np.repeat(np.arange(k), T), np.tile(np.arange(T), k)
    u = rng.multivariate_normal([0, 0], [[0.5, 0.2], [0.2, 0.4]], k)[study]
    n = len(study)
    e1 = 1.5 + shift * test + u[:, 0] + rng.normal(0, 0.3, n)
    e2 = -2 + 0.3 * test + u[:, 1] + rng.normal(0, 0.3, n)
    n1, n2 = rng.integers(20, 200, n), rng.integers(20, 200, n)
    tp, fp = rng.binomial(n1, expit(e1)), rng.binomial(n2, expit(e2))
    return (tp, n1 - tp, fp, n2 - fp), [tests[t] for t in test], [f"s{s}" for s in study]


@pytest.fixture(scope="module")
def data():
    return paired()


@pytest.mark.parametrize("method", ["REML", "ML", "exact"])
def test_unpaired_tests_are_a_meta_regression(data, method):
    cells, test, _ = data
    found = review.compare_tests(*cells, test=test, method=method)
    fit = review.diagnostic_meta(*cells, mods="~ test", data={"test": test}, method=method)
    assert found.covariance == "shared"
    np.testing.assert_allclose(found.beta[1] - found.beta[0], fit.beta[1], rtol=1e-6)
    np.testing.assert_allclose(found.beta[3] - found.beta[2], fit.beta[3], rtol=1e-6)
    np.testing.assert_allclose(found.wald["both"][0], fit.QM, rtol=1e-5)
    np.testing.assert_allclose(found.sens_pval[1], fit.pval[1], rtol=1e-5)
    assert "no study reports two of the tests" in found.notes[0]


def test_separate_covariances_are_two_models(data):
    cells, test, _ = data
    found = review.compare_tests(*cells, test=test, covariance="separate")
    for t, name in enumerate(found.tests):
        keep = np.array(test) == name
        alone = review.diagnostic_meta(*(c[keep] for c in cells))
        np.testing.assert_allclose(found.points.sens[t], alone.sens, rtol=1e-10)
        np.testing.assert_allclose(found.points.spec[t], alone.spec, rtol=1e-10)
    difference = found.beta[1] - found.beta[0]
    variance = found.vb[0, 0] + found.vb[1, 1]
    np.testing.assert_allclose(found.wald["sens"][0], difference**2 / variance, rtol=1e-10)


def test_pairing_narrows_the_differences(data):
    cells, test, study = data
    pair = review.compare_tests(*cells, test=test, study=study)
    apart = review.compare_tests(*cells, test=test)
    assert (pair.covariance, pair.paired, pair.k, pair.n_rows) == ("nested", 20, 20, 40)
    width = lambda r: r.sens_difference[1, 2] - r.sens_difference[1, 1]  # noqa: E731
    assert width(pair) < 0.7 * width(apart)


def test_covariances_are_parts_of_one_another(data):
    cells, test, study = data
    fits = {
        c: review.compare_tests(*cells, test=test, study=study, covariance=c, method="ML").loglik
        for c in ("shared", "nested", "unstructured")
    }
    assert fits["shared"] <= fits["nested"] + 1e-9
    assert fits["nested"] <= fits["unstructured"] + 1e-9


def test_the_reference_may_be_any_test(data):
    cells, test, study = data
    a = review.compare_tests(*cells, test=test, study=study)
    b = review.compare_tests(*cells, test=test, study=study, reference="B")
    np.testing.assert_allclose(a.sens_difference[1, 0], -b.sens_difference[0, 0], rtol=1e-9)
    np.testing.assert_allclose(a.sens_difference[1, 1], -b.sens_difference[0, 2], rtol=1e-9)
    assert a.wald["both"][2] == pytest.approx(b.wald["both"][2])


def test_three_tests_and_the_exact_model():
    cells, test, study = paired(seed=5, k=12, tests=("A", "B", "C"))
    found = review.compare_tests(*cells, test=test, study=study, method="exact")
    assert found.wald["both"][1] == 4
    assert found.lr["sens"][1] == 2
    assert np.isfinite(found.vb).all()
    normal = review.compare_tests(*cells, test=test, study=study, method="ML")
    np.testing.assert_allclose(found.beta, normal.beta, atol=0.15)


def test_a_correlation_within_studies_is_an_assumption_that_is_said(data):
    cells, test, study = data
    found = review.compare_tests(*cells, test=test, study=study, within_rho=0.5)
    assert any("correlated by 0.5 (assumed)" in note for note in found.notes)
    plain = review.compare_tests(*cells, test=test, study=study)
    assert found.sens_pval[1] != plain.sens_pval[1]


def test_the_sampling_correlation_enters_the_likelihood():
    """Against dense matrices: V of a study with two rows."""
    from review.stats.accuracy.joint_normal import joint_likelihood
    from review.stats.accuracy.joint_tests import JointTests
    from review.stats.accuracy.study_blocks import joint_sample, study_blocks

    cells, test, study = paired(k=4)
    rows = review.diagnostic_meta(*cells).rows
    blocks = study_blocks(study, 8)
    code = np.array([("A", "B").index(t) for t in test])
    model = JointTests(rows, code, 2, blocks, "nested", exact=False, within_rho=0.4)
    X = model.cell_means()
    sample = joint_sample(blocks, rows.y, rows.v, rows.on, X, within_rho=0.4)
    theta = np.array([[0.5, 0.1, 0.4, 0.3, 0.05, 0.2]])
    L, R = (np.array([[a, 0], [b, c]]) for a, b, c in theta.reshape(2, 3))
    ll, Y, Z, V = 0.0, [], [], []
    for s in range(4):
        i = [2 * s, 2 * s + 1]
        S = np.zeros((4, 4))
        for a in range(2):
            for b in range(2):
                same = np.sqrt(rows.v[:, i[a]] * rows.v[:, i[b]]) * (1 if a == b else 0.4)
                S[2 * a : 2 * a + 2, 2 * b : 2 * b + 2] = np.diag(same) + L @ L.T
                if a == b:
                    S[2 * a : 2 * a + 2, 2 * b : 2 * b + 2] += R @ R.T
        V.append(S)
        Y.append(rows.y[:, i].T.ravel())
        Z.append(X[:, i].transpose(1, 0, 2).reshape(4, 4))
    A = sum(z.T @ np.linalg.inv(v) @ z for z, v in zip(Z, V, strict=True))
    beta = np.linalg.solve(
        A, sum(z.T @ np.linalg.solve(v, y) for y, z, v in zip(Y, Z, V, strict=True))
    )
    for y, z, v in zip(Y, Z, V, strict=True):
        r = y - z @ beta
        ll -= 0.5 * (np.linalg.slogdet(v)[1] + r @ np.linalg.solve(v, r) + 4 * np.log(2 * np.pi))
    at = joint_likelihood(sample, model.effects(), theta, restricted=False)
    np.testing.assert_allclose(at.ml[0], ll, rtol=1e-12)
    np.testing.assert_allclose(at.beta[0], beta, rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reference": "C"}, "unknown test 'C'"),
        ({"covariance": "nested", "study": None}, "needs studies with several rows"),
        ({"covariance": "unstructured", "study": None}, "needs studies with several tests"),
        ({"covariance": "separate"}, "treats the tests as unrelated"),
        ({"covariance": "all"}, "unknown covariance"),
        ({"within_rho": 1.5}, "between -1 and 1"),
        ({"within_rho": 0.5, "method": "exact"}, "which 'exact' has not"),
        ({"method": "MM"}, "unknown method"),
        ({"test": ["A"]}, "test has 1 values"),
        ({"test": ["A"] * 40}, "needs two tests"),
        ({"test": ["A"] * 39 + ["B"]}, "'B' has 1 row with a sensitivity"),
        ({"test": ["A"] * 39 + [""]}, "no test is named in row 40"),
    ],
)
def test_wrong_comparisons_say_what_would_be_right(data, options, message):
    cells, test, study = data
    with pytest.raises(ReviewError, match=message):
        review.compare_tests(*cells, **{"test": test, "study": study, **options})


def test_errors_are_of_the_right_kind(data):
    cells, test, study = data
    with pytest.raises(UnknownNameError):
        review.compare_tests(*cells, test=test, reference="C")
    with pytest.raises(InputError):
        review.compare_tests(*cells, test=test, within_rho=2)
    with pytest.raises(StatsError):
        review.compare_tests(*cells, test=["A"] * 40, study=study)


def test_text_and_table_hold_the_same_numbers(data):
    cells, test, study = data
    found = review.compare_tests(*cells, test=test, study=study)
    text = found.summary()
    for value in (*found.points.sens[:, 0], found.sens_difference[1, 0], found.lr["both"][0]):
        assert f"{value:.4f}" in text
    assert found.to_frame().loc["B", "sens_difference"] == found.sens_difference[1, 0]
    assert found.to_dict()["covariance"] == "nested"

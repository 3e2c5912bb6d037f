"""Formulas against published values, a second method or the delta method."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import review
from review.stats.effects.standardized_differences import hedges_factor
from review.stats.effects.tetrachoric import bivariate_normal_cdf

TABLE = {"ai": 135.0, "bi": 15.0, "ci": 40.0, "di": 10.0}


def one(measure, **columns):
    got = review.effect_size(measure, **columns)
    return float(got.yi[0]), float(got.vi[0])


@pytest.mark.parametrize(
    ("measure", "estimate", "se"),
    [("PHI", 0.1309, 0.0789), ("YUQ", 0.3846, 0.1901), ("YUY", 0.2000, 0.1071)],
)
def test_published_table(measure, estimate, se):
    """Fleiss and Berlin (2009), Handbook of Research Synthesis, table 13.4."""
    y, v = one(measure, **TABLE)
    assert y == pytest.approx(estimate, abs=5e-5)
    assert np.sqrt(v) == pytest.approx(se, abs=5e-5)


def test_published_dependent_means():
    """Bonett (2008): 26 and 22, variances 30 and 20, correlation 0.7, n = 60."""
    y, v = one("MC", m1i=26, m2i=22, sd1i=30**0.5, sd2i=20**0.5, ni=60, ri=0.7)
    assert (y, round(v, 4)) == (4.0, 0.2618)


def delta(function, p, n):
    """Delta-method variance of a function of multinomial proportions, by central differences."""
    step = 1e-6
    gradient = np.array(
        [(function(p + step * e) - function(p - step * e)) / (2 * step) for e in np.eye(len(p))]
    )
    return gradient @ (np.diag(p) - np.outer(p, p)) @ gradient / n


MULTINOMIAL = {
    "OR": lambda p: np.log(p[0] * p[3] / (p[1] * p[2])),
    "YUQ": lambda p: (p[0] * p[3] - p[1] * p[2]) / (p[0] * p[3] + p[1] * p[2]),
    "YUY": lambda p: (
        (np.sqrt(p[0] * p[3]) - np.sqrt(p[1] * p[2]))
        / (np.sqrt(p[0] * p[3]) + np.sqrt(p[1] * p[2]))
    ),
    "PHI": lambda p: (
        (p[0] * p[3] - p[1] * p[2])
        / np.sqrt((p[0] + p[1]) * (p[2] + p[3]) * (p[0] + p[2]) * (p[1] + p[3]))
    ),
    "MPRR": lambda p: np.log((p[0] + p[1]) / (p[0] + p[2])),
    "MPRD": lambda p: p[1] - p[2],
    "MPOR": lambda p: np.log((p[0] + p[1]) * (p[1] + p[3]) / ((p[2] + p[3]) * (p[0] + p[2]))),
    "MPORC": lambda p: np.log(p[1] / p[2]),
}


@pytest.mark.parametrize("measure", MULTINOMIAL)
def test_variance_is_the_delta_method_of_a_multinomial_table(measure):
    counts = np.array([35.0, 17.0, 22.0, 41.0])
    n = counts.sum()
    y, v = one(measure, ai=35, bi=17, ci=22, di=41)
    assert y == pytest.approx(MULTINOMIAL[measure](counts / n), rel=1e-12)
    assert v == pytest.approx(delta(MULTINOMIAL[measure], counts / n, n), rel=1e-6)


STRATIFIED = {
    "RR": lambda p, q, _: np.log(p / q),
    "RD": lambda p, q, _: p - q,
    "OR": lambda p, q, _: np.log(p / (1 - p) * (1 - q) / q),
    "PHI": lambda p, q, w: (
        (p - q) * np.sqrt(w * (1 - w) / ((w * p + (1 - w) * q) * (1 - w * p - (1 - w) * q)))
    ),
}


@pytest.mark.parametrize("measure", STRATIFIED)
def test_variance_is_the_delta_method_of_two_binomials(measure):
    a, n1, c, n2 = 35.0, 52.0, 22.0, 63.0
    p, q, w = a / n1, c / n2, n1 / (n1 + n2)
    f, h = STRATIFIED[measure], 1e-6
    g1, g2 = (
        (f(p + h, q, w) - f(p - h, q, w)) / (2 * h),
        (f(p, q + h, w) - f(p, q - h, w)) / (2 * h),
    )
    want = g1**2 * p * (1 - p) / n1 + g2**2 * q * (1 - q) / n2
    options = {"vtype": "ST"} if measure == "PHI" else {}
    y, v = one(measure, ai=a, n1i=n1, ci=c, n2i=n2, **options)
    assert y == pytest.approx(f(p, q, w), rel=1e-12)
    assert v == pytest.approx(want, rel=1e-6)


def test_d_from_means_t_and_p_agree():
    from scipy.stats import ttest_ind_from_stats

    test = ttest_ind_from_stats(12, 3, 10, 9, 4, 14)
    whole = one("SMD", m1i=12, sd1i=3, n1i=10, m2i=9, sd2i=4, n2i=14)
    assert one("SMD", ti=test.statistic, n1i=10, n2i=14) == pytest.approx(whole, rel=1e-12)
    assert one("SMD", pi=test.pvalue, n1i=10, n2i=14) == pytest.approx(whole, rel=1e-9)
    d = 3 / np.sqrt((9 * 9 + 13 * 16) / 22)
    assert one("SMD", di=d, n1i=10, n2i=14) == pytest.approx(whole, rel=1e-12)
    assert one("SMD", pi=-test.pvalue, n1i=10, n2i=14)[0] == pytest.approx(-whole[0], rel=1e-9)


def test_correlation_from_t_and_p():
    from scipy.stats import pearsonr

    rng = np.random.default_rng(5)
    x = rng.normal(size=25)
    r, p = pearsonr(x, x + rng.normal(size=25))
    t = r * np.sqrt(23 / (1 - r**2))
    for measure in ("COR", "UCOR", "ZCOR"):
        whole = one(measure, ri=r, ni=25)
        assert one(measure, ti=t, ni=25) == pytest.approx(whole, rel=1e-12)
        assert one(measure, pi=p, ni=25) == pytest.approx(whole, rel=1e-7)


def test_partial_correlation_of_a_regression_from_its_t_statistic():
    """The residual correlation of the data is the partial correlation."""
    rng = np.random.default_rng(8)
    n = 40
    z = rng.normal(size=(n, 2))
    x, y = z @ [1, 0.5] + rng.normal(size=n), z @ [0.3, -1] + rng.normal(size=n)
    design = np.column_stack([np.ones(n), x, z])
    beta, rss, *_ = np.linalg.lstsq(design, y, rcond=None)
    se = np.sqrt(rss[0] / (n - 4) * np.linalg.inv(design.T @ design)[1, 1])
    controls = np.column_stack([np.ones(n), z])
    rx = x - controls @ np.linalg.lstsq(controls, x, rcond=None)[0]
    ry = y - controls @ np.linalg.lstsq(controls, y, rcond=None)[0]
    partial = np.corrcoef(rx, ry)[0, 1]
    t = beta[1] / se
    assert one("PCOR", ti=t, ni=n, mi=3)[0] == pytest.approx(partial, rel=1e-10)
    z_value, v = one("ZPCOR", ti=t, ni=n, mi=3)
    assert z_value == pytest.approx(np.arctanh(partial), rel=1e-10)
    assert v == pytest.approx(1 / (n - 2 - 3))  # two controls
    r2 = 1 - rss[0] / np.sum((y - y.mean()) ** 2)
    semi = np.corrcoef(rx, y)[0, 1]
    assert one("SPCOR", ti=t, ni=n, mi=3, r2i=r2)[0] == pytest.approx(semi, rel=1e-10)
    assert one("ZPCOR", ri=partial, ni=n, mi=3) == pytest.approx((z_value, v), rel=1e-10)


def test_paired_change_from_its_t_statistic():
    columns = {"m1i": 12, "m2i": 10, "sd1i": 3, "sd2i": 4, "ri": 0.5, "ni": 20}
    t = 2 / np.sqrt((9 + 16 - 12) / 20)
    assert one("SMCC", **columns) == pytest.approx(one("SMCC", ti=t, ni=20), rel=1e-12)
    assert one("SMCC", **columns) == pytest.approx(one("SMCC", di=2 / 13**0.5, ni=20), rel=1e-12)


def test_hedges_factor():
    """Hedges (1981), table 1, and no value without degrees of freedom."""
    m = np.array([2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0])
    printed = [0.5642, 0.7236, 0.7979, 0.8408, 0.9228, 0.9619, 0.9849]
    np.testing.assert_allclose(hedges_factor(m), printed, atol=1e-4)
    assert np.isnan(hedges_factor(np.array([1.0, 0.0, -1.0]))).all()


@pytest.mark.parametrize("r", [-0.95, -0.3, 0.0, 0.6, 0.99])
@pytest.mark.parametrize(("h", "k"), [(0.3, -1.2), (0.0, 0.7), (-0.4, 0.0), (0.0, 0.0), (-1, -2)])
def test_bivariate_normal_and_tetrachoric(h, k, r):
    from scipy.special import ndtr
    from scipy.stats import multivariate_normal

    p = float(bivariate_normal_cdf(np.array([h]), np.array([k]), np.array([r]))[0])
    assert p == pytest.approx(multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]]), abs=1e-5)
    a, b, c = p, ndtr(h) - p, ndtr(k) - p
    cells = [1e6 * x for x in (a, b, c, 1 - a - b - c)]
    if min(cells) > 1e-3:  # the table keeps enough digits to find the correlation again
        got = review.effect_size("RTET", **dict(zip(("ai", "bi", "ci", "di"), cells, strict=True)))
        assert float(got.yi[0]) == pytest.approx(r, abs=1e-7)


def test_tetrachoric_variance_by_the_delta_method():
    counts = np.array([35.0, 17.0, 22.0, 41.0])

    def r(p):
        names = ("ai", "bi", "ci", "di")
        return float(review.effect_size("RTET", **dict(zip(names, 1e4 * p, strict=True))).yi[0])

    _, v = one("RTET", **dict(zip(("ai", "bi", "ci", "di"), counts, strict=True)))
    assert v == pytest.approx(delta(r, counts / counts.sum(), counts.sum()), rel=1e-5)


def test_unbiased_correlation_is_unbiased():
    """Olkin and Pratt: the mean over the exact distribution of r is rho (here n = 6)."""
    from scipy.integrate import quad
    from scipy.special import gammaln, hyp2f1

    n, rho = 6, 0.5

    def density(r):
        const = (n - 2) * np.exp(gammaln(n - 1) - gammaln(n - 0.5)) / np.sqrt(2 * np.pi)
        shape = (1 - rho**2) ** ((n - 1) / 2) * (1 - r**2) ** ((n - 4) / 2)
        tail = (1 - rho * r) ** (1.5 - n) * hyp2f1(0.5, 0.5, n - 0.5, (1 + rho * r) / 2)
        return const * shape * tail

    def mean(measure):
        return quad(lambda r: one(measure, ri=r, ni=n)[0] * density(r), -1, 1)[0]

    assert quad(density, -1, 1)[0] == pytest.approx(1, abs=1e-7)
    assert mean("UCOR") == pytest.approx(rho, abs=1e-7)
    assert mean("COR") < rho - 0.01


@pytest.mark.parametrize("n", [5, 12, 41, 42, 199, 202, 5000, 10**6])
@pytest.mark.parametrize("r", [0.0, 0.01, 0.2, -0.9, 1.0])
def test_unbiased_correlation_by_its_integral(n, r):
    """2F1(1/2, 1/2; c; z) as Euler's integral with t = sin(x)**2, for all sizes."""
    from scipy.integrate import quad
    from scipy.special import gammaln

    c, z = (n - 2) / 2, 1 - r**2

    def integrand(x):
        return np.cos(x) ** (2 * c - 2) / np.sqrt(1 - z * np.sin(x) ** 2)

    const = 2 * np.exp(gammaln(c) - gammaln(c - 0.5)) / np.sqrt(np.pi)
    narrow = min(np.pi / 2, 40 / np.sqrt(c))
    value = const * quad(integrand, 0, narrow, epsabs=1e-14, epsrel=1e-12, limit=200)[0]
    y, v = one("UCOR", ri=r, ni=n)
    assert y == pytest.approx(r * value, rel=1e-8, abs=1e-15)
    assert v >= 0
    assert np.isfinite(one("UCOR", ri=r, ni=n, vtype="UB")).all()


def test_bias_corrections_of_log_means():
    columns = {"m1i": 12, "sd1i": 6, "n1i": 8, "m2i": 9, "sd2i": 2, "n2i": 20}
    half = 0.5 * (0.25 / 8 - (2 / 9) ** 2 / 20)
    for measure, sign in (("ROM", 1), ("CVR", -1)):
        plain = review.effect_size(measure, convention="3.8", **columns)
        corrected = review.effect_size(measure, **columns)
        assert corrected.yi[0] - plain.yi[0] == pytest.approx(sign * half, rel=1e-12)
        assert corrected.vi[0] == plain.vi[0]
    paired = {"m1i": 12, "sd1i": 6, "m2i": 9, "sd2i": 2, "ri": 0.3, "ni": 8}
    half = 0.5 * (0.25 - (2 / 9) ** 2) / 8
    for measure, sign in (("ROMC", 1), ("CVRC", -1)):
        plain = review.effect_size(measure, convention="3.8", **paired)
        corrected = review.effect_size(measure, **paired)
        assert corrected.yi[0] - plain.yi[0] == pytest.approx(sign * half, rel=1e-12)


def expected_log_mean(mean, sd, n):
    """Exact expectation of the log of a mean of normal data, by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float(np.sum(weights * np.log(mean + sd / np.sqrt(n) * nodes)) / weights.sum())


def expected_log_sd(sd, n):
    """Exact expectation of the log of an SD of normal data: (n - 1) s^2 / sd^2 is chi-squared."""
    from scipy.special import digamma

    return np.log(sd) + 0.5 * (digamma((n - 1) / 2) - np.log((n - 1) / 2))


@pytest.mark.parametrize("measure", ["ROM", "CVR"])
def test_the_corrected_estimates_are_less_biased_than_the_plain_ones(measure):
    """The expectation of the estimate of normal data against the truth, both exact."""
    x = {"m1i": 10, "sd1i": 3, "n1i": 30, "m2i": 8, "sd2i": 1, "n2i": 90}
    truth = {"ROM": np.log(10 / 8), "CVR": np.log(0.3) - np.log(1 / 8)}[measure]
    raw = expected_log_mean(10, 3, 30) - expected_log_mean(8, 1, 90)
    if measure == "CVR":
        raw = expected_log_sd(3, 30) - expected_log_sd(1, 90) - raw
    bias = {}
    for convention in ("5.1", "3.8"):
        # the corrections at the true values; what they vary by is of the next order
        shift = review.effect_size(measure, convention=convention, **x).yi[0] - truth
        bias[convention] = raw + shift - truth
    assert abs(bias["5.1"]) < abs(bias["3.8"]) / 5


@given(st.floats(-0.95, 0.95), st.integers(8, 300), st.integers(1, 5))
def test_a_partial_correlation_varies_as_a_correlation_of_fewer_persons(r, n, predictors):
    # Fisher (1924): each of the predictors - 1 controls costs one person
    partial = review.effect_size("PCOR", ri=r, ni=n, mi=predictors)
    plain = review.effect_size("COR", ri=r, ni=n - (predictors - 1))
    np.testing.assert_allclose(partial.vi, plain.vi, rtol=1e-12)
    fisher = review.effect_size("ZPCOR", ri=r, ni=n, mi=predictors)
    np.testing.assert_allclose(
        fisher.vi, review.effect_size("ZCOR", ri=r, ni=n - (predictors - 1)).vi, rtol=1e-12
    )


def test_a_biserial_correlation_beyond_1_is_set_to_1_and_noted():
    x = {"m1i": [10, 2, 0], "m2i": [0, 0, 5], "sd1i": 1, "sd2i": 1, "n1i": [20, 50, 30],
         "n2i": [30, 50, 10]}  # fmt: skip
    found = review.effect_size("RBIS", slab=["A", "B", "C"], **x)
    assert found.yi[[0, 2]].tolist() == [1.0, -1.0]
    assert abs(found.yi[1]) < 1
    note = "biserial correlation beyond 1, which cannot be, and set to it: row 1 (A), row 3 (C)"
    assert found.notes == (note,)
    old = review.effect_size("RBIS", convention="3.8", **x)
    assert old.yi[0] > 1
    np.testing.assert_array_equal(old.vi, found.vi)

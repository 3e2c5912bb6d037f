"""Laws that every meta-analysis obeys, on random data."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from review import meta_analysis
from review.stats.pooling.tau2 import METHODS

QUICK = settings(max_examples=25)
ESTIMATORS = [m for m in METHODS if m not in ("FE", "GENQM")]


@st.composite
def data_sets(draw, least=3, most=12):
    """Effects and variances of random size, heterogeneity and spread of the variances."""
    k = draw(st.integers(least, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    vi = np.exp(rng.normal(-2, draw(st.sampled_from([0.1, 1.0])), k))
    tau2 = draw(st.sampled_from([0.0, 0.1, 2.0]))
    return rng.normal(0.3, np.sqrt(vi + tau2)), vi


def fit(data, method, **options):
    yi, vi = data
    if method == "GENQ":
        options["weights"] = options.get("weights", np.linspace(1, 2, len(yi)))
    return meta_analysis(yi, vi, method=method, **options)


def same(a, b, tol=1e-9, scale=1e-9):
    np.testing.assert_allclose(a, b, rtol=tol, atol=scale)


@pytest.mark.parametrize("method", ESTIMATORS)
@QUICK
@given(data=data_sets(), exponent=st.floats(-8, 8))
def test_other_units_scale_the_results(method, data, exponent):
    c = 10.0**exponent
    one, other = fit(data, method), fit((data[0] * c, data[1] * c * c), method)
    same(other.beta / c, one.beta)
    same(other.se / c, one.se)
    typical = np.median(data[1])
    same(other.tau2 / c**2, one.tau2, scale=1e-9 * typical)
    same([other.I2, other.H2, other.QE], [one.I2, one.H2, one.QE], scale=1e-7)
    same(other.pval, one.pval)


@pytest.mark.parametrize("method", ESTIMATORS)
@QUICK
@given(data=data_sets(), shift=st.floats(-1e3, 1e3))
def test_a_shift_of_the_effects_shifts_the_average_alone(method, data, shift):
    one, other = fit(data, method), fit((data[0] + shift, data[1]), method)
    same(other.beta - shift, one.beta, scale=1e-8)
    same(other.tau2, one.tau2, tol=1e-8, scale=1e-8)
    same(other.se, one.se, tol=1e-8)


@pytest.mark.parametrize("method", ESTIMATORS)
@QUICK
@given(data=data_sets())
def test_the_sign_and_the_order_of_studies_do_not_matter(method, data):
    one = fit(data, method)
    minus = fit((-data[0], data[1]), method)
    same(-minus.beta, one.beta, tol=1e-12)
    same(minus.tau2, one.tau2, tol=1e-12, scale=1e-12)
    same(minus.ci_lb, -one.ci_ub, tol=1e-12)
    if method != "GENQ":
        back = fit((data[0][::-1], data[1][::-1]), method)
        same(back.beta, one.beta, tol=1e-9)
        same(back.weights[::-1], one.weights)


@QUICK
@given(data=data_sets(), c=st.floats(1e-6, 1e6), method=st.sampled_from(["REML", "GENQ"]))
def test_weights_have_no_unit(data, c, method):
    w = np.linspace(1, 3, len(data[0]))
    one, other = fit(data, method, weights=w), fit(data, method, weights=c * w)
    same(other.beta, one.beta)
    same(other.vb, one.vb)
    same(other.tau2, one.tau2, scale=1e-12)


@QUICK
@given(data=data_sets())
def test_a_study_given_twice_counts_as_one_of_half_the_variance(data):
    yi, vi = data
    twice = fit((np.append(yi, yi[0]), np.append(vi, vi[0])), "EE")
    halved = vi.copy()
    halved[0] /= 2
    once = fit((yi, halved), "EE")
    same(twice.beta, once.beta)
    same(twice.se, once.se)
    same(twice.QE, once.QE)


@QUICK
@given(data=data_sets(), tau2=st.floats(0, 3))
def test_all_studies_given_twice_keep_the_average_and_halve_its_variance(data, tau2):
    yi, vi = data
    once = fit(data, "REML", tau2=tau2, test="z")
    twice = fit((np.tile(yi, 2), np.tile(vi, 2)), "REML", tau2=tau2, test="z")
    same(twice.beta, once.beta)
    same(2 * twice.vb, once.vb)
    same(twice.QE, 2 * once.QE)


@QUICK
@given(data=data_sets(least=6), method=st.sampled_from(["REML", "EE", "DL"]))
def test_a_level_without_studies_changes_nothing(data, method):
    import pandas as pd

    groups = ["a", "b"] * (len(data[0]) // 2) + ["a"] * (len(data[0]) % 2)
    fits = [
        meta_analysis(
            *data, "~ g", method=method, data={"g": pd.Categorical(groups, categories=levels)}
        )
        for levels in (["a", "b"], ["a", "b", "never"])
    ]
    assert fits[0].coef_names == fits[1].coef_names == ("intercept", "g[b]")
    same(fits[1].beta, fits[0].beta, tol=1e-14)
    same(fits[1].tau2, fits[0].tau2, tol=1e-14)


@QUICK
@given(
    data=data_sets(),
    method=st.sampled_from([m for m in ESTIMATORS if m != "EE"]),
    test=st.sampled_from(["z", "t", "knha", "adhoc"]),
    pi_type=st.sampled_from(["default", "t", "Riley"]),
)
def test_the_prediction_interval_contains_the_confidence_interval(data, method, test, pi_type):
    p = fit(data, method, test=test).predict(pi_type=pi_type)
    slack = 1e-12 * (1 + np.abs(p.pred))
    assert (p.pi_lb <= p.ci_lb + slack).all()
    assert (p.pi_ub >= p.ci_ub - slack).all()


@QUICK
@given(data=data_sets())
def test_more_confidence_means_wider_intervals(data):
    narrow, wide = fit(data, "REML", level=90), fit(data, "REML", level=99)
    assert (wide.ci_lb < narrow.ci_lb).all()
    assert (wide.ci_ub > narrow.ci_ub).all()
    assert wide.confint().tau2.ci_ub >= narrow.confint().tau2.ci_ub
    assert wide.confint().tau2.ci_lb <= narrow.confint().tau2.ci_lb


@QUICK
@given(data=data_sets(least=5), scale=st.floats(1e-3, 1e3), shift=st.floats(-100, 100))
def test_the_unit_of_a_moderator_changes_its_slope_alone(data, scale, shift):
    x = np.linspace(0, 1, len(data[0])) ** 2
    one, other = fit(data, "REML", mods=x), fit(data, "REML", mods=scale * x + shift)
    same(other.beta[1] * scale, one.beta[1], tol=1e-7, scale=1e-7)
    same(other.tau2, one.tau2, tol=1e-7, scale=1e-8)
    same(other.QM, one.QM, tol=1e-6, scale=1e-6)


@QUICK
@given(data=data_sets(), name=st.sampled_from(["beta", "tau2", "QE"]))
def test_a_moderator_matrix_of_ones_is_the_model_without_moderators(data, name):
    one = fit(data, "REML")
    other = meta_analysis(*data, mods=np.ones(len(data[0])), intercept=False)
    same(getattr(other, name), getattr(one, name), tol=1e-8, scale=1e-9)


@QUICK
@given(data=data_sets(), t=st.floats(0, 10))
def test_the_estimators_agree_when_all_variances_are_equal(data, t):
    yi, vi = data[0], np.full(len(data[0]), 0.3)
    wanted = max(0.0, np.var(yi, ddof=1) - 0.3)
    for method in ("DL", "HE", "PM", "REML"):
        same(meta_analysis(yi, vi, method=method).tau2, wanted, tol=1e-8, scale=1e-9)
    ml = max(0.0, np.var(yi) - 0.3)
    same(meta_analysis(yi, vi, method="ML").tau2, ml, tol=1e-8, scale=1e-9)


@QUICK
@given(data=data_sets())
def test_paule_mandel_makes_q_equal_to_its_degrees_of_freedom(data):
    f = fit(data, "PM")
    assume(f.tau2 > 1e-6)
    w = 1 / (data[1] + f.tau2)
    q = (w * (data[0] - f.beta[0]) ** 2).sum()
    assert q == pytest.approx(f.k - 1, rel=1e-10)
    assert f.s2w == pytest.approx(1, rel=1e-10)
    same([fit(data, "EB").tau2, fit(data, "SJIT").tau2], f.tau2)

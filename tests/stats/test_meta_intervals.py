"""Confidence intervals of heterogeneity and prediction intervals, from their definitions."""

import numpy as np
import pytest

from review import meta_analysis
from review.errors import InputError, StatsError, UnknownNameError
from review.stats.ground.least_squares import Projector
from review.stats.pooling.generalised_q import upper_tail
from review.stats.pooling.marginal_likelihood import log_likelihood
from review.stats.pooling.prepared_effects import make_sample

RNG = np.random.default_rng(11)
K = 15
VI = RNG.uniform(0.05, 0.4, K)
YI = RNG.normal(0.2, np.sqrt(VI + 0.3))
X = RNG.normal(size=K)
# 2.5% and 97.5% points of chi-squared on 14 df and 13 df; 95% point on 1 df (R: qchisq)
CHI2 = {14: (5.6287261030397318, 26.118948045037374), 13: (5.0087505118103306, 24.735604884931539)}
CHI2_1 = 3.8414588206941236


@pytest.mark.parametrize("mods", [None, X])
def test_q_profile_limits_give_the_quantiles_of_chi_squared(mods):
    fit = meta_analysis(YI, VI, mods)
    limits = fit.confint("QP").tau2
    s = make_sample(YI, VI, None if mods is None else fit.X)
    low, high = CHI2[fit.df]
    for tau2, wanted in ((limits.ci_lb, high), (limits.ci_ub, low)):
        q = s.projector(np.asarray(tau2)).quadratic(s.y)
        np.testing.assert_allclose(q, wanted, rtol=1e-10)


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize("mods", [None, X])
def test_profile_likelihood_limits_lie_one_quantile_below_the_maximum(method, mods):
    fit = meta_analysis(YI, VI, mods, method=method)
    s = make_sample(YI, VI, None if mods is None else fit.X)
    limits = fit.confint("PL").tau2
    for tau2 in limits[1:]:
        l = float(log_likelihood(s, np.asarray(tau2), restricted=method == "REML"))
        assert l == pytest.approx(fit.loglik - CHI2_1 / 2, abs=1e-9)
    assert limits.ci_lb < fit.tau2 < limits.ci_ub


def test_the_other_measures_follow_from_tau2():
    fit = meta_analysis(YI, VI)
    ci = fit.confint()
    for t, tau, I2, H2 in zip(ci.tau2, ci.tau, ci.I2, ci.H2, strict=True):
        assert tau**2 == pytest.approx(t)
        assert pytest.approx(100 * t / (t + fit.vt)) == I2
        assert pytest.approx((t + fit.vt) / fit.vt) == H2
    assert (ci.tau2.estimate, ci.I2.estimate, ci.H2.estimate) == (fit.tau2, fit.I2, fit.H2)
    assert list(ci.to_frame().index) == ["tau2", "tau", "I2", "H2"]
    assert ci.to_dict()["I2"]["ci_lb"] == ci.I2.ci_lb


def test_levels_and_types():
    fit = meta_analysis(YI, VI, method="DL")
    assert fit.confint(level=90).level == 90
    assert fit.confint().type == "QP"
    with pytest.raises(InputError, match="'PL' needs method"):
        fit.confint("PL")
    with pytest.raises(InputError, match="needs fixed weights"):
        meta_analysis(YI, VI, method="PM").confint("GENQ")
    with pytest.raises(UnknownNameError, match="known: default, QP, PL, GENQ"):
        fit.confint("profile")


def test_an_empty_set_is_flagged():
    ci = meta_analysis([0.1, 0.12, 0.11, 0.13], [0.04] * 4).confint()
    assert ci.null_set
    assert tuple(ci.tau2) == (0, 0, 0)
    genq = meta_analysis([0.1, 0.12, 0.11, 0.13], [0.04] * 4, weights=1, method="GENQ").confint()
    assert genq.null_set


def test_the_tail_of_generalised_q_is_that_of_chi_squared_for_inverse_variance_weights():
    from scipy.special import chdtrc

    for k in (2, 3, 6, 20, 60, 150, 500):
        v = np.linspace(0.1, 2, k)
        s = make_sample(np.linspace(0, 1, k), v)
        for q in (0.1 * k, k, 2.0 * k):
            ours = upper_tail(q, 0.0, s, Projector(1 / v))
            assert ours == pytest.approx(float(chdtrc(k - 1, q)), abs=1e-11)


@pytest.mark.parametrize("p", [1, 3])
def test_the_tail_of_generalised_q_agrees_with_simulation(p):
    rng = np.random.default_rng(2)
    k, tau2 = 8, 0.4
    v, a = rng.uniform(0.01, 1, k), rng.uniform(0.5, 20, k)
    design = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1))])
    s = make_sample(np.zeros(k), v, None if p == 1 else design)
    P = Projector(a, s.U)
    q = P.quadratic(rng.normal(size=(40_000, k)) * np.sqrt(v + tau2))
    for share in (0.025, 0.5, 0.975):
        tail = upper_tail(float(np.quantile(q, 1 - share)), tau2, s, P)
        assert tail == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 40_000))


def test_genq_limits_and_median_give_their_tail_probabilities():
    w = np.linspace(1, 3, K)
    yi = 2 * YI
    fit = meta_analysis(yi, VI, weights=w, method="GENQ")
    limits = fit.confint().tau2
    s, P = make_sample(yi, VI), Projector(w)
    q = float(P.quadratic(s.y))
    assert upper_tail(q, limits.ci_lb, s, P) == pytest.approx(0.025, abs=1e-10)
    assert upper_tail(q, limits.ci_ub, s, P) == pytest.approx(0.975, abs=1e-10)
    median = meta_analysis(yi, VI, weights=w, method="GENQM").tau2
    assert upper_tail(q, median, s, P) == pytest.approx(0.5, abs=1e-10)
    # all variances equal and weights 1: the same as the Q-profile interval
    equal = np.full(K, 0.1)
    genq = meta_analysis(YI, equal, method="GENQ", weights=1).confint()
    qp = meta_analysis(YI, equal).confint("QP")
    np.testing.assert_allclose(genq.tau2[1:], qp.tau2[1:], rtol=1e-8)


@pytest.mark.parametrize(
    ("test", "pi_type", "quantile"),
    [
        # quantiles at 0.975: normal, t on 14 and on 13 df
        ("z", "default", 1.959963984540054),
        ("knha", "default", 2.1447866879169273),
        ("z", "t", 2.1447866879169273),
        ("z", "Riley", 2.1603686564610127),
        ("knha", "Riley", 2.1603686564610127),
    ],
)
def test_prediction_interval_from_its_formula(test, pi_type, quantile):
    fit = meta_analysis(YI, VI, test=test)
    p = fit.predict(pi_type=pi_type)
    half = quantile * np.sqrt(fit.se[0] ** 2 + fit.tau2)
    np.testing.assert_allclose([p.pi_lb[0], p.pi_ub[0]], fit.beta[0] + half * np.array([-1, 1]))
    if pi_type == "default":
        assert (fit.pi_lb, fit.pi_ub) == (p.pi_lb[0], p.pi_ub[0])
    simple = fit.predict(pi_type="simple")
    np.testing.assert_allclose(simple.pi_ub - simple.pred, 1.959963984540054 * fit.tau)


def test_predictions_with_moderators():
    fit = meta_analysis(YI, VI, X, test="z", slab=[f"s{i}" for i in range(K)])
    rows = fit.predict()
    assert rows.slab == fit.slab
    np.testing.assert_allclose(rows.pred, fit.X @ fit.beta)
    at_zero = fit.predict([0.0])
    np.testing.assert_allclose([at_zero.pred[0], at_zero.se[0]], [fit.beta[0], fit.se[0]])
    slope = fit.predict([1.0], intercept=False)
    np.testing.assert_allclose([slope.pred[0], slope.se[0]], [fit.beta[1], fit.se[1]])
    assert (fit.pi_lb, fit.pi_ub) == (None, None)
    table = fit.predict([0.0, 1.0], addx=True).to_frame()
    assert list(table.columns[-2:]) == ["intercept", "mod"]


def test_transformations():
    fit = meta_analysis(YI, VI, measure="OR")
    plain, by_name = fit.predict(), fit.predict(transf="exp")
    assert by_name.se is None
    for name in ("pred", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
        np.testing.assert_allclose(getattr(by_name, name), np.exp(getattr(plain, name)))
        np.testing.assert_allclose(
            getattr(fit.predict(transf="back"), name), getattr(by_name, name)
        )
        np.testing.assert_allclose(
            getattr(fit.predict(transf=np.exp), name), getattr(by_name, name)
        )
    falling = fit.predict(transf=lambda x: -x)
    np.testing.assert_allclose(falling.ci_lb, -plain.ci_ub)
    with pytest.raises(UnknownNameError, match="did you mean 'exp'"):
        fit.predict(transf="expp")
    assert by_name.to_dict()["transf"] == "exp"
    assert len(by_name) == 1


def test_predictions_that_cannot_be_made():
    fit = meta_analysis([0.1, 0.9], [0.04, 0.09])
    with pytest.raises(InputError, match="at least 3 studies; there are 2"):
        fit.predict(pi_type="Riley")
    with pytest.raises(UnknownNameError, match="known: default, Riley, t, simple"):
        fit.predict(pi_type="HTS")
    with pytest.raises(StatsError, match="no degrees of freedom"):
        meta_analysis(0.1, 0.2).confint()

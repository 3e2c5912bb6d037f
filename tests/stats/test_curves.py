"""Curves of figures against the intervals and tests they must agree with."""

from __future__ import annotations

import numpy as np
import pytest

from review import effect_size, meta_analysis
from review.errors import InputError, StatsError
from review.stats.pooling.fitted_curves import event_rates, p_value_curves, regression_line

Y = np.array([0.1, 0.9, 0.4, 0.35, 0.6])
V = np.array([0.04, 0.09, 0.05, 0.02, 0.07])


def _at(curves, values, theta):
    return np.interp(theta, curves.theta, values)


@pytest.mark.parametrize("test", ["z", "t", "knha"])
def test_p_value_functions_cross_alpha_at_the_limits(test):
    fit = meta_analysis(Y, V, test=test, level=90)
    curves = p_value_curves(fit, points=200_001)
    for limit in (fit.ci_lb[0], fit.ci_ub[0]):
        assert _at(curves, curves.summary, limit) == pytest.approx(0.10, abs=1e-4)
    for limit in (fit.pi_lb, fit.pi_ub):
        assert _at(curves, curves.prediction, limit) == pytest.approx(0.10, abs=1e-4)
    assert _at(curves, curves.summary, 0.0) == pytest.approx(fit.pval[0], abs=1e-4)
    for y, p in zip(Y, curves.studies, strict=True):
        assert p[curves.theta == y] == 1.0  # the peak is a point of the curve


def test_equal_effects_have_no_curve_of_a_new_study():
    assert p_value_curves(meta_analysis(Y, V, method="EE")).prediction is None


def test_curves_of_many_studies_are_those_of_the_most_precise():
    rng = np.random.default_rng(0)
    v = rng.uniform(0.01, 1, 1000)
    curves = p_value_curves(meta_analysis(rng.normal(0, 1, 1000), v), most=10)
    assert len(curves.studies) == 10
    assert sorted(int(s) - 1 for s in curves.labels) == sorted(np.argsort(v)[:10].tolist())


def test_curves_need_a_model_without_moderators():
    with pytest.raises(StatsError, match="without moderators"):
        p_value_curves(meta_analysis(Y, V, mods=[1, 2, 3, 4, 6.0]))


def test_regression_line_is_predict_with_the_others_at_their_means():
    data = {"a": [1, 2, 3, 4, 6.0], "b": [0, 1, 0, 0, 1.0]}
    fit = meta_analysis(Y, V, "~ a + b", data=data, method="EE")
    line = regression_line(fit, "a", points=11)
    expected = fit.predict({"a": line.x, "b": np.full(11, 0.4)})
    np.testing.assert_allclose(line.pred, expected.pred, rtol=1e-12)
    np.testing.assert_allclose(line.ci_ub, expected.ci_ub, rtol=1e-12)
    assert (line.x[0], line.x[-1], line.pi_lb) == (1, 6, None)
    assert line.at.tolist() == data["a"]
    assert regression_line(fit, 2).name == "b"


@pytest.mark.parametrize("moderator", ["nope", "intercept", 0, 5, -1])
def test_regression_line_refuses_what_is_no_moderator(moderator):
    fit = meta_analysis(Y, V, mods=[1, 2, 3, 4, 6.0])
    with pytest.raises(InputError):
        regression_line(fit, moderator)


def test_a_model_without_moderators_has_no_regression_line():
    with pytest.raises(InputError, match="no moderator"):
        regression_line(meta_analysis(Y, V))


TWO = {"ai": [4, 6, 3], "n1i": [20, 30, 25], "ci": [8, 9, 9], "n2i": [20, 30, 25]}


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_the_average_of_labbe_has_the_pooled_effect_everywhere(measure):
    fit = meta_analysis(effect_size(measure, **TWO))
    rates = event_rates(fit, **TWO)
    p, q = rates.average[1:-1], rates.grid[1:-1]
    inside = (p > 0) & (p < 1)
    p, q = p[inside], q[inside]
    effect = {"RR": np.log(p / q), "OR": np.log(p / (1 - p) * (1 - q) / q), "RD": p - q}[measure]
    np.testing.assert_allclose(effect, fit.beta[0], rtol=1e-9)
    assert rates.first.tolist() == [0.2, 0.2, 0.12]
    assert rates.second.tolist() == [0.4, 0.3, 0.36]


def test_labbe_refuses_columns_that_do_not_fit():
    fit = meta_analysis(effect_size("RR", **TWO))
    with pytest.raises(InputError, match="one number per row"):
        event_rates(fit, [1, 2], [5, 5], [1, 1], [5, 5])
    with pytest.raises(InputError, match="one number per row"):
        event_rates(fit, **TWO | {"n2i": [20, 30]})

"""Regression tests of funnel-plot asymmetry: independent fits, properties, errors."""

import numpy as np
import pytest

from review import InputError, StatsError, UnknownNameError, meta_analysis, regression_test

Y, V = [0.1, 0.3, 0.9, 0.8, 0.2], [0.01, 0.02, 0.1, 0.15, 0.05]
YEAR = [1.0, 2.0, 3.0, 4.0, 6.0]


@pytest.mark.parametrize("predictor", ["sei", "vi"])
def test_lm_is_weighted_least_squares(data, predictor):
    import statsmodels.api as sm

    y, v = data("egger")
    x = np.sqrt(v) if predictor == "sei" else v
    other = sm.WLS(y, sm.add_constant(x), weights=1 / v).fit()
    found = regression_test(y, v, model="lm", predictor=predictor)
    np.testing.assert_allclose(found.beta, other.params, rtol=1e-10)
    np.testing.assert_allclose(found.se, other.bse, rtol=1e-10)
    np.testing.assert_allclose(found.pval, other.pvalues[1], rtol=1e-9)
    np.testing.assert_allclose((found.ci_lb, found.ci_ub), other.conf_int()[0], rtol=1e-9)


def test_egger_is_the_intercept_of_the_radial_plot(data):
    import statsmodels.api as sm

    y, v = data("bcg")
    other = sm.OLS(y / np.sqrt(v), sm.add_constant(1 / np.sqrt(v))).fit()
    found = regression_test(y, v, model="lm")
    np.testing.assert_allclose(found.stat, other.tvalues[0], rtol=1e-10)


def test_rma_is_the_meta_regression_on_the_predictor(data):
    y, v = data("egger")
    other = meta_analysis(y, v, mods=np.sqrt(v), method="DL", test="knha")
    found = regression_test(meta_analysis(y, v, method="DL", test="knha"))
    np.testing.assert_allclose(found.beta, other.beta, rtol=1e-12)
    assert found.dfs == len(y) - 2
    assert found.method == "DL"
    assert found.test == "knha"


def test_settings_of_a_model_are_kept_and_can_be_replaced(data):
    model = meta_analysis(*data("egger"), method="PM", test="t", level=90)
    kept, replaced = regression_test(model), regression_test(model, method="ML", test="z", level=95)
    assert (kept.method, kept.test, kept.level) == ("PM", "t", 90)
    assert (replaced.method, replaced.test, replaced.level, replaced.dfs) == ("ML", "z", 95, None)


def test_plain_effects_are_tested_by_reml_and_z(data):
    found = regression_test(*data("egger"))
    assert (found.model, found.method, found.test, found.dfs) == ("rma", "REML", "z", None)


@pytest.mark.parametrize("model", ["rma", "lm"])
def test_moderators_stay_and_leave_no_limit_estimate(model):
    found = regression_test(meta_analysis(Y, V, mods=YEAR), model=model)
    assert found.coef_names[-1] == "sei"
    assert len(found.beta) == 3
    assert found.est is None


def test_predictors_that_do_not_vanish_have_no_limit_estimate():
    ni = [100, 50, 10, 8, 30]
    assert regression_test(Y, V, ni=ni, predictor="ni").est is None
    assert regression_test(Y, V, ni=ni, predictor="ninv").est is not None


def test_sample_sizes_may_cover_the_rows_left_out():
    model = meta_analysis([np.nan, *Y], [0.1, *V])
    whole = regression_test(model, ni=[7, 100, 50, 10, 8, 30], predictor="ninv")
    used = regression_test(model, ni=[100, 50, 10, 8, 30], predictor="ninv")
    assert whole.stat == used.stat


@pytest.mark.parametrize("model", ["rma", "lm"])
def test_units_sign_and_order_do_not_matter(data, model):
    y, v = data("egger")
    plain = regression_test(y, v, model=model)
    for scaled in (
        regression_test(1e-3 * y, 1e-6 * v, model=model),
        regression_test(y[::-1], v[::-1], model=model),
    ):
        np.testing.assert_allclose(scaled.stat, plain.stat, rtol=1e-7)
    mirrored = regression_test(-y, v, model=model)
    np.testing.assert_allclose((mirrored.stat, mirrored.est), (-plain.stat, -plain.est), rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"predictor": "se"}, UnknownNameError, "did you mean 'sei'"),
        ({"model": "egger"}, UnknownNameError, "known: rma, lm"),
        ({"predictor": "ni"}, InputError, "needs the sample sizes"),
        ({"predictor": "ni", "ni": [1, 2, 0, 4, 5]}, InputError, "row 3"),
        ({"predictor": "ni", "ni": [1, 2, 3]}, InputError, "3 values, but there are 5"),
        ({"method": "RELM"}, UnknownNameError, "did you mean 'REML'"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        regression_test(Y, V, **arguments)


def test_numbers_that_allow_no_test():
    with pytest.raises(StatsError, match="sei is the same in all studies"):
        regression_test(Y, [0.1] * 5)
    with pytest.raises(StatsError, match="needs 3 studies, not 2"):
        regression_test(Y[:2], V[:2])
    with pytest.raises(StatsError, match="exactly on a line"):
        regression_test(np.sqrt(V), V, model="lm")
    with pytest.raises(StatsError, match="follows from the moderators"):
        regression_test(meta_analysis(Y, V, mods=np.sqrt(V)))


def test_the_result_shows_itself():
    found = regression_test(Y, V)
    assert "Sterne & Egger 2005" in found.summary()
    assert "Limit estimate" in str(found)
    assert found.to_dict()["stat"] == found.stat == found.zval
    assert "fit" not in found.to_dict()
    assert found.to_frame()["pval"][0] == found.pval

"""PET-PEESE: independent regressions, the conditional rule, errors."""

import numpy as np
import pytest

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    meta_analysis,
    pet_peese,
    regression_test,
)

Y, V = [0.1, 0.3, 0.9, 0.8, 0.2], [0.01, 0.02, 0.1, 0.15, 0.05]


def test_both_are_weighted_least_squares(data):
    import statsmodels.api as sm

    y, v = data("egger")
    found = pet_peese(y, v)
    for regression, x in ((found.pet, np.sqrt(v)), (found.peese, v)):
        other = sm.WLS(y, sm.add_constant(x), weights=1 / v).fit()
        np.testing.assert_allclose(regression.est, other.params, rtol=1e-10)
        np.testing.assert_allclose(regression.se, other.bse, rtol=1e-10)
        np.testing.assert_allclose(regression.pval, other.pvalues, rtol=1e-8)


def test_pet_is_the_limit_estimate_of_egger(data):
    y, v = data("bcg")
    found, egger = pet_peese(y, v).pet, regression_test(y, v, model="lm")
    np.testing.assert_allclose((found.est[0], found.ci_lb[0]), (egger.est, egger.ci_lb), rtol=1e-12)


def test_peese_is_taken_when_pet_finds_an_effect():
    v = np.array([0.001, 0.002, 0.01, 0.02, 0.05])
    y = 0.5 + 2 * v + 0.01 * np.array([1, -1, 1, -1, 1])
    found = pet_peese(y, v)
    assert found.chosen == "PEESE"
    assert found.est == found.peese.est[0]
    nothing = pet_peese(np.sqrt(v) + 0.01 * np.array([1, -1, 1, -1, 1]), v)
    assert nothing.chosen == "PET"
    assert nothing.est == nothing.pet.est[0]


def test_the_rule_is_one_sided_towards_the_effects_or_two_sided(data):
    y, v = data("bcg")
    one, two = pet_peese(y, v), pet_peese(y, v, rule="two.sided")
    assert two.pval_rule == two.pet.pval[0]
    assert one.pval_rule == pytest.approx(two.pval_rule / 2)  # negative effects, negative intercept
    against = pet_peese(y, v, direction="positive")
    assert against.pval_rule == pytest.approx(1 - two.pval_rule / 2)


def test_sign_scale_and_level(data):
    y, v = data("egger")
    plain, mirrored = pet_peese(y, v), pet_peese(-10 * y, 100 * v)
    assert mirrored.chosen == plain.chosen
    assert mirrored.est == pytest.approx(-10 * plain.est, rel=1e-9)
    assert mirrored.pval_rule == pytest.approx(plain.pval_rule, rel=1e-8)
    wide = pet_peese(meta_analysis(y, v, level=99))
    assert wide.level == 99
    assert wide.ci_lb < plain.ci_lb


def test_errors():
    with pytest.raises(InputError, match="without moderators"):
        pet_peese(meta_analysis(Y, V, mods=[1, 2, 3, 4, 6]))
    with pytest.raises(StatsError, match="needs 3 studies"):
        pet_peese(Y[:2], V[:2])
    with pytest.raises(StatsError, match="same in all studies"):
        pet_peese(Y, [0.1] * 5)
    with pytest.raises(InputError, match="alpha"):
        pet_peese(Y, V, alpha=0)
    with pytest.raises(UnknownNameError, match="one-sided, two-sided"):
        pet_peese(Y, V, rule="both")


def test_the_result_shows_itself():
    found = pet_peese(Y, V)
    assert "PEESE when the one-sided test of PET has p < 0.05" in found.summary()
    assert found.to_frame()["model"].tolist() == ["PET", "PET", "PEESE", "PEESE"]
    assert found.to_dict()["pet"]["est"] == found.pet.est.tolist()

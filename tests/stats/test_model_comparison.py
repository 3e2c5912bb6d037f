"""Likelihood-ratio tests and linear hypotheses."""

import numpy as np
import pytest

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    likelihood_ratio_test,
    linear_hypothesis,
    location_scale,
    meta_analysis,
)


@pytest.fixture(scope="module")
def bcg(reference):
    inputs = reference("reg.bcg.alloc.REML")["inputs"]
    X = np.array(inputs["X"])
    alloc = np.where(X[:, 1] == 1, "random", np.where(X[:, 2] == 1, "systematic", "alternate"))
    ablat = np.array(reference("reg.bcg.ablat.REML.z")["inputs"]["X"])[:, 1]
    return {"yi": inputs["yi"], "vi": inputs["vi"], "alloc": alloc, "ablat": ablat}


def _model(data, mods=None, **options):
    return meta_analysis("yi", "vi", mods, data=data, **options)


def test_the_order_of_the_models_does_not_matter(bcg):
    small, large = (_model(bcg, m, method="ML") for m in ("~ ablat", "~ ablat + alloc"))
    one, two = likelihood_ratio_test(small, large), likelihood_ratio_test(large, small)
    assert one.LRT == two.LRT
    assert one.df == 2
    assert pytest.approx(2 * (large.loglik - small.loglik), rel=1e-12) == one.LRT


def test_equal_effects_models_by_wald(bcg):
    # with tau2 = 0 the likelihood-ratio and the Wald statistic are the same number
    small, large = (_model(bcg, m, method="EE") for m in (None, "~ ablat"))
    found = likelihood_ratio_test(large, small)
    assert pytest.approx(large.QM, rel=1e-9) == found.LRT
    assert found.R2 is None


def test_tau2_can_be_tested_and_the_edge_is_mentioned(bcg):
    found = likelihood_ratio_test(_model(bcg, method="REML"), _model(bcg, method="EE"))
    assert (found.df, found.method) == (1, "REML")
    assert "edge" in found.notes[0]
    fixed = likelihood_ratio_test(_model(bcg), _model(bcg, tau2=0.1))
    assert pytest.approx(2 * (_model(bcg).loglik - _model(bcg, tau2=0.1).loglik)) == fixed.LRT


def test_scale_moderators_are_compared_by_reml():
    rng = np.random.default_rng(1)
    x, v = rng.normal(size=40), rng.uniform(0.02, 0.2, 40)
    y = rng.normal(0, np.sqrt(v + np.exp(-1 + x)))
    full, reduced = location_scale(y, v, x, x), meta_analysis(y, v, x)
    found = likelihood_ratio_test(full, reduced)
    assert found.df == 1
    assert found.LRT > 4
    assert found.tau2 == (None, reduced.tau2)


def test_models_that_cannot_be_compared_are_refused(bcg):
    plain, ablat = _model(bcg), _model(bcg, "~ ablat")
    with pytest.raises(StatsError, match="method='ML'"):
        likelihood_ratio_test(plain, ablat)
    with pytest.raises(StatsError, match="by DL, which has no likelihood"):
        likelihood_ratio_test(_model(bcg, method="DL"), _model(bcg, "~ ablat", method="DL"))
    ml = _model(bcg, method="ML")
    with pytest.raises(StatsError, match="one model was fitted by ML and the other by REML"):
        likelihood_ratio_test(ml, ablat)
    with pytest.raises(StatsError, match="same number of parameters"):
        likelihood_ratio_test(ml, ml)
    with pytest.raises(StatsError, match="not nested"):
        likelihood_ratio_test(
            _model(bcg, "~ ablat", method="ML"), _model(bcg, "~ alloc", method="ML")
        )
    fewer = {name: list(column)[1:] for name, column in bcg.items()}
    with pytest.raises(StatsError, match="k = 13 and 12"):
        likelihood_ratio_test(_model(bcg, "~ ablat", method="ML"), _model(fewer, method="ML"))
    weighted = _model(bcg, "~ ablat", method="ML", weights=[1.0] * 13)
    with pytest.raises(StatsError, match="weights="):
        likelihood_ratio_test(weighted, ml)
    with pytest.raises(InputError, match="not str"):
        likelihood_ratio_test(ml, "model")


def test_all_moderators_together_are_the_omnibus_test(bcg):
    for test in ("z", "knha"):
        fit = _model(bcg, "~ ablat + alloc", test=test)
        found = linear_hypothesis(fit, np.eye(4)[1:])
        assert pytest.approx(fit.QM, rel=1e-10) == found.QM
        assert found.QMp == pytest.approx(fit.QMp, rel=1e-10)
        assert found.pval == pytest.approx(fit.pval[1:], rel=1e-10)
        assert found.ci_lb == pytest.approx(fit.ci_lb[1:], rel=1e-10)


def test_values_other_than_zero(bcg):
    # metafor 3.8-1: anova(rma(yi, vi, mods = ~ ablat + factor(alloc)),
    #                     X = rbind(c(1,33,0,0), c(0,0,1,-1)), rhs = c(.1, 0))
    fit = _model(bcg, "~ ablat + factor(alloc)", test="z")
    found = linear_hypothesis(fit, [[1, 33, 0, 0], [0, 0, 1, -1]], rhs=[0.1, 0])
    assert found.stat == pytest.approx([-2.4112049624817429, -1.0500976582683357], rel=1e-6)
    assert [found.QM, found.QMp] == pytest.approx(
        [6.9623422079923660, 0.0307713534682785], rel=1e-6
    )


def test_names_stand_for_rows(bcg):
    fit = _model(bcg, "~ ablat + alloc")
    by_number = linear_hypothesis(fit, [[0, 0, 1, -1]])
    by_name = linear_hypothesis(fit, {"alloc[random]": 1, "alloc[systematic]": -1})
    assert by_name.Xb == pytest.approx(by_number.Xb)
    assert by_name.hypotheses == ("alloc[random] - alloc[systematic] = 0",)
    several = linear_hypothesis(fit, ["ablat", {"intercept": 1, "ablat": 33.5}], rhs=-0.5)
    assert several.hypotheses == ("ablat = -0.5", "intercept + 33.5 ablat = -0.5")
    assert several.to_frame().index.tolist() == list(several.hypotheses)
    assert "Joint test: F(2, 9)" in several.summary()


def test_dependent_rows_have_no_joint_test(bcg):
    found = linear_hypothesis(_model(bcg, "~ ablat"), [[1, 0], [2, 0]])
    assert found.QM is None
    assert "depend on each other" in found.summary()


def test_wrong_rows_are_named(bcg):
    fit = _model(bcg, "~ ablat")
    with pytest.raises(
        InputError, match=r"2 columns, one per coefficient \(intercept, ablat\), not 3"
    ):
        linear_hypothesis(fit, [1, 2, 3])
    with pytest.raises(UnknownNameError, match="did you mean 'ablat'"):
        linear_hypothesis(fit, "ablatt")
    with pytest.raises(InputError, match="not 0"):
        linear_hypothesis(fit, [0, 0])
    with pytest.raises(InputError, match="rhs"):
        linear_hypothesis(fit, [1, 0], rhs=[1, 2])
    with pytest.raises(InputError, match="must hold numbers"):
        linear_hypothesis(fit, [["a", "b"], ["c", "d"]])
    with pytest.raises(InputError, match="meta_analysis"):
        linear_hypothesis(3, [1, 0])

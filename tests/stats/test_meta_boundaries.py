"""One study, two studies, equal effects, as many coefficients as studies."""

import numpy as np
import pytest

from review import meta_analysis
from review.errors import InputError, StatsError
from review.stats.pooling.tau2 import METHODS


def weights_for(method):
    return 1 if method.startswith("GENQ") else None


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", [None, "z", "t", "knha", "adhoc"])
def test_one_study_is_reported_as_it_is(method, test):
    fit = meta_analysis(0.3, 0.04, method=method, test=test, weights=weights_for(method))
    assert (fit.k, fit.tau2, fit.I2, fit.H2, fit.QE, fit.QEp) == (1, 0, 0, 1, 0, 1)
    assert fit.se_tau2 is None
    assert fit.test == "z"
    np.testing.assert_allclose([fit.beta[0], fit.se[0]], [0.3, 0.2], rtol=1e-14)
    # Phi^-1(0.975) = 1.959963984540054
    np.testing.assert_allclose(fit.ci_ub, 0.3 + 0.2 * 1.959963984540054, rtol=1e-14)


def test_one_study_says_what_was_changed():
    fit = meta_analysis(0.3, 0.04)
    assert any("one study" in note for note in fit.notes)
    assert any("'knha' needs" in note for note in fit.notes)
    with pytest.raises(StatsError, match="no degrees of freedom"):
        fit.confint()


@pytest.mark.parametrize("method", METHODS)
def test_two_studies(method):
    # v equal: DL, HE, PM and REML are the sample variance less v: (0.8^2)/2 - 0.05 = 0.27
    fit = meta_analysis([0.1, 0.9], [0.05, 0.05], method=method, weights=weights_for(method))
    if method in ("DL", "HE", "PM", "REML", "EB", "GENQ", "SJIT"):
        assert fit.tau2 == pytest.approx(0.27, rel=1e-12)
    np.testing.assert_allclose(fit.beta, 0.5, rtol=1e-14)
    assert fit.ddf == (None if fit.equal_effects else 1)
    assert np.isfinite(fit.ci_ub).all()


@pytest.mark.parametrize("method", METHODS)
def test_equal_effects_have_no_heterogeneity(method):
    fit = meta_analysis([0.1] * 4, [0.04] * 4, method=method, weights=weights_for(method))
    assert fit.tau2 == 0
    assert fit.QE == 0
    assert fit.QEp == 1
    np.testing.assert_allclose([fit.beta[0], fit.se[0]], [0.1, 0.1], rtol=1e-12)
    if not fit.equal_effects:
        assert fit.test == "adhoc"
        assert "agree exactly" in fit.notes[0]
        assert fit.confint("QP").null_set


def test_as_many_coefficients_as_studies():
    with pytest.raises(StatsError, match="nothing to estimate tau2"):
        meta_analysis([1, 2], [1, 1], mods=[0, 1])
    fit = meta_analysis([1, 2], [1, 1], mods=[0, 1], method="EE", test="t")
    np.testing.assert_allclose(fit.beta, [1, 1], atol=1e-12)
    assert fit.test == "z"
    assert "'t' needs more studies" in fit.notes[0]
    assert (fit.QE, fit.QEp) == (0, 1)
    fixed = meta_analysis([1, 2], [1, 1], mods=[0, 1], tau2=3)
    np.testing.assert_allclose(fixed.se, [2, np.sqrt(8)], rtol=1e-12)
    with pytest.raises(StatsError, match="3 coefficients"):
        meta_analysis([1, 2], [1, 1], mods=[[0, 1], [2, 5]])


def test_equal_effects_models_have_no_tau2():
    fit = meta_analysis([1, 2, 4], [1, 1, 1], method="EE")
    assert fit.test == "z"  # Knapp-Hartung belongs to random-effects models
    assert (fit.pi_lb, fit.pi_ub) == (None, None)
    assert fit.predict().pi_lb is None
    with pytest.raises(StatsError, match="no tau2"):
        fit.confint()
    with pytest.raises(InputError, match="no tau2"):
        meta_analysis([1, 2, 4], [1, 1, 1], method="EE", tau2=1)


def test_heterogeneity_just_below_and_above_the_boundary():
    # Q = df exactly when the squared deviations sum to (k - 1) v
    yi, v = np.array([-1.0, 0.0, 1.0]), 1.0
    assert meta_analysis(yi, [v * 1.0001] * 3).tau2 == 0
    above = meta_analysis(yi, [v * 0.9999] * 3)
    assert above.tau2 == pytest.approx(0.0001, rel=1e-9)
    assert above.pi_ub > above.ci_ub[0]

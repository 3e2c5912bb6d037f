"""The result of `glmm`: tests, prediction, text, tables, figures."""

import json

import numpy as np
import pytest
from scipy.stats import norm, t

import review


@pytest.fixture(scope="module")
def fit(nielweise):
    return review.glmm("OR", model="CM.EL", **nielweise)


def test_tests_intervals_and_prediction(nielweise, fit):
    z = float(norm.ppf(0.975))
    b, se = float(fit.beta[0]), float(fit.se[0])
    assert fit.ci_lb[0] == pytest.approx(b - z * se)
    assert fit.pval[0] == pytest.approx(2 * norm.sf(abs(b / se)))
    assert fit.pi_ub == pytest.approx(b + z * np.sqrt(se**2 + fit.tau2))
    by_t = review.glmm("OR", model="CM.EL", test="t", level=90, **nielweise)
    c = float(t.ppf(0.95, 16))
    assert by_t.ddf == 16
    assert by_t.ci_ub[0] == pytest.approx(b + c * se)
    assert by_t.pi_lb == pytest.approx(b - c * np.sqrt(se**2 + fit.tau2))
    shown = fit.predict(transf="back")
    assert float(shown.pred[0]) == pytest.approx(np.exp(b))


def test_equal_effects_have_no_prediction_interval(nielweise):
    fit = review.glmm("OR", method="FE", **nielweise)
    assert fit.pi_lb is None
    assert fit.predict().missing == "equal effects"
    assert (fit.I2, fit.H2, fit.tau2) == (0.0, 1.0, 0.0)
    assert fit.modes.tolist() == [0.0] * 17


def test_the_wald_test_says_which_studies_it_cannot_weigh(fit):
    assert any("5 studies with a cell of 0 have no finite effect" in n for n in fit.notes)
    lr = 2 * (fit.loglik_saturated - fit.loglik_ee)
    assert pytest.approx(lr) == fit.QE_LRT
    assert fit.QE_df == 16


def test_standard_error_of_tau2_is_the_curvature_in_it(nielweise):
    """Profile over beta by refits at fixed tau: the log-likelihood falls as the error says."""
    from review.stats.rare_events.glmm_fit import make_setup
    from review.stats.rare_events.glmm_models import GroupsModel
    from review.stats.rare_events.glmm_tables import read_counts

    fit = review.glmm("OR", model="CM.EL", **nielweise)
    table = read_counts("OR", ("OR",), nielweise, data=None, mods=None, slab=None, add=0.5,
                        to="only0", keep_double_zero=False)  # fmt: skip
    s = make_setup(table, "CM.EL", 0.5)
    model = GroupsModel(s.groups, s.loads[:, None, None] * s.U, s.loads, None, s.begin, 41)

    def height(tau2):
        from scipy.optimize import minimize_scalar

        return minimize_scalar(
            lambda b: -model.score(np.array([[b, np.sqrt(tau2)]]))[0][0], bracket=(-1.5, -1.2)
        ).fun

    h = 1e-3
    curve = (height(fit.tau2 + h) - 2 * height(fit.tau2) + height(fit.tau2 - h)) / h**2
    assert fit.se_tau2 == pytest.approx(curve**-0.5, rel=1e-3)


def test_information_criteria_count_the_rates_of_the_studies(nielweise):
    fixed = review.glmm("OR", model="UM.FS", **nielweise)
    random = review.glmm("OR", model="UM.RS", **nielweise)
    exact = review.glmm("OR", model="CM.EL", **nielweise)
    for fit, q in ((fixed, 19), (random, 4), (exact, 2)):
        assert pytest.approx(-2 * fit.loglik + 2 * q) == fit.AIC
        assert pytest.approx(-2 * fit.loglik + q * np.log(17)) == fit.BIC


def test_predicted_deviations_shrink_towards_the_average(fit):
    own = np.array([np.log(a + 0.5) - np.log(b + 0.5) for a, b in
                    zip(fit.counts["a"], fit.counts["c"], strict=True)])  # fmt: skip
    assert np.corrcoef(fit.modes, own)[0, 1] > 0.5
    assert np.abs(fit.modes).max() < 3 * fit.tau


@pytest.mark.parametrize("model", ["UM.FS", "UM.RS", "CM.EL", "CM.AL"])
def test_text_names_every_choice(nielweise, model):
    fit = review.glmm("OR", model=model, **nielweise)
    text = fit.summary("back") + fit.report_text()
    for word in (model, "log odds ratio", "17 studies", "likelihood-ratio test", "Wald-type test",
                 "no continuity correction", "double-zero", "odds ratio:"):  # fmt: skip
        assert word in text, word
    assert f"{fit.tau2:.4f}" in text
    if model == "UM.RS":
        assert "Laplace" in text
        assert f"sigma2 = {fit.sigma2:.4f}" in text


def test_everything_is_plain_values_and_can_be_fitted_again(fit):
    found = json.loads(json.dumps(fit.to_dict()))
    assert found["tau2"] == pytest.approx(fit.tau2)
    assert found["QE_Wld"] == pytest.approx(fit.QE_Wld)
    assert len(found["studies"]) == 17
    assert found["studies"][0]["a"] == 0
    assert found["settings"]["model"] == "CM.EL"
    again = fit.update(model="CM.AL", level=90)
    assert (again.model, again.level) == ("CM.AL", 90)
    with pytest.raises(review.UnknownNameError):
        fit.update(modle="CM.AL")
    assert list(fit.to_frame().columns) == ["beta", "se", "stat", "pval", "ci_lb", "ci_ub"]
    assert fit.to_frame("studies").shape[0] == 17


def test_figures(fit):
    forest = fit.plot.forest()
    assert "Total (ML, k = 17)" in forest.texts
    assert fit.plot.funnel().layout.yaxis.title.text == "Standard error"
    with pytest.raises(review.UnknownNameError):
        fit.plot.baujat()


def test_moderators_are_tested_together(nielweise):
    x = np.linspace(-1, 1, 18)
    g = ["a", "b", "c"] * 6
    fit = review.glmm("OR", mods="~ x + g", data={"x": x, "g": g}, **nielweise)
    assert fit.QM_df == (3, None)
    assert fit.design.references == {"g": "a"}
    b, V = fit.beta[1:], fit.vb[1:, 1:]
    assert pytest.approx(b @ np.linalg.solve(V, b), rel=1e-8) == fit.QM
    assert fit.pi_lb is None
    new = fit.predict({"x": [0.0], "g": ["b"]})
    assert float(new.pred[0]) == pytest.approx(float(fit.beta[0] + fit.beta[2]), rel=1e-8)
    text = fit.summary()
    assert "test of moderators" in text
    assert "reference level of g: a" in text

"""Selection models as a user meets them: second implementations, properties, boundaries, errors."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    effect_size,
    meta_analysis,
    selection_model,
)

RNG = np.random.default_rng(2024)


def selected(k, mu, tau2, kept, seed=1):
    """Studies of which those with one-sided p > .025 are seen with probability `kept`."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.2, 20 * k)
    y = mu + rng.normal(size=v.size) * np.sqrt(v + tau2)
    seen = (y / np.sqrt(v) > norm.isf(0.025)) | (rng.uniform(size=v.size) < kept)
    return y[seen][:k], v[seen][:k]


Y, V = selected(60, 0.3, 0.03, 0.3)
HACKSHAW = json.loads(
    (Path(__file__).resolve().parents[3] / "data" / "bias.json").read_text("utf-8")
)
HACKSHAW = HACKSHAW["inputs"]["hackshaw"]  # 37 studies with smooth selection
SMOOTH = np.array(HACKSHAW["yi"]), np.array(HACKSHAW["vi"])
TYPES = ["stepfun", "beta", "halfnorm", "negexp", "logistic", "power", "negexppow"]


def test_the_three_parameter_model_against_a_plain_likelihood():
    z, cut = Y / np.sqrt(V), norm.isf(0.025)

    def deviance(parameters):
        mu, log_tau2, log_delta = parameters
        s, delta = np.sqrt(V + np.exp(log_tau2)), np.exp(log_delta)
        above = norm.sf((cut * np.sqrt(V) - mu) / s)
        area = above + delta * (1 - above)
        weight = np.where(z > cut, 1.0, delta)
        return -np.sum(np.log(weight) + norm.logpdf(Y, mu, s) - np.log(area))

    best = minimize(deviance, [0.3, -3.0, -1.0], method="Nelder-Mead",
                    options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 5000})  # fmt: skip
    found = selection_model(Y, V)
    assert found.loglik == pytest.approx(-best.fun, rel=1e-12)
    expected = [best.x[0], np.exp(best.x[1]), np.exp(best.x[2])]
    np.testing.assert_allclose([found.beta[0], found.tau2, found.delta[1]], expected, rtol=1e-5)


def test_selection_is_found_and_corrected():
    y, v = selected(4000, 0.3, 0.03, 0.3, seed=7)
    found = selection_model(y, v)
    assert found.beta[0] == pytest.approx(0.3, abs=3 * found.se[0])
    assert found.tau2 == pytest.approx(0.03, abs=3 * found.se_tau2)
    assert found.delta[1] == pytest.approx(0.3, abs=3 * found.se_delta[1])
    assert found.unadjusted[0] > found.ci_ub[0]
    assert found.LRTp < 1e-6


@pytest.mark.parametrize("type_", TYPES)
def test_units_order_and_direction_do_not_matter(type_):
    y, v = SMOOTH
    plain = selection_model(y, v, type=type_)
    order = np.random.default_rng(3).permutation(len(y))
    others = (
        (1e-3, selection_model(1e-3 * y, 1e-6 * v, type=type_)),
        (1.0, selection_model(y[order], v[order], type=type_)),
        (-1.0, selection_model(-y, v, type=type_, alternative="less")),
    )
    for unit, found in others:
        np.testing.assert_allclose(found.beta, unit * plain.beta, rtol=1e-6)
        np.testing.assert_allclose(found.se, abs(unit) * plain.se, rtol=1e-6)
        np.testing.assert_allclose(found.delta, plain.delta, rtol=1e-6, atol=1e-9)
        assert found.tau2 == pytest.approx(unit**2 * plain.tau2, rel=1e-6)
        assert pytest.approx(plain.LRT, rel=1e-7, abs=1e-9) == found.LRT


@pytest.mark.parametrize("type_", TYPES)
def test_two_sided_selection_ignores_the_sign_of_all_effects(type_):
    y, v = SMOOTH
    plain = selection_model(y, v, type=type_, alternative="two.sided")
    mirrored = selection_model(-y, v, type=type_, alternative="two.sided")
    np.testing.assert_allclose(mirrored.beta, -plain.beta, rtol=1e-6)
    assert mirrored.loglik == pytest.approx(plain.loglik, rel=1e-12)


@pytest.mark.parametrize("type_", TYPES)
def test_the_maximum_is_a_maximum(type_):
    """No nearby parameters, held one at a time, reach a higher likelihood."""
    y, v = SMOOTH
    found = selection_model(y, v, type=type_)
    assert found.converged
    for j in range(len(found.delta)):
        if found.delta_fixed[j]:
            continue
        for factor in (0.9, 1.1):
            delta = [float(d) for d in found.delta]
            delta[j] *= factor
            assert selection_model(y, v, type=type_, delta=delta).loglik <= found.loglik + 1e-9


@pytest.mark.parametrize("type_", TYPES)
def test_no_selection_is_the_model_itself(type_):
    y, v = SMOOTH
    none = {"stepfun": [1, 1], "beta": [1, 1], "negexppow": [0, 1]}.get(type_, 0)
    found, plain = selection_model(y, v, type=type_, delta=none), meta_analysis(y, v, method="ML")
    np.testing.assert_allclose(found.beta, plain.beta, rtol=1e-7)
    assert found.tau2 == pytest.approx(plain.tau2, rel=1e-6)
    assert found.loglik == pytest.approx(plain.loglik, rel=1e-10)
    assert found.LRTdf == 0
    assert found.LRTp is None


@pytest.mark.parametrize("type_", TYPES)
def test_the_likelihood_ratio_is_never_negative(type_):
    rng = np.random.default_rng(5)
    for _ in range(3):
        v = rng.uniform(0.01, 0.3, 15)
        y = 0.1 + rng.normal(size=15) * np.sqrt(v + 0.02)
        found = selection_model(y, v, type=type_, steps=0.5 if type_ == "stepfun" else None)
        assert found.loglik >= found.loglik_null - 1e-9
        assert pytest.approx(2 * (found.loglik - found.loglik_null), abs=1e-8) == found.LRT


def test_the_test_of_heterogeneity_compares_with_the_equal_effects_model():
    found, equal = selection_model(Y, V), selection_model(Y, V, method="EE")
    assert found.LRT_tau2 == pytest.approx(2 * (found.loglik - equal.loglik), rel=1e-8)
    assert found.LRTp_tau2_mixture == found.LRTp_tau2 / 2
    assert (equal.tau2, equal.se_tau2, equal.LRT_tau2) == (0.0, None, None)


def test_standard_errors_come_from_the_curvature():
    found, step = selection_model(*SMOOTH, type="negexp"), 1e-3
    profile = [
        selection_model(*SMOOTH, type="negexp", delta=found.delta[0] + d).loglik
        for d in (-step, 0, step)
    ]
    curvature = (profile[0] - 2 * profile[1] + profile[2]) / step**2
    assert found.se_delta[0] == pytest.approx((-curvature) ** -0.5, rel=1e-4)


def test_moderators_enter_the_mean():
    x = RNG.normal(size=len(Y))
    y = Y + 0.3 * x
    model = meta_analysis(y, V, mods=x, slab=None)
    found = selection_model(model, type="logistic")
    assert found.coef_names == model.coef_names
    assert found.beta.shape == (2,)
    shifted = selection_model(meta_analysis(y, V, mods=10 * x + 3), type="logistic")
    assert shifted.beta[1] == pytest.approx(found.beta[1] / 10, rel=1e-6)
    assert shifted.loglik == pytest.approx(found.loglik, rel=1e-10)
    assert found.QM_df == (1, None)


def test_a_model_keeps_its_settings():
    fixed = selection_model(meta_analysis(Y, V, tau2=0.05, test="t", level=90), type="power")
    assert fixed.tau2 == 0.05
    assert fixed.LRT_tau2 is None
    assert (fixed.test, fixed.level) == ("t", 90)
    assert fixed.QM_df == (1, len(Y) - 1)
    named = selection_model(meta_analysis(Y, V, test="knha"))
    assert named.test == "z"
    assert any("knha" in note for note in named.notes)
    assert selection_model(meta_analysis(Y, V, method="FE")).tau2 == 0


def test_precision_may_be_given_on_its_own_scale():
    scaled = selection_model(Y, V, type="halfnorm", prec="sei")
    raw = selection_model(Y, V, type="halfnorm", prec="sei", scale_prec=False)
    assert raw.loglik == pytest.approx(scaled.loglik, rel=1e-10)
    assert raw.delta[0] * np.sqrt(V.max()) == pytest.approx(scaled.delta[0], rel=1e-6)
    assert scaled.prec_max == pytest.approx(np.sqrt(V.max()))


def test_sample_sizes_come_with_the_effect_sizes():
    sizes = effect_size("COR", ri=[0.3, 0.4, 0.1, 0.5, 0.2, 0.0], ni=[20, 30, 90, 15, 60, 200])
    by_size = selection_model(sizes, type="negexp", prec="sqrtninv")
    given = selection_model(sizes.yi, sizes.vi, ni=sizes.ni, type="negexp", prec="sqrtninv")
    assert by_size.loglik == given.loglik
    with pytest.raises(InputError, match="needs the sample sizes"):
        selection_model(Y, V, type="negexp", prec="ninv")


def test_a_priori_weights_by_name():
    from review.stats.bias.selection.weight_functions import VEVEA_WOODS, VEVEA_WOODS_STEPS

    for name, weights in VEVEA_WOODS.items():
        by_name = selection_model(Y, V, delta=name)
        by_hand = selection_model(Y, V, steps=VEVEA_WOODS_STEPS, delta=weights)
        assert by_name.beta[0] == by_hand.beta[0]
        assert by_name.beta[0] < by_name.unadjusted[0]


def test_empty_intervals_are_refused_or_merged():
    y, v = np.array([0.5, 0.6, 0.4, 0.9, 0.05, 0.1]), np.full(6, 0.04)
    with pytest.raises(StatsError, match=r"no p-value lies in \(0\.05, 0\.2\]"):
        selection_model(y, v, steps=[0.05, 0.2])
    merged = selection_model(y, v, steps=[0.05, 0.2], empty="merge")
    assert merged.steps == (0.05, 1.0)
    assert any("were merged; steps used: 0.05" in note for note in merged.notes)
    assert merged.loglik == selection_model(y, v, steps=0.05).loglik
    with pytest.raises(StatsError, match="all p-values lie in one interval"):
        selection_model([5.0, 6.0, 5.5], [0.1, 0.1, 0.2], steps=[0.05, 0.2], empty="merge")
    fixed = selection_model(y, v, steps=[0.05, 0.2], delta=[1, 0.5, 0.3])
    assert fixed.counts == (4, 0, 2)


def test_all_p_values_on_one_side():
    with pytest.raises(StatsError, match="reverse the alternative"):
        selection_model([5.0, 6.0, 7.0], [0.1, 0.1, 0.2])
    with pytest.raises(StatsError, match=r"no p-value lies above the step 0\.05"):
        selection_model([5.0, 6.0, 7.0], [0.1, 0.1, 0.2], type="negexp", steps=0.05)


def test_parameters_on_their_bounds_are_named():
    v = np.linspace(0.02, 0.2, 30)
    y = 0.2 + np.sqrt(v) * norm.ppf(np.linspace(0.03, 0.97, 30))
    none = selection_model(y, v, type="negexp", alternative="less")
    assert none.converged
    assert none.tau2 == 0
    assert none.se_tau2 is None
    assert any("tau2 is on its lower bound" in note for note in none.notes)
    capped = selection_model(*SMOOTH, type="halfnorm", delta_max=1.5)
    assert not capped.converged
    assert capped.delta[0] == 1.5
    assert np.isnan(capped.se_delta[0])
    assert any("upper bound 1.5" in note for note in capped.notes)
    assert "on its bound" in capped.summary()


def test_fixed_weights_that_exclude_no_selection_have_no_p_value():
    found = selection_model(Y, V, steps=[0.025, 0.5], delta=[1, None, 0.2])
    assert (found.LRTdf, found.LRTp) == (1, None)
    assert any("has no p-value" in note for note in found.notes)
    shape = selection_model(*SMOOTH, type="negexppow", delta=[None, 0.5])
    assert shape.LRTp == pytest.approx(selection_model(*SMOOTH, type="halfnorm").LRTp, rel=1e-9)


def test_uncensored_p_values_can_be_asked_for():
    strong = np.append(SMOOTH[0][:20], 1.0), np.append(SMOOTH[1][:20], 0.008)  # z = 11
    default, exact = (selection_model(*strong, type="power", pval_min=p) for p in (None, 0.0))
    assert (default.pval_min, exact.pval_min) == (1e-5, 0.0)
    assert exact.beta[0] == pytest.approx(default.beta[0], abs=0.01)
    nearly = selection_model(*strong, type="power", pval_min=1e-12)
    assert nearly.loglik == pytest.approx(exact.loglik, rel=1e-8)


def test_extreme_statistics_stay_finite():
    y, v = np.append(Y[:20], [4.0, 5.0]), np.append(V[:20], [0.02, 0.01])  # z = 28 and 50
    for type_ in TYPES:
        delta = [3.0, 2.0] if type_ == "negexppow" else None
        found = selection_model(y, v, type=type_, delta=delta)
        assert np.isfinite(found.loglik)
        assert np.isfinite(found.beta).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"type": "step"}, UnknownNameError, "did you mean 'stepfun'"),
        ({"alternative": "up"}, UnknownNameError, "greater, less"),
        ({"steps": [0.5, 0.1]}, StatsError, "steps must rise"),
        ({"steps": [0.5, 1.2]}, StatsError, "above 0 and up to 1"),
        ({"steps": 1}, StatsError, "a p-value below 1"),
        ({"steps": "a"}, InputError, "steps must be p-values"),
        ({"delta": [0.5, 1]}, InputError, "first delta is the reference"),
        ({"delta": [1, -1]}, InputError, "not negative"),
        ({"delta": [1, "x"]}, InputError, "delta must be numbers"),
        ({"delta": [1, 0.5, 0.2]}, InputError, "2 intervals has 2 selection parameters"),
        ({"delta": [1, 0]}, StatsError, "no study can lie"),
        ({"delta": "severe"}, UnknownNameError, r"severe\.one"),
        ({"prec": "sei"}, InputError, "takes no precision"),
        ({"type": "beta", "prec": "sei"}, InputError, "takes no precision"),
        ({"type": "beta", "steps": 0.1}, InputError, "takes no steps"),
        ({"type": "beta", "pval_min": 0}, InputError, "pval_min must be between"),
        ({"type": "beta", "delta": [0, 1]}, InputError, "delta 1 must be at least"),
        ({"type": "negexp", "steps": [0.1, 0.2]}, InputError, "takes one step"),
        ({"type": "negexp", "prec": "n"}, UnknownNameError, "precision"),
        ({"type": "negexp", "delta": "severe.one"}, InputError, "belong to type 'stepfun'"),
        ({"type": "negexp", "delta": [1, 2]}, InputError, "has 1 selection parameters"),
        ({"method": "REML"}, UnknownNameError, "did you mean 'ML'"),
        ({"test": "knha"}, UnknownNameError, "known: z, t"),
        ({"empty": "drop"}, UnknownNameError, "known: error, merge"),
        ({"delta_max": 0.5}, InputError, "delta_max must be a number between 1 and"),
        (
            {"steps": [0.001, 0.5], "delta": [1, None, 0.3], "empty": "nothing"},
            UnknownNameError,
            "merge",
        ),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        selection_model(Y, V, **arguments)


def test_too_few_studies_and_weights():
    with pytest.raises(StatsError, match="3 studies are too few for 4 parameters"):
        selection_model([0.1, 0.5, 0.9], [0.1, 0.1, 0.2], type="beta")
    with pytest.raises(InputError, match="no case weights"):
        selection_model(meta_analysis(Y, V, weights=1))


def test_the_weight_function_can_be_drawn():
    p = np.array([0.001, 0.025, 0.3, 1.0])
    steps = selection_model(Y, V)
    assert steps.weight(p).tolist() == [1.0, 1.0, steps.delta[1], steps.delta[1]]
    smooth = selection_model(Y, V, type="negexp", steps=0.025)
    expected = np.where(p <= 0.025, 1.0, np.exp(-smooth.delta[0] * (p - 0.025)))
    np.testing.assert_allclose(smooth.weight(p), expected)
    power = selection_model(Y, V, type="power")
    np.testing.assert_allclose(power.weight(0.3), 0.7 ** power.delta[0])


def test_the_result_shows_itself():
    found = selection_model(Y, V, steps=[0.025, 0.5])
    text = found.summary()
    assert "Vevea & Hedges (1995)" in text
    assert "delta1 = 1 (0 < p <= 0.025" in text
    assert "LRT" in text
    table = found.to_frame()
    assert table["parameter"].tolist() == ["intercept", "tau2", "delta1", "delta2", "delta3"]
    plain = found.to_dict()
    assert plain["se_delta"][0] is None
    assert plain["fit"]["loglik"] == found.loglik
    assert found.AIC == -2 * found.loglik + 2 * 4 == found.deviance + 8
    assert pytest.approx(found.deviance + 4 * np.log(found.k)) == found.BIC
    assert found.AICc > found.AIC

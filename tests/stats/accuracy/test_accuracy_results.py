"""What follows from the model: curves, areas, HSROC, regions, predictive values, boundaries."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

import review
from review.errors import InputError, StatsError, UnknownNameError
from review.stats.accuracy.sroc_curves import area, line


@pytest.fixture(scope="module")
def fit(counts):
    return review.diagnostic_meta(*counts("Dementia"))


def simulated(seed, k, mu, Sigma, n=(40, 200)):
    """Counts of k studies of the model with exact binomial sampling."""
    rng = np.random.default_rng(seed)
    eta = rng.multivariate_normal(mu, Sigma, k)
    n1, n2 = rng.integers(*n, k), rng.integers(*n, k)
    tp, fp = rng.binomial(n1, expit(eta[:, 0])), rng.binomial(n2, expit(eta[:, 1]))
    return tp, n1 - tp, fp, n2 - fp


# --- HSROC ------------------------------------------------------------------------------------


def test_hsroc_parameters_give_back_the_bivariate_model(fit):
    """Rutter & Gatsonis: logit(p_ij) = (theta_i + alpha_i D) exp(-beta D), D = 1/2 or -1/2."""
    h = fit.hsroc
    for D, j, sign in ((0.5, 0, 1), (-0.5, 1, 1)):
        scale = np.exp(-h.beta * D)
        mean = (h.Theta + h.Lambda * D) * scale
        variance = (h.sigma2_theta + h.sigma2_alpha * D * D) * scale**2
        assert sign * fit.beta[j] == pytest.approx(mean, rel=1e-10)
        assert fit.tau2[j] == pytest.approx(variance, rel=1e-10)
    covariance = h.sigma2_theta - h.sigma2_alpha / 4
    assert fit.psi[0, 1] == pytest.approx(covariance, rel=1e-10)


def test_hsroc_standard_errors_by_another_parametrisation(counts):
    """The likelihood as a function of the HSROC parameters, with a numeric Hessian."""
    fit = review.diagnostic_meta(*counts("smoking"), method="ML")
    y, v = fit.rows.y, fit.rows.v

    def deviance(h):
        Lambda, Theta, beta, alpha, theta = h
        up, down = np.exp(-beta / 2), np.exp(beta / 2)
        mu = np.array([(Theta + Lambda / 2) * up, (Theta - Lambda / 2) * down])
        a, b = (theta + alpha / 4) * up**2, (theta + alpha / 4) * down**2
        c = theta - alpha / 4
        V11, V22 = a + v[0], b + v[1]
        det = V11 * V22 - c * c
        r = y - mu[:, None]
        quad = (V22 * r[0] ** 2 - 2 * c * r[0] * r[1] + V11 * r[1] ** 2) / det
        return 0.5 * (np.log(det) + quad).sum()

    at = fit.hsroc.values
    h = 1e-4 * np.maximum(np.abs(at), 0.1)
    H = np.empty((5, 5))
    for i in range(5):
        for j in range(5):
            e, f = np.eye(5)[i] * h, np.eye(5)[j] * h
            H[i, j] = (
                deviance(at + e + f) - deviance(at + e - f) - deviance(at - e + f)
                + deviance(at - e - f)
            ) / (4 * h[i] * h[j])  # fmt: skip
    np.testing.assert_allclose(fit.hsroc.se, np.sqrt(np.diag(np.linalg.inv(H))), rtol=1e-4)


def test_the_curve_is_that_of_the_hsroc_model(fit):
    h = fit.hsroc
    fpr = np.array([0.05, 0.2, 0.6])
    theirs = expit(h.Lambda * np.exp(-h.beta / 2) + np.exp(-h.beta) * logit(fpr))
    np.testing.assert_allclose(fit.sroc(fpr=fpr).sens, theirs, rtol=1e-12)


# --- curves, areas, regions -------------------------------------------------------------------


def test_every_curve_passes_through_the_summary_point(fit):
    from review.stats.accuracy.sroc_curves import CURVES

    for curve in CURVES:
        found = fit.sroc(curve, [fit.predict().fpr[0, 0]])
        assert found.sens[0] == pytest.approx(fit.sens[0], rel=1e-10), curve


def test_slopes_of_curves_against_simulated_logits():
    """Arends et al. 2008: regressions and the principal axis of a bivariate normal distribution."""
    psi = np.array([1.3, 0.5, 0.6])
    rng = np.random.default_rng(3)
    x = rng.multivariate_normal([0, 0], [[1.3, 0.5], [0.5, 0.6]], 400_000)
    S = np.cov(x.T)
    values, vectors = np.linalg.eigh(S)
    D, T = x[:, 0] - x[:, 1], x[:, 0] + x[:, 1]
    b = np.polyfit(T, D, 1)[0]
    want = {
        "sens_on_fpr": S[0, 1] / S[1, 1], "fpr_on_sens": S[0, 0] / S[0, 1],
        "major_axis": vectors[0, 1] / vectors[1, 1], "d_on_s": (1 + b) / (1 - b),
        "rutter_gatsonis": np.sqrt(S[0, 0] / S[1, 1]),
    }  # fmt: skip
    assert values[0] < values[1]
    for curve, slope in want.items():
        assert float(line(curve, np.zeros(2), psi)[1]) == pytest.approx(slope, rel=2e-2), curve


@pytest.mark.parametrize(
    ("a", "s"), [(0.5, 0.3), (2.1, 1.8), (-1.0, 4.0), (2.0, 30.0), (1.0, -0.5)]
)
@pytest.mark.parametrize("ends", [(0.0, 1.0), (0.05, 0.4)])
def test_areas_against_general_quadrature(a, s, ends):
    from scipy.integrate import quad

    low, high = (float(np.clip(logit(e), -40, 40)) for e in ends)
    edges = np.linspace(low, high, 81)
    f = lambda t: expit(a + s * t) * expit(t) * expit(-t)  # noqa: E731
    whole = sum(quad(f, u, w, epsabs=1e-15)[0] for u, w in pairwise(edges))
    assert float(area(a, s, *ends)) == pytest.approx(whole / (ends[1] - ends[0]), rel=1e-10)


def test_a_symmetric_curve_has_the_known_area():
    """logit(sens) = a + logit(fpr): AUC = DOR (DOR - 1 - log DOR) / (DOR - 1)^2 (Walter 2002)."""
    dor = 12.0
    known = dor * (dor - 1 - np.log(dor)) / (dor - 1) ** 2
    assert float(area(np.log(dor), 1.0, 0, 1)) == pytest.approx(known, rel=1e-12)


def test_the_interval_of_the_area_by_simulated_estimates(counts):
    fit = review.diagnostic_meta(*counts("smoking"), method="ML")
    rng = np.random.default_rng(5)
    draws = rng.multivariate_normal([*fit.beta, *fit.estimate.psi], fit.estimate.cov, 20_000)
    draws = draws[(draws[:, 2] > 0) & (draws[:, 4] > 0)]
    a, s = line("rutter_gatsonis", draws[:, :2], draws[:, 2:])
    keep = np.abs(s) < 20
    simulated_limits = np.quantile(area(a[keep], s[keep], 0, 1), [0.025, 0.975])
    found = fit.auc()
    np.testing.assert_allclose([found.ci_lb, found.ci_ub], simulated_limits, atol=6e-3)


@pytest.mark.parametrize("kind", ["confidence", "prediction"])
@pytest.mark.parametrize("distribution", ["chi2", "F"])
def test_outlines_lie_at_the_quantile(fit, kind, distribution):
    outline = logit(fit.region(kind, distribution=distribution))[:, ::-1] - fit.beta
    C = fit.vb if kind == "confidence" else fit.vb + fit.psi
    squared = np.einsum("ni,ij,nj->n", outline, np.linalg.inv(C), outline)
    df = fit.k - 2
    quantile = {"chi2": stats.chi2.ppf(0.95, 2), "F": 2 * stats.f.ppf(0.95, 2, df)}[distribution]
    np.testing.assert_allclose(squared, quantile, rtol=1e-8)


def test_likelihood_ratios_and_their_intervals_by_simulation(fit):
    rng = np.random.default_rng(11)
    sens, fpr = expit(rng.multivariate_normal(fit.beta, fit.vb, 200_000)).T
    for name, draws in (
        ("lr_pos", sens / fpr), ("lr_neg", (1 - sens) / (1 - fpr)),
        ("dor", sens * (1 - fpr) / ((1 - sens) * fpr)),
    ):  # fmt: skip
        value = getattr(fit, name)
        np.testing.assert_allclose(value[1:], np.quantile(draws, [0.025, 0.975]), rtol=3e-2)


def test_predictive_values_by_bayes_theorem(fit):
    sens, spec = fit.sens[0], fit.spec[0]
    found = fit.predictive_values([0.05, 0.4])
    for i, p in enumerate((0.05, 0.4)):
        ppv = sens * p / (sens * p + (1 - spec) * (1 - p))
        npv = spec * (1 - p) / (spec * (1 - p) + (1 - sens) * p)
        assert found.ppv[i, 0] == pytest.approx(ppv, rel=1e-12)
        assert found.npv[i, 0] == pytest.approx(npv, rel=1e-12)
        cells = [getattr(found, c)[i] for c in ("found", "missed", "cleared", "alarmed")]
        assert sum(c[0] for c in cells) == pytest.approx(1000)
        assert all(c[1] <= c[0] <= c[2] for c in (*cells, found.ppv[i], found.npv[i]))
    with pytest.raises(InputError, match="between 0 and 1"):
        fit.predictive_values(5)


def test_revman_parameters(fit):
    found = fit.revman()
    assert found["E(logitSp)"] == -fit.beta[1]
    assert found["Corr(logits)"] == -fit.rho
    assert found["Cov(Es)"] == -fit.vb[0, 1]


# --- invariances ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["REML", "ML", "MM", "exact"])
def test_the_order_of_rows_does_not_matter(counts, method):
    cells = counts("skin_tests")
    turned = [c[::-1] for c in cells]
    a, b = (review.diagnostic_meta(*c, method=method) for c in (cells, turned))
    np.testing.assert_allclose(a.beta, b.beta, rtol=1e-8)
    np.testing.assert_allclose(a.psi, b.psi, rtol=1e-6)


@pytest.mark.parametrize("method", ["REML", "ML", "MM", "exact"])
def test_positive_and_negative_results_may_change_places(counts, method):
    """Logits change their sign; the heterogeneity stays."""
    tp, fn, fp, tn = counts("Dementia")
    a = review.diagnostic_meta(tp, fn, fp, tn, method=method)
    b = review.diagnostic_meta(fn, tp, tn, fp, method=method)
    np.testing.assert_allclose(a.beta, -b.beta, rtol=1e-7)
    np.testing.assert_allclose(a.psi, b.psi, rtol=1e-6)
    assert a.loglik == pytest.approx(b.loglik, rel=1e-10) or method == "MM"


def test_a_moderator_may_be_shifted_and_scaled(counts):
    x = np.arange(33.0)
    a = review.diagnostic_meta(*counts("Dementia"), mods=x)
    b = review.diagnostic_meta(*counts("Dementia"), mods=1e5 + 3 * x)
    assert a.loglik == pytest.approx(b.loglik, abs=1e-6)  # log|X'X| / 2 is part of it
    assert pytest.approx(b.QM, rel=1e-6) == a.QM
    np.testing.assert_allclose(a.beta[[1, 3]], 3 * b.beta[[1, 3]], rtol=1e-6)


def test_exact_and_normal_models_agree_when_studies_are_large():
    cells = simulated(8, 25, [1.5, -1.8], [[0.3, 0.1], [0.1, 0.4]], n=(20_000, 50_000))
    a, b, c = (
        review.diagnostic_meta(*cells, method=m, nodes=n)
        for m, n in (("ML", 1), ("exact", 1), ("exact", 11))
    )
    np.testing.assert_allclose(a.beta, b.beta, atol=2e-4)
    np.testing.assert_allclose(a.psi, b.psi, atol=2e-3)
    np.testing.assert_allclose(b.psi, c.psi, atol=1e-5)


def test_separate_moderators_of_the_two_outcomes(counts):
    x = np.arange(33.0)
    fit = review.diagnostic_meta(
        *counts("Dementia"), mods={"sens": "~ x", "fpr": None}, data={"x": x}
    )
    assert fit.coef_names == ("sens: intercept", "sens: x", "fpr: intercept")
    assert fit.predict({"x": [0.0, 10.0]}).sens.shape == (2, 3)


def test_quadrature_settles(counts):
    fits = [
        review.diagnostic_meta(*counts("skin_tests"), method="exact", nodes=n) for n in (15, 21)
    ]
    assert fits[0].loglik == pytest.approx(fits[1].loglik, abs=2e-6)
    np.testing.assert_allclose(fits[0].beta, fits[1].beta, atol=1e-5)


# --- boundaries -------------------------------------------------------------------------------


def without_heterogeneity():
    return [20, 41, 29, 62], [5, 10, 7, 16], [4, 8, 6, 12], [30, 61, 44, 88]


def test_a_variance_of_0_is_said_and_the_univariate_models_are_given():
    fit = review.diagnostic_meta(*without_heterogeneity())
    assert fit.singular
    assert fit.rho is None
    assert (fit.tau2 == 0).any()
    assert any("estimated as 0" in note for note in fit.notes)
    assert fit.fallback is not None
    assert fit.fallback.structure == "DIAG"
    assert fit.hsroc is None
    with pytest.raises(StatsError, match="not defined"):
        fit.sroc()
    assert fit.summary()
    assert fit.report_text()
    assert fit.region().shape == (100, 2)


@pytest.mark.parametrize("method", ["REML", "ML", "exact"])
def test_a_correlation_at_the_edge(method):
    cells = simulated(1, 6, [1.5, -1.5], [[0.8, 0.79], [0.79, 0.8]])
    fit = review.diagnostic_meta(*cells, method=method)
    assert fit.singular
    assert fit.rho == 1.0
    assert any("edge of its range" in note for note in fit.notes)
    simple = fit.fallback
    assert f"{simple.sens[0]:.4f}" in fit.notes[-1]
    assert np.isfinite(fit.se).all()


def test_a_singular_maximum_is_no_artefact_of_the_start():
    """At the edge the derivative by the free variance points outwards."""
    from review.stats.accuracy.bivariate_kernel import likelihood, make_bivariate

    cells = simulated(1, 6, [1.5, -1.5], [[0.8, 0.79], [0.79, 0.8]])
    fit = review.diagnostic_meta(*cells, method="ML")
    s = make_bivariate(fit.rows.y, fit.rows.v)
    best = likelihood(s, fit.estimate.psi[None], restricted=False)
    rho = np.linspace(-0.999, 0.999999, 400)
    scale = np.exp(np.linspace(-0.3, 0.3, 25))
    grid = np.array(
        [
            [a * fit.tau2[0], r * np.sqrt(a * b * fit.tau2.prod()), b * fit.tau2[1]]
            for a in scale for b in scale for r in rho
        ]
    )  # fmt: skip
    assert best.ml[0] >= likelihood(s, grid, restricted=False).ml.max() - 1e-9


@pytest.mark.parametrize("method", ["REML", "ML", "MM", "exact"])
@pytest.mark.parametrize(
    "cells",
    [
        ([2, 1], [0, 2], [1, 2], [1, 2]),
        ([4, 1, 3, 1, 0], [0, 1, 0, 2, 5], [2, 2, 0, 3, 2], [0, 2, 3, 1, 3]),
        ([9, 8, 7], [1, 2, 3], [0, 0, 1], [9, 7, 8]),
        ([5, 6, 9, 30], [1, 1, 2, 9], [1, 2, 3, 4], [1, 2, 3, 4]),
        ([1, 0, 1, 0], [0, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 1]),
    ],
)
def test_tiny_studies_give_finite_results_and_texts(method, cells):
    """Found by random data: warnings are errors here, and nothing may be NaN in JSON."""
    fit = review.diagnostic_meta(*cells, method=method)
    assert np.isfinite([*fit.beta, *fit.se, *fit.sens, *fit.spec]).all()
    assert fit.summary()
    assert fit.report_text()
    json.dumps(fit.to_dict(), allow_nan=False)
    assert fit.plot.sroc()


def test_two_univariate_models_are_those_of_meta_analysis(counts):
    tp, fn, fp, tn = counts("Dementia")
    fit = review.diagnostic_meta(tp, fn, fp, tn, structure="DIAG", method="REML")
    for j, (y, v) in enumerate(zip(fit.rows.y, fit.rows.v, strict=True)):
        alone = review.meta_analysis(y, v, method="REML", test="z")
        assert fit.beta[j] == pytest.approx(alone.beta[0], rel=1e-7)
        assert fit.tau2[j] == pytest.approx(alone.tau2, rel=1e-6)
        assert fit.se[j] == pytest.approx(alone.se[0], rel=1e-7)


# --- tables and texts -------------------------------------------------------------------------


def test_texts_and_tables_hold_the_same_numbers(fit):
    text = fit.summary()
    for value in (*fit.sens, *fit.spec, fit.auc().auc, *fit.hsroc.values):
        assert f"{value:.4f}" in text
    paragraph = fit.report_text()
    assert f"sensitivity {fit.sens[0]:.4f}" in paragraph
    assert "Reitsma" in paragraph
    found = fit.to_dict()
    json.dumps(found, allow_nan=False)
    assert found["points"][0]["sens"] == fit.sens[0]
    assert found["studies"][0]["tp"] == 66
    assert found["settings"]["to"] == "if0all"
    for table in ("coefficients", "studies", "points", "hsroc", "predictive values"):
        assert len(fit.to_frame(table))
    with pytest.raises(UnknownNameError):
        fit.to_frame("nothing")


def test_update_refits(fit):
    assert fit.update(method="ML").method == "ML"
    with pytest.raises(UnknownNameError, match="did you mean 'method'"):
        fit.update(metod="ML")


def test_moderators_leave_no_single_summary_point(counts):
    fit = review.diagnostic_meta(*counts("Dementia"), mods=["a", "b", "c"] * 11)
    for use in (lambda: fit.sens, fit.region, fit.auc, fit.sroc, fit.predictive_values, fit.revman):
        with pytest.raises(StatsError, match="moderators"):
            use()
    assert fit.hsroc is None
    assert fit.predict().names == ("mod = a", "mod = b", "mod = c")
    assert "test of moderators" in fit.summary()
    assert "Moderators of both: mod" in fit.report_text()
    json.dumps(fit.to_dict(), allow_nan=False)


def test_threshold_effect(fit):
    found = fit.threshold_effect()
    theirs = stats.spearmanr(fit.rows.y[0], fit.rows.y[1]).statistic
    assert found.spearman.rho == pytest.approx(theirs)
    assert found.rho == fit.rho
    assert "Spearman" in found.summary()

"""Every reference result: mada 0.5.12, lme4 1.1-31, metafor 3.8-1."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

import review
from review.stats.ground.binomial_kernel import BinomialBlocks, laplace

DATASETS = ("AuditC", "Dementia", "skin_tests", "smoking")
CLOSED = 1e-8
ITERATIVE = 1e-6


def near(ours, theirs, tolerance):
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dataset", DATASETS)
def test_descriptives_are_those_of_mada(dataset, counts, accuracy_reference):
    want = accuracy_reference(f"dta.madad.{dataset}")["results"]
    found = review.accuracy_descriptives(*counts(dataset), correct="all")
    for name in ("sens", "spec"):
        near(getattr(found, name)[:, 0], want[name], CLOSED)
        near(getattr(found, name)[:, 1:], want[f"{name}_ci"], CLOSED)
        near(getattr(found, f"{name}_chi2")[0], want[f"{name}_chi2"], CLOSED)
    near(found.dor[:, 0], want["DOR"], CLOSED)
    near(found.lr_pos[:, 0], want["posLR"], CLOSED)
    near(found.lr_neg[:, 0], want["negLR"], CLOSED)
    near(found.cor_sens_fpr, want["cor_sens_fpr"], CLOSED)


@pytest.mark.parametrize("method", ["REML", "ML", "MM"])
@pytest.mark.parametrize("dataset", DATASETS)
def test_the_bivariate_model_is_that_of_mada(dataset, method, counts, accuracy_reference):
    want = accuracy_reference(f"dta.reitsma.{method.lower()}.{dataset}")["results"]
    fit = review.diagnostic_meta(*counts(dataset), method=method)
    near(fit.beta, want["coef"], ITERATIVE)
    near(fit.vb, want["vcov"], ITERATIVE)
    near(fit.psi, want["Psi"], ITERATIVE)
    rows = np.array(want["coefmat"][:2], dtype=float)
    ours = np.stack([fit.beta, fit.se, fit.stat, fit.pval, fit.ci_lb, fit.ci_ub], 1)
    near(ours, rows, ITERATIVE)
    near([fit.sens[0], *fit.sens[1:]], [want["coefmat"][2][j] for j in (0, 4, 5)], ITERATIVE)
    near(fit.predict().fpr[0], [want["coefmat"][3][j] for j in (0, 4, 5)], ITERATIVE)
    near(fit.auc(rule="99 points").auc, want["AUC"], ITERATIVE)
    near(fit.auc(rule="99 points", partial=True).auc, want["pAUC"], ITERATIVE)
    if method != "MM":
        near(fit.loglik_shares, want["logLik"], CLOSED)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("dataset", DATASETS)
def test_curves_and_region_are_those_of_mada(dataset, method, counts, accuracy_reference):
    want = accuracy_reference(f"dta.reitsma.{method.lower()}.{dataset}")["results"]
    fit = review.diagnostic_meta(*counts(dataset), method=method)
    near(fit.sroc(fpr=want["sroc_fpr"]).sens, want["sroc_ruttergatsonis"], ITERATIVE)
    near(fit.sroc("sens_on_fpr", want["sroc_fpr"]).sens, want["sroc_naive"], ITERATIVE)
    near(fit.region()[:5], want["ellipse_conf"], ITERATIVE)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("dataset", ["IAQ", "SAQ"])
def test_further_data_sets(dataset, method, accuracy_reference):
    entry = accuracy_reference(f"dta.reitsma.{method.lower()}.{dataset}")
    fit = review.diagnostic_meta(*(entry["inputs"][c] for c in ("TP", "FN", "FP", "TN")), method)
    want = entry["results"]
    near(fit.beta, want["coef"], ITERATIVE)
    near(fit.vb, want["vcov"], ITERATIVE)
    near(fit.psi, want["Psi"], ITERATIVE)
    near(fit.loglik_shares, want["logLik"], CLOSED)
    near(fit.auc(rule="99 points").auc, want["AUC"], ITERATIVE)
    near(fit.auc(rule="99 points", partial=True).auc, want["pAUC"], ITERATIVE)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_a_correlation_at_the_edge_of_its_range(method, accuracy_reference):
    """Quasi-Newton steps come no closer to the edge than a few 1e-7; ours stand on it."""
    entry = accuracy_reference(f"dta.reitsma.{method.lower()}.edge")
    fit = review.diagnostic_meta(*(entry["inputs"][c] for c in ("TP", "FN", "FP", "TN")), method)
    want = entry["results"]
    assert fit.rho == 1.0
    near(fit.beta, want["coef"], 1e-5)
    near(fit.vb, want["vcov"], 1e-5)
    near(fit.psi, want["Psi"], 1e-5)
    near(fit.loglik_shares, want["logLik"], 1e-7)
    assert fit.loglik_shares >= want["logLik"] - 1e-9
    assert 0.0 in (fit.hsroc.sigma2_alpha, fit.hsroc.sigma2_theta)


def test_the_area_of_mada_is_too_small_and_ours_is_not(counts):
    fit = review.diagnostic_meta(*counts("AuditC"))
    x = (np.arange(2_000_000) + 0.5) / 2_000_000
    slope = np.sqrt(fit.tau2[0] / fit.tau2[1])
    curve = expit(fit.beta[0] + slope * (np.log(x / (1 - x)) - fit.beta[1]))
    near(fit.auc().auc, curve.mean(), 1e-7)
    assert fit.auc(rule="99 points").auc < fit.auc().auc - 0.001


def test_meta_regression_is_that_of_mada(accuracy_reference):
    entry = accuracy_reference("dta.reitsma.reml.smoking.type")
    inputs, want = entry["inputs"], entry["results"]
    fit = review.diagnostic_meta(
        *(inputs[c] for c in ("TP", "FN", "FP", "TN")), mods="~ type", data={"type": inputs["type"]}
    )
    assert fit.coef_names == ("sens: intercept", "sens: type[SAQ]", "fpr: intercept",
                              "fpr: type[SAQ]")  # fmt: skip
    near(fit.beta, [want["coef"][j] for j in (0, 2, 1, 3)], ITERATIVE)
    near(fit.vb, want["vcov"], ITERATIVE)
    near(fit.psi, want["Psi"], ITERATIVE)
    near(fit.loglik_shares, want["logLik"], CLOSED)


@pytest.mark.parametrize("dataset", ["AuditC", "Dementia"])
def test_moses_littenberg_is_that_of_mada(dataset, counts, accuracy_reference):
    want = accuracy_reference(f"dta.msl.{dataset}")["results"]
    near(review.moses_littenberg(*counts(dataset)).line, (want["A2"], want["B2"]), CLOSED)


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_exact_model_is_that_of_lme4(dataset, counts, accuracy_reference):
    """The default run of lme4 stops early: its inner iteration has a tolerance of 1e-7.

    A run at 1e-13 (stored) agrees with ours to a few 1e-6, the limit of its own derivative-free
    optimiser; its deviance differs by up to 4e-8 from Laplace's approximation itself, which the
    test below computes in another way.
    """
    early = accuracy_reference(f"dta.glmer.{dataset}")["results"]
    tight = accuracy_reference(f"dta.glmer_tight.{dataset}")["results"]
    fit = review.diagnostic_meta(*counts(dataset), method="exact")
    turned = [1, 0]
    near(fit.beta[turned], tight["beta"], 1e-6)
    near(fit.psi[np.ix_(turned, turned)], tight["Sigma"], 3e-6)
    near(fit.loglik, tight["ll"], 1e-7)
    near(fit.se[turned], tight["se"], 5e-5)  # theirs are finite differences of the deviance
    near(fit.beta[turned], early["beta"], 2e-3)
    assert fit.loglik > early["ll"] + 1e-4


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_laplace_likelihood_by_another_method(dataset, counts, accuracy_reference):
    """At the estimates of lme4: dense matrices and a general optimiser for each study."""
    from scipy.optimize import minimize
    from scipy.special import gammaln

    tp, fn, fp, tn = counts(dataset)
    want = accuracy_reference(f"dta.glmer_tight.{dataset}")["results"]
    beta, Sigma = np.array(want["beta"])[::-1], np.array(want["Sigma"])[::-1, ::-1]
    x, n = np.stack([tp, fp], 1), np.stack([tp + fn, fp + tn], 1)
    inverse = np.linalg.inv(Sigma)
    total = 0.0
    for xi, ni in zip(x, n, strict=True):

        def cost(b, xi=xi, ni=ni):
            eta = beta + b
            return -(xi * eta - ni * np.logaddexp(0, eta)).sum() + b @ inverse @ b / 2

        best = minimize(cost, np.zeros(2), method="BFGS", options={"gtol": 1e-9})
        best = minimize(cost, best.x, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
        p = expit(beta + best.x)
        H = inverse + np.diag(ni * p * (1 - p))
        choose = (gammaln(ni + 1) - gammaln(xi + 1) - gammaln(ni - xi + 1)).sum()
        total += (
            -best.fun - np.linalg.slogdet(H)[1] / 2 + np.linalg.slogdet(inverse)[1] / 2 + choose
        )
    blocks = BinomialBlocks(x, n, np.broadcast_to(np.eye(2), (len(x), 2, 2)))
    fixed = np.broadcast_to(beta, (1, len(x), 2))
    ours = laplace(blocks, fixed, Sigma[None, None]).value.sum() + blocks.log_choose
    near(ours, total, 1e-8)
    near(ours, want["ll"], 1e-7)


def kearon(reference, accuracy_reference):
    inputs = {
        name: np.array(values, dtype=float)
        for name, values in reference("dta.kearon.reitsma.REML")["inputs"].items()
    }
    tp, tn = inputs["tp"], inputs["tn"]
    study = accuracy_reference("kearon.study")["results"]["study"]
    return (tp, inputs["np"] - tp, inputs["nn"] - tn, tn), study


def test_shares_of_one_group_and_several_rows_per_study(reference, accuracy_reference):
    """metafor's multivariate model groups rows by the study's name, which some studies share."""
    want = reference("dta.kearon.reitsma.REML")["results"]
    cells, study = kearon(reference, accuracy_reference)
    fit = review.diagnostic_meta(*cells, study=study, to="only0-group")
    sign = np.array([1, -1])  # theirs is the logit of specificity
    near(fit.beta * sign, want["beta"], ITERATIVE)
    near(fit.se, want["se"], ITERATIVE)
    near(fit.vb * np.outer(sign, sign), want["vb"], ITERATIVE)
    near(fit.tau2, want["tau2"], max(ITERATIVE, want["opt_spread"]))
    near(-fit.rho, want["rho"][0], max(ITERATIVE, want["opt_spread"]))
    near([fit.QE, fit.QEp], [want["QE"], want["QEp"]], CLOSED)
    near([fit.QM, fit.QMp], [want["QM"], want["QMp"]], ITERATIVE)
    near(fit.fit_ml.loglik, want["ll_ml"], 1e-7)  # beside the REML maximum, not at its own
    near(fit.fit_reml.loglik, want["ll_reml"], CLOSED)
    assert (fit.k, fit.n_rows, fit.n_outcomes) == (29, 32, want["k"])
    assert [row.row for row in fit.left_out] == [18, 34]


def test_the_exact_model_with_several_rows_per_study(reference, accuracy_reference):
    want = reference("dta.kearon.glmer")["results"]
    cells, study = kearon(reference, accuracy_reference)
    fit = review.diagnostic_meta(*cells, study=study, method="exact")
    sign = np.array([1, -1])
    near(fit.beta * sign, want["beta"], 5e-6)
    near(fit.psi * np.outer(sign, sign), want["Sigma"], 2e-5)
    near(fit.se, want["se"], 5e-5)
    near(fit.loglik, want["ll"], 1e-6)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_many_rows_per_study_against_metafor(method, accuracy_reference):
    entry = accuracy_reference(f"dta.shared.{method}.smoking")
    inputs, want = entry["inputs"], entry["results"]
    fit = review.diagnostic_meta(
        *(inputs[c] for c in ("TP", "FN", "FP", "TN")), method=method, study=inputs["study"]
    )
    near(fit.beta, want["beta"], ITERATIVE)
    near(fit.se, want["se"], ITERATIVE)
    near(fit.tau2, want["tau2"], ITERATIVE)
    near(fit.rho, want["rho"], ITERATIVE)
    near(fit.loglik, want["ll"], CLOSED)
    near(fit.QE, want["QE"], CLOSED)


def test_many_rows_per_study_against_lme4(accuracy_reference):
    entry = accuracy_reference("dta.glmer_shared.smoking")
    inputs, want = entry["inputs"], entry["results"]
    fit = review.diagnostic_meta(
        *(inputs[c] for c in ("TP", "FN", "FP", "TN")), method="exact", study=inputs["study"]
    )
    near(fit.beta, want["beta"], 5e-6)
    near(fit.psi, want["Sigma"], 5e-6)
    near(fit.loglik, want["ll"], 1e-6)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_a_paired_comparison_against_metafor(method, accuracy_reference):
    entry = accuracy_reference(f"dta.nested.{method}.smoking")
    inputs, want = entry["inputs"], entry["results"]
    found = review.compare_tests(
        *(inputs[c] for c in ("TP", "FN", "FP", "TN")), test=inputs["type"], study=inputs["study"],
        method=method,
    )  # fmt: skip
    order = [found.tests.index("IAQ"), found.tests.index("SAQ")]
    places = [order[0], 2 + order[0], order[1], 2 + order[1]]
    near(found.beta[places], want["beta"], ITERATIVE)
    near(np.sqrt(np.diag(found.vb))[places], want["se"], ITERATIVE)
    near(found.loglik, want["ll"], max(CLOSED, want["spread"]))
    for name, tau2, rho in (("study", "tau2", "rho"), ("row", "gamma2", "phi")):
        M = found.components[name]
        near(np.diag(M), want[tau2], 5e-6)
        near(M[0, 1] / np.sqrt(M[0, 0] * M[1, 1]), want[rho], 5e-6)

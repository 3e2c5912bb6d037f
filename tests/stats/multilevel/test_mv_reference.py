"""Multilevel and multivariate models against metafor 3.8-1, metafor 5.1-12 and mixmeta 1.2.0.

The reference results are the best of several optimisers and carry the spread between them:
variance components and what depends on them are compared at max(1e-6, spread), the maximum of the
log-likelihood at 1e-8.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from review import meta_analysis_mv, vcalc

DATA = Path(__file__).resolve().parents[2] / "data" / "multilevel.json"
SWEEP = [
    e["id"]
    for e in json.loads(DATA.read_text(encoding="utf-8"))["entries"]
    if e["id"].startswith("sweep.")
]
NESTED = "~ 1 | district/school"
OF_COEFFICIENTS = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")


def agree(fit, results, *, which):
    rel = max(1e-6, results.get("opt_spread", 0.0))
    for name in which:
        wanted = np.atleast_1d(np.array(results[name], dtype=float))
        found = np.atleast_1d(getattr(fit, name))
        if found.size == 0:  # the reference writes 0 for a component that a model lacks
            found = np.zeros(1)
        # limits near 0 are differences: their scale is that of the standard errors
        near = 1e-6 * np.max(fit.se) if name in {"ci_lb", "ci_ub", "beta"} else 1e-9
        assert found == pytest.approx(wanted, rel=rel, abs=near), name


def same_maximum(fit, results):
    if "ll" in results:
        assert fit.loglik == pytest.approx(results["ll"], abs=1e-8)
        return
    for kind in ("ml", "reml"):
        # the one that was not maximised moves with the reference's last digits
        near = 1e-8 if kind == fit.method.lower() else 1e-6
        found = getattr(fit, f"fit_{kind}").loglik
        assert found == pytest.approx(results[f"ll_{kind}"], abs=near)


ALL = (*OF_COEFFICIENTS, "vb", "sigma2", "tau2", "rho", "QE", "QEp", "QM", "QMp")


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_three_levels(reference, schools, method):
    fit = meta_analysis_mv("yi", "vi", data=schools, random=NESTED, method=method)
    results = reference(f"mv.konst.3level.{method}")["results"]
    agree(fit, results, which=ALL)
    same_maximum(fit, results)
    blup = fit.ranef().of("district").pred
    assert blup == pytest.approx(results["extra"]["blup_district"], abs=1e-7)


def test_containment_degrees_of_freedom(reference, schools):
    fit = meta_analysis_mv("yi", "vi", data=schools, random=NESTED, test="t", dfs="contain")
    results = reference("mv.konst.3level.t")["results"]
    assert fit.ddf.tolist() == results["ddf"]
    agree(fit, results, which=OF_COEFFICIENTS)
    assert fit.QMp == pytest.approx(results["QMp"], rel=1e-6)


def test_containment_looks_at_what_varies_within_groups(multilevel, schools):
    made = multilevel("contain.konst")["results"]
    data = {**schools, **{n: made[n] for n in ("x", "dx", "z", "zz")}}
    crossed = ["~ 1 | district", "~ 1 | z"]
    cases = {
        "x": ("~ x", NESTED), "x_year": ("~ x + year", NESTED),
        "dx_x": ("~ factor(dx) + x", NESTED), "crossed_x": ("~ x", crossed),
        "crossed_zz": ("~ zz + year", crossed),
    }  # fmt: skip
    for name, (mods, random) in cases.items():
        fit = meta_analysis_mv(
            "yi", "vi", mods, data, random=random, test="t", dfs="contain"
        )  # fmt: skip
        assert fit.ddf.tolist() == made["ddf"][name], name
        if name == "dx_x":
            assert list(fit.QM_df) == made["QMdf"]
            assert pytest.approx(made["QM"], rel=1e-5) == fit.QM


def test_a_moderator_of_three_levels(reference, schools):
    year = np.array(schools["year"], dtype=float)
    data = {**schools, "year": (year - year.mean()).tolist()}
    fit = meta_analysis_mv("yi", "vi", "~ year", data, random=NESTED)
    results = reference("mv.konst.year")["results"]
    agree(fit, results, which=ALL)
    same_maximum(fit, results)


def test_correlated_and_hierarchical_effects(reference, assink):
    plain = meta_analysis_mv("yi", "vi", data=assink, random="~ 1 | study/esid")
    agree(plain, reference("mv.assink.3level")["results"], which=ALL)
    V = vcalc("vi", "study", obs="esid", data=assink, rho=0.6)
    fit = meta_analysis_mv("yi", V, data=assink, random="~ 1 | study/esid")
    results = reference("mv.assink.CHE")["results"]
    agree(fit, results, which=ALL)
    same_maximum(fit, results)


@pytest.mark.parametrize("struct", ["UN", "CS"])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_two_outcomes(reference, berkey, struct, method):
    fit = meta_analysis_mv(
        "yi", np.array(berkey["V"]), "~ outcome - 1", berkey, "~ outcome | trial", struct, method
    )  # fmt: skip
    results = reference(f"mv.berkey.{struct}.{method}")["results"]
    agree(fit, results, which=ALL)
    same_maximum(fit, results)


@pytest.mark.parametrize("struct", ["HAR", "AR"])
def test_repeated_measures(reference, struct):
    results = reference(f"mv.ishak.{struct}")["results"]
    data = reference(f"mv.ishak.{struct}")["inputs"]
    V = vcalc("vi", "study", time1="time", phi=0.97, data=data)
    fit = meta_analysis_mv(
        "yi", V, "~ factor(time) - 1", data, "~ time | study", struct
    )  # fmt: skip
    agree(fit, results, which=ALL)
    same_maximum(fit, results)


def test_bivariate_model_of_two_groups(reference):
    entry = reference("mv.colditz.biv")
    fit = meta_analysis_mv(
        "yi", "vi", "~ group - 1", entry["inputs"], "~ group | study", "UN", "ML"
    )  # fmt: skip
    agree(fit, entry["results"], which=(*OF_COEFFICIENTS, "vb", "tau2", "rho", "QE", "QM"))
    same_maximum(fit, entry["results"])


def test_weights_and_leverages(reference, schools):
    fit = meta_analysis_mv("yi", "vi", data=schools, random=NESTED)
    results = reference("mv.maire_weights")["results"]
    assert fit.weights == pytest.approx(results["w"], rel=1e-6)
    assert fit.hat == pytest.approx(results["hat"], rel=1e-6)


@pytest.mark.parametrize(
    ("name", "mods", "more"),
    [("3level", None, {"test": "t", "dfs": "contain"}), ("type", "~ doctype", {})],
)
def test_metafor_5_three_levels(multilevel, name, mods, more):
    entry = multilevel(f"mv5.bornmann.{name}")
    fit = meta_analysis_mv(
        "yi", "vi", mods, entry["inputs"], "~ 1 | study/obs", **more
    )  # fmt: skip
    agree(
        fit, entry["results"], which=("beta", "se", "vb", "sigma2", "QE", "QM", "QMp", "ci_lb")
    )  # fmt: skip
    same_maximum(fit, entry["results"])
    assert pytest.approx(entry["results"]["AICc"], abs=1e-7) == fit.AICc


@pytest.mark.parametrize(("name", "mods"), [("CHE", None), ("mod.CR", "~ aget1")])
def test_metafor_5_correlated_effects(multilevel, name, mods):
    entry = multilevel(f"mv5.tannersmith.{name}")
    V = vcalc("vi", "studyid", data=entry["inputs"], rho=0.8)
    fit = meta_analysis_mv("yi", V, mods, entry["inputs"], "~ 1 | studyid/esid")
    agree(fit, entry["results"], which=("beta", "se", "vb", "sigma2", "QE", "QM", "QMp"))
    same_maximum(fit, entry["results"])


@pytest.mark.parametrize("method", ["reml", "ml", "mm"])
def test_mixmeta(multilevel, method):
    """Two outcomes on the year of publication; coefficients are compared as fitted values."""
    entry = multilevel(f"mv5.mixmeta.berkey.{method}")
    d, results = entry["inputs"], entry["results"]
    year = np.repeat(d["pubyear"], 2)
    data = {
        "y": np.column_stack([d["PD"], d["AL"]]).ravel(), "x": year,
        "outcome": ["PD", "AL"] * 5, "trial": np.repeat(np.arange(5), 2),
    }  # fmt: skip
    V = [
        np.array([[a, b], [b, c]])
        for a, b, c in zip(d["var_PD"], d["cov_PD_AL"], d["var_AL"], strict=True)
    ]
    fit = meta_analysis_mv(
        "y", V, "~ outcome + outcome:x - 1", data, "~ outcome | trial", "UN", method
    )  # fmt: skip
    intercept_pd, intercept_al, slope_pd, slope_al = results["coef"]
    near = 1e-4 if method == "reml" else 1e-6  # the reference stops early: see its log-likelihood
    wanted = [
        intercept_pd + slope_pd * x if i % 2 == 0 else intercept_al + slope_al * x
        for i, x in enumerate(year)
    ]
    assert fit.X @ fit.beta == pytest.approx(wanted, rel=near)
    covariance = fit.rho[0] * np.sqrt(fit.tau2.prod())
    psi = np.array([[fit.tau2[1], covariance], [covariance, fit.tau2[0]]])
    assert psi == pytest.approx(np.array(results["Psi"]), rel=max(near, 1e-5))
    if method != "mm":
        assert fit.loglik == pytest.approx(results["ll"], abs=1e-8)


@pytest.mark.parametrize("name", SWEEP)
def test_structures_on_other_data_sets(multilevel, name):
    entry = multilevel(name)
    call, results = json.loads(entry["call"]), entry["results"]
    mods = call["mods"]
    if mods and "0 +" in mods:
        mods = mods.replace("0 +", "") + " - 1"
    R = None
    if "R" in entry:
        species = sorted(set(entry["inputs"]["sp"]), key=lambda s: int(s[1:]))
        R = {"sp": pd.DataFrame(entry["R"], index=species, columns=species)}
    fit = meta_analysis_mv(
        "yi", "vi", mods, entry["inputs"], call["random"], call["struct"], call["method"], R=R
    )  # fmt: skip
    assert fit.optimum.converged
    # the reference may stop short of the maximum, never above it
    assert fit.loglik == pytest.approx(results["ll"], abs=1e-6)
    assert fit.loglik > results["ll"] - 1e-8
    near = 1e-3 * float(np.median(entry["inputs"]["vi"]))
    for n in ("beta", "se", "QE", "QM"):
        wanted = np.array(results[n], dtype=float)
        assert getattr(fit, n) == pytest.approx(wanted, rel=1e-4, abs=1e-6), n
    for n in ("sigma2", "tau2", "gamma2"):
        if getattr(fit, n).size:
            assert getattr(fit, n) == pytest.approx(np.array(results[n]), rel=1e-3, abs=near), n
    for n in ("rho", "phi"):
        known = [c.name not in fit.optimum.flat for c in fit.components if c.family == n]
        if getattr(fit, n).size and all(known):
            assert getattr(fit, n) == pytest.approx(np.array(results[n]), abs=2e-3), n


def test_a_known_correlation_matrix(reference):
    # the entry does not print its matrix: 0.7 to the power of the distance of the levels
    results = reference("mv.knownR")["results"]
    levels = list("abcdefgh")
    distance = np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    R = {"sp": pd.DataFrame(0.7**distance, index=levels, columns=levels)}
    data = {"y": results["y"], "v": results["v"], "sp": results["sp"], "id": list(range(24))}
    fit = meta_analysis_mv("y", "v", data=data, random=["~ 1 | id", "~ 1 | sp"], R=R)
    agree(fit, results, which=ALL)
    same_maximum(fit, results)
    assert fit.optimum.at_bound == ("sigma2[id]",)
    # the order of the matrix does not matter, nor does its scale
    turned = R["sp"].loc[levels[::-1], levels[::-1]] * 4
    again = meta_analysis_mv(
        "y", "v", data=data, random=["~ 1 | id", "~ 1 | sp"], R={"sp": turned}
    )  # fmt: skip
    assert again.beta == pytest.approx(fit.beta, rel=1e-9)

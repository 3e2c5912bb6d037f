"""Diagnostics against the reference results, each entry under its own id."""

import numpy as np
import pytest

from review import (
    baujat,
    blup,
    cumulative,
    gosh,
    henmi_copas,
    influence,
    leave_one_out,
    likelihood_ratio_test,
    linear_hypothesis,
    location_scale,
    meta_analysis,
    permutation_test,
    radial,
    ranef,
    robust,
    rstandard,
    rstudent,
    vif,
)

ITERATIVE = 1e-6
CLOSED = 1e-8
BCG = {  # the reference's names of these data sets -> entry that holds their effects
    "dat.bcg": "leave1out.bcg_RR",
    "dat.normand1999": "leave1out.normand_SMD",
}


def _close(found, expected, rel):
    expected = np.asarray(expected, dtype=float)
    scale = np.abs(expected).max()
    assert np.asarray(found, dtype=float) == pytest.approx(expected, rel=rel, abs=1e-14 * scale)


def _fit(reference, entry, **options):
    """Model of an entry's data set, without moderators unless given."""
    source = BCG.get(entry["dataset"])
    inputs = reference(source)["inputs"] if source else entry["inputs"]
    return meta_analysis(inputs["yi"], inputs["vi"], **{"test": "z", **options})


def _ablat(reference, name="reg.bcg.ablat.REML.z", **options):
    inputs = reference(name)["inputs"]
    X = np.array(inputs["X"], dtype=float)[:, 1:]
    return meta_analysis(inputs["yi"], inputs["vi"], X, **{"test": "z", **options})


REFITS = {
    "estimate": "estimate", "se": "se", "stat": "zval", "pval": "pval", "ci_lb": "ci.lb",
    "ci_ub": "ci.ub", "QE": "Q", "QEp": "Qp", "tau2": "tau2", "I2": "I2", "H2": "H2",
}  # fmt: skip


@pytest.mark.parametrize("name", ["leave1out.bcg_RR", "leave1out.normand_SMD"])
def test_leave_one_out(reference, name):
    entry = reference(name)
    found = leave_one_out(_fit(reference, entry))
    for ours, theirs in REFITS.items():
        _close(getattr(found, ours), entry["results"][theirs], ITERATIVE)


@pytest.mark.parametrize("name", ["cumul.bcg_RR", "cumul.normand_SMD"])
def test_cumulative(reference, name):
    entry = reference(name)
    found = cumulative(_fit(reference, entry))
    for ours, theirs in REFITS.items():
        if theirs in entry["results"]:
            _close(getattr(found, ours), entry["results"][theirs], ITERATIVE)


INFLUENCE = {
    "rstudent": "rstudent", "dffits": "dffits", "cook_d": "cook.d", "cov_r": "cov.r",
    "tau2_del": "tau2.del", "QE_del": "QE.del", "hat": "hat", "weight": "weight",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["influence.bcg_RR", "influence.normand_SMD", "influence.bcg.ablat"]
)
def test_influence(reference, name):
    entry = reference(name)
    moderated = name == "influence.bcg.ablat"
    found = influence(_ablat(reference) if moderated else _fit(reference, entry))
    results = entry["results"]
    for ours, theirs in INFLUENCE.items():
        _close(getattr(found, ours), results[theirs], ITERATIVE)
    columns = ["dfbs1", "dfbs2"] if moderated else ["dfbs"]
    for j, column in enumerate(columns):
        _close(found.dfbetas[:, j], results[column], ITERATIVE)
    if "is_infl" in results:
        assert found.influential.tolist() == results["is_infl"]


@pytest.mark.parametrize("name", ["residuals.bcg_RR", "residuals.normand_SMD"])
def test_residuals(reference, name):
    entry = reference(name)
    fit, results = _fit(reference, entry), entry["results"]
    inner, outer = rstandard(fit), rstudent(fit)
    predicted, random, diagnostics = blup(fit), ranef(fit), influence(fit)
    pairs = {
        "resid": inner.resid, "rstandard_z": inner.z, "rstandard_se": inner.se,
        "rstudent_z": outer.z, "rstudent_resid": outer.resid, "rstudent_se": outer.se,
        "hat": diagnostics.hat, "weights": fit.weights, "blup": predicted.pred,
        "blup_se": predicted.se, "blup_pi_lb": predicted.pi_lb, "blup_pi_ub": predicted.pi_ub,
        "ranef": random.pred, "cook": diagnostics.cook_d,
    }  # fmt: skip
    assert set(pairs) == set(results)
    for key, found in pairs.items():
        _close(found, results[key], ITERATIVE)


@pytest.mark.parametrize("name", ["baujat.bcg_RR", "baujat.normand_SMD"])
def test_baujat(reference, name):
    entry = reference(name)
    points = baujat(_fit(reference, entry))
    _close(points.x, entry["results"]["x"], ITERATIVE)
    _close(points.y, entry["results"]["y"], ITERATIVE)


@pytest.mark.parametrize("name", ["radial.bcg_RR", "radial.normand_SMD"])
def test_radial(reference, name):
    entry = reference(name)
    points = radial(_fit(reference, entry, method="EE"))
    _close(points.x, entry["results"]["x"], CLOSED)
    _close(points.y, entry["results"]["y"], CLOSED)


# the entries were computed with the root finder's default tolerance (1.2e-4 in the quantile);
# the limits here are those of the same function, hc(), with control=list(tol=1e-13)
HENMI_COPAS = {
    "hc.bcg_RR": (-1.155548761932030, 0.294978434623848),
    "hc.normand_SMD": (-1.185736186041694, 0.364513347199731),
}


@pytest.mark.parametrize("name", list(HENMI_COPAS))
def test_henmi_copas(reference, name):
    entry = reference(name)
    results = entry["results"]
    fit = _fit(reference, entry, method="DL")
    found = henmi_copas(fit)
    for ours, theirs in {"estimate": "beta", "se": "se", "tau2": "tau2"}.items():
        _close(getattr(found, ours), results[theirs], CLOSED)
    _close([found.ci_lb, found.ci_ub], HENMI_COPAS[name], CLOSED)
    _close([found.ci_lb, found.ci_ub], [results["ci_lb"], results["ci_ub"]], 2e-4)
    _close([fit.beta[0], fit.ci_lb[0]], [results["beta_rma"], results["ci_lb_rma"]], CLOSED)


@pytest.mark.parametrize("name", ["gosh.bcg"])
def test_gosh(reference, name):
    entry = reference(name)
    results = entry["results"]
    found = gosh(_fit(reference, entry, method="DL"))
    assert found.n == results["n"]
    columns = found.columns()
    assert list(columns) == results["cols"]
    _close([column.mean() for column in columns.values()], results["colmeans"], CLOSED)
    quantiles = np.quantile(found.estimate, [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1])
    _close(quantiles, results["q"], CLOSED)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("permutest.exact.k7.reg", "REML"),
        ("permutest.exact.normand", "REML"),
        ("permutest.exact.bcg.int", "DL"),
    ],
)
def test_permutation(reference, name, method):
    entry = reference(name)
    results = entry["results"]
    if name == "permutest.exact.k7.reg":
        inputs = entry["inputs"]
        fit = meta_analysis(inputs["yi"], inputs["vi"], inputs["x"], method=method, test="z")
    else:
        fit = _fit(reference, entry, method=method)
    found = permutation_test(fit, exact=True)
    assert found.exact
    _close(found.pval, results["pval"], CLOSED)
    if "QMp" in results:
        _close(found.QMp, results["QMp"], CLOSED)


@pytest.mark.parametrize("name", ["anova.LRT.bcg"])
def test_likelihood_ratio(reference, name):
    results = reference(name)["results"]
    full = _ablat(reference, method="ML")
    found = likelihood_ratio_test(full, full.update(mods=None))
    pairs = {
        "LRT": found.LRT, "pval": found.pval, "R2": found.R2, "ll_f": found.loglik[0],
        "ll_r": found.loglik[1],
    }  # fmt: skip
    for key, value in pairs.items():
        _close(value, results[key], ITERATIVE)


@pytest.mark.parametrize("name", ["anova.linhyp.bcg"])
def test_linear_hypothesis(reference, name):
    results = reference(name)["results"]
    found = linear_hypothesis(_ablat(reference), [1, 33.5])
    for ours, theirs in {"Xb": "Xb", "se": "se", "stat": "zval", "pval": "pval"}.items():
        _close(getattr(found, ours), results[theirs], ITERATIVE)


@pytest.mark.parametrize("name", ["vif.bcg"])
def test_vif(reference, name):
    found = vif(_ablat(reference, "reg.bcg.ablat_year.REML"))
    _close(found.vif, reference(name)["results"]["vif"], ITERATIVE)


@pytest.mark.parametrize("name", ["ls.bangert.REML"])
def test_location_scale(reference, name):
    entry = reference(name)
    results = entry["results"]
    found = location_scale("yi", "vi", "~ sqrt(ni)", "~ sqrt(ni)", data=entry["inputs"])
    for key in ("beta", "se", "alpha", "se_alpha", "tau2", "QE", "QM", "QS"):
        _close(getattr(found, key), results[key], ITERATIVE)
    _close(found.fit_reml.loglik, results["ll_reml"], CLOSED)


@pytest.mark.parametrize("name", ["robust.bcg.uni"])
def test_robust(reference, name):
    results = reference(name)["results"]
    fit = _ablat(reference)
    found = robust(fit, range(1, 14))
    for key in ("beta", "se", "stat", "df", "pval", "ci_lb", "ci_ub", "vb"):
        _close(getattr(found, key), results["CR2"][key], ITERATIVE)
    plain = robust(fit, range(1, 14), "CR1p")
    for key in ("se", "pval", "ci_lb", "ci_ub"):
        _close(getattr(plain, key), results["CR1"][key], ITERATIVE)
    assert plain.df.tolist() == results["CR1"]["df"] * 2
    for kind in ("CR0", "CR1", "CR1S", "CR2", "CR3"):
        _close(robust(fit, range(1, 14), kind).vb, results[f"vcov_{kind}"], ITERATIVE)


def test_no_entry_is_forgotten(reference):
    mine = (
        "leave1out.", "cumul.", "influence.", "residuals.", "baujat.", "hc.", "radial.", "gosh.",
        "permutest.", "anova.", "vif.", "ls.", "robust.bcg.uni",
    )  # fmt: skip
    known = {name for name in reference.ids if name.startswith(mine)}
    assert len(known) == 24

"""Network meta-analysis against netmeta 3.3-1 and metafor 3.8-1."""

import numpy as np
import pytest

from review import arm_contrasts, network_meta, vcalc
from review.stats.networks.network_fit import network_sample
from review.stats.networks.ranking import p_scores
from review.stats.pooling.marginal_likelihood import log_likelihood

DATASETS = ("smokingcessation", "parkinson", "Woods2010", "Dong2013", "dietaryfat",
            "Franchini2012")  # fmt: skip
CLOSED = {"rel": 1e-8, "abs": 1e-10}


def square(values):
    """A table of the reference as numbers; its diagonal of p-values is empty."""
    return np.array(values, dtype=float)


@pytest.mark.parametrize("dataset", DATASETS)
def test_graph_theoretical_estimates(fitted, netmeta, dataset):
    fit, wanted = fitted(dataset), netmeta(f"nma.netmeta.{dataset}")
    assert fit.treatments == tuple(wanted["trts"])
    assert (fit.n, fit.k, fit.m, fit.d) == tuple(wanted[x] for x in ("n", "k", "m", "d"))
    assert fit.tau == pytest.approx(wanted["tau"], **CLOSED)
    assert pytest.approx(100 * wanted["I2"], **CLOSED) == fit.I2
    assert pytest.approx(wanted["Q"], **CLOSED) == fit.Q
    assert fit.df == wanted["df_Q"]
    assert fit.Qp == pytest.approx(wanted["pval_Q"], **CLOSED)
    for model in ("common", "random"):
        tables = fit.tables(model)
        assert tables.te == pytest.approx(square(wanted[f"TE_{model}"]), **CLOSED)
        assert tables.se == pytest.approx(square(wanted[f"se_{model}"]), **CLOSED)
    off = ~np.eye(fit.n, dtype=bool)
    assert fit.random.pval[off] == pytest.approx(square(wanted["p_random"])[off], **CLOSED)
    assert fit.random.pi_lb == pytest.approx(square(wanted["lower_predict"]), **CLOSED)
    assert fit.random.pi_ub == pytest.approx(square(wanted["upper_predict"]), **CLOSED)


@pytest.mark.parametrize("dataset", DATASETS)
def test_restricted_maximum_likelihood(fitted, netmeta, dataset):
    fit, wanted = fitted(dataset, method="REML"), netmeta(f"nma.REML.{dataset}")
    # the reference's search stops at 1e-6 and never reaches a tau of 0
    assert fit.tau2 == pytest.approx(wanted["tau"] ** 2, rel=1e-5, abs=1e-9)
    assert fit.random.te == pytest.approx(square(wanted["TE_random"]), rel=1e-6, abs=2e-7)
    assert fit.random.se == pytest.approx(square(wanted["se_random"]), rel=1e-6, abs=2e-7)
    # where the two differ, ours is the higher likelihood
    s = network_sample(fit.space)
    ours, theirs = (
        float(log_likelihood(s, np.asarray(t), restricted=True))
        for t in (fit.tau2, wanted["tau"] ** 2)
    )
    assert ours >= theirs


@pytest.mark.parametrize("dataset", DATASETS)
def test_p_scores(fitted, netmeta, dataset):
    fit, wanted = fitted(dataset, smaller_is_better=True), netmeta(f"nma.rank.{dataset}")
    for model in ("common", "random"):
        found = p_scores(fit.tables(model), smaller_is_better=True)
        assert found == pytest.approx(wanted[f"pscore_{model}"], **CLOSED)
    assert list(fit.p_scores.values()) == pytest.approx(wanted["pscore_random"], **CLOSED)


@pytest.mark.parametrize("dataset", DATASETS)
def test_direct_and_indirect_evidence(fitted, netmeta, dataset):
    fit, wanted = fitted(dataset), netmeta(f"nma.split.{dataset}")
    split = fit.node_split()
    at = {name: i for i, name in enumerate(fit.treatments)}
    row_of = {tuple(pair): r for r, pair in enumerate(split.pairs.tolist())}
    assert len(wanted["comparison"]) == len(split.comparisons)
    names = {"k": "k", "prop": "prop", "direct": "direct", "direct_se": "direct_se",
             "indirect": "indirect", "indirect_se": "indirect_se", "diff": "diff",
             "diff_se": "diff_se", "diff_p": "pval"}  # fmt: skip
    for r, comparison in enumerate(wanted["comparison"]):
        a, b = (at[name] for name in comparison.split(":"))
        row, turned = row_of[min(a, b), max(a, b)], a > b
        for theirs, ours in names.items():
            value = float(getattr(split, ours)[row])
            if turned and ours in {"direct", "indirect", "diff"}:
                value = -value
            expected = wanted[theirs][r]
            if expected is None:
                assert np.isnan(value), (comparison, theirs)
            else:
                assert value == pytest.approx(expected, rel=1e-8, abs=1e-9), (comparison, theirs)


@pytest.mark.parametrize("dataset", DATASETS)
def test_decomposition_of_q(fitted, netmeta, dataset):
    found, wanted = fitted(dataset).decomposition, netmeta(f"nma.decomp.{dataset}")
    whole = netmeta(f"nma.netmeta.{dataset}")
    assert [found.df, found.df_het, found.df_inc] == wanted["Q_decomp"]["df"]
    assert [found.Q, found.Q_het, found.Q_inc] == pytest.approx(wanted["Q_decomp"]["Q"], **CLOSED)
    tails = [found.pval, found.pval_het, found.pval_inc]
    assert tails == pytest.approx(wanted["Q_decomp"]["pval"], **CLOSED)
    assert [found.Q_het, found.Q_inc] == pytest.approx([whole["Q_het"], whole["Q_inc"]], **CLOSED)
    random = wanted["Q_inc_random"]
    assert found.Q_inc_random == pytest.approx(random["Q"], **CLOSED)
    assert found.pval_inc_random == pytest.approx(random["pval"], **CLOSED)
    assert np.sqrt(found.tau2_within) == pytest.approx(random["tau.within"], **CLOSED)
    designs = {frozenset(name.split(":")): i for i, name in enumerate(found.designs)}
    theirs = wanted["Q_het_design"]
    for name, q, df in zip(theirs["design"], theirs["Q"], theirs["df"], strict=True):
        i = designs[frozenset(name.split(":"))]
        assert found.Q_design[i] == pytest.approx(q, rel=1e-8, abs=1e-9)
        assert found.df_design[i] == df


@pytest.mark.parametrize("dataset", DATASETS)
def test_contributions_along_shortest_paths(fitted, netmeta, dataset):
    found, wanted = fitted(dataset).contribution(), netmeta(f"nma.contrib.{dataset}")
    assert [name.replace(" vs ", ":") for name in found.direct] == wanted["cols"]
    assert [name.replace(" vs ", ":") for name in found.rows] == wanted["rows"]
    assert found.matrix[0] == pytest.approx(wanted["first"], **CLOSED)
    assert found.matrix.sum(1) == pytest.approx(np.ones(len(found.rows)), rel=1e-12)


def as_mixed_model(fit, wanted):
    """Compare with the network as a multivariate mixed model (rma.mv)."""
    near = max(1e-6, wanted["opt_spread"])
    rows = [fit.coef_names.index(f"{n} vs {fit.reference}") for n in wanted["coef_names"]]
    assert fit.tau2 == pytest.approx(wanted["tau2"][0], rel=near)
    for name in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub"):
        assert getattr(fit, name)[rows] == pytest.approx(wanted[name], rel=near, abs=1e-6), name
    assert fit.vb[np.ix_(rows, rows)] == pytest.approx(np.array(wanted["vb"]), rel=near, abs=1e-9)
    assert pytest.approx(wanted["QE"], rel=1e-8) == fit.Q
    assert fit.Qp == pytest.approx(wanted["QEp"], rel=1e-7)
    assert pytest.approx(wanted["QM"], rel=near) == fit.QM
    assert pytest.approx(wanted["QMp"], rel=1e-5) == fit.QMp
    # the maximised likelihood is REML; the other moves with tau2's last digits
    assert fit.fit_ml.loglik == pytest.approx(wanted["ll_ml"], abs=1e-7)


def restricted_constant(fit, given, first, second):
    """Difference between log|X'X| / 2 of the design in contrasts and in our rows."""
    columns = [t for t in range(fit.n) if fit.treatments[t] != fit.reference]
    X = np.zeros((len(given["yi"]), fit.n))
    for i, (a, b) in enumerate(zip(given[first], given[second], strict=True)):
        X[i, fit.treatments.index(a)], X[i, fit.treatments.index(b)] = 1.0, -1.0
    theirs, ours = (x[:, columns] for x in (X, fit.space.X))
    return 0.5 * (np.linalg.slogdet(theirs.T @ theirs)[1] - np.linalg.slogdet(ours.T @ ours)[1])


def test_hasselblad_as_a_mixed_model(reference):
    entry = reference("nma.hasselblad")
    given, wanted = entry["inputs"], entry["results"]
    V = vcalc(given["vi"], given["study"], grp1=given["trt1"], grp2=given["trt2"])
    fit = network_meta(
        given["yi"], treat1=given["trt1"], treat2=given["trt2"], studlab=given["study"], V=V,
        reference="no_contact", method="REML",
    )  # fmt: skip
    as_mixed_model(fit, wanted)
    constant = restricted_constant(fit, given, "trt1", "trt2")
    assert fit.loglik + constant == pytest.approx(wanted["ll_reml"], abs=1e-8)


def test_senn_as_a_mixed_model(reference, arms):
    entry = reference("nma.senn.random")
    given, wanted = entry["inputs"], entry["results"]
    data = arms("senn2013")
    # two comparisons of Willms (1999) share the placebo arm: its variance is their covariance
    V = np.diag(given["vi"])
    i, j = (k for k, s in enumerate(given["study"]) if s == "Willms (1999)")
    arm = [s == "Willms (1999)" and t == "placebo"
           for s, t in zip(data["study"], data["treatment"], strict=True)].index(True)  # fmt: skip
    V[i, j] = V[j, i] = data["sdi"][arm] ** 2 / data["ni"][arm]
    options = {"reference": "placebo", "method": "REML"}
    fit = network_meta(
        given["yi"], treat1=given["t1"], treat2=given["t2"], studlab=given["study"], V=V, **options
    )
    as_mixed_model(fit, wanted)
    constant = restricted_constant(fit, given, "t1", "t2")
    assert fit.loglik + constant == pytest.approx(wanted["ll_reml"], abs=1e-8)
    made = arm_contrasts(
        "MD", "treatment", "study", mi="mi", sdi="sdi", ni="ni", data=data
    )  # fmt: skip
    as_mixed_model(network_meta(made, **options), wanted)

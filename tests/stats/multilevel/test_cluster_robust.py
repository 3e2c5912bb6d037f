"""Cluster-robust inference of both kinds of models, robust variance estimation, bootstrap."""

import numpy as np
import pytest

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    cluster_robust,
    linear_hypothesis,
    meta_analysis,
    meta_analysis_mv,
    robust,
    robust_variance,
    vcalc,
    wild_bootstrap,
)

KINDS = ("CR0", "CR1", "CR1S", "CR2", "CR3")


def check(fit, cluster, results, *, rel=1e-6):
    found = cluster_robust(fit, cluster)
    for name in ("beta", "se", "stat", "df", "pval", "vb"):
        assert getattr(found, name) == pytest.approx(np.array(results["CR2"][name]), rel=rel), name
    for name in ("ci_lb", "ci_ub"):
        wanted = np.array(results["CR2"][name])
        assert getattr(found, name) == pytest.approx(wanted, abs=rel * float(found.se.max()) * 10)
    for kind in KINDS:
        if f"vcov_{kind}" in results:
            wanted = np.array(results[f"vcov_{kind}"])
            assert cluster_robust(fit, cluster, kind).vb == pytest.approx(wanted, rel=rel), kind
    # the reference's own default is m/(m-p) with m - p degrees of freedom
    plain = cluster_robust(fit, cluster, "CR1p")
    assert plain.se == pytest.approx(results["CR1"]["se"], rel=rel)
    assert plain.df.tolist() == results["CR1"]["df"] * len(plain.df)
    assert plain.pval == pytest.approx(results["CR1"]["pval"], rel=10 * rel)
    return found


def test_three_levels_agree_with_clubsandwich(reference, schools):
    fit = meta_analysis_mv("yi", "vi", data=schools, random="~ 1 | district/school")
    check(fit, "district", reference("robust.konst.3level")["results"])


def test_univariate_model_agrees_with_clubsandwich(reference):
    d = reference("reg.bcg.ablat.REML.z")["inputs"]
    ablat = np.array(d["X"])[:, 1]
    fit = meta_analysis(d["yi"], d["vi"], ablat, test="z")
    found = check(fit, list(range(13)), reference("robust.bcg.uni")["results"])
    again = robust(fit, list(range(13)))
    assert again.vb == pytest.approx(found.vb, rel=1e-12)


@pytest.fixture(scope="module")
def che(assink):
    V = vcalc("vi", "study", obs="esid", data=assink, rho=0.6)
    return meta_analysis_mv("yi", V, data=assink, random="~ 1 | study/esid")


@pytest.fixture(scope="module")
def by_type(assink):
    V = vcalc("vi", "study", obs="esid", data=assink, rho=0.6)
    return meta_analysis_mv("yi", V, "~ deltype", assink, "~ 1 | study/esid")


def test_correlated_effects_agree_with_clubsandwich(reference, che, by_type):
    check(che, "study", reference("robust.assink.CHE")["results"])
    results = reference("robust.assink.CHE.deltype")["results"]
    found = check(by_type, None, results)  # the studies are the clusters by default
    F, (df1, df2) = found.QM, found.QM_df
    htz = results["HTZ"]
    assert (F, df1, df2) == pytest.approx((htz["F"], htz["df_num"], htz["df_denom"]), rel=1e-6)
    assert found.QMp == pytest.approx(htz["p"], rel=1e-6)
    joint = linear_hypothesis(found, ["deltype[general]", "deltype[overt]"])
    assert pytest.approx(F, rel=1e-9) == joint.QM
    assert any("not reliable" in note for note in found.notes)


def test_clubsandwich_of_metafor_5(multilevel):
    entry = multilevel("mv5.tannersmith.CHE")
    d = entry["inputs"]
    V = vcalc("vi", "studyid", data=d, rho=0.8)
    fit = meta_analysis_mv("yi", V, data=d, random="~ 1 | studyid/esid")
    found, wanted = cluster_robust(fit, "studyid"), entry["results"]["CR2"]
    assert (found.se[0], found.df[0], found.pval[0]) == pytest.approx(
        (wanted["se"][0], wanted["df"][0], wanted["p"][0]), rel=1e-6
    )
    results = multilevel("mv5.tannersmith.mod.CR")["results"]
    fit = meta_analysis_mv("yi", V, "~ aget1", d, "~ 1 | studyid/esid")
    for kind in KINDS:
        wanted = np.array(results[kind])
        assert cluster_robust(fit, "studyid", kind).vb == pytest.approx(wanted, rel=1e-6)
    found = cluster_robust(fit, "studyid")
    htz = results["HTZ"]
    assert (found.QM, found.QM_df[1], found.QMp) == pytest.approx(
        (htz["F"], htz["df"], htz["p"]), rel=1e-6
    )


@pytest.mark.parametrize("name", ["fine.AR", "fine.HAR", "bourassa"])
def test_clubsandwich_on_other_structures(multilevel, name):
    import json

    entry = multilevel(f"sweep.{name}")
    call = json.loads(entry["call"])
    mods = call["mods"].replace("0 +", "") + " - 1" if call["mods"] else None
    fit = meta_analysis_mv(
        "yi", "vi", mods, entry["inputs"], call["random"], call["struct"]
    )  # fmt: skip
    found = cluster_robust(fit, call["cluster"])
    assert found.se == pytest.approx(entry["results"]["cr2"]["se"], rel=1e-5)
    assert found.df == pytest.approx(entry["results"]["cr2"]["df"], rel=1e-5)


def test_the_robust_result_predicts_with_its_own_covariance(che):
    from review.stats.multilevel.robust_predict import predict_robust

    found = cluster_robust(che)
    p = predict_robust(found)
    assert p.ci_lb == pytest.approx(found.ci_lb)
    assert p.se == pytest.approx(found.se)
    from review.stats.ground.inference import critical_value

    half = critical_value(95, found.df) * np.sqrt(found.se**2 + che.sigma2.sum())
    assert p.pi_ub == pytest.approx(found.beta + half)


def test_wrong_clusters_are_named(made, che):
    crossed = meta_analysis_mv("y", "v", data=made, random=["~ 1 | study", "~ 1 | lab"])
    with pytest.raises(StatsError, match="effects of different clusters be correlated"):
        cluster_robust(crossed, "study")
    with pytest.raises(InputError, match="cluster has 3 values"):
        cluster_robust(che, [1, 2, 3])
    with pytest.raises(InputError, match="no value in row 2"):
        cluster_robust(che, [1, None, *range(98)])
    with pytest.raises(StatsError, match="needs at least 2 clusters"):
        cluster_robust(che, [1] * 100)
    with pytest.raises(UnknownNameError, match="CR2"):
        cluster_robust(che, "study", "HC3")
    with pytest.raises(UnknownNameError, match="stdy"):
        cluster_robust(che, "stdy")
    plain = meta_analysis([0.1, 0.5, 0.3], [0.1] * 3)
    with pytest.raises(InputError, match="name the clusters"):
        cluster_robust(plain)


def test_coarser_clusters_and_the_order_of_rows(made):
    fit = meta_analysis_mv("y", "v", data=made, random="~ 1 | study")
    town = [int(s[1:]) // 2 for s in made["study"]]
    found = cluster_robust(fit, town)
    assert found.n_clusters == 10
    order = np.random.default_rng(2).permutation(120)
    turned = {n: [c[i] for i in order] for n, c in made.items()}
    again = meta_analysis_mv("y", "v", data=turned, random="~ 1 | study")
    assert cluster_robust(again, [town[i] for i in order]).vb == pytest.approx(found.vb, rel=1e-7)


def test_correlated_effects_weights_agree_with_robumeta(reference, assink):
    for size in ("small", "large"):
        results = reference(f"robumeta.assink.CORR.{size}")["results"]
        found = robust_variance("yi", "vi", data=assink, cluster="study", small=size == "small")
        row = results["reg"]
        for name, key in (("beta", "b.r"), ("se", "SE"), ("stat", "t"), ("df", "dfs"),
                          ("pval", "prob"), ("ci_lb", "CI.L"), ("ci_ub", "CI.U")):  # fmt: skip
            assert getattr(found, name)[0] == pytest.approx(row[key], rel=1e-8), name
        assert found.tau2 == pytest.approx(results["tau_sq"], rel=1e-8)
        assert pytest.approx(results["I2"], rel=1e-8) == found.I2
    results = reference("robumeta.assink.reg")["results"]
    found = robust_variance("yi", "vi", "~ year", assink, "study")
    assert found.beta == pytest.approx(results["b"], rel=1e-8)
    assert found.se == pytest.approx(results["se"], rel=1e-8)
    assert found.df == pytest.approx(results["df"], rel=1e-8)
    assert found.tau2 == pytest.approx(results["tau_sq"], rel=1e-8)
    assert "rho = 0.8" in found.title
    assert "tau2" in found.summary()


def test_hierarchical_effects_weights_agree_with_robumeta(multilevel, assink):
    results = multilevel("robumeta.HIER")["results"]
    made = {n: results[n] for n in ("study", "yi", "vi", "year")}
    cases = (
        ("small", made, None, True), ("year_small", made, "~ year", True),
        ("year_large", made, "~ year", False), ("assink", assink, None, True),
        ("assink_year_large", assink, "~ year", False),
    )  # fmt: skip
    for name, data, mods, small in cases:
        found = robust_variance("yi", "vi", mods, data, "study", "HIER", small=small)
        wanted = results[name]
        for n, key in (("beta", "b"), ("se", "se"), ("df", "df"), ("pval", "p")):
            assert getattr(found, n) == pytest.approx(wanted[key], rel=1e-8), (name, n)
        assert found.tau2 == pytest.approx(wanted["tau2"], rel=1e-8, abs=1e-12)
        assert found.omega2 == pytest.approx(wanted["omega2"], rel=1e-8, abs=1e-12)


def test_robust_variance_leaves_out_gaps_and_names_wrong_input(made):
    y = [None, *made["y"][1:]]
    found = robust_variance("y", "v", data={**made, "y": y}, cluster="study")
    assert found.k == 119
    assert "row 1" in found.summary()
    with pytest.raises(InputError, match="cluster is missing"):
        robust_variance("y", "v", data=made)
    with pytest.raises(InputError, match="rho must be a number from 0 to 1"):
        robust_variance("y", "v", data=made, cluster="study", rho=1.2)
    with pytest.raises(UnknownNameError, match="CORR"):
        robust_variance("y", "v", data=made, cluster="study", weights="CHE")
    with pytest.raises(StatsError, match="1 studies and 1 coefficients"):
        robust_variance("y", "v", data={**made, "one": [1] * 120}, cluster="one")


def _brute(y, X, W, *, number, C, w):
    """Wald statistic with CR1 of effects y, from the definitions."""
    B = np.linalg.inv(X.T @ W @ X)
    b = B @ X.T @ W @ y
    e = y - X @ b
    scores = [X[j].T @ W[np.ix_(j, j)] @ e[j] for j in number]
    V = B @ sum(np.outer(s, s) for s in scores) @ B * w
    off = C @ b
    return float(off @ np.linalg.solve(C @ V @ C.T, off))


def test_all_signs_agree_with_refitting_each_sample():
    rng = np.random.default_rng(4)
    k, m = 27, 9
    data = {"s": np.repeat(np.arange(m), 3).tolist(), "v": rng.uniform(0.02, 0.2, k),
            "x": rng.normal(size=k)}  # fmt: skip
    data["y"] = rng.normal(0, 0.3, m)[data["s"]] + rng.normal(0, np.sqrt(data["v"]))
    fit = meta_analysis_mv("y", "v", "~ x", data, "~ 1 | s")
    found = wild_bootstrap(fit, "x", "s", multipliers="rademacher")
    assert found.exhaustive
    assert found.iterations == 2**m
    s = np.array(data["s"])
    W = np.linalg.inv(np.diag(data["v"]) + fit.sigma2[0] * (s[:, None] == s))
    X, y, C = fit.X, np.array(data["y"]), np.array([[0.0, 1.0]])
    number = [np.flatnonzero(s == j) for j in range(m)]
    settings = {"number": number, "C": C, "w": m / (m - 1)}
    observed = _brute(y, X, W, **settings)
    assert pytest.approx(observed, rel=1e-9) == found.F
    mean = (W.sum(0) @ y) / W.sum()
    e0 = y - mean
    larger = 0
    for b in range(2**m):
        sign = 1 - 2 * ((b >> np.arange(m)) & 1)
        larger += _brute(mean + sign[s] * e0, X, W, **settings) >= observed * (1 - 1e-9)
    assert found.pval == pytest.approx(larger / 2**m)
    assert found.error == 0


def test_drawn_multipliers_are_reproducible_and_close_to_all_signs(che):
    every = wild_bootstrap(
        meta_analysis_mv([0.3, 0.1, 0.6, 0.5, 0.2, 0.9, 0.4, 0.3, 0.7, 0.2], [0.05] * 10,
                         data={"s": list("aabbccddee")}, random="~ 1 | s"),
        multipliers="rademacher",
    )  # fmt: skip
    assert every.exhaustive
    assert any("no p-value below" in note for note in every.notes)
    a, b = (wild_bootstrap(che, seed=3, iterations=4000) for _ in range(2))
    assert (a.pval, a.seed, a.multipliers) == (b.pval, 3, "rademacher")
    assert 0 < a.error < 0.01
    webb = wild_bootstrap(che, seed=3, iterations=4000, multipliers="webb")
    assert webb.pval == pytest.approx(a.pval, abs=0.02)
    assert wild_bootstrap(che, seed=1, multipliers="mammen").pval < 0.05
    assert "seed 3" in a.summary()


def test_bootstraps_of_all_kinds_of_results(made):
    plain = meta_analysis("y", "v", "~ o", made)
    found = wild_bootstrap(plain, cluster="study", seed=1)
    assert found.df == 2
    rve = robust_variance("y", "v", "~ o", made, "study")
    assert wild_bootstrap(rve, seed=1).df == 2
    assert wild_bootstrap(rve, {"o[b]": 1, "o[c]": -1}, seed=1).hypotheses == ("o[b] - o[c] = 0",)
    with pytest.raises(InputError, match="clusters already"):
        wild_bootstrap(rve, cluster="study")
    with pytest.raises(UnknownNameError, match="multipliers"):
        wild_bootstrap(rve, multipliers="normal")
    with pytest.raises(UnknownNameError, match="coefficient"):
        wild_bootstrap(rve, "o[z]")
    with pytest.raises(InputError, match="iterations"):
        wild_bootstrap(rve, iterations=0)


def test_many_clusters_are_fast_and_small():
    rng = np.random.default_rng(1)
    k, m = 20_000, 4_000
    data = {"s": rng.integers(0, m, k), "e": np.arange(k), "v": rng.uniform(0.02, 0.3, k)}
    error = np.sqrt(0.6) * rng.normal(size=m)[data["s"]] + np.sqrt(0.4) * rng.normal(size=k)
    data["y"] = error * np.sqrt(data["v"]) + rng.normal(0, np.sqrt(0.05), k)
    V = vcalc("v", "s", rho=0.6, data=data)
    fit = meta_analysis_mv("y", V, data=data, random="~ 1 | s/e")
    found = cluster_robust(fit, "s")
    assert found.df[0] > 1000
    assert found.se[0] == pytest.approx(fit.se[0], rel=0.1)

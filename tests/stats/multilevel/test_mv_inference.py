"""Intervals of components, predicted effects, influence, shares: references and second methods."""

import numpy as np
import pytest

from review import InputError, StatsError, UnknownNameError, meta_analysis, meta_analysis_mv

NESTED = "~ 1 | district/school"


@pytest.fixture(scope="module")
def nested(schools):
    return meta_analysis_mv("yi", "vi", data=schools, random=NESTED)


@pytest.fixture(scope="module")
def outcomes(berkey):
    return meta_analysis_mv(
        "yi", np.array(berkey["V"]), "~ outcome - 1", berkey, "~ outcome | trial", "UN"
    )  # fmt: skip


def test_limits_are_where_the_profile_has_fallen_enough(nested, reference):
    found = nested.confint()
    results = reference("mv.konst.confint")["results"]
    # the only limit that the reference found
    upper = results["s2"][0][2]
    assert found["sigma2[district/school]"][2] == pytest.approx(upper, rel=1e-6)
    assert found["sigma[district/school]"][2] == pytest.approx(np.sqrt(upper), rel=1e-6)
    for name, row in (("district", 0), ("district/school", 1)):
        for limit in found[f"sigma2[{name}]"][1:]:
            held = [None, None]
            held[row] = limit
            fit = nested.update(sigma2=held)  # with the usual starts
            assert nested.loglik - fit.loglik == pytest.approx(3.841458820694124 / 2, abs=1e-6)
    wide = nested.confint("sigma2[district]", level=99)
    assert wide["sigma2[district]"][1] < found["sigma2[district]"][1]
    assert "99%" in wide.title


def test_the_profile_agrees_with_the_reference(nested, reference):
    results = reference("mv.konst.profile")["results"]
    found = nested.profile(0, values=results["sigma2"])
    for value, wanted in zip(found.loglik, results["ll"], strict=True):
        if wanted is not None:
            assert value == pytest.approx(wanted, abs=1e-7)
    assert (found.loglik < found.maximum).all()
    curve = nested.profile("sigma2[district]", steps=5)
    assert curve.to_frame().shape == (5, 2)


def test_one_component_agrees_with_the_univariate_profile(made):
    plain = meta_analysis("y", "v", data=made, method="REML")
    found = meta_analysis_mv("y", "v", data=made, random="~ 1 | id").confint()
    assert found["sigma2[id]"] == pytest.approx(plain.confint("PL").tau2, rel=1e-6)


def test_a_profile_of_a_correlation_is_the_highest_fit(outcomes, berkey):
    """At every correlation no pair of variances of a grid is higher."""
    found = outcomes.profile("rho[AL, PD]", values=[-1.0, -0.6, 0.0, 0.9])
    V, y = np.array(berkey["V"]), np.array(berkey["yi"])
    X = np.array([[o == "AL", o == "PD"] for o in berkey["outcome"]], dtype=float)
    trial, al = np.array(berkey["trial"]), X[:, 0] == 1
    same = trial[:, None] == trial

    def height(a, b, rho):
        sd = np.where(al, a, b)
        T = np.outer(sd, sd) * np.where(al[:, None] == al, 1.0, rho)
        W = np.linalg.inv(V + same * T)
        A = X.T @ W @ X
        r = y - X @ np.linalg.solve(A, X.T @ W @ y)
        logs = -np.linalg.slogdet(W)[1] + np.linalg.slogdet(A)[1] - np.linalg.slogdet(X.T @ X)[1]
        return -0.5 * (8 * np.log(2 * np.pi) + logs + r @ W @ r)

    grid = np.linspace(0.0, 0.5, 41)
    for rho, reached in zip(found.values, found.loglik, strict=True):
        best = max(height(a, b, rho) for a in grid for b in grid)
        assert reached >= best - 1e-9
        assert reached - best < 0.02  # the grid comes close


def test_a_correlation_that_the_data_do_not_limit_is_said(outcomes):
    found = outcomes.confint("rho[AL, PD]")
    assert found["rho[AL, PD]"][2] == 1.0
    assert "allow every correlation up to 1" in found.summary()


def test_wrong_components_are_named(nested):
    with pytest.raises(UnknownNameError, match=r"sigma2\[district\]"):
        nested.confint("sigma2[distric]")
    with pytest.raises(InputError, match="from 0 to 1"):
        nested.confint(2)
    with pytest.raises(InputError, match="a variance must be from 0"):
        nested.profile(0, values=[-1])
    held = nested.update(sigma2=[0.05, None])
    with pytest.raises(StatsError, match="given, not estimated"):
        held.confint(0)
    assert list(held.confint().names) == ["sigma2[district/school]", "sigma[district/school]"]


def test_predicted_effects_agree_with_the_reference(nested, outcomes, multilevel):
    results = multilevel("ranef.konst")["results"]
    found = nested.ranef()
    for name, key in (("district", "district"), ("district/school", "school")):
        part = found.of(name)
        assert part.pred == pytest.approx(results[key]["intrcpt"], abs=1e-6)
        assert part.se == pytest.approx(results[key]["se"], rel=1e-6)
        assert part.pi_lb == pytest.approx(results[key]["pi.lb"], abs=1e-6)
    results = multilevel("ranef.berkey")["results"]
    part = outcomes.ranef()
    order = [f"{i} | {u}" for u, i in zip(part.unit, part.inner, strict=True)]
    at = [order.index(n) for n in results["names"]]
    assert part.pred[at] == pytest.approx(results["pred"], abs=1e-5)
    assert part.se[at] == pytest.approx(results["se"], rel=1e-4)
    predicted = outcomes.predict([[1, 0]], levels="AL")
    assert predicted.pi_lb[0] == pytest.approx(results["predict"]["pi.lb"], abs=1e-5)
    with pytest.raises(UnknownNameError, match="random term"):
        found.of("town")


def test_predicted_effects_of_a_known_correlation(made):
    levels = sorted(set(made["lab"]))
    import pandas as pd

    M = 0.4 + 0.6 * np.eye(7)
    fit = meta_analysis_mv(
        "y", "v", data=made, random=["~ 1 | lab", "~ 1 | id"],
        R={"lab": pd.DataFrame(M, index=levels, columns=levels)},
    )  # fmt: skip
    Z = np.array(made["lab"])[:, None] == np.array(levels)
    s = fit.sigma2
    total = np.diag(np.array(made["v"]) + s[1]) + s[0] * Z @ M @ Z.T
    W, one = np.linalg.inv(total), np.ones((120, 1))
    P = W - W @ one @ one.T @ W / W.sum()
    G = s[0] * M
    found = fit.ranef().of("lab")
    assert found.pred == pytest.approx(G @ Z.T @ P @ np.array(made["y"]), abs=1e-9)
    assert found.se**2 == pytest.approx(np.diag(G - G @ Z.T @ P @ Z @ G), rel=1e-7)


def test_influence_of_clusters_agrees_with_the_reference(nested, reference, multilevel):
    results = reference("mv.maire_weights")["results"]
    found = nested.influence("district")
    for value, wanted in zip(found.cooks_d, results["cook"], strict=True):
        if wanted is not None:  # where the reference's own refit converged
            assert value == pytest.approx(wanted, rel=1e-6)
    wanted = multilevel("dfbetas.konst")["results"]["dfbetas"]
    assert found.dfbetas[:, 0] == pytest.approx(wanted, abs=2e-6)
    rows = nested.influence(np.arange(56))
    for value, wanted in zip(rows.resid, results["rstud"], strict=True):
        if wanted is not None:
            assert value == pytest.approx(wanted, abs=1e-6)
    kept = nested.influence(reestimate=False)
    results = multilevel("rstudent.konst.kept")["results"]
    assert pytest.approx(results["X2"], abs=1e-4) == kept.X2  # printed with these digits
    assert kept.cooks_d == pytest.approx(results["cook"], rel=1e-6)
    assert kept.df.tolist() == results["k"]
    assert "kept" in kept.title
    assert found.to_frame().shape[0] == 11


def test_leaving_out_is_fitting_the_rest(nested, schools):
    found = nested.influence("district")
    keep = [i for i, d in enumerate(schools["district"]) if d != 71]
    rest = {n: [c[i] for i in keep] for n, c in schools.items()}
    fit = meta_analysis_mv("yi", "vi", data=rest, random=NESTED)
    j = found.clusters.index("71")
    assert found.beta[j] == pytest.approx(fit.beta, rel=1e-6)
    assert found.vb[j] == pytest.approx(fit.vb, rel=1e-5)
    assert found.components[j] == pytest.approx(fit.sigma2, rel=1e-5)


def test_the_short_way_is_exact_where_effects_are_crossed(made):
    fit = meta_analysis_mv("y", "v", "~ x", made, ["~ 1 | study", "~ 1 | lab"])
    held = fit.update(sigma2=list(fit.sigma2))
    short, full = fit.influence("study", reestimate=False), held.influence("study")
    assert short.beta == pytest.approx(full.beta, rel=1e-8)
    assert short.vb == pytest.approx(full.vb, rel=1e-8)
    for j, name in enumerate(short.clusters):
        keep = [i for i, s in enumerate(made["study"]) if s != name]
        rest = {n: [c[i] for i in keep] for n, c in made.items()}
        again = meta_analysis_mv(
            "y", "v", "~ x", rest, ["~ 1 | study", "~ 1 | lab"], sigma2=list(fit.sigma2)
        )  # fmt: skip
        assert short.beta[j] == pytest.approx(again.beta, rel=1e-8)
        if j == 2:
            break


def test_clusters_that_alone_determine_a_coefficient_are_said(made):
    only = [float(s == "s3") for s in made["study"]]
    fit = meta_analysis_mv("y", "v", "~ only", {**made, "only": only}, "~ 1 | study")
    found = fit.influence()
    assert np.isnan(found.cooks_d[found.clusters.index("s3")])
    assert "cannot be fitted: s3" in found.summary()
    with pytest.raises(StatsError, match="one cluster only"):
        fit.influence([1] * 120)
    with pytest.raises(InputError, match="no value in row 1"):
        fit.influence([None, *range(119)])


def test_shares_of_two_levels(nested):
    shares = nested.I2
    v = nested.vi
    w = 1 / v
    typical = 55 / (w.sum() - (w**2).sum() / w.sum())
    total = nested.sigma2.sum() + typical
    wanted = [*(100 * nested.sigma2 / total), 100 * typical / total]
    assert shares.share[:3] == pytest.approx(wanted)
    assert shares.total == pytest.approx(sum(wanted[:2]))
    assert "district/school" in shares.summary()


def test_shares_by_level_where_variances_differ(outcomes):
    shares = outcomes.I2
    assert set(shares.effects) == {"AL", "PD"}
    assert np.isnan(shares.total)
    for level, tau2 in zip(("AL", "PD"), outcomes.tau2, strict=True):
        rows = [i for i, e in enumerate(shares.effects) if e == level]
        assert shares.variance[rows[0]] == pytest.approx(tau2)
        assert shares.share[rows[:2]].sum() == pytest.approx(100)


@pytest.mark.parametrize("figure", ["caterpillar", "profile", "funnel"])
def test_figures_can_be_drawn(nested, figure):
    drawn = getattr(nested.plot, figure)()
    assert drawn.data
    assert "profile" in dir(nested.plot)


def test_a_forest_plot_names_each_study_above_its_effects(nested):
    drawn = nested.plot.forest()
    assert drawn.table.rows[0].label == "11"
    assert "Total (REML, 56 effects, district: 11)" in [r.label for r in drawn.table.rows]
    points = nested.plot.caterpillar("district").data[0]
    assert list(points.x) == sorted(points.x)

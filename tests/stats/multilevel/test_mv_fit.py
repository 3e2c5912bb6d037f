"""Multilevel models: properties of the fit, options, notes, wrong input."""

import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    effect_size,
    likelihood_ratio_test,
    linear_hypothesis,
    meta_analysis,
    meta_analysis_mv,
)

CROSSED = ["~ 1 | study/id", "~ 1 | lab"]


def fit(data, **options):
    settings = {"random": CROSSED, "data": data} | options
    return meta_analysis_mv("y", "v", **settings)


def test_one_row_per_group_is_the_univariate_model(made):
    for method in ("REML", "ML"):
        one = meta_analysis_mv("y", "v", "~ x", made, "~ 1 | id", method=method)
        plain = meta_analysis("y", "v", "~ x", made, method=method, test="z")
        assert one.sigma2[0] == pytest.approx(plain.tau2, rel=1e-7)
        assert one.beta == pytest.approx(plain.beta, rel=1e-7)
        assert one.vb == pytest.approx(plain.vb, rel=1e-7)
        assert one.loglik == pytest.approx(plain.loglik, abs=1e-9)
        assert pytest.approx(plain.QE, rel=1e-10) == one.QE
        assert pytest.approx(plain.QM, rel=1e-7) == one.QM
        assert one.I2.total == pytest.approx(plain.I2, rel=1e-7)


def test_without_random_effects_it_is_the_equal_effects_model(made):
    one = meta_analysis_mv("y", "v", data=made)
    plain = meta_analysis("y", "v", data=made, method="EE")
    assert one.beta == pytest.approx(plain.beta)
    assert one.se == pytest.approx(plain.se)
    assert one.fit_ml.loglik == pytest.approx(plain.fit_ml.loglik)
    assert "no random effects" in one.summary()
    assert one.predict().pi_lb is None


def test_the_maximum_is_one_by_the_definition(made, dense):
    """No point of a grid around it is higher, with dense matrices."""
    found = fit(made)
    y, X = np.array(made["y"]), np.ones((120, 1))
    study, lab = np.array(made["study"]), np.array(made["lab"])
    patterns = [study[:, None] == study, np.eye(120), lab[:, None] == lab]

    def height(s):
        M = np.diag(made["v"]) + sum(v * E for v, E in zip(s, patterns, strict=True))
        return dense(y, X, M)[3]

    s = found.sigma2
    assert height(s) == pytest.approx(found.loglik, abs=1e-9)
    for j in range(3):
        for change in (0.98, 1.02):
            moved = s.copy()
            moved[j] *= change
            assert height(moved) < found.loglik


def test_row_order_and_names_do_not_matter(made):
    found = fit(made)
    order = np.random.default_rng(3).permutation(120)
    shuffled = {n: [c[i] for i in order] for n, c in made.items()}
    shuffled["lab"] = [f"x{name}" for name in shuffled["lab"]]
    again = fit(shuffled)
    assert again.beta == pytest.approx(found.beta, rel=1e-10)
    assert again.sigma2 == pytest.approx(found.sigma2, rel=1e-7)
    assert again.loglik == pytest.approx(found.loglik, abs=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_the_effects_does_not_matter(made, unit):
    found = fit(made)
    data = {**made, "y": np.array(made["y"]) * unit, "v": np.array(made["v"]) * unit**2}
    again = fit(data)
    assert again.beta == pytest.approx(found.beta * unit, rel=1e-8)
    assert again.sigma2 == pytest.approx(found.sigma2 * unit**2, rel=1e-6)
    assert again.optimum.converged


def test_a_common_shift_moves_the_average_alone(made):
    found, again = fit(made), fit({**made, "y": np.array(made["y"]) + 1e6})
    assert again.beta - 1e6 == pytest.approx(found.beta, abs=1e-8)
    assert again.sigma2 == pytest.approx(found.sigma2, rel=1e-5)


def test_raw_and_centred_years_are_one_model(made):
    year = 2000.0 + np.arange(120) % 17
    data = {**made, "year": year}
    raw = fit(data, mods="~ year + I(year^2)")
    centred = fit({**data, "year": year - 2008}, mods="~ year + I(year^2)")
    assert raw.loglik == pytest.approx(centred.loglik + 0.0, abs=1e-6)
    a, b = raw.predict([[2003.0, 2003.0**2]]), centred.predict([[-5.0, 25.0]])
    assert a.pred == pytest.approx(b.pred, rel=1e-8)
    assert a.se == pytest.approx(b.se, rel=1e-8)


def test_forms_of_the_covariance_are_one(berkey):
    V = np.array(berkey["V"])
    from scipy.sparse import csr_array

    blocks = [V[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] for i in range(5)]
    wanted = None
    for form in (V, V.tolist(), blocks, csr_array(V), pd.DataFrame(V)):
        found = meta_analysis_mv("yi", form, "~ outcome - 1", berkey, "~ outcome | trial", "UN")
        wanted = found if wanted is None else wanted
        assert found.loglik == pytest.approx(wanted.loglik, abs=1e-12)
        assert found.V.parts.m == 5


def test_rows_with_gaps_are_left_out_and_listed(berkey):
    V = np.array(berkey["V"])
    data = {**berkey, "yi": [None, *berkey["yi"][1:]]}
    found = meta_analysis_mv("yi", V, "~ outcome - 1", data, "~ outcome | trial", "UN")
    keep = np.arange(1, 10)
    rest = {n: [berkey[n][i] for i in keep] for n in ("yi", "outcome", "trial")}
    again = meta_analysis_mv(
        "yi", V[np.ix_(keep, keep)], "~ outcome - 1", rest, "~ outcome | trial", "UN"
    )  # fmt: skip
    assert found.k == 9
    assert [str(row) for row in found.left_out] == ["row 1: no effect"]
    assert found.loglik == pytest.approx(again.loglik, abs=1e-10)
    assert "left out: row 1: no effect" in found.summary()
    assert found.to_dict()["left_out"][0]["row"] == 1
    gap = V.copy()
    gap[3] = gap[:, 3] = np.nan
    assert meta_analysis_mv("yi", gap, data=berkey, random="~ 1 | trial").k == 9


def test_effect_sizes_and_tables_are_taken_as_they_are(made):
    effects = effect_size(
        "RR", ai=[4, 6, 3, 62, 33, 180], n1i=[123, 306, 231, 13598, 5069, 1541],
        ci=[11, 29, 11, 248, 47, 372], n2i=[139, 303, 220, 12867, 5808, 1451],
    )  # fmt: skip
    data = {"lab": list("aabbcc")}
    found = meta_analysis_mv(effects, data=data, random="~ 1 | lab")
    assert (found.measure, found.transf) == ("RR", "exp")
    assert "risk ratio" in found.report_text()
    table = pd.DataFrame({"yi": effects.yi, "vi": effects.vi, **data})
    assert meta_analysis_mv(table, random="~ 1 | lab").beta == pytest.approx(found.beta)


def test_values_can_be_held_fixed(made):
    free = fit(made)
    held = fit(made, sigma2=list(free.sigma2))
    assert held.loglik == pytest.approx(free.loglik, abs=1e-10)
    assert held.beta == pytest.approx(free.beta, rel=1e-9)
    assert pytest.approx(free.fit.AIC - 6) == held.fit.AIC  # three parameters fewer
    one = fit(made, sigma2=[None, 0, None])
    assert one.sigma2[1] == 0.0
    assert one.loglik <= free.loglik
    assert one.components[1].fixed
    assert "fixed" in one.summary()
    two = meta_analysis_mv(
        "y", "v", data=made, random="~ o | study", struct="UN", tau2=[None, 0.1, None], rho=0.3
    )  # fmt: skip
    assert two.tau2[1] == pytest.approx(0.1)
    assert two.rho == pytest.approx([0.3, 0.3, 0.3])
    with pytest.raises(InputError, match="sigma2 gives 2 values; the model has 3"):
        fit(made, sigma2=[0.1, 0.2])
    with pytest.raises(InputError, match="a variance must be from 0"):
        fit(made, sigma2=[-1, None, None])
    with pytest.raises(InputError, match="those of one level with others"):
        meta_analysis_mv(
            "y", "v", data={**made, "o": (["a", "b", "c", "d"] * 30)}, random="~ o | study",
            struct="UN", rho=[0.1, None, None, None, None, 0.2],
        )  # fmt: skip


def test_several_structured_terms(made):
    found = meta_analysis_mv(
        "y", "v", data=made, random=["~ o | study", "~ t | lab", "~ 1 | id"], struct=["DIAG", "AR"]
    )
    assert (found.tau2.size, found.rho.size) == (3, 0)
    assert (found.gamma2.size, found.phi.size, found.sigma2.size) == (1, 1, 1)
    names = [c.name for c in found.components]
    assert names == ["tau2[a]", "tau2[b]", "tau2[c]", "gamma2", "phi", "sigma2[id]"]


def test_a_search_that_meets_several_ends_says_so(multilevel):
    entry = multilevel("sweep.begg")
    call = json.loads(entry["call"])
    found = meta_analysis_mv(
        "yi", "vi", "~ trt - 1", entry["inputs"], call["random"], call["struct"]
    )  # fmt: skip
    assert found.optimum.maxima > 1
    assert found.optimum.starts[0] == max(found.optimum.starts)
    assert found.optimum.starts[0] - found.optimum.starts[-1] > 1e-3
    assert any("different heights" in note for note in found.notes)


def test_a_correlation_of_effects_without_variance_is_said_to_be_undetermined(multilevel):
    entry = multilevel("sweep.kalaian.CS.ML")
    found = meta_analysis_mv(
        "yi", "vi", "~ outcome - 1", entry["inputs"], "~ outcome | study", "CS", "ML"
    )  # fmt: skip
    assert found.tau2[0] == pytest.approx(0.0, abs=1e-8)
    assert found.optimum.flat == ("rho[math, verbal]",)
    assert any("do not determine rho[math, verbal]" in note for note in found.notes)


def test_levels_follow_numbers_letters_or_categories(made):
    data = {**made, "t": pd.Series(pd.Categorical(made["t"], categories=[4, 3, 2, 1, 0]))}
    turned = meta_analysis_mv("y", "v", data=data, random="~ t | study", struct="HAR")
    plain = meta_analysis_mv("y", "v", data=made, random="~ t | study", struct="HAR")
    assert turned.tau2 == pytest.approx(plain.tau2[::-1], rel=1e-5, abs=1e-8)
    assert turned.loglik == pytest.approx(plain.loglik, abs=1e-8)
    numbers = {**made, "t": [10 * t for t in made["t"]]}  # 0, 10, 20 and not 0, 10, 100, 20
    names = [c.level for c in meta_analysis_mv(
        "y", "v", data=numbers, random="~ t | study", struct="DIAG"
    ).components]  # fmt: skip
    assert names == ["0", "10", "20", "30", "40"]


def test_times_count_as_they_are_in_continuous_time(made):
    slow = meta_analysis_mv("y", "v", data=made, random="~ t | study", struct="CAR")
    fast = meta_analysis_mv(
        "y", "v", data={**made, "t": [12 * t for t in made["t"]]}, random="~ t | study",
        struct="CAR",
    )  # fmt: skip
    assert fast.rho[0] ** 12 == pytest.approx(slow.rho[0], rel=1e-5)
    assert fast.loglik == pytest.approx(slow.loglik, abs=1e-9)


def test_predictions_and_their_levels(made):
    found = fit(made, test="t", dfs="contain")
    one = found.predict()
    assert one.heterogeneity[0] == pytest.approx(found.sigma2.sum())
    assert one.pi_lb[0] < one.ci_lb[0] < one.pred[0] < one.ci_ub[0] < one.pi_ub[0]
    assert (found.pi_lb, found.pi_ub) == (one.pi_lb[0], one.pi_ub[0])
    assert found.predict(level=90).ci_lb[0] > one.ci_lb[0]
    assert found.predict(transf="exp").pred[0] == pytest.approx(np.exp(one.pred[0]))
    outcome = meta_analysis_mv("y", "v", "~ o - 1", made, "~ o | study", "UN")
    rows = outcome.predict()
    assert len(rows) == 120
    assert rows.levels == tuple(made["o"])
    named = outcome.predict([[1, 0, 0], [0, 0, 1]], levels=["a", "c"], addx=True)
    assert named.heterogeneity == pytest.approx(outcome.tau2[[0, 2]])
    assert list(named.to_frame().columns)[-4:] == ["inner", *outcome.coef_names]
    without = outcome.predict([[1, 0, 0], [0, 0, 1]])
    assert without.pi_lb is None
    assert "levels=" in without.missing
    with pytest.raises(UnknownNameError, match="level 'z'"):
        outcome.predict([[1, 0, 0]], levels="z")
    alone = meta_analysis_mv("y", "v", data=made, random="~ o | study", struct="UN")
    assert len(alone.predict()) == 3  # one interval for each level


def test_texts_tables_and_dictionaries_hold_the_same_numbers(made):
    found = fit(made, mods="~ x", test="t", measure="SMD", slab=[f"e{i}" for i in range(120)])
    text, report = found.summary(), found.report_text()
    for c in found.components:
        assert f"{c.name}" in text
        assert f"{c.value:.4f}" in text
        assert f"{c.value:.4f}" in report
    assert f"{found.beta[1]:.4f}" in text
    assert "t tests" in report
    assert "Sampling errors were taken to be independent" in report
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["components"][0]["groups"] == 20
    assert plain["optimum"]["converged"] is True
    assert plain["coefficients"][1]["beta"] == found.beta[1]
    assert found.to_frame().shape == (2, 6)
    assert found.to_frame("components").shape[0] == 3
    effects = found.to_frame("effects")
    assert list(effects.index[:2]) == ["e0", "e1"]
    assert {"study", "lab", "x"} <= set(effects.columns)
    assert "sigma2[lab]" in repr(found)
    assert found.update(method="ML").method == "ML"
    with pytest.raises(UnknownNameError, match="argument 'metod'"):
        found.update(metod="ML")


def test_likelihood_ratio_tests(made):
    full, less = fit(made), fit(made, random="~ 1 | study/id")
    found = likelihood_ratio_test(full, less)
    assert found.df == 1
    assert pytest.approx(2 * (full.loglik - less.loglik)) == found.LRT
    assert "edge of its range" in found.summary()
    with pytest.raises(StatsError, match="ML"):
        likelihood_ratio_test(fit(made, mods="~ x"), fit(made))
    by_ml = likelihood_ratio_test(fit(made, mods="~ x", method="ML"), fit(made, method="ML"))
    assert by_ml.df == 1
    assert not by_ml.notes
    correlated = meta_analysis_mv(
        "y", np.diag(made["v"]) + 0.001, data=made, random="~ 1 | study"
    )  # fmt: skip
    with pytest.raises(StatsError, match="different studies"):
        likelihood_ratio_test(full, correlated)


def test_linear_hypotheses(made):
    found = fit(made, mods="~ o", test="t", dfs="contain")
    joint = linear_hypothesis(found, ["o[b]", "o[c]"])
    assert pytest.approx(found.QM, rel=1e-10) == joint.QM
    assert joint.QM_df == (2.0, found.QM_df[1])
    assert joint.df == pytest.approx(found.ddf[1:])


def test_time_and_memory_grow_with_the_clusters():
    rng = np.random.default_rng(1)
    k, m = 20_000, 4_000
    study, v = rng.integers(0, m, k), rng.uniform(0.02, 0.3, k)
    data = {"s": study, "e": np.arange(k), "lab": rng.integers(0, 40, k), "v": v}
    data["y"] = rng.normal(0, 0.3, m)[study] + rng.normal(0, np.sqrt(v + 0.04))
    tracemalloc.start()
    found = meta_analysis_mv("y", "v", data=data, random=["~ 1 | s/e", "~ 1 | lab"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.2e9  # a k x k matrix takes 3.2e9
    assert found.optimum.converged
    assert found.sigma2[:2] == pytest.approx([0.09, 0.04], abs=0.02)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"random": "~ 1 | nowhere"}, UnknownNameError, "column 'nowhere'"),
        ({"random": "study"}, InputError, "write '~ 1 | study'"),
        ({"random": "~ 1 |"}, InputError, "both sides"),
        ({"random": "~ o | study/lab"}, InputError, "one outer variable"),
        ({"random": ["~ 1 | lab", "~ 1 | lab"]}, InputError, "twice"),
        ({"random": "~ o | study", "struct": "XY"}, UnknownNameError, "struct 'XY'"),
        ({"random": "~ o | study", "struct": ["CS", "UN"]}, InputError, "names 2 structures"),
        ({"method": "DL"}, UnknownNameError, "method 'DL'"),
        ({"test": "knha"}, UnknownNameError, "test 'knha'"),
        ({"dfs": "kenward"}, UnknownNameError, "dfs 'kenward'"),
        ({"level": 0}, InputError, "level"),
        ({"R": {"x": np.eye(3)}}, UnknownNameError, "random intercept 'x'"),
        ({"R": {"lab": np.eye(3)}}, InputError, "7 x 7"),
        ({"random": "~ o | study", "struct": "CAR"}, InputError, "needs times as numbers"),
    ],
)
def test_wrong_arguments_are_named(made, change, error, said):
    with pytest.raises(error, match=said):
        fit(made, **change)
    with pytest.raises(InputError, match="pass them as data="):
        meta_analysis_mv([0.1, 0.2], [0.1, 0.1], random="~ 1 | study")


def test_a_known_correlation_that_does_not_fit_is_named(made):
    levels = sorted(set(made["lab"]))
    good = pd.DataFrame(0.5 + 0.5 * np.eye(7), index=levels, columns=levels)
    for R, said in (
        (good.iloc[1:, 1:], "lacks the levels lab 0"),
        (good.rename(columns={"lab 1": "x"}), "the same levels"),
        (good.where(~np.eye(7, dtype=bool), np.nan), "missing or infinite"),
        (good * -1, "diagonal"),
        (good.mask(np.eye(7, dtype=bool), 1.0).where(np.eye(7, dtype=bool), -0.5), "eigenvalue"),
    ):
        with pytest.raises((InputError, StatsError), match=said):
            fit(made, R={"lab": R})
    skewed = good.copy()
    skewed.iloc[0, 1] = 0.1
    with pytest.raises(InputError, match="not symmetric"):
        fit(made, R={"lab": skewed})
    as_mapping = {a: {b: good.loc[a, b] for b in levels} for a in levels}
    again, frame = fit(made, R={"lab": as_mapping}), fit(made, R={"lab": good})
    assert again.loglik == pytest.approx(frame.loglik, abs=1e-10)


def test_bad_covariances_name_their_rows(made):
    v = np.array(made["v"])
    V = np.diag(v)
    V[4, 7] = V[7, 4] = 1.5 * np.sqrt(v[4] * v[7])
    with pytest.raises(StatsError, match=r"not positive definite in the block of the rows 5, 8:"):
        meta_analysis_mv("y", V, data=made, random="~ 1 | study")
    with pytest.raises(StatsError, match=r"rows 5 \(e4\), 8 \(e7\)"):
        meta_analysis_mv(
            "y", V, data=made, random="~ 1 | study", slab=[f"e{i}" for i in range(120)]
        )  # fmt: skip
    V[4, 7] = V[7, 4] = np.sqrt(v[4] * v[7])  # errors correlated by 1
    with pytest.raises(StatsError, match="rows 5, 8"):
        meta_analysis_mv("y", V, data=made, random="~ 1 | study")
    V[4, 7] = 0.01
    with pytest.raises(InputError, match="not symmetric: rows 5 and 8"):
        meta_analysis_mv("y", V, data=made, random="~ 1 | study")
    V[4, 7] = V[7, 4] = np.nan
    with pytest.raises(StatsError, match="missing or infinite covariance among the rows 5, 8"):
        meta_analysis_mv("y", V, data=made, random="~ 1 | study")
    with pytest.raises(InputError, match="V has 3 rows, but there are 120 effects"):
        meta_analysis_mv("y", np.eye(3), data=made, random="~ 1 | study")
    with pytest.raises(InputError, match="block 2 of V is 1 x 2"):
        meta_analysis_mv("y", [np.eye(2), np.ones((1, 2))], data=made)
    with pytest.raises(InputError, match="square"):
        meta_analysis_mv("y", np.ones((120, 2)), data=made)
    with pytest.raises(StatsError, match="row 3"):
        meta_analysis_mv("y", [0.1, 0.1, 0.0, *v[3:]], data=made, random="~ 1 | study")
    with pytest.raises(InputError, match="pass V"):
        meta_analysis_mv("y", data=made)


def test_groups_with_gaps_name_the_rows(made):
    study = made["study"].copy()
    study[3], study[10] = None, " "
    with pytest.raises(InputError, match="'study' has no value in row 4, 11: every row needs"):
        fit({**made, "study": study})
    y = made["y"].copy()
    y[3] = y[10] = None  # rows that are left out need no group
    assert fit({**made, "study": study, "y": y}).k == 118


@pytest.mark.parametrize(
    ("columns", "options", "said"),
    [
        ({"one": ["x"] * 120}, {"random": "~ 1 | one"}, r"one level only \(x\)"),
        ({"id2": list(range(120))}, {"random": ["~ 1 | id", "~ 1 | id2"]}, "the same way"),
        ({"one": ["x"] * 120}, {"random": "~ one | study"}, r"one has one level \(x\)"),
        ({}, {"random": "~ o | id", "struct": "CS"}, "no id has rows of two levels of o"),
        (
            {"o": ["a", "b"] * 59 + ["c", "a"], "p": [i // 2 for i in range(120)]},
            {"random": "~ o | p", "struct": "HCS"},
            "level 'c' of o occurs in one p only",
        ),
        (
            {"o": ["a", "b", "a", "c"] * 30, "p": [i // 2 for i in range(120)]},
            {"random": "~ o | p", "struct": "UN"},
            "never occur in the same p.*b with c",
        ),
    ],
)
def test_what_the_rows_cannot_tell_apart_is_named(made, columns, options, said):
    with pytest.raises(StatsError, match=said):
        meta_analysis_mv("y", "v", data={**made, **columns}, **options)


def test_too_few_rows_are_refused():
    with pytest.raises(StatsError, match="leave nothing to estimate"):
        meta_analysis_mv([0.1, 0.3], [0.1, 0.1], [1, 2], {"s": ["a", "b"]}, "~ 1 | s")
    with pytest.raises(StatsError, match="no degrees of freedom"):
        meta_analysis_mv(
            [0.1, 0.2, 0.3, 0.1], [0.1] * 4, [1, 2, 3, 5], {"s": list("aabb")}, "~ 1 | s",
            test="t", dfs="contain",
        )  # fmt: skip


def test_notes_say_what_weakens_a_result(made):
    found = fit(made, random="~ 1 | lab")
    assert any("rests on 7 groups" in note for note in found.notes)
    assert any("z tests are too optimistic" in note for note in found.notes)
    assert not any("z tests" in note for note in fit(made, test="t").notes)
    shared = meta_analysis_mv("y", "v", data=made, random="~ o | study", struct="CS")
    assert any("repeat a level of o within a study" in note for note in shared.notes)


def test_moments_need_one_unstructured_term(made):
    with pytest.raises(StatsError, match="struct='UN' and no other"):
        fit(made, method="MM")
    with pytest.raises(StatsError, match="one row for each level"):
        meta_analysis_mv("y", "v", data=made, random="~ o | study", struct="UN", method="MM")


def test_moments_of_one_level_less_are_dersimonian_lairds(made):
    """Where levels are independent and of equal design, each variance is a univariate estimate."""
    study = [i // 2 for i in range(120)]
    data = {**made, "o": ["a", "b"] * 60, "study": study}
    found = meta_analysis_mv("y", "v", "~ o - 1", data, "~ o | study", "UN", "MM")
    for j, level in enumerate("ab"):
        keep = [i for i, o in enumerate(data["o"]) if o == level]
        alone = meta_analysis([made["y"][i] for i in keep], [made["v"][i] for i in keep],
                              method="DL")  # fmt: skip
        assert found.tau2[j] == pytest.approx(alone.tau2, rel=1e-8)

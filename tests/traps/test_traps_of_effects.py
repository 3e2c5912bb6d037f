"""Effects and pooled results where packages of the field differ from what their names promise."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import review
from review.workflow.pooling.csv_input import from_csv

Y = np.array([0.10, 0.30, 0.35, 0.65, 0.45, 0.15])
V = np.array([0.03, 0.03, 0.05, 0.01, 0.05, 0.02])
CALM = (np.array([0.10, 0.12, 0.11, 0.09]), np.array([0.04, 0.05, 0.03, 0.06]))


@pytest.mark.trap(
    "statsmodels 0.15.0",
    "tau2 by DerSimonian and Laird falls below 0: its standard error is nan, I2 -31085 %",
)
def test_variances_between_studies_are_not_negative():
    """tau2 and I2 end at 0, and the result is that of the common effect."""
    yi, vi = CALM
    found = review.meta_analysis(yi, vi, method="DL", test="z")
    assert (found.tau2, found.I2) == (0, 0)
    assert found.se[0] == pytest.approx(float(np.sum(1 / vi) ** -0.5), rel=1e-12)


@pytest.mark.trap(
    "metafor 3.8-1",
    "with test=knha the standard error may be 17.7 times smaller than that of the common effect",
)
@pytest.mark.trap(
    "metafor 3.8-1",
    "the Q-profile interval of tau2 may be the empty set, printed <0.0000 to <0.0000",
)
def test_a_test_that_narrows_the_interval_is_said():
    """Less spread than chance allows: a note about the interval, and a flagged interval of tau2."""
    yi, vi = CALM
    found = review.meta_analysis(yi, vi, test="knha")
    common = float(np.sum(1 / vi) ** -0.5)
    assert common / found.se[0] == pytest.approx(17.7, abs=0.05)
    assert any("narrower" in n or "adhoc" in n or "smaller" in n for n in found.notes)
    assert found.confint().null_set


@pytest.mark.trap(
    "PyMARE 0.0.13",
    "the column z-score is the normal score of a t: -3.10 for t(12) = -3.95",
)
@pytest.mark.trap(
    "PyMARE 0.0.13",
    "defaults are tau2 by ML with an interval by Knapp and Hartung's t",
)
def test_the_statistic_is_estimate_by_standard_error():
    """With a t test the statistic is t, with its degrees of freedom; the default tau2 is REML's."""
    found = review.meta_analysis(Y, V)
    assert found.method == "REML"
    assert found.stat[0] == pytest.approx(found.beta[0] / found.se[0], rel=1e-12)
    assert found.pval[0] == pytest.approx(2 * stats.t.sf(abs(found.stat[0]), 5), rel=1e-9)


@pytest.mark.trap("PyMARE 0.0.13", "method=PM is a KeyError; there is no Paule-Mandel estimate")
@pytest.mark.trap(
    "metafor 3.8-1",
    "PM and EB, one estimate by two ways, differ in the fifth digit by the default tolerances",
)
def test_paule_mandel_is_the_empirical_bayes_estimate():
    """Both solve the same equation, to the last digits."""
    one, two = (review.meta_analysis(Y, V, method=m).tau2 for m in ("PM", "EB"))
    assert one == pytest.approx(two, rel=1e-9)
    w = 1 / (V + one)
    assert float(w @ (Y - w @ Y / w.sum()) ** 2) == pytest.approx(5, rel=1e-9)


@pytest.mark.trap(
    "pimeta 1.1.0",
    "pimeta.predict(r) gives z intervals for a model whose own are by t",
)
@pytest.mark.trap(
    "PyMetaAnalysis 0.9.0",
    "the prediction interval is by t(k-2), the confidence interval by z",
)
@pytest.mark.trap(
    "metafor 3.8-1",
    "the prediction interval is by z for test=z: three tools, three intervals",
)
def test_predictions_follow_the_test_of_the_model():
    """The interval is the fit's; the kind of prediction interval is a choice that is said."""
    found = review.meta_analysis(Y, V, test="knha")
    predicted = found.predict()
    assert float(np.ravel(predicted.ci_lb)[0]) == pytest.approx(found.ci_lb[0], rel=1e-12)
    for kind, quantile in (("default", stats.norm.ppf(0.975)), ("Riley", stats.t.ppf(0.975, 4))):
        model = review.meta_analysis(Y, V, test="z")
        low = float(np.ravel(model.predict(pi_type=kind).pi_lb)[0])
        spread = math.sqrt(model.tau2 + model.se[0] ** 2)
        assert low == pytest.approx(model.beta[0] - quantile * spread, rel=1e-9)


@pytest.mark.trap(
    "pimeta 1.1.0",
    "escalc drops studies without events by default; AS adds 0.5 to each cell",
)
def test_double_zero_studies_and_the_arcsine_difference():
    """Both studies have an odds ratio, said; asin(sqrt(0)) - asin(sqrt(0.3)) needs no 0.5."""
    odds = review.effect_size("OR", ai=[4, 0], bi=[119, 10], ci=[11, 0], di=[128, 10])
    assert np.isfinite(odds.yi).all()
    assert odds.yi[1] == 0
    arcsine = review.effect_size("AS", ai=[0], bi=[10], ci=[3], di=[7])
    assert arcsine.yi[0] == pytest.approx(-math.asin(math.sqrt(0.3)), rel=1e-12)
    assert arcsine.vi[0] == pytest.approx(1 / 40 + 1 / 40, rel=1e-12)


@pytest.mark.trap(
    "pimeta 1.1.0",
    "SMDH has the variance of metafor 4 and later, not that of 3.8-1 (0.1281)",
)
def test_formulas_of_either_version_are_named():
    """The convention is a choice, and said."""
    cells = {"m1i": [10.0], "sd1i": [2.0], "n1i": [20], "m2i": [9.0], "sd2i": [3.0], "n2i": [15]}
    old, new = (review.effect_size("SMDH", convention=c, **cells) for c in ("3.8", "5.1"))
    assert (round(old.vi[0], 4), old.conventions) == (0.1281, "metafor 3.8")
    assert (round(new.vi[0], 4), new.conventions) == (0.1342, "metafor 5.1")


@pytest.mark.trap(
    "metafor 3.8-1",
    "rma.mh: a double-zero study counts in k, not in the degrees of freedom of Q",
)
@pytest.mark.trap("metapipe-kit 0.1.0", "Mantel-Haenszel adds 0.5 to a table without events: 2.509")
@pytest.mark.trap("PythonMeta 1.26", "a double-zero study ends Mantel-Haenszel with an error")
def test_mantel_haenszel_of_tables_without_events():
    """They carry no information: the odds ratio is that of the other tables, Q has their df."""
    three = {"ai": [0, 5, 0], "bi": [10, 5, 20], "ci": [0, 3, 2], "di": [12, 9, 18]}
    found = review.mantel_haenszel("OR", **three)
    assert (found.QE_df, round(found.QE, 4), round(found.QEp, 4)) == (1, 2.4196, 0.1198)
    two = review.mantel_haenszel("OR", ai=[0, 5], bi=[20, 15], ci=[0, 2], di=[20, 18])
    assert math.exp(two.beta[0]) == pytest.approx(5 * 18 / (15 * 2), rel=1e-12)


@pytest.mark.trap("metapipe-kit 0.1.0", "two odds ratios of 1 are pooled to 1 with p = 0.012")
def test_an_effect_of_nothing_has_a_p_value_of_one():
    """ln 1 is 0, and its p-value 1."""
    same = review.effect_size("OR", ai=[10, 8], bi=[20, 22], ci=[10, 8], di=[20, 22])
    found = review.meta_analysis(same, method="EE", test="z")
    assert (found.beta[0], found.pval[0]) == (0, 1)


@pytest.mark.trap(
    "metapipe-kit 0.1.0",
    "Begg's tau of six studies is 0.0716 by a covariance of its own",
)
@pytest.mark.trap(
    "pimeta 1.1.0",
    "egger_test is another model than its name says, and its stat that of the slope",
)
def test_tests_of_asymmetry_by_their_papers():
    """Kendall's tau of standardised deviations (Begg and Mazumdar 1994), and Egger's intercept."""
    average = float(np.sum(Y / V) / np.sum(1 / V))
    spread = V - 1 / np.sum(1 / V)
    expected = stats.kendalltau((Y - average) / np.sqrt(spread), V).statistic
    assert review.rank_test(Y, V).tau == pytest.approx(expected, rel=1e-9)
    se = np.sqrt(V)
    line = stats.linregress(1 / se, Y / se)
    egger = review.regression_test(Y, V, model="lm")
    assert egger.stat == pytest.approx(line.intercept / line.intercept_stderr, rel=1e-9)


@pytest.mark.trap(
    "metapipe-kit 0.1.0",
    "subgroups: Q between is the same for fixed and random effects",
)
@pytest.mark.trap("metapipe-kit 0.1.0", "a meta-regression of six studies has tau2 0 and R2 1")
def test_subgroups_and_moderators_follow_the_model():
    """Q between depends on the model; residual tau2 solves its equation."""
    groups = ["a", "a", "a", "b", "b", "b"]
    found = [review.subgroup_analysis(Y, V, by=groups, method=m).QM for m in ("REML", "EE")]
    assert abs(found[0] - found[1]) > 0.1
    x = np.array([3.0, 1, 4, 1, 5, 9])
    fit = review.meta_analysis(Y, V, mods=x, method="PM")
    design = np.column_stack([np.ones(6), x])
    w = np.diag(1 / (V + fit.tau2))
    beta = np.linalg.solve(design.T @ w @ design, design.T @ w @ Y)
    assert fit.tau2 == 0 or float((Y - design @ beta) @ w @ (Y - design @ beta)) == pytest.approx(4)
    assert fit.beta == pytest.approx(beta, rel=1e-9)


@pytest.mark.trap(
    "statsmodels 0.15.0",
    "Table2x2 adds 0.5 to an empty cell alone: an odds ratio of 0.05",
)
@pytest.mark.trap(
    "PythonMeta 1.26",
    "a risk difference with an empty cell is -0.0976 instead of -0.1",
)
def test_half_an_event_in_every_cell_or_none():
    """0.5 in all four cells, which is said; with to="none" 0 of 40 against 4 of 40 is -0.1."""
    odds = review.effect_size("OR", ai=[0], bi=[10], ci=[5], di=[5])
    assert odds.yi[0] == pytest.approx(math.log(0.5 * 5.5 / (10.5 * 5.5)), rel=1e-12)
    cells = {"ai": [0], "bi": [40], "ci": [4], "di": [36]}
    assert "0.5 added to each cell" in review.effect_size("RD", **cells).notes[0]
    risk = review.effect_size("RD", **cells, to="none")
    assert risk.yi[0] == pytest.approx(-0.1, rel=1e-12)


@pytest.mark.trap("PythonMeta 1.26", "studies called by a year are dropped; blanks in names vanish")
@pytest.mark.trap("PythonMeta 1.26", "beside z = 1.4886 stands p = 0.143, which is not that of z")
def test_names_of_studies_and_their_p_values(tmp_path):
    """2015 is a name like others, and p is that of z."""
    path = tmp_path / "trials.csv"
    path.write_text("study,ai,n1i,ci,n2i\n2015,4,40,8,40\n2016,5,50,9,50\nKim 2019,7,60,12,60\n")
    made = review.effect_size("OR", ai=[4, 5, 7], n1i=[40, 50, 60], ci=[8, 9, 12], n2i=[40, 50, 60])
    found = review.meta_analysis(made, method="EE", test="z")
    assert found.pval[0] == pytest.approx(2 * stats.norm.sf(abs(found.stat[0])), rel=1e-12)
    assert [*from_csv(path, measure="OR").labels] == ["2015", "2016", "Kim 2019"]


@pytest.mark.trap(
    "pimeta 1.1.0",
    "metaprop: the random effect is on the scale PLOGIT, said to be PFT",
)
@pytest.mark.trap(
    "confidenceinterval 1.0.5",
    "upper limits above 1: an F1 of 0.8 up to 1.048, an AUC up to 1.074",
)
def test_proportions_stay_between_0_and_1():
    """Pooled on the logit scale, shown as a proportion, limits included."""
    made = review.effect_size("PLO", xi=[0, 3, 5], ni=[10, 20, 30])
    back = review.meta_analysis(made).predict(transf="ilogit")
    low, middle, high = (float(np.ravel(getattr(back, a))[0]) for a in ("ci_lb", "pred", "ci_ub"))
    assert 0 < low < middle < high < 1


@pytest.mark.trap(
    "formulaic 1.2.2",
    "a column of the type string is taken for numbers: the words stand in the matrix",
)
@pytest.mark.trap(
    "formulaic 1.2.2",
    "a column of yes and no is one of numbers, without [T.True] in its name",
)
@pytest.mark.trap("formulaic 1.2.2", "a word that was not in the data counts as the first category")
@pytest.mark.trap(
    "mixmetapy 0.1.1",
    "a predictor without a column of ones gets one: two coefficients for one",
)
@pytest.mark.parametrize("kind", ["str", "string", "category", "object"])
def test_moderators_of_every_kind_of_column(kind):
    """Words are groups whatever the column's type; a missing one leaves the study out."""
    data = pd.DataFrame({"yi": Y, "vi": V, "g": pd.Series([*"aabbcc"], dtype=kind)})
    found = review.meta_analysis("yi", "vi", data=data, mods="~ g")
    assert (found.k, len(found.beta)) == (6, 3)
    with pytest.raises(review.InputError, match="'z'"):
        found.predict(newmods={"g": ["z"]})
    data.loc[1, "g"] = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", review.ReviewWarning)
        assert review.meta_analysis("yi", "vi", data=data, mods="~ g").k == 5


@pytest.mark.trap(
    "buscarpy 0.0.2",
    "of all 1000 records screened the p-value is nan, so it is at 999",
)
@pytest.mark.trap(
    "buscarpy 0.0.2",
    "recall_frontier ends at 0.71, retrospective_h0 knows the end alone",
)
def test_recall_when_all_is_screened():
    """Nothing is left: the recall is 1, and no number is nan."""
    from review.stats.recall.recall_estimate import recall_estimate

    found = recall_estimate([True] * 50 + [False] * 950, 1000)
    assert (found.recall_lb, found.missed_ub) == (1, 0)
    assert not any(isinstance(x, float) and math.isnan(x) for x in found.to_dict().values())

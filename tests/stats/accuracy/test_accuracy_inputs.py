"""What goes in: counts, printed shares, limits, corrections; what is refused, with its row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import review
from review.errors import InputError, ReviewError, StatsError, UnknownNameError
from review.stats.accuracy.accuracy_data import read_accuracy

TP, FN, FP, TN = [20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50]
CELLS = {"tp": TP, "fn": FN, "fp": FP, "tn": TN}


def rows(**changes):
    given = {**CELLS, **{k: v for k, v in changes.items() if k in CELLS}}
    return read_accuracy(given, **{k: v for k, v in changes.items() if k not in CELLS})


# --- shares as printed ------------------------------------------------------------------------


def test_counts_and_their_printed_shares_give_the_same_result():
    whole = review.diagnostic_meta(TP, FN, FP, TN)
    printed = review.diagnostic_meta(
        sens=[f"{a / (a + b):.3f}" for a, b in zip(TP, FN, strict=True)],
        spec=[f"{100 * d / (c + d):.1f}%" for c, d in zip(FP, TN, strict=True)],
        n_pos=[a + b for a, b in zip(TP, FN, strict=True)],
        n_neg=[c + d for c, d in zip(FP, TN, strict=True)],
    )
    np.testing.assert_array_equal(printed.beta, whole.beta)
    assert "rebuilt" in printed.notes[0]


def test_per_cents_and_the_total_serve_too():
    fit = review.diagnostic_meta(
        sens=["80.0", "90.9", "71.4", "95.2"], spec=["88.2", "81.6", "93.3", "80.6"],
        n_pos=[25, 33, 21, 42], n=[59, 82, 51, 104], percent=True,
    )  # fmt: skip
    np.testing.assert_array_equal(fit.rows.tp, TP)
    np.testing.assert_array_equal(fit.rows.tn, TN)


def test_predictive_values_rebuild_a_table():
    fit = review.diagnostic_meta(
        ppv=[f"{a / (a + c):.4f}" for a, c in zip(TP, FP, strict=True)],
        npv=[f"{d / (b + d):.4f}" for b, d in zip(FN, TN, strict=True)],
        n_pos=[25, 33, 21, 42], n_neg=[34, 49, 30, 62],
    )  # fmt: skip
    np.testing.assert_array_equal(fit.rows.tp, TP)
    np.testing.assert_array_equal(fit.rows.fp, FP)


def test_an_impossible_share_names_row_and_nearest():
    with pytest.raises(StatsError) as caught:
        review.diagnostic_meta(
            sens=["0.838", "0.9"], spec=["0.90", "0.8"], n_pos=[35, 10], n_neg=[40, 10],
            slab=["Cheng", "Lee"],
        )  # fmt: skip
    text = str(caught.value)
    assert "row 1 (Cheng)" in text
    assert "29/35 = 0.829 and 30/35 = 0.857" in text


def test_measures_that_contradict_each_other_are_refused():
    with pytest.raises(
        StatsError, match=r"no 2 x 2 table of .* has sens 0.90, spec 0.90, ppv 0.20"
    ):
        review.diagnostic_meta(sens=["0.90"] * 3, spec=["0.90"] * 3, ppv=["0.20"] * 3,
                               n_pos=[100] * 3, n_neg=[100] * 3)  # fmt: skip


def test_several_tables_are_not_chosen_among():
    with pytest.raises(StatsError, match="state n_pos"):
        review.diagnostic_meta(sens=["0.9"] * 3, spec=["0.9"] * 3, n=[100] * 3)


def test_a_unit_that_is_not_said_is_not_guessed():
    with pytest.raises(StatsError, match="write per cents as '93%'"):
        review.diagnostic_meta(sens=[93, 90], spec=[0.9, 0.8], n_pos=[10, 10], n_neg=[10, 10])


def test_limits_serve_where_there_are_no_counts():
    fit = review.diagnostic_meta(
        sens=[0.9, 0.8, 0.85], sens_ci_lb=[0.8, 0.7, 0.75], sens_ci_ub=[0.95, 0.87, 0.91],
        spec=[0.9, 0.8, 0.7], spec_ci_lb=[0.85, 0.7, 0.6], spec_ci_ub=[0.93, 0.88, 0.79],
    )  # fmt: skip
    logit = lambda p: np.log(p / (1 - p))  # noqa: E731
    z = 1.959963984540054
    assert fit.rows.y[0, 0] == pytest.approx(logit(0.9))
    assert fit.rows.y[1, 0] == pytest.approx(-logit(0.9))
    assert fit.rows.v[0, 0] == pytest.approx(((logit(0.95) - logit(0.8)) / (2 * z)) ** 2)
    assert any("width of its 95% interval" in note for note in fit.notes)
    assert fit.studies.sens[0, 0] == pytest.approx(0.9)
    with pytest.raises(StatsError, match=r"needs counts.*row 1"):
        fit.update(method="exact")


def test_a_share_outside_its_limits_is_refused():
    with pytest.raises(StatsError, match=r"within its confidence limits: row 2 has 0\.8"):
        review.diagnostic_meta(
            sens=[0.9, 0.8], sens_ci_lb=[0.8, 0.85], sens_ci_ub=[0.95, 0.9],
            spec=[0.9, 0.8], spec_ci_lb=[0.8, 0.7], spec_ci_ub=[0.95, 0.9],
        )  # fmt: skip


# --- continuity corrections -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "added"),
    [
        ("if0all", [[1, 1], [1, 1], [1, 1], [1, 1]]),
        ("only0", [[0, 0], [1, 1], [0, 0], [0, 0]]),
        ("only0-group", [[0, 0], [0, 1], [0, 0], [0, 0]]),
        ("all", [[1, 1], [1, 1], [1, 1], [1, 1]]),
    ],
)
def test_who_gets_the_correction(to, added):
    found = rows(fp=[4, 0, 2, 12], to=to)
    np.testing.assert_array_equal(found.corrected.T.astype(int), added)
    assert "row 2" in found.correction
    add = 0.5 * np.array(added)[:, 1]
    np.testing.assert_allclose(found.y[1], np.log((found.fp + add) / (found.tn + add)))


def test_no_correction_without_zero_cells():
    assert rows().correction == ""
    assert rows(to="all").correction.startswith("0.5 was added to all cells of all 4 rows")


def test_a_zero_cell_without_correction_leaves_the_other_share():
    found = rows(fp=[4, 0, 2, 12], to="none")
    assert found.on.tolist() == [[True] * 4, [True, False, True, True]]
    assert any("no continuity correction" in note for note in found.notes)


def test_the_exact_model_needs_no_correction(counts):
    fit = review.diagnostic_meta(*counts("AuditC"), method="exact")
    assert not any("was added" in note for note in fit.notes)
    assert fit.n_outcomes == 28


# --- missing and wrong ------------------------------------------------------------------------


def test_rows_without_counts_are_left_out_with_a_reason():
    fit = review.diagnostic_meta([20, None, 15, 40], [5, None, 6, 2], [4, None, 2, 12],
                                 [30, None, 28, 50], slab=list("abcd"))  # fmt: skip
    assert [str(row) for row in fit.left_out] == [
        "row 2 (b): neither a sensitivity nor a specificity can be computed"
    ]
    assert not any("whole number" in note for note in fit.notes)
    assert fit.slab == ("a", "c", "d")


def test_a_half_table_is_used_for_what_it_tells():
    nan = float("nan")
    fit = review.diagnostic_meta([20, 30, 15, 40, 9], [5, 3, 6, 2, 1], [4, 9, 2, 12, nan],
                                 [30, 40, 28, 50, nan])  # fmt: skip
    assert fit.n_outcomes == 9
    assert any("no specificity, so only the other is used: row 5" in note for note in fit.notes)
    only = review.diagnostic_meta([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
    assert fit.spec[0] != only.spec[0]  # the correlation carries information over


def test_one_cell_of_a_pair_is_not_enough():
    found = rows(fn=[5, None, 6, 2])
    assert found.on[0].tolist() == [True, False, True, True]
    assert any("only one of tp and fn is given" in note for note in found.notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tp": [20, -1, 15, 40]}, "tp must be a count of 0 or more: row 2 has -1"),
        ({"tp": [20, np.inf, 15, 40]}, "tp must be finite"),
        ({"tp": [0, 1, 2, 3], "fn": [0, 1, 2, 3], "fp": [0, 1, 2, 3], "tn": [0, 1, 2, 3]},
         "a study without people has no 2 x 2 table: row 1"),
        ({"tp": [20, 30]}, "differ in length: tp has 2"),
        ({"tp": ["20", "x", "15", "40"]}, "tp in row 2 must be a number"),
        ({"add": -1}, "add must be a finite number that is not negative"),
        ({"to": "some"}, "unknown to 'some'"),
    ],
)  # fmt: skip
def test_bad_counts_are_named(changes, message):
    with pytest.raises(ReviewError, match=message):
        rows(**changes)


def test_fractions_are_noted():
    assert any("tp is not a whole number: row 1" in n for n in rows(tp=[20.5, 30, 15, 40]).notes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "reml2"}, "did you mean 'REML'"),
        ({"structure": "CS"}, "unknown structure"),
        ({"nodes": 5}, "about method='exact'"),
        ({"method": "exact", "nodes": 0}, "whole number from 1"),
        ({"method": "exact", "nodes": 2.5}, "whole number from 1"),
        ({"level": 195}, "level must be a percentage"),
        ({"study": ["a", "b"]}, "study has 2 values for 4 rows"),
        ({"study": ["a", "b", "", "c"]}, "no study is named in row 3"),
        ({"mods": "~ year"}, "no data was given"),
        ({"method": "MM", "study": ["a", "a", "b", "c"]}, "needs one row per study"),
        ({"slab": ["a"]}, "slab has 1 labels"),
    ],
)
def test_wrong_arguments_say_what_would_be_right(arguments, message):
    with pytest.raises(ReviewError, match=message):
        review.diagnostic_meta(TP, FN, FP, TN, **arguments)


def test_nothing_given():
    with pytest.raises(InputError, match="pass the counts"):
        review.diagnostic_meta()
    with pytest.raises(InputError, match="fn, fp, tn missing"):
        review.diagnostic_meta(TP)
    with pytest.raises(InputError, match="columns are empty"):
        review.diagnostic_meta([], [], [], [])


def test_one_study_cannot_be_pooled():
    with pytest.raises(StatsError, match="1 study gives a sensitivity, which is not enough"):
        review.diagnostic_meta([20], [5], [4], [30])


def test_too_few_studies_for_the_moderators():
    with pytest.raises(StatsError, match=r"cannot be estimated|not enough"):
        review.diagnostic_meta(TP, FN, FP, TN, mods=["a", "b", "c", "d"])


def test_a_share_of_1_everywhere_has_no_exact_estimate():
    with pytest.raises(StatsError, match="sensitivity is 1 in every study"):
        review.diagnostic_meta(TP, [0, 0, 0, 0], FP, TN, method="exact")


def test_columns_of_a_table_by_their_names():
    frame = pd.DataFrame(CELLS)
    fit = review.diagnostic_meta(data=frame)
    np.testing.assert_array_equal(fit.beta, review.diagnostic_meta(TP, FN, FP, TN).beta)
    named = frame.rename(columns={"tp": "hits"})
    again = review.diagnostic_meta("hits", "fn", "fp", "tn", data=named)
    np.testing.assert_array_equal(fit.beta, again.beta)
    with pytest.raises(UnknownNameError, match="did you mean 'hits'"):
        review.diagnostic_meta("hit", "fn", "fp", "tn", data=named)


def test_missing_moderators_leave_studies_out():
    fit = review.diagnostic_meta(
        [*TP, 33], [*FN, 4], [*FP, 5], [*TN, 44], mods="~ year",
        data={"year": [2001.0, 2004.0, float("nan"), 2009.0, 2011.0]},
    )  # fmt: skip
    assert [str(r) for r in fit.left_out] == ["row 3: no moderator year"]
    assert fit.k == 4


def test_options_of_descriptives_are_checked():
    with pytest.raises(UnknownNameError, match="unknown interval"):
        review.accuracy_descriptives(TP, FN, FP, TN, interval="exactly")
    with pytest.raises(UnknownNameError, match="unknown argument 'ad'"):
        review.accuracy_descriptives(TP, FN, FP, TN, ad=0.5)
    with pytest.raises(InputError, match="holds its studies already"):
        review.deeks_test(review.diagnostic_meta(TP, FN, FP, TN), FN)


@pytest.mark.parametrize(
    ("interval", "name"),
    [("wilson", "Wilson"), ("clopper-pearson", "Clopper-Pearson"), ("wald", "Wald"),
     ("agresti-coull", "Agresti-Coull"), ("jeffreys", "Jeffreys")],
)  # fmt: skip
def test_intervals_of_shares_are_those_of_the_audit(interval, name):
    from review.stats.consistency.rounding_ranges import proportion_intervals

    cells = [20, 0, 15], [5, 30, 0], [4, 9, 2], [30, 40, 28]
    found = review.accuracy_descriptives(*cells, interval=interval).sens
    for i, (a, b) in enumerate(zip(cells[0], cells[1], strict=True)):
        low, high = proportion_intervals(a, a + b)[name]
        np.testing.assert_allclose(found[i, 1:], [max(low, 0), min(high, 1)], atol=1e-12)


# --- Deeks, Moses-Littenberg ------------------------------------------------------------------


def test_deeks_test_is_a_weighted_regression(counts):
    import statsmodels.api as sm

    tp, fn, fp, tn = counts("Dementia")
    found = review.deeks_test(tp, fn, fp, tn)
    a, b, c, d = (x + 0.5 for x in (tp, fn, fp, tn))  # a study has no false positives
    n1, n2 = tp + fn, fp + tn
    ess = 4 * n1 * n2 / (n1 + n2)
    y = np.log(a * d / (b * c))
    other = sm.WLS(y, sm.add_constant(1 / np.sqrt(ess)), weights=ess).fit()
    np.testing.assert_allclose(found.beta, other.params, rtol=1e-9)
    np.testing.assert_allclose(found.se, other.bse, rtol=1e-9)
    np.testing.assert_allclose(found.pval, other.pvalues, rtol=1e-9)
    assert "t(31)" in found.title


@pytest.mark.parametrize("weights", ["none", "inverse variance"])
def test_moses_littenberg_is_a_regression(counts, weights):
    import statsmodels.api as sm

    found = review.moses_littenberg(*counts("smoking"), weights=weights)
    rows = review.diagnostic_meta(*counts("smoking")).rows
    D, S = rows.y[0] - rows.y[1], rows.y[0] + rows.y[1]
    w = np.ones(51) if weights == "none" else 1 / rows.v.sum(0)
    other = sm.WLS(D, sm.add_constant(S), weights=w).fit()
    np.testing.assert_allclose(found.beta, other.params, rtol=1e-9)
    np.testing.assert_allclose(found.se, other.bse, rtol=1e-9)
    q = found.q_star
    assert found.sroc([1 - q]).sens[0] == pytest.approx(q)
    assert 0.5 < found.auc().auc < 1


def test_studies_of_one_size_have_no_slope():
    with pytest.raises(StatsError, match="no slope"):
        review.deeks_test([20, 21, 22], [5, 4, 3], [4, 6, 8], [30, 28, 26])
    with pytest.raises(StatsError, match="needs 3 studies"):
        review.deeks_test([20, 21], [5, 4], [4, 6], [30, 28])


def test_per_cent_without_any_share_is_refused():
    with pytest.raises(InputError, match="percent is about shares"):
        review.diagnostic_meta([20, 30, 15], [5, 4, 3], [3, 5, 2], [40, 50, 60], percent=True)

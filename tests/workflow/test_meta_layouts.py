"""Files as people have them: estimates with intervals, several outcomes, arms as rows, filters."""

from __future__ import annotations

import math

import numpy as np
import pytest

import review
from review.errors import InputError, StatsError, UnknownNameError
from review.stats.effects.trial_designs import combine_groups
from review.workflow.pooling.csv_input import from_csv
from review.workflow.pooling.meta_run import run_meta

HR = (
    "study,hazard_ratio,ci_low,ci_high\nA,0.50,0.25,1.00\nB,0.50,0.25,1.00\n"
    "C,2.00,1.00,4.00\nD,2.00,1.00,4.00\n"
)


@pytest.fixture(name="file")
def _file(tmp_path):
    def write(text, name="data.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_hazard_ratios_are_found_by_their_heading_and_pooled_on_the_log_scale(file):
    run = run_meta(from_csv(file(HR)))
    shown = run.result.predict(transf="exp")
    assert run.result.measure == "HR"
    assert shown.pred[0] == pytest.approx(1.00, abs=1e-9)
    assert (round(shown.ci_lb[0], 2), round(shown.ci_ub[0], 2)) == (0.28, 3.57)
    assert any("read as HR" in note and "ci_lb=ci_low" in note for note in run.notes)
    assert len(run.to_dict()["conversions"]) == 4
    assert "row 1 (A): standard error from the interval: est=0.5" in run.text()


@pytest.mark.parametrize(
    ("header", "rows", "measure", "beta"),
    [
        ("study,HR,lower,upper", "A,0.5,0.25,1.0\nB,2.0,1.0,4.0", "HR", 0.0),
        ("study,Odds ratio,LCL,UCL", "A,0.5,0.25,1.0\nB,2.0,1.0,4.0", "OR", 0.0),
        ("study,Mean difference,SE", "A,1.0,0.5\nB,3.0,0.5", "MD", 2.0),
        ("study,logOR,se", "A,1.0,0.5\nB,3.0,0.5", "OR", 2.0),
        ("study,adjusted_RR,p", "A,2.0,0.05\nB,2.0,0.05", "RR", math.log(2)),
        ("study,prevalence,ci_lb,ci_ub", "A,0.2,0.1,0.36\nB,0.2,0.1,0.36", "PLO", math.log(0.25)),
    ],
)
def test_estimates_by_their_headings(file, header, rows, measure, beta):
    run = run_meta(from_csv(file(f"{header}\n{rows}\n")), method="EE")
    assert run.result.measure == measure
    assert run.result.beta[0] == pytest.approx(beta, abs=1e-9)


def test_the_measure_may_be_named_for_plain_estimates(file):
    path = file("study,estimate,lower,upper\nA,0.5,0.25,1.0\nB,2.0,1.0,4.0\n")
    assert from_csv(path, measure="HR").columns["est"] == [0.5, 2.0]
    with pytest.raises(InputError, match="which columns hold the effects"):
        from_csv(path)
    with pytest.raises(InputError, match=r"est=estimate of data\.csv needs --measure"):
        from_csv(path, columns={"est": "estimate", "ci_lb": "lower", "ci_ub": "upper"})


@pytest.mark.parametrize(
    ("header", "columns", "said"),
    [
        ("study,eff,seTE", {"yi": "eff", "vi": "seTE"}, "holds standard errors by its name"),
        ("study,eff,se_beta", {"yi": "eff", "vi": "se_beta"}, "give it as --sei se_beta"),
        ("study,eff,varlogOR", {"yi": "eff", "sei": "varlogOR"}, "give it as --vi varlogOR"),
        ("study,HR,vi", {"yi": "HR", "vi": "vi"}, "--measure HR --column est=HR"),
        ("study,odds_ratio,vi", {"yi": "odds_ratio", "vi": "vi"}, "pooled on the log scale"),
        ("study,logHR,se", {"est": "logHR", "se": "se"}, "give it as --yi logHR with --measure HR"),
    ],
)
def test_names_that_contradict_the_use_are_refused(file, header, columns, said):
    with pytest.raises(InputError) as error:
        from_csv(file(f"{header}\nA,0.5,0.2\n"), columns=columns)
    assert said in str(error.value)


def test_one_moderator_of_numbers_stays_one_slope(file):
    """NR is missing, not a category: one slope, and study E is left out."""
    text = "study,yi,vi,age\nA,.1,.02,50\nB,.3,.03,50\nC,.2,.02,60\nD,.5,.04,60\nE,.45,.02,NR\n"
    run = run_meta(from_csv(file(text)), mods="age")
    assert run.result.coef_names == ("intercept", "age")
    assert run.left_out == [("E", "no moderator age")]
    assert "read as missing: 1 cell (1 'NR')" in run.notes
    direct = review.meta_analysis(
        [0.1, 0.3, 0.2, 0.5], [0.02, 0.03, 0.02, 0.04], [50.0, 50, 60, 60]
    )
    assert run.result.beta[1] == pytest.approx(direct.beta[1], rel=1e-10)


def test_a_stray_word_in_a_moderator_stops_and_names_its_cell(file):
    text = "study,yi,vi,age\nA,.1,.02,50\nB,.3,.03,about 50\nC,.2,.02,60\nD,.5,.04,60\n"
    with pytest.raises(InputError) as error:
        run_meta(from_csv(file(text)), mods="age")
    assert "'about 50' in row 2 (B)" in str(error.value)
    assert "factor(age)" in str(error.value)
    run = run_meta(from_csv(file(text)), mods="factor(age)", method="EE")
    assert run.result.design.references == {"age": "50"}
    assert "reference level of age: 50" in run.text()


DATES = (
    "study,yi,vi,date,n\nA,.1,.02,03/02/2019,900\nB,.3,.03,11/01/2021,85\n"
    "C,.2,.02,07/05/2018,1200\nD,.5,.04,02/02/2022,n.r.\n"
)


@pytest.mark.parametrize(("order", "expected"), [("date", "CABD"), ("n", "BACD")])
def test_rows_are_ordered_by_date_or_number_the_missing_last(file, order, expected):
    run = run_meta(from_csv(file(DATES)), also=["cumulative"], order=order)
    assert "".join(run.also["cumulative"].labels) == expected


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("3,b,2,1", "neither a number nor a date"),
        ("01/02/2020,02/01/2020,03/04/2020,05/06/2020", "day or month stands first"),
    ],
)
def test_text_is_no_order(file, column, said):
    values = column.split(",")
    rows = "\n".join(f"{s},0.1,0.02,{v}" for s, v in zip("ABCD", values, strict=True))
    with pytest.raises(InputError, match=said):
        run_meta(from_csv(file(f"study,yi,vi,x\n{rows}\n")), also=["cumulative"], order="x")


def test_look_alike_subgroups_are_one_suspicion(file):
    text = "study,yi,vi,region\nA,.1,.02,Europe\nB,.3,.03,europe\nC,.2,.02,Asia\nD,.5,.04,Asia\n"
    run = run_meta(from_csv(file(text)), by="region")
    assert sum("'Europe' and 'europe'" in note for note in run.notes) == 1


OUTCOMES = (
    "study,outcome,ai,n1i,ci,n2i,year\nA,death,4,50,9,50,2001\nA,stroke,6,50,7,50,2001\n"
    "B,death,3,40,8,41,2011\nB,stroke,5,40,6,41,2011\nC,death,2,30,6,30,2015\n"
)


def test_several_outcomes_in_one_file(file):
    path = file(OUTCOMES)
    rows = from_csv(path, measure="OR", outcome_column="outcome", outcome="death")
    assert rows.labels == ["A", "B", "C"]
    assert rows.title == "data: death"
    assert from_csv(path, measure="OR", outcome="death").labels == rows.labels
    with pytest.raises(InputError, match=r"--outcome: death \(3 rows\); stroke \(2 rows\)"):
        from_csv(path, measure="OR", outcome_column="outcome")
    with pytest.raises(UnknownNameError, match="did you mean 'death'"):
        from_csv(path, measure="OR", outcome_column="outcome", outcome="deaths")
    with pytest.raises(UnknownNameError, match="for outcomes"):
        from_csv(path, measure="OR", outcome_column="outcomes", outcome="death")
    every = from_csv(path, measure="OR")
    assert any("5 rows come from 3 studies (several of A, B)" in note for note in every.notes)
    assert any("cluster-robust" in note for note in every.notes)


def test_a_filter_of_the_rows(file):
    path = file(OUTCOMES)
    rows = from_csv(path, measure="OR", where='outcome == "death" and year >= 2011')
    assert rows.labels == ["B", "C"]
    assert any("2 of 5 rows" in note for note in rows.notes)
    with pytest.raises(InputError, match=r"no row of data\.csv fits"):
        from_csv(path, measure="OR", where="year > 3000")
    with pytest.raises(UnknownNameError, match="did you mean 'year'"):
        from_csv(path, measure="OR", where="yaer > 2000")


ARMS = (
    "study,arm,events,n,mean,sd\nK,placebo,10,50,5.0,2.0\nK,drug,6,52,4.0,2.1\n"
    "L,placebo,12,60,5.5,2.2\nL,low,9,61,5.0,2.0\nL,high,5,59,4.1,1.9\nW,drug,4,40,4.4,2.0\n"
)
COUNTS = {"xi": "events", "ni": "n"}
MEANS = {"mi": "mean", "sdi": "sd", "ni": "n"}


def _arms(path, measure, columns, **more):
    return from_csv(path, measure=measure, columns=columns, arm="arm", reference="placebo", **more)


def test_arms_as_rows(file):
    path = file(ARMS)
    rows = _arms(path, "OR", COUNTS, multi_arm="each")
    assert rows.columns == {
        "ai": [6, 9, 5], "ci": [10, 12, 12], "n1i": [52, 61, 59], "n2i": [50, 60, 60],
    }  # fmt: skip
    assert rows.labels == ["K", "L: low", "L: high"]
    assert rows.left_out == [("W", "no arm 'placebo' to compare with")]
    split = run_meta(_arms(path, "OR", COUNTS, multi_arm="split"))
    want = review.effect_size("OR", ai=[6, 9, 5], n1i=[52, 61, 59], ci=[10, 6, 6], n2i=[50, 30, 30])
    np.testing.assert_allclose(split.effects.yi, want.yi)
    np.testing.assert_allclose(split.effects.vi, want.vi)
    combined = _arms(path, "OR", COUNTS, multi_arm="combine")
    assert combined.columns["ai"] == [6, 14]
    assert combined.columns["n1i"] == [52, 120]
    assert any("Handbook 6.5.2.10" in note for note in combined.notes)


def test_combined_arms_of_means(file):
    rows = _arms(file(ARMS), "MD", MEANS, multi_arm="combine")
    n, mean, sd = combine_groups([61, 59], [5.0, 4.1], [2.0, 1.9])
    assert rows.columns["n1i"] == [52, n]
    assert rows.columns["m1i"] == [4.0, mean]
    assert rows.columns["sd1i"] == [2.1, sd]


def test_arms_may_report_medians_and_standard_errors(file):
    text = "study,arm,mi,sei,ni,mediani,q1i,q3i\nK,placebo,5.0,0.3,50,,,\nK,drug,,,52,15,8,22\n"
    rows = from_csv(file(text), measure="MD", arm="arm", reference="placebo")
    run = run_meta(rows, method="EE")
    assert [c.method for c in run.effects.conversions] == [
        "SD from the standard error of the mean", "mean and SD from median and quantiles",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"measure": "OR", "columns": COUNTS}, InputError, "choose --multi-arm combine"),
        ({"measure": "OR", "columns": COUNTS, "multi_arm": "merge"}, UnknownNameError, "combine"),
        ({"measure": None, "columns": COUNTS}, InputError, "need --measure"),
        ({"measure": "OR", "columns": {"ai": "events"}}, UnknownNameError, "of one arm"),
        ({"measure": "OR", "columns": {}}, InputError, "hold the numbers of an arm"),
        ({"measure": "OR", "columns": COUNTS, "reference": "placbo"}, UnknownNameError, "placebo"),
        ({"measure": "OR", "columns": COUNTS, "reference": None}, InputError, "give both"),
        ({"measure": "OR", "columns": COUNTS, "arm": "arms"}, UnknownNameError, "'arm'"),
    ],
)
def test_arms_that_cannot_be_compared(file, arguments, error, said):
    options = {"arm": "arm", "reference": "placebo"} | arguments
    with pytest.raises(error, match=said):
        from_csv(file(ARMS), **options)


def test_an_arm_that_occurs_twice_is_refused_with_both_lines(file):
    with pytest.raises(InputError, match="lines 3 and 8 are both arm 'drug' of K"):
        _arms(file(ARMS + "K,drug,7,52,4.0,2.1\n"), "OR", COUNTS, multi_arm="each")
    path = file("study,arm,mi,sei,ni\nL,placebo,1,1,20\nL,a,1,1,20\nL,b,1,1,20\n")
    with pytest.raises(InputError, match="cannot be combined"):
        from_csv(path, measure="MD", arm="arm", reference="placebo", multi_arm="combine")


def test_a_file_of_counts_estimates_and_effects(file):
    text = (
        "study,ai,n1i,ci,n2i,est,ci_lb,ci_ub,yi,vi\nA,4,50,9,50,,,,,\nB,,,,,0.5,0.25,1.0,,\n"
        "C,,,,,,,,-0.3,0.05\nD,,,,,,,,,\n"
    )
    run = run_meta(from_csv(file(text), measure="OR"))
    assert run.result.k == 3
    assert [c.slab for c in run.effects.conversions] == ["B"]
    assert run.left_out[0][0] == "D"
    assert any("taken as given: row 3 (C)" in note for note in run.notes)
    without = run_meta(from_csv(file(text), measure="OR"), without_converted="all")
    assert without.result.k == 2
    assert ("B", "converted: standard error from the interval") in without.left_out


def test_without_what_was_converted(file):
    with pytest.raises(InputError, match="all 4 usable rows were converted"):
        run_meta(from_csv(file(HR)), without_converted="all")
    assert run_meta(from_csv(file(HR)), without_converted="approximate").result.k == 4
    with pytest.raises(InputError, match="no row is converted"):
        run_meta(from_csv(file("yi,vi\n1,1\n2,1\n")), without_converted="all")
    with pytest.raises(UnknownNameError, match="did you mean 'all'"):
        run_meta(from_csv(file(HR)), without_converted="al")


def test_one_row_with_an_empty_cell_is_left_out_as_missing(file):
    text = "study,ai,n1i,ci,n2i\nA,4,50,9,50\nB,,40,8,41\nC,2,30,6,30\nD,5,44,8,44\nE,6,70,9,71\n"
    run = run_meta(from_csv(file(text), measure="OR"))
    assert run.left_out == [("B", "no value for ai")]
    assert not any("whole" in note for note in run.notes)


def test_a_proportion_as_a_count_is_refused(file):
    with pytest.raises(StatsError, match="proportions as propi"):
        run_meta(from_csv(file("study,xi,ni\nA,0.30,120\n"), measure="PLO"))


@pytest.mark.parametrize("text", ["study,yi,vi\nA,1,0.1\nB,2,0\nC,1,0.2\n",
                                  "study,yi,sei\nA,1,0.1\nB,2,0\nC,1,0.2\n"])  # fmt: skip
def test_a_variance_of_zero_leaves_only_its_row_out(file, text):
    run = run_meta(from_csv(file(text)))
    assert run.result.k == 2
    assert run.left_out[0][0] == "B"
    flat = run_meta(
        from_csv(file("study,xi,ni\nA,5,10\nB,10,10\nC,6,10\n"), measure="PR"), options={"add": 0}
    )
    assert flat.left_out == [("B", "the sampling variance is 0")]


def test_medians_pooled_as_such(file):
    text = "study,q1i,mediani,q3i,ni\nA,2.0,6.1,10.2,100\nB,1.6,5.2,13.0,92\nC,2.6,3.1,8.3,221\n"
    run = run_meta(from_csv(file(text), measure="MED"), also=["medians"])
    found = run.also["medians"]
    assert found.estimate == review.pool_medians([6.1, 5.2, 3.1], [100, 92, 221]).estimate
    assert "Pooled median (weighted median, k = 3)" in run.text()
    other = run_meta(from_csv(file(HR)), also=["medians"])
    assert any("medians: not computed" in note for note in other.notes)


def test_declared_categories_that_look_like_numbers_stay_categories():
    from dataclasses import replace

    from review.workflow.pooling.pooled_rows import MetaInput

    rows = MetaInput(
        title="x", source="x", measure=None, columns={"yi": [0.1, 0.2, 0.4, 0.3], "vi": [0.1] * 4},
        labels=list("ABCD"), data={"stage": ["1", "2", "1", "2"]},
    )  # fmt: skip
    with pytest.raises(InputError, match="numbers stored as text"):
        run_meta(rows, mods="stage")
    run = run_meta(replace(rows, categories=frozenset({"stage"})), mods="stage")
    assert run.result.coef_names == ("intercept", "stage[2]")
    assert run.result.design.references == {"stage": "1"}

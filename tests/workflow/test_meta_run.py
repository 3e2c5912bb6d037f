"""A run holds one model: its text, its numbers and its notes say the same."""

from __future__ import annotations

import math

import numpy as np
import pytest

from review import effect_size, meta_analysis
from review.errors import InputError, StatsError, UnknownNameError
from review.plots.meta.forest_plot import drawn_rows
from review.project import open_review
from review.workflow.pooling.further_analyses import ANALYSES, FIGURES, check_names
from review.workflow.pooling.meta_run import NOT_STATED, default_runs, run_meta, word
from review.workflow.pooling.meta_text import forest_table, left_out_lines
from review.workflow.pooling.pooled_rows import MetaInput, from_review

Y = [0.1, 0.9, 0.4, 0.35, 0.6, 0.2]
V = [0.04, 0.09, 0.05, 0.02, 0.07, 0.03]


def _input(y=Y, v=V, **more):
    n = len(y)
    given = {"data": {}, "measure": None, "columns": {"yi": list(y), "vi": list(v)}} | more
    return MetaInput(title="t", source="s", labels=[f"s{i}" for i in range(n)],
                     links=[None] * n, **given)  # fmt: skip


def test_the_model_is_that_of_meta_analysis():
    run = run_meta(_input(), method="DL", test="t", level=90)
    fit = meta_analysis(Y, V, method="DL", test="t", level=90)
    assert run.result.beta.tolist() == fit.beta.tolist()
    assert (run.result.level, run.result.test, run.egger) == (90, "t", None)
    assert run.to_dict()["result"]["tau2"] == fit.tau2


def test_raw_numbers_keep_their_scale():
    rows = _input([0] * 3, [0] * 3, measure="ACC",
                  columns={"xi": [9, 15, 30], "ni": [10, 20, 31]})  # fmt: skip
    run = run_meta(rows, options={"scale": "arcsine"})
    assert run.result.transf == "iarcsin"
    expected = meta_analysis(effect_size("ACC", xi=[9, 15, 30], ni=[10, 20, 31], scale="arcsine"))
    assert run.forest[-2].estimate == expected.predict(transf="iarcsin").pred[0]
    assert "accuracy: " in run.text()


def test_effects_with_a_measure_are_shown_on_its_scale():
    run = run_meta(_input(measure="RR"))
    assert run.forest[0].estimate == pytest.approx(math.exp(0.1))
    assert "risk ratio" in run.text()


def test_double_arcsines_without_sizes_are_shown_as_they_are():
    run = run_meta(_input(measure="PFT"))
    assert run.forest[0].estimate == 0.1
    assert run.text()


def test_standard_errors_given_as_such_are_squared():
    rows = _input(columns={"yi": Y, "sei": np.sqrt(V).tolist()})
    assert run_meta(rows).result.vi == pytest.approx(V)


def test_standard_errors_given_as_variances_are_a_note(recwarn):
    rows = _input(columns={"yi": Y, "vi": V}, names={"yi": "yi", "vi": "se"})
    run = run_meta(rows, by=None)
    assert any("looks like standard errors" in note for note in run.notes)
    assert not recwarn.list


def test_rows_without_what_is_needed_are_left_out_with_reasons():
    rows = _input([0.1, math.nan, 0.4, 0.3], [0.04, 0.1, 0.05, math.nan])
    run = run_meta(rows)
    assert run.left_out == [("s1", "no effect"), ("s3", "no variance")]
    assert "1 row: no effect: s1" in run.text()


def test_subgroups_are_words_in_the_order_of_the_data():
    rows = _input(data={"g": ["b", "a", "b", None, "a", ""]})
    run = run_meta(rows, by="g")
    assert run.subgroups.names == ("b", "a", NOT_STATED)
    assert run.subgroups.by == "g"
    assert run.subgroups.fits["a"].yi.tolist() == [0.9, 0.6]
    assert run.subgroups.test_text() in run.text()
    pooled = run_meta(rows, by="g", tau2="pooled").subgroups
    assert len({fit.tau2 for fit in pooled.results}) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"by": "g", "mods": "x"}, "choose one"),
        ({"by": "gg"}, "unknown column 'gg' for subgroups"),
        ({"by": "x"}, "different values in 6 rows"),
        ({"tau2": "pooled"}, "name their column"),
        ({"by": "g", "tau2": "common"}, "unknown tau2"),
        ({"order": "xx"}, "to order studies by"),
        ({"also": ["eggers"]}, "did you mean 'egger'"),
        ({"options": {"add": 0.5}}, "effects are given"),
        ({"method": "REMLL"}, "did you mean 'REML'"),
        ({"mods": "xx"}, "unknown column 'xx'"),
        ({"level": 0}, "between 0 and 100"),
    ],
)
def test_wrong_arguments(arguments, said):
    rows = _input(data={"g": list("aabbab"), "x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    with pytest.raises((InputError, StatsError), match=said):
        run_meta(rows, **arguments)


def test_mods_with_and_without_tilde():
    rows = _input(data={"x": [1.0, 2, 3, 4, 5, 7]})
    one, two = (run_meta(rows, mods=m).result for m in ("log(x)", "~ log(x)"))
    assert one.beta.tolist() == two.beta.tolist()
    assert one.coef_names == ("intercept", "log(x)")


def test_weights_from_a_column():
    w = [1.0, 2, 3, 4, 5, 6]
    rows = _input(data={"w": w, "text": list("abcdef")})
    run = run_meta(rows, weights="w", method="GENQ")
    assert run.result.beta[0] == pytest.approx(np.average(Y, weights=w))
    with pytest.raises(UnknownNameError, match="with weights"):
        run_meta(rows, weights="ww")
    with pytest.raises(InputError):
        run_meta(rows, weights="text")


def test_words_of_subgroups():
    assert [word(v) for v in (None, math.nan, "", 2.0, "a")] == [
        NOT_STATED, NOT_STATED, NOT_STATED, "2", "a",
    ]  # fmt: skip


def test_a_narrow_knapp_hartung_interval_is_noted():
    narrow = run_meta(_input([0.50, 0.51, 0.49], [0.1, 0.1, 0.1]))
    assert any("narrower than that of a z test" in note for note in narrow.notes)
    for test in ("z", "adhoc"):
        same = run_meta(_input([0.50, 0.51, 0.49], [0.1, 0.1, 0.1]), test=test)
        assert not any("narrower" in note for note in same.notes)


def test_all_further_analyses_are_computed_or_explained():
    rng = np.random.default_rng(1)
    v = rng.uniform(0.01, 0.2, 12)
    rows = _input(rng.normal(0.3, 0.4, 12), v, data={"year": list(range(12, 0, -1))})
    run = run_meta(rows, also=["all"], order="year")
    undone = [n for n in ANALYSES if n not in run.also]
    assert all(any(note.startswith(f"{n}: not computed") for note in run.notes) for n in undone)
    assert undone == ["vif", "medians"]
    assert run.also["cumulative"].labels[0] == "s11"
    assert run.also["leave-one-out"].estimate[0] == pytest.approx(
        meta_analysis(rows.columns["yi"][1:], rows.columns["vi"][1:]).beta[0]
    )
    assert set(run.to_dict()["also"]) == set(run.also)
    text = run.text()
    for name, found in run.also.items():
        first = found.title if ANALYSES[name].points else found.summary().splitlines()[0]
        assert first in text
    assert run_meta(rows, also=["permutation"]).also["permutation"].pval.tolist() == (
        run.also["permutation"].pval.tolist()
    )  # the same numbers each time


def test_analyses_that_would_take_too_long_are_named():
    n = 2001
    run = run_meta(_input(np.linspace(0, 1, n), np.full(n, 0.1)), also=["leave-one-out", "egger"])
    assert any("not computed for more than 2,000 studies" in note for note in run.notes)


def test_names_of_analyses():
    assert check_names(["Trim_Fill, egger", "egger"]) == ("trim-fill", "egger")
    assert check_names(["all"]) == (*ANALYSES, *FIGURES)
    with pytest.raises(UnknownNameError, match="trim-fill"):
        check_names(["trimfil"])


def test_every_further_analysis_is_in_the_help_of_the_command(run):
    said = " ".join(run("meta", "--help").out.split())
    missing = [n for n in (*ANALYSES, *FIGURES) if n not in said.replace(" ", "").replace("│", "")]
    assert not missing


def test_default_runs_of_the_bundled_reviews():
    runs = default_runs(open_review("kim2022"))
    assert [r.rows.outcome for r in runs] == ["auc", "accuracy", "sensitivity", "specificity"]
    assert all(r.result.k >= 3 for r in runs)
    auc = runs[0]
    assert auc.subgroups.by == "modality"
    alone = run_meta(from_review(open_review("kim2022"), "auc"))
    assert auc.result.beta.tolist() == alone.result.beta.tolist()
    assert default_runs(open_review("wang2021")) == []


def test_table_of_many_studies_keeps_the_summaries():
    n = 500
    run = run_meta(_input(np.linspace(0, 1, n), np.full(n, 0.1)))
    table = forest_table(run.forest, "effect")
    assert "Total (REML, k = 500)" in table
    assert "500 studies" in table
    assert len(table.splitlines()) < 10
    groups = ["a", "b"] * (n // 2)
    by = run_meta(_input(np.linspace(0, 1, n), np.full(n, 0.1), data={"g": groups}), by="g")
    kinds = ["heading", "subtotal", "heading", "subtotal", "total", "prediction"]
    assert [r.kind for r in drawn_rows(by.forest)] == kinds
    lines = [line.split("  ")[0] for line in forest_table(by.forest, "effect").splitlines()]
    assert lines[1] == "a"
    assert lines[3] == "b"


def test_reasons_are_grouped():
    rows = [(f"s{i}", "no n") for i in range(30)]
    assert left_out_lines(rows)[0].endswith("s11 and 18 more")
    assert left_out_lines(rows)[0].startswith("30 rows: no n: s0, s1")

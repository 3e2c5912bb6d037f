"""Numbers or words: what a column of moderators holds, and how rows are ordered."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import InputError, ReviewWarning, meta_analysis, subgroup_analysis
from review.stats.ground.column_kinds import check_kind, look_alikes, sort_keys

Y, V = [0.1, 0.3, 0.2, 0.5, 0.45], [0.02, 0.03, 0.02, 0.04, 0.02]


def place(i):
    return f"row {i + 1}"


@pytest.mark.parametrize(
    "values",
    [
        [1, 2.5, None], ["a", "b", None], [float("nan"), 3], [], [True, False],
        pd.array([1, None], dtype="Int64").tolist(),
    ],
)  # fmt: skip
def test_columns_of_one_kind_pass(values):
    check_kind("x", values, place)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([50, 60, "NR"], "'NR' in row 3"),
        (["50", "60", "NR"], "'NR' in row 3"),
        (["I", "II", "3"], "'3' in row 3"),
        (["50", "60"], "numbers stored as text"),
        (["x"] * 9 + ["1"], "1 numbers, 9 words"),
    ],
)
def test_mixed_columns_are_refused_with_their_cells(values, said):
    with pytest.raises(InputError) as error:
        check_kind("age", values, place)
    assert said in str(error.value)
    assert "factor(age)" in str(error.value)


def test_one_word_does_not_make_categories_of_a_numeric_moderator():
    data = {"age": ["50", "50", "60", "60", "NR"]}
    with pytest.raises(InputError, match=r"'NR' in row 5 \(E\)"):
        meta_analysis(Y, V, "~ age", data=data, slab=list("ABCDE"))
    fit = meta_analysis(Y, V, "~ factor(age)", data=data, method="EE")
    assert fit.coef_names == ("intercept", "age[60]", "age[NR]")
    declared = {"age": pd.Categorical(data["age"], categories=["60", "50", "NR"])}
    fit = meta_analysis(Y, V, "~ age", data=declared, method="EE")
    assert fit.design.references == {"age": "60"}
    fit = meta_analysis(Y, V, "~ age", data={"age": [50, 50, 60, 60, None]})
    assert fit.coef_names == ("intercept", "age")
    assert fit.k == 4


@pytest.mark.parametrize(
    ("formula", "references"),
    [
        ("~ g", {"g": "a"}),
        ("~ factor(x) + g", {"x": "1", "g": "a"}),
        ("~ g - 1", {}),
        ("~ x", {}),
        ("~ factor(x) * z", {"x": "1"}),
    ],
)
def test_reference_levels_are_named(formula, references):
    data = {"g": ["b", "a", "b", "a", "b"], "x": [1, 2, 1, 2, 2], "z": [1.0, 5, 2, 4, 3]}
    fit = meta_analysis(Y, V, formula, data=data, method="EE")
    assert fit.design.references == references
    for name, level in references.items():
        assert f"reference level of {name}: {level}" in fit.summary()
    assert ("Reference levels:" in fit.report_text()) is bool(references)
    assert fit.to_dict()["reference_levels"] == references


def test_words_that_look_alike_are_one_suspicion():
    regions = ["Europe", "europe", "Asia", "Asia", "Europe"]
    fit = meta_analysis(Y, V, "~ r", data={"r": regions}, method="EE")
    assert [n for n in fit.notes if "are they the same" in n] == [
        "r: 'Europe' and 'europe' count as different groups; are they the same?"
    ]
    assert any("'Europe' and 'europe'" in n for n in subgroup_analysis(Y, V, regions).notes)
    assert look_alikes(["X-ray", "x ray", "CT", "+", "-"]) == [("X-ray", "x ray")]


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=12))
def test_order_is_that_of_the_numbers_and_the_missing_are_last(values):
    keys = sort_keys("x", values)
    order = sorted(range(len(values)), key=keys.__getitem__)
    known = [values[i] for i in order if values[i] is not None]
    assert known == sorted(known)
    assert all(values[i] is None for i in order[len(known) :])
    assert [sort_keys("x", [None if v is None else repr(v) for v in values])] == [keys]


def test_order_by_days():
    days = [dt.date(2020, 1, 2), None, dt.datetime(2019, 5, 1, 12, tzinfo=dt.UTC), "2019-05-01"]
    keys = sort_keys("day", days)
    assert sorted(range(4), key=keys.__getitem__) == [3, 2, 0, 1]
    stamps = [pd.Timestamp("2020-01-02"), pd.Timestamp("2018-01-02"), pd.NaT]
    assert sorted(range(3), key=sort_keys("day", stamps).__getitem__) == [1, 0, 2]
    numpy_days = list(np.array(["2020-01-02", "2018-01-02"], dtype="datetime64[D]"))
    assert sorted(range(2), key=sort_keys("day", numpy_days).__getitem__) == [1, 0]


def test_rows_with_the_same_label_are_named():
    fit = meta_analysis(Y, V, slab=["A", "A", "B", "C", "C"])
    assert any("5 rows come from 3 studies (several of A, C)" in n for n in fit.notes)
    assert not any("rows come from" in n for n in meta_analysis(Y, V, slab=list("ABCDE")).notes)


def test_a_variance_of_zero_leaves_only_its_study_out():
    from review import effect_size

    es = effect_size("PR", xi=[5, 10, 6], ni=10, add=0)
    fit = meta_analysis(es)
    assert fit.k == 2
    assert fit.left_out[0].reason == "the sampling variance is 0"


def test_effects_that_look_like_something_else():
    with pytest.warns(ReviewWarning, match="give them as est"):
        meta_analysis([0.5, 2.0, 0.8], [0.1, 0.1, 0.1], measure="OR")
    data = pd.DataFrame({"y": [0.1, 0.2, 0.3], "seTE": [0.1, 0.1, 0.1], "varlogOR": [0.1] * 3})
    with pytest.warns(ReviewWarning, match="looks like standard errors"):
        meta_analysis("y", "seTE", data=data)
    with pytest.warns(ReviewWarning, match="called like variances"):
        meta_analysis("y", sei="varlogOR", data=data)

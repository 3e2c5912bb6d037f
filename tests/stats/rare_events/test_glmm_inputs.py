"""What `glmm` says about the rows it leaves out and the inputs it refuses."""

import numpy as np
import pytest

import review
from review.errors import ConvergenceError, InputError, StatsError, UnknownNameError

OK = {"ai": [1, 2, 5, 3], "n1i": [20, 30, 25, 40], "ci": [3, 2, 9, 4], "n2i": [22, 28, 24, 38]}


def test_rows_left_out_are_named_with_their_reason():
    d = {"ai": [0, 2, None, 5, 10], "n1i": [20, 30, 25, 40, 10], "ci": [0, 2, 9, 4, 12],
         "n2i": [22, 28, 24, 38, 12], "slab": list("abcde")}  # fmt: skip
    fit = review.glmm("OR", **d)
    assert fit.k == 2
    assert fit.slab == ("b", "d")
    assert [(row.slab, row.row) for row in fit.left_out] == [("a", 1), ("c", 3), ("e", 5)]
    assert "double-zero" in fit.left_out[0].reason
    assert "ai" in fit.left_out[1].reason
    assert fit.double_zero == 2
    assert any("2 double-zero studies" in note for note in fit.notes)


def test_random_study_effects_can_keep_studies_without_events():
    d = {name: [0, *values] if name in {"ai", "ci"} else [25, *values]
         for name, values in OK.items()}  # fmt: skip
    without = review.glmm("OR", model="UM.RS", **d)
    kept = review.glmm("OR", model="UM.RS", drop00=False, **d)
    assert (without.k, kept.k) == (4, 5)
    assert any("kept" in note for note in kept.notes)
    assert kept.alpha < without.alpha  # they say that events are rarer
    for model in ("UM.FS", "CM.EL", "CM.AL"):
        same = review.glmm("OR", model=model, drop00=False, **d)
        assert same.k == 4
        assert any("does not depend on them" in note for note in same.notes)
        assert same.beta == pytest.approx(review.glmm("OR", model=model, **d).beta)


def test_missing_moderators_leave_rows_out(nielweise):
    x = [float(i) for i in range(18)]
    x[3] = float("nan")
    fit = review.glmm("OR", mods="~ x", data={"x": x}, **nielweise)
    assert any(row.row == 4 and "x" in row.reason for row in fit.left_out)
    assert fit.k == 16
    assert fit.QM_df == (1, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ai": [0, 0, 0, 0]}, "group 1 has no events in all 4 studies"),
        ({"ci": [0, 0, 0, 0]}, "group 2 has no events"),
        ({"ai": [20, 30, 25, 40]}, "group 1 has nothing but events"),
        ({"ci": [22, 28, 24, 38]}, "group 2 has nothing but events"),
    ],
)
def test_a_group_without_events_has_no_estimate(change, words):
    for model in ("UM.FS", "UM.RS", "CM.EL", "CM.AL"):
        with pytest.raises(StatsError, match=words) as caught:
            review.glmm("OR", model=model, **{**OK, **change})
        assert "mantel_haenszel('RD'" in str(caught.value)


def test_studies_that_all_point_one_way_without_bound():
    with pytest.raises(StatsError, match="as much lower as its margins allow"):
        review.glmm("OR", ai=[0, 5], n1i=[10, 8], ci=[4, 9], n2i=[12, 9])


def test_one_group_without_events():
    with pytest.raises(StatsError, match="no events in all 3 studies"):
        review.glmm("PLO", xi=[0, 0, 0], ni=[10, 20, 30])
    with pytest.raises(StatsError, match="nothing but events"):
        review.glmm("PLO", xi=[10, 20], ni=[10, 20])
    with pytest.raises(StatsError, match="no events"):
        review.glmm("IRLN", xi=[0, 0], ti=[10.0, 20.0])


def test_moderators_that_separate_studies_without_events():
    d = {"xi": [0, 0, 0, 3, 4, 5], "ni": [20, 20, 20, 20, 20, 20]}
    with pytest.raises(StatsError, match="no finite maximum"):
        review.glmm("PLO", mods="~ x", data={"x": [0.0, 0, 0, 1, 1, 1]}, **d)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ai": [1, 2, 50, 3]}, r"ai must not exceed n1i: row 3 has 50"),
        ({"ci": [-1, 2, 5, 3]}, r"row 1 has -1"),
        ({"ai": [float("inf"), 2, 5, 3]}, "must be finite"),
    ],
)
def test_impossible_tables_are_named(change, words):
    with pytest.raises(StatsError, match=words):
        review.glmm("OR", **{**OK, **change})


def test_no_usable_study_says_why():
    with pytest.raises(StatsError, match="none of 2 studies can be used: a: double-zero"):
        review.glmm("OR", ai=[0, 0], n1i=[5, 5], ci=[0, 0], n2i=[5, 5], slab=["a", "b"])


def test_fractional_counts_are_named_where_tables_are_counted():
    d = {**OK, "ai": [1, 2.5, 5, 3]}
    with pytest.raises(StatsError, match=r"whole numbers; not so in 2\. Use"):
        review.glmm("OR", model="CM.EL", **d)
    fit = review.glmm("OR", model="UM.FS", **d)
    assert any("not a whole number" in note for note in fit.notes)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"measure": "RR"}, UnknownNameError),
        ({"measure": 3}, UnknownNameError),
        ({"model": "UM"}, UnknownNameError),
        ({"model": 4}, UnknownNameError),
        ({"method": "REML"}, UnknownNameError),
        ({"test": "knha"}, UnknownNameError),
        ({"nAGQ": 0}, InputError),
        ({"nAGQ": True}, InputError),
        ({"nAGQ": 7.0}, InputError),
        ({"nAGQ": 1000}, InputError),
        ({"coding": 0.3}, InputError),
        ({"coding": "half"}, InputError),
        ({"level": 0}, InputError),
        ({"add": 0}, InputError),
        ({"add": -1}, InputError),
        ({"to": "none"}, UnknownNameError),
        ({"mods": "~ year"}, InputError),
        ({"zi": [1, 2, 3, 4]}, InputError),
        ({"slab": ["a"]}, InputError),
    ],
)
def test_arguments_that_mean_nothing(arguments, error):
    measure = arguments.pop("measure", "OR")
    with pytest.raises(error):
        review.glmm(measure, **{**OK, **arguments})


def test_columns_of_the_measure_alone():
    with pytest.raises(InputError, match="has one model"):
        review.glmm("PLO", model="UM.FS", xi=[1, 2], ni=[9, 9])
    with pytest.raises(InputError, match="is missing"):
        review.glmm("OR", ai=[1], ci=[2])
    with pytest.raises(InputError, match="differ in length"):
        review.glmm("OR", **{**OK, "ci": [1, 2]})


def test_columns_come_from_a_table():
    import pandas as pd

    frame = pd.DataFrame({**OK, "study": list("abcd"), "year": [2001, 2003, 2005, 2010]})
    fit = review.glmm("OR", data=frame, slab="study", mods="~ year")
    assert fit.slab == tuple("abcd")
    assert fit.coef_names == ("intercept", "year")
    near = review.glmm("OR", data=frame.assign(year=frame["year"] - 2005), mods="~ year")
    assert fit.beta[1] == pytest.approx(near.beta[1], rel=1e-6)
    assert fit.tau2 == pytest.approx(near.tau2, abs=1e-6)


def test_one_study_and_as_many_coefficients_as_studies():
    one = review.glmm("OR", ai=[3], n1i=[20], ci=[6], n2i=[22])
    assert (one.tau2, one.QE_df, one.QE_LRT, one.QEp_LRT) == (0.0, 0, 0.0, 1.0)
    assert any("one study" in note for note in one.notes)
    assert float(one.beta[0]) == pytest.approx(np.log(3 / 17) - np.log(6 / 16))
    two = {n: v[:2] for n, v in OK.items()}
    with pytest.raises(StatsError, match="nothing to estimate tau2 from"):
        review.glmm("OR", mods=[1.0, 2.0], **two)
    fit = review.glmm("OR", mods=[1.0, 2.0], method="EE", test="t", **two)
    assert fit.test == "z"
    assert any("needs more studies" in note for note in fit.notes)


def test_large_supports_are_refused_in_words():
    with pytest.raises(StatsError, match="possible tables"):
        review.glmm("OR", model="CM.EL", ai=[300_000, 5], n1i=[600_000, 50], ci=[280_000, 6],
                    n2i=[600_000, 50])  # fmt: skip


def test_a_likelihood_without_a_maximum_is_no_silent_number():
    """Two studies that contradict each other without bound: tau2 grows for ever, or is refused."""
    try:
        fit = review.glmm("OR", model="CM.EL", ai=[0, 9], n1i=[10, 10], ci=[9, 0], n2i=[10, 10])
    except (StatsError, ConvergenceError):
        return
    assert np.isfinite([float(fit.beta[0]), fit.tau2, float(fit.se[0])]).all()

"""Numbers at the ends of what a computer holds: a clear error, never a traceback or a silent NaN.

What the calls of `tests/fuzz` found, one test per cause.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import pytest

from review import (
    back_transform,
    check_reported_correlation,
    cramers_v,
    effect_size,
    excess_significance,
    fail_safe_n,
    funnel_data,
    gosh,
    henmi_copas,
    kruskal_wallis,
    leave_one_out,
    linear_hypothesis,
    location_scale,
    mantel_haenszel,
    meta_analysis,
    permutation_test,
    peto,
    profile_tau2,
    qq_points,
    regression_test,
    selection_model,
    spearman,
    transfer_counts,
    trim_and_fill,
)
from review.errors import ConvergenceError, InputError, ReviewError, StatsError, UnknownNameError
from review.stats.ground.arguments import finite, generator, ordered_pair, real, values_of, whole
from review.stats.ground.guard import TOO_EXTREME, gaps, guarded

Y, V = [0.1, 0.9, 0.4, 0.3], [0.04, 0.09, 0.05, 0.02]


@pytest.mark.parametrize(
    ("y", "v", "said"),
    [
        (
            [0.1, 0.5],
            [1e-308, 0.1],
            "variances are too large or too small to compute with in row 1",
        ),
        ([0.1, 0.5], [1e308, 0.1], "too large or too small"),
        ([0.1, 1e200], [0.1, 0.1], "effects are too large or too small to compute with in row 2"),
        ([0.1, math.inf], [0.1, 0.1], "effects must be finite"),
        ([0.1, 10**400], [0.1, 0.1], "yi in row 2 must be a number"),
        ([0.1, [1, 2]], [0.1, 0.1], "yi must be one column of numbers, not a nested list"),
    ],
)
def test_effects_and_variances_beyond_computing(y, v, said):
    with pytest.raises(ReviewError, match=said):
        meta_analysis(y, v)


def test_a_forest_plot_of_tiny_variances_is_refused_before_it_is_drawn():
    with pytest.raises(StatsError, match="another unit"):
        meta_analysis([0.1, 0.5, 0.2], [1e-308, 0.1, 0.2]).plot.forest()
    figure = meta_analysis([0.1, 0.5, 0.2], [1e-60, 0.1, 0.2]).plot.forest()
    window = figure.table.plots[0].window
    assert all(np.isfinite(x) for x in window.axis)


def test_weights_that_differ_too_much_leave_no_typical_variance():
    v = [2.776761e-11, 9.751888e-4, 6.017205e-2, 0.4470933, 1.483926e9, 2.1164e-4]
    mods = np.column_stack([np.linspace(-2.6, -1.5, 6), [-3.0, 0.46, -6.1, -0.2, -8.8, 1.1]])
    try:
        fit = meta_analysis([0.42, 0.36, 0.73, 0.25, 0.9, 0.3], v, mods)
    except StatsError as error:
        assert "too unequal" in error.message  # noqa: PT017  either is right
    else:
        assert fit.H2 >= 1


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e308])
def test_moderators_that_are_infinite_or_beyond_computing(value):
    with pytest.raises(StatsError, match="the moderator mod has values that are infinite, too"):
        meta_analysis(Y, V, mods=[1, 2, 3, value])
    with pytest.raises(ReviewError):
        meta_analysis(Y, V, mods=[1, 2, 3, 4]).predict(math.inf)
    with pytest.raises(ReviewError):
        location_scale(Y * 2, V * 2, scale=[1, 2, 3, value] * 2)


def test_a_value_near_zero_beside_others_is_zero_and_a_column_of_them_is_refused():
    fit = meta_analysis(Y, V, mods=[1, 2, 3, 1e-300])
    assert fit.beta[1] == pytest.approx(meta_analysis(Y, V, mods=[1, 2, 3, 0]).beta[1], rel=1e-12)
    with pytest.raises(StatsError, match="too large or too small"):
        meta_analysis(Y, V, mods=np.array([1, 2, 3, 5]) * 1e-300)


def test_moderators_of_other_shapes():
    with pytest.raises(InputError, match="not lists of different length"):
        meta_analysis(Y, V, mods=[[1], [2, 3], 4, 5])
    with pytest.raises(InputError, match="must be one column"):
        meta_analysis(Y, V, mods=[["a", 1], ["b", 2], ["a", 3], ["b", 4]])


@pytest.mark.parametrize(
    ("y", "v"),
    [
        ([0.1, 0.9, 0.4], [1e-40, 1e40, 0.05]), ([1e30, 0.9, 0.4], [0.04, 0.09, 0.05]),
        ([0.1, 0.9, 0.4], [1e-70, 1e-70, 1e-70]), ([-2.0, 0.5, 100.0], [5.0, 1e-9, 1e-8]),
    ],
)  # fmt: skip
def test_the_henmi_copas_interval_of_extreme_numbers(y, v):
    try:
        found = henmi_copas(meta_analysis(y, v, method="DL"))
    except (StatsError, ConvergenceError) as error:
        assert str(error)  # noqa: PT017  an error is right too
    else:
        assert found.ci_lb <= found.estimate <= found.ci_ub
        assert 0 <= found.pval <= 1


def test_figures_of_a_model_without_intercept():
    fit = meta_analysis(Y, V, mods=[1.0, 2.0, 3.0, 4.0], intercept=False)
    figure = fit.plot.leave_one_out()
    found = leave_one_out(fit)
    np.testing.assert_allclose([m.estimate for m in figure.marks("study")], found.estimate)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: spearman(0.5, [1, 2, 3]), "x must hold one value per row, not 0.5"),
        (lambda: spearman([1, 2, math.inf], [1, 2, 3]), "x must be finite.*row 3"),
        (lambda: kruskal_wallis([1, 2, 3], 0.5), "groups must hold one value per row"),
        (lambda: kruskal_wallis([1, -math.inf], ["a", "b"]), "values must be finite"),
        (lambda: kruskal_wallis([1, 2], ["a", "b"], min_size=[]), "min_size must be a whole"),
        (lambda: cramers_v("ab", ["a", "b"]), "a must hold one value per row"),
        (lambda: cramers_v(["a", "b"], ["a", "b"], permutations=-1), "permutations must be"),
        (lambda: cramers_v(["a", "b"], ["a", "b"], seed=10**30), "seed must be a whole number"),
        (lambda: check_reported_correlation("0.5", "0.1", "x"), "n_max must be a whole number"),
        (lambda: excess_significance(Y, V, alpha=None), "alpha must be a number between 0 and 1"),
        (lambda: excess_significance(Y, V, H0=1e400), "H0 must be a finite number"),
        (lambda: fail_safe_n(Y, V, target="x"), "target must be a finite number"),
        (lambda: trim_and_fill(Y, V, limits=3), "limits must be a lower and a higher value"),
        (lambda: trim_and_fill(Y, V, max_iter=""), "max_iter must be a whole number"),
        (lambda: funnel_data(Y, V, se_max=[1, 2]), "se_max must be a finite number"),
        (lambda: funnel_data(Y, V, contours=95), "contours must hold one value per row"),
        (lambda: selection_model(Y, V, delta_max=()), "delta_max must be a number between"),
        (lambda: meta_analysis(Y, V, tau2=[]), "tau2 must be a finite number"),
        (lambda: meta_analysis(Y, V, tau2=[0.1, 0.2]), "tau2 must be a finite number"),
        (lambda: qq_points(meta_analysis(Y, V), draws=10**9), "draws must be.* at most"),
        (lambda: profile_tau2(meta_analysis(Y, V), points=10**9), "points must be.* at most"),
        (lambda: permutation_test(meta_analysis(Y, V), iterations=10**9), "iterations must be"),
        (lambda: gosh(meta_analysis(Y, V), subsets=math.nan), "subsets"),
        (lambda: linear_hypothesis(meta_analysis(Y, V), 5e-324), "too large or too small"),
        (lambda: linear_hypothesis(meta_analysis(Y, V), 10**400), "X must hold numbers"),
        (lambda: back_transform(["a"], "OR"), "values must be numbers"),
        (lambda: back_transform(0.5, transf="ipft", ni="x"), "ni must be numbers"),
        (lambda: transfer_counts("VGG16"), "names must be a list of networks"),
        (lambda: transfer_counts(["VGG16"], unfreeze=1j), "unfreeze = 1j"),
        (lambda: meta_analysis(Y, V).plot.gosh(subsets=50), "subsets is what review.gosh found"),
        (lambda: mantel_haenszel("OR", ai=[1], bi=[2], ci=[3], di=[4], add=None), "add takes one"),
    ],
)
def test_single_numbers_are_checked(call, said):
    with pytest.raises(InputError, match=said):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda x: back_transform(0.5, transf=x),
        lambda x: effect_size("OR", ai=[1], bi=[2], ci=[3], di=[4], to=x),
        lambda x: effect_size("ACC", value=[0.9], ni=[10], scale=x),
        lambda x: peto(ai=[1], bi=[2], ci=[3], di=[4], to=x),
        lambda x: regression_test(Y, V, method=x),
        lambda x: selection_model(Y, V, method=x),
        lambda x: spearman([1, 2, 3], [1, 2, 3], test=x),
        lambda x: transfer_counts([x]),
    ],
)
@pytest.mark.parametrize("name", [np.array([]), np.array(["a", "b"]), 1.5, b"x"])
def test_names_that_are_no_text_are_unknown_names(call, name):
    with pytest.raises((UnknownNameError, InputError)):
        call(name)


def test_tables_without_an_effect_of_their_own_are_named():
    found = mantel_haenszel(
        "OR", ai=[4, 0, 3], bi=[10, 12, 9], ci=[5, 0, 6], di=[9, 11, 8],
        slab=["a", "b", "c"], to=("none", "none"), drop00=(False, False),
    )  # fmt: skip
    assert np.isnan(found.yi[1])
    assert found.notes[-1].startswith("b: no effect of their own")


@dataclass(frozen=True)
class Made:
    GAPS: ClassVar = {"df": "infinite: normal tests"}

    x: float
    df: float
    rows: np.ndarray
    notes: tuple[str, ...] = ()


def test_the_guard_finds_what_is_missing_without_a_word():
    rows = np.array([1.0, np.nan])
    assert list(gaps(Made(1.0, math.inf, np.ones(2)))) == []
    assert list(gaps(Made(math.nan, 1.0, rows))) == ["x", "rows"]
    assert list(gaps([{"a": (Made(math.inf, 1.0, np.ones(2)),)}])) == ["a.x"]
    assert list(gaps(Made(math.nan, 1.0, rows, notes=("why",)))) == []
    assert {f.name for f in fields(Made)} == {"x", "df", "rows", "notes"}
    with pytest.raises(StatsError, match=TOO_EXTREME[:30]):
        guarded(lambda: np.array([1e308]) * 10)()


@pytest.mark.parametrize("value", [None, "1", True, math.nan, math.inf, 1j, [], [1, 1], 10**400])
def test_one_number_is_one_number(value):
    with pytest.raises(InputError, match="alpha must be a finite number, not"):
        real("alpha", value)
    with pytest.raises(InputError, match="k must be a whole number of at least 0"):
        whole("k", value, least=0)
    with pytest.raises(InputError, match="limits must be a lower and a higher value"):
        ordered_pair("limits", value)


def test_numbers_that_are_right():
    assert real("x", np.array([0.5])) == real("x", np.float32(0.5)) == 0.5
    assert whole("k", np.int64(3), least=0) == whole("k", 3.0, least=3) == 3
    assert ordered_pair("limits", [-math.inf, 2]) == (-math.inf, 2.0)
    assert values_of("x", range(3)) == values_of("x", np.arange(3)) == [0, 1, 2]
    assert generator(None)[1] >= 0
    assert finite("x", np.array([1.0, np.nan]))[0] == 1.0

"""Coefficients of agreement against published values and second, independent computations."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import InputError
from review.stats.agreement.category_agreement import (
    category_counts,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    light_kappa,
    percent_agreement,
    wilson,
)
from review.stats.agreement.krippendorff_alpha import krippendorff_alpha
from review.stats.agreement.number_agreement import bland_altman, complete_units, icc

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", part C: 4 observers, 12 units
_ = None
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
# Fleiss (1971), as worked out in many textbooks: 10 subjects, 14 raters, 5 categories
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
# Shrout and Fleiss (1979), table 2: 6 targets, 4 judges
JUDGES = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]
# Bland and Altman (1986), table 1: peak flow by two meters, first measurements
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]

words = st.sampled_from(["a", "b", "c"])
pairs = st.lists(st.tuples(st.none() | words, st.none() | words), min_size=0, max_size=12)


def columns(units):
    return [[u[0] for u in units], [u[1] for u in units]]


@pytest.mark.parametrize(
    ("measured", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_of_krippendorffs_example(measured, value):
    assert round(krippendorff_alpha(OBSERVERS, measured=measured, n_boot=0).value, 3) == value


@pytest.mark.parametrize("measured", ["nominal", "ordinal", "interval"])
def test_own_form_of_alpha_is_the_librarys(measured):
    """Replicate weights of one are the sample itself."""
    import krippendorff

    data = [[np.nan if v is None else v for v in row] for row in OBSERVERS]
    library = krippendorff.alpha(reliability_data=data, level_of_measurement=measured)
    from review.stats.agreement import krippendorff_alpha as module

    counts, order = category_counts(OBSERVERS)
    counts = counts[counts.sum(axis=1) >= 2]
    units = [[v for v in unit if v is not None] for unit in zip(*OBSERVERS, strict=True)]
    units = [unit for unit in units if len(unit) > 1]
    form = {
        "nominal": lambda: module._nominal(counts),
        "ordinal": lambda: module._ordinal(counts),
        "interval": lambda: module._interval(units, np.array(order, dtype=float)),
    }[measured]()
    assert form(np.ones((1, len(counts)), dtype=np.int64))[0] == pytest.approx(library, rel=1e-12)


def test_alpha_of_many_numbers_is_the_librarys_too(monkeypatch):
    from review.stats.agreement import krippendorff_alpha as module

    rng = np.random.default_rng(1)
    x = rng.normal(size=60) * 1000
    ratings = [list(x), list(x + rng.normal(size=60) * 300)]
    library = krippendorff_alpha(ratings, measured="interval", n_boot=0).value
    monkeypatch.setattr(module, "LIBRARY_CELLS", 0)
    own = krippendorff_alpha(ratings, measured="interval", n_boot=0).value
    assert own == pytest.approx(library, rel=1e-12)


def test_alpha_of_thousands_of_numbers_needs_little_memory():
    rng = np.random.default_rng(2)
    x = rng.normal(size=5000)
    ratings = [list(x), list(x + rng.normal(size=5000))]
    # two measurements with equal error variance: alpha is about 1 - 0.5 / (1 + 0.5)
    assert krippendorff_alpha(ratings, measured="interval", n_boot=10).value == pytest.approx(
        1 - 0.5 / 1.5, abs=0.03
    )


def test_gwets_ac1_of_his_handbook():
    """Gwet (2014), the same data: AC1 0.77544, SE 0.14295, interval 0.4608 to 1."""
    found = gwet_ac(OBSERVERS)
    assert round(found.value, 5) == 0.77544
    assert round(found.low, 4) == 0.4608
    assert found.high == 1.0
    assert round(percent_agreement(OBSERVERS).value, 4) == 0.8182


def test_ac1_is_high_where_kappa_is_paradoxical():
    """Gwet (2008), table 1 of the paradox: 118 + 5 + 2 of 125, kappa -0.0234, AC1 0.9408."""
    first = ["+"] * 123 + ["-"] * 2
    second = ["+"] * 118 + ["-"] * 5 + ["+"] * 2
    assert round(cohen_kappa([first, second]).value, 4) == -0.0234
    assert round(gwet_ac([first, second]).value, 4) == 0.9408


def test_cohens_kappa_by_hand():
    """20 and 15 of 50 agree: po 0.7, pe 0.5, kappa 0.4; variance of Fleiss, Cohen, Everitt."""
    ratings = ["y"] * 25 + ["n"] * 25, ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    found = cohen_kappa(ratings)
    assert found.value == pytest.approx(0.4, abs=1e-12)
    p = np.array([[15, 10], [5, 20]]) / 50
    row, column, pe, kappa = p.sum(1), p.sum(0), 0.5, 0.4
    a = sum(p[i, i] * (1 - (row[i] + column[i]) * (1 - kappa)) ** 2 for i in range(2))
    b = (1 - kappa) ** 2 * sum(
        p[i, j] * (row[j] + column[i]) ** 2 for i in range(2) for j in range(2) if i != j
    )
    variance = (a + b - (kappa - pe * (1 - kappa)) ** 2) / (50 * (1 - pe) ** 2)
    assert found.high - found.value == pytest.approx(1.959963984540054 * math.sqrt(variance))


def test_weighted_kappa_is_one_minus_weighted_disagreement():
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    second[:30] = first[:30]
    for weights, power in (("linear", 1), ("quadratic", 2)):
        observed = np.mean(np.abs(first - second) ** power)
        expected = np.mean(np.abs(first[:, None] - second[None, :]) ** power)
        found = cohen_kappa(
            [list(first), list(second)], weights=weights, categories=[0, 1, 2, 3]
        ).value
        assert found == pytest.approx(1 - observed / expected, abs=1e-12)


def test_a_category_nobody_used_keeps_its_place_in_weights():
    ratings = [["low", "high", "low"], ["low", "high", "high"]]
    three = cohen_kappa(ratings, weights="linear", categories=["low", "middle", "high"])
    assert three.value == pytest.approx(cohen_kappa(ratings).value)


def test_fleiss_kappa_of_fleiss():
    raters = np.array(
        [[c for c, n in enumerate(subject) for _ in range(n)] for subject in FLEISS]
    ).T
    found = fleiss_kappa([list(r) for r in raters])
    assert round(found.value, 3) == 0.210
    assert found.low < found.value < found.high


@pytest.mark.trap(
    "pingouin 0.7.0",
    "intraclass correlations have other names than in earlier versions",
)
@pytest.mark.parametrize(
    ("form", "value", "low", "high"),
    [
        ("oneway", 0.17, -0.13, 0.72),
        ("agreement", 0.29, 0.02, 0.76),
        ("consistency", 0.71, 0.34, 0.95),
    ],
)
def test_intraclass_correlations_of_shrout_and_fleiss(form, value, low, high):
    """Forms are named as Shrout and Fleiss do, with their published values."""
    """Values: their table 4; intervals: the same data in Revelle's R package psych."""
    found = icc(JUDGES, form=form)
    assert round(found.value, 2) == value
    assert (round(found.low, 2), round(found.high, 2)) == (low, high)


def test_limits_of_agreement_of_bland_and_altman():
    """Mean difference -2.1, SD 38.8 (their limits use 2 SD: -79.7 to 75.5)."""
    found = bland_altman(WRIGHT, MINI)
    assert (round(found.bias, 1), round(found.sd, 1), found.n) == (-2.1, 38.8, 17)
    assert round(found.bias - 2 * found.sd, 1) == -79.6
    assert found.high - found.bias == pytest.approx(1.959963984540054 * found.sd)
    assert found.low_ci[0] < found.low < found.low_ci[1]


def test_icc_does_not_depend_on_scale_or_origin():
    moved = [[1e6 + 1e-3 * v for v in row] for row in JUDGES]
    for form in ("agreement", "consistency", "oneway"):
        assert icc(moved, form=form).value == pytest.approx(icc(JUDGES, form=form).value, rel=1e-6)


@pytest.mark.parametrize("function", [cohen_kappa, gwet_ac, krippendorff_alpha, percent_agreement])
def test_coders_and_units_can_change_places(function):
    base = function([list("aabbc"), list("aabcc")])
    assert function([list("aabcc"), list("aabbc")]).value == pytest.approx(base.value)
    assert function([list("cabba"), list("cabca")]).value == pytest.approx(base.value)


@given(pairs)
def test_nothing_is_ever_nan(units):
    ratings = columns(units)
    for found in (
        percent_agreement(ratings),
        cohen_kappa(ratings),
        gwet_ac(ratings),
        krippendorff_alpha(ratings, n_boot=20),
        fleiss_kappa(ratings, n_boot=20),
    ):
        for number in (found.value, found.low, found.high):
            assert number is None or math.isfinite(number)
        assert found.value is not None or found.note
        assert found.low is not None or found.note
        if found.value is not None:
            assert found.value <= 1 + 1e-12


@given(st.lists(words, min_size=2, max_size=10))
def test_equal_codings_agree_perfectly(values):
    ratings = [values, list(values)]
    assert percent_agreement(ratings).value == 1
    assert gwet_ac(ratings).value == pytest.approx(1)
    for function in (cohen_kappa, krippendorff_alpha, fleiss_kappa):
        found = function(ratings)
        if len(set(values)) > 1:
            assert found.value == pytest.approx(1)
        else:
            assert found.value is None
            assert "0/0" in found.note


numbers = st.none() | st.floats(-1e3, 1e3, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers), max_size=8))
def test_numbers_never_give_nan(units):
    first, second = columns(units)
    for form in ("agreement", "consistency", "oneway"):
        found = icc([first, second], form=form)
        assert found.value is None or found.value <= 1 + 1e-9
        for limit in (found.value, found.low, found.high):
            assert limit is None or math.isfinite(limit)
    limits = bland_altman(first, second)
    assert limits.bias is None or math.isfinite(limits.bias)


def test_degenerate_cases_are_explained():
    assert "no unit has a value of both" in cohen_kappa([["a"], [None]]).note
    assert "one unit only" in krippendorff_alpha([["a", "b"], ["b", None]], n_boot=50).note
    assert "every number is the same" in icc([[1, 1], [1, 1]]).note
    assert icc([[1, 2, 3], [1, 2, 3]]).value == 1
    assert "two coders and two units" in icc([[1], [2]]).note
    assert "one pair only" in bland_altman([1], [2]).note
    assert bland_altman([None], [2]).bias is None
    assert "three or more coders" in percent_agreement(OBSERVERS).note


def test_light_kappa_is_the_mean_over_pairs():
    three = [list("aabbcc"), list("aabbca"), list("ababcc")]
    single = [cohen_kappa(pair).value for pair in itertools.combinations(three, 2)]
    assert light_kappa(three).value == pytest.approx(sum(single) / 3)
    assert light_kappa([list("ab"), list("ab")]).value == 1
    assert "left out" in light_kappa([list("aa"), list("aa"), list("ab")]).note


def test_bootstrap_is_reproducible_and_seeded():
    one, two = (krippendorff_alpha(OBSERVERS, seed=s, n_boot=200) for s in (1, 1))
    other = krippendorff_alpha(OBSERVERS, seed=2, n_boot=200)
    assert one == two
    assert (one.low, one.high) != (other.low, other.high)
    assert one.low <= one.value <= one.high


def test_wrong_input_is_named():
    with pytest.raises(InputError, match="different numbers of units"):
        percent_agreement([["a"], ["a", "b"]])
    with pytest.raises(InputError, match="outside the categories: c"):
        gwet_ac([["c"], ["a"]], categories=["a", "b"])
    with pytest.raises(InputError, match="two coders, not 3"):
        cohen_kappa([["a"], ["a"], ["a"]])
    with pytest.raises(InputError, match="between 0 and 100"):
        wilson(1, 2, 0)
    with pytest.raises(InputError, match="not finite"):
        complete_units([[float("inf")], [1.0]])


def test_wilson_interval_is_the_librarys():
    from statsmodels.stats.proportion import proportion_confint

    for k, n in ((0, 5), (8, 10), (263, 340)):
        assert wilson(k, n) == pytest.approx(proportion_confint(k, n, method="wilson"))

"""Numbers that are probably not what they are given as, and what readers must be told."""

import numpy as np
import pytest

import review
from review import StatsError


def notes(measure, **columns):
    return " | ".join(review.effect_size(measure, **columns).notes)


@pytest.mark.parametrize(
    ("measure", "columns", "right"),
    [
        ("PLO", {"xi": [0.30, 0.25], "ni": [120, 90]}, "proportions as propi"),
        ("PR", {"xi": [30, 0.25], "ni": [120, 90]}, "percentages as percenti"),
        ("SENS", {"xi": [0.30], "ni": [120]}, "proportions as value"),
        ("OR", {"ai": [0.1], "n1i": [50], "ci": [6], "n2i": [50]}, "proportions as prop1i"),
        ("RR", {"ai": [5], "n1i": [50], "ci": [0.12], "n2i": [50]}, "proportions as prop2i"),
    ],
)
def test_proportions_given_as_counts_are_refused_with_the_right_column(measure, columns, right):
    with pytest.raises(StatsError) as caught:
        review.effect_size(measure, **columns)
    assert right in str(caught.value)
    assert "row" in str(caught.value)


def test_a_correction_added_by_hand_and_effective_counts_stay_possible():
    by_hand = review.effect_size("OR", ai=0.5, bi=10.5, ci=3.5, di=8.5)
    assert by_hand.k == 1
    assert "not a whole number" in by_hand.notes[0]


def test_percentages_that_look_like_proportions():
    said = notes("PLO", percenti=[0.3, 0.25, 0.4], ni=[100, 200, 300])
    assert "give them as propi" in said


@pytest.mark.parametrize(
    ("measure", "columns", "said"),
    [
        (
            "SENS",
            {"value": 0.485, "tp": 120, "fn": 22},
            "value is 0.485, but the row's own numbers",
        ),
        ("SENS", {"value": 0.845, "tp": 120, "fn": 22}, ""),
        ("SENS", {"value": 0.85, "tp": 120, "fn": 22}, ""),
        ("PLO", {"percenti": 26.7, "xi": 32, "ni": 120}, ""),
        ("PLO", {"percenti": 29.7, "xi": 32, "ni": 120}, "percenti is 29.7, but"),
        ("OR", {"ai": 5, "n1i": 50, "ci": 9, "n2i": 50, "est": 0.51, "se": 0.6}, ""),
        ("OR", {"ai": 5, "n1i": 50, "ci": 9, "n2i": 50, "est": 1.51, "se": 0.6}, "give 0.51"),
    ],
)
def test_values_that_contradict_the_counts_of_their_row(measure, columns, said):
    found = notes(measure, **columns)
    assert said in found if said else "own numbers" not in found


@pytest.mark.parametrize(
    ("measure", "columns", "said"),
    [
        ("HR", {"est": 0.50, "ci_lb": 0.25, "ci_ub": 1.00}, ""),
        ("HR", {"est": 0.74, "ci_lb": 0.58, "ci_ub": 0.95}, ""),
        ("HR", {"est": 1.2, "ci_lb": 0.7, "ci_ub": 2.0}, ""),
        ("HR", {"est": 0.74, "ci_lb": 0.58, "ci_ub": 1.95}, "on the scale of the logarithm"),
        ("HR", {"est": 1.00, "ci_lb": 0.40, "ci_ub": 1.60}, "symmetric as printed"),
        ("MD", {"est": 1.2, "ci_lb": 0.1, "ci_ub": 2.3}, ""),
        ("MD", {"est": 2.05, "ci_lb": 1.02, "ci_ub": 4.12}, "is it a ratio?"),
        ("MD", {"est": 2, "ci_lb": 1, "ci_ub": 4}, ""),
        ("PLO", {"est": 0.9, "ci_lb": 0.81, "ci_ub": 0.95}, ""),
        ("PLO", {"est": 0.9, "ci_lb": 0.85, "ci_ub": 0.95}, "on the scale of the logit"),
    ],
)
def test_intervals_that_rounding_cannot_make_symmetric(measure, columns, said):
    found = notes(measure, **columns, slab=["Kim 2019"])
    if said:
        assert said in found
        assert "row 1 (Kim 2019): the interval" in found
    else:
        assert "symmetric" not in found


def test_ratios_on_their_natural_scale_as_effects():
    assert "give them as est" in notes("HR", yi=[0.5, 2.0, 0.8], vi=[0.1, 0.1, 0.1])
    assert "give them as est" not in notes("HR", yi=[-0.7, 0.7, -0.2], vi=[0.1, 0.1, 0.1])
    assert "give them as est" not in notes("MD", yi=[0.5, 2.0, 0.8], vi=[0.1, 0.1, 0.1])


def test_variances_given_as_standard_errors_show_in_the_sizes():
    """A log odds ratio of 100 persons has a variance of at least 0.16."""
    n, v = np.array([100, 200, 400, 150]), np.array([0.2, 0.1, 0.05, 0.15])
    wrong = notes("OR", yi=[0.1, 0.2, 0.3, 0.2], sei=v, ni=n)
    assert "if they are variances, give them as vi" in wrong
    assert "give them as vi" not in notes("OR", yi=[0.1, 0.2, 0.3, 0.2], sei=np.sqrt(v), ni=n)
    real = review.effect_size("OR", ai=[10, 20, 30], n1i=50, ci=[12, 22, 28], n2i=50)
    assert "give them as vi" not in notes("OR", yi=real.yi, sei=real.sei, ni=real.ni)


def test_freeman_tukey_with_very_unequal_sizes():
    said = notes("PFT", xi=[2, 300], ni=[20, 4000])
    assert "Schwarzer et al. 2019" in said
    assert "PLO" in said
    assert "factor of 200" in said
    assert "Schwarzer" not in notes("PFT", xi=[2, 30], ni=[20, 40])
    assert "IRLN" in notes("IRFT", xi=[2, 300], ti=[20, 4000])


@pytest.mark.parametrize(
    ("measure", "columns", "said"),
    [
        (
            "OR",
            {"ai": [0, 4], "n1i": 20, "ci": [3, 6], "n2i": 20},
            "continuity correction: 0.5 added to each cell: row 1",
        ),
        ("OR", {"ai": [0, 4], "n1i": 20, "ci": [3, 6], "n2i": 20, "to": "all"}, "row 1, row 2"),
        ("OR", {"ai": [3, 4], "n1i": 20, "ci": [3, 6], "n2i": 20}, ""),
        (
            "RR",
            {"ai": [0, 4], "n1i": 20, "ci": [0, 6], "n2i": 20},
            "in both groups, which says nothing about a ratio; kept with the correction",
        ),
        ("RR", {"ai": [0, 4], "n1i": 20, "ci": [0, 6], "n2i": 20, "drop00": True}, ""),
        ("PLO", {"xi": [0, 5], "ni": 20}, "0.5 added to each cell: row 1"),
        ("IRLN", {"xi": [0, 5], "ti": 20}, "0.5 added to each cell: row 1"),
        ("IRR", {"x1i": [0, 5], "t1i": 20, "x2i": [0, 5], "t2i": 20}, "says nothing about a ratio"),
        ("SENS", {"tp": [9, 5], "fn": [0, 3]}, "0.5 added to each cell: row 1"),
        ("MPOR", {"ai": 5, "bi": [0, 2], "ci": 4, "di": 5}, "0.5 added to each cell: row 1"),
        ("PAS", {"xi": [0, 5], "ni": 20}, ""),
    ],
)
def test_zero_cells_are_named(measure, columns, said):
    found = notes(measure, **columns)
    assert said in found if said else not found

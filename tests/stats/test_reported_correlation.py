from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.errors import ReviewError
from review.stats.association.rank_correlation import p_from_rho
from review.stats.consistency.reported_correlation import check_reported_correlation


@pytest.mark.parametrize(("rho", "p", "needed"), [("0.05", "0.03", 1779), ("0.13", "0.17", 111)])
def test_the_correlations_of_kim_2022_are_impossible_for_41_points(rho, p, needed):
    check = check_reported_correlation(rho, p, 41)
    assert not check.possible
    assert not check.possible_one_sided
    assert check.n_needed == needed
    assert f"{needed:,}" in check.verdict
    # the number needed is the first at which the p-value rounds to the printed one
    half = 0.005
    assert p_from_rho(float(rho), needed) <= float(p) + half < p_from_rho(float(rho), needed - 1)


@settings(max_examples=150)
@given(st.integers(-100, 100), st.integers(0, 100), st.integers(3, 60), st.sampled_from([1, 2]))
def test_verdict_is_that_of_trying_every_number_of_points(r, q, n_max, digits):
    rho, p = round(r / 100, digits), round(q / 100, digits)
    half = 0.5 * 10**-digits
    text = f"{rho:.{digits}f}", f"{p:.{digits}f}"
    low, high = max(abs(rho) - half, 0), min(abs(rho) + half, 1)
    possible = any(
        p_from_rho(high, n) <= p + half and p_from_rho(low, n) >= p - half
        for n in range(3, n_max + 1)
    )
    check = check_reported_correlation(*text, n_max)
    assert check.possible == possible
    assert ("is possible" in check.verdict) == possible


@settings(max_examples=60)
@given(st.floats(-0.95, 0.95), st.integers(5, 300))
def test_a_true_report_is_never_called_impossible(rho, n):
    p = p_from_rho(rho, n)
    check = check_reported_correlation(f"{rho:.2f}", f"{p:.2f}", n)
    assert check.possible
    one_sided = p_from_rho(rho, n, "greater")
    assert check_reported_correlation(f"{rho:.2f}", f"{one_sided:.2f}", n).possible_one_sided


def test_no_number_of_points_makes_zero_significant():
    check = check_reported_correlation("0.000000", "0.01", 50)
    assert check.n_needed is None
    assert math.isfinite(check.p_low)


@pytest.mark.parametrize(
    ("rho", "p", "n", "says"),
    [
        ("1.2", "0.5", 10, "between -1 and 1"),
        ("0.2", "-0.5", 10, "between 0 and 1"),
        ("zero", "0.5", 10, "no number"),
        ("nan", "0.5", 10, "between"),
        ("0.2", "0.5", 2, "at least 3"),
    ],
)
def test_wrong_input_is_explained(rho, p, n, says):
    with pytest.raises(ReviewError, match=says):
        check_reported_correlation(rho, p, n)

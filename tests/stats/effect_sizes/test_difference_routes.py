"""Standardised differences from a mean difference as printed (Cochrane Handbook 6.5.2.3)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

import review

M1, SD1, N1 = np.array([10.2, 3.0, -1.0]), np.array([3.1, 2.0, 0.5]), np.array([25, 12, 200])
M2, SD2, N2 = np.array([8.0, 3.5, -1.4]), np.array([2.7, 2.4, 0.6]), np.array([30, 10, 180])
DIFFERENCE = M1 - M2
POOLED = np.sqrt(((N1 - 1) * SD1**2 + (N2 - 1) * SD2**2) / (N1 + N2 - 2))
SE = POOLED * np.sqrt(1 / N1 + 1 / N2)
RAW = {"m1i": M1, "sd1i": SD1, "m2i": M2, "sd2i": SD2}


@pytest.mark.parametrize("measure", ["SMD", "RPB", "D2ORN", "D2ORL"])
def test_a_difference_with_its_standard_error_is_as_good_as_means_and_sds(measure):
    direct = review.effect_size(measure, n1i=N1, n2i=N2, **RAW)
    told = review.effect_size(measure, md=DIFFERENCE, md_se=SE, n1i=N1, n2i=N2)
    np.testing.assert_allclose(told.yi, direct.yi, rtol=1e-12)
    np.testing.assert_allclose(told.vi, direct.vi, rtol=1e-12)
    first, second = (c.method for c in told.conversions[:2])
    assert first == "t from the mean difference and its standard error"
    assert second == "Cohen's d from the t statistic"
    assert not told.conversions[0].approximate


@pytest.mark.parametrize("level", [90, 95, 99])
def test_an_interval_of_the_difference_gives_the_same(level):
    half = student.ppf(0.5 + level / 200, N1 + N2 - 2) * SE
    direct = review.effect_size("SMD", n1i=N1, n2i=N2, **RAW)
    told = review.effect_size(
        "SMD", md=DIFFERENCE, md_ci_lb=DIFFERENCE - half, md_ci_ub=DIFFERENCE + half, n1i=N1,
        n2i=N2, level=level,
    )  # fmt: skip
    np.testing.assert_allclose(told.yi, direct.yi, rtol=1e-12)
    np.testing.assert_allclose(told.vi, direct.vi, rtol=1e-12)


def test_rows_may_tell_different_things_and_raw_numbers_come_first():
    nan = np.nan
    mixed = review.effect_size(
        "SMD", n1i=N1, n2i=N2, m1i=[M1[0], nan, nan], sd1i=[SD1[0], nan, nan],
        m2i=[M2[0], nan, nan], sd2i=[SD2[0], nan, nan], md=[9.0, DIFFERENCE[1], nan],
        md_se=[1.0, SE[1], SE[2]],
    )  # fmt: skip
    direct = review.effect_size("SMD", n1i=N1, n2i=N2, **RAW)
    np.testing.assert_allclose(mixed.yi[:2], direct.yi[:2], rtol=1e-12)
    assert np.isnan(mixed.yi[2])
    assert {c.row for c in mixed.conversions} == {2}


@pytest.mark.parametrize("se", [0.0, -1.0])
def test_a_standard_error_that_is_none_leads_to_no_effect(se):
    told = review.effect_size("SMD", md=[1.0, 2.0], md_se=[se, 1.0], n1i=[10, 10], n2i=[10, 10])
    assert np.isnan(told.yi[0])
    assert np.isfinite(told.yi[1])

"""Tail areas without scipy, held to scipy."""

import itertools
import math

import pytest
from scipy import special

from review.stats.consistency.tail_areas import (
    beta_area,
    beta_point,
    chi2_area,
    f_area,
    normal_point,
    t_area,
    t_point,
)

DFS = (0.5, 1, 2, 3.7, 5, 10, 28, 49, 51, 99.5, 101, 500, 1e4, 1.9e5)


@pytest.mark.parametrize("df", [*DFS, 3e5, 1e9, 1e12])
def test_t(df):
    for t in (0.001, 0.1, 0.7, 1.0, 1.96, 3.0, 8.0, *((40.0,) if df < 2e5 else ())):
        expected = 2 * float(special.stdtr(df, -t))
        near = 1e-6 if df > 2e5 else 1e-10
        assert t_area(df, t) == pytest.approx(expected, rel=near, abs=1e-300)
    assert t_point(df, 0.05) == pytest.approx(float(special.stdtrit(df, 0.975)), rel=1e-8)


def test_f_and_chi2():
    for a, b in itertools.product((1, 2, 3.5, 10, 120), (1, 2, 7.3, 30, 1000, 1e4)):
        for f in (0.01, 0.5, 1.0, 3.2, 12.0, 100.0):
            expected = float(special.fdtrc(a, b, f))
            assert f_area(a, b, f) == pytest.approx(expected, rel=1e-9, abs=1e-300)
    for df in (1, 2, 3, 11, 40, 300, 5000):
        for x in (0.01, 0.5, df / 2, float(df), 1.5 * df, 3.0 * df + 20):
            expected = float(special.chdtrc(df, x))
            assert chi2_area(df, x) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_beta_and_its_inverse():
    for a, b in itertools.product((0.5, 1, 3, 20.5, 400), (0.5, 2, 9, 150.5)):
        for x in (1e-6, 0.01, 0.3, 0.5, 0.9, 0.999):
            assert beta_area(a, b, x) == pytest.approx(float(special.betainc(a, b, x)), rel=1e-9)
        for area in (0.005, 0.025, 0.5, 0.975):
            expected = float(special.betaincinv(a, b, area))
            assert beta_point(a, b, area) == pytest.approx(expected, rel=1e-7, abs=1e-13)


def test_edges():
    assert (t_area(5, math.inf), f_area(2, 5, 0), chi2_area(3, 0), normal_point(2)) == (0, 1, 1, 0)
    assert normal_point(1e-300) == pytest.approx(-float(special.ndtri(5e-301)))

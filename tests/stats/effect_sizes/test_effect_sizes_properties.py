"""Properties that hold for any data: signs, units, order, inverses."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import review

K = 4
FEW = settings(max_examples=25)
COUNT = arrays(np.int64, K, elements=st.integers(1, 60))
MEAN = arrays(float, K, elements=st.floats(0.5, 50))
SD = arrays(float, K, elements=st.floats(0.1, 20))
SIZE = arrays(np.int64, K, elements=st.integers(4, 80))
R = arrays(float, K, elements=st.floats(-0.95, 0.95))
GROUPS = st.fixed_dictionaries(
    {"m1i": MEAN, "sd1i": SD, "n1i": SIZE, "m2i": MEAN, "sd2i": SD, "n2i": SIZE}
)

BINARY = ["RR", "OR", "RD", "AS", "PETO", "PHI", "YUQ", "YUY", "RTET", "OR2DN", "OR2DL", "PBIT"]
QUANTITATIVE = ["MD", "SMD", "SMDH", "ROM", "RPB", "RBIS", "D2ORN", "D2ORL", "CVR", "VR"]


def pick(measure, columns):
    allowed = review.MEASURES[measure].family.allowed
    return {name: column for name, column in columns.items() if name in allowed}


@pytest.mark.parametrize("measure", BINARY)
@FEW
@given(a=COUNT, b=COUNT, c=COUNT, d=COUNT)
def test_swapping_groups_flips_the_sign(measure, a, b, c, d):
    one = review.effect_size(measure, ai=a, bi=b, ci=c, di=d)
    two = review.effect_size(measure, ai=c, bi=d, ci=a, di=b)
    np.testing.assert_allclose(two.yi, -one.yi, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(two.vi, one.vi, rtol=1e-8)


@pytest.mark.parametrize("measure", ["OR", "PHI", "YUQ", "YUY", "RTET", "PBIT", "RD", "AS"])
@FEW
@given(a=COUNT, b=COUNT, c=COUNT, d=COUNT)
def test_swapping_events_and_others_flips_the_sign(measure, a, b, c, d):
    one = review.effect_size(measure, ai=a, bi=b, ci=c, di=d)
    two = review.effect_size(measure, ai=b, bi=a, ci=d, di=c)
    np.testing.assert_allclose(two.yi, -one.yi, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(two.vi, one.vi, rtol=1e-8)


@pytest.mark.parametrize("measure", QUANTITATIVE)
@FEW
@given(first=GROUPS)
def test_swapping_quantitative_groups_flips_the_sign(measure, first):
    other = str.maketrans("12", "21")
    second = {name.translate(other): column for name, column in first.items()}
    one, two = (review.effect_size(measure, **pick(measure, c)) for c in (first, second))
    np.testing.assert_allclose(two.yi, -one.yi, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(two.vi, one.vi, rtol=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 0.3, 1e7])
@FEW
@given(groups=GROUPS, r=R)
def test_the_unit_of_measurement(unit, groups, r):
    plain = {**groups, "ri": r, "ni": groups["n1i"]}
    scaled = {n: unit * x if n[0] in "ms" else x for n, x in plain.items()}
    free = [*QUANTITATIVE[1:], "SMD1", "SMD1H", "SMCC", "SMCR", "SMCRH", "ROMC", "CVRC", "VRC"]
    for measure in free:
        one, two = (review.effect_size(measure, **pick(measure, c)) for c in (plain, scaled))
        np.testing.assert_allclose(two.yi, one.yi, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(two.vi, one.vi, rtol=1e-9)
    for measure in ("MD", "MC"):
        one, two = (review.effect_size(measure, **pick(measure, c)) for c in (plain, scaled))
        np.testing.assert_allclose(two.yi, unit * one.yi, rtol=1e-9, atol=1e-12 * unit)
        np.testing.assert_allclose(two.vi, unit**2 * one.vi, rtol=1e-9)


@FEW
@given(x1=COUNT, x2=COUNT, t1=SD, t2=SD)
def test_the_unit_of_time(x1, x2, t1, t2):
    years = {"x1i": x1, "x2i": x2, "t1i": t1, "t2i": t2}
    days = {"x1i": x1, "x2i": x2, "t1i": 365 * t1, "t2i": 365 * t2}
    for measure, power in (("IRR", 0), ("IRD", 1), ("IRSD", 0.5)):
        one, two = review.effect_size(measure, **years), review.effect_size(measure, **days)
        np.testing.assert_allclose(two.yi, one.yi / 365**power, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(two.vi, one.vi / 365 ** (2 * power), rtol=1e-9)


@FEW
@given(a=COUNT, b=COUNT, c=COUNT, d=COUNT, order=st.permutations(range(K)))
def test_order_of_studies(a, b, c, d, order):
    order = list(order)
    for measure in BINARY:
        one = review.effect_size(measure, ai=a, bi=b, ci=c, di=d)
        two = review.effect_size(measure, ai=a[order], bi=b[order], ci=c[order], di=d[order])
        np.testing.assert_allclose(two.yi, one.yi[order], rtol=1e-12)


@FEW
@given(a=COUNT, b=COUNT, c=COUNT, d=COUNT, factor=st.integers(2, 9))
def test_a_larger_study_with_the_same_shares(a, b, c, d, factor):
    """All counts times f: the same effect, the variance divided by f."""
    for measure in ("RR", "OR", "RD", "AS", "PHI", "YUQ", "RTET", "PBIT"):
        one = review.effect_size(measure, ai=a, bi=b, ci=c, di=d)
        two = review.effect_size(
            measure, ai=factor * a, bi=factor * b, ci=factor * c, di=factor * d
        )
        np.testing.assert_allclose(two.yi, one.yi, rtol=1e-8, atol=1e-9)
        np.testing.assert_allclose(two.vi, one.vi / factor, rtol=1e-8)


@FEW
@given(n=st.integers(1, 400), share=st.floats(0, 1))
def test_proportions_come_back(n, share):
    x = round(share * n)
    for measure in ("PR", "PAS", "PFT"):
        es = review.effect_size(measure, xi=x, ni=n, to="none")
        assert es.back_transformed()[0] == pytest.approx(x / n, abs=1e-12)
    assume(0 < x < n)
    for measure in ("PLN", "PLO"):
        es = review.effect_size(measure, xi=x, ni=n)
        assert es.back_transformed()[0] == pytest.approx(x / n, rel=1e-12)


@FEW
@given(x=st.integers(0, 300), t=st.floats(0.05, 1000))
def test_rates_come_back(x, t):
    for measure in ("IR", "IRS", "IRFT"):
        es = review.effect_size(measure, xi=x, ti=t, to="none")
        assert es.back_transformed()[0] == pytest.approx(x / t, rel=1e-9, abs=1e-12)


@FEW
@given(alpha=st.floats(-2, 0.99), n=st.integers(4, 400), m=st.integers(2, 40))
def test_alpha_comes_back(alpha, n, m):
    for measure in ("ARAW", "AHW", "ABT"):
        es = review.effect_size(measure, ai=alpha, mi=m, ni=n)
        assert es.back_transformed()[0] == pytest.approx(alpha, abs=1e-9)


@FEW
@given(r=st.floats(-0.999, 0.999), n=st.integers(5, 500))
def test_correlations_come_back_and_are_bounded(r, n):
    es = review.effect_size("ZCOR", ri=r, ni=n)
    assert es.back_transformed()[0] == pytest.approx(r, abs=1e-12)
    unbiased = review.effect_size("UCOR", ri=r, ni=n).yi[0]
    assert abs(r) - 1e-12 <= abs(unbiased) <= 1


@FEW
@given(x=arrays(float, 6, elements=st.floats(-3, 3)), n=st.integers(1, 500))
def test_back_transformations_rise(x, n):
    x = np.sort(x)
    for name in ("exp", "expit", "tanh", "iarcsin", "square", "iahw", "iabt", "ipft", "pnorm"):
        y = review.back_transform(x, transf=name, ni=n)
        assert np.all(np.diff(y) >= -1e-9)


@FEW
@given(a=COUNT, b=COUNT, c=COUNT, d=COUNT)
def test_zero_cell_policies_do_nothing_without_zero_cells(a, b, c, d):
    base = review.effect_size("OR", ai=a, bi=b, ci=c, di=d, to="none")
    for policy in ("only0", "if0all"):
        same = review.effect_size("OR", ai=a, bi=b, ci=c, di=d, to=policy)
        np.testing.assert_array_equal(same.yi, base.yi)
    every = review.effect_size("OR", ai=a, bi=b, ci=c, di=d, to="all", add=2)
    direct = review.effect_size("OR", ai=a + 2, bi=b + 2, ci=c + 2, di=d + 2)
    np.testing.assert_allclose(every.yi, direct.yi)

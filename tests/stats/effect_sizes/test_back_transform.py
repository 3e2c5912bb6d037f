"""Back-transformations by name and by measure."""

import numpy as np
import pytest

import review
from review import InputError, StatsError, UnknownNameError
from review.stats.effects import TRANSFORMS, transform_name


def test_by_measure():
    assert review.back_transform(np.log(2), "OR") == pytest.approx(2)
    assert review.back_transform(0.25, "RD") == 0.25
    assert review.back_transform(0.0, "LOGITAUC") == 0.5
    assert review.back_transform(np.log(3), "ACC") == 0.75
    assert review.back_transform(0.75, "ACC", scale="raw") == 0.75
    assert review.back_transform(np.arctanh(0.5), measure="ZPCOR") == pytest.approx(0.5)
    assert isinstance(review.back_transform(1.0, "OR"), float)
    assert review.back_transform([[0.0, 1.0]], "OR").shape == (1, 2)


@pytest.mark.parametrize("code", review.MEASURES)
def test_every_measure_has_a_transformation_that_exists(code):
    assert transform_name(code) in TRANSFORMS


@pytest.mark.parametrize(
    ("there", "back", "low", "high"),
    [
        ("log", "exp", 0.1, 9), ("logit", "expit", 0.01, 0.99), ("logit", "ilogit", 0.01, 0.99),
        ("rtoz", "tanh", -0.9, 0.9), ("rtoz", "ztor", -0.9, 0.9), ("arcsin", "iarcsin", 0, 1),
        ("sqrt", "square", 0, 9), ("sqrt", "isqrt", 0, 9), ("ahw", "iahw", -1, 0.99),
        ("abt", "iabt", -1, 0.99), ("identity", "identity", -1, 1),
    ],
)  # fmt: skip
def test_pairs_undo_each_other(there, back, low, high):
    x = np.linspace(low, high, 11)
    y = review.back_transform(x, transf=there)
    np.testing.assert_allclose(review.back_transform(y, transf=back), x, atol=1e-12)


def test_pooled_double_arcsine_uses_the_harmonic_mean():
    sizes = [10, 40]
    assert review.back_transform(0.7, "PFT", ni=sizes) == pytest.approx(
        review.back_transform(0.7, transf="ipft", ni=16.0), rel=1e-12
    )
    assert review.back_transform(0.7, "IRFT", ti=sizes) == pytest.approx(
        review.back_transform(0.7, transf="iirft", ti=16.0), rel=1e-12
    )


def test_values_out_of_reach_map_to_the_bound():
    assert review.back_transform(-0.2, transf="iarcsin") == 0
    assert review.back_transform(2.0, transf="iarcsin") == 1
    assert review.back_transform(-0.2, transf="square") == 0
    assert review.back_transform(0.01, transf="ipft", ni=20) == 0
    assert review.back_transform(1.56, transf="ipft", ni=20) == 1
    assert review.back_transform(0.01, transf="iirft", ti=20) == 0
    assert review.back_transform(1.5, transf="iahw") == 1


def test_missing_values_stay_missing():
    for name in ("exp", "ipft", "iirft", "iarcsin", "square"):
        out = review.back_transform([0.5, np.nan], transf=name, ni=20, ti=20)
        assert np.isfinite(out[0])
        assert np.isnan(out[1])


def test_a_function():
    assert review.back_transform([1.0, 2.0], transf=lambda x: 10**x).tolist() == [10, 100]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: review.back_transform("x", "OR"), InputError, "values must be numbers"),
        (lambda: review.back_transform(1.0), InputError, "give either a measure or transf"),
        (lambda: review.back_transform(1.0, "OR", transf="exp"), InputError, "either a measure"),
        (lambda: review.back_transform(1.0, "logitauc"), UnknownNameError, "'LOGITAUC'"),
        (lambda: review.back_transform(1.0, transf="expp"), UnknownNameError, "'exp'"),
        (lambda: review.back_transform(1.0, "PFT"), InputError, "needs the sample sizes: pass ni"),
        (lambda: review.back_transform(1.0, "IRFT"), InputError, "the person-times: pass ti"),
        (lambda: review.back_transform(1.0, "PFT", ni=[0, 5]), StatsError, "above 0"),
        (lambda: review.back_transform(1.0, "PFT", ni=[np.nan]), StatsError, "above 0"),
        (lambda: review.back_transform([1.0, 2.0], transf="ipft", ni=[5, 6, 7]), InputError,
         "one value of ni per estimate: there are 2 estimates and 3 sizes"),
    ],
)  # fmt: skip
def test_wrong_calls(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)

"""Coefficients of agreement where libraries stop, or count what is no agreement."""

from __future__ import annotations

import pytest

from review.stats.agreement.category_agreement import cohen_kappa, fleiss_kappa, gwet_ac
from review.stats.agreement.krippendorff_alpha import krippendorff_alpha
from review.stats.association.contingency import cramers_v


@pytest.mark.trap("krippendorff 0.9.0", "one value throughout is an error")
@pytest.mark.trap(
    "irrCAC 0.4.4",
    "equal ratings: Gwet's interval is (nan, 1), Fleiss divides by zero",
)
@pytest.mark.parametrize("function", [krippendorff_alpha, gwet_ac, fleiss_kappa])
def test_one_value_throughout_is_explained(function):
    """No error and no nan: a value of 1, or none, with the reason."""
    found = function([[1, 1, 1, 1], [1, 1, 1, 1]])
    assert found.value in {None, 1.0}
    assert found.value is not None or found.note


@pytest.mark.trap("krippendorff 0.9.0", "words with None for a missing value are an error")
@pytest.mark.trap(
    "statsmodels 0.15.0",
    "a missing rating is a category: both missing counts as agreement",
)
@pytest.mark.trap("statsmodels 0.15.0", "a subject rated once is an AssertionError without words")
def test_missing_ratings_are_no_category():
    """Units that nobody or one person rated change nothing."""
    full = [["a", "c", "b", "a"], ["a", "b", "b", "a"]]
    more = [[*full[0], None, "c"], [*full[1], None, None]]
    for function in (krippendorff_alpha, cohen_kappa):
        assert function(more).value == pytest.approx(function(full).value, rel=1e-12)
    assert fleiss_kappa(more).value == pytest.approx(fleiss_kappa(full).value, rel=1e-12)


@pytest.mark.trap("scikit-learn 1.9.1", "weights go by rank: grades 1, 2, 10 weigh as 1, 2, 3 do")
def test_weights_go_by_the_places_of_the_stated_scale():
    """A grade between, that nobody gave, keeps its place when the scale is stated."""
    ratings = [[1, 2, 10, 10, 1], [1, 10, 10, 2, 2]]
    bare = cohen_kappa(ratings, weights="linear").value
    scale = cohen_kappa(ratings, weights="linear", categories=[1, 2, 3, 10]).value
    assert bare == pytest.approx(0.348, abs=5e-4)
    assert scale == pytest.approx(0.286, abs=5e-4)


@pytest.mark.trap(
    "irrCAC 0.4.4",
    "Scott's pi is right, the chance agreement beside it is printed as 0",
)
@pytest.mark.trap("irrCAC 0.4.4", "a category nobody used changes AC1 (0.867) without a word")
def test_categories_are_those_that_occur_unless_stated():
    """AC1 of ten subjects by its formula: chance agreement over the categories that there are."""
    one, two = "aabbaabbab", "aabbabbbab"
    share = sum(x == "a" for x in one + two) / 20
    for q, categories in ((2, None), (3, ["a", "b", "c"])):
        chance = 2 * share * (1 - share) / (q - 1)
        found = gwet_ac([[*one], [*two]], categories=categories)
        assert found.value == pytest.approx((0.9 - chance) / (1 - chance), rel=1e-12)


@pytest.mark.trap(
    "pingouin 0.7.0",
    "Cramer's V of a 2 x 2 table is shrunk by Yates's correction (0.404)",
)
def test_cramers_v_without_a_correction():
    """V squared is chi-squared by n: 0.471 for 10, 5 / 3, 12."""
    x = ["a"] * 15 + ["b"] * 15
    y = [1] * 10 + [0] * 5 + [1] * 3 + [0] * 12
    n, a, b, c, d = 30, 10, 5, 3, 12
    chi2 = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    assert cramers_v(x, y).v == pytest.approx((chi2 / n) ** 0.5, rel=1e-12)

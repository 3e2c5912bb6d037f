"""Grades are ordered as numbers; the order of words has to be stated."""

import numpy as np
import pytest

from review.errors import InputError
from review.stats.agreement.category_agreement import category_counts, cohen_kappa, gwet_ac
from review.stats.agreement.krippendorff_alpha import krippendorff_alpha

FIRST = [1, 1, 2, 2, 10, 10, 1, 2, 10, 2]
SECOND = [1, 2, 2, 10, 10, 2, 1, 1, 10, 2]


def by_position(first, second, grades):
    """Linear weighted kappa from its definition (Cohen 1968), by the position of the grade."""
    place = {g: i for i, g in enumerate(grades)}
    a, b = (np.array([place[v] for v in row]) for row in (first, second))
    observed = np.abs(a - b).mean()
    expected = np.abs(a[:, None] - b[None, :]).mean()
    return 1 - observed / expected


@pytest.mark.parametrize("kind", [int, float, str])
def test_grades_are_ordered_as_numbers(kind):
    first, second = ([kind(v) for v in row] for row in (FIRST, SECOND))
    assert category_counts([first, second])[1] == [kind(1), kind(2), kind(10)]
    found = cohen_kappa([first, second], weights="linear").value
    assert found == pytest.approx(by_position(FIRST, SECOND, [1, 2, 10]))
    assert found != pytest.approx(by_position(FIRST, SECOND, [1, 10, 2]))


@pytest.mark.parametrize(
    "compute",
    [
        lambda r, **o: cohen_kappa(r, weights="linear", **o),
        lambda r, **o: gwet_ac(r, weights="quadratic", **o),
        lambda r, **o: krippendorff_alpha(r, measured="ordinal", n_boot=0, **o),
    ],
)
def test_words_need_a_stated_order(compute):
    ratings = [["low", "high", "middle"], ["low", "middle", "middle"]]
    with pytest.raises(InputError, match="need the order of the categories: high, low"):
        compute(ratings)
    assert compute(ratings, categories=["low", "middle", "high"]).value is not None
    two = [["low", "high", "low"], ["low", "low", "low"]]
    assert compute(two).value is not None

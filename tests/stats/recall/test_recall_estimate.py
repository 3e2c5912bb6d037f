"""The recall of a screening that stops early, against enumeration."""

from __future__ import annotations

from math import comb

import pytest

from review.errors import StatsError
from review.stats.recall.recall_estimate import recall_estimate


def chance(urn, marked, size, most):
    """The chance of at most so many marked ones in a sample, counted one by one."""
    ways = sum(comb(marked, k) * comb(urn - marked, size - k) for k in range(most + 1))
    return ways / comb(urn, size)


@pytest.mark.parametrize(
    ("before", "hits", "sampled", "n", "target"),
    [(40, 0, 300, 1000, 0.95), (18, 1, 60, 200, 0.95), (19, 0, 25, 90, 0.8), (3, 2, 30, 70, 0.9)],
)
def test_the_test_is_the_hypergeometric_one(before, hits, sampled, n, target):
    labels = [True] * before + [False] * 20 + [True] * hits + [False] * (sampled - hits)
    got = recall_estimate(labels, n, sampled=sampled, target=target)
    urn = n - before - 20
    # the fewest relevant ones of the urn with which found / all is below the target
    found = before + hits
    fewest = next(k for k in range(n) if found / (before + k) < target - 1e-12)
    assert got.pval == pytest.approx(chance(urn, fewest, sampled, hits), rel=1e-9)
    bound = max(k for k in range(hits, urn) if chance(urn, k, sampled, hits) > 0.05) - hits
    assert got.missed_ub == bound
    assert got.recall_lb == pytest.approx(found / (found + bound))
    assert got.missed == pytest.approx(hits / sampled * (n - len(labels)))


def test_bound_and_test_say_the_same():
    for sampled in range(50, 900, 50):
        labels = [True] * 57 + [False] * (43 + sampled)
        got = recall_estimate(labels, 1000, sampled=sampled, target=0.9)
        assert (got.pval <= 0.05) == (got.recall_lb >= 0.9)


def test_by_rank_the_smallest_p_value_of_all_tails_is_taken():
    labels = [True] * 20 + [False] * 30 + [True] + [False] * 129
    got = recall_estimate(labels, 200)
    each = [recall_estimate(labels, 200, sampled=k).pval for k in range(1, 181)]
    assert got.pval == pytest.approx(min(each))
    assert got.sampling == "ranked"
    assert "no random sample" in " ".join(got.notes)


def test_ends_of_the_range():
    every = recall_estimate([True, False, False], 3, sampled=2)
    assert (every.pval, every.missed_ub, every.recall, every.recall_lb) == (0, 0, 1, 1)
    none = recall_estimate([False] * 10, 100)
    assert none.recall is None
    assert none.recall_lb is None
    start = recall_estimate([], 100)
    assert (start.pval, start.missed_ub) == (1, 100)
    # one may be missed at most, and that would not bring the recall below the target
    late = recall_estimate([True] * 50 + [False] * 49, 100, sampled=10)
    assert late.pval == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"relevant": [True] * 5, "n_records": 4}, "5 records were screened"),
        ({"target": 95}, "between 0 and 1"),
        ({"sampled": 3}, "3 of 2 screened records"),
    ],
)
def test_wrong_arguments(arguments, said):
    given = {"relevant": [True, False], "n_records": 10} | arguments
    with pytest.raises(StatsError, match=said):
        recall_estimate(given.pop("relevant"), given.pop("n_records"), **given)


@pytest.mark.parametrize(("before", "urn"), [(18, 400), (10, 200), (0, 300)])
def test_a_single_look_errs_in_at_most_one_run_of_twenty(before, urn):
    """The chance to stop below the target, enumerated over what a sample may hold."""
    worst = 0.0
    for size in (urn // 4, urn * 3 // 4, urn * 19 // 20):
        stops = []
        for found in range(12):
            labels = [True] * (before + found) + [False] * (size - found)
            known = recall_estimate(labels, before + urn, sampled=size, target=0.95)
            stops.append(known.pval <= 0.05)
        for hidden in range(1, 12):
            ways = sum(
                comb(hidden, found) * comb(urn - hidden, size - found)
                for found in range(hidden + 1)
                if stops[found] and before + found < 0.95 * (before + hidden)
            )
            worst = max(worst, ways / comb(urn, size))
    assert 0.04 < worst <= 0.05 + 1e-12

"""Tails and quantiles in plain numbers against scipy, and inversions against their counting."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from scipy.special import betainc, betaincc, chdtrc, ndtr, ndtri, stdtrit
from scipy.stats import kendalltau

import review
from review.stats.association.inversion_counts import BY_COUNTING, exact_tail, inversions
from review.stats.ground.plain_tails import chi2_upper, t_both, t_critical

WHOLE = (1, 2, 3, 4, 7, 10, 25, 39, 60, 100)


@pytest.mark.parametrize("df", WHOLE)
def test_chi_squared_tails_are_those_of_scipy(df: int) -> None:
    q = np.concatenate([[0.0], np.geomspace(1e-6, 600, 60)])
    found = [chi2_upper(x, df) for x in q.tolist()]
    assert np.allclose(found, chdtrc(df, q), rtol=1e-12, atol=1e-290)


@pytest.mark.parametrize("df", [*WHOLE, math.inf])
def test_t_tails_and_quantiles_are_those_of_scipy(df: float) -> None:
    t = np.geomspace(1e-3, 60, 60)
    # the beta function itself: near the middle scipy's t keeps ten digits only
    expected = 2 * ndtr(-t) if math.isinf(df) else betainc_tail(df, t)
    assert np.allclose([t_both(x, df) for x in t.tolist()], expected, rtol=1e-12, atol=1e-290)
    assert t_both(-1.5, df) == t_both(1.5, df)
    assert t_both(0.0, df) == 1.0
    for alpha in (0.9, 0.5, 0.1, 0.05, 0.01, 1e-5):
        exact = -(ndtri(alpha / 2) if math.isinf(df) else stdtrit(df, alpha / 2))
        assert t_critical(alpha, df) == pytest.approx(exact, rel=1e-12)
        assert t_both(t_critical(alpha, df), df) == pytest.approx(alpha, rel=1e-12)


def betainc_tail(df: float, t: np.ndarray) -> np.ndarray:
    inside = t * t / (df + t * t)
    return np.where(t < 1, betaincc(0.5, df / 2, inside), betainc(df / 2, 0.5, df / (df + t * t)))


def test_a_first_fit_does_without_scipy() -> None:
    script = (
        "import sys, review; review.meta_analysis([.1, .2, .5, .3], [.1, .2, .1, .3]);"
        "print([m for m in ('scipy', 'pandas', 'pydantic') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert found.stdout.decode().strip() == "[]"


def test_inversions_are_the_pairs_in_falling_order() -> None:
    for order in itertools.permutations(range(5)):
        falling = sum(a > b for a, b in itertools.combinations(order, 2))
        assert inversions(order) == falling


@pytest.mark.parametrize("n", [2, 3, 5, 7])
def test_the_exact_tail_is_the_share_of_all_orders(n: int) -> None:
    counts = [inversions(order) for order in itertools.permutations(range(n))]
    middle = n * (n - 1) / 4
    for count in range(n * (n - 1) // 2 + 1):
        share = np.mean([abs(c - middle) >= abs(count - middle) for c in counts])
        assert exact_tail(n, count) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize("n", [BY_COUNTING, BY_COUNTING + 1, 60, 150])
@pytest.mark.parametrize("away", [0.0, 0.2, 1.0, 2.4, 2.6, 4.0, 7.0])
def test_the_integral_is_the_count_of_orders(n: int, away: float) -> None:
    """scipy counts them by their table, in time and memory that grow with the square."""
    rng = np.random.default_rng(n)
    middle, sd = n * (n - 1) / 4, math.sqrt(n * (n - 1) * (2 * n + 5) / 72)
    count = max(0, int(middle - away * sd))
    order = with_inversions(n, count, rng)
    assert inversions(order) == count
    expected = kendalltau(range(n), order, method="exact").pvalue
    assert exact_tail(n, count) == pytest.approx(expected, rel=1e-10)


def with_inversions(n: int, count: int, rng: np.random.Generator) -> list[int]:
    """An order of n values with so many inversions: each value is put before so many others."""
    room = rng.permutation(n)
    before = np.zeros(n, dtype=int)
    for i in room.tolist():
        before[i] = min(i, count)
        count -= before[i]
    order: list[int] = []
    for i in range(n):
        order.insert(len(order) - before[i], i)
    return order


def test_the_smallest_tail_is_no_negative_number() -> None:
    assert exact_tail(500, 0) == 0.0
    assert 0 < exact_tail(100, 1500) < 1e-4


def test_a_rank_test_of_many_studies_is_exact_and_says_so() -> None:
    rng = np.random.default_rng(4)
    v = np.exp(rng.normal(-2, 0.8, 300))
    y = rng.normal(0.3 + v, np.sqrt(v + 0.1))
    found = review.rank_test(y, v)
    assert found.exact
    assert "exact" in found.words()
    normal = review.rank_test(y, v, exact=False)
    assert found.tau == pytest.approx(normal.tau, rel=1e-12)
    assert found.pval == pytest.approx(normal.pval, abs=1e-4)

"""Relative effects over a baseline, information sizes, overlap: published examples, and twice."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from review.errors import InputError
from review.stats.absolute.baseline_risks import (
    control_values,
    over_baseline,
    usual_baseline,
    with_intervention,
)
from review.stats.absolute.information_size import size_for_means, size_for_risks
from review.stats.absolute.interval_overlap import overlapping_pairs


@pytest.mark.parametrize(
    ("measure", "effect", "fewer"),
    [("RR", 0.92, 24), ("OR", 0.73, 62)],  # Cochrane Handbook 6.4, sections 15.4.4.2 and 15.4.4.3
)
def test_the_examples_of_the_handbook(measure, effect, fewer):
    found = over_baseline(measure, (effect, effect, effect), 0.3)
    assert round(-1000 * found.change[0]) == fewer


def test_an_odds_ratio_is_the_ratio_of_the_odds():
    for baseline in (0.01, 0.3, 0.9):
        for effect in (0.2, 1.0, 4.0):
            risk = with_intervention("OR", effect, baseline)
            odds = (risk / (1 - risk)) / (baseline / (1 - baseline))
            assert math.isclose(odds, effect, rel_tol=1e-12)
            assert risk == with_intervention("PETO", effect, baseline)


def test_a_hazard_ratio_multiplies_the_hazard():
    """Exponential survival with the hazard that gives the baseline risk after a unit of time."""
    for baseline in (0.05, 0.6):
        hazard = -math.log(1 - baseline)
        for effect in (0.5, 2.0):
            risk = 1 - math.exp(-hazard * effect)
            assert math.isclose(with_intervention("HR", effect, baseline), risk, rel_tol=1e-12)


def test_differences_rates_and_means():
    assert math.isclose(with_intervention("RD", -0.05, 0.2), 0.15)
    assert with_intervention("IRR", 0.5, 0.04) == 0.02
    assert with_intervention("ROM", 1.5, 10) == 15
    assert over_baseline("MD", (-2, -3, -1), None).change == (-2, -3, -1)
    assert over_baseline("RR", (0.5, 0.4, 0.6), None) is None
    assert over_baseline("RD", (-0.1, -0.2, 0.0), None).value is None


def test_risks_end_at_everybody():
    found = over_baseline("RR", (2.0, 1.0, 4.0), 0.4)
    assert found.value == (0.8, 0.4, 1.0)
    assert found.capped
    assert not over_baseline("RR", (2.0, 1.0, 2.2), 0.4).capped


def test_an_impossible_baseline_is_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        with_intervention("OR", 2, 20)
    with pytest.raises(InputError, match="has no baseline"):
        with_intervention("ZCOR", 2, 0.5)


def test_baselines_come_from_the_control_groups():
    counts = {"ai": [1, 1, 1], "bi": [9, 9, 9], "ci": [2, 3, 8], "di": [8, 7, 2]}
    assert usual_baseline("OR", counts) == 0.3
    assert usual_baseline("IRR", {"x2i": [2, 4], "t2i": [100, 100]}) == 0.03
    assert usual_baseline("MD", {"m2i": [-4.0, 2.0]}) == -1.0
    assert usual_baseline("RR", {"ci": [0, 0, 1], "n2i": [10, 10, 10]}) is None
    assert control_values("RR", {"ci": [1, math.nan], "n2i": [10, 10]}) == [0.1]
    assert usual_baseline("SMD", {"m2i": [1.0]}) is None


def test_the_size_of_a_published_trial():
    # Pocock 1983, Clinical Trials, section 9.1: 10% against 5%, alpha 5%, power 90%: 578 each
    assert size_for_risks(0.10, -0.05, power=0.9).participants == 2 * 578


def test_sizes_have_the_power_that_they_promise():
    normal = NormalDist()
    for baseline, change in ((0.2, None), (0.05, 0.02), (0.9, 0.05)):
        found = size_for_risks(baseline, change)
        other = baseline * 0.75 if change is None else baseline + change
        n = found.participants / 2
        se = math.sqrt((baseline * (1 - baseline) + other * (1 - other)) / n)
        power = normal.cdf(abs(other - baseline) / se - normal.inv_cdf(0.975))
        assert 0.8 <= power < 0.802
    n = size_for_means(12, 3).participants / 2
    assert 0.8 <= normal.cdf(3 / (12 * math.sqrt(2 / n)) - normal.inv_cdf(0.975)) < 0.802


def test_a_size_says_what_it_assumes():
    assert "relative reduction by 25%" in size_for_risks(0.2).assumptions
    assert "50 per 1,000" in size_for_risks(0.2, -0.05).assumptions
    assert "0.2 SD" in size_for_means(1).assumptions
    with pytest.raises(InputError):
        size_for_means(0)


def test_overlap_counts_pairs():
    rng = np.random.default_rng(20260131)
    low = rng.normal(size=40)
    high = low + rng.uniform(0, 2, size=40)
    pairs = [(i, j) for i in range(40) for j in range(i)]
    common = sum(low[i] <= high[j] and low[j] <= high[i] for i, j in pairs)
    assert overlapping_pairs(low, high) == pytest.approx(common / len(pairs), rel=1e-12)
    assert overlapping_pairs(low[:1], high[:1]) == 1

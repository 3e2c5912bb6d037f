"""Printed numbers: rounding ranges, k/n, intervals and recomputed p-values."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import StatsError, UnknownNameError
from review.stats.consistency.recomputed_pvalues import recompute_p, statistic_name
from review.stats.consistency.rounding_ranges import (
    exact,
    joint_counts,
    possible_counts,
    possible_mean,
    printed,
    proportion_intervals,
    width_range,
)

digits = st.integers(0, 4)


def as_printed(x: Fraction, places: int) -> str:
    return f"{Decimal(x.numerator) / Decimal(x.denominator):.{places}f}"


def test_the_digits_printed_decide_the_range():
    assert (printed("0.90").low, printed("0.90").high) == (Fraction("0.895"), Fraction("0.905"))
    assert (printed("0.9").low, printed("0.9").high) == (Fraction("0.85"), Fraction("0.95"))
    assert printed(0.9).unit == printed("0.9").unit
    assert printed(57).low == Fraction("56.5")
    assert exact(57).low == 57
    assert printed("6e4").low == 55_000
    assert str(printed("0.90")) == "0.90"


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1,5"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(StatsError):
        printed(text)


@given(st.fractions(0, 1000, max_denominator=10**6), digits)
def test_a_rounded_number_always_fits_and_a_truncated_one_is_cut_off_at_worst(x, places):
    assert printed(as_printed(x, places)).fit(x) == "rounds"
    cut = Fraction(math.floor(x * 10**places), 10**places)
    assert printed(as_printed(cut, places)).fit(x) in {"rounds", "cut off"}


@given(st.integers(1, 3000), st.data(), digits)
def test_every_real_proportion_is_possible(n, data, places):
    k = data.draw(st.integers(0, n))
    for per, more in ((1, 0), (100, 0)):
        found = possible_counts(
            printed(as_printed(Fraction(k * per, n), places + more)), n, per=per
        )
        assert found.fit == "rounds"
        assert found.low <= k <= found.high


@given(st.integers(1, 60), st.integers(0, 10**4))
def test_possible_counts_agrees_with_trying_every_k(n, value):
    text = f"{value / 10**4:.4f}"
    fits = [k for k in range(n + 1) if printed(text).low <= Fraction(k, n) <= printed(text).high]
    found = possible_counts(printed(text), n)
    assert (found.fit == "rounds") == bool(fits)
    if fits:
        assert (found.low, found.high) == (fits[0], fits[-1])
    assert found.nearest[0] <= max(Fraction(value, 10**4), 0) or n == 0


def test_grim_of_brown_and_heathers():
    """Brown and Heathers (2017): a mean of 5.19 is impossible with 28 whole numbers."""
    assert possible_mean(printed("5.19"), 28) == "no"
    assert possible_mean(printed("5.18"), 28) == "rounds"
    assert possible_counts(printed("0.93"), 20).fit == "no"
    assert possible_counts(printed("93"), 20, per=100).fit == "no"
    with pytest.raises(StatsError):
        possible_counts(printed("0.9"), 0)
    with pytest.raises(StatsError):
        possible_mean(printed("0.9"), 0)


@given(st.integers(1, 60), st.integers(1, 60), st.data(), st.integers(2, 4))
def test_real_confusion_matrices_are_possible_together(n_pos, n_neg, data, places):
    tp, tn = data.draw(st.integers(0, n_pos)), data.draw(st.integers(0, n_neg))
    n = n_pos + n_neg
    shares = [
        printed(as_printed(x, places))
        for x in (Fraction(tp + tn, n), Fraction(tp, n_pos), Fraction(tn, n_neg))
    ]
    for known in (range(n + 1), range(n_pos, n_pos + 1)):
        found = joint_counts(tuple(shares), n, known)
        assert found is not None
        positives, hits, right = found
        assert shares[0].fit(Fraction(hits + right, n)) == "rounds"
        assert shares[1].fit(Fraction(hits, positives)) == "rounds"
        assert shares[2].fit(Fraction(right, n - positives)) == "rounds"


def test_impossible_together():
    shares = printed("0.90"), printed("0.95"), printed("0.97")
    assert joint_counts(shares, 100, range(101)) is None
    assert joint_counts((None, printed("0.9"), None), 10, range(1)) is None


@pytest.mark.parametrize(("k", "n"), [(0, 12), (3, 12), (12, 12), (81, 263)])
@pytest.mark.parametrize("level", [90, 95, 99])
def test_intervals_of_proportions_are_the_librarys(k, n, level):
    from statsmodels.stats.proportion import proportion_confint

    names = {"Wald": "normal", "Wilson": "wilson", "Agresti-Coull": "agresti_coull",
             "Clopper-Pearson": "beta"}  # fmt: skip
    own = proportion_intervals(k, n, level)
    for name, method in names.items():
        low, high = proportion_confint(k, n, alpha=1 - level / 100, method=method)
        if name in {"Wald", "Agresti-Coull"}:  # the library cuts these off at 0 and 1
            assert (max(own[name][0], 0), min(own[name][1], 1)) == pytest.approx((low, high))
        else:
            assert own[name] == pytest.approx((low, high))
    assert own["Jeffreys"][0] <= k / n <= own["Jeffreys"][1]


def test_width_of_printed_limits():
    assert width_range(printed("0.78"), printed("0.89")) == pytest.approx((0.10, 0.12))
    assert width_range(printed("0.9"), printed("0.9"))[0] == 0


# quantiles printed in every table of critical values
@pytest.mark.parametrize(
    ("statistic", "value", "df", "p"),
    [
        ("t", "2.048", {"df1": 28}, 0.05),
        ("t", "-2.763", {"df1": 28}, 0.01),
        ("t", "12.706", {"df1": 1}, 0.05),
        ("z", "1.960", {}, 0.05),
        ("z", "2.576", {}, 0.01),
        ("chi2", "3.841", {"df1": 1}, 0.05),
        ("chi2", "18.307", {"df1": 10}, 0.05),
        ("F", "4.103", {"df1": 2, "df2": 10}, 0.05),
        ("F", "4.849", {"df1": 10, "df2": 10}, 0.01),
        ("r", "0.632", {"n": 10}, 0.05),
        ("r", "0.361", {"n": 30}, 0.05),
    ],
)
def test_critical_values_of_the_tables(statistic, value, df, p):
    found = recompute_p(statistic, printed(value), **df)
    assert found.low <= found.p <= found.high
    assert found.p == pytest.approx(p, rel=0.02)


def test_correlations_are_those_of_scipy():
    import numpy as np
    from scipy import stats

    rng = np.random.default_rng(3)
    x = rng.normal(size=25)
    y = x + 2 * rng.normal(size=25)
    r = stats.pearsonr(x, y)
    assert recompute_p("r", printed(float(r.statistic)), n=25).p == pytest.approx(r.pvalue)
    rho = stats.spearmanr(x, y)
    assert recompute_p("rho", printed(float(rho.statistic)), n=25).p == pytest.approx(rho.pvalue)


def test_one_sided_is_half_and_has_a_direction():
    two = recompute_p("t", printed("1.70"), df1=28)
    one = recompute_p("t", printed("1.70"), df1=28, tail="one")
    assert one.p == pytest.approx(two.p / 2)
    assert recompute_p("F", printed("4"), df1=1, df2=20, tail="one").p < 0.05
    with pytest.raises(StatsError, match="no direction"):
        recompute_p("F", printed("4"), df1=2, df2=20, tail="one")


def test_rounding_of_the_statistic_widens_p():
    narrow, wide = (recompute_p("t", printed(v), df1=20) for v in ("2.00", "2"))
    assert wide.high - wide.low > narrow.high - narrow.low
    zero = recompute_p("z", printed("0.0"))
    assert zero.high == 1
    assert recompute_p("r", printed("1.00"), n=10).p == 0


@pytest.mark.parametrize(
    ("statistic", "value", "df", "said"),
    [
        ("t", "2", {}, "needs df1"),
        ("F", "2", {"df1": 3}, "df1 and df2"),
        ("F", "-2", {"df1": 3, "df2": 4}, "negative"),
        ("chi2", "-1", {"df1": 3}, "negative"),
        ("r", "1.2", {"n": 20}, "between -1 and 1"),
        ("rho", "0.2", {"n": 2}, "3 points"),
        ("rho", "0.2", {}, "n (or df1"),
        ("t", "2", {"df1": 0}, "positive"),
    ],
)
def test_missing_or_impossible_pieces_are_named(statistic, value, df, said):
    with pytest.raises(StatsError) as caught:
        recompute_p(statistic, printed(value), **df)
    assert said in str(caught.value)


def test_unknown_statistics_are_named():
    with pytest.raises(UnknownNameError, match="known: t, F"):
        statistic_name("Q")
    assert [statistic_name(s) for s in ("χ²", "Chi-Square", "RHO", "spearman")] == [
        "chi2", "chi2", "rho", "rho",
    ]  # fmt: skip

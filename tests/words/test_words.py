"""One style of numbers, p-values, percentages, plurals, lists and sums."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from review.words import (
    bracketed,
    count,
    difference_text,
    estimate,
    listed,
    number,
    p_number,
    p_value,
    percent,
    plural,
    significant,
    statistic_text,
    sum_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"), (-0.0, "0.00"), (-0.001, "-0.001"), (0.004, "0.004"), (0.00049, "0.0005"),
        (1.005, "1.00"), (-12.345, "-12.35"), (123456.7, "123457"), (1.5e9, "1.500e+09"),
        (math.inf, "∞"), (-math.inf, "-∞"), (math.nan, "not available"), (None, "not available"),
    ],
)  # fmt: skip
def test_numbers_of_a_column_never_hide_a_sign_or_become_zero(value, text):
    assert number(value, 2) == text


@given(st.floats(-1e308, 1e308))
def test_a_number_as_written_is_near_the_number(x):
    assert float(number(x)) == pytest.approx(x, rel=6e-4, abs=5.0001e-5 * (abs(x) >= 1e-3))
    assert not number(x).startswith("-0.0000")


@given(st.floats(0, 1))
def test_a_p_value_is_never_shown_as_zero(p):
    text = p_value(p)
    assert text.endswith(p_number(p))
    if text.startswith("p < "):
        assert p < float(text[4:])
    else:
        assert text.startswith("p = ")
        assert float(text[4:]) > 0
        assert float(text[4:]) == pytest.approx(p, abs=5.0001e-5)


@given(st.floats(0, 100), st.integers(0, 2))
def test_nothing_but_all_and_none_is_a_hundred_or_zero_per_cent(x, decimals):
    assume(min(x, 100 - x) == 0.0 or min(x, 100 - x) > 1e-6)
    shown = float(percent(x, decimals).removesuffix("%"))
    assert shown == pytest.approx(x, abs=0.50001 * 10.0**-decimals)
    if 0 < x < 100:
        assert 0 < shown < 100


def test_missing_numbers_have_one_name():
    assert number(None) == number(math.nan) == percent(None) == "not available"
    assert bracketed(None, 1.0, 2) == "[not available, 1.00]"
    assert estimate(0.5, None, None, 2) == "0.50"
    assert p_value(None) == p_value(math.nan) == "p not computed"
    assert statistic_text("z", None, None) == "z = not available, p not computed"


@pytest.mark.parametrize(
    ("n", "noun", "many", "text"),
    [
        (1, "study", "", "1 study"), (0, "study", "", "0 studies"), (2, "day", "", "2 days"),
        (12345, "row", "", "12,345 rows"), (2, "class", "classes", "2 classes"),
    ],
)  # fmt: skip
def test_plurals(n, noun, many, text):
    assert plural(n, noun, many) == text


@given(st.lists(st.text("abc", min_size=1), max_size=9), st.integers(1, 9))
def test_a_list_names_or_counts_every_item(items, most):
    text = listed(items, most=most)
    if len(items) <= most:
        assert [part for one in text.split(", ") for part in one.split(" and ")] == (items or [""])
    else:
        assert text.startswith(", ".join(items[:most]))
        assert text.endswith(f" and {len(items) - most} more")


def test_sums_say_what_was_stated_only_when_it_differs():
    assert sum_text([57, 33, 24], 121) == "57 + 33 + 24 = 114, stated 121"
    assert sum_text([57, 33], 90) == "57 + 33 = 90"
    assert difference_text(1000, [1, 2]) == "1,000 − 1 − 2 = 997"
    assert count(1000) == "1,000"
    assert significant(0.1 + 0.2) == "0.3"

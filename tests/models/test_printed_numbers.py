from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import InputError
from review.models.printed import Verdict, parse


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("60,000", 60_000, 1),
        ("62.3 M", 62_300_000, 100_000),
        ("134.2M", 134_200_000, 100_000),
        ("4 million", 4_000_000, 1_000_000),
        ("1.25 billion", 1_250_000_000, 10_000_000),
        ("12 k", 12_000, 1000),
        ("12 thousand", 12_000, 1000),
        (51, 51, 1),
        (5.2, Decimal("5.2"), Decimal("0.1")),
    ],
)
def test_reads_numbers_as_papers_print_them(text, value, step):
    printed = parse(text)
    assert (printed.value, printed.step) == (value, step)


@pytest.mark.parametrize("text", ["", "many", "5 apples", "-3", "5.", "1e6", "M"])
def test_says_what_is_no_number(text):
    with pytest.raises(InputError, match="is no number"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "number", "verdict"),
    [
        ("60,000", 60_000, "exact"),
        ("60,000", 60_001, "differs"),
        ("25.6 M", 25_557_032, "rounds to"),
        ("25.6 M", 25_550_000, "rounds to"),  # halfway: either way of rounding is fine
        ("25.5 M", 25_550_000, "rounds to"),
        ("62.3 M", 62_378_344, "differs"),
        ("62.4 M", 62_378_344, "rounds to"),
        ("3.7 M", 3_700_000, "exact"),
        ("2.4", Fraction(62_378_344, 25_557_032), "rounds to"),
        ("5.2", Fraction(138_357_544, 25_557_032), "differs"),
        ("51", 50, "differs"),
    ],
)
def test_verdicts(text, number, verdict):
    assert parse(text).verdict(number) == verdict


def test_a_number_that_was_cut_off_is_told_from_a_rounded_one():
    printed = parse("62.3 M")
    assert printed.is_cut_off(62_378_344)
    assert not parse("62.4 M").is_cut_off(62_378_344)


def test_writes_a_number_like_the_printed_one():
    assert parse("134.2 M").like(138_357_544) == "138.4 M"
    assert parse("1,716").like(60_000) == "60,000"
    assert parse("136 million").like(6_998_552) == "7 million"
    assert parse(5.2).like(Fraction(27, 5)) == "5.4"


@given(st.integers(1, 10**10), st.integers(0, 3))
def test_a_number_printed_with_fewer_digits_never_differs_from_itself(number, digits):
    text = f"{number / 1e6:,.{digits}f} M"
    assert parse(text).verdict(number) != Verdict.DIFFERS


@given(st.integers(1, 10**9), st.integers(1, 10**7))
def test_a_number_more_than_half_a_step_away_differs(number, more):
    printed = parse(f"{number / 1e6:.1f} M")
    assert printed.verdict(int(printed.value) + 50_000 + more) == Verdict.DIFFERS

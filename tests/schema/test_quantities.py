"""Cells as journals print them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.schema.cell_types import CellError
from review.schema.numerals import COMMA, POINT, UNSURE, Decimals
from review.schema.reported_quantities import (
    Counts,
    Interval,
    Kind,
    MeanSd,
    PValue,
    Single,
    read_quantity,
)

PLAIN_POINT = Decimals(".", sure=True, thousands=False)


def numbers(quantity):
    """The numbers of a record, in the order of its fields."""
    fields = [getattr(quantity, n) for n in quantity.__slots__ if n != "text"]
    return tuple(f for f in fields if f is not None)


@pytest.mark.parametrize(
    ("text", "kind", "decimals", "expected"),
    [
        ("93%", Kind.PROPORTION, POINT, "0.93"),
        ("93 %", Kind.PROPORTION, POINT, "0.93"),
        ("93.50%", Kind.PROPORTION, POINT, "0.9350"),
        ("93%", Kind.PERCENT, POINT, "93"),
        ("93 per cent", Kind.PERCENT, POINT, "93"),
        ("0.90", Kind.NUMBER, POINT, "0.90"),
        (".93", Kind.NUMBER, POINT, "0.93"),
        ("0·93", Kind.NUMBER, POINT, "0.93"),
        ("0,93", Kind.NUMBER, COMMA, "0.93"),
        ("1,234", Kind.NUMBER, COMMA, "1.234"),
        ("1.234,5", Kind.NUMBER, COMMA, "1234.5"),
        ("1,234", Kind.NUMBER, POINT, "1234"),
        ("1,234,567.8", Kind.NUMBER, POINT, "1234567.8"),
        ("12\u202f345", Kind.NUMBER, POINT, "12345"),
        ("12\u00a0345,5", Kind.NUMBER, COMMA, "12345.5"),
        ("1'234", Kind.NUMBER, POINT, "1234"),
        ("1’234.5", Kind.NUMBER, POINT, "1234.5"),
        ("\u22120.5", Kind.NUMBER, POINT, "-0.5"),
        ("–0.5", Kind.NUMBER, POINT, "-0.5"),
        ("+0.5", Kind.NUMBER, POINT, "0.5"),
        ("\u200b0.5\u00a0", Kind.NUMBER, POINT, "0.5"),
        ("０．５", Kind.NUMBER, POINT, "0.5"),
        ("1e-3", Kind.NUMBER, POINT, "0.001"),
        ("1,234", Kind.INTEGER, UNSURE, "1234"),
        ("1.234", Kind.INTEGER, COMMA, "1234"),
        ("1 234".replace(" ", "\u2009"), Kind.INTEGER, UNSURE, "1234"),
        ("0", Kind.INTEGER, POINT, "0"),
    ],
)  # fmt: skip
def test_single_numbers_keep_their_digits(text, kind, decimals, expected):
    read = read_quantity(text, kind, decimals)
    assert isinstance(read, Single)
    assert str(read.value) == expected
    assert read.text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.2 ± 3.1", ("10.2", "3.1")),
        ("10.2±3.1", ("10.2", "3.1")),
        ("10.2 +/- 3.1", ("10.2", "3.1")),
        ("10.2 (3.1)", ("10.2", "3.1")),
        ("10.2 [3.1]", ("10.2", "3.1")),
        ("10.2 (SD 3.1)", ("10.2", "3.1")),
        ("10.2 (SD = 3.1)", ("10.2", "3.1")),
        ("10.2 (±3.1)", ("10.2", "3.1")),
        ("10.2, SD 3.1", ("10.2", "3.1")),
        ("M = 10.2, SD = 3.1", ("10.2", "3.1")),
        ("\u22120.50\u00a0(0.20)", ("-0.50", "0.20")),
    ],
)
def test_mean_and_sd(text, expected):
    read = read_quantity(text, Kind.MEAN_SD)
    assert isinstance(read, MeanSd)
    assert tuple(map(str, numbers(read))) == expected


@pytest.mark.parametrize(
    ("text", "decimals", "expected"),
    [
        ("1.18 (0.90-1.54)", POINT, ("1.18", "0.90", "1.54")),
        ("1.18 (0.90–1.54)", POINT, ("1.18", "0.90", "1.54")),
        ("1.18 (0.90 to 1.54)", POINT, ("1.18", "0.90", "1.54")),
        ("1.18 (0.90, 1.54)", POINT, ("1.18", "0.90", "1.54")),
        ("1.18 (0.90,1.54)", POINT, ("1.18", "0.90", "1.54")),
        ("1.18 [0.90; 1.54]", POINT, ("1.18", "0.90", "1.54")),
        ("1.18 (95% CI 0.90 to 1.54)", POINT, ("1.18", "0.90", "1.54", "95")),
        ("1.18 (95% CI: 0.90, 1.54)", POINT, ("1.18", "0.90", "1.54", "95")),
        ("1.18, 95% CI 0.90-1.54", POINT, ("1.18", "0.90", "1.54", "95")),
        ("1.18; 90%CI [0.90; 1.54]", POINT, ("1.18", "0.90", "1.54", "90")),
        ("1,18 (0,90-1,54)", COMMA, ("1.18", "0.90", "1.54")),
        ("1,18 [0,90; 1,54]", COMMA, ("1.18", "0.90", "1.54")),
        ("1,18 (0,90, 1,54)", COMMA, ("1.18", "0.90", "1.54")),
        ("−0.5 (−1.2 to −0.1)", POINT, ("-0.5", "-1.2", "-0.1")),
        ("-0.5 (-1.2--0.1)", POINT, ("-0.5", "-1.2", "-0.1")),
        ("-0.5 (-1.2-0.3)", POINT, ("-0.5", "-1.2", "0.3")),
        ("1,200 (1,100-1,300)", POINT, ("1200", "1100", "1300")),
    ],
)
def test_estimates_with_their_interval(text, decimals, expected):
    read = read_quantity(text, Kind.ESTIMATE, decimals)
    assert isinstance(read, Interval)
    assert tuple(map(str, numbers(read))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.90-1.54", ("0.90", "1.54")),
        ("[0.90; 1.54]", ("0.90", "1.54")),
        ("(0.90, 1.54)", ("0.90", "1.54")),
        ("95% CI 0.90 to 1.54", ("0.90", "1.54", "95")),
    ],
)
def test_intervals_alone(text, expected):
    read = read_quantity(text, Kind.INTERVAL)
    assert tuple(map(str, numbers(read))) == expected


@pytest.mark.parametrize(
    ("text", "kind", "events", "n", "percent"),
    [
        ("45/120", Kind.COUNTS, 45, 120, None),
        ("45 of 120", Kind.COUNTS, 45, 120, None),
        ("0/120", Kind.COUNTS, 0, 120, None),
        ("1,045/2,120", Kind.COUNTS, 1045, 2120, None),
        ("45/120 (37.5%)", Kind.COUNTS, 45, 120, "37.5"),
        ("45/120 (38%)", Kind.COUNTS, 45, 120, "38"),
        ("32 (26.7%)", Kind.COUNTS, 32, None, "26.7"),
        ("32 (26.7 %)", Kind.COUNT_PERCENT, 32, None, "26.7"),
        ("32 [26.7%]", Kind.COUNT_PERCENT, 32, None, "26.7"),
    ],
)
def test_counts(text, kind, events, n, percent):
    read = read_quantity(text, kind)
    assert isinstance(read, Counts)
    assert (read.events, read.n) == (events, n)
    assert read.percent == (None if percent is None else Decimal(percent))


@pytest.mark.parametrize(
    ("text", "decimals", "pval", "relation"),
    [
        ("0.03", POINT, "0.03", "="),
        ("= .03", POINT, "0.03", "="),
        ("p = 0.03", POINT, "0.03", "="),
        ("P<.05", POINT, "0.05", "<"),
        ("<0.001", POINT, "0.001", "<"),
        ("< 0,001", COMMA, "0.001", "<"),
        ("≤0.01", POINT, "0.01", "<="),
        (">0.05", POINT, "0.05", ">"),
        ("0.03*", POINT, "0.03", "="),
        ("<0.001***", POINT, "0.001", "<"),
        ("ns", POINT, None, "ns"),
        ("N.S.", POINT, None, "ns"),
    ],
)
def test_p_values_keep_their_relation(text, decimals, pval, relation):
    expected = PValue(None if pval is None else Decimal(pval), relation, text)
    assert read_quantity(text, Kind.PVALUE, decimals) == expected


@pytest.mark.parametrize(
    ("text", "kind", "message", "suggestion"),
    [
        ("85-90", Kind.NUMBER, "a range (85 to 90), not one number", None),
        ("85–90", Kind.INTEGER, "a range (85 to 90), not one number", None),
        ("85 to 90", Kind.NUMBER, "a range (85 to 90), not one number", None),
        ("85-90%", Kind.PROPORTION, "a range (85 to 90), not one number", None),
        ("~120", Kind.INTEGER, "an approximate number", "120"),
        ("ca. 120", Kind.NUMBER, "an approximate number", "120"),
        ("approximately 1,200", Kind.NUMBER, "an approximate number", "1200"),
        (">100", Kind.NUMBER, "a bound, not a number", None),
        ("≥100", Kind.NUMBER, "a bound, not a number", None),
        ("100+", Kind.INTEGER, "a bound, not a number", None),
        ("at least 100", Kind.NUMBER, "a bound, not a number", None),
        ("120*", Kind.NUMBER, "a number with a footnote mark", "120"),
        ("120†", Kind.NUMBER, "a number with a footnote mark", "120"),
        ("120ᵃ", Kind.NUMBER, "a number with a footnote mark", "120"),
        ("120²", Kind.NUMBER, "a number with '²' after it", None),
        ("n = 120", Kind.INTEGER, "a number with its label", "120"),
        ("120 patients", Kind.INTEGER, "a number with 'patients' after it", "120"),
        ("1.2k", Kind.NUMBER, "a number in words (k)", "1200"),
        ("3 million", Kind.NUMBER, "a number in words (million)", "3000000"),
        ("5 m", Kind.NUMBER, "a number with 'm' after it", None),
        ("1.2×10^-3", Kind.NUMBER, "a power of ten", "1.2e-3"),
        ("1 234", Kind.NUMBER, "blanks inside a number", "1234"),
        ("12.0", Kind.INTEGER, "not a whole number", "12"),
        ("12.5", Kind.INTEGER, "not a whole number", None),
        ("0,93", Kind.NUMBER, "a decimal comma in a column of decimal points", "0.93"),
        ("93%", Kind.NUMBER, "a percentage", "0.93"),
        ("(0.5)", Kind.NUMBER, "a number in brackets", None),
        ("1; 2; 3", Kind.NUMBER, "several numbers", None),
        ("10.2 (3.1)", Kind.NUMBER, "the cell holds mean and SD", None),
        ("45/120", Kind.NUMBER, "the cell holds events and total", None),
        ("1.18 (0.90-1.54)", Kind.NUMBER, "the cell holds estimate and interval", None),
        ("1.18 (0.90-1.54)", Kind.MEAN_SD, "the cell holds estimate and interval", None),
        ("#N/A", Kind.NUMBER, "an error of the spreadsheet", None),
        ("=A1+B1", Kind.NUMBER, "a formula that was kept as text", None),
        ("many", Kind.NUMBER, "not a number", None),
        ("none", Kind.INTEGER, "not a whole number", None),
        ("10.2 3.1", Kind.MEAN_SD, "no mean and SD", None),
        ("10.2 (-3)", Kind.MEAN_SD, "the standard deviation is negative", None),
        ("12-15", Kind.ESTIMATE, "no estimate and interval", None),
        ("1.18 (1.54-0.90)", Kind.ESTIMATE, "the lower limit 1.54 is above the upper limit 0.90",
         None),
        ("1.18 (0.90-1.10)", Kind.ESTIMATE,
         "the estimate 1.18 is outside its interval 0.90 to 1.10", None),
        ("130/120", Kind.COUNTS, "130 events of 120 are more than all", None),
        ("4.5/120", Kind.COUNTS, "no events and total", None),
        ("45/120 (47.5%)", Kind.COUNTS, "45 of 120 are 37.5%, the cell says 47.5%", None),
        ("32 (126%)", Kind.COUNT_PERCENT, "126% is no share", None),
        ("0.000", Kind.PVALUE, "a p-value is above 0; this one was rounded to 0", "<0.001"),
        ("1.2", Kind.PVALUE, "a p-value is above 0 and at most 1", None),
        ("0", Kind.PVALUE, "a p-value is above 0 and at most 1", None),
        ("significant", Kind.PVALUE, "no p-value", None),
    ],
)  # fmt: skip
def test_what_a_column_does_not_hold_is_named(text, kind, message, suggestion):
    with pytest.raises(CellError) as caught:
        read_quantity(text, kind)
    assert str(caught.value) == message
    assert caught.value.suggestion == suggestion
    assert caught.value.allowed


def test_a_comma_that_can_be_two_things_is_refused():
    with pytest.raises(CellError, match=r"can be 1234 or 1\.234") as caught:
        read_quantity("1,234", Kind.NUMBER, UNSURE)
    assert "--decimal" in caught.value.allowed
    assert read_quantity("12,345,678", Kind.NUMBER, UNSURE).value == 12345678


def test_commas_do_not_group_beside_true_decimals():
    with pytest.raises(CellError, match="decimal comma"):
        read_quantity("1,234", Kind.NUMBER, PLAIN_POINT)


def test_the_unit_of_the_column_may_stand_in_the_cell():
    assert read_quantity("45 years", Kind.NUMBER, unit="years").value == 45
    with pytest.raises(CellError, match="'months' after it"):
        read_quantity("45 months", Kind.NUMBER, unit="years")


decimals_of = st.decimals(
    min_value="-99999", max_value="99999", places=3, allow_nan=False, allow_infinity=False
)


@given(decimals_of)
def test_any_number_is_read_back_in_either_style(number):
    assert read_quantity(str(number), Kind.NUMBER, PLAIN_POINT).value == number
    comma = str(number).replace(".", ",")
    assert read_quantity(comma, Kind.NUMBER, COMMA).value == number


@given(decimals_of, decimals_of, decimals_of, st.sampled_from([" to ", "; ", ", ", " – "]))
def test_any_interval_is_read_back(a, b, c, between):
    low, value, high = sorted([a, b, c])
    read = read_quantity(f"{value} ({low}{between}{high})", Kind.ESTIMATE, PLAIN_POINT)
    assert (read.value, read.ci_lb, read.ci_ub) == (value, low, high)


@given(st.text(max_size=30), st.sampled_from(list(Kind)), st.sampled_from([POINT, COMMA, UNSURE]))
def test_any_text_is_read_or_refused(text, kind, decimals):
    try:
        read_quantity(text, kind, decimals)
    except CellError as error:
        assert str(error)  # noqa: PT017

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.schema.cell_types import (
    MAX_CELL,
    CellError,
    cell_text,
    clean_text,
    is_formula_like,
    neutralise,
    parse_boolean,
    parse_date,
    parse_doi,
    parse_identifier,
    parse_integer,
    parse_number,
    parse_url,
)


@pytest.mark.parametrize("text", ["0.90", "0.9", "1", "1.00", "1e-4", "-3.50", "007"])
def test_a_number_keeps_the_digits_printed(text):
    value = parse_number(text)
    assert value == Decimal(text)
    assert value.as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("90%", "0.90"),
        ("0,93", "0.93"),
        ("1,234.5", "1234.5"),
        ("high", None),
        ("nano", None),
        ("inf", None),
        ("0x10", None),
        ("1_000", None),
        ("٣", None),
    ],
)
def test_what_is_no_number_gets_an_error_and_the_likely_number(text, suggestion):
    with pytest.raises(CellError) as caught:
        parse_number(text)
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize(("text", "suggestion"), [("1,234", "1234"), ("12.0", "12"), ("1e3", None)])
def test_what_is_no_whole_number(text, suggestion):
    with pytest.raises(CellError) as caught:
        parse_integer(text)
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize(
    "parse",
    [clean_text, parse_number, parse_integer, parse_boolean, parse_date, parse_doi, parse_url],
)
def test_missing_stays_missing(parse):
    assert parse("") is None
    assert parse("  ") is None
    assert parse(None) is None


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+SUM(1)", "-x", "@here", "  =1+1"])
def test_formula_like_text_is_refused_on_the_way_in_and_neutralised_on_the_way_out(text):
    assert is_formula_like(text)
    with pytest.raises(CellError, match="formula"):
        clean_text(text)
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["-0.5", "+1", "a=b", "CT", "(−)"])
def test_numbers_and_plain_text_are_no_formulas(text):
    assert neutralise(text) == text


def test_a_cell_has_a_largest_size():
    assert clean_text("x" * MAX_CELL) == "x" * MAX_CELL
    with pytest.raises(CellError, match="1,000,000 characters"):
        clean_text("x" * 1_000_000)
    with pytest.raises(CellError, match="characters"):
        parse_number("1" * 1_000_000)


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\rb"])
def test_control_characters_are_refused(text):
    with pytest.raises(CellError, match="control character"):
        clean_text(text)


@pytest.mark.parametrize(
    "text", ["https://doi.org/10.1000/abc", "doi:10.1000/abc", "DOI: 10.1000/abc", "10.1000/abc"]
)
def test_a_doi_loses_its_resolver(text):
    assert parse_doi(text) == "10.1000/abc"


@pytest.mark.parametrize("text", ["javascript:alert(1)", "ftp://x.org", "www.x.org", "https://a b"])
def test_what_is_no_web_address(text):
    with pytest.raises(CellError):
        parse_url(text)


def test_an_identifier_is_one_word():
    assert parse_identifier("lee2019") == "lee2019"
    with pytest.raises(CellError) as caught:
        parse_identifier("Lee, 2019/a")
    assert caught.value.suggestion == "Lee_2019_a"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-1e6, max_value=1e6))
def test_numbers_survive_writing_and_reading(number):
    again = parse_number(cell_text(number))
    assert again == number
    assert cell_text(again) == cell_text(number)


@given(st.text(max_size=200))
def test_any_text_is_cleaned_or_refused(text):
    try:
        cleaned = clean_text(text)
    except CellError:
        return
    assert cleaned is None or clean_text(cleaned) == cleaned
    assert cleaned is None or neutralise(cleaned) == cleaned


@pytest.mark.parametrize("mark", ["NR", "n.a.", "-", "?", " not reported "])
def test_a_mark_for_missing_is_no_value(mark):
    for parse in (parse_number, parse_integer, parse_boolean, parse_date, parse_doi, parse_url):
        assert parse(mark) is None, parse.__name__

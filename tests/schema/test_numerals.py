from __future__ import annotations

import pytest

from review.schema.missing_marks import MARKS, missing_reason
from review.schema.numerals import COMMA, POINT, decimal_evidence, find_decimal, settle_decimals


@pytest.mark.parametrize(
    ("texts", "mark", "sure"),
    [
        (["0,93", "0,87"], ",", True),
        (["0.93", "0.87"], ".", True),
        (["1", "2"], ".", True),
        (["1,234"], ".", False),
        (["1,234", "0,93"], ",", True),
        (["1,234,567"], ".", True),
        (["1.234.567"], ",", True),
        (["1.234,5"], ",", True),
        (["1,234.5"], ".", True),
        (["1,18 (0,90-1,54)"], ",", True),
        (["1.18 (0.90,1.54)"], ".", True),
        (["<0,001"], ",", True),
        (["0,93", "0,87", "0.91"], ",", True),
        (["Kim, 2020", "3.5 T"], ".", False),
        (["03.02.2019"], ".", False),
    ],
)  # fmt: skip
def test_the_decimal_mark_is_settled_by_the_whole_column(texts, mark, sure):
    found = settle_decimals(texts)
    assert (found.mark, found.sure) == (mark, sure)


def test_the_rest_of_the_file_decides_when_it_agrees():
    assert settle_decimals(["1,234"], frozenset(".")).mark == "."
    assert settle_decimals(["1,234"], frozenset(",")).mark == ","
    assert not settle_decimals(["1,234"], frozenset(".,")).sure


def test_thousands_are_grouped_only_where_the_column_shows_it():
    beside_decimals = settle_decimals(["0.93", "1,234"])
    assert find_decimal("1,234", beside_decimals) is None
    grouped = settle_decimals(["0.93", "12,345.6"])
    assert find_decimal("1,234", grouped) == 1234


def test_words_show_no_decimal_mark():
    for text in ("Kim, 2020", "10.1186/s12880", "v1.2", "a,b", "3.5 T", ""):
        assert not decimal_evidence(text), text


def test_zero_is_no_group_of_thousands():
    assert find_decimal("0,001", POINT) is None
    assert find_decimal("0,001", COMMA) is not None


@pytest.mark.parametrize("word", ["NA", "N/A", "n.a.", "NR", "Not  Reported", "-", "–", ".", "?"])
def test_marks_of_missing_values_have_a_reason(word):
    assert missing_reason(word)


@pytest.mark.parametrize("word", ["none", "ns", "0", "no", "nil", "Na Li", "NRW", "--x"])
def test_words_that_mean_something_are_not_missing(word):
    assert missing_reason(word) is None


def test_marks_given_by_the_user_count_by_value():
    assert missing_reason("-99.0", ["-99"]) == "given as missing (-99)"
    assert missing_reason("UNK", ["unk"]) == "given as missing (unk)"
    assert missing_reason("99", ["999"]) is None
    assert all(word == word.casefold() for word in MARKS)

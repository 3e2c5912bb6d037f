"""Columns whose type nobody declared."""

from __future__ import annotations

import pytest

from review.errors import InputError
from review.formats.loose_columns import order_keys, read_loose, similar_words
from review.formats.read_options import ReadOptions
from review.formats.reading import table_from_bytes


def column(*cells, **options):
    body = "".join(f"s{i};{c}\n" for i, c in enumerate(cells))
    return table_from_bytes(f"study;x\n{body}".encode(), "a.csv", ReadOptions(**options))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "NR"], "number"),
        (["0,5", "0,7", "1,2"], "number"),
        (["50", "60", "NR"], "number"),
        (["50", "60", "old"], "mixed"),
        (["CT", "MRI", "3"], "word"),
        (["2019-02-03", "3 Feb 2019"], "date"),
        (["NA", "", "-"], "empty"),
        (["yes", "no"], "word"),
    ],
)
def test_the_type_follows_from_all_cells(cells, kind):
    assert read_loose(column(*cells), "x").type == kind


def test_one_word_makes_no_categories():
    found = read_loose(column("50", "60", "old", "NR"), "x")
    assert found.odd == [2]
    assert list(found.values) == ["50", "60", "old", None]


def keys(*cells, **options):
    table = column(*cells, **options)
    found = order_keys(table, "x")
    table.require()
    return sorted(range(len(cells)), key=lambda i: (found[i] is None, found[i] or 0.0))


def test_rows_are_ordered_by_day_not_by_text():
    assert keys("03/02/2019", "11/01/2021", "07/05/2018") == [2, 0, 1]


def test_rows_are_ordered_by_number_and_missing_ones_come_last():
    assert keys("900", "85", "1200", "n.r.") == [1, 0, 2, 3]


def test_an_order_that_depends_on_day_and_month_is_refused():
    with pytest.raises(Exception, match="day or month stands first"):
        keys("03/02/2019", "02/03/2019")
    assert keys("03/02/2019", "02/03/2019", day_order="day") == [0, 1]
    assert keys("03/02/2019", "02/03/2019", day_order="month") == [1, 0]


def test_words_order_nothing():
    with pytest.raises(InputError, match=r"cannot order the studies: it holds words \(CT, MRI\)"):
        keys("CT", "MRI")
    with pytest.raises(Exception, match="not a number: 'old'"):
        keys("50", "60", "old")


def test_words_that_differ_in_spelling_only():
    assert similar_words(["Europe", "europe", "Asia", "X-ray", "x ray", None]) == [
        ("Europe", "europe"), ("X-ray", "x ray")
    ]  # fmt: skip

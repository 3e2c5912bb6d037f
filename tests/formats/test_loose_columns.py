"""Columns whose type nobody declared."""

from __future__ import annotations

import pytest

from review.formats.loose_columns import read_loose
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


def test_days_are_written_in_one_way_where_they_can_be_read_so():
    assert read_loose(column("03.02.2019", "25/12/2019"), "x").values == [
        "2019-02-03",
        "2019-12-25",
    ]
    assert read_loose(column("03/02/2019"), "x").values == ["03/02/2019"]
    assert read_loose(column("03/02/2019", day_order="month"), "x").values == ["2019-03-02"]
    assert read_loose(column("2019-02", "Feb 2020"), "x").values == ["2019-02", "Feb 2020"]

"""Sixty small files in all dialects: each value and each message."""

from __future__ import annotations

import math

import pytest

from review.errors import ReviewError
from review.formats.day_columns import iso_days
from review.formats.headings import match_headings, unknown_headings
from review.formats.read_options import options_from_text
from review.formats.reading import read_sheet, table_from_bytes
from review.formats.typed_columns import read_floats, read_quantities
from review.schema.reported_quantities import Kind


def written(case, folder):
    path = folder / case.file
    path.write_bytes(case.data)
    return path


def shown(quantity):
    if quantity is None:
        return ""
    parts = [getattr(quantity, n) for n in quantity.__slots__ if n != "text"]
    return " ".join(str(p) for p in parts if p is not None)


def test_a_file_that_can_be_read_gives_its_values(good_case, tmp_path):
    case = good_case
    table = read_sheet(written(case, tmp_path), options_from_text(**case.options))
    for heading, numbers in case.numbers.items():
        read = ["nan" if math.isnan(v) else v for v in read_floats(table, heading)]
        assert read == numbers, heading
    for heading, texts in case.texts.items():
        assert table.texts(heading) == texts
    for heading, (kind, expected) in case.kinds.items():
        assert [shown(q) for q in read_quantities(table, heading, Kind(kind))] == expected
    for heading, days in case.days.items():
        assert iso_days(table, heading) == days
    if case.targets:
        matches = match_headings(table, case.targets)
        table.add(*matches.problems)
        assert matches.headings == case.matched
    table.require()
    if case.said:
        assert table.describe() == case.said
    for note in case.notes:
        assert table.remarks().count(note) == 1, table.remarks()
    if not case.notes:
        assert not table.remarks(), "a remark that the case does not state"


def read_all(case, folder):
    """Read a file and raise all that is wrong with it."""
    table = read_sheet(written(case, folder), options_from_text(**case.options))
    for heading in case.words:
        table.use(heading)
    for heading in case.columns:
        read_floats(table, heading)
    for heading, kind in case.declared.items():
        if kind == "date":
            iso_days(table, heading)
        else:
            read_quantities(table, heading, Kind(kind))
    if case.targets:
        matches = match_headings(table, case.targets)
        table.add(*matches.problems, *unknown_headings(table, matches, case.targets))
    table.require()


def messages(case, folder):
    """Read a file that must be refused; return the lines of its message."""
    with pytest.raises(ReviewError) as caught:
        read_all(case, folder)
    lines = str(caught.value).splitlines()
    return [line.strip() for line in (lines[1:] if len(lines) > 1 else lines)]


def test_a_file_that_is_refused_says_all_that_is_wrong(refused_case, tmp_path, refused_messages):
    assert messages(refused_case, tmp_path) == list(refused_messages[refused_case.file])


def test_rows_of_headings_that_hold_none():
    data = b"a,b\n1,2\n,\n3,4\n"
    with pytest.raises(ReviewError, match="row 3 holds no headings"):
        table_from_bytes(data, "a.csv", options_from_text(header_row="3"))
    with pytest.raises(ReviewError, match="holds no headings"):
        table_from_bytes(b"a,b\n,c\n", "a.csv", options_from_text(header_row="2-3"))


def test_the_page_of_messages_is_up_to_date(messages_page):
    module, text = messages_page
    assert module.PAGE.read_text(encoding="utf-8") == text, "run tests/formats/messages_page.py"

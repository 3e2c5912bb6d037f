from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from review.errors import DataError
from review.project.csv_records import (
    append_cells,
    cell_spans,
    format_row,
    line_end,
    records,
    replace_cell,
)

# texts full of the signs that matter
ODD = st.text(st.sampled_from('a",\r\n\t \x0b\x85\u2028é5'), max_size=12)
CELL = st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8), ODD)
END = st.sampled_from(["", "\n", "\r\n", "\r"])


def read(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def record_texts():
    """Any text that the csv module takes for one record, however it is quoted."""
    quoted = CELL.map(lambda text: '"' + text.replace('"', '""') + '"')
    bare = st.text(st.sampled_from('a"5 \t\x85é'), max_size=6).filter(lambda t: t[:1] != '"')
    return st.builds(
        lambda cells, end: ",".join(cells) + end,
        st.lists(st.one_of(quoted, bare), min_size=1, max_size=5),
        END,
    ).filter(lambda text: text.strip("\r\n"))


@given(record_texts())
@example('5" MRI,"say ""5""\r\n",,\r')
@example('"",a\n')
def test_the_places_of_the_cells_hold_what_the_csv_module_reads(raw):
    parts = [raw[start:end] for start, end in cell_spans(raw)]
    assert ",".join(parts) + line_end(raw) == raw
    plain = [p[1:-1].replace('""', '"') if p.startswith('"') else p for p in parts]
    assert [plain] == read(raw)


@given(record_texts(), st.data(), CELL)
@example('5" a,b,c\n', None, "new")
@example('a 5",b 5",c,d\n', None, 'x"')
def test_one_cell_is_written_and_no_other_character_changes(raw, data, new):
    spans = cell_spans(raw)
    index = data.draw(st.integers(0, len(spans) - 1)) if data else len(spans) - 1
    changed = replace_cell(raw, index, new)
    (cells,) = read(raw)
    assert read(changed) == [[*cells[:index], new, *cells[index + 1 :]]]
    start, end = spans[index]
    assert changed.startswith(raw[:start])
    assert changed.endswith(raw[end:])


@given(record_texts(), st.lists(CELL, min_size=1, max_size=3))
def test_cells_are_added_at_the_end(raw, more):
    changed = append_cells(raw, more)
    assert changed.startswith(raw.removesuffix(line_end(raw)))
    assert read(changed) == [[*read(raw)[0], *more]]


@given(st.lists(CELL, min_size=1, max_size=5), END.filter(bool), st.lists(st.booleans()))
def test_a_row_is_read_as_it_was_written(cells, end, quoted):
    assert read(format_row(cells, end, quoted=quoted[: len(cells)])) == [cells]


@given(st.lists(record_texts().filter(lambda t: line_end(t) in {"\n", "\r\n"}), max_size=5))
def test_records_are_those_of_the_csv_module_and_their_texts_are_the_file(raws):
    text = "".join(raws)
    found = list(records(text, "t.csv"))
    assert [r.cells for r in found] == read(text)
    assert "".join(r.raw for r in found) == text
    lines = list(io.StringIO(text, newline=""))
    assert all(lines[r.line - 1][:1] == r.raw[:1] for r in found)


@pytest.mark.parametrize(
    ("raw", "index", "new", "changed"),
    [
        ('"a","0.9"\n', 1, "0.91", '"a","0.91"\n'),  # R quotes every text
        ('a,"b, c"\n', 1, "b", "a,b\n"),  # it was quoted since it had to be
        ('a,""\n', 1, "b", 'a,"b"\n'),
        ('"a"\n', 0, "", '""\n'),
        ("a\n", 0, "", '""\n'),
        ("a,b", 1, 'say "x"', 'a,"say ""x"""'),
    ],
)
def test_the_style_of_a_cell_stays(raw, index, new, changed):
    assert replace_cell(raw, index, new) == changed


@pytest.mark.parametrize("raw", ['"a', '"a"b,c\n', 'a,"b\n'])
def test_what_is_no_record_is_refused(raw):
    with pytest.raises(ValueError, match="not a CSV record"):
        cell_spans(raw)


@pytest.mark.parametrize(
    ("text", "line"), [("a,b\n1,2\r3,4\n", 2), ("a,b\r1,2\n", 2), ("a,b\r\n1,2\r\n3\r,4\r\n", 3)]
)
def test_two_kinds_of_line_end_that_hide_rows_are_refused(text, line):
    with pytest.raises(DataError, match=rf"t\.csv:{line}: .*a bare carriage return"):
        list(records(text, "t.csv"))

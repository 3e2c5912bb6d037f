from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import DataError
from review.project.tables import format_row, parse_table


def table(text, name="t.csv"):
    return parse_table(text.encode() if isinstance(text, str) else text, name)


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n1,2\n",
        b"a,b\r\n1,2\r\n",
        b"\xef\xbb\xbfa,b\n1,2",
        b'a,b\n"x\ny","say ""hi"""\n\n3,4\n',
        b'a,b\n"1",2\n1 , 2\n',
        "a,b\nToğaçar,\u2028x\n".encode(),
    ],
)
def test_untouched_files_keep_every_byte(data):
    assert table(data).to_bytes() == data


def test_rows_know_the_line_they_start_on():
    rows = table('a,b\n1,"x\ny"\n2,z\n').rows
    assert [r.line for r in rows] == [2, 4]


def test_appending_keeps_the_bytes_of_other_rows_and_the_newline_of_the_file():
    before = b'a,b\r\n"1",2 \r\n3,4'
    read = table(before)
    read.append({"a": "x,y", "b": ""})
    assert read.to_bytes() == before + b'\r\n"x,y",\r\n'
    assert table(read.to_bytes()).rows[-1].line == read.rows[-1].line == 4


def test_replacing_a_row_leaves_the_others():
    read = table('a,b\n"1",2\n3,4\n"5",6')
    read.replace(1, {"a": "x", "b": "y"})
    assert read.to_bytes() == b'a,b\n"1",2\nx,y\n"5",6'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b" \n \n", "the file is empty"),
        (b'a,b\n1,2\n"x,3\n', r"t\.csv:3: broken CSV: a double quote opens here"),
        (b'a,b\n"x"y,3\n', r"t\.csv:2: broken CSV: text follows"),
        (b"a,b\n1,\xff\n", r"t\.csv:2: not UTF-8: byte 0xff.*Windows-1252"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(data, said):
    with pytest.raises(DataError, match=said):
        table(data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1\n", "the row has 1 cells, the header 2"),
        ("a,b\n1,2,3\n", "the row has 3 cells, the header 2"),
        ("a,a\n1,2\n", "the column is there twice"),
        ("a,\n1,2\n", "column 2 has no name"),
        ("a;b;c\n1;2;3\n", "separated by semicolons"),
    ],
)
def test_problems_of_form_are_listed(text, said):
    assert any(said in str(p) for p in table(text).problems)


def test_the_field_limit_of_the_csv_module_is_restored():
    before = csv.field_size_limit()
    table("a\n" + "x" * 200_000 + "\n")
    assert csv.field_size_limit() == before


CELLS = st.text(st.characters(exclude_characters="\r\x00", exclude_categories=("Cs",)), max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_what_is_written_is_read_again(rows, newline):
    text = "".join(format_row(r, newline) for r in [("a", "b"), *rows])
    read = table(text)
    # a row of two empty cells is a blank line to a reader
    kept = [(r.cells["a"], r.cells["b"]) for r in read.rows if r.cells]
    assert kept == [r for r in rows if "".join(r).strip()]
    assert not read.problems

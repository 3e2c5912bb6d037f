from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import DataError, InputError
from review.project.csv_records import format_row
from review.project.csv_tables import Edit, parse_table
from review.project.read_back import check_written


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
        b"a,b\r1,2\r\r3,4",
        b'a,b\r"x\ny",5" MRI\r',
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


# ---- editing: everything else stays byte for byte

LAYOUTS = {
    "plain": b"a,b\n1,2\n3,4\n",
    "windows": b"a,b\r\n1,2\r\n3,4\r\n",
    "old mac": b"a,b\r1,2\r3,4\r",
    "mark": b"\xef\xbb\xbfa,b\n1,2\n3,4\n",
    "no last line end": b"a,b\n1,2\n3,4",
    "blank lines": b"a,b\n\n1,2\n , \n,\n3,4\n\n\n",
    "all quoted": b'"a","b"\n"1","2"\n"3","4"\n',
    "as R quotes": b'"a","b"\n"1",2\n"3",4\n',
    "several lines": b'a,b\n"1\n1",2\n3,"4\r\n4"\n',
    "inch marks": b'a,b\n5" 1,"2, 5"""\n3 5",4\n',
    "mixed line ends": b"a,b\r\n1,2\n3,4\r\n",
}
EXPECTED = {
    # after: second row's b set to x; row y,z added; column c added
    "plain": (b"a,b\n1,2\n3,x\n", b"y,z\n", b"a,b,c\n1,2,\n3,4,\n"),
    "windows": (b"a,b\r\n1,2\r\n3,x\r\n", b"y,z\r\n", b"a,b,c\r\n1,2,\r\n3,4,\r\n"),
    "old mac": (b"a,b\r1,2\r3,x\r", b"y,z\r", b"a,b,c\r1,2,\r3,4,\r"),
    "mark": (
        b"\xef\xbb\xbfa,b\n1,2\n3,x\n", b"y,z\n", b"\xef\xbb\xbfa,b,c\n1,2,\n3,4,\n",
    ),
    "no last line end": (b"a,b\n1,2\n3,x", b"\ny,z\n", b"a,b,c\n1,2,\n3,4,"),
    "blank lines": (
        b"a,b\n\n1,2\n , \n,\n3,x\n\n\n", b"y,z\n", b"a,b,c\n\n1,2,\n , \n,\n3,4,\n\n\n",
    ),
    "all quoted": (
        b'"a","b"\n"1","2"\n"3","x"\n', b'"y","z"\n', b'"a","b","c"\n"1","2",""\n"3","4",""\n',
    ),
    "as R quotes": (
        b'"a","b"\n"1",2\n"3",x\n', b'"y",z\n', b'"a","b","c"\n"1",2,\n"3",4,\n',
    ),
    "several lines": (
        b'a,b\n"1\n1",2\n3,x\n', b"y,z\n", b'a,b,c\n"1\n1",2,\n3,"4\r\n4",\n',
    ),
    "inch marks": (
        b'a,b\n5" 1,"2, 5"""\n3 5",x\n', b"y,z\n", b'a,b,c\n5" 1,"2, 5""",\n3 5",4,\n',
    ),
    "mixed line ends": (
        b"a,b\r\n1,2\n3,x\r\n", b"y,z\r\n", b"a,b,c\r\n1,2,\n3,4,\r\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_edit_keeps_the_layout_and_is_what_was_meant(layout):
    data = LAYOUTS[layout]
    set_cell, added, widened = EXPECTED[layout]

    read = table(data)
    assert not read.problems
    assert len(read.rows) == 2
    read.set(read.rows[1], "b", "x")
    assert read.to_bytes() == set_cell
    check_written(data, read.to_bytes(), read.edits, "t.csv")

    read = table(data)
    row = read.append({"a": "y", "b": "z"})
    assert read.to_bytes() == data + added
    check_written(data, read.to_bytes(), read.edits, "t.csv")
    assert table(read.to_bytes()).rows[-1].line == row.line
    read.remove(row)
    check_written(data, read.to_bytes(), read.edits, "t.csv")
    assert table(read.to_bytes()).rows[-1].cells == table(data).rows[-1].cells

    read = table(data)
    read.add_columns(["c", "b"])
    assert read.to_bytes() == widened
    check_written(data, read.to_bytes(), read.edits, "t.csv")

    read = table(data)
    first = read.rows[0]
    read.remove(first)
    assert read.to_bytes() == data.replace(first.raw.encode(), b"", 1)
    check_written(data, read.to_bytes(), read.edits, "t.csv")


STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "append", "remove", "widen"]), st.integers(0, 9), CELLS),
    max_size=8,
)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), STEPS)
def test_any_series_of_edits_gives_the_cells_that_were_meant(rows, newline, steps):
    data = "".join(format_row(r, newline) for r in [("a", "b"), *rows]).encode()
    read = table(data)
    wanted = [list(r) for r in rows if "".join(r).strip()]
    columns = ["a", "b"]
    for what, number, text in steps:
        index = number % len(wanted) if wanted else None
        if what == "set" and index is not None:
            read.set(read.rows[index], "b", text)
            wanted[index][1] = text
        elif what == "append":
            read.append({"a": "new", "b": text})
            wanted.append(["new", text, *[""] * (len(columns) - 2)])
        elif what == "remove" and index is not None:
            read.remove(read.rows[index])
            del wanted[index]
        elif what == "widen" and f"c{number}" not in columns:
            read.add_columns([f"c{number}"])
            columns.append(f"c{number}")
            wanted = [[*cells, ""] for cells in wanted]
    check_written(data, read.to_bytes(), read.edits, "t.csv")
    again = table(read.to_bytes())
    assert again.header == columns
    assert [list(r.cells.values()) for r in again.rows] == [w for w in wanted if "".join(w).strip()]


@pytest.mark.parametrize(
    "written",
    [
        b"a,b\n1,2\n3,x,\n",  # a cell too many
        b"a,b\n1,x\n3,4\n",  # another row
        b"a,b\nx,2\n3,4\n",  # another column
        b"a,b\n1,2\n3,x\n5,6\n",  # a row too many
        b"a,b\n3,x\n",  # a row too few
        b"a,b\n3,x\n1,2\n",  # another order
        b"a,c\n1,2\n3,x\n",  # another heading
        b"a,b\n1,2 \n3,x\n",  # a blank in an untouched cell
        b'a,b\n1,2\n3,"x',  # broken off
    ],
)
def test_a_written_table_that_differs_anywhere_is_refused(written):
    before = b"a,b\n1,2\n3,4\n"
    edits = [Edit("t.csv", 2, {"b": "4"}, {"b": "x"})]
    check_written(before, b"a,b\n1,2\n3,x\n", edits, "t.csv")
    check_written(before, b'"a",b\r\n1,"2"\r\n3,x', edits, "t.csv")
    with pytest.raises(InputError, match=r"not what was meant|no CSV"):
        check_written(before, written, edits, "t.csv")

"""A table that is written in any dialect is read back as it was, or refused with a remedy."""

from __future__ import annotations

import csv
import io
import math
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from review.formats.bulk_text import bulk_cells
from review.formats.delimited import delimited_grid
from review.formats.read_options import ReadOptions
from review.formats.reading import table_from_bytes
from review.formats.typed_columns import read_floats
from review.schema.missing_marks import MARKS

numbers = st.one_of(
    st.decimals("-9999", "9999", places=2, allow_nan=False, allow_infinity=False),
    st.decimals("-99", "99", places=3, allow_nan=False, allow_infinity=False),
    st.integers(-5000, 5000).map(Decimal),
)
WESTERN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:|/()'\"±–éüñ"
cells = st.text(WESTERN, max_size=12).map(str.strip)
anything = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")) | st.sampled_from("\n"),
    max_size=12,
).map(str.strip)


@st.composite
def tables(draw, words=cells):
    """Headings, and rows of a label, numbers and words; some numbers are missing."""
    n_numbers, n_words = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    rows = draw(
        st.lists(
            st.tuples(st.tuples(*[numbers | st.none()] * n_numbers), st.tuples(*[words] * n_words)),
            min_size=1,
            max_size=6,
        )
    )
    headings = ["label", *[f"x{i}" for i in range(n_numbers)], *[f"w{i}" for i in range(n_words)]]
    return headings, [[f"Kim {i}", *n, *w] for i, (n, w) in enumerate(rows)]


def as_text(value, mark):
    if value is None:
        return ""
    return str(value).replace(".", mark) if isinstance(value, Decimal) else value


def same(table, headings, rows):
    for j, heading in enumerate(headings):
        column = [row[j] for row in rows]
        if heading[0] == "x":
            read = read_floats(table, heading)
            if any("can be" in p.message for p in table.problems):
                return False
            expected = [float("nan") if v is None else float(v) for v in column]
            assert [repr(float(v)) for v in read] == [repr(v) for v in expected]
        else:
            assert table.texts(heading) == column
    table.require()
    return True


@settings(max_examples=150)
@given(
    tables(),
    st.fixed_dictionaries(
        {
            "delimiter": st.sampled_from(",;\t|"),
            "lineterminator": st.sampled_from(["\n", "\r\n"]),
            "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        }
    ),
    st.sampled_from(".,"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"]),
)
def test_text_files(made, dialect, mark, encoding):
    headings, rows = made
    buffer = io.StringIO()
    writer = csv.writer(buffer, **dialect)
    writer.writerows([headings, *[[as_text(v, mark) for v in row] for row in rows]])
    data = buffer.getvalue().encode(encoding)
    if not same(table_from_bytes(data, "a.csv"), headings, rows):
        given_mark = ReadOptions(decimal=mark)  # the remedy that the message names
        assert same(table_from_bytes(data, "a.csv", given_mark), headings, rows)


@settings(max_examples=60)
@given(tables(anything), st.sampled_from(["xlsx", "ods"]))
def test_workbooks(books, made, kind):
    headings, rows = made
    stored = [[float(v) if isinstance(v, Decimal) else v for v in row] for row in rows]
    assume(all("\n" not in str(v) or kind == "xlsx" for row in rows for v in row))
    data = getattr(books, kind)([headings, *stored])
    assert same(table_from_bytes(data, f"a.{kind}"), headings, rows)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(
            numbers.map(str) | st.sampled_from(["", *MARKS, "NA", "inf", "1_0", "0x1", "1e5"]),
            cells,
            st.sampled_from(["", "a", " b", '"c"', "1", "NA"]),
        ),
        min_size=2,
        max_size=8,
    ),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(",;\t"),
)
def test_the_fast_reader_reads_the_same(rows, quoting, delimiter):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n", quoting=quoting)
    writer.writerows([("number", "text", "word"), *rows])
    text = buffer.getvalue()
    fast = bulk_cells(text, delimiter)
    if fast is None:
        return
    careful = delimited_grid(text.encode(), "a.csv", ReadOptions(delimiter=delimiter)).cells
    assert (fast.height, fast.width) == (careful.height, careful.width)
    for j in range(fast.width):
        assert list(fast.column(j)) == list(careful.column(j))
    for i in range(fast.height):
        assert fast.row(i) == careful.row(i)
    assert [n > 0 for n in fast.filled()] == [n > 0 for n in careful.filled()]
    found = fast.numbers(0, 1)
    if found is not None:
        texts = list(careful.column(0))[1:]
        for value, cell in zip(found.values, texts, strict=True):
            assert math.isnan(value) == (cell.casefold() in MARKS or not cell)
            if not math.isnan(value):
                assert value == float(cell)


def test_a_large_file_is_read_by_the_fast_reader_and_says_the_same():
    rows = "".join(f"Kim {i},{i / 7:.6f},{'NR' if i % 1000 == 0 else i}\n" for i in range(60_000))
    data = ("study,x,n\n" + rows).encode()
    assert len(data) > 1_000_000
    table = table_from_bytes(data, "big.csv")
    assert type(table.grid.cells).__name__ == "BulkCells"
    numbers_read = read_floats(table, "x")
    assert list(numbers_read) == [float(f"{i / 7:.6f}") for i in range(60_000)]
    assert sum(map(math.isnan, read_floats(table, "n"))) == 60
    assert table.remarks() == ["read as missing: 60 cells (60 'NR')"]
    assert table.describe() == "read big.csv: comma, UTF-8, 60,000 rows"


def test_a_bad_cell_of_a_large_file_is_named():
    rows = "".join(f"Kim {i},{i}\n" for i in range(90_000)).replace("Kim 777,777", "Kim 777,about")
    table = table_from_bytes(("study,n\n" + rows).encode(), "big.csv")
    read_floats(table, "n")
    assert [(p.line, p.value) for p in table.problems] == [(779, "about")]


@pytest.mark.parametrize("quoted", [False, True])
def test_uneven_rows_of_a_large_file_are_named(quoted):
    cell = '"a, b"' if quoted else "a"
    rows = "".join(f"{cell},{i},{i}\n" for i in range(90_000)).replace(",500,500\n", ",500\n", 1)
    table = table_from_bytes(("study,n,m\n" + rows).encode(), "big.csv")
    assert [(p.line, p.message) for p in table.problems] == [
        (502, "the row has 2 cells, the headings 3")
    ]

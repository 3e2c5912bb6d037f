"""What only workbooks have: marks beside the values, damaged files, sizes without measure."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from review.errors import DataError, ReviewError, UnknownNameError
from review.formats.read_options import ReadOptions
from review.formats.reading import table_from_bytes
from review.formats.typed_columns import read_floats, read_quantities
from review.formats.workbook import stored_text
from review.schema.reported_quantities import Kind

ROWS = [["study", "auc"], ["Kim", 0.9], ["Lee", 0.875], ["Park", 0.5]]


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("0.00", ["0.90", "0.875", "0.50"]),
        ("#,##0.0", ["0.9", "0.875", "0.5"]),
        ("0%", ["90%", "87.5%", "50%"]),
        ("0.00%", ["90.00%", "87.50%", "50.00%"]),
        ('0.0" %"', ["0.9", "0.875", "0.5"]),
        ("0.00_);(0.00)", ["0.90", "0.875", "0.50"]),
        ("General", ["0.9", "0.875", "0.5"]),
        ("0.00E+00", ["0.9", "0.875", "0.5"]),
    ],
)
def test_the_digits_shown_are_kept_and_none_is_lost(books, code, texts):
    def change(book):
        for cell in book["Sheet1"]["B"][1:]:
            cell.number_format = code

    table = table_from_bytes(books.xlsx(ROWS, change=change), "a.xlsx")
    assert table.texts("auc") == texts
    assert list(read_floats(table, "auc")) == [0.9, 0.875, 0.5]
    if "%" in texts[0]:
        read = read_quantities(table, "auc", Kind.PERCENT)
        assert [float(q.value) for q in read] == [90, 87.5, 50]


def test_a_column_where_some_cells_are_shown_as_percentages(books):
    def change(book):
        book["Sheet1"]["B2"].number_format = "0%"

    table = table_from_bytes(books.xlsx(ROWS, change=change), "a.xlsx")
    assert table.texts("auc") == ["90%", "0.875", "0.5"]
    for kind in (Kind.NUMBER, Kind.PROPORTION):
        assert list(read_floats(table, "auc", kind)) == [0.9, 0.875, 0.5]
    table.require()


def test_namespaces_with_a_prefix_are_understood(books):
    data = books.xlsx(ROWS)
    names = 'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    start = sheet[: sheet.index(">") + 1]
    body = sheet[sheet.index("<sheetData") : sheet.index("</sheetData>") + len("</sheetData>")]
    body = body.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    body = body.replace('<x:c r="B2" t="n"><x:v>0.9</x:v>', '<x:c r="B2" t="e"><x:v>#N/A</x:v>')
    made = f"<x:worksheet {names}>{body}</x:worksheet>"
    assert start.startswith("<worksheet")
    prefixed = books.edited(data, r"(?s).*", lambda _: made, "xl/worksheets/sheet1.xml")
    table = table_from_bytes(prefixed, "a.xlsx")
    table.use("auc")
    assert [p.cell for p in table.problems] == ["B2"]


def test_errors_at_the_edge_are_not_lost(books):
    data = books.edited(
        books.xlsx([["study", "n"], ["Kim", 1]]), "</sheetData>",
        '<row r="3"><c r="A3" t="inlineStr"><is><t>Lee</t></is></c>'
        '<c r="B3" t="e"><v>#DIV/0!</v></c></row></sheetData>',
    )  # fmt: skip
    table = table_from_bytes(data, "a.xlsx")
    assert len(table) == 2
    read_floats(table, "n")
    assert [(p.cell, p.value) for p in table.problems] == [("B3", "#DIV/0!")]


def test_a_formula_that_gives_no_text_is_an_empty_cell(books):
    data = books.edited(
        books.xlsx([["study", "n"], ["Kim", 1], ["Lee", 2]]), r'<c r="B3"[^>]*><v>2</v></c>',
        '<c r="B3" t="str"><f>IF(FALSE,1,"")</f><v></v></c>',
    )  # fmt: skip
    table = table_from_bytes(data, "a.xlsx")
    assert str(list(read_floats(table, "n"))) == "[1.0, nan]"
    table.require()


def test_cells_that_are_far_apart_are_refused_before_room_is_made_for_them(books):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    data = books.edited(books.xlsx(ROWS), "</sheetData>", far)
    with pytest.raises(DataError, match="span 1,048,576 rows and 16,384 columns"):
        table_from_bytes(data, "a.xlsx")
    cell = '<table:table-cell table:number-columns-repeated="16000" office:value-type="float" '
    repeated = books.Raw(
        f'<table:table-row table:number-rows-repeated="1000000">{cell}office:value="1">'
        "<text:p>1</text:p></table:table-cell></table:table-row>"
    )
    with pytest.raises(DataError, match="repeated cells"):
        table_from_bytes(books.ods([repeated]), "a.ods")


def test_a_format_in_the_last_cell_of_a_sheet_is_named(books):
    styled = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    with pytest.raises(DataError, match="Delete what stands far to the right or below"):
        table_from_bytes(books.edited(books.xlsx(ROWS), "</sheetData>", styled), "a.xlsx")


def test_what_unpacks_without_measure_is_refused(books):
    buffer = io.BytesIO(books.xlsx(ROWS))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 10)
        archive.infolist()[-1].file_size = 3_000_000_000
    with pytest.raises(DataError, match="once unpacked"):
        table_from_bytes(buffer.getvalue(), "a.xlsx")


@pytest.mark.parametrize("cut", [50, 500, 1500])
def test_a_file_that_was_cut_off_is_one_clear_error(books, cut):
    with pytest.raises(DataError, match="not a readable workbook"):
        table_from_bytes(books.xlsx(ROWS)[:-cut], "a.xlsx")


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_read_or_one_clear_error(books, seed):
    hurt = bytearray(books.xlsx(ROWS))
    place = random.Random(seed).randrange(len(hurt) - 20)
    hurt[place : place + 20] = b"\xff" * 20
    try:
        table_from_bytes(bytes(hurt), "a.xlsx")
    except ReviewError as error:
        assert "a.xlsx" in str(error)  # noqa: PT017


def test_a_sheet_is_found_in_any_spelling_and_named_when_it_is_not_there(books):
    data = books.xlsx(("Data 1", ROWS), ("Other", ROWS))
    assert len(table_from_bytes(data, "a.xlsx", ReadOptions(sheet=" data 1"))) == 3
    with pytest.raises(UnknownNameError, match="did you mean 'Data 1'"):
        table_from_bytes(data, "a.xlsx", ReadOptions(sheet="Data1"))
    assert table_from_bytes(data, "a.xlsx", prefer="Other").grid.sheet == "Other"


@pytest.mark.parametrize(
    ("value", "digits", "percent", "text"),
    [
        (0.1 + 0.2, None, False, "0.3"),
        (1 / 3, None, False, "0.3333333333333333"),
        (1e20, None, False, "1E+20"),
        (-0.0, None, False, "0"),
        (1e-7, None, False, "0.0000001"),
        (0.07, None, True, "7%"),
        (0.125, 0, True, "12.5%"),
        (True, None, False, "TRUE"),
        (12.0, 2, False, "12.00"),
    ],
)
def test_stored_values_as_text(value, digits, percent, text):
    assert stored_text(value, digits, percent=percent) == text

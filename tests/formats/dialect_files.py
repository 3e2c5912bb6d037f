"""Small files as people have them, in every dialect, with what reading them must give.

Each case is a file made here, the options that a user gives, and the values that must be read or
the messages that must be said; those of files that are refused stand in `refused_messages`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from review.formats.headings import Target

NAN = "nan"  # compared as text, since NaN is unequal to itself
MISSING_EIGHT = (
    "read as missing: 8 cells (1 'NA', 1 'n.a.', 1 'NR', 1 'not reported', 1 '-', 1 '.', 1 '?', "
    "1 empty)"
)
TITLE = "the headings are in row 3; above them A1 'My review 2024' is not read"
HIDDEN_SHEET = "sheet 'Codes' (1 rows, 1 columns, hidden) is not read; --sheet reads it instead"


@dataclass(frozen=True)
class Case:
    """A file and what it must give.

    Attributes:
        file: its name.
        what: the case in words.
        data: its bytes.
        options: as `options_from_text` takes them.
        numbers: heading -> numbers, NAN where missing.
        texts: heading -> cells.
        kinds: heading -> (kind, numbers as text) of cells with several numbers or declared kinds.
        days: heading -> days.
        said: the line that describes how it was read.
        notes: parts of remarks that must be there, each once.
        columns: what is read as numbers before the problems are raised, by default `numbers`.
        words: what is used as text before the problems are raised.
        declared: heading -> kind, read before the problems are raised.
        targets: variables that the headings are matched with.
        matched: variable -> heading.
    """

    file: str
    what: str
    data: bytes
    options: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)
    kinds: dict = field(default_factory=dict)
    days: dict = field(default_factory=dict)
    said: str = ""
    notes: tuple = ()
    columns: tuple = ()
    words: tuple = ()
    declared: dict = field(default_factory=dict)
    targets: tuple[Target, ...] = ()
    matched: dict = field(default_factory=dict)


def good_cases(xlsx, edited, ods, shown, raw):
    """Return the files that are read."""
    return [*_text_files(), *_cells(), *_sheets(xlsx, edited, ods, shown, raw), *_headings(xlsx)]


def _text_files():
    basic = {"numbers": {"auc": [0.93, 0.87]}, "texts": {"study": ["Kim 2020", "Lee 2021"]}}
    comma = "study,auc\nKim 2020,0.93\nLee 2021,0.87\n"
    german = "study;auc\nKim 2020;0,93\nLee 2021;0,87\n"
    return [
        Case("plain.csv", "commas, points", comma.encode(), **basic,
             said="read plain.csv: comma, UTF-8, 2 rows"),
        Case("bom.csv", "a byte-order mark, as Excel writes", comma.encode("utf-8-sig"), **basic,
             said="read bom.csv: comma, UTF-8 with BOM, 2 rows"),
        Case("german.csv", "semicolons and decimal commas", german.encode(), **basic,
             said="read german.csv: semicolon, decimal comma, UTF-8, 2 rows"),
        Case("utf16.txt", "Unicode text of Excel: UTF-16 and tabs",
             comma.replace(",", "\t").encode("utf-16"), **basic,
             said="read utf16.txt: tab, UTF-16, 2 rows"),
        Case("utf16be.csv", "UTF-16 without a mark", comma.encode("utf-16-be"), **basic,
             said="read utf16be.csv: comma, UTF-16, 2 rows"),
        Case("western.csv", "Windows-1252",
             "study;auc\nMüller 2020;0,93\nGarcía 2021;0,87\n".encode("cp1252"),
             numbers=basic["numbers"], texts={"study": ["Müller 2020", "García 2021"]},
             said="read western.csv: semicolon, decimal comma, Windows-1252, 2 rows"),
        Case("mac.csv", "Mac Roman", "study;n\nMüller 2020;5\nGarcía 2021;6\n".encode("mac-roman"),
             texts={"study": ["Müller 2020", "García 2021"]},
             said="read mac.csv: semicolon, Mac Roman, 2 rows"),
        Case("turkish.csv", "Windows-1254, told by its letters",
             "study;n\nToğaçar 2020;5\nŞahin 2021;6\n".encode("cp1254"),
             texts={"study": ["Toğaçar 2020", "Şahin 2021"]},
             said="read turkish.csv: semicolon, Windows-1254 (by its looks), 2 rows"),
        Case("japanese.csv", "Shift-JIS, named by the user",
             "研究,n\n田中,5\n".encode("cp932"), {"encoding": "shift_jis"},
             texts={"研究": ["田中"]}, said="read japanese.csv: comma, shift-jis, 1 row"),
        Case("tab.tsv", "tabs, Windows line ends",
             comma.replace(",", "\t").replace("\n", "\r\n").encode(), **basic,
             said="read tab.tsv: tab, UTF-8, 2 rows"),
        Case("oldmac.csv", "line ends of the old Mac", comma.replace("\n", "\r").encode(), **basic),
        Case("pipe.txt", "upright strokes", comma.replace(",", "|").encode(), **basic,
             said="read pipe.txt: pipe, UTF-8, 2 rows"),
        Case("spaces.txt", "blanks, as write.table of R", b"id yi vi\na 0.1 0.02\nb 0.2 0.03\n",
             numbers={"yi": [0.1, 0.2]}, said="read spaces.txt: space, UTF-8, 2 rows"),
        Case("sep.csv", "a hint for Excel in the first line", b"sep=;\nstudy;auc\nKim;0,5\n",
             numbers={"auc": [0.5]}, said="read sep.csv: semicolon, decimal comma, UTF-8, "
             "headings in row 2, 1 row"),
        Case("quoted.csv", "quoted text with commas, quotes and line breaks",
             b'study,note\n"Kim, 2020","says ""yes""\nand more"\nLee,none\n',
             texts={"study": ["Kim, 2020", "Lee"], "note": ['says "yes"\nand more', "none"]}),
        Case("space_after.csv", "a blank after each comma", b'study, note\nKim, "a, b"\n',
             texts={"note": ["a, b"]}),
        Case("lists.csv", "lists with semicolons in a comma file",
             b"study,tools\nKim,CT;MRI\nLee,CT;PET\n", texts={"tools": ["CT;MRI", "CT;PET"]},
             said="read lists.csv: comma, UTF-8, 2 rows"),
        Case("titles.csv", "one column of text with commas",
             b"title\nDeep learning, a review\nTransfer, learned\n",
             texts={"title": ["Deep learning, a review", "Transfer, learned"]},
             said="read titles.csv: one column, UTF-8, 2 rows"),
        Case("header_comma.csv", "a comma in the heading of a semicolon file",
             b"author, year;auc\nKim, 2020;0,93\nLee, 2021;0,87\n",
             numbers={"auc": [0.93, 0.87]}, texts={"author, year": ["Kim, 2020", "Lee, 2021"]}),
        Case("forced.csv", "a delimiter that the user names", b"a/b\n1/2\n", {"delimiter": "/"},
             numbers={"b": [2]}),
        Case("trailing.csv", "empty columns and rows at the end, as Excel leaves them",
             b"study,auc,,\nKim 2020,0.93,,\nLee 2021,0.87,,\n,,,\n,,,\n", **basic,
             said="read trailing.csv: comma, UTF-8, 2 rows"),
        Case("blank_lines.csv", "empty lines between the rows",
             b"study,auc\nKim 2020,0.93\n\nLee 2021,0.87\n\n", **basic),
        Case("r_names.csv", "row numbers of R or pandas without a heading",
             b'"","study","auc"\n"1","Kim 2020",0.93\n"2","Lee 2021",0.87\n', **basic,
             notes=("column 1 numbers the rows (1 to 2) without a heading: not read",)),
        Case("title_above.csv", "a title above the headings",
             b"Table 1. Studies,,\n,,\nstudy,auc,n\nKim 2020,0.93,5\nLee 2021,0.87,6\n", **basic,
             notes=("the headings are in row 3; above them A1 'Table 1. Studies' is not read",),
             said="read title_above.csv: comma, UTF-8, headings in row 3, 2 rows"),
        Case("footnote.csv", "a note below the table",
             b"study,auc,n\nKim 2020,0.93,5\nLee 2021,0.87,6\n\nNR = not reported,,\n", **basic,
             notes=("below the table line 5 'NR = not reported' is not read",)),
        Case("two_rows.csv", "headings in two rows",
             b"study,treated,,control,\n,n,mean,n,mean\nKim,10,1.5,12,1.2\n",
             {"header_row": "1-2"}, numbers={"treated n": [10], "control mean": [1.2]}),
        Case("section.csv", "a heading inside the table",
             b"study,auc,n\nRandomised,,\nKim,0.9,5\nLee,0.8,6\n", numbers={"auc": [NAN, 0.9, 0.8]},
             notes=("line 2 'Randomised' is alone in its row: a heading inside the table?",)),
    ]  # fmt: skip


def _cells():
    def column(*cells):
        return ("study;x\n" + "".join(f"s{i};{c}\n" for i, c in enumerate(cells))).encode()

    return [
        Case("missing.csv", "words for missing values",
             column("0.5", "NA", "n.a.", "NR", "not reported", "-", ".", "?", ""),
             numbers={"x": [0.5, *[NAN] * 8]},
             notes=(MISSING_EIGHT,)),
        Case("missing_999.csv", "a number that means missing", column("5", "999", "999.0", "7"),
             {"missing": ["999"]}, numbers={"x": [5, NAN, NAN, 7]},
             notes=("read as missing: 2 cells (1 '999', 1 '999.0')",)),
        Case("percent.csv", "percentages in a column without declared type",
             column("93%", "87 %", "NR"), numbers={"x": [0.93, 0.87, NAN]},
             notes=("column 'x': percentages are read as proportions (93% = 0.93)",)),
        Case("minus.csv", "Unicode minus, thin blanks, middle dots, thousands",
             column("\u22120.5", "12\u202f345.5", "0·93", "1\u00a0234"),
             numbers={"x": [-0.5, 12345.5, 0.93, 1234]}),
        Case("grouped.csv", "thousands beside other columns with decimal points",
             b'study,n,auc\nKim,"1,234",0.93\nLee,900,0.87\n', numbers={"n": [1234, 900]}),
        Case("thousand_point.csv", "points that group in a file of decimal commas",
             b"study;n;auc\nKim;1.234;0,93\nLee;900;0,87\n", numbers={"n": [1234, 900]}),
        Case("forced_comma.csv", "a decimal mark that the user names",
             column("1,234", "2,345"), {"decimal": ","}, numbers={"x": [1.234, 2.345]}),
        Case("counts.csv", "events and totals", column("45/120", "32 (26.7%)", "10 of 20 (50%)"),
             kinds={"x": ("events and total", ["45 120", "32 26.7", "10 20 50"])}),
        Case("intervals.csv", "estimates with their interval",
             column("1.18 (0.90-1.54)", "1.18 [0.90, 1.54]", "1.18 (95% CI 0.90 to 1.54)"),
             kinds={"x": ("estimate and interval",
                          ["1.18 0.90 1.54", "1.18 0.90 1.54", "1.18 0.90 1.54 95"])}),
        Case("intervals_de.csv", "estimates with decimal commas",
             column("1,18 (0,90–1,54)", '"1,18 [0,90; 1,54]"'),
             kinds={"x": ("estimate and interval", ["1.18 0.90 1.54"] * 2)},
             said="read intervals_de.csv: semicolon, decimal comma, UTF-8, 2 rows"),
        Case("mean_sd.csv", "means and standard deviations",
             column("10.2 ± 3.1", "10.2 (3.1)", "NR"),
             kinds={"x": ("mean and SD", ["10.2 3.1", "10.2 3.1", ""])},
             notes=("read as missing: 1 cell (1 'NR')",)),
        Case("p.csv", "p-values", column("<0.001", "= .03", "0.5", "ns"),
             kinds={"x": ("p-value", ["0.001 <", "0.03 =", "0.5 =", "ns"])}),
        Case("days.csv", "days first, told by one cell", column("03/02/2019", "25/12/2019"),
             days={"x": ["2019-02-03", "2019-12-25"]}),
        Case("days_us.csv", "months first, told by one cell", column("03/02/2019", "12/25/2019"),
             days={"x": ["2019-03-02", "2019-12-25"]}),
        Case("days_words.csv", "days with points and words",
             column("03.02.2019", "3 Feb 2019", "2019-02-03"), days={"x": ["2019-02-03"] * 3}),
        Case("days_given.csv", "the order that the user names", column("03/02/2019"),
             {"day_order": "month"}, days={"x": ["2019-03-02"]}),
        Case("fixed.csv", "every suggestion taken", column("~120", "85*", "n = 7"), {"fix": True},
             numbers={"x": [120, 85, 7]},
             notes=("changed line 2 'x': '~120' to '120' (an approximate number)",
                    "changed line 3 'x': '85*' to '85' (a number with a footnote mark)",
                    "changed line 4 'x': 'n = 7' to '7' (a number with its label)")),
    ]  # fmt: skip


def _sheets(xlsx, edited, ods, shown, raw):
    rows = [["study", "auc"], ["Kim 2020", 0.93], ["Lee 2021", 0.87]]
    basic = {"numbers": {"auc": [0.93, 0.87]}, "texts": {"study": ["Kim 2020", "Lee 2021"]}}

    def percent(book):
        for cell in book["Sheet1"]["B"][1:]:
            cell.number_format = "0%"

    def two_digits(book):
        for cell in book["Sheet1"]["B"][1:]:
            cell.number_format = "0.00"

    def hide(book):
        sheet = book["Sheet1"]
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True
        book.create_sheet("Codes").append(["x"])
        book["Codes"].sheet_state = "hidden"

    def merge(book):
        book["Sheet1"].merge_cells("A2:A3")

    computed = edited(
        xlsx([["study", "n"], ["Kim", 3]]), r'<c r="B2"[^>]*><v>3</v></c>',
        '<c r="B2"><f>1+2</f><v>3</v></c>',
    )  # fmt: skip
    return [
        Case("plain.xlsx", "one sheet", xlsx(rows), **basic,
             said="read plain.xlsx: sheet 'Sheet1', 2 rows"),
        Case("plain.ods", "OpenDocument", ods(rows), **basic,
             said="read plain.ods: sheet 'Sheet1', 2 rows"),
        Case("called.csv", "a workbook that is called .csv", xlsx(rows), **basic),
        Case("empty_sheets.xlsx", "empty sheets beside the filled one",
             xlsx(("Data", rows), ("Sheet2", []), ("Sheet3", [])), **basic,
             said="read empty_sheets.xlsx: sheet 'Data', 2 rows"),
        Case("named.xlsx", "several sheets, one named",
             xlsx(("Data", rows), ("Codes", [["a"], ["b"]])), {"sheet": "data"}, **basic),
        Case("text_numbers.xlsx", "numbers stored as text",
             xlsx([["study", "auc"], ["Kim 2020", "0.93"], ["Lee 2021", " 0.87 "]]), **basic),
        Case("comma_text.xlsx", "numbers stored as text with decimal commas",
             xlsx([["study", "auc"], ["Kim 2020", "0,93"], ["Lee 2021", 0.87]]), **basic),
        Case("leading_zero.xlsx", "identifiers with zeros in front",
             xlsx([["id", "n"], ["001", 5], ["002", 6]]), texts={"id": ["001", "002"]}),
        Case("named_none.xlsx", "a study that is called None",
             xlsx([["study", "n"], ["None", 5], ["NA", 6]]), texts={"study": ["None", "NA"]}),
        Case("percent.xlsx", "0.93 that is shown as 93%", xlsx(rows, change=percent),
             numbers={"auc": [0.93, 0.87]}, texts={"auc": ["93%", "87%"]},
             notes=("column 'auc': percentages are read as proportions (93% = 0.93)",)),
        Case("percent.ods", "0.93 that is shown as 93%",
             ods([["study", "auc"], ["Kim", shown(0.93, "93%")]]),
             numbers={"auc": [0.93]}, texts={"auc": ["93%"]},
             notes=("column 'auc': percentages are read as proportions (93% = 0.93)",)),
        Case("digits.xlsx", "0.9 that is shown as 0.90",
             xlsx([["study", "auc"], ["Kim", 0.9], ["Lee", 0.875]], change=two_digits),
             texts={"auc": ["0.90", "0.875"]}, numbers={"auc": [0.9, 0.875]}),
        Case("binary.xlsx", "the noise of binary numbers",
             edited(xlsx([["study", "x"], ["Kim", 0.5]]), ">0.5<", ">0.30000000000000004<"),
             texts={"x": ["0.3"]}),
        Case("date.xlsx", "dates", xlsx([["study", "day"], ["Kim", dt.date(2019, 2, 3)],
                                         ["Lee", "25/12/2019"]]),
             days={"day": ["2019-02-03", "2019-12-25"]},
             texts={"day": ["2019-02-03", "25/12/2019"]}),
        Case("formula.xlsx", "a formula with its stored value", computed, numbers={"n": [3]}),
        Case("header_row.xlsx", "headings further down, named by the user",
             xlsx([["a", "b"], ["c", "d"], *rows]), {"header_row": "3"}, **basic,
             said="read header_row.xlsx: sheet 'Sheet1', headings in row 3, 2 rows"),
        Case("title.xlsx", "a title above the headings", xlsx([["My review 2024"], [], *rows]),
             **basic, notes=(TITLE,)),
        Case("broken_heading.xlsx", "a line break in a heading",
             xlsx([["study", "Sample\nsize"], ["Kim", 5]]), numbers={"Sample size": [5]}),
        Case("hidden.xlsx", "hidden rows, columns and sheets", xlsx(rows, change=hide), **basic,
             notes=("row 2 is hidden in the sheet and read like the others",
                    "column B is hidden in the sheet and read like the others",
                    HIDDEN_SHEET)),
        Case("merged.xlsx", "merged cells, filled on request",
             xlsx([["study", "n"], ["Kim", 5], [None, 6], ["Lee", 7]], change=merge),
             {"fill_merged": True}, texts={"study": ["Kim", "Kim", "Lee"]}),
        Case("spacer.xlsx", "an empty column inside the table",
             xlsx([["study", None, "auc"], ["Kim", None, 0.9]]), numbers={"auc": [0.9]},
             notes=("column B is empty; those from C1 'auc' on are read as part of the table",)),
        Case("booleans.xlsx", "true and false", xlsx([["study", "blind"], ["Kim", True]]),
             texts={"blind": ["TRUE"]}),
        Case("repeated.ods", "repeated rows and cells",
             ods([["study", "x", "y"], raw('<table:table-row table:number-rows-repeated="2">'
                  '<table:table-cell office:value-type="string"><text:p>a</text:p>'
                  '</table:table-cell><table:table-cell table:number-columns-repeated="2" '
                  'office:value-type="float" office:value="7"><text:p>7</text:p>'
                  '</table:table-cell></table:table-row>'),
                  raw('<table:table-row table:number-rows-repeated="1048000">'
                      '<table:table-cell table:number-columns-repeated="1024"/>'
                      '</table:table-row>')]),
             numbers={"y": [7, 7]}, said="read repeated.ods: sheet 'Sheet1', 2 rows"),
    ]  # fmt: skip


def _headings(xlsx):
    targets = (
        Target("first_author"), Target("year"), Target("n_patients", "Patients"),
        Target("age", "Mean age", "years"), Target("auc", "Area under the curve"),
    )  # fmt: skip
    line = "Kim,2020,120,54,0.9\n"
    return [
        Case("names.csv", "names in other case and spacing",
             ("First Author,YEAR,N Patients,Age,AUC\n" + line).encode(), targets=targets,
             matched={"first_author": "First Author", "year": "YEAR", "n_patients": "N Patients",
                      "age": "Age", "auc": "AUC"}),
        Case("synonyms.csv", "labels, synonyms and units",
             ("Authors,Publication year,No. of patients,Mean age (y),AUROC\n" + line).encode(),
             targets=targets,
             matched={"first_author": "Authors", "year": "Publication year",
                      "n_patients": "No. of patients", "age": "Mean age (y)", "auc": "AUROC"}),
        Case("mapped.csv", "headings that the user maps",
             ("Who,When,Size,Alter,Result\n" + line).encode(),
             {"mapping": ["Who=first_author", "When=year", "Size=n_patients", "alter=age",
                          "Result=auc"]}, targets=targets,
             matched={"first_author": "Who", "year": "When", "n_patients": "Size", "age": "Alter",
                      "auc": "Result"}),
        Case("better.xlsx", "a name wins over a synonym",
             xlsx([["first_author", "Authors", "year"], ["Kim", "Kim; Lee", 2020]]),
             targets=targets[:2], matched={"first_author": "first_author", "year": "year"}),
    ]  # fmt: skip


def refused_cases(xlsx, edited, ods, shown, raw):
    """Return the files that are refused, with every message."""
    return [*_refused_text(), *_refused_cells(), *_refused_sheets(xlsx, edited, ods, raw)]


def _refused_text():
    return [
        Case("empty.csv", "an empty file", b" \n"),
        Case("headless.csv", "no headings", b"0.93,0.02\n0.87,0.03\n"),
        Case("only_head.csv", "headings without rows", b"study,auc\n"),
        Case("twice.csv", "the same heading twice", b"study,auc,AUC\nKim,0.93,0.9\n"),
        Case("unnamed.csv", "a filled column without heading", b"study,,auc\nKim,CT,0.93\n"),
        Case("uneven.csv", "text with a comma, and a row that is too short",
             b"study,n,auc\nKim, 2020,5,0.93\nLee,6,0.87\nPark,7\nWu,8,0.9\nXu,9,0.8\n"),
        Case("decimal_commas.csv", "decimal commas between commas",
             b"study,auc,n\nKim,0,93,5\nLee,0,87,6\n"),
        Case("unclosed.csv", "a quotation mark that is not closed",
             b'study,auc\n"Kim,0.93\nLee,0.87\n'),
        Case("total.csv", "a row that sums up the others",
             b"study,n\nKim,120\nLee,80\nTotal,200\n"),
        Case("again.csv", "two files put together",
             b"study,n\nKim,120\nstudy,n\nLee,80\n"),
        Case("second.csv", "a second table below",
             b"study,n\nKim,120\nLee,80\n\ncode,meaning\n1,yes\n"),
        Case("not_utf8.csv", "another encoding than the user says",
             "study;n\nMüller;5\n".encode("cp1252"), {"encoding": "utf-8"}),
        Case("page.csv", "a web page that was saved as a table", b"<html><table></table></html>"),
        Case("saved.sav", "a file of SPSS", b"$FL2@(#) SPSS DATA FILE"),
        Case("image.csv", "a picture", bytes(range(256)) * 40),
        Case("sheet_of_text.csv", "a sheet of a text file", b"a,b\n1,2\n", {"sheet": "x"}),
        Case("no_row.csv", "a row of headings that is not there", b"a,b\n1,2\n",
             {"header_row": "9"}),
        Case("unit.csv", "another unit than the codebook's",
             b"Age (months),AUC\n54,0.9\n", targets=(Target("age", "", "years"), Target("auc"))),
        Case("clash.csv", "two headings that mean the same",
             b"Patients,Participants,AUC\n5,6,0.9\n",
             targets=(Target("n_patients"), Target("auc"))),
        Case("unknown.csv", "headings that nobody knows",
             b"Modalty,Foo,AUC\nCT,1,0.9\n", targets=(Target("modality"), Target("auc"))),
        Case("map_unknown.csv", "a mapping of a heading that is not there", b"Alter,AUC\n5,0.9\n",
             {"mapping": ["Age=age"]}, targets=(Target("age"), Target("auc"))),
    ]  # fmt: skip


def _refused_cells():
    def column(*cells):
        return ("study;x\n" + "".join(f"s{i};{c}\n" for i, c in enumerate(cells))).encode()

    def numbers(file, what, *cells, **more):
        return Case(file, what, column(*cells), columns=("x",), **more)

    return [
        numbers("ambiguous.csv", "a comma that can be two things", "1,234", "2,345"),
        numbers("range.csv", "ranges", "85-90", "85 to 90"),
        numbers("about.csv", "approximations and bounds", "~120", ">100", "100+"),
        numbers("marks.csv", "footnote marks, labels, units", "120*", "n = 120", "120 mg"),
        numbers("words.csv", "words in a column of numbers, all at once", "5", "none", "many"),
        numbers("mixed_marks.csv", "one decimal point among decimal commas",
                "0,93", "0,87", "0.91"),
        numbers("compound.csv", "several numbers where one is declared", "10.2 (3.1)", "45/120",
                "1.18 (0.90-1.54)"),
        numbers("mixed_percent.csv", "some percentages", "93%", "0.87"),
        Case("whole.csv", "no whole numbers", column("12.5", "12.0", "1.234"),
             declared={"x": "integer"}),
        Case("p.csv", "no p-values", column("0.000", "1.2", "significant"),
             declared={"x": "p-value"}),
        Case("counts.csv", "counts that cannot be", column("130/120", "45/120 (47.5%)", "45"),
             declared={"x": "events and total"}),
        Case("interval.csv", "intervals that cannot be",
             column("1.18 (1.54-0.90)", "1.18 (0.90-1.10)", "1.18"),
             declared={"x": "estimate and interval"}),
        Case("dates.csv", "dates that can be two days", column("03/02/2019", "04/05/2020"),
             declared={"x": "date"}),
        Case("dates_bad.csv", "no dates", column("2019-02-30", "03/02/19", "Feb 2019", "soon"),
             declared={"x": "date"}),
        Case("two_columns.csv", "problems of two columns and of the file",
             b"study,n,auc,auc\nKim,many,9x,1\nTotal,5,0.9,1\n", columns=("n",)),
    ]  # fmt: skip


def _refused_sheets(xlsx, edited, ods, raw):
    rows = [["study", "auc"], ["Kim 2020", 0.93], ["Lee 2021", 0.87]]

    def formulas(book):
        book["Sheet1"]["B2"] = "=1+2"
        book["Sheet1"]["B3"] = "=2+2"

    def merge(book):
        book["Sheet1"].merge_cells("A2:A3")

    def hide(book):
        book["Sheet1"].sheet_state = "hidden"
        book.create_sheet("Empty")

    error = edited(xlsx(rows), r'<c r="B2"[^>]*><v>0.93</v></c>', '<c r="B2" t="e"><v>#N/A</v></c>')
    return [
        Case("sheets.xlsx", "several filled sheets",
             xlsx(("Data", rows), ("Codes", [["code", "meaning"], ["1", "yes"]]))),
        Case("no_sheet.xlsx", "a sheet that is not there", xlsx(("Data", rows)), {"sheet": "Dta"}),
        Case("blank.xlsx", "a workbook without content", xlsx([])),
        Case("hidden_only.xlsx", "only a hidden sheet is filled", xlsx(rows, change=hide)),
        Case("twice.xlsx", "the same heading twice",
             xlsx([["study", "auc", "n", "auc"], ["Kim", 0.9, 5, 0.8]])),
        Case("unnamed.xlsx", "a filled column without heading",
             xlsx([["study", "auc", None], ["Kim", 0.9, "good"], ["Lee", 0.8, None]])),
        Case("two_rows.xlsx", "headings in two rows",
             xlsx([["study", "treated", None], [None, "n", "mean"], ["Kim", 10, 1.5]])),
        Case("formulas.xlsx", "formulas without stored values", xlsx(rows, change=formulas),
             columns=("auc",)),
        Case("error.xlsx", "an error of a formula", error, columns=("auc",)),
        Case("error.ods", "an error of a formula", ods([["study", "auc"], ["Kim", raw(
             '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
             'office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
             "</table:table-cell>")]]), columns=("auc",)),
        Case("merged.xlsx", "merged cells",
             xlsx([["study", "n"], ["Kim", 5], [None, 6]], change=merge), columns=("n",),
             words=("study",)),
        Case("date_made.xlsx", "a date that the program made of 3-5",
             xlsx([["study", "n"], ["Kim", dt.date(2024, 5, 3)], ["Lee", 4]]), columns=("n",)),
        Case("second.xlsx", "a second table below",
             xlsx([["study", "n"], ["Kim", 120], ["Lee", 80], [], ["code", "meaning"],
                   ["1", "y"]])),
        Case("beside.xlsx", "a second table beside the first",
             xlsx([["study", "n", None, "code", "meaning"], ["Kim", 120, None, "1", "yes"],
                   [None, None, None, "2", "no"]])),
        Case("total.xlsx", "rows that sum up the others",
             xlsx([["study", "n"], ["Kim", 120], ["Lee", 80], ["Total (95% CI)", 200],
                   ["Mean", 100]])),
        Case("broken.xlsx", "a damaged file", b"PK\x03\x04" + b"\0" * 100),
        Case("old.xls", "no workbook behind the first bytes",
             b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    ]  # fmt: skip

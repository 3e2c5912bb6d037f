"""Files that unpack, nest or repeat without measure are refused early, in bounded memory and time.

Each command runs in a process of its own that may take 1.5 GB and one minute of its processor: a
file that gets further ends it, and the test fails whatever the machine has.
"""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import pytest

SECONDS, MEMORY = 60, 1_500_000_000
START = (
    "import resource, sys\n"
    f"resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))\n"
    f"resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))\n"
    "from review.cli.main import main\n"
    "main(sys.argv[1:])\n"
)


def bounded(*arguments):
    command = [sys.executable, "-c", START, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert "defect of the program" not in done.stderr, done.stderr[-2000:]
    return done


READ = START.replace(
    "from review.cli.main import main\nmain(sys.argv[1:])\n",
    "from pathlib import Path\n"
    "from review.errors import DataError\n"
    "from review.formats.reading import read_sheet\n"
    "try:\n    read_sheet(Path(sys.argv[1])).require()\n"
    "except DataError as error:\n    print(error)\n",
)


def refused(*arguments):
    done = bounded(*arguments)
    assert done.returncode in {1, 2}, (done.returncode, done.stdout[-500:], done.stderr[-500:])
    told = done.stdout + done.stderr
    assert len(told) < 200_000
    return told


CONTENT_TYPES = """<?xml version="1.0"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType=
"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType=
"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType=
"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
</Types>"""
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = f"""<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="{RELATION}/TYPE" Target="TARGET"/></Relationships>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORKBOOK = f"""<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATION}">
<sheets><sheet name="studies" sheetId="1" r:id="r1"/></sheets></workbook>"""
STYLES = f'<?xml version="1.0"?><styleSheet xmlns="{MAIN}"></styleSheet>'
SHEET = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">%s<sheetData>%s</sheetData></worksheet>'


def workbook(path, rows, *, size="", styles=STYLES, more=()):
    """Write a workbook by hand: openpyxl would not write such ones."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        first = RELATIONS.replace("TYPE", "officeDocument").replace("TARGET", "xl/workbook.xml")
        archive.writestr("_rels/.rels", first)
        archive.writestr("xl/workbook.xml", WORKBOOK)
        second = RELATIONS.replace("TYPE", "worksheet").replace("TARGET", "worksheets/sheet1.xml")
        archive.writestr("xl/_rels/workbook.xml.rels", second)
        archive.writestr("xl/styles.xml", styles)
        sheet = rows if "<?xml" in rows else SHEET % (size, rows)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, data in more:
            archive.writestr(name, data)
    return path


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{cell("A1", "first_author")}{cell("B1", "year")}</row>'


def test_a_plain_workbook_is_read(new_review, tmp_path):
    rows = HEAD + f'<row r="3">{cell("A3", "Lee")}{cell("B3", "2020")}</row>'
    path = workbook(tmp_path / "a.xlsx", rows, size='<dimension ref="A1:XFD1048576"/>')
    done = bounded("add", "--review", new_review, "--from", path, "--dry-run")
    assert (done.returncode, "would add" in done.stdout) == (0, True), done.stderr


def lying(path):
    """A sheet of 200 MB whose archive says that it has 900 bytes."""
    path = workbook(path, "x" * 200_000_000)
    data = bytearray(path.read_bytes())
    real = (200_000_000 + len(SHEET % ("", ""))).to_bytes(4, "little")
    assert data.count(real) >= 1
    path.write_bytes(bytes(data).replace(real, (900).to_bytes(4, "little")))
    return path


ENTITIES = """<?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<worksheet xmlns="x"><sheetData><row r="1"><c t="inlineStr"><is><t>&c;</t></is></c></row>
</sheetData></worksheet>"""
FAR = HEAD + f'<row r="1048576">{cell("XFD1048576", "x")}</row>'
WIDE = "".join(f'<row r="{i}"><c r="XFD{i}"><v>1</v></c></row>' for i in range(1, 300_000))
STYLED = STYLES.replace("</style", f"<cellXfs>{'<xf/>' * 5_000_000}</cellXfs></style")

WORKBOOKS = {
    "200 MB": (lambda p: workbook(p, "x" * 200_000_000), "200 MB once unpacked"),
    "200 MB in a part that nothing reads": (
        lambda p: workbook(p, HEAD, more=[("x.bin", b"x" * 200_000_000)]), "once unpacked"),
    "sizes that are not true": (lying, "not a readable workbook"),
    "a million columns": (
        lambda p: workbook(p, f'<row r="1">{cell("BDWGN1", "x")}</row>'),
        "1 rows and 1,000,000 columns"),
    "a million columns, one by one": (
        lambda p: workbook(p, f'<row r="1">{"<c><v>1</v></c>" * 200_000}</row>'),
        "200,000"),
    "wide rows": (lambda p: workbook(p, WIDE), "the cells span"),
    "the last cell of a sheet": (lambda p: workbook(p, FAR), "the cells span"),
    "entities": (lambda p: workbook(p, ENTITIES), "document type"),
    "entities in UTF-16": (
        lambda p: workbook(p, HEAD, more=[("xl/a.xml", ENTITIES.replace(
            '1.0"?>', '1.0" encoding="UTF-16"?>').encode("utf-16"))]),
        "document type"),
    "styles": (lambda p: workbook(p, HEAD, styles=STYLED), "25 MB in xl/styles.xml"),
    "many parts": (
        lambda p: workbook(p, HEAD, more=[(f"x{i}", b"") for i in range(9_000)]), "parts"),
    "broken markup": (lambda p: workbook(p, "<row><c>"), "not a readable workbook"),
}  # fmt: skip


# what the reader of every other table says
ALSO = {
    "200 MB": "once unpacked",
    "200 MB in a part that nothing reads": "once unpacked",
    "sizes that are not true": "not a readable workbook",
    "a million columns": "1 rows and 1,000,000 columns",
    "a million columns, one by one": "200,000",
    "wide rows": "the cells span",
    "the last cell of a sheet": "the cells span 1,048,576 rows and 16,384 columns",
    "entities": "document type",
    "entities in UTF-16": "document type",
    "styles": "25 MB in xl/styles.xml",
    "many parts": "parts",
    "broken markup": "not a readable workbook",
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_workbooks_as_sheets(tmp_path, name):
    path = WORKBOOKS[name][0](tmp_path / "a.xlsx")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ALSO[name] in done.stdout


SPANS = {
    "far down and far right": [cell("A999999", "x"), cell("ZZ1", "x")],
    "small letters": ['<c r="zz999999"><v>1</v></c>'],
    "other marks": ["<c r='ZZ999999'><v>1</v></c>", cell("A1", "x")],
    "references": ['<c r="&#90;&#90;999999"><v>1</v></c>', cell("A1", "x")],
    "blanks": ['<c r = "ZZ999999"><v>1</v></c>', cell("A1", "x")],
    "line ends": ['<c\nr="ZZ999999"><v>1</v></c>', cell("A1", "x")],
    "without places": ["<c><v>1</v></c>" * 90_000, cell("A900000", "x")],
    "another row": [cell("A1", "x"), cell("ZZ999999", "y")],
}


@pytest.mark.parametrize("name", SPANS)
def test_cells_far_apart(tmp_path, name):
    rows = "".join(f'<row r="{i}">{one}</row>' for i, one in enumerate(SPANS[name], 1))
    path = workbook(tmp_path / "a.xlsx", rows)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "a.xlsx" in done.stdout


@pytest.mark.parametrize("name", WORKBOOKS)
def test_workbooks(new_review, tmp_path, name):
    make, said = WORKBOOKS[name]
    path = make(tmp_path / "a.xlsx")
    before = (new_review / "studies.csv").read_bytes()
    assert said in refused("add", "--review", new_review, "--from", path)
    assert (new_review / "studies.csv").read_bytes() == before


def deep(sign, n=100_000):
    return sign * n


TOMLS = {
    "brackets": (lambda: "a = " + deep("["), "nested too deeply"),
    "tables": (lambda: "a = " + deep("{a = "), "nested too deeply"),
    "dots": (lambda: ".".join(["a"] * 300_000) + " = 1", "nested too deeply"),
    "quoted dots": (lambda: ".".join(['"a"'] * 300_000) + " = 1", "nested too deeply"),
    "a heading of dots": (lambda: f"[{'.'.join(['a'] * 300_000)}]", "nested too deeply"),
    "digits": (lambda: "title = " + "9" * 1_000_000, "signs"),
    "hexadecimal": (lambda: "title = 0x" + "f" * 300, "too large"),
    "an exponent": (lambda: "title = 1e999999999", "out of range"),
    "bytes": (lambda: "title = 'a'\n" + "# comment\n" * 1_000_000, "MB"),
    "variables": (
        lambda: "".join(f"[[variable]]\nname='v{i}'\ntype='text'\n" for i in range(20_000)),
        "at most"),
    "a day that is none": (lambda: "title = 2020-02-31", "broken TOML"),
    "unknown entries": (lambda: "".join(f"a{i} = 1\n" for i in range(20_000)), "501 problems"),
}  # fmt: skip


ROB = "study_id,tool,version,unit,domain,kind,judgement,rationale,assessor\n"


@pytest.mark.parametrize("name", TOMLS)
def test_toml(new_review, name):
    make, said = TOMLS[name]
    (new_review / "codebook.toml").write_text(make())
    told = refused("check", new_review)
    assert "codebook.toml" in told
    assert said in told


@pytest.mark.parametrize("file", ["review.toml", "tools/a.toml", "published.toml"])
def test_every_toml_file_is_bounded(new_review, file):
    (new_review / file).parent.mkdir(exist_ok=True)
    (new_review / file).write_text("a = " + deep("["))
    (new_review / "risk_of_bias.csv").write_text(ROB)
    assert f"{file}:1: nested too deeply" in refused("check", new_review)


def test_toml_of_studies(new_review, tmp_path):
    (tmp_path / "a.toml").write_text("a = " + deep("["))
    told = refused("add", "--review", new_review, "--from", tmp_path / "a.toml")
    assert "a.toml:1: nested too deeply" in told


def table_of(columns, rows):
    out = io.StringIO()
    out.write(columns + "\n")
    for row in rows:
        out.write(row + "\n")
    return out.getvalue()


LONG_WORDS = (
    '[[variable]]\nname = "modality"\ntype = "category"\n'
    f'vocabulary = ["{"ab" * 16_000}", "{"ba" * 16_000}", "MRI"]\n'
)
TABLES = {
    "a million columns": (lambda: ",".join(f"c{i}" for i in range(1_000_000)), "1,000,000 columns"),
    "unknown columns": (
        lambda: "study_id," + ",".join(f"c{i}" for i in range(16_000)) + "\na" + "," * 16_000,
        "unknown"),
    "one column, often": (lambda: "study_id," + ",".join(["c"] * 16_000), "there twice"),
    "a row of a million": (lambda: "study_id\n" + "a," * 1_000_000, "the row has"),
    "many lines": (lambda: "study_id\n" + "\n" * 3_000_000, "lines"),
    "many cells": (lambda: "study_id\n" + "," * 30_000_000, "cells"),
    "short rows of a wide table": (
        lambda: ",".join(f"c{i}" for i in range(9_000)) + "\n" + "a\n" * 90_000, "places"),
    "a field of 50 MB": (lambda: "study_id,title\na," + "x" * 50_000_000, "50,000,000 characters"),
    "a quote without an end": (lambda: 'study_id,title\na,"' + "x\n" * 900_000, "never closed"),
    "long words": (
        lambda: "study_id,modality\n" + "".join(f"s{i},{'ab' * 15_999}\n" for i in range(300)),
        "not a word of the vocabulary"),
    "wrong rows": (lambda: "study_id,title\n" + "a\n" * 100_000, "the row has 1 cells"),
    "the same study": (lambda: "study_id,title\n" + "a,b\n" * 50_000, "the same study_id"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_tables(new_review, name):
    make, said = TABLES[name]
    (new_review / "studies.csv").write_text(make())
    (new_review / "codebook.toml").write_text(LONG_WORDS)
    told = refused("check", new_review)
    assert "studies.csv" in told
    assert said in told


@pytest.mark.parametrize("command", ["meta", "audit"])
def test_tables_beside_a_review(tmp_path, command):
    (tmp_path / "a.csv").write_text(",".join(f"c{i}" for i in range(1_000_000)))
    told = refused(command, "--csv", tmp_path / "a.csv")
    assert "a.csv:1: 1,000,000 cells in a row" in told
    assert "at most 16,384 columns" in told


JSONS = {
    "brackets": (lambda: deep("["), "nested too deeply"),
    "objects": (lambda: deep('{"a":'), "nested too deeply"),
    "digits": (lambda: '[{"year": ' + "9" * 1_000_000 + "}]", "characters"),
    "a long text": (lambda: '[{"title": "' + "x" * 40_000_000 + '"}]', "characters"),
    "bytes": (lambda: "[" + " " * 60_000_000 + "]", "MB"),
}  # fmt: skip


@pytest.mark.parametrize("name", JSONS)
def test_json(new_review, tmp_path, name):
    make, said = JSONS[name]
    (tmp_path / "a.json").write_text(make())
    assert said in refused("add", "--review", new_review, "--from", tmp_path / "a.json")


def test_a_report_to_compare_with(new_review, tmp_path):
    block = '<script type="application/json" id="report-data">{}</script>'
    (tmp_path / "old.html").write_text(block.format(deep("[")))
    told = refused("report", "--review", new_review, "--section", "protocol", "--compare",
                   tmp_path / "old.html", "--out", tmp_path / "new.html")  # fmt: skip
    assert "the data block is broken" in told


def test_a_link_to_a_device_or_a_pipe_without_an_end(new_review, tmp_path):
    assert "not a plain file" in refused("audit", "--csv", "/dev/zero")
    (new_review / "studies.csv").unlink()
    (new_review / "studies.csv").symlink_to("/dev/zero")
    assert "leads out of the folder" in refused("check", new_review)

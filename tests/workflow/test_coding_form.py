"""The coding form: what spreadsheet programs let in is what `review add` takes, and comes back."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import tomllib

import openpyxl
import pytest

from review.errors import DataError
from review.formats.form_rules import MAX_FORMULA, missing_words, offered_words, rule_of
from review.formats.form_workbook import LISTS, READ_ME
from review.formats.reading import read_sheet
from review.project import open_review
from review.schema import Codebook, Variable
from review.schema.cell_types import CellError
from review.workflow.coding.add import add_studies
from review.workflow.coding.coding_form import coding_form
from review.workflow.coding.init import init_review, studies_header
from review.workflow.pooling.table_entries import entries_of

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")
CODEBOOK = """
title = "Form"

[[variable]]
name = "design"
type = "category"
label = "Study design"
help = "As the authors call it."
vocabulary = ["randomised trial", "cohort, prospective", "cohort, retrospective", "1-2"]
required = true

[[variable]]
name = "drug"
type = "category"
label = "Drug"
vocabulary = ["aspirin", "placebo"]
open = true

[[variable]]
name = "outcomes"
type = "list"
label = "Outcomes"
vocabulary = ["death", "stroke", "bleeding, major"]

[[variable]]
name = "age"
type = "number"
label = "Mean age"
unit = "years"
minimum = 0
maximum = 120

[[variable]]
name = "share"
type = "number"
label = "Share of women"
minimum = 0
maximum = 1

[[variable]]
name = "change"
type = "number"
label = "Change"

[[variable]]
name = "n"
type = "integer"
label = "Participants"
minimum = 1

[[variable]]
name = "blinded"
type = "boolean"
label = "Blinded"

[[variable]]
name = "begun"
type = "date"
label = "Recruitment begun"

[[variable]]
name = "arm_code"
type = "text"
label = "Arm code"
help = "= as printed"

[[variable]]
name = "remarks"
type = "text"
label = "Remarks"
"""
# LibreOffice itself breaks a paragraph of a cell with several lines after 16,364 characters
LONG = "A remark over several lines:\n" + "\n".join(["word " * 2000 + "end."] * 3)
LONG_LINE = "word " * 6500 + "end."
ROWS = [
    {
        "study_id": "1-2", "first_author": "Müller", "year": "2020", "title": "Naïve trial",
        "doi": "10.1000/xyz-1", "pmid": "00123", "design": "cohort, prospective",
        "drug": "aspirin", "outcomes": "death;bleeding, major", "age": "54.20", "share": "0.90",
        "change": "-1.50", "n": "120", "blinded": "yes", "begun": "2019-02-03",
        "arm_code": "0012", "remarks": LONG,
    },
    {
        "study_id": "3/4x".replace("/", "-"), "first_author": "O'Neil & Sons", "year": "2021",
        "title": "10-12 years later", "design": "1-2", "drug": "clopidogrel", "outcomes": "stroke",
        "age": "NR", "share": "0.0500", "change": "0", "n": "1200", "blinded": "no",
        "begun": "1999-12-31", "arm_code": "1E5", "remarks": LONG_LINE,
    },
    {
        "study_id": "2020-01-05", "first_author": "Lee", "year": "2022", "title": "TRUE",
        "design": "randomised trial", "outcomes": "NR", "blinded": "NR", "begun": "n.r.",
        "n": "-", "arm_code": "5 % = all", "remarks": "a=b",
    },
]  # fmt: skip


@pytest.fixture(name="mine")
def _mine(tmp_path):
    init_review(tmp_path / "mine", title="Mine")
    (tmp_path / "mine" / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    header = studies_header(Codebook.model_validate(tomllib.loads(CODEBOOK)))
    (tmp_path / "mine" / "studies.csv").write_bytes(header)
    settings = tmp_path / "mine" / "review.toml"
    settings.write_text('title = "Mine"\n', encoding="utf-8")
    return tmp_path / "mine"


def filled(folder, rows=ROWS):
    """Return the form with rows as a person types them: text, in cells formatted as text."""
    made = coding_form(open_review(folder))
    book = openpyxl.load_workbook(io.BytesIO(made.xlsx()))
    sheet = book["studies"]
    for line, row in enumerate(rows, 2):
        for position, column in enumerate(made.columns, 1):
            text = row.get(column.variable.name, "")
            if text:
                cell = sheet.cell(line, position)
                cell.value, cell.data_type, cell.number_format = text, "s", "@"
    path = folder.parent / "filled.xlsx"
    book.save(path)
    return path


def through_office(path, ending, folder):
    """Return a file as LibreOffice opens it and saves it again."""
    out = folder / f"saved-{ending}"
    subprocess.run(
        [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile",
         "--convert-to", ending, "--outdir", out, path],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return out / f"{path.stem}.{ending}"


def added(folder, path):
    review = open_review(folder)
    entries, _ = entries_of(review, read_sheet(path, prefer="studies"))
    add_studies(review, entries)
    table = csv.DictReader(io.StringIO((folder / "studies.csv").read_text(encoding="utf-8")))
    return [{k: v for k, v in row.items() if v} for row in table]


def test_the_form_comes_back_as_it_was_filled(mine):
    assert added(mine, filled(mine)) == ROWS


@office
@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_the_form_comes_back_from_libreoffice_as_it_was_filled(mine, ending, tmp_path):
    path = through_office(filled(mine), ending, tmp_path)
    assert added(mine, path) == ROWS


@office
def test_drop_downs_and_help_are_there_after_libreoffice(mine, tmp_path):
    saved = openpyxl.load_workbook(through_office(filled(mine), "xlsx", tmp_path))
    rules = saved["studies"].data_validations.dataValidation
    assert len(rules) == len(coding_form(open_review(mine)).columns)
    assert all(r.showErrorMessage and r.showInputMessage for r in rules)
    assert sum(r.type == "list" for r in rules) == 3
    assert saved[LISTS].sheet_state == "hidden"


# what a coder types, and whether the column takes it
TYPED = {
    "design": [("cohort, prospective", True), ("NR", True), ("Banana", False), ("cohort", False)],
    "blinded": [("yes", True), ("no", True), ("perhaps", False)],
    "outcomes": [
        ("death", True), ("death;stroke", True), ("death; bleeding, major", True),
        ("death;flu", False), ("death,stroke", False), ("death;death", False), ("NR", True),
    ],
    "age": [
        ("54.2", True), ("54,2", True), ("NR", True), ("n.r.", True), ("-", True), ("?", True),
        ("121", False), ("-1", False), ("old", False), ("50-60", False), ("not reported", True),
    ],
    "share": [("0.90", True), ("93%", True), ("1.1", False), ("0", True), ("1", True)],
    "change": [("-1.5", True), ("\u22121.5", True), ("1e-3", True), ("=1", False)],
    "n": [("120", True), ("1,200", True), ("0", False), ("12.5", False), ("1-2", False)],
    "begun": [
        ("2020-12-31", True), ("2020-02-30", False), ("31.12.2020", False), ("NR", True),
        ("2020", False),
    ],
    "remarks": [("plain", True), ("-0.5", True), ("=HYPERLINK(1)", False), ("@me", False)],
    "study_id": [("lee2020", True), ("1-2", True), ("lee 2020", False), ("a;b", False)],
    "year": [("2020", True), ("20", False), ("NR", True), ("twenty", False)],
    "doi": [("10.1000/x", True), ("https://doi.org/10.1000/x", True), ("x", False)],
    "source_url": [("https://a.org", True), ("a.org", False)],
}  # fmt: skip


@pytest.mark.trap("openpyxl 3.1.5", "a drop-down refuses nothing unless showErrorMessage is set")
@office
def test_the_rules_take_what_is_right_and_refuse_what_is_wrong(mine, tmp_path):
    """Each rule is put beside typed text as a formula, and LibreOffice says what it gives."""
    variables = {v.name: v for v in coding_form(open_review(mine)).variables}
    book = openpyxl.Workbook()
    sheet, lists = book.active, book.create_sheet(LISTS)
    for row, mark in enumerate(missing_words(), 2):
        lists.cell(row, 1, mark).data_type = "s"
    marks = f"{LISTS}!$A$2:$A${len(missing_words()) + 1}"
    expected, line = [], 0
    for position, (name, cases) in enumerate(TYPED.items(), 2):
        words = offered_words(variables[name])
        for row, word in enumerate(words, 2):
            lists.cell(row, position, word).data_type = "s"
        letter = openpyxl.utils.get_column_letter(position)
        place = f"{LISTS}!${letter}$2:${letter}${len(words) + 1}"
        for text, right in cases:
            line += 1
            cell = sheet.cell(line, 1, text)
            cell.data_type, cell.number_format = "s", "@"
            rule = rule_of(variables[name], f"A{line}", place, marks)
            formula = rule.formula
            if rule.kind == "list":  # what a drop-down means
                formula = f"SUMPRODUCT(--({place}=A{line}))>0"
            sheet.cell(line, 2, f"=IF({formula},1,0)")
            expected.append((name, text, right))
    book.save(tmp_path / "rules.xlsx")
    table = through_office(tmp_path / "rules.xlsx", "csv", tmp_path).read_text(encoding="utf-8")
    given = [row[1] == "1" for row in csv.reader(io.StringIO(table))]
    assert [(n, t, g) for (n, t, _), g in zip(expected, given, strict=True)] == expected


@pytest.mark.parametrize(("name", "cases"), TYPED.items())
def test_the_rules_agree_with_the_codebook(mine, name, cases):
    """What a rule refuses, the codebook refuses; case and decimal marks are the reader's."""
    variable = next(v for v in coding_form(open_review(mine)).variables if v.name == name)
    if name in {"study_id", "doi", "source_url"}:
        return  # the identity columns have models of their own
    reader = {"54,2", "93%", "\u22121.5", "1,200", "31.12.2020", "death; bleeding, major"}
    for text, right in cases:
        if text in reader | {"death;death"}:
            continue
        try:
            variable.parse(text)
        except CellError:
            taken = False
        else:
            taken = True
        assert (text, taken) == (text, right)


def test_no_rule_is_longer_than_programs_take():
    cell, marks = "XFD2", f"{LISTS}!$A$2:$A$99"
    long = {"minimum": "-123456789.123", "maximum": "123456789.123"}
    for variable in (
        Variable(name="a", type="integer", minimum=-123456789, maximum=123456789),
        Variable(name="a", type="number", **long),
        Variable(name="a", type="date"),
        Variable(name="study_id", type="text"),
        Variable(name="a", type="list", vocabulary=["x"]),
    ):
        assert len(rule_of(variable, cell, f"{LISTS}!$AA$2:$AA$999", marks).formula) <= MAX_FORMULA


def test_every_list_is_a_range_so_that_words_may_hold_commas(mine):
    book = openpyxl.load_workbook(io.BytesIO(coding_form(open_review(mine)).xlsx()))
    rules = {r.promptTitle: r for r in book["studies"].data_validations.dataValidation}
    assert rules["Study design"].type == "list"
    assert rules["Study design"].formula1.startswith(f"{LISTS}!$")
    assert rules["Study design"].showErrorMessage
    assert rules["Study design"].errorStyle == "stop"
    assert rules["Drug"].errorStyle == "warning"
    assert "cohort, retrospective" in [c.value for row in book[LISTS] for c in row]
    assert "As the authors call it." in rules["Study design"].prompt
    words = [c.value for row in book[READ_ME] for c in row if c.value]
    assert "= as printed" in words
    assert "years" in words


def test_text_that_looks_like_a_formula_is_refused_and_named(mine):
    path = filled(mine, [ROWS[0] | {"remarks": "=1+1"}])
    with pytest.raises(DataError, match=r"starts like a spreadsheet formula.*=1\+1"):
        added(mine, path)
    assert len((mine / "studies.csv").read_text(encoding="utf-8").splitlines()) == 1


def test_headings_are_understood_whatever_the_labels_are(mine):
    book = CODEBOOK.replace('"Study design"', '"drug"').replace('"Remarks"', '"Year"')
    book = book.replace('"Arm code"', '"Blinded"').replace('"Participants"', '"Title (n)"')
    (mine / "codebook.toml").write_text(book, encoding="utf-8")
    headings = [c.heading for c in coding_form(open_review(mine)).columns]
    assert len(set(headings)) == len(headings)
    assert added(mine, filled(mine)) == ROWS


def test_the_csv_form_is_read_again(mine, tmp_path):
    made = coding_form(open_review(mine))
    head = made.csv().decode("utf-8-sig")
    cells = io.StringIO()
    row = [ROWS[1].get(c.variable.name, "") for c in made.columns]
    csv.writer(cells, lineterminator="\n").writerow(row)
    (tmp_path / "a.csv").write_text(head + cells.getvalue(), encoding="utf-8-sig")
    assert added(mine, tmp_path / "a.csv") == ROWS[1:2]


@pytest.mark.parametrize("rows", ["studies", "results"])
def test_the_schema_is_json_schema_and_takes_what_the_review_takes(mine, rows):
    from jsonschema import Draft202012Validator

    schema = json.loads(coding_form(open_review(mine), rows).json_schema())
    Draft202012Validator.check_schema(schema)
    valid = Draft202012Validator(schema)
    if rows == "results":
        assert valid.is_valid({"study_id": "a", "metric": "hazard_ratio", "value": "0.50"})
        assert not valid.is_valid({"study_id": "a", "value": 0.5})
        return
    assert [e.message for e in valid.iter_errors(ROWS)] == []
    whole = ROWS[0] | {"year": 2020, "n": 5, "age": 54.2, "blinded": True, "share": None}
    assert valid.is_valid(whole | {"outcomes": ["death", "stroke"]})
    wrong = {"design": "Banana", "age": 130, "n": 0, "blinded": "perhaps", "begun": "2020",
             "outcomes": ["flu"], "desing": "1-2", "year": "soon", "share": 2}  # fmt: skip
    assert not [name for name, value in wrong.items() if valid.is_valid(whole | {name: value})]
    assert not valid.is_valid({k: v for k, v in whole.items() if k != "first_author"})


def test_entries_that_the_schema_takes_are_added_as_they_are(mine, tmp_path):
    from review.formats.entries import read_entries

    rows = [ROWS[0] | {"outcomes": ["death", "bleeding, major"], "blinded": True}, *ROWS[1:]]
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    add_studies(open_review(mine), read_entries(tmp_path / "rows.json"))
    table = csv.DictReader(io.StringIO((mine / "studies.csv").read_text(encoding="utf-8")))
    assert [{k: v for k, v in row.items() if v} for row in table] == ROWS


def test_prompts_are_no_longer_than_programs_take(mine):
    book = CODEBOOK.replace("As the authors call it.", "\U0001f9ea" * 300)
    (mine / "codebook.toml").write_text(book, encoding="utf-8")
    saved = openpyxl.load_workbook(io.BytesIO(coding_form(open_review(mine)).xlsx()))
    rules = saved["studies"].data_validations.dataValidation
    assert max(len((r.prompt or "").encode("utf-16-le")) // 2 for r in rules) <= 255
    assert max(len((r.error or "").encode("utf-16-le")) // 2 for r in rules) <= 225
    assert max(len(r.promptTitle) for r in rules) <= 32

"""Commands that read tables, run as a user runs them on files from other programs."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

BOOKS = Path(__file__).parents[1] / "formats" / "workbook_files.py"


@pytest.fixture(name="books", scope="module")
def _books():
    spec = importlib.util.spec_from_file_location("cli_workbook_files", BOOKS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SHEET = """Study;Age (years);N patients;AUC;Modality;Blinded;Date;Notes
Kim et al. 2020;54,2;120;0,93;MRI;yes;03.02.2019;first of its kind
Lee 2021;61;1.200;0,87;mri;no;11.01.2021;fine
Park (2022);NR;80;0,90;CT;no;12.01.2021;
Wu & Xu, 2022;40,5;85;-;CT;yes;NR;
"""


@pytest.fixture(name="sheet")
def _sheet(tmp_path):
    path = tmp_path / "extraction.csv"
    path.write_bytes(SHEET.encode("cp1252"))
    return path


@pytest.fixture(name="mine")
def _mine(run, sheet, tmp_path):
    assert run("init", tmp_path / "mine", "--from", sheet).code == 0
    return tmp_path / "mine"


def studies(folder):
    return (folder / "studies.csv").read_text(encoding="utf-8").splitlines()


def test_a_review_starts_from_a_sheet(run, sheet, tmp_path):
    done = run("init", tmp_path / "mine", "--from", sheet, "--title", "Mine")
    assert done.code == 0
    assert "read extraction.csv: semicolon, decimal comma, UTF-8, 4 rows" in done.err
    book = (tmp_path / "mine" / "codebook.toml").read_text(encoding="utf-8")
    for part in ('name = "age"\ntype = "number"\nlabel = "Age"\nunit = "years"',
                 'name = "n_patients"\ntype = "integer"', 'name = "auc"\ntype = "number"',
                 'type = "category"\nlabel = "Modality"\nvocabulary = ["MRI", "CT"]',
                 'name = "blinded"\ntype = "boolean"', 'name = "date"\ntype = "date"'):  # fmt: skip
        assert part in book
    assert run("check", tmp_path / "mine").code == 0
    assert len(studies(tmp_path / "mine")) == 1


def test_the_sheet_can_be_added_as_it_is(run, mine, sheet):
    done = run("add", "--review", mine, "--from", sheet)
    assert done.code == 0, done.err
    assert "headings: 8 as saved in mappings.toml" in done.err
    assert "'mri' -> 'MRI' (1)" in done.err
    assert "read as missing: 5 cells (2 'NR', 2 empty, 1 '-')" in done.err
    assert studies(mine)[1:] == [
        "kim2020,Kim,2020,,,,,,,54.2,120,0.93,MRI,yes,2019-02-03,first of its kind",
        "lee2021,Lee,2021,,,,,,,61,1200,0.87,MRI,no,2021-01-11,fine",
        "park2022,Park,2022,,,,,,,NR,80,0.90,CT,no,2021-01-12,",
        "wuxu2022,Wu & Xu,2022,,,,,,,40.5,85,-,CT,yes,NR,",
    ]
    assert run("check", mine).code == 0


def test_check_counts_the_marks_and_reads_the_mappings(run, mine, sheet):
    assert run("add", "--review", mine, "--from", sheet).code == 0
    assert "marked as missing: NR 2, - 1" in run("check", mine).out
    assert json.loads(run("check", mine, "--json").out)["marks"] == {"NR": 2, "-": 1}
    path = mine / "mappings.toml"
    path.write_text(path.read_text("utf-8").replace('= "auc"', '= "acu"'), encoding="utf-8")
    done = run("check", mine)
    assert done.code == 1
    assert "the heading 'AUC' is mapped to no variable of the codebook: 'acu'" in done.out
    assert "did you mean 'auc'?" in done.out
    path.write_text("[[mapping]]\nheads = 1\n", encoding="utf-8")
    assert run("check", mine).code == 1


def test_rows_can_come_along(run, sheet, tmp_path):
    assert run("init", tmp_path / "mine", "--from", sheet, "--studies").code == 0
    assert len(studies(tmp_path / "mine")) == 5


def test_adding_says_all_that_is_wrong_and_adds_nothing(run, mine, tmp_path):
    path = tmp_path / "more.csv"
    path.write_text(
        "author,year,AUC,N patients,Foo,modality\nKim,2020,93,~120,1,MIR\n"
        "Lee,twenty,0.9,85-90,2,CT\n",
        encoding="utf-8",
    )
    done = run("add", "--review", mine, "--from", path)
    assert done.code == 2
    for part in (
        "more.csv:1: unknown heading: 'Foo'",
        "more.csv:2: column 'AUC': above the maximum: '93'; did you mean '0.93'?",
        "more.csv:2: column 'N patients': an approximate number: '~120'; did you mean '120'?",
        "more.csv:2: column 'modality': not a word of the vocabulary: 'MIR'; did you mean 'MRI'?",
        "more.csv:3: column 'year': not a whole number: 'twenty'",
        "more.csv:3: column 'N patients': a range (85 to 90), not one number: '85-90'",
    ):
        assert part in done.err
    assert len(studies(mine)) == 1
    path.write_text(
        path.read_text("utf-8").replace("85-90", "90").replace("twenty", "2021"), "utf-8"
    )
    fixed = run("add", "--review", mine, "--from", path, "--fix", "--map", "Foo=-", "--save-map")
    assert fixed.code == 0, fixed.err
    assert "note: changed line 2 'AUC': '93' to '0.93' (above the maximum)" in fixed.err
    again = run("add", "--review", mine, "--from", path, "--fix", "--allow-duplicate")
    assert "headings: 5 as saved in mappings.toml" in again.err


def test_a_workbook_with_two_filled_sheets_is_asked_about(run, mine, books, tmp_path):
    path = tmp_path / "two.xlsx"
    rows = [["Authors", "Publication year", "AUC"], ["Kim", 2020, 0.93]]
    path.write_bytes(books.xlsx(("Data", rows), ("Codes", [["a", "b"], [1, 2]])))
    done = run("add", "--review", mine, "--from", path)
    assert done.code == 2
    assert "'Data' (2 rows, 3 columns); 'Codes' (2 rows, 2 columns)" in done.err
    done = run("add", "--review", mine, "--from", path, "--sheet", "data", "--json")
    assert done.code == 0
    assert json.loads(done.out)["added"][0]["first_author"] == "Kim"
    assert "'Authors' -> first_author (known synonym)" in done.err


def test_options_for_tables_need_a_table(run, mine):
    for arguments in (
        ("add", "--review", mine, "--set", "auc=0.9", "--sheet", "x"),
        ("audit", "--review", mine, "--decimal", ","),
        ("agreement", "--review", mine, "--fix"),
        ("rob", "--review", mine, "--map", "a=b"),
        ("init", mine.parent / "other", "--missing", "999"),
    ):
        done = run(*arguments)
        assert done.code == 2
        assert "only with" in done.err, arguments


def test_options_that_cannot_be_understood(run, mine, sheet):
    for option, value, said in (
        ("--decimal", "x", "one of . and ,"),
        ("--delimiter", "ab", "one character"),
        ("--encoding", "utf-99", "unknown"),
        ("--header-row", "first", "write a row such as 3"),
        ("--map", "Age", "write it as heading=variable"),
    ):
        done = run("add", "--review", mine, "--from", sheet, option, value)
        assert done.code == 2
        assert said in done.err


def test_audit_reads_any_dialect(run, books, tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_bytes("Statistic;Value;df1;p\nt;2,20;28;0,036\n".encode("utf-16"))
    done = run("audit", "--csv", path)
    assert done.code == 0, done.err
    assert "confirmed" in done.out
    assert "read numbers.csv: semicolon, decimal comma, UTF-16, 1 row" in done.out
    sheet = tmp_path / "numbers.xlsx"
    sheet.write_bytes(books.xlsx([["k", "N total", "Share"], [57, 121, "47.1%"]]))
    mapped = run("audit", "--all", "--csv", sheet, "--map", "N total=n", "--map", "Share=percent")
    assert mapped.code == 0, mapped.err
    assert "57/121" in mapped.out
    assert "numbers.xlsx [Sheet1]:2" in run(
        "audit", "--csv", sheet, "--map", "N total=n", "--map", "Share=percent", "--json"
    ).out  # fmt: skip


def test_agreement_of_the_sheets_of_two_coders(run, mine, books, tmp_path):
    lee, kim = tmp_path / "lee.csv", tmp_path / "kim.xlsx"
    lee.write_text("study_id;AUC;Modality\na;0,93;MRI\nb;0,87;ct\n", encoding="utf-8")
    kim.write_bytes(books.xlsx([["Study ID", "auc", "modality"], ["a", 0.93, "MRI"],
                                ["b", 0.88, "CT"]]))  # fmt: skip
    done = run("agreement", "--review", mine, "--from", f"lee={lee}", "--from", f"kim={kim}",
               "--disagreements")  # fmt: skip
    assert done.code == 0, done.err
    assert "0.87" in done.out
    assert "0.88" in done.out
    assert "read kim.xlsx: sheet 'Sheet1', 2 rows" in done.err
    twice = tmp_path / "twice.csv"
    twice.write_text("study_id,auc\na,0.9\nA,0.8\n", encoding="utf-8")
    refused = run("agreement", "--review", mine, "--from", f"lee={lee}", "--from", f"x={twice}")
    assert refused.code == 2
    assert "twice.csv:3: column 'study_id': the study is there twice: 'A'" in refused.err
    assert "NAME=FILE" in run("agreement", "--review", mine, "--from", "lee.csv").err


def test_meta_reads_any_dialect_and_says_how(run, books, tmp_path):
    path = tmp_path / "effects.xlsx"
    rows = [
        ["Study", "yi", "vi", "Region"],
        ["Kim", 0.1, "0,02", "Asia"],
        ["Lee", 0.3, "0,03", "EU"],
        ["Park", 0.2, "0,04", "EU"],
        ["Wu", "NR", "NR", "EU"],
    ]
    path.write_bytes(books.xlsx(rows))
    done = run("meta", "--csv", path, "--yi", "yi", "--vi", "vi")
    assert done.code == 0, done.err
    assert "read effects.xlsx: sheet 'Sheet1', decimal comma, 4 rows" in done.out
    assert "read as missing: 2 cells (2 'NR')" in done.out
    numbers = json.loads(run("meta", "--csv", path, "--yi", "yi", "--vi", "vi", "--json").out)
    plain = tmp_path / "plain.csv"
    plain.write_text("study,yi,vi\nKim,0.1,0.02\nLee,0.3,0.03\nPark,0.2,0.04\n", encoding="utf-8")
    same = json.loads(run("meta", "--csv", plain, "--yi", "yi", "--vi", "vi", "--json").out)
    assert _pooled(numbers) == _pooled(same)


def _pooled(report):
    """Find the pooled estimate in a report."""
    found = []

    def walk(value, key=""):
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, name)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key)
        elif key in {"beta", "estimate", "ci_lb", "ci_ub"}:
            found.append(value)

    walk(report)
    assert found
    return found[:3]


def test_meta_refuses_what_it_would_have_to_drop(run, books, tmp_path):
    path = tmp_path / "bad.xlsx"
    path.write_bytes(
        books.xlsx(
            [["study", "auc", "vi", "auc", None], ["Kim", 0.9, 0.01, 0.8, "good"],
             ["Lee", 0.8, "many", 0.7, None], ["Total", 0.85, 0.01, 0.75, None]]
        )
    )  # fmt: skip
    done = run("meta", "--csv", path, "--yi", "auc", "--vi", "vi")
    assert done.code == 2
    for part in (
        "bad.xlsx [Sheet1] D1: column 'auc': 2 columns have this heading: B1 and D1",
        "bad.xlsx [Sheet1] E1: column E is filled (1 cell from E2) but has no heading",
        "bad.xlsx [Sheet1] C3: column 'vi': not a number: 'many'",
        "bad.xlsx [Sheet1] A4: a row that sums up others, not a study: 'Total'",
    ):
        assert part in done.err, done.err
    two = tmp_path / "two.xlsx"
    two.write_bytes(books.xlsx(("A", [["yi", "vi"], [1, 2]]), ("B", [["yi", "vi"], [1, 2]])))
    asked = run("meta", "--csv", two)
    assert asked.code == 2
    assert "2 sheets are filled: 'A' (2 rows, 2 columns); 'B' (2 rows, 2 columns)" in asked.err
    refused = run("meta", "--outcome", "auc", "--sheet", "A")
    assert refused.code == 2
    assert "--sheet: only with --csv FILE" in refused.err

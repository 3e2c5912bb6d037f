"""Records out of a review: what is left out is counted, and what is written comes back."""

from __future__ import annotations

import json

import pytest

from review.cli.main import main
from review.errors import InputError, UnknownNameError
from review.project import open_review
from review.project.transaction import changes
from review.workflow.records.export_records import export_records
from review.workflow.records.import_records import import_records

RIS = """TY  - JOUR
TI  - Deep learning; the lung
AU  - Kim, H
AU  - World Bank
PY  - 2020
JF  - J Lung
SP  - 69
EP  - 81
DO  - 10.1000/abc
AB  - =not a formula, {braces} & 5% of them
KW  - lung
UR  - http://a.org/x;j=1
U2  - L1
M3  - Article
AD  - Seoul
AD  - Mannheim
ER  - 

TY  - CHAP
TI  - Zweites
ED  - Smith, A
N1  - first note
N1  - second note
ER  - 

TY  - JOUR
TI  - Third
ER  - 
"""  # noqa: W291  the ends of records end in blanks
ENDINGS = [".ris", ".bib", ".json", ".csv", ".xlsx"]


@pytest.fixture
def review(new_review, tmp_path):
    path = tmp_path / "in.ris"
    path.write_text(RIS, encoding="utf-8")
    import_records(open_review(new_review), [path])
    return open_review(new_review)


def texts(review):
    names = ("title", "authors", "year", "journal", "pages", "doi", "abstract", "keywords", "url",
             "notes")  # fmt: skip
    found = []
    for record in review.records:
        extra = sorted(map(tuple, json.loads(record.extra or "[]")))
        kept = [pair for pair in extra if pair[0] not in {"key", "id"}]
        found.append(([getattr(record, name) for name in names], kept))
    return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_written_is_imported_again(review, new_review, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    made = export_records(review, path)
    assert made.records == 3
    before = texts(review)
    for name in ("records.csv", "imports.csv", "searches.csv"):
        (new_review / name).unlink()
    (done,) = import_records(open_review(new_review), [path])
    assert (done.marked, done.imported, done.rejected) == (3, 3, 0)
    assert texts(open_review(new_review)) == before


def test_duplicates_removed_records_and_other_decisions_are_left_out(review, new_review, tmp_path):
    first, second, _ = (r.record_id for r in review.records)
    (new_review / "decisions.csv").write_text(
        f"record_id,stage,reviewer,decision\n{first},screening,Ann,include\n"
        f"{second},screening,Ann,exclude\n",
        encoding="utf-8",
    )
    opened = open_review(new_review)
    made = export_records(opened, tmp_path / "a.ris", decision="include")
    assert (made.records, made.others) == (1, 2)
    made = export_records(opened, tmp_path / "a.ris", decision="undecided")
    assert (tmp_path / "a.ris").read_text(encoding="utf-8").count("Third") == 1
    with pytest.raises(InputError, match="no record of"):
        export_records(opened, tmp_path / "b.ris", decision="include", stage="full_text")
    assert not (tmp_path / "b.ris").exists()
    with changes(open_review(new_review), command="test") as tx:
        table = tx.table("records.csv")
        table.add_columns(["duplicate_of", "removed"])
        table.set(table.rows[1], "duplicate_of", first)
        table.set(table.rows[2], "removed", "other")
    made = export_records(open_review(new_review), tmp_path / "a.ris")
    assert (made.records, made.duplicates, made.removed) == (1, 1, 1)
    made = export_records(open_review(new_review), tmp_path / "a.ris", everything=True)
    assert made.records == 3


def test_clear_errors(review, new_review, tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown ending of a file of records '\.rsi'"):
        export_records(review, tmp_path / "a.rsi")
    with pytest.raises(UnknownNameError, match="unknown decision 'included'"):
        export_records(review, tmp_path / "a.ris", decision="included")
    with pytest.raises(InputError, match="would write over a file of the review"):
        export_records(review, new_review / "records.csv")
    (new_review / "records.csv").unlink()
    with pytest.raises(InputError, match=r"holds no records\.csv"):
        export_records(open_review(new_review), tmp_path / "a.ris")


def test_the_command(review, new_review, tmp_path, capsys):
    path = tmp_path / "deep" / "out.bib"
    with pytest.raises(SystemExit) as stop:
        main(["export", str(path), "-r", str(new_review)])
    assert stop.value.code in {0, None}
    assert f"written: {path} (BibTeX, 3 records)" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8").count("@") == 3

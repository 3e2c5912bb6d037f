"""Projects of ASReview, made here as ASReview 3.0.8 makes them, and of older versions."""

from __future__ import annotations

import json
import sqlite3
import zipfile

import pytest

from review.errors import DataError
from review.formats.bibliography import asreview_project
from review.formats.bibliography.reading_exports import read_export
from review.workflow.records.exported_decisions import votes_of

DATA = "title,abstract,journal,included\nOne,a,J Lung,1\nTwo,b,,0\nThree,c,,0\n"
RECORD = """CREATE TABLE record (dataset_row INTEGER NOT NULL, dataset_id VARCHAR NOT NULL,
title VARCHAR NOT NULL, abstract VARCHAR NOT NULL, authors JSON NOT NULL, keywords JSON NOT NULL,
year INTEGER, doi VARCHAR, url VARCHAR, included INTEGER, record_id INTEGER NOT NULL,
duplicate_of INTEGER,
group_id INTEGER NOT NULL GENERATED ALWAYS AS (COALESCE(duplicate_of, record_id)) VIRTUAL,
PRIMARY KEY (record_id))"""
RESULTS = """CREATE TABLE results (record_id INTEGER UNIQUE, label INTEGER, classifier TEXT,
querier TEXT, time FLOAT, note TEXT, tags JSON, user_id INTEGER)"""


@pytest.fixture
def project(tmp_path):
    def make(*, data=DATA, tables=(RECORD, RESULTS), results=None, name="results.db", rows=None):
        path = tmp_path / "project.dat"
        database = tmp_path / "made.db"
        database.unlink(missing_ok=True)
        connection = sqlite3.connect(database)
        for table in tables:
            connection.execute(table)
        if RECORD in tables:
            given = rows or [
                (0, "x.csv", "One", "a", '["Kim, H", "Lee, J"]', '["k"]', 2020, "10.1000/x", None,
                 1, 0, None),
                (1, "x.csv", "Two", "b", "[]", "[]", None, None, None, 0, 1, 0),
                (2, "x.csv", "Three", "c", "[]", "[]", None, None, None, 0, 2, None),
            ]  # fmt: skip
            names = ("dataset_row,dataset_id,title,abstract,authors,keywords,year,doi,url,included,"
                     "record_id,duplicate_of")  # fmt: skip
            connection.executemany(
                f"INSERT INTO record ({names}) VALUES ({','.join('?' * 12)})", given
            )
        if RESULTS in tables:
            connection.executemany(
                "INSERT INTO results VALUES (?,?,NULL,NULL,1.5,?,?,?)",
                results or [(0, 1, "seen", '["rct"]', 3), (1, 0, None, None, None)],
            )
        connection.commit()
        connection.close()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("project.json", json.dumps({"version": "3.0.8"}))
            if data:
                archive.writestr("data/x.csv", data)
            archive.write(database, name)
        return path

    return make


@pytest.mark.trap(
    "ASReview 3 project",
    "a zip of project.json and results.db with tables of its own",
)
def test_records_labels_and_the_fields_of_the_data_set(project):
    """Records, labels, notes and columns of the data set are read from the zip."""
    export = read_export(project())
    first, second, third = export
    assert (export.format, export.markers, export.read) == ("ASReview project", 3, 3)
    assert (first.title, first.authors, first.journal) == ("One", ["Kim, H", "Lee, J"], "J Lung")
    assert (first.doi, first.year, first.notes) == ("10.1000/x", "2020", ["seen"])
    assert ("asreview_tags", '["rct"]') in first.extra
    assert ("duplicate_of", "0") in second.extra
    found = [votes_of(r, export.writer, reviewer="") for r in (first, second, third)]
    assert [[v.decision for v in votes] for votes in found] == [["include"], ["exclude"], []]
    assert export.describe() == "read project.dat: ASReview project, 3 records"


def test_records_come_from_the_database_where_the_data_set_is_another(project):
    export = read_export(project(data="title\nOther\n"))
    assert [r.title for r in export] == ["One", "Two", "Three"]
    export = read_export(project(data=None))
    assert [r.abstract for r in export] == ["a", "b", "c"]


def test_older_projects_hold_labels_by_the_place_in_the_data_set(project):
    path = project(tables=(RESULTS,), name="reviews/0123/results.sql")
    export = read_export(path)
    records = list(export)
    assert [r.title for r in records] == ["One", "Two", "Three"]
    assert [t for t in records[1].extra if t[0] == "asreview_label"] == [("asreview_label", "0")]


def test_labels_without_a_record_are_named(project):
    export = read_export(project(results=[(9, 1, None, None, None)]))
    assert len(list(export)) == 3
    assert export.remarks() == ["1 label belongs to no record of the project"]


@pytest.mark.parametrize(
    ("tables", "match"),
    [
        ((RECORD,), "no table of results"),
        (("CREATE VIEW results AS SELECT 1 AS record_id, 1 AS label",), "no table of results"),
    ],
)
def test_databases_of_another_kind_are_refused(project, tables, match):
    with pytest.raises(DataError, match=match):
        list(read_export(project(tables=tables)))


def test_damaged_and_oversized_projects_are_refused(project, monkeypatch):
    path = project()
    whole = path.read_bytes()
    for end in (40, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match="not a readable"):
            list(read_export(path))
    place = whole.index(b"SQLite format 3")
    path.write_bytes(whole[: place + 100] + b"\xff" * 3000 + whole[place + 3100 :])
    with pytest.raises(DataError, match="not a readable ASReview project"):
        list(read_export(path))
    path.write_bytes(whole)
    monkeypatch.setattr(asreview_project, "MAX_UNPACKED", 100)
    with pytest.raises(DataError, match="once unpacked"):
        list(read_export(path))

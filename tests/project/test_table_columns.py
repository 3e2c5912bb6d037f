"""A large table that is read by columns gives what the model of a row gives, row by row."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from review.errors import DataError
from review.project.column_models import models_by_columns
from review.project.csv_tables import parse_table
from review.project.row_models import build_models
from review.project.table_columns import column_chunks
from review.resources import resource_dir
from review.schema import Codebook, ReportedResult, Variable, study_model
from review.schema.row_rules import STUDY
from review.schema.screening_rows import RecordRow
from review.workflow.audit import checks
from review.workflow.audit.facts import COUNTS, METRICS, NUMBERS, SCORES, Facts, facts_from

if TYPE_CHECKING:
    from pydantic import BaseModel

BOOK = Codebook(
    variable=(
        Variable(name="modality", type="category", vocabulary=("CT", "MRI")),
        Variable(name="auc", type="number", minimum=0, maximum=1),
        Variable(name="tags", type="list", open=True),
        Variable(name="blind", type="boolean"),
        Variable(name="n", type="integer"),
        Variable(name="day", type="date"),
    )
)
STUDIES = """study_id,first_author,year,title,doi,modality,auc,tags,blind,n,day
a1,Lee,2019,"A title, with a comma",10.1000/x,CT,0.90,a;b,yes,12,2020-01-02
a2,Müller,NR,Two words,https://doi.org/10.1000/y,MRI,NR,,no,,
a3,  Kim , 2018,"several
lines",,CAT,0.5,a;;b,perhaps,1.0,2020-13-01

,,,,,,,,,,
A1,=1+1,1200,t,doi: no,ct,1.5,x,1,-3,
a4,Lee,2019
a5,Lee,2019,t,10.1000/z,CT,.5,q,true,7,2020-01-02,more
a6,Lee,2019,t,,CT,,,,,
"""
RESULTS = """study_id,role,metric,value,events1,n1,note
a1,headline,auc,0.90,3,10,
a1,headline,auc,"0,90",3,10,
a2,headline,or,1.5,12,10,too many events
,headline,or,1.5,1,10,no study
"""
RECORDS = "id,title,year,mine\nr1,A,2019,own\nr2,B,,\nR1,C,x,\n"


def both(text: str, model: type[BaseModel], key: str | None) -> tuple[Any, Any]:
    """Models and problems by columns, and by rows."""
    data = text.encode()
    found = models_by_columns(data, "t.csv", model, key=key)
    assert found is not None
    return found, build_models(parse_table(data, "t.csv"), model, key=key)


@pytest.mark.parametrize(
    ("text", "model", "key"),
    [(STUDIES, study_model(BOOK), "study_id"), (RESULTS, ReportedResult, None),
     (RECORDS, RecordRow, "record_id"), ("\ufeff" + STUDIES, study_model(BOOK), "study_id"),
     (STUDIES.replace("\n", "\r\n"), study_model(BOOK), "study_id")],
    ids=["studies", "results", "records", "byte order mark", "carriage returns"],
)  # fmt: skip
def test_columns_give_the_models_and_problems_of_rows(
    text: str, model: type[BaseModel], key: str | None
) -> None:
    (models, problems), (by_row, expected) = both(text, model, key)
    assert [p.to_dict() for p in problems] == [p.to_dict() for p in expected]
    assert expected
    assert models == by_row
    for mine, other in zip(models, by_row, strict=True):
        assert list(mine.__dict__) == list(other.__dict__)
        assert [type(v) for v in mine.__dict__.values()] == [
            type(v) for v in other.__dict__.values()
        ]
        assert mine.model_fields_set == other.model_fields_set
        assert mine.model_extra == other.model_extra
        assert mine.model_copy(update={}) == other


def test_a_bundled_table_is_the_same_by_columns_and_by_rows() -> None:
    data = (resource_dir("data") / "kim2022" / "results.csv").read_bytes()
    found = models_by_columns(data, "results.csv", ReportedResult, key=None)
    assert found == build_models(parse_table(data, "results.csv"), ReportedResult, key=None)


@pytest.mark.parametrize(
    "text",
    [
        "study_id,title\r1,a\r2,b\r",
        'study_id,title\na,"b\n',
        "study_id,nothing\na,b\n",
        "title\na\n",
    ],
    ids=["bare returns", "open quotation mark", "unknown column", "no key"],
)
def test_what_only_rows_can_read_or_explain_is_left_to_them(text: str) -> None:
    model = study_model(BOOK)
    assert models_by_columns(text.encode(), "t.csv", model, key="study_id") is None


def test_chunks_hold_every_row_with_its_line() -> None:
    table = parse_table(STUDIES.encode(), "t.csv")
    (chunk,) = column_chunks(STUDIES.encode(), "t.csv")
    assert chunk.lines == [r.line for r in table.rows]
    assert [chunk.cells(i) for i in range(len(chunk.rows))] == [r.cells for r in table.rows]
    assert sorted(chunk.wrong) == [i for i, r in enumerate(table.rows) if not r.whole]
    assert chunk.columns()["year"][0] == "2019"
    old = STUDIES.replace("\n", "\r").encode()
    (chunk,) = column_chunks(old, "t.csv")
    assert len(chunk.rows) == len(table.rows)
    with pytest.raises(DataError, match="never closed"):
        list(column_chunks(b'a,b\n1,"2\n', "t.csv"))


@pytest.mark.parametrize(
    "cells",
    [{}, {"year": "2019"}, {"year": "1700"}, {"year": "2999"}, {"pmid": "x"}, {"title": "Total"},
     {"study_id": "sum", "first_author": "Sum"}, {"first_author": "Lee", "year": " "},
     {"first_author": " ", "title": "t", "year": "2019"}, {"doi": "10.1"}],
    ids=str,
)  # fmt: skip
def test_a_row_in_which_no_text_is_a_reason_breaks_no_rule(cells: dict[str, str]) -> None:
    for rule in STUDY:
        looked_at = any(test(cells.get(column, "")) for column, test in rule.looks.items())
        assert looked_at or not list(rule(cells, 2026))


def test_a_check_finds_nothing_without_the_numbers_that_it_needs() -> None:
    """Facts with every number but those that a check names give it nothing to say."""
    names = [*NUMBERS, *METRICS, *SCORES]
    record = {n: 1 if n in COUNTS else "0.5" for n in names}
    record |= {"statistic": "t", "p": "0.04", "parts": "1;2", "measure": "OR"}
    full = facts_from(record, "row 1")
    for module, name, needed in checks._NEEDS:
        if any(one & {checks._LIMIT, checks._TWO} for one in needed):
            continue  # of these any will do
        gone = {min(one) for one in needed}
        less = Facts(
            "row 1",
            {k: v for k, v in full.numbers.items() if k not in gone},
            {k: v for k, v in full.words.items() if k not in gone},
        )
        check = getattr(import_module(f"review.workflow.audit.{module}"), name)
        assert not check(less), name

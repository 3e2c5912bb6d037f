from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import DataError, InputError
from review.schema.prisma_flow import BOXES, PrismaCounts
from review.workflow.prisma.prisma2020_csv import HEADER, read_prisma2020, write_prisma2020

# boxes that the format holds one by one
KEPT = [b for b in BOXES if b not in {"identified", "other_identified", "excluded_at_full_text",
                                      "other_excluded"}]  # fmt: skip
words = st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=20).map(
    lambda s: " ".join(s.split())
)


@given(
    st.dictionaries(st.sampled_from(KEPT), st.integers(0, 9999)),
    st.dictionaries(words.filter(bool), st.integers(0, 99), max_size=4),
)
def test_what_the_format_holds_comes_back(boxes, listed):
    listed = {k: v for k, v in listed.items() if not k.casefold().startswith("reason")}
    counts = PrismaCounts(
        **boxes | {"included": 3}, reasons=listed, sources=listed,
        excluded_at_full_text=sum(listed.values()) if listed else None,
    )  # fmt: skip
    text, notes = write_prisma2020(counts)
    back, remarks = read_prisma2020(text, "f.csv")
    assert (notes, remarks) == ([], [])
    assert back == counts


def test_the_columns_are_those_of_the_template():
    text, _ = write_prisma2020(PrismaCounts(included=3))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == HEADER
    assert {r["node"] for r in rows} >= {f"node{i}" for i in range(1, 23)}
    assert {r["box"] for r in rows} >= {f"box{i}" for i in range(1, 18)}


@pytest.mark.trap(
    "PRISMA2020 1.1.4",
    "a source or reason may hold neither comma nor semicolon in its template",
)
def test_names_with_commas_are_rewritten_and_named():
    """Names with such signs are rewritten, and it is said how."""
    counts = PrismaCounts(sources={"Web of Science, Core": 4}, databases=4, identified=4)
    text, notes = write_prisma2020(counts)
    assert "Web of Science Core, 4" in text
    assert "'Web of Science, Core' is written 'Web of Science Core'" in notes[0]


def test_a_file_as_the_template_has_it():
    text = (
        "\ufeffdata,node,box,description,boxtext,tooltips,url,n\n"
        "NA,node4,prevstud,Grey title box,Previous,,prev.html,0\n"
        "database_results,node7,box2,x,x,x,u,120\nregister_results,NA,box2,x,x,NA,NA,\n"
        'dbr_excluded,node14,box9,"a, b",x,x,u,"No control, 4; Wrong, population, 3"\n'
        'other_excluded,node21,box15,x,x,x,u,"Reason1, xxx; Reason2, xxx; Reason3, xxx"\n'
        "future_box,node99,box99,x,x,x,u,7\n"
    )
    counts, notes = read_prisma2020(text, "PRISMA.csv")
    assert counts.counts() == {"databases": 120, "excluded_at_full_text": 7}
    assert [(r.reason, r.reports) for r in counts.reasons] == [
        ("No control", 4),
        ("Wrong, population", 3),
    ]
    assert notes == ["PRISMA.csv:7: row 'future_box' is no box of PRISMA 2020; not read"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "column 'data'"),
        ("data,number\na,1\n", "column 'n'"),
        ("data,n\nscreened_total\nrecords_screened,about 5\n", r"f.csv:3.*'about 5'.*whole number"),
        ("data,n\nrecords_screened,-5\ndatabase_results,1.5\n", r"-5.*\n.*1\.5"),
        ("data,n\ndbr_excluded,no control\n", r"Name, 12; Name, 3"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, says):
    with pytest.raises(DataError, match=says):
        read_prisma2020(text, "f.csv")


def test_a_flow_without_counts_is_not_written():
    with pytest.raises(InputError, match="no counts"):
        write_prisma2020(PrismaCounts())

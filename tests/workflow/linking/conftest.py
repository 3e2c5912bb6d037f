"""A review with included reports: three of them report two studies."""

from __future__ import annotations

import csv

import pytest

RECORDS = """record_id,source,kind,type,title,authors,year,journal,doi,pmid,abstract,url
p1,PubMed,database,JOUR,BCG vaccination in schoolchildren,"Lee, Ann; Wu, Bo",2019,Lancet,,111,\
Two thousand children.,
e1,Embase,database,JOUR,BCG vaccination in schoolchildren,"Lee A; Wu B",2019,Lancet,10.1000/a1,,,
x1,Embase,database,JOUR,Vaccinating schoolchildren: early results,Lee A,2017,medRxiv,10.1101/x1,,\
Early.,http://example.org/x1
p2,PubMed,database,JOUR,A trial among nurses,van der Berg J,2020,BMJ,10.1000/b2,222,,
p3,PubMed,database,JOUR,Mice,"Kim, C",2021,Cell,10.1000/c3,,,
w1,WHO,website,RPRT,A report of the WHO,World Health Organization,2018,,,,,https://who.int/r1
"""
DUPLICATES = """record_id,other_id,verdict,reason,decided_by,date
e1,p1,same,title,rule,2026-01-01
x1,p1,report,another place,rule,2026-01-01
"""

BOOK = """[[variable]]
name = "design"
type = "category"
vocabulary = ["RCT", "cohort"]
required = true

[[variable]]
name = "n"
type = "integer"
minimum = 1
unit = "people"

[[variable]]
name = "arms"
type = "list"
vocabulary = ["BCG", "placebo", "nothing"]

[[variable]]
name = "remark"
type = "text"
"""
HEADER = (
    "study_id,first_author,year,title,venue,doi,pmid,source_url,evidence,design,n,arms,remark\n"
)


@pytest.fixture(name="folder")
def _folder(new_review):
    """A review made by `review init`, with records that two reviewers have decided on."""
    (new_review / "codebook.toml").write_text(BOOK, encoding="utf-8")
    (new_review / "studies.csv").write_text(HEADER, encoding="utf-8")
    (new_review / "records.csv").write_text(RECORDS, encoding="utf-8")
    (new_review / "duplicates.csv").write_text(DUPLICATES, encoding="utf-8")
    first = [f"{name},title_abstract,Ann,include," for name in ("p1", "x1", "p2", "p3")]
    full = [f"{name},full_text,Ann,include," for name in ("p1", "x1", "p2", "w1")]
    rows = ["record_id,stage,reviewer,decision,reason", *first, *full]
    rows.append("p3,full_text,Ann,exclude,animals")
    (new_review / "decisions.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return new_review


@pytest.fixture(name="rows")
def _rows(folder):
    """Return the rows of a table of the review."""

    def rows(name):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return rows

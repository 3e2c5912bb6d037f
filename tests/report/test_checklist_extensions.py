"""PRISMA-DTA, PRISMA-NMA and PRISMA-S: complete, chosen by the review, honest about what lacks."""

from __future__ import annotations

import csv

import pytest

from review.errors import UnknownNameError
from review.project import open_review
from review.report.blocks import Section
from review.report.checklist_extensions import CHECKLISTS, chosen_checklists
from review.report.sections import ALL
from review.report.sections.checklist_section import checklist_rows, status

# numbers of the items as the statements have them
NUMBERS = {
    "dta": "1 2 3 D1 4 5 6 7 8 9 10 11 12 13 14 D2 16 17 18 19 20 21 23 24 25 26 27",
    "nma": "1 2 3 4 5 6 7 8 9 10 11 S1 12 13 14 S2 15 16 17 S3 S4 18 19 20 21 S5 22 23 24 25 26 27",
    "s": "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
}
LISTS = {c.key: c for c in CHECKLISTS}


@pytest.mark.parametrize("kind", NUMBERS)
def test_every_item_is_there_once_in_order(kind):
    items = LISTS[kind].items
    assert [item.number for item in items] == NUMBERS[kind].split()
    assert all(set(item.places) <= set(ALL) for item in items)
    assert all(item.label and item.part for item in items)


@pytest.fixture(name="folder")
def _folder(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "review.toml").write_text('title = "Mine"\n')
    return folder


def keys(folder):
    return [c.key for c in chosen_checklists(open_review(folder))]


def test_a_review_gets_the_checklists_that_it_calls_for(folder):
    assert keys(folder) == ["2020"]
    path = folder / "review.toml"
    with path.open("a") as file:
        file.write('[[meta]]\nname = "a"\nmodel = "dta"\n'
                   '[[meta]]\nname = "n"\nmodel = "nma"\noutcome = "auc"\n')  # fmt: skip
    assert keys(folder) == ["2020", "dta", "nma"]
    (folder / "searches.csv").write_text("source,date,query,records\nPubMed,2026-01-31,a AND b,9\n")
    assert keys(folder) == ["2020", "dta", "nma", "s"]
    one = open_review(folder)
    assert chosen_checklists(one, "PRISMA-NMA")[0].key == "nma"
    with pytest.raises(UnknownNameError, match="dta"):
        chosen_checklists(one, "dtaa")


def found(folder, *shown):
    review = open_review(folder)
    sections = {name: Section(name, name.capitalize(), ()) for name in shown}
    return {i.number: status(i, review, sections)[0] for i in LISTS["s"].items}


def test_searches_are_counted_as_they_are_stated(folder):
    path = folder / "searches.csv"
    path.write_text(
        "source,kind,date,query,records\nPubMed,database,2026-01-31,a AND b,9\n"
        "Registry,register,2026-01-31,,3\n"
    )
    met = found(folder, "search", "flow")
    for number, said in {"1": "reported", "3": "reported", "4": "not reported",
                         "8": "not reported", "13": "reported", "15": "reported",
                         "16": "not reported"}.items():  # fmt: skip
        assert met[number] == said, number
    assert set(found(folder).values()) == {"not reported"}  # a report without these sections
    path.write_text(path.read_text().replace(",,3", ",c,3"))
    assert found(folder, "search")["8"] == "reported"


def test_certainty_meets_its_items(folder):
    (folder / "certainty.toml").write_text("")
    sections = {"certainty": Section("certainty", "Summary of findings", ())}
    rows = checklist_rows(LISTS["2020"], open_review(folder), sections)
    met = {r["item"]: r["status"].text for r in rows}
    assert (met["15"], met["22"]) == ("reported", "reported")
    open_ = {"certainty": Section("certainty", "Summary of findings", (), has_data=False)}
    rows = checklist_rows(LISTS["2020"], open_review(folder), open_)
    assert {r["item"]: r["status"].text for r in rows}["22"] == "not reported"


def test_the_command_prints_and_writes_them(run, folder, tmp_path):
    (folder / "studies.csv").write_text("study_id,first_author,year,title\na,Lee,2020,T\n")
    out = tmp_path / "checklist.csv"
    done = run("checklist", "--review", folder, "--kind", "s", "--out", out)
    assert done.code == 0, done.err
    assert "PRISMA-S: 0 of 16 items and sub-items reported" in done.out
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    assert rows[0]["remark"] == "would come from rows of the kind database in searches.csv"

"""Included reports become studies: no retyping, nothing overwritten, several reports of one."""

from __future__ import annotations

import pytest

from review.errors import InputError, UnknownNameError
from review.project import open_review
from review.project.take_back import take_back
from review.workflow.coding.add import remove_study
from review.workflow.coding.linked_studies import (
    link_reports,
    link_rows,
    link_studies,
    reports_of,
    unlink_report,
)
from review.workflow.coding.study_of_report import main_first, study_cells
from review.workflow.prisma import own_flow
from review.workflow.whole_check import check_folder


def links(rows):
    return {r["record_id"]: r["study_id"] for r in rows("reports.csv")}


def test_included_reports_become_studies(folder, rows):
    done = link_studies(open_review(folder))
    assert done.added == {
        "lee2019vaccination": ["p1", "x1"],
        "vanderberg2020trial": ["p2"],
        "worldhealthorganization2018report": ["w1"],
    }
    assert links(rows) == {
        "p1": "lee2019vaccination", "x1": "lee2019vaccination", "p2": "vanderberg2020trial",
        "w1": "worldhealthorganization2018report",
    }  # fmt: skip
    lee, berg, who = rows("studies.csv")
    # the DOI comes from the record that repeats p1
    want = ("Lee", "2019", "BCG vaccination in schoolchildren", "Lancet", "10.1000/a1", "111")
    assert tuple(
        lee[c] for c in ("first_author", "year", "title", "venue", "doi", "pmid")
    ) == want  # fmt: skip
    assert (berg["first_author"], berg["evidence"]) == ("van der Berg", "full text")
    assert (who["source_url"], who["doi"]) == ("https://who.int/r1", "")
    report = check_folder(open_review(folder))
    wrong = {(p.file, p.column) for p in report.problems if p.level == "error"}
    # what the codebook requires is not coded yet; the roles are those of the template
    assert {w for w in wrong if w[0] != "review.toml"} == {("studies.csv", "design")}
    again = link_studies(open_review(folder))
    assert (again.added, again.linked, again.waiting) == ({}, {}, {})
    # a second run changes nothing
    assert [c.command for c in open_review(folder).log()] == ["init", "link"]


def test_the_flow_counts_reports_and_studies_from_the_links(folder):
    link_studies(open_review(folder))
    flow = own_flow(open_review(folder))
    assert (flow.included, flow.included_reports) == (3, 4)
    with (folder / "studies.csv").open("a", encoding="utf-8") as file:
        file.write("typed,Typed,2020\n".replace("\n", "," * _missing(folder) + "\n"))
    unlink_report(open_review(folder), "w1", by="Ann")
    flow = own_flow(open_review(folder))
    assert (flow.included, flow.included_reports) == (2, 4)
    assert any("1 included report linked to no study" in note for note in flow.notes)
    assert any("2 studies of studies.csv without an included report" in n for n in flow.notes)


def _missing(folder):
    header = (folder / "studies.csv").read_text(encoding="utf-8").splitlines()[0]
    return header.count(",") - 2


def test_what_was_typed_stays_and_gaps_are_filled(folder, rows):
    header = (folder / "studies.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    cells = {"study_id": "lee", "first_author": "LEE, A.", "year": "NR", "doi": "10.1000/A1"}
    line = ",".join(f'"{cells[c]}"' if c in cells else "" for c in header)
    before = (folder / "studies.csv").read_text(encoding="utf-8")
    (folder / "studies.csv").write_text(before.rstrip("\n") + f"\n{line}\n", encoding="utf-8")
    done = link_studies(open_review(folder))
    assert done.linked == {"p1": "lee", "x1": "lee"}
    row = rows("studies.csv")[0]
    assert (row["first_author"], row["year"], row["doi"]) == ("LEE, A.", "NR", "10.1000/A1")
    assert row["venue"] == "Lancet"
    assert ("lee", "venue", "Lancet") in done.filled
    take_back(open_review(folder), None)
    assert (folder / "studies.csv").read_text(encoding="utf-8").endswith(f"{line}\n")
    assert not (folder / "reports.csv").exists()


def test_a_person_links_and_unlinks_and_it_stays_so(folder, rows):
    link_studies(open_review(folder))
    unlink_report(open_review(folder), "x1", by="Ann")
    assert links(rows)["x1"] == ""
    done = link_studies(open_review(folder))
    assert (done.added, done.linked) == ({}, {})
    assert any("x1" in note for note in done.notes)
    link_reports(open_review(folder), [("x1", "VanderBerg2020trial")], by="Ann")
    assert links(rows)["x1"] == "vanderberg2020trial"
    assert rows("studies.csv")[1]["title"] == "A trial among nurses"
    made = link_reports(open_review(folder), [("x1", "new")], by="Ann")
    assert [*made.added] == ["lee2017vaccinating"]
    assert {r["decided_by"] for r in rows("reports.csv")} == {"rule", "Ann"}
    assert [r["record_id"] for r in reports_of(open_review(folder), "lee2019vaccination")] == ["p1"]
    shown = link_rows(open_review(folder))
    assert shown[0]["record_id"] == "x1"
    with pytest.raises(InputError, match=r"still has rows in reports\.csv"):
        remove_study(open_review(folder), "lee2017vaccinating")
    unlink_report(open_review(folder), "x1", by="Ann")
    remove_study(open_review(folder), "lee2017vaccinating")
    take_back(open_review(folder), None)
    take_back(open_review(folder), None)
    assert links(rows)["x1"] == "lee2017vaccinating"


def test_reports_that_may_belong_to_two_studies_wait(folder):
    header = (folder / "studies.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    given = ({"study_id": "one", "doi": "10.1000/a1"}, {"study_id": "two", "doi": "10.1101/x1"})
    with (folder / "studies.csv").open("a", encoding="utf-8") as file:
        file.writelines(",".join(c.get(h, "") for h in header) + "\n" for c in given)
    done = link_studies(open_review(folder))
    assert set(done.waiting) == {"p1", "x1"}
    assert "one and two" in done.waiting["p1"]
    link_reports(open_review(folder), [("p1", "one"), ("x1", "one")], by="Ann")
    assert not link_studies(open_review(folder)).waiting


def test_wrong_names_are_said(folder, rows):
    link_studies(open_review(folder))
    with pytest.raises(UnknownNameError, match="lee2019vaccination"):
        link_reports(open_review(folder), [("p2", "lee2019vacination")], by="Ann")
    with pytest.raises(UnknownNameError, match="'p9'"):
        link_reports(open_review(folder), [("p9", "new")], by="Ann")
    with pytest.raises(InputError, match="p3 is no included report"):
        link_reports(open_review(folder), [("p3", "new")], by="Ann")
    with pytest.raises(InputError, match="say who decides"):
        unlink_report(open_review(folder), "x1", by=" ")
    with pytest.raises(UnknownNameError, match="'p3'"):
        unlink_report(open_review(folder), "p3", by="Ann")
    with pytest.raises(InputError, match="x1 is linked twice"):
        link_reports(open_review(folder), [("x1", "new"), ("x1", "new")], by="Ann")
    (folder / "decisions.csv").unlink()
    with pytest.raises(InputError, match="no full text was decided on yet"):
        link_studies(open_review(folder))


def test_a_report_that_is_no_longer_included_is_named(folder):
    link_studies(open_review(folder))
    text = (folder / "decisions.csv").read_text(encoding="utf-8")
    (folder / "decisions.csv").write_text(
        text.replace("p2,full_text,Ann,include,", "p2,full_text,Ann,exclude,wrong"),
        encoding="utf-8",
    )
    notes = link_studies(open_review(folder)).notes
    assert any("not among the included reports: p2" in note for note in notes)
    assert any("studies without an included report: vanderberg2020trial" in n for n in notes)


def test_the_article_stands_for_the_study():
    rows = [
        {"record_id": "r", "kind": "register", "year": "2015", "journal": ""},
        {"record_id": "m", "type": "CONF", "year": "2018", "journal": "RSNA"},
        {"record_id": "p", "type": "JOUR", "year": "2018", "journal": "bioRxiv"},
        {"record_id": "b", "type": "JOUR", "year": "2021", "journal": "Lancet"},
        {"record_id": "a", "type": "JOUR", "year": "2020", "journal": "Lancet"},
    ]
    assert [r["record_id"] for r in main_first(rows)] == ["a", "b", "m", "p", "r"]


def test_what_no_cell_of_a_study_takes_is_said():
    cells, said = study_cells(
        {"record_id": "a", "authors": "Lee A", "title": "=MRI()", "doi": "none", "year": "2020"}
    )
    assert cells == {"first_author": "Lee", "year": "2020", "evidence": "full text"}
    assert len(said) == 2
    assert "=MRI()" in " ".join(said)

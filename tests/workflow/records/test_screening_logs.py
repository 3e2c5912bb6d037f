"""A team's own screening log brings its decisions; what a word means is known, or asked."""

from __future__ import annotations

import pytest

from review.errors import InputError, UnknownNameError
from review.formats.read_options import ReadOptions
from review.project import open_review
from review.project.folder_check import check_review
from review.workflow.records.decision_columns import decision_columns, stage_meant
from review.workflow.records.export_records import export_records
from review.workflow.records.import_records import ImportSettings, import_records

RECORDS = """record_id,title,year,doi
r1,Frailty from a sensor in the home,2020,10.1000/a
r2,Nutrition of frail people,2019,
r3,Frailty from a sensor in the home,2020,
r4,Machine learning of grip strength,2021,10.1000/d
"""


@pytest.fixture(name="folder")
def _folder(new_review):
    (new_review / "records.csv").write_text(RECORDS, encoding="utf-8")
    text = "record_id,other_id,verdict,decided_by\nr1,r3,same,rule\n"
    (new_review / "duplicates.csv").write_text(text, encoding="utf-8")
    return new_review


def brought(folder, text, *, words=(), name="log.csv", dry_run=False, reviewer="", **mapping):
    path = folder.parent / name
    path.write_text(text, encoding="utf-8")
    settings = ImportSettings(
        reading=ReadOptions(mapping=mapping), words=tuple(words), reviewer=reviewer
    )
    (done,) = import_records(open_review(folder), [path], settings, dry_run=dry_run)
    return done


def decided(folder):
    return [
        (d.record_id, d.stage, d.reviewer, d.decision, d.reason)
        for d in open_review(folder).decisions
    ]


def test_a_column_for_each_reviewer_and_stage(folder):
    log = (
        "title,year,Ann,BB,Why,FT\n"
        "Frailty from a sensor in the home,2020,Include,yes,,exclude: population\n"
        "Nutrition of frail people,2019,no,Maybe,other topic,\n"
        "A study nobody has searched for,2018,in,IN,,\n"
    )
    done = brought(
        folder, log.replace("exclude: population", "out"), Ann="decision", BB="decision:Bo",
        Why="reason:Ann", FT="decision:consensus@full text",
    )  # fmt: skip
    new = open_review(folder).records[-1].record_id
    assert decided(folder) == [
        # r1 repeats r3, so that the decisions are on r3
        ("r3", "screening", "Ann", "include", None), ("r3", "screening", "Bo", "include", None),
        ("r3", "full_text", "consensus", "exclude", None),
        ("r2", "screening", "Ann", "exclude", "other topic"),
        (new, "screening", "Ann", "include", None), (new, "screening", "Bo", "include", None),
    ]  # fmt: skip
    said = " ".join(done.notes)
    assert (done.imported, done.matched, done.decisions) == (1, 2, 6)
    assert "1 maybe decides nothing and is left open for its reviewer (Bo 1)" in said
    assert "'yes' (1)" in said
    assert "searches.csv counts no search" in said
    assert not (folder / "searches.csv").exists()


def test_a_row_for_each_decision(folder):
    log = (
        "record_id,title,stage,by,decision,exclusion_reason\n"
        "R1,Nutrition of frail people,Title/abstract screening,Ann,Retain for full-text,\n"
        "R1,Nutrition of frail people,Full-text,Ann,Exclude,NA\n"
        "R9,A new one without a year,Title/abstract,Ann,Exclude,Other topics\n"
        "R9,A new one without a year,Title/abstract,Bo,Exclude,Other topics\n"
    )
    columns = {"stage": "stage", "by": "reviewer", "decision": "decision",
               "exclusion_reason": "reason"}  # fmt: skip
    with pytest.raises(InputError, match=r"'Retain for full-text' \(1\).*--word 'Retain"):
        brought(folder, log, **columns)
    assert not (folder / "decisions.csv").exists()
    done = brought(folder, log, words=["Retain for full-text=include"], **columns)
    new = open_review(folder).records[-1].record_id
    assert decided(folder) == [
        ("r2", "screening", "Ann", "include", None), ("r2", "full_text", "Ann", "exclude", None),
        (new, "screening", "Ann", "exclude", "Other topics"),
        (new, "screening", "Bo", "exclude", "Other topics"),
    ]  # fmt: skip
    assert done.imported == 1


def test_records_exported_and_decided_on_in_a_spreadsheet_come_back(folder):
    path = folder.parent / "out.csv"
    export_records(open_review(folder), path, everything=True)
    head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    said = ("in", "out", "", "?")
    text = "\n".join([f"{head},Ann", *(f"{r},{s}" for r, s in zip(rows, said, strict=True))])
    done = brought(folder, text + "\n", name="back.csv", Ann="decision")
    assert (done.imported, done.matched) == (0, 4)
    assert [d[0] for d in decided(folder)] == ["r3", "r2"]


def test_maybe_of_rayyan_decides_nothing(folder, new_review):
    note = 'RAYYAN-INCLUSION: {"Ann"=>"Maybe", "Bo"=>"Included"}'
    path = folder.parent / "r.ris"
    path.write_text(f"TY  - JOUR\nTI  - One title\nN1  - {note}\nER  - \n", encoding="utf-8")
    (done,) = import_records(open_review(folder), [path])
    assert [d[2:4] for d in decided(folder)] == [("Bo", "include")]
    assert any("1 maybe decides nothing" in n and "Ann 1" in n for n in done.notes)
    assert "Maybe" in open_review(folder).records[-1].notes
    path.write_text(f"TY  - JOUR\nTI  - Two titles\nN1  - {note}\nER  - \n", encoding="utf-8")
    import_records(open_review(folder), [path], ImportSettings(words=("Maybe=maybe",)))
    assert decided(folder)[1][2:4] == ("Ann", "maybe")


@pytest.mark.parametrize(
    ("mapping", "match"),
    [
        ({"decision": "decision"}, "whose decisions are in the column 'decision'"),
        ({"decision": "decisoin:Ann"}, "did you mean 'decision'"),
        ({"decision": "decision:Ann@first"}, "unknown stage 'first'"),
        ({"decision": "reason:Ann"}, "no column holds decisions"),
        ({"Decision": "decision:Ann"}, "did you mean 'decision'"),
    ],
)
def test_slips_are_named(folder, mapping, match):
    with pytest.raises((InputError, UnknownNameError), match=match):
        brought(folder, "title,year,decision\nNutrition of frail people,2019,no\n", **mapping)


def test_words_and_stages_that_mean_nothing_stop_the_import(folder):
    with pytest.raises(UnknownNameError, match="include"):
        brought(
            folder, "title,year,A\nNutrition of frail,2019,no\n", words=["x=inclde"], A="decision"
        )
    log = "title,year,s,A\nNutrition of frail people,2019,round 1,no\n"
    with pytest.raises(InputError, match="'round 1'"):
        brought(folder, log, s="stage", A="decision")
    assert not (folder / "decisions.csv").exists()
    assert decision_columns({"x": "-"}, named=False) == ({"x": "-"}, ())
    assert stage_meant("TiAb") == "screening"


def test_columns_that_look_like_decisions_are_named(folder):
    log = "title,year,Ann,n\nNutrition of frail people,2019,Include,1\nAnother,2001,exclude,0\n"
    done = brought(folder, log)
    assert "Ann look like decisions" in done.notes[0]
    assert "--map 'Ann=decision'" in done.notes[0]
    assert not (folder / "decisions.csv").exists()


def test_a_missing_file_is_named_before_a_missing_review(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pubmed.ris").write_text("TY  - JOUR\nTI  - A\nER  - \n", encoding="utf-8")
    done = run("import", "pubmd.ris")
    assert done.code == 2
    assert "pubmd.ris: no such file; did you mean pubmed.ris?" in done.err
    assert "'review init mine' makes a review there" in run("import", "pubmed.ris", "mine").err


def test_a_misspelled_study_has_no_history(run, folder):
    done = run("log", "--review", folder, "--study", "R22")
    assert done.code == 2
    assert "unknown study 'R22'" in done.err
    assert run("log", "--review", folder, "--study", "R2").code == 0
    assert (
        "did you mean 'studies.csv'" in run("log", "--review", folder, "--file", "studis.csv").err
    )


def test_rows_that_name_no_paper_are_no_records(folder):
    log = (
        "record_id,title,year,journal,Ann\n"
        "r2,,,,out\n"
        ",A study nobody has searched for,2018,,in\n"
        ",,,,in\n"
        ",,2,Total,17\n"
    )
    done = brought(folder, log, Ann="decision")
    assert (done.imported, done.matched, done.rejected, done.decisions) == (1, 1, 2, 2)
    review = open_review(folder)
    rejects = review.table("rejects.csv").rows
    assert [r.cells["line"] for r in rejects] == ["4", "5"]
    assert {r.cells["reason"] for r in rejects} == {
        "the row has neither a title nor an identifier (record_id, DOI, PubMed number)"
    }
    (row,) = review.imports
    assert (row.records, row.imported, row.rejected) == (2, 2, 0)
    assert "2 parts could not be read and went to rejects.csv; the first: line 4" in done.notes[0]


@pytest.mark.parametrize(
    ("log", "columns", "places"),
    [
        (
            "record_id,title,Ann\nr2,Nutrition of frail,in\nr4,Machine,in\nr2,Nutrition,out\n",
            {"Ann": "decision"}, "include (line 2) and exclude (line 4)",
        ),
        (
            "record_id,title,Ann,AA\nr2,Nutrition of frail people,in,out\nr4,Machine,in,yes\n",
            {"Ann": "decision", "AA": "decision:ann"}, "include (line 2) and exclude (line 2)",
        ),
    ],
)  # fmt: skip
def test_of_two_minds_in_one_import_none_is_taken(folder, log, columns, places):
    done = brought(folder, log, **columns)
    assert [d[0] for d in decided(folder)] == ["r4"]
    assert (done.decisions, done.rejected) == (1, 2)
    said = f"Ann decides {places} on r2 (screening): none of these was taken"
    assert f"2 decisions contradict each other and went to rejects.csv: {said}" in done.notes[0]
    assert "differ from what decisions.csv holds" not in " ".join(done.notes)
    rejects = open_review(folder).table("rejects.csv").rows
    assert said in [r.cells["reason"] for r in rejects]
    assert {r.cells["text"] for r in rejects} == {"include", "exclude"}
    assert open_review(folder).imports[0].rejected == 0


def test_check_names_a_reviewer_of_two_minds(folder):
    (folder / "decisions.csv").write_text(
        "record_id,stage,reviewer,decision,role\nr1,screening,Ann,include,\n"
        "r1,screening,Bo,exclude,\nr1,full_text,Ann,exclude,\nr1,screening,ann,exclude,\n"
        "r1,screening,Ann,exclude,final\nr2,screening,,include,\nr2,screening,,exclude,\n",
        encoding="utf-8",
    )
    found = [p for p in check_review(open_review(folder)).problems if p.file == "decisions.csv"]
    assert [(p.line, p.level) for p in found] == [(5, "warning")]
    assert "exclude on r1 (screening), and include on line 2; the last one counts" in str(found[0])


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_log_may_name_records_and_nothing_else(folder, sign):
    log = "record_id,Ann,Bo\nr2,in,out\nr3,out,\nr99,in,in\n\nTotal,2,1\n".replace(",", sign)
    done = brought(folder, log, Ann="decision", Bo="decision")
    assert (done.imported, done.matched, done.rejected, done.decisions) == (0, 2, 2, 3)
    assert [d[0] for d in decided(folder)] == ["r2", "r2", "r3"]
    assert len(open_review(folder).records) == 4
    rejects = open_review(folder).table("rejects.csv").rows
    assert [(r.cells["line"], r.cells["text"]) for r in rejects] == [("4", "r99"), ("6", "Total")]
    assert "no record of records.csv has the record_id 'r99'" in rejects[0].cells["reason"]
    with pytest.raises(InputError, match="'r98', and the row no title; nothing was imported"):
        brought(folder, "record_id,Ann\nr98,in\n", name="all.csv", Ann="decision")

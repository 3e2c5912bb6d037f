"""Exports into a review: rows, searches, decisions and rejects, together or not at all."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import review as review_api
from review.cli.main import main
from review.errors import DataError, InputError, UnknownNameError
from review.project import open_review
from review.project.folder_check import check_review
from review.workflow.prisma import flows
from review.workflow.records.import_records import ImportSettings, import_records

RIS = "TY  - JOUR\nTI  - {}\nAU  - Kim, H\nAU  - Lee, J\nPY  - 2020\nDO  - {}\nU7  - mine\nER  - \n"
NBIB = "PMID- {}\nTI  - {}\nDP  - 2021 May\nFAU - Park, S\n\n"
COVIDENCE = (
    "Title,Authors,Published Year,DOI,Covidence #,Notes\n"
    'Deep learning in the clinic,"Kim, H.; Lee, J.",2020,10.1000/a,#1,'
    "Exclusion reason: Wrong design\nAnother paper on lungs,Wu X,2019,,#2,\n"
)


@pytest.fixture
def files(tmp_path):
    def make(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def run(review, *paths, **settings):
    return import_records(open_review(review), paths, ImportSettings(**settings))


def test_records_searches_and_imports_are_written(new_review, files):
    one = files(
        "embase.ris", RIS.format("Deep learning", "10.1000/a") + RIS.format("B", "10.1000/b")
    )
    two = files("pubmed.txt", NBIB.format(7, "Third") + "PMID- 8\n")
    first, second = run(new_review, one, two, date="2024-05-01", query="lung AND mri")
    assert (first.marked, first.imported, first.source) == (2, 2, "embase")
    assert first.notes == ("the source is called embase; --source NAME says what was searched",)
    assert second.notes == ()
    assert (second.marked, second.imported, second.source) == (2, 2, "PubMed")
    review = open_review(new_review)
    a, b, c, d = review.records
    assert (a.title, a.authors, a.year, a.doi) == (
        "Deep learning",
        "Kim, H; Lee, J",
        "2020",
        "10.1000/a",
    )
    assert (a.source, a.source_file, a.line, b.line) == ("embase", "embase.ris", "1", "9")
    assert json.loads(a.extra) == [["U7", "mine"]]
    assert (c.pmid, c.source, d.pmid) == ("7", "PubMed", "8")
    assert len({r.record_id for r in review.records}) == 4
    assert a.record_id.startswith("embase-")
    assert [(s.source, s.records, s.date, s.query) for s in review.searches] == [
        ("embase", 2, "2024-05-01", "lung AND mri"), ("PubMed", 2, "2024-05-01", "lung AND mri"),
    ]  # fmt: skip
    assert [(i.file, i.format, i.records) for i in review.imports] == [
        ("embase.ris", "RIS", 2), ("pubmed.txt", "MEDLINE of PubMed", 2),
    ]  # fmt: skip
    assert check_review(review).ok
    (flow,) = flows(review)
    assert flow.identified == 4


def test_identifiers_do_not_depend_on_what_was_imported_before(new_review, files, tmp_path):
    one, two = files("a.ris", RIS.format("A", "")), files("b.ris", RIS.format("B", ""))
    run(new_review, one)
    run(new_review, two, source="PubMed")
    there = {r.title: r.record_id for r in open_review(new_review).records}
    for name in ("records.csv", "imports.csv", "searches.csv"):
        (new_review / name).unlink()
    run(new_review, two, source="PubMed")
    run(new_review, one)
    assert {r.title: r.record_id for r in open_review(new_review).records} == there


def test_the_same_file_is_known_again_under_any_name(new_review, files):
    run(new_review, files("a.ris", RIS.format("A", "")))
    before = (new_review / "records.csv").read_bytes()
    copy = files("copy.ris", RIS.format("A", ""))
    with pytest.raises(
        InputError, match=r"copy.ris: imported already as a.ris; nothing was .*--again"
    ):
        run(new_review, copy)
    with pytest.raises(InputError, match=r"given twice, as c\.ris too"):
        run(new_review, files("c.ris", RIS.format("C", "")), files("d.ris", RIS.format("C", "")))
    assert (new_review / "records.csv").read_bytes() == before
    run(new_review, copy, again=True)
    assert len({r.record_id for r in open_review(new_review).records}) == 2
    assert [s.records for s in open_review(new_review).searches] == [1]


def test_a_broken_file_among_several_leaves_all_as_it_was(new_review, files):
    good, bad = files("a.ris", RIS.format("A", "")), files("b.txt", "Dear colleague,\nhello.\n")
    with pytest.raises(DataError, match=r"b.txt: no kind of export"):
        run(new_review, good, bad)
    assert not (new_review / "records.csv").exists()
    assert not (new_review / "imports.csv").exists()


def test_what_cannot_be_read_goes_to_the_rejects(new_review, files):
    path = files("a.ris", "TY  - JOUR\nER  - \n" + RIS.format("A", ""))
    (done,) = run(new_review, path)
    assert (done.marked, done.imported, done.rejected) == (2, 1, 1)
    assert done.notes[0] == (
        "1 part could not be read and went to rejects.csv; the first: line 1, the record holds "
        "nothing"
    )
    table = open_review(new_review).table("rejects.csv")
    assert [r.cells["reason"] for r in table.rows] == ["the record holds nothing"]
    assert open_review(new_review).searches[0].records == 2


def test_hits_that_the_team_states_stay_and_are_compared(new_review, files):
    (new_review / "searches.csv").write_text(
        "database,date,hits\nPubMed,2024-05-01,3\nEmbase,2024-05-01,\n", encoding="utf-8"
    )
    (done,) = run(new_review, files("a.txt", NBIB.format(1, "A")))
    assert "states 3 records of PubMed; the exports imported so far mark 1" in done.notes[-1]
    (done,) = run(new_review, files("b.txt", NBIB.format(2, "B") + NBIB.format(3, "C")))
    assert not done.notes
    run(new_review, files("c.ris", RIS.format("D", "")), source="Embase")
    run(new_review, files("d.ris", RIS.format("E", "")), source="Embase")
    run(new_review, files("e.ris", RIS.format("F", "")), source="Scopus", date="2024-06-01")
    text = (new_review / "searches.csv").read_text(encoding="utf-8").splitlines()
    assert text[1].startswith("PubMed,2024-05-01,3")
    assert text[2].startswith("Embase,2024-05-01,2")
    assert [s.records for s in open_review(new_review).searches] == [3, 2, 1]


def test_several_searches_of_a_source_need_a_date(new_review, files):
    (new_review / "searches.csv").write_text(
        "source,date,records\nPubMed,2023-05-01,3\nPubMed,2024-05-01,1\n", encoding="utf-8"
    )
    path = files("a.txt", NBIB.format(1, "A"))
    with pytest.raises(InputError, match="holds 2 searches of PubMed: say which with --date"):
        run(new_review, path)
    assert not (new_review / "records.csv").exists()
    (done,) = run(new_review, path, date="2024-05-01")
    assert not done.notes


def test_searches_of_review_toml_move_to_the_table(new_review, files):
    with (new_review / "review.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[search]]\ndatabase = "Scopus"\nrecords = 12\n')
    (done,) = run(new_review, files("a.txt", NBIB.format(1, "A")))
    assert "1 search of review.toml copied to searches.csv" in done.notes[0]
    assert [(s.source, s.records) for s in open_review(new_review).searches] == [
        ("Scopus", 12), ("PubMed", 1),
    ]  # fmt: skip


def test_a_table_that_the_team_made_gets_the_columns_that_it_lacks(new_review, files):
    (new_review / "records.csv").write_bytes(
        b'\xef\xbb\xbf"id",title,mine\r\n"r1","A, B",x\r\n\r\nr2,C,"two\nlines"'
    )
    run(new_review, files("a.ris", RIS.format("New", "10.1000/x")))
    data = (new_review / "records.csv").read_bytes()
    assert data.startswith(b'\xef\xbb\xbf"id",title,mine,source,')
    assert b'\r\n"r1","A, B",x,' in data
    first, second, third = open_review(new_review).records
    assert (first.record_id, second.title, third.doi) == ("r1", "C", "10.1000/x")
    assert second.model_extra["mine"] == "two\nlines"


@pytest.mark.trap(
    "Covidence export",
    "the decision stands in the name of the file alone; notes hold names of people",
)
def test_covidence_needs_a_decision_and_matches_records_that_are_there(new_review, files):
    """The decision is asked for, and notes do not become decisions."""
    run(new_review, files("a.ris", RIS.format("Deep learning in the clinic", "10.1000/A")))
    path = files("review_77_excluded_csv_2024.csv", COVIDENCE)
    with pytest.raises(InputError, match=r"its name says exclude: say --decision include, exclude"):
        run(new_review, path)
    (done,) = run(new_review, path, decision="exclude", stage="full text", reviewer="Team")
    assert (done.imported, done.matched, done.decisions) == (1, 1, 2)
    review = open_review(new_review)
    kept = review.records[0].record_id
    assert [(d.record_id == kept, d.stage, d.reviewer, d.decision, d.reason)
            for d in review.decisions] == [
        (True, "full_text", "Team", "exclude", "Wrong design"),
        (False, "full_text", "Team", "exclude", None),
    ]  # fmt: skip
    assert [s.source for s in review.searches] == ["a"]
    assert check_review(review).ok


def test_covidence_writes_its_name_into_the_name_of_a_file_alone(new_review, files):
    path = files("review_12345_irrelevant_ris_2024.ris", RIS.format("A", ""))
    with pytest.raises(InputError, match="its name says exclude"):
        run(new_review, path)
    (done,) = run(new_review, path, decision="none")
    assert (done.writer, done.imported, done.decisions) == ("Covidence", 1, 0)


def test_rayyan_and_asreview_bring_their_decisions(new_review, files):
    note = (
        'RAYYAN-INCLUSION: {"Ann"=>"Included", "Bob"=>"Excluded"} | RAYYAN-LABELS: rct | '
        "RAYYAN-EXCLUSION-REASONS: wrong population"
    )
    rayyan = files("r.ris", f"TY  - JOUR\nTI  - One title\nN1  - {note}\nER  - \n")
    (done,) = run(new_review, rayyan)
    assert (done.writer, done.decisions) == ("Rayyan", 2)
    assert "1 record that the review did not hold came from Rayyan" in done.notes[-1]
    asreview = files(
        "a.csv", "record_id,title,asreview_label,asreview_prior\n0,Uno,1,1\n1,Due,0,\n2,Tre,,\n"
    )
    (done,) = run(new_review, asreview, reviewer="Cem")
    assert done.decisions == 2
    found = [(d.reviewer, d.decision, d.reason) for d in open_review(new_review).decisions]
    assert found == [
        ("Ann", "include", None), ("Bob", "exclude", "wrong population"), ("Cem", "include", None),
        ("Cem", "exclude", None),
    ]  # fmt: skip


def test_decisions_that_are_there_stay_and_are_compared(new_review, files):
    text = (
        "TY  - JOUR\nTI  - A title that is long\nPY  - 2020\n"
        'N1  - RAYYAN-INCLUSION: {{"Ann"=>"{}"}}\n{}ER  - \n'
    )
    run(new_review, files("a.ris", text.format("Included", "")))
    (done,) = run(new_review, files("b.ris", text.format("Excluded", "AB  - x\n")))
    assert (done.matched, done.decisions) == (1, 0)
    assert "1 decision differ" in done.notes[-1]
    assert [d.decision for d in open_review(new_review).decisions] == ["include"]


def folder_bytes(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()
            if p.is_file() and p.name not in {"log.csv", ".review.lock"}}  # fmt: skip


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_import_can_be_taken_back(new_review, files, end):
    before = folder_bytes(new_review)
    run(new_review, files("a.ris", RIS.format("A", "")))
    with (new_review / "records.csv").open("rb+") as file:
        file.truncate(file.seek(-1, 2))
        file.write(end.encode())
    one = folder_bytes(new_review)
    run(new_review, files("b.ris", RIS.format("B", "") + "TY  - JOUR\nER  - \n"))
    review = review_api.open_review(new_review)
    review.undo()
    assert folder_bytes(new_review) == one
    if end:
        review_api.open_review(new_review).undo(2)
        assert folder_bytes(new_review) == before


def test_an_import_whose_records_are_in_use_stays(new_review, files):
    run(new_review, files("a.ris", RIS.format("A", "")))
    first = open_review(new_review).records[0].record_id
    run(new_review, files("b.ris", RIS.format("B", "")))
    second = open_review(new_review).records[1].record_id
    text = f"record_id,stage,reviewer,decision\n{first},screening,Ann,include\n"
    (new_review / "decisions.csv").write_text(text, encoding="utf-8")
    review_api.open_review(new_review).undo()
    assert [r.record_id for r in open_review(new_review).records] == [first]
    run(new_review, files("b.ris", RIS.format("B", "")))
    with (new_review / "decisions.csv").open("a", encoding="utf-8") as file:
        file.write(f"{second},screening,Ann,include\n")
    with pytest.raises(InputError, match=r"decisions\.csv has rows of what would go"):
        review_api.open_review(new_review).undo()
    assert len(open_review(new_review).records) == 2


def test_words_are_checked(new_review, files):
    path = files("a.ris", RIS.format("A", ""))
    for wrong, match in (
        ({"kind": "databse"}, "unknown kind of source 'databse'; did you mean 'database'"),
        ({"stage": "abstrct"}, "unknown stage"),
        ({"decision": "maybe"}, "unknown decision"),
    ):
        with pytest.raises(UnknownNameError, match=match):
            run(new_review, path, **wrong)


def test_a_dry_run_writes_nothing(new_review, files):
    before = sorted(p.name for p in new_review.iterdir())
    done = import_records(
        open_review(new_review), [files("a.ris", RIS.format("A", ""))], dry_run=True
    )
    assert done[0].imported == 1
    assert sorted(p.name for p in new_review.iterdir()) == before


def test_bundled_reviews_are_not_written_to(files):
    with pytest.raises(InputError, match="read-only"):
        run("kim2022", files("a.ris", RIS.format("A", "")))


def test_processes_that_import_at_once_lose_nothing(new_review, files):
    paths = [files(f"{i}.ris", "".join(RIS.format(f"T{i}-{j}", "") for j in range(30)))
             for i in range(4)]  # fmt: skip
    script = (
        "import sys; from pathlib import Path; from review.project import open_review;"
        "from review.workflow.records.import_records import import_records;"
        "import_records(open_review(sys.argv[1]), [Path(sys.argv[2])])"
    )
    jobs = [
        subprocess.Popen([sys.executable, "-c", script, str(new_review), str(p)]) for p in paths
    ]
    assert [job.wait(timeout=120) for job in jobs] == [0] * 4
    review = open_review(new_review)
    assert sorted(r.title for r in review.records) == sorted(
        f"T{i}-{j}" for i in range(4) for j in range(30)
    )
    assert len({r.record_id for r in review.records}) == 120
    assert len(review.imports) == len(review.searches) == 4


def test_two_processes_do_not_import_one_file_twice(new_review, files):
    path = files("a.ris", RIS.format("A", ""))
    first, second = open_review(new_review), open_review(new_review)
    assert second.imports == []  # as it was when the other process had not written yet
    import_records(first, [path])
    with pytest.raises(InputError, match=r"a\.ris was imported meanwhile; nothing was imported"):
        import_records(second, [path])
    assert len(open_review(new_review).records) == 1


def test_the_command(new_review, files, capsys):
    path = files("a.txt", NBIB.format(1, "A"))
    with pytest.raises(SystemExit) as stop:
        main(["import", str(path), str(new_review), "--date", "2024-01-02", "--json"])
    assert stop.value.code in {0, None}
    out = json.loads(capsys.readouterr().out)
    assert out["files"][0]["imported"] == 1
    with pytest.raises(SystemExit) as stop:
        main(["import", str(path), str(new_review)])
    assert stop.value.code == 2
    assert "imported already" in capsys.readouterr().err
    other = files("b.csv", "Titel,Jahr\nUno,2020\n")
    with pytest.raises(SystemExit) as stop:
        main(
            [
                "import",
                str(other),
                "-r",
                str(new_review),
                "--map",
                "Titel=title",
                "--map",
                "Jahr=year",
            ]
        )
    assert stop.value.code in {0, None}
    assert "imported 1 record of b from b.csv" in capsys.readouterr().out
    assert open_review(new_review).records[1].year == "2020"


def test_labels_of_few_records_are_taken_too(new_review, files):
    """One record of ten is labelled: the marks of a file of the database outnumber them."""
    label = RIS.replace("U7  - mine", "N1  - ASReview_relevant").format("Labelled", "10.1/l")
    rest = "".join(RIS.format(f"Paper {i}", f"10.1/{i}") for i in range(9))
    (done,) = run(new_review, files("all.ris", rest + label))
    assert (done.writer, done.imported, done.decisions) == ("", 10, 1)
    (row,) = open_review(new_review).decisions
    assert (row.reviewer, row.decision) == ("ASReview", "include")


def test_one_label_does_not_make_an_export_of_csl_json_one_of_a_tool(new_review, files):
    items = [{"type": "article-journal", "title": f"Paper {i}"} for i in range(10)]
    items[3]["note"] = "ASReview_irrelevant"
    (done,) = run(new_review, files("all.json", json.dumps(items)))
    assert (done.writer, done.imported, done.decisions) == ("", 10, 1)
    assert [(s.name, s.records) for s in flows(open_review(new_review))[0].sources] == [("all", 10)]


def test_a_file_of_which_nothing_can_be_read_is_an_error(new_review, files, capsys):
    cut = files("cut.json", '[\n {"id": "1",\n  "title": "A cut')
    with pytest.raises(InputError, match=r"cut.json:2: no record of it could be read, broken JSON"):
        run(new_review, cut)
    assert not (new_review / "imports.csv").exists()
    assert not (new_review / "searches.csv").exists()
    with pytest.raises(SystemExit):
        main(["import", str(cut.parent)])
    assert "name the files to import before the folder" in capsys.readouterr().err

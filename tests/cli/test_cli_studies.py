"""init, check, add, remove, show, list and datasets, run as a user runs them."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from review.project import open_review


def test_the_tour_of_a_new_review(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("init", "mine", "--title", "Breast MRI").code == 0
    monkeypatch.chdir(tmp_path / "mine")
    assert run("check").code == 0
    done = run(
        "add",
        "--set",
        "first_author=Lee",
        "--set",
        "year=2020",
        "--set",
        "title=Breast MRI",
        "--set",
        "auc=0.90",
        "--set",
        "modality=MRI",
        "--json",
    )
    assert json.loads(done.out)["added"][0]["study_id"] == "lee2020breast"
    assert "0.90" in run("show", "lee2020breast").out
    rows = json.loads(run("list", "--json", "--columns", "study_id,auc").out)
    assert rows == [{"study_id": "lee2020breast", "auc": 0.9}]
    assert "lee2020breast" in run("remove", "lee2020breast").out
    assert open_review(tmp_path / "mine").studies == []


def test_init_never_replaces_a_file(run, tmp_path):
    assert run("init", tmp_path / "a").code == 0
    (tmp_path / "a" / "codebook.toml").write_text("mine", encoding="utf-8")
    again = run("init", tmp_path / "a")
    assert again.code == 2
    assert "already has review.toml, codebook.toml, studies.csv" in again.err
    assert (tmp_path / "a" / "codebook.toml").read_text(encoding="utf-8") == "mine"
    (tmp_path / "file").touch()
    assert "is a file" in run("init", tmp_path / "file").err


def test_init_copies_a_coding_form_or_a_whole_review(run, tmp_path):
    assert run("init", tmp_path / "form", "--from", "kim2022", "--title", 'Say "hi"').code == 0
    form = open_review(tmp_path / "form")
    kim = open_review("kim2022")
    assert form.codebook == kim.codebook
    assert form.settings.roles == kim.settings.roles
    assert form.settings.title == 'Say "hi"'
    assert form.studies == []
    assert run("init", tmp_path / "all", "--from", "kim2022", "--studies").code == 0
    assert open_review(tmp_path / "all").studies == kim.studies
    assert run("check", tmp_path / "form", tmp_path / "all").code == 0


def test_prompts_are_built_from_the_codebook(run, new_review):
    answers = ["Kim", "2021", "A title", "", "", "", "abstract", "MIR", "MRI"] + [""] * 8
    done = run("add", "--review", new_review, stdin="\n".join(answers) + "\n")
    assert done.code == 0
    assert "did you mean 'MRI'" in done.err
    study = open_review(new_review).studies[0]
    assert (study.first_author, study.year, study.modality) == ("Kim", 2021, "MRI")


def test_answers_that_end_early_add_nothing(run, new_review):
    before = (new_review / "studies.csv").read_bytes()
    stopped = run("add", "--review", new_review, stdin="Kim\n")
    assert stopped.code != 0
    assert "nothing was changed" in stopped.err
    assert (new_review / "studies.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "auc"], "name=value"),
        (["--set", "auc=2"], "column 'auc': above the maximum"),
        (["--set", "auc=0.9", "--set", "auc=0.8"], "given twice"),
        (["--set", "acu=0.9"], "did you mean 'auc'"),
        (["--from", "nowhere.csv"], "no such file"),
        (["--set", "auc=1", "--from", "x.csv"], "cannot be combined"),
        (["--set", "title==cmd"], "spreadsheet formula"),
    ],
)
def test_wrong_additions(run, new_review, arguments, said):
    before = (new_review / "studies.csv").read_bytes()
    failed = run("add", "--review", new_review, *arguments)
    assert (failed.code, failed.out) == (2, "")
    assert said in failed.err
    assert (new_review / "studies.csv").read_bytes() == before


def test_a_dry_run_writes_nothing(run, new_review):
    before = (new_review / "studies.csv").read_bytes()
    done = run("add", "--review", new_review, "--set", "study_id=x", "--dry-run", "--json")
    assert json.loads(done.out)["written"] is False
    assert (new_review / "studies.csv").read_bytes() == before


def test_check_prints_the_counts_of_all_bundled_reviews(run):
    done = run("check", "kim2022", "wang2021", "shtem2021")
    assert done.code == 0
    assert "brain 20, heart 16, breast 19, lung 21, kidney 13" in done.out
    for name, rows in (("studies.csv", 191), ("codings/coder1.csv", 195), ("results.csv", 331)):
        assert any(name in line and f"{rows} rows" in line for line in done.out.splitlines())


def test_check_exits_with_1_and_lists_problems_as_json(run, new_review):
    (new_review / "studies.csv").write_text(
        "study_id,first_author,year,auc\na,Lee,2018,2\nb,Kim,2019,x\n", encoding="utf-8"
    )
    failed = run("check", "--review", new_review, "--json")
    assert failed.code == 1
    report = json.loads(failed.out)
    assert [(p["line"], p["column"]) for p in report["problems"] if p["level"] == "error"] == [
        (2, "auc"),
        (3, "auc"),
    ]
    failed = run("check", new_review)
    assert failed.code == 1
    assert "studies.csv:2: [a] column 'auc': above the maximum: '2'" in failed.out


def test_the_map_counts_what_the_table_holds(run):
    rows = {r["variable"]: r for r in json.loads(run("list", "--map", "--json").out)}
    studies = open_review("kim2022").studies
    assert rows["auc"]["known"] == sum(s.auc is not None for s in studies)
    assert rows["auc"]["total"] == 191
    assert "tl_type" in run("list", "--map").out


def test_ordered_words_sort_and_compare_by_rank(run, new_review):
    book = '[[variable]]\nname = "risk"\ntype = "category"\nordered = true\n'
    (new_review / "codebook.toml").write_text(book + 'vocabulary = ["low", "medium", "high"]\n')
    rows = "study_id,risk\na,high\nb,low\nc,\nd,medium\n"
    (new_review / "studies.csv").write_text(rows)
    listed = ("list", "-r", new_review, "--columns", "study_id", "--json")
    ids = lambda *more: [r["study_id"] for r in json.loads(run(*listed, *more).out)]  # noqa: E731
    assert ids("--sort", "risk") == ["b", "d", "a", "c"]
    assert ids("--sort", "-risk") == ["a", "d", "b", "c"]
    assert ids("--where", 'risk < "high"') == ["b", "d"]


def test_lists_sort_and_filter(run):
    rows = json.loads(
        run("list", "--where", "known(auc)", "--sort", "-auc", "--columns", "auc", "--json").out
    )
    values = [r["auc"] for r in rows]
    assert values == sorted(values, reverse=True)
    assert len(values) == 60  # studies with an AUC: README of the data, results.csv


def test_files_of_a_list_neutralise_formulas(run, tmp_path, new_review):
    from openpyxl import load_workbook

    from review.formats.rows import csv_text, rows_to_xlsx

    done = run(
        "datasets",
        "--where",
        'task == "grading"',
        "--format",
        "csv,xlsx,html,json",
        "--out",
        tmp_path,
    )
    assert done.code == 0
    with (tmp_path / "datasets.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = [d.name for d in open_review("kim2022").datasets if d.task == "grading"]
    assert [r["name"] for r in rows] == expected
    assert [r["name"] for r in json.loads((tmp_path / "datasets.json").read_text())] == expected
    sheet = load_workbook(tmp_path / "datasets.xlsx").active
    assert [c.value for c in sheet["A"][1:]] == expected
    evil = [{"a": "=1+1", "b": 2}]
    assert csv_text(evil) == "a,b\n'=1+1,2\n"
    (tmp_path / "x.xlsx").write_bytes(rows_to_xlsx(evil, ["a", "b"], "t"))
    cell = load_workbook(tmp_path / "x.xlsx").active["A2"]
    assert (cell.value, cell.data_type) == ("'=1+1", "s")


def test_html_lists_escape_what_studies_say(run, tmp_path, new_review):
    run(
        "add",
        "--review",
        new_review,
        "--set",
        "study_id=a",
        "--set",
        "title=<script>alert(1)</script>",
    )
    run("list", "--review", new_review, "--columns", "title", "--format", "html", "--out", tmp_path)
    text = (tmp_path / "studies.html").read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_data_sets_link_to_their_entries(run):
    shown = json.loads(run("show", "aboutalib2018recalled", "--json").out)
    assert [d["name"] for d in shown["datasets"]] == ["DDSM"]
    assert shown["datasets"][0]["entry"]["name"].startswith("DDSM")
    rows = json.loads(run("datasets", "--json", "--where", 'contains(name, "DDSM")').out)
    assert any("aboutalib2018recalled" in r["studies"] for r in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "nobody"], "unknown study 'nobody'"),
        (["show", "aboutalib2018recaled"], "did you mean 'aboutalib2018recalled'"),
        (["list", "--columns", "auk"], "did you mean 'auc'"),
        (["list", "--sort", "auk"], "did you mean 'auc'"),
        (["list", "--format", "pdf"], "unknown format 'pdf'"),
        (["list", "--review", "kim2020"], "did you mean 'kim2022'"),
        (["list", "--where", "auc >"], "cannot read the filter"),
        (["datasets", "--where", 'modalities == "x"'], "did you mean 'modality'"),
        (["lst"], "Did you mean 'list'"),
        (["list", "--colums", "auc"], "--columns"),
    ],
)
def test_wrong_input_exits_with_2_in_one_line(run, arguments, said):
    failed = run(*arguments)
    assert (failed.code, failed.out) == (2, "")
    assert said in failed.err
    assert len(failed.err.splitlines()) == 1


WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["study_id", "title", "auc", "modality", "x"]), WORDS)))
@example([("title", "\ud800".encode("utf-8", "replace").decode())])
def test_no_text_makes_a_traceback(run, new_review, pairs):
    options = [o for name, text in pairs for o in ("--set", f"{name}={text}")]
    assert run("add", "--review", new_review, *options, stdin="").code in {0, 2, 130}


@settings(max_examples=60)
@given(st.binary(max_size=200), st.sampled_from(["studies.csv", "codebook.toml", "review.toml"]))
@example(b"study_id\n\x00\n", "studies.csv")
@example(b"study_id\r1\r2", "studies.csv")
def test_no_bytes_in_a_file_make_a_traceback(run, new_review, data, name):
    before = (new_review / name).read_bytes()
    (new_review / name).write_bytes(data)
    assert run("check", new_review).code in {0, 1}
    assert run("list", "--review", new_review).code in {0, 2}
    (new_review / name).write_bytes(before)


def test_a_reader_that_goes_away_is_no_failure(tmp_path):
    import subprocess
    import sys

    code = "from review.cli.main import main\nmain(['list', '--columns', 'all'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()  # before anything is printed
    complaint = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), complaint) == (0, b"")

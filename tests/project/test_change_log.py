"""`log.csv`: written with every change, added to only, and enough to take each change back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import open_review
from review.errors import DataError, InputError, ReviewWarning, UnknownNameError
from review.formats.entries import Entry
from review.formats.saved_mappings import save_mapping
from review.project import change_records
from review.project.folder_check import check_review
from review.project.transaction import changes
from review.schema.change_log import HEADER, escape, unescape
from review.schema.folder_files import FILES
from review.schema.screening_rows import RecordRow
from review.workflow.coding.add import add_studies, remove_study
from review.workflow.coding.init import init_review

MOMENT = dt.datetime(2026, 1, 31, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(name="folder")
def _folder(new_review, monkeypatch):
    monkeypatch.setattr(change_records, "now", lambda: MOMENT)
    monkeypatch.setenv("REVIEW_USER", "Kim")
    add(new_review, "lee2018", "kim2020", auc="0.90", title='5" MRI, "x"')
    return new_review


def add(folder, *idents, **cells):
    add_studies(
        open_review(folder),
        [Entry("", None, {"study_id": i, **cells, "title": f"{cells.get('title', '')} {i}"})
         for i in idents],
    )  # fmt: skip


def lines(folder):
    with (folder / "log.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def state(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not p.name.startswith(".")
    }


def without_log(folder):
    return {name: data for name, data in state(folder).items() if name != "log.csv"}


# ---- what the log says


def test_a_cell_is_logged_with_its_old_and_new_text(folder):
    change = open_review(folder).set_value("lee2018", "auc", "0.93", who="Lee")
    assert lines(folder)[-1] == {
        "change": "3", "when": "2026-01-31T09:30:00Z", "who": "Lee", "command": "set",
        "file": "studies.csv", "row": "lee2018", "line": "2", "what": "cell", "variable": "auc",
        "old": "0.90", "new": "0.93",
    }  # fmt: skip
    assert (change.number, change.who, change.when) == (3, "Lee", MOMENT)
    assert str(change.rows[0]) == "studies.csv lee2018 auc: 0.90 -> 0.93"


def test_without_a_name_the_user_is_logged(folder, monkeypatch):
    assert {line["who"] for line in lines(folder) if line["command"] == "add"} == {"Kim"}
    monkeypatch.delenv("REVIEW_USER")
    monkeypatch.setattr("getpass.getuser", lambda: "login")
    open_review(folder).set_value("lee2018", "auc", "0.93")
    assert lines(folder)[-1]["who"] == "login"


def test_a_user_without_a_name_is_no_obstacle(folder, monkeypatch):
    def refused():
        raise OSError("No username set in the environment")

    monkeypatch.delenv("REVIEW_USER")
    monkeypatch.setattr("getpass.getuser", refused)
    open_review(folder).set_value("lee2018", "auc", "0.93")
    assert lines(folder)[-1]["who"] == ""


def test_rows_columns_and_files_are_logged_one_line_each(folder):
    with changes(folder, command="set") as tx:
        table = tx.table("datasets.csv", columns=["name", "year"])
        table.append({"name": "one", "year": "2001"})
    with changes(folder, command="set") as tx:
        tx.table("datasets.csv").add_columns(["access"])
        tx.table("datasets.csv").remove(tx.table("datasets.csv").rows[0])
    save_mapping(folder, ["Who"], {"Who": "first_author"})
    made = [(x["change"], x["file"], x["row"], x["what"], x["old"], x["new"])
            for x in lines(folder) if x["file"] == "datasets.csv"]  # fmt: skip
    assert made == [
        ("3", "datasets.csv", "", "columns", "", '["name", "year"]'),
        ("3", "datasets.csv", "one", "row", "", '{"name": "one", "year": "2001"}'),
        ("4", "datasets.csv", "", "columns", "", '["access"]'),
        ("4", "datasets.csv", "one", "row", '{"name": "one", "year": "2001"}', ""),
    ]
    assert lines(folder)[-1]["file"] == "mappings.toml"
    assert lines(folder)[-1]["new"].startswith("sha256 ")


def test_the_log_is_only_added_to(folder):
    seen = b""
    for number in range(5):
        open_review(folder).set_value("lee2018", "auc", f"0.9{number}")
        now = (folder / "log.csv").read_bytes()
        assert now.startswith(seen)
        seen = now
    assert seen.count(b"\n") == len(lines(folder)) + 1


def test_nothing_changed_is_not_logged(folder):
    before = state(folder)
    assert open_review(folder).set_value("lee2018", "auc", "0.90") is None
    with changes(folder, command="set") as tx:
        table = tx.table("studies.csv")
        table.set(table.rows[0], "auc", "0.1")
        table.set(table.rows[0], "auc", "0.90")
    assert state(folder) == before


def test_a_change_that_fails_is_not_logged(folder, monkeypatch):
    before = state(folder)
    monkeypatch.setattr("review.project.transaction.check_written", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        open_review(folder).set_value("lee2018", "auc", "0.93")
    assert state(folder) == before


def test_a_line_break_stays_on_one_line_of_the_log(folder):
    text = 'a \\ b\n=1+1, "c"\r\nd'
    with changes(folder, command="set", who="Lee\nB") as tx:
        table = tx.table("studies.csv")
        table.set(table.rows[0], "title", text)
    assert (folder / "log.csv").read_text(encoding="utf-8").splitlines()[-1].count("\\n") == 2
    change = open_review(folder).log()[-1]
    assert (change.rows[0].new, change.who) == (text, "Lee B")
    open_review(folder).undo()
    assert open_review(folder).study("lee2018").title == '5" MRI, "x" lee2018'


@given(st.text())
def test_any_text_comes_back_from_the_log(text):
    assert unescape(escape(text)) == text
    assert len(list(csv.reader(io.StringIO(escape(text), newline="")))) <= 1


def test_a_copy_of_a_review_begins_a_log_of_its_own(folder, tmp_path):
    init_review(tmp_path / "copy", source=str(folder), studies=True)
    (change,) = open_review(tmp_path / "copy").log()
    assert (change.number, change.command) == (1, "init")
    assert "studies.csv" in {row.file for row in change.rows}


def test_a_log_with_the_line_ends_of_windows_keeps_them(folder):
    data = (folder / "log.csv").read_bytes().replace(b"\n", b"\r\n")
    (folder / "log.csv").write_bytes(b"\xef\xbb\xbf" + data.removesuffix(b"\r\n"))
    open_review(folder).set_value("lee2018", "auc", "0.93")
    now = (folder / "log.csv").read_bytes()
    assert now.startswith(b"\xef\xbb\xbf" + data)
    assert now.endswith(b",0.90,0.93\r\n")
    assert len(open_review(folder).log()) == 3


def test_many_studies_are_one_line_each_and_come_back(folder):
    before = without_log(folder)
    add(folder, *(f"s{n}" for n in range(300)))
    assert sum(line["change"] == "3" for line in lines(folder)) == 300
    open_review(folder).undo()
    assert without_log(folder) == before
    open_review(folder).undo(4)
    assert len(open_review(folder).studies) == 302


def test_a_long_new_row_is_named_by_its_digest_and_comes_back_whole(folder):
    before = without_log(folder)
    add(folder, "new", title="word " * 1000)
    after = without_log(folder)
    assert lines(folder)[-1]["new"].startswith("sha256 ")
    assert len((folder / "log.csv").read_bytes()) < 3_000
    open_review(folder).undo()
    assert without_log(folder) == before
    open_review(folder).undo(4)
    assert without_log(folder) == after
    open_review(folder).undo(5)
    open_review(folder).undo(6)
    open_review(folder).set_value("new", "auc", "0.2")
    with pytest.raises(InputError, match=r"the row was changed since \(last changed by change 8"):
        open_review(folder).undo(7)


# ---- taking back


def test_every_kind_of_change_is_taken_back_exactly_and_brought_back(folder):
    steps = [
        lambda: open_review(folder).set_value("kim2020", "modality", "MRI"),
        lambda: add(folder, "new1", "new2", year="2020"),
        lambda: open_review(folder).set_value("new1", "auc", "0.5"),
        lambda: remove_study(open_review(folder), "lee2018"),
        lambda: remove_study(open_review(folder), "new1"),
        lambda: save_mapping(folder, ["Who"], {"Who": "first_author"}),
        lambda: save_mapping(folder, ["When"], {"When": "year"}),
    ]
    states = [without_log(folder)]
    for step in steps:
        step()
        states.append(without_log(folder))
    for expected in reversed(states[:-1]):
        open_review(folder).undo()
        assert without_log(folder) == expected
    undone = [c.number for c in open_review(folder).log() if c.undoes is not None]
    assert len(undone) == len(steps)
    for number, expected in zip(reversed(undone), states[1:], strict=True):
        open_review(folder).undo(number)
        assert without_log(folder) == expected
    assert check_review(open_review(folder)).counts["log.csv"] == len(lines(folder))


def test_rows_come_back_to_their_places(folder):
    add(folder, *"abcdef")
    before = without_log(folder)
    with changes(folder, command="set") as tx:
        table = tx.table("studies.csv")
        for ident in "ebd":
            table.remove(table.find("study_id", ident))
    open_review(folder).undo()
    assert without_log(folder) == before


def test_an_older_change_is_taken_back_and_later_ones_stay(folder):
    mine = open_review(folder)
    first = mine.set_value("lee2018", "auc", "0.93")
    mine.set_value("lee2018", "year", "2018")
    mine.undo(first.number)
    assert (str(mine.study("lee2018").auc), mine.study("lee2018").year) == ("0.90", 2018)
    assert mine.log()[2].undone_by == 5


def test_columns_that_other_rows_use_by_now_stay(folder):
    (folder / "studies.csv").write_text("study_id,title\na,b\n", encoding="utf-8")
    mine = open_review(folder)
    first = mine.set_value("a", "auc", "0.93")
    add(folder, "c", auc="0.5")
    mine.undo(first.number)
    assert (folder / "studies.csv").read_text(encoding="utf-8") == (
        "study_id,title,auc\na,b,\nc,c,0.5\n"
    )


def test_a_cell_that_was_changed_since_is_left_and_told(folder):
    mine = open_review(folder)
    first = mine.set_value("lee2018", "auc", "0.93", who="Lee")
    mine.set_value("lee2018", "auc", "0.94", who="Park")
    before = state(folder)
    with pytest.raises(InputError) as error:
        mine.undo(first.number)
    assert "studies.csv lee2018 auc: '0.94' stands there now, not '0.93'" in error.value.message
    assert "last changed by change 4 (set, Park, 2026-01-31T09:30:00Z)" in error.value.message
    assert state(folder) == before


def test_a_cell_that_was_edited_by_hand_is_left_and_told(folder):
    mine = open_review(folder)
    mine.set_value("lee2018", "auc", "0.93")
    text = (folder / "studies.csv").read_text(encoding="utf-8")
    (folder / "studies.csv").write_text(text.replace("0.93", "0.91"), encoding="utf-8")
    before = state(folder)
    with pytest.raises(InputError, match=r"'0.91' stands there now.*outside of this program"):
        mine.undo()
    assert state(folder) == before


@pytest.mark.parametrize(
    ("between", "said"),
    [
        (lambda f: open_review(f).set_value("new", "auc", "0.2"), r"auc is '0.2'.*change 4 \(set"),
        (lambda f: remove_study(open_review(f), "new"), r"not there any more.*change 4 \(remove"),
        (
            lambda f: (f / "results.csv").write_text("study_id,metric\nnew,auc\n"),
            r"rows in results.csv refer to it",
        ),
        (lambda f: (f / "studies.csv").unlink(), "studies.csv: the file is not there any more"),
    ],
)
def test_a_study_that_was_added_is_not_taken_out_when_it_changed(folder, between, said):
    add(folder, "new")
    between(folder)
    before = state(folder)
    with pytest.raises(InputError, match=said):
        open_review(folder).undo(3)
    assert state(folder) == before


def test_a_study_that_is_there_again_is_not_put_back(folder):
    remove_study(open_review(folder), "lee2018")
    add(folder, "LEE2018")
    before = state(folder)
    with pytest.raises(InputError, match="a row of this name is there already"):
        open_review(folder).undo(3)
    assert state(folder) == before


def test_a_file_that_was_changed_since_is_left(folder):
    save_mapping(folder, ["Who"], {"Who": "first_author"})
    (folder / "mappings.toml").write_text("", encoding="utf-8")
    before = state(folder)
    with pytest.raises(InputError, match=r"mappings.toml: another text stands there now"):
        open_review(folder).undo()
    assert state(folder) == before


def test_a_row_without_a_key_is_found_wherever_it_stands_by_now(folder):
    """Two results of one study that hold the same value: the right one is taken back."""
    text = "study_id,metric,value\nlee2018,auc,0.9\nlee2018,acc,0.8\nkim2020,auc,0.7\n"
    (folder / "results.csv").write_text(text, encoding="utf-8")
    mine = open_review(folder)
    change = mine.set_value("lee2018", "value", "0.9", file="results.csv", line=3)
    assert str(change.rows[0]) == "results.csv lee2018: value: 0.8 -> 0.9"
    moved = "study_id,metric,value\nx,auc,0.1\nlee2018,auc,0.9\nlee2018,acc,{}\nkim2020,auc,0.7\n"
    (folder / "results.csv").write_text(moved.format("0.9"), encoding="utf-8")
    mine.undo()
    assert (folder / "results.csv").read_text(encoding="utf-8") == moved.format("0.8")


def test_a_row_without_a_key_that_was_changed_since_is_left(folder):
    text = "study_id,metric,value\nlee2018,auc,0.9\n"
    (folder / "results.csv").write_text(text, encoding="utf-8")
    mine = open_review(folder)
    mine.set_value("lee2018", "value", "0.8", file="results.csv")
    mine.set_value("lee2018", "metric", "acc", file="results.csv")
    before = state(folder)
    with pytest.raises(InputError, match=r"changed since \(metric is 'acc'\).*by change 4"):
        mine.undo(3)
    assert state(folder) == before
    mine.undo()
    mine.undo()
    assert (folder / "results.csv").read_text(encoding="utf-8") == text


def test_a_review_cannot_be_undone_into_nothing(folder):
    mine = open_review(folder)
    mine.undo()
    with pytest.raises(InputError, match="there is no change to take back"):
        mine.undo()
    with pytest.raises(InputError, match=r"change 1 \(init.*delete the folder"):
        mine.undo(1)


def test_what_was_taken_back_is_not_taken_back_twice(folder):
    mine = open_review(folder)
    mine.undo(2)
    with pytest.raises(InputError, match="taken back already, by change 3; 'review undo 3'"):
        mine.undo(2)
    assert mine.undo(3).number == 3
    assert len(mine.studies) == 2


def test_a_log_of_somebody_else_writes_no_other_file(folder):
    forged = [
        '9,2026-01-31T09:30:00Z,x,set,analysis/figure_9.py,,,file,,"""evil""",',
        "9,2026-01-31T09:30:00Z,x,set,../outside.csv,a,2,cell,b,c,d",
        "9,2026-01-31T09:30:00Z,x,set,review.toml,a,2,cell,b,c,d",
    ]
    with (folder / "log.csv").open("a", encoding="utf-8") as file:
        file.write("\n".join(forged) + "\n")
    before = state(folder.parent)
    with pytest.raises(InputError) as error:
        open_review(folder).undo(9)
    assert error.value.message.count("takes no change of such a file back") == 2
    assert "review.toml: no table" in error.value.message
    assert state(folder.parent) == before


def test_changes_of_two_copies_with_one_number_are_told_apart(folder):
    with (folder / "log.csv").open("a", encoding="utf-8") as file:
        file.write("2,2026-01-31T09:30:00Z,Park,set,studies.csv,lee2018,2,cell,auc,0.9,0.90\n")
    with pytest.raises(InputError, match="have the same number"):
        open_review(folder).undo(2)
    assert open_review(folder).set_value("lee2018", "auc", "0.1").number == 3


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            lambda b: b.replace(b"change,when", b"number,when"),
            "the first line is not that of a log",
        ),
        (lambda b: b"", "the first line is not that of a log"),
        (lambda b: b.replace(b",", b";"), "the first line is not that of a log"),
    ],
)
def test_a_log_that_is_none_is_not_added_to(folder, damage, said):
    path = folder / "log.csv"
    path.write_bytes(damage(path.read_bytes()))
    before = state(folder)
    with pytest.raises(DataError, match=said):
        open_review(folder).set_value("lee2018", "auc", "0.93")
    with pytest.raises(DataError):
        open_review(folder).undo()
    assert state(folder) == before
    assert any(p.file == "log.csv" for p in check_review(open_review(folder)).problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"\n2,2026", b"\nx,2026", "no number of a change"),
        (b"2026-01-31T09:30:00Z", b"yesterday", "not a moment"),
        (b",row,", b",rows,", "did you mean 'row'"),
        (b",row,", b",cell,extra,", "the row has 11 cells, the header 12"),
        (b'""lee2018""', b'""lee2018', "hold no row as the log writes it"),
        (b"sha256 ", b"md5 ", "hold no file as the log writes it"),
        (b",studies.csv,lee2018", b",studies.csv,\\q", "no sign of the log"),
        (b",add,", b",\xff,", "not UTF-8"),
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_taken_back(folder, old, new, said):
    path = folder / "log.csv"
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    before = state(folder)
    with pytest.raises(DataError, match=said):
        open_review(folder).undo()
    assert state(folder) == before
    assert any(p.file == "log.csv" for p in check_review(open_review(folder)).problems)


def test_the_registry_reads_the_log_whole(folder):
    rows = open_review(folder).rows("log.csv")
    assert [row.cells() for row in rows] == [list(line.values()) for line in lines(folder)]
    assert tuple(lines(folder)[0]) == HEADER
    json.dumps([c.to_dict() for c in open_review(folder).log()])


# ---- setting values from Python


def test_a_value_is_read_as_its_variable_says(folder):
    mine = open_review(folder)
    mine.set_value("LEE2018", "doi", "https://doi.org/10.1000/x")
    mine.set_value("lee2018", "n_patients", 120)
    mine.set_value("lee2018", "auc", "NR")
    row = next(r for r in mine.table("studies.csv").rows if r.cells["study_id"] == "lee2018")
    assert (row.cells["doi"], row.cells["n_patients"], row.cells["auc"]) == (
        "10.1000/x", "120", "NR",
    )  # fmt: skip
    mine.set_value("lee2018", "auc", None)
    assert mine.study("lee2018").auc is None


def test_other_tables_are_set_by_their_key(folder):
    (folder / "codings").mkdir()
    (folder / "codings" / "lee.csv").write_text("study_id,auc\nlee2018,0.9\n", encoding="utf-8")
    (folder / "records.csv").write_text("id,kind,pages\nr1,,12\n", encoding="utf-8")
    mine = open_review(folder)
    mine.set_value("lee2018", "auc", "0.8", file="codings/lee.csv")
    mine.set_value("r1", "kind", "Register", file="records.csv")
    mine.set_value("r1", "pages", "13", file="records.csv")
    assert (folder / "codings" / "lee.csv").read_text() == "study_id,auc\nlee2018,0.8\n"
    assert (folder / "records.csv").read_text() == "id,kind,pages\nr1,register,13\n"
    for _ in range(3):
        mine.undo()
    assert (folder / "records.csv").read_text() == "id,kind,pages\nr1,,12\n"


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (("nobody", "auc", 1), UnknownNameError, "unknown study 'nobody' in studies.csv"),
        (("lee2019", "auc", 1), UnknownNameError, "did you mean 'lee2018'"),
        (("lee2018", "acu", 1), UnknownNameError, "did you mean 'auc'"),
        (("lee2018", "auc", "high"), DataError, "column 'auc': not a number: 'high'"),
        (("lee2018", "auc", 1.5), DataError, "above the maximum"),
        (("lee2018", "year", "20x8"), DataError, "not a whole number"),
        (("lee2018", "modality", "MRT"), DataError, "did you mean 'MRI'"),
        (("lee2018", "title", "=cmd"), DataError, "spreadsheet formula"),
        (("lee2018", "title", "a\x07"), DataError, "control character"),
        (("lee2018", "doi", "10.1"), DataError, "not a DOI"),
        (("lee2018", "study_id", "x"), InputError, "names the row"),
    ],
)
def test_wrong_values_change_nothing(folder, call, error, said):
    before = state(folder)
    with pytest.raises(error, match=said):
        open_review(folder).set_value(*call)
    assert state(folder) == before


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("log.csv", "unknown table 'log.csv'"),
        ("study.csv", "did you mean 'studies.csv'"),
        ("review.toml", "unknown table"),
        ("../x.csv", "unknown table"),
        ("results.csv", "no such file"),
    ],
)
def test_other_files_are_not_set(folder, file, said):
    before = state(folder)
    with pytest.raises((InputError, DataError), match=said):
        open_review(folder).set_value("lee2018", "auc", "1", file=file)
    assert state(folder) == before


def test_several_rows_of_a_study_need_a_line(folder):
    text = "study_id,metric,value\nlee2018,auc,0.9\nlee2018,acc,0.8\n"
    (folder / "results.csv").write_text(text, encoding="utf-8")
    mine = open_review(folder)
    with pytest.raises(InputError, match=r"2 rows of lee2018 \(lines 2, 3\)"):
        mine.set_value("lee2018", "value", "0.1", file="results.csv")
    with pytest.raises(InputError, match=r"line 9 of results.csv holds no row"):
        mine.set_value("lee2018", "value", "0.1", file="results.csv", line=9)
    assert (folder / "results.csv").read_text(encoding="utf-8") == text


def test_a_view_and_a_bundled_review_are_not_changed(folder):
    mine = open_review(folder)
    for view in (mine.where("auc == 0.90"), open_review("kim2022")):
        with pytest.raises(InputError):
            view.set_value("lee2018", "auc", "0.1")
        with pytest.raises(InputError):
            view.undo()


def test_the_page_on_the_files_names_them_all_and_every_column_of_the_log():
    page = (Path(__file__).parents[2] / "docs" / "review-folder.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith("| `")]
    assert listed[: len(FILES)] == [f"| `{f.name}` | {f.holds} |" for f in FILES]
    sections = dict(part.split("\n", 1) for part in page.split("\n## "))
    log = [line.split("`")[1] for line in sections["log.csv"].splitlines() if line[:3] == "| `"]
    assert log == list(HEADER)
    rows = [
        line.split("|")[1] for line in sections["records.csv"].splitlines() if line[:3] == "| `"
    ]
    assert {n for cell in rows for n in cell.split("`")[1::2]} == set(RecordRow.model_fields)


# ---- tables without rows


@pytest.mark.parametrize("name", ["studies.csv", "codings/lee.csv"])
def test_a_table_without_rows_follows_the_codebook_and_says_so(new_review, run, name):
    book = new_review / "codebook.toml"
    (new_review / "codings").mkdir()
    header = (new_review / "studies.csv").read_text(encoding="utf-8")
    (new_review / "codings" / "lee.csv").write_text("study_id,modality,auc\n", encoding="utf-8")
    book.write_text(
        '[[variable]]\nname = "dose"\ntype = "number"\n'
        '[[variable]]\nname = "auc"\ntype = "number"\n',
        encoding="utf-8",
    )
    before = state(new_review)
    checked = run("check", new_review)
    assert checked.code == 0
    assert (
        f"note: {name}:1: no row yet, so its columns follow codebook.toml: without" in checked.out
    )
    assert state(new_review) == before, "check only reads"
    assert open_review(new_review).studies == []
    with warnings.catch_warnings():
        warnings.simplefilter("always", ReviewWarning)
        done = run("add", "--review", new_review, "--set", "study_id=a", "--set", "dose=3")
    assert "note: studies.csv: no row yet, so its columns follow codebook.toml" in done.err
    text = (new_review / "studies.csv").read_text(encoding="utf-8").splitlines()
    assert text[0].endswith(",evidence,dose,auc")
    assert text[1:] == ["a,,,,,,,,,3,"]
    run("undo", "--review", new_review)
    assert (new_review / "studies.csv").read_text(encoding="utf-8") == header


def test_a_table_with_rows_does_not_follow_the_codebook(folder, run):
    book = folder / "codebook.toml"
    book.write_text('[[variable]]\nname = "dose"\ntype = "number"\n', encoding="utf-8")
    before = state(folder)
    assert "column 'auc': unknown column" in run("check", folder).out
    assert run("add", "--review", folder, "--set", "study_id=a").code == 2
    assert state(folder) == before


def test_an_unchanged_codebook_leaves_an_empty_table_alone(new_review, run):
    assert "note" not in run("check", new_review).out
    given = ["--set", "study_id=a", "--set", "title=A", "--set", "year=2020"]
    assert run("add", "--review", new_review, *given).err == ""

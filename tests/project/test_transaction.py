from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import warnings

import pytest

from review.errors import BusyError, DataError, InputError, ReviewWarning
from review.formats.entries import Entry
from review.project import csv_tables as tables
from review.project import lock, open_review, storage
from review.project.csv_tables import Edit
from review.project.folder_check import check_review
from review.project.journal import JOURNAL
from review.project.lock import locked
from review.project.transaction import changes
from review.schema import Dataset, ReportedResult
from review.schema.folder_files import LOCK_NAME, STAGING
from review.workflow.coding.add import add_studies, remove_study
from review.workflow.coding.init import init_review

posix = pytest.mark.skipif(os.name != "posix", reason="links, owners and modes of POSIX")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser gives files away"
)


@pytest.fixture(name="folder")
def _folder(new_review):
    (new_review / "datasets.csv").write_bytes(
        b'name,year,access\r\n"one",2001,open\r\n5" two,,\r\n'
    )
    (new_review / "results.csv").write_bytes(b"study_id,metric,value\na,auc,0.9\n")
    return new_review


def visible(folder):
    return {p.name for p in folder.iterdir()} - {LOCK_NAME, ".gitignore"}


def set_years(folder, *years, between=lambda: None):
    """Set the years of the first data sets, as a command would."""
    with changes(folder, command="set") as tx:
        sets = tx.table("datasets.csv")
        for row, year in zip(sets.rows, years, strict=False):
            sets.set(row, "year", year)
        between()


def take(folder, name, **options):
    with changes(folder, command="set") as tx:
        tx.table(name, **options)


# ---- the interface


def test_rows_and_cells_of_several_tables_change_together_and_are_told(folder):
    with changes(folder, command="set", who="Lee") as tx:
        sets = tx.table("datasets.csv", Dataset)
        assert tx.table("datasets.csv") is sets
        sets.set(sets.find("name", '5" two'), "year", "2002")
        sets.append({"name": "three", "access": "on request"})
        results = tx.table("results.csv", ReportedResult)
        results.remove(results.rows[0])
        results.add_columns(["model"])
        assert (tx.command, tx.who) == ("set", "Lee")
        assert tx.edits == [
            Edit("datasets.csv", 2, {"year": ""}, {"year": "2002"}),
            Edit("datasets.csv", 3, None, {"name": "three", "year": "", "access": "on request"}),
            Edit("results.csv", 1, {"study_id": "a", "metric": "auc", "value": "0.9"}, None),
            Edit("results.csv", 0, {}, {"model": ""}),
        ]
        assert (folder / "results.csv").read_bytes().endswith(b"a,auc,0.9\n"), "not written yet"
    assert (folder / "datasets.csv").read_bytes() == (
        b'name,year,access\r\n"one",2001,open\r\n5" two,2002,\r\nthree,,on request\r\n'
    )
    assert (folder / "results.csv").read_bytes() == b"study_id,metric,value,model\n"


def test_a_block_that_raises_writes_nothing(folder):
    before = (folder / "datasets.csv").read_bytes()
    with pytest.raises(ZeroDivisionError):
        set_years(folder, "1999", between=lambda: 1 / 0)
    assert (folder / "datasets.csv").read_bytes() == before
    assert STAGING not in visible(folder)


def test_a_dry_run_writes_nothing_and_takes_no_lock(folder):
    with locked(folder), changes(folder, command="set", dry_run=True) as tx:
        sets = tx.table("datasets.csv")
        sets.set(sets.rows[0], "year", "1999")
        assert tx.edits
    assert b"1999" not in (folder / "datasets.csv").read_bytes()


def test_a_file_that_would_hold_the_same_bytes_is_left_alone(folder):
    before = (folder / "datasets.csv").stat()
    with changes(folder, command="set") as tx:
        sets = tx.table("datasets.csv")
        sets.set(sets.rows[0], "year", "2001")
        tx.replace("review.toml", (folder / "review.toml").read_bytes())
    after = (folder / "datasets.csv").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_whole_files_and_tables_do_not_mix(folder):
    with changes(folder, command="set") as tx:
        tx.table("datasets.csv")
        with pytest.raises(ValueError, match="edited as a table"):
            tx.replace("datasets.csv", b"")


def test_a_bundled_review_is_refused():
    with pytest.raises(InputError, match="read-only"):
        take(open_review("kim2022"), "studies.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Study_ID,title\na,b\n", "column 'Study_ID': unknown column; did you mean 'study_id'"),
        ("study_id,title,title\na,b,c\n", "the column is there twice"),
        ("study_id,titel\na,b\n", "did you mean 'title'"),
        ("title,year\na,2000\n", "column 'study_id': the column is missing"),
        ("\nstudy_id,title\na,b\n", "the first line is blank"),
        ("study_id,title\na\n", "the row has 1 cells"),
        ("study_id,title\na,b,c\n", "the row has 3 cells"),
        ("study_id,title\na,b\r\nc,d\re,f\n", "a bare carriage return"),
        ('study_id,title\na,"b\n', "never closed"),
        ("study_id;title;year\na;b;2000\n", "separated by semicolons"),
    ],
)
def test_check_and_the_commands_refuse_the_same_files(new_review, text, said):
    path = new_review / "studies.csv"
    path.write_bytes(text.encode())
    assert any(said in str(p) for p in check_review(open_review(new_review)).problems)
    new = [Entry("", None, {"study_id": "new"})]
    with pytest.raises(DataError, match=said.replace("(", r"\(")):
        add_studies(open_review(new_review), new)
    with pytest.raises(DataError):
        add_studies(open_review(new_review), new, dry_run=True)
    with pytest.raises(DataError):
        remove_study(open_review(new_review), "a")
    assert path.read_bytes() == text.encode()
    assert visible(new_review) == {"studies.csv", "review.toml", "codebook.toml", "log.csv"}


# ---- what is written is read back


def test_a_cell_that_lands_elsewhere_is_found_before_anything_is_replaced(folder, monkeypatch):
    before = (folder / "datasets.csv").read_bytes()
    real = tables.replace_cell
    monkeypatch.setattr(tables, "replace_cell", lambda raw, i, text: real(raw, i + 1, text))
    with pytest.raises(InputError, match=r"not what was meant .*nothing was changed"):
        set_years(folder, "2001", "2002")
    assert (folder / "datasets.csv").read_bytes() == before
    assert STAGING not in visible(folder)


@pytest.mark.parametrize(
    "broken",
    [
        lambda data: data.replace(b"one", b"onE"),
        lambda data: data[:-9],
        lambda data: data + b"x,,\r\n",
    ],
)
def test_a_disk_that_gives_back_something_else_is_found(folder, monkeypatch, broken):
    before = (folder / "datasets.csv").read_bytes()
    real = os.write
    monkeypatch.setattr(
        storage.os, "write", lambda fd, data: (real(fd, broken(bytes(data))), len(data))[1]
    )
    with pytest.raises(InputError, match="gives back other bytes"):
        set_years(folder, "2002")
    monkeypatch.undo()
    assert (folder / "datasets.csv").read_bytes() == before
    assert STAGING not in visible(folder)


def test_a_disk_that_writes_a_little_at_a_time_is_no_obstacle(folder, monkeypatch):
    real = os.write
    monkeypatch.setattr(storage.os, "write", lambda fd, data: real(fd, bytes(data[:3])))
    add_studies(open_review(folder), [Entry("", None, {"study_id": "new", "title": "x" * 100})])
    assert open_review(folder).study("new").title == "x" * 100


def test_a_file_that_another_program_saved_meanwhile_is_not_written_over(folder):
    theirs = b"name,year,access\r\nedited by hand,2020,open\r\n"
    with pytest.raises(InputError, match="changed by another program meanwhile"):
        set_years(folder, "1999", between=lambda: (folder / "datasets.csv").write_bytes(theirs))
    assert (folder / "datasets.csv").read_bytes() == theirs
    assert STAGING not in visible(folder)


def test_a_file_that_another_program_made_meanwhile_is_left_to_it(folder):
    def make():
        (folder / "excluded.csv").write_bytes(b"study_id\n")

    def both():
        with changes(folder, command="set") as tx:
            tx.table("excluded.csv", columns=["study_id"])
            make()

    with pytest.raises(InputError, match="changed by another program meanwhile"):
        both()
    assert (folder / "excluded.csv").read_bytes() == b"study_id\n"


def test_half_a_character_is_refused(folder):
    with pytest.raises(InputError, match="half a character"):
        set_years(folder, "a\ud800")
    assert STAGING not in visible(folder)


# ---- links, owners, modes


@posix
def test_a_linked_table_stays_a_link_and_its_target_is_written(folder):
    (folder / "tables").mkdir()
    (folder / "studies.csv").rename(folder / "tables" / "coded.csv")
    (folder / "studies.csv").symlink_to("tables/coded.csv")
    add_studies(open_review(folder), [Entry("", None, {"study_id": "new"})])
    assert (folder / "studies.csv").is_symlink()
    assert b"\nnew," in (folder / "tables" / "coded.csv").read_bytes()
    assert not (folder / "tables" / "coded.csv").is_symlink()


@posix
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_that_leaves_the_folder_is_not_written_through(folder, tmp_path, what):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "studies.csv").write_bytes((folder / "studies.csv").read_bytes())
    before = (outside / "studies.csv").read_bytes()
    if what == "file":
        (folder / "studies.csv").unlink()
        (folder / "studies.csv").symlink_to(outside / "studies.csv")
        with pytest.raises(InputError, match="leads out of the review folder"):
            add_studies(open_review(folder), [Entry("", None, {"study_id": "new"})])
    else:
        (folder / "codings").symlink_to(outside)
        with pytest.raises(InputError, match="leads out of the review folder"):
            take(folder, "codings/adjudication.csv", columns=["study_id"])
    assert (outside / "studies.csv").read_bytes() == before
    assert {p.name for p in outside.iterdir()} == {"studies.csv"}


@posix
def test_a_table_that_is_a_link_to_another_table_is_not_written(folder):
    (folder / "studies.csv").unlink()
    (folder / "studies.csv").symlink_to("datasets.csv")
    with pytest.raises(InputError, match="another file of the review"):
        take(folder, "studies.csv")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_the_mode_stays_and_is_never_wider_meanwhile(folder, monkeypatch, mode):
    (folder / "studies.csv").chmod(mode)
    seen, real = [], os.fsync

    def watched(handle):
        seen.append(stat.S_IMODE(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(storage.os, "fsync", watched)
    add_studies(open_review(folder), [Entry("", None, {"study_id": "new"})])
    assert stat.S_IMODE((folder / "studies.csv").stat().st_mode) == mode
    assert seen[0] == mode


@posix
def test_a_new_file_gets_the_mode_of_the_umask_which_is_never_touched(folder, monkeypatch):
    before = os.umask(0o027)
    try:
        monkeypatch.setattr(os, "umask", lambda _: pytest.fail("other threads would see it"))
        take(folder, "codings/lee.csv", columns=["study_id"])
    finally:
        monkeypatch.undo()
        os.umask(before)
    assert stat.S_IMODE((folder / "codings" / "lee.csv").stat().st_mode) == 0o640


@as_root
def test_owner_and_group_stay(folder):
    os.chown(folder / "studies.csv", 12345, 23456)
    (folder / "studies.csv").chmod(0o2664)
    add_studies(open_review(folder), [Entry("", None, {"study_id": "new"})])
    after = (folder / "studies.csv").stat()
    assert (after.st_uid, after.st_gid) == (12345, 23456)
    assert stat.S_IMODE(after.st_mode) == 0o2664


@as_root
def test_a_new_file_in_the_folder_of_a_group_belongs_to_the_group(folder):
    os.chown(folder, -1, 23456)
    folder.chmod(0o2775)
    take(folder, "excluded.csv", columns=["study_id"])
    assert (folder / "excluded.csv").stat().st_gid == 23456


@posix
def test_a_group_that_cannot_be_kept_is_no_obstacle(folder, monkeypatch):
    def refused(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(storage.os, "chown", refused)
    real = storage.Path.stat
    monkeypatch.setattr(
        storage.Path,
        "stat",
        lambda self, **k: (
            os.stat_result((*real(self, **k)[:4], 99, 99, *real(self, **k)[6:]))
            if self.name == "studies.csv"
            else real(self, **k)
        ),
    )
    add_studies(open_review(folder), [Entry("", None, {"study_id": "new"})])


@posix
def test_a_drive_without_hard_links_gets_copies(folder, monkeypatch):
    def refused(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    add_studies(open_review(folder), [Entry("", None, {"study_id": "new"})])
    assert open_review(folder).study("new")


# ---- a change that was interrupted


@pytest.fixture(name="interrupted")
def _interrupted(folder, monkeypatch):
    """A change of two files, killed after the first had been replaced."""

    class Killed(BaseException):
        pass

    real, count = os.replace, []

    def dies(source, target):
        count.append(target)
        if len(count) == 3:  # the journal, the first file, the second
            raise Killed
        real(source, target)

    monkeypatch.setattr(os, "replace", dies)
    monkeypatch.setattr("review.project.journal.Replacement._back", lambda _: None)
    monkeypatch.setattr("review.project.journal.Replacement._forget", lambda _: None)

    def both():
        with changes(folder, command="set") as tx:
            sets, results = tx.table("datasets.csv"), tx.table("results.csv")
            sets.set(sets.rows[0], "year", "1999")
            results.set(results.rows[0], "value", "0.8")

    with pytest.raises(Killed):
        both()
    monkeypatch.undo()
    assert b"1999" in (folder / "datasets.csv").read_bytes()
    assert b"0.8" not in (folder / "results.csv").read_bytes()
    return folder


def test_the_next_command_completes_it(interrupted):
    with (
        pytest.warns(ReviewWarning, match=r"'review set' was interrupted.*was completed"),
        locked(interrupted),
    ):
        pass
    assert b"0.8" in (interrupted / "results.csv").read_bytes()
    assert STAGING not in visible(interrupted)


def test_so_does_the_next_one_that_only_reads(interrupted, run):
    done = run("datasets", "--review", interrupted, "--json")
    assert "note: 'review set' was interrupted" in done.err
    assert json.loads(done.out)[0]["year"] == 1999
    assert b"0.8" in (interrupted / "results.csv").read_bytes()
    assert "note" not in run("datasets", "--review", interrupted).err


def test_a_file_that_was_edited_before_its_turn_keeps_the_edit_and_the_rest_goes_back(interrupted):
    (interrupted / "results.csv").write_bytes(b"study_id,metric,value\na,auc,0.7\n")
    with pytest.warns(ReviewWarning, match="was taken back"):
        open_review(interrupted)
    assert b"2001" in (interrupted / "datasets.csv").read_bytes()
    assert b"0.7" in (interrupted / "results.csv").read_bytes()


def test_a_file_that_was_edited_after_its_turn_keeps_the_edit_and_the_rest_is_completed(
    interrupted,
):
    (interrupted / "datasets.csv").write_bytes(b"name,year,access\nedited,,\n")
    with pytest.warns(ReviewWarning, match="was completed"):
        open_review(interrupted)
    assert b"edited" in (interrupted / "datasets.csv").read_bytes()
    assert b"0.8" in (interrupted / "results.csv").read_bytes()


def test_what_can_neither_be_completed_nor_taken_back_is_left_and_said(interrupted, run):
    (interrupted / "datasets.csv").write_bytes(b"name,year,access\nedited,,\n")
    (interrupted / "results.csv").write_bytes(b"study_id,metric,value\nedited,auc,0.7\n")
    done = run("add", "--review", interrupted, "--set", "study_id=x")
    assert done.code == 2
    assert "files were changed since" in done.err
    assert STAGING in done.err
    assert b"edited" in (interrupted / "datasets.csv").read_bytes()
    assert b"edited" in (interrupted / "results.csv").read_bytes()
    assert {"0.old", "1.old", "1.new"} < {p.name for p in (interrupted / STAGING).iterdir()}


@posix
def test_a_folder_that_cannot_be_written_is_read_with_a_warning(interrupted, monkeypatch):
    def refused(path, _seconds):
        raise InputError(f"cannot write to {path}: Read-only file system")

    monkeypatch.setattr(lock, "_system_lock", refused)
    monkeypatch.setattr(lock.os, "access", lambda *_: False)
    with pytest.warns(ReviewWarning, match="may not fit together"):
        assert open_review(interrupted).datasets


@pytest.mark.parametrize(
    "journal",
    [
        b"",
        b"[]",
        b'{"format": 2, "label": "x", "files": []}',
        b'{"format": 1, "label": "x", "files": [{"name": 1}]}',
    ],
)
def test_a_journal_that_cannot_be_read_is_said(interrupted, journal):
    (interrupted / STAGING / JOURNAL).write_bytes(journal)
    with pytest.raises(InputError, match="cannot be read, so an interrupted change"):
        open_review(interrupted)


@posix
@pytest.mark.parametrize("name", ["../stolen.csv", "/tmp/stolen.csv", "out/stolen.csv"])
def test_a_journal_of_somebody_else_writes_nothing_outside(interrupted, tmp_path, name):
    (interrupted / "out").symlink_to(tmp_path)
    content = json.loads((interrupted / STAGING / JOURNAL).read_bytes())
    content["files"][1] |= {"name": name, "old": None}
    (interrupted / STAGING / JOURNAL).write_text(json.dumps(content))
    with pytest.raises(InputError, match="leads out of the review folder"):
        open_review(interrupted)
    assert not list(tmp_path.glob("stolen*"))


@posix
def test_a_link_among_the_new_versions_is_not_put_in_place(interrupted, tmp_path):
    secret = tmp_path / "secret"
    new = interrupted / STAGING / "1.new"
    secret.write_bytes(new.read_bytes())
    new.unlink()
    new.symlink_to(secret)
    with pytest.warns(ReviewWarning, match="was taken back"):
        open_review(interrupted)
    assert not (interrupted / "results.csv").is_symlink()


@posix
@pytest.mark.parametrize("kind", ["file", "link"])
def test_something_else_in_the_place_of_the_staging_folder_is_said(folder, tmp_path, kind):
    if kind == "file":
        (folder / STAGING).write_text("mine")
    else:
        (folder / STAGING).symlink_to(tmp_path)
    with pytest.raises(InputError, match="is in the way"):
        add_studies(open_review(folder), [Entry("", None, {"study_id": "new"})])
    assert os.path.lexists(folder / STAGING)


# ---- the lock


@posix
@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_a_drive_without_locks_is_said_at_once_and_can_be_used_alone(
    folder, monkeypatch, run, code
):
    import fcntl

    def missing(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", missing)
    done = run("add", "--review", folder, "--set", "study_id=new")
    assert done.code == 2
    assert "cannot lock files" in done.err
    assert lock.WITHOUT in done.err
    monkeypatch.setenv(lock.WITHOUT, "1")
    assert run("add", "--review", folder, "--set", "study_id=new").code == 0
    assert open_review(folder).study("new")


@pytest.mark.parametrize("content", ["", "12345\nsomewhere\n", "x" * 5000])
def test_a_lock_file_that_was_copied_or_left_is_no_obstacle(folder, content):
    (folder / LOCK_NAME).write_text(content)
    with locked(folder, seconds=0.5):
        pass


def test_a_lock_that_is_held_is_said(folder):
    hold = (
        "import sys\nfrom pathlib import Path\nfrom review.project.lock import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        with (
            pytest.raises(BusyError, match="another program has been changing"),
            locked(folder, seconds=0.2),
        ):
            pass
        other.stdin.close()
    with locked(folder, seconds=10):
        pass


@posix
def test_a_lock_file_of_somebody_else_is_named(folder, monkeypatch):
    (folder / LOCK_NAME).touch()
    real = os.open

    def refused(path, *arguments, **options):
        if str(path).endswith(LOCK_NAME):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr(lock.os, "open", refused)
    with pytest.raises(InputError, match=rf"cannot open .*{LOCK_NAME}.*delete it"), locked(folder):
        pass


@posix
def test_a_lock_that_is_a_link_is_refused(folder, tmp_path):
    (folder / LOCK_NAME).unlink(missing_ok=True)
    (folder / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="is a link; delete it"), locked(folder):
        pass
    assert not (tmp_path / "elsewhere").exists()


@posix
def test_whoever_may_change_the_folder_may_take_its_lock(folder):
    folder.chmod(0o2775)
    with locked(folder):
        pass
    assert stat.S_IMODE((folder / LOCK_NAME).stat().st_mode) & 0o060 == 0o060


# ---- a new review


def test_a_new_review_keeps_its_lock_out_of_git(tmp_path):
    init_review(tmp_path / "a")
    ignored = (tmp_path / "a" / ".gitignore").read_text().split()
    assert ignored == [LOCK_NAME, f"{STAGING}/"]
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".gitignore").write_text("mine\n")
    init_review(tmp_path / "b")
    assert (tmp_path / "b" / ".gitignore").read_text() == "mine\n"


def test_a_new_review_that_is_refused_leaves_nothing(tmp_path, kim_copy):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "review.toml").write_text("")
    with pytest.raises(InputError, match=r"already has review\.toml"):
        init_review(tmp_path / "a")
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["review.toml"]
    (kim_copy / "codebook.toml").write_text("broken")
    with pytest.raises(DataError):
        init_review(tmp_path / "b", source=str(kim_copy))
    assert not (tmp_path / "b").exists()


@posix
def test_a_copy_takes_no_link_that_leaves_the_review(kim_copy, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (kim_copy / "templates").mkdir()
    (kim_copy / "templates" / "page.html").symlink_to(secret)
    for options in ({}, {"studies": True}):
        with pytest.raises(InputError, match="leads out of the review folder"):
            init_review(tmp_path / "copy", source=str(kim_copy), **options)
    assert not (tmp_path / "copy").exists()


def test_a_copy_inside_its_original_ends(kim_copy):
    init_review(kim_copy / "sub" / "copy", source=str(kim_copy), studies=True)
    assert check_review(open_review(kim_copy / "sub" / "copy")).ok
    assert not (kim_copy / "sub" / "copy" / "sub").exists()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match="already has"):
            init_review(kim_copy / "sub" / "copy")

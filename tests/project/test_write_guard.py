from __future__ import annotations

import errno
import os
import stat

import pytest

from review.errors import InputError
from review.project import storage
from review.project.write import output_folder, output_target, write_output
from review.schema.folder_files import FILES, belongs

posix = pytest.mark.skipif(os.name != "posix", reason="links and modes of POSIX")
NAMED = [f.name for f in FILES if "*" not in f.name]
OWN = [*NAMED, "codings/lee.csv", "analysis/figure_9.py", "templates/deep/page.html",
       "tools/mine.toml", "mine.toml", ".gitignore", ".review.lock",
       ".review-changes/journal.json", ".git/config"]  # fmt: skip
FREE = ["review-out/studies.csv", "audit.csv", "mine-report.html", "studies.csv.bak",
        "papers/studies.csv", "figure-1.csv"]  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_a_file_of_a_review_is_no_place_for_results_there_or_not(new_review, name):
    path = new_review / name
    spellings = [
        path,
        new_review / "x" / ".." / name,
        new_review / name.upper(),
        new_review / f"{name}.",
    ]
    for there in (False, True):
        if there:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"mine")
        for spelling in spellings:
            with pytest.raises(InputError, match="would write over a file of the review mine"):
                write_output(spelling, b"theirs", read=())
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("name", FREE)
def test_other_places_in_its_folder_are_free(new_review, name):
    assert not belongs(name.split("/"))
    output_folder((new_review / name).parent)
    write_output(new_review / name, b"1", read=[new_review])
    write_output(new_review / name, b"2", read=[new_review])
    assert (new_review / name).read_bytes() == b"2"


def test_relative_paths_count_from_where_the_user_stands(new_review, monkeypatch):
    monkeypatch.chdir(new_review)
    with pytest.raises(InputError, match="would write over"):
        output_target(storage.Path("studies.csv"))
    (new_review / "codings").mkdir()
    monkeypatch.chdir(new_review / "codings")
    with pytest.raises(InputError, match="would write over"):
        output_target(storage.Path("../studies.csv"))
    with pytest.raises(InputError, match=r"would write over .*codings/review-out"):
        output_folder(storage.Path("review-out"))


@posix
def test_links_are_followed(new_review, tmp_path):
    (tmp_path / "link").symlink_to(new_review)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "studies.csv").symlink_to(new_review / "studies.csv")
    (tmp_path / "out" / "new.csv").symlink_to(new_review / "results.csv")
    for path in ("link/studies.csv", "link/new.toml", "out/studies.csv", "out/new.csv"):
        with pytest.raises(InputError, match="would write over"):
            write_output(tmp_path / path, b"theirs", read=())
    assert not (new_review / "results.csv").exists()


@posix
def test_what_is_read_is_not_written_over_under_any_name(new_review, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "studies.csv").write_bytes(b"study_id\n")
    (new_review / "studies.csv").unlink()
    (new_review / "studies.csv").symlink_to(out / "studies.csv")
    os.link(new_review / "codebook.toml", out / "hard.csv")
    data = tmp_path / "data.csv"
    data.write_bytes(b"yi,vi\n")
    (out / "again.csv").symlink_to(data)
    for path, read in (
        ("out/studies.csv", new_review),
        ("out/hard.csv", new_review),
        ("out/again.csv", data),
        ("data.csv", data),
    ):
        with pytest.raises(InputError, match="which this command reads"):
            write_output(tmp_path / path, b"theirs", read=[read])
    assert (out / "studies.csv").read_bytes() == b"study_id\n"
    assert data.read_bytes() == b"yi,vi\n"


@posix
def test_a_hard_link_of_another_review_is_cut_off_not_written_through(new_review, tmp_path):
    before = (new_review / "codebook.toml").read_bytes()
    os.link(new_review / "codebook.toml", tmp_path / "a.csv")
    write_output(tmp_path / "a.csv", b"theirs", read=())
    assert (new_review / "codebook.toml").read_bytes() == before


@posix
def test_a_link_to_a_result_stays_a_link(tmp_path):
    (tmp_path / "a.html").write_bytes(b"old")
    (tmp_path / "link.html").symlink_to("a.html")
    write_output(tmp_path / "link.html", b"new", read=())
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "a.html").read_bytes() == b"new"


@posix
def test_what_is_no_plain_file_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    for name in ("folder", "pipe"):
        with pytest.raises(InputError, match="no plain file"):
            write_output(tmp_path / name, b"", read=())
    for name in ("circle", "a\0b", "x" * 300):
        with pytest.raises(InputError):
            write_output(tmp_path / name, b"", read=())


@posix
def test_modes_of_results(tmp_path):
    before = os.umask(0o027)
    try:
        write_output(tmp_path / "a.csv", b"1", read=())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o640
    (tmp_path / "a.csv").chmod(0o600)
    write_output(tmp_path / "a.csv", b"2", read=())
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o600


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_disk_that_fails_leaves_the_former_result_and_nothing_else(tmp_path, monkeypatch, call):
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(InputError, match="No space left on device; it is as it was"):
        write_output(path, b"new", read=())
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_unfinished_results_of_killed_programs_go_after_an_hour(tmp_path):
    names = [".review-aa.unfinished", ".review-bb.unfinished", ".review-notes", "x.unfinished"]
    for name in names:
        (tmp_path / name).write_bytes(b"half")
    for name in names[:1] + names[2:]:
        os.utime(tmp_path / name, (1, 1))
    write_output(tmp_path / "a.csv", b"1", read=())
    assert {p.name for p in tmp_path.iterdir()} == {"a.csv", *names[1:]}

"""Code of a review folder runs only where the user trusts it, and says what is left out."""

from __future__ import annotations

import json
import os
import shutil

import pytest

MODULE = """
from pathlib import Path
from review.analysis_api import Artifact, Panel
TITLE = "Mine: what I drew"
Path({mark!r}).write_text("ran")
def build(review, options):
    return Artifact("figure", "mine", TITLE, "", (Panel("", "Own", [{{"n": 1}}]),))
"""
QUICK = ("--section", "protocol", "--section", "figures,provenance")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(name="mark")
def _mark(tmp_path):
    return tmp_path / "mark"


@pytest.fixture(name="folder")
def _folder(new_review, mark):
    (new_review / "analysis").mkdir()
    (new_review / "analysis/figure_mine.py").write_text(MODULE.format(mark=str(mark)))
    (new_review / "templates").mkdir()
    (new_review / "templates/extra.css").write_text("h1 { color: rebeccapurple; }")
    (new_review / "templates/extra.js").write_text("window.mine = 1;")
    (new_review / "studies.csv").write_text(
        (new_review / "studies.csv").read_text().splitlines()[0] + "\n"
    )
    return new_review


COMMANDS = [
    ("analyze", "--list"),
    ("analyze", "--list", "--json"),
    ("analyze", "--all"),
    ("analyze", "--figure", "mine"),
    ("models",),
    ("report", *QUICK),
    ("report", *QUICK, "--json"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_of_an_untrusted_folder_runs_and_it_is_named(run, folder, mark, command):
    done = run(*command, "--review", folder)
    assert not mark.exists()
    assert "analysis/figure_mine.py" in done.err
    assert "--trust" in done.err
    for path in folder.parent.glob("*.html"):
        assert "rebeccapurple" not in path.read_text("utf-8")
        assert "window.mine" not in path.read_text("utf-8")


def test_a_figure_that_is_left_out_is_an_error_when_it_is_asked_for(run, folder):
    done = run("analyze", "--figure", "mine", "--review", folder)
    assert done.code == 2
    assert "figure_mine.py: the folder is not trusted" in done.err


def test_a_bundled_figure_is_drawn_where_an_untrusted_one_would_replace_it(run, kim_copy, mark):
    (kim_copy / "analysis").mkdir()
    (kim_copy / "analysis/figure_03_x.py").write_text(MODULE.format(mark=str(mark)))
    done = run("analyze", "-f", "3", "--review", kim_copy, "--json")
    told = json.loads(done.out)
    assert told["title"] == "Flow of records and studies through the review"
    assert told["left_out"] == ["analysis/figure_03_x.py"]
    assert not mark.exists()


def test_the_report_says_what_was_left_out(run, folder):
    done = run("report", *QUICK, "--review", folder, "--out", "r.html", "--json")
    names = ["analysis/figure_mine.py", "templates/extra.css", "templates/extra.js"]
    assert json.loads(done.out)["left_out"] == names
    # that is for whoever writes the report, not for whoever reads it
    assert any("analysis/figure_mine.py" in said for said in json.loads(done.out)["remarks"])
    assert "trusted" not in (folder.parent / "r.html").read_text("utf-8")


def test_listing_runs_nothing_even_where_it_is_trusted(run, folder, mark):
    done = run("analyze", "--list", "--review", folder)
    assert "Mine: what I drew" in done.out
    assert "left out" in done.out
    done = run("analyze", "--list", "--trust", "--review", folder)
    assert "Mine: what I drew" in done.out
    assert "left out" not in done.out + done.err
    assert not mark.exists()


@pytest.mark.parametrize("how", [("analyze", "-f", "mine", "--trust"), ("trust",)])
def test_trust_is_remembered_outside_of_the_folder(run, folder, mark, how):
    before = sorted(p for p in folder.rglob("*"))
    done = run(*how, folder) if how == ("trust",) else run(*how, "--review", folder)
    assert done.code == 0
    assert sorted(p for p in folder.rglob("*")) == before
    done = run("report", *QUICK, "--review", folder, "--out", "r.html")
    assert done.code == 0
    assert mark.exists()
    assert "left out" not in done.err
    html = (folder.parent / "r.html").read_text("utf-8")
    assert "rebeccapurple" in html
    assert "window.mine" in html


CHANGED = ["analysis/figure_mine.py", "analysis/helper.py", "templates/new.j2",
           "analysis/__pycache__/helper.pyc"]  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_of_the_code_asks_again(run, folder, mark, name):
    run("trust", folder)
    (folder / name).parent.mkdir(exist_ok=True)
    with (folder / name).open("a") as file:
        file.write("\n# later\n")
    done = run("analyze", "--list", "--review", folder)
    assert "has changed since you trusted it" in done.err
    assert run("analyze", "-f", "mine", "--review", folder).code == 2
    assert not mark.exists()
    (folder / "studies.csv").touch()
    assert run("analyze", "-f", "mine", "--trust", "--review", folder).code == 0
    assert mark.exists()


def test_a_change_of_the_data_does_not_ask_again(run, folder, mark):
    run("trust", folder)
    (folder / "review.toml").write_text('title = "Another"\n')
    assert run("analyze", "-f", "mine", "--review", folder).code == 0
    assert mark.exists()


def test_a_copy_of_a_trusted_folder_is_not_trusted(run, folder, mark):
    run("trust", folder)
    other = shutil.copytree(folder, folder.parent / "other")
    run("report", *QUICK, "--review", other)
    assert not mark.exists()


def test_a_link_to_a_trusted_folder_is_the_folder(run, folder, mark):
    run("trust", folder)
    (folder.parent / "link").symlink_to(folder)
    assert run("analyze", "-f", "mine", "--review", "link").code == 0
    assert mark.exists()


def test_trust_can_be_seen_and_taken_back(run, folder, mark):
    assert "0 folders" in run("trust", "--list").out
    run("trust", folder)
    (listed,) = json.loads(run("trust", "--list", "--json").out)
    assert (listed["folder"], listed["state"]) == (str(folder), "trusted")
    assert "analysis/figure_mine.py" in listed["files"]
    assert str(folder) in run("trust", "--list").out
    (folder / "templates/extra.css").write_text("h1 {}")
    assert json.loads(run("trust", "--list", "--json").out)[0]["state"] == "changed"
    assert run("trust", folder, "--revoke").code == 0
    assert run("trust", folder, "--revoke").code == 2
    run("analyze", "--all", "--review", folder)
    assert not mark.exists()


def test_a_folder_that_is_gone_can_be_revoked(run, folder):
    run("trust", folder)
    shutil.rmtree(folder)
    assert json.loads(run("trust", "--list", "--json").out)[0]["state"] == "gone"
    assert run("trust", folder, "--revoke").code == 0
    assert json.loads(run("trust", "--list", "--json").out) == []


def test_the_review_around_the_working_folder_is_meant(run, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert str(folder) in run("trust").out
    assert str(folder) in run("trust", "--revoke").out


def test_a_bundled_review_has_nothing_to_trust(run):
    done = run("trust", "kim2022")
    assert (done.code, "nothing to trust" in done.out) == (0, True)
    assert run("trust", "kim2022", "--list").code == 2


def test_where_it_cannot_be_remembered_it_holds_this_once(run, folder, mark, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    done = run("analyze", "-f", "mine", "--trust", "--review", folder)
    assert done.code == 0
    assert "trusted this time only" in done.err
    assert mark.exists()


def test_a_broken_memory_is_said_and_trusts_nothing(run, folder, mark, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    run("trust", folder)
    (memory,) = (tmp_path / "c").rglob("trusted.json")
    for text in (
        "{",
        "[]",
        '{"format": "x", "folders": []}',
        '{"folders": [{"a": 1}]}',
        "[" * 9999,
    ):
        memory.write_text(text)
        done = run("analyze", "-f", "mine", "--review", folder)
        assert (done.code, "trusted.json" in done.err) == (2, True)
    assert not mark.exists()


def test_the_memory_is_for_the_user_alone(run, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    run("trust", folder)
    (memory,) = (tmp_path / "c").rglob("trusted.json")
    assert memory.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("where", ["analysis/figure_link.py", "templates/extra.css"])
def test_links_that_leave_the_folder_are_refused_even_where_it_is_trusted(
    run, folder, tmp_path, where
):
    (tmp_path / "secret.txt").write_text("TITLE = 'SECRET'\ndef build(r, o): raise SystemExit")
    (folder / where).unlink(missing_ok=True)
    (folder / where).symlink_to(tmp_path / "secret.txt")
    for command in (("trust", folder), ("report", *QUICK, "--trust", "--review", folder),
                    ("analyze", "--list", "--trust", "--review", folder)):  # fmt: skip
        done = run(*command)
        assert done.code == 2
        assert f"{where}: the link leads out of the folder" in done.err
    done = run("report", *QUICK, "--review", folder, "--out", "r.html")
    assert done.code == 0
    assert where in done.err
    assert "SECRET" not in (tmp_path / "r.html").read_text("utf-8") + done.out + done.err


def test_a_link_put_in_later_takes_the_trust_away(run, folder, tmp_path, mark):
    run("trust", folder)
    (tmp_path / "secret.txt").write_text("SECRET")
    (folder / "templates/report.css").symlink_to(tmp_path / "secret.txt")
    done = run("report", *QUICK, "--review", folder, "--out", "r.html")
    assert "has changed" in done.err
    assert not mark.exists()
    assert "SECRET" not in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["analysis", "templates", "templates/sections"])
def test_linked_folders_are_refused(run, folder, tmp_path, name, mark):
    shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(folder, tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    assert run("trust", folder).code == 2
    done = run("report", *QUICK, "--review", folder, "--out", "r.html")
    assert (done.code, name in done.err) == (0, True)
    assert not mark.exists()


def test_links_within_the_folder_are_fine(run, folder):
    (folder / "tables").mkdir()
    (folder / "studies.csv").rename(folder / "tables/studies.csv")
    (folder / "studies.csv").symlink_to("tables/studies.csv")
    (folder / "templates/extra.css").rename(folder / "style.css")
    (folder / "templates/extra.css").symlink_to("../style.css")
    assert run("check", folder).code == 0
    assert run("report", *QUICK, "--review", folder, "--trust", "--out", "r.html").code == 0
    assert "rebeccapurple" in (folder.parent / "r.html").read_text("utf-8")


TABLES = ["studies.csv", "results.csv", "datasets.csv", "excluded.csv", "codings/ann.csv",
          "records.csv", "searches.csv", "risk_of_bias.csv", "codebook.toml", "review.toml",
          "published.toml", "tools/mine.toml"]  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_no_command_reads_through_a_link_that_leaves_the_folder(run, new_review, tmp_path, name):
    (tmp_path / "secret").write_text("SECRET,study_id\nSECRET,SECRET\n")
    (new_review / name).parent.mkdir(exist_ok=True)
    (new_review / name).unlink(missing_ok=True)
    (new_review / name).symlink_to(tmp_path / "secret")
    told = ""
    for command in (("check", new_review), ("list", "--review", new_review),
                    ("rob", "--review", new_review), ("agreement", "--review", new_review),
                    ("audit", "--review", new_review), ("analyze", "-f", "3", "-r", new_review),
                    ("report", "--review", new_review, "--out", "r.html"),
                    ("init", "copy", "--from", new_review, "--studies")):  # fmt: skip
        done = run(*command)
        told += done.out + done.err
    assert "SECRET" not in told
    assert "leads out of the folder" in told
    for path in (tmp_path / "r.html", *tmp_path.glob("copy/**/*")):
        assert not path.is_file() or "SECRET" not in path.read_text("utf-8")


def test_check_names_every_link_that_leaves_the_folder(run, new_review, tmp_path):
    (tmp_path / "away").mkdir()
    (new_review / "notes.txt").symlink_to("/etc/hostname")
    (new_review / "deep").mkdir()
    (new_review / "deep/away").symlink_to(tmp_path / "away")
    (new_review / "inside").symlink_to("review.toml")
    done = run("check", new_review)
    assert done.code == 0
    assert "notes.txt: the link leads out of the folder" in done.out
    assert "deep/away: the link leads out of the folder" in done.out
    assert "inside" not in done.out


def test_a_pipe_in_the_place_of_a_table_is_refused_at_once(run, new_review):
    (new_review / "studies.csv").unlink()
    os.mkfifo(new_review / "studies.csv")
    done = run("check", new_review)
    assert (done.code, "studies.csv: not a plain file" in done.out) == (1, True)


def test_two_modules_that_make_one_figure_are_refused(run, folder):
    shutil.copy(folder / "analysis/figure_mine.py", folder / "analysis/figure_mine_again.py")
    done = run("analyze", "-f", "mine", "--trust", "--review", folder)
    assert done.code == 2
    assert "figure_mine.py and analysis/figure_mine_again.py are both figure mine" in done.err

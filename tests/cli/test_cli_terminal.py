"""Nothing that a review, a file name or an option holds commands a terminal."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import unicodedata

import pytest

from review.cli.terminal import terminal_json, terminal_text

# format characters that are seen, or that scripts and emoji need
TEXT = {0xAD, 0x200C, 0x200D, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD,
        *range(0x600, 0x606), *range(0x13430, 0x13440)}  # fmt: skip
ESCAPE, C1, DEL = "\x1b]0;owned\x07", "\x9b2J", "\x7f"
BIDI = "\u202egnp.exe\u202c \u2066isolate\u2069 \u200f"
UNSEEN = "\u200b\ufeff\u2060\U000e0041\u2028"
HOSTILE = f"A{ESCAPE}{C1}{DEL}{BIDI}{UNSEEN}Z"
# what cells may hold: the reader of tables refuses C0 and DEL, and formulas
CELL = f"A{C1}{BIDI}{UNSEEN}Z"
WORD = re.sub(r"\s", "", CELL)


def unsafe(text):
    return {
        hex(ord(c))
        for c in text
        if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        and c not in "\n\t"
        and ord(c) not in TEXT
    }


def test_every_sign_that_is_no_text_is_written_out():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert not unsafe(terminal_text(every))
    kept = {c for c in every if terminal_text(c) == c}
    changed = set(every) - kept
    # fillers of Hangul are letters that have no shape
    letters = {c for c in changed if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert letters <= set("\u115f\u1160\u3164\uffa0") | {c for c in changed if not _assigned(c)}


def _assigned(sign):
    return unicodedata.category(sign) != "Cn"


def test_json_stays_the_same_value():
    whole = "".join(chr(c) for c in range(0x11000) if not 0xD800 <= c < 0xE000) + UNSEEN
    text = json.dumps({"a": whole, "b": [1.5, None]}, ensure_ascii=False, indent=1)
    for encoding in ("utf-8", "ascii", None):
        written = terminal_json(text, encoding=encoding)
        assert json.loads(written) == {"a": whole, "b": [1.5, None]}
        assert not unsafe(written)
    assert terminal_json(text, encoding="ascii").isascii()


def quoted(text):
    """Return a text as TOML writes it."""
    signs = (c if 32 <= ord(c) < 127 else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(signs)}"'


CODEBOOK = "\n".join(
    f'[[variable]]\nname = "{name}"\ntype = "{kind}"\nlabel = {{text}}\nhelp = {{text}}\n{more}'
    for name, kind, more in (
        ("modality", "category", "vocabulary = ['MRI', {word}]"),
        ("tags", "list", "open = true"),
        ("remark", "text", ""),
        ("n_images", "integer", "unit = {text}"),
        ("auc", "number", "minimum = 0\nmaximum = 1"),
    )
)
TOOL = """name = {text}
subject = {text}
cite = {text}
unit = {text}
[[judgement]]
word = {text}
level = "low"
[[domain]]
key = "one"
title = {text}
"""


def make(folder, text, cell):
    """Write a review that holds a text wherever a review holds text."""
    word = re.sub(r"[\s;]", "", cell)
    filled = {"text": quoted(text), "word": quoted(word)}
    (folder / "codings").mkdir(parents=True)
    (folder / "tools").mkdir()
    (folder / "analysis").mkdir()
    settings = ("title", "question", "cite", "sample", "summary", "license")
    toml = "".join(f"{name} = {quoted(text)}\n" for name in settings)
    (folder / "review.toml").write_text(
        toml + f"authors = [{quoted(text)}]\n[[search]]\ndatabase = {quoted(text)}\n"
        f"query = {quoted(text)}\nrecords = 9\n[roles]\nmodality = 'modality'\n"
        "size_images = 'n_images'\nmetrics = ['auc']\n"
        f"[[meta]]\nname = 'auc'\noutcome = 'auc'\ntitle = {quoted(text)}\n"
    )
    (folder / "codebook.toml").write_text(CODEBOOK.format(**filled))
    (folder / "certainty.toml").write_text(
        f"[[outcome]]\nname = 'auc'\noutcome = {quoted(text)}\nunit = {quoted(text)}\n"
        f"[outcome.imprecision]\njudgement = 'none'\nwhy = {quoted(text)}\nconfirmed = true\n"
    )
    (folder / "tools/mine.toml").write_text(TOOL.format(**filled))
    (folder / f"analysis/figure_x{ESCAPE.replace('/', '')}.py").write_text("")
    (folder / "analysis/figure_own.py").write_text(f"TITLE = {text!r}\ndef build(r, o): ...\n")
    head = ["study_id", "first_author", "year", "title", "venue", "doi", "evidence", "modality",
            "tags", "remark", "n_images", "auc"]  # fmt: skip
    rows = [
        [f"s{i}{word}", cell, 2000 + i, f"{cell} {i}", cell, "", "abstract", word, f"{word};b",
         cell, 100 * i + 10, f"0.{70 + i}"]
        for i in range(12)
    ]  # fmt: skip
    write(folder / "studies.csv", [head, *rows])
    for name, change in (("ann", 0), (f"b{word}o", 1)):
        own = [[r[0], *r[7:11], f"0.{70 + i + change * (i % 3)}"] for i, r in enumerate(rows)]
        write(folder / f"codings/{name}.csv", [["study_id", *head[7:]], *own])
    write(
        folder / "results.csv",
        [["study_id", "metric", "value", "ci_low", "ci_high", "role", "model", "note"],
         *[[r[0], "auc", r[11], float(r[11]) - 0.05, float(r[11]) + 0.05, "headline", cell, cell]
           for r in rows],
         [rows[0][0], cell, "0.5", "", "", "headline", cell, cell]],
    )  # fmt: skip
    write(
        folder / "datasets.csv", [["name", "modality", "task", "access"], [cell, word, cell, cell]]
    )
    write(folder / "excluded.csv", [["study_id", "title", "reason"], ["x1", cell, cell]])
    write(folder / "searches.csv", [["database", "date", "query", "records"],
                                    [cell, "2020-01-01", cell, "9"]])  # fmt: skip
    records = [["a", cell, ""], ["b", cell, ""], ["c", f"{cell} {cell} of a title", cell]]
    write(folder / "records.csv", [["record_id", "title", "authors"], *records])
    write(
        folder / "risk_of_bias.csv",
        [["study_id", "tool", "version", "unit", "domain", "kind", "judgement", "rationale",
          "assessor"],
         *[[r[0], text, "", cell, "one", "bias", text, cell, cell] for r in rows[:3]]],
    )  # fmt: skip
    return folder


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(name="full", scope="module")
def _full(tmp_path_factory):
    """Valid, and full of what cells may hold."""
    return make(tmp_path_factory.mktemp("full") / f"re{C1}{BIDI}view", CELL, CELL)


@pytest.fixture(name="broken", scope="module")
def _broken(tmp_path_factory):
    """Full of what no cell may hold, so that everything is a problem to tell."""
    return make(tmp_path_factory.mktemp("broken") / f"re{ESCAPE}view", HOSTILE, HOSTILE)


def commands(tmp_path):
    """Every command, plain, as JSON, and with a hostile value in each of its options."""
    (tmp_path / "a.csv").write_text(
        f"yi,vi,{CELL},g\n0.1,0.02,{CELL},{CELL}\n0.3,0.03,b,{CELL}\n0.2,0.01,c,d\n", "utf-8"
    )
    (tmp_path / f"{C1}{BIDI}.csv").write_text(f"{HOSTILE}\n1\n", "utf-8")
    (tmp_path / "bad.csv").write_text(f"study_id,{CELL}\n{HOSTILE},{HOSTILE}\n", "utf-8")
    (tmp_path / "bad.md").write_text(f"{WORD} t(28) = 2.20, p = .063 {HOSTILE}", "utf-8")
    (tmp_path / "bad.json").write_text(json.dumps([{"title": HOSTILE, HOSTILE: 1}]))
    (tmp_path / "bad.toml").write_text("a = 1\nb = \x01", "utf-8")
    own = str(tmp_path / f"{C1}{BIDI}.csv")
    plain = [
        ["check"], ["list"], ["list", "--map"], ["list", "--columns", "all"], ["datasets"],
        ["show", f"s0{WORD}"], ["audit"], ["agreement"], ["agreement", "--disagreements"],
        ["adjudicate", "--list"], ["rob"], ["rob", "--tools"], ["rob", "--check"],
        ["recommend", "--modality", "MRI"], ["meta", "--outcome", "auc"],
        ["meta", "--outcome", "auc", "--by", "modality", "--also", "leave-one-out"],
        ["analyze", "--list"], ["analyze", "--figure", "3,6"],
        ["analyze", "--all", "--format", "csv"],
        ["report", "--section", "protocol,search,studies,risk_of_bias"], ["models"],
        ["add", "--from", "bad.csv"], ["add", "--from", "bad.json"], ["add", "--from", "bad.toml"],
        ["trust"], ["prisma"], ["prisma", "--export", "prisma.csv"],
        ["log"], ["undo", "--dry-run"], ["set", f"s0{WORD}", "auc=0.5", "--dry-run"],
        ["certainty"], ["certainty", "--write", "--dry-run"],
        ["dedupe"], ["dedupe", "--list"], ["dedupe", "--out", "records-once.csv"],
    ]  # fmt: skip
    options = [
        ["list", "--where", HOSTILE], ["list", "--columns", HOSTILE], ["list", "--sort", HOSTILE],
        ["list", "--format", HOSTILE], ["list", "--format", "csv", "--out", f"o{HOSTILE}"],
        ["show", HOSTILE], ["datasets", "--where", HOSTILE], ["remove", HOSTILE],
        ["analyze", "--figure", HOSTILE], ["analyze", "--selection", HOSTILE],
        ["meta", "--outcome", HOSTILE], ["meta", "--outcome", "auc", "--by", HOSTILE],
        ["meta", "--outcome", "auc", "--mods", HOSTILE],
        ["meta", "--outcome", "auc", "--method", HOSTILE],
        ["meta", "--outcome", "auc", "--also", HOSTILE],
        ["meta", "--outcome", "auc", "--test", HOSTILE],
        ["audit", "--verdict", HOSTILE], ["agreement", "--coders", HOSTILE],
        ["agreement", "--variable", HOSTILE], ["adjudicate", "--set", HOSTILE],
        ["adjudicate", "--set", f"s0{WORD}:auc={HOSTILE}", "--reason", HOSTILE, "--by", HOSTILE],
        ["adjudicate", "--undo", HOSTILE], ["rob", "--tool", HOSTILE], ["rob", "--weights", own],
        ["recommend", "--modality", HOSTILE], ["recommend", "--subject", HOSTILE],
        ["report", "--section", HOSTILE], ["report", "--theme", HOSTILE],
        ["report", "--date", HOSTILE],
        ["report", "--compare", HOSTILE, "--section", "protocol"],
        ["report", "--section", "protocol", "--out", f"{HOSTILE}.html"],
        ["set", HOSTILE, "auc=1"], ["set", f"s0{WORD}", HOSTILE], ["log", "--file", HOSTILE],
        ["set", f"s0{WORD}", f"{HOSTILE}=1"], ["set", f"s0{WORD}", f"auc={HOSTILE}"],
        ["set", f"s0{WORD}", "auc=1", "--file", HOSTILE], ["undo", HOSTILE],
        ["set", f"s0{WORD}", "year=2001", "--by", HOSTILE], ["log", "--study", HOSTILE],
        ["form", "--rows", HOSTILE], ["form", "--csv", f"o{HOSTILE}/f.csv"],
        ["screen", "--by", "Ann", "--decide", HOSTILE, "include"],
        ["screen", "--by", HOSTILE, "--clear", HOSTILE],
        ["screen", "--by", "Ann", "--order", HOSTILE],
        ["screen", "--progress", "--by", HOSTILE], ["screen", "--by", "Ann", "--stage", HOSTILE],
        ["link", "--list"], ["link", "--set", f"a={HOSTILE}", "--by", "Ann"],
        ["link", "--unlink", HOSTILE, "--by", HOSTILE], ["link", "--set", HOSTILE],
        ["code", "--list"], ["code", HOSTILE, "--by", "Ann", "--set", "auc=1"],
        ["code", f"s0{WORD}", "--by", HOSTILE, "--set", "auc=1"],
        ["code", f"s0{WORD}", "--by", "cy", "--set", f"remark={HOSTILE}"],
        ["adjudicate", "--agreed", "--dry-run"], ["adjudicate", "--agreed", "--coders", HOSTILE],
        ["export", f"o{HOSTILE}.ris"], ["export", f"o{HOSTILE}"],
        ["certainty", "--outcome", HOSTILE], ["checklist", "--kind", HOSTILE],
        ["certainty", "--outcome", "auc", "--set", f"{HOSTILE}=none", "--why", "x", "--dry-run"],
        ["certainty", "--outcome", "auc", "--set", f"imprecision={HOSTILE}", "--why", HOSTILE],
        ["certainty", "--outcome", "auc", "--set", "imprecision=none", "--why", HOSTILE,
         "--dry-run"],
        ["dedupe", "--set", HOSTILE], ["dedupe", "--set", f"a:b={HOSTILE}", "--by", "Ann"],
        ["dedupe", "--set", f"a:{HOSTILE}=same", "--by", HOSTILE], ["dedupe", "--undo", HOSTILE],
        ["dedupe", "--set", "a:b=same", "--by", "Ann", "--reason", HOSTILE],
        ["add", "--set", HOSTILE], ["add", "--set", f"{HOSTILE}=1"],
        ["add", "--set", f"title={HOSTILE}"],
        ["add", "--from", f"{HOSTILE}.xlsx"], [HOSTILE], ["list", f"--{HOSTILE}"],
    ]  # fmt: skip
    alone = [
        ["check", HOSTILE], ["models", HOSTILE], ["dedupe", HOSTILE],
        ["init", f"new{HOSTILE}", "--title", HOSTILE],
        ["init", "other", "--from", HOSTILE], ["bench", "--images", HOSTILE],
        ["bench", "--images", ".", "--tl", HOSTILE], ["bench", "--images", ".", "--lr", HOSTILE],
        ["meta", "--csv", "a.csv"], ["meta", "--csv", "a.csv", "--labels", CELL],
        ["meta", "--csv", "a.csv", "--by", "g", "--show", CELL], ["meta", "--csv", own],
        ["audit", "--csv", own], ["audit", "--csv", "bad.csv"], ["trust", HOSTILE],
        ["audit", "--text", "bad.md"],
        ["trust", "--list"], ["trust", HOSTILE, "--revoke"], ["prisma", "--from", own],
        ["prisma", "--from", HOSTILE],
        ["serve", HOSTILE], ["serve", "--port", HOSTILE], ["serve", f"--{HOSTILE}"],
        ["import", HOSTILE], ["import", own], ["import", "bad.csv"],
    ]  # fmt: skip
    return [*plain, *options], alone


@pytest.mark.parametrize("which", ["full", "broken"])
def test_no_command_prints_what_a_terminal_obeys(run, tmp_path, request, which):
    folder = request.getfixturevalue(which)
    with_review, alone = commands(tmp_path)
    cases = [[*c, "--review", folder] for c in with_review if c[0] not in {"trust", HOSTILE}]
    cases += [
        [*c, folder] if c == ["trust"] else c for c in with_review if c[0] in {"trust", HOSTILE}
    ]
    cases += alone if which == "full" else []
    parsed = 0
    for case in cases:
        done = run(*case)
        assert not unsafe(done.out), (case, unsafe(done.out))
        assert not unsafe(done.err), (case, unsafe(done.err))
        assert done.code in {0, 1, 2}, case
        told = run(*case, "--json")
        assert not unsafe(told.out + told.err), case
        if told.out:
            json.loads(told.out)
            parsed += 1
    assert parsed > (20 if which == "full" else 4)


def test_every_command_is_tried(tmp_path):
    import typer

    from review.cli.main import app

    with_review, alone = commands(tmp_path)
    tried = {case[0] for case in [*with_review, *alone]}
    assert set(typer.main.get_command(app).commands) <= tried


def test_json_holds_the_texts_as_they_are(run, full):
    (study, *_) = json.loads(run("list", "--columns", "all", "--review", full, "--json").out)
    assert study["first_author"] == CELL
    checked = json.loads(run("check", "--review", full, "--json").out)
    assert checked["title"] == CELL
    assert checked["ok"], checked["problems"]


def test_questions_are_clean_too(run, full, tmp_path):
    import shutil

    copy = shutil.copytree(full, tmp_path / "copy")
    for command in ("add", "adjudicate"):
        done = run(command, "--review", copy, stdin="\n".join([HOSTILE, *"abcdefgh"] * 9))
        assert len(done.err) > 200
        assert not unsafe(done.out + done.err)


def test_a_template_is_data_and_stays_as_it_is(run, full):
    done = run("rob", "--tool", CELL, "--template", "--review", full)
    assert f"s0{WORD}" in done.out


def test_a_coloured_table_holds_no_other_commands(monkeypatch, capsys):
    from review.cli.common import print_table

    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    print_table(
        [f"[bold]{HOSTILE}", "[/nothing]"], [[HOSTILE, "[link=https://example.org]a[/link]"]]
    )
    out = capsys.readouterr().out
    assert "[/nothing]" in out
    assert "[link=" in out
    assert not unsafe(re.sub(r"\x1b\[[0-9;]*m", "", out))


@pytest.mark.parametrize("coding", ["ascii", "cp1252", "utf-8"])
def test_streams_that_lack_signs_are_no_obstacle(full, coding):
    environment = {**os.environ, "PYTHONIOENCODING": coding, "PYTHONUTF8": "0"}
    for arguments in (["list", "--map", "-r", "kim2022"], ["list", "-r", full],
                      ["list", "--columns", "title", "-r", full, "--json"],
                      ["audit", "-r", "kim2022", "--failed"],
                      ["check", b"\xff"]):  # fmt: skip
        command = [sys.executable, "-c", "from review.cli.main import main; main()", *arguments]
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
        assert done.returncode in {0, 1, 2}, (arguments, done.stderr)
        # a stream of ASCII is taken for one that was set up wrongly, and gets UTF-8
        text = done.stdout.decode("utf-8" if coding == "ascii" else coding)
        assert not unsafe(text)
        if "--json" in arguments:
            assert json.loads(text)[0]["title"] == f"{CELL} 0"


def test_warnings_and_defects_are_said_in_clean_text(run, monkeypatch, capsys):
    import warnings

    from review.cli import main

    main._say_warning(UserWarning(HOSTILE))
    assert not unsafe(capsys.readouterr().err)

    def fail(*_):
        raise KeyError(HOSTILE)

    for debug in ("", "1"):
        monkeypatch.setenv("REVIEW_DEBUG", debug)
        monkeypatch.setattr("review.workflow.coding.listing.study_rows", fail)
        with pytest.raises(SystemExit) as stopped, warnings.catch_warnings():
            main.main(["list", "-r", "kim2022"])
        assert stopped.value.code == 70
        err = capsys.readouterr().err
        assert not unsafe(err)
        assert ("Traceback" in err) == bool(debug)

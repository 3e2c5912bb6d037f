"""No command writes over a file of a review: options that name a place, and calls that write."""

from __future__ import annotations

import ast
import os
import shutil
import typing
from pathlib import Path

import pytest

import review
from review.cli.main import app
from review.project import open_review
from review.resources import resource_dir
from review.workflow.records.duplicate_review import dedupe

PACKAGE = Path(review.__file__).parent
posix = pytest.mark.skipif(os.name != "posix", reason="symbolic links")

# each command that writes results, with options that make it write all that it can
COMMANDS = {
    "list": ["list", "--format", "csv,json,html,xlsx", "--out"],
    "datasets": ["datasets", "--format", "csv,json,html", "--out"],
    "analyze": ["analyze", "--figure", "4", "--format", "html,csv,json", "--out"],
    "models": ["models", "--format", "csv,json", "--out"],
    "meta": ["meta", "--outcome", "auc", "--format", "csv,json", "--out"],
    "audit": ["audit", "--out"],
    "agreement": ["agreement", "--bootstrap", "0", "--out"],
    "rob": ["rob", "--format", "csv,json", "--out"],
    "bench": ["bench", "--images", ".", "--out"],
    "report": ["report", "--section", "protocol", "--out"],
    "prisma": ["prisma", "--export"],
    "form": ["form", "--csv"],
    "dedupe": ["dedupe", "--out"],
    "checklist": ["checklist", "--out"],
}
TO_A_FILE = {"report", "prisma", "form", "dedupe", "checklist"}  # the others write into a folder
# the options that name a place to write to, and those that name something to read
WRITTEN = {(name, line[-1].strip("-")) for name, line in COMMANDS.items()} | {("init", "folder")}
WRITTEN |= {("form", "excel"), ("form", "json_schema")}  # as --csv; see test_cli_form
WRITTEN |= {("export", "path")}  # see test_export_records
WRITTEN |= {("audit", "template")}  # never over a file that is there; see test_audit_template
READ = {
    ("add", "source"), ("adjudicate", "source"), ("audit", "csv"), ("audit", "text"),
    ("bench", "images"),
    ("import", "files"), ("meta", "csv"), ("prisma", "source"), ("rob", "weights"),
}  # fmt: skip


def test_every_option_that_names_a_place_is_tried_or_only_read():
    named = {
        (command.name, option)
        for command in app.registered_commands
        for option, hint in typing.get_type_hints(command.callback, include_extras=True).items()
        if "pathlib" in str(hint)
    }
    assert named == WRITTEN | READ


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory):
    """A part of kim2022 with risk-of-bias assessments, which no test here may change."""
    folder = tmp_path_factory.mktemp("out") / "kim"
    shutil.copytree(resource_dir("data") / "kim2022", folder)
    (folder / "codings" / "adjudication.csv").unlink()
    kept = None
    for name in ("studies.csv", "results.csv", "codings/coder1.csv", "codings/coder2.csv"):
        header, *lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = kept or {line.split(",")[0] for line in lines[:30]}
        text = header + "".join(line for line in lines if line.split(",")[0] in kept)
        (folder / name).write_text(text, encoding="utf-8")
    rows = ["study_id,tool,domain,kind,judgement,rationale,assessor"]
    rows.append("abubakar2020burns,QUADAS-2,patient_selection,bias,low,consecutive,Lee")
    (folder / "risk_of_bias.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "records.csv").write_text("record_id,title\na,Burns\nb,Caries\n", encoding="utf-8")
    dedupe(open_review(folder))  # its own file is there before the test begins
    return folder


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def targets(folder, tmp_path):
    """Return places for results that are places of the review, in other words each."""
    (tmp_path / "link").symlink_to(folder)
    out = tmp_path / "out"
    out.mkdir()
    for name in ("studies.csv", "datasets.csv", "codebook.toml"):
        (out / name).symlink_to(folder / name)
    (out / "report.html").symlink_to(folder / "studies.csv")
    return [".", "Codings", "templates/new", tmp_path / "link", out]


@posix
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_changes_a_file_of_the_review_that_it_reads(
    command, folder, tmp_path, run, monkeypatch
):
    before = files(folder)
    monkeypatch.chdir(folder)
    for out in targets(folder, tmp_path):
        where = [f"{out}/studies.csv", f"{out}/report.html"] if command in TO_A_FILE else [out]
        for one in where:
            done = run(*COMMANDS[command], one)
            if out in {"Codings", "templates/new"}:
                assert done.code == 2, (command, one)
                assert command == "report" or "a file of the review kim" in done.err
            after = files(folder)
            if command != "bench" and out == ".":  # it did write, or was kept from it
                kept = "would write over" in done.err or "ends in .csv" in done.err
                assert kept or len(after) > len(before)
            assert {name: after.pop(name, None) for name in before} == before, (command, one)
            for name in after:  # results beside the review
                (folder / name).unlink()
    assert not (folder / "Codings").exists()
    assert not (folder / "templates").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_changes_a_file_of_another_review(command, folder, new_review, run, monkeypatch):
    monkeypatch.chdir(folder)
    (new_review / "codings").mkdir()
    before = files(new_review)
    out = new_review / ("studies.csv" if command in TO_A_FILE else "codings")
    done = run(*COMMANDS[command], out)
    assert done.code == 2
    assert "a file of the review mine" in done.err
    assert files(new_review) == before


@pytest.mark.parametrize("command", ["list", "datasets"])
def test_results_that_are_called_as_tables_are_refused_in_a_review(
    command, folder, run, monkeypatch
):
    monkeypatch.chdir(folder)
    done = run(command, "--format", "csv", "--out", ".")
    assert done.code == 2
    assert "would write over a file of the review kim" in done.err
    assert "choose another place" in done.err


@pytest.mark.parametrize("there", [b"my notes", b"study_id,title\n", b"\x00\x01"])
def test_a_report_is_not_written_over_something_else(there, folder, run, tmp_path):
    path = tmp_path / "notes.md"
    path.write_bytes(there)
    done = run("report", "--review", folder, "--section", "protocol", "--out", path)
    assert done.code == 2
    assert "is there and is no report" in done.err
    assert path.read_bytes() == there
    path.write_bytes(b"")
    for _ in range(2):
        assert run("report", "--review", folder, "--section", "protocol", "--out", path).code == 0


@pytest.mark.parametrize("command", ["audit", "meta"])
def test_a_csv_file_that_is_read_is_not_written_over(command, run, tmp_path):
    name = {"audit": "audit.csv", "meta": "meta-data-forest.csv"}[command]
    data = "k,n,percent\n57,121,47\n" if command == "audit" else "yi,vi\n0.1,0.04\n0.2,0.05\n"
    (tmp_path / name).write_text(data)
    if command == "meta":
        (tmp_path / "data.csv").symlink_to(name)
    source = tmp_path / ("data.csv" if command == "meta" else name)
    options = ["--format", "csv"] if command == "meta" else []
    done = run(command, "--csv", source, *options, "--out", tmp_path)
    assert (tmp_path / name).read_text() == data
    assert done.code == 2
    assert "which this command reads" in done.err


# ---- nothing writes past the two modules that do

WRITERS = {
    "project/storage.py", "project/journal.py", "project/write.py", "project/lock.py",
    "project/trusted.py",  # makes the user's own folder for settings
    "report/revision.py",  # fills a temporary folder
    "report/pdf.py",  # the same, for the browser that prints
    "web/import_page.py",  # the same, for the export that was sent
    "workflow/coding/init.py",  # makes a new folder, and takes it away when that fails
}  # fmt: skip
OS_CALLS = {
    "open", "write", "replace", "rename", "renames", "link", "symlink", "unlink", "remove", "mkdir",
    "makedirs", "rmdir", "removedirs", "truncate", "chmod", "chown", "utime",
}  # fmt: skip
SHUTIL_CALLS = {
    "copy",
    "copy2",
    "copyfile",
    "copyfileobj",
    "copytree",
    "move",
    "rmtree",
    "copystat",
}
METHODS = {
    "write_text", "write_bytes", "touch", "mkdir", "rmdir", "unlink", "symlink_to", "hardlink_to",
    "rename", "chmod", "to_csv", "to_excel", "savefig", "write_html", "write_image", "write_json",
    "savetxt",
}  # fmt: skip


def writes(path):
    """Yield the calls of a module that change the disk."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = getattr(function, "attr", None) or getattr(function, "id", "")
        owner = getattr(getattr(function, "value", None), "id", "")
        modes = [a.value for a in [*node.args[:2], *(k.value for k in node.keywords)]
                 if isinstance(a, ast.Constant) and isinstance(a.value, str)]  # fmt: skip
        if owner == "os" and name in OS_CALLS - {"open"}:
            yield node.lineno, f"os.{name}"
        elif owner == "shutil" and name in SHUTIL_CALLS:
            yield node.lineno, f"shutil.{name}"
        elif owner != "os" and name in METHODS:
            yield node.lineno, name
        elif name == "open" and any(set(m) & set("wax+") and len(m) < 4 for m in modes):
            yield node.lineno, "open to write"


def test_every_file_is_written_by_the_layer_that_guards_the_reviews():
    found = [
        f"{path.relative_to(PACKAGE).as_posix()}:{line}: {what}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() not in WRITERS and "_resources" not in path.parts
        for line, what in writes(path)
    ]
    assert found == []


def test_that_search_finds_what_writes():
    known = {what for name in WRITERS for _, what in writes(PACKAGE / name)}
    assert {"os.replace", "os.write", "os.link", "mkdir", "unlink", "shutil.rmtree"} <= known

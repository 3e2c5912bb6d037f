"""A report against an older one: what is new, gone, changed and moved."""

from __future__ import annotations

import csv
import shutil
import subprocess

import pytest

from review.errors import DataError, InputError
from review.project import open_review
from review.report import build_report
from review.report.blocks import Estimate
from review.report.changes_between import TRACKED, compare, seen, shown
from review.report.sections import changes_section

BLOCK = '<script type="application/json" id="report-data">{}</script>'
SECTIONS = ["protocol", "studies", "meta", "flow"]


@pytest.fixture(name="folder")
def _folder(full_folder, tmp_path):
    return shutil.copytree(full_folder, tmp_path / "full")


@pytest.fixture(name="old")
def _old(folder, tmp_path):
    path = tmp_path / "old.html"
    path.write_bytes(build_report(open_review(folder), sections=SECTIONS).html)
    return path


def edit(folder):
    """Add a study with a result, remove one, change one."""
    lines = (folder / "studies.csv").read_text().splitlines(keepends=True)
    header = lines[0].strip().split(",")
    new = dict.fromkeys(header, "") | {
        "study_id": "new2027", "first_author": "New", "year": "2027", "title": "A new study",
    }  # fmt: skip
    gone = lines.pop(10)
    changed = lines[5].split(",")
    assert changed[header.index("subject")] in {"lung", "skin", "nervous_system"}
    changed[header.index("subject")] = "kidney"
    lines[5] = ",".join(changed)
    lines.append(",".join(new[h] for h in header) + "\n")
    (folder / "studies.csv").write_text("".join(lines))
    identifier = gone.split(",")[0]
    for name in ("results.csv", "risk_of_bias.csv", "codings/ann.csv", "codings/bo.csv",
                 "codings/cy.csv"):  # fmt: skip
        kept = [
            line
            for line in (folder / name).read_text().splitlines(keepends=True)
            if not line.startswith(identifier)
        ]
        (folder / name).write_text("".join(kept))
    with (folder / "results.csv").open(newline="") as file:
        header = next(csv.reader(file))
    stated = {"study_id": "new2027", "role": "headline", "metric": "accuracy", "value": "0.55",
              "n_test": "400"}  # fmt: skip
    with (folder / "results.csv").open("a") as file:
        file.write(",".join(stated.get(column, "") for column in header) + "\n")
    return identifier, changed[0]


def check(changes, removed, changed):
    assert changes.new == (("new2027", "New 2027"),)
    assert [i for i, _ in changes.removed] == [removed]
    (cells,) = [c.cells for c in changes.changed]
    assert [c.study_id for c in changes.changed] == [changed]
    assert [(name, now) for name, _, now in cells] == [("subject", "kidney")]
    moved = {m.now.key: m for m in changes.moved}
    assert "meta.accuracy.pooled" in moved
    assert moved["meta.accuracy.pooled"].difference != 0


def test_nothing_changed(folder, old):
    report = build_report(open_review(folder), sections=SECTIONS, compare=str(old))
    assert not report.changes
    assert "nothing changed since" in "\n".join(report.changes.lines())


def test_studies_and_estimates_that_changed_are_found(folder, old, parse):
    removed, changed = edit(folder)
    report = build_report(
        open_review(folder), sections=[*SECTIONS, "changes"], compare=str(old), date="2027-02-01"
    )
    check(report.changes, removed, changed)
    assert [s.name for s in report.sections][:2] == ["protocol", "changes"]
    text = " ".join(e["text"] for e in parse(report).all("section"))
    assert "1 new, 1 removed and 1 changed studies" in text
    lines = "\n".join(report.changes.lines())
    assert "new2027 (New 2027)" in lines
    assert "moved estimates" in lines
    assert report.to_dict()["changes"]["new"] == (("new2027", "New 2027"),)


def git(folder, *arguments):
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("inside", [".", "reviews/mine"])
def test_a_revision_of_the_folder_is_compared_with(folder, tmp_path, inside):
    repository = tmp_path / "repository"
    review = repository / inside
    shutil.copytree(folder, review)
    git(repository, "init", "-q")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "first")
    removed, changed = edit(review)
    report = build_report(open_review(review), sections=[*SECTIONS, "changes"], compare="HEAD")
    check(report.changes, removed, changed)
    assert "revision HEAD" in report.changes.since


@pytest.mark.parametrize(
    "name", ["no-such-revision", "--output=/tmp/x", "-h", "HEAD; echo", "old report.html"]
)
def test_what_is_neither_report_nor_revision_is_refused(folder, name):
    git(folder, "init", "-q")
    with pytest.raises(InputError, match="--compare"):
        build_report(open_review(folder), sections=["protocol"], compare=name)


def test_no_program_that_a_repository_names_runs(folder, tmp_path):
    """Filters, a file monitor and a way to fetch stand in the settings of a repository."""
    git(folder, "init", "-q")
    (folder / "analysis").mkdir()
    (folder / "analysis/figure_x.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w')")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    (folder / ".gitattributes").write_text("* filter=own\n*.toml export-subst\n")
    git(folder, "add", ".gitattributes")
    git(folder, "commit", "-q", "-m", "second")
    program = f"touch {tmp_path / 'mark'}; cat"
    for name, value in (("filter.own.smudge", program), ("filter.own.process", program),
                        ("core.fsmonitor", program), ("core.pager", program),
                        ("core.sshCommand", program), ("tar.tar.command", program)):  # fmt: skip
        git(folder, "config", name, value)
    (folder / ".gitattributes").write_text("")
    removed, changed = edit(folder)
    report = build_report(open_review(folder), sections=[*SECTIONS, "changes"], compare="HEAD")
    check(report.changes, removed, changed)
    assert not (tmp_path / "mark").exists()


def test_links_of_a_revision_stay_in_the_folder(folder, tmp_path):
    (folder / "tables").mkdir()
    (folder / "studies.csv").rename(folder / "tables/studies.csv")
    (folder / "studies.csv").symlink_to("tables/studies.csv")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    report = build_report(open_review(folder), sections=["studies", "changes"], compare="HEAD")
    assert not report.changes
    (tmp_path / "away.csv").write_text("study_id,title\nx,SECRET\n")
    (folder / "results.csv").unlink()
    (folder / "results.csv").symlink_to(tmp_path / "away.csv")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "second")
    (folder / "results.csv").unlink()
    with pytest.raises(InputError, match=r"results\.csv was a link out of the folder"):
        build_report(open_review(folder), sections=["studies", "changes"], compare="HEAD")


def test_a_folder_without_git_says_so(folder):
    with pytest.raises(InputError, match="neither a report file nor a git revision"):
        build_report(open_review(folder), sections=["protocol"], compare="HEAD")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html></html>", "no data block"),
        (BLOCK.format("{"), "broken"),
        (BLOCK.format("[]"), "format"),
        (BLOCK.format('{"format":"x/9"}'), "x/9"),
        (BLOCK.format('{"format":"review-report/1"}'), "incomplete"),
    ],
)
def test_a_file_that_is_no_report_is_refused(folder, tmp_path, text, said):
    path = tmp_path / "other.html"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        build_report(open_review(folder), sections=["protocol"], compare=str(path))


def test_an_estimate_is_shown_with_its_interval():
    assert shown(Estimate("k", "l", None)) == "not defined"
    assert shown(Estimate("k", "l", 0.5, 0.25, 0.75, 1234)) == "0.5 [0.25, 0.75], n = 1,234"


def test_sections_that_only_one_report_shows_are_not_compared(folder, tmp_path):
    old = tmp_path / "old.html"
    old.write_bytes(build_report(open_review(folder), sections=["studies"]).html)
    report = build_report(open_review(folder), sections=["studies", "meta"], compare=str(old))
    assert not report.changes


def test_the_tracked_sections_are_those_with_estimates(full_report):
    assert {s.name for s in full_report.sections if s.estimates} == set(TRACKED)


def data_of(value, low, high, *, null=1.0, date="", **more):
    """A data block with one pooled estimate."""
    estimate = Estimate("meta.x.pooled", "Pooled x", value, low, high, 9, null)
    return {
        "title": "T", "date": date, "sections": ["meta"],
        "studies": {"columns": ["study_id"], "rows": [["a"]], "labels": ["A"]},
        "estimates": {"meta": [estimate.to_dict()]}, **more,
    }  # fmt: skip


def test_what_changes_beyond_the_digits_shown_has_not_moved():
    before = data_of(0.51234, 0.3, 0.8)
    # half a unit of the last of four digits is 0.00005
    assert not compare(before, data_of(0.512389, 0.3, 0.8)).moved
    assert not compare(before, data_of(0.51234, 0.30004, 0.8)).moved
    assert compare(before, data_of(0.51240, 0.3, 0.8)).moved
    assert compare(before, data_of(0.51234, 0.3, 0.801)).moved


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ((0.7, 0.4, 1.2), "below no effect before, compatible with no effect now"),
        ((1.9, 1.2, 2.8), "below no effect before, above no effect now"),
        ((0.6, 0.4, 0.9), ""),
    ],
)
def test_a_conclusion_that_flips_is_named(now, said):
    changes = compare(data_of(0.5, 0.3, 0.8), data_of(*now))
    assert changes.flips == ((f"Pooled x: {said}",) if said else ())
    assert ("conclusions that changed" in "\n".join(changes.lines())) == bool(said)
    assert not compare(data_of(0.5, 0.3, 0.8, null=None), data_of(*now, null=None)).flips


def test_versions_are_remembered_from_report_to_report():
    first = data_of(0.5, 0.3, 0.8, date="2024-01-01")
    second = data_of(0.6, 0.4, 0.9, date="2025-01-01")
    second["history"] = list(compare(first, second).history)
    third = data_of(0.7, 0.5, 1.1, date="2026-01-01")
    changes = compare(second, third)
    assert [v["date"] for v in changes.history] == ["2024-01-01", "2025-01-01"]
    section = changes_section.build(changes, seen(third))
    (plot,) = [b for b in section.blocks if b.kind == "plot"]
    assert [r[1].text for r in plot.table.rows] == ["0.5", "0.6", "0.7"]
    assert plot.svg.count("<circle") == 3
    notices = [b.text for b in section.blocks if b.kind == "notice"]
    assert notices == [("The conclusion is another one. Pooled x: below no effect before, "
                       "compatible with no effect now.")]  # fmt: skip


def test_a_history_that_is_broken_is_refused(folder, old):
    html = old.read_text("utf-8").replace('"format":', '"history":[{"date":1}],"format":', 1)
    old.write_text(html, "utf-8")
    with pytest.raises(DataError, match="incomplete"):
        build_report(open_review(folder), sections=["meta"], compare=str(old))


def test_the_log_is_told_day_by_day(folder):
    from review.project.set_cells import set_cells

    study = open_review(folder).studies[3].study_id
    set_cells(open_review(folder), study, {"note": "seen"}, who="Ann")
    (section,) = build_report(open_review(folder), sections=["log"]).sections
    (row,) = section.blocks[1].rows
    assert [c.text for c in row[1:]] == ["1", "studies", study]
    assert "log" in {s.name for s in build_report(open_review(folder)).sections}

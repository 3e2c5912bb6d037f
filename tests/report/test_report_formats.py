"""The report as Word, Markdown and visual abstract: the same blocks, nothing else."""

from __future__ import annotations

import io
import itertools
import json
import re
from xml.etree import ElementTree as ET

import pytest

from review.errors import InputError, MissingExtraError
from review.project import open_review
from review.report import block_pictures, build_report, word_file
from review.report.blocks import Link, Section, text
from review.report.markdown_file import escape, markdown_file
from review.report.report_files import parse_report_formats, report_files, report_paths
from review.report.results import Results, honest
from review.report.visual_abstract import visual_abstract
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import MetaInput

SECTIONS = ["summary", "protocol", "studies", "meta", "declarations", "references"]
# a picture of one point, as small as PNG allows
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364"
    "f80f00010501012718e3660000000049454e44ae426082"
)


@pytest.fixture(scope="module", name="report")
def _report(full_folder):
    return build_report(open_review(full_folder), sections=SECTIONS)


@pytest.fixture(scope="module", name="document")
def _document(report):
    import docx

    plots = {"glance": PNG}
    made = word_file.word_file(report.data["title"], report.subtitle, report.sections, plots)
    assert made == word_file.word_file(
        report.data["title"], report.subtitle, report.sections, plots
    )
    return docx.Document(io.BytesIO(made))


def test_word_has_its_own_headings_tables_and_pictures(report, document):
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == [s.title for s in report.sections]
    assert len(document.inline_shapes) == 1
    described = document.inline_shapes[0]._inline.docPr.get("descr")
    assert "studies and average" in described or "against the amount" in described
    words = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert "<script>alert(1)</script>" in words
    assert "A <u>fund</u>, without a part in it." in words
    addresses = {r.target_ref for r in document.part.rels.values() if r.is_external}
    assert "https://doi.org/10.1234/study.1" in addresses


def test_word_repeats_the_heads_of_tables(document):
    rows = [r for t in document.tables for r in t.rows if "tblHeader" in r._tr.xml]
    assert rows
    assert all(cell.paragraphs[0].runs[0].bold for row in rows for cell in row.cells if cell.text)


def test_markdown_holds_the_same_words_and_no_markup_of_theirs(report):
    made = markdown_file("A *title*", "b", report.sections, "figures", ["glance.svg"]).decode()
    assert made.startswith("# A \\*title\\*\n")
    assert list(re.findall(r"^## (.*)$", made, re.MULTILINE)) == [s.title for s in report.sections]
    assert re.search(r"!\[.*\]\(figures/glance\.svg\)", made)
    assert "\\<script\\>alert(1)\\</script\\>" in made
    assert "<script" not in made.replace("\\<script", "")
    assert "](<https://doi.org/10.1234/study.1>)" in made
    tables = re.findall(r"(?:^\|.*\|$\n?)+", made, re.MULTILINE)
    for table in tables:
        columns = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(columns) == 1, table


@pytest.mark.parametrize(
    ("plain", "written"),
    [("a|b", "a\\|b"), ("1. x", "1\\. x"), ("- x", "\\- x"), ("a\nb", "a b"), ("# h", "\\# h")],
)
def test_text_stays_text_in_markdown(plain, written):
    assert escape(plain) == written


def test_blanks_around_links_stay():
    section = Section("a", "A", (text("see ", Link("it", "https://a.org"), " ", Link("b", "#b")),))
    assert "see [it](<https://a.org>) b" in markdown_file("t", "s", [section], "f", []).decode()


def test_pictures_that_no_browser_draws_are_named_and_described(report, monkeypatch, tmp_path):
    from review.plots.image import NoBrowserError

    def none(*_):
        error = NoBrowserError("no browser")
        error.partial = {}
        raise error

    monkeypatch.setattr("review.plots.image.images", none)
    found = report_files(report, {"docx": tmp_path / "a.docx", "md": tmp_path / "b.md"})
    assert [said.rsplit(": ")[-1] for said in found.remarks] == ["no browser"] * 2
    assert set(found.files) == {tmp_path / "a.docx", tmp_path / "b.md"}
    glance = next(b for b in report.sections[0].blocks if b.kind == "plot")
    assert escape(glance.alt) in found.files[tmp_path / "b.md"].decode()


def test_drawings_need_no_browser(report):
    found, why = block_pictures.block_pictures(report.sections[:1], "svg")
    assert list(found) == ["glance"]
    assert not why


def test_word_without_its_library_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'review-analytics\[word\]'"):
        word_file.check_word()


def test_formats_follow_the_name_of_the_file(tmp_path):
    assert parse_report_formats([], None) == ("html",)
    assert parse_report_formats(["md,PDF"], None) == ("md", "pdf")
    assert parse_report_formats([], tmp_path / "a.docx") == ("docx",)
    with pytest.raises(InputError, match="format md"):
        parse_report_formats(["html"], tmp_path / "a.md")
    paths = report_paths(tmp_path / "x", ("html", "md"), tmp_path / "y.html")
    assert paths == {"html": tmp_path / "y.html", "md": tmp_path / "y.md"}
    assert report_paths(tmp_path / "x", ("html",), tmp_path / "page") == {"html": tmp_path / "page"}


def test_the_command_writes_markdown_and_never_over_other_files(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ("report", "-r", "wang2021", "--section", "summary", "--out", "a.md", "--json")
    done = run(*arguments)
    assert json.loads(done.out)["files"] == ["a.md"]
    assert (tmp_path / "a-figures/glance.svg").is_file()
    assert run(*arguments).code == 0
    (tmp_path / "a.md").write_text("# My own notes\n")
    done = run(*arguments)
    assert done.code == 2
    assert "is no report" in done.err
    assert (tmp_path / "a.md").read_text() == "# My own notes\n"


def test_files_do_not_tell_of_what_a_page_alone_can_do(report, document):
    made = markdown_file("t", "", report.sections, "figures", ()).decode()
    read = "\n".join(p.text for p in document.paragraphs)
    for said in (made, read):
        assert "its name leads to the source" in said
        assert not re.search(r"Headings sort|search and filter|downloads", said)
    assert "Headings sort" in report.html.decode()


@pytest.mark.parametrize("name", ["kim2022", "full"])
def test_the_visual_abstract_is_one_drawing_whose_text_stays_inside(name, full_folder):
    review = open_review(full_folder if name == "full" else name)
    root = ET.fromstring(visual_abstract(Results(review)))
    assert (root.attrib["width"], root.attrib["height"]) == ("1200", "675")
    space = "{http://www.w3.org/2000/svg}"
    lines = root.findall(f"{space}text")
    assert lines
    for line in lines:
        x, y = (float(line.attrib[k]) for k in ("x", "y"))
        # a size that most lines share stands once, at the drawing itself
        size = float(line.attrib.get("font-size", root.attrib["font-size"]))
        # half a letter's height is the least that a letter is wide, on average
        assert x + 0.5 * size * len(line.text) <= 1200, line.text
        assert size <= y <= 675
    # no two lines of the same column lie on each other
    for column in {line.attrib["x"] for line in lines}:
        ys = sorted(float(e.attrib["y"]) for e in lines if e.attrib["x"] == column)
        assert all(b - a >= 12 for a, b in itertools.pairwise(ys))
    assert "var(" not in ET.tostring(root).decode()
    assert len(root.findall(f"{space}svg")) == 1


def test_the_command_writes_the_visual_abstract(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("report", "-r", "wang2021", "--abstract")
    assert done.out == "wrote wang2021-abstract.svg\n"
    assert (tmp_path / "wang2021-abstract.svg").read_bytes().startswith(b"<?xml")


def test_a_factor_below_one_is_kept_at_one_and_said():
    # effects that agree far more closely than their variances would have it
    rows = MetaInput("", "", None, {"yi": [0.50, 0.51, 0.52, 0.50], "vi": [0.2] * 4},
                     list("abcd"), {})  # fmt: skip
    run = run_meta(rows)
    assert run.result.test == "knha"
    assert run.result.s2w < 1
    kept = honest(run)
    assert kept.result.test == "adhoc"
    assert kept.result.s2w == 1
    assert kept.result.ci_ub[0] - kept.result.ci_lb[0] > run.result.ci_ub[0] - run.result.ci_lb[0]
    assert "the factor was kept at 1" in kept.notes[0]
    apart = MetaInput("", "", None, {"yi": [0.1, 0.9, -0.4, 1.2], "vi": [0.02] * 4}, list("abcd"),
                      {})  # fmt: skip
    wide = run_meta(apart)
    # with equal variances the factor is 1, whatever rounding makes of it
    assert wide.result.s2w == pytest.approx(1)
    assert honest(wide) is wide

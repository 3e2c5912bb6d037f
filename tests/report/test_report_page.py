"""What the bytes of a report hold: all sections, only known scripts, text as text."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest

from review.errors import DataError, UnknownNameError
from review.project import open_review
from review.report import build_report
from review.report.sections import LAST, NAMES

PACKED = "packed-plotly"
QUICK = ["protocol", "search", "studies", "missing", "checklist", "provenance", "references"]


def scripts(page):
    """Scripts that run, and blocks of data."""
    found = page.all("script")
    data = [e for e in found if e["attributes"].get("type") == "application/json"]
    packed = [e for e in found if e["attributes"].get("id") == PACKED]
    others = [e for e in found if e not in data and e not in packed]
    return [e["text"] for e in others], [e["text"] for e in data]


def unpacked(page):
    """The library, which the page runs as a script once it has unpacked it."""
    (text,) = [e["text"] for e in page.all("script") if e["attributes"].get("id") == PACKED]
    return gzip.decompress(base64.b64decode(text)).decode()


def policy(page):
    return next(
        e["attributes"]["content"]
        for e in page.all("meta")
        if e["attributes"].get("http-equiv") == "Content-Security-Policy"
    )


def test_all_sections_stand_in_order(full_report, parse):
    page = parse(full_report)
    names = [e["attributes"]["id"] for e in page.all("section")]
    assert names == [*NAMES, *LAST] == [s.name for s in full_report.sections]
    assert all(s.has_data for s in full_report.sections)
    assert full_report.lacking == ()


def test_sections_without_data_are_left_to_the_authors(new_review):
    report = build_report(open_review(new_review))
    assert all(s.has_data for s in report.sections)
    shown = {s.title for s in report.sections}
    assert {"Search strategy", "Meta-analyses", "Risk of bias"} <= set(report.lacking)
    assert not shown & set(report.lacking)
    assert any("searches.csv" in said for said in report.remarks)
    assert "TODO" not in report.html.decode()
    assert str(new_review) not in report.html.decode() + str(report.remarks)


def test_a_section_that_is_asked_for_says_what_is_lacking(new_review, parse):
    wanted = ["search", "studies", "correlations", "meta", "risk_of_bias", "agreement", "audit"]
    report = build_report(open_review(new_review), sections=wanted)
    assert sorted(s.name for s in report.sections) == sorted(wanted)
    page = parse(report)
    notices = [e["text"] for e in page.all("p") if e["attributes"].get("class") == "notice empty"]
    assert len(notices) == len(wanted)


def test_the_policy_allows_exactly_the_scripts_of_the_page_and_no_address(full_report, parse):
    page = parse(full_report)
    running, _ = scripts(page)
    running.append(unpacked(page))
    hashes = {
        "'sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() + "'"
        for s in running
    }
    rules = dict(rule.strip().split(" ", 1) for rule in policy(page).split(";"))
    assert set(rules["script-src"].split()) == hashes
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules
    assert not re.search(r"https?:", policy(page))


def test_text_of_studies_stays_text(full_report, parse):
    page = parse(full_report)
    running, data = scripts(page)
    assert len(running) == 1
    assert not any("alert(" in script for script in running)
    assert not page.all("img", "iframe", "object", "embed", "link", "base", "form")
    assert not [k for e in page.elements for k in e["attributes"] if k.startswith("on")]
    cells = [e["text"] for e in page.all("td")]
    assert "<script>alert(1)</script>" in cells
    assert any("line one" in block for block in data)
    for block in data:
        json.loads(block)
    assert "{{ 7 * 7 }}" in full_report.html.decode()


def test_links_lead_to_the_web_or_stay_inside(full_report, kim_report, parse):
    for report in (full_report, kim_report):
        page = parse(report)
        addresses = [e["attributes"]["href"] for e in page.all("a")]
        assert all(re.match(r"(https?://|#)", a) for a in addresses)
        identifiers = [e["attributes"]["id"] for e in page.elements if "id" in e["attributes"]]
        assert len(identifiers) == len(set(identifiers))
        inside = {a[1:] for a in addresses if a.startswith("#")}
        assert inside <= set(identifiers)


def test_links_to_parts_that_are_not_shown_are_plain_text(full_folder, parse):
    page = parse(build_report(open_review(full_folder), sections=["summary", "checklist"]))
    inside = {e["attributes"]["href"] for e in page.all("a")}
    assert {h for h in inside if h.startswith("#")} == {"#main", "#summary", "#checklist"}


def test_headings_follow_each_other_without_gaps(full_report, kim_report, parse):
    for report in (full_report, kim_report):
        levels = [int(e["tag"][1]) for e in parse(report).all("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))


def test_every_table_has_a_caption_and_headers_with_a_scope(kim_report, parse):
    page = parse(kim_report)
    captions = [e for e in page.all("caption") if e["text"].strip()]
    assert len(captions) == len(page.all("table"))
    assert all(e["attributes"].get("scope") in {"col", "row"} for e in page.all("th"))


def test_every_figure_is_described_in_words_and_has_its_data(kim_report, parse):
    page = parse(kim_report)
    figures = page.all("figure")
    assert len(figures) > 15
    for figure in figures:
        mine = [e for e in page.elements if figure in e["inside"]]
        plots = [e for e in mine if e["attributes"].get("class") == "plot"]
        drawings = [e for e in mine if e["tag"] == "svg"]
        assert plots or drawings
        assert all(e["inside"][-1]["attributes"]["aria-label"] for e in plots)
        assert all("aria-labelledby" in e["attributes"] for e in drawings)
        in_section = [e["attributes"]["id"] for e in figure["inside"] if e["tag"] == "section"]
        assert [e for e in mine if e["tag"] == "table"] or in_section in (["flow"], ["summary"])


def test_the_report_of_the_bundled_review_is_below_two_megabytes(kim_report):
    assert len(kim_report.html) < 2_000_000


def test_the_same_inputs_give_the_same_bytes(full_folder, tmp_path):
    wanted = ",".join(n for n in (*NAMES, *LAST) if n != "tables")  # these are the same each time
    code = (
        "import sys; from review.project import open_review;"
        "from review.report import build_report;"
        f"report = build_report(open_review(sys.argv[1]), sections={[wanted]!r});"
        "sys.stdout.buffer.write(report.html)"
    )

    def built(seed, zone, folder):
        settings = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        settings.pop("SOURCE_DATE_EPOCH", None)
        command = [sys.executable, "-c", code, str(folder)]
        done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=settings, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    elsewhere = tmp_path / "elsewhere" / full_folder.name
    shutil.copytree(full_folder, elsewhere)
    assert built("1", "UTC", full_folder) == built("2", "Asia/Tokyo", elsewhere)


def test_the_theme_is_written_into_the_page(full_folder):
    html = build_report(open_review(full_folder), sections=["protocol"], theme="dark").html.decode()
    assert '<html lang="en" data-theme="dark">' in html
    with pytest.raises(UnknownNameError, match="did you mean 'dark'"):
        build_report(open_review(full_folder), sections=["protocol"], theme="drak")


def test_a_page_without_figures_carries_no_plotly(full_folder):
    report = build_report(open_review(full_folder), sections=["protocol", "studies"])
    assert len(report.html) < 200_000


def test_sections_can_be_chosen(full_folder):
    report = build_report(open_review(full_folder), sections=["checklist,protocol", "STUDIES"])
    assert [s.name for s in report.sections] == ["protocol", "studies", "checklist"]
    with pytest.raises(UnknownNameError, match="did you mean 'studies'"):
        build_report(open_review(full_folder), sections=["studys"])


@pytest.fixture(name="own")
def _own(samples, tmp_path):
    folder = samples.make_review(tmp_path / "own", samples.studies(3))
    (folder / "templates" / "sections").mkdir(parents=True)
    return folder


def test_templates_of_the_review_replace_the_bundled_ones(own):
    (own / "templates/sections/protocol.html.j2").write_text(
        '<section id="protocol"><h2 id="protocol-heading">Mine: {{ section.title }}</h2></section>'
    )
    (own / "templates/extra.css").write_text("h1 { color: rebeccapurple; }")
    html = build_report(open_review(own), sections=QUICK, trust=True).html.decode()
    assert "Mine: Title and protocol" in html
    assert "rebeccapurple" in html
    assert "Characteristics of the studies" in html


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% if %}", r"protocol\.html\.j2:1"),
        ("\n{{ section.nothing }}", r"protocol\.html\.j2:2.*nothing"),
        ("{{ section.__class__.__mro__ }}", r"unsafe"),
        ("{% include 'none.j2' %}", r"none\.j2"),
    ],
)
def test_a_broken_template_is_named(own, template, said):
    (own / "templates/sections/protocol.html.j2").write_text(template)
    with pytest.raises(DataError, match=r"cannot be made with the templates in") as caught:
        build_report(open_review(own), sections=["protocol"], trust=True)
    assert re.search(said, str(caught.value))


def test_own_script_cannot_break_out(own):
    (own / "templates/report.js").write_text("var a = '</script>';")
    with pytest.raises(DataError, match="must not hold"):
        build_report(open_review(own), sections=["protocol"], trust=True)

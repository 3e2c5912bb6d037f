"""Small parts of the report: links, cells, tables, dates, missing-data map, checksums."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import DataError, InputError
from review.plots.missing_map import missing_svg
from review.project import open_review
from review.report import build_report
from review.report.blocks import Cell, Link, web_address
from review.report.dates import report_date
from review.report.sections.provenance_section import checksums, plotly_js_version
from review.report.table_cells import cell, table_of
from review.words import sentence
from review.workflow.missing_values import missing_pattern
from review.workflow.searches import searches


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=1", "https://example.org/a?b=1"),
        ("10.1000/a(b)c", "https://doi.org/10.1000/a(b)c"),
        ("doi: 10.1000/ab", "https://doi.org/10.1000/ab"),
        ('10.1000/a"b<c>', "https://doi.org/10.1000/a%22b%3Cc%3E"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)//https://x.org", None),
        ("data:text/html,x", None),
        ("//evil.example", None),
        ('https://a.org/" onclick="x', None),
        ("ftp://a.org", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_become_links(text, address):
    assert web_address(text) == address


@given(st.text())
def test_a_link_never_leads_elsewhere(text):
    address = web_address(text)
    assert address is None or address.lower().startswith(("http://", "https://"))
    assert address is None or not set(address) & set("\"'<> \n\t`")


def test_cells_keep_printed_digits():
    assert cell(Decimal("0.90")) == Cell("0.90", number=True)
    assert cell(None) == Cell("")
    assert cell(True).text == "yes"
    assert cell(("a", "b")).text == "a;b"
    assert cell(dt.date(2026, 1, 2)) == Cell("2026-01-02")
    assert cell(Link("a", None)).href is None


def test_long_tables_hold_all_rows_for_the_download():
    table = table_of([{"a": i, "b": "</script>"} for i in range(300)], caption="c", name="n")
    assert len(table.rows) == 200
    assert table.total == 300
    assert "</script>" not in table.records
    assert json.loads(table.records)["rows"][299] == [299, "</script>"]


def test_few_rows_with_many_columns_are_turned():
    rows = [{f"c{i}": i * 10 + j for i in range(12)} for j in range(3)]
    table = table_of(rows, caption="c", name="n")
    assert table.turned
    assert table.columns == ("C0", "0", "1", "2") or table.columns[1:] == ("0", "1", "2")
    assert [c.text for c in table.rows[4]][1:] == ["50", "51", "52"]
    assert json.loads(table.records)["rows"][2][5] == 52


def test_the_date_comes_from_the_argument_the_environment_or_the_data(monkeypatch, full_folder):
    review = open_review(full_folder)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert report_date(review) == "2026-01-31"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert report_date(review) == "1970-01-01"
    assert report_date(review, "2020-02-29") == "2020-02-29"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
        report_date(review)
    for wrong in ("2020-02-30", "today", "29.2.2020"):
        with pytest.raises(InputError, match="--date"):
            report_date(review, wrong)


def test_a_review_without_dates_carries_none(new_review, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert report_date(open_review(new_review)) == ""


def test_a_newer_adjudication_is_the_date(kim_copy, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    (kim_copy / "decisions.csv").write_text("record_id,date\nr1,2024-05-06\nr2,\nr3,later\n")
    assert report_date(open_review(kim_copy)) == "2024-05-06"


def test_the_missing_map_counts_what_the_table_counts():
    kim = open_review("kim2022")
    pattern = missing_pattern(kim)
    for known, shares in zip(pattern.known, pattern.shares, strict=True):
        assert (
            sum(shares)
            == known.known
            == sum(s.value(known.variable) is not None for s in kim.studies)
        )


def test_the_missing_map_groups_many_studies():
    pattern = missing_pattern(open_review("kim2022"), most=20)
    assert pattern.group == 10
    assert len(pattern.years) == 20
    assert all(0 <= s <= 1 for shares in pattern.shares for s in shares)
    sizes = [10] * 19 + [1]
    for known, shares in zip(pattern.known, pattern.shares, strict=True):
        assert sum(s * n for s, n in zip(shares, sizes, strict=True)) == pytest.approx(known.known)


def test_the_missing_map_is_an_image_with_a_title():
    root = ET.fromstring(missing_svg(missing_pattern(open_review("kim2022"))))
    assert root.attrib["role"] == "img"
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title.attrib["id"] == root.attrib["aria-labelledby"]
    assert "33 variables and 191 studies" in title.text


def test_checksums_are_those_of_the_files(full_folder):
    rows = checksums(open_review(full_folder))
    assert [r["file"] for r in rows] == sorted(r["file"] for r in rows)
    assert "codings/ann.csv" in {r["file"] for r in rows}
    for row in rows:
        data = (full_folder / row["file"]).read_bytes()
        assert row["SHA-256"] == hashlib.sha256(data).hexdigest()


def test_the_version_of_plotly_js_is_read_from_the_file():
    assert plotly_js_version()[0].isdigit()


def test_sentences_start_with_a_capital_and_end_with_a_stop():
    assert sentence("a\n  b") == "A; b."
    assert sentence("Done.") == "Done."


def test_searches_come_from_their_table_before_the_settings(samples, tmp_path):
    folder = samples.make_review(tmp_path / "r", samples.studies(3))
    assert [s.source for s in searches(open_review(folder))] == ["PubMed"]
    (folder / "searches.csv").write_text(
        "database,date,query,records\nEmbase,2026-03-01,a & <b>,12\nScopus,,,\n"
    )
    report = build_report(open_review(folder), sections=["search"])
    html = report.html.decode()
    assert "2 sources were searched; the latest search is of 2026-03-01." in html
    assert "a &amp; &lt;b&gt;" in html
    assert "PubMed" not in html


MODULE = """
from review.analysis_api import Artifact, Panel
TITLE = "Mine"
def build(review, options):
    rows = [{"n": len(review.studies), "what": "<i>studies</i>"}]
    return Artifact("figure", "mine", "My figure", "Own caption.", (Panel("", "Own", rows),))
"""


def test_figures_of_the_review_are_in_its_report(samples, tmp_path):
    folder = samples.make_review(tmp_path / "r", samples.studies(3))
    (folder / "analysis").mkdir()
    (folder / "analysis/figure_mine.py").write_text(MODULE)
    html = build_report(open_review(folder), sections=["figures"], trust=True).html.decode()
    assert "Figure mine: My figure" in html
    assert "&lt;i&gt;studies&lt;/i&gt;" in html


@pytest.mark.parametrize("body", ["    return 1 / 0", "    raise KeyError('x')"])
def test_a_failing_figure_of_the_review_is_named(samples, tmp_path, body):
    folder = samples.make_review(tmp_path / "r", samples.studies(3))
    (folder / "analysis").mkdir()
    (folder / "analysis/figure_broken.py").write_text(
        f'TITLE = "x"\ndef build(review, options):\n{body}\n'
    )
    with pytest.raises(DataError, match=r"figure_broken\.py: (ZeroDivisionError|KeyError)"):
        build_report(open_review(folder, trust=True), sections=["figures"])


def test_an_analysis_that_was_planned_and_cannot_be_made_is_told_to_readers(samples, tmp_path):
    folder = samples.make_review(tmp_path / "r", samples.studies(3))
    kept = '\n[[meta]]\nname = "planned"\ntitle = "What was planned"\noutcome = "auc"\n'
    path = folder / "review.toml"
    path.write_text(path.read_text() + kept)
    report = build_report(open_review(folder))
    section = next(s for s in report.sections if s.name == "meta")
    assert not section.has_data
    assert "What was planned: " in str(section.blocks)
    assert ".csv" not in str(section.blocks)
    assert "Meta-analyses" not in report.lacking
    assert any("What was planned" in said for said in report.remarks)

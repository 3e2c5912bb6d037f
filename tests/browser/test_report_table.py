"""The table of studies in a browser: sort, filter, search, columns, pages, downloads."""

from __future__ import annotations

import csv
import io

import pytest

from review.project import open_review


@pytest.fixture(name="page")
def _page(report_of, open_page):
    page = open_page(report_of("kim2022")).page
    page.evaluate("document.querySelectorAll('details.fold').forEach((d) => { d.open = true; })")
    return page


def column(page, key):
    """The texts of a shown column, from top to bottom."""
    at = page.evaluate(
        "(key) => [...document.querySelectorAll('#study-table th')]"
        ".findIndex((th) => th.dataset.key === key)",
        key,
    )
    assert at >= 0
    return page.locator(f"#study-table tbody tr td:nth-child({at + 1})").all_inner_texts()


def status(page):
    return page.locator("#study-status").inner_text()


def known(texts):
    return [float(t) for t in texts if t != "–"]


def test_headings_sort_and_tell_how(page):
    button = page.locator("#study-table th[data-key=year] button")
    button.click()
    heading = page.locator("#study-table th[data-key=year]")
    assert heading.get_attribute("aria-sort") == "ascending"
    years = known(column(page, "year"))
    assert years == sorted(years)
    page.keyboard.press("Enter")  # the heading keeps the focus
    assert heading.get_attribute("aria-sort") == "descending"
    years = known(column(page, "year"))
    assert years == sorted(years, reverse=True)
    assert page.locator("[aria-sort]").count() == 1


def test_empty_cells_sort_last_either_way(page):
    page.select_option("#study-page-size", "500")
    for _ in range(2):
        page.locator("#study-table th[data-key=n_images] button").click()
        cells = column(page, "n_images")
        first_empty = cells.index("–")
        assert set(cells[first_empty:]) == {"–"}
    assert known(cells) == sorted(known(cells), reverse=True)


def test_filters_narrow_and_count(page):
    expected = [s for s in open_review("kim2022").studies if s.value("modality") == "MRI"]
    page.locator(".tools details", has_text="Filters").locator("summary").click()
    page.select_option("#filter-modality", label="MRI")
    assert status(page) == f"{len(expected)} studies (of 191)"
    assert set(column(page, "modality")) == {"MRI"}
    page.get_by_label("Year, from").fill("2020")
    assert status(page) == f"{sum(s.year >= 2020 for s in expected)} studies (of 191)"
    assert "(2 in use)" in page.locator(".tools").inner_text()
    page.select_option("#filter-modality", label="(not stated)")
    page.get_by_label("Year, from").fill("")
    missing = sum(s.value("modality") is None for s in open_review("kim2022").studies)
    assert status(page) == f"{missing} studies (of 191)"
    page.select_option("#filter-modality", label="any")
    assert status(page) == "191 studies"


def test_search_finds_words_anywhere_without_case_and_accents(page):
    studies = open_review("kim2022").studies
    page.fill("#study-search", "LEUKEMIA")
    expected = {s.study_id for s in studies if "leukemia" in str(s.model_dump()).lower()}
    assert expected
    assert status(page).startswith(f"{len(expected)} ")
    page.fill("#study-search", "feature extractor hybrid mri")
    wanted = [
        s
        for s in studies
        if s.value("tl_type") == "feature_extractor_hybrid" and "mri" in str(s.model_dump()).lower()
    ]
    assert status(page).startswith(f"{len(wanted)} ")
    page.fill("#study-search", "no such words at all")
    assert status(page) == "0 studies (of 191)"
    page.fill("#study-search", "")
    assert status(page) == "191 studies"


def test_columns_can_be_chosen(page):
    page.locator(".tools details", has_text="Columns").locator("summary").click()
    before = page.locator("#study-table th").count()
    page.get_by_label("Condition").check()
    assert page.locator("#study-table th").count() == before + 1
    assert "skin burns" in column(page, "condition")
    page.get_by_label("Condition").uncheck()
    page.get_by_label("Title", exact=True).uncheck()
    assert page.locator("#study-table th").count() == before - 1


def test_pages_are_turned(page):
    assert page.locator("#study-table tbody tr").count() == 50
    assert page.locator("#study-previous").is_disabled()
    first = column(page, "_study")[0]
    page.locator("#study-next").click()
    assert page.locator("#study-page").inner_text() == "Page 2 of 4"
    assert column(page, "_study")[0] != first
    page.select_option("#study-page-size", "500")
    assert page.locator("#study-table tbody tr").count() == 191
    assert page.locator("#study-next").is_disabled()


def downloaded(page, button):
    with page.expect_download() as waiting:
        button.click()
    text = waiting.value.path().read_text("utf-8")
    return waiting.value.suggested_filename, list(csv.DictReader(io.StringIO(text)))


def test_the_download_holds_the_studies_that_are_left(page):
    page.fill("#study-search", "glaucoma")
    name, rows = downloaded(page, page.locator("#study-csv-all"))
    assert name == "kim2022-studies.csv"
    table = open_review("kim2022").table("studies.csv")
    printed = {row.cells["study_id"]: row.cells for row in table.rows}
    assert f"{len(rows)} studies" in status(page)
    for row in rows:
        assert {k: v for k, v in row.items() if v} == {
            k: v for k, v in printed[row["study_id"]].items() if v
        }
    _, visible = downloaded(page, page.locator("#study-csv"))
    assert set(visible[0]) < set(rows[0])
    assert len(visible) == len(rows)


def test_formulas_are_neutralised_in_downloads(samples, open_page, tmp_path):
    from review.report import build_report

    rows = samples.studies(3)
    rows[0]["title"] = "a=b"
    folder = samples.make_review(tmp_path / "r", rows)
    html = build_report(open_review(folder), sections=["studies"]).html.decode()
    path = tmp_path / "r.html"
    # the data refuse such text, so it is put into the page itself
    path.write_text(html.replace('"a=b"', '"=cmd|x"').replace('"Journal A"', '"-1+2"'), "utf-8")
    page = open_page(path).page
    page.wait_for_selector("#study-csv-all")
    _, found = downloaded(page, page.locator("#study-csv-all"))
    assert found[0]["title"] == "'=cmd|x"
    assert {r["venue"] for r in found} <= {"'-1+2", "Journal B", ""}


def test_data_of_a_figure_are_complete_and_can_be_downloaded(page):
    figure = page.locator("#figure-6a")
    figure.locator("summary").first.click()
    rows = figure.locator("details").first.locator("tbody tr")
    rows.nth(25).wait_for(state="attached")
    shown = rows.count()
    name, found = downloaded(page, figure.locator("button.download").first)
    assert name == "figure-6a.csv"
    assert len(found) == shown > 25
    assert found[0]["study_id"]


def test_five_thousand_studies_stay_usable(large, open_page):
    opened = open_page(large)
    page = opened.page
    page.locator("#studies summary").first.click()
    page.fill("#study-search", "needle haystack")
    assert status(page) == "1 study (of 5,000)"
    page.fill("#study-search", "")
    page.locator("#study-table th[data-key=n_images] button").click()
    sizes = known(column(page, "n_images"))
    assert sizes == sorted(sizes)
    assert opened.errors == []

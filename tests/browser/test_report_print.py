"""Reports on paper: nothing is cut off, all studies are there, PDF by the command."""

from __future__ import annotations

import re

import pytest

A4 = 680  # CSS pixels between the margins


def test_nothing_is_wider_than_the_paper(full, open_page, until):
    page = open_page(full, width=A4, height=900).page
    until(page, lambda: page.evaluate("Boolean(window.Plotly)"))
    assert not page.locator("#study-table").is_visible()
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    until(page, lambda: page.evaluate("document.documentElement.scrollWidth") <= A4)
    # what is folded on the screen is an appendix on paper, figures included
    assert page.evaluate("document.querySelectorAll('details.fold:not([open])').length") == 0
    assert page.locator("#study-table").is_visible()
    assert page.evaluate(
        "[...document.querySelectorAll('.plot')].every((p) => p.querySelector('.main-svg'))"
    )
    assert page.locator("#study-table tbody tr").count() == 24
    assert not page.locator(".contents summary").is_visible()
    assert not page.locator("#study-search").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not page.locator("#study-table").is_visible()


def test_paper_is_light_whatever_the_theme(full, open_page):
    page = open_page(full, scheme="dark").page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.usefixtures("chromium")
def test_the_command_prints_a_pdf(run, samples, tmp_path):
    folder = samples.full_review(tmp_path / "mine")
    out = tmp_path / "report.html"
    arguments = ["--section", "protocol,studies,figures", "--out", str(out), "--pdf"]
    done = run("report", "--review", str(folder), *arguments)
    assert done.code == 0, done.err
    data = (tmp_path / "report.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) >= 3

"""Figure pages in a real browser: drawn, silent, without network, accessible."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from review.analysis_api import Options, find_modules, load_module
from review.plots.export import render
from review.project import open_review

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[1] / "data" / "vendor" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(name="browser", scope="module")
def _browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium browser is installed")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(name="pages", scope="module")
def _pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    kim = open_review("kim2022")
    for key in "123456":
        made = load_module(find_modules(kim, "figure")[key]).build(kim, Options())
        for name, data in render(made, "html", {"review": "kim2022", "version": "1"}).items():
            (folder / name).write_bytes(data)
    return folder


def opened(browser, path):
    """The page, and everything it said or asked the network for."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    heard: list[str] = []
    page.on("console", lambda m: heard.append(m.text))
    page.on("pageerror", lambda e: heard.append(str(e)))
    page.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:"))
            or heard.append(r.url))  # fmt: skip
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    return page, heard


@pytest.mark.parametrize("key", list("123456"))
def test_a_page_is_drawn_without_complaint_network_or_barrier(browser, pages, key):
    page, heard = opened(browser, pages / f"figure-{key}.html")
    plots = page.locator(".plot").count()
    if plots:
        page.wait_for_selector(".plot .main-svg")
        assert page.locator(".plot .plot-container").count() == plots
    assert heard == []
    # the policy of the page forbids scripts from outside: axe comes in through the debugger
    found = page.evaluate(
        AXE.read_text(encoding="utf-8")
        + ";axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
        ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' ')))"
    )
    assert found == []
    page.close()


def test_all_points_are_on_the_plot_and_open_their_source(browser, pages):
    page, _ = opened(browser, pages / "figure-6.html")
    page.wait_for_selector("#plot-1 .point")
    assert page.locator("#plot-1 .scatterlayer .point").count() == 30
    assert page.locator("#plot-2 .scatterlayer .point").count() == 29
    page.evaluate("window.open = (url, where, how) => { window.asked = [url, where, how]; }")
    page.evaluate(
        "document.getElementById('plot-1').emit('plotly_click',"
        " {points: [{customdata: 'https://doi.org/10.1/x'}]})"
    )
    assert page.evaluate("window.asked") == [
        "https://doi.org/10.1/x", "_blank", "noopener,noreferrer",
    ]  # fmt: skip
    page.evaluate(
        "window.asked = null; document.getElementById('plot-1').emit('plotly_click',"
        " {points: [{customdata: 'javascript:alert(1)'}]})"
    )
    assert page.evaluate("window.asked") is None
    page.close()


def test_no_label_leaves_the_plot(browser, pages):
    for key in "1456":
        page, _ = opened(browser, pages / f"figure-{key}.html")
        page.wait_for_selector(".plot .main-svg")
        outside = page.evaluate(
            """() => [...document.querySelectorAll('.plot')].flatMap(plot => {
                 const frame = plot.getBoundingClientRect();
                 return [...plot.querySelectorAll('text')].filter(t => {
                   const b = t.getBoundingClientRect();
                   return b.width && (b.left < frame.left - 2 || b.right > frame.right + 2
                     || b.top < frame.top - 2 || b.bottom > frame.bottom + 2);
                 }).map(t => t.textContent);
               })"""
        )
        assert outside == [], key
        page.close()

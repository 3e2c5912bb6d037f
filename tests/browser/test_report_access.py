"""Accessibility of reports: axe-core, keyboard, reduced motion."""

from __future__ import annotations

from pathlib import Path

import pytest

AXE = Path(__file__).parent.parent / "data" / "vendor" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async ([levels, unfold]) => {
  if (unfold) document.querySelectorAll("details").forEach((d) => { d.open = true; });
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: levels }, resultTypes: ["violations"],
  });
  return found.violations.flatMap((v) =>
    v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary}`));
}"""
DRAW = """async () => {
  document.querySelectorAll("details.fold").forEach((d) => { d.open = true; });
  for (const plot of document.querySelectorAll(".plot")) {
    plot.scrollIntoView();
    for (let i = 0; i < 1200 && !plot.querySelector(".main-svg"); i++) {
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  window.scrollTo(0, 0);
}"""


def violations(page, *, unfold=True):
    page.evaluate(DRAW)
    # evaluated by the debugger, so the page's policy stays as it is
    page.evaluate(AXE.read_text("utf-8"))
    return page.evaluate(RUN, [LEVELS, unfold])


@pytest.mark.parametrize(
    ("which", "scheme"), [("kim2022", "light"), ("kim2022", "dark"), ("full", "dark")]
)
def test_axe_finds_no_violation_of_level_a_or_aa(report_of, full, open_page, which, scheme):
    path = full if which == "full" else report_of(which)
    page = open_page(path, scheme=scheme).page
    # the dark page with everything unfolded is that of the made-up review
    assert violations(page, unfold=(which, scheme) != ("kim2022", "dark")) == []


def test_axe_finds_no_violation_on_a_phone(report_of, open_page):
    page = open_page(report_of("wang2021"), width=390, height=800).page
    assert violations(page) == []


def test_the_keyboard_reaches_the_content_first(report_of, open_page):
    page = open_page(report_of("wang2021")).page
    page.keyboard.press("Tab")
    focused = "document.activeElement.textContent"
    assert page.evaluate(focused) == "Skip to the report"
    box = page.locator(".skip").bounding_box()
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_focus_is_visible_on_every_control(report_of, open_page):
    page = open_page(report_of("wang2021")).page
    page.locator("#studies summary").first.click()
    for selector in ("#theme", "#study-search", "#study-table th button", "#study-csv"):
        page.locator(selector).first.focus()
        page.keyboard.press("Shift")  # focus by keyboard, not by mouse
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px", selector


def test_movement_is_reduced_when_asked_for(report_of, open_page):
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    path = report_of("wang2021")
    assert open_page(path, reduced_motion="reduce").page.evaluate(behaviour) == "auto"
    assert open_page(path, reduced_motion="no-preference").page.evaluate(behaviour) == "smooth"

"""Reports in a browser: they open from disk without an error or a request."""

from __future__ import annotations

import pytest

DRAW_ALL = """async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  document.querySelectorAll("details.fold").forEach((d) => { d.open = true; });
  for (const plot of document.querySelectorAll(".plot")) {
    plot.scrollIntoView();
    for (let i = 0; i < 1200 && !plot.querySelector(".main-svg"); i++) await wait(50);
  }
  return [...document.querySelectorAll(".plot")].map((p) => Boolean(p.querySelector(".main-svg")));
}"""


@pytest.mark.parametrize("name", ["kim2022", "wang2021", "shtem2021"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bundled_reviews_open_without_error_and_without_network(report_of, open_page, name, scheme):
    path = report_of(name)
    opened = open_page(path, scheme=scheme)
    drawn = opened.page.evaluate(DRAW_ALL)
    assert bool(drawn) == (name != "shtem2021"), "shtem2021 holds nothing to draw"
    assert all(drawn)
    assert opened.errors == []
    assert opened.requests == [path.as_uri()]


def test_hostile_texts_do_not_run(full, open_page):
    opened = open_page(full)
    opened.page.on("dialog", lambda dialog: opened.errors.append(dialog.message))
    assert all(opened.page.evaluate(DRAW_ALL))
    assert opened.errors == []
    assert opened.requests == [full.as_uri()]
    assert "owned" not in opened.page.title()
    shown = opened.page.locator("#study-table tbody tr").first.inner_text()
    assert "<script>alert(1)</script>" in shown


def test_the_policy_stops_what_is_injected(full, open_page, tmp_path, until):
    html = full.read_text("utf-8")
    for where, attack in (
        ('<main id="main" tabindex="-1">', '<img src="x" onerror="window.owned = 1">'),
        ("<footer>", "<script>window.owned = 2</script>"),
        ("<footer>", '<script src="https://example.org/x.js"></script>'),
        ("<footer>", '<img src="https://example.org/x.png">'),
    ):
        assert where in html
        path = tmp_path / "attacked.html"
        path.write_text(html.replace(where, where + attack), "utf-8")
        opened = open_page(path)
        until(
            opened.page,
            lambda seen=opened.errors: any("Content Security Policy" in e for e in seen),
        )
        assert opened.page.evaluate("window.owned") is None


def test_nothing_overflows_a_phone(report_of, open_page):
    opened = open_page(report_of("kim2022"), width=390, height=800)
    width = opened.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    assert not opened.page.locator(".contents details").get_attribute("open")


def test_colours_can_be_chosen(report_of, open_page):
    page = open_page(report_of("wang2021")).page
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.evaluate(DRAW_ALL)
    page.select_option("#theme", "dark")
    assert page.evaluate(background) == "rgb(15, 20, 26)"
    paper = "document.querySelector('.plot .main-svg').style.background"
    assert page.evaluate(paper) == "rgb(15, 20, 26)"


def test_a_point_opens_its_source(report_of, open_page):
    page = open_page(report_of("kim2022")).page
    page.evaluate("window.open = (address) => { window.opened = address; }")
    page.locator("#figures summary").first.click()
    page.locator("#figure-6a .plot").scroll_into_view_if_needed()
    page.wait_for_selector("#figure-6a .plot .main-svg")
    page.evaluate(
        """() => {
      const plot = document.querySelector("#figure-6a .plot");
      const trace = plot.data.findIndex((t) => t.customdata && t.customdata.length);
      plot.emit("plotly_click", { points: [{ customdata: plot.data[trace].customdata[0] }] });
      plot.emit("plotly_click", { points: [{ customdata: "javascript:alert(1)" }] });
    }"""
    )
    assert page.evaluate("window.opened").startswith("https://")


def test_a_reader_without_javascript_sees_tables_and_texts(report_of, open_page):
    page = open_page(report_of("kim2022"), java_script_enabled=False).page
    assert page.locator("#study-table tbody tr").count() == 50
    page.locator("#studies summary").first.click()
    assert page.locator("noscript").first.is_visible()
    assert not page.locator(".explorer .tools").is_visible()
    assert page.locator("figure svg").first.is_visible()


FIRST_PAGE = 1400  # CSS pixels at a width of 1280
FOLDED = 9000


def test_the_answer_comes_first_and_the_rest_is_folded(report_of, full, open_page):
    for path in (report_of("kim2022"), full):
        page = open_page(path).page
        box = page.locator("#summary").bounding_box()
        assert box["y"] + box["height"] <= FIRST_PAGE
        assert page.evaluate("document.documentElement.scrollHeight") <= FOLDED
        assert page.locator("#summary .answer").is_visible()
        assert page.locator("#summary figure svg").is_visible()
    # a link of the contents, and one to a part of a section, open what they lead to
    assert not page.locator("#study-table").is_visible()
    page.locator(".contents a[href='#studies']").click()
    page.wait_for_selector("#study-table", state="visible")
    page.evaluate("location.hash = '#coding-form'")
    page.wait_for_selector("#coding-form", state="visible")


def test_an_address_opens_what_it_names_and_all_opens_everything(full, open_page, until):
    page = open_page(full).page
    folded = "document.querySelectorAll('details.fold:not([open])').length"
    sections = page.evaluate(folded)
    assert sections > 3
    page.goto("about:blank")
    page.goto(f"{full.as_uri()}#study-table")
    page.wait_for_selector("#study-table", state="visible")
    assert page.evaluate(folded) == sections - 1
    page.evaluate("location.hash = '#all'")
    until(page, lambda: page.evaluate(folded) == 0)
    page.goto("about:blank")
    page.goto(f"{full.as_uri()}#all")
    until(page, lambda: page.evaluate(folded) == 0)

"""Two people take a review from import to report in two browsers, with the keyboard alone."""

from __future__ import annotations

import csv
import functools
import re
import threading
from pathlib import Path

import pytest

from review.project import open_review
from review.project.watched_review import WatchedReview
from review.workflow.coding.init import init_review

uvicorn = pytest.importorskip("uvicorn", reason="the extra 'web' is not installed")

AXE = (Path(__file__).parent.parent / "data" / "vendor" / "axe.min.js").read_text("utf-8")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async (levels) => (await axe.run(document, {
  runOnly: { type: "tag", values: levels }, resultTypes: ["violations"],
})).violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}`))"""
RIS = "".join(
    f"TY  - JOUR\nTI  - {title}\nAU  - {author}, A\nPY  - 2021\nAB  - Randomised trial.\nER  - \n\n"
    for title, author in (("Knees", "Lee"), ("Hands", "Kim"), ("Feet", "Wu"))
)
SETTINGS = """title = "Joints"

[screening]
reviewers = 2
reasons = ["wrong population", "no control group"]
keywords = ["random*"]
"""
BOOK = """[[variable]]
name = "auc"
type = "number"
maximum = 1

[[variable]]
name = "design"
type = "category"
vocabulary = ["cohort", "RCT"]
"""


@pytest.fixture(name="served")
def _served(tmp_path):
    """A new review behind a real server."""
    from review.web.serving import listening_socket
    from review.web.web_app import web_app
    from review.web.web_gate import Door

    folder = tmp_path / "joints"
    init_review(folder)
    (folder / "review.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "codebook.toml").write_text(BOOK, encoding="utf-8")
    (folder / "studies.csv").unlink()
    bound = listening_socket(0)
    door = Door(bound.getsockname()[1])
    config = uvicorn.Config(
        web_app(WatchedReview(folder), door), log_level="warning", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    bound.listen()
    thread.start()
    yield folder, door
    server.should_exit = True
    thread.join()
    bound.close()


class Person:
    """Somebody at a browser of their own, who has a keyboard and no mouse."""

    def __init__(self, browser, door, name, until, *, dark=False, width=1280):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        self.page, self.until, self.name = context.new_page(), until, name
        self.said, self.asked = [], []
        self.at = f"http://127.0.0.1:{door.port}"
        self.page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.said.append(f"error: {e}"))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(door.address)
        self.go("/who")
        self.page.keyboard.type(name)  # the field has the focus
        self.page.keyboard.press("Enter")
        until(self.page, lambda: name in self.page.text_content(".person"))

    def go(self, path):
        self.page.goto(self.at + path)
        self.page.wait_for_load_state("load")

    def press(self, key, then):
        self.page.keyboard.press(key)
        self.sees(then)

    def sees(self, text):
        for _ in range(600):
            if text in self.page.text_content("main"):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"{text!r} is not in {self.page.inner_text('main')!r}; {self.said}")

    def to(self, selector):
        """Reach an element with the tabulator."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(s) => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"the keyboard does not reach {selector}")

    def axe(self):
        self.page.evaluate(AXE)
        assert self.page.evaluate(RUN, LEVELS) == [], self.page.url


def test_a_review_by_two_people(served, browser, until, tmp_path, monkeypatch):
    from review.report import build_report
    from review.web import report_page

    short = functools.partial(build_report, sections=["protocol", "flow", "studies"])
    monkeypatch.setattr(report_page, "build_report", short)
    folder, door = served
    export = tmp_path / "export.ris"
    export.write_text(RIS, encoding="utf-8")
    ann = Person(browser, door, "Ann", until)
    bo = Person(browser, door, "Bo", until, dark=True, width=390)

    ann.go("/import")
    ann.page.set_input_files("#files", export)
    ann.to("form[data-upload] button")
    ann.press("Enter", "3 records")
    ann.sees("export.ris")

    ann.go("/screen")
    ann.press("i", "Hands")  # shown while the first is being written
    ann.press("1", "Feet")
    ann.sees("exclude: wrong population")
    ann.press("e", "Nothing is left to decide")
    ann.press("u", "Feet")
    ann.press("m", "Nothing is left to decide")
    bo.go("/screen")
    assert "Ann" not in bo.page.text_content("main")
    bo.page.keyboard.press("h")
    assert bo.page.evaluate("document.body.className") == "no-marks"
    bo.page.keyboard.press("n")
    bo.page.keyboard.type("eligible i e")  # letters in a note are no keys
    bo.page.keyboard.press("Escape")
    bo.press("i", "Hands")
    bo.press("i", "Feet")
    bo.press("i", "Nothing is left to decide")
    bo.sees("include")

    cho = Person(browser, door, "Cho", until)
    cho.go("/conflicts")
    cho.sees("1 dispute not settled")
    cho.to("button[value=exclude]")
    cho.press("Enter", "No dispute is open")
    for one in (ann, bo):
        one.go("/screen?stage=full_text")
        one.press("i", "Feet")
        one.press("i", "Nothing is left to decide")
    ann.go("/code")
    ann.to("form[action='/link'] button")
    ann.press("Enter", "2 studies added")

    for one, value in ((ann, "0.90"), (bo, "0.91")):
        one.go("/code/lee2021knees")
        one.to("#v-auc")
        one.page.keyboard.type("93%")
        one.sees("use 0.93")
        one.page.keyboard.press("Control+a")
        one.page.keyboard.type(value)
        one.to("#v-design")
        one.sees("saved")
        one.page.keyboard.type("RCT")
        one.to("summary")
        until(one.page, lambda one=one: one.page.text_content("main").count("saved") == 2)
    cho.go("/disagreements")
    cho.sees("1 cell differs")
    cho.to("input[name=reason]")
    cho.page.keyboard.type("table 2")
    cho.to("button[value='take:0.90']")
    cho.press("Enter", "Every disagreement is settled")

    cho.go("/rob/lee2021knees?tool=QUADAS-2")
    cho.to("input[type=radio]")
    cho.page.keyboard.press("ArrowDown")
    cho.sees("saved")

    cho.go("/report")
    cho.to("main form button")
    cho.press("Enter", "Open it")

    paths = ("/", "/import", "/screen", "/conflicts", "/screen/keys", "/code", "/disagreements",
             "/code/lee2021knees", "/rob?tool=QUADAS-2", "/rob/lee2021knees", "/results",
             "/report")  # fmt: skip
    for one in (ann, bo):
        for path in paths:
            one.go(path)
            one.axe()
            assert one.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    for one in (ann, bo, cho):
        assert one.said == []
        assert [url for url in one.asked if not url.startswith(one.at)] == []

    review = open_review(folder)
    votes = [(r.record_id, r.reviewer, r.decision) for r in review.decisions if not r.role]
    assert len(votes) == 3 + 3 + 2 + 2
    with (folder / "codings" / "Ann.csv").open(encoding="utf-8", newline="") as file:
        assert [r["auc"] for r in csv.DictReader(file)] == ["0.90"]
    assert [str(s.auc) for s in review.studies] == ["0.90", "None"]
    notes = [r.note for r in review.decisions if r.note]
    assert notes == ["eligible i e"]
    assert re.search("QUADAS-2,.*Cho", (folder / "risk_of_bias.csv").read_text("utf-8"))

"""Results, report and long work in the browser are those of the same result objects."""

from __future__ import annotations

import functools
import re
import shutil
import threading

import pytest

from review.errors import BusyError, InputError
from review.opened_review import open_review
from review.resources import resource_dir
from review.web.long_work import CancelledError, Work, Works, run_command

RIS = b"TY  - JOUR\nTI  - Three\nAU  - Lee, A\nPY  - 2021\nER  - \n"


@pytest.fixture(name="kim", scope="module")
def _kim(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kim") / "kim"
    shutil.copytree(resource_dir("data") / "kim2022", folder)
    return folder


def test_a_model_and_the_model_without_a_study(serve, kim):
    browser = serve(kim, reader=True)()
    page = browser.get("/results", params={"of": "outcome:auc", "method": "DL"})
    run = open_review(kim).pool(outcome="auc", method="DL")
    assert f"k = {run.result.k}" in page.text
    assert run.text().splitlines()[-1].strip()[:40] in page.text.replace("&#39;", "'")
    assert page.text.count('data-mark="study"') == run.result.k
    assert page.text.count('class="figure-data"') == 1  # the funnel
    assert "script-src 'self'" in page.headers["content-security-policy"]
    link = re.search(r'href="(/results[^"]+)" data-label="Arcadu 2019"', page.text).group(1)
    fewer = browser.get(link.replace("&amp;", "&")).text
    left = run.result.k - 1
    assert f"All studies: Total (DL, k = {run.result.k})" in fewer
    assert f"Without: Total (DL, k = {left})" in fewer
    other = (
        open_review(kim).where('study_id != "arcadu2019macular"').pool(outcome="auc", method="DL")
    )
    assert other.text().splitlines()[2][:50] in fewer
    assert ">put back<" in fewer


def test_what_cannot_be_pooled_is_said(serve, kim):
    browser = serve(kim, reader=True)()
    for of in ("outcome:nothing", "meta:nothing", "x"):
        page = browser.get("/results", params={"of": of})
        assert page.status_code == 200
        assert "Not pooled" in page.text
    assert (
        "Not pooled"
        in browser.get("/results", params={"of": "outcome:auc", "method": "nonsense"}).text
    )


def test_figures_are_shown_apart_from_the_session(serve, kim):
    browser = serve(kim, reader=True)()
    assert "/figure/figure/3" in browser.get("/figures").text
    page = browser.get("/figure/figure/3")
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert browser.get("/figure/figure/none").status_code == 422
    assert browser.get("/figure/module/3").status_code == 422


def wait(browser, name):
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join()
    return browser.get(f"/running/{name}").json()


def test_the_report_is_made_and_known_to_be_old(serve, folder, monkeypatch):
    from review.report import build_report
    from review.web import report_page

    short = functools.partial(build_report, sections=["protocol"])
    monkeypatch.setattr(report_page, "build_report", short)
    ann = serve(folder)("Ann")
    assert ann.get("/report/file").status_code == 422
    assert ann.post("/report").status_code == 303
    assert wait(ann, "report")["state"] == "done"
    assert "Open it" in ann.get("/report").text
    file = ann.get("/report/file")
    assert file.text.startswith("<!doctype html>")
    assert file.headers["content-security-policy"].startswith("sandbox")
    ann.post("/screen", record="r1", action="include")
    assert "Files have changed since" in ann.get("/report").text


def test_an_export_is_imported(serve, folder):
    ann = serve(folder)("Ann")
    headers = ann.sender
    where = {"name": "../../a b.ris", "source": "Embase", "date": "2026-01-31"}
    assert ann.client.post("/import", params=where, content=RIS, headers=headers).json()["ok"]
    said = wait(ann, "import")
    assert said["state"] == "done", said
    (row,) = open_review(folder).imports
    assert (row.file, row.imported, row.source) == ("_.._a b.ris", 1, "Embase")
    page = ann.get("/import").text
    assert "5 records" in page
    assert "done" in page


def test_work_is_one_of_a_kind_and_stops_when_asked(tmp_path):
    works, going = Works(), threading.Event()

    def slow(work):
        going.set()
        while True:
            work.stop.wait(0.01)
            work.tell("step", 1, 2)

    work = works.start("report", slow)
    going.wait()
    with pytest.raises(BusyError, match="not finished"):
        works.start("report", slow)
    work.cancel()
    for thread in threading.enumerate():
        if thread.name == "report":
            thread.join()
    assert work.to_dict()["state"] == "cancelled"
    stopped = Work("import")
    stopped.cancel()
    with pytest.raises(CancelledError):
        run_command(stopped, ["dedupe", str(tmp_path)])
    with pytest.raises(InputError, match="is not a review folder"):
        run_command(Work("dedupe"), ["dedupe", str(tmp_path)])

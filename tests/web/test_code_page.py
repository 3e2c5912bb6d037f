"""Coding in the browser: one cell at a time, as it is printed, seen by nobody else."""

from __future__ import annotations

import csv
import re

import pytest

from review.project import open_review

BOOK = """[[variable]]
name = "design"
type = "category"
vocabulary = ["RCT", "cohort"]
required = true

[[variable]]
name = "auc"
type = "number"
minimum = 0
maximum = 1

[[variable]]
name = "arms"
type = "list"
vocabulary = ["BCG", "placebo"]

[[variable]]
name = "blinded"
type = "boolean"

[[variable]]
name = "remark"
type = "text"
"""
STUDIES = "study_id,first_author,year,title,doi,design,auc\nlee2019,Lee,2019,A & B,10.1000/a,,\n"


@pytest.fixture(name="coded")
def _coded(folder):
    (folder / "codebook.toml").write_text(BOOK, encoding="utf-8")
    (folder / "studies.csv").write_text(STUDIES, encoding="utf-8")
    # without the roles of the variables that this codebook does not have
    text = (folder / "review.toml").read_text("utf-8")
    head, _, tail = text.partition("[roles]")
    kept = "[screening]" + tail.partition("[screening]")[2]
    (folder / "review.toml").write_text(head + kept, encoding="utf-8")
    return folder


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def save(browser, variable, *values, sheet="mine", held=None):
    if held is None:  # what the page shows now
        page = browser.get("/code/lee2019", params={"sheet": sheet}).text
        shown = re.search(f'data-cell="{variable}" data-held="([^"]*)"', page)
        held = shown.group(1) if shown else ""
    return browser.client.post(
        f"/code/lee2019/{variable}",
        data={"value": list(values), "sheet": sheet, "held": held},
        headers=browser.sender,
    )


def test_the_form_follows_the_codebook(serve, coded):
    text = serve(coded)("Ann").get("/code/lee2019").text
    assert "A &amp; B" in text or "Deep learning for chest films" in text  # the record of its DOI
    assert text.count("data-cell=") == 5
    assert "<option>RCT</option>" in text
    assert '<option value="NR">NR (not reported)</option>' in text
    assert text.count('type="checkbox"') == 2 + 3
    assert 'inputmode="decimal"' in text


def test_values_keep_their_digits_and_their_reasons(serve, coded):
    ann = serve(coded)("Ann")
    assert save(ann, "auc", "0.90").json() == {"ok": True, "text": "0.90"}
    assert save(ann, "arms", "BCG", "placebo").json()["text"] == "BCG;placebo"
    assert save(ann, "design", "NR").json()["text"] == "NR"
    assert save(ann, "blinded", "yes").json()["text"] == "yes"
    (row,) = rows(coded / "codings" / "Ann.csv")
    assert row == {
        "study_id": "lee2019", "design": "NR", "auc": "0.90", "arms": "BCG;placebo",
        "blinded": "yes", "remark": "",
    }  # fmt: skip
    assert "4 of 5" in re.sub("<[^>]+>", "", ann.get("/code/lee2019").text)
    assert open_review(coded).log()[-1].who == "Ann"


def test_what_does_not_fit_is_said_and_not_written(serve, coded):
    ann = serve(coded)("Ann")
    refused = save(ann, "auc", "93%")
    assert refused.status_code == 422
    assert refused.json() | {"allowed": ""} == {
        "ok": False, "message": "not a number", "allowed": "", "suggestion": "0.93",
    }  # fmt: skip
    assert not (coded / "codings").exists()
    typed = ann.get("/code/lee2019/auc/check", params={"value": "1.2"}).json()
    assert (typed["ok"], typed["message"]) == (False, "above the maximum")
    assert ann.get("/code/lee2019/auc/check", params={"value": "n.r."}).json()["missing"] is True
    assert save(ann, "aux", "1").status_code == 422
    assert ann.post("/code/nobody/auc", value="1").status_code == 422


def test_coders_are_blind_and_settle_together(serve, coded):
    open_browser = serve(coded)
    ann, bo = open_browser("Ann"), open_browser("Bo")
    save(ann, "auc", "0.9123")
    save(ann, "design", "RCT")
    for path in ("/code", "/code/lee2019", "/code/lee2019/auc/history?sheet=mine"):
        assert "0.9123" not in bo.get(path).text, path
    save(bo, "auc", "0.92")
    save(bo, "design", "RCT")
    page = bo.get("/disagreements").text
    assert "0.9123" in page
    assert "1 cell differs and is not settled" in page
    fields = {"study_id": "lee2019", "variable": "auc", "action": "take:0.9123"}
    assert "say why" in bo.post("/disagreements", **fields).text
    assert (
        "Every disagreement is settled"
        in bo.post("/disagreements", **fields, reason="table 2").text
    )
    assert rows(coded / "studies.csv")[0]["auc"] == "0.9123"
    assert (
        "0.9123"
        not in bo.post("/disagreements", **(fields | {"action": "undo"}))
        .text.split("studies.csv now")[0]
        .split("<tbody>")[0]
    )
    assert rows(coded / "studies.csv")[0]["auc"] == ""
    assert "1 cell of studies.csv filled" in bo.post("/agree").text
    assert rows(coded / "studies.csv")[0]["design"] == "RCT"


def test_the_history_of_a_value(serve, coded):
    ann = serve(coded)("Ann")
    for value in ("0.8", "0.80"):
        save(ann, "auc", value)
    text = ann.get("/code/lee2019/auc/history", params={"sheet": "mine"}).text
    assert re.search(r"Ann: 0\.8 → 0\.80", text)
    assert re.search(r"Ann: \(empty\) → 0\.8\b", text)


def test_the_consensus_is_coded_too(serve, coded):
    ann = serve(coded)("Ann")
    assert save(ann, "auc", "0.70", sheet="consensus").json()["text"] == "0.70"
    assert rows(coded / "studies.csv")[0]["auc"] == "0.70"
    assert not (coded / "codings").exists()


@pytest.mark.parametrize("sheet", ["mine", "consensus"])
def test_an_old_page_does_not_write_over_a_newer_value(serve, coded, sheet):
    ann = serve(coded)("Ann")
    assert save(ann, "auc", "0.70", sheet=sheet, held="").json()["ok"]
    old = save(ann, "auc", "0.8", sheet=sheet, held="")  # of a tab that was opened before
    assert old.status_code == 422
    assert "it showed '(empty)', the file holds '0.70' now" in old.json()["message"]
    assert save(ann, "auc", "0.70", sheet=sheet, held="").json()["ok"]  # it says the same
    assert save(ann, "auc", "0.8", sheet=sheet, held="0.70").json()["text"] == "0.8"


def test_a_name_screens_and_codes(serve, coded):
    open_browser = serve(coded)
    ann = open_browser("Ann O'Brien")
    assert save(ann, "auc", "0.7").json()["ok"]
    assert (coded / "codings" / "Ann O'Brien.csv").exists()
    for name in ("../../x", "a/b", "x" * 61, "'", "con"):
        refused = ann.post("/who", name=name)
        assert refused.status_code == 422, name
        assert "cannot be the name of a file" in refused.text
    session = f"{ann.door.cookie}={ann.client.cookies[ann.door.cookie]}"
    # a name kept by an earlier version
    page = ann.get("/code", headers={"cookie": f"{session}; review_name=a%2Fb"})
    assert page.status_code == 200
    assert "you cannot code under this name" in page.text
    assert "/code/lee2019" in page.text


def test_studies_are_added_once(serve, coded):
    ann = serve(coded)("Ann")
    new = {"first_author": "Kim", "year": "2020", "title": "Another study", "doi": ""}
    assert "kim2020another was added" in ann.post("/code", **new).text
    again = ann.post("/code", **new)
    assert again.status_code == 422
    assert "kim2020another" in again.text
    assert len(rows(coded / "studies.csv")) == 2


def test_included_reports_become_studies(serve, coded):
    open_browser = serve(coded)
    both = [open_browser("Ann"), open_browser("Bo")]
    for stage in ("title_abstract", "full_text"):
        for one in both:
            one.post("/screen", record="r4", action="include", stage=stage)
    assert "1 included report" in one.get("/code").text
    assert "1 study added" in one.post("/link").text
    assert [r["title"] for r in rows(coded / "studies.csv")] == ["A & B", "Knees in MRI"]


def test_a_pdf_called_like_the_study_is_shown(serve, coded):
    (coded / "pdfs").mkdir()
    (coded / "pdfs" / "Lee-2019.pdf").write_bytes(b"%PDF-1.4\n")
    text = serve(coded)("Ann").get("/code/lee2019").text
    assert 'src="/pdf/pdfs/Lee-2019.pdf"' in text


def test_risk_of_bias_grows_and_is_blind(serve, coded):
    open_browser = serve(coded)
    ann, bo = open_browser("Ann"), open_browser("Bo")
    page = ann.get("/rob/lee2019", params={"tool": "QUADAS-2"}).text
    domain, kind = re.search(r'data-domain="(\w+)" data-kind="(\w+)"', page).groups()
    given = {"tool": "QUADAS-2", "domain": domain, "kind": kind}
    json = {"accept": "application/json"}
    said = ann.post("/rob/lee2019", headers=json, **given, judgement="low", rationale="as-planned")
    assert said.json() == {"ok": True, "changed": True}
    assert "as-planned" not in bo.get("/rob/lee2019", params={"tool": "QUADAS-2"}).text
    overview = {"tool": "QUADAS-2"}
    consensus = {"tool": "QUADAS-2", "by": "consensus"}
    assert 'title="one assessor: low: as-planned"' in ann.get("/rob", params=overview).text
    for path, where in (("/rob", overview), ("/rob/lee2019", consensus)):
        page = bo.get(path, params=where).text
        assert "as-planned" not in page, path
        assert "hidden until you have judged" in page
        assert 'title="one assessor: low' not in page
        assert "as-planned" in bo.get(path, params=where | {"all": "yes"}).text
    bo.post("/rob/lee2019", headers=json, **given, judgement="high")
    assert 'title="not agreed' in bo.get("/rob", params={"tool": "QUADAS-2"}).text
    both = bo.get("/rob/lee2019", params={"tool": "QUADAS-2", "by": "consensus"}).text
    assert "as-planned" in both
    ann.post("/rob/lee2019", headers=json, **given, judgement="low", by="consensus")
    assert [r["assessor"] for r in rows(coded / "risk_of_bias.csv")] == ["Ann", "Bo", "consensus"]
    ann.post("/rob/lee2019", headers=json, **given, judgement="", by="consensus")
    assert len(rows(coded / "risk_of_bias.csv")) == 2
    wrong = ann.post("/rob/lee2019", headers=json, **given, judgement="lowish")
    assert (wrong.status_code, "did you mean 'low'" in wrong.json()["message"]) == (422, True)

"""Screening in the browser writes what the command line writes, and shows nobody another's word."""

from __future__ import annotations

import csv
import html
import re

import pytest

from review.project import open_review
from review.workflow.screening.screening_decisions import decide


def decisions(folder):
    with (folder / "decisions.csv").open(encoding="utf-8", newline="") as file:
        return [(r["record_id"], r["reviewer"], r["decision"]) for r in csv.DictReader(file)]


def record_on(answer):
    return re.search(r'id="record" value="([^"]*)"', answer.text).group(1)


def test_a_decision_is_written_and_the_next_record_comes(serve, folder):
    ann = serve(folder)("Ann")
    page = ann.get("/screen")
    assert record_on(page) == "r1"
    assert '<mark class="for">Randomised</mark>' in page.text
    assert '<mark class="against">mice</mark>' in page.text
    assert "&lt;b&gt;" in page.text  # what a record holds is text
    assert 'data-record="r2"' in page.text
    answer = ann.post("/screen", record="r1", action="include", note="looks right")
    assert record_on(answer) == "r2"
    assert decisions(folder) == [("r1", "Ann", "include")]
    (change,) = open_review(folder).log(file="decisions.csv")
    assert (change.who, change.command) == ("Ann", "screen")


def test_reasons_undo_later_and_clear(serve, folder):
    ann = serve(folder)("Ann")
    assert record_on(ann.post("/screen", record="r1", action="2")) == "r2"
    row = open_review(folder).decisions[0]
    assert (row.decision, row.reason) == ("exclude", "no control group")
    assert record_on(ann.post("/screen", record="r2", action="skip")) == "r3"
    assert record_on(ann.post("/screen", action="undo")) == "r1"
    assert decisions(folder) == []
    nothing = ann.post("/screen", action="undo")
    assert nothing.status_code == 422
    assert "nothing was decided" in nothing.text
    ann.post("/screen", record="r1", action="maybe")
    assert "You decided: <b>maybe</b>" in ann.get("/screen", params={"record": "r1"}).text
    assert record_on(ann.post("/screen", record="r1", action="clear")) == "r1"
    assert decisions(folder) == []
    for record in ("r1", "r3", "r4", "r2"):  # what was put off came last
        page = ann.get("/screen")
        assert record_on(page) == record
        ann.post("/screen", record=record, action="exclude")
    assert "Nothing is left to decide" in ann.get("/screen").text


def test_an_old_tab_does_not_change_a_decision(serve, folder):
    ann = serve(folder)("Ann")
    ann.post("/screen", record="r1", action="exclude")
    old = ann.post("/screen", record="r1", action="include")
    assert old.status_code == 422
    assert "you decided &#39;exclude&#39; on r1 since the page was made" in old.text
    assert decisions(folder) == [("r1", "Ann", "exclude")]
    assert 'name="held" value="exclude"' in ann.get("/screen", params={"record": "r1"}).text
    other = ann.post("/screen", record="r1", action="2")  # nor does it change the reason
    assert other.status_code == 422
    ann.post("/screen", record="r1", action="include", held="exclude")
    assert decisions(folder) == [("r1", "Ann", "include")]


def test_two_browsers_are_two_people_and_blind_to_each_other(serve, folder):
    open_browser = serve(folder)
    ann, bo = open_browser("Ann"), open_browser("Bo")
    ann.post("/screen", record="r1", action="include", note="ann-thinks-so")
    for path in ("/screen", "/screen?record=r1", "/screen/mine", "/conflicts"):
        text = bo.get(path).text
        assert "ann-thinks-so" not in text, path
        assert "What all decided" not in text, path
    bo.post("/screen", record="r1", action="exclude", reason="wrong population")
    both = bo.get("/screen", params={"record": "r1"}).text
    assert "What all decided" in both
    assert "ann-thinks-so" in both
    assert sorted(decisions(folder)) == [("r1", "Ann", "include"), ("r1", "Bo", "exclude")]


def test_a_dispute_is_settled_by_a_third_person_or_together(serve, folder):
    open_browser = serve(folder)
    ann, bo, cho = open_browser("Ann"), open_browser("Bo"), open_browser("Cho")
    for record in ("r1", "r2"):
        ann.post("/screen", record=record, action="include")
        bo.post("/screen", record=record, action="exclude")
    assert "2 disputes not settled" in ann.get("/conflicts").text
    mine = {"record": "r1", "stage": "title_abstract", "action": "include", "by": "me"}
    refused = ann.post("/conflicts", **mine)
    assert refused.status_code == 422
    assert "one of those who disagree" in refused.text
    assert "1 dispute not settled" in cho.post("/conflicts", **mine).text
    together = {**mine, "record": "r2", "by": "consensus", "action": "exclude", "reason": "2"}
    assert "No dispute is open" in ann.post("/conflicts", **together).text
    final = [r for r in open_review(folder).decisions if r.role == "final"]
    assert [(r.record_id, r.reviewer, r.decision) for r in final] == [
        ("r1", "Cho", "include"), ("r2", "consensus", "exclude"),
    ]  # fmt: skip
    assert "entered by Ann" in final[1].note
    again = ann.post("/conflicts", record="r1", stage="title_abstract", action="unsettle")
    assert "1 dispute not settled" in again.text


def test_full_texts_need_a_reason(serve, folder):
    ann = serve(folder)("Ann")
    bo = serve(folder)("Bo")
    for one in (ann, bo):
        one.post("/screen", record="r4", action="include")
    page = ann.get("/screen", params={"stage": "full_text"})
    assert record_on(page) == "r4"
    (folder / "R4.pdf").write_bytes(b"%PDF-1.4\n")
    assert 'src="/pdf/R4.pdf"' in ann.get("/screen", params={"stage": "full_text"}).text
    refused = ann.post("/screen", stage="full_text", record="r4", action="exclude")
    assert refused.status_code == 422
    assert "with a reason" in refused.text
    ann.post("/screen", stage="full_text", record="r4", action="1")
    row = open_review(folder).decisions[-1]
    assert (row.stage, row.reason) == ("full_text", "wrong population")


def test_duplicates_are_proposed_marked_and_taken_back(serve, folder):
    ann = serve(folder)("Ann")
    text = ann.get("/screen/alike", params={"record": "r1"}).text
    assert 'data-pick="r3"' in text
    assert "the same DOI" in text
    assert 'data-pick="r2"' not in text
    assert "r1 repeats r3" in ann.post(
        "/screen", record="r1", action="duplicate", other="r3"
    ).text.replace("&#39;", "'")
    assert [(d.record_id, d.other_id) for d in open_review(folder).duplicates] == [("r1", "r3")]
    assert record_on(ann.get("/screen")) == "r2"
    kept = ann.get("/screen", params={"record": "r3"}).text
    assert "with the best fields of r1 (abstract: r1)" in kept
    assert "Randomised" in kept
    assert record_on(ann.post("/screen", action="undo")) == "r1"
    assert open_review(folder).duplicates == []
    refused = ann.post("/screen", record="r1", action="duplicate", other="r9")
    assert "unknown record" in refused.text


def test_filters_and_order_leave_nothing_out(serve, folder):
    ann = serve(folder)("Ann")
    assert record_on(ann.get("/screen", params={"order": "date"})) == "r4"
    assert record_on(ann.get("/screen", params={"text": "cows milk"})) == "r2"
    assert record_on(ann.get("/screen", params={"first": "2019", "last": "2020"})) == "r1"
    assert record_on(ann.get("/screen", params={"source": "embase"})) == ""
    assert ann.get("/screen", params={"first": "20"}).status_code == 422
    # the filter goes along with the decision
    assert record_on(ann.post("/screen?text=deep", record="r1", action="include")) == "r3"
    assert ann.get("/screen", params={"order": "nonsense"}).status_code == 422
    assert record_on(ann.get("/screen")) == "r2"


def test_a_file_changed_behind_its_back_is_noticed(serve, folder):
    ann = serve(folder)("Ann")
    assert record_on(ann.get("/screen")) == "r1"
    decide(open_review(folder), "r1", "exclude", by="Ann")  # from a terminal
    assert record_on(ann.get("/screen")) == "r2"
    lines = (folder / "records.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "records.csv").write_text("".join(lines[:2] + lines[3:]), "utf-8")
    assert record_on(ann.get("/screen")) == "r3"
    (folder / "records.csv").write_text('record_id,title\nr3,"broken\n', "utf-8")
    broken = ann.get("/screen")
    assert broken.status_code == 422
    assert "broken CSV" in broken.text


def test_the_keys_are_shown_and_can_be_changed(serve, folder):
    ann = serve(folder)("Ann")
    assert 'data-key="i"' in ann.get("/screen").text
    assert ann.post("/screen/keys", include="x", exclude="x").status_code == 422
    ann.post("/screen/keys", include="x")
    text = ann.get("/screen").text
    assert 'data-key="x"' in text
    assert 'data-key="i"' not in text
    assert 'data-key="i"' in serve(folder)("Bo").get("/screen").text


def test_a_team_is_chosen_from(serve, folder):
    settings = folder / "review.toml"
    text = settings.read_text("utf-8").replace("reviewers = 2", 'reviewers = 2\nteam = ["Ann"]')
    settings.write_text(text, "utf-8")
    browser = serve(folder)()
    asked = browser.get("/screen")
    assert "Who are you?" in asked.text
    assert 'value="Ann"' in asked.text
    assert browser.post("/who", name="Bob").status_code == 422
    assert browser.post("/who", name="ann").status_code == 303
    assert record_on(browser.post("/screen", record="r1", action="include")) == "r2"
    assert decisions(folder) == [("r1", "Ann", "include")]


@pytest.mark.parametrize("path", ["/", "/problems", "/screen", "/conflicts", "/screen/mine"])
def test_a_folder_without_records_has_all_pages(serve, tmp_path, path):
    from review.workflow.coding.init import init_review

    init_review(tmp_path / "new")
    answer = serve(tmp_path / "new")("Ann").get(path)
    assert answer.status_code == (422 if path in {"/screen", "/conflicts", "/screen/mine"} else 200)
    assert "records" in answer.text or path == "/problems"


def test_the_overview_counts_and_leads_to_the_cells(serve, folder):
    ann = serve(folder)("Ann")
    ann.post("/screen", record="r1", action="include")
    text = ann.get("/").text
    assert "3 records to screen by title and abstract" in text
    assert "<svg" in text
    (folder / "results.csv").write_text("study_id,metric,value\nlee,auc,high\n", "utf-8")
    found = re.search(r'href="(/cell\?[^"]+=value[^"]*)"', ann.get("/problems").text).group(1)
    page = ann.get(found.replace("&amp;", "&"))
    assert page.status_code == 200
    assert "high" in page.text
    fields = shown_in(page)
    assert "load the page again" in ann.post("/cell", **(fields | {"held": ""}), value="0.9").text
    # another row came into its place meanwhile, with the same study and the same cell
    was = (folder / "results.csv").read_text("utf-8")
    (folder / "results.csv").write_text(was.replace("auc", "accuracy"), "utf-8")
    stale = ann.post("/cell", **fields, value="0.9")
    assert (stale.status_code, "holds &#39;accuracy&#39; now" in stale.text) == (422, True)
    (folder / "results.csv").write_text(was, "utf-8")
    assert "saved" in ann.post("/cell", **fields, value="0.9").text
    assert "lee,auc,0.9" in (folder / "results.csv").read_text("utf-8")


def shown_in(page):
    """The hidden fields of the form of a cell."""
    text = page.text.partition('action="/cell"')[2].partition("</form>")[0]
    pairs = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text)
    return {name: html.unescape(value) for name, value in pairs if name != "csrf"}


def test_what_waits_is_what_the_page_screen_has(serve, folder):
    open_browser = serve(folder)
    ann, bo = open_browser("Ann"), open_browser("Bo")
    for record in ("r1", "r2"):
        ann.post("/screen", record=record, action="include")
    bo.post("/screen", record="r1", action="exclude")  # in dispute: nobody else screens it
    bo.post("/screen", record="r2", action="include")
    for name, left in (("ann", 2), ("Bo", 2), ("Cho", 2)):
        who = open_browser(name)
        assert f"<b>{left}</b> left" in who.get("/screen").text, name
        waits = re.findall(r"(\d+) records? to screen by title", who.get("/").text)
        assert waits == [str(left)], name


def test_the_cells_of_other_people_are_not_shown(serve, folder):
    own = {
        "decisions.csv": "record_id,stage,reviewer,decision\nr1,title_abstract,Bo,perhaps\n",
        "codings/Bo.csv": "study_id,auc\nlee,secret-perhaps\n",
        "codings/adjudication.csv": "study_id,variable\nlee,perhaps\n",
        "risk_of_bias.csv": "study_id,tool,domain,judgement\nlee,QUADAS-2,x,perhaps\n",
        "log.csv": "change\nperhaps\n",
    }
    (folder / "codings").mkdir(exist_ok=True)
    for file, text in own.items():
        (folder / file).write_text(text, "utf-8")
    ann = serve(folder)("Ann")
    for file, kept in own.items():
        asked = {"file": file, "line": "2", "column": "decision", "study": "r1"}
        page = ann.get("/cell", params=asked)
        assert (page.status_code, "perhaps" in page.text) == (422, False), file
        assert "neither shows nor changes" in page.text
        assert ann.post("/cell", **asked, value="include", held="{}").status_code == 422
        assert (folder / file).read_text("utf-8") == kept
    assert "/cell?file=decisions.csv" not in ann.get("/problems").text


def test_a_page_of_somebody_else_changes_nothing(serve, folder):
    ann = serve(folder)("Ann")
    assert 'name="made_for" value="Ann"' in ann.get("/screen").text
    assert '<meta name="person" content="Ann">' in ann.get("/screen").text
    ann.post("/who", name="J\u00fcrgen Bo")  # in another tab
    vote = {"record": "r1", "action": "include"}
    for made_for in ("Ann", ""):
        refused = ann.post("/screen", **vote, made_for=made_for)
        assert refused.status_code == 422
        assert "was made for" in refused.text
        assert "J\u00fcrgen Bo now" in refused.text
    headers = ann.sender | {"x-person": "Ann"}
    sent = ann.client.post("/code/s1/auc", data={"value": "1"}, headers=headers)
    assert "was made for Ann" in sent.json()["message"]
    assert not (folder / "decisions.csv").exists()
    assert ann.client.post("/screen", data=vote, headers=ann.sender).status_code == 200
    assert decisions(folder) == [("r1", "J\u00fcrgen Bo", "include")]


def test_odd_addresses_are_answered_and_a_defect_is_said(serve, folder, monkeypatch):
    from review.web import screen_page

    ann = serve(folder)("Ann")
    odd = ("/cell", "/cell?file=records.csv&line=\u00b2&column=x", "/cell?file=../a.csv&line=2",
           "/cell?file=records.csv&line=999999999999", "/screen?stage=retrieval", "/code/nobody",
           "/screen?record=nobody", "/screen/alike?record=%00", "/rob/nobody", "/rob?tool=x",
           "/code/r1/%3Cb%3E/check?value=1", "/running/none", "/results?of=%00")  # fmt: skip
    for path in odd:
        assert ann.get(path).status_code in {200, 422}, path
    held = '{"title": "Deep learning for chest films"}'
    ann.post("/cell", file="records.csv", line="\u00b2", column="title", study="r1", value="x",
             held=held)  # fmt: skip
    monkeypatch.setattr(screen_page, "left_for", lambda *_, **__: 1 / 0)
    broken = ann.get("/screen")
    assert broken.status_code == 500
    assert "defect of the program; please report it (ZeroDivisionError" in broken.text


def test_what_takes_long_to_count_comes_after_the_page(serve, folder, monkeypatch):
    from review.web import overview_page

    monkeypatch.setattr(overview_page, "_LARGE", 10)
    ann = serve(folder)("Ann")
    text = ann.get("/").text
    assert 'data-load="/standing"' in text
    assert 'data-load="/flow"' in text
    assert "4 records to screen" in ann.get("/standing").text
    assert "<svg" in ann.get("/flow").text
    assert "4 records to screen" in ann.get("/").text  # known by now


def test_a_bundled_review_is_read_only(serve):
    from review.resources import resource_dir

    kim = serve(resource_dir("data") / "kim2022", reader=True, bundled=True)()
    assert "read only" in kim.get("/").text
    assert "<svg" in kim.get("/").text

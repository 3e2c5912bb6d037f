"""The PRISMA 2020 checklist: complete, and honest about what the report lacks."""

from __future__ import annotations

import re

from review.project import open_review
from review.report.checklist_items import ITEMS
from review.report.sections import ALL
from review.report.sections.checklist_section import status

# numbers of the items of PRISMA 2020 (Page et al. 2021, BMJ 372:n71, table 1)
NUMBERS = re.findall(
    r"\S+",
    "1 2 3 4 5 6 7 8 9 10a 10b 11 12 13a 13b 13c 13d 13e 13f 14 15 16a 16b 17 18 19 20a 20b 20c "
    "20d 21 22 23a 23b 23c 23d 24a 24b 24c 25 26 27",
)


def test_all_27_items_are_there_once():
    assert [item.number for item in ITEMS] == NUMBERS
    assert len({re.match(r"\d+", n).group() for n in NUMBERS}) == 27
    assert all(set(item.places) <= set(ALL) for item in ITEMS)


def statuses(report, review):
    sections = {s.name: s for s in report.sections}
    return {item.number: status(item, review, sections) for item in ITEMS}


def test_items_are_met_where_the_review_has_the_data(full_report, full_folder):
    found = statuses(full_report, open_review(full_folder))
    assert found["24a"] == ("reported", ["protocol"])
    assert found["18"] == ("reported", ["risk_of_bias"])
    assert found["16b"] == ("reported", ["flow"])
    assert found["7"] == ("reported", ["search"])
    assert found["2"] == ("partly reported", ["summary", "protocol"])
    assert found["25"] == ("reported", ["declarations"])
    assert found["23d"] == ("reported", ["discussion"])
    assert found["23c"][0] == "partly reported"
    assert found["24c"] == ("reported", ["protocol"])
    assert found["22"] == ("not reported", [])


def test_what_would_meet_an_item_is_told_to_the_authors_alone(kim_report):
    (said,) = [r for r in kim_report.remarks if r.startswith("PRISMA")]
    assert "24a protocol.registration in review.toml" in said
    assert "in review.toml" not in kim_report.html.decode()


def test_items_without_data_are_not_reported(kim_report):
    found = statuses(kim_report, open_review("kim2022"))
    for number in ("7", "8", "11", "18", "24a", "25", "26"):
        assert found[number] == ("not reported", []), number
    assert found["20b"][0] == "reported"


def test_the_checklist_links_to_sections_of_the_report_only(kim_report, parse):
    page = parse(kim_report)
    names = {s.name for s in kim_report.sections}
    checklist = next(e for e in page.all("section") if e["attributes"]["id"] == "checklist")
    links = [e["attributes"]["href"] for e in page.all("a") if checklist in e["inside"]]
    assert len(links) > 15
    assert {link[1:] for link in links} <= names

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from review.schema.prisma_flow import PrismaCounts, SourceCount
from review.schema.prisma_sums import prisma_checks


def verdicts(**boxes):
    return [(c.text, c.verdict) for c in prisma_checks(PrismaCounts(**boxes))]


def test_a_flow_that_adds_up_is_confirmed_step_by_step():
    found = verdicts(
        identified=1000, duplicates_removed=100, removed_other=50, screened=850,
        excluded_at_screening=700, sought=150, not_retrieved=10, assessed_full_text=140,
        excluded_at_full_text=100, included=40,
    )  # fmt: skip
    assert found == [
        ("1,000 − 100 − 50 = 850", "confirmed"),
        ("850 − 700 = 150", "confirmed"),
        ("150 − 10 = 140", "confirmed"),
        ("140 − 100 = 40", "confirmed"),
    ]


def test_kim_2022_is_off_by_one_and_the_note_says_what_would_explain_it():
    (check,) = prisma_checks(
        PrismaCounts(assessed_full_text=236, excluded_at_full_text=114, included=121)
    )
    assert (check.text, check.verdict) == ("236 − 114 = 122, stated 121", "inconsistent")
    assert "reports and studies" in check.note


@pytest.mark.parametrize(
    ("boxes", "text"),
    [
        # a skipped box does not set the flow free: what was taken out stays out
        ({"identified": 85, "excluded_at_full_text": 21, "included": 70}, "70 > 85 − 21 = 64"),
        ({"identified": 20, "screened": 25}, "25 > 20"),
        ({"screened": 20, "included": 25}, "25 > 20"),
        ({"included": 5, "in_meta_analysis": 6}, "6 > 5"),
        ({"websites": 3, "other_sought": 4}, "4 > 3"),
        ({"previous_studies": 9, "total_studies": 8}, "9 > 8"),
    ],
)
def test_what_cannot_be_is_impossible(boxes, text):
    assert (text, "impossible") in verdicts(**boxes)


def test_reports_and_studies_are_different_units():
    # 115 reports of 121 studies, or 130 of 121: neither contradicts the studies
    for reports in (115, 130):
        found = verdicts(
            assessed_full_text=200, excluded_at_full_text=200 - reports, included_reports=reports,
            included=121,
        )  # fmt: skip
        assert [v for _, v in found] == ["confirmed"]


def test_an_updated_review_with_other_methods():
    found = verdicts(
        previous_studies=20, previous_reports=25, sources={"PubMed": 60, "Embase": 40},
        databases=100, registers=10, identified=110, duplicates_removed=30, screened=80,
        excluded_at_screening=50, sought=30, not_retrieved=2, assessed_full_text=28,
        excluded_at_full_text=20, reasons={"no control": 15, "no outcome": 5}, websites=4,
        citation_searching=6, other_identified=10, other_sought=9, other_not_retrieved=1,
        other_assessed=8, other_excluded=5, included=10, included_reports=11, total_studies=30,
        total_reports=36, in_meta_analysis=12,
    )  # fmt: skip
    assert [v for _, v in found if v not in {"confirmed", "consistent"}] == []
    assert ("28 − 20 + 3 = 11", "confirmed") in found
    assert ("60 + 40 = 100", "confirmed") in found
    assert ("20 + 10 = 30", "confirmed") in found
    # one wrong box is found, whichever it is
    assert ("28 − 20 + 3 = 11, stated 12", "inconsistent") in verdicts(
        assessed_full_text=28, excluded_at_full_text=20, other_assessed=8, other_excluded=5,
        included_reports=12,
    )  # fmt: skip


def test_more_reasons_than_reports_may_be_several_reasons_for_one():
    (check, *_) = [
        c
        for c in prisma_checks(PrismaCounts(excluded_at_full_text=3, reasons={"a": 2, "b": 2}))
        if "reasons" in c.rule
    ]
    assert check.verdict == "inconsistent"
    assert "more than one reason" in check.note


def test_a_missing_removal_that_would_explain_the_gap_is_named():
    (check,) = prisma_checks(PrismaCounts(identified=100, duplicates_removed=10, screened=85))
    assert (check.verdict, check.text) == ("inconsistent", "100 − 10 = 90, stated 85")
    assert "removed for other reasons, which is not stated" in check.note


def test_unknown_or_negative_boxes_are_refused():
    with pytest.raises(ValidationError, match="excluded_full"):
        PrismaCounts(excluded_full=3)
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        PrismaCounts(included=-1)


counts = st.integers(0, 60)


@st.composite
def true_flows(draw):
    """A flow made from the end, so that every sum holds."""
    n = {k: draw(counts) for k in ("dup", "auto", "other", "out1", "lost", "out2", "db", "web",
                                   "web_lost", "web_out", "web_in", "prev", "prev_r")}  # fmt: skip
    left = draw(counts)  # reports of databases that are included
    assessed = left + n["out2"]
    sought = assessed + n["lost"]
    screened = sought + n["out1"]
    identified = screened + n["dup"] + n["auto"] + n["other"]
    databases = draw(st.integers(0, identified))
    web_assessed = n["web_in"] + n["web_out"]
    reports = left + n["web_in"]
    studies = draw(counts)
    return {
        "previous_studies": n["prev"], "previous_reports": n["prev_r"],
        "sources": (SourceCount(name="A", records=databases),
                    SourceCount(name="B", records=identified - databases, kind="register")),
        "databases": databases, "registers": identified - databases, "identified": identified,
        "duplicates_removed": n["dup"], "removed_automation": n["auto"],
        "removed_other": n["other"], "screened": screened, "excluded_at_screening": n["out1"],
        "sought": sought, "not_retrieved": n["lost"], "assessed_full_text": assessed,
        "excluded_at_full_text": n["out2"],
        "websites": web_assessed + n["web_lost"] + n["web"],
        "other_sought": web_assessed + n["web_lost"], "other_not_retrieved": n["web_lost"],
        "other_assessed": web_assessed, "other_excluded": n["web_out"],
        "included": studies, "included_reports": reports,
        "total_studies": studies + n["prev"], "total_reports": reports + n["prev_r"],
    }  # fmt: skip


# boxes that a flow may leave out although they are not zero
SKIPPABLE = ("screened", "sought", "assessed_full_text", "identified", "databases", "registers",
             "included_reports", "websites", "other_sought", "excluded_at_full_text",
             "excluded_at_screening", "duplicates_removed", "total_reports")  # fmt: skip


@given(true_flows(), st.sets(st.sampled_from(SKIPPABLE)))
def test_a_true_flow_is_never_called_wrong(flow, left_out):
    if "duplicates_removed" in left_out:  # then nothing else was removed before screening
        left_out |= {"removed_automation", "removed_other"}
    if "included_reports" in left_out:  # studies would be taken for reports
        left_out |= {"included", "total_studies"}
    kept = {k: v for k, v in flow.items() if k not in left_out}
    wrong = [c for c in prisma_checks(PrismaCounts(**kept)) if not c.holds]
    assert not wrong


@given(true_flows(), st.data())
def test_one_wrong_box_of_a_full_flow_is_always_found(flow, data):
    joined = [k for k in flow if k not in {"sources", "previous_studies", "websites"}]
    name = data.draw(st.sampled_from(joined))
    wrong = flow | {name: flow[name] + data.draw(st.integers(1, 9))}
    assert any(not c.holds for c in prisma_checks(PrismaCounts(**wrong)))

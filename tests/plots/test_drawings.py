from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from review.plots.prisma_drawing import describe, prisma_svg
from review.plots.svg import escape, wrap
from review.plots.theme import NOT_STATED_COLOUR, PALETTE, SYMBOLS
from review.plots.tl_types import TYPES, block_rows, tl_types_svg
from review.schema.prisma_flow import PrismaFlow, ReasonCount, SourceCount
from review.schema.prisma_sums import prisma_checks

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [t.text or "" for t in ET.fromstring(svg).iter(f"{SVG}text")]


FULL = PrismaFlow(
    origin="counted",
    sources=(SourceCount(name="PubMed", records=300), SourceCount(name="<b>&'\"", records=200)),
    identified=500,
    duplicates_removed=80,
    removed_other=20,
    screened=400,
    excluded_at_screening=300,
    sought=100,
    not_retrieved=4,
    assessed_full_text=96,
    excluded_at_full_text=66,
    reasons=(ReasonCount(reason="wrong population " * 9, reports=60),
             ReasonCount(reason="no control", reports=6)),
    included=28,
    included_reports=30,
    notes=("a note",),
)  # fmt: skip


def test_a_full_flow_is_drawn_with_every_number_as_text():
    svg = prisma_svg(FULL, "PRISMA")
    root = ET.fromstring(svg)
    said = " ".join(texts(svg))
    for number in (500, 300, 200, 80, 20, 400, 100, 4, 96, 66, 60, 6, 28, 30):
        assert f"(n = {number})" in said
    assert root.get("role") == "img"
    named = root.get("aria-labelledby").split()
    found = {e.get("id"): e for e in root.iter() if e.get("id")}
    assert found[named[0]].tag == f"{SVG}title"
    assert found[named[1]].text == describe(FULL)
    assert said.count("adds up") == len(prisma_checks(FULL)) == 6
    assert "DOES NOT" not in said
    assert "Note: a note" in said


def test_what_does_not_add_up_is_said():
    flow = PrismaFlow(origin="x", assessed_full_text=236, excluded_at_full_text=114, included=121)
    assert any(
        "DOES NOT ADD UP: 236 − 114 = 122, stated 121" in t for t in texts(prisma_svg(flow, "t"))
    )
    assert "Does not add up" in describe(flow)


UPDATED = PrismaFlow(
    origin="an updated review with other methods",
    previous_studies=20, previous_reports=25,
    sources=(SourceCount(name="PubMed", records=70), SourceCount(name="Embase", records=30),
             SourceCount(name="ClinicalTrials.gov", records=10, kind="register")),
    databases=100, registers=10, identified=110, duplicates_removed=25, removed_automation=3,
    removed_other=2, screened=80, excluded_at_screening=50,
    screening_reasons=(ReasonCount(reason="animals", reports=50),), sought=30, not_retrieved=2,
    assessed_full_text=28, excluded_at_full_text=20,
    reasons=(ReasonCount(reason="no control group", reports=20),),
    websites=4, organisations=1, citation_searching=5, other_identified=10, other_sought=9,
    other_not_retrieved=1, other_assessed=8, other_excluded=5,
    other_reasons=(ReasonCount(reason="abstract only", reports=5),),
    included=10, included_reports=11, total_studies=30, total_reports=36, in_meta_analysis=12,
)  # fmt: skip


def test_the_template_of_updated_reviews_with_other_methods():
    root = ET.fromstring(prisma_svg(UPDATED, "t"))
    said = " ".join(texts(prisma_svg(UPDATED, "t")))
    for box, number in UPDATED.counts().items():
        assert f"(n = {number})" in said, box
    assert "DOES NOT" not in said
    columns = {float(r.get("x")) for r in root.findall(f"{SVG}rect") if r.get("stroke")}
    assert len(columns) == 5
    # the four templates: two, three, four and five columns
    plain = {"previous_studies": None, "previous_reports": None}
    other = {k: None for k in UPDATED.counts() if k.startswith("other_")} | {
        "websites": None,
        "organisations": None,
        "citation_searching": None,
        "other_reasons": (),
    }
    for left_out, columns in ((plain, 4), (other, 3), (plain | other, 2)):
        flow = UPDATED.model_copy(update=left_out)
        root = ET.fromstring(prisma_svg(flow, "t"))
        drawn = {float(r.get("x")) for r in root.findall(f"{SVG}rect") if r.get("stroke")}
        assert len(drawn) == columns


def test_unknown_boxes_are_left_out():
    svg = prisma_svg(PrismaFlow(origin="x", included=89), "t")
    said = texts(svg)
    assert "Studies included in review (n = 89)" in said
    assert not any("screened" in t for t in said)
    assert len(ET.fromstring(svg).findall(f"{SVG}path")) == 0


@pytest.mark.parametrize("flow", [FULL, UPDATED])
def test_boxes_do_not_overlap_and_text_stays_inside(flow):
    root = ET.fromstring(prisma_svg(flow, "t"))
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    boxes = [
        tuple(float(r.get(k)) for k in ("x", "y", "width", "height"))
        for r in root.findall(f"{SVG}rect")
        if r.get("stroke")
    ]
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0
        assert x + w <= width
        assert y + h <= height
        for x2, y2, w2, h2 in boxes[i + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    for t in root.findall(f"{SVG}text"):
        if t.get("transform") is None:
            assert (
                float(t.get("x"))
                + 0.62 * float(t.get("font-size", root.get("font-size"))) * len(t.text)
                <= width + 40
            )


def test_two_drawings_on_one_page_share_no_identifier():
    other = FULL.model_copy(update={"included": 27})
    one, two = (set(re.findall(r' id="([^"]+)"', prisma_svg(f, "t"))) for f in (FULL, other))
    assert not one & two
    assert prisma_svg(FULL, "t") == prisma_svg(FULL, "t")


@pytest.mark.parametrize("text", ["<script>", "a & b", "\x00\x0b", '"quoted"', "\ud800", "é𝛼"])
def test_any_text_is_safe_in_a_drawing(text):
    flow = PrismaFlow(origin=text, included=1)
    svg = prisma_svg(flow, text).encode("utf-8", "replace").decode()
    ET.fromstring(svg)
    assert "<script" not in escape(text)


def test_lines_are_wrapped_and_counts_stay_together():
    lines = wrap("pretraining not stated in the text read (n = 3)", 160)
    assert len(lines) > 1
    assert lines[-1].endswith("(n = 3)")
    assert wrap("", 100) == [""]


def test_transfer_types_show_what_each_type_trains():
    states = {t.word: [r["state"] for r in block_rows() if r["tl_type"] == t.word] for t in TYPES}
    assert states["feature_extractor_hybrid"] == ["frozen"] * 5 + ["replaced"]
    assert states["feature_extractor"] == ["frozen"] * 5 + ["retrained"]
    assert set(states["fine_tuning"][:4]) == {"frozen"}
    assert set(states["fine_tuning"][4:]) == {"retrained"}
    assert set(states["fine_tuning_from_scratch"]) == {"retrained"}
    svg = tl_types_svg(
        "T", {"fine_tuning": ["published: 3 of 121"]}, {"fine_tuning": [("X", 0.25)]}
    )
    said = texts(svg)
    assert said.count("frozen") == 5 + 5 + 4
    assert said.count("replaced") == 1
    assert "published: 3 of 121" in said
    assert "25.0%" in said
    bar = [r for r in ET.fromstring(svg).iter(f"{SVG}rect") if r.get("fill") == PALETTE[0]]
    assert len(bar) == 1
    assert "of the parameters" in " ".join(texts(svg))
    ET.fromstring(tl_types_svg("T", {}))


def test_colours_and_shapes_differ_from_each_other():
    assert len(set(PALETTE)) == len(PALETTE)
    assert len(set(SYMBOLS)) == len(SYMBOLS)
    assert NOT_STATED_COLOUR not in PALETTE

"""Risk of bias. Every judgement here is generated for the test: no real study is assessed."""

from __future__ import annotations

import json

import pytest

from review.errors import DataError, UnknownNameError
from review.project import open_review
from review.schema.assessment import LEVELS
from review.workflow.coding.assessment_files import (
    bundled_tools,
    load_assessments,
    load_tools,
    read_assessments,
)

HEADER = "study_id,tool,version,unit,domain,kind,judgement,rationale,assessor\n"
OWN = """name = "Mine"
version = "1"
overall = ["bias"]
[[judgement]]
word = "fine"
level = "low"
[[judgement]]
word = "bad"
level = "high"
[[domain]]
key = "first"
title = "First <domain>"
"""


@pytest.fixture(name="assessed")
def _assessed(kim_copy):
    """Return a function that writes generated assessments of a copy and opens it."""

    def assessed(*rows, header=HEADER, own=""):
        text = header + "".join(row + "\n" for row in rows)
        (kim_copy / "risk_of_bias.csv").write_text(text, encoding="utf-8")
        if own:
            (kim_copy / "tools").mkdir(exist_ok=True)
            (kim_copy / "tools" / "mine.toml").write_text(own, encoding="utf-8")
        return open_review(kim_copy)

    return assessed


def quadas(study, words, *, assessor="A", unit=""):
    """All seven judgements of QUADAS-2, by the first letters of `words`."""
    spelled = {"l": "low", "h": "high", "u": "unclear"}
    tool = bundled_tools()["QUADAS-2"]
    return [
        f"{study},QUADAS-2,,{unit},{domain},{kind},{spelled[w]},generated,{assessor}"
        for w, (domain, kind, _) in zip(words, tool.columns(), strict=True)
    ]


ONE, TWO = "aboutalib2018recalled", "abubakar2020burns"


@pytest.mark.parametrize(
    ("name", "domains", "columns", "words"),
    [
        ("QUADAS-2", 4, 7, ["low", "high", "unclear"]),
        ("QUADAS-3", 4, 9, ["low", "high", "insufficient information"]),
        ("PROBAST+AI", 8, 16, ["low", "high", "unclear"]),
        ("RoB 2", 5, 6, ["low", "some concerns", "high"]),
        ("ROBINS-I", 7, 8, ["low", "moderate", "serious", "critical", "no information"]),
    ],
)
def test_structure_of_the_tools(name, domains, columns, words):
    """Numbers of domains as in the publications that each tool cites."""
    tool = bundled_tools()[name]
    assert len(tool.domain) == domains
    assert len(tool.columns()) == columns
    assert tool.words == words
    assert tool.cite
    assert tool.doi.startswith("10.")


def test_applicability_is_judged_where_the_tools_do():
    tools = bundled_tools()
    assert tools["QUADAS-2"].kinds("flow_and_timing") == ("bias",)
    assert tools["QUADAS-3"].kinds("analysis") == ("bias",)
    assert tools["QUADAS-3"].overall == ("bias", "applicability")
    assert all("applicability" not in d.kinds for d in tools["RoB 2"].domain)
    assert sum("applicability" in d.kinds for d in tools["PROBAST+AI"].domain) == 6


def test_assessments_become_a_table(assessed):
    found = load_assessments(assessed(*quadas(ONE, "lhullul"), *quadas(TWO, "lllllll")))
    assert len(found.items) == 14
    assert found
    table = found.table("quadas-2")
    assert list(table) == [(ONE, ""), (TWO, "")]
    assert table[ONE, ""]["index_test", "bias"].word == "high"
    assert table[ONE, ""]["index_test", "bias"].level == "high"
    assert found.rows()[0]["label"] == "Aboutalib 2018"
    json.dumps(found.to_dict(), allow_nan=False)


def test_shares_and_weights(assessed):
    found = load_assessments(assessed(*quadas(ONE, "lhullul"), *quadas(TWO, "lllllll")))
    counts = {(r["domain"], r["kind"], r["level"]): r for r in found.counts()}
    assert counts["index_test", "bias", "high"]["share"] == 0.5
    weighted = found.counts(weights={ONE: 3.0, TWO: 1.0})
    index = {r["level"]: r["share"] for r in weighted
             if (r["domain"], r["kind"]) == ("index_test", "bias")}  # fmt: skip
    assert index == {"low": 0.25, "high": 0.75}
    for domain, kind, _ in found.tool().columns():
        mine = [r["share"] for r in weighted if (r["domain"], r["kind"]) == (domain, kind)]
        assert sum(mine) == pytest.approx(1)
    assert all(r["share"] == 0 for r in found.counts(weights={}))


def test_several_units_share_a_weight_and_the_worst_is_shown(assessed):
    rows = [*quadas(ONE, "lllllll", unit="AUC"), *quadas(ONE, "hllllll", unit="sensitivity")]
    found = load_assessments(assessed(*rows, *quadas(TWO, "lllllll")))
    assert found.columns()["Patient selection"][ONE].word == "high"
    first = [r for r in found.counts(weights={ONE: 1, TWO: 1})
             if (r["domain"], r["kind"]) == ("patient_selection", "bias")]  # fmt: skip
    assert {r["level"]: r["share"] for r in first} == {"low": 0.75, "high": 0.25}


def test_columns_for_forest_plots(assessed):
    found = load_assessments(assessed(*quadas(ONE, "lhullul")))
    columns = found.forest_columns([TWO, ONE])
    names = {name.partition(":")[0]: name for name in columns}
    assert list(names) == ["D1", "D2", "D3", "D4", "A1", "A2", "A3"]
    assert columns[names["D2"]] == [None, "high"]
    from review import meta_analysis
    from review.plots.meta.forest_plot import forest

    figure = forest(meta_analysis([0.1, 0.2], [0.1, 0.1]), risk_of_bias=columns)
    assert {"D2", "A1"} <= set(figure.texts)
    assert names["D2"] in figure.table.keys[0]


def test_consensus_counts_and_disagreement_is_shown(assessed):
    rows = quadas(ONE, "lllllll") + quadas(ONE, "hllllll", assessor="B")
    review = assessed(*rows)
    cell = load_assessments(review).table()[ONE, ""]["patient_selection", "bias"]
    assert (cell.word, cell.level) == ("not agreed", "unclear")
    assert cell.rationale == "A: low; B: high"
    warned = [p for p in read_assessments(review)[1] if p.level == "warning"]
    assert any("assessors differ on patient_selection" in p.message for p in warned)
    review = assessed(*rows, *quadas(ONE, "hllllll", assessor="consensus")[:1])
    cell = load_assessments(review).table()[ONE, ""]["patient_selection", "bias"]
    assert cell.word == "high"


def test_words_are_read_in_any_case_and_spelled_by_the_tool(assessed):
    found = load_assessments(assessed(f"{ONE},rob 2,,,Overall,,Some Concerns,,"))
    assert found.items[0].model_dump()["judgement"] == "some concerns"
    assert (found.items[0].tool, found.items[0].domain, found.items[0].kind) == (
        "RoB 2", "overall", "bias",
    )  # fmt: skip


@pytest.mark.trap("critiplot 2.1.1", "5 stars where the scale gives 1 are drawn")
@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (f"{ONE},QUADAS-9,,,index_test,bias,low,,", "tool", "unknown tool"),
        (f"{ONE},QUADAS-2,,,index_tst,bias,low,,", "domain", "did you mean 'index_test'"),
        (f"{ONE},QUADAS-2,,,overall,bias,low,,", "domain", "no domain of QUADAS-2"),
        (f"{ONE},QUADAS-2,,,flow_and_timing,applicability,low,,", "kind", "does not judge this"),
        (f"{ONE},QUADAS-2,,,index_test,quality,low,,", "kind", "allowed: bias, applicability"),
        (f"{ONE},QUADAS-2,,,index_test,bias,some concerns,,", "judgement", "low, high, unclear"),
        (f"{ONE},QUADAS-2,,,index_test,bias,,,", "judgement", "empty"),
        ("nobody2020,QUADAS-2,,,index_test,bias,low,,", "study_id", "no such study"),
        (f"{ONE},QUADAS-2,,,index_test,bias,=low,,", "judgement", "formula"),
    ],
)
def test_problems_name_line_and_column(assessed, row, column, said):
    """Words that a tool does not have are refused, with line and column."""
    with pytest.raises(DataError, match=said) as caught:
        load_assessments(assessed(*quadas(TWO, "lllllll"), row))
    assert [(p.line, p.column) for p in caught.value.problems] == [(9, column)]


def test_a_judgement_twice_and_a_wrong_header(assessed):
    with pytest.raises(DataError, match="same judgement stands in line 2"):
        load_assessments(assessed(*quadas(ONE, "lllllll"), quadas(ONE, "hhhhhhh")[0]))
    with pytest.raises(DataError, match="did you mean 'judgement'"):
        load_assessments(assessed(header=HEADER.replace("judgement", "judgment")))


def test_gaps_and_versions_are_noted(assessed):
    review = assessed(*quadas(ONE, "lllllll")[:6], f"{TWO},RoB 2,2011,,overall,bias,low,,")
    items, problems = read_assessments(review)
    assert len(items) == 7
    notes = [p.message for p in problems]
    assert all(p.level == "warning" for p in problems)
    assert any("no judgement of reference_standard (applicability)" in m for m in notes)
    assert any("those of version 2019" in m for m in notes)


def test_a_tool_of_ones_own(assessed):
    row = f"{ONE},Mine,,,first,bias,bad,,"
    review = assessed(row, own=OWN)
    assert "Mine" in load_tools(review)
    found = load_assessments(review)
    assert found.table("Mine")[ONE, ""]["first", "bias"].level == "high"
    with pytest.raises(UnknownNameError, match="in the assessments"):
        found.tool("QUADAS-2")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('level = "low"', 'level = "green"', "judgement"),
        ('key = "first"', 'key = "First!"', "pattern"),
        ('key = "first"', 'key = "overall"', "is no domain"),
        ('word = "bad"', 'word = "Fine"', "defined twice"),
        ('version = "1"', 'versoin = "1"', "did you mean 'version'"),
        ('name = "Mine"', "name = ", "broken TOML"),
    ],
)
def test_broken_tools_are_explained(assessed, old, new, said):
    with pytest.raises(DataError, match=said):
        load_tools(assessed(own=OWN.replace(old, new, 1)))


def test_no_file_means_no_assessments():
    found = load_assessments(open_review("kim2022"))
    assert not found
    assert found.rows() == []
    with pytest.raises(UnknownNameError, match="there is no tool"):
        found.tool()


def test_a_filter_keeps_its_studies(assessed):
    review = assessed(*quadas(ONE, "lllllll"), *quadas(TWO, "lllllll"))
    view = review.where(f'study_id == "{TWO}"')
    assert {a.study_id for a in load_assessments(view).items} == {TWO}


def test_figures_show_every_judgement_with_sign_and_colour(assessed):
    from review.plots.traffic_light import SIGNS, summary, traffic_light

    rows = [*quadas(ONE, "lhullul"), *quadas(TWO, "lllllll"), f"{ONE},Mine,,,first,bias,bad,<b>,"]
    found = load_assessments(assessed(*rows, own=OWN))
    lights = traffic_light(found, "QUADAS-2")
    assert sum(len(t.x) for t in lights.data) == 14
    assert {t.marker.color for t in lights.data} == {
        SIGNS[v][1] for v in ("low", "high", "unclear")
    }
    assert len({SIGNS[v][0] for v in LEVELS}) == len(LEVELS)
    bars = summary(found, "QUADAS-2")
    for i in range(7):
        assert sum(t.x[i] for t in bars.data) == pytest.approx(100)
    own = traffic_light(found, "Mine").to_json()
    assert "First &lt;domain&gt;" in own or "First<br>&lt;domain&gt;" in own
    assert "<domain>" not in own


def test_signs_have_enough_contrast():
    from review.plots.traffic_light import SIGNS

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for _, back, ink in SIGNS.values():
        bright, dark = sorted((luminance(back), luminance(ink)), reverse=True)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_many_studies_are_cut_with_a_word(assessed):
    from review.plots.traffic_light import traffic_light

    ids = [s.study_id for s in open_review("kim2022").studies[:12]]
    found = load_assessments(assessed(*(r for i in ids for r in quadas(i, "lllllll"))))
    figure = traffic_light(found, most=10)
    assert "the first 10 of 12" in figure.layout.title.text
    assert len(figure.layout.yaxis.ticktext) == 10

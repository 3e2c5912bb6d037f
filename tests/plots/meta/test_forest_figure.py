"""The forest plot: its numbers, its columns, what it cuts and what it refuses."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from review import effect_size, meta_analysis
from review.errors import InputError
from review.plots.meta.axis_range import window_of
from review.plots.meta.effect_axis import Scale, scale_of
from review.plots.meta.forest_columns import LEVEL_OF, effect_column, weight_column
from review.plots.meta.forest_plot import MOST, drawn_rows, forest
from review.plots.natural_ticks import log_ticks, ticks_between
from review.plots.text_measure import shorten, text_width
from review.plots.theme import INK
from review.plots.traffic_light import SIGNS
from review.stats.pooling.subgroups import subgroup_analysis
from review.stats.presentation.effect_display import interval_text
from review.stats.presentation.forest_rows import ForestRow, forest_rows, subgroup_rows

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(name="fit")
def _fit():
    effects = effect_size(
        "RR", ai=[4, 6, 3], n1i=[123, 306, 231], ci=[11, 29, 11], n2i=[139, 303, 220],
        slab=["A & <b>", "B", "C" * 90],
    )  # fmt: skip
    return meta_analysis(effects)


def _numbers(marks):
    return [(m.estimate, m.low, m.high) for m in marks]


def test_marks_hold_the_numbers_of_the_rows(fit):
    rows = forest_rows(fit)
    figure = fit.plot.forest()
    studies = [r for r in rows if r.kind == "study"]
    assert _numbers(figure.marks("study")) == [(r.estimate, r.ci_lb, r.ci_ub) for r in studies]
    total, wide = rows[-2:]
    assert _numbers(figure.marks("total")) == [(total.estimate, total.ci_lb, total.ci_ub)]
    assert _numbers(figure.marks("prediction"))[0][1:] == (wide.ci_lb, wide.ci_ub)


@pytest.mark.parametrize("form", ["svg", "phone", "paper"])
def test_marks_stand_where_the_ticks_say(fit, form):
    figure = fit.plot.forest()
    svg = figure.svg if form == "svg" else figure.smaller[form]
    drawn = ET.fromstring(svg)
    texts = {t.text: float(t.get("x")) for t in drawn.iter(f"{SVG}text")}
    a, b = texts["0.1"], texts["1"]  # the labels of two ticks
    marks = [g for g in drawn.iter(f"{SVG}g") if g.get("data-mark") == "study"]
    assert len(marks) == 3
    for mark, row in zip(marks, forest_rows(fit), strict=False):
        told = mark.get("data-estimate")
        assert (told is None) == (form != "svg")
        assert told is None or float(told) == row.estimate
        square = mark.find(f"{SVG}rect")
        x = float(square.get("x")) + float(square.get("width")) / 2
        assert 10 ** ((x - a) / (b - a) - 1) == pytest.approx(row.estimate, rel=0.01)
        start, end = re.match(
            r"M([\d.]+) [\d.]+H([\d.]+)", mark.find(f"{SVG}path").get("d")
        ).groups()
        assert 10 ** ((float(start) - a) / (b - a) - 1) == pytest.approx(row.ci_lb, rel=0.01)
        assert 10 ** ((float(end) - a) / (b - a) - 1) == pytest.approx(row.ci_ub, rel=0.01)


def test_text_beside_the_marks_is_the_same_numbers(fit):
    rows = forest_rows(fit)
    figure = fit.plot.forest(digits=2)
    for row in rows:
        assert interval_text(row, 2).replace("-", "−") in figure.texts
    assert "100.0%" not in figure.texts
    assert {f"{w:.1f}%" for w in fit.weights} <= set(figure.texts)
    assert {"Risk ratio", "[95% CI]"} <= set(figure.texts)
    for smaller in figure.smaller.values():
        assert all(interval_text(row, 2).replace("-", "−") in smaller for row in rows)


def test_squares_have_areas_in_proportion_to_the_weights():
    fit = meta_analysis([0.1, 0.2, 0.3], [0.01, 0.02, 0.015])
    figure = fit.plot.forest()
    areas = np.array([m.size for m in figure.marks("study")])
    np.testing.assert_allclose(areas / areas.max(), fit.weights / fit.weights.max())
    found = re.findall(r'data-mark="study".*?<rect[^>]*width="([\d.]+)"', figure.svg)
    sides = np.array(found, dtype=float)
    np.testing.assert_allclose(sides**2 / max(sides) ** 2, areas, rtol=0.01)


def test_text_is_shown_not_obeyed_and_long_names_take_several_lines(fit):
    figure = fit.plot.forest()
    assert "A & <b>" in figure.texts
    assert "<b>" not in figure.svg
    assert sum(len(t) for t in figure.texts if set(t) == {"C"}) == 90
    longer = meta_analysis([0.1, 0.4], [0.1, 0.2], slab=["x", "C " * 400]).plot.forest()
    assert any(t.endswith("…") for t in longer.texts)
    assert f"<title>{'C ' * 400}</title>" in longer.svg


def test_links_follow_the_rows_used_and_lead_to_the_web_alone():
    fit = meta_analysis([0.1, np.nan, 0.4, 0.2], [0.1, 0.2, 0.1, 0.1])
    links = ["https://x.org/0", "https://x.org/1", "https://x.org/2?a=1&b=2", "javascript:alert(1)"]
    figure = fit.plot.forest(links=links)
    assert re.findall('<a href="([^"]+)"', figure.svg) == [
        "https://x.org/0", "https://x.org/2?a=1&amp;b=2",
    ]  # fmt: skip
    assert all("javascript" not in svg for svg in (figure.svg, *figure.smaller.values()))


def test_subgroups_have_headings_and_subtotals(fit):
    found = subgroup_analysis([0.1, 0.5, 0.9, 1.1], [0.1] * 4, by=["p", "p", "q", "q"])
    rows = subgroup_rows(list(found.fits.items()), found.overall)
    figure = forest(found.overall, rows=rows, footer=[found.test_text()])
    assert [t for t in figure.texts if t in {"p", "q"}] == ["p", "q"]
    assert sum("Subtotal" in t for t in figure.texts) == 2
    assert found.test_text() in " ".join(figure.texts)
    assert len(figure.marks("subtotal")) == 2


def test_extra_columns_and_risk_of_bias(fit):
    figure = fit.plot.forest(
        columns={"Year": [1999, None, math.nan], "n": [10.0, 20.0, 30.5]},
        risk_of_bias={
            "Randomisation process": ["low", "Some concerns", None],
            "Missing outcome data": [None, "High", "critical"],
            "overall": ["High", "critical", "odd"],
        },
    )
    assert {"Year", "1999", "n", "10", "20", "30.5", "D1", "D2", "All"} <= set(figure.texts)
    assert figure.texts.count("nan") == 0
    signs = [SIGNS[level] for level in ("low", "some", "high", "critical", "unclear")]
    for sign, back, _ in signs:
        assert figure.texts.count(sign) >= 1
        assert f'fill="{back}"' in figure.svg
    assert figure.table.keys == [
        "D1: Randomisation process; D2: Missing outcome data; All: overall.",
        "+ low; − Some concerns; × High; ! critical; ? odd.",
    ]
    for svg in (figure.svg, *figure.smaller.values()):
        assert "D2: Missing outcome data" in re.sub("</text><text[^>]*>", " ", svg)


def test_a_plot_beside_judgements_keeps_its_width_on_paper():
    labels = [f"Author {i} {1990 + i}" for i in range(5)]
    fit = meta_analysis([0.1, 0.9, 0.4, 0.2, 0.3], [0.04, 0.09, 0.05, 0.1, 0.1], slab=labels)
    figure = fit.plot.forest(risk_of_bias={f"Domain number {i}": ["low"] * 5 for i in range(7)})
    for svg in (figure.svg, *figure.smaller.values()):
        axis = re.search(r'<path d="M([\d.]+) [\d.]+H([\d.]+)" stroke="#59636E"/>', svg)
        assert float(axis[2]) - float(axis[1]) >= 150
    assert 'width="670"' in figure.smaller["paper"]
    assert 'width="342"' in figure.smaller["phone"]


def test_words_of_the_tools_have_signs():
    assert set(LEVEL_OF.values()) <= set(SIGNS)


def test_columns_of_the_wrong_length_are_refused(fit):
    with pytest.raises(InputError, match="'Year' has 2 values"):
        fit.plot.forest(columns={"Year": [1, 2]})
    with pytest.raises(InputError, match="'D1' has 1 values"):
        fit.plot.forest(risk_of_bias={"D1": ["low"]})


def test_one_huge_interval_becomes_an_arrow_and_does_not_squash_the_rest():
    y, v = [0.1, 0.3, 0.2, 0.15, 0.4, 0.2], [0.01, 0.02, 0.01, 0.03, 0.02, 300.0]
    figure = meta_analysis(y, v).plot.forest()
    window = figure.table.plots[0].window
    assert window.high - window.low < 4
    for svg in (figure.svg, *figure.smaller.values()):
        assert svg.count('data-mark="goes on"') == 2
    assert any("34" in text for text in figure.texts)  # its numbers are there all the same


def test_infinite_limits_are_drawn_to_the_edge():
    figure = meta_analysis([0.0, 200.0], [0.04, 0.05], measure="OR").plot.forest()
    for svg in (figure.svg, *figure.smaller.values()):
        assert not re.search(r'\bd="[^"]*(nan|inf)', svg)
    assert any("∞" in text for text in figure.texts)


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9])
def test_the_window_scales_with_the_data(factor):
    y, v = np.array([0.1, 0.3, 0.2, 3.0]), np.array([0.01, 0.02, 0.01, 40.0])
    fit = meta_analysis(factor * y, factor**2 * v, tau2=0.0, test="z")
    window = window_of(forest_rows(fit), Scale("", log=False, null=None, transf="identity"))
    reference = meta_analysis(y, v, tau2=0.0, test="z")
    expected = window_of(forest_rows(reference), Scale("", log=False, null=None, transf=""))
    assert window.low == pytest.approx(factor * expected.low, rel=1e-9)
    assert window.high == pytest.approx(factor * expected.high, rel=1e-9)


@pytest.mark.parametrize("k", [1, 2, 60, 300])
def test_rows_of_a_drawing_do_not_touch(k):
    rng = np.random.default_rng(k)
    fit = meta_analysis(rng.normal(0, 1, k), rng.uniform(0.1, 1, k))
    figure = fit.plot.forest(title="Title", footer=["one", "two " * 60])
    for svg in (figure.svg, *figure.smaller.values()):
        drawn = ET.fromstring(svg)
        at = sorted(float(t.get("y")) for t in drawn.iter(f"{SVG}text") if t.get("x") == "6"
                    or t.get("x") == "2")  # fmt: skip
        assert min(b - a for a, b in pairwise(at)) >= 9
        assert at[-1] < float(drawn.get("height"))


def test_too_many_studies_leave_the_summaries():
    k = MOST + 1
    fit = meta_analysis(np.linspace(0, 1, k), np.full(k, 0.1))
    assert [r.kind for r in drawn_rows(forest_rows(fit))] == ["total", "prediction"]
    assert fit.plot.forest().marks("study") == []
    regression = meta_analysis(np.linspace(0, 1, k), np.full(k, 0.1), mods=np.arange(k) % 3)
    assert len(drawn_rows(forest_rows(regression))) == MOST


def test_scales_of_measures(fit):
    assert scale_of(fit) == Scale("Risk ratio", log=True, null=1.0, transf="exp")
    logs = scale_of(fit, "identity")
    assert (logs.log, logs.null) == (False, 0.0)
    share = meta_analysis([1.0, 2.0], [0.1, 0.1], measure="LOGITAUC")
    assert scale_of(share) == Scale("Area under the ROC curve", log=False, null=None,
                                    transf="expit")  # fmt: skip
    zcor = meta_analysis([0.1, 0.2], [0.1, 0.1], measure="ZCOR")
    assert (scale_of(zcor).title, scale_of(zcor).null) == ("Correlation", 0.0)


@pytest.mark.parametrize(
    ("low", "high"), [(0.5, 2), (0.1, 10), (1e-4, 1e4), (1e-30, 1e30), (0.9, 1.1), (3.0, 3.0)]
)
def test_logarithmic_axes_have_a_few_round_ticks(low, high):
    ticks = log_ticks([low, high])
    assert 1 <= len(ticks) <= 20
    assert ticks == sorted(ticks)
    assert all(float(f"{t:.2e}") == t for t in ticks)


def test_widths_and_cuts_of_text():
    assert text_width("漢字") > text_width("ab")
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"


def test_weights_are_not_a_column_when_there_are_none():
    rows = [ForestRow("study", "a", 1.0, 0.5, 1.5)]
    assert weight_column(rows) == ()
    assert effect_column(rows, heading="Effect", level=95, digits=2).title == ("Effect", "[95% CI]")


@pytest.mark.parametrize("sides", [("vaccine", "control"), ("early rehabilitation", "usual care")])
def test_what_stands_left_and_right_of_no_effect_does_not_overlap(fit, sides):
    figure = fit.plot.forest(favours=sides)
    for svg in (figure.svg, *figure.smaller.values()):
        drawn = list(ET.fromstring(svg).iter(f"{SVG}text"))
        ends = [t for t in drawn if t.get("text-anchor") == "end" and "favours" in (t.text or "")]
        starts = [t for t in drawn if (t.text or "").startswith("favours")]
        assert len(ends) == len(starts) == 1
        assert float(ends[0].get("x")) < float(starts[0].get("x"))
        assert float(ends[0].get("x")) - text_width(ends[0].text, 9) > 0


@pytest.mark.parametrize("least", [21.0, 40.0], ids=["no effect near the edge", "beyond it"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_sides_are_told_at_no_effect_wherever_it_stands(mirrored, least):
    """Nothing under effects of one side says that they favour the other."""
    means = [[least, 42.0, 45.0], [20.0, 21.0, 24.0]]
    first, second = means[::-1] if mirrored else means
    sizes = {"n1i": [40] * 3, "n2i": [40] * 3, "sd1i": [4] * 3, "sd2i": [4] * 3}
    fitted = meta_analysis(effect_size("MD", m1i=first, m2i=second, **sizes))
    figure = fitted.plot.forest(favours=("early rehabilitation", "usual care at home"))
    shown, hidden = ("end", "start") if mirrored else ("start", "end")
    for svg in (figure.svg, *figure.smaller.values()):
        drawn = list(ET.fromstring(svg).iter())
        zeros = [p.get("d") for p in drawn if p.tag == f"{SVG}path" and p.get("stroke") == INK]
        zeros = [d for d in zeros if re.fullmatch(r"M[\d.]+ [\d.]+V[\d.]+", d)]
        assert bool(zeros) == (least == 21)
        places = {"start": [], "end": []}
        for text in drawn:
            if re.search("favours|early|rehab|usual|care", text.text or "") and text.get("x"):
                places[text.get("text-anchor", "start")].append(float(text.get("x")))
        assert places[shown]
        if not zeros:
            assert not places[hidden]
        else:
            zero = float(zeros[0][1:].split(" ")[0])
            assert places["start"] == pytest.approx([zero + 6] * len(places["start"]), abs=0.1)
            assert places["end"] == pytest.approx([zero - 6] * len(places["end"]), abs=0.1)


@pytest.mark.parametrize(
    ("low", "high", "log", "expected"),
    [
        (0.06, 6.5, True, [0.1, 0.2, 0.5, 1, 2, 5]),
        (0.28, 1.2, True, [0.3, 0.4, 0.5, 0.6, 0.8, 1]),
        (0.93, 1.08, True, [0.94, 0.96, 0.98, 1, 1.02, 1.04, 1.06, 1.08]),
        (1e-6, 1e6, True, [1e-6, 1e-4, 1e-2, 1, 100, 1e4, 1e6]),
        (-0.3, 0.9, False, [-0.2, 0, 0.2, 0.4, 0.6, 0.8]),
        (88.2, 88.9, False, [88.2, 88.3, 88.4, 88.5, 88.6, 88.7, 88.8, 88.9]),
    ],
)
def test_ticks_are_round_numbers_where_the_points_are(low, high, log, expected):
    assert ticks_between(low, high, log=log) == pytest.approx(expected)

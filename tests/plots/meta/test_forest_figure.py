"""The forest plot: its numbers, its columns, what it cuts and what it refuses."""

from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

from review import effect_size, meta_analysis
from review.errors import InputError
from review.plots.meta.axis_range import window_of
from review.plots.meta.effect_axis import Scale, log_ticks, scale_of
from review.plots.meta.forest_columns import LEVEL_OF, make_columns
from review.plots.meta.forest_plot import MOST, drawn_rows, forest
from review.plots.text_measure import shorten, text_width
from review.plots.traffic_light import SIGNS
from review.stats.pooling.subgroups import subgroup_analysis
from review.stats.presentation.effect_display import interval_text
from review.stats.presentation.forest_rows import ForestRow, forest_rows, subgroup_rows


@pytest.fixture(name="fit")
def _fit():
    effects = effect_size(
        "RR", ai=[4, 6, 3], n1i=[123, 306, 231], ci=[11, 29, 11], n2i=[139, 303, 220],
        slab=["A & <b>", "B", "C" * 90],
    )  # fmt: skip
    return meta_analysis(effects)


def _trace(figure, name):
    return next(t for t in figure.data if t.name.startswith(name))


def _notes(figure):
    return [re.sub("</?b>", "", n.text) for n in figure.layout.annotations]


def test_marks_hold_the_numbers_of_the_rows(fit):
    rows = forest_rows(fit)
    figure = fit.plot.forest()
    studies = [r for r in rows if r.kind == "study"]
    assert list(_trace(figure, "studies").x) == [r.estimate for r in studies]
    flat = [x for r in studies for x in (r.ci_lb, r.ci_ub, None)]
    assert list(_trace(figure, "intervals").x) == flat
    total, wide = rows[-2:]
    diamond = _trace(figure, "Total")
    assert list(diamond.x) == [
        total.ci_lb, total.estimate, total.ci_ub, total.estimate, total.ci_lb,
    ]  # fmt: skip
    assert list(_trace(figure, "Prediction").x) == [wide.ci_lb, wide.ci_ub]


def test_text_beside_the_marks_is_the_same_numbers(fit):
    rows = forest_rows(fit)
    notes = _notes(fit.plot.forest(digits=2))
    for row in rows:
        assert interval_text(row, 2).replace("-", "−") in notes
    assert "100.0%" not in notes
    assert {f"{w:.1f}%" for w in fit.weights} <= set(notes)
    assert "[95% CI]" in next(n for n in notes if n.startswith("Risk ratio"))


def test_squares_have_areas_in_proportion_to_the_weights():
    fit = meta_analysis([0.1, 0.2, 0.3], [0.01, 0.02, 0.015])
    sizes = np.array(_trace(fit.plot.forest(), "studies").marker.size)
    np.testing.assert_allclose(sizes**2 / sizes.max() ** 2, fit.weights / fit.weights.max())


def test_text_is_shown_not_obeyed_and_long_names_are_cut(fit):
    figure = fit.plot.forest()
    notes = [n.text for n in figure.layout.annotations]
    assert "A &amp; &lt;b&gt;" in notes
    cut = next(n for n in figure.layout.annotations if n.text.startswith("CCC"))
    assert len(cut.text) < 50
    assert cut.text.endswith("…")
    assert cut.hovertext == "C" * 90


def test_links_open_on_click_and_follow_the_rows_used():
    fit = meta_analysis([0.1, np.nan, 0.4], [0.1, 0.2, 0.1])
    links = ["https://x.org/0", "https://x.org/1", "https://x.org/2"]
    figure = fit.plot.forest(links=links)
    assert list(_trace(figure, "studies").customdata) == [links[0], links[2]]


def test_subgroups_have_headings_and_subtotals(fit):
    found = subgroup_analysis([0.1, 0.5, 0.9, 1.1], [0.1] * 4, by=["p", "p", "q", "q"])
    rows = subgroup_rows(list(found.fits.items()), found.overall)
    figure = forest(found.overall, rows=rows, footer=[found.test_text()])
    notes = _notes(figure)
    assert [n for n in notes if n in {"p", "q"}] == ["p", "q"]
    assert sum("Subtotal" in n for n in notes) == 2
    assert found.test_text() in notes
    assert sum(t.name.strip().startswith("Subtotal") for t in figure.data) == 2


def test_extra_columns_and_risk_of_bias(fit):
    figure = fit.plot.forest(
        columns={"Year": [1999, None, math.nan], "n": [10.0, 20.0, 30.5]},
        risk_of_bias={"D1": ["low", "Some concerns", None], "overall": ["High", "critical", "odd"]},
    )
    notes = _notes(figure)
    assert {"Year", "1999", "n", "10", "20", "30.5", "D1", "overall"} <= set(notes)
    assert notes.count("nan") == 0
    signs = [n for n in figure.layout.annotations if n.bgcolor]
    assert sorted(n.text for n in signs) == sorted(["+", "−", "×", "!", "?"])
    assert {n.hovertext for n in signs} == {"low", "Some concerns", "High", "critical", "odd"}
    assert len({n.bgcolor for n in signs}) == 5


def test_words_of_the_tools_have_signs():
    assert set(LEVEL_OF.values()) <= set(SIGNS)


def test_columns_of_the_wrong_length_are_refused(fit):
    with pytest.raises(InputError, match="'Year' has 2 values"):
        fit.plot.forest(columns={"Year": [1, 2]})
    with pytest.raises(InputError, match="'D1' has 1 values"):
        fit.plot.forest(risk_of_bias={"D1": ["low"]})


def test_one_huge_interval_becomes_an_arrow_and_does_not_squash_the_rest():
    y, v = [0.1, 0.3, 0.2, 0.15, 0.4, 0.2], [0.01, 0.02, 0.01, 0.03, 0.02, 300.0]
    fit = meta_analysis(y, v)
    figure = fit.plot.forest()
    low, high = figure.layout.xaxis.range
    assert high - low < 4
    arrows = [t for t in figure.data if t.name == "goes on"]
    assert [t.marker.symbol for t in arrows] == ["triangle-left", "triangle-right"]
    assert [list(t.y) for t in arrows] == [[5], [5]]
    assert any("34" in n for n in _notes(figure))  # its numbers are there all the same


def test_infinite_limits_are_drawn_to_the_edge():
    fit = meta_analysis([0.0, 200.0], [0.04, 0.05], measure="OR")
    figure = fit.plot.forest()
    data = json.loads(figure.to_json())["data"]
    assert all(math.isfinite(x) for t in data for x in t["x"] if x is not None)
    assert any("∞" in n for n in _notes(figure))


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
def test_heights_and_margins_fit_the_rows(k):
    rng = np.random.default_rng(k)
    fit = meta_analysis(rng.normal(0, 1, k), rng.uniform(0.1, 1, k))
    figure = fit.plot.forest(title="Title", footer=["one", "two " * 60])
    layout = figure.layout
    inside = layout.height - layout.margin.t - layout.margin.b
    assert inside / (k + 1) >= 15
    assert layout.meta["min_width"] > layout.margin.l + layout.margin.r + 100
    assert layout.margin.l + layout.margin.r < 450  # a window of 700 pixels keeps a plot


def test_too_many_studies_leave_the_summaries():
    k = MOST + 1
    fit = meta_analysis(np.linspace(0, 1, k), np.full(k, 0.1))
    assert [r.kind for r in drawn_rows(forest_rows(fit))] == ["total", "prediction"]
    assert len(_trace(fit.plot.forest(), "studies").x) == 0
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
    assert all(float(f"{t:.0e}") == t for t in ticks)


def test_widths_and_cuts_of_text():
    assert text_width("漢字") > text_width("ab")
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"


def test_weights_are_not_a_column_when_there_are_none():
    rows = [ForestRow("study", "a", 1.0, 0.5, 1.5)]
    columns = make_columns(rows, heading="Effect", level=95, digits=2, extra={}, risk={})
    assert [c.title for c in columns] == [("Effect", "[95% CI]")]


@pytest.mark.parametrize("sides", [("vaccine", "control"), ("early rehabilitation", "usual care")])
def test_what_stands_left_and_right_of_no_effect_does_not_overlap_in_a_narrow_window(fit, sides):
    layout = fit.plot.forest(favours=sides).layout
    texts = [n.text for n in layout.annotations if "favours" in n.text]
    assert len(texts) == 2
    plot = layout.meta["min_width"] - layout.margin.l - layout.margin.r
    assert sum(text_width(text, 12) for text in texts) < plot

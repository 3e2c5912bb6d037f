"""Figures of diagnostic accuracy show the numbers of the result."""

from __future__ import annotations

import numpy as np
import pytest

import review
from review.errors import InputError, StatsError
from review.plots.accuracy.sroc_plot import sroc_tests

CELLS = [20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50]
LABELS = ["Lee <b>2019</b>", "Kim 2020", "Ng 2021", "Roy 2022"]
LINKS = [f"https://doi.org/10.1/{i}" for i in range(4)]


@pytest.fixture(scope="module")
def fit():
    return review.diagnostic_meta(*CELLS, slab=LABELS)


def trace(figure, name):
    return next(t for t in figure.data if (t.name or "").startswith(name))


def test_sroc_shows_point_regions_curve_and_studies(fit):
    figure = fit.plot.sroc(links=LINKS)
    point = trace(figure, "summary point")
    assert point.x[0] == fit.predict().fpr[0, 0]
    assert point.y[0] == fit.sens[0]
    for name, kind in (("95% confidence", "confidence"), ("95% prediction", "prediction")):
        outline = trace(figure, name)
        np.testing.assert_array_equal(np.column_stack([outline.x, outline.y]), fit.region(kind))
    studies = trace(figure, "studies")
    np.testing.assert_allclose(studies.y, fit.studies.sens[:, 0])
    assert list(studies.customdata) == LINKS
    assert studies.text[0].startswith("<b>Lee &lt;b&gt;")
    curve = trace(figure, "SROC curve")
    low, high = fit.observed_fpr
    assert (min(curve.x), max(curve.x)) == pytest.approx((low, high))
    crosses = trace(figure, "intervals of the studies")
    assert fit.studies.sens[0, 1] in crosses.y


def test_parts_of_the_sroc_plot_can_be_left_out(fit):
    figure = fit.plot.sroc(curve=None, confidence=False, prediction=False, crosses=False)
    assert [t.name for t in figure.data] == ["studies", "summary point"]


def test_a_curve_that_is_not_defined_is_not_drawn():
    flat = review.diagnostic_meta([20, 41, 29, 62], [5, 10, 7, 16], [4, 8, 6, 12], [30, 61, 44, 88])
    names = [t.name for t in flat.plot.sroc().data]
    assert not any("SROC curve" in (n or "") for n in names)
    assert "summary point" in names


def test_coupled_forest_rows(fit):
    figure = fit.plot.coupled_forest()
    assert "Lee <b>2019</b>" in figure.texts
    assert "<b>" not in figure.svg
    assert "0.80 [0.61, 0.91]" in figure.texts
    assert any("Summary (REML, k = 4)" in t for t in figure.texts)
    for plot, shares in enumerate((fit.studies.sens, fit.studies.spec)):
        marks = figure.marks("study", plot=plot)
        np.testing.assert_allclose([(m.estimate, m.low, m.high) for m in marks], shares)
    (diamond,) = figure.marks("total")
    assert (diamond.estimate, diamond.low, diamond.high) == tuple(fit.sens)
    assert {"Sensitivity", "Specificity"} <= set(figure.texts)


def test_coupled_forest_order_and_links(fit):
    figure = fit.plot.coupled_forest(order="sensitivity", links=LINKS)
    drawn = [m.estimate for m in figure.marks("study")]
    assert drawn == sorted(fit.studies.sens[:, 0], reverse=True)
    assert figure.table.rows[0].link == LINKS[3]


def test_missing_groups_leave_gaps():
    nan = float("nan")
    fit = review.diagnostic_meta([20, 30, 15, 40, 9], [5, 3, 6, 2, 1], [4, 9, 2, 12, nan],
                                 [30, 40, 28, 50, nan])  # fmt: skip
    figure = fit.plot.coupled_forest()
    assert (len(figure.marks("study")), len(figure.marks("study", plot=1))) == (5, 4)
    assert len(trace(fit.plot.sroc(), "studies").x) == 4


def test_too_many_studies_for_a_forest():
    many = review.diagnostic_meta(*(np.tile(c, 101) for c in CELLS))
    with pytest.raises(InputError, match="404 studies are too many"):
        many.plot.coupled_forest()


def test_fagan_lines_follow_bayes(fit):
    figure = fit.plot.fagan(0.3)
    logit = lambda p: np.log(p / (1 - p))  # noqa: E731
    found = fit.predictive_values(0.3)
    after = trace(figure, "after a positive result")
    assert after.y[0] == pytest.approx(-logit(0.3))
    assert after.y[1] == pytest.approx(logit(found.ppv[0, 0]))
    # the middle of the line lies at log LR / 2, where the middle scale has LR
    assert (after.y[0] + after.y[1]) / 2 == pytest.approx(np.log(fit.lr_pos[0]) / 2)
    after = trace(figure, "after a negative result")
    assert after.y[1] == pytest.approx(logit(1 - found.npv[0, 0]))
    assert f"{100 * found.ppv[0, 0]:.1f}%" in trace(figure, "after a positive").name


def test_prevalence_bands(fit):
    figure = fit.plot.prevalence(marks=[0.1])
    line = trace(figure, "after a positive")
    found = fit.predictive_values(list(line.x))
    np.testing.assert_allclose(line.y, found.ppv[:, 0])
    np.testing.assert_allclose(np.array(line.customdata), found.ppv[:, 1:])
    with pytest.raises(InputError):
        fit.plot.prevalence(marks=[3])


def test_deeks_funnel_line(fit):
    test = fit.deeks_test()
    figure = fit.plot.deeks_funnel(test=test)
    line = trace(figure, "regression")
    assert line.x[0] == pytest.approx(np.exp(test.beta[0]))
    np.testing.assert_allclose(trace(figure, "studies").x, np.exp(test.log_dor))


def test_figures_of_one_point_refuse_moderators():
    fit = review.diagnostic_meta(*(np.tile(c, 3) for c in CELLS), mods=["a", "b", "c"] * 4)
    for draw in (fit.plot.sroc, fit.plot.fagan, fit.plot.prevalence):
        with pytest.raises(StatsError, match="moderators"):
            draw()
    assert fit.plot.coupled_forest().marks("total") == []


def test_tests_have_a_point_each():
    cells = [np.tile(c, 2) for c in CELLS]
    found = review.compare_tests(*cells, test=["A"] * 4 + ["B"] * 4)
    figure = sroc_tests(found)
    assert [t.name for t in figure.data if t.mode == "markers"] == ["A", "B"]
    assert trace(figure, "A").y[0] == found.points.sens[0, 0]

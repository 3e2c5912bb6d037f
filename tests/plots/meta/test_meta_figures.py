"""Every number in a figure of a meta-analysis is one of the result object."""

from __future__ import annotations

import contextlib
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import review.plots.meta as figures
from review import effect_size, meta_analysis
from review.errors import InputError, ReviewError, StatsError, UnknownNameError
from review.plots.interval_table.table_drawing import Drawing
from review.stats.influence import (
    baujat,
    cumulative,
    leave_one_out,
    profile_tau2,
    qq_points,
    radial,
)
from review.stats.influence.gosh import gosh
from review.stats.pooling.subgroups import subgroup_analysis

TABLE = {
    "ai": [4, 6, 3, 62, 33, 180, 8],
    "n1i": [123, 306, 231, 13598, 5069, 1541, 2545],
    "ci": [11, 29, 11, 248, 47, 372, 10],
    "n2i": [139, 303, 220, 12867, 5808, 1451, 629],
}
NAMES = ["A & B <1>", "C", "D", "E", "F", "G", "H"]
LATITUDE = [44, 55, 42, 52, 13, 44, 19]


@pytest.fixture(name="fit")
def _fit():
    return meta_analysis(effect_size("RR", slab=NAMES, **TABLE))


@pytest.fixture(name="regression")
def _regression():
    effects = effect_size("RR", slab=NAMES, **TABLE)
    return meta_analysis(effects, mods="~ latitude", data={"latitude": LATITUDE})


def _trace(figure, name):
    return next(t for t in figure.data if t.name and t.name.startswith(name))


def _texts(figure):
    return [note.text for note in figure.layout.annotations]


def test_every_figure_is_a_method_of_the_result(fit):
    assert sorted(dir(fit.plot)) == sorted(figures.__all__)
    with pytest.raises(UnknownNameError, match="forest"):
        fit.plot.forrest()


def test_funnel_points_lines_and_axis(fit):
    figure = fit.plot.funnel(links=[f"https://x.org/{i}" for i in range(7)])
    points = _trace(figure, "studies")
    assert points.x.tolist() == fit.yi.tolist()
    assert points.y.tolist() == fit.sei.tolist()
    assert points.customdata[2] == "https://x.org/2"
    assert points.text[0] == "A &amp; B &lt;1&gt;"  # shown as written, not obeyed
    assert list(_trace(figure, "average").x) == [fit.beta[0]] * 2
    ticks = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    assert ticks["1"] == 0
    assert ticks["0.5"] == pytest.approx(np.log(0.5))


def test_funnel_with_filled_studies_shows_both_averages(fit):
    from review import trim_and_fill

    found = trim_and_fill(fit, side="right", estimator="R0")
    figure = fit.plot.funnel(trim_fill=found)
    assert list(_trace(figure, "average with").x) == [found.fit.beta[0]] * 2
    if found.k0:
        assert len(_trace(figure, "filled in").x) == found.k0


def test_funnel_of_a_single_group_has_no_contours():
    fit = meta_analysis(effect_size("PLO", xi=[2, 3, 10], ni=[20, 25, 12]))
    assert not any("p <" in (t.name or "").replace("&lt;", "<") for t in fit.plot.funnel().data)
    chance = fit.plot.funnel(null=0.0)
    assert any("p &lt;" in (t.name or "") for t in chance.data)


def test_funnel_of_very_many_studies_draws_some():
    rng = np.random.default_rng(0)
    fit = meta_analysis(rng.normal(0, 1, 6000), rng.uniform(0.1, 1, 6000))
    points = _trace(fit.plot.funnel(), "studies (5,000 of 6,000")
    assert len(points.x) == 5000
    assert set(points.x.tolist()) <= set(fit.yi.tolist())


def test_radial_baujat_qq_and_profile_show_their_coordinates(fit):
    for build, found in ((figures.radial, radial(fit)), (figures.baujat, baujat(fit)),
                         (figures.qq, qq_points(fit, seed=1))):  # fmt: skip
        options = {"seed": 1} if build is figures.qq else {}
        dots = _trace(build(fit, **options), "studies")
        assert list(dots.x) == found.x.tolist()
        assert list(dots.y) == found.y.tolist()
        assert build(fit, points=found).data[-1].x == dots.x
    curve = profile_tau2(fit)
    line = _trace(figures.profile(fit), "log-likelihood")
    assert list(line.x) == curve.tau2.tolist()
    assert list(line.y) == curve.loglik.tolist()
    assert list(_trace(figures.profile(fit), "estimate").x) == [fit.tau2] * 2


def test_names_in_a_baujat_plot_do_not_overlap():
    from review.plots.figure_sizes import MEDIA
    from review.plots.meta.diagnostic_plots import _names

    # two points on top of each other at the right edge: only one name fits, to the left
    labels = ["first study", "second study", "third"]
    for medium in MEDIA:
        notes = _names([1.0, 1.0, 0.2], [1.0, 1.005, 0.5], labels, medium)
        assert {n["text"]: n["xanchor"] for n in notes} == {
            "second study": "right", "third": "left",
        }  # fmt: skip


def test_bubble_shows_fit_bands_and_effects(regression):
    figure = regression.plot.bubble(links=["https://x.org"] * 7)
    points, line = _trace(figure, "studies"), _trace(figure, "average")
    assert list(points.x) == LATITUDE
    np.testing.assert_array_equal(points.y, np.exp(regression.yi))
    expected = regression.predict({"latitude": line.x}, "exp")
    np.testing.assert_allclose(line.y, expected.pred, rtol=1e-12)
    band = _trace(figure, "prediction")
    half = len(line.x)
    np.testing.assert_allclose(band.y[:half], expected.pi_lb, rtol=1e-12)
    np.testing.assert_allclose(band.y[half:][::-1], expected.pi_ub, rtol=1e-12)
    area = (np.array(points.marker.size) - 6) ** 2
    np.testing.assert_allclose(area / area.max(), regression.weights / regression.weights.max())


def test_drapery_curves_peak_at_the_effects(fit):
    figure = fit.plot.drapery()
    summary = _trace(figure, "average effect")
    peak = summary.x[int(np.argmax(summary.y))]
    assert peak == pytest.approx(np.exp(fit.beta[0]), rel=1e-12)
    assert len(figure.data) == 7 + 2


def test_orchard_shows_each_group_and_the_whole(fit):
    words = ["x", "y", "x", "y", "x", "x", "y"]
    found = subgroup_analysis(effect_size("RR", slab=NAMES, **TABLE), by=words)
    figure = found.overall.plot.orchard(groups=found.fits)
    total = _trace(figure, "Total")
    average = fit.predict(transf="exp")
    assert list(total.x) == [average.ci_lb[0], average.pred[0], average.ci_ub[0]]
    assert figure.layout.yaxis.ticktext[1] == "y<br>(k = 3)"
    assert sorted(_trace(figure, "x").x) == sorted(np.exp(found["x"].yi).tolist())


def test_orchard_needs_an_average(regression):
    with pytest.raises(StatsError, match="without moderators"):
        regression.plot.orchard()


@pytest.mark.parametrize("against", ["I2", "tau2", "QE", "H2"])
def test_gosh_points_are_the_subsets(fit, against):
    found = gosh(fit)
    figure = fit.plot.gosh(against=against, study="C")
    with_c, without = (_trace(figure, name) for name in ("with C", "without C"))
    inside = found.contains("C")
    assert with_c.x.tolist() == found.estimate[inside].tolist()
    assert without.y.tolist() == getattr(found, against)[~inside].tolist()
    assert figures.gosh(found).data[0].x.tolist() == found.estimate.tolist()


def test_gosh_refuses_an_unknown_measure_of_heterogeneity(fit):
    with pytest.raises(UnknownNameError, match="tau2"):
        fit.plot.gosh(against="tau")


def test_labbe_shows_the_event_rates(fit):
    points = _trace(fit.plot.labbe(**TABLE), "studies")
    assert list(points.y) == [a / n for a, n in zip(TABLE["ai"], TABLE["n1i"], strict=True)]
    assert list(points.x) == [c / n for c, n in zip(TABLE["ci"], TABLE["n2i"], strict=True)]
    with pytest.raises(InputError, match="needs a model of"):
        meta_analysis([0.1, 0.2], [0.1, 0.1]).plot.labbe(**TABLE)


def test_leave_one_out_and_cumulative_show_the_refits(fit):
    for found, figure in (
        (leave_one_out(fit), fit.plot.leave_one_out()),
        (cumulative(fit, "precision"), fit.plot.cumulative("precision")),
    ):
        marks = figure.marks("study")
        np.testing.assert_array_equal([m.estimate for m in marks], np.exp(found.estimate))
        np.testing.assert_array_equal([m.low for m in marks], np.exp(found.ci_lb))
    assert "without A & B <1>" in fit.plot.leave_one_out().texts


def test_leave_one_out_of_a_regression_is_about_one_coefficient(regression):
    found = leave_one_out(regression)
    figure = regression.plot.leave_one_out()
    assert figure.table.plots[0].scale.title == "latitude"
    np.testing.assert_array_equal([m.estimate for m in figure.marks("study")], found.estimate[:, 1])
    by_name = regression.plot.leave_one_out(coefficient="intercept")
    drawn = [m.estimate for m in by_name.marks("study")]
    np.testing.assert_array_equal(drawn, found.estimate[:, 0])
    with pytest.raises(InputError, match="no coefficient is called 'lat'"):
        regression.plot.leave_one_out(coefficient="lat")


@pytest.mark.parametrize("name", sorted(set(figures.__all__) - {"bubble", "labbe"}))
@pytest.mark.parametrize("case", ["one", "two", "equal", "tiny", "huge", "proportion", "unsized"])
def test_every_figure_of_boundary_data_is_drawn_or_refused_in_words(name, case):
    fit = {
        "one": lambda: meta_analysis([0.4], [0.04]),
        "two": lambda: meta_analysis([0.4, 0.9], [0.04, 0.05], measure="OR"),
        "equal": lambda: meta_analysis([0.5] * 4, [0.1] * 4),
        "tiny": lambda: meta_analysis([1e-9, 2e-9, 1.5e-9], [1e-20, 2e-20, 1e-20]),
        "huge": lambda: meta_analysis([1e9, 2e9, 1.5e9], [1e16, 2e16, 1e16]),
        "proportion": lambda: meta_analysis(effect_size("PFT", xi=[0, 3, 25], ni=[20, 25, 25])),
        "unsized": lambda: meta_analysis([0.5, 0.9, 0.7], [0.01, 0.02, 0.03], measure="PFT"),
    }[case]()
    figure = None
    with contextlib.suppress(ReviewError):  # refused in words; any other error fails the test
        figure = getattr(fit.plot, name)()
    if isinstance(figure, Drawing):
        for svg in (figure.svg, *figure.smaller.values()):
            assert float(ET.fromstring(svg).get("height")) > 50
    else:
        assert figure is None or json.loads(figure.to_json())["layout"]["height"] > 100


def test_a_figure_becomes_svg_with_its_numbers(fit):
    from review.plots.image import to_picture

    svg = to_picture(fit.plot.forest(risk_of_bias={"D1": ["low"] * 7})).decode()
    assert "Total (REML, k = 7)" in svg
    assert f"{fit.weights[0]:.1f}%" in svg

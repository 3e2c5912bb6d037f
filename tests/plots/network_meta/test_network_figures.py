"""Figures of networks show the numbers of the result."""

from __future__ import annotations

import numpy as np
import pytest

import review
from review.errors import InputError, StatsError, UnknownNameError

EVENTS = {
    "treat": ["A", "B", "A", "C", "B", "C", "A", "B", "C", "A", "Drug <b> long name", "A", "B"],
    "studlab": ["1", "1", "2", "2", "3", "3", "4", "4", "4", "5", "5", "6", "6"],
    "xi": [9, 23, 11, 12, 29, 31, 8, 14, 20, 9, 15, 12, 19],
    "ni": [140, 140, 78, 85, 170, 170, 90, 88, 95, 60, 60, 100, 100],
}


@pytest.fixture(scope="module")
def fit():
    return review.network_meta(review.arm_contrasts("OR", **EVENTS), reference="A")


def trace(figure, name):
    return next(t for t in figure.data if t.name == name)


def test_the_graph_has_every_treatment_and_comparison(fit):
    figure = fit.plot.graph()
    nodes = trace(figure, "treatments")
    assert len(nodes.x) == fit.n
    np.testing.assert_allclose(np.hypot(nodes.x, nodes.y), 1.0)
    # the area of a node is in proportion to the persons
    persons = np.array([fit.persons[t] for t in fit.treatments])
    sizes = np.array(nodes.marker.size)
    big = sizes > sizes.min()
    np.testing.assert_allclose(sizes[big] ** 2 / persons[big], (sizes[big] ** 2 / persons[big])[0])
    assert "Drug &lt;b&gt;" in nodes.text[-1]
    lines = [s for s in figure.layout.shapes if s.type == "line"]
    assert len(lines) == (fit.study_counts > 0).sum() / 2
    assert len(trace(figure, "comparisons").x) == len(lines)
    widths = {s.line.width for s in lines}
    assert max(widths) == 12
    assert any(a.text == "3" for a in figure.layout.annotations)


def test_the_order_around_the_circle(fit):
    nodes = trace(fit.plot.graph(order=["C", "A", "B", "Drug <b> long name"]), "treatments")
    assert (nodes.x[2], nodes.y[2]) == pytest.approx((0.0, 1.0))
    with pytest.raises(InputError, match="order must hold every treatment once"):
        fit.plot.graph(order=["A"])


def test_the_forest_plot_is_the_table_against_the_reference(fit):
    figure = fit.plot.forest(order=["A", "B", "C", "Drug <b> long name"])
    np.testing.assert_allclose([m.estimate for m in figure.marks("study")], np.exp(fit.beta))
    assert figure.marks("band")[0].low == pytest.approx(float(np.exp(fit.pi_lb[0])))
    texts = figure.texts
    low, high = np.exp([fit.ci_lb[0], fit.ci_ub[0]])
    assert f"{np.exp(fit.beta[0]):.2f} [{low:.2f}, {high:.2f}]" in texts
    assert f"{fit.p_scores['B']:.2f}" in texts
    other = fit.plot.forest(reference="B", prediction=False)
    assert other.marks("band") == []
    assert len(other.marks("study")) == fit.n - 1
    with pytest.raises(UnknownNameError):
        fit.plot.forest(reference="Z")


def test_direct_and_indirect_evidence(fit):
    split = fit.node_split()
    figure = fit.plot.split_forest(split=split)
    points = [m.estimate for m in figure.marks("study")]
    assert len(points) == 2 * len(split.both)
    first = split.both[0]
    np.testing.assert_allclose(points[:2], np.exp([split.direct[first], split.indirect[first]]))
    alone = review.network_meta([0.1, 0.2], [0.1, 0.1], ["A", "A"], ["B", "C"], ["1", "2"])
    with pytest.raises(StatsError, match="direct and indirect"):
        alone.plot.split_forest()


def test_the_league_table(fit):
    order = ["A", "B", "C", "Drug <b> long name"]
    figure = fit.plot.league(order=order)
    cells = figure.data[0].text
    frame = fit.league(order)
    assert cells[2][0].replace("<br>", " ") == frame.loc["C", "A"]
    assert cells[0][2].replace("<br>", " ") == frame.loc["A", "C"]
    assert "Drug &lt;b&gt;" in cells[3][3]
    assert figure.data[0].z[2][0] == pytest.approx(float(fit.table("stat").loc["A", "C"]))
    assert cells[1][3] == ""  # no study compares B with the last


def test_heat_maps(fit):
    heat = fit.net_heat()
    np.testing.assert_allclose(np.array(fit.plot.net_heat().data[0].z, dtype=float), heat.change)
    found = fit.contribution("random walk")
    drawn = fit.plot.contribution(method="random walk").data[0]
    np.testing.assert_allclose(np.array(drawn.z, dtype=float), 100 * found.matrix)
    alone = review.network_meta([0.1, 0.2], [0.1, 0.1], ["A", "A"], ["B", "C"], ["1", "2"])
    with pytest.raises(StatsError, match="same difference"):
        alone.plot.net_heat()


def test_the_funnel_has_every_comparison(fit):
    figure = fit.plot.funnel(order=["A", "B", "C", "Drug <b> long name"])
    points = [t for t in figure.data if t.name != "limits"]
    assert sum(len(t.x) for t in points) == fit.m
    assert trace(figure, "limits").y[1] == 0
    assert figure.layout.yaxis.range[1] == 0


def test_the_rankogram_adds_up(fit):
    ranking = fit.ranking(draws=2000)
    figure = fit.plot.rankogram(ranking=ranking)
    np.testing.assert_allclose(sum(np.array(bar.x) for bar in figure.data), 1.0)
    np.testing.assert_allclose(figure.data[0].x, ranking.probabilities[list(ranking.order), 0])
    assert figure.layout.yaxis.ticktext[0].startswith(fit.ranked[0].split(" <")[0])


def test_what_cannot_be_read_is_refused():
    names = [f"T{i}" for i in range(40)]
    te = np.zeros(39)
    fit = review.network_meta(te, te + 0.1, names[:-1], names[1:], names[:-1])
    with pytest.raises(InputError, match="40 treatments are too many"):
        fit.plot.league()
    with pytest.raises(InputError, match="too many to be drawn"):
        fit.plot.contribution()
    assert len(trace(fit.plot.graph(), "treatments").x) == 40

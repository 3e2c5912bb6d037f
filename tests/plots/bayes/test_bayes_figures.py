"""Figures of Bayesian meta-analysis show the numbers of the result."""

from __future__ import annotations

import math

import numpy as np
import pytest

import review
from review.errors import InputError

Y = [-2.31, -0.46, -2.30, -1.76]
S = [0.60, 0.56, 0.88, 0.46]
LABELS = ["Lee <b>2019</b>", "Kim 2020", "Ng 2021", "Roy 2022"]


@pytest.fixture(scope="module")
def fit():
    return review.bayes_meta(Y, S, "half-normal:0.5", measure="OR", slab=LABELS)


def trace(figure, name):
    return next(t for t in figure.data if t.name == name)


def texts(figure):
    return [note.text for note in figure.layout.annotations]


def test_forest_shows_what_was_reported_and_what_is_known(fit):
    figure = fit.plot.forest(links=[f"https://doi.org/10.1/{i}" for i in range(4)])
    np.testing.assert_allclose([m.estimate for m in figure.marks("reported")], np.exp(Y))
    known = [m.estimate for m in figure.marks("posterior")]
    np.testing.assert_allclose(known, np.exp(fit.effects.median))
    assert figure.table.rows[3].link == "https://doi.org/10.1/3"
    (diamond,) = figure.marks("total")
    assert diamond.estimate == pytest.approx(math.exp(fit.mu.median))
    assert diamond.low == pytest.approx(math.exp(fit.mu.ci_lb))
    (bar,) = figure.marks("prediction")
    expected = np.exp([fit.prediction.ci_lb, fit.prediction.ci_ub])
    assert [bar.low, bar.high] == pytest.approx(expected)
    assert "Lee <b>2019</b>" in figure.texts
    shown = f"{math.exp(fit.mu.median):.2f} [{math.exp(fit.mu.ci_lb):.2f}, "
    assert any(shown in text for text in figure.texts)
    assert figure.table.plots[0].scale.log


def test_forest_of_very_many_studies_is_refused():
    rng = np.random.default_rng(3)
    fit = review.bayes_meta(rng.normal(size=301), np.ones(301), "half-normal:0.5")
    with pytest.raises(InputError, match="301 studies are too many"):
        fit.plot.forest()


def test_densities_are_those_of_the_posterior(fit):
    figure = fit.plot.posteriors(transf="identity")
    curve = trace(figure, "average")
    np.testing.assert_allclose(curve.y, fit.mu_posterior.pdf(np.array(curve.x)))
    curve = trace(figure, "tau")
    np.testing.assert_allclose(curve.y, fit.tau_posterior.pdf(np.array(curve.x)))
    prior = trace(figure, "prior of tau")
    at = np.array(prior.x)
    assert prior.y[0] == pytest.approx(4 / math.sqrt(2 * math.pi) * math.exp(-2 * at[0] ** 2))
    shaded = [t for t in figure.data if t.fill == "toself"]
    assert len(shaded) == 2
    assert min(shaded[0].x) >= fit.mu.ci_lb
    assert max(shaded[1].x) <= fit.tau.ci_ub


def test_an_improper_prior_is_not_drawn():
    figure = review.bayes_meta(Y, S, "jeffreys").plot.posteriors()
    assert [t.name for t in figure.data if t.name] == ["average", "new study", "tau"]


def test_an_unbounded_prior_is_cut():
    figure = review.bayes_meta(Y, S, "log-t:-1,1,5").plot.posteriors()
    assert np.isfinite(trace(figure, "prior of tau").y).all()


def test_sensitivity_shows_every_prior_and_marks_the_chosen_one(fit):
    figure = fit.plot.sensitivity()
    found = fit.sensitivity()
    np.testing.assert_allclose(trace(figure, "average").x, np.exp(found.beta))
    np.testing.assert_allclose(trace(figure, "tau").x, found.tau)
    assert "<b>half-normal:0.5</b>" in texts(figure)
    assert "flat" in texts(figure)


def test_figures_of_narrow_windows_keep_room_for_their_plots(fit):
    figure = fit.plot.sensitivity()
    margins = figure.layout.margin.l + figure.layout.margin.r
    assert figure.layout.meta["min_width"] >= margins + 150

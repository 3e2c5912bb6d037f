"""Hermite moments of weight functions against a finer and wider quadrature."""

import numpy as np
import pytest
from scipy.special import eval_hermitenorm
from scipy.stats import norm

from review.stats.bias.selection.sides import log_p, z_of_p
from review.stats.bias.selection.weight_functions import FAMILIES
from review.stats.bias.selection.weight_moments import panels, smooth_grid, step_cells, tail_nodes
from review.stats.bias.selection.weighting import Curve, Steps

M, S = np.array([0.3, 2.5, -1.0, 8.0, 40.0]), np.array([1.0, 1.4, 3.0, 1.0, 12.0])
STEP = np.array([0.025, 0.1, 0.5])


NODES, WEIGHTS = np.polynomial.legendre.leggauss(30)


def p_of(z, two_sided):
    return 2 * norm.sf(np.abs(z)) if two_sided else norm.sf(z)


def integral(f, m, s, n, cuts):
    """Integral of f(z) He_n(u) phi(u) du: 30 nodes on steps of 0.2 between all cuts."""
    grid = np.linspace(m - 12 * s, m + 12 * s, int(120 * s))
    edges = np.unique([*grid, *(c for c in cuts if abs(c - m) < 12 * s)])
    half = np.diff(edges)[:, None] / 2
    z = (edges[1:] + edges[:-1])[:, None] / 2 + half * NODES
    u = (z - m) / s
    return np.sum(half * WEIGHTS * f(z) * eval_hermitenorm(n, u) * np.exp(-u * u / 2)) / (
        s * np.sqrt(2 * np.pi)
    )


@pytest.mark.parametrize("two_sided", [False, True])
def test_p_values_in_both_tails(two_sided):
    z = np.array([-30.0, -2.0, 0.5, 3.0, 30.0])
    lower, upper = log_p(z, two_sided=two_sided)
    p = p_of(z, two_sided)
    np.testing.assert_allclose(np.exp(lower), p, rtol=1e-12)
    np.testing.assert_allclose(np.exp(lower) + np.exp(upper), 1, rtol=1e-12)
    cut = z_of_p(STEP, two_sided=two_sided)
    np.testing.assert_allclose(p_of(cut, two_sided), STEP, rtol=1e-12)


@pytest.mark.parametrize("two_sided", [False, True])
def test_moments_of_a_step_function(two_sided):
    delta = np.array([1.0, 0.6, 2.0, 0.3])
    steps = Steps.of(np.array([0.01]), STEP, two_sided=two_sided)
    found = steps.moments(slice(None), M, S, delta, derivatives=True)
    cuts = z_of_p(STEP, two_sided=two_sided)

    def weight(z):
        return delta[np.searchsorted(STEP, p_of(z, two_sided))]

    for i, (m, s) in enumerate(zip(M, S, strict=True)):
        for n in range(5):
            expected = integral(weight, m, s, n, [*cuts, *-cuts])
            assert found.weight[n, i] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert found.slope.sum(axis=0)[0] == pytest.approx(1.0)  # the intervals cover the line


CASES = [
    ("halfnorm", (2.0,), 0.0), ("halfnorm", (90.0,), 0.0), ("negexp", (5.0,), 0.0),
    ("logistic", (40.0,), 0.0), ("power", (0.7,), 1e-5), ("power", (0.7,), 0.0),
    ("power", (60.0,), 0.0), ("negexppow", (3.0, 0.4), 0.0), ("negexppow", (3.0, 8.0), 0.0),
    ("beta", (0.5, 1.2), 1e-5), ("beta", (2.0, 0.3), 1e-5), ("beta", (0.9, 20.0), 1e-8),
]  # fmt: skip


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("threshold", [None, 0.05])
@pytest.mark.parametrize(("name", "delta", "censor"), CASES)
def test_moments_of_smooth_weights(name, delta, censor, threshold, two_sided):
    family, given = FAMILIES[name], np.array(delta)
    curve = Curve(family, np.zeros(5), None, two_sided, threshold, censor)
    found = curve.moments(slice(None), M, S, given, derivatives=True)
    marks = [censor, 1 - censor] if censor else []
    marks += [threshold] if threshold else []
    cuts = z_of_p(np.array(marks), two_sided=two_sided) if marks else np.array([])
    fine = [*cuts, *-cuts, 0.0, *np.geomspace(1e-8, 1, 12), *-np.geomspace(1e-8, 1, 12)]

    def weight(z):
        lower, upper = log_p(z, two_sided=two_sided)
        if censor:
            lower = np.clip(lower, np.log(censor), np.log1p(-censor))
            upper = np.clip(upper, np.log(censor), np.log1p(-censor))
        value = np.exp(family.log_weight(lower, upper, given, np.ones(1)).value)
        if not threshold:
            return value
        ends = np.log(np.array([threshold])), np.log1p(-np.array([threshold]))
        start = np.exp(family.log_weight(*ends, given, np.ones(1)).value)
        return np.where(lower <= ends[0], 1.0, value / start)

    for i in (0, 2, 4):
        for n in (0, 1, 4):
            expected = integral(weight, M[i], S[i], n, fine)
            assert found.weight[n, i] == pytest.approx(expected, rel=3e-9, abs=1e-11), (i, n)


def test_panels_integrate_polynomials_exactly():
    rule = panels(np.array([[0.0, 0.5, 2.0], [1.0, 1.0, 3.0]]))
    np.testing.assert_allclose((rule.weight * rule.z**9).sum(axis=1), [102.4, 5904.8], rtol=1e-13)


def test_cells_and_nodes_cover_the_line_once():
    for two_sided in (False, True):
        for censor in (0.0, 1e-5):
            nodes, cells, _ = smooth_grid(censor=censor, threshold=0.1, two_sided=two_sided)
            covered = nodes.weight.sum()
            finite = np.isfinite(cells.lower) & np.isfinite(cells.upper)
            covered += (cells.upper - cells.lower)[finite].sum()
            ends = (
                cells.lower[~np.isinf(cells.lower)].max(),
                cells.upper[~np.isinf(cells.upper)].min(),
            )
            assert covered == pytest.approx(ends[0] - ends[1], rel=1e-12)


def test_step_cells_of_two_sided_p_values_are_symmetric():
    cells = step_cells(np.array([0.05]), two_sided=True)
    np.testing.assert_allclose(np.sort(cells.lower), np.sort(-cells.upper), atol=1e-12)


def test_tails_have_weight_only_where_the_normal_has_mass():
    near, far = (
        tail_nodes(np.array([0.0]), np.array([1.0]), 1),
        tail_nodes(np.array([60.0]), np.array([2.0]), 1),
    )
    assert not near.weight.any()
    assert far.weight.sum() == pytest.approx(34.0)  # 17 standard deviations

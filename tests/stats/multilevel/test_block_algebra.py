"""Block-diagonal algebra and the outside effects against dense matrices."""

from itertools import chain, combinations

import numpy as np
import pytest

from review.errors import StatsError
from review.stats.ground import linked_covariance
from review.stats.ground.block_diagonal import BlockDiagonal, NotPositiveDefinite
from review.stats.ground.linked_covariance import LinkedCovariance
from review.stats.ground.partition import Partition, connected, number
from review.stats.ground.patterns import Link
from review.stats.multilevel.mv_likelihood import Problem
from review.stats.multilevel.random_terms import build_terms, columns_of, read_random
from review.stats.multilevel.structures import STRUCTURES


def _blocks(seed=0, sizes=(1, 2, 2, 3, 7, 20)):
    rng = np.random.default_rng(seed)
    out = []
    for n in sizes:
        A = rng.normal(size=(n, n + 2))
        out.append(A @ A.T + np.eye(n))
    return BlockDiagonal.of(out)


def test_a_block_diagonal_matrix_is_the_dense_one():
    V = _blocks()
    dense = V.to_dense()
    assert np.array_equal(np.asarray(V), dense)
    assert V.diagonal() == pytest.approx(np.diag(dense))
    inverse, logdet = V.inverse()
    assert inverse.to_dense() == pytest.approx(np.linalg.inv(dense), abs=1e-12)
    assert logdet == pytest.approx(np.linalg.slogdet(dense)[1])
    rng = np.random.default_rng(1)
    for B in (rng.normal(size=len(dense)), rng.normal(size=(len(dense), 3))):
        assert V.dot(B) == pytest.approx(dense @ B)
    keep = rng.permutation(len(dense))[:20]
    assert np.array_equal(V.rows(keep).to_dense(), dense[np.ix_(keep, keep)])
    assert np.array_equal(V.block(3), dense[5:8, 5:8])


def test_many_blocks_of_one_size_are_inverted_side_by_side():
    rng = np.random.default_rng(2)
    for n in (2, 3, 9, 17):
        A = rng.normal(size=(50, n, n + 1))
        V = BlockDiagonal.of(list(A @ np.swapaxes(A, 1, 2) + np.eye(n)))
        inverse, logdet = V.inverse()
        assert inverse.stacks[0] == pytest.approx(np.linalg.inv(V.stacks[0]), abs=1e-10)
        assert logdet == pytest.approx(np.linalg.slogdet(V.stacks[0])[1].sum())


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_a_matrix_that_is_no_covariance_names_its_rows(n):
    good, bad = np.eye(n), -np.eye(n)
    V = BlockDiagonal.of([good, bad, good])
    with pytest.raises(NotPositiveDefinite) as found:
        V.inverse()
    assert [r.tolist() for r in found.value.rows] == [list(range(n, 2 * n))]


def test_rows_that_share_a_group_are_joined():
    a, b = np.array([0, 0, 1, 2, 3, 3]), np.array([0, 1, 1, 2, 3, 4])
    assert connected(6, [a]).label.tolist() == [0, 0, 1, 2, 3, 3]
    assert connected(6, [a, b]).label.tolist() == [0, 0, 0, 1, 2, 2]
    assert connected(3, []).m == 3
    fine, coarse = Partition(np.array([0, 0, 1, 2])), Partition(np.array([0, 0, 0, 1]))
    assert fine.nested_in(coarse)
    assert not coarse.nested_in(fine)


def _problem(seed=1, k=60):
    rng = np.random.default_rng(seed)
    data = {
        "s": rng.integers(0, 12, k).tolist(), "e": list(range(k)),
        "z": rng.integers(0, 7, k).tolist(), "o": rng.choice(list("abc"), k).tolist(),
        "t": rng.integers(0, 8, k).tolist(),
    }  # fmt: skip
    v, study = rng.uniform(0.1, 0.3, k), np.array(data["s"])
    root = np.sqrt(v)
    same = study[:, None] == study
    Vd = np.where(same, 0.5 + 0.5 * np.eye(k), 0.0) * np.outer(root, root)
    parts = Partition(number(study))
    V = BlockDiagonal(
        parts, tuple(Vd[s.rows[:, :, None], s.rows[:, None, :]] for s in parts.stacks)
    )
    A = rng.normal(size=(7, 9))
    written = read_random(["~ 1 | s/e", "~ 1 | z", "~ o | t"], "UN")
    terms = build_terms(written, columns_of(written, data), np.arange(k), {"z": A @ A.T}, "cor")
    X = np.column_stack([np.ones(k), rng.normal(size=k)])
    return rng.normal(size=k), X, V, terms, Vd


def _dense_covariance(terms, matrices, Vd):
    M = Vd.copy()
    for term, T in zip(terms, matrices, strict=True):
        link = term.link
        same = link.group[:, None] == link.group
        R = same if link.R is None else link.R[np.ix_(link.group, link.group)]
        M += T[np.ix_(link.inner, link.inner)] * R
    return M


PLANS = list(chain.from_iterable(combinations(range(4), n) for n in range(5)))


@pytest.mark.parametrize("outside", PLANS)
def test_likelihood_and_slopes_do_not_depend_on_which_effects_stay_outside(
    monkeypatch, dense, outside
):
    y, X, V, terms, Vd = _problem()
    monkeypatch.setattr(linked_covariance, "_plan", lambda *_: (outside, 1.0))
    for restricted in (True, False):
        problem = Problem(y, X, V, terms, restricted=restricted)
        rng = np.random.default_rng(5)
        x = np.concatenate([t.structure.start(0.2, 0.3) for t in terms])
        x = x + rng.uniform(0, 0.1, len(x))
        point = problem.at(x)
        M = _dense_covariance(terms, problem.matrices(x), Vd)
        beta, vb, ml, reml = dense(y, X, M)
        assert (point.ml, point.reml) == pytest.approx((ml, reml), abs=1e-9)
        fit = problem.inside(point.gamma, np.linalg.inv(point.A))
        assert fit.beta == pytest.approx(beta, rel=1e-9)
        assert fit.vb == pytest.approx(vb, rel=1e-9)
        assert point.M.diagonal() == pytest.approx(np.diag(np.linalg.inv(M)), rel=1e-9)
        h = 1e-5
        rise = [
            (problem.at(x + h * e).loglik - problem.at(x - h * e).loglik) / (2 * h)
            for e in np.eye(problem.n)
        ]
        assert point.slope == pytest.approx(rise, rel=1e-5, abs=1e-5)
        # variance of the predicted effects, from the definition
        P = np.linalg.inv(M)
        for j, (term, T) in enumerate(zip(terms, problem.matrices(x), strict=True)):
            link = term.link
            Z = np.zeros((len(y), link.groups * link.c))
            Z[np.arange(len(y)), link.unit] = 1.0
            R = np.eye(link.groups) if link.R is None else link.R
            G = np.kron(R, T)
            wanted = np.diag(G @ Z.T @ P @ Z @ G)
            assert point.M.explained(j, T) == pytest.approx(wanted, rel=1e-8, abs=1e-12)


def test_effects_that_make_large_blocks_stay_outside():
    k = 3000
    rng = np.random.default_rng(3)
    study, lab = np.repeat(np.arange(1000), 3), rng.integers(0, 10, k)
    zero = np.zeros(k, dtype=np.intp)
    V = BlockDiagonal.diagonal_of(np.ones(k))
    both = LinkedCovariance(V, [Link(study, zero), Link(lab, zero)])
    assert both.whole.m == 1  # crossed effects link all rows
    assert both.inside.sizes.max() <= 3
    M = both.factor([np.full((1, 1), 0.1), np.full((1, 1), 0.2)])
    dense = np.eye(k) + 0.1 * (study[:, None] == study) + 0.2 * (lab[:, None] == lab)
    assert M.logdet == pytest.approx(np.linalg.slogdet(dense)[1], rel=1e-10)


def test_a_matrix_that_would_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(linked_covariance, "MOST", 1000)
    k = 400
    V = BlockDiagonal.of([np.eye(k) + 0.1])
    with pytest.raises(StatsError, match="400 rows with each other"):
        LinkedCovariance(V, [])


@pytest.mark.parametrize("code", list(STRUCTURES))
@pytest.mark.parametrize("c", [2, 3, 4])
def test_slopes_of_the_structures_are_those_of_their_matrices(code, c):
    s = STRUCTURES[code](c, np.array([0.0, 0.5, 2.0, 3.0])[:c])
    rng = np.random.default_rng(7)
    x = s.start(0.3, 0.4) + rng.uniform(0, 0.1, s.n)
    h = 1e-6
    rise = [(s.matrix(x + h * e) - s.matrix(x - h * e)) / (2 * h) for e in np.eye(s.n)]
    assert s.slopes(x) == pytest.approx(np.array(rise), abs=1e-8)
    weight = rng.normal(size=(c, c))
    weight = weight + weight.T
    bend = [((s.slopes(x + h * e) - s.slopes(x - h * e)) * weight).sum((1, 2)) / (2 * h)
            for e in np.eye(s.n)]  # fmt: skip
    assert s.bend(x, weight) == pytest.approx(np.array(bend), abs=1e-6)
    tau2, rho = s.natural(x)
    assert s.matrix(s.coordinates(tau2, rho)) == pytest.approx(s.matrix(x), abs=1e-12)
    # each parameter that has a coordinate of its own stands alone there
    T = s.matrix(x)
    assert np.linalg.eigvalsh(T)[0] > -1e-12


@pytest.mark.parametrize("first", [0, 1, 2])
def test_an_unstructured_matrix_does_not_depend_on_the_order_of_its_levels(first):
    rng = np.random.default_rng(9)
    A = rng.normal(size=(3, 5))
    T = A @ A.T
    tau2, sd = np.diag(T), np.sqrt(np.diag(T))
    rho = (T / np.outer(sd, sd))[np.triu_indices(3, 1)]
    s = STRUCTURES["UN"](3, None, first)
    x = s.coordinates(tau2, rho)
    assert s.matrix(x) == pytest.approx(T)
    for i, pair in enumerate(s.pairs()):
        at = s.place("rho", i)
        assert (at is None) == (first not in pair)
        if at is not None:
            assert np.cos(x[at]) == pytest.approx(rho[i])
    for j in range(3):
        assert x[s.place("tau2", j)] ** 2 == pytest.approx(tau2[j])


def test_a_singular_matrix_keeps_its_coordinates():
    s = STRUCTURES["UN"](3)
    T = np.outer([1.0, 2.0, -1.0], [1.0, 2.0, -1.0])
    x = s.coordinates(np.diag(T), np.array([1.0, -1.0, -1.0]))
    assert s.matrix(x) == pytest.approx(T, abs=1e-12)
    zero = s.coordinates(np.array([1.0, 0.0, 2.0]), np.zeros(3))
    assert s.matrix(zero) == pytest.approx(np.diag([1.0, 0.0, 2.0]), abs=1e-12)

"""What must hold for every network, and second methods."""

import itertools
import json

import numpy as np
import pytest

from review import meta_analysis, network_meta
from review.stats.networks.network_fit import network_sample
from review.stats.networks.subnetworks import components_of
from review.stats.pooling.tau2 import estimate_tau2

SEEDS = (1, 2, 3)


def generalised(columns, tau2):
    """A network by generalised least squares with dense matrices: comparisons with one arm."""
    te, se, first, second, study = columns
    names = sorted({*first, *second})
    y, X, blocks = [], [], []
    for s in dict.fromkeys(study):
        rows = [i for i in range(len(te)) if study[i] == s]
        base = min(first[i] for i in rows)
        arms = sorted({*(first[i] for i in rows), *(second[i] for i in rows)} - {base})
        at = {(first[i], second[i]): (te[i], se[i] ** 2) for i in rows}
        at |= {(b, a): (-x, v) for (a, b), (x, v) in list(at.items())}
        block = np.zeros((len(arms), len(arms)))
        for i, a in enumerate(arms):
            y.append(at[a, base][0])
            X.append([(t == a) - (t == base) for t in names])
            for j, b in enumerate(arms):
                between = 0.0 if a == b else at[a, b][1]
                block[i, j] = (at[a, base][1] + at[b, base][1] - between) / 2
        blocks.append(block + tau2 * (0.5 + 0.5 * np.eye(len(arms))))
    V = np.zeros((len(y), len(y)))
    done = 0
    for block in blocks:
        V[done : done + len(block), done : done + len(block)] = block
        done += len(block)
    y, X = np.array(y), np.array(X, dtype=float)[:, 1:]
    W = np.linalg.inv(V)
    cov = np.linalg.inv(X.T @ W @ X)
    beta = cov @ X.T @ W @ y
    r = y - X @ beta
    P = W - W @ X @ cov @ X.T @ W
    return beta, cov, float(r @ W @ r), P, V


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("method", ["DL", "REML", "ML", "PM", "EE"])
def test_generalised_least_squares_of_dense_matrices(made_network, seed, method):
    columns = made_network(seed)
    fit = network_meta(*columns, method=method, reference="T0")
    beta, cov, _, _, _ = generalised(columns, fit.tau2)
    assert fit.beta == pytest.approx(beta, rel=1e-9)
    assert fit.vb == pytest.approx(cov, rel=1e-9)
    _, _, q, _, _ = generalised(columns, 0.0)
    assert pytest.approx(q, rel=1e-9) == fit.Q
    if method == "PM":
        assert generalised(columns, fit.tau2)[2] == pytest.approx(fit.df, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_generalised_moments(made_network, seed):
    columns = made_network(seed)
    fit = network_meta(*columns)
    _, _, q, P, _ = generalised(columns, 0.0)
    one = generalised(columns, 1.0)[4] - generalised(columns, 0.0)[4]
    assert fit.tau2 == pytest.approx(max(0.0, (q - fit.df) / np.trace(P @ one)), rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_likelihood_of_dense_matrices(made_network, seed):
    columns = made_network(seed)
    fit = network_meta(*columns, method="ML")
    _, _, q, _, V = generalised(columns, fit.tau2)
    loglik = -0.5 * (len(V) * np.log(2 * np.pi) + np.linalg.slogdet(V)[1] + q)
    assert fit.loglik == pytest.approx(loglik, rel=1e-10)
    for other in (0.9 * fit.tau2, 1.1 * fit.tau2):
        _, _, q, _, V = generalised(columns, other)
        assert -0.5 * (len(V) * np.log(2 * np.pi) + np.linalg.slogdet(V)[1] + q) < loglik


@pytest.mark.parametrize("method", ["DL", "REML", "PM", "EE"])
def test_two_treatments_are_a_pairwise_meta_analysis(method):
    y, se = np.array([0.1, 0.9, 0.4, 0.6]), np.array([0.2, 0.3, 0.25, 0.4])
    fit = network_meta(y, se, ["A"] * 4, ["B"] * 4, list("1234"), reference="B", method=method)
    pair = meta_analysis(y, sei=se, method=method, test="z")
    assert fit.tau2 == pytest.approx(pair.tau2, rel=1e-10)
    assert fit.beta == pytest.approx(pair.beta, rel=1e-10)
    assert fit.se == pytest.approx(pair.se, rel=1e-10)
    assert pytest.approx(pair.QE, rel=1e-10) == fit.Q
    if method != "EE":
        assert fit.tau2_confint()[1] == pytest.approx(pair.confint("QP").tau2.ci_ub, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_rows_and_direction_do_not_matter(made_network, seed):
    columns = made_network(seed)
    fit = network_meta(*columns)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(columns[0])).tolist()
    te, se, first, second, study = ([c[i] for i in order] for c in columns)
    for i in range(0, len(te), 2):
        te[i], first[i], second[i] = -te[i], second[i], first[i]
    turned = network_meta(te, se, first, second, study)
    assert turned.treatments == fit.treatments
    assert turned.tau2 == pytest.approx(fit.tau2, rel=1e-10)
    assert turned.random.te == pytest.approx(fit.random.te, rel=1e-9, abs=1e-12)
    assert turned.random.se == pytest.approx(fit.random.se, rel=1e-9)
    assert turned.decomposition.Q_inc == pytest.approx(fit.decomposition.Q_inc, rel=1e-8)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_does_not_matter(made_network, unit):
    columns = made_network(1)
    fit = network_meta(*columns)
    te, se = (np.array(c) * unit for c in columns[:2])
    other = network_meta(te, se, *columns[2:])
    assert other.random.te / unit == pytest.approx(fit.random.te, rel=1e-8, abs=1e-12)
    assert other.tau2 / unit**2 == pytest.approx(fit.tau2, rel=1e-8)
    assert list(other.p_scores.values()) == pytest.approx(list(fit.p_scores.values()), rel=1e-9)
    assert other.contribution().matrix == pytest.approx(fit.contribution().matrix, abs=1e-8)


def test_square_tables_are_consistent(made_network):
    fit = network_meta(*made_network(2))
    te = fit.random.te
    for i, j, h in itertools.permutations(range(fit.n), 3):
        assert te[i, j] + te[j, h] == pytest.approx(te[i, h], rel=1e-9, abs=1e-12)
    assert te == pytest.approx(-te.T)
    assert fit.random.ci_lb == pytest.approx(-fit.random.ci_ub.T)
    assert fit.random.pi_lb == pytest.approx(-fit.random.pi_ub.T)
    frame = fit.table("pval")
    assert list(frame.columns) == list(fit.treatments) == list(frame.index)
    assert fit.table("k").to_numpy().sum() == 2 * fit.m


def test_the_reference_changes_no_comparison(made_network):
    columns = made_network(3)
    fits = [network_meta(*columns, reference=t) for t in ("T0", "T4")]
    assert fits[0].random.te == pytest.approx(fits[1].random.te, rel=1e-10, abs=1e-13)
    assert fits[1].beta[0] == pytest.approx(-fits[0].beta[3], rel=1e-10)
    assert pytest.approx(fits[1].QM, rel=1e-9) == fits[0].QM


def test_rank_probabilities(made_network):
    fit = network_meta(*made_network(1))
    first, second = fit.ranking(), fit.ranking(seed=2)
    assert first.probabilities.sum(0) == pytest.approx(np.ones(fit.n))
    assert first.probabilities.sum(1) == pytest.approx(np.ones(fit.n))
    # SUCRA of the drawn ranks is the P-score within Monte Carlo error
    assert first.sucra_simulated == pytest.approx(first.sucra, abs=4 * first.error)
    assert second.probabilities == pytest.approx(first.probabilities, abs=6 * first.error)
    assert fit.ranking().probabilities.tolist() == first.probabilities.tolist()
    other = network_meta(*made_network(1), smaller_is_better=True)
    assert other.ranked == tuple(reversed(fit.ranked))
    assert sum(fit.p_scores.values()) == pytest.approx(fit.n / 2)


def test_two_treatments_rank_by_the_p_value():
    fit = network_meta([0.4, 0.2], [0.2, 0.3], ["A", "A"], ["B", "B"], ["1", "2"], method="EE")
    at = fit.treatments.index("A")
    one_sided = fit.ranking().better[at, 1 - at]
    assert 2 * (1 - one_sided) == pytest.approx(float(fit.pval[0]), rel=1e-9)


def flows(fit, i, j):
    """All paths from i to j along the flow of the hat matrix, with what each edge carries on."""
    found = fit.contribution("random walk")
    r = found.rows.index(f"{fit.treatments[i]} vs {fit.treatments[j]}")
    onward = {}
    for name, value in zip(found.direct, found.hat[r], strict=True):
        a, b = (fit.treatments.index(t) for t in name.split(" vs "))
        if abs(value) > 1e-10:
            onward.setdefault(a if value > 0 else b, []).append((b if value > 0 else a, abs(value)))
    return onward


@pytest.mark.parametrize("seed", SEEDS)
def test_random_walks_by_counting_all_paths(made_network, seed):
    fit = network_meta(*made_network(seed, treatments=5, studies=10, largest=3))
    found = fit.contribution("random walk")
    onward = flows(fit, 0, fit.n - 1)
    shares = {}

    def walk(node, path, p):
        if node == fit.n - 1:
            edges = list(itertools.pairwise(path))
            for e in edges:
                shares[tuple(sorted(e))] = shares.get(tuple(sorted(e)), 0.0) + p / len(edges)
            return
        total = sum(value for _, value in onward[node])
        for step, value in onward[node]:
            walk(step, [*path, step], p * value / total)

    walk(0, [0], 1.0)
    r = found.rows.index(f"{fit.treatments[0]} vs {fit.treatments[-1]}")
    for name, value in zip(found.direct, found.matrix[r], strict=True):
        a, b = (fit.treatments.index(t) for t in name.split(" vs "))
        assert value == pytest.approx(shares.get((a, b), 0.0), abs=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hat_matrix_is_a_flow(made_network, seed):
    fit = network_meta(*made_network(seed))
    found = fit.contribution()
    for r, name in enumerate(found.rows):
        i, j = (fit.treatments.index(t) for t in name.split(" vs "))
        out = np.zeros(fit.n)
        for edge, value in zip(found.direct, found.hat[r], strict=True):
            a, b = (fit.treatments.index(t) for t in edge.split(" vs "))
            out[a] += value
            out[b] -= value
        wanted = np.zeros(fit.n)
        wanted[i], wanted[j] = 1.0, -1.0
        assert out == pytest.approx(wanted, abs=1e-9)


def two_arms(made_network, seed):
    return made_network(seed, studies=25, largest=2)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hat_matrix_adds_up_direct_estimates(made_network, seed):
    fit = network_meta(*two_arms(made_network, seed))
    found, split = fit.contribution(), fit.node_split()
    direct = dict(zip(split.comparisons, split.direct.tolist(), strict=True))
    estimates = found.hat @ np.array([direct[name] for name in found.direct])
    assert estimates == pytest.approx(split.network, rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("seed", SEEDS)
def test_node_splitting_equals_back_calculation_without_heterogeneity(made_network, seed):
    fit = network_meta(*two_arms(made_network, seed), method="EE")
    first, second = fit.node_split(), fit.node_split("node-splitting")
    row = {name: i for i, name in enumerate(first.comparisons)}
    assert len(second.comparisons) == len(first.both) > 0
    for r, name in enumerate(second.comparisons):
        for column in ("direct", "direct_se", "indirect", "indirect_se", "diff", "diff_se", "pval"):
            here, there = (getattr(x, column)[i] for x, i in ((second, r), (first, row[name])))
            assert here == pytest.approx(there, rel=1e-7, abs=1e-10), (name, column)


def test_node_splitting_estimates_tau2_anew(fitted):
    fit = fitted("smokingcessation", method="REML")
    split = fit.node_split("node-splitting")
    assert len(split.comparisons) == 6
    for r in range(6):
        i, j = split.pairs[r]
        holds = np.array([i in a and j in a for a in fit.space.arms])[fit.space.study]
        extra = np.where(holds, 0.5 * (fit.space.X[:, i] - fit.space.X[:, j]), 0.0)
        model = meta_analysis(
            fit.space.z(), fit.space.v, mods=np.column_stack([fit.space.X[:, 1:], extra]),
            intercept=False, method="REML", test="z",
        )  # fmt: skip
        assert split.tau2[r] == pytest.approx(model.tau2, rel=1e-6)
        assert split.diff[r] == pytest.approx(model.beta[-1], rel=1e-6)
        assert split.diff_se[r] == pytest.approx(model.se[-1], rel=1e-6)
        assert split.pval[r] == pytest.approx(model.pval[-1], rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_q_between_designs_is_what_the_interaction_model_explains(made_network, seed):
    fit = network_meta(*made_network(seed, treatments=4, studies=20))
    heat = fit.net_heat("common")
    assert heat.Q_design.sum() == pytest.approx(fit.decomposition.Q_inc, rel=1e-6)
    # a design that is detached leaves the rest: Q between the others falls by a column's sum
    assert (heat.change.sum(0) > -1e-9).all()


def test_the_heat_shows_the_design_that_disagrees():
    # A-B, B-C, A-C agree on differences of 1; a second direct A-C study set says the opposite
    te = [1.0, 1.0, 1.0, 1.0, 2.0, -2.0]
    first, second = ["A", "A", "B", "B", "A", "D"], ["B", "B", "C", "C", "C", "C"]
    te, first, second = [*te, 1.0], [*first, "A"], [*second, "D"]
    fit = network_meta(te, [0.2] * 7, first, second, [str(i) for i in range(7)], method="EE")
    heat = fit.net_heat()
    assert set(heat.designs) >= {"A:D", "C:D"}
    worst = heat.designs[int(heat.Q_design.argmax())]
    assert worst in {"A:D", "C:D"}


def test_the_funnel_is_about_the_average_of_its_comparison(made_network):
    fit = network_meta(*two_arms(made_network, 1))
    funnel = fit.funnel(sorted(fit.treatments, reverse=True))
    assert len(funnel.labels) == fit.m
    w = 1 / (funnel.se**2 + fit.tau2)
    for name in set(funnel.comparisons):
        on = np.array([c == name for c in funnel.comparisons])
        assert (w[on] * funnel.adjusted[on]).sum() == pytest.approx(0.0, abs=1e-10)
    line = meta_analysis(funnel.adjusted, funnel.se**2, mods=funnel.se, method="EE")
    assert funnel.slope == pytest.approx(line.beta[1], rel=1e-8)


def test_rounded_effects_are_brought_in_line_by_weights():
    te, se = np.array([0.10, 0.42, 0.30]), np.array([0.2, 0.25, 0.3])
    fit = network_meta(te, se, ["A", "A", "B"], ["B", "C", "C"], ["s"] * 3, reference="C")
    # the weights of the three comparisons, from the variances of their arms
    D = np.zeros((3, 3))
    for v, (i, j) in zip(se**2, ((0, 1), (0, 2), (1, 2)), strict=True):
        D[i, j] = D[j, i] = v
    C = np.eye(3) - 1 / 3
    L = np.linalg.pinv(-0.5 * C @ D @ C)
    X = np.array([[1, -1], [1, 0], [0, 1]], dtype=float)  # A-B, A-C, B-C in A-C and B-C
    w = -L[[0, 0, 1], [1, 2, 2]]
    beta = np.linalg.solve((X * w[:, None]).T @ X, X.T @ (w * te))
    assert fit.beta == pytest.approx(beta, rel=1e-10)
    r = te - X @ beta
    assert pytest.approx((w * r * r).sum(), rel=1e-8) == fit.Q


def test_everything_is_json(fitted):
    fit = fitted("smokingcessation", measure="OR", reference="A")
    for part in (
        fit, fit.decomposition, fit.node_split(), fit.node_split("node-splitting"),
        fit.net_heat(), fit.contribution(), fit.funnel(), fit.ranking(draws=100),
    ):  # fmt: skip
        json.dumps(part.to_dict(), allow_nan=False)
        assert part.summary() if hasattr(part, "summary") else part
    text = fit.report_text()
    assert "Rücker" in text
    assert "OR against A" in fit.summary()
    cells = fit.league()
    assert cells.iloc[0, 0] == fit.ranked[0]


def test_the_league_table_is_the_square_table(fitted):
    fit = fitted("smokingcessation")
    names = ["A", "B", "C", "D"]
    cells = fit.league(names, digits=4)
    low, high = (float(fit.table(x).loc["A", "C"]) for x in ("ci_lb", "ci_ub"))
    assert cells.loc["C", "A"] == f"{fit.table('te').loc['A', 'C']:.4f} [{low:.4f}, {high:.4f}]"
    split = fit.node_split()
    row = split.comparisons.index("A vs C")
    assert cells.loc["A", "C"].startswith(f"{split.direct[row]:.4f} [")


def test_estimators_that_depend_on_the_turn_of_rows_are_not_offered(fitted):
    fit = fitted("smokingcessation")
    s = network_sample(fit.space)
    for method in ("DL", "REML", "ML", "PM", "EB", "HE"):
        assert fit.update(method=method).tau2 == pytest.approx(
            float(estimate_tau2(s, method).value), rel=1e-9
        )


def test_parts_of_a_graph():
    found = components_of(5, np.array([3, 1]), np.array([4, 0]))
    assert found.tolist() == [0, 0, 2, 3, 3]

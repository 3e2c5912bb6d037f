"""Cluster-robust covariance against clubSandwich 0.5.8 and against dense matrices."""

import numpy as np
import pytest

from review.errors import StatsError, UnknownNameError
from review.stats.pooling.sandwich import sandwich

# clubSandwich 0.5.8 / metafor 3.8-1 in R 4.2.2 on dat.konstantopoulos2011:
# rma(yi, vi, mods = ~ I(year-1990) + factor(district %% 3)), cluster = district
TAU2 = 0.08794094888788
VARIANCES = {
    "CR0": [0.0134163728295, 3.7186991317e-05, 0.0207340328015, 0.0281715201769],
    "CR1": [0.0147580101125, 4.09056904487e-05, 0.0228074360817, 0.0309886721946],
    "CR1p": [0.0210828715892, 5.84367006409e-05, 0.0325820515452, 0.0442695317066],
    "CR1S": [0.0156094337428, 4.32656341284e-05, 0.0241232497018, 0.0327764802058],
    "CR2": [0.022706839006, 8.90523783317e-05, 0.0488650643467, 0.0435959815178],
    "CR3": [0.0391373397664, 0.000266304978752, 0.145026659067, 0.072127589768],
}
DF = {
    "CR0": [2.92097067235, 2.77144738333, 3.12057903107, 5.84735469868],
    "CR2": [2.90227315168, 2.07625486463, 2.39325824050, 5.57184323662],
    "CR3": [2.82369010416, 1.46721522999, 1.59514061691, 5.24353570334],
}


def _fit(y, X, w):
    b = np.linalg.solve((X.T * w) @ X, (X.T * w) @ y)
    return b, y - X @ b


@pytest.fixture(scope="module")
def schools(reference):
    inputs = reference("robust.konst.3level")["inputs"]
    y, v = np.array(inputs["yi"]), np.array(inputs["vi"])
    district, year = np.array(inputs["district"]), np.array(inputs["year"])
    X = np.column_stack([np.ones(len(y)), year - 1990, district % 3 == 1, district % 3 == 2])
    return y, v, X.astype(float), np.unique(district, return_inverse=True)[1]


@pytest.mark.parametrize("kind", list(VARIANCES))
def test_variances_and_df_agree_with_clubsandwich(schools, kind):
    y, v, X, cluster = schools
    _, e = _fit(y, X, 1 / (v + TAU2))
    robust = sandwich(X, e, cluster, 1 / (v + TAU2), v + TAU2, kind)
    assert np.diag(robust.vcov) == pytest.approx(VARIANCES[kind], rel=1e-8)
    if kind in DF:
        df = [robust.satterthwaite(row) for row in np.eye(4)]
        assert df == pytest.approx(DF[kind], rel=1e-7)


def test_hotelling_agrees_with_clubsandwich(schools):
    y, v, X, cluster = schools
    b, e = _fit(y, X, 1 / (v + TAU2))
    robust = sandwich(X, e, cluster, 1 / (v + TAU2), v + TAU2)
    f, df1, df2 = robust.hotelling(np.eye(4)[1:], b[1:])
    assert (f, df1, df2) == pytest.approx((0.187730096791, 3, 2.212780999225), rel=1e-7)


def test_user_weights_agree_with_clubsandwich(schools):
    y, v, X, cluster = schools
    w = 1 / (v + 0.02)
    _, e = _fit(y, X[:, :2], w)
    robust = sandwich(X[:, :2], e, cluster, w, v + 0.08885537169448)
    assert np.diag(robust.vcov) == pytest.approx([0.0093703092864, 0.000113335431928], rel=1e-8)
    df = [robust.satterthwaite(row) for row in np.eye(2)]
    assert df == pytest.approx([4.47463570870, 2.58810333124], rel=1e-7)


def _dense(X, e, cluster, *, w, target, contrast):
    """CR2 and Satterthwaite df straight from the definitions, with k x k matrices."""
    from scipy.linalg import sqrtm

    k = len(e)
    W, Phi = np.diag(w), np.diag(target)
    M = np.linalg.inv(X.T @ W @ X)
    IH = np.eye(k) - X @ M @ X.T @ W
    middle, columns = np.zeros_like(M), []
    for j in np.unique(cluster):
        rows = cluster == j
        D = np.linalg.cholesky(Phi[np.ix_(rows, rows)]).T
        B = D @ IH[rows] @ Phi @ IH[rows].T @ D.T
        A = D.T @ np.linalg.inv(np.real(sqrtm(B))) @ D
        G = X[rows].T @ W[np.ix_(rows, rows)] @ A
        middle += np.outer(G @ e[rows], G @ e[rows])
        columns.append(IH[rows].T @ G.T @ M @ contrast)
    columns = np.column_stack(columns)
    omega = columns.T @ Phi @ columns
    return M @ middle @ M, np.trace(omega) ** 2 / (omega**2).sum()


def test_cr2_agrees_with_dense_matrices():
    rng = np.random.default_rng(5)
    k = 30
    X = np.column_stack([np.ones(k), rng.normal(size=k)])
    y, w, target = rng.normal(size=k), rng.uniform(1, 5, k), rng.uniform(0.1, 2, k)
    cluster = np.unique(rng.integers(0, 9, k), return_inverse=True)[1]
    _, e = _fit(y, X, w)
    contrast = np.array([1.0, -0.5])
    vcov, df = _dense(X, e, cluster, w=w, target=target, contrast=contrast)
    robust = sandwich(X, e, cluster, w, target)
    assert robust.vcov == pytest.approx(vcov, rel=1e-9)
    assert robust.satterthwaite(contrast) == pytest.approx(df, rel=1e-9)


def test_blocks_and_vectors_give_the_same():
    rng = np.random.default_rng(6)
    X, e = np.ones((6, 1)), rng.normal(size=6)
    cluster, w = np.array([0, 0, 1, 1, 1, 2]), rng.uniform(1, 2, 6)
    blocks = [np.diag(w[cluster == j]) for j in range(3)]
    inverse = [np.diag(1 / w[cluster == j]) for j in range(3)]
    assert sandwich(X, e, cluster, blocks, inverse).vcov == pytest.approx(
        sandwich(X, e, cluster, w, 1 / w).vcov, rel=1e-12
    )


def test_cr2_is_unbiased_under_its_working_model():
    # E(V) = (X'WX)^-1 when the working covariance is the true one: put E(ee') in place of ee'
    rng = np.random.default_rng(7)
    k = 12
    X, v = np.column_stack([np.ones(k), rng.normal(size=k)]), rng.uniform(0.2, 2, k)
    cluster = np.repeat(np.arange(4), 3)
    M = np.linalg.inv((X.T / v) @ X)
    root = np.linalg.cholesky(np.diag(v) - X @ M @ X.T + 1e-14 * np.eye(k))
    total = sum(sandwich(X, column, cluster, 1 / v, v).vcov for column in root.T)
    assert total == pytest.approx(M, rel=1e-8)


def test_one_cluster_per_study_is_fast_and_small():
    k = 100_000
    X, e = np.ones((k, 1)), np.random.default_rng(8).normal(size=k)
    robust = sandwich(X, e, np.arange(k), np.ones(k), np.ones(k))
    assert robust.satterthwaite(np.ones(1)) == pytest.approx(k - 1, rel=1e-6)
    assert robust.vcov.item() == pytest.approx(e @ e / k / (k - 1), rel=1e-9)


def test_wrong_input_is_named():
    X, e, v = np.ones((4, 1)), np.arange(4.0), np.ones(4)
    with pytest.raises(UnknownNameError, match="CR2"):
        sandwich(X, e, np.arange(4), v, v, "CR22")
    with pytest.raises(StatsError, match="needs at least 2 clusters"):
        sandwich(X, e, np.zeros(4, dtype=int), v, v)
    with pytest.raises(StatsError, match="there are 2"):
        sandwich(np.eye(4)[:, :2] + 1, e, np.array([0, 0, 1, 1]), v, v, "CR1p")

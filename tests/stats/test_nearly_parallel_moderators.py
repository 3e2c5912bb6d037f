"""Uncentred powers of a year: every result against 60 digits, and against the centred powers."""

from math import comb

import mpmath as mp
import numpy as np
import pytest
import scipy.stats

import review
from review.stats.ground.basis import basis, exact_product

YI = np.array([0.91, -0.47, 0.43, 0.13, 0.16, 0.24, -0.31, 0.23])
VI = np.array([0.08, 0.02, 0.05, 0.06, 0.05, 0.06, 0.08, 0.10])
YEAR = np.arange(2010.0, 2018.0)
MIDDLE = 2013.5
RNG = np.random.default_rng(20)
Y30 = np.round(RNG.normal(0.3, 0.5, 30), 2)
V30 = np.round(RNG.uniform(0.02, 0.2, 30), 3)
YEAR30 = np.sort(RNG.integers(1995, 2022, 30)).astype(float)
LAB = RNG.integers(0, 12, 30)


def powers(x, degree, names="year"):
    return {f"{names}{j}": x**j for j in range(1, degree + 1)}


def close(a, b, rel=1e-9):
    scale = np.nanmax(np.abs(np.asarray(b, dtype=float)), initial=1e-300)
    np.testing.assert_allclose(a, b, rtol=rel, atol=rel * scale)


class Exact:
    """The model with a given tau2, in 60 digits, straight from the definitions."""

    def __init__(self, y, v, X, tau2, clusters):
        mp.mp.dps = 60
        self.k, self.p = X.shape
        self.y, self.X = mp.matrix(y.tolist()), mp.matrix(X.tolist())
        self.S = mp.diag([mp.mpf(float(s)) + mp.mpf(float(tau2)) for s in v])
        self.W = mp.diag([1 / self.S[i, i] for i in range(self.k)])
        self.M = (self.X.T * self.W * self.X) ** -1
        self.beta = self.M * self.X.T * self.W * self.y
        self.H = self.X * self.M * self.X.T * self.W
        self.e = self.y - self.X * self.beta
        self.groups = [np.flatnonzero(clusters == c).tolist() for c in np.unique(clusters)]

    def rows(self, A, rows):
        return mp.matrix([[A[i, j] for j in range(A.cols)] for i in rows])

    def adjustment(self, kind, rows):
        n = len(rows)
        IH = self.rows(mp.eye(self.k) - self.H, rows)
        if kind == "CR3":
            return mp.matrix([[IH[i, j] for j in rows] for i in range(n)]) ** -1
        if kind != "CR2":
            return mp.eye(n)
        D = mp.diag([mp.sqrt(self.S[i, i]) for i in rows])
        values, Q = mp.eigsy(D * (IH * self.S * IH.T) * D)
        keep = [0 if x < mp.mpf(10) ** -25 else 1 / mp.sqrt(x) for x in values]
        return D * (Q * mp.diag(keep) * Q.T) * D

    def robust(self, kind):
        """Covariance, and degrees of freedom of each coefficient."""
        halves = []
        for rows in self.groups:
            G = self.rows(self.X, rows).T * mp.diag([self.W[i, i] for i in rows])
            halves.append(self.M * G * self.adjustment(kind, rows))
        m = len(self.groups)
        scale = {"CR1": mp.mpf(m) / (m - 1), "CR1p": mp.mpf(m) / (m - self.p)}.get(kind, mp.mpf(1))
        V = mp.zeros(self.p)
        for rows, half in zip(self.groups, halves, strict=True):
            score = half * mp.matrix([self.e[i] for i in rows])
            V += scale * score * score.T
        dfs = []
        for c in range(self.p):
            parts = [
                half[c, :] * self.rows(mp.eye(self.k) - self.H, rows)
                for rows, half in zip(self.groups, halves, strict=True)
            ]
            P = mp.matrix([[row[i] for i in range(self.k)] for row in parts])
            O = P * self.S * P.T
            trace = sum(O[i, i] for i in range(O.rows))
            dfs.append(trace**2 / sum(O[i, j] ** 2 for i in range(O.rows) for j in range(O.rows)))
        return floats(V), np.array([float(x) for x in dfs])

    def without(self, i):
        kept = [j for j in range(self.k) if j != i]
        X, W = self.rows(self.X, kept), mp.diag([self.W[j, j] for j in kept])
        M = (X.T * W * X) ** -1
        return M * X.T * W * mp.matrix([self.y[j] for j in kept]), M


def floats(A):
    return np.array(A.tolist(), dtype=float)


CASES = [
    (YI, VI, YEAR, 2, np.arange(8)),
    (YI, VI, YEAR, 3, np.arange(8)),
    (Y30, V30, YEAR30, 3, LAB),
]
IDS = ["quadratic", "cubic", "cubic, clusters"]


@pytest.fixture(params=CASES, ids=IDS)
def case(request):
    y, v, year, degree, cluster = request.param
    fit = review.meta_analysis(
        y, v, f"~ year + {' + '.join(f'I(year^{j})' for j in range(2, degree + 1))}",
        data={"year": year}, test="z", tau2=0.04,
    )  # fmt: skip
    X = np.column_stack([year**j for j in range(degree + 1)])
    assert (fit.X == X).all()
    return fit, Exact(y, v, X, 0.04, cluster), cluster


def test_the_case_that_was_found():
    fit = review.meta_analysis(YI, VI, np.column_stack([YEAR, YEAR**2]), test="z")
    found = review.robust(fit, range(8))
    exact = Exact(YI, VI, fit.X, fit.tau2, np.arange(8))
    V, df = exact.robust("CR2")
    assert (round(found.se[2], 5), round(found.df[2], 2)) == (0.03697, 3.44)
    assert found.pval[2] == pytest.approx(0.636, abs=5e-4)
    close(found.se[2], np.sqrt(V[2, 2]), 1e-11)
    close(found.df[2], df[2], 1e-11)


def test_estimates_predictions_and_residuals(case):
    fit, exact, _ = case
    M = floats(exact.M)
    close(fit.beta / floats(exact.beta)[:, 0], np.ones(fit.p), 1e-12)
    close(fit.se / np.sqrt(np.diag(M)), np.ones(fit.p), 1e-12)
    fitted = floats(exact.X * exact.beta)[:, 0]
    var = np.diag(floats(exact.X * exact.M * exact.X.T))
    predicted = fit.predict()
    close(predicted.pred, fitted, 1e-12)
    close(predicted.se, np.sqrt(var), 1e-12)
    ahead = [2019.25**j for j in range(1, fit.p)]
    row = mp.matrix([[1, *ahead]])
    new = fit.predict({"year": [2019.25]})
    close(new.pred, floats(row * exact.beta)[0], 1e-10)
    close(new.se, np.sqrt(floats(row * exact.M * row.T)[0]), 1e-10)
    z = review.rstandard(fit)
    H, S = exact.H, exact.S
    close(z.se, np.sqrt(np.diag(floats((mp.eye(fit.k) - H) * S * (mp.eye(fit.k) - H).T))), 1e-11)
    close(z.resid, floats(exact.e)[:, 0], 1e-11)
    share = 0.04 / (0.04 + fit.vi)
    blups = review.blup(fit)
    close(blups.pred, share * fit.yi + (1 - share) * fitted, 1e-11)
    close(blups.se, np.sqrt(share * fit.vi + (1 - share) ** 2 * var), 1e-11)
    close(review.ranef(fit).pred, share * (fit.yi - fitted), 1e-11)


def test_the_omnibus_test_and_linear_hypotheses(case):
    fit, exact, _ = case
    b = exact.beta[1:, 0]
    QM = float((b.T * (exact.M[1:, 1:] ** -1) * b)[0])
    close(fit.QM, QM, 1e-11)
    names = list(fit.coef_names[1:])
    joint = review.linear_hypothesis(fit, names)
    close(joint.QM, QM, 1e-11)
    close(joint.QMp, scipy.stats.chi2.sf(QM, fit.p - 1), 1e-10)
    years = [2009, 2012.5, 2020]
    rows = mp.matrix([[mp.mpf(t) ** j for j in range(fit.p)] for t in years])
    values = mp.matrix([0.1, 0, -0.2])
    found = review.linear_hypothesis(
        fit, [[float(t) ** j for j in range(fit.p)] for t in years], rhs=[0.1, 0, -0.2]
    )
    d = rows * exact.beta - values
    close(found.Xb, floats(rows * exact.beta)[:, 0], 1e-10)
    close(found.se, np.sqrt(np.diag(floats(rows * exact.M * rows.T))), 1e-10)
    close(found.QM, float((d.T * ((rows * exact.M * rows.T) ** -1) * d)[0]), 1e-9)
    again = review.linear_hypothesis(fit, [[2012.0**j for j in range(fit.p)]] * 2)
    assert again.QM is None
    assert "depend" in again.notes[0]


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR1p", "CR2", "CR3"])
def test_cluster_robust_covariances_and_degrees_of_freedom(case, kind):
    fit, exact, cluster = case
    V, df = exact.robust(kind)
    found = review.robust(fit, cluster, kind, test="Satterthwaite")
    close(found.se / np.sqrt(np.diag(V)), np.ones(fit.p), 1e-10)
    close(found.df, df, 1e-10)
    rows = [[t**j for j in range(fit.p)] for t in (2011.0, 2013.0)]
    pair = mp.matrix(rows)
    tested = review.linear_hypothesis(found, rows)
    exact_V = pair * mp.matrix(exact_robust_matrix(exact, kind)) * pair.T
    close(tested.se, np.sqrt(np.diag(floats(exact_V))), 1e-8)


def exact_robust_matrix(exact, kind):
    """As `Exact.robust`, unrounded: differences of predictions need all its digits."""
    V = mp.zeros(exact.p)
    m = len(exact.groups)
    scale = {"CR1": mp.mpf(m) / (m - 1), "CR1p": mp.mpf(m) / (m - exact.p)}.get(kind, mp.mpf(1))
    for rows in exact.groups:
        G = exact.rows(exact.X, rows).T * mp.diag([exact.W[i, i] for i in rows])
        score = exact.M * G * exact.adjustment(kind, rows) * mp.matrix([exact.e[i] for i in rows])
        V += scale * score * score.T
    return V


def test_influence_and_variance_inflation(case):
    fit, exact, _ = case
    found = review.influence(fit)
    close(found.hat, np.diag(floats(exact.H)), 1e-11)
    for i in range(fit.k):
        b, M = exact.without(i)
        moved = exact.beta - b
        x = exact.X[i, :]
        close(found.cook_d[i], float((moved.T * (exact.M**-1) * moved)[0]), 1e-9)
        close(found.cov_r[i], float(mp.det(M) / mp.det(exact.M)), 1e-9)
        se = [mp.sqrt(exact.M[j, j]) for j in range(fit.p)]
        close(found.dfbetas[i], [float(moved[j] / se[j]) for j in range(fit.p)], 1e-9)
        spread = exact.S[i, i] + (x * M * x.T)[0]
        close(found.rstudent[i], float((exact.y[i] - (x * b)[0]) / mp.sqrt(spread)), 1e-9)
    V = exact.M[1:, 1:]
    inverse = V**-1
    wanted = [float(V[j, j] * inverse[j, j]) for j in range(fit.p - 1)]
    close(review.vif(fit).vif / wanted, np.ones(fit.p - 1), 1e-11)


def quantities(fit, at, cluster):
    """What must not depend on how the moderators are written."""
    q = fit.p - 1
    robust = review.robust(fit, cluster)
    change = [np.subtract(at[-1], at[0]).tolist(), np.subtract(at[1], at[0]).tolist()]
    contrasts = [[0.0, *row] for row in change]
    influence = review.influence(fit)
    predicted = fit.predict(at)
    out = {n: getattr(fit, n) for n in ("tau2", "I2", "QE", "QM", "QMp", "loglik", "R2", "vt")}
    out |= {"ci": fit.confint().tau2, "last": [fit.stat[-1], fit.pval[-1]]}
    for name in ("pred", "se", "ci_lb", "pi_ub"):
        out[name] = getattr(predicted, name)
        out[f"study {name}"] = getattr(fit.predict(), name)
    out |= {f"influence {n}": getattr(influence, n) for n in
            ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat")}  # fmt: skip
    out["dfbeta"] = influence.dfbetas[:, -1]
    out |= {"rstandard": review.rstandard(fit).z, "rstudent": review.rstudent(fit).z}
    out |= {"blup": review.blup(fit).pi_lb, "ranef": review.ranef(fit).se}
    out |= {"baujat": review.baujat(fit).y, "qq": review.qq_points(fit, draws=50).env_ub}
    out |= {"robust": [robust.QM, *robust.QM_df, robust.QMp], "robust last": robust.stat[-1]}
    for result in (fit, robust):
        tested = review.linear_hypothesis(result, contrasts)
        out[f"contrast {type(result).__name__}"] = [
            *tested.Xb, *tested.se, *tested.df[np.isfinite(tested.df)], tested.QM, tested.QMp,
        ]  # fmt: skip
    out["permutation"] = review.permutation_test(fit, iterations=60, seed=1).QMp
    out["loo"] = review.leave_one_out(fit).tau2
    out["vif of all"] = q
    return {name: np.asarray(value, dtype=float) for name, value in out.items()}


def designs(year, degree, at):
    raw = (
        [year**j for j in range(1, degree + 1)],
        [[t**j for j in range(1, degree + 1)] for t in at],
    )
    x, new = (year - MIDDLE) / 4, (np.asarray(at) - MIDDLE) / 4
    centred = (
        [x**j for j in range(1, degree + 1)],
        [[t**j for j in range(1, degree + 1)] for t in new],
    )
    return [(np.column_stack(X), rows) for X, rows in (raw, centred)]


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("test", ["z", "knha"])
@pytest.mark.parametrize("weights", [None, V30])
def test_results_do_not_depend_on_centring(degree, test, weights):
    found = []
    for X, rows in designs(YEAR30, degree, [1999.0, 2006.5, 2025.0]):
        options = {} if weights is None else {"weights": weights}
        fit = review.meta_analysis(Y30, V30, X, test=test, **options)
        if weights is not None:
            robust = review.robust(fit, LAB)
            numbers = {"pred": fit.predict(rows).se, "robust": [robust.QM, *robust.QM_df]}
            numbers |= {"z": review.rstandard(fit).z, "cook": review.influence(fit).cook_d}
            found.append(numbers)
        else:
            found.append(quantities(fit, rows, LAB))
    for name, value in found[1].items():
        np.testing.assert_allclose(found[0][name], value, rtol=1e-8, atol=1e-11, err_msg=name)


def test_coefficients_are_those_of_the_centred_model_transformed_back():
    raw, centred = (
        review.meta_analysis(Y30, V30, X) for X, _ in designs(YEAR30, 3, [2000.0])
    )  # fmt: skip
    mp.mp.dps = 60
    # ((x - m) / 4)^j as a polynomial of x
    C = mp.matrix(4)
    for j in range(4):
        for i in range(j + 1):
            C[i, j] = comb(j, i) * mp.mpf(-MIDDLE) ** (j - i) / mp.mpf(4) ** j
    np.testing.assert_allclose(
        raw.beta, floats(C * mp.matrix(centred.beta.tolist()))[:, 0], rtol=1e-9
    )
    V = C * mp.matrix(centred.vb.tolist()) * C.T
    np.testing.assert_allclose(raw.vb, floats(V), rtol=1e-9)


def test_selection_models_do_not_depend_on_centring():
    models = [
        review.selection_model(review.meta_analysis(Y30, V30, X), type="logistic")
        for X, _ in designs(YEAR30, 2, [2000.0])
    ]
    raw, centred = models
    for name in ("loglik", "tau2", "delta", "se_delta", "QM", "LRT"):
        np.testing.assert_allclose(
            getattr(raw, name), getattr(centred, name), rtol=1e-7, err_msg=name
        )
    np.testing.assert_allclose(raw.stat[-1], centred.stat[-1], rtol=1e-7)
    np.testing.assert_allclose(raw.beta[-1], centred.beta[-1] / 16, rtol=1e-7)


def test_location_scale_models_do_not_depend_on_centring():
    found = []
    for X, rows in designs(YEAR30, 2, [1999.0, 2021.0]):
        fit = review.location_scale(4 * Y30, V30, X, X, test="knha")
        p = fit.predict(rows, rows)
        found.append([fit.loglik, fit.QM, fit.QS, *p.pred, *p.se, *p.tau2, fit.stat_alpha[-1]])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-7)


def test_nested_models_are_found_in_other_words_for_the_same_moderators():
    (raw, _), (centred, _) = designs(YEAR30, 3, [2000.0])
    full = review.meta_analysis(Y30, V30, raw, method="ML")
    reduced = review.meta_analysis(Y30, V30, centred[:, :1], method="ML")
    assert review.likelihood_ratio_test(full, reduced).df == 2


def test_regression_tests_of_asymmetry_beside_raw_powers():
    found = []
    for X, _ in designs(YEAR30, 3, [2000.0]):
        fit = review.meta_analysis(Y30, V30, X)
        found += [[review.regression_test(fit, model=m).stat for m in ("rma", "lm")]]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1e3, 1e5])
def test_the_basis_is_right_to_the_last_digits(shift):
    mp.mp.dps = 60
    X = np.column_stack([(shift + YEAR30) ** j for j in range(3 if shift > 1e4 else 4)])
    T = mp.qr(mp.matrix(X.tolist()), mode="skinny")[1] ** -1
    b = basis(X)
    sign = np.sign(np.diag(b.to_x) * np.diag(floats(T)))
    np.testing.assert_allclose(b.to_x, floats(T) * sign, rtol=1e-13)
    np.testing.assert_allclose(b.U, floats(mp.matrix(X.tolist()) * T) * sign, atol=1e-14)
    assert (np.tril(b.to_x, -1) == 0).all()


def test_exact_products_keep_what_plain_sums_lose():
    rng = np.random.default_rng(3)
    A = rng.normal(size=(4, 30)) * 10.0 ** rng.integers(-8, 8, (4, 30))
    B = rng.normal(size=(30, 2))
    A[:, 15:], B[15:] = -A[:, :15], B[:15] * (1 + 1e-15)  # nearly everything cancels
    exact = floats(mp.matrix(A.tolist()) * mp.matrix(B.tolist()))
    np.testing.assert_allclose(exact_product(A, B), exact, rtol=1e-13)
    assert (exact_product(np.full((1, 2), 1e300), np.full((2, 1), 1.0)) == 2e300).all()

"""Location-scale models: reference values, a numerical optimiser, properties, edges."""

import numpy as np
import pytest

from review import (
    ConvergenceError,
    InputError,
    StatsError,
    UnknownNameError,
    location_scale,
    meta_analysis,
)
from review.stats.pooling.scale_likelihood import ScaleLikelihood


def _data(seed, k):
    rng = np.random.default_rng(seed)
    v, x = rng.uniform(0.02, 0.2, k), rng.normal(size=k)
    return rng.normal(0.2 + 0.3 * x, np.sqrt(v + np.exp(-1.5 + 0.8 * x))), v, x


@pytest.fixture(scope="module")
def bangert(reference):
    return reference("ls.bangert.REML")["inputs"]


def _bangert(bangert, **options):
    return location_scale("yi", "vi", "~ sqrt(ni)", "~ sqrt(ni)", data=bangert, **options)


# metafor 3.8-1 in R 4.2.2: rma(yi, vi, mods = ~ sqrt(ni), scale = ~ sqrt(ni), test = ...); its
# optimiser leaves about six digits
T_TEST = {
    "pval": [0.000174355349851, 0.007831167121507],
    "pval_alpha": [0.487828394737071, 0.048286733134899],
    "ci_ub": [0.624950434529680, -0.004823532279614],
    "ci_ub_alpha": [1.449855847114635, -0.001755667090446],
}
KNHA = {
    "se": [0.103133155571773, 0.006320730370243],
    "pval": [0.000189099641016, 0.008200074161024],
    "QM": 7.635996177925726,
    "QMp": 0.008200074161024,
    "QSp": 0.048286733134899,
    "s2w": 1.012732905259630,
}


@pytest.mark.parametrize(("test", "expected"), [("t", T_TEST), ("knha", KNHA)])
def test_t_tests_agree_with_the_reference(bangert, test, expected):
    found = _bangert(bangert, test=test)
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, rel=3e-5)
    assert (found.ddf, found.ddf_alpha) == (46, 46)


def test_ml_fit_statistics_and_prediction_agree_with_the_reference(bangert):
    ml = _bangert(bangert, method="ML")
    assert ml.loglik == pytest.approx(-12.9782819593, abs=1e-9)
    assert ml.alpha == pytest.approx([-0.669213959284, -0.242339600618], rel=2e-6)
    assert ml.se_alpha == pytest.approx([1.09987246459, 0.110833258675], rel=2e-6)
    reml = _bangert(bangert)
    stats = reml.fit_reml
    assert [stats.AIC, stats.BIC, stats.AICc] == pytest.approx(
        [36.3694850263, 43.6840506123, 37.3450947824], abs=1e-8
    )
    row = reml.predict([10], [10])
    numbers = [row.pred[0], row.se[0], row.ci_lb[0], row.pi_lb[0], row.pi_ub[0]]
    expected = [0.24400064408, 0.0490855314049, 0.147794770364, -0.202200475266, 0.690201763426]
    assert numbers == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_the_maximum_is_that_of_a_general_optimiser(method):
    from scipy.optimize import minimize

    y, v, x = _data(1, 25)
    found = location_scale(y, v, x, x, method=method)
    X = np.column_stack([np.ones(25), x])

    def deviance(alpha):
        S = np.diag(v + np.exp(X @ alpha))
        W = np.linalg.inv(S)
        M = np.linalg.inv(X.T @ W @ X)
        r = y - X @ M @ X.T @ W @ y
        out = 25 * np.log(2 * np.pi) + np.linalg.slogdet(S)[1] + r @ W @ r
        if method == "REML":
            out += -2 * np.log(2 * np.pi) - np.linalg.slogdet(M)[1] - np.linalg.slogdet(X.T @ X)[1]
        return out

    best = minimize(deviance, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9})
    assert found.loglik == pytest.approx(-best.fun / 2, abs=1e-8)
    assert found.alpha == pytest.approx(best.x, rel=1e-4)


@pytest.mark.parametrize("link", ["log", "identity"])
@pytest.mark.parametrize("restricted", [True, False])
def test_derivatives_agree_with_differences(link, restricted):
    y, v, x = _data(2, 12)
    X = np.column_stack([np.ones(12), x])
    model = ScaleLikelihood(y, v, X, np.column_stack([np.ones(12), x**2]), restricted, link)
    alpha = np.array([0.3, 0.1])
    point = model.at(alpha)
    for j, step in enumerate(np.eye(2) * 1e-6):
        up, down = model.at(alpha + step), model.at(alpha - step)
        assert (up.loglik - down.loglik) / 2e-6 == pytest.approx(point.gradient[j], rel=1e-6)
        difference = (up.gradient - down.gradient) / 2e-6
        assert difference == pytest.approx(point.hessian[j], rel=1e-6)


def test_the_expected_information_is_the_mean_of_the_observed():
    _, v, x = _data(3, 10)
    X = np.column_stack([np.ones(10), x])
    alpha = np.array([-1.0, 0.5])
    S = v + np.exp(X @ alpha)
    rng = np.random.default_rng(1)
    models = [ScaleLikelihood(rng.normal(0, np.sqrt(S)), v, X, X) for _ in range(1500)]
    mean = np.mean([-m.at(alpha).hessian for m in models], axis=0)
    assert mean == pytest.approx(models[0].at(alpha).expected, abs=0.15)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("link", ["log", "identity"])
def test_without_scale_moderators_it_is_the_ordinary_model(method, link):
    y, v, x = _data(4, 15)
    plain = meta_analysis(y, v, x, method=method, test="z")
    found = location_scale(y, v, x, method=method, link=link)
    assert found.tau2 == pytest.approx(np.full(15, plain.tau2), rel=1e-8)
    assert found.beta == pytest.approx(plain.beta, rel=1e-8)
    assert found.se == pytest.approx(plain.se, rel=1e-8)
    assert found.loglik == pytest.approx(plain.loglik, rel=1e-12)
    assert found.QS is None


def test_a_factor_in_the_scale_is_two_fits_at_once():
    # with a factor in location and scale the ML fits of the groups do not depend on each other
    y, v, _ = _data(5, 24)
    g = np.repeat(["a", "b"], 12)
    found = location_scale("y", "v", "~ g", "~ g", data={"y": y, "v": v, "g": g}, method="ML")
    alone = [meta_analysis(y[g == name], v[g == name], method="ML") for name in "ab"]
    assert found.tau2[[0, 12]] == pytest.approx([fit.tau2 for fit in alone], rel=1e-7)
    assert found.loglik == pytest.approx(sum(fit.loglik for fit in alone), rel=1e-10)


def test_units_of_measurement_and_shift():
    y, v, x = _data(6, 20)
    one = location_scale(y, v, x, x)
    other = location_scale(1e3 * y + 5e3, 1e6 * v, 1900 + 10 * x, 1900 + 10 * x)
    assert other.tau2 == pytest.approx(1e6 * one.tau2, rel=1e-7)
    assert other.alpha[1] == pytest.approx(one.alpha[1] / 10, rel=1e-7)
    assert other.se_alpha[1] == pytest.approx(one.se_alpha[1] / 10, rel=1e-6)
    assert other.pval[1] == pytest.approx(one.pval[1], rel=1e-6)


def test_identity_link_inside_and_at_the_edge(bangert):
    rng = np.random.default_rng(7)
    x = np.linspace(0, 1, 40)
    v = np.full(40, 0.05)
    y = rng.normal(0, np.sqrt(v + 0.3 + 0.5 * x))
    inside = location_scale(y, v, scale=x, link="identity")
    assert not inside.at_edge
    model = ScaleLikelihood(y, v, np.ones((40, 1)), inside.Z, True, "identity")
    assert model.at(inside.alpha).gradient == pytest.approx([0, 0], abs=1e-6)
    edge = _bangert(bangert, link="identity")
    assert edge.at_edge
    assert np.isnan(edge.se_alpha).all()
    assert edge.QS is None
    assert edge.tau2.min() == pytest.approx(0, abs=1e-10)
    # the R package stops inside, at -14.5489279503888
    assert edge.loglik >= -14.5489279503888
    assert "no standard errors" in edge.summary()
    assert edge.to_dict()["se_alpha"] == [None, None]


def test_rows_without_a_scale_moderator_are_left_out_and_named():
    y, v, x = _data(8, 14)
    z = x.copy()
    z[3] = np.nan
    y[5] = np.nan
    found = location_scale(y, v, x, z)
    assert found.k == 12
    assert [row.row for row in found.left_out] == [6, 4]
    assert "moderator" in found.left_out[1].reason
    keep = np.delete(np.arange(14), [3, 5])
    assert found.alpha == pytest.approx(location_scale(y[keep], v[keep], x[keep], z[keep]).alpha)


def test_tau2_of_zero_has_no_log():
    with pytest.raises(ConvergenceError, match="link='identity'"):
        location_scale([0.1, 0.1, 0.11, 0.1, 0.1], [0.1, 0.2, 0.1, 0.2, 0.1])
    rng = np.random.default_rng(9)
    g = np.repeat([0.0, 1.0], 10)
    y = np.where(g == 1, rng.normal(0, 1, 20), 0.1)
    with pytest.raises(
        ConvergenceError, match="tau2 is estimated as 0 for 1, 2, 3, 4, 5 and 5 more"
    ):
        location_scale(y, np.full(20, 0.05), scale=g)


def test_wrong_input_is_named():
    y, v, x = _data(10, 8)
    with pytest.raises(UnknownNameError, match="REML"):
        location_scale(y, v, scale=x, method="DL")
    with pytest.raises(UnknownNameError, match="link"):
        location_scale(y, v, scale=x, link="sqrt")
    with pytest.raises(UnknownNameError, match="yeer"):
        location_scale("y", "v", scale="~ yeer", data={"y": y, "v": v, "year": x})
    with pytest.raises(InputError):
        location_scale(y, v, scale=x[:5])
    with pytest.raises(StatsError, match="linearly dependent"):
        location_scale(y, v, scale=np.column_stack([x, 2 * x]))
    with pytest.raises(StatsError, match="need more than 2 studies"):
        location_scale(y[:2], v[:2], scale=x[:2])
    found = location_scale(*_data(10, 20)[:2], scale=_data(10, 20)[2])
    with pytest.raises(InputError, match="newmods has no meaning"):
        found.predict(newmods=[1.0], newscale=[1.0])
    assert found.predict(newscale=[0.0, 1.0]).tau2 == pytest.approx(
        np.exp(found.alpha[0] + found.alpha[1] * np.array([0, 1]))
    )
    assert found.to_frame().shape == (3, 6)

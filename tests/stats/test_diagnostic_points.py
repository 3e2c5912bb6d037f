"""Coordinates of diagnostic plots, predictions, variance inflation and the Henmi-Copas interval."""

import numpy as np
import pytest

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    baujat,
    blup,
    henmi_copas,
    leave_one_out,
    meta_analysis,
    profile_tau2,
    qq_points,
    radial,
    ranef,
    rstandard,
    vif,
)


def _data(seed, k):
    rng = np.random.default_rng(seed)
    v, x = rng.uniform(0.02, 0.3, k), rng.normal(size=k)
    return rng.normal(0.3 * x, np.sqrt(v + 0.1)), v, x


@pytest.fixture(scope="module")
def ablat(reference):
    inputs = reference("reg.bcg.ablat.REML.z")["inputs"]
    return inputs["yi"], inputs["vi"], np.array(inputs["X"])[:, 1]


def test_baujat_is_the_change_when_a_study_is_left_out():
    y, v, _ = _data(1, 8)
    for method in ("EE", "REML"):
        fit = meta_analysis(y, v, method=method, test="z")
        rest = leave_one_out(fit)
        points = baujat(fit)
        assert points.y == pytest.approx(((fit.beta[0] - rest.estimate) / rest.se) ** 2, rel=1e-9)
    fit = meta_analysis(y, v, method="EE")
    assert baujat(fit).x.sum() == pytest.approx(fit.QE, rel=1e-10)


def test_baujat_with_moderators_agrees_with_the_reference(ablat):
    # metafor 3.8-1: baujat(rma(yi, vi, mods = ~ ablat))
    points = baujat(meta_analysis(*ablat, test="z"))
    assert points.x[:2] == pytest.approx([0.0485530802471901, 0.2060307721738227], rel=1e-6)
    assert points.y[:2] == pytest.approx([0.00368326884869463, 0.03589733387091031], rel=1e-6)


def test_radial_line_is_the_estimate():
    y, v, _ = _data(2, 9)
    for method in ("EE", "REML"):
        fit = meta_analysis(y, v, method=method)
        points = radial(fit)
        slope = (points.x @ points.y) / (points.x @ points.x)
        assert slope == pytest.approx(fit.beta[0], rel=1e-9)
        assert [points.slope, points.ci_lb] == pytest.approx([fit.beta[0], fit.ci_lb[0]])
        centred = radial(fit, centre=True)
        assert centred.slope == 0
        assert centred.x @ centred.y == pytest.approx(0, abs=1e-9)
    with pytest.raises(StatsError, match="without moderators"):
        radial(meta_analysis(*_data(2, 9)))


def test_normal_quantiles_agree_with_the_reference(ablat):
    # metafor 3.8-1: qqnorm(rma(yi, vi, mods = ~ ablat)), first six points
    points = qq_points(meta_analysis(*ablat, test="z"), draws=200)
    x = [0.395725295814487, -0.395725295814487, -0.615141104595974, -0.869423773288886]
    y = [0.225955779513223, -0.492117840931293, -0.547724522894369, -0.717111300368620]
    assert points.x[:4] == pytest.approx(x, rel=1e-9)
    assert points.y[:4] == pytest.approx(y, rel=1e-6)


def test_the_envelope_covers_data_from_the_model():
    y, v, x = _data(3, 30)
    fit = meta_analysis(y, v, x)
    points = qq_points(fit, seed=1)
    order = np.argsort(points.y)
    assert (np.diff(points.env_lb[order]) >= 0).all()
    assert (points.env_lb < points.env_ub).all()
    wide = qq_points(fit, bonferroni=True, seed=1)
    assert (wide.env_lb <= points.env_lb).all()
    assert (qq_points(fit, seed=1).env_ub == points.env_ub).all()
    assert qq_points(fit, "rstudent", envelope=False).env_lb is None
    with pytest.raises(UnknownNameError, match="rstandard"):
        qq_points(fit, "pearson")
    with pytest.raises(InputError, match="draws"):
        qq_points(fit, draws=3)


def test_standardised_residuals_match_the_full_matrices():
    y, v, x = _data(4, 9)
    for weights in (None, 1 / (v + 0.5)):
        fit = meta_analysis(y, v, x, weights=weights, test="z")
        S = np.diag(v + fit.tau2)
        W = np.linalg.inv(S) if weights is None else np.diag(weights)
        H = fit.X @ np.linalg.inv(fit.X.T @ W @ fit.X) @ fit.X.T @ W
        spread = (np.eye(9) - H) @ S @ (np.eye(9) - H).T
        assert rstandard(fit).se == pytest.approx(np.sqrt(np.diag(spread)), rel=1e-9)


def test_an_exactly_fitted_study_has_no_standardised_residual():
    y, v, _ = _data(5, 6)
    fit = meta_analysis(y, v, "~ g", data={"g": list("aabbbc")})
    found = rstandard(fit)
    assert np.isnan(found.z[5])
    assert "6" in found.notes[0]
    with pytest.raises(StatsError, match="fitted exactly"):
        qq_points(fit)


def test_blups_lie_between_effect_and_fit(ablat):
    fit = meta_analysis(*ablat, test="z")
    found = blup(fit)
    fitted = fit.X @ fit.beta
    low, high = np.minimum(fit.yi, fitted), np.maximum(fit.yi, fitted)
    assert ((found.pred >= low - 1e-12) & (found.pred <= high + 1e-12)).all()
    assert found.pred - fitted == pytest.approx(ranef(fit).pred, abs=1e-12)
    assert blup(fit, level=99).pi_lb[0] < found.pi_lb[0]
    none = meta_analysis(*ablat, method="EE")
    assert blup(none).pred == pytest.approx(none.X @ none.beta)
    with pytest.raises(StatsError, match="weights="):
        blup(meta_analysis(*ablat, weights=1))


def test_blups_with_knapp_hartung_agree_with_the_reference(ablat):
    # metafor 3.8-1: blup() and ranef() of rma(yi, vi, mods = ~ ablat, test = "knha")
    fit = meta_analysis(*ablat, test="knha")
    found, random = blup(fit), ranef(fit)
    first = [found.pred[0], found.se[0], found.pi_lb[0], found.pi_ub[0]]
    expected = [-1.00247207489400, 0.28043425299871, -1.61970370412555, -0.38524044566244]
    assert first == pytest.approx(expected, rel=1e-8)
    first = [random.pred[0], random.se[0], random.pi_lb[0], random.pi_ub[0]]
    expected = [0.02653561561123, 0.25053779480706, -0.52489435280119, 0.57796558402365]
    assert first == pytest.approx(expected, rel=1e-8)


def test_profile_has_its_maximum_at_the_estimate_and_cuts_at_the_interval():
    y, v, _ = _data(6, 12)
    for method in ("ML", "REML"):
        fit = meta_analysis(y, v, method=method)
        curve = profile_tau2(fit, points=201)
        assert curve.loglik.max() <= curve.maximum + 1e-12
        assert curve.maximum == pytest.approx(fit.loglik, rel=1e-12)
        assert abs(curve.tau2[curve.loglik.argmax()] - fit.tau2) <= np.diff(curve.tau2)[0]
        limit = fit.confint("PL").tau2[2]
        at_limit = profile_tau2(fit, limits=(fit.tau2 / 2, limit), points=2)
        assert at_limit.loglik[-1] == pytest.approx(curve.cut, abs=1e-6)


def test_profile_agrees_with_the_reference(reference):
    # metafor 3.8-1: profile(rma(yi, vi), xlim = c(0, 1), steps = 5)
    inputs = reference("leave1out.bcg_RR")["inputs"]
    curve = profile_tau2(meta_analysis(inputs["yi"], inputs["vi"]), limits=(0, 1), points=5)
    expected = [-71.2286408197941, -12.2931287526103, -12.5632734133459, -13.3984103778043]
    assert curve.loglik[:4] == pytest.approx(expected, rel=1e-9)
    with pytest.raises(InputError, match="limits"):
        profile_tau2(meta_analysis([1, 2, 4], [1, 1, 1]), limits=(2, 1))
    with pytest.raises(StatsError, match="ML or REML"):
        profile_tau2(meta_analysis([1, 2, 4], [1, 1, 1], method="DL"))


def test_vif_of_coefficients_and_terms(reference):
    inputs = reference("reg.bcg.alloc.REML")["inputs"]
    X = np.array(inputs["X"])
    alloc = np.where(X[:, 1] == 1, "random", np.where(X[:, 2] == 1, "systematic", "alternate"))
    ablat = np.array(reference("reg.bcg.ablat.REML.z")["inputs"]["X"])[:, 1]
    data = {"ablat": ablat, "alloc": alloc}
    fit = meta_analysis(inputs["yi"], inputs["vi"], "~ ablat + alloc", data=data)
    # metafor 3.8-1: vif(rma(yi, vi, mods = ~ ablat + factor(alloc))), and with btt = 3:4
    assert vif(fit).vif == pytest.approx([1.0151, 1.7224, 1.7111], abs=6e-5)
    terms = vif(fit, terms=True)
    assert terms.names == ("ablat", "alloc")
    assert terms.df.tolist() == [1, 2]
    assert [terms.vif[1], terms.sif[1]] == pytest.approx([1.0151, 1.0038], abs=6e-5)
    assert terms.vif[0] == pytest.approx(vif(fit).vif[0])


def test_vif_equals_one_over_tolerance():
    # equal variances and tau2 = 0: the variance inflation of ordinary regression, 1/(1 - R2)
    rng = np.random.default_rng(7)
    X = rng.normal(size=(20, 2))
    X[:, 1] += X[:, 0]
    r = np.corrcoef(X.T)[0, 1]
    found = vif(meta_analysis(rng.normal(size=20), np.full(20, 0.5), X, method="EE"))
    assert found.vif == pytest.approx([1 / (1 - r**2)] * 2, rel=1e-9)
    with pytest.raises(StatsError, match="at least two"):
        vif(meta_analysis([1, 2, 4], [1, 1, 1], [1, 2, 4]))


def test_henmi_copas_pivot_holds_its_level():
    # share of simulated data sets whose pivot lies beyond the quantile of the true tau2
    from review.stats.pooling.henmi_copas import _Pivot, _quantile

    rng = np.random.default_rng(8)
    v, tau2 = rng.uniform(0.02, 0.3, 12), 0.1
    w = 1 / v
    x = _quantile(_Pivot(w, tau2), 0.025)
    y = rng.normal(0, np.sqrt(v + tau2), (20_000, 12))
    mean = y @ w / w.sum()
    Q = ((y - mean[:, None]) ** 2) @ w
    ratio = (w**2).sum() / w.sum()
    dl = np.maximum(0, (Q - 11) / (w.sum() - ratio))
    pivot = mean / np.sqrt((1 + dl * ratio) / w.sum())
    assert (np.abs(pivot) > x).mean() == pytest.approx(0.05, abs=0.006)


@pytest.mark.parametrize("k", [2, 5, 300, 3_000])
def test_henmi_copas_from_few_to_many_studies(k):
    y, v, _ = _data(9, k)
    found = henmi_copas(meta_analysis(y, v, method="DL"))
    assert found.ci_lb < found.estimate < found.ci_ub
    assert found.estimate == pytest.approx(np.average(y, weights=1 / v), rel=1e-9, abs=1e-12)
    if k == 3_000:  # tau2 is then known: a normal quantile
        assert found.quantile == pytest.approx(1.96, abs=0.03)


def test_henmi_copas_without_heterogeneity_and_scaled():
    fit = meta_analysis([0.1, 0.1, 0.1, 0.12], [0.1, 0.2, 0.1, 0.3])
    found = henmi_copas(fit)
    assert found.tau2 == 0
    y, v, _ = _data(10, 10)
    one = henmi_copas(meta_analysis(y, v))
    other = henmi_copas(meta_analysis(1000 * y, 1e6 * v))
    assert other.ci_lb == pytest.approx(1000 * one.ci_lb, rel=1e-9)
    assert other.pval == pytest.approx(one.pval, rel=1e-7)
    edge = henmi_copas(meta_analysis(y - one.ci_lb, v))
    assert edge.pval == pytest.approx(0.05, rel=1e-6)  # the p-value belongs to the interval
    assert henmi_copas(meta_analysis(y, v), level=90).ci_lb > one.ci_lb


def test_henmi_copas_refuses_what_it_is_not_defined_for():
    y, v, x = _data(11, 6)
    with pytest.raises(StatsError, match="without moderators"):
        henmi_copas(meta_analysis(y, v, x))
    with pytest.raises(StatsError, match="weights="):
        henmi_copas(meta_analysis(y, v, weights=1))
    with pytest.raises(StatsError, match="at least 2"):
        henmi_copas(meta_analysis(y[:1], v[:1]))

"""The beta-binomial model against a general optimiser on the density of a library."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import betabinom, binom

import review
from review.errors import InputError, StatsError, UnknownNameError

LINKS = {
    "OR": lambda e: 1 / (1 + np.exp(-e)),
    "RR": np.exp,
    "RD": lambda e: e,
}


def numbers(data):
    a, n1, c, n2 = (np.asarray(v, dtype=float) for v in data.values())
    group = np.repeat([1.0, 0.0], len(a))
    return np.concatenate([a, c]), np.concatenate([n1, n2]), group


@pytest.mark.parametrize("measure", LINKS)
def test_the_maximum_is_that_of_the_library_density(nielweise, measure):
    fit = review.beta_binomial(measure, **nielweise)
    x, n, group = numbers(nielweise)

    def height(theta):
        mu = LINKS[measure](theta[0] + theta[1] * group)
        if not ((mu > 0) & (mu < 1)).all():
            return 1e9
        s = np.exp(-theta[2])
        return -float(betabinom.logpmf(x, n, mu * s, (1 - mu) * s).sum())

    gamma = fit.rho / (1 - fit.rho)
    at = np.array([fit.alpha, float(fit.beta[0]), np.log(gamma)])
    assert -height(at) == pytest.approx(fit.loglik, abs=1e-9)
    options = {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 600, "maxfev": 600}
    found = minimize(height, at + 0.003, method="Nelder-Mead", options=options)
    assert -found.fun <= fit.loglik + 1e-9
    assert found.x == pytest.approx(at, rel=1e-5)
    h = 1e-4
    steps = h * np.eye(3)
    hess = np.array([[
        (height(at + p + q) - height(at + p - q) - height(at - p + q) + height(at - p - q))
        / (4 * h * h) for q in steps] for p in steps])  # fmt: skip
    cov = np.linalg.inv(hess)
    assert float(fit.se[0]) == pytest.approx(np.sqrt(cov[1, 1]), rel=1e-4)
    assert fit.se_rho == pytest.approx(np.sqrt(cov[2, 2]) * fit.rho * (1 - fit.rho), rel=1e-3)


def test_studies_without_events_count(nielweise):
    fit = review.beta_binomial("OR", **nielweise)
    assert fit.k == 18
    assert any("1 double-zero study" in note and "as it is" in note for note in fit.notes)


def test_without_variation_it_is_the_binomial_model():
    d = {"ai": [3, 4, 3], "n1i": [50, 50, 50], "ci": [6, 6, 5], "n2i": [50, 50, 50]}
    fit = review.beta_binomial("OR", **d)
    assert (fit.rho, fit.se_rho, fit.LRT_rho, fit.LRTp_rho) == (0.0, None, 0.0, 1.0)
    assert any("rho is 0" in note for note in fit.notes)
    a, c = 10 / 150, 17 / 150
    assert float(fit.beta[0]) == pytest.approx(np.log(a / (1 - a)) - np.log(c / (1 - c)), rel=1e-9)
    expected = np.sqrt(1 / 10 + 1 / 140 + 1 / 17 + 1 / 133)
    assert float(fit.se[0]) == pytest.approx(expected, rel=1e-7)
    x, n, _ = numbers(d)
    p = np.repeat([a, c], 3)
    assert fit.loglik == pytest.approx(binom.logpmf(x, n, p).sum(), rel=1e-10)


def test_the_same_model_on_three_scales(nielweise):
    """One likelihood; the effects are those of the two average risks."""
    odds, ratio, difference = (review.beta_binomial(m, **nielweise) for m in LINKS)
    for fit in (ratio, difference):
        assert fit.loglik == pytest.approx(odds.loglik, abs=1e-9)
        assert fit.rho == pytest.approx(odds.rho, rel=1e-5)
    control = 1 / (1 + np.exp(-odds.alpha))
    treated = 1 / (1 + np.exp(-odds.alpha - float(odds.beta[0])))
    assert float(np.exp(ratio.beta[0])) == pytest.approx(treated / control, rel=1e-6)
    assert float(difference.beta[0]) == pytest.approx(treated - control, rel=1e-6)


def test_groups_exchanged_and_rows_in_another_order(nielweise):
    d = nielweise
    fit = review.beta_binomial("OR", **d)
    other = review.beta_binomial("OR", ai=d["ci"][::-1], n1i=d["n2i"][::-1], ci=d["ai"][::-1],
                                 n2i=d["n1i"][::-1])  # fmt: skip
    assert other.beta == pytest.approx(-fit.beta, rel=1e-6)
    assert other.loglik == pytest.approx(fit.loglik, rel=1e-11)


def test_proportions_and_moderators(reference):
    inputs = reference("glmm.PLO.debruin.mods")["inputs"]
    plain = review.beta_binomial("PLO", xi=inputs["xi"], ni=inputs["ni"])
    assert plain.alpha is None
    x, n = np.asarray(inputs["xi"], float), np.asarray(inputs["ni"], float)
    mu, s = 1 / (1 + np.exp(-float(plain.beta[0]))), (1 - plain.rho) / plain.rho
    assert plain.loglik == pytest.approx(betabinom.logpmf(x, n, mu * s, (1 - mu) * s).sum())
    fit = review.beta_binomial("PLO", mods="~ scq", data=inputs, xi="xi", ni="ni", test="t")
    assert fit.loglik > plain.loglik
    assert fit.ddf == 11
    assert fit.QM_df == (1, 11)


def test_text_and_plain_values(nielweise):
    fit = review.beta_binomial("OR", **nielweise)
    text = fit.summary("back") + fit.report_text()
    for words in ("beta-binomial", "rho = ", "Kuss", "double-zero", "no continuity correction"):
        assert words in text
    assert "metafor" not in text
    assert fit.to_dict()["rho"] == fit.rho
    assert fit.update(measure="RR").measure == "RR"
    assert fit.predict().missing.startswith("the model describes risks")


def test_what_is_refused():
    d = {"ai": [0, 0], "n1i": [9, 9], "ci": [2, 3], "n2i": [9, 9]}
    with pytest.raises(StatsError, match="group 1 has no events"):
        review.beta_binomial("OR", **d)
    with pytest.raises(UnknownNameError):
        review.beta_binomial("IRR", x1i=[1], t1i=[9], x2i=[1], t2i=[9])
    with pytest.raises(InputError):
        review.beta_binomial("OR", ai=[1, 2], n1i=[9, 9])

"""What must hold for every model of counts, whatever the data."""

import numpy as np
import pytest

import review

MODELS = ("UM.FS", "UM.RS", "CM.EL", "CM.AL")


def shuffled(data, order):
    return {name: [values[i] for i in order] for name, values in data.items()}


@pytest.mark.parametrize("model", MODELS)
def test_row_order_does_not_matter(nielweise, model):
    fit = review.glmm("OR", model=model, **nielweise)
    order = np.random.default_rng(5).permutation(18).tolist()
    again = review.glmm("OR", model=model, **shuffled(nielweise, order))
    for name in ("beta", "se", "tau2", "QE_LRT", "QE_Wld", "loglik", "I2"):
        assert getattr(again, name) == pytest.approx(getattr(fit, name), rel=1e-9), name
    back = [order.index(i) for i in fit.ids.tolist()]
    position = {row: j for j, row in enumerate(again.ids.tolist())}
    assert again.weights[[position[i] for i in back]] == pytest.approx(fit.weights, rel=1e-6)


@pytest.mark.parametrize("model", ["UM.FS", "CM.EL"])
def test_groups_exchanged_change_the_sign(nielweise, model):
    """Not so for UM.RS, in which group 2 carries the rates, and CM.AL, an approximation."""
    d = nielweise
    fit = review.glmm("OR", model=model, **d)
    other = review.glmm("OR", model=model, ai=d["ci"], n1i=d["n2i"], ci=d["ai"], n2i=d["n1i"])
    assert other.beta == pytest.approx(-fit.beta, rel=1e-8)
    for name in ("se", "tau2", "loglik", "QE_LRT", "QE_Wld"):
        assert getattr(other, name) == pytest.approx(getattr(fit, name), rel=1e-8), name


def test_rates_exchanged_change_the_sign(rates):
    d = rates
    for model in ("UM.FS", "CM.EL", "UM.RS"):
        fit = review.glmm("IRR", model=model, **d)
        other = review.glmm("IRR", model=model, x1i=d["x2i"], t1i=d["t2i"], x2i=d["x1i"],
                            t2i=d["t1i"])  # fmt: skip
        assert other.beta == pytest.approx(-fit.beta, rel=1e-7)
        assert other.loglik == pytest.approx(fit.loglik, rel=1e-10)


def test_the_unit_of_person_time_does_not_matter(rates):
    d = rates
    days = {**d, "t1i": [365 * t for t in d["t1i"]], "t2i": [365 * t for t in d["t2i"]]}
    for model in ("UM.FS", "UM.RS", "CM.EL", "CM.AL"):
        a, b = (review.glmm("IRR", model=model, **x) for x in (d, days))
        assert a.beta == pytest.approx(b.beta, rel=1e-7)
        assert a.tau2 == pytest.approx(b.tau2, rel=1e-6)


def test_conditional_and_fixed_rates_agree_without_heterogeneity(rates):
    """Poisson counts: conditioning loses nothing about the effect."""
    fits = [review.glmm("IRR", model=m, method="EE", **rates) for m in ("UM.FS", "CM.EL", "CM.AL")]
    for fit in fits[1:]:
        assert fit.beta == pytest.approx(fits[0].beta, rel=1e-9)
        assert fit.se == pytest.approx(fits[0].se, rel=1e-7)
        assert pytest.approx(fits[0].QE_LRT, rel=1e-9) == fit.QE_LRT


def test_equal_effects_of_fixed_rates_are_logistic_regression(nielweise):
    """A dummy per study and the group, by a generalised linear model of a library."""
    import statsmodels.api as sm

    fit = review.glmm("OR", model="UM.FS", method="EE", **nielweise)
    a, c, n1, n2 = (fit.counts[n] for n in ("a", "c", "n1", "n2"))
    k = fit.k
    X = np.vstack(
        [np.hstack([np.eye(k), np.ones((k, 1))]), np.hstack([np.eye(k), np.zeros((k, 1))])]
    )
    y = np.column_stack([np.concatenate([a, c]), np.concatenate([n1 - a, n2 - c])])
    known = sm.GLM(y, X, family=sm.families.Binomial()).fit(tol=1e-13)
    assert float(fit.beta[0]) == pytest.approx(known.params[-1], rel=1e-8)
    assert float(fit.se[0]) == pytest.approx(known.bse[-1], rel=1e-8)
    assert fit.loglik == pytest.approx(known.llf, rel=1e-10)


def test_many_nodes_end_at_one_likelihood(nielweise):
    few, many, more = (review.glmm("OR", model="CM.EL", nAGQ=n, **nielweise) for n in (7, 41, 80))
    assert many.loglik == pytest.approx(more.loglik, abs=1e-9)
    assert many.tau2 == pytest.approx(more.tau2, rel=1e-8)
    assert abs(few.loglik - many.loglik) < 1e-4


def test_identical_tables_have_no_variance_between_them():
    d = {"ai": [3] * 6, "n1i": [50] * 6, "ci": [6] * 6, "n2i": [50] * 6}
    for model in MODELS:
        fit = review.glmm("OR", model=model, **d)
        assert fit.tau2 == pytest.approx(0, abs=1e-8)
        assert fit.se_tau2 is None
        assert pytest.approx(0, abs=1e-8) == fit.QE_LRT
        assert pytest.approx(0, abs=1e-5) == fit.I2
        equal = review.glmm("OR", model=model, method="EE", **d)
        assert fit.beta == pytest.approx(equal.beta, rel=1e-6)
        assert fit.se == pytest.approx(equal.se, rel=1e-6)


def test_weights_are_shares_of_the_information(nielweise):
    """With equal effects the information of the exact model is the hypergeometric variance."""
    fit = review.glmm("OR", model="CM.EL", method="EE", **nielweise)
    assert fit.weights.sum() == pytest.approx(100)
    from review.stats.rare_events.conditional_exact import HypergeometricCounts

    t = fit.counts
    H = HypergeometricCounts(t["a"], t["n1"], t["a"] + t["c"], t["n2"])
    information = -H.slopes(np.full(fit.k, float(fit.beta[0])))[1]
    assert fit.weights == pytest.approx(100 * information / information.sum(), rel=1e-6)
    assert float(fit.se[0]) == pytest.approx(information.sum() ** -0.5, rel=1e-9)


def test_time_and_memory_grow_with_the_studies_alone():
    """1,000 studies: each with a rate of its own as a parameter."""
    import tracemalloc

    rng = np.random.default_rng(11)
    k = 1000
    n1, n2 = rng.integers(30, 300, k), rng.integers(30, 300, k)
    theta = -0.5 + rng.normal(0, 0.4, k)
    alpha = rng.normal(-3, 0.7, k)
    c = rng.binomial(n2, 1 / (1 + np.exp(-alpha)))
    a = rng.binomial(n1, 1 / (1 + np.exp(-alpha - theta)))
    tracemalloc.start()
    fit = review.glmm("OR", ai=a, n1i=n1, ci=c, n2i=n2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3e7  # a dense Hessian of the studies' rates takes 8e6, for each of 15 points
    assert float(fit.beta[0]) == pytest.approx(-0.5, abs=4 * float(fit.se[0]))

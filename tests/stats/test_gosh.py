"""GOSH: subsets equal single fits; sampling; membership; limits."""

import itertools

import numpy as np
import pytest

from review import InputError, StatsError, UnknownNameError, gosh, meta_analysis


def _data(seed, k):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.4, k)
    return rng.normal(0.2, np.sqrt(v + 0.1)), v


@pytest.mark.parametrize("method", ["EE", "DL", "HE", "REML", "ML", "PM", "SJ"])
def test_every_subset_equals_its_own_fit(method):
    y, v = _data(1, 6)
    found = gosh(meta_analysis(y, v, method=method))
    assert found.n == 63
    assert found.exhaustive
    seen = set()
    for row in range(found.n):
        members = tuple(i for i in range(6) if found.contains(i)[row])
        seen.add(members)
        fit = meta_analysis(y[list(members)], v[list(members)], method=method)
        assert found.k[row] == len(members)
        assert found.estimate[row] == pytest.approx(fit.beta[0], rel=1e-9)
        assert found.tau2[row] == pytest.approx(fit.tau2, rel=1e-8, abs=1e-13)
        assert found.QE[row] == pytest.approx(fit.QE, rel=1e-9, abs=1e-12)
        assert found.I2[row] == pytest.approx(fit.I2, rel=1e-8, abs=1e-9)
    whole = {c for size in range(1, 7) for c in itertools.combinations(range(6), size)}
    assert seen == whole


def test_h2_comes_from_q_for_dl_and_from_tau2_for_reml():
    y, v = _data(2, 5)
    dl, reml = (gosh(meta_analysis(y, v, method=m)) for m in ("DL", "REML"))
    some = dl.k > 1
    assert dl.H2[some] == pytest.approx(dl.QE[some] / (dl.k[some] - 1))
    assert (dl.H2[~some] == 1).all()
    assert (reml.H2 >= 1).all()


def test_moderators_skip_subsets_that_cannot_determine_a_coefficient():
    y, v = _data(3, 7)
    group = np.array([0, 0, 0, 0, 0, 1, 1.0])
    found = gosh(meta_analysis(y, v, group))
    assert found.estimate.shape == (found.n, 2)
    assert (found.k >= 3).all()
    assert found.skipped == sum(1 for n in range(3, 6) for _ in itertools.combinations(range(5), n))
    row = 17
    keep = np.array([found.contains(i)[row] for i in range(7)])
    fit = meta_analysis(y[keep], v[keep], group[keep])
    assert found.estimate[row] == pytest.approx(fit.beta, rel=1e-9)
    assert found.tau2[row] == pytest.approx(fit.tau2, rel=1e-8, abs=1e-13)


def test_weights_and_fixed_tau2_are_kept():
    y, v = _data(4, 5)
    w = 1 / (v + 0.3)
    weighted = gosh(meta_analysis(y, v, weights=w))
    fixed = gosh(meta_analysis(y, v, tau2=0.2))
    keep = np.array([weighted.contains(i)[20] for i in range(5)])
    fit = meta_analysis(y[keep], v[keep], weights=w[keep])
    assert weighted.estimate[20] == pytest.approx(fit.beta[0], rel=1e-10)
    assert (fixed.tau2 == 0.2).all()
    none = gosh(meta_analysis(y, v, weights=[1, 1, 0, 0, 1]))
    assert none.skipped == 3  # {3}, {4} and {3, 4} have no weight at all
    assert np.isfinite(none.estimate).all()


def test_random_subsets_repeat_with_their_seed():
    y, v = _data(5, 30)
    fit = meta_analysis(y, v, method="DL")
    one, two = gosh(fit, 500, seed=3), gosh(fit, 500, seed=3)
    assert not one.exhaustive
    assert one.n == 500
    assert (one.estimate == two.estimate).all()
    drawn = gosh(fit, 500)
    again = gosh(fit, 500, seed=drawn.seed)
    assert (drawn.estimate == again.estimate).all()
    assert 200 < drawn.contains(0).sum() < 300


def test_more_subsets_than_there_are_means_all():
    found = gosh(meta_analysis(*_data(6, 4), method="EE"), 1000)
    assert found.exhaustive
    assert found.n == 15
    assert found.seed is None


def test_a_sample_from_few_subsets_is_close_to_all_of_them():
    y, v = _data(7, 12)
    fit = meta_analysis(y, v, method="DL")
    every, some = gosh(fit), gosh(fit, 4000, seed=1)
    assert some.estimate.mean() == pytest.approx(every.estimate.mean(), abs=0.02)
    assert some.I2.mean() == pytest.approx(every.I2.mean(), abs=2)


def test_scaled_units_give_scaled_results():
    y, v = _data(9, 7)
    small, large = (gosh(meta_analysis(c * y, c * c * v)) for c in (1.0, 1000.0))
    assert large.tau2 == pytest.approx(1e6 * small.tau2, rel=1e-7, abs=1e-6)
    assert large.estimate == pytest.approx(1000 * small.estimate, rel=1e-8, abs=1e-9)


def test_very_unequal_variances_keep_their_digits():
    y = np.array([0.0, 1.0, 2.0, 4.0])
    v = np.array([1e-12, 1.0, 2.0, 1.5])
    found = gosh(meta_analysis(y, v, method="DL"))
    for row in range(found.n):
        keep = np.array([found.contains(i)[row] for i in range(4)])
        fit = meta_analysis(y[keep], v[keep], method="DL")
        assert found.tau2[row] == pytest.approx(fit.tau2, rel=1e-9, abs=1e-15)


def test_labels_tables_and_wrong_input():
    y, v = _data(10, 5)
    fit = meta_analysis(y, v, slab=list("abcde"))
    found = gosh(fit)
    assert (found.contains("b") == found.contains(1)).all()
    assert found.to_frame().shape == (31, 6)
    assert "all 31 subsets of 5 studies" in found.summary()
    assert len(found.to_dict()["estimate"]) == 31
    with pytest.raises(UnknownNameError, match="'bb'"):
        found.contains("bb")
    with pytest.raises(UnknownNameError):
        found.contains(5)
    for wrong in (0, -3, 2.5, True, "some", [3], float("nan")):
        with pytest.raises(InputError, match=r"subsets.* must be a whole number of at least 1"):
            gosh(fit, wrong)
    with pytest.raises(InputError, match="seed"):
        gosh(meta_analysis(*_data(10, 30)), 10, seed="one")
    with pytest.raises(StatsError, match="at least 2 studies"):
        gosh(meta_analysis([0.1], [0.2]))
    many = meta_analysis(*_data(11, 40))
    with pytest.raises(StatsError, match=r"1,099,511,627,775 subsets; at most 20,000,000"):
        gosh(many, "all")

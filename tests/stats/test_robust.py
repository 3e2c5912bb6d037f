"""Cluster-robust inference for a fitted meta-analysis: options, joint tests, wrong input."""

import numpy as np
import pandas as pd
import pytest

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    linear_hypothesis,
    meta_analysis,
    robust,
)


def _fit(seed=1, k=24, **options):
    rng = np.random.default_rng(seed)
    v, x = rng.uniform(0.02, 0.3, k), rng.normal(size=k)
    data = pd.DataFrame({"y": rng.normal(0.2 * x, np.sqrt(v + 0.1)), "v": v, "x": x})
    data["lab"] = rng.integers(0, 7, k)
    data["g"] = rng.permutation(np.resize(list("abc"), k))
    return meta_analysis("y", "v", data=data, **options), data


def test_one_cluster_per_study_and_equal_weights_is_the_hc_family():
    # with equal weights CR0 and CR2 are the estimators HC0 and HC2 of ordinary least squares
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    x, y = rng.normal(size=15), rng.normal(size=15)
    fit = meta_analysis(y, np.full(15, 0.1), x, method="EE")
    ols = sm.OLS(y, np.column_stack([np.ones(15), x])).fit()
    for kind, theirs in (("CR0", ols.cov_HC0), ("CR2", ols.cov_HC2), ("CR3", ols.cov_HC3)):
        assert robust(fit, range(15), kind).vb == pytest.approx(theirs, rel=1e-9)


def test_cr1_agrees_with_statsmodels_clusters():
    import statsmodels.api as sm

    fit, data = _fit(mods="~ x", method="EE")
    wls = sm.WLS(data.y, fit.X, weights=1 / data.v)
    robust_fit = wls.fit(cov_type="cluster", cov_kwds={"groups": data.lab.to_numpy()})
    assert robust(fit, "lab", "CR1S").vb == pytest.approx(robust_fit.cov_params(), rel=1e-9)


def test_tests_differ_in_their_degrees_of_freedom():
    fit, data = _fit(mods="~ x")
    m = data.lab.nunique()
    assert (robust(fit, "lab", "CR0").df == m - 2).all()
    assert np.isinf(robust(fit, "lab", "CR2", test="z").df).all()
    satterthwaite = robust(fit, "lab")
    assert satterthwaite.test == "Satterthwaite"
    assert (satterthwaite.df < m).all()
    assert pytest.approx(satterthwaite.stat[1] ** 2, rel=1e-9) == satterthwaite.QM
    assert satterthwaite.QMp == pytest.approx(satterthwaite.pval[1], rel=1e-6)
    assert robust(fit, "lab", "CR2", test="t").QM_df == (1.0, m - 2)


def test_level_and_renamed_clusters():
    fit, data = _fit(mods="~ x")
    wide, narrow = robust(fit, "lab", level=99), robust(fit, "lab", level=90)
    assert (wide.ci_ub - wide.ci_lb > narrow.ci_ub - narrow.ci_lb).all()
    renamed = robust(fit, [f"lab {n}" for n in data.lab])
    assert renamed.vb == pytest.approx(robust(fit, "lab").vb, rel=1e-12)


def test_a_joint_hypothesis_is_the_hotelling_test():
    fit, _ = _fit(mods="~ g", k=40)
    found = robust(fit, "lab")
    joint = linear_hypothesis(found, ["g[b]", "g[c]"])
    assert pytest.approx(found.QM, rel=1e-12) == joint.QM
    assert pytest.approx(found.QM_df, rel=1e-12) == joint.QM_df
    assert joint.df == pytest.approx(found.df[1:], rel=1e-12)
    # another basis of the same hypothesis has the same test
    other = linear_hypothesis(found, [[0, 1, 1], [0, 1, -1]])
    assert pytest.approx(found.QM, rel=1e-9) == other.QM
    plain = linear_hypothesis(robust(fit, "lab", "CR1p"), [0, 1, -1])
    assert plain.df[0] == plain.QM_df[1]


def test_too_few_clusters_for_the_joint_test_is_said():
    fit, data = _fit(mods="~ x + g", k=12)
    two = np.arange(len(data)) % 2
    for kind, test in (("CR2", None), ("CR0", "z")):  # 3 coefficients, scores of 2 clusters
        found = robust(fit, two, kind, test=test)
        assert np.isnan(found.QMp)
        assert "too few clusters" in found.summary()
        assert found.to_dict()["QMp"] is None


def test_rows_left_out_shorten_the_clusters():
    y = [0.1, np.nan, 0.5, 0.2, 0.9]
    fit = meta_analysis(y, [0.1] * 5, method="DL")
    found = robust(fit, ["a", "b", "b", "c", "c"])
    assert found.n_clusters == 3
    assert robust(fit, ["a", "b", "c", "c"]).vb == pytest.approx(found.vb)


def test_wrong_input_is_named():
    fit, _ = _fit(mods="~ x")
    with pytest.raises(UnknownNameError, match="CR2"):
        robust(fit, "lab", "HC2")
    with pytest.raises(UnknownNameError, match="laab"):
        robust(fit, "laab")
    with pytest.raises(UnknownNameError, match="Satterthwaite"):
        robust(fit, "lab", test="F")
    with pytest.raises(InputError, match="cluster has 3 values, but there are 24 rows"):
        robust(fit, [1, 2, 3])
    gaps = [None, *range(23)]
    with pytest.raises(InputError, match="cluster has no value in row 1"):
        robust(fit, gaps)
    with pytest.raises(StatsError, match="at least 2 clusters"):
        robust(fit, [1] * 24)
    with pytest.raises(StatsError, match=r"more clusters \(2\) than coefficients \(2\)"):
        robust(fit, [1, 2] * 12, "CR0")
    with pytest.raises(InputError, match="level"):
        robust(fit, "lab", level=0)
    with pytest.raises(StatsError, match="fit the model exactly"):
        robust(meta_analysis([0.1] * 4, [0.1] * 4), range(4))

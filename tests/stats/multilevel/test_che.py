"""The correlated and hierarchical effects model as one result."""

import json

import numpy as np
import pytest

from review import (
    InputError,
    StatsError,
    cluster_robust,
    effect_size,
    meta_analysis,
    meta_analysis_mv,
    rho_sensitivity,
    vcalc,
)
from review.stats.multilevel.che import che_model


@pytest.fixture(scope="module")
def fit(assink):
    return che_model("yi", "vi", data=assink, cluster="study", measure="SMD")


def test_it_is_the_multilevel_model_with_robust_tests(fit, assink):
    V = vcalc("vi", "study", data=assink, rho=0.6)
    model = meta_analysis_mv("yi", V, data=assink, random="~ 1 | study/esid")
    found = cluster_robust(model)
    assert fit.beta == pytest.approx(model.beta, rel=1e-8)
    assert fit.se == pytest.approx(found.se, rel=1e-8)
    assert fit.ci_lb == pytest.approx(found.ci_lb, rel=1e-8)
    assert fit.tau2 == pytest.approx(model.sigma2.sum(), rel=1e-6)
    assert fit.counted == "100 effects of 17 studies"
    assert fit.sizes.max() == 22
    with pytest.raises(AttributeError, match="tau3"):
        fit.tau3  # noqa: B018
    assert {"beta", "yi", "clusters"} <= set(dir(fit))


def test_texts_and_dictionaries_hold_the_same_numbers(fit):
    text, report = fit.summary("exp"), fit.report_text()
    assert "100 effects of 17 studies (1 to 22 each, median 5)" in text
    assert "rho = 0.6" in text
    for number in (fit.beta[0], fit.se[0], fit.ci_lb[0]):
        assert f"{number:.4f}" in text
    assert f"{fit.beta[0]:.4f}" in report
    assert "do not rely on the assumed correlation" in report
    assert "z tests" not in text
    plain = json.loads(json.dumps(fit.to_dict()))
    assert (plain["k"], plain["m"], plain["rho"]) == (100, 17, 0.6)
    assert plain["coefficients"][0]["se"] == fit.se[0]
    assert fit.to_frame().shape == (1, 7)
    assert fit.to_frame("components").shape[0] == 2


def test_moderators_and_gaps(assink):
    data = {n: list(c) for n, c in assink.items()}
    data["yi"][3] = None
    fit = che_model("yi", "vi", "~ deltype", data, "study")
    assert fit.k == 99
    assert "row 4: no effect" in fit.summary()
    assert "test of moderators: F(2, " in fit.summary()
    assert "Coefficients:" in fit.report_text()
    same = fit.sensitivity([0.6])
    assert same.beta[0] == pytest.approx(fit.beta[0], rel=1e-8)
    assert same.se[0] == pytest.approx(fit.se[0], rel=1e-8)


def test_other_correlations_are_shown(fit):
    found = fit.sensitivity()
    assert found.beta[list(found.rho).index(0.6)] == pytest.approx(fit.beta[0], rel=1e-8)
    assert "chosen: 0.6" in found.summary()
    from review.stats.multilevel.che import rho_sensitivity

    with pytest.raises(InputError, match="coefficient must be one of intercept"):
        rho_sensitivity(fit, coefficient="year")


def test_the_forest_plot_and_the_others(fit):
    from review.stats.multilevel.mv_forest import clustered_rows

    rows = clustered_rows(fit)
    assert sum(r.kind == "heading" for r in rows) == int((fit.sizes > 1).sum())
    assert sum(r.kind == "study" for r in rows) == 100
    total = next(r for r in rows if r.kind == "total")
    assert (total.estimate, total.ci_lb) == pytest.approx((fit.beta[0], fit.ci_lb[0]))
    assert rows[-1].kind == "prediction"
    assert len(fit.plot.forest().marks("study")) == 100
    for figure in ("funnel", "sensitivity", "caterpillar", "profile"):
        assert getattr(fit.plot, figure)().data


def test_effect_sizes_and_wrong_input():
    effects = effect_size(
        "RR", ai=[4, 6, 3, 62], n1i=[123, 306, 231, 13598], ci=[11, 29, 11, 248],
        n2i=[139, 303, 220, 12867],
    )  # fmt: skip
    fit = che_model(effects, cluster=["a", "a", "b", "c"])
    assert fit.transf == "exp"
    assert fit.predict(transf="exp").pred[0] == pytest.approx(np.exp(fit.beta[0]))
    with pytest.raises(StatsError, match="every study"):
        che_model(effects, cluster=list("abcd"))
    with pytest.raises(InputError, match="cluster is missing"):
        che_model(effects)
    with pytest.raises(InputError, match="no value in row 2"):
        che_model(effects, cluster=["a", None, "b", "b"])
    with pytest.raises(InputError, match="cluster has 2 values, but there are 4 rows"):
        che_model(effects, cluster=["a", "a"])
    with pytest.raises(InputError, match="either variances"):
        che_model([0.1, 0.2], cluster=["a", "a"])
    with pytest.raises(StatsError, match="one level only"):
        che_model([0.1, 0.2], [0.1, 0.1], cluster=["a", "a"])


def test_negative_variances_and_standard_errors_are_refused_and_not_dropped_or_squared():
    y, study = [0.1, 0.3, 0.8, 0.6, 0.2, 0.5], list("aabbcc")
    bad = [-0.1, 0.2, 0.1, 0.2, 0.1, 0.2]
    with pytest.raises(StatsError, match="sampling variances must be positive: row 1"):
        che_model(y, bad, cluster=study)
    with pytest.raises(StatsError, match="standard errors must be positive: row 1"):
        che_model(y, sei=bad, cluster=study)
    with pytest.raises(StatsError, match="sampling variances must be positive: row 1"):
        vcalc(bad, study, rho=0.5)
    with pytest.raises(InputError, match="yi is empty"):
        meta_analysis_mv([], [], random="~ 1 | id", data={"id": []})


def test_other_correlations_of_nothing_or_of_another_model_are_refused():
    fit = che_model(
        [0.1, 0.3, 0.8, 0.6, 0.2], [0.02, 0.03, 0.04, 0.03, 0.02], cluster=list("aabbc")
    )
    with pytest.raises(InputError, match="rhos is empty"):
        rho_sensitivity(fit, [])
    with pytest.raises(InputError, match="pass what che_model returns"):
        rho_sensitivity(meta_analysis([0.1, 0.2], [0.1, 0.1]), [0.1])


def test_studies_with_whole_numbers_are_called_by_them():
    fit = che_model([0.1, 0.3, 0.8, 0.6], [0.02, 0.03, 0.04, 0.03], cluster=[11.0, 11.0, 12.5, 7.0])
    assert fit.clusters == ("11", "12.5", "7")

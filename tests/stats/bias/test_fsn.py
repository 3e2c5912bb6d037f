"""Fail-safe N: the definition checked study by study, published values, errors."""

import numpy as np
import pytest
from scipy.stats import norm

from review import InputError, StatsError, UnknownNameError, fail_safe_n, meta_analysis


def with_null_studies(y, v, n, variance):
    return np.append(y, np.zeros(int(n))), np.append(v, np.full(int(n), variance))


def stouffer(y, v):
    return norm.sf(abs(np.sum(y / np.sqrt(v))) / np.sqrt(len(y)))


@pytest.mark.parametrize("name", ["bcg", "hackshaw", "raudenbush"])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_rosenthal_is_the_smallest_number_that_ends_significance(data, name, alpha):
    y, v = data(name)
    n = fail_safe_n(y, v, alpha=alpha).fsnum
    assert stouffer(*with_null_studies(y, v, n, 1.0)) >= alpha
    assert n > 0
    assert stouffer(*with_null_studies(y, v, n - 1, 1.0)) < alpha


@pytest.mark.parametrize("name", ["bcg", "hackshaw", "egger"])
def test_rosenberg_is_the_smallest_number_that_ends_significance(data, name):
    y, v = data(name)
    n = fail_safe_n(y, v, type="Rosenberg").fsnum

    def p_value(count):
        w = np.append(1 / v, np.full(int(count), np.mean(1 / v)))
        y_all = np.append(y, np.zeros(int(count)))
        return 2 * norm.sf(abs(np.sum(w * y_all)) / np.sqrt(np.sum(w)))

    assert n > 0
    assert p_value(n) >= 0.05 > p_value(n - 1)


def test_general_is_the_smallest_number_for_a_fixed_tau2(data):
    y, v = data("hackshaw")
    model = meta_analysis(y, v, test="z", tau2=0.02)
    found = fail_safe_n(model, type="General")
    typical = len(v) / np.sum(1 / v)

    def p_value(count):
        more = meta_analysis(*with_null_studies(y, v, count, typical), tau2=model.tau2, test="z")
        return more.pval[0]

    assert found.tau2 == found.tau2_fsn == model.tau2
    assert p_value(found.fsnum) >= 0.05 > p_value(found.fsnum - 1)
    assert found.pval_fsn == pytest.approx(p_value(found.fsnum), rel=1e-9)


def test_general_is_the_model_of_studies_that_average_0_and_vary_as_those_observed():
    # equal variances: the method of moments sees only the number, mean and spread of the studies
    y, v, k = np.array([0.2, 0.5, 0.9, 0.4, 1.0]), 0.04, 5
    model = meta_analysis(y, np.full(k, v), method="HE", test="z")
    for target in (0.44, 0.31, 0.11, 0.04):
        found = fail_safe_n(model, type="General", target=target)
        n = int(found.fsnum)
        null = np.resize([1.0, -1.0], n)
        null = (null - null.mean()) / np.sqrt(np.mean((null - null.mean()) ** 2))
        # n sampling errors with variance v, and n - 1 degrees of freedom of heterogeneity
        null *= np.sqrt((n * v + (n - 1) * model.tau2) / n)
        both = meta_analysis(np.append(y, null), np.full(k + n, v), method="HE", test="z")
        assert found.tau2_fsn == pytest.approx(both.tau2, rel=1e-12)
        assert found.est_fsn == pytest.approx(both.beta[0], rel=1e-12)
        assert found.pval_fsn == pytest.approx(both.pval[0], rel=1e-9)
        assert abs(found.est_fsn) <= target * (1 + 1e-9)
        assert k * model.beta[0] / (k + n - 1) > target


@pytest.mark.parametrize("method", ["REML", "DL", "EE"])
@pytest.mark.parametrize("options", [{}, {"alpha": 0.2}, {"target": 0.02}, {"target": 0.1}])
def test_general_takes_the_smallest_number_that_undoes_the_finding(data, method, options):
    from review.stats.bias.fsn import _Drawer

    model = meta_analysis(*data("hackshaw"), method=method, test="z")
    found = fail_safe_n(model, type="General", **options)

    def undone(n):
        mean, _, p = _Drawer(model).at(n)
        return abs(mean) <= options["target"] if "target" in options else p >= found.alpha

    assert found.fsnum > 5
    assert [undone(n) for n in range(int(found.fsnum) + 1)] == [False] * int(found.fsnum) + [True]


def test_general_for_equal_effects_is_rosenberg_and_weighted_orwin(data):
    model = meta_analysis(*data("bcg"), method="EE")
    assert fail_safe_n(model, type="General").fsnum == fail_safe_n(model, type="Rosenberg").fsnum
    general = fail_safe_n(model, type="General", target=0.1)
    assert general.fsnum == fail_safe_n(model, type="Orwin", target=0.1).fsnum


@pytest.mark.parametrize(
    ("options", "weighted"),
    [
        ({}, True),
        ({"convention": "3.8"}, False),
        ({"weighted": False}, False),
        ({"convention": "3.8", "weighted": True}, True),
    ],
)
def test_orwin_brings_the_mean_to_the_target(data, options, weighted):
    y, v = data("hackshaw")
    found = fail_safe_n(y, v, type="Orwin", target=0.05, **options)
    mean = np.average(y, weights=1 / v if weighted else None)
    assert found.meanes == pytest.approx(mean, rel=1e-12)
    assert found.weighted is weighted
    assert f" {'' if weighted else 'un'}weighted averages" in found.summary()
    n, k = found.fsnum, len(y)
    assert k * mean / (k + n) <= 0.05 < k * mean / (k + n - 1)


def test_published_values_for_the_teacher_expectancy_studies(data):
    # Becker (2005) and the field's reference package: 26, 44, 4, 12
    y, v = data("raudenbush")
    assert fail_safe_n(y, v).fsnum == 26
    assert fail_safe_n(y, type="Orwin", target=0.05).fsnum == 44
    assert fail_safe_n(y, v, type="Orwin", target=0.05).fsnum == 4
    assert fail_safe_n(y, v, type="Orwin", target=0.05, convention="3.8").fsnum == 44
    assert fail_safe_n(meta_analysis(y, v), type="General", target=0.05).fsnum == 12


def test_the_sign_of_a_target_follows_the_effect(data):
    y, v = data("bcg")
    assert fail_safe_n(y, v, type="Orwin", target=0.1) == fail_safe_n(
        y, v, type="Orwin", target=-0.1
    )


def test_no_finding_needs_no_null_studies():
    assert fail_safe_n([0.1, -0.1, 0.05], [1.0, 1.0, 1.0]).fsnum == 0
    assert fail_safe_n([0.1, -0.1, 0.05], [1.0, 1.0, 1.0], type="Rosenberg").fsnum == 0
    assert fail_safe_n([0.1, 0.2], type="Orwin", target=1.0).fsnum == 0


def test_one_study_and_scale():
    assert fail_safe_n([0.5], [0.01]).fsnum == np.ceil(25 / norm.isf(0.05) ** 2 - 1)
    for type_ in ("Rosenthal", "Orwin", "Rosenberg", "General"):
        small = fail_safe_n([1e-5, 2e-5, 3e-5], [1e-12, 2e-12, 4e-12], type=type_)
        assert small.fsnum == fail_safe_n([10, 20, 30], [1, 2, 4], type=type_).fsnum


def test_a_half_of_the_mean_doubles_the_number_of_studies():
    # k (mean - mean/2) / (mean/2) = k exactly, which rounding must not raise to k + 1
    rng = np.random.default_rng(4)
    for k in (7, 13, 29, 101):
        assert fail_safe_n(rng.normal(0.3, 1, k), type="Orwin").fsnum == k


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"type": "Orwinn"}, UnknownNameError, "did you mean 'Orwin'"),
        ({"alpha": 5}, InputError, "between 0 and 1"),
        ({"type": "Orwin", "target": 0}, InputError, "other than 0"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        fail_safe_n([0.3, 0.5], [0.02, 0.03], **arguments)


def test_an_average_of_zero_and_moderators():
    with pytest.raises(StatsError, match="average effect is 0"):
        fail_safe_n([0.1, -0.1], [1, 1], type="Orwin")
    model = meta_analysis([1, 2, 3, 4], [1, 1, 1, 1], mods=[1, 2, 3, 5])
    with pytest.raises(InputError, match="without moderators"):
        fail_safe_n(model, type="General")
    with pytest.raises(InputError, match="sampling variances"):
        fail_safe_n([0.1, 0.2])


def test_the_result_shows_itself(data):
    y, v = data("bcg")
    assert "Rosenthal (1979)" in fail_safe_n(y, v).summary()
    assert "average effect" in fail_safe_n(y, v, type="Orwin").summary()
    assert fail_safe_n(y, v).to_frame()["fsnum"][0] == fail_safe_n(y, v).fsnum

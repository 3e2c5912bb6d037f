"""The multiverse: every specification is a fit of its own, and the decisions follow from them."""

from __future__ import annotations

import json

import numpy as np
import pytest

import review
from review.errors import InputError, StatsError, UnknownNameError
from review.stats.influence import rstudent

Y = [-0.89, -1.59, -1.35, -1.44, -0.22, -0.79, -1.62, 0.01, -0.47, -1.37, -0.34, 2.45, -0.02]
V = [0.326, 0.195, 0.415, 0.020, 0.051, 0.007, 0.223, 0.004, 0.056, 0.073, 0.012, 0.053, 0.071]


@pytest.fixture(scope="module")
def fit():
    return review.meta_analysis(Y, V, slab=[f"s{i}" for i in range(13)])


@pytest.fixture(scope="module")
def found(fit):
    return review.multiverse(fit)


def test_every_specification_is_a_fit_of_its_own(fit, found):
    rng = np.random.default_rng(5)
    outliers = np.abs(rstudent(fit).z) > 1.96
    assert outliers.any()
    for i in rng.choice(found.n, 40, replace=False).tolist():
        keep = np.ones(13, dtype=bool)
        if found.kind[i] == "one study":
            keep[fit.slab.index(found.without[i].removeprefix("one study: "))] = False
        elif found.kind[i] == "outliers":
            keep = ~outliers
        one = review.meta_analysis(np.array(Y)[keep], np.array(V)[keep], method=found.method[i],
                                   test=found.test[i])  # fmt: skip
        assert found.k[i] == one.k
        for name in ("beta", "se", "pval", "ci_lb", "ci_ub"):
            assert getattr(found, name)[i] == pytest.approx(float(getattr(one, name)[0]), rel=1e-9)
        assert found.tau2[i] == pytest.approx(one.tau2, rel=1e-7, abs=1e-12)
        assert found.I2[i] == pytest.approx(one.I2, rel=1e-7, abs=1e-9)


def test_the_reported_specification_is_among_them(fit, found):
    at = found.reference
    assert (found.method[at], found.test[at], found.without[at]) == ("REML", "knha", "")
    assert found.beta[at] == pytest.approx(float(fit.beta[0]), rel=1e-12)
    assert found.ci_ub[at] == pytest.approx(float(fit.ci_ub[0]), rel=1e-12)
    assert not found.changed[at]
    other = review.multiverse(fit.update(method="SJ", test="t"), methods=["DL"], tests=["z"])
    assert (other.method[other.reference], other.test[other.reference]) == ("SJ", "t")


def test_combinations_are_complete(found):
    ways = set(zip(found.method, found.test, strict=True))
    assert ways == {("EE", "z")} | {(m, t) for m in ("DL", "PM", "REML")
                                    for t in ("z", "t", "knha", "adhoc")}  # fmt: skip
    assert found.n == len(ways) * 15  # all, 13 single studies, outliers
    assert len({*zip(found.method, found.test, found.without, strict=True)}) == found.n


def test_conclusions_follow_from_the_intervals(found):
    for low, high, conclusion in zip(found.ci_lb, found.ci_ub, found.conclusion, strict=True):
        expected = "above" if low > 0 else "below" if high < 0 else "not distinguished"
        assert conclusion == expected
    share = np.mean([c != found.conclusion[found.reference] for c in found.conclusion])
    assert found.share_changed == pytest.approx(100 * share)


def test_p_values_belong_to_the_effect_that_intervals_are_compared_with(fit):
    found = review.multiverse(fit, null=-0.5, each_study=False)
    inside = np.array(found.conclusion) == "not distinguished"
    np.testing.assert_array_equal(found.pval > 0.05, inside)


def test_decisions_count_what_changes_alone():
    y, v = [0.05, 0.31, 0.42, 0.10, 0.25, 0.55], [0.02, 0.03, 0.05, 0.01, 0.04, 0.02]
    fit = review.meta_analysis(y, v, test="z")
    found = review.multiverse(fit)
    table = found.decisions
    frame = table.to_frame()
    assert frame.loc["method: REML (reported)", "n"] == sum(m == "REML" for m in found.method)
    for i in range(found.n):
        same = found.method[i] == "REML" and found.test[i] == "z"
        if same and found.changed[i]:
            assert f"without {found.without[i]}" in table.flips
    alone = [i for i in range(found.n) if found.method[i] == "REML" and found.without[i] == ""]
    flipped = {found.test[i] for i in alone if found.changed[i]}
    assert {t for t in ("t", "knha", "adhoc") if f"test {t} instead of z" in table.flips} == flipped
    assert np.isnan(frame.loc["test: z (reported)", "alone"])
    assert (table.changed >= 0).all()
    assert (table.lowest <= table.median).all()


def test_flags_conversions_and_rows_that_are_not_used():
    y, v = [0.1, None, 0.9, 0.4, 0.3], [0.04, 0.05, 0.09, 0.05, 0.02]
    fit = review.meta_analysis(y, v, slab=list("abcde"))
    flags = {"high risk": [False, True, True, False, None], "industry": [0, 0, 1, 0, 0]}
    by_row = review.multiverse(fit, outliers=False, flags=flags)
    by_study = review.multiverse(
        fit, outliers=False, flags={"high risk": [False, True, False, False]}
    )
    np.testing.assert_array_equal(by_row.beta, by_study.beta)
    assert "high risk: c" in by_row.notes
    assert "industry: c (the same as high risk)" in by_row.notes
    one = fit.update(yi=[0.1, 0.4, 0.3], vi=[0.04, 0.05, 0.02], slab=None)
    at = next(i for i in range(by_row.n) if by_row.without[i] == "high risk"
              and (by_row.method[i], by_row.test[i]) == ("REML", "knha"))  # fmt: skip
    assert by_row.beta[at] == pytest.approx(float(one.beta[0]), rel=1e-9)
    with pytest.raises(InputError, match="takes one per study"):
        review.multiverse(fit, flags={"x": [True]})


def test_converted_effects_are_left_out_together():
    es = review.effect_size("OR", est=[0.5, 0.7, 0.9, 1.2], ci_lb=[0.3, 0.4, 0.5, None],
                            ci_ub=[0.9, 1.1, 1.6, None], pval=[None, None, None, 0.4])  # fmt: skip
    fit = review.meta_analysis(es)
    assert fit.conversions
    found = review.multiverse(fit)
    kinds = set(found.kind)
    rows = {c.row for c in fit.conversions}
    assert ("converted" in kinds) == (fit.k - len(rows) >= 2)


def test_a_fixed_tau2_and_case_weights_stay_what_they_are(fit):
    fixed = review.meta_analysis(Y, V, tau2=0.3, test="z")
    found = review.multiverse(fixed, each_study=False, outliers=False)
    assert found.tau2[found.reference] == 0.3
    weighted = review.meta_analysis(Y, V, weights=1)
    found = review.multiverse(weighted, each_study=False)
    assert found.beta[found.reference] == pytest.approx(np.mean(Y))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"methods": ["DLL"]}, "did you mean 'DL'"),
        ({"methods": "DL"}, "are lists"),
        ({"tests": ["zz"]}, "test"),
        ({"methods": ["GENQ"]}, "need weights"),
        ({"null": "x"}, "null"),
    ],
)
def test_wrong_arguments_are_refused(fit, options, said):
    with pytest.raises((InputError, UnknownNameError)) as caught:
        review.multiverse(fit, **options)
    assert said in str(caught.value)


def test_models_it_cannot_vary_are_refused(fit):
    with pytest.raises(StatsError, match="without moderators"):
        review.multiverse(review.meta_analysis(Y, V, mods=list(range(13))))
    with pytest.raises(StatsError, match="at least 2 studies"):
        review.multiverse(review.meta_analysis([0.1], [0.1]))


def test_of_very_many_studies_single_ones_stay_in():
    rng = np.random.default_rng(1)
    found = review.multiverse(review.meta_analysis(rng.normal(size=2_500), np.ones(2_500)),
                              methods=["DL"], tests=["z"], outliers=False)  # fmt: skip
    assert set(found.without) == {""}
    assert any("more than 2,000 studies" in note for note in found.notes)


def test_two_studies_are_enough():
    found = review.multiverse(review.meta_analysis([0.1, 0.9], [0.04, 0.09]))
    assert found.n == 13


def test_results_can_be_printed_and_kept_as_json(found):
    assert "195 specifications" in found.title
    assert "method: REML (reported)" in found.summary()
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert len(data["beta"]) == found.n
    assert data["decisions"]["choice"]
    frame = found.to_frame()
    assert list(frame.columns[:4]) == ["model", "method", "test", "without"]


def test_the_specification_curve_shows_every_fit(fit, found):
    figure = fit.plot.multiverse(found=found)
    dots = [t for t in figure.data if t.mode == "markers" and t.yaxis != "y2"]
    reported = dots.pop()
    assert reported.name == "reported"
    assert reported.y[0] == found.beta[found.reference]
    drawn = np.concatenate([t.y for t in dots])
    np.testing.assert_allclose(np.sort(drawn), np.sort(found.beta))
    marks = {t.name: len(t.x) for t in figure.data if t.yaxis == "y2"}
    assert marks["method REML"] == sum(m == "REML" for m in found.method)
    assert marks["kind one study"] == sum(k == "one study" for k in found.kind)
    back = review.meta_analysis(Y, V, measure="RR")
    assert back.plot.multiverse(each_study=False).layout.yaxis.type == "log"


def test_very_many_specifications_are_drawn_evenly(fit):
    rng = np.random.default_rng(2)
    many = review.meta_analysis(rng.normal(size=200), np.ones(200))
    found = review.multiverse(many)
    figure = many.plot.multiverse(found=found)
    drawn = sum(len(t.x) for t in figure.data if t.mode == "markers" and t.yaxis != "y2")
    assert drawn <= 1_502
    assert f"of {found.n:,} specifications" in figure.layout.xaxis.title.text


def test_choices_that_only_together_change_the_conclusion_are_named():
    y, v = [0.05, 0.31, 0.42, 0.10, 0.25, 0.55], [0.02, 0.03, 0.05, 0.01, 0.04, 0.02]
    found = review.multiverse(review.meta_analysis(y, v, test="z"))
    table = found.decisions
    assert not table.flips
    assert "test knha and without one study: 6" in table.together
    assert "the fewest together: test t and without" in table.summary()
    for i in range(found.n):
        tests, left = found.test[i] != "z", found.without[i] != ""
        if found.method[i] == "REML" and tests and left:
            name = f"test {found.test[i]} and without {found.without[i]}"
            assert (name in table.together) == found.changed[i]


def test_where_nothing_changes_it_is_said():
    found = review.multiverse(review.meta_analysis([1.0, 1.1, 0.9, 1.0], [0.01] * 4))
    assert found.share_changed == 0
    assert "No combination of these choices" in found.summary()

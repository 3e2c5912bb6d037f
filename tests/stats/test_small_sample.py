"""What weakens a result stands in the result, and so in everything that is made of it."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pytest

from review import (
    cumulative,
    excess_significance,
    leave_one_out,
    limit_meta,
    meta_analysis,
    permutation_test,
    pet_peese,
    rank_test,
    regression_test,
    selection_model,
    subgroup_analysis,
    trim_and_fill,
)
from review.errors import InputError
from review.stats.agreement.category_agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    percent_agreement,
)
from review.stats.agreement.krippendorff_alpha import krippendorff_alpha
from review.stats.agreement.number_agreement import bland_altman, icc
from review.stats.ground.inference import critical_value
from review.stats.pooling.small_sample import fit_notes
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import MetaInput

ALIKE = [0.5, 0.51, 0.49, 0.5], [0.04, 0.05, 0.03, 0.04]
FACTOR, EQUAL, FEW = "Knapp-Hartung factor", "with tau2 = 0", "prediction interval rests on"


def said(result, *words):
    return [any(word in note for note in result.notes) for word in words]


def test_nearly_equal_studies_say_everything_that_narrows_their_interval():
    fit = meta_analysis(*ALIKE)
    assert (fit.pi_lb, fit.pi_ub) == (fit.ci_lb[0], fit.ci_ub[0])
    half = float(critical_value(95, None)) * fit.sei.min()
    assert fit.ci_ub[0] - fit.beta[0] < half
    assert said(fit, FACTOR, "narrower than that of a z test", EQUAL, FEW) == [True] * 4
    assert not any(FACTOR in n for n in fit.update(test="adhoc").notes)


@pytest.mark.parametrize("seed", range(30))
def test_the_notes_say_what_holds_and_nothing_else(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 9))
    y, v = rng.normal(0, 0.3, k), rng.uniform(0.02, 0.3, k)
    for test in ("knha", "adhoc", "z", "t"):
        fit = meta_analysis(y, v, test=test)
        assert said(fit, FACTOR) == [test == "knha" and fit.s2w < 1 - 1e-9]
        equals = fit.pi_lb is not None and fit.pi_lb == fit.ci_lb[0]
        assert said(fit, EQUAL) == [equals]
        assert said(fit, FEW, "no prediction interval") == [3 <= k < 5, k < 3]
        assert (fit.pi_lb is None) == (k < 3)
        z = fit.update(test="z")
        narrower = fit.ci_ub[0] - fit.ci_lb[0] < z.ci_ub[0] - z.ci_lb[0]
        assert said(fit, "narrower than that of a z test") == [test == "knha" and narrower]


def test_too_few_studies_have_no_prediction_interval_unless_tau2_is_given():
    two = meta_analysis([0.1, 0.9], [0.04, 0.09])
    assert (two.pi_lb, two.pi_ub, two.predict().pi_lb) == (None, None, None)
    assert two.predict().missing == "too few studies"
    assert "no prediction interval (too few studies)" in two.summary()
    assert two.to_dict()["pi_lb"] is None
    with pytest.raises(InputError, match="needs at least 3 studies; there are 2"):
        two.predict(pi_type="t")
    given = two.update(tau2=0.2, test="z")
    assert given.pi_lb < given.ci_lb[0]
    assert meta_analysis([0.1], [0.04]).predict().pi_ub is None
    assert meta_analysis([0.1, 0.2], [0.04, 0.1], method="EE").predict().missing == "equal effects"


def test_meta_regression_says_its_factor_and_withholds_what_it_cannot_predict():
    y, v = [0.1, 0.32, 0.5, 0.71], [0.04, 0.05, 0.03, 0.04]
    fit = meta_analysis(y, v, mods=[1, 2, 3, 4])
    assert said(fit, FACTOR, EQUAL) == [True, False]
    assert fit.predict([5]).pi_lb is not None
    fit = meta_analysis(y[:3], v[:3], mods=[1, 2, 3])
    assert fit.predict([5]).missing == "too few studies"


def test_subgroups_and_refits_say_it_for_each():
    y, v = [*ALIKE[0], 0.1, 0.9], [*ALIKE[1], 0.04, 0.09]
    found = subgroup_analysis(y, v, ["a"] * 4 + ["b"] * 2)
    assert any(n.startswith("a: the Knapp-Hartung factor") for n in found.notes)
    assert any(n.startswith("b: no prediction interval") for n in found.notes)
    assert all(note in found.summary() for note in found.notes)
    for refits in (leave_one_out(meta_analysis(*ALIKE)), cumulative(meta_analysis(*ALIKE))):
        rows = 4 if refits.kind == "leave-one-out" else 3  # one study has no factor
        assert f"below 1 in {rows} of {rows} refits" in refits.notes[0]
        assert f"tau2 is 0 in {rows} of {rows} refits" in refits.notes
        assert all(note in refits.summary() for note in refits.notes)
    exact = permutation_test(meta_analysis([0.4, 0.9, 0.5], [0.04, 0.09, 0.05]), exact=True)
    assert exact.notes == ("with 8 permutations no p-value can be below 0.125",)
    assert exact.pval[0] >= 0.125


@pytest.mark.parametrize("k", [9, 10])
@pytest.mark.parametrize(
    "test",
    [regression_test, rank_test, trim_and_fill, limit_meta, pet_peese, excess_significance,
     lambda fit: selection_model(fit, type="stepfun", steps=0.3)],
)  # fmt: skip
def test_every_test_of_bias_says_when_there_are_fewer_than_ten_studies(test, k):
    rng = np.random.default_rng(3)
    v = rng.uniform(0.01, 0.3, k)
    fit = meta_analysis(0.2 + 0.7 * np.sqrt(v) + rng.normal(0, np.sqrt(v)), v)
    found = test(fit)
    assert said(found, "can hardly tell bias from chance") == [k < 10]
    assert said(found, "low power") == [test is rank_test]
    assert all(note in found.summary() for note in found.notes)
    assert found.to_dict()["notes"] == list(found.notes)
    assert json.dumps(found.to_dict())


def rows(y, v):
    return MetaInput(
        title="Nearly equal", source="test", measure=None,
        columns={"yi": list(y), "vi": list(v)}, labels=list("abcdefgh")[: len(y)], data={},
        outcome="f1",
    )  # fmt: skip


def test_text_json_figure_and_report_say_the_same():
    from review.plots.meta.meta_files import meta_artifacts

    run = run_meta(rows(*ALIKE))
    assert len(run.result.notes) == 3
    text = run.text()
    saved = json.dumps(run.to_dict())
    drawn = meta_artifacts(run, "m")[0].panels[0].svg
    foot = html.unescape(" ".join(re.findall("<text[^>]*>(.*?)</text>", drawn)))
    for note in run.result.notes:
        assert note in text
        assert note in run.result.summary()
        assert note[1:] in run.result.report_text()
        assert json.dumps(note)[1:-1] in saved
        assert note[1:] in foot
        assert text.count(note) == 1
    alone = run.result.plot.forest()
    assert all(n[1:] in " ".join(alone.texts) for n in run.result.notes)


PERFECT = [list("aabbc"), list("aabbc")]


@pytest.mark.parametrize(
    "coefficient",
    [
        lambda: cohen_kappa(PERFECT),
        lambda: cohen_kappa([[1, 2, 3], [1, 2, 3]], weights="linear", categories=[1, 2, 3]),
        lambda: gwet_ac(PERFECT),
        lambda: krippendorff_alpha(PERFECT),
        lambda: krippendorff_alpha([[1, 2, 4.5], [1, 2, 4.5]], measured="interval"),
        lambda: fleiss_kappa([*PERFECT, list("aabbc")]),
        lambda: icc([[1, 2, 3.5], [1, 2, 3.5]]),
        lambda: icc([[1, 2, 3.5], [1, 2, 3.5]], form="oneway"),
        lambda: icc([[1, 2, 3.5], [1, 2, 3.5]], form="consistency"),
    ],
)
def test_full_agreement_of_few_units_has_no_interval_without_width(coefficient):
    found = coefficient()
    assert found.value == pytest.approx(1)
    assert (found.low, found.high) == (None, None)
    assert "no interval" in found.note


def test_the_share_of_equal_pairs_has_an_interval_that_knows_how_few_there_are():
    found = percent_agreement(PERFECT)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(5 / (5 + 1.959964**2), rel=1e-6)  # Wilson (1927) at 5 of 5


def test_equal_differences_have_no_interval():
    found = bland_altman([1, 2, 3], [2, 3, 4])
    assert (found.bias, found.bias_low, found.low_ci) == (-1, None, None)
    assert "no interval" in found.note


def test_a_larger_study_has_nothing_to_say():
    options = {"test": "knha", "s2w": 1.2, "ddf": 9, "level": 95, "tau2": 0.1, "df": 9}
    kind = {"equal_effects": False, "intercept_only": True, "tau2_fixed": False}
    assert fit_notes(**options, **kind) == []

"""What is proposed follows from numbers, says them, and is no judgement."""

from __future__ import annotations

import pytest

from review.schema.certainty_file import OutcomeCertainty
from review.workflow.certainty.domain_proposals import proposals
from review.workflow.certainty.outcome_evidence import evidence_of
from review.workflow.certainty.outcome_states import outcome_states
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import MetaInput


def proposed(measure, yi, vi, *, columns=None, **entries):
    """Proposals for effects with an equal-effects model, so that intervals are known."""
    method = entries.pop("method", "EE")
    given = {"yi": yi, "vi": vi} if columns is None else columns
    labels = [str(i) for i in range(len(next(iter(given.values()))))]
    run = run_meta(MetaInput("", "", measure, given, labels, {}), method=method, test="z")
    one = OutcomeCertainty(name="x", **entries)
    return proposals(evidence_of(run, one, "Pain"), one, None)


# means with an interval of 0.98 around 2: standard error 0.5
@pytest.mark.parametrize(
    ("effect", "mid", "word"),
    [
        (2.0, None, "none"),  # 1.02 to 2.98 leaves 0 out
        (0.5, None, "serious"),  # -0.48 to 1.48
        (3.0, 1.0, "none"),  # 2.02 to 3.98 is beyond 1
        (1.5, 1.0, "serious"),  # 0.52 to 2.48 holds 1
        (0.0, 0.5, "very serious"),  # -0.98 to 0.98 holds both
        (0.0, 1.0, "none"),  # within: surely of no importance
        (1.2, 1.0, "serious"),
    ],
)
def test_imprecision_counts_the_thresholds_within_the_interval(effect, mid, word):
    found = proposed("MD", [effect, effect], [0.5, 0.5], mid=mid)["imprecision"]
    assert found.judgement == word, found.why
    assert "interval" in found.why


def test_imprecision_asks_for_enough_participants():
    counts = {"ai": [0, 1], "bi": [40, 39], "ci": [12, 14], "di": [28, 26]}
    found = proposed("RR", None, None, columns=counts)["imprecision"]
    assert found.judgement == "serious"
    assert "160 participants, fewer than the optimal information size" in found.why
    many = {name: [20 * x for x in cells] for name, cells in counts.items()}
    assert proposed("RR", None, None, columns=many)["imprecision"].judgement == "none"


def test_a_threshold_on_the_absolute_scale_needs_a_baseline():
    found = proposed("OR", [-0.5, -0.5], [0.01, 0.01], mid=10)["imprecision"]
    assert "without a baseline risk" in found.why
    base = [{"value": 0.001, "source": "registry"}]
    small = proposed("OR", [-0.5, -0.5], [0.01, 0.01], mid=10, baseline=base)["imprecision"]
    assert "-10 and 10 per 1,000 (smallest important difference)" in small.why
    assert small.judgement == "none"


def test_shares_have_no_value_without_an_effect():
    counts = {"xi": [30, 40], "ni": [100, 100]}
    assert proposed("PLO", None, None, columns=counts)["imprecision"].judgement == ""
    near = proposed("PLO", None, None, columns=counts, mid=100)["imprecision"]
    assert near.judgement == "none"
    assert proposed("PLO", None, None, columns=counts, mid=50)["imprecision"].judgement == "serious"
    far = proposed("PLO", None, None, columns=counts, mid=20)["imprecision"]
    assert far.judgement == "very serious"


def test_inconsistency_looks_at_what_a_new_study_may_find():
    yi, vi = [1.0, 3.0, 2.0, 4.5, 0.2, 1.5], [0.05] * 6
    found = proposed("MD", yi, vi, method="REML")["inconsistency"]
    assert found.judgement == "very serious"
    assert "prediction interval" in found.why
    assert "I²" in found.why
    same = proposed("MD", [2.0, 2.1, 1.9], [0.05] * 3, method="REML")["inconsistency"]
    assert same.judgement == "none"
    assert proposed("MD", [2.0], [0.05])["inconsistency"].why.startswith("one study")


@pytest.mark.parametrize("model", ["mh", "peto"])
def test_models_without_heterogeneity_are_held_to_that_of_the_studies(bcg, folder, model):
    path = folder / "review.toml"
    text = path.read_text().replace('test = "z"', f'model = "{model}"')
    path.write_text(text.replace('measure = "RR"', 'measure = "OR"' if model == "mh" else ""))
    (state,) = outcome_states(bcg())
    result = state.evidence.run.result
    y, v = result.yi, result.vi
    centre = (y / v).sum() / (1 / v).sum()
    q = ((y - centre) ** 2 / v).sum()
    assert state.evidence.i2 == pytest.approx(100 * (q - 12) / q)
    assert state.proposals["inconsistency"].judgement == "serious"


def test_small_studies_alone_are_suspicious():
    counts = {"ai": [5, 6, 4], "bi": [45, 44, 46], "ci": [9, 8, 9], "di": [41, 42, 41]}
    found = proposed("RR", None, None, columns=counts)["publication_bias"]
    assert found.judgement == "serious"
    assert "3 of 3 studies have fewer than 200 participants" in found.why
    big = {name: [10 * x for x in cells] for name, cells in counts.items()}
    assert proposed("RR", None, None, columns=big)["publication_bias"].judgement == "none"


def test_large_effects_raise_evidence_that_starts_low():
    def large(effect, design="observational"):
        made = proposed("RR", [effect, effect], [0.01, 0.01], design=design)
        return made["large_effect"].judgement

    assert [large(x) for x in (0.3, 1.0, -1.0, 2.0)] == ["none", "large", "large", "very large"]
    assert large(2.0, "randomised") == ""


def test_the_trials_of_bcg(bcg):
    (state,) = outcome_states(bcg(), ["tb"])
    found = state.proposals
    weights = dict.fromkeys(("low", "high"), 0.0)
    from .conftest import RANDOM

    for row in state.evidence.run.forest:
        if row.kind == "study":
            study = bcg().studies[row.row].study_id
            weights["low" if study in RANDOM else "high"] += row.weight
    assert f"{weights['high']:.0f}% at high risk" in found["risk_of_bias"].why
    assert found["risk_of_bias"].judgement == "serious"
    assert "I² 92% (p < 0.0001)" in found["inconsistency"].why
    assert found["publication_bias"].judgement == "none"
    assert (found["indirectness"].judgement, state.outcome.level) == ("", None)

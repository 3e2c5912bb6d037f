"""The rows of the Summary of Findings table: numbers by a second way, words by the level."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest

from review.schema.certainty_file import LOWERING, OutcomeCertainty
from review.workflow.certainty.outcome_evidence import evidence_of
from review.workflow.certainty.outcome_states import outcome_states
from review.workflow.certainty.plain_statements import statement
from review.workflow.certainty.summary_of_findings import findings
from review.workflow.pooling.accuracy_input import AccuracyInput
from review.workflow.pooling.accuracy_run import run_accuracy
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import MetaInput


def row(run, **entries):
    one = OutcomeCertainty(name="x", **entries)
    (found,) = findings((one,), lambda _: run, lambda _: "Pain")
    return found


def pooled(measure, columns, **options):
    k = len(next(iter(columns.values())))
    return run_meta(MetaInput("", "", measure, columns, [*"abcdefgh"[:k]], {}), **options)


def given(measure, estimates, variances):
    """A meta-analysis of effects with a measure's name."""
    return pooled(measure, {"yi": list(estimates), "vi": list(variances)}, method="EE", test="z")


def test_the_trials_of_bcg(bcg):
    """RR 0.4894 (0.3441 to 0.6962), prediction 0.1546 to 1.5490: the reference implementation."""
    (state,) = outcome_states(bcg(), ["tb"])
    found, evidence = state.finding, state.evidence
    assert evidence.effect == pytest.approx((0.4894, 0.3441, 0.6962), abs=5e-5)
    assert found.relative == "RR 0.49 (95% CI 0.34 to 0.70)"
    assert found.participants == "357,347 (13 studies)"
    risks = [s.cpos / (s.cpos + s.cneg) for s in bcg().studies]
    base = median(risks)
    assert evidence.baselines[0].value == pytest.approx(base)
    change = [1000 * base * (x - 1) for x in evidence.effect]
    assert evidence.quantities[0].value == pytest.approx(change)
    assert found.lines[0].cells["difference"] == "8 fewer per 1,000 (10 fewer to 5 fewer)"
    assert any("median of the comparison groups, since none is stated" in r for r in found.remarks)
    assert (found.level, found.means, found.certainty) == (None, "", "Not judged yet")


def test_stated_baselines_take_the_place_of_the_median(bcg):
    baseline = [
        {"value": 0.02, "name": "high burden", "source": "A"},
        {"value": 0.001, "name": "low burden", "source": "B"},
    ]
    one = OutcomeCertainty(name="tb", baseline=baseline, people=100)
    (state,) = outcome_states(bcg(), ["tb"])
    (found,) = findings((one,), lambda _: state.evidence.run, lambda _: "Tuberculosis")
    assert [line.baseline for line in found.lines] == ["high burden", "low burden"]
    assert [line.cells["without"] for line in found.lines] == ["2 per 100", "0.1 per 100"]
    assert found.remarks[:2] == (
        "Baseline risk (high burden): A.",
        "Baseline risk (low burden): B.",
    )


@pytest.mark.parametrize(
    ("measure", "yi", "entries", "cells"),
    [
        ("OR", np.log(0.73), {"baseline": 0.3}, ("300 per 1,000", "62 fewer per 1,000")),
        ("HR", np.log(0.5), {"baseline": 0.19, "time": "1 year"}, ("190", "90 fewer")),
        ("IRR", np.log(0.5), {"baseline": 0.04, "unit": "person-years"},
         ("40 per 1,000 person-years", "20 fewer per 1,000 person-years")),
        ("RD", -0.05, {"baseline": 0.2}, ("200", "50 fewer")),
        ("MD", -1.5, {"unit": "points"}, ("", "1.500 points lower (1.562 lower to 1.438 lower)")),
        ("SMD", 0.5, {"sd": 8, "sd_source": "trial", "unit": "points"}, ("", "4.00 points higher")),
        ("SMD", 0.5, {}, ("", "0.500 SD higher")),
        ("ROM", np.log(2), {"baseline": 10, "unit": "mg"}, ("10.0 mg", "10.0 mg higher")),
    ],
)  # fmt: skip
def test_every_kind_of_effect_has_an_absolute_one(measure, yi, entries, cells):
    entries = dict(entries)
    if "baseline" in entries:
        entries["baseline"] = [{"value": entries["baseline"], "source": "s"}]
    found = row(given(measure, [yi, yi], [0.002, 0.002]), **entries)
    line = found.lines[0].cells
    assert cells[0] in line["without"]
    assert cells[1] in line["difference"], line
    assert found.kind == "comparison"


def test_without_a_baseline_nothing_is_made_up():
    found = row(given("OR", [-0.3, -0.2], [0.01, 0.01]))
    assert found.lines == ()
    assert any("no absolute effect" in r.casefold() for r in found.remarks)
    assert found.relative.startswith("OR 0.78")


def test_prevalence_is_told_in_people():
    run = pooled("PLO", {"xi": [10, 20, 30], "ni": [100, 150, 320]})
    found = row(run, design="prevalence", outcome="diabetes")
    total = next(r for r in run.forest if r.kind == "total")
    assert found.kind == "group"
    assert found.lines[0].cells["value"].startswith(f"{1000 * total.estimate:.0f} per 1,000 (")
    evidence = evidence_of(run, OutcomeCertainty(name="x"), "Diabetes")
    people = f"{1000 * total.estimate:.0f}"
    one = OutcomeCertainty(name="x", outcome="diabetes")
    assert statement(evidence, one, "low") == f"About {people} of 1,000 people may have diabetes."


def test_accuracy_is_told_in_natural_frequencies():
    columns = {"tp": [90, 45, 80, 30], "fn": [10, 5, 15, 6], "fp": [20, 8, 30, 4],
               "tn": [180, 60, 200, 70]}  # fmt: skip
    run = run_accuracy(AccuracyInput("", "", columns, [*"abcd"], {}))
    found = row(run, design="accuracy", baseline=[{"value": 0.1, "name": "clinic", "source": "s"}])
    points = run.result.predict()
    sens, spec = points.value("sens"), points.value("spec")
    cells = found.lines[0].cells
    whole = [f"{100 * x:.0f}" for x in (sens.estimate, sens.ci_lb, sens.ci_ub)]
    assert cells["found"] == f"{whole[0]} ({whole[1]} to {whole[2]})"
    alarms = [f"{900 * (1 - x):.0f}" for x in (spec.estimate, spec.ci_ub, spec.ci_lb)]
    assert cells["alarmed"] == f"{alarms[0]} ({alarms[1]} to {alarms[2]})"
    assert found.kind == "accuracy"
    assert found.participants == "853 (4 studies)"
    without = row(run)
    share = median([100 / 300, 50 / 118, 95 / 325, 36 / 110])
    assert without.lines[0].cells["prevalence"] == f"{1000 * share:.0f} per 1,000"


@pytest.mark.parametrize(
    ("level", "effect", "said"),
    [
        ("high", -2.0, "The drug reduces pain."),
        ("moderate", 2.0, "The drug probably increases pain."),
        ("low", -2.0, "The drug may reduce pain."),
        ("low", 0.5, "The drug may result in little to no difference in pain."),
        ("very low", -2.0, "The evidence is very uncertain about the effect of the drug on pain."),
    ],
)  # fmt: skip
def test_statements_follow_level_and_size(level, effect, said):
    one = OutcomeCertainty(name="x", intervention="the drug", mid=1)
    evidence = evidence_of(given("MD", [effect, effect], [0.01, 0.01]), one, "Pain")
    assert statement(evidence, one, level) == said
    than = one.model_copy(update={"comparison": "placebo"})
    assert statement(evidence, than, level) == f"{said[:-1]} compared with placebo."


def test_reasons_are_confirmed_judgements_alone():
    judged = {d: {"judgement": "none", "why": "w", "confirmed": True} for d in LOWERING}
    judged["imprecision"] = {"judgement": "serious", "why": "wide", "confirmed": True}
    judged["risk_of_bias"] = {"judgement": "very serious", "why": "SECRET"}
    found = row(given("MD", [1, 1], [0.1, 0.1]), design="randomised", **judged)
    assert found.reasons == ("Imprecision, serious: wide.",)
    assert found.level is None
    assert "SECRET" not in str(found.to_dict())


def test_models_without_an_average_are_said_to_have_none(bcg, folder):
    path = folder / "review.toml"
    path.write_text(path.read_text().replace('name = "tb"', 'name = "by_year"\nmods = "year"'))
    (state,) = outcome_states(bcg(), ["by_year"])
    assert state.evidence is None
    assert "moderators" in state.finding.why
    assert state.finding.participants == "No pooled result"

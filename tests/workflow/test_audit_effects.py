"""Estimate, interval and p-value together."""

import math

import numpy as np
import pytest
from scipy import stats

from review.stats.consistency.interval_pvalues import implied_z, z_of_p
from review.stats.consistency.rounding_ranges import printed
from review.workflow.audit.claim import Verdict
from review.workflow.audit.csv_rows import audit_rows


def row(measure, estimate, low, high, p="", **more):
    return {"measure": measure, "estimate": estimate, "ci_low": low, "ci_high": high, "p": p} | more


def of(check, given):
    return [c for c in audit_rows([given]).claims if c.check == check]


def p_claim(given):
    (claim,) = of("p-value", given)
    return claim


@pytest.mark.parametrize(
    ("given", "p"),
    [
        (row("HR", "1.5", "1.1", "2.0", "0.60"), 0.008),
        (row("OR", "2.10", "0.95", "4.64", ".01"), 0.067),
        (row("", "1.5", "1.1", "2.0", "0.60"), 0.008),
    ],
)
def test_a_p_value_that_its_interval_contradicts(given, p):
    claim = p_claim(given)
    assert claim.verdict is Verdict.INCONSISTENT
    assert float(claim.recomputed) == pytest.approx(p, abs=0.0005)
    assert "different sides of 0.05" in claim.note


@pytest.mark.parametrize(
    "given",
    [
        row("OR", "0.22", "0.13", "1.88"),
        row("", "4.64", "1.33", "6.16"),
        row("MD", "1.0", "0.5", "9.0"),
    ],
)
def test_an_interval_that_is_lopsided_on_every_scale(given):
    assert Verdict.INCONSISTENT in [c.verdict for c in of("interval", given)]


def test_the_explanation_is_named():
    ninety = np.exp(0.4 + np.array([-1, 1]) * stats.norm.ppf(0.95) * 0.2)
    given = row("OR", f"{math.exp(0.4):.3f}", *(f"{x:.3f}" for x in ninety), "0.0455")
    assert "90% interval" in p_claim(given).note
    one_sided = row("OR", "1.492", "0.884", "2.518", f"{stats.norm.sf(0.4 / 0.267):.4f}")
    assert "one-sided" in p_claim(one_sided).note
    assert not p_claim(one_sided | {"tail": "one"}).failed


def test_students_t_is_named_before_an_accusation():
    se, df = 1.0, 8
    half = stats.t.ppf(0.975, df) * se
    p = 2 * stats.t.sf(2.6 / se, df)
    given = row("MD", "2.60", f"{2.6 - half:.2f}", f"{2.6 + half:.2f}", f"{p:.3f}")
    claim = p_claim(given)
    assert claim.verdict in {Verdict.CONSISTENT, Verdict.ROUNDING, Verdict.CONFIRMED}
    assert "Student's t" in claim.note or claim.note == ""


def test_measures_may_be_named_and_given_as_metric():
    named = {
        "metric": "Hazard ratio",
        "value": "1.5",
        "ci_low": "1.1",
        "ci_high": "2.0",
        "p": "0.6",
    }
    assert p_claim(named).verdict is Verdict.INCONSISTENT
    assert p_claim(row("odds ratio", "1.5", "1.1", "2.0", "0.6")).verdict is Verdict.INCONSISTENT


@pytest.mark.parametrize("scale", ["natural", "log"])
def test_the_implied_z_covers_all_roundings(scale):
    rng = np.random.default_rng(3)
    for _ in range(200):
        effect, se = rng.uniform(0.2, 1), rng.uniform(0.05, 0.3)
        ends = effect + np.array([0, -1, 1]) * stats.norm.ppf(0.975) * se
        shown = np.exp(ends) if scale == "log" else ends
        found = implied_z(*(printed(f"{x:.2f}") for x in shown), scale=scale)
        assert found.low <= effect / se <= found.high


def test_z_of_p_is_the_normal_quantile():
    for p in (0.5, 0.05, 1e-8):
        assert z_of_p(p) == pytest.approx(stats.norm.isf(p / 2))


@pytest.mark.parametrize("measure", ["OR", "MD", ""])
def test_simulated_effects_are_never_accused(measure):
    """Wald and t intervals with their p-values, rounded to what papers print."""
    rng = np.random.default_rng(len(measure))
    for i in range(400):
        effect, se = rng.normal(0, 0.5), rng.uniform(0.05, 0.6)
        df = int(rng.integers(8, 200)) if measure == "MD" and i % 2 else None
        law = stats.norm if df is None else stats.t(df)
        ends = effect + np.array([0, -1, 1]) * law.ppf(0.975) * se
        shown = ends if measure == "MD" else np.exp(ends)
        p = 2 * law.sf(abs(effect / se))
        text = "<0.001" if p < 0.001 else f"{p:.2f}" if rng.random() < 0.5 else f"{p:.3f}"
        given = row(measure, *(f"{x:.2f}" for x in shown), text)
        accused = [c for c in audit_rows([given]).claims if c.failed]
        assert not accused, (given, effect / se, accused)


def test_exact_intervals_are_not_called_lopsided():
    """Clopper-Pearson and Poisson limits are the most lopsided that tables give."""
    for events in (1, 2, 3, 5, 10):
        low = stats.chi2.ppf(0.025, 2 * events) / 2
        high = stats.chi2.ppf(0.975, 2 * events + 2) / 2
        given = row("IRR", f"{events / 5:.2f}", f"{low / 5:.3f}", f"{high / 5:.2f}")
        assert not [c for c in audit_rows([given]).claims if c.failed], given

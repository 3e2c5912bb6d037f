"""Q, df, p, I2, H2 and tau2 of one meta-analysis."""

import numpy as np
import pytest
from scipy import stats

from review.workflow.audit.claim import Verdict
from review.workflow.audit.csv_rows import audit_rows


def verdicts(**row):
    return {c.claim.split()[0]: c for c in audit_rows([row]).claims if c.check == "heterogeneity"}


def test_the_i2_of_a_q():
    """24.53 on 11 degrees of freedom is 55.2 %."""
    assert verdicts(q="24.53", df="11", i2="55.2")["I2"].verdict is Verdict.CONFIRMED
    wrong = verdicts(q="24.53", df="11", i2="78.9")["I2"]
    assert wrong.verdict is Verdict.INCONSISTENT
    assert wrong.recomputed.startswith("55.15")
    assert "REML" in wrong.note


def test_another_estimator_of_tau2_is_named_before_an_accusation():
    near = verdicts(q="24.53", df="11", i2="60.1")["I2"]
    assert near.verdict is Verdict.UNCHECKED
    assert "REML" in near.note
    said = verdicts(q="24.53", df="11", i2="78.9", note="REML estimate")["I2"]
    assert said.verdict is Verdict.UNCHECKED


def test_studies_stand_for_degrees_of_freedom():
    assert verdicts(q="24.53", studies="12", i2="55")["I2"].verdict is Verdict.CONFIRMED
    assert verdicts(q="24.53", df="11", studies="14")["df"].verdict is Verdict.UNCHECKED


def test_h2_and_the_p_value_of_q():
    found = verdicts(q="24.53", df="11", h2="2.23", p_q="0.011")
    assert {c.verdict for c in found.values()} == {Verdict.CONFIRMED}
    assert verdicts(q="24.53", df="11", h2="9.8")["H2"].verdict is Verdict.INCONSISTENT
    assert verdicts(q="24.53", df="11", h2="1.49")["H2"].note.startswith("it is H,")
    assert verdicts(q="24.53", df="11", p="0.11")["Q"].verdict is Verdict.INCONSISTENT


def test_the_p_value_of_the_effect_is_not_that_of_q():
    row = {"estimate": "1.5", "ci_low": "1.1", "ci_high": "2.0", "p": "0.008"}
    assert "Q" not in verdicts(q="24.53", df="11", **row)


@pytest.mark.parametrize(
    "row", [{"tau2": "-0.2"}, {"q": "-3"}, {"i2": "132"}, {"i2": "-10"}, {"h2": "-1"}]
)
def test_values_that_cannot_exist(row):
    assert [c.verdict for c in verdicts(**row).values()] == [Verdict.IMPOSSIBLE]


def test_simulated_analyses_are_never_accused():
    rng = np.random.default_rng(5)
    for _ in range(300):
        k = int(rng.integers(2, 40))
        q = rng.chisquare(k - 1) * rng.uniform(0.5, 4)
        decimals = int(rng.integers(0, 3))
        p = stats.chi2.sf(q, k - 1)
        row = {
            "q": f"{q:.{int(rng.integers(1, 3))}f}",
            "df": str(k - 1),
            "i2": f"{100 * max(0, 1 - (k - 1) / q):.{decimals}f}%",
            "h2": f"{q / (k - 1):.2f}",
            "p_q": "<0.001" if p < 0.001 else f"{p:.3f}",
            "tau2": "0.00",
        }
        claims = audit_rows([row]).claims
        assert len(claims) == 3, row
        assert {c.verdict for c in claims} <= {Verdict.CONFIRMED, Verdict.ROUNDING}, row

"""Means, SDs, medians, ranges and kappa: what whole numbers and ranges allow."""

import numpy as np
import pytest

from review.stats.consistency.kappa_range import kappa_limits
from review.workflow.audit.claim import Verdict
from review.workflow.audit.csv_rows import audit_rows


def claims(**row):
    return audit_rows([{k: str(v) for k, v in row.items()}]).claims


def failed(**row):
    return [c for c in claims(**row) if c.failed]


def test_a_mean_of_several_items():
    """5.19 of 28 whole numbers does not exist; of 28 x 4 answers it does (145.25 / 28)."""
    (alone,) = failed(n=28, mean="5.19")
    assert "items" in alone.note
    assert not failed(n=28, mean="5.19", items=4)
    assert not failed(n=28, mean="5.19", data_type="continuous")


@pytest.mark.parametrize(
    "row",
    [
        {"mean": "3.44", "sd": "2.46", "n": 18},
        {"mean": "2.50", "sd": "0.12", "n": 10},  # halves are at least 0.5 away
        {"mean": "0.30", "sd": "0.49", "n": 100, "data_type": "binary"},
        {"mean": "3.0", "sd": "2.9", "n": 40, "min": 1, "max": 5},
        {"mean": "5.6", "sd": "0.8", "min": 1, "max": 5},
        {"median": 12, "q1": 14, "q3": 18},
        {"median": 12, "min": 1, "max": 11},
        {"mean": "50.0", "median": "30", "sd": "9.1", "data_type": "continuous"},
        {"mean": "3.0", "sd": "-1.2"},
        {"kappa": "0.85", "agreement": "0.80"},
        {"kappa": "-0.40", "agreement": "90 %"},
        {"kappa": "0.70", "agreement": "90", "expected_agreement": "50"},
    ],
)
def test_what_no_data_can_have(row):
    assert failed(**row), row


def test_a_weighted_kappa_is_not_accused():
    assert not failed(kappa="0.85", agreement="0.80", note="linearly weighted")


@pytest.mark.parametrize("items", [1, 4])
def test_simulated_scales_are_never_accused(items):
    rng = np.random.default_rng(items)
    for _ in range(300):
        n, top = int(rng.integers(3, 60)), int(rng.integers(2, 8))
        answers = rng.binomial(top - 1, rng.uniform(0.1, 0.9), (n, items)) + 1
        x = answers.mean(axis=1)
        quartiles = np.quantile(x, [0.25, 0.5, 0.75])
        row = {
            "n": n, "items": items, "mean": f"{x.mean():.2f}", "min": 1, "max": top,
            "sd": f"{x.std(ddof=1):.{int(rng.integers(1, 4))}f}",
            "q1": f"{quartiles[0]:.1f}", "median": f"{quartiles[1]:.1f}",
            "q3": f"{quartiles[2]:.1f}",
        }  # fmt: skip
        assert not failed(**row), row


def test_simulated_binary_data_are_never_accused():
    rng = np.random.default_rng(8)
    for _ in range(300):
        n = int(rng.integers(2, 500))
        x = rng.random(n) < rng.random()
        sd = f"{x.std(ddof=1):.2f}"
        row = {"n": n, "mean": f"{x.mean():.3f}", "sd": sd, "data_type": "binary"}
        assert not failed(**row), row


def test_the_worked_example_of_anaya_2016():
    """3.44, 2.47, n = 18 is wrong when rounded; cut digits would explain it, and are named."""
    (claim,) = [c for c in claims(mean="3.44", sd="2.47", n=18) if c.check == "scale"]
    assert claim.verdict is Verdict.ROUNDING
    assert "cut off" in claim.note


def test_an_sd_with_n_in_the_denominator_is_named():
    (claim,) = failed(mean="3.44", sd="2.49", n=18)
    assert "n, not n - 1" in claim.note
    rng = np.random.default_rng(9)
    for _ in range(100):
        n = int(rng.integers(3, 40))
        x = rng.integers(0, 9, n)
        found = failed(n=n, mean=f"{x.mean():.2f}", sd=f"{x.std():.2f}")
        assert all("n, not n - 1" in c.note for c in found)


def test_changed_digits_are_found_more_often_than_not():
    """Power: the last digit of an SD with two decimals, n up to 30."""
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(200):
        n = int(rng.integers(8, 31))
        x = rng.integers(1, 8, n)
        sd = round(float(x.std(ddof=1)), 2) + float(rng.choice([-0.03, -0.02, 0.02, 0.03]))
        found += bool(failed(n=n, mean=f"{x.mean():.2f}", sd=f"{sd:.2f}"))
    assert found > 100


def test_simulated_kappas_are_within_their_limits():
    rng = np.random.default_rng(4)
    for _ in range(300):
        q = int(rng.integers(2, 5))
        table = rng.multinomial(60, rng.dirichlet(np.full(q * q, 0.2))).reshape(q, q) / 60
        po, pe = np.trace(table), table.sum(axis=0) @ table.sum(axis=1)
        if pe > 0.999:
            continue
        kappa = (po - pe) / (1 - pe)
        low, high = kappa_limits(po, po)
        assert low - 1e-9 <= kappa <= high + 1e-9
        row = {"kappa": f"{kappa:.2f}", "agreement": f"{100 * po:.1f}%"}
        assert not failed(**row), row
        assert not failed(**row, expected_agreement=f"{pe:.4f}"), row


def test_the_share_of_zeros_and_ones_may_be_cut_off_too():
    """6 of 11: 0.5454... and SD 0.5222..."""
    (claim,) = [c for c in claims(mean="0.54", sd="0.52", n=11, data_type="binary")
                if "SD" in c.claim]  # fmt: skip
    assert claim.verdict is Verdict.ROUNDING

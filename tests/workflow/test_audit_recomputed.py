"""Statistics beside estimate and SE; effects beside the counts or means of their groups."""

import math

import numpy as np
import pytest
from scipy import stats

from review.workflow.audit.claim import Verdict
from review.workflow.audit.csv_rows import audit_rows


def one(check, **row):
    given = {k: str(v) for k, v in row.items()}
    (claim,) = [c for c in audit_rows([given]).claims if c.check == check]
    return claim


COUNTS = {"events1": 12, "n1": 100, "events2": 24, "n2": 104}  # OR 0.4545, RR 0.52
MEANS = {"mean1": "14.2", "sd1": "3.1", "n1": 40, "mean2": "12.0", "sd2": "2.9", "n2": 38}


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"measure": "OR", "estimate": "0.45", **COUNTS}, "confirmed"),
        ({"measure": "OR", "estimate": "2.20", **COUNTS}, "consistent"),
        ({"measure": "RR", "estimate": "0.52", **COUNTS}, "confirmed"),
        ({"measure": "RR", "estimate": "1.14", **COUNTS}, "consistent"),  # without the event
        ({"measure": "RD", "estimate": "-0.111", **COUNTS}, "confirmed"),
        ({"measure": "OR", "estimate": "0.55", **COUNTS}, "inconsistent"),
        ({"measure": "adjusted OR", "estimate": "0.55", **COUNTS}, "cannot be checked"),
        ({"measure": "MD", "estimate": "2.2", **MEANS}, "confirmed"),
        ({"measure": "MD", "estimate": "-2.2", **MEANS}, "consistent"),
        ({"measure": "MD", "estimate": "3.2", **MEANS}, "inconsistent"),
        ({"measure": "SMD", "estimate": "0.73", **MEANS}, "confirmed"),
        ({"measure": "SMD", "estimate": "0.98", **MEANS}, "inconsistent"),
    ],
)
def test_an_effect_beside_its_groups(row, verdict):
    claim = one("effect", **row)
    assert claim.verdict == verdict
    if verdict == "inconsistent":
        assert "group 2 against group 1" in claim.computation
        assert "neither direction" in claim.note


def test_more_events_than_persons():
    row = COUNTS | {"measure": "OR", "estimate": "0.45", "events1": 120}
    assert one("effect", **row).verdict is Verdict.IMPOSSIBLE


def test_a_statistic_beside_estimate_and_standard_error():
    assert one("statistic", statistic="z", value="2.50", estimate="0.50", se="0.20").verdict == (
        "confirmed"
    )
    wrong = one("statistic", statistic="t", value="3.90", estimate="0.500", se="0.200", df1=40)
    assert wrong.verdict is Verdict.INCONSISTENT
    assert wrong.computation.startswith("estimate / SE = 2.4")
    on_log = {"statistic": "z", "measure": "OR", "estimate": "2.00"}
    assert one("statistic", value="3.47", se="0.20", **on_log).verdict is Verdict.CONFIRMED
    assert one("statistic", value="3.47", se="0.40", **on_log).verdict is Verdict.CONFIRMED


@pytest.mark.parametrize("stated", [True, False])
def test_a_z_that_is_the_normal_score_of_a_t(stated):
    z = stats.norm.isf(stats.t.sf(2.5, 9))
    row = {"statistic": "z", "value": f"{z:.2f}", "estimate": "0.5000", "se": "0.2000"}
    claim = one("statistic", **row, **({"df1": 9} if stated else {}))
    assert claim.verdict is Verdict.CONSISTENT
    assert "normal score of a t" in claim.note


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "MD", "SMD", "z", "t"])
def test_simulated_rows_are_never_accused(measure):
    rng = np.random.default_rng(len(measure))
    for _ in range(300):
        n1, n2 = (int(x) for x in rng.integers(8, 200, 2))
        if measure in {"z", "t"}:
            effect, se = rng.normal(0, 1), rng.uniform(0.05, 0.8)
            row = {"statistic": measure, "value": f"{effect / se:.2f}", "df1": 20,
                   "estimate": f"{effect:.2f}", "se": f"{se:.2f}"}  # fmt: skip
        elif measure in {"MD", "SMD"}:
            a, b = rng.normal(10, 3, n1), rng.normal(11, 2, n2)
            pooled = math.sqrt(
                ((n1 - 1) * a.var(ddof=1) + (n2 - 1) * b.var(ddof=1)) / (n1 + n2 - 2)
            )
            effect = (a.mean() - b.mean()) / (pooled if measure == "SMD" else 1)
            row = {"measure": measure, "estimate": f"{effect:.2f}", "n1": n1, "n2": n2,
                   "mean1": f"{a.mean():.2f}", "sd1": f"{a.std(ddof=1):.2f}",
                   "mean2": f"{b.mean():.2f}", "sd2": f"{b.std(ddof=1):.2f}"}  # fmt: skip
        else:
            e1, e2 = int(rng.integers(1, n1)), int(rng.integers(1, n2))
            effect = {
                "OR": e1 / (n1 - e1) / (e2 / (n2 - e2)),
                "RR": e1 / n1 / (e2 / n2),
                "RD": e1 / n1 - e2 / n2,
            }[measure]
            row = {"measure": measure, "estimate": f"{effect:.2f}", "events1": e1, "n1": n1,
                   "events2": e2, "n2": n2}  # fmt: skip
        given = {k: str(v) for k, v in row.items()}
        assert not [c for c in audit_rows([given]).claims if c.failed], row


def test_z_and_t_have_columns_of_their_own():
    rows = [
        {"estimate": "0.5000", "se": "0.2000", "z": "2.50", "p": "0.012"},
        {
            "beta": "x",
            "estimate": "0.5000",
            "se": "0.2000",
            "tval": "2.50",
            "df": "10",
            "p": ".031",
        },
        {"estimate": "0.5000", "se": "0.2000", "z": "3.50"},
    ]
    found = [[c.verdict.value for c in audit_rows([row]).claims] for row in rows]
    assert found[:2] == [["confirmed", "confirmed"]] * 2
    assert "inconsistent" in found[2]

"""Peto's method: reference, symmetries, sparse data."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import review
from review import InputError, StatsError

CASES = json.loads(
    (Path(__file__).resolve().parents[1] / "data" / "effect_sizes.json").read_text(encoding="utf-8")
)["pooled"]
FIELD = {
    "zval": "stat", "ci.lb": "ci_lb", "ci.ub": "ci_ub", "k.pos": "k_pos", "k.yi": "k_yi",
}  # fmt: skip
FEW = settings(max_examples=25)
COUNTS = arrays(np.int64, 4, elements=st.integers(1, 60))


def assert_fields(result, wanted):
    for name, want in wanted.items():
        if want in {None, "NA"}:
            continue
        got = getattr(result, FIELD.get(name.replace("_", "."), name))
        got = float(got[0]) if isinstance(got, np.ndarray) else got
        assert got == pytest.approx(want, rel=1e-10, abs=1e-12), name


def test_reference_of_rare_events(reference):
    entry = reference("peto.yusuf6")
    fit = review.peto(**{n: entry["inputs"][n] for n in ("ai", "n1i", "ci", "n2i")})
    assert_fields(fit, entry["results"])
    assert len(fit.left_out) == 1


def test_reference_of_vaccine_trials(reference):
    entry = reference("peto.bcg")
    names = {"tpos": "ai", "tneg": "bi", "cpos": "ci", "cneg": "di"}
    fit = review.peto(**{new: entry["inputs"][old] for old, new in names.items()})
    assert_fields(fit, entry["results"])


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["measure"] == "PETO"], ids=lambda c: c["id"]
)
def test_more_reference_cases(case):
    columns = {
        name: [np.nan if v is None else v for v in (x if isinstance(x, list) else [x])]
        for name, x in case["inputs"].items()
    }
    fit = review.peto(**columns, **(case["options"] or {}))
    assert_fields(fit, case["results"])


@FEW
@given(a=COUNTS, b=COUNTS, c=COUNTS, d=COUNTS)
def test_symmetries_and_weights(a, b, c, d):
    one = review.peto(ai=a, bi=b, ci=c, di=d)
    for other in (review.peto(ai=c, bi=d, ci=a, di=b), review.peto(ai=b, bi=a, ci=d, di=c)):
        assert other.beta[0] == pytest.approx(-one.beta[0], rel=1e-9, abs=1e-12)
        assert other.se[0] == pytest.approx(one.se[0], rel=1e-12)
        assert pytest.approx(one.QE, rel=1e-8, abs=1e-10) == other.QE
    own = review.effect_size("PETO", ai=a, bi=b, ci=c, di=d)
    assert one.beta[0] == pytest.approx(np.average(own.yi, weights=1 / own.vi), rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(one.weights, 100 / own.vi / np.sum(1 / own.vi), rtol=1e-9)


def test_one_table_gives_its_own_estimate():
    cells = {"ai": 4, "bi": 9, "ci": 3, "di": 12}
    fit, own = review.peto(**cells), review.effect_size("PETO", **cells)
    assert fit.beta[0] == pytest.approx(own.yi[0], rel=1e-12)
    assert fit.se[0] == pytest.approx(own.sei[0], rel=1e-12)
    assert (fit.QE, fit.QEp, fit.I2, fit.H2) == (0, 1, 0, 1)


def test_tables_without_events_carry_no_weight():
    fit = review.peto(ai=[0, 5, 0, 3], n1i=[10, 10, 8, 10], ci=[0, 1, 0, 2], n2i=[12, 12, 9, 10])
    less = review.peto(ai=[5, 3], n1i=[10, 10], ci=[1, 2], n2i=[12, 10])
    assert fit.beta[0] == less.beta[0]
    assert pytest.approx(less.QE, rel=1e-12) == fit.QE
    assert (fit.k, fit.k_pos, fit.k_yi) == (4, 2, 2)
    assert fit.weights[0] == 0


def test_events_in_one_group_only_are_pooled():
    """Where Mantel-Haenszel ratios have no value."""
    fit = review.peto(ai=[3, 5], n1i=[20, 30], ci=[0, 0], n2i=[20, 30])
    assert fit.beta[0] > 0
    assert np.isfinite(fit.se[0])


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"ai": [0, 0], "n1i": [9, 9], "ci": [0, 0], "n2i": [9, 9]}, StatsError, "cannot be used"),
        ({"ai": [9, 9], "n1i": [9, 9], "ci": [9, 9], "n2i": [9, 9]}, StatsError, "cannot be used"),
        ({"ai": [np.nan], "n1i": [9], "ci": [1], "n2i": [9]}, StatsError, "no complete table"),
        ({"ai": [10], "n1i": [9], "ci": [1], "n2i": [9]}, StatsError, "must not exceed n1i"),
        ({"ai": [1], "n1i": [9], "ci": [1]}, InputError, "is missing di; it needs"),
    ],
)
def test_wrong_calls(columns, error, words):
    with pytest.raises(error, match=words):
        review.peto(**columns)


def test_text_and_record():
    fit = review.peto(ai=[4, 6], n1i=[123, 306], ci=[11, 29], n2i=[139, 303], level=99)
    assert f"exp: {np.exp(fit.beta[0]):.4f}, 99% CI" in fit.summary()
    assert fit.back(lambda x: x)["estimate"] == fit.beta[0]
    assert json.loads(json.dumps(fit.to_dict(), allow_nan=False))["k_pos"] == 2

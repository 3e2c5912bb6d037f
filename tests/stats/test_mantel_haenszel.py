"""Mantel-Haenszel pooling: reference, a second implementation, symmetries, sparse data."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import review
from review import InputError, StatsError, UnknownNameError

CASES = json.loads(
    (Path(__file__).resolve().parents[1] / "data" / "effect_sizes.json").read_text(encoding="utf-8")
)["pooled"]
FIELD = {
    "zval": "stat", "ci.lb": "ci_lb", "ci.ub": "ci_ub", "k.pos": "k_pos", "k.yi": "k_yi",
}  # fmt: skip
FEW = settings(max_examples=25)
COUNTS = arrays(np.int64, 4, elements=st.integers(1, 60))
BCG_NAMES = {"tpos": "ai", "tneg": "bi", "cpos": "ci", "cneg": "di"}


def numbers(values):
    listed = values if isinstance(values, list) else [values]
    return np.array([np.nan if v is None else v for v in listed], dtype=float)


def value(result, name):
    got = getattr(result, FIELD.get(name, name))
    return float(got[0]) if isinstance(got, np.ndarray) else got


def chi_squares(result):
    """The statistics of the tests; none for the differences and the risk ratio."""
    return [x for x in (result.MH, result.TA, result.BD) if x is not None]


def assert_fields(result, wanted, rtol=1e-10):
    for name, want in wanted.items():
        if name == "k.pos" and not isinstance(want, int):
            continue  # not applicable
        got = value(result, name)
        if want is None or want == "NA":
            assert got is None, name
        else:
            assert got == pytest.approx(want, rel=rtol, abs=1e-12), name


@pytest.mark.parametrize(
    "entry_id", ["mh.OR.bcg", "mh.RR.bcg", "mh.RD.bcg", "mh.OR.zero", "mh.RR.zero", "mh.RD.zero"]
)
def test_reference(reference, entry_id):
    entry = reference(entry_id)
    columns = {BCG_NAMES.get(n, n): v for n, v in entry["inputs"].items() if n != "X"}
    columns = {n: columns[n] for n in ("ai", "bi", "ci", "di")}
    result = review.mantel_haenszel(entry_id.split(".")[1], **columns)
    wanted = {n: v for n, v in entry["results"].items() if v is not None}
    assert_fields(result, {n.replace("_", "."): v for n, v in wanted.items() if n != "k"})
    assert result.k == entry["results"].get("k", 13)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["measure"] != "PETO"], ids=lambda c: c["id"]
)
def test_more_reference_cases(case):
    columns = {name: numbers(values) for name, values in case["inputs"].items()}
    result = review.mantel_haenszel(case["measure"], **columns, **(case["options"] or {}))
    assert_fields(result, case["results"])
    weights = numbers(case["weights"])  # the reference drops the rows left out
    np.testing.assert_allclose(result.weights[result.weights > 0], weights[weights > 0])
    assert result.weights.sum() == pytest.approx(100)


def test_second_implementation():
    from statsmodels.stats.contingency_tables import StratifiedTable

    rng = np.random.default_rng(4)
    n1, n2 = rng.integers(10, 60, 9), rng.integers(10, 60, 9)
    a, c = rng.binomial(n1, 0.3), rng.binomial(n2, 0.2)
    tables = np.array([[a, n1 - a], [c, n2 - c]], dtype=float)
    other = StratifiedTable(tables)
    one = review.mantel_haenszel("OR", ai=a, n1i=n1, ci=c, n2i=n2)
    assert value(one, "beta") == pytest.approx(other.logodds_pooled, rel=1e-12)
    assert value(one, "se") == pytest.approx(other.logodds_pooled_se, rel=1e-12)
    assert other.riskratio_pooled == pytest.approx(
        np.exp(value(review.mantel_haenszel("RR", ai=a, n1i=n1, ci=c, n2i=n2), "beta")), rel=1e-12
    )
    null = other.test_null_odds(correction=True)
    assert (one.MH, one.MHp) == pytest.approx((null.statistic, null.pvalue), rel=1e-10)
    equal = other.test_equal_odds(adjust=True)
    assert (one.TA, one.TAp) == pytest.approx((equal.statistic, equal.pvalue), rel=1e-8)
    plain = other.test_equal_odds(adjust=False)
    assert pytest.approx(plain.statistic, rel=1e-8) == one.BD


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
@FEW
@given(a=COUNTS, b=COUNTS, c=COUNTS, d=COUNTS)
def test_swapping_groups(measure, a, b, c, d):
    one = review.mantel_haenszel(measure, ai=a, bi=b, ci=c, di=d)
    two = review.mantel_haenszel(measure, ai=c, bi=d, ci=a, di=b)
    assert two.beta[0] == pytest.approx(-one.beta[0], rel=1e-9, abs=1e-12)
    assert two.se[0] == pytest.approx(one.se[0], rel=1e-9)
    assert pytest.approx(one.QE, rel=1e-8, abs=1e-10) == two.QE
    assert chi_squares(two) == pytest.approx(chi_squares(one), rel=1e-7, abs=1e-9)


@FEW
@given(a=COUNTS, b=COUNTS, c=COUNTS, d=COUNTS)
def test_swapping_events_and_others(a, b, c, d):
    one = review.mantel_haenszel("OR", ai=a, bi=b, ci=c, di=d)
    two = review.mantel_haenszel("OR", ai=b, bi=a, ci=d, di=c)
    assert two.beta[0] == pytest.approx(-one.beta[0], rel=1e-9, abs=1e-12)
    assert pytest.approx((one.MH, one.BD), rel=1e-7, abs=1e-9) == (two.MH, two.BD)


@FEW
@given(a=COUNTS, b=COUNTS, c=COUNTS, d=COUNTS)
def test_one_table_gives_its_own_estimate(a, b, c, d):
    cells = {"ai": a[:1], "bi": b[:1], "ci": c[:1], "di": d[:1]}
    for measure in ("OR", "RR", "RD"):
        fit = review.mantel_haenszel(measure, **cells)
        own = review.effect_size(measure, **cells)
        assert fit.beta[0] == pytest.approx(own.yi[0], rel=1e-9, abs=1e-12)
        if measure != "RD":
            assert fit.se[0] == pytest.approx(own.sei[0], rel=1e-9)
        assert (fit.QE, fit.QEp, fit.I2, fit.H2, fit.QE_df) == (0, 1, 0, 1, 0)


@FEW
@given(x1=COUNTS, x2=COUNTS, t1=COUNTS, t2=COUNTS)
def test_the_unit_of_time(x1, x2, t1, t2):
    years = {"x1i": x1, "x2i": x2, "t1i": t1, "t2i": t2}
    days = {"x1i": x1, "x2i": x2, "t1i": 365 * t1, "t2i": 365 * t2}
    for measure, unit in (("IRR", 1), ("IRD", 365)):
        one, two = review.mantel_haenszel(measure, **years), review.mantel_haenszel(measure, **days)
        assert two.beta[0] == pytest.approx(one.beta[0] / unit, rel=1e-9, abs=1e-12)
        assert two.se[0] == pytest.approx(one.se[0] / unit, rel=1e-9)
        assert two.pval[0] == pytest.approx(one.pval[0], rel=1e-6, abs=1e-12)


@FEW
@given(a=COUNTS, b=COUNTS, c=COUNTS, d=COUNTS)
def test_a_table_without_information_changes_nothing(a, b, c, d):
    """Tables without events keep the odds and risk ratio, their tests and weights."""
    more = {n: np.append(x, y) for n, x, y in zip(
        ("ai", "bi", "ci", "di"), (a, b, c, d), (0, 9, 0, 11), strict=True
    )}  # fmt: skip
    for measure in ("OR", "RR"):
        one = review.mantel_haenszel(measure, ai=a, bi=b, ci=c, di=d)
        two = review.mantel_haenszel(measure, **more)
        assert two.beta[0] == pytest.approx(one.beta[0], rel=1e-12, abs=1e-14)
        assert two.se[0] == pytest.approx(one.se[0], rel=1e-9)
        assert (two.k, two.k_yi, two.weights[-1]) == (5, 4, 0)
        assert chi_squares(two) == pytest.approx(chi_squares(one), rel=1e-9)
        assert pytest.approx(one.QE, rel=1e-9) == two.QE


@FEW
@given(a=COUNTS, b=COUNTS, c=COUNTS, d=COUNTS, extreme=st.sampled_from([1e-3, 1.0, 1e3]))
def test_fitted_tables_have_the_common_odds_ratio(a, b, c, d, extreme):
    from review.stats.rare_events.mantel_haenszel import _fitted_events

    n1, n2, m = (x.astype(float) for x in (a + b, c + d, a + c))
    fitted = _fitted_events(n1, n2, m, extreme)
    cells = fitted, m - fitted, n1 - fitted, n2 - m + fitted
    assert all(np.all(cell > 0) for cell in cells)
    ratio = cells[0] * cells[3] / (cells[1] * cells[2])
    np.testing.assert_allclose(ratio, extreme, rtol=1e-7)


def test_order_does_not_matter_and_labels_follow():
    columns = {"ai": [4, 6, 3], "bi": [11, 20, 9], "ci": [9, 12, 5], "di": [8, 15, 11]}
    one = review.mantel_haenszel("OR", **columns, slab=["A", "B", "C"])
    two = review.mantel_haenszel(
        "OR", **{n: x[::-1] for n, x in columns.items()}, slab=["C", "B", "A"]
    )
    assert one.beta[0] == pytest.approx(two.beta[0], rel=1e-13)
    frame = two.studies().set_index("slab")
    np.testing.assert_allclose(frame.loc[["A", "B", "C"], "weight"], one.weights)


def test_columns_by_name_and_missing_tables():
    data = {"e1": [4, None, 3], "n1": [15, 26, 12], "e2": [9, 12, 5], "n2": [17, 27, 16]}
    fit = review.mantel_haenszel(
        "RR", ai="e1", n1i="n1", ci="e2", n2i="n2", data=data | {"name": list("ABC")}, slab="name"
    )
    assert fit.k == 2
    assert str(fit.left_out[0]) == "row 2 (B): the table is incomplete"
    assert fit.weights[1] == 0
    alone = review.mantel_haenszel("RR", ai=[4, 3], n1i=[15, 12], ci=[9, 5], n2i=[17, 16])
    assert fit.beta[0] == pytest.approx(alone.beta[0], rel=1e-13)


@pytest.mark.parametrize(
    ("measure", "cells"),
    [
        ("OR", {"ai": [5, 2], "bi": [5, 9], "ci": [0, 0], "di": [11, 10]}),
        ("OR", {"ai": [0, 0], "bi": [5, 9], "ci": [0, 0], "di": [11, 10]}),
        ("RR", {"ai": [0, 0], "bi": [5, 9], "ci": [2, 3], "di": [11, 10]}),
        ("OR", {"ai": [5, 9], "bi": [0, 0], "ci": [2, 3], "di": [11, 10]}),
        ("IRR", {"x1i": [0, 0], "t1i": [5, 9], "x2i": [2, 3], "t2i": [11, 10]}),
    ],
)
def test_no_events_in_a_whole_group_says_what_to_do(measure, cells):
    with pytest.raises(StatsError, match=r"is not defined: .* use measure='I?RD'") as caught:
        review.mantel_haenszel(measure, **cells)
    assert "add=(0.5, 0.5)" in str(caught.value)
    repaired = review.mantel_haenszel(measure, **cells, add=(0.5, 0.5), to=("only0", "only0"))
    assert np.isfinite(repaired.beta[0])


def test_no_events_at_all_leave_no_variance():
    with pytest.raises(StatsError, match="RD has no variance"):
        review.mantel_haenszel("RD", ai=[0, 0], bi=[5, 9], ci=[0, 0], di=[11, 10])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"measure": "SMD"}, UnknownNameError, "unknown measure 'SMD' for Mantel-Haenszel"),
        ({"ai": [1, 2, 3]}, InputError, "differ in length"),
        ({"ai": [-1, 2]}, StatsError, "ai must be a count of 0 or more: row 1"),
        ({"ai": [np.nan, np.nan]}, StatsError, "no complete table"),
        ({"to": ("only0", "never")}, UnknownNameError, "'never'"),
        ({"add": (0.5, 0.5, 0.5)}, InputError, "add takes one value"),
        ({"add": (0.5, "x")}, InputError, "add must be a number"),
        ({"level": 0}, InputError, "level must be"),
        ({"weights": [1, 2]}, InputError, "takes no weights"),
    ],
)
def test_wrong_calls(options, error, words):
    call = {"measure": "OR", "ai": [4, 6], "bi": [9, 8], "ci": [5, 7], "di": [8, 9]} | options
    with pytest.raises(error) as caught:
        review.mantel_haenszel(**call)
    assert words in str(caught.value)


def test_text_table_and_record_agree():
    fit = review.mantel_haenszel("OR", ai=[4, 6], bi=[119, 300], ci=[11, 29], di=[128, 274])
    text = fit.summary()
    assert f"estimate {fit.beta[0]:.4f}" in text
    assert f"exp: {np.exp(fit.beta[0]):.4f}" in text
    assert "Cochran-Mantel-Haenszel test" in text
    assert "Tarone" in text
    assert fit.to_frame().loc["overall", "ci_ub"] == fit.ci_ub[0]
    record = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    assert record["beta"] == [fit.beta[0]]
    assert record["tau2"] == 0
    assert fit.back()["ci_lb"] == pytest.approx(np.exp(fit.ci_lb[0]))


@FEW
@given(a=COUNTS, b=COUNTS, c=COUNTS, d=COUNTS)
def test_interval_and_p_value_agree(a, b, c, d):
    fit = review.mantel_haenszel("OR", ai=a, bi=b, ci=c, di=d, level=90)
    assume(abs(fit.pval[0] - 0.1) > 1e-9)
    assert (fit.pval[0] < 0.1) == (fit.ci_lb[0] * fit.ci_ub[0] > 0)

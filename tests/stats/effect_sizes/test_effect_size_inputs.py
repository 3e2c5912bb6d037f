"""What `effect_size` accepts, and what it answers to what it cannot use."""

import numpy as np
import pandas as pd
import pytest

import review
from review import InputError, StatsError, UnknownNameError

OR = {"ai": [4, 6], "bi": [119, 300], "ci": [11, 29], "di": [128, 274]}
SMD = {"m1i": [5, 6], "sd1i": [1, 2], "n1i": [9, 8], "m2i": [4, 7], "sd2i": [1, 1], "n2i": [7, 9]}


def test_columns_by_name_of_a_frame_or_a_mapping():
    frame = pd.DataFrame({"ev1": [4, 6], "n1": [123, 306], "ev2": [11, 29], "n2": [139, 303]})
    want = review.effect_size("OR", **OR)
    for data in (frame, frame.to_dict("list"), frame.set_index([["x", "y"]])):
        got = review.effect_size("OR", ai="ev1", n1i="n1", ci="ev2", n2i="n2", data=data)
        np.testing.assert_allclose(got.yi, want.yi)
    mixed = review.effect_size(
        "OR", ai="ev1", n1i=[123, 306], ci=frame["ev2"], n2i="n2", data=frame
    )
    np.testing.assert_allclose(mixed.vi, want.vi)


def test_data_alone_offers_the_columns_with_the_names_of_the_field():
    data = pd.DataFrame(OR | {"year": [1990, 1991]})
    np.testing.assert_array_equal(
        review.effect_size("OR", data=data).yi, review.effect_size("OR", **OR).yi
    )
    stray = {"m1i": [1.0, 2.0], "di": [0.3, 0.4], "n1i": [9, 8], "n2i": [7, 9]}
    np.testing.assert_array_equal(
        review.effect_size("SMD", data=stray).yi,
        review.effect_size("SMD", di=[0.3, 0.4], n1i=[9, 8], n2i=[7, 9]).yi,
    )


@pytest.mark.parametrize(
    "column",
    [
        (4, 6),
        np.array([4, 6], dtype=np.int8),
        pd.Series([4, 6], dtype="Int64", index=[7, 9]),
        np.array([4, 6], dtype=object),
        ["4", "6.0"],
        np.ma.masked_array([4, 6]),
        pd.Series([True, False]).map({True: 4, False: 6}),
    ],
    ids=["tuple", "int8", "Int64", "object", "text", "masked", "series"],
)
def test_kinds_of_columns(column):
    got = review.effect_size("OR", **OR | {"ai": column})
    np.testing.assert_array_equal(got.yi, review.effect_size("OR", **OR).yi)


@pytest.mark.parametrize(
    "column",
    [
        [4, None],
        [4, float("nan")],
        pd.Series([4, None], dtype="Int64"),
        ["4", ""],
        np.ma.masked_array([4, 6], mask=[False, True]),
        [4, pd.NA],
    ],
    ids=["None", "nan", "NA", "empty text", "masked", "pd.NA"],
)
def test_missing_values_are_left_out_with_the_reason(column):
    got = review.effect_size("OR", **OR | {"ai": column}, slab=["A", "B"])
    assert np.isnan(got.yi[1])
    assert np.isnan(got.vi[1])
    assert got.k == 1
    (row,) = got.left_out
    assert (row.row, row.slab, row.reason) == (2, "B", "no value for ai")
    assert str(row) == "row 2 (B): no value for ai"


def test_single_numbers_are_repeated():
    many = review.effect_size("MC", m1i=[5, 6], m2i=4, sd1i=2, sd2i=2, ni=[9, 10], ri=0.5)
    assert len(many) == 2
    alone = review.effect_size("MC", m1i=5, m2i=4, sd1i=2, sd2i=2, ni=9, ri=0.5)
    assert (len(alone), alone.yi[0]) == (1, many.yi[0])


def test_row_by_row_alternatives():
    nan = np.nan
    got = review.effect_size(
        "SMD",
        m1i=[12, nan, nan, nan], sd1i=[3, nan, nan, nan], m2i=[9, nan, nan, nan],
        sd2i=[4, nan, nan, nan], n1i=[10, 10, 10, 10], n2i=[14, 14, 14, 14],
        di=[nan, 0.5, nan, nan], ti=[nan, nan, 1.2, nan], pi=[nan, nan, nan, nan],
    )  # fmt: skip
    d = review.effect_size("SMD", di=0.5, n1i=10, n2i=14)
    t = review.effect_size("SMD", ti=1.2, n1i=10, n2i=14)
    assert got.k == 3
    assert got.yi[1] == d.yi[0]
    assert got.yi[2] == t.yi[0]
    assert got.left_out[0].row == 4
    sizes = review.effect_size(
        "OR", ai=[4, 6], bi=[119, nan], n1i=[nan, 306], ci=[11, 29], di=[128, 274]
    )
    np.testing.assert_allclose(sizes.yi, review.effect_size("OR", **OR).yi)


def test_variance_types_per_study():
    kinds = ["LS", "UB"]
    mixed = review.effect_size("SMD", **SMD, vtype=kinds)
    for i, kind in enumerate(kinds):
        assert mixed.vi[i] == review.effect_size("SMD", **SMD, vtype=kind).vi[i]
    assert mixed.settings["vtype"] == kinds
    assert review.effect_size("PHI", **OR, vtype="LS").settings["vtype"] == "CS"


def test_missing_rows_do_not_disturb_averages_or_policies():
    nan = np.nan
    full = review.effect_size("SMD", **SMD, vtype="AV")
    columns = {name: [*values, nan] for name, values in SMD.items()}
    more = review.effect_size("SMD", **columns, vtype="AV")
    np.testing.assert_array_equal(more.vi[:2], full.vi)
    gaps = {name: [*values, nan] for name, values in OR.items()} | {"ai": [4, 6, 9]}
    same = review.effect_size("OR", **gaps, to="if0all")
    np.testing.assert_array_equal(same.yi[:2], review.effect_size("OR", **OR, to="if0all").yi)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: review.effect_size("SMDD", **OR), UnknownNameError, "did you mean 'SMD'"),
        (lambda: review.effect_size("or", **OR), UnknownNameError, "did you mean 'OR'"),
        (lambda: review.effect_size(["OR"], **OR), UnknownNameError, "unknown measure"),
        (lambda: review.effect_size("OR", **OR, vtype=5), UnknownNameError, "vtype '5'"),
        (lambda: review.effect_size("ACC", xi=1, ni=2, scale=["raw"]), UnknownNameError, "scale"),
        (lambda: review.effect_size(None, **OR), UnknownNameError, "unknown measure"),
        (lambda: review.effect_size("OR", ai=[1], bi=[2], ci=[3]), InputError,
         "missing di; it needs ai, ci and the non-events"),
        (lambda: review.effect_size("OR"), InputError, "is missing ai, bi, ci, di"),
        (lambda: review.effect_size("OR", **OR, ri=[1, 2]), InputError, "takes no ri"),
        (lambda: review.effect_size("OR", **OR | {"ai": [1, 2, 3]}), InputError,
         "differ in length: ai has 3, bi has 2"),
        (lambda: review.effect_size("OR", **OR | {"ai": "events"}), InputError,
         "ai='events' names a column, but no data"),
        (lambda: review.effect_size("OR", data={"a1": [1]}, **OR | {"ai": "a"}),
         UnknownNameError, "unknown column 'a' for ai"),
        (lambda: review.effect_size("OR", data=[1, 2], **OR | {"ai": "a"}), InputError,
         "must be a data frame or a mapping"),
        (lambda: review.effect_size("OR", **OR | {"ai": ["four", 6]}), InputError,
         "ai in row 1 must be a number, not 'four'"),
        (lambda: review.effect_size("OR", **OR | {"ai": [[4, 6]]}), InputError, "one column"),
        (lambda: review.effect_size("OR", ai=[], bi=[], ci=[], di=[]), InputError, "no studies"),
        (lambda: review.effect_size("OR", **OR, slab=["A"]), InputError, "1 labels for 2 studies"),
        (lambda: review.effect_size("OR", **OR, to="some"), UnknownNameError, "only0, all"),
        (lambda: review.effect_size("OR", **OR, add=-1), StatsError, "add must be 0 or"),
        (lambda: review.effect_size("OR", **OR, add="x"), InputError, "add must be a number"),
        (lambda: review.effect_size("OR", **OR, vtype="UB"), UnknownNameError, "vtype 'UB'"),
        (lambda: review.effect_size("SMD", **SMD, vtype=["LS"]), InputError, "1 values for 2"),
        (lambda: review.effect_size("OR", **OR, convention="4"), UnknownNameError, "3.8"),
        (lambda: review.effect_size("OR", **OR, scale="raw"), InputError, "OR has none"),
        (lambda: review.effect_size("SMD", di=[1], m1i=[2], n1i=[9], n2i=[9]), InputError,
         "cannot use m1i without"),
    ],
)  # fmt: skip
def test_wrong_calls(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("measure", "columns", "words"),
    [
        ("OR", OR | {"ai": [-4, 6]}, "ai must be a count of 0 or more: row 1 (A) has -4"),
        ("OR", OR | {"ai": [4, np.inf]}, "ai must be finite (leave a missing value empty): row 2"),
        ("OR", {"ai": [4, 6], "n1i": [3, 9], "ci": [1, 2], "n2i": [5, 5]}, "must not exceed n1i"),
        ("OR", OR | {"n1i": [123, 307]}, "ai + bi must equal n1i: row 2 (B) has 306"),
        ("IRR", {"x1i": [1, 2], "t1i": [0, 3], "x2i": [1, 1], "t2i": [4, 5]}, "t1i must be above"),
        ("PR", {"xi": [5, 9], "ni": [10, 8]}, "xi must not exceed ni: row 2 (B) has 9"),
        ("PR", {"xi": [5, 7], "mi": [5, 2], "ni": [10, 8]}, "xi + mi must equal ni: row 2"),
        ("SMD", SMD | {"sd1i": [1, -2]}, "sd1i must be 0 or more (a standard deviation): row 2"),
        ("SMD", SMD | {"n1i": [0, 8]}, "n1i must be above 0 (a sample size): row 1"),
        ("SMD", {"pi": [0.5, 1.2], "n1i": [9, 9], "n2i": [9, 9]}, "pi must be from -1 to 1"),
        ("SMD", {"pi": [0.5, 0], "n1i": [9, 9], "n2i": [9, 9]}, "pi must not be 0"),
        ("ZCOR", {"ri": [0.3, 1.2], "ni": [20, 30]}, "ri must be from -1 to 1 (a correlation)"),
        ("SPCOR", {"ti": [1, 2], "ni": [20, 30], "mi": [2, 2], "r2i": [0.2, 20]}, "r2i must be"),
        ("ARAW", {"ai": [0.9, 1.1], "mi": [5, 5], "ni": [20, 30]}, "ai must not exceed 1"),
        ("ARAW", {"ai": [0.9, 0.8], "mi": [1, 5], "ni": [20, 30]}, "mi must be 2 or more"),
        ("MPOR", {"ai": [1, 2], "bi": [1, -2], "ci": [1, 2], "di": [1, 2]}, "bi must be a count"),
        ("MC", {"m1i": [1, 2], "m2i": [1, 2], "sd1i": [1, 1], "sd2i": [1, 1], "ri": [0, 2],
                "ni": [9, 9]}, "ri must be from -1 to 1"),
        ("AUC", {"auc": [0.9, 91], "se": [0.1, 0.1]}, "divide percentages by 100"),
        ("ACC", {"value": [0.9, 91], "ni": [50, 50]}, "divide percentages by 100"),
    ],
)  # fmt: skip
def test_impossible_numbers_name_the_rows(measure, columns, words):
    with pytest.raises(StatsError) as caught:
        review.effect_size(measure, **columns, slab=["A", "B"])
    assert words in str(caught.value)


def test_many_wrong_rows_are_counted():
    with pytest.raises(StatsError, match=r"row 5 has -1 and 15 more"):
        review.effect_size("PR", xi=[-1] * 20, ni=[9] * 20)


@pytest.mark.parametrize(
    ("measure", "columns", "reason"),
    [
        ("OR", {"ai": 0, "bi": 5, "ci": 2, "di": 3, "to": "none"}, "OR or its variance is not"),
        ("OR", {"ai": 0, "bi": 5, "ci": 0, "di": 3, "drop00": True}, "(drop00)"),
        ("OR", {"ai": 0, "bi": 0, "ci": 2, "di": 3}, "the group of ai has no participants"),
        ("IRR", {"x1i": 0, "t1i": 5, "x2i": 0, "t2i": 3, "drop00": True}, "no events in both"),
        ("PR", {"xi": 0, "ni": 0}, "nobody was observed"),
        ("PLN", {"xi": 0, "ni": 9, "add": 0}, "PLN or its variance is not defined for xi=0, ni=9"),
        ("SMD", {"m1i": 1, "sd1i": 1, "n1i": 1, "m2i": 2, "sd2i": 1, "n2i": 1}, "not defined"),
        ("ROM", {"m1i": -1, "sd1i": 1, "n1i": 9, "m2i": 2, "sd2i": 1, "n2i": 9}, "not defined"),
        ("ZCOR", {"ri": 1, "ni": 9}, "not defined for ri=1, ni=9"),
        ("ZCOR", {"ri": 0.5, "ni": 3}, "not defined"),
        ("UCOR", {"ri": 0.5, "ni": 4}, "not defined"),
        ("ZPCOR", {"ti": 2, "ni": 9, "mi": 8}, "ni must exceed mi + 1"),
        ("ABT", {"ai": 1, "mi": 4, "ni": 30}, "not defined"),
        ("RTET", {"ai": 0, "bi": 5, "ci": 2, "di": 3}, "not defined"),
        ("MPOR", {"ai": 0, "bi": 0, "ci": 0, "di": 0}, "the table is empty"),
        ("LOGITAUC", {"auc": 1, "se": 0.01}, "not defined for auc=1"),
        ("VR", {"sd1i": 1, "n1i": 1, "sd2i": 1, "n2i": 5}, "not defined"),
    ],
)
def test_undefined_effects_are_left_out_and_say_why(measure, columns, reason):
    got = review.effect_size(measure, **columns)
    assert got.k == 0
    assert reason in got.left_out[0].reason


def test_remarks():
    got = review.effect_size("OR", ai=[4.5, 6], bi=[119, 300], ci=[11, 29], di=[128, 274])
    assert got.notes == ("ai is not a whole number: row 1",)
    flat = review.effect_size("RD", ai=[0, 3], bi=[9, 4], ci=[0, 2], di=[8, 8], add=0)
    assert flat.notes == (
        "sampling variance is 0: row 1",
        "no events (or only events) in both groups: row 1",
    )
    assert flat.k == 2


def test_the_result_is_a_record_of_itself():
    import json

    got = review.effect_size("OR", **OR | {"ai": [4, None]}, slab=["A", "B"])
    yi, vi = got
    assert yi is got.yi
    assert vi is got.vi
    assert repr(got) == "EffectSizes(OR, k=1, left out=1)"
    assert got.settings == {
        "add": 0.5, "to": "only0", "drop00": False, "vtype": "LS", "convention": "default",
    }  # fmt: skip
    record = json.loads(json.dumps(got.to_dict(), allow_nan=False))
    assert record["yi"][1] is None
    assert record["left_out"][0]["reason"] == "no value for ai"
    with pytest.raises(ValueError, match="read-only"):
        got.yi[0] = 1
    with pytest.raises(AttributeError):
        got.measure = "RR"
    np.testing.assert_array_equal(got.ni[0], 262)


def test_frame_summary_and_intervals_agree():
    got = review.effect_size("OR", **OR | {"ai": [4, None]}, slab=["A", "B"])
    low, high = got.confidence_intervals(90)
    frame = got.to_frame(90)
    assert frame["ci_lb"][0] == low[0]
    assert frame["left_out"].tolist() == ["", "no value for ai"]
    half = 1.6448536269514722 * np.sqrt(got.vi[0])
    assert (low[0], high[0]) == pytest.approx((got.yi[0] - half, got.yi[0] + half), rel=1e-12)
    ratio = got.to_frame(90, transf="back")
    assert ratio["ci_ub"][0] == pytest.approx(np.exp(high[0]))
    assert got.to_frame(90, transf=np.exp).equals(got.to_frame(90, transf="exp"))
    text = got.summary(90)
    assert f"{got.yi[0]:.4f}" in text
    assert "left out: row 2 (B): no value for ai" in text
    assert "nan" not in text
    assert "90% CI" in text
    for level in (0, 100, "95"):
        with pytest.raises(InputError, match="level must be"):
            got.confidence_intervals(level)


def test_long_results_are_shortened_in_the_summary():
    got = review.effect_size("PR", xi=np.r_[np.full(30, np.nan), np.arange(30)], ni=50)
    text = got.summary()
    assert "... and 40 more studies" in text
    assert "... and 10 more left out" in text


LISTED = """
RR OR RD AS PETO PHI YUQ YUY RTET OR2DN OR2DL PBIT PR PLN PLO PAS PFT MD SMD SMDH SMD1 SMD1H ROM
RPB RBIS D2ORN D2ORL CVR VR COR UCOR ZCOR PCOR ZPCOR SPCOR IRR IRD IRSD IR IRLN IRS IRFT MN MNLN
CVLN SDLN MC SMCC SMCR SMCRH ROMC CVRC VRC MPRR MPOR MPRD MPORC MPPETO ARAW AHW ABT AUC LOGITAUC
ACC SENS SPEC HR MED MEDD"""


def test_every_measure_of_the_field_is_there():
    listed = LISTED.split()
    assert sorted(listed) == sorted(review.MEASURES)
    assert all(code in review.effect_size.__doc__ for code in listed)
    assert all(m.label and m.family.needs for m in review.MEASURES.values())


def test_a_million_tables():
    rng = np.random.default_rng(1)
    n1, n2 = rng.integers(5, 200, 10**6), rng.integers(5, 200, 10**6)
    a, c = rng.binomial(n1, 0.3), rng.binomial(n2, 0.2)
    got = review.effect_size("OR", ai=a, n1i=n1, ci=c, n2i=n2)
    assert got.k == 10**6


def test_a_missing_count_is_no_fraction():
    nan = float("nan")
    es = review.effect_size("PLO", xi=[3, nan, 2.5], ni=[10, 12, nan])
    assert [note for note in es.notes if "whole number" in note] == [
        "xi is not a whole number: row 3"
    ]

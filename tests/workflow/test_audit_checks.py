"""Each check on numbers with a known answer; self-consistent numbers never fail."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.schema.prisma_flow import PrismaCounts
from review.workflow.audit import audit_rows
from review.workflow.audit.facts import canonical
from review.workflow.audit.pvalues import parse_p
from review.workflow.audit.sums import check_counts, check_prisma, check_selection


def verdicts(**row):
    return [c.verdict.value for c in audit_rows([row]).claims]


def one(check, **row):
    found = [c for c in audit_rows([row]).claims if c.check == check]
    assert len(found) == 1, [str(c) for c in found]
    return found[0]


# statistics ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        # tables of critical values
        ({"statistic": "t", "value": "2.048", "df1": 28, "p": "0.05"}, "confirmed"),
        ({"statistic": "t", "value": "2.05", "df": 28, "p": "<0.05"}, "confirmed"),
        ({"statistic": "chi2", "value": "3.84", "df1": 1, "p": "0.05"}, "confirmed"),
        ({"statistic": "F", "value": "4.103", "df1": 2, "df2": 10, "p": ".05"}, "confirmed"),
        ({"statistic": "z", "value": "1.96", "p": "0.050"}, "confirmed"),
        ({"statistic": "r", "value": "0.632", "n": 10, "p": "0.05"}, "confirmed"),
        # 2.2 stands for 2.15 to 2.25, whose p is 0.032 to 0.040
        ({"statistic": "t", "value": "2.2", "df1": 28, "p": "0.033"}, "rounding"),
        ({"statistic": "t", "value": "2.20", "df1": 28, "p": "0.033"}, "inconsistent"),
        ({"statistic": "t", "value": "2.20", "df1": 28, "p": "0.36"}, "inconsistent"),
        ({"statistic": "z", "value": "1.0", "p": "ns"}, "confirmed"),
        ({"statistic": "z", "value": "3.0", "p": ">0.05"}, "inconsistent"),
        ({"statistic": "z", "value": "1.0", "p": "<0.001"}, "inconsistent"),
        ({"statistic": "z", "value": "6", "p": "0.000"}, "rounding"),
        ({"statistic": "z", "value": "1.96", "p": "1.2"}, "impossible"),
        ({"statistic": "r", "value": "1.3", "n": 10, "p": "0.05"}, "impossible"),
        ({"statistic": "F", "value": "-1", "df1": 2, "df2": 10, "p": ".5"}, "impossible"),
        ({"statistic": "t", "value": "2.0", "p": "0.05"}, "cannot be checked"),
        ({"statistic": "t", "value": "2.0", "df1": 10}, "cannot be checked"),
        ({"statistic": "rho", "value": "0.05", "n": 41, "p": "0.03"}, "inconsistent"),
        ({"statistic": "rho", "value": "0.05", "n": 1884, "p": "0.03"}, "confirmed"),
        ({"statistic": "rho", "value": "0.05", "n": 1600, "p": "0.03"}, "rounding"),
        ({"statistic": "rho", "value": "0.05", "n_max": 41, "p": "0.03"}, "impossible"),
        ({"statistic": "rho", "value": "0.5", "n_max": 41, "p": "0.03"}, "consistent"),
        ({"statistic": "rho", "value": "0.5", "n_max": 41, "p": "<0.03"}, "cannot be checked"),
    ],
)
def test_p_values(row, verdict):
    assert verdicts(**row) == [verdict]


def test_one_sided_tests_are_named():
    found = one("p-value", statistic="t", value="1.70", df1=28, p="0.05")
    assert found.verdict == "inconsistent"
    assert "one-sided test gives it" in found.note
    assert "different sides of 0.05" in found.note
    assert verdicts(statistic="t", value="1.70", df1=28, p="0.05", tail="one") == ["confirmed"]
    two = one("p-value", statistic="t", value="2.048", df1=28, p="0.05", tail="one-sided")
    assert "two-sided test gives it" in two.note


@settings(max_examples=60)
@given(
    st.sampled_from(["t", "F", "chi2", "z", "r", "rho"]),
    st.floats(0, 0.999) | st.floats(0, 8),
    st.tuples(st.integers(1, 60), st.integers(1, 200)),
    st.tuples(st.integers(1, 3), st.integers(2, 4)),
    st.sampled_from(["two", "one"]),
)
def test_a_true_p_value_is_never_called_wrong(statistic, value, df, places, tail):
    """The p-value of scipy.stats, both numbers rounded as a paper would."""
    from scipy import stats

    (df1, df2), (places, p_places) = df, places

    if statistic in {"r", "rho"}:
        value = min(value, 0.999)
        n = df2 + 2
        t = value * math.sqrt((n - 2) / (1 - value**2))
        p, row = 2 * stats.t.sf(t, n - 2), {"n": n}
    elif statistic == "t":
        p, row = 2 * stats.t.sf(value, df2), {"df1": df2}
    elif statistic == "z":
        p, row = 2 * stats.norm.sf(value), {}
    elif statistic == "chi2":
        p, row = stats.chi2.sf(value, df1), {"df1": df1}
    else:
        p, row = stats.f.sf(value, df1, df2), {"df1": df1, "df2": df2}
    if tail == "one":
        if statistic in {"F", "chi2"}:
            return
        p /= 2
    row |= {"statistic": statistic, "value": f"{value:.{places}f}", "p": f"{p:.{p_places}f}"}
    found = audit_rows([row | {"tail": tail}])
    assert not found.failed, [str(c) for c in found.failed]
    bound = min(p + 10.0**-p_places, 1)
    assert not audit_rows([row | {"tail": tail, "p": f"<{bound:.{p_places}f}"}]).failed


@pytest.mark.parametrize(
    ("text", "read"),
    [("0.03", "p = 0.03"), ("p<.001", "p < 0.001"), ("≤ 0.05", "p < 0.05"), ("N.S.", "p > 0.05"),
     ("1e-5", "p = 0.00001"), ("<", "None"), ("0,03", "None"), ("", "None")],
)  # fmt: skip
def test_how_p_values_are_written(text, read):
    assert str(parse_p(text)) == read


# proportions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"k": 57, "n": 121, "percent": "47.1"}, "confirmed"),
        ({"k": 57, "n": 121, "percent": "47.1%"}, "confirmed"),
        ({"k": 57, "n": 121, "proportion": "0.47"}, "confirmed"),
        ({"k": 2, "n": 3, "percent": "66"}, "rounding"),
        ({"k": 57, "n": 121, "percent": "48"}, "inconsistent"),
        ({"k": 5, "n": 4, "percent": "125"}, "impossible"),
        ({"n": 20, "percent": "93"}, "impossible"),
        ({"n": 20, "accuracy": "0.93"}, "impossible"),
        ({"n": 20, "accuracy": "0.95"}, "consistent"),
        ({"n": 3, "accuracy": "0.66"}, "rounding"),
        ({"n_pos": 35, "sensitivity": "0.838"}, "impossible"),
        ({"n_pos": 35, "sensitivity": "0.838", "n_classes": 3}, "cannot be checked"),
        ({"n_pos": 35, "sensitivity": "0.838", "note": "mean of five folds"}, "cannot be checked"),
        ({"n_neg": 50, "specificity": "0.88"}, "consistent"),
        ({"n": 28, "mean": "5.19"}, "impossible"),
        ({"n": 28, "mean": "5.18"}, "consistent"),
        ({"accuracy": "0.93"}, "cannot be checked"),
    ],
)
def test_proportions(row, verdict):
    assert verdicts(**row)[0] == verdict


def test_a_percentage_in_the_place_of_a_proportion_is_named():
    found = one("range", auc="93.2")
    assert (found.verdict, found.note) == (
        "impossible",
        "reads as a percentage: 0.932 is meant",
    )
    assert one("range", n=10, accuracy="-0.2").verdict == "impossible"


def test_three_values_that_no_test_set_can_give_together():
    row = {"accuracy": "0.90", "sensitivity": "0.95", "specificity": "0.97", "n": 100}
    found = audit_rows([row | {"n_classes": 2}]).failed
    assert [c.claim for c in found] == [
        "accuracy 0.90, sensitivity 0.95, specificity 0.97: accuracy lies between the others"
    ]
    # 0.91 of 100 with 0.90 of 50 and 0.96 of 50: 45 + 48 = 93
    row = {"accuracy": "0.91", "sensitivity": "0.90", "specificity": "0.96", "n": 100}
    assert verdicts(**row, n_pos=50, n_neg=50)[-1] == "impossible"


counts = st.integers(0, 60)


@settings(max_examples=100)
@given(st.tuples(counts, counts, counts, counts), st.integers(1, 4), st.booleans())
def test_a_true_test_set_is_never_called_wrong(cells, places, with_cells):
    tp, fp, fn, tn = cells
    n = tp + fp + fn + tn
    ratios = {
        "accuracy": (tp + tn, n), "sensitivity": (tp, tp + fn), "specificity": (tn, tn + fp),
        "precision": (tp, tp + fp), "npv": (tn, tn + fn), "f1": (2 * tp, 2 * tp + fp + fn),
    }  # fmt: skip
    row = {m: f"{Decimal(a) / Decimal(b):.{places}f}" for m, (a, b) in ratios.items() if b}
    row |= {"n": n, "n_pos": tp + fn, "n_neg": fp + tn, "n_classes": 2}
    if with_cells:
        row |= {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    for left_out in ((), ("n_pos", "n_neg"), ("n_neg",)):
        kept = {k: v for k, v in row.items() if k not in left_out}
        found = audit_rows([kept])
        assert not found.failed, [str(c) for c in found.failed]


def test_wrong_matrices_are_found():
    row = {"tp": 9, "fp": 1, "fn": 1, "tn": 9, "n": 21, "n_pos": 11, "n_neg": 10}
    found = {c.claim: c.verdict.value for c in audit_rows([row | {"accuracy": "0.80"}]).claims}
    assert found == {
        "TP + FP + FN + TN = n": "inconsistent",
        "TP + FN = positives": "inconsistent",
        "FP + TN = negatives": "confirmed",
        "positives + negatives = n": "confirmed",
        "accuracy 0.80 follows from the confusion matrix": "inconsistent",
    }
    assert one("confusion", tp=12, n_pos=10).verdict == "impossible"
    assert "0/0" in one("confusion", tp=0, fn=0, sensitivity="0.9").computation
    assert one("confusion", tp=2, fn=1, sensitivity="0.66").verdict == "rounding"


# intervals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"estimate": "0.9", "ci_low": "0.8", "ci_high": "0.95"}, "consistent"),
        ({"estimate": "0.9", "ci_low": "0.91", "ci_high": "0.95"}, "rounding"),
        ({"estimate": "0.90", "ci_low": "0.92", "ci_high": "0.95"}, "inconsistent"),
        ({"estimate": "0.90", "ci_low": "0.95", "ci_high": "0.92"}, "impossible"),
        ({"auc": "0.90", "auc_ci_low": "0.92"}, "inconsistent"),
    ],
)
def test_an_interval_contains_its_estimate(row, verdict):
    assert verdicts(**row)[0] == verdict


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        # 2 x 1.96 x 0.10 = 0.392
        ({"estimate": "1.00", "se": "0.10", "ci_low": "0.80", "ci_high": "1.20"}, "confirmed"),
        ({"estimate": "1.00", "se": "0.20", "ci_low": "0.80", "ci_high": "1.20"}, "inconsistent"),
        ({"estimate": "1.00", "se": "0.05", "ci_low": "0.80", "ci_high": "1.20"}, "inconsistent"),
        # log scale: exp(0.405 -/+ 1.96 x 0.2) = 1.01 to 2.22
        ({"estimate": "1.50", "se": "0.200", "ci_low": "1.01", "ci_high": "2.22"}, "consistent"),
        # Student's t with 10 degrees of freedom: 2.228
        (
            {"estimate": "5.00", "se": "1.00", "ci_low": "2.77", "ci_high": "7.23", "n": 12},
            "consistent",
        ),
        (
            {"estimate": "5.00", "se": "1.00", "ci_low": "3.36", "ci_high": "6.64", "ci_level": 90},
            "confirmed",
        ),
        ({"estimate": "1", "se": "-0.1", "ci_low": "0.8", "ci_high": "1.2"}, "impossible"),
    ],
)
def test_an_interval_is_as_wide_as_its_standard_error_says(row, verdict):
    assert verdicts(**row)[1] == verdict


def test_intervals_of_proportions():
    # 81 of 263 (Newcombe 1998): Wilson 0.2553 to 0.3662
    row = {"accuracy": "0.308", "accuracy_ci_low": "0.255", "accuracy_ci_high": "0.366", "n": 263}
    assert verdicts(**row)[-1] == "confirmed"
    narrow = row | {"accuracy_ci_low": "0.295", "accuracy_ci_high": "0.321"}
    assert verdicts(**narrow)[-1] == "inconsistent"
    wide = row | {"accuracy_ci_low": "0.15", "accuracy_ci_high": "0.47"}
    assert verdicts(**wide)[-1] == "cannot be checked"


def test_the_interval_of_an_auc_is_only_plausible():
    # Hanley and McNeil (1982): AUC 0.893 with 51 and 58: SE 0.032
    row = {"auc": "0.893", "auc_ci_low": "0.83", "auc_ci_high": "0.956", "n_pos": 51, "n_neg": 58}
    assert verdicts(**row) == ["consistent", "consistent"]
    assert verdicts(**row | {"auc_ci_low": "0.89", "auc_ci_high": "0.896"})[-1] == (
        "cannot be checked"
    )


@settings(max_examples=60)
@given(st.integers(1, 300), st.data(), st.integers(2, 4), st.sampled_from([90, 95, 99]))
def test_true_intervals_of_proportions_are_never_called_wrong(n, data, places, level):
    from statsmodels.stats.proportion import proportion_confint

    k = data.draw(st.integers(0, n))
    method = data.draw(st.sampled_from(["normal", "wilson", "beta", "agresti_coull", "jeffreys"]))
    low, high = proportion_confint(k, n, alpha=1 - level / 100, method=method)
    if math.isnan(low + high):
        return
    row = {
        "accuracy": f"{k / n:.{places}f}", "accuracy_ci_low": f"{low:.{places}f}",
        "accuracy_ci_high": f"{high:.{places}f}", "n": n, "ci_level": level,
    }  # fmt: skip
    found = audit_rows([row])
    assert not found.failed, [str(c) for c in found.failed]


@settings(max_examples=60)
@given(st.floats(-5, 5), st.floats(0.01, 3), st.integers(2, 4), st.sampled_from([90, 95, 99]))
def test_true_intervals_and_standard_errors_are_never_called_wrong(x, se, places, level):
    from scipy.stats import norm

    z = norm.ppf(0.5 + level / 200)
    row = {"estimate": x, "se": se, "ci_low": x - z * se, "ci_high": x + z * se}
    printed = {k: f"{v:.{places}f}" for k, v in row.items()}
    found = audit_rows([printed | {"ci_level": level}])
    assert not found.failed, [str(c) for c in found.failed]


# sums ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"train": 65, "validation": 10, "images": 75}, "confirmed"),
        ({"train": 65, "validation": 10, "test": 5, "images": 80}, "confirmed"),
        ({"train": 65, "validation": 10, "test": 5, "images": 75}, "inconsistent"),
        ({"train": 65, "validation": 10, "images": 100}, "cannot be checked"),
        ({"train": 65, "validation": 10}, "cannot be checked"),
        ({"patients": 10, "images": 100}, "consistent"),
        ({"patients": 100, "images": 10}, "inconsistent"),
        ({"parts": "57;26;14;10;5;2;7", "n": 121}, "confirmed"),
        ({"parts": "57+33+24", "n": 121}, "inconsistent"),
        ({"parts": "57;33"}, "cannot be checked"),
    ],
)
def test_sums(row, verdict):
    assert verdicts(**row) == [verdict]


def test_a_flow_with_all_boxes():
    flow = {
        "identified": 500, "duplicates_removed": 50, "removed_automation": 10, "removed_other": 5,
        "screened": 435, "excluded_at_screening": 300, "sought": 135, "not_retrieved": 5,
        "assessed_full_text": 130, "excluded_at_full_text": 100, "included": 30,
    }  # fmt: skip
    found = check_prisma(PrismaCounts(**flow), "x")
    assert [c.verdict.value for c in found] == ["confirmed"] * 4
    assert found[0].computation == "500 − 50 − 10 − 5 = 435"
    wrong = check_prisma(PrismaCounts(**flow | {"included": 31}), "x")
    assert [c.verdict.value for c in wrong] == ["confirmed"] * 3 + ["inconsistent"]
    assert wrong[-1].note.startswith("off by 1")


def test_a_flow_with_few_boxes():
    found = check_prisma(PrismaCounts(identified=20, screened=25), "x")
    assert [c.verdict.value for c in found] == ["impossible"]
    assert "duplicates: not stated" in found[0].note
    assert check_prisma(PrismaCounts(), "x") == []


def test_counts_and_selections():
    counts = {"a": {"x": 3, "y": 2}, "b": {"x": 3, "z": 1}}
    found = check_counts(counts, 5, "5 studies", "[counts")
    assert [c.verdict.value for c in found] == ["confirmed", "inconsistent"]
    assert check_counts(counts, None, "", "[counts")[0].verdict == "cannot be checked"
    same = {"a": {"x": 3}, "b": {"y": 3}}
    assert check_counts(same, None, "", "[counts")[0].verdict == "consistent"
    steps = {"total": 10, "excluded_few": 3, "plotted": 7, "both": 8}
    assert [c.verdict.value for c in check_selection(steps, "x")] == ["confirmed", "impossible"]
    assert check_selection({}, "x") == []


def test_names_of_columns():
    assert canonical("Sens") == "sensitivity"
    assert canonical("Sample Size") == "n"
    assert canonical("acc_ci_lower") == "accuracy_ci_low"
    assert canonical("nonsense") is None

"""Forest plots, contingency tables, two groups with p, regressions, percentages of one n."""

import numpy as np
import pytest
from scipy import stats

import review
from review.stats.consistency.reconstructed_scores import reconstructed
from review.stats.consistency.rounding_ranges import printed
from review.stats.consistency.table_tests import table_tests
from review.stats.consistency.two_group_tests import p_of_counts, p_of_means
from review.workflow.audit.csv_rows import audit_rows


def verdicts(check, *rows):
    return [c.verdict.value for c in audit_rows(rows).claims if c.check == check]


def one(check, **row):
    (claim,) = [c for c in audit_rows([row]).claims if c.check == check]
    return claim.verdict.value, claim.note


# a forest plot of RevMan's kind: log odds ratios pooled by DerSimonian and Laird
Y = np.array([0.25, -0.10, 0.60, 0.35, 0.05])
SE = np.array([0.20, 0.15, 0.30, 0.25, 0.10])


def forest(method="DL", digits=2, **change):
    fit = review.meta_analysis(Y, SE**2, method=method)
    weights = 100 / (SE**2 + fit.tau2) / (1 / (SE**2 + fit.tau2)).sum()
    rows = []
    for i, (y, s) in enumerate(zip(Y, SE, strict=True)):
        ends = np.exp(y + np.array([0, -1.959964, 1.959964]) * s)
        shown = dict(zip(("estimate", "ci_low", "ci_high"), map(f"{{:.{digits}f}}".format, ends),
                         strict=True))  # fmt: skip
        rows.append({"id": f"s{i}", "forest": "death", "measure": "OR",
                     "weight": f"{weights[i]:.1f}", **shown})  # fmt: skip
    pooled = {"id": "Total (95% CI)", "forest": "death", "measure": "OR",
              "estimate": f"{np.exp(fit.beta[0]):.{digits}f}"}  # fmt: skip
    return [*rows, pooled | change]


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "PM"])
def test_a_forest_plot_is_pooled_again(method):
    found = verdicts("forest", *forest(method))
    assert found[0] in {"confirmed", "rounding"}  # the weights add up
    assert found[1:] == ["consistent", "consistent", "consistent"]


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"estimate": "2.30"}, "inconsistent"),  # beyond all studies
        ({"estimate": "1.55"}, "inconsistent"),  # no tau2 gives it
    ],
)
def test_a_pooled_estimate_that_its_studies_cannot_give(change, verdict):
    assert verdicts("forest", *forest(**change))[-1] == verdict


def test_weights_that_do_not_add_up():
    rows = forest()
    rows[0]["weight"] = "31.0"
    assert verdicts("forest", *rows)[0] == "inconsistent"


def test_a_pool_by_other_weights_is_explained_by_them():
    """Mantel-Haenszel's weights are no inverse variances; the printed weights decide."""
    rows = forest()
    weights = np.array([10.0, 10.0, 40.0, 30.0, 10.0])
    for row, weight in zip(rows, weights, strict=False):
        row["weight"] = f"{weight:.1f}"
    rows[-1]["estimate"] = f"{np.exp((weights * Y).sum() / 100):.2f}"
    assert "inconsistent" not in verdicts("forest", *rows)


def test_tests_of_tables_are_those_of_scipy():
    table = [[20, 10], [15, 25]]
    found = table_tests(table)
    for name, correction, kind in (
        ("chi-square", False, "pearson"), ("Yates' chi-square", True, "pearson"),
        ("likelihood ratio", False, "log-likelihood"),
    ):  # fmt: skip
        expected = stats.chi2_contingency(table, correction=correction, lambda_=kind)
        assert found[name] == pytest.approx((expected.statistic, expected.pvalue))
    assert found["Fisher's exact"][1] == pytest.approx(stats.fisher_exact(table).pvalue)


def test_tests_of_groups_are_those_of_scipy():
    exact = [printed(t) for t in ("5.100000", "3.000000", "2.000000", "2.200000")]
    found = {t.name: t for t in p_of_means((exact[0], exact[1]), (exact[2], exact[3]), (20, 9))}
    for name, equal in (("Student's t", True), ("Welch's t", False)):
        p = stats.ttest_ind_from_stats(5.1, 2.0, 20, 3.0, 2.2, 9, equal_var=equal).pvalue
        assert found[name].low == pytest.approx(p, rel=1e-4)
    assert p_of_counts((0, 0), (20, 20))[0].low == 1


T = {"cells": "20; 10 | 15; 25", "statistic": "chi2"}
G = {"events1": 20, "n1": 30, "events2": 15, "n2": 40}
M = {"mean1": "5.1", "sd1": "2.0", "n1": 20, "mean2": "3.0", "sd2": "2.2", "n2": 22}


@pytest.mark.parametrize(
    ("check", "row", "verdict", "note"),
    [
        ("table", T | {"value": "5.83"}, "confirmed", ""),
        ("table", T | {"value": "4.73"}, "consistent", "Yates"),
        ("table", T | {"value": "8.53"}, "inconsistent", ""),
        ("table", {"cells": T["cells"], "p": "0.016"}, "confirmed", "chi-square"),
        ("table", {"cells": T["cells"], "p": "0.030"}, "confirmed", "Yates"),
        ("table", {"cells": T["cells"], "p": "0.16"}, "inconsistent", ""),
        ("table", {"cells": T["cells"], "df1": 2}, "inconsistent", ""),
        ("table", {"cells": T["cells"], "n": 71}, "inconsistent", ""),
        ("groups", G | {"p": "0.016"}, "confirmed", ""),
        ("groups", G | {"p": "0.16"}, "inconsistent", ""),
        ("groups", G | {"p": "0.16", "note": "stratified"}, "cannot be checked", "paired"),
        ("groups", M | {"p": "0.002"}, "consistent", ""),
        ("groups", M | {"p": "0.62"}, "inconsistent", ""),
        ("groups", M | {"p": "0.02"}, "cannot be checked", "rank"),  # Mann and Whitney's may be
        (
            "regression",
            {"r2": "0.25", "statistic": "F", "value": "3.00", "df1": 3, "df2": 27},
            "consistent",
            "",
        ),
        (
            "regression",
            {"r2": "0.25", "statistic": "F", "value": "5.00", "df1": 3, "df2": 27},
            "inconsistent",
            "",
        ),
        ("regression", {"r2": "1.25", "df1": 3, "n": 31}, "impossible", ""),
        ("regression", {"r2": "0.25", "adj_r2": "0.17", "df1": 3, "n": 31}, "consistent", ""),
        ("regression", {"r2": "0.25", "adj_r2": "0.27", "df1": 3, "n": 31}, "inconsistent", ""),
        ("p-value", {"estimate": "0.35", "se": "0.10", "p": "0.001"}, "consistent", ""),
        ("p-value", {"estimate": "0.35", "se": "0.10", "p": "0.30"}, "inconsistent", ""),
        (
            "p-value",
            {"measure": "OR", "estimate": "2.1", "se": "0.4", "p": ".06"},
            "consistent",
            "",
        ),
        (
            "degrees of freedom",
            {"statistic": "t", "value": "2.1", "df1": 40, "n": 30, "p": "0.04"},
            "inconsistent",
            "repeated",
        ),
        ("proportion", {"percents": "57.1; 28.6; 14.3", "n": 7}, "consistent", ""),
        ("proportion", {"percents": "57.1; 28.6; 15.3", "n": 7}, "impossible", "missing"),
        ("proportion", {"percents": "57.1; 28.6; 14.3", "n_max": 20}, "consistent", ""),
        ("proportion", {"percents": "57.1; 33.3", "n_max": 20}, "impossible", ""),
    ],
)
def test_numbers_of_tables(check, row, verdict, note):
    found, said = one(check, **row)
    assert (found, note in said) == (verdict, True), said


def test_a_set_of_numbers_has_the_mean_and_sd_that_were_asked_for():
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(60):
        x = rng.integers(1, 8, int(rng.integers(5, 60)))
        mean, sd = f"{x.mean():.2f}", f"{x.std(ddof=1):.2f}"
        made = reconstructed(printed(mean), printed(sd), len(x), 1, 7)
        if made is not None:
            y = np.repeat(list(made), list(made.values()))
            assert (len(y), y.min() >= 1, y.max() <= 7) == (len(x), True, True)
            assert (f"{y.mean():.2f}", f"{y.std(ddof=1):.2f}") == (mean, sd)
            found += 1
    assert found > 50


def test_the_numbers_stand_in_the_claim():
    row = {"mean": "3.00", "sd": "1.00", "n": 9, "min": 1, "max": 5}
    claims = [c for c in audit_rows([row]).claims if "SD 1.00 of 9" in c.claim]
    assert claims[0].computation == "for instance 1 x 1, 7 x 3, 1 x 5"


def test_carlisles_sum_is_a_note_and_no_claim():
    rows = [
        {"baseline": "Table 1", "mean1": "50.0", "sd1": "10.0", "n1": 100, "mean2": "50.0",
         "sd2": "10.0", "n2": 100}
        for _ in range(8)
    ]  # fmt: skip
    report = audit_rows(rows)
    assert not report.failed
    (note,) = [n for n in report.notes if "baseline means together" in n]
    assert "no proof" in note

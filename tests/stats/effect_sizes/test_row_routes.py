"""Each row takes its own way to its effect, by a fixed order, and the result says which."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import review
from review import InputError, StatsError, UnknownNameError

NAN = float("nan")
Z = 1.959963984540054


def test_hazard_ratios_with_intervals_are_pooled_on_the_log_scale():
    """Two trials at 0.50 (0.25 to 1.00), two at 2.00 (1.00 to 4.00): 1.00, not 1.25."""
    es = review.effect_size(
        "HR", est=[0.5, 0.5, 2, 2], ci_lb=[0.25, 0.25, 1, 1], ci_ub=[1, 1, 4, 4]
    )
    fit = review.meta_analysis(es)
    shown = fit.predict(transf="exp")
    assert shown.pred[0] == pytest.approx(1.0, abs=1e-12)
    assert (shown.ci_lb[0], shown.ci_ub[0]) == (
        pytest.approx(0.28, abs=0.005),
        pytest.approx(3.57, abs=0.005),
    )
    # by hand: the variance of the four log ratios over 4, t with 3 df
    y = np.log([0.5, 0.5, 2, 2])
    half = stats.t.ppf(0.975, 3) * y.std(ddof=1) / 2
    assert np.log(shown.ci_ub[0]) == pytest.approx(half, rel=1e-6)


def test_one_row_one_way():
    """Six rows of one log odds ratio: the same effect by six ways, each recorded."""
    table = {"ai": 12.0, "n1i": 60.0, "ci": 21.0, "n2i": 62.0}
    full = review.effect_size("OR", **table)
    y, v = full.yi[0], full.vi[0]
    se = np.sqrt(v)
    rows = [
        table,
        {"yi": y, "vi": v},
        {"yi": y, "sei": se},
        {"est": np.exp(y), "se": se},
        {"est": np.exp(y), "ci_lb": np.exp(y - Z * se), "ci_ub": np.exp(y + Z * se)},
        {"est": np.exp(y), "stat": y / se},
        {"est": np.exp(y), "pval": 2 * stats.norm.sf(abs(y / se))},
        {"yi": y, "ci_lb": y - Z * se, "ci_ub": y + Z * se},
        {"est": np.exp(y), "ci_ub": np.exp(y + Z * se)},
        {"percent1i": 20.0, "n1i": 60.0, "ci": 21.0, "n2i": 62.0},
        {"prop1i": 0.2, "n1i": 60.0, "prop2i": 21 / 62, "n2i": 62.0},
        {"n1i": 60.0, "n2i": 62.0, "events": 33.0, "ori": np.exp(y)},
        {"n1i": 60.0, "n2i": 62.0, "events": 33.0, "rri": (12 / 60) / (21 / 62)},
    ]
    names = sorted({name for row in rows for name in row})
    es = review.effect_size("OR", **{n: [row.get(n) for row in rows] for n in names})
    np.testing.assert_allclose(es.yi, y, rtol=1e-10)
    np.testing.assert_allclose(es.vi, v, rtol=1e-9)
    assert {c.row for c in es.conversions} == set(range(4, len(rows) + 1))
    assert "effect and variance are taken as given: row 2, row 3" in es.notes
    methods = {c.row: c.method for c in es.conversions}
    assert methods[5] == "standard error from the interval"
    assert methods[9] == "standard error from the upper limit alone"
    assert methods[10] == "count from the percentage, rounded"
    assert "odds ratio" in methods[12]
    assert [c.row for c in es.conversions if c.approximate] == [6, 7, 9, 12, 13]
    assert all(c.source and c.gives for c in es.conversions)
    assert es.without_converted().k == 3
    kept = es.without_converted(only_approximate=True)
    assert kept.k == len(rows) - 5
    assert kept.left_out[0].reason == "converted: standard error from the test statistic"
    assert all(not c.approximate for c in kept.conversions)


@pytest.mark.parametrize(
    ("columns", "method"),
    [
        ({"ai": 5, "n1i": 50, "ci": 9, "n2i": 50, "est": 0.5, "se": 0.2}, None),
        ({"est": 0.5, "se": 0.2, "ci_lb": 0.2, "ci_ub": 1.25}, "estimate with its standard error"),
        ({"est": 0.5, "ci_lb": 0.2, "ci_ub": 1.2, "pval": 0.1}, "standard error from the interval"),
        ({"est": 0.5, "stat": -2, "pval": 0.03}, "standard error from the test statistic"),
        ({"yi": -0.7, "vi": 0.05, "est": 0.5, "se": 0.9}, None),
    ],
)  # fmt: skip
def test_the_order_of_the_ways(columns, method):
    es = review.effect_size("OR", **columns)
    assert [c.method for c in es.conversions] == ([method] if method else [])


def test_estimates_may_go_first():
    columns = {"ai": 5, "n1i": 50, "ci": 9, "n2i": 50, "est": 0.5, "se": 0.2}
    es = review.effect_size("OR", **columns, prefer="estimate")
    assert (es.yi[0], es.vi[0]) == (np.log(0.5), pytest.approx(0.04))
    assert es.settings["prefer"] == "estimate"
    assert es.ni[0] == 100
    with pytest.raises(UnknownNameError, match="did you mean 'estimate'"):
        review.effect_size("OR", **columns, prefer="estimates")


def test_a_lower_limit_rounded_to_zero_leaves_the_upper_one():
    es = review.effect_size("OR", est=0.05, ci_lb=0.0, ci_ub=0.40)
    assert es.vi[0] == pytest.approx((np.log(0.40 / 0.05) / Z) ** 2, rel=1e-12)
    assert es.conversions[0].method == "standard error from the upper limit alone"
    assert es.conversions[0].approximate


def test_medians_come_after_an_estimate_and_before_a_p_value():
    groups = {
        "median1i": 15, "q1_1i": 8, "q3_1i": 22, "n1i": 80,
        "median2i": 12, "q1_2i": 6, "q3_2i": 18, "n2i": 80,
    }  # fmt: skip
    assert review.effect_size("MD", **groups, est=2.0, se=0.5).yi[0] == 2.0
    es = review.effect_size("MD", **groups, est=2.0, pval=0.04)
    assert es.yi[0] == pytest.approx(3.0)
    assert [c.method for c in es.conversions] == ["mean and SD from median and quantiles"] * 2


def test_groups_may_report_differently():
    """SD in one group, SE, interval or quartiles in the other: one mean difference."""
    sd, n = 4.0, 25.0
    half = stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n)
    es = review.effect_size(
        "MD", m1i=[10] * 4, sd1i=[sd, None, None, None], se1i=[None, sd / 5, None, None],
        ci_lb1i=[None, None, 10 - half, None], ci_ub1i=[None, None, 10 + half, None],
        sd1i_pre=[None, None, None, 5.0], sd1i_post=[None, None, None, 3.0],
        corr=[None, None, None, 0.6], n1i=n, m2i=8, sd2i=3.0, n2i=30,
    )  # fmt: skip
    np.testing.assert_allclose(es.vi, sd**2 / n + 9 / 30, rtol=1e-12)
    assert [c.row for c in es.conversions] == [2, 3, 4]
    assert es.conversions[0].inputs == {"se1i": 0.8, "n1i": 25.0}
    assert es.conversions[0].gives == {"sd1i": pytest.approx(4.0)}
    assert es.conversions[2].approximate


def test_change_scores():
    """Cochrane Handbook 6.5.2.8: SD of the change from both SDs and their correlation."""
    es = review.effect_size(
        "MD", m1i_pre=20, m1i_post=14, sd1i_pre=6, sd1i_post=5, n1i=40,
        m2i_pre=20, m2i_post=19, sd2i_pre=6, sd2i_post=6, n2i=42, corr=0.5,
    )  # fmt: skip
    assert es.yi[0] == pytest.approx(-5.0)
    one, two = 36 + 25 - 30, 36 + 36 - 36
    assert es.vi[0] == pytest.approx(one / 40 + two / 42, rel=1e-12)
    with pytest.raises(InputError, match="sd1i"):
        review.effect_size(
            "MD", m1i_pre=20, m1i_post=14, sd1i_pre=6, sd1i_post=5, n1i=40,
            m2i=1, sd2i=2, n2i=42,
        )  # fmt: skip


def test_change_scores_against_simulation():
    rng = np.random.default_rng(1)
    pair = rng.multivariate_normal([20, 14], [[36, 0.7 * 30], [0.7 * 30, 25]], 200_000)
    change = pair[:, 1] - pair[:, 0]
    es = review.effect_size(
        "MD",
        m1i_pre=20,
        m1i_post=14,
        sd1i_pre=6,
        sd1i_post=5,
        n1i=1,
        m2i=0,
        sd2i=0,
        n2i=1,
        corr=0.7,
    )
    assert es.yi[0] == pytest.approx(change.mean(), abs=0.05)
    assert es.vi[0] == pytest.approx(change.var(), rel=0.01)


def test_standardised_differences_by_every_way():
    means = {"m1i": 12.0, "sd1i": 3.0, "n1i": 20.0, "m2i": 10.0, "sd2i": 3.5, "n2i": 25.0}
    full = review.effect_size("SMD", **means)
    n1, n2 = 20, 25
    m = n1 + n2 - 2
    pooled = np.sqrt((19 * 9 + 24 * 3.5**2) / m)
    d = 2 / pooled
    t = d / np.sqrt(1 / n1 + 1 / n2)
    p = 2 * stats.t.sf(t, m)
    r = t / np.sqrt(t**2 + m)
    sizes = {"n1i": 20.0, "n2i": 25.0}
    rows = [
        {"di": d}, {"gi": full.yi[0]}, {"ti": t}, {"fi": t**2, "sign": 1}, {"ri": r}, {"pi": p},
        {"pval": p, "sign": 1}, {"pval": p, "m1i": 12.0, "m2i": 10.0},
        {"fi": t**2, "m1i": 12.0, "m2i": 10.0},
    ]  # fmt: skip
    for row in rows:
        es = review.effect_size("SMD", **row, **sizes)
        assert es.yi[0] == pytest.approx(full.yi[0], rel=1e-8), row
        assert es.vi[0] == pytest.approx(full.vi[0], rel=1e-8), row
        assert es.conversions, row
        assert all(c.gives for c in es.conversions), row
    flipped = review.effect_size("SMD", pval=p, sign=-1, **sizes)
    assert flipped.yi[0] == pytest.approx(-full.yi[0], rel=1e-8)


def test_proportions_and_rates():
    es = review.effect_size(
        "PLO", percenti=[26.7, None, 30.0], ni=[120, 80, None], xi=[None, 20, None],
        ci_lb=[None, None, 22.0], ci_ub=[None, None, 39.5],
    )  # fmt: skip
    counts = review.effect_size("PLO", xi=[32, 20], ni=[120, 80])
    np.testing.assert_allclose(es.yi[:2], counts.yi, rtol=1e-12)
    assert es.yi[2] == pytest.approx(stats.logistic.ppf(0.30), rel=1e-12)
    width = stats.logistic.ppf(0.395) - stats.logistic.ppf(0.22)
    assert es.vi[2] == pytest.approx((width / (2 * Z)) ** 2, rel=1e-12)
    rate = review.effect_size(
        "IRLN", ratei=[12.3, 12.3, 12.3], ti=[2440, None, None], xi=[None, 30, None], per=1000,
        ci_lb=[None, None, 8.0], ci_ub=[None, None, 18.9],
    )  # fmt: skip
    assert rate.yi[0] == pytest.approx(np.log(30 / 2440), rel=1e-12)
    assert rate.yi[1] == pytest.approx(np.log(12.3 / 1000), rel=1e-12)
    assert rate.vi[:2] == pytest.approx(1 / 30, rel=1e-12)
    assert rate.yi[2] == pytest.approx(np.log(0.0123), rel=1e-12)
    assert rate.vi[2] == pytest.approx((np.log(18.9 / 8.0) / (2 * Z)) ** 2, rel=1e-12)
    two = review.effect_size("IRR", rate1i=4.0, t1i=5000, rate2i=6.0, x2i=24, per=1000)
    assert two.yi[0] == pytest.approx(np.log(4 / 6), rel=1e-12)
    assert two.vi[0] == pytest.approx(1 / 20 + 1 / 24, rel=1e-12)


def test_a_difference_with_a_t_interval():
    half = stats.t.ppf(0.975, 18) * 0.5
    es = review.effect_size("MD", est=1.2, ci_lb=1.2 - half, ci_ub=1.2 + half, df=18)
    assert es.vi[0] == pytest.approx(0.25, rel=1e-12)
    p = 2 * stats.t.sf(1.2 / 0.5, 18)
    assert review.effect_size("MD", est=1.2, pval=p, df=18).vi[0] == pytest.approx(0.25, rel=1e-9)


def test_hazard_ratios_from_events_and_tests():
    """Tierney et al. (2007): V from the events; the log-rank p-value gives the rest."""
    oe = review.effect_size("HR", oei=-8.0, voei=20.0)
    assert (oe.yi[0], oe.vi[0]) == (-0.4, 0.05)
    v = 40 * 60 / 100
    es = review.effect_size("HR", est=0.7, e1i=40, e2i=60)
    assert es.vi[0] == pytest.approx(1 / v, rel=1e-12)
    assert es.conversions[0].approximate
    p = 2 * stats.norm.sf(0.4 * np.sqrt(v))
    es = review.effect_size("HR", pval=p, sign=-1, e1i=40, e2i=60)
    assert (es.yi[0], es.vi[0]) == (pytest.approx(-0.4, rel=1e-9), pytest.approx(1 / v))
    total = review.effect_size("HR", est=0.7, events=100)
    assert total.vi[0] == pytest.approx(4 / 100, rel=1e-12)
    unequal = review.effect_size("HR", est=0.7, events=100, n1i=200, n2i=100)
    assert unequal.vi[0] == pytest.approx(1 / (100 * 2 / 9), rel=1e-12)
    both = review.effect_size("HR", est=0.7, se=0.3, e1i=40, e2i=60)
    assert both.vi[0] == pytest.approx(0.09, rel=1e-12)


@pytest.mark.parametrize(
    ("measure", "columns", "reason"),
    [
        ("OR", {"est": 0, "ci_lb": 0, "ci_ub": 0.5}, "no finite value on the scale"),
        ("OR", {"est": 1.0, "pval": 0.5}, "does not tell the standard error"),
        ("MD", {"est": 1.0, "pval": 1.0}, "does not tell the standard error"),
        ("MD", {"est": 1.0, "ci_lb": 1.0, "ci_ub": 1.0}, "no finite standard error"),
        ("MD", {"yi": 1.0, "vi": 0.0}, "the variance is 0"),
        ("OR", {"n1i": 10, "n2i": 10, "events": 25, "ori": 2.0}, "no value for"),
    ],
)
def test_a_row_that_cannot_be_used_leaves_only_itself_out(measure, columns, reason):
    good = {"est": 1.5, "se": 0.3}
    names = {*columns, *good}
    rows = [good, columns, good]
    es = review.effect_size(measure, **{n: [row.get(n) for row in rows] for n in names})
    assert es.k == 2
    (row,) = es.left_out
    assert row.row == 2
    assert reason in row.reason


RAW = {
    "OR": {"ai": [4, 6, 7, 8, 9], "n1i": [50] * 5, "ci": [9, 8, 7, 6, 5], "n2i": [50] * 5},
    "MD": {"m1i": [4, 6, 7, 8, 9], "sd1i": [2] * 5, "n1i": [50] * 5, "m2i": [9, 8, 7, 6, 5],
           "sd2i": [2] * 5, "n2i": [50] * 5},
    "ZCOR": {"ri": [0.1, 0.2, 0.3, 0.4, 0.5], "ni": [50] * 5},
    "PLO": {"xi": [4, 6, 7, 8, 9], "ni": [50] * 5},
    "IRR": {"x1i": [4, 6, 7, 8, 9], "t1i": [50] * 5, "x2i": [9, 8, 7, 6, 5], "t2i": [50] * 5},
    "MC": {"m1i": [4, 6, 7, 8, 9], "m2i": [3] * 5, "sd1i": [2] * 5, "sd2i": [2] * 5,
           "ri": [0.5] * 5, "ni": [20] * 5},
    "ABT": {"ai": [0.7, 0.8, 0.9, 0.6, 0.7], "mi": [8] * 5, "ni": [90] * 5},
    "LOGITAUC": {"auc": [0.7, 0.8, 0.9, 0.6, 0.7], "se": [0.05] * 5},
    "SENS": {"tp": [7, 8, 9, 6, 7], "fn": [5] * 5},
    "HR": {"oei": [1, 2, 3, 4, 5], "voei": [9] * 5},
    "MPOR": {"ai": [4, 6, 7, 8, 9], "bi": [5] * 5, "ci": [6] * 5, "di": [7] * 5},
    "MED": {"mediani": [5, 6, 7, 8, 9], "q1i": [3] * 5, "q3i": [12] * 5, "ni": [40] * 5},
}  # fmt: skip


@pytest.mark.parametrize("measure", RAW)
def test_an_empty_cell_in_one_of_five_rows(measure):
    """That row is left out as missing, without a remark that its empty cell is no number."""
    for name in RAW[measure]:
        columns = {n: list(v) for n, v in RAW[measure].items()}
        columns[name][2] = None
        es = review.effect_size(measure, **columns)
        if es.k == 5:  # the other columns are enough
            continue
        assert es.k == 4
        assert (es.left_out[0].row, es.left_out[0].reason) == (3, f"no value for {name}")
        assert not any("whole" in note for note in es.notes)
        whole = review.effect_size(measure, **RAW[measure])
        keep = [0, 1, 3, 4]
        np.testing.assert_array_equal(es.yi[keep], whole.yi[keep])


def test_an_empty_row_can_be_an_estimate():
    for measure, columns in RAW.items():
        gap = {n: [*v, None] for n, v in columns.items()}
        es = review.effect_size(measure, **gap, yi=[None] * 5 + [0.3], vi=[None] * 5 + [0.02])
        assert (es.k, es.yi[5], es.vi[5]) == (6, 0.3, pytest.approx(0.02)), measure


@settings(max_examples=40)
@given(
    est=st.floats(0.05, 20), se=st.floats(0.02, 1.5),
    level=st.sampled_from([80.0, 90.0, 95.0, 99.0]),
    measure=st.sampled_from(["OR", "RR", "HR", "IRR", "ROM", "MD", "SMD", "RD", "MN"]),
)  # fmt: skip
def test_intervals_come_back(est, se, level, measure):
    """An interval made from effect and standard error gives both back, at any level."""
    ratio = review.MEASURES[measure].transf == "exp"
    y = np.log(est) if ratio else est
    half = stats.norm.ppf(0.5 + level / 200) * se
    low, high = (np.exp([y - half, y + half])) if ratio else (y - half, y + half)
    es = review.effect_size(measure, est=est, ci_lb=low, ci_ub=high, level=level)
    assert es.yi[0] == pytest.approx(y, rel=1e-9, abs=1e-12)
    assert es.vi[0] == pytest.approx(se**2, rel=1e-7)
    p = 2 * stats.norm.sf(abs(y) / se)
    if 1e-300 < p < 0.999:
        again = review.effect_size(measure, est=est, pval=p)
        assert again.vi[0] == pytest.approx(se**2, rel=1e-5)


@settings(max_examples=30)
@given(order=st.permutations(range(5)))
def test_the_order_of_the_rows_does_not_matter(order):
    columns = {
        "ai": [4, None, None, 8, None], "n1i": [50, None, 40, 60, None],
        "ci": [7, None, 9, 9, None], "n2i": [50, None, 40, 60, None],
        "percent1i": [None, None, 20, None, None],
        "est": [None, 0.5, None, 2.0, 3.0], "se": [None, 0.3, None, None, None],
        "pval": [None, None, None, None, 0.02],
    }  # fmt: skip
    plain = review.effect_size("OR", **columns)
    mixed = review.effect_size("OR", **{n: [v[i] for i in order] for n, v in columns.items()})
    np.testing.assert_array_equal(mixed.yi, plain.yi[list(order)])
    np.testing.assert_array_equal(mixed.vi, plain.vi[list(order)])


def test_skewed_medians_are_left_out_or_converted_as_asked():
    groups = {
        "median1i": [15, 3], "q1_1i": [8, 2], "q3_1i": [22, 14], "n1i": 80,
        "m2i": 12, "sd2i": 9, "n2i": 80,
    }  # fmt: skip
    out = review.effect_size("MD", **groups)
    assert (out.k, out.left_out[0].row) == (1, 2)
    assert "skewed" in out.left_out[0].reason
    assert "group 1" in out.left_out[0].reason
    qe = review.effect_size("MD", **groups, skewed="qe")
    assert qe.yi[0] == out.yi[0]
    assert qe.k == 2
    assert "quantile estimation" in qe.conversions[-1].source
    every = review.effect_size("MD", **groups, medians="qe")
    assert every.yi[1] == qe.yi[1]
    assert every.yi[0] != out.yi[0]
    box = review.effect_size("MD", **groups, medians="bc")
    assert "Box-Cox" in box.conversions[0].source
    used = review.effect_size("MD", **groups, skewed="use")
    assert used.k == 2
    for wrong in ({"medians": "luoo"}, {"skewed": "qee"}):
        with pytest.raises(UnknownNameError, match="did you mean"):
            review.effect_size("MD", **groups, **wrong)


@pytest.mark.parametrize(
    ("measure", "columns", "words"),
    [
        (
            "OR",
            {"est": -0.7, "se": 0.2},
            "a ratio on its natural scale; log ratios are",
        ),
        ("PLO", {"est": 85, "se": 0.2}, "percentages are given as percent"),
        ("ZCOR", {"est": 1.2, "se": 0.2}, "values of Fisher's z are given as yi"),
        ("OR", {"est": 2, "ci_lb": 3, "ci_ub": 1}, "are they swapped"),
        ("OR", {"est": 5, "ci_lb": 1, "ci_ub": 3}, "must not be below est"),
        ("OR", {"est": 2, "se": -0.2}, "a standard error"),
        ("OR", {"est": 2, "ci_lb": -1, "ci_ub": 4}, "ci_lb must be from 0 to inf"),
        ("PLO", {"est": 0.5, "ci_lb": 0.4, "ci_ub": 60}, "a limit of a proportion"),
        ("OR", {"est": 2, "pval": 1.2}, "a two-sided p-value"),
        ("OR", {"est": 2, "pval": 0}, "give its bound"),
        ("OR", {"est": 2, "ci_lb": 1, "ci_ub": 4, "level": 195}, "between 0 and 100"),
        ("MD", {"est": 2, "ci_lb": 1, "ci_ub": 4, "df": 0}, "degrees of freedom"),
        ("MD", {"m1i": 1, "se1i": -1, "n1i": 9, "m2i": 1, "sd2i": 1, "n2i": 9}, "se1i"),
        ("MN", {"mediani": 5, "q1i": 7, "q3i": 9, "ni": 30}, "q1i must not exceed mediani"),
        ("SMD", {"fi": -4, "sign": 1, "n1i": 9, "n2i": 9}, "an F statistic"),
        ("PR", {"percenti": 120, "ni": 9}, "a percentage"),
        ("PR", {"propi": 12, "ni": 9}, "percentages are given as percenti"),
    ],
)
def test_impossible_estimates_are_refused_with_the_right_column(measure, columns, words):
    with pytest.raises(StatsError) as caught:
        review.effect_size(measure, **columns, slab=["Kim 2019"])
    assert words in str(caught.value)
    assert "Kim 2019" in str(caught.value)


@pytest.mark.parametrize(
    ("measure", "columns", "words"),
    [
        ("OR", {"est": [1.0]}, "is missing se"),
        ("OR", {"est": [1.0]}, "or an estimate est with se, ci_lb and ci_ub, or pval"),
        ("PFT", {"est": [0.5], "se": [0.1]}, "takes no est"),
        ("MD", {"m1i": [1], "se1i": [1], "m2i": [1], "sd2i": [1], "n2i": [9]}, "missing"),
        ("COR", {"est": [0.5], "se": [0.1], "percenti": [3]}, "takes no percenti"),
        ("OR", {"est": [0.5], "se": [0.1], "percent1i": [3]}, "cannot use percent1i"),
    ],
)
def test_names_that_lead_nowhere(measure, columns, words):
    with pytest.raises(InputError, match=words):
        review.effect_size(measure, **columns)


def test_a_data_frame_with_effects_beside_its_counts():
    """Columns yi and vi beside the counts are used only where a row has no counts."""
    import pandas as pd

    data = pd.DataFrame({
        "ai": [4, None], "n1i": [50, None], "ci": [9, None], "n2i": [50, None],
        "yi": [9.9, -0.4], "vi": [1.0, 0.03], "icc": [0.9, 0.9], "level": [3, 4],
    })  # fmt: skip
    es = review.effect_size("OR", data=data)
    assert es.yi[1] == -0.4
    assert es.yi[0] == review.effect_size("OR", ai=4, n1i=50, ci=9, n2i=50).yi[0]
    assert not es.conversions
    assert es.notes == ("effect and variance are taken as given: row 2",)


def test_conversions_are_part_of_the_record():
    es = review.effect_size(
        "HR", est=[0.5, 0.8], se=[0.2, None], pval=[None, 0.03], slab=["A", "B"]
    )
    record = es.to_dict()["conversions"]
    assert record[1]["inputs"] == {"est": 0.8, "pval": 0.03}
    assert record[1]["approximate"] is True
    assert (
        "converted: row 2 (B): standard error from the p-value: est=0.8, pval=0.03" in es.summary()
    )
    assert str(es.conversions[0]).startswith("row 1 (A): estimate with its standard error")


def test_many_rows_of_mixed_kinds():
    rng = np.random.default_rng(0)
    k = 20_000
    est = rng.lognormal(0, 0.5, k)
    se = rng.uniform(0.05, 0.5, k)
    half = k // 2
    columns = {
        "est": est, "se": np.where(np.arange(k) < half, se, NAN),
        "ci_lb": np.where(np.arange(k) < half, NAN, est * np.exp(-Z * se)),
        "ci_ub": np.where(np.arange(k) < half, NAN, est * np.exp(Z * se)),
    }  # fmt: skip
    es = review.effect_size("HR", **columns)
    assert len(es.conversions) == k
    np.testing.assert_allclose(es.vi, se**2, rtol=1e-9)

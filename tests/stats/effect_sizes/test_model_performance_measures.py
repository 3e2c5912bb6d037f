"""AUC, LOGITAUC, ACC, SENS and SPEC."""

import numpy as np
import pytest

import review
from review import InputError, StatsError, UnknownNameError

Z = 1.959963984540054


def test_auc_from_its_standard_error_interval_or_case_numbers():
    nan = np.nan
    got = review.effect_size(
        "AUC",
        auc=[0.9, 0.9, 0.9, 0.9],
        se=[0.02, nan, nan, nan],
        ci_low=[nan, 0.86, nan, nan],
        ci_high=[nan, 0.94, nan, nan],
        n_pos=[nan, nan, 50, nan],
        n_neg=[nan, nan, 80, nan],
    )
    assert got.vi[0] == pytest.approx(0.02**2)
    assert got.vi[1] == pytest.approx((0.04 / Z) ** 2)
    assert got.k == 3
    assert got.left_out[0].row == 4
    assert got.ni[2] == 130


def test_hanley_mcneil_is_the_variance_for_exponential_scores():
    """Second method: the variance of the Mann-Whitney statistic, its three terms by simulation."""
    n_pos, n_neg, auc = 12, 20, 0.8
    v = review.effect_size("AUC", auc=auc, n_pos=n_pos, n_neg=n_neg).vi[0]
    rng = np.random.default_rng(3)
    ratio = auc / (1 - auc)  # mean of positives over mean of negatives
    x = rng.exponential(ratio, (20_000, n_pos))
    y = rng.exponential(1.0, (20_000, n_neg))
    areas = (x[:, :, None] > y[:, None, :]).mean(axis=(1, 2))
    assert areas.mean() == pytest.approx(auc, abs=0.003)
    assert areas.var() == pytest.approx(v, rel=0.05)


def test_hanley_mcneil_falls_with_the_number_of_cases_and_is_symmetric_in_size():
    few = review.effect_size("AUC", auc=0.8, n_pos=20, n_neg=30).vi[0]
    many = review.effect_size("AUC", auc=0.8, n_pos=200, n_neg=300).vi[0]
    assert many == pytest.approx(few / 10, rel=0.05)


def test_logit_auc_uses_the_interval_on_its_own_scale():
    auc, low, high = 0.9, 0.82, 0.95
    got = review.effect_size("LOGITAUC", auc=auc, ci_low=low, ci_high=high)
    logit = np.log(low / (1 - low)), np.log(high / (1 - high))
    assert got.yi[0] == pytest.approx(np.log(9))
    assert np.sqrt(got.vi[0]) == pytest.approx((logit[1] - logit[0]) / (2 * Z))
    delta = review.effect_size("LOGITAUC", auc=auc, se=0.03)
    assert np.sqrt(delta.vi[0]) == pytest.approx(0.03 / 0.09)
    assert got.back_transformed()[0] == pytest.approx(auc)


@pytest.mark.parametrize("measure", ["AUC", "LOGITAUC"])
def test_an_interval_cut_at_one_is_read_from_its_other_half(measure):
    cut = review.effect_size(measure, auc=0.97, ci_low=0.93, ci_high=1.0)
    lower = 0.04 if measure == "AUC" else np.log(0.97 / 0.03) - np.log(0.93 / 0.07)
    assert np.sqrt(cut.vi[0]) == pytest.approx(lower / Z)
    assert cut.notes == ("interval cut at 0 or 1, so its other half was used: row 1",)


def test_levels_of_intervals():
    both = review.effect_size(
        "AUC", auc=[0.9, 0.9], ci_low=[0.85, 0.85], ci_high=[0.95, 0.95], level=[90, 0.9]
    )
    assert both.vi[0] == pytest.approx((0.05 / 1.6448536269514722) ** 2)
    assert both.vi[1] == pytest.approx(both.vi[0], rel=1e-12)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"auc": 0.9, "ci_low": 0.92, "ci_high": 0.95}, "ci_low must not exceed auc"),
        ({"auc": 0.9, "ci_low": 0.8, "ci_high": 0.85}, "ci_high must not be below auc"),
        ({"auc": 0.9, "ci_low": 0.9, "ci_high": 0.9}, "ci_low must differ from ci_high"),
        ({"auc": 0.9, "se": -0.1}, "se must be 0 or more"),
        ({"auc": 0.9, "n_pos": 0, "n_neg": 5}, "n_pos must be above 0"),
        ({"auc": 0.9, "ci_low": 0.8, "ci_high": 0.95, "level": 120}, "level must be a per cent"),
    ],
)
def test_impossible_areas(columns, words):
    with pytest.raises(StatsError, match=words):
        review.effect_size("AUC", **columns)


def test_half_an_interval_is_no_interval():
    with pytest.raises(InputError, match=r"is missing .*it needs auc with se"):
        review.effect_size("AUC", auc=0.9, ci_low=0.8)
    with pytest.raises(InputError, match="cannot use ci_low without"):
        review.effect_size("AUC", auc=0.9, se=0.1, ci_low=0.8)


@pytest.mark.parametrize(
    ("scale", "like", "transf"),
    [
        (None, "PLO", "expit"), ("logit", "PLO", "expit"), ("raw", "PR", "identity"),
        ("log", "PLN", "exp"), ("arcsine", "PAS", "iarcsin"), ("FT", "PFT", "ipft_hm"),
    ],
)  # fmt: skip
def test_accuracy_is_a_proportion(scale, like, transf):
    x, n = [45, 20, 60, 0], [50, 20, 80, 9]
    want = review.effect_size(like, xi=x, ni=n)
    got = review.effect_size("ACC", xi=x, ni=n, scale=scale)
    np.testing.assert_array_equal(got.yi, want.yi)
    np.testing.assert_array_equal(got.vi, want.vi)
    assert got.transf == transf
    assert got.settings["scale"] == (scale or "logit")
    values = review.effect_size("ACC", value=[0.9, 1, 0.75, 0], ni=n, scale=scale)
    np.testing.assert_allclose(values.yi, want.yi, rtol=1e-12)


def test_confusion_table():
    cells = {"tp": 40, "fp": 5, "fn": 10, "tn": 45}
    pairs = {"ACC": (85, 100), "SENS": (40, 50), "SPEC": (45, 50)}
    for measure, (x, n) in pairs.items():
        allowed = review.MEASURES[measure].family.allowed
        got = review.effect_size(measure, **{c: v for c, v in cells.items() if c in allowed})
        want = review.effect_size("PLO", xi=x, ni=n)
        assert (got.yi[0], got.vi[0]) == (want.yi[0], want.vi[0])
        assert got.ni[0] == n


def test_a_printed_value_is_used_as_it_stands():
    """0.953 of 60 is no whole number of images; it is not rounded to one."""
    got = review.effect_size("ACC", value=0.953, ni=60)
    assert got.yi[0] == pytest.approx(np.log(0.953 / 0.047))
    assert got.vi[0] == pytest.approx(1 / (60 * 0.953 * 0.047))


def test_unknown_scale():
    with pytest.raises(UnknownNameError, match="unknown scale 'Logit'; did you mean 'logit'"):
        review.effect_size("ACC", xi=5, ni=9, scale="Logit")

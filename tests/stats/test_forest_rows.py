"""Rows of forest plots against the models they come from, and how numbers are shown."""

from __future__ import annotations

import numpy as np
import pytest

from review import effect_size, meta_analysis
from review.stats.pooling.subgroups import subgroup_analysis
from review.stats.presentation.effect_display import (
    back,
    back_pooled,
    digits_for,
    interval_text,
    shown_transf,
)
from review.stats.presentation.forest_rows import (
    ForestRow,
    forest_rows,
    study_rows,
    subgroup_rows,
    total_rows,
)

# BCG vaccine trials (Colditz et al. 1994, JAMA 271:698)
BCG = {
    "ai": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "bi": [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    "ci": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "di": [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
}
ALLOCATION = ["r", "r", "r", "r", "a", "a", "r", "r", "r", "s", "s", "s", "s"]
Z = 1.959963984540054


@pytest.fixture(name="bcg")
def _bcg():
    return meta_analysis(effect_size("RR", **BCG), test="z")


def test_published_result_of_the_bcg_trials(bcg):
    # Viechtbauer 2010 (J Stat Softw 36(3)), section 3.2: 0.4894 [0.3441, 0.6962]
    total = next(r for r in forest_rows(bcg) if r.kind == "total")
    assert [round(x, 4) for x in (total.estimate, total.ci_lb, total.ci_ub)] == [
        0.4894, 0.3441, 0.6962,
    ]  # fmt: skip
    assert interval_text(total) == "0.49 [0.34, 0.70]"


def test_study_rows_are_wald_intervals_on_the_scale_of_the_outcome(bcg):
    for row, y, v in zip(study_rows(bcg), bcg.yi, bcg.vi, strict=True):
        assert row.estimate == pytest.approx(np.exp(y), rel=1e-14)
        assert row.ci_lb == pytest.approx(np.exp(y - Z * v**0.5), rel=1e-14)
        assert row.ci_ub == pytest.approx(np.exp(y + Z * v**0.5), rel=1e-14)
    assert sum(r.weight for r in study_rows(bcg)) == pytest.approx(100)


def test_prediction_interval_is_that_of_predict(bcg):
    row = next(r for r in forest_rows(bcg) if r.kind == "prediction")
    wide = Z * (bcg.se[0] ** 2 + bcg.tau2) ** 0.5
    assert row.ci_lb == pytest.approx(np.exp(bcg.beta[0] - wide), rel=1e-13)
    assert row.ci_ub == pytest.approx(np.exp(bcg.beta[0] + wide), rel=1e-13)


def test_scale_of_the_analysis_on_request(bcg):
    rows = forest_rows(bcg, "identity")
    assert [r.estimate for r in rows[:13]] == bcg.yi.tolist()
    assert rows[13].estimate == bcg.beta[0]


def test_a_falling_function_swaps_the_limits(bcg):
    for row in forest_rows(bcg, lambda x: -x):
        assert row.ci_lb <= row.estimate <= row.ci_ub


@pytest.mark.parametrize(
    ("fit", "kinds"),
    [
        ({"method": "EE"}, ["study", "study", "total"]),
        ({}, ["study", "study", "total"]),
        ({"tau2": 0.1}, ["study", "study", "total", "prediction"]),
        ({"mods": [0.0, 1.0], "method": "EE"}, ["study", "study"]),
    ],
)
def test_which_rows_there_are(fit, kinds):
    assert [r.kind for r in forest_rows(meta_analysis([0.1, 0.4], [0.1, 0.2], **fit))] == kinds


def test_one_study_has_no_prediction_interval():
    rows = forest_rows(meta_analysis([0.4], [0.04]))
    assert [r.kind for r in rows] == ["study", "total"]
    assert (rows[0].estimate, rows[0].ci_lb, rows[0].ci_ub) == pytest.approx(
        (rows[1].estimate, rows[1].ci_lb, rows[1].ci_ub)
    )


def test_rows_left_out_keep_the_places_of_the_others():
    fit = meta_analysis([0.1, np.nan, 0.4], [0.1, 0.2, 0.1], slab=["a", "b", "c"])
    rows = [r for r in forest_rows(fit) if r.kind == "study"]
    assert [(r.label, r.row) for r in rows] == [("a", 0), ("c", 2)]
    assert [r.to_dict()["row"] for r in rows] == [1, 3]  # tables count from 1


def test_double_arcsine_of_a_study_comes_back_as_its_own_proportion():
    x, n = [0, 3, 10, 7, 30], [20, 25, 12, 40, 31]
    fit = meta_analysis(effect_size("PFT", xi=x, ni=n))
    shown = [r.estimate for r in study_rows(fit)]
    assert shown == pytest.approx([a / b for a, b in zip(x, n, strict=True)], abs=1e-12)
    # the average goes back by the harmonic mean of the sizes (Miller 1978)
    total = total_rows(fit)[0].estimate
    assert total == pytest.approx(fit.predict(transf="ipft_hm").pred[0], rel=1e-14)


def test_without_study_sizes_the_double_arcsine_stays_as_it_is():
    fit = meta_analysis([0.5, 0.9], [0.01, 0.02], measure="PFT")
    assert shown_transf(fit) == "identity"
    assert total_rows(fit)[0].estimate == fit.beta[0]


def test_subgroups_show_their_own_models_and_the_weights_of_the_whole(bcg):
    found = subgroup_analysis(effect_size("RR", **BCG), by=ALLOCATION, test="z")
    rows = subgroup_rows(list(found.fits.items()), found.overall)
    assert [r.label for r in rows if r.kind == "heading"] == ["r", "a", "s"]
    for name in "ras":
        keep = [i for i, a in enumerate(ALLOCATION) if a == name]
        alone = meta_analysis(bcg.yi[keep], bcg.vi[keep], test="z")
        subtotal = next(r for r in rows if r.kind == "subtotal" and r.group == name)
        assert subtotal.estimate == pytest.approx(np.exp(alone.beta[0]), rel=1e-10)
        assert subtotal.ci_ub == pytest.approx(np.exp(alone.ci_ub[0]), rel=1e-10)
        assert [r.row for r in rows if r.kind == "study" and r.group == name] == keep
    assert sum(r.weight for r in rows if r.kind == "study") == pytest.approx(100)
    assert [r.kind for r in rows[-2:]] == ["total", "prediction"]


def test_back_of_pooled_and_of_own_values_differ_only_where_sizes_count(bcg):
    assert back(bcg, bcg.yi) == pytest.approx(back_pooled(bcg, bcg.yi))


def _rows(estimate, half, k=3):
    study = ForestRow("study", "s", estimate, estimate - 3 * half, estimate + 3 * half)
    total = ForestRow("total", "t", estimate, estimate - half, estimate + half)
    return [*([study] * k), total]


@pytest.mark.parametrize(
    ("half", "digits"),
    [(250, 0), (25, 1), (2.5, 2), (0.25, 2), (0.025, 3), (0.0025, 4), (2.5e-7, 8), (2.5e-12, 8)],
)
def test_digits_follow_the_interval(half, digits):
    assert digits_for(_rows(1.0, half)) == digits


def test_digits_ignore_one_wide_interval_and_none():
    wide = ForestRow("study", "w", 1.0, -1e6, 1e6)
    assert digits_for([*_rows(1.0, 0.25, k=5), wide]) == 2
    assert digits_for([]) == 2
    assert digits_for([ForestRow("study", "a", 1.0, 1.0, 1.0)]) == 2


def test_interval_texts():
    assert interval_text(ForestRow("heading", "a")) == ""
    assert interval_text(ForestRow("prediction", "a", 0.5, 0.1, 0.9)) == "[0.10, 0.90]"

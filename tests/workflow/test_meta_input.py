"""What enters a meta-analysis from a review: which results, with which numbers, and why not."""

from __future__ import annotations

import csv
import math

import pytest

from review.errors import InputError, UnknownNameError
from review.project import open_review
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import beside_forest, column_of, from_review


@pytest.fixture(name="kim", scope="module")
def _kim():
    return open_review("kim2022")


def _rows(kim_copy, **changes):
    """Rewrite results.csv of a copy: the rows that `changes` gives, by study_id."""
    path = kim_copy / "results.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    columns = [*header, "se", "stat", "pval", "tp", "fp", "fn", "tn", "ci_level"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, dict.fromkeys(columns), restval="")
        writer.writeheader()
        writer.writerows({"study_id": i, "role": "headline"} | row for i, row in changes.items())
    return open_review(str(kim_copy))


def test_every_usable_headline_result_enters_and_the_others_say_why(kim):
    for outcome in ("auc", "accuracy", "sensitivity", "specificity"):
        rows = from_review(kim, outcome)
        headline = [r for r in kim.results if r.metric == outcome and r.role == "headline"]
        assert len(rows.labels) + len(rows.left_out) == len(headline)
        assert all(reason for _, reason in rows.left_out)
        assert len(set(rows.labels)) == len(rows.labels)
        assert all(len(c) == len(rows.labels) for c in rows.data.values())
        assert len(rows.links) == len(rows.labels)


def test_study_names_that_occur_twice_are_told_apart(kim):
    labels = from_review(kim, "auc").labels
    assert {"Zhu 2019a", "Zhu 2019c"} <= set(labels)
    assert len(set(labels)) == len(labels)


def test_comparisons_are_marked_as_dependent(kim):
    rows = from_review(kim, "accuracy", role=None)
    assert any("more than one result" in note for note in rows.notes)
    assert not from_review(kim, "accuracy").notes


@pytest.mark.parametrize(
    ("outcome", "measure", "said"),
    [
        ("auc", "RR", "no measure of auc; possible are AUC, LOGITAUC"),
        ("auc", "PLO", "no measure of auc"),
        ("accuracy", "SENS", "no measure of accuracy; possible are ACC"),
        ("sensitivity", "LOGITAUC", "no measure of sensitivity"),
    ],
)
def test_a_measure_of_something_else_is_refused(kim, outcome, measure, said):
    with pytest.raises(InputError, match=said):
        from_review(kim, outcome, measure=measure)


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        ({"outcome": "aucc"}, "auc"),
        ({"outcome": "auc", "measure": "LOGITAUK"}, "LOGITAUC"),
        ({"outcome": "auc", "role": "headlin"}, "headline"),
    ],
)
def test_wrong_names_get_a_suggestion(kim, arguments, suggestion):
    with pytest.raises(UnknownNameError, match=f"did you mean '{suggestion}'"):
        from_review(kim, **arguments)


def test_columns_for_the_forest_plot(kim):
    rows = beside_forest(from_review(kim, "auc"), ["year,n_test"], ["modality"])
    assert list(rows.shown) == ["year", "n_test"]
    assert list(rows.risk_of_bias) == ["modality"]
    assert column_of(rows, "year", "x") == rows.shown["year"]
    with pytest.raises(UnknownNameError, match="to show; did you mean 'year'"):
        beside_forest(rows, ["yeer"])


def _ids(review, n):
    return [s.study_id for s in review.studies[:n]]


def test_counts_of_the_confusion_table_and_rounded_shares(kim_copy, kim):
    a, b, c, d = _ids(kim, 4)
    table = {"tp": "8", "fp": "3", "fn": "2", "tn": "27"}
    review = _rows(
        kim_copy,
        **{
            a: {"metric": "sensitivity", **table},
            b: {"metric": "sensitivity", "value": "0.75", "n_pos": "10"},
            c: {"metric": "sensitivity", "value": "0.75"},
            d: {"metric": "sensitivity", "n_pos": "10"},
        },
    )
    rows = from_review(review, "sensitivity")
    assert rows.columns == {"value": [0.8, 0.75], "ni": [10.0, 10.0]}
    assert [why.split(":")[0] for _, why in rows.left_out] == ["no n_pos", "no value"]
    rounded = from_review(review, "sensitivity", measure="PLO")
    assert rounded.columns["xi"] == [8.0, 8.0]
    assert "rounded" in rounded.notes[0]


def test_other_shares_need_their_own_denominator(kim_copy, kim):
    a, b = _ids(kim, 2)
    review = _rows(
        kim_copy,
        **{
            a: {"metric": "ppv", "tp": "8", "fp": "2"},
            b: {"metric": "ppv", "value": "0.9", "n_test": "100"},
        },
    )
    rows = from_review(review, "ppv")
    assert rows.columns == {"xi": [8.0], "ni": [10.0]}
    assert rows.left_out[0][1].startswith("no tp and fp")


def test_other_metrics_are_pooled_with_their_standard_errors(kim_copy, kim):
    a, b, c = _ids(kim, 3)
    review = _rows(
        kim_copy,
        **{
            a: {"metric": "dice", "value": "0.80", "se": "0.02"},
            b: {"metric": "dice", "value": "0.90", "ci_low": "0.80", "ci_high": "1.00"},
            c: {"metric": "dice", "value": "0.85"},
        },
    )
    rows = from_review(review, "dice")
    assert rows.measure is None
    assert rows.columns["yi"] == [0.8, 0.9]
    assert rows.columns["sei"] == pytest.approx([0.02, 0.1 / 1.959963984540054])
    assert len(rows.left_out) == 1


def test_nothing_usable_is_an_error_that_says_why(kim_copy, kim):
    review = _rows(kim_copy, **{_ids(kim, 1)[0]: {"metric": "auc", "value": "0.9"}})
    with pytest.raises(InputError, match=r"none of the 1 results on auc of .* has what LOGITAUC"):
        from_review(review, "auc")


def test_areas_use_the_first_that_is_stated(kim_copy, kim):
    a, b, c = _ids(kim, 3)
    review = _rows(
        kim_copy,
        **{
            a: {"metric": "auc", "value": "0.9", "se": "0.02", "ci_low": "0.8", "ci_high": "1"},
            b: {"metric": "auc", "value": "0.8", "ci_low": "0.7", "ci_high": "0.9",
                "ci_level": "90", "n_pos": "20", "n_neg": "30"},
            c: {"metric": "auc", "value": "0.7", "n_pos": "20", "n_neg": "30"},
        },
    )  # fmt: skip
    columns = from_review(review, "auc").columns
    stated = [{n for n, c in columns.items() if not math.isnan(c[i])} for i in range(3)]
    assert stated == [{"auc", "se"}, {"auc", "ci_low", "ci_high", "level"},
                      {"auc", "n_pos", "n_neg"}]  # fmt: skip
    assert columns["level"][1] == 90


def test_risk_of_bias_of_the_review_stands_beside_the_studies(kim_copy, kim):
    ids = [r.study_id for r in kim.results if r.metric == "auc" and r.n_pos and r.n_neg]
    text = "study_id,tool,domain,judgement\n"
    text += f"{ids[0]},QUADAS-2,patient_selection,high\n"
    (kim_copy / "risk_of_bias.csv").write_text(text, encoding="utf-8")
    rows = from_review(open_review(str(kim_copy)), "auc")
    assert ["high"] in [[w for w in words if w] for words in rows.risk_of_bias.values()]


def test_metrics_that_name_a_measure_are_pooled_on_its_scale(kim_copy, kim):
    """Two hazard ratios of 0.50 (0.25-1.00), two of 2.00 (1.00-4.00): 1.00, 0.28 to 3.57."""
    ids = _ids(kim, 4)
    values = [("0.50", "0.25", "1.00")] * 2 + [("2.00", "1.00", "4.00")] * 2
    review = _rows(
        kim_copy,
        **{
            i: {"metric": "hazard_ratio", "value": v, "ci_low": lo, "ci_high": hi}
            for i, (v, lo, hi) in zip(ids, values, strict=True)
        },
    )
    rows = from_review(review, "hazard_ratio")
    assert rows.measure == "HR"
    shown = run_meta(rows).result.predict(transf="exp")
    assert shown.pred[0] == pytest.approx(1.0, abs=1e-9)
    assert (round(shown.ci_lb[0], 2), round(shown.ci_ub[0], 2)) == (0.28, 3.57)
    with pytest.raises(InputError, match="OR is no measure of hazard_ratio; possible are HR"):
        from_review(review, "hazard_ratio", measure="OR")


def test_estimates_with_a_p_value_or_a_statistic(kim_copy, kim):
    a, b, c, d = _ids(kim, 4)
    review = _rows(
        kim_copy,
        **{
            a: {"metric": "odds_ratio", "value": "2.0", "pval": "0.05"},
            b: {"metric": "odds_ratio", "value": "2.0", "stat": "1.959963984540054"},
            c: {"metric": "odds_ratio", "value": "2.0"},
            d: {"metric": "odds_ratio", "value": "2.0", "se": "0.3"},
        },
    )
    rows = from_review(review, "odds_ratio")
    assert rows.left_out[0][1].startswith("no standard error")
    effects = run_meta(rows).effects
    assert effects.vi[0] == pytest.approx(effects.vi[1], rel=1e-9)
    assert effects.vi[2] == pytest.approx(0.09)


def test_a_value_that_its_own_table_contradicts_is_named(kim_copy, kim):
    review = _rows(
        kim_copy,
        **{_ids(kim, 1)[0]: {"metric": "sensitivity", "value": "0.485", "tp": "120", "fn": "22"}},
    )
    notes = from_review(review, "sensitivity").notes
    assert any("0.485, but TP 120, FN 22 give 0.845" in note for note in notes)

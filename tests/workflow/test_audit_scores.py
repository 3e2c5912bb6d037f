"""Scores of one classifier together: found impossible by search, and nobody accused falsely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.stats.consistency.score_tables import (
    SCORES,
    nearest_values,
    tables_of_unknown_classes,
    tables_with,
)
from review.workflow.audit.claim import FAILED, Verdict
from review.workflow.audit.csv_rows import audit_csv, audit_rows


def value(name, tp, tn, p, n):
    with np.errstate(all="ignore"):
        return float(SCORES[name](np.float64(tp), np.float64(tn), float(p), float(n)))


def all_tables(ranges, p, n):
    """Try every table, as a second method."""
    found = []
    for tp in range(p + 1):
        for tn in range(n + 1):
            values = {name: value(name, tp, tn, p, n) for name in ranges}
            if all(a - 1e-9 <= values[m] <= b + 1e-9 for m, (a, b) in ranges.items()):
                found.append((tp, tn))
    return found


@st.composite
def printed_sets(draw):
    p, n = draw(st.integers(1, 18)), draw(st.integers(1, 18))
    tp, tn = draw(st.integers(0, p)), draw(st.integers(0, n))
    names = draw(st.lists(st.sampled_from(sorted(SCORES)), min_size=1, max_size=4, unique=True))
    ranges = {}
    for name in names:
        exact = value(name, tp, tn, p, n)
        if np.isfinite(exact):
            shown = round(exact + draw(st.sampled_from([0, 0, 0.02, -0.02])), 2)
            ranges[name] = (shown - 0.005, shown + 0.005)
    return ranges, p, n


@given(printed_sets())
def test_the_search_finds_exactly_the_tables_that_trying_all_finds(drawn):
    ranges, p, n = drawn
    expected = all_tables(ranges, p, n)
    found = tables_with(ranges, p, n)
    assert found.count == len(expected)
    if expected:
        assert (found.tp, found.tn) in expected


@given(printed_sets())
def test_the_nearest_values_are_those_of_tables_that_give_the_other_scores(drawn):
    ranges, p, n = drawn
    name = next(iter(ranges), None)
    if name is None or tables_with(ranges, p, n).count:
        return
    others = {m: ends for m, ends in ranges.items() if m != name}
    possible = [value(name, tp, tn, p, n) for tp, tn in all_tables(others, p, n)]
    possible = [v for v in possible if np.isfinite(v)]
    under = [v for v in possible if v < ranges[name][0]]
    over = [v for v in possible if v > ranges[name][1]]
    expected = [f(v) for f, v in ((max, under), (min, over)) if v]
    assert nearest_values(ranges, name, p, n) == pytest.approx(expected)


def test_unknown_classes_are_searched_over_all_sizes():
    ranges = {"f1": (0.895, 0.905), "mcc": (0.795, 0.805)}
    some = any(all_tables(ranges, p, 30 - p) for p in range(1, 30))
    assert bool(tables_of_unknown_classes(ranges, 30).count) == some


def scores_of(row):
    return [c for c in audit_rows([row]).claims if c.check == "scores"]


IMPOSSIBLE = [
    {"accuracy": "0.90", "f1": "0.95", "n_pos": 50, "n_neg": 50},
    {"accuracy": "0.95", "mcc": "0.60", "n_pos": 100, "n_neg": 100},
    {"precision": "0.80", "sensitivity": "0.90", "f1": "0.90", "n_pos": 100, "n_neg": 400},
    {"accuracy": "0.90", "kappa": "0.95", "n_pos": 40, "n_neg": 60},
    {"balanced_accuracy": "0.95", "accuracy": "0.80", "n_pos": 50, "n_neg": 50},
    {"iou": "0.90", "dice": "0.90", "n_pos": 200, "n_neg": 200},
    {"sensitivity": "0.90", "specificity": "0.90", "lr_pos": "5.0", "n_pos": 100, "n_neg": 100},
    {"sensitivity": "0.90", "specificity": "0.90", "lr_neg": "0.30", "n_pos": 100, "n_neg": 100},
    {"npv": "0.99", "accuracy": "0.60", "sensitivity": "0.50", "n_pos": 50, "n_neg": 50},
    {"accuracy": "0.90", "mcc": "0.90", "n": 100},
]


@pytest.mark.parametrize("row", IMPOSSIBLE)
def test_sets_that_no_table_gives_are_found(row):
    """Each pair contradicts by a formula: dice = 2 iou / (1 + iou), LR+ = sens / (1 - spec), ..."""
    verdicts = [c.verdict for c in scores_of(row)]
    assert verdicts == [Verdict.IMPOSSIBLE]


def test_what_the_other_scores_allow_is_said():
    claim = scores_of(IMPOSSIBLE[0])[0]
    assert "accuracy would be 0.95" in claim.computation


@pytest.mark.parametrize("digits", [2, 3])
def test_simulated_tables_are_never_accused(digits):
    """Rounded, cut off and averaged over stratified folds: consistent sets of 400 test sets."""
    rng = np.random.default_rng(20220413 + digits)
    names = sorted(set(SCORES) - {"lr_pos", "lr_neg"})
    for _ in range(400):
        p, n = (int(x) for x in rng.integers(5, 400, 2))
        tp, tn = int(rng.binomial(p, 0.85)), int(rng.binomial(n, 0.9))
        chosen = rng.choice(names, int(rng.integers(2, 6)), replace=False)
        row = {"n_pos": p, "n_neg": n}
        cut = rng.random() < 0.3
        for name in chosen:
            exact = value(str(name), tp, tn, p, n)
            if np.isfinite(exact) and exact >= 0:
                shown = np.floor(exact * 10**digits + 1e-9) / 10**digits if cut else exact
                row[str(name)] = f"{shown:.{digits}f}"
        accused = [c for c in audit_rows([row]).claims if c.failed]
        assert not accused, (row, tp, tn, accused)


def test_means_over_folds_are_never_accused_as_one_table():
    rng = np.random.default_rng(7)
    names = ("accuracy", "sensitivity", "specificity", "balanced_accuracy", "f1", "precision")
    for _ in range(200):
        folds = int(rng.integers(3, 11))
        p, n = (int(x) for x in rng.integers(folds * 2, 300, 2))
        sizes = [
            (p // folds + (i < p % folds), n // folds + (folds - 1 - i < n % folds))
            for i in range(folds)
        ]
        values = {name: [] for name in names}
        for a, b in sizes:
            tp, tn = int(rng.binomial(a, 0.85)), int(rng.binomial(b, 0.9))
            for name in names:
                values[name].append(value(name, tp, tn, a, b))
        row = {"n_pos": p, "n_neg": n, "folds": folds}
        row |= {m: f"{np.mean(v):.3f}" for m, v in values.items() if np.isfinite(v).all()}
        assert not [c for c in audit_rows([row]).claims if c.failed], row


def test_a_note_does_not_excuse_what_no_folds_can_give():
    row = {"accuracy": "0.70", "sensitivity": "0.94", "specificity": "0.92", "n_pos": 50,
           "n_neg": 50, "note": "5-fold cross-validation"}  # fmt: skip
    assert [c.verdict for c in scores_of(row)] == [Verdict.INCONSISTENT]
    mean = {"balanced_accuracy": "0.80", "sensitivity": "0.94", "specificity": "0.92",
            "note": "mean over folds"}  # fmt: skip
    assert [c.verdict for c in scores_of(mean)] == [Verdict.INCONSISTENT]


@pytest.mark.parametrize("note", ["Scaffold images", "meaning of the test", "prunes", "unfolded"])
def test_words_that_only_look_like_averages_excuse_nothing(note):
    assert scores_of(IMPOSSIBLE[0] | {"note": note})[0].verdict is Verdict.IMPOSSIBLE


@pytest.mark.parametrize("note", ["10-fold CV", "averaged over 5 runs", "macro average", "LOOCV"])
def test_averages_are_not_accused_as_one_table(note):
    assert not [c for c in scores_of(IMPOSSIBLE[0] | {"note": note}) if c.verdict in FAILED]


def test_an_area_is_bounded_by_a_point_of_its_curve():
    row = {"auc": "0.70", "sensitivity": "0.95", "specificity": "0.92"}
    assert [c.verdict for c in scores_of(row)] == [Verdict.INCONSISTENT]
    assert [c.verdict for c in scores_of(row | {"auc": "0.96"})] == [Verdict.CONSISTENT]


def test_scores_of_a_stated_table_are_recomputed():
    row = {"tp": 45, "fp": 5, "fn": 5, "tn": 45, "mcc": "0.80", "kappa": "0.81", "lr_pos": "9.0"}
    verdicts = {c.claim.split()[0]: c.verdict for c in audit_rows([row]).claims}
    assert verdicts["MCC"] is Verdict.CONFIRMED  # (45 * 45 - 5 * 5) / 50^2
    assert verdicts["kappa"] is Verdict.INCONSISTENT  # 0.9 - 0.5 over 0.5
    assert verdicts["LR+"] is Verdict.CONFIRMED


@pytest.mark.parametrize(("name", "text"), [("mcc", "1.3"), ("kappa", "-1.2"), ("lr_pos", "-2")])
def test_scores_beyond_their_limits(name, text):
    verdicts = [c.verdict for c in audit_rows([{name: text}]).claims]
    assert verdicts == [Verdict.IMPOSSIBLE]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"accuracy": "0.935"}, "n = 100"),
        ({"accuracy": "0.93", "accuracy_ci_low": "0.92", "accuracy_ci_high": "0.94"}, "n = 100"),
        ({"mcc": "0.999", "kappa": "0.1"}, "50 positives and 50 negatives"),
    ],
)
def test_two_classes_are_a_test_set(row, said):
    """Where only the sizes of the classes are stated, n is their sum in every check."""
    claims = audit_rows([{"n_pos": 50, "n_neg": 50, **row}]).claims
    assert any(c.failed and said in c.claim + c.computation for c in claims)


@pytest.mark.parametrize(("accuracy", "failed"), [("0.87", 0), ("0.85", 1), ("0.93", 0)])
def test_means_over_unknown_folds_have_their_bounds(accuracy, failed):
    """1 - accuracy of a fold is at most (1 - sensitivity) + (1 - specificity): 0.86 or more."""
    row = {"accuracy": accuracy, "sensitivity": "0.940", "specificity": "0.920", "n_classes": 2}
    report = audit_rows([row | {"averaged_over": "folds"}])
    assert len(report.failed) == failed


def test_a_row_of_scores_in_per_cent_is_read_as_shares(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text(
        "label,tp,fp,fn,tn,sensitivity,specificity,accuracy,ppv,npv\na,25,1,8,25,76,96,85,96,76\n"
        "b,25,1,8,25,0.76,96,0.85,0.96,0.76\n"
    )
    claims = audit_csv(path).claims
    assert not [c for c in claims if c.failed and "(a)" in str(c)]
    assert any(c.failed for c in claims if "(b)" in str(c))

"""One table of metrics: every spelling means one thing, and unknown ones are said."""

from __future__ import annotations

import pytest

from review import effect_size
from review.errors import InputError, StatsError, UnknownNameError
from review.project import open_review
from review.project.folder_check import check_review
from review.report.results import Results
from review.schema import Variable, metrics
from review.workflow.audit import audit_review, audit_rows
from review.workflow.pooling.meta_run import default_runs
from review.workflow.pooling.pooled_rows import from_review
from review.workflow.pooling.reported import reported_results

RESULTS = "study_id,role,model,metric,value,ci_low,ci_high,n_test,n_pos,n_neg,tp,fp,fn,tn\n"


@pytest.fixture(name="review_with")
def _review_with(new_review):
    """A review with a codebook of numbers, studies a to d, and results."""

    def make(*, columns=(), studies="", results=(), roles=()):
        book = "".join(
            f'[[variable]]\nname = "{name}"\ntype = "number"\nunit = "{unit}"\n'
            for name, unit in columns
        )
        (new_review / "codebook.toml").write_text(book)
        settings = 'title = "T"\n[roles]\nmetrics = [' + ", ".join(f'"{r}"' for r in roles) + "]\n"
        (new_review / "review.toml").write_text(settings)
        (new_review / "studies.csv").write_text(studies or "study_id\na\nb\nc\nd\n")
        if results:
            lines = "".join(f"{row}\n" for row in results)
            (new_review / "results.csv").write_text(RESULTS + lines)
        return open_review(str(new_review))

    return make


def test_no_word_means_two_metrics():
    words = [(m.name, w) for m in metrics.METRICS for w in {m.name, m.label, *m.synonyms}]
    assert all(metrics.find_metric(word).name == name for name, word in words)
    assert all(metrics.find_metric(word.upper().replace(" ", "-")).name == n for n, word in words)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("acc", "accuracy"), ("Acc. (%)", "accuracy"), ("sens", "sensitivity"),
        ("SPEC", "specificity"), ("AUROC", "auc"), ("AUC-ROC", "auc"), ("C-statistic", "auc"),
        ("DSC", "dice"), ("F₁-score", "f1"), ("recall", "sensitivity"), ("PPV", "precision"),
    ],
)  # fmt: skip
def test_synonyms(word, name):
    assert metrics.find_metric(word).name == name


def test_a_percentage_is_known_by_unit_or_maximum():
    assert Variable(name="acc", type="number", unit="%").is_percent
    assert Variable(name="acc", type="number", maximum=100).is_percent
    assert not Variable(name="acc", type="number", maximum=1).is_percent
    assert not Variable(name="acc", type="text", unit="%").is_percent


def test_the_audit_understands_synonyms_and_names_what_it_does_not_know(review_with):
    review = review_with(
        columns=[("acc", ""), ("accuracy", ""), ("test_n", ""), ("hausdorff", "mm")],
        studies="study_id,acc,accuracy,test_n,hausdorff\na,0.905,,10,3\nb,,0.9,10,\n",
        results=["a,headline,,AUROC,91,,,,,,,,,", "b,headline,,MAEE,0.1,,,,,,,,,",
                 "a,headline,,sens,0.85,,,,10,,,,,"],
    )  # fmt: skip
    report = audit_review(review)
    said = [f"{c.verdict}: {c.claim} {c.note}" for c in report.claims]
    assert any("impossible: auc 91 lies between 0 and 1" in s and "0.91" in s for s in said)
    assert any("impossible: accuracy 0.905 is possible with n = 10" in s for s in said)
    assert any("consistent: accuracy 0.9 is possible with n = 10" in s for s in said)
    assert any("sensitivity 0.85 is possible with n = 10" in s for s in said)
    notes = "\n".join(report.notes)
    unknown = "1 number not checked: no check knows the metric 'MAEE'"
    assert f"results.csv, value (MAEE): {unknown}" in notes
    assert "studies.csv, hausdorff: 1 number not checked: no check knows the column" in notes
    assert "acc and accuracy both mean accuracy; acc is checked" in notes


def test_an_unknown_metric_in_a_csv_row_is_named():
    report = audit_rows([{"metric": "hausdorff", "value": "3.1", "n": "10"}])
    assert "no check knows the metric 'hausdorff'" in report.claims[0].note
    report = audit_rows([{"metric": "ppv", "value": "0.9", "tp": 9, "fp": 1}])
    assert report.claims[0].verdict == "confirmed"
    report = audit_rows([{"DSC": "0.9", "tp": 9, "fp": 1, "fn": 1}])
    assert (report.claims[0].verdict, report.claims[0].recomputed) == ("confirmed", "0.9")
    report = audit_rows([{"Jaccard": "0.82", "tp": 9, "fp": 1, "fn": 1}])
    assert report.claims[0].verdict == "confirmed"  # 9/11


def test_all_spellings_of_a_metric_are_pooled_together(review_with):
    review = review_with(
        results=[
            "a,headline,,AUROC,0.91,0.85,0.97,,,,,,,", "b,headline,,auc,0.88,0.80,0.96,,,,,,,",
            "c,headline,,roc-auc,0.93,0.90,0.96,,,,,,,", "d,headline,,MAE,0.2,,,,,,,,,",
        ],
    )  # fmt: skip
    for word in ("auc", "AUROC", "C-statistic"):
        rows = from_review(review, word)
        assert (rows.outcome, rows.measure, len(rows.labels)) == ("auc", "LOGITAUC", 3)
        assert "AUROC, auc and roc-auc all mean AUC and are analysed together" in rows.notes
    with pytest.raises(UnknownNameError, match="unknown outcome 'accuracy'"):
        from_review(review, "accuracy")
    assert [run.rows.outcome for run in default_runs(review)] == ["auc"]
    assert list(Results(review).meta) == ["auc", "MAE"]


def test_a_codebook_with_other_words_is_pooled_too(review_with):
    review = review_with(
        columns=[("acc", ""), ("sens", ""), ("n_test", ""), ("n_pos", "")],
        studies="study_id,acc,sens,n_test,n_pos\na,0.9,0.8,100,50\nb,0.8,0.9,100,50\n",
    )
    assert [(r.metric, r.study_id) for r in reported_results(review)] == [
        ("acc", "a"), ("acc", "b"), ("sens", "a"), ("sens", "b"),
    ]  # fmt: skip
    rows = from_review(review, "sensitivity")
    assert rows.columns == {"value": [0.8, 0.9], "ni": [50.0, 50.0]}
    assert rows.outcome == "sens"


def test_91_is_refused_with_the_proportion_that_is_meant(review_with):
    review = review_with(
        results=["a,headline,,AUC,91,85,97,,,,,,,", "b,headline,,f1,90.5,,,,,,,,,"]
    )
    with pytest.raises(InputError, match=r"a: the AUC 91 is not between 0 and 1.*write 0\.91"):
        from_review(review, "auc")
    with pytest.raises(InputError, match=r"write 0\.905"):
        from_review(review, "f1")
    with pytest.raises(StatsError, match=r"write 0\.91, not 91.*row 2"):
        effect_size("AUC", auc=[0.9, 91], se=[0.1, 0.1])
    with pytest.raises(StatsError, match=r"write 0\.8, not 80"):
        effect_size("SENS", value=[0.9, 80], ni=[10, 10])
    warned = [p for p in check_review(review).problems if "above 1" in p.message]
    assert [(p.line, p.suggestion, p.level) for p in warned] == [
        (2, "0.91", "warning"), (3, "0.905", "warning"),
    ]  # fmt: skip


def test_percentages_of_the_codebook_are_divided(review_with):
    review = review_with(
        columns=[("AUC".lower(), "%")],
        results=["a,headline,,auc,91,85,97,,,,,,,", "b,headline,,auc,88,80,96,,,,,,,"],
    )
    rows = from_review(review, "auc")
    assert rows.columns["auc"] == [0.91, 0.88]
    assert rows.columns["ci_low"] == [0.85, 0.80]
    assert "auc: coded in per cent, divided by 100" in rows.notes
    assert not [p for p in check_review(review).problems if "above 1" in p.message]

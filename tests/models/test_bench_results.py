"""The bench without torch: settings, averages, comparisons, figures."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from review.errors import InputError, UnknownNameError
from review.formats.rows import json_text
from review.models.bench_result import BenchResult, Epoch, Run, over_seeds
from review.models.bench_settings import BenchSettings, schedules
from review.plots.bench_figures import bench_artifact, notes
from review.plots.export import render
from review.plots.training import curves, stability


def settings(**more):
    given = {
        "images": Path("images"), "backbones": ("tiny",), "kinds": ("feature_extractor",),
        "schedules": ((1e-4, 20),),
    }  # fmt: skip
    return BenchSettings(**given | more)


def run(accuracies, *, rate=1e-4, seed=1, kind="feature_extractor", backbone="tiny", **more):
    curve = tuple(Epoch(i, 1 / i, a, 2 / i, a) for i, a in enumerate(accuracies, 1))
    return Run(
        backbone, kind, rate, len(accuracies), seed, "own", 10, 100, curve, 0.5, **more
    )  # fmt: skip


def result(*runs, **more):
    return BenchResult(settings(**more), ("no", "yes"), (8, 12), (2, 3), 0.6, (), runs)


def test_rates_and_epochs_go_together_in_pairs():
    # Druzhinina et al. (2021): 1e-4 for 20 epochs, 1e-5 for 40
    assert schedules("1e-4,1e-5", "20,40") == ((1e-4, 20), (1e-5, 40))
    assert schedules("1e-4", "20,40") == ((1e-4, 20), (1e-4, 40))
    assert schedules("1e-4, 1e-5", "20") == ((1e-4, 20), (1e-5, 20))
    assert len(schedules("1e-4,1e-5", "20,40", grid=True)) == 4
    assert schedules("1e-4,1e-4", "20") == ((1e-4, 20),)


@pytest.mark.parametrize(
    ("rates", "epochs", "message"),
    [
        ("1e-4,1e-5,1e-6", "20,40", "--lr has 3 values and --epochs 2"),
        ("fast", "20", "--lr: 'fast' is not a number"),
        ("1e-4", "20.5", "--epochs: '20.5' is not a whole number"),
        ("", "20", "is not a number"),
    ],
)
def test_bad_rates_and_epochs(rates, epochs, message):
    with pytest.raises(InputError, match=message):
        schedules(rates, epochs)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"schedules": ((0.0, 5),)}, "learning rate of 0.0 is not above 0"),
        ({"schedules": ((float("nan"), 5),)}, "not above 0"),
        ({"schedules": ((float("inf"), 5),)}, "not above 0"),
        ({"schedules": ((1e-3, 0),)}, "0 epochs"),
        ({"validation": 0.0}, "between 0 and 1"),
        ({"validation": 1.0}, "between 0 and 1"),
        ({"batch_size": 0}, "batch size = 0"),
        ({"unfreeze": 0}, "unfreeze = 0"),
        ({"image_size": 3}, "image size = 3"),
        ({"backbones": ()}, "no backbone was named"),
        ({"kinds": ()}, "no type was named"),
    ],
)
def test_bad_settings(more, message):
    with pytest.raises(InputError, match=message):
        settings(**more)


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="did you mean 'ResNet50'"):
        settings(backbones=("ResNet5O",))
    with pytest.raises(UnknownNameError, match="did you mean 'fine_tuning'"):
        settings(kinds=("fine_tunning",))
    with pytest.raises(UnknownNameError, match="did you mean 'svm'"):
        settings(classifier="svn")


def test_plan_has_a_hybrid_once_per_seed():
    plan = settings(
        kinds=("feature_extractor_hybrid", "fine_tuning"), seeds=(1, 2),
        schedules=((1e-4, 20), (1e-5, 40)), backbones=("tiny", "VGG19"),
    ).plan()  # fmt: skip
    assert len(plan) == 2 * (2 + 2 * 2)
    assert [p.setting for p in plan if p.backbone == "tiny" and p.seed == 1] == [
        "no epochs (classical classifier)", "learning rate 0.0001, 20 epochs",
        "learning rate 1e-05, 40 epochs",
    ]  # fmt: skip


def test_averages_over_the_epochs_by_hand():
    summary = run([0.5, 0.9, 0.7]).summary()
    assert summary["mean_val_accuracy"] == pytest.approx(0.7)
    assert summary["mean_val_loss"] == pytest.approx((2 + 1 + 2 / 3) / 3)
    assert summary["final_val_accuracy"] == 0.7
    assert (summary["best_val_accuracy"], summary["best_epoch"]) == (0.9, 2)
    assert summary["fluctuation_val_accuracy"] == pytest.approx((0.4 + 0.2) / 2)
    assert summary["fluctuation_val_loss"] == pytest.approx((1 + 1 / 3) / 2)


def test_one_epoch_has_no_fluctuation_and_none_has_no_average():
    assert run([0.5]).fluctuation("val_accuracy") is None
    stopped = run([], diverged=1)
    assert stopped.summary()["mean_val_accuracy"] is None
    assert stopped.summary()["best_epoch"] is None


def test_mean_and_deviation_over_seeds():
    (row,) = over_seeds([run([0.5, 0.7], seed=1), run([0.7, 0.9], seed=2)])
    assert row["seeds"] == 2
    assert row["final_val_accuracy"] == pytest.approx(0.8)
    assert row["final_val_accuracy_sd"] == pytest.approx(0.2 / 2**0.5)
    (one,) = over_seeds([run([0.5, 0.7])])
    assert one["final_val_accuracy_sd"] is None


def test_the_gentler_setting_is_compared_with_the_other():
    rough, gentle = run([0.4, 0.8], rate=1e-3), run([0.7, 0.8, 0.8], rate=1e-4)
    (found,) = result(rough, gentle).comparisons()
    assert found.gentler == gentle.setting
    assert found.accuracy == pytest.approx((0.7 + 0.8 + 0.8) / 3 - 0.6)
    assert found.fluctuation == pytest.approx(0.05 - 0.4)
    assert found.holds
    # a lower rate with fewer epochs is not the survey's setting
    assert result(run([0.4] * 5, rate=1e-3), run([0.7], rate=1e-4)).comparisons() == []
    # other networks are not compared with each other
    assert result(rough, run([0.7, 0.8, 0.8], rate=1e-4, backbone="VGG19")).comparisons() == []


def test_notes_say_what_a_reader_must_know():
    said = " ".join(notes(result(run([0.5, 0.6]), run([], seed=2, diverged=1))))
    assert "20 images to train, 5 to validate" in said
    assert "one validation image is 20 points" in said
    assert "most frequent class gives 60.0%" in said
    assert "random weights" in said
    assert "the loss was no number in epoch 1" in said


def test_the_page_holds_the_numbers_of_the_result():
    hybrid = dataclasses.replace(
        run([0.8]), kind="feature_extractor_hybrid", learning_rate=None, epochs=None,
        curve=(Epoch(1, None, 1.0, None, 0.8),),
    )  # fmt: skip
    found = result(run([0.5, 0.6]), run([0.5, 0.7, 0.7], rate=1e-5), hybrid)
    artifact = bench_artifact(found)
    assert len(artifact.panels[0].rows) == 2 + 3 + 1
    assert artifact.panels[0].statistics == found.to_dict()
    assert json.loads(json_text(found.to_dict()))["runs"][2]["mean_val_loss"] is None
    files = render(artifact, "csv") | render(artifact, "json") | render(artifact, "html")
    assert set(files) == {
        "figure-bench.html", "figure-bench.json", "figure-bencha.csv", "figure-benchc.csv",
    }  # fmt: skip


def test_curves_have_a_line_per_run_and_side():
    found = result(run([0.5, 0.6]), run([0.5, 0.7], seed=2), run([0.5, 0.7, 0.7], rate=1e-5))
    figure = curves(found, "accuracy", "t").to_dict()
    assert len(figure["data"]) == 6
    assert sum(bool(t["showlegend"]) for t in figure["data"]) == 2
    assert {t["xaxis"] for t in figure["data"]} == {"x", "x2"}
    marks = stability(found, "t").to_dict()["data"]
    assert sum(len(t["x"]) for t in marks if t["xaxis"] == "x") == 3


def test_hybrids_alone_have_no_curves():
    hybrid = dataclasses.replace(
        run([0.8]), kind="feature_extractor_hybrid", learning_rate=None, epochs=None
    )
    artifact = bench_artifact(result(hybrid))
    assert [p.letter for p in artifact.panels] == ["a", "c"]
    assert artifact.panels[0].figure is None
    render(artifact, "html")

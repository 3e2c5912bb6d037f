"""The bench from a folder of images to its files."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from review.errors import InputError
from review.models.bench_settings import BenchSettings

pytestmark = pytest.mark.torch


@pytest.fixture(name="images", scope="module")
def _images(tmp_path_factory):
    """Two classes of noise, one dark and one light, 12 images each, in sizes that differ."""
    image = pytest.importorskip("PIL.Image")
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for name, (low, high) in {"dark": (0, 110), "light": (140, 255)}.items():
        (folder / name).mkdir()
        for i in range(12):
            pixels = rng.integers(low, high, (20 + i, 30, 3), dtype=np.uint8)
            image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture(name="train")
def _train(ref, images):
    def run(folder=images, **more):
        given = {
            "backbones": ("tiny",), "kinds": ("fine_tuning_from_scratch",), "image_size": 16,
            "schedules": ((1e-2, 3),), "validation": 0.25,
        }  # fmt: skip
        return ref("bench", "bench")(BenchSettings(images=folder, **given | more))

    return run


def test_dark_is_told_from_light(train):
    result = train(schedules=((1e-2, 6),), kinds=("fine_tuning_from_scratch",))
    (run,) = result.runs
    assert result.classes == ("dark", "light")
    assert (result.train_n, result.val_n, result.baseline) == ((9, 9), (3, 3), 0.5)
    assert run.curve[-1].val_accuracy == 1
    assert run.curve[-1].train_loss < run.curve[0].train_loss


def test_the_four_types_run_and_a_hybrid_learns(train):
    result = train(
        kinds=("feature_extractor_hybrid", "feature_extractor", "fine_tuning",
               "fine_tuning_from_scratch"), schedules=((1e-3, 2),),
    )  # fmt: skip
    hybrid, extractor, tuned, scratch = result.runs
    assert hybrid.curve[0].val_accuracy == 1
    assert hybrid.curve[0].val_loss is None
    assert [r.trainable for r in (hybrid, extractor, tuned, scratch)] == [0, 66, 4738, 6154]
    assert all(len(r.curve) == 2 for r in (extractor, tuned, scratch))


@pytest.mark.parametrize("classifier", ["logistic", "random_forest"])
def test_other_classifiers(train, classifier):
    result = train(kinds=("feature_extractor_hybrid",), classifier=classifier)
    assert result.runs[0].curve[0].val_accuracy >= 0.5


def test_the_same_seed_gives_the_same_numbers_and_another_does_not(train):
    first, again, other = (train(seeds=(s,)).runs[0].curve for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_batches_never_leave_a_single_image(ref):
    parts = ref("training", "_parts")
    assert [len(p) for p in parts(np.arange(17), 8)] == [8, 9]
    assert [len(p) for p in parts(np.arange(16), 8)] == [8, 8]
    assert [len(p) for p in parts(np.arange(3), 8)] == [3]
    assert [len(p) for p in parts(np.arange(3), 1)] == [1, 1, 1]
    assert [len(p) for p in parts(np.arange(1), 8)] == [1]


def test_the_split_holds_out_each_class(ref, images):
    folder = ref("images", "read_folder")(images)
    for share in (0.01, 0.25, 0.99):
        training, validation = folder.split(share, 7)
        assert sorted([*training, *validation]) == list(range(24))
        for side in (training, validation):
            assert set(folder.labels[side]) == {0, 1}
    assert np.array_equal(folder.split(0.25, 3)[1], folder.split(0.25, 3)[1])


def test_a_split_of_ones_own_is_kept(ref, images, tmp_path, train):
    import shutil

    shutil.copytree(images, tmp_path / "train")
    for name in ("dark", "light"):
        (tmp_path / "val" / name).mkdir(parents=True)
        shutil.copy(images / name / "0.png", tmp_path / "val" / name)
    result = train(tmp_path)
    assert (result.train_n, result.val_n) == ((12, 12), (1, 1))
    shutil.rmtree(tmp_path / "val" / "dark")
    with pytest.raises(InputError, match="one class folder"):
        train(tmp_path)
    (tmp_path / "val" / "grey").mkdir()
    shutil.copy(images / "dark" / "0.png", tmp_path / "val" / "grey")
    with pytest.raises(InputError, match="must be the same"):
        train(tmp_path)


def test_sixteen_bit_and_grey_images_are_stretched_not_cut(ref, tmp_path):
    from PIL import Image

    values = np.linspace(1000, 60_000, 64).reshape(8, 8).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "scan.png")
    found = ref("images", "load")([tmp_path / "scan.png"], 8, 3)
    assert found.shape == (1, 3, 8, 8)
    assert (found.min(), found.max()) == (0, 255)
    assert np.all(np.diff(found[0, 0].astype(int), axis=1) > 0)
    assert ref("images", "load")([tmp_path / "scan.png"], 8, 1).shape == (1, 1, 8, 8)


def test_large_sets_are_kept_on_disk(ref, images, monkeypatch):
    module = __import__("sys").modules[ref("images", "load").__module__]
    files = ref("images", "read_folder")(images).files
    here = ref("images", "load")(files, 16, 3)
    monkeypatch.setattr(module, "_IN_MEMORY", 0)
    there = ref("images", "load")(files, 16, 3)
    assert isinstance(there, np.memmap)
    assert np.array_equal(here, there)


def test_unreadable_files_are_named(train, images, tmp_path):
    import shutil

    folder = shutil.copytree(images, tmp_path / "broken")
    (folder / "dark" / "bad.png").write_text("no image")
    (folder / "light" / "empty.jpg").write_bytes(b"")
    whole = (folder / "light" / "3.png").read_bytes()
    (folder / "light" / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="3 of 27 files cannot be read as images") as caught:
        train(folder)
    assert all(name in str(caught.value) for name in ("bad.png", "empty.jpg", "cut.png"))


def test_other_files_are_counted_not_trained(train, images, tmp_path):
    import shutil

    folder = shutil.copytree(images, tmp_path / "more")
    (folder / "dark" / "notes.txt").write_text("x")
    (folder / "dark" / ".hidden.png").write_text("x")
    assert train(folder, schedules=((1e-3, 1),)).ignored == ("notes.txt",)


def test_bad_folders(train, images, tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        train(tmp_path / "none")
    with pytest.raises(InputError, match="no class folders"):
        train(tmp_path)
    with pytest.raises(InputError, match="12 images lie loose in it"):
        train(images / "dark")
    (tmp_path / "one").mkdir()
    with pytest.raises(InputError, match="one class folder, 'one'"):
        train(tmp_path)
    (tmp_path / "two").mkdir()
    with pytest.raises(InputError, match=r"one holds no image \(0 other files"):
        train(tmp_path)


def test_a_class_with_one_image(train, images, tmp_path):
    import shutil

    for name in ("dark", "light"):
        (tmp_path / name).mkdir()
        shutil.copy(images / name / "0.png", tmp_path / name)
    shutil.copy(images / "dark" / "1.png", tmp_path / "dark")
    with pytest.raises(InputError, match="class 'light' has 1 image; two are needed"):
        train(tmp_path)


def test_what_does_not_fit_is_found_before_training(train):
    with pytest.raises(InputError, match="tiny has 3 blocks, so 1 to 3"):
        train(kinds=("feature_extractor", "fine_tuning"), unfreeze=4)
    with pytest.raises(
        InputError, match="LeNet5 cannot take images of 64 x 64 pixels; it was made for 32"
    ):
        train(backbones=("LeNet5",), image_size=64)
    with pytest.raises(InputError, match="no ImageNet weights"):
        train(weights="imagenet")
    with pytest.raises(InputError, match="no such file"):
        train(weights="none.pt")
    with pytest.raises(InputError, match="unknown device 'gpu'"):
        train(device="gpu")


def test_lenet_is_trained_on_grey_images(train):
    (run,) = train(backbones=("LeNet5",), image_size=None, schedules=((1e-3, 2),)).runs
    assert run.total == run.trainable == 60_000 + 85 * 2
    assert len(run.curve) == 2


def test_a_run_whose_loss_explodes_is_stopped_and_flagged(train):
    (run,) = train(schedules=((1e30, 4),)).runs
    assert run.diverged is not None
    assert len(run.curve) < 4


def test_from_the_command_line(run, images, tmp_path):
    """`review bench` end to end: three files whose numbers agree."""
    done = run(
        "bench", "--images", images, "--backbones", "tiny", "--tl",
        "feature-extractor,feature_extractor_hybrid", "--lr", "1e-2,1e-3", "--epochs", "2,3",
        "--weights", "none", "--image-size", "16", "--seeds", "1,2", "--out", tmp_path / "out",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "tiny, feature_extractor, learning rate 0.01, 2 epochs, seed 1" in done.err
    stored = json.loads((tmp_path / "out" / "figure-bench.json").read_text())
    statistics = stored["panels"][0]["statistics"]
    assert len(statistics["runs"]) == 2 * 2 + 2
    with (tmp_path / "out" / "figure-bencha.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * (2 + 3) + 2
    for trained in statistics["runs"]:
        rate = "" if trained["learning_rate"] is None else str(trained["learning_rate"])
        values = [
            float(r["val_accuracy"]) for r in rows
            if r["tl_type"] == trained["tl_type"] and r["seed"] == str(trained["seed"])
            and r["learning_rate"] == rate
        ]  # fmt: skip
        assert np.mean(values) == pytest.approx(trained["mean_val_accuracy"])
    page = (tmp_path / "out" / "figure-bench.html").read_text()
    assert "Accuracy by epoch" in page
    assert "random weights" in page


def test_json_alone_writes_no_files(run, images, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(
        "bench", "--images", images, "--backbones", "tiny", "--lr", "1e-2", "--epochs", "1",
        "--weights", "none", "--image-size", "16", "--json",
    )  # fmt: skip
    assert json.loads(done.out)["panels"][0]["statistics"]["baseline_accuracy"] == 0.5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backbones", "VGG91"], "did you mean 'VGG19'"),
        (["--backbones", "ResNet"], "'ResNet' names several networks"),
        (["--tl", "finetune"], "unknown transfer-learning type"),
        (["--seed", "one"], "whole numbers joined by commas"),
        (["--seed", "-1"], "seeds lie between 0"),
        (["--lr", "0"], "not above 0"),
        (["--format", "docx"], "unknown format"),
    ],
)
def test_bad_options(run, images, arguments, message):
    done = run("bench", "--images", images, *arguments)
    assert done.code == 2
    assert message in done.err

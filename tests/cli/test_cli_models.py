"""`review models`, `review analyze --table` and `review recommend`, with and without torch."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

# what the five rows of Kim's Table 1 really have: all parameters, those of the feature extractor
REPRODUCED = {
    "LeNet5": (60_000, 1_716), "AlexNet": (62_378_344, 3_747_200),
    "VGG16": (138_357_544, 14_714_688), "GoogLeNet": (6_998_552, 5_973_552),
    "ResNet50": (25_557_032, 23_508_032),
}  # fmt: skip
# makes `import torch` fail, as on a machine without the extra
WITHOUT_TORCH = (
    "import sys\n"
    "for name in ('torch', 'torchvision', 'timm', 'sklearn'):\n"
    "    sys.modules[name] = None\n"
    "from review.cli.main import main\n"
    "main(sys.argv[1:])\n"
)


def without_torch(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *arguments],
        capture_output=True, text=True, check=False, cwd=cwd,
    )  # fmt: skip


def rows(text):
    return json.loads(text)["panels"][0]["statistics"]["models"]


def test_table_1_without_torch(tmp_path):
    done = without_torch("analyze", "--table", "1", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {r["model"]: r for r in rows(done.stdout)}
    assert {
        m: (r["parameters"]["reproduced"], r["parameters_fe"]["reproduced"])
        for m, r in found.items()
    } == REPRODUCED
    assert {c["verdict"] for r in found.values() for c in r.values() if isinstance(c, dict)} == {
        "exact", "rounds to", "differs",
    }  # fmt: skip
    assert all(r["torch_parameters"] is None for r in found.values())
    stored = json.loads(done.stdout)
    check = stored["panels"][0]["statistics"]["torch_check"]
    assert check["status"] == "skipped"
    assert "pip install 'review-analytics[torch]'" in check["note"]
    assert any("torch check skipped" in note for note in stored["notes"])


def test_the_alias_and_the_text_without_torch(tmp_path):
    done = without_torch("models", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "torch check skipped" in done.stdout
    assert "138,357,544" in done.stdout
    assert "134,260,544" in done.stdout


def test_what_needs_torch_says_how_to_get_it(tmp_path):
    (tmp_path / "a").mkdir()
    done = without_torch("bench", "--images", str(tmp_path), "--backbones", "tiny", cwd=tmp_path)
    assert done.returncode == 2
    assert "'torch'" in done.stderr
    assert "pip install 'review-analytics[torch]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_tables_and_recommendations_do_not_need_torch(tmp_path):
    for arguments in (
        ("analyze", "--table", "tl", "--json"),
        ("analyze", "--figure", "size", "--json"),
        ("recommend", "--modality", "MRI", "--json"),
        ("models", "VGG16", "--json"),
        ("models", "--list", "--json"),
    ):
        done = without_torch(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)


@pytest.mark.torch
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra 'torch'")
def test_table_1_with_torch_compares_both_counts(run):
    done = run("models", "--json")
    assert done.code == 0, done.err
    found = {r["model"]: r["torch_parameters"] for r in rows(done.out)}
    assert found == {model: counts[0] for model, counts in REPRODUCED.items()}
    statistics = json.loads(done.out)["panels"][0]["statistics"]
    assert statistics["torch_check"]["status"] == "agrees"
    assert json.loads(run("analyze", "--table", "1", "--json").out) == json.loads(done.out)


@pytest.mark.parametrize("review", ["wang2021", "shtem2021"])
def test_table_1_of_a_review_without_one_is_that_of_kim(run, review):
    done = run("analyze", "--table", "1", "--review", review, "--json")
    assert len(rows(done.out)) == 5
    assert any("Table 1 of kim2022" in note for note in json.loads(done.out)["notes"])


def test_table_tl_counts_every_network_under_every_type(run):
    done = run("analyze", "--table", "tl", "--json")
    kept, thin = json.loads(done.out)["panels"]
    counts = {(c["backbone"], c["kind"]): c for c in kept["statistics"]["counts"]}
    assert counts["VGG16", "feature_extractor"]["trainable"] == 119_554_050
    assert counts["VGG16", "fine_tuning_from_scratch"]["total"] == 134_268_738
    slim = {(c["backbone"], c["kind"]): c for c in thin["statistics"]["counts"]}
    assert slim["VGG16", "feature_extractor"]["trainable"] == 25_088 * 2 + 2
    assert slim["ResNet50", "feature_extractor"] == counts["ResNet50", "feature_extractor"]


def test_files_of_a_table(run, tmp_path):
    done = run("analyze", "--table", "1", "--table", "tl", "--out", tmp_path)
    assert done.code == 0, done.err
    names = {p.name for p in tmp_path.iterdir()}
    assert {"table-1.html", "table-1.json", "table-1a.csv", "table-tl.html"} <= names
    assert "134,260,544" in (tmp_path / "table-1.html").read_text()


def test_named_networks(run):
    done = run("models", "VGG-16", "resnet50", "--classes", "3", "--unfreeze", "2")
    assert "138,357,544 parameters" in done.out
    assert "2 of 5" in done.out
    stored = json.loads(run("models", "VGG16", "--json").out)
    assert stored[0]["blocks"]["block1"] == 38_720
    assert len(stored[0]["transfer"]) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["models", "VGG166"], "did you mean 'VGG16'"),
        (["models", "DenseNet"], "names several networks"),
        (["models", "VGG16", "--classes", "1"], "at least 2 classes"),
        (["models", "VGG16", "--unfreeze", "6"], "VGG16 has 5 blocks"),
        (["recommend"], "say something about your data"),
        (["recommend", "--modality", "MIR"], "did you mean 'MRI'"),
        (["recommend", "--subject", "brain"], "unknown subject 'brain'"),
        (["recommend", "--n", "0"], "at least 1 image"),
        (["recommend", "--n", "many"], "'--n'"),
        (["recommend", "--classes", "1"], "at least 2 classes"),
    ],
)
def test_bad_input(run, arguments, message):
    done = run(*arguments)
    assert done.code == 2
    assert message in done.err
    assert done.out == ""


def test_recommend(run):
    done = run(
        "recommend", "--modality", "MRI", "--subject", "nervous_system", "--n", "500",
        "--classes", "2",
    )  # fmt: skip
    assert done.code == 0
    for text in (
        "comparable", "https://doi.org/10.1016/j.cogsys.2018.12.007", "VGG16: 3 studies",
        "No ranking", "not enough to rank them", "feature_extractor_hybrid", "119,554,050",
        "unfreeze", "doi 10.1186/s12880-022-00793-7",
    ):  # fmt: skip
        assert text in done.out, text


def test_recommend_json_holds_what_the_text_says(run):
    found = json.loads(
        run("recommend", "--modality", "OCT", "--n", "100000", "--classes", "4", "--json").out
    )
    assert found["query"] == {"modality": "OCT", "subject": None, "n": 100000, "classes": 4}
    assert found["ranked"] == []
    assert len(found["advice"]["steps"]) == 4
    assert all({"link", "values", "matches"} <= set(s) for s in found["studies"])
    assert {c["n_classes"] for c in found["trained"]} == {4}


def test_help_names_the_commands(run):
    text = run("--help").out
    for command in ("models", "bench", "recommend"):
        assert command in text
        assert run(command, "--help").code == 0

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import InputError, UnknownNameError
from review.models.backbones import backbones, families, find_backbone, named_in, resolve
from review.project import open_review


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("VGG-16", "VGG16"), ("vgg 16", "VGG16"), ("InceptionV3", "Inception3"),
        ("Inception-v3", "Inception3"), ("inception_v3", "Inception3"), ("GoogLeNet", "GoogLeNet"),
        ("Inception1", "GoogLeNet"), ("Inception-ResNet-v2", "InceptionResNet2"),
        ("LeNet", "LeNet5"), ("XceptionNet", "Xception"), ("MobileNetV2", "MobileNet2"),
        ("ResNet", "ResNet"), ("VGGNets", "VGG"), ("densely connected networks", "DenseNet"),
    ],
)  # fmt: skip
def test_spellings(printed, key):
    found = resolve(printed)
    assert found is not None
    assert found.key == key


def test_what_is_not_listed_is_not_guessed():
    assert resolve("vgg-f") is None
    assert resolve("ResNet-38") is None
    assert resolve("UNet") is None


def test_every_word_of_the_coding_vocabulary_is_known():
    vocabulary = open_review("kim2022").codebook["backbone"].vocabulary
    assert [w for w in vocabulary if resolve(w) is None] == ["many", "else"]


def test_every_network_of_the_fifteen_model_benchmark_is_counted():
    published = open_review("kim2022").published
    models = published.data["benchmark_studies"]["rahaman"]["models"]
    assert len(models) == 15
    assert len({find_backbone(m).key for m in models}) == 15


def test_the_backbones_of_the_small_experiment_are_counted():
    published = open_review("shtem2021").published
    for model in published.data["experiment"]["backbones"]:
        assert find_backbone(model).parameters > 10**7


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("VGG-16 features + SVM", ("VGG16",)),
        ("combined deep features of InceptionV3, ResNet50, Xception",
         ("Inception3", "ResNet50", "Xception")),
        ("fine-tuned 2D ResNet-101, fusion input", ("ResNet101",)),
        ("ResNet-38", ()),
        ("MyVGG16Net", ()),
        ("Inception-ResNet-v2", ("InceptionResNet2",)),
        ("", ()),
    ],
)  # fmt: skip
def test_names_in_free_text(text, keys):
    assert named_in(text) == keys


def test_resnet_38_is_not_a_resnet_of_unknown_depth():
    assert named_in("ResNet-38 and ResNet") == ("ResNet",)


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text):
    assert set(named_in(text)) <= set(backbones()) | set(families())


def test_errors_teach():
    with pytest.raises(UnknownNameError, match="did you mean 'ResNet50'"):
        find_backbone("Resnet5o")
    with pytest.raises(InputError, match=r"'DenseNet' names several networks; .*DenseNet121"):
        find_backbone("DenseNet")


def test_members_of_families_exist():
    for family in families().values():
        assert set(family.members) <= set(backbones())


# "depth: the largest number of sequential convolutional or fully connected layers on a path from
# the input layer to the output layer", as the documentation of MATLAB's Deep Learning Toolbox
# lists it for its pretrained networks; the other depths stand in the papers' titles of the models
DEPTHS = {
    "AlexNet": 8, "VGG16": 16, "VGG19": 19, "GoogLeNet": 22, "Inception3": 48, "ResNet18": 18,
    "ResNet50": 50, "ResNet101": 101, "DenseNet201": 201, "MobileNet2": 53, "Xception": 71,
    "SqueezeNet": 18, "ResNet34": 34, "ResNet152": 152, "ResNet50V2": 50, "ResNet101V2": 101,
    "ResNet152V2": 152, "DenseNet121": 121, "DenseNet161": 161, "DenseNet169": 169,
    "MobileNet1": 28,
}  # fmt: skip
# parameters of the libraries' documentation (torchvision's table of weights; timm's results)
PARAMETERS = {
    "ResNet18": 11_689_512, "ResNet34": 21_797_672, "ResNet101": 44_549_160,
    "DenseNet121": 7_978_856, "DenseNet161": 28_681_000, "DenseNet169": 14_149_480,
    "DenseNet201": 20_013_928, "MobileNet2": 3_504_872, "SqueezeNet": 1_248_424,
    "EfficientNetB3": 12_233_232, "EfficientNetB4": 19_341_616, "Inception3": 23_834_568,
    "Inception4": 42_679_816, "InceptionResNet2": 55_843_464, "Xception": 22_855_952,
    "MobileNet1": 4_231_976, "CaffeNet": 60_965_224,
}  # fmt: skip


@pytest.mark.parametrize("key", DEPTHS)
def test_depth(key):
    assert backbones()[key].depth == DEPTHS[key]


@pytest.mark.parametrize("key", PARAMETERS)
def test_parameters(key):
    assert backbones()[key].parameters == PARAMETERS[key]


def test_counts_are_consistent():
    for net in backbones().values():
        last = (net.last_inputs + net.last_bias) * (0 if net.key == "LeNet5" else 1000)
        assert net.features + net.classifier_hidden + last == net.parameters
        assert sum(n for _, n in net.blocks) == net.features
        assert len(net.blocks) >= 2


def test_names_are_found_without_torch_pandas_or_plotly():
    code = (
        "import sys\n"
        "from review.models.transfer import transfer_counts\n"
        "transfer_counts()\n"
        "heavy = {'torch', 'pandas', 'plotly', 'scipy', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

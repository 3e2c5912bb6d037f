from __future__ import annotations

import csv

import pytest

from review.errors import InputError, UnknownNameError
from review.models.layers import TABLES, layer_table
from review.models.printed import parse
from review.models.variants import explain, grouped, variants
from review.resources import resource_dir

# model: all parameters, feature extractor, depth, convolutions, fully connected layers
# LeNet-5: LeCun et al. (1998), section II.B (60,000 trainable parameters). AlexNet: the sum over
# Krizhevsky et al. (2012) without groups. VGG: the model zoo of torchvision (138,357,544 and
# 143,667,240). ResNet: torchvision (25,557,032 and 60,192,808).
COUNTS = {
    "LeNet5": (60_000, 1_716, 4, 2, 2),
    "AlexNet": (62_378_344, 3_747_200, 8, 5, 3),
    "VGG16": (138_357_544, 14_714_688, 16, 13, 3),
    "VGG19": (143_667_240, 20_024_384, 19, 16, 3),
    "GoogLeNet": (6_998_552, 5_973_552, 22, 57, 1),
    "ResNet50": (25_557_032, 23_508_032, 50, 53, 1),
    "ResNet152": (60_192_808, 58_143_808, 152, 155, 1),
}


@pytest.mark.parametrize("model", COUNTS)
def test_counts(model):
    table = layer_table(model)
    counted = (
        table.parameters, table.features, table.depth, table.conv_layers, table.fc_layers
    )  # fmt: skip
    assert counted == COUNTS[model]
    assert table.features + table.classifier == table.parameters
    assert sum(table.blocks.values()) == table.features


def test_lenet_layer_by_layer():
    # LeCun et al. (1998), section II.B: C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164
    found: dict[str, int] = {}
    for row in layer_table("LeNet5").layers:
        found[row.name] = found.get(row.name, 0) + row.parameters
    assert found == {
        "C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164, "OUTPUT": 0,
    }  # fmt: skip


def test_grouped_alexnet_is_the_network_of_the_paper():
    # Krizhevsky et al. (2012): "60 million parameters"
    table = layer_table("AlexNet").change(grouped)
    assert table.parameters == 60_965_224
    assert parse("61 million").verdict(table.parameters) == "rounds to"


def test_googlenet_per_module():
    # Szegedy et al. (2015), Table 1, column "params" in K = 1024 weights; the paper rounds freely,
    # so the rows agree to within a few per cent only
    printed = {
        "conv2": 112, "inception3a": 159, "inception3b": 380, "inception4a": 364,
        "inception4b": 437, "inception4c": 463, "inception4d": 580, "inception4e": 840,
        "inception5a": 1072, "inception5b": 1388, "classifier": 1000,
    }  # fmt: skip
    weights: dict[str, int] = {}
    for row in layer_table("GoogLeNet").layers:
        weights[row.block] = weights.get(row.block, 0) + row.parameters - row.filters
    for block, thousands in printed.items():
        assert weights[block] / 1024 == pytest.approx(thousands, rel=0.08), block
    assert weights["conv2"] == 112 * 1024
    assert weights["classifier"] == 1_024_000


def test_googlenet_with_both_heads_is_the_published_model():
    # BVLC GoogLeNet: 13,378,280 parameters with its two auxiliary classifiers
    table = layer_table("GoogLeNet")
    assert table.parameters + table.auxiliary == 13_378_280


def test_inception_v2_with_biases_is_the_published_model():
    # the weight file converted from Caffe has 11,295,240: biases besides batch normalisation
    table = layer_table("inception v2")
    filters = sum(row.filters for row in table.layers if row.kind == "conv")
    assert table.parameters + filters == 11_295_240


def test_kernel_sizes():
    assert layer_table("AlexNet").kernel_sizes == {11, 5, 3}
    assert layer_table("VGG16").kernel_sizes == {3}
    assert layer_table("GoogLeNet").kernel_sizes == {7, 5, 3, 1}
    assert layer_table("ResNet152").kernel_sizes == {7, 3, 1}


@pytest.mark.parametrize("stem", TABLES.values())
def test_tables_are_wired_up(stem):
    """The inputs of a block are what an earlier block gives."""
    with (resource_dir("models_ref") / "tables" / f"{stem}.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["part"] for row in rows} <= {"features", "classifier", "auxiliary"}
    assert all(int(r["in"]) % int(r["groups"]) == 0 for r in rows)
    assert rows[0]["in"] in {"1", "3"}
    assert all(set(row) and row["path"] in {"0", "1"} for row in rows)


def test_an_unknown_network_gets_suggestions():
    with pytest.raises(UnknownNameError, match="did you mean 'VGG16'"):
        layer_table("VGG166")
    with pytest.raises(InputError, match="names several networks; give one of: VGG16, VGG19"):
        layer_table("VGGNet")
    with pytest.raises(UnknownNameError, match="network with a layer table"):
        layer_table("Xception")


def test_the_vgg_of_the_paper_is_the_net_without_its_last_layer():
    said = explain(parse("134.2 M"), layer_table("VGG16"))
    assert "134,260,544" in said
    assert "without its last layer" in said
    assert "cut off" in said


def test_no_variant_of_googlenet_has_5_3_million():
    table = layer_table("GoogLeNet")
    assert not [v for v in variants(table) if 5_200_000 <= v.parameters < 5_400_000]
    counts = {v.parameters for v in variants(table)}
    # paper form, batch-norm form of the libraries; each with and without classifier
    assert {6_998_552, 5_973_552, 6_624_904, 5_599_904} <= counts
    assert "is none of" in explain(parse("5.3 M"), table)


def test_variants_of_lenet_include_the_modern_one():
    # what most tutorials build has 61,706 parameters
    assert 61_706 in {v.parameters for v in variants(layer_table("LeNet5"))}


def test_resnet_by_the_formula_of_the_paper_has_no_batch_norm():
    counts = {v.parameters for v in variants(layer_table("ResNet50"))}
    # Keras: 25,636,712 of which 53,120 are moving statistics
    assert 25_636_712 - 53_120 in counts

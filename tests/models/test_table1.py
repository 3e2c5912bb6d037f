from __future__ import annotations

import pytest

from review.errors import DataError
from review.models import table1, torch_check
from review.models.claims import check_claims
from review.models.layers import layer_table
from review.models.table1 import check_table1


@pytest.fixture(autouse=True)
def _without_torch(monkeypatch):
    monkeypatch.setattr(torch_check, "why_no_torch", lambda: "torch is not installed (test)")


# model: (parameters, verdict), (features, verdict), (layers, verdict), (FE, verdict), (FC, verdict)
EXPECTED = {
    "LeNet5": [(60_000, "exact"), (1_716, "exact"), (4, "exact"), (2, "exact"), (2, "exact")],
    "AlexNet": [
        (62_378_344, "differs"), (3_747_200, "rounds to"), (8, "exact"), (5, "exact"), (3, "exact"),
    ],
    "VGG16": [
        (138_357_544, "differs"), (14_714_688, "rounds to"), (16, "exact"), (13, "exact"),
        (3, "exact"),
    ],
    "GoogLeNet": [
        (6_998_552, "differs"), (5_973_552, "differs"), (22, "exact"), (21, "exact"), (1, "exact"),
    ],
    "ResNet50": [
        (25_557_032, "rounds to"), (23_508_032, "rounds to"), (50, "differs"), (49, "differs"),
        (1, "exact"),
    ],
}  # fmt: skip


def test_every_cell_has_its_verdict():
    found = {
        r.model: [(c.reproduced, c.verdict.value) for c in r.cells] for r in check_table1().rows
    }
    assert found == EXPECTED


def test_every_difference_is_explained_with_a_number():
    for row in check_table1().rows:
        for cell in row.cells:
            if cell.verdict == "differs":
                assert any(c.isdigit() for c in cell.explanation), cell


def test_explanations():
    rows = {row.model: row for row in check_table1().rows}
    assert "62.4 M" in rows["AlexNet"].cell("parameters").explanation
    vgg = rows["VGG16"].cell("parameters").explanation
    assert "134,260,544" in vgg
    assert "138,357,544" in vgg
    assert "none of" in rows["GoogLeNet"].cell("parameters").explanation
    layers = rows["ResNet50"].cell("trainable_layers").explanation
    assert "49 convolutions" in layers
    assert "4 projections" in layers
    assert "not 50 + 1" in layers
    assert "57" not in layers


def test_without_torch_it_says_that_the_check_was_skipped():
    found = check_table1()
    assert found.torch.status == "skipped"
    assert "torch check skipped" in found.torch.note
    assert all(row.torch is None for row in found.rows)
    assert found.to_dict()["torch_check"]["status"] == "skipped"


def test_a_disagreement_is_an_error():
    table = layer_table("VGG16")
    right = {
        "parameters": table.parameters,
        "parameters of the feature extractor": table.features,
        "blocks": table.blocks,
        "depth": table.depth,
    }
    torch_check.compare(table, right)
    with pytest.raises(DataError, match="VGG16: the layer table gives 138357544 as parameters"):
        torch_check.compare(table, right | {"parameters": 138_357_545})


def test_another_published_table_is_checked_as_well():
    row = {
        "model": "VGG-19", "year": 2014, "parameters": "144 M", "parameters_fe": "20.0 M",
        "trainable_layers": 19, "fe_layers": 16, "fc_layers": 2,
    }  # fmt: skip
    found = table1.check_table1([row]).rows[0]
    assert [c.verdict.value for c in found.cells] == [
        "rounds to", "rounds to", "exact", "exact", "differs",
    ]  # fmt: skip


def test_claims_of_the_three_reviews():
    found = {(c.review, c.place): c for c in check_claims()}
    ratio = found["kim2022", "Discussion: parameters of VGG16 / ResNet50"]
    assert ratio.verdict == "differs"
    assert "134.2 M / 25.6 M = 5.242" in ratio.explanation
    assert found["kim2022", "Discussion: parameters of AlexNet / ResNet50"].verdict == "rounds to"
    # Wang et al. (2021), Table 6: 8/5/3, 19/16/3, 22/21/1, 152/151/1
    table6 = [c for c in found.values() if "Table 6" in c.place and "layers" in c.place]
    assert [c.reproduced for c in table6] == [
        "8", "5", "3", "19", "16", "3", "22", "21", "1", "152", "151", "1",
    ]  # fmt: skip
    assert {c.verdict.value for c in table6} == {"exact"}
    assert found["wang2021", "Table 6: kernel sizes of ResNet (ResNet152)"].verdict == "differs"
    assert found["shtem2021", "convolutional layers of VGG19"].verdict == "exact"
    assert found["shtem2021", "parameters after GoogLeNet (of GoogLeNet)"].verdict == "differs"
    equations = [c for (_, place), c in found.items() if place.startswith("Equation")]
    assert {c.verdict.value for c in equations} == {"exact"}
    assert len(equations) == 5

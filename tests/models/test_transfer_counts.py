from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import InputError, UnknownNameError
from review.models.backbones import backbones
from review.models.transfer import KINDS, transfer_count, transfer_counts

# PLoS ONE 2020;15(11):e0242858, Table 1, trains these networks
# on 39 classes and prints the number of trainable parameters.
PUBLISHED_39 = {
    "VGG16": 134_420_327, "VGG19": 139_730_023, "ResNet34": 21_304_679,
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED_39)
def test_fine_tuning_from_scratch_trains_what_a_study_prints(name):
    found = transfer_count(name, "fine_tuning_from_scratch", 39)
    assert found.trainable == found.total == PUBLISHED_39[name]


def test_a_thin_classifier_trains_what_a_study_prints():
    # the same table: VGG16 with one fully connected layer, 15,693,159
    found = transfer_count("VGG16", "fine_tuning_from_scratch", 39, head="thin")
    assert found.total == 15_693_159


def test_resnet50_by_hand():
    counts = {c.kind: c for c in transfer_counts(["ResNet50"], n_classes=2)}
    assert counts["feature_extractor_hybrid"].trainable == 0
    assert counts["feature_extractor_hybrid"].total == 23_508_032
    assert counts["feature_extractor"].trainable == 2048 * 2 + 2
    # the last stage: three bottlenecks of 512 filters
    stage = 1024 * 512 + 3 * (9 * 512 * 512 + 512 * 2048) + 2 * 2048 * 512 + 1024 * 2048
    norms = 2 * (3 * (512 + 512 + 2048) + 2048)
    assert counts["fine_tuning"].trainable == stage + norms + 4098
    assert counts["fine_tuning_from_scratch"].trainable == 23_508_032 + 4098


@given(
    name=st.sampled_from(sorted(backbones())),
    n=st.integers(2, 2000),
    head=st.sampled_from(["retrain", "thin"]),
    data=st.data(),
)
def test_more_is_trained_from_type_to_type(name, n, head, data):
    blocks = len(backbones()[name].blocks)
    unfreeze = data.draw(st.integers(1, blocks))
    found = transfer_counts([name], n_classes=n, unfreeze=unfreeze, head=head)
    assert tuple(c.kind for c in found) == KINDS
    trained = [c.trainable for c in found]
    assert trained == sorted(trained)
    assert all(0 <= c.share <= 1 for c in found)
    assert found[1].total == found[2].total == found[3].total == found[3].trainable
    if unfreeze == blocks:
        assert found[2].trainable == found[3].trainable
        assert found[2].fine_tuning_ratio == 1


def test_all_networks_are_counted_by_default():
    counts = transfer_counts()
    assert len(counts) == 4 * len(backbones())
    assert {c.backbone for c in counts} == set(backbones())


def test_asking_for_more_blocks_than_the_smallest_network_has_is_fine_for_all():
    found = {c.backbone: c for c in transfer_counts(unfreeze=4) if c.kind == "fine_tuning"}
    assert found["LeNet5"].unfrozen == 2
    assert found["VGG16"].unfrozen == 4


@pytest.mark.parametrize("bad", [1, 0, -3, 2.0, True, "2"])
def test_classes_below_two(bad):
    with pytest.raises(InputError, match="at least 2 classes"):
        transfer_count("VGG16", "feature_extractor", bad)


@pytest.mark.parametrize("bad", [0, 6, -1, 1.0])
def test_unfreeze_beyond_the_blocks(bad):
    with pytest.raises(InputError, match="VGG16 has 5 blocks, so 1 to 5"):
        transfer_count("VGG16", "fine_tuning", 2, unfreeze=bad)


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="did you mean 'fine_tuning'"):
        transfer_count("VGG16", "fine_tunning", 2)  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="did you mean 'thin'"):
        transfer_count("VGG16", "fine_tuning", 2, head="thinn")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="did you mean 'VGG19'"):
        transfer_counts(["VVG19"])

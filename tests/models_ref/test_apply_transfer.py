"""The four transfer-learning types: what is trained, what stays, and the statistics of norms."""

from __future__ import annotations

import copy

import pytest

from review.errors import InputError, UnknownNameError
from review.models.backbones import backbones
from review.models.transfer import KINDS, apply_transfer, build_backbone, transfer_count

pytestmark = pytest.mark.torch


def total(model, *, trainable=False):
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable)


@pytest.fixture(name="tiny")
def _tiny(torch):
    def make(kind, n_classes=2, **options):
        torch.manual_seed(0)
        return apply_transfer(build_backbone("tiny"), kind, n_classes, **options)

    return make


def step(torch, model):
    """Train one step, in training mode; return the state before and after."""
    before = copy.deepcopy(model.state_dict())
    model.train()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.0)
    model(torch.rand(6, 3, 32, 32)).square().sum().backward()
    optimizer.step()
    after = model.state_dict()
    return {k for k in before if not torch.equal(before[k], after[k])}


def test_feature_extractor_changes_the_classifier_only(torch, tiny):
    model = tiny("feature_extractor", 3)
    assert model(torch.rand(2, 3, 32, 32)).shape == (2, 3)
    assert step(torch, model) == {"classifier.weight", "classifier.bias"}


def test_frozen_batch_norm_keeps_its_statistics_even_while_training(torch, tiny):
    model = tiny("feature_extractor")
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    stored = [n.running_mean.clone() for n in norms]
    model.train()
    assert model.training
    assert not any(n.training for n in norms)
    model.features.train()
    model.features.block1[1].train(True)
    assert not any(n.training for n in norms)
    model(torch.rand(8, 3, 32, 32) * 9)
    assert all(torch.equal(n.running_mean, s) for n, s in zip(norms, stored, strict=True))
    assert all(n.num_batches_tracked == 0 for n in norms)


def test_fine_tuning_trains_the_last_blocks(torch, tiny):
    changed = step(torch, tiny("fine_tuning", unfreeze=2))
    assert {name.split(".")[1] for name in changed if "features" in name} == {"block2", "block3"}
    assert "features.block3.1.running_mean" in changed
    assert "classifier.weight" in changed


def test_fine_tuning_ratio_is_stated(tiny):
    model = tiny("fine_tuning")
    plan = model.transfer
    assert (plan.unfrozen, plan.blocks) == (1, ("block1", "block2", "block3"))
    block3 = 9 * 16 * 32 + 64
    features = 27 * 8 + 16 + 9 * 8 * 16 + 32 + block3
    assert plan.features_total == features
    assert plan.fine_tuning_ratio == block3 / features
    assert plan.ratio == (block3 + 66) / (features + 66)


def test_from_scratch_changes_everything(torch, tiny):
    model = tiny("fine_tuning_from_scratch")
    changed = step(torch, model)
    assert changed == set(model.state_dict())
    assert total(model, trainable=True) == total(model)


def test_unfreezing_all_blocks_is_fine_tuning_from_scratch(tiny):
    assert tiny("fine_tuning", unfreeze=3).transfer.trainable == total(
        tiny("fine_tuning_from_scratch")
    )


def test_hybrid_gives_features_to_a_classical_classifier(torch, tiny):
    pytest.importorskip("sklearn")
    from sklearn.svm import SVC

    model = tiny("feature_extractor_hybrid")
    assert total(model, trainable=True) == 0
    model.train()
    dark, light = torch.rand(20, 3, 32, 32) * 0.3, 0.7 + torch.rand(20, 3, 32, 32) * 0.3
    with torch.no_grad():
        features = model(torch.cat([dark, light])).numpy()
    assert features.shape == (40, 32)
    labels = [0] * 20 + [1] * 20
    assert SVC().fit(features, labels).score(features, labels) > 0.9


def test_a_copy_stays_frozen(torch, tiny):
    model = copy.deepcopy(tiny("feature_extractor"))
    model.train()
    norm = model.features.block1[1]
    assert not norm.training
    model(torch.rand(4, 3, 32, 32))
    assert norm.num_batches_tracked == 0


def test_types_can_be_stored_and_loaded(torch, tiny, tmp_path):
    model = tiny("fine_tuning")
    torch.save(model.state_dict(), tmp_path / "m.pt")
    tiny("fine_tuning").load_state_dict(torch.load(tmp_path / "m.pt", weights_only=True))


@pytest.mark.parametrize("name", backbones())
def test_the_counts_without_torch_are_those_of_the_modules(torch, ref, name):
    pytest.importorskip("torchvision")
    pytest.importorskip("timm")
    built = ref("zoo", "on_meta")(name)
    blocks = len(backbones()[name].blocks)
    cases = [(kind, 1, "retrain") for kind in KINDS] + [
        ("fine_tuning", blocks, "retrain"), ("feature_extractor", 1, "thin"),
    ]  # fmt: skip
    for kind, unfreeze, head in cases:
        options = {"unfreeze": unfreeze} if kind == "fine_tuning" else {}
        with torch.device("meta"):
            model = apply_transfer(copy.deepcopy(built), kind, 7, head=head, **options)
        expected = transfer_count(name, kind, 7, unfreeze=unfreeze, head=head)
        assert total(model) == expected.total, (kind, head)
        assert total(model, trainable=True) == expected.trainable, (kind, head)
        assert model.transfer.total == expected.total
        assert model.transfer.trainable == expected.trainable
        assert model.transfer.unfrozen == expected.unfrozen
        assert model.transfer.fine_tuning_ratio == pytest.approx(expected.fine_tuning_ratio)


@pytest.mark.parametrize(
    "name", ["LeNet5", "AlexNet", "VGG16", "ResNet50V2", "SqueezeNet", "MobileNet1"]
)
@pytest.mark.parametrize("head", ["retrain", "thin"])
def test_scores_and_features_have_the_right_shape(torch, ref, name, head):
    pytest.importorskip("timm")
    net = backbones()[name]
    image = torch.empty(2, net.channels, net.input, net.input, device="meta")
    with torch.device("meta"):
        scores = apply_transfer(ref("zoo", "on_meta")(name), "feature_extractor", 5, head=head)
        features = apply_transfer(ref("zoo", "on_meta")(name), "feature_extractor_hybrid", 5)
    assert scores(image).shape == (2, 5)
    assert features(image).flatten(1).shape == (2, net.classifier_inputs)


def test_heads_that_serve_training_only_are_dropped(torch, ref):
    model = apply_transfer(ref("googlenet", "GoogLeNet")(auxiliary=True), "feature_extractor", 2)
    model.train()
    assert model(torch.rand(2, 3, 64, 64)).shape == (2, 2)
    assert model.transfer.total == 5_973_552 + 1025 * 2
    zoo = pytest.importorskip("torchvision.models")
    with torch.device("meta"):
        other = zoo.inception_v3(aux_logits=True, init_weights=False)
        other = apply_transfer(other, "feature_extractor", 2)
    assert other.transfer.total == 21_785_568 + 2049 * 2


def test_networks_of_ones_own(torch):
    nn = torch.nn
    plain = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8),
        nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 6), nn.ReLU(),
        nn.Linear(6, 10),
    )  # fmt: skip
    model = apply_transfer(copy.deepcopy(plain), "feature_extractor", 3)
    assert model.transfer.trainable == 9 * 6 + 7 * 3
    assert len(model.transfer.blocks) == 2
    model = apply_transfer(copy.deepcopy(plain), "fine_tuning", 3, unfreeze=1)
    assert model.transfer.trainable == 4 * 9 * 8 + 8 + 16 + 9 * 6 + 7 * 3
    model = apply_transfer(copy.deepcopy(plain), "feature_extractor", 3, head="thin")
    assert model.transfer.trainable == 9 * 3
    assert model(torch.rand(2, 3, 16, 16)).shape == (2, 3)

    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
            self.hidden = nn.Linear(4, 5)
            self.out = nn.Linear(5, 10, bias=False)

        def forward(self, x):
            return self.out(torch.relu(self.hidden(self.backbone(x).mean(dim=(2, 3)))))

    model = apply_transfer(Named(), "feature_extractor", 2)
    assert model.transfer.trainable == 25 + 10
    assert model(torch.rand(2, 3, 8, 8)).shape == (2, 2)
    model = apply_transfer(Named(), "feature_extractor_hybrid", 2)
    assert model(torch.rand(2, 3, 8, 8)).shape == (2, 4)


def test_networks_without_a_classifier(torch):
    nn = torch.nn
    with pytest.raises(InputError, match="no fully connected layer at its end"):
        apply_transfer(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), "feature_extractor", 2)
    with pytest.raises(InputError, match="no layers before its classifier"):
        apply_transfer(nn.Sequential(nn.Flatten(), nn.Linear(12, 4)), "feature_extractor", 2)


def test_the_same_device_and_type_are_used(torch, tiny):
    model = build_backbone("tiny").double()
    apply_transfer(model, "feature_extractor", 4)
    assert model.classifier.weight.dtype == torch.float64


@pytest.mark.parametrize("n", [1, 0, -2, 2.0, "3", True, None])
def test_fewer_than_two_classes(tiny, n):
    with pytest.raises(InputError, match="n_classes"):
        tiny("feature_extractor", n)


@pytest.mark.parametrize("unfreeze", [0, 4, -1, 1.5, True])
def test_unfreeze_beyond_the_blocks(tiny, unfreeze):
    with pytest.raises(InputError, match="unfreeze"):
        tiny("fine_tuning", unfreeze=unfreeze)
    with pytest.raises(InputError, match="1 to 3 of them"):
        tiny("fine_tuning", unfreeze=99)


def test_unfreeze_goes_with_fine_tuning_only(tiny):
    with pytest.raises(InputError, match="does not go with feature_extractor, which trains none"):
        tiny("feature_extractor", unfreeze=1)
    with pytest.raises(InputError, match="which trains all of the 3 blocks"):
        tiny("fine_tuning_from_scratch", unfreeze=2)


def test_unknown_type(tiny):
    with pytest.raises(UnknownNameError, match="did you mean 'fine_tuning'"):
        tiny("finetuning")
    with pytest.raises(UnknownNameError, match="did you mean 'retrain'"):
        tiny("feature_extractor", head="retrained")


def test_a_type_is_applied_once(tiny):
    model = tiny("feature_extractor")
    with pytest.raises(InputError, match="build it anew"):
        apply_transfer(model, "fine_tuning", 2)

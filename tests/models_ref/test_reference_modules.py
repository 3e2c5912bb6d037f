"""The torch modules against the layer tables, the libraries and the papers."""

from __future__ import annotations

import pytest

from review.errors import InputError, MissingExtraError, UnknownNameError
from review.models.backbones import backbones, facts
from review.models.layers import TABLES, layer_table
from review.models.torch_check import torch_check
from review.resources import resource_dir

pytestmark = pytest.mark.torch


@pytest.fixture(name="meta")
def _meta(ref):
    return ref("zoo", "on_meta")


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def test_both_counts_agree_for_every_own_network(ref):
    found = torch_check([layer_table(name) for name in TABLES])
    assert found.status == "agrees"
    assert found.parameters == {name: layer_table(name).parameters for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_number_of_convolutions(ref, meta, name):
    # LeNet-5: C5 is a convolution in form, and each map of C3 has weights of its own
    if name != "LeNet5":
        assert ref("counting", "count")(meta(name)).convolutions == layer_table(name).conv_layers


@pytest.mark.parametrize(
    ("name", "library"),
    [("VGG16", "vgg16"), ("VGG19", "vgg19"), ("ResNet50", "resnet50"), ("ResNet152", "resnet152")],
)
def test_own_networks_have_the_parameters_of_torchvision(torch, meta, name, library):
    zoo = pytest.importorskip("torchvision.models")
    with torch.device("meta"):
        other = getattr(zoo, library)()
    own = {k: v.shape for k, v in meta(name).state_dict().items()}
    assert own == {k: v.shape for k, v in other.state_dict().items()}


def test_googlenet_with_batch_norm_has_the_parameters_of_torchvision(torch, ref):
    zoo = pytest.importorskip("torchvision.models")
    with torch.device("meta"):
        own = ref("googlenet", "GoogLeNet")(batch_norm=True)
        other = zoo.googlenet(aux_logits=False, init_weights=False)
    assert parameters(own) == parameters(other) == 6_624_904


def test_googlenet_with_heads(torch, ref):
    make = ref("googlenet", "GoogLeNet")
    with torch.device("meta"):
        model = make(auxiliary=True)
    assert parameters(model) == 13_378_280
    table = layer_table("GoogLeNet")
    assert parameters(model) == table.parameters + table.auxiliary
    small = make(auxiliary=True, n_classes=3)
    small.train()
    scores = small(torch.rand(2, 3, 64, 64))
    assert [s.shape for s in scores] == [(2, 3)] * 3
    small.eval()
    assert small(torch.rand(2, 3, 64, 64)).shape == (2, 3)


def test_grouped_alexnet(torch, ref):
    make = ref("alexnet", "AlexNet")
    with torch.device("meta"):
        assert parameters(make()) == 62_378_344
        assert parameters(make(grouped=True)) == 60_965_224
        assert sum(p.numel() for p in make().features.parameters()) == 3_747_200


def test_lenet(torch, ref):
    lenet = ref("lenet", "LeNet5")()
    assert parameters(lenet) == 60_000
    assert sum(p.numel() for p in lenet.features.parameters()) == 1_716
    assert lenet(torch.rand(3, 1, 32, 32)).shape == (3, 10)
    maps = lenet.features(torch.rand(1, 1, 32, 32))
    assert maps.shape == (1, 16, 5, 5)


def test_lenet_connects_c3_as_table_1_of_its_paper(ref):
    # LeCun et al. (1998), Table I: six maps of three, nine of four, one of six; each map of S2
    # feeds ten of C3
    reads = ref("lenet", "C3_INPUTS")
    assert [len(maps) for maps in reads] == [3] * 6 + [4] * 9 + [6]
    assert [sum(i in maps for maps in reads) for i in range(6)] == [10] * 6
    assert len(set(reads)) == 16


def test_lenet_subsampling_is_the_sum_of_four_times_a_coefficient(torch, ref):
    layer = ref("lenet", "Subsampling")(2)
    image = torch.arange(32, dtype=torch.float32).reshape(1, 2, 4, 4)
    with torch.no_grad():
        layer.coefficient[:] = torch.tensor([2.0, 3.0])
        layer.bias[:] = torch.tensor([0.0, 1.0])
        found = layer(image)
    assert found[0, 0, 0, 0] == 2 * (0 + 1 + 4 + 5)
    assert found[0, 1, 1, 1] == 3 * (26 + 27 + 30 + 31) + 1


def test_lenet_outputs_are_squared_distances(torch, ref):
    output = ref("lenet", "RadialBasis")()
    codes = ref("lenet", "digit_codes")()
    assert codes.shape == (10, 84)
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    assert len({tuple(c.tolist()) for c in codes}) == 10
    scores = output(codes)
    assert scores.argmax(dim=1).tolist() == list(range(10))
    assert torch.all(scores.diagonal() == 0)
    assert not list(output.parameters())


@pytest.mark.parametrize(
    "name", ["AlexNet", "CaffeNet", "VGG16", "GoogLeNet", "Inception2", "ResNet50"]
)
def test_shapes_on_images_of_their_size(torch, meta, name):
    size = backbones()[name].input
    model = meta(name).eval()
    with torch.no_grad():
        assert model(torch.empty(2, 3, size, size, device="meta")).shape == (2, 1000)


def test_alexnet_maps_are_those_of_the_paper(torch, meta):
    x = torch.empty(1, 3, 227, 227, device="meta")
    sizes = []
    for block in meta("AlexNet").features:
        x = block[0](x)
        sizes.append(tuple(x.shape[1:]))
        x = block[1:](x)
    assert sizes == [(96, 55, 55), (256, 27, 27), (384, 13, 13), (384, 13, 13), (256, 13, 13)]
    assert x.shape[1:] == (256, 6, 6)


def test_the_committed_counts_are_what_the_modules_have(ref):
    libraries = {e["source"].partition(":")[0] for e in facts()["backbone"]} - {"own"}
    for library in libraries:
        pytest.importorskip(library)
    fresh = ref("measure", "table")()
    stored = (resource_dir("models_ref") / "backbones.csv").read_text("utf-8")
    assert [r.rsplit(",", 1)[0] for r in fresh.splitlines()] == [
        r.rsplit(",", 1)[0] for r in stored.splitlines()
    ]


def test_counting_uses_no_memory(torch, meta):
    model = meta("VGG19")
    assert {p.device.type for p in model.parameters()} == {"meta"}


def test_depth_follows_the_longest_path(torch, ref):
    depth = ref("counting", "depth")
    nn = torch.nn

    class Fork(nn.Module):
        def __init__(self):
            super().__init__()
            self.long = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1))
            self.short = nn.Conv2d(3, 4, 1)
            self.head = nn.Linear(4, 2)

        def forward(self, x):
            y = torch.cat([self.long(x), self.short(x)], dim=1)[:, 2:6]
            y += 1
            return self.head(y.mean(dim=(2, 3)))

    assert depth(Fork(), 8) == 4


def test_weights_from_a_file(torch, ref, tmp_path):
    build = ref("zoo", "build")
    first = build("tiny")
    torch.save(first.state_dict(), tmp_path / "w.pt")
    again = build("tiny", weights=str(tmp_path / "w.pt"))
    assert all(
        torch.equal(a, b)
        for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True)
    )
    # nested, and saved by a data-parallel wrapper
    wrapped = {"state_dict": {f"module.{k}": v for k, v in first.state_dict().items()}}
    torch.save(wrapped, tmp_path / "n.pt")
    build("tiny", weights=str(tmp_path / "n.pt"))
    # another number of classes: the last layer stays as it is
    other = ref("tiny", "Tiny")(n_classes=3)
    torch.save(other.state_dict(), tmp_path / "c.pt")
    again = build("tiny", weights=str(tmp_path / "c.pt"))
    assert torch.equal(again.features.block1[0].weight, other.features.block1[0].weight)
    assert again.classifier.out_features == 10


def test_bad_weights(torch, ref, tmp_path):
    build = ref("zoo", "build")
    with pytest.raises(InputError, match="no such file"):
        build("tiny", weights=str(tmp_path / "none.pt"))
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(InputError, match="not a file of torch weights"):
        build("tiny", weights=str(tmp_path / "text.pt"))
    (tmp_path / "empty.pt").write_bytes(b"")
    with pytest.raises(InputError, match="not a file of torch weights"):
        build("tiny", weights=str(tmp_path / "empty.pt"))
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(InputError, match="no state dictionary"):
        build("tiny", weights=str(tmp_path / "list.pt"))
    torch.save(ref("lenet", "LeNet5")().state_dict(), tmp_path / "lenet.pt")
    with pytest.raises(InputError, match=r"does not fit Tiny: .* missing"):
        build("tiny", weights=str(tmp_path / "lenet.pt"))


def test_no_imagenet_weights(ref):
    build = ref("zoo", "build")
    with pytest.raises(InputError, match="no ImageNet weights for LeNet5"):
        build("LeNet5", weights="imagenet")
    with pytest.raises(InputError, match="'tiny' has no ImageNet weights"):
        build("tiny", weights="imagenet")


def test_a_download_that_fails_is_explained(ref, monkeypatch):
    pytest.importorskip("torchvision")
    import torch.hub

    def fail(*_, **__):
        raise OSError("Name or service not known")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fail)
    monkeypatch.setattr(
        "torchvision._internally_replaced_utils.load_state_dict_from_url", fail, raising=False
    )
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fail, raising=False)
    with pytest.raises(InputError, match=r"ImageNet weights of SqueezeNet .* cannot be downloaded"):
        ref("zoo", "build")("SqueezeNet", weights="imagenet")


def test_unknown_backbone(ref):
    with pytest.raises(UnknownNameError, match="did you mean"):
        ref("zoo", "build")("ResNet5O")


def test_a_missing_library_is_named(ref, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"'timm'.*review-analytics\[torch\]"):
        ref("zoo", "on_meta")("Xception")


def test_the_package_imports_torch_on_first_use_only():
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from review.models.loader import PACKAGE, _load_package\n"
        "_load_package()\n"
        "package = sys.modules[PACKAGE]\n"
        "assert 'torch' not in sys.modules\n"
        "assert all(getattr(package, name) for name in package.__all__)\n"
        "assert 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_downloads_are_announced_on_standard_error(ref, monkeypatch, capsys):
    zoo = __import__("sys").modules[ref("zoo", "build").__module__]

    def noisy(source, *, pretrained):
        print("Downloading", source, pretrained)  # noqa: T201  what libraries do
        return ref("tiny", "Tiny")()

    monkeypatch.setattr(zoo, "library_model", noisy)
    ref("zoo", "build")("VGG16", weights="imagenet")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Downloading torchvision:vgg16 True" in captured.err


@pytest.mark.parametrize(("name", "blocks"), [("AlexNet", 5), ("GoogLeNet", 11)])
def test_library_weights_have_the_blocks_of_the_own_network(ref, monkeypatch, torch, name, blocks):
    pytest.importorskip("torchvision")
    zoo = __import__("sys").modules[ref("zoo", "build").__module__]
    plain = zoo.library_model

    def without_download(source, *, pretrained):
        with torch.device("meta"):
            return plain(source)

    monkeypatch.setattr(zoo, "library_model", without_download)
    model = ref("zoo", "build")(name, weights="imagenet")
    parts = ref("structure", "structure")(model)
    own = ref("structure", "structure")(ref("zoo", "on_meta")(name))
    assert [b.name for b in parts.blocks] == [b.name for b in own.blocks]
    assert len(parts.blocks) == blocks
    inside = sum(b.parameters for b in parts.blocks)
    head = sum(
        p.numel() for path in parts.classifier for p in model.get_submodule(path).parameters()
    )
    assert inside + head == parameters(model)

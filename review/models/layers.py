"""Networks as plain layer tables, and their parameters by the closed formula of Kim et al. 2022.

One filter has (a * b * c) + 1 parameters, where a * b is its size, c the number of filters of the
layer before and 1 the bias ("Convolutional neural networks using ImageNet", text to Table 1).
Fully connected layers are filters as large as their input, batch normalisation adds a scale and a
shift per filter. No torch is needed; `models_ref/tables/` holds one CSV file per network.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, cast

from review.errors import UnknownNameError
from review.models.backbones import find_backbone
from review.resources import resource_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Part = Literal["features", "classifier", "auxiliary"]
Kind = Literal["conv", "fc", "scale", "fixed"]
# Networks with a layer table, as (backbone, file stem).
TABLES: Final = {
    "LeNet5": "lenet5",
    "AlexNet": "alexnet",
    "VGG16": "vgg16",
    "VGG19": "vgg19",
    "GoogLeNet": "googlenet",
    "Inception2": "inception2",
    "ResNet50": "resnet50",
    "ResNet152": "resnet152",
}


@dataclass(frozen=True)
class Layer:
    """One row of a layer table; rows with the same name are one layer (LeNet-5's sparse C3).

    Attributes:
        part: `features` (the feature extractor), `classifier` or `auxiliary` (training only).
        kind: `conv`, `fc`, `scale` (trainable subsampling) or `fixed` (not trained).
        a, b: size of a filter.
        inputs: filters (channels) of the layer before; `groups` share them out.
        filters: filters of this layer.
        bias, batch_norm: 1 when each filter has a bias, a batch normalisation.
        times: how many layers are exactly like this one.
        on_path: whether it lies on the longest path from input to output, which gives the depth.
    """

    part: Part
    block: str
    name: str
    kind: Kind
    a: int
    b: int
    inputs: int
    filters: int
    groups: int = 1
    bias: int = 1
    batch_norm: int = 0
    times: int = 1
    on_path: bool = True

    @property
    def per_filter(self) -> int:
        """Parameters of one filter: (a * b * c) + 1, and 2 for batch normalisation."""
        return self.a * self.b * (self.inputs // self.groups) + self.bias + 2 * self.batch_norm

    @property
    def parameters(self) -> int:
        """Trainable parameters of the row; those of a `fixed` layer are none."""
        return 0 if self.kind == "fixed" else self.per_filter * self.filters * self.times


@dataclass(frozen=True)
class LayerTable:
    """The layers of a network.

    Example:
        >>> table = layer_table("VGG16")
        >>> table.parameters, table.features, table.depth
        (138357544, 14714688, 16)
    """

    model: str
    layers: tuple[Layer, ...]

    @property
    def parameters(self) -> int:
        """All trainable parameters but those of the auxiliary heads."""
        return self.features + self.classifier

    @property
    def features(self) -> int:
        """Trainable parameters of the feature extractor."""
        return self._sum("features")

    @property
    def classifier(self) -> int:
        """Trainable parameters of the fully connected layers at the end."""
        return self._sum("classifier")

    @property
    def auxiliary(self) -> int:
        """Trainable parameters of the auxiliary heads, which serve training only."""
        return self._sum("auxiliary")

    @property
    def depth(self) -> int:
        """Convolutions and fully connected layers on the longest path from input to output."""
        return self.feature_depth + self.fc_layers

    @property
    def feature_depth(self) -> int:
        """Convolutions of the feature extractor on the longest path."""
        return self._count("features", "conv", path_only=True)

    @property
    def conv_layers(self) -> int:
        """All convolutions of the feature extractor, side branches and shortcuts included."""
        return self._count("features", "conv", path_only=False)

    @property
    def fc_layers(self) -> int:
        """Trained fully connected layers of the classifier."""
        return self._count("classifier", "fc", path_only=False)

    @property
    def kernel_sizes(self) -> frozenset[int]:
        """The sizes of the convolution filters, which are square in all these networks."""
        return frozenset(r.a for r in self.layers if r.kind == "conv" and r.part == "features")

    @property
    def blocks(self) -> dict[str, int]:
        """Parameters per block of the feature extractor, from input to output."""
        found: dict[str, int] = {}
        for row in self.layers:
            if row.part == "features":
                found[row.block] = found.get(row.block, 0) + row.parameters
        return found

    def change(self, edit: Callable[[Layer], Layer | None]) -> LayerTable:
        """Return a variant: `edit` gives each row's replacement, or None to leave it out."""
        return replace(self, layers=tuple(r for r in map(edit, self.layers) if r is not None))

    def _sum(self, part: Part) -> int:
        return sum(r.parameters for r in self.layers if r.part == part)

    def _count(self, part: Part, kind: Kind, *, path_only: bool) -> int:
        rows = {
            r.name: r.times
            for r in self.layers
            if r.part == part and r.kind == kind and (r.on_path or not path_only)
        }
        return sum(rows.values())


def layer_table(name: str) -> LayerTable:
    """Return the layer table of a network.

    Raises:
        UnknownNameError: no such network, or one that has no layer table.
    """
    key = find_backbone(name).key
    if key not in TABLES:
        raise UnknownNameError("network with a layer table", name, TABLES)
    return _read(key)


@lru_cache(maxsize=len(TABLES))
def _read(key: str) -> LayerTable:
    path = resource_dir("models_ref") / "tables" / f"{TABLES[key]}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return LayerTable(key, tuple(_rows(csv.DictReader(file))))


def _rows(rows: Iterable[dict[str, str]]) -> Iterable[Layer]:
    for row in rows:
        a, b = row["kernel"].split("x")
        yield Layer(
            part=cast("Part", row["part"]),
            block=row["block"],
            name=row["layer"],
            kind=cast("Kind", row["kind"]),
            a=int(a),
            b=int(b),
            inputs=int(row["in"]),
            filters=int(row["out"]),
            groups=int(row["groups"]),
            bias=int(row["bias"]),
            batch_norm=int(row["bn"]),
            times=int(row["times"]),
            on_path=row["path"] == "1",
        )

"""Inception v2 in the form of Ioffe and Szegedy (2015), Figure 5: Inception with batch norm."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn

from .googlenet import ConvUnit

# per module: 1x1, 3x3 reduce, 3x3, double 3x3 reduce, double 3x3, pool projection; no 1x1 branch
# and no projection (0) where the module halves the maps
MODULES: Final = {
    "3a": (64, 64, 64, 64, 96, 32),
    "3b": (64, 64, 96, 64, 96, 64),
    "3c": (0, 128, 160, 64, 96, 0),
    "4a": (224, 64, 96, 96, 128, 128),
    "4b": (192, 96, 128, 96, 128, 128),
    "4c": (160, 128, 160, 128, 160, 128),
    "4d": (96, 128, 192, 160, 192, 128),
    "4e": (0, 128, 192, 192, 256, 0),
    "5a": (352, 192, 320, 160, 224, 128),
    "5b": (352, 192, 320, 192, 224, 128),
}


class InceptionModule(nn.Module):
    """Branches side by side; the 5 x 5 filters of GoogLeNet became two of 3 x 3."""

    def __init__(self, inputs: int, filters: tuple[int, ...], *, max_pool: bool) -> None:
        super().__init__()
        one, reduce3, three, reduce_double, double, pool = filters
        stride = 1 if one else 2
        branches: list[nn.Module] = [ConvUnit(inputs, one, 1, bn=True)] if one else []
        branches.append(
            nn.Sequential(
                ConvUnit(inputs, reduce3, 1, bn=True),
                ConvUnit(reduce3, three, 3, bn=True, stride=stride),
            )
        )
        branches.append(
            nn.Sequential(
                ConvUnit(inputs, reduce_double, 1, bn=True),
                ConvUnit(reduce_double, double, 3, bn=True),
                ConvUnit(double, double, 3, bn=True, stride=stride),
            )
        )
        pooling = (nn.MaxPool2d if max_pool else nn.AvgPool2d)(3, stride, padding=1)
        branches.append(
            nn.Sequential(pooling, ConvUnit(inputs, pool, 1, bn=True)) if pool else pooling
        )
        self.branches = nn.ModuleList(branches)
        self.outputs = one + three + double + (pool or inputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the joined maps; modules without a 1 x 1 branch halve height and width."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Inception2(nn.Module):
    """Inception v2: 11,285,224 parameters. Takes images (n, 3, 224, 224).

    Args:
        n_classes: of the last layer.
    """

    def __init__(self, *, n_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            ConvUnit(3, 64, 7, bn=True, stride=2), nn.MaxPool2d(3, 2, ceil_mode=True)
        )
        self.conv2 = nn.Sequential(
            ConvUnit(64, 64, 1, bn=True), ConvUnit(64, 192, 3, bn=True),
            nn.MaxPool2d(3, 2, ceil_mode=True),
        )  # fmt: skip
        maps = 192
        for name, filters in MODULES.items():
            last = name == "5b" or not filters[0]
            module = InceptionModule(maps, filters, max_pool=last)
            setattr(self, f"inception{name}", module)
            maps = module.outputs
        self.average = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.linear = nn.Linear(maps, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return one score per class."""
        x = self.conv2(self.conv1(x))
        for name in MODULES:
            x = getattr(self, f"inception{name}")(x)
        return self.linear(self.average(x))

    def transfer_layout(self) -> dict[str, Any]:
        """Name the blocks: the two convolutions at the start and ten inception modules."""
        blocks = [("conv1", ["conv1"]), ("conv2", ["conv2"])]
        blocks += [(f"inception{name}", [f"inception{name}"]) for name in MODULES]
        return {"blocks": blocks, "classifier": ["linear"]}

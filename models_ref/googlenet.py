"""GoogLeNet (Inception v1) of Szegedy et al. (2015), Table 1, and its batch-normalised relative."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn

# per module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection (Table 1 of the paper)
MODULES: Final = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


class ConvUnit(nn.Sequential):
    """A convolution with bias and rectifier, or with batch normalisation instead of the bias."""

    def __init__(self, inputs: int, filters: int, size: int, *, bn: bool, stride: int = 1) -> None:
        conv = nn.Conv2d(inputs, filters, size, stride, padding=size // 2, bias=not bn)
        norm = [nn.BatchNorm2d(filters, eps=1e-3)] if bn else []
        super().__init__(conv, *norm, nn.ReLU())


class InceptionModule(nn.Module):
    """Four branches side by side, joined along the channels."""

    def __init__(self, inputs: int, filters: tuple[int, ...], *, bn: bool, large: int) -> None:
        super().__init__()
        one, reduce3, three, reduce5, five, pool = filters
        self.one = ConvUnit(inputs, one, 1, bn=bn)
        self.three = nn.Sequential(
            ConvUnit(inputs, reduce3, 1, bn=bn), ConvUnit(reduce3, three, 3, bn=bn)
        )
        self.five = nn.Sequential(
            ConvUnit(inputs, reduce5, 1, bn=bn), ConvUnit(reduce5, five, large, bn=bn)
        )
        self.pool = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), ConvUnit(inputs, pool, 1, bn=bn)
        )
        self.outputs = one + three + five + pool

    def forward(self, x: Tensor) -> Tensor:
        """Return the joined maps, same height and width."""
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], dim=1)


class GoogLeNet(nn.Module):
    """GoogLeNet: 22 layers deep, 6,998,552 parameters without the auxiliary heads.

    Takes images (n, 3, 224, 224) and gives scores (n, n_classes); while training with auxiliary
    heads, a tuple of the main and the two auxiliary scores.

    Args:
        auxiliary: add the two heads that the paper trains with and then discards.
        batch_norm: the form of later libraries: batch normalisation, no biases, no local
            response normalisation, and 3 x 3 instead of 5 x 5 filters (6,624,904 parameters).
        n_classes: of the last layer.
    """

    def __init__(
        self, *, auxiliary: bool = False, batch_norm: bool = False, n_classes: int = 1000
    ) -> None:
        super().__init__()
        bn, large = batch_norm, 3 if batch_norm else 5
        norm: type[nn.Module] = nn.Identity if bn else nn.LocalResponseNorm
        self.conv1 = nn.Sequential(
            ConvUnit(3, 64, 7, bn=bn, stride=2), nn.MaxPool2d(3, 2, ceil_mode=True), norm(5)
        )
        self.conv2 = nn.Sequential(
            ConvUnit(64, 64, 1, bn=bn), ConvUnit(64, 192, 3, bn=bn), norm(5),
            nn.MaxPool2d(3, 2, ceil_mode=True),
        )  # fmt: skip
        maps = 192
        for name, filters in MODULES.items():
            module = InceptionModule(maps, filters, bn=bn, large=large)
            setattr(self, f"inception{name}", module)
            maps = module.outputs
        self.aux1 = _auxiliary(512, n_classes, bn=bn) if auxiliary else None
        self.aux2 = _auxiliary(528, n_classes, bn=bn) if auxiliary else None
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.average = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4))
        self.linear = nn.Linear(1024, n_classes)

    def forward(self, x: Tensor) -> Any:
        """Return one score per class, or three such tensors while training with heads."""
        x = self.conv2(self.conv1(x))
        extra: list[Tensor] = []
        for name in MODULES:
            if name in {"4a", "5a"}:
                x = self.pool(x)
            x = getattr(self, f"inception{name}")(x)
            head = {"4a": self.aux1, "4d": self.aux2}.get(name)
            if head is not None and self.training:
                extra.append(head(x))
        scores = self.linear(self.average(x))
        return (scores, *extra) if extra else scores

    def transfer_layout(self) -> dict[str, Any]:
        """Name the blocks: the two convolutions at the start and nine inception modules."""
        blocks = [("conv1", ["conv1"]), ("conv2", ["conv2"])]
        blocks += [(f"inception{name}", [f"inception{name}"]) for name in MODULES]
        return {"blocks": blocks, "classifier": ["linear"]}


def _auxiliary(maps: int, n_classes: int, *, bn: bool) -> nn.Sequential:
    """Return a head: 4 x 4 average pooling, 1 x 1 convolution, two fully connected layers."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(4), ConvUnit(maps, 128, 1, bn=bn), nn.Flatten(),
        nn.Linear(2048, 1024), nn.ReLU(), nn.Dropout(0.7), nn.Linear(1024, n_classes),
    )  # fmt: skip

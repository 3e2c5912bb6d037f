"""A small network for trying out the bench and for tests; no review names it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from torch import Tensor, nn


class Tiny(nn.Module):
    """Three blocks of convolution, batch normalisation and pooling; about 6,000 parameters.

    Takes images (n, 3, 32, 32) and gives scores (n, n_classes).

    Args:
        n_classes: of the last layer.
    """

    def __init__(self, *, n_classes: int = 10) -> None:
        super().__init__()

        def block(inputs: int, filters: int) -> nn.Sequential:
            conv = nn.Conv2d(inputs, filters, 3, padding=1, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2))

        self.features = nn.Sequential(
            OrderedDict(block1=block(3, 8), block2=block(8, 16), block3=block(16, 32))
        )
        self.average = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.classifier = nn.Linear(32, n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return one score per class."""
        return self.classifier(self.average(self.features(x)))

    def transfer_layout(self) -> dict[str, Any]:
        """Name the three blocks."""
        blocks = [(f"block{i}", [f"features.block{i}"]) for i in (1, 2, 3)]
        return {"blocks": blocks, "classifier": ["classifier"]}

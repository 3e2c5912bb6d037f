"""ResNet50 and ResNet152 of He et al. (2016), Table 1, with bottleneck blocks."""

from __future__ import annotations

from typing import Any, Final

from torch import Tensor, nn

_BLOCKS: Final = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3 and 1 x 1 convolutions around which a shortcut leads.

    The stride is in the first convolution, as in the paper (libraries moved it to the second).
    """

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = 4 * width
        self.conv1 = nn.Conv2d(inputs, width, 1, stride, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.downsample = (
            nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
            if inputs != outputs
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps of the branch added to those of the shortcut."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(y + shortcut)


class ResNet(nn.Module):
    """A residual network; the names of the parameters are those of torchvision.

    Takes images (n, 3, 224, 224) and gives scores (n, n_classes).

    Args:
        depth: 50, 101 or 152.
        n_classes: of the last layer.
    """

    def __init__(self, depth: int = 50, *, n_classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        maps = 64
        for i, blocks in enumerate(_BLOCKS[depth]):
            width, stride = 64 * 2**i, 1 if i == 0 else 2
            units = [Bottleneck(maps, width, stride)]
            maps = 4 * width
            units += [Bottleneck(maps, width, 1) for _ in range(blocks - 1)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*units))
        self.average = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.fc = nn.Linear(maps, n_classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Return one score per class."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for i in range(1, 5):
            x = getattr(self, f"layer{i}")(x)
        return self.fc(self.average(x))

    def transfer_layout(self) -> dict[str, Any]:
        """Name the blocks: the first convolution and four stages."""
        stages = [(f"layer{i}", [f"layer{i}"]) for i in range(1, 5)]
        return {"blocks": [("conv1", ["conv1", "bn1"]), *stages], "classifier": ["fc"]}

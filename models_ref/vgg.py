"""VGG16 and VGG19: configurations D and E of Simonyan and Zisserman (2015), Table 1."""

from __future__ import annotations

from typing import Any, Final

from torch import Tensor, nn

_FILTERS: Final = (64, 128, 256, 512, 512)
_CONVS: Final = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


class VGG(nn.Module):
    """Five blocks of 3 x 3 convolutions and three fully connected layers.

    Takes images (n, 3, 224, 224) and gives scores (n, n_classes). The names of the parameters are
    those of torchvision, so that its weight files fit.

    Args:
        depth: 16 or 19.
        n_classes: of the last layer.
    """

    def __init__(self, depth: int = 16, *, n_classes: int = 1000) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        self._ends: list[int] = []
        maps = 3
        for filters, convs in zip(_FILTERS, _CONVS[depth], strict=True):
            for _ in range(convs):
                layers += [nn.Conv2d(maps, filters, 3, padding=1), nn.ReLU()]
                maps = filters
            layers.append(nn.MaxPool2d(2))
            self._ends.append(len(layers))
        self.features = nn.Sequential(*layers)
        # leaves the 7 x 7 maps of 224 x 224 images as they are, and lets other sizes in
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.flat = nn.Flatten()
        self.classifier = nn.Sequential(
            nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, n_classes),
        )  # fmt: skip
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return one score per class."""
        return self.classifier(self.flat(self.avgpool(self.features(x))))

    def transfer_layout(self) -> dict[str, Any]:
        """Name the five blocks (each ends with pooling) and the layers of the classifier."""
        starts = [0, *self._ends[:-1]]
        return {
            "blocks": [
                (f"block{i}", [f"features.{j}" for j in range(start, end)])
                for i, (start, end) in enumerate(zip(starts, self._ends, strict=True), 1)
            ],
            "classifier": ["classifier.0", "classifier.3", "classifier.6"],
        }

"""AlexNet as described by Krizhevsky, Sutskever and Hinton (2012), and its relative CaffeNet."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from torch import Tensor, nn

_FC6_SIDE: Final = 6


class AlexNet(nn.Module):
    """AlexNet: five convolutions, local response normalisation, overlapping pooling, three FC.

    Takes images (n, 3, 227, 227): the paper says 224, but its own arithmetic (55 x 55 maps after
    the first layer) needs 227. Gives scores (n, n_classes).

    Args:
        grouped: share the filters of conv2, conv4 and conv5 out to two groups, as the paper did
            to use two graphics cards: 60,965,224 parameters instead of 62,378,344.
        pool_first: pool before the normalisation, which makes it CaffeNet (Jia et al. 2014).
        n_classes: of the last layer.
    """

    def __init__(
        self, *, grouped: bool = False, pool_first: bool = False, n_classes: int = 1000
    ) -> None:
        super().__init__()
        groups = 2 if grouped else 1

        def tail() -> list[nn.Module]:
            norm = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)
            pool = nn.MaxPool2d(3, 2)
            return [pool, norm] if pool_first else [norm, pool]

        def block(conv: nn.Conv2d, *after: nn.Module) -> nn.Sequential:
            return nn.Sequential(conv, nn.ReLU(), *after)

        self.features = nn.Sequential(
            OrderedDict(
                conv1=block(nn.Conv2d(3, 96, 11, stride=4), *tail()),
                conv2=block(nn.Conv2d(96, 256, 5, padding=2, groups=groups), *tail()),
                conv3=block(nn.Conv2d(256, 384, 3, padding=1)),
                conv4=block(nn.Conv2d(384, 384, 3, padding=1, groups=groups)),
                conv5=block(nn.Conv2d(384, 256, 3, padding=1, groups=groups), nn.MaxPool2d(3, 2)),
            )
        )
        # leaves the 6 x 6 maps of 227 x 227 images as they are, and lets other sizes in
        self.pool = nn.AdaptiveAvgPool2d(_FC6_SIDE)
        self.classifier = nn.Sequential(
            OrderedDict(
                flat=nn.Flatten(), fc6=nn.Linear(256 * _FC6_SIDE**2, 4096), relu6=nn.ReLU(),
                drop6=nn.Dropout(0.5), fc7=nn.Linear(4096, 4096), relu7=nn.ReLU(),
                drop7=nn.Dropout(0.5), fc8=nn.Linear(4096, n_classes),
            )
        )  # fmt: skip
        self._initialise()

    def forward(self, x: Tensor) -> Tensor:
        """Return one score per class."""
        return self.classifier(self.pool(self.features(x)))

    def transfer_layout(self) -> dict[str, Any]:
        """Name the blocks and the layers of the classifier."""
        return {
            "blocks": [(f"conv{i}", [f"features.conv{i}"]) for i in range(1, 6)],
            "classifier": ["classifier.fc6", "classifier.fc7", "classifier.fc8"],
        }

    def _initialise(self) -> None:
        # section 5: N(0, 0.01), biases 1 where that feeds the rectifiers positive values, else 0
        ones = {"features.conv2.0", "features.conv4.0", "features.conv5.0"}
        ones |= {"classifier.fc6", "classifier.fc7"}
        for name, layer in self.named_modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.normal_(layer.weight, std=0.01)
                nn.init.constant_(layer.bias, 1.0 if name in ones else 0.0)

"""LeNet-5 as described by LeCun, Bottou, Bengio and Haffner (1998), section II.B.

Details of the paper that later versions drop: sparse connections of C3, subsampling with a
trained coefficient and bias per map, the scaled hyperbolic tangent, and an output layer of fixed
radial basis functions.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import torch
from torch import Tensor, nn

# Table I of the paper: which maps of S2 each of the 16 maps of C3 reads.
C3_INPUTS: Final = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip

# One 7 x 12 picture per digit for the output units, drawn anew as seven-segment digits: the
# paper draws its own, and nothing that is counted or trained depends on the drawing.
_SEGMENTS: Final = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg",
                    "abcdfg")  # fmt: skip
_STROKES: Final = {
    "a": ((0, 2), (1, 6)), "b": ((1, 6), (5, 7)), "c": ((6, 11), (5, 7)), "d": ((10, 12), (1, 6)),
    "e": ((6, 11), (0, 2)), "f": ((1, 6), (0, 2)), "g": ((5, 7), (1, 6)),
}  # fmt: skip


class ScaledTanh(nn.Module):
    """1.7159 tanh(2x / 3), the squashing function of the paper (appendix A)."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the squashed values, same shape."""
        return 1.7159 * torch.tanh(x * (2 / 3))


class SparseConv(nn.Module):
    """A 5 x 5 convolution whose maps read the input maps of `C3_INPUTS` only."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterList(
            [nn.Parameter(torch.empty(1, len(maps), 5, 5)) for maps in C3_INPUTS]
        )
        self.bias = nn.Parameter(torch.zeros(len(C3_INPUTS)))
        for weight in self.weights:
            bound = 2.4 / (weight.shape[1] * 25)  # the paper: +-2.4 / fan-in
            nn.init.uniform_(weight, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps (n, 16, h - 4, w - 4) of maps (n, 6, h, w)."""
        maps = [
            nn.functional.conv2d(x[:, list(read)], weight)
            for read, weight in zip(C3_INPUTS, self.weights, strict=True)
        ]
        return torch.cat(maps, dim=1) + self.bias.view(1, -1, 1, 1)


class Subsampling(nn.Module):
    """The sum of 2 x 2 values times a trained coefficient, plus a trained bias, per map."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.full((maps,), 0.25))
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of half the height and width."""
        summed = 4 * nn.functional.avg_pool2d(x, 2)
        return summed * self.coefficient.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)


class RadialBasis(nn.Module):
    """Ten units with fixed +-1 codes; a unit gives the negative squared distance to its code.

    The paper calls the distance a penalty; the sign makes the largest output the chosen digit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("codes", digit_codes())

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 10) of features (n, 84)."""
        return -((x.unsqueeze(1) - self.codes) ** 2).sum(dim=2)


class LeNet5(nn.Module):
    """LeNet-5: 60,000 trained parameters, 1,716 of them in the feature extractor.

    Takes grey images of 32 x 32 pixels, shape (n, 1, 32, 32), and gives scores (n, 10).
    """

    def __init__(self) -> None:
        super().__init__()
        squash = ScaledTanh
        self.features = nn.Sequential(
            OrderedDict(
                block1=nn.Sequential(nn.Conv2d(1, 6, 5), squash(), Subsampling(6), squash()),
                block2=nn.Sequential(SparseConv(), squash(), Subsampling(16), squash()),
            )
        )
        self.classifier = nn.Sequential(
            OrderedDict(
                c5=nn.Conv2d(16, 120, 5), squash5=squash(), flat=nn.Flatten(),
                f6=nn.Linear(120, 84), squash6=squash(), output=RadialBasis(),
            )
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Return one score per digit."""
        return self.classifier(self.features(x))

    def transfer_layout(self) -> dict[str, Any]:
        """Name the blocks and the layers of the classifier: C5 is a convolution in form only."""
        return {
            "blocks": [("block1", ["features.block1"]), ("block2", ["features.block2"])],
            "classifier": ["classifier.c5", "classifier.f6", "classifier.output"],
            "last_inputs": 84,
        }


def digit_codes() -> Tensor:
    """Return the codes of the ten digits, shape (10, 84): +1 ink, -1 paper."""
    codes = -torch.ones(10, 12, 7)
    for digit, segments in enumerate(_SEGMENTS):
        for segment in segments:
            (top, bottom), (left, right) = _STROKES[segment]
            codes[digit, top:bottom, left:right] = 1
    return codes.flatten(1)

"""Counts the parameters, layers and depth of torch networks, the second of two counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

from .structure import structure

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAYERS: Final = (
    nn.functional.conv1d, nn.functional.conv2d, nn.functional.conv3d, nn.functional.linear,
    torch.conv1d, torch.conv2d, torch.conv3d,
)  # fmt: skip


@dataclass(frozen=True)
class Count:
    """What was counted on a network.

    Attributes:
        parameters: trainable parameters.
        features: those of the feature extractor.
        classifier: those of the classifier.
        classifier_hidden: those of the classifier without its last layer.
        last_inputs, last_bias: inputs of the last layer, and 1 when it has a bias.
        classifier_inputs: features that go into the classifier.
        convolutions: modules that are convolutions.
        blocks: (name, parameters) of the feature extractor, from input to output.
    """

    parameters: int
    features: int
    classifier: int
    classifier_hidden: int
    last_inputs: int
    last_bias: int
    classifier_inputs: int
    convolutions: int
    blocks: tuple[tuple[str, int], ...]


def count(model: nn.Module) -> Count:
    """Return the counts of a network, which may lie on the meta device.

    Raises:
        InputError: no classifier can be found, or parameters lie outside of the parts found.
    """
    parts = structure(model)
    layers = [model.get_submodule(path) for path in parts.classifier]
    sizes = [_size(layer) for layer in layers]
    blocks = tuple((block.name, block.parameters) for block in parts.blocks)
    total = _size(model)
    assert sum(n for _, n in blocks) + sum(sizes) == total, "parameters outside of the parts"
    last = layers[-1]
    has_bias = not isinstance(last, nn.Linear | nn.Conv2d) or last.bias is not None
    return Count(
        parameters=total,
        features=sum(n for _, n in blocks),
        classifier=sum(sizes),
        classifier_hidden=sum(sizes[:-1]),
        last_inputs=parts.last_inputs,
        last_bias=int(has_bias),
        classifier_inputs=next(layers[0].parameters())[0].numel(),
        convolutions=sum(isinstance(m, nn.Conv2d) for m in model.modules()),
        blocks=blocks,
    )


def depth(model: nn.Module, size: int, channels: int = 3) -> int:
    """Return the number of weighted layers on the longest path from input to output.

    Convolutions and fully connected layers are counted while one image of `size` x `size` pixels
    goes through the network in evaluation mode: each result remembers the longest path that led
    to it.

    Args:
        model: a network; on the meta device nothing is computed.
        size: height and width of the image.
        channels: of the image.
    """
    device = next(model.parameters()).device
    image = torch.empty(1, channels, size, size, device=device).as_subclass(_Traced)
    image.depth = 0
    training = model.training
    model.eval()
    with torch.no_grad():
        result = model(image)
    model.train(training)
    return int(result.depth)


class _Traced(Tensor):
    """A tensor that knows how many weighted layers lie behind it."""

    depth: int = 0

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = super().__torch_function__(func, types, args, kwargs)
        behind = max(_depths([args, kwargs]), default=0) + (func in _LAYERS)
        for tensor in _tensors(result):
            tensor.depth = behind
        return result


def _tensors(value: Any) -> Iterable[_Traced]:
    if isinstance(value, _Traced):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def _depths(value: Any) -> list[int]:
    return [tensor.depth for tensor in _tensors(value)]


def _size(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())

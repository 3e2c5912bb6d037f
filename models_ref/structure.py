"""Finds the parts of a network: its blocks from input to output, and its classifier.

Own networks name them (`transfer_layout`). For others the classifier is the run of fully
connected layers at the end, and the blocks are the parts that a forward pass goes through one
after the other, as they are registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from torch import nn

from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

# containers that hold the whole feature extractor rather than one block of it
_CONTAINERS: Final = frozenset(
    {"features", "blocks", "stages", "layers", "backbone", "base", "body", "encoder", "trunk"}
)
# children that belong to the block before them
_BELONGS_BEFORE: Final = ("transition", "norm", "bn")
NORMS: Final = (
    nn.modules.batchnorm._NormBase,  # noqa: SLF001  the common base of batch and instance norm
    nn.GroupNorm,
    nn.LayerNorm,
)
_CONVS: Final = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
# heads that serve training only, as torchvision's Inception v3 and GoogLeNet have them
_AUXILIARY: Final = ("AuxLogits", "aux1", "aux2")


@dataclass(frozen=True)
class Block:
    """A part of the feature extractor: its name and the modules it consists of."""

    name: str
    modules: tuple[nn.Module, ...]

    @property
    def parameters(self) -> int:
        """Parameters of the block."""
        return sum(p.numel() for m in self.modules for p in m.parameters())


@dataclass(frozen=True)
class Structure:
    """The parts of a network.

    Attributes:
        blocks: of the feature extractor, from input to output.
        classifier: names of the layers of the classifier, from input to output.
        last_inputs: inputs of the last layer.
    """

    blocks: tuple[Block, ...]
    classifier: tuple[str, ...]
    last_inputs: int

    @property
    def last(self) -> str:
        """Name of the last layer, which gives one score per class."""
        return self.classifier[-1]


def structure(model: nn.Module) -> Structure:
    """Return the parts of a network.

    Raises:
        InputError: it has no fully connected layer at its end, or nothing before it.
    """
    layout = getattr(model, "transfer_layout", None)
    if layout is not None:
        return _declared(model, layout())
    classifier = _find_classifier(model)
    blocks = tuple(_find_blocks(model, set(classifier)))
    if not blocks:
        raise InputError(f"{_name(model)} has no layers before its classifier")
    return Structure(blocks, classifier, _inputs(model.get_submodule(classifier[-1])))


def drop_auxiliary(model: nn.Module) -> None:
    """Remove the heads that serve training only; a forward pass then gives one tensor."""
    for name in _AUXILIARY:
        if isinstance(getattr(model, name, None), nn.Module):
            setattr(model, name, None)
    if hasattr(model, "aux_logits"):
        model.aux_logits = False


def _declared(model: nn.Module, layout: dict[str, Any]) -> Structure:
    blocks = tuple(
        Block(name, tuple(model.get_submodule(path) for path in paths))
        for name, paths in layout["blocks"]
    )
    classifier = tuple(layout["classifier"])
    last = model.get_submodule(classifier[-1])
    return Structure(blocks, classifier, layout.get("last_inputs") or _inputs(last))


def _find_classifier(model: nn.Module) -> tuple[str, ...]:
    leaves = [
        (name, m) for name, m in model.named_modules()
        if name and next(m.parameters(recurse=False), None) is not None
        and name.split(".")[0] not in _AUXILIARY
    ]  # fmt: skip
    tail: list[str] = []
    convolutional = any(isinstance(m, _CONVS) for _, m in leaves)
    for name, module in reversed(leaves):
        if isinstance(module, nn.Linear):
            tail.append(name)
            if not convolutional:
                break  # of a network without convolutions only the last layer is its classifier
        elif not (tail and isinstance(module, nn.BatchNorm1d)):
            break
    if tail:
        return tuple(reversed(tail))
    # some networks classify with a 1 x 1 convolution
    if leaves and isinstance(leaves[-1][1], nn.Conv2d) and leaves[-1][1].kernel_size == (1, 1):
        return (leaves[-1][0],)
    raise InputError(f"{_name(model)} has no fully connected layer at its end")


def _find_blocks(model: nn.Module, classifier: set[str]) -> Iterator[Block]:
    found: list[tuple[str, list[nn.Module]]] = []
    starts_new = True
    for name, module, flat in _parts(model, classifier):
        kind = name.rsplit(".", 1)[-1].lower()
        if next(module.parameters(), None) is None:
            # in a plain list of layers, pooling ends a block (VGG, AlexNet)
            starts_new = starts_new or (flat and "pool" in type(module).__name__.lower())
            if found and flat:
                found[-1][1].append(module)
            continue
        joins = found and (
            kind.startswith(_BELONGS_BEFORE)
            or isinstance(module, NORMS)
            or (flat and not starts_new)
        )
        if joins:
            found[-1][1].append(module)
        else:
            found.append((name, [module]))
        starts_new = False
    for name, modules in found:
        yield Block(name, tuple(modules))


def _parts(
    model: nn.Module, classifier: set[str], prefix: str = ""
) -> Iterator[tuple[str, nn.Module, bool]]:
    """Yield (name, module, whether it stands in a plain list of layers), classifier left out."""
    children = [
        (prefix + name, child) for name, child in model.named_children()
        if prefix + name not in classifier and prefix + name not in _AUXILIARY
    ]  # fmt: skip
    weighted = {name: c for name, c in children if next(c.parameters(), None) is not None}
    flat = isinstance(model, nn.Sequential) and all(
        next(c.children(), None) is None for c in weighted.values()
    )
    for name, child in children:
        inside = any(path.startswith(name + ".") for path in classifier)
        container = name.rsplit(".", 1)[-1] in _CONTAINERS or list(weighted) == [name]
        if (container or inside) and next(child.children(), None) is not None:
            yield from _parts(child, classifier, name + ".")
        else:
            yield name, child, flat


def _inputs(layer: nn.Module) -> int:
    return int(getattr(layer, "in_features", 0) or getattr(layer, "in_channels", 0))


def _name(model: nn.Module) -> str:
    return f"the network {type(model).__name__}"

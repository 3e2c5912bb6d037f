"""The four transfer-learning types of Kim et al. 2022 (Figure 2) as code.

feature_extractor_hybrid   the convolutional layers stay as they are; their output goes to a
                           classical classifier, the fully connected layers are gone
feature_extractor          the convolutional layers stay as they are, the classifier is trained
fine_tuning                the classifier and the last blocks are trained
fine_tuning_from_scratch   everything is trained
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from torch import nn

from review.errors import InputError, UnknownNameError

from .structure import NORMS, Structure, drop_auxiliary, structure

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal[
    "feature_extractor", "feature_extractor_hybrid", "fine_tuning", "fine_tuning_from_scratch"
]
Head = Literal["retrain", "thin"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True)
class Transfer:
    """What `apply_transfer` did to a network.

    Attributes:
        blocks: names of the blocks of the feature extractor, from input to output.
        unfrozen: how many of them, counted from the output, are trained.
        total, trainable: parameters; those of a classical classifier are not counted.
        features_total, features_trainable: the same for the feature extractor alone.
    """

    kind: Kind
    n_classes: int
    blocks: tuple[str, ...]
    unfrozen: int
    total: int
    trainable: int
    features_total: int
    features_trainable: int

    @property
    def ratio(self) -> float:
        """Share of all parameters that is trained."""
        return self.trainable / self.total

    @property
    def fine_tuning_ratio(self) -> float:
        """Share of the feature extractor's parameters that is trained."""
        return self.features_trainable / self.features_total


def apply_transfer(
    model: nn.Module,
    kind: Kind,
    n_classes: int,
    *,
    unfreeze: int | None = None,
    head: Head = "retrain",
) -> nn.Module:
    """Make a network ready for one of the four transfer-learning types, in place.

    The last layer is replaced by one with `n_classes` outputs and new weights. Frozen blocks keep
    their weights, and their batch normalisation keeps its statistics: they stay in evaluation mode
    even after `model.train()`.

    Args:
        model: a network; heads that serve training only are removed.
        kind: the transfer-learning type.
        n_classes: at least 2.
        unfreeze: with `fine_tuning`, how many blocks are trained, counted from the output; 1 when
            not given. Other kinds take none.
        head: `retrain` keeps the fully connected layers before the last as they start out and
            trains them too; `thin` replaces the whole classifier by one layer.

    Returns:
        The same network; `model.transfer` is a `Transfer` with the counts. As a feature extractor
        hybrid it gives features, shape (n, features), instead of scores.

    Raises:
        UnknownNameError: an unknown `kind` or `head`.
        InputError: `n_classes` below 2, or `unfreeze` beyond the number of blocks.

    Source: Kim et al. (2022), "Transfer learning with convolutional neural networks" and Figure 2.
    """
    _check(kind, n_classes, head)
    if hasattr(model, "transfer"):
        raise InputError("this network already had a transfer-learning type applied; build it anew")
    drop_auxiliary(model)
    parts = structure(model)
    unfrozen = _unfrozen(kind, unfreeze, len(parts.blocks))
    if kind == "feature_extractor_hybrid":
        _remove_classifier(model, parts)
    elif head == "thin":
        _thin_classifier(model, parts, n_classes)
    else:
        _replace(model, parts.last, _scores(model.get_submodule(parts.last), parts, n_classes))
    _freeze(model, parts, unfrozen, everything=kind == "fine_tuning_from_scratch")
    if kind == "feature_extractor_hybrid":
        model.requires_grad_(requires_grad=False)
    features = [p for b in parts.blocks for m in b.modules for p in m.parameters()]
    model.transfer = Transfer(
        kind=kind,
        n_classes=n_classes,
        blocks=tuple(b.name for b in parts.blocks),
        unfrozen=unfrozen,
        total=sum(p.numel() for p in model.parameters()),
        trainable=sum(p.numel() for p in model.parameters() if p.requires_grad),
        features_total=sum(p.numel() for p in features),
        features_trainable=sum(p.numel() for p in features if p.requires_grad),
    )
    model.train(model.training)
    return model


def _check(kind: str, n_classes: Any, head: str) -> None:
    if kind not in KINDS:
        raise UnknownNameError("transfer-learning type", str(kind), KINDS)
    if head not in get_args(Head):
        raise UnknownNameError("head", str(head), get_args(Head))
    if isinstance(n_classes, bool) or not isinstance(n_classes, int):
        raise InputError(f"n_classes = {n_classes!r} is not a whole number")
    if n_classes < 2:
        raise InputError(f"n_classes = {n_classes}: a classification needs at least 2 classes")


def _unfrozen(kind: Kind, unfreeze: int | None, blocks: int) -> int:
    if unfreeze is not None and (isinstance(unfreeze, bool) or not isinstance(unfreeze, int)):
        raise InputError(f"unfreeze = {unfreeze!r} is not a whole number of blocks")
    if kind == "fine_tuning":
        wanted = 1 if unfreeze is None else unfreeze
        if not 1 <= wanted <= blocks:
            raise InputError(
                f"unfreeze = {wanted}: this network has {blocks} blocks, so 1 to {blocks} of them "
                "can be unfrozen for fine-tuning"
            )
        return wanted
    needed = blocks if kind == "fine_tuning_from_scratch" else 0
    if unfreeze not in {None, needed}:
        raise InputError(
            f"unfreeze = {unfreeze} does not go with {kind}, which trains "
            f"{'all' if needed else 'none'} of the {blocks} blocks; use fine_tuning"
        )
    return needed


def _freeze(model: nn.Module, parts: Structure, unfrozen: int, *, everything: bool) -> None:
    start = len(parts.blocks) - unfrozen
    frozen_blocks = _inside(b.modules for b in parts.blocks[:start])
    trained = _inside(b.modules for b in parts.blocks[start:])
    trained |= _inside([[m for _, m in _classifier_modules(model, parts)]])
    for module in model.modules():
        frozen = not everything and module not in trained
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(not frozen)
        if frozen and (module in frozen_blocks or isinstance(module, NORMS)):
            # an instance attribute, so that train() of any parent finds it
            module.train = partial(_stay_in_evaluation, module)
            module.training = False


def _inside(groups: Iterable[Iterable[nn.Module]]) -> set[nn.Module]:
    return {m for group in groups for module in group for m in module.modules()}


def _stay_in_evaluation(module: nn.Module, mode: bool = True) -> nn.Module:  # noqa: ARG001  torch's signature
    module.training = False
    return module


def _scores(last: nn.Module, parts: Structure, n_classes: int) -> nn.Module:
    """Return a new last layer of the same form."""
    reference = next(last.parameters(), None)
    where = {} if reference is None else {"device": reference.device, "dtype": reference.dtype}
    if isinstance(last, nn.Conv2d):
        return nn.Conv2d(parts.last_inputs, n_classes, 1, bias=last.bias is not None, **where)
    if not where:
        buffer = next(last.buffers())  # fixed output units
        where = {"device": buffer.device}
    bias = not isinstance(last, nn.Linear) or last.bias is not None
    return nn.Linear(parts.last_inputs, n_classes, bias=bias, **where)


def _thin_classifier(model: nn.Module, parts: Structure, n_classes: int) -> None:
    first = model.get_submodule(parts.classifier[0])
    if len(parts.classifier) == 1:
        _replace(model, parts.last, _scores(first, parts, n_classes))
        return
    weight = next(first.parameters())
    new = nn.Linear(weight[0].numel(), n_classes, device=weight.device, dtype=weight.dtype)
    _remove_classifier(model, parts)
    _replace(model, parts.last, nn.Sequential(nn.Flatten(), new))


def _remove_classifier(model: nn.Module, parts: Structure) -> None:
    for path, module in _classifier_modules(model, parts):
        reshapes = isinstance(module, nn.Flatten) or "pool" in type(module).__name__.lower()
        if next(module.children(), None) is None and not reshapes:
            _replace(model, path, nn.Identity())


def _classifier_modules(model: nn.Module, parts: Structure) -> list[tuple[str, nn.Module]]:
    """Return the layers of the classifier, and what stands between and behind them in a list."""
    found = {path: model.get_submodule(path) for path in parts.classifier}
    parent, _, first = parts.classifier[0].rpartition(".")
    home = model.get_submodule(parent) if parent else model
    if isinstance(home, nn.Sequential):
        names = [name for name, _ in home.named_children()]
        for name in names[names.index(first) :]:
            start = f"{parent}.{name}" if parent else name
            for path, module in home.get_submodule(name).named_modules():
                found[f"{start}.{path}" if path else start] = module
    return list(found.items())


def _replace(model: nn.Module, path: str, new: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    setattr(model.get_submodule(parent) if parent else model, name, new)

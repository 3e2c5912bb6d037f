"""Trained and total parameters of each transfer-learning type, without torch.

The counts come from `models_ref/backbones.csv`; a test holds them against `apply_transfer` on the
torch modules.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from review.errors import InputError, UnknownNameError
from review.models.backbones import Backbone, backbones, find_backbone
from review.models.loader import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal[
    "feature_extractor_hybrid", "feature_extractor", "fine_tuning", "fine_tuning_from_scratch"
]
Head = Literal["retrain", "thin"]
# from the fewest trained parameters to the most, the order of Kim et al. 2022, Figure 2
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True)
class TransferCount:
    """The parameters of one network under one transfer-learning type.

    Attributes:
        total: all parameters; as a hybrid, those of the feature extractor that is left.
        trainable: those that training changes; those of a classical classifier are not counted.
        share: trainable / total.
        unfrozen, blocks: how many of the blocks of the feature extractor are trained.
        fine_tuning_ratio: trained share of the feature extractor's parameters.
    """

    backbone: str
    kind: Kind
    n_classes: int
    total: int
    trainable: int
    unfrozen: int
    blocks: int
    fine_tuning_ratio: float

    @property
    def share(self) -> float:
        """Share of all parameters that is trained."""
        return self.trainable / self.total

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {**asdict(self), "share": self.share}


def transfer_counts(
    names: Sequence[str] | None = None,
    *,
    n_classes: int = 2,
    unfreeze: int = 1,
    head: Head = "retrain",
) -> tuple[TransferCount, ...]:
    """Return the counts of networks under all four types, network by network.

    Args:
        names: backbones; all of them when not given.
        n_classes: of the new last layer.
        unfreeze: blocks that fine-tuning trains, counted from the output; networks with fewer
            blocks train all they have when `names` is not given.
        head: as for `transfer_count`.

    Raises:
        UnknownNameError: an unknown backbone.
        InputError: fewer than 2 classes, or more blocks than a named network has.

    Example:
        >>> [c.trainable for c in transfer_counts(["ResNet50"])]
        [0, 4098, 14968834, 23512130]
    """
    if isinstance(names, str) or not (names is None or hasattr(names, "__iter__")):
        raise InputError(f"names must be a list of networks, not {names!r}")
    chosen = [find_backbone(n) for n in names] if names is not None else list(backbones().values())
    unfreeze = _whole("unfreeze", unfreeze)
    return tuple(
        transfer_count(
            b,
            kind,
            n_classes,
            unfreeze=unfreeze if names else min(unfreeze, len(b.blocks)),
            head=head,
        )
        for b in chosen
        for kind in KINDS
    )


def _whole(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"{name} = {value!r} is no number of blocks")
    return value


def transfer_count(
    backbone: Backbone | str,
    kind: Kind,
    n_classes: int,
    *,
    unfreeze: int = 1,
    head: Head = "retrain",
) -> TransferCount:
    """Return the counts of one network under one type.

    Args:
        backbone: the network.
        kind: the transfer-learning type.
        n_classes: at least 2.
        unfreeze: blocks that `fine_tuning` trains, from the output; other types ignore it.
        head: `retrain` keeps the layers of the classifier but for the last, which gets
            `n_classes` outputs; `thin` replaces them all by one layer.

    Raises:
        UnknownNameError: an unknown backbone, type or head.
        InputError: fewer than 2 classes, or `unfreeze` beyond the number of blocks.

    Example:
        >>> transfer_count("VGG16", "feature_extractor", 2).trainable
        119554050
    """
    net = find_backbone(backbone) if isinstance(backbone, str) else backbone
    if not isinstance(net, Backbone):
        raise InputError(f"{net!r} is no network: give its name, such as 'VGG16'")
    if not isinstance(kind, str) or kind not in KINDS:
        raise UnknownNameError("transfer-learning type", str(kind), KINDS)
    if not isinstance(head, str) or head not in get_args(Head):
        raise UnknownNameError("head", str(head), get_args(Head))
    if isinstance(n_classes, bool) or not isinstance(n_classes, int) or n_classes < 2:
        raise InputError(f"n_classes = {n_classes!r}: a classification needs at least 2 classes")
    count = len(net.blocks)
    if kind == "fine_tuning" and (
        isinstance(unfreeze, bool) or not isinstance(unfreeze, int) or not 1 <= unfreeze <= count
    ):
        raise InputError(
            f"unfreeze = {unfreeze!r}: {net.key} has {count} blocks, so 1 to {count} of them can "
            "be unfrozen for fine-tuning"
        )
    unfrozen = {"fine_tuning": unfreeze, "fine_tuning_from_scratch": count}.get(kind, 0)
    tuned = sum(n for _, n in net.blocks[count - unfrozen :])
    classifier = 0 if kind == "feature_extractor_hybrid" else _classifier(net, n_classes, head)
    return TransferCount(
        backbone=net.key,
        kind=kind,
        n_classes=n_classes,
        total=net.features + classifier,
        trainable=tuned + classifier,
        unfrozen=unfrozen,
        blocks=count,
        fine_tuning_ratio=tuned / net.features,
    )


def _classifier(net: Backbone, n_classes: int, head: Head) -> int:
    if head == "thin" and net.classifier_hidden:
        return (net.classifier_inputs + 1) * n_classes
    return net.classifier_hidden + (net.last_inputs + net.last_bias) * n_classes


def apply_transfer(model: Any, kind: str, n_classes: int, **options: Any) -> Any:
    """Make a torch network ready for a transfer-learning type; see `models_ref/transfer.py`.

    Raises:
        MissingExtraError: torch is not installed.
    """
    return reference("transfer", "apply_transfer")(model, kind, n_classes, **options)


def build_backbone(name: str, *, weights: str = "none") -> Any:
    """Return a torch network with its original classifier; see `models_ref/zoo.py`.

    Raises:
        MissingExtraError: torch is not installed.
        UnknownNameError: no such backbone.
    """
    return reference("zoo", "build")(name, weights=weights)

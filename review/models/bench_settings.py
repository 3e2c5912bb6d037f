"""What the bench trains.

The experiment of Druzhinina et al. (2021): several networks under two settings, a learning rate
of 1e-4 for 20 epochs and 1e-5 for 40. They call a setting better when accuracy is higher and loss
lower on average over the epochs, and steadier when the curves fluctuate less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.models.backbones import find_backbone
from review.models.transfer import KINDS, Kind

if TYPE_CHECKING:
    from pathlib import Path

HYBRID: Final = "feature_extractor_hybrid"
CLASSIFIERS: Final = ("svm", "logistic", "random_forest")
TINY: Final = "tiny"


@dataclass(frozen=True)
class PlannedRun:
    """One network to be trained once; a hybrid has neither learning rate nor epochs."""

    backbone: str
    kind: Kind
    learning_rate: float | None
    epochs: int | None
    seed: int

    @property
    def subject(self) -> str:
        """Network and type, which have a row of curves of their own."""
        return f"{self.backbone}, {self.kind}"

    @property
    def setting(self) -> str:
        """Learning rate and epochs in words."""
        if self.learning_rate is None:
            return "no epochs (classical classifier)"
        return f"learning rate {self.learning_rate:g}, {self.epochs} epochs"


@dataclass(frozen=True)
class BenchSettings:
    """What to train.

    Attributes:
        images: folder with one folder per class, or with `train` and `val` folders of that kind.
        backbones: networks by name, or `tiny`.
        kinds: transfer-learning types.
        schedules: (learning rate, epochs) of the types that are trained by gradients.
        weights: `none`, `imagenet` or the path of a file.
        unfreeze: blocks that fine-tuning trains.
        validation: share of each class that is held out.
        image_size: in pixels; None for the size that each network was made for.
        classifier: of the feature extractor hybrid.
        device: `auto`, `cpu` or `cuda`.
    """

    images: Path
    backbones: tuple[str, ...]
    kinds: tuple[Kind, ...]
    schedules: tuple[tuple[float, int], ...]
    weights: str = "none"
    unfreeze: int = 1
    seeds: tuple[int, ...] = (1,)
    validation: float = 0.2
    batch_size: int = 8
    image_size: int | None = None
    classifier: str = "svm"
    device: str = "auto"

    def __post_init__(self) -> None:
        for backbone in self.backbones:
            if backbone != TINY:
                find_backbone(backbone)
        for kind in self.kinds:
            if kind not in KINDS:
                raise UnknownNameError("transfer-learning type", kind, KINDS)
        for name, values in (("backbone", self.backbones), ("type", self.kinds)):
            if not values:
                raise InputError(f"no {name} was named")
        if self.classifier not in CLASSIFIERS:
            raise UnknownNameError("classifier", self.classifier, CLASSIFIERS)
        if not 0 < self.validation < 1:
            raise InputError(
                f"validation = {self.validation}: the share held out lies between 0 and 1"
            )
        for name, value in (("batch size", self.batch_size), ("unfreeze", self.unfreeze)):
            if value < 1:
                raise InputError(f"{name} = {value}: at least 1 is needed")
        if self.image_size is not None and self.image_size < 8:
            raise InputError(f"image size = {self.image_size}: at least 8 pixels are needed")
        for rate, epochs in self.schedules:
            if not (math.isfinite(rate) and rate > 0):
                raise InputError(f"a learning rate of {rate} is not above 0")
            if epochs < 1:
                raise InputError(f"{epochs} epochs: at least 1 is needed")

    def plan(self) -> list[PlannedRun]:
        """Return the runs; a hybrid is trained once per seed."""
        runs = []
        for backbone in self.backbones:
            for kind in self.kinds:
                settings: tuple[tuple[float | None, int | None], ...] = self.schedules
                if kind == HYBRID:
                    settings = ((None, None),)
                for rate, epochs in settings:
                    runs += [PlannedRun(backbone, kind, rate, epochs, s) for s in self.seeds]
        return runs


def schedules(rates: str, epochs: str, *, grid: bool = False) -> tuple[tuple[float, int], ...]:
    """Return the settings that two lists mean: pairs when they are of equal length, else all.

    Args:
        rates: learning rates, joined by commas.
        epochs: numbers of epochs, joined by commas.
        grid: every rate with every number of epochs.

    Raises:
        InputError: not numbers, or lists of different length that are no pairs.

    Example:
        >>> schedules("1e-4,1e-5", "20,40")
        ((0.0001, 20), (1e-05, 40))
        >>> schedules("1e-4,1e-5", "20")
        ((0.0001, 20), (1e-05, 20))
    """
    a = [_number(text, float, "--lr") for text in rates.split(",")]
    b = [int(_number(text, int, "--epochs")) for text in epochs.split(",")]
    if grid or len(a) == 1 or len(b) == 1:
        return tuple(dict.fromkeys((rate, n) for rate in a for n in b))
    if len(a) != len(b):
        raise InputError(
            f"--lr has {len(a)} values and --epochs {len(b)}: give as many of both (they go "
            "together in pairs), one of either, or --grid for all combinations"
        )
    return tuple(dict.fromkeys(zip(a, b, strict=True)))


def _number(text: str, kind: type[float], option: str) -> float:
    try:
        return kind(text.strip())
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise InputError(f"{option}: {text.strip()!r} is not {what}") from None

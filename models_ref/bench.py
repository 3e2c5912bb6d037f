"""The bench: trains networks under the four transfer-learning types on a folder of images."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from review.errors import InputError, UnknownNameError
from review.models.backbones import find_backbone
from review.models.bench_result import BenchResult, Run
from review.models.bench_settings import TINY, BenchSettings, PlannedRun

from .images import ImageFolder, load, read_folder
from .structure import drop_auxiliary, structure
from .training import Images, fit_classifier, train
from .transfer import Transfer, apply_transfer
from .zoo import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    Progress = Callable[[str, int], None]

_TINY_SIZE = 32


def bench(settings: BenchSettings, progress: Progress | None = None) -> BenchResult:
    """Train everything that the settings name.

    The same seed gives the same split, the same start and the same order of images, so that runs
    with one seed differ in what is compared only.

    Args:
        settings: what to train.
        progress: called with the name of the run and the epochs done since the last call.

    Raises:
        InputError: the folder, its images, the weights or a size do not fit.
        MissingExtraError: a package of the extra `torch` is not installed.
    """
    folder = read_folder(settings.images)
    device = _device(settings.device)
    folder.split(settings.validation, settings.seeds[0])
    said = progress or (lambda _name, _done: None)
    for backbone in settings.backbones:
        said(f"{backbone}: building it, weights {settings.weights}", 0)
        _rehearse(backbone, settings)
    cache: dict[tuple[int, int], Any] = {}
    runs = []
    for planned in settings.plan():
        size, channels = _shape(planned.backbone, settings.image_size)
        if (size, channels) not in cache:
            # one set of decoded images at a time is enough
            cache.clear()
            cache[size, channels] = load(folder.files, size, channels)
        trainer = _Trainer(settings, folder, cache[size, channels], device)
        runs.append(trainer(planned, said))
    training, validation = folder.split(settings.validation, settings.seeds[0])
    counts = [np.bincount(folder.labels[part], minlength=len(folder.classes)).tolist()
              for part in (training, validation)]  # fmt: skip
    return BenchResult(
        settings=settings,
        classes=folder.classes,
        train_n=tuple(counts[0]),
        val_n=tuple(counts[1]),
        baseline=max(counts[1]) / sum(counts[1]),
        ignored=folder.ignored,
        runs=tuple(runs),
    )


class _Trainer:
    """Trains one network once."""

    def __init__(
        self, settings: BenchSettings, folder: ImageFolder, pixels: Any, device: torch.device
    ) -> None:
        self.settings, self.folder, self.pixels, self.device = settings, folder, pixels, device

    def __call__(self, run: PlannedRun, progress: Progress) -> Run:
        started = time.perf_counter()
        model, source = self._model(run)
        training, validation = self._images(run.seed, half=source.startswith("timm"))
        name = f"{run.subject}, {run.setting}, seed {run.seed}"
        diverged = None
        if run.learning_rate is None or run.epochs is None:
            curve = fit_classifier(
                model, training, validation, classifier=self.settings.classifier, seed=run.seed
            )
            progress(name, 1)
        else:
            curve, diverged = train(
                model,
                training,
                validation,
                learning_rate=run.learning_rate,
                epochs=run.epochs,
                seed=run.seed,
                progress=lambda: progress(name, 1),
            )
            progress(name, run.epochs - len(curve))
        plan: Transfer = model.transfer
        return Run(
            **asdict(run),
            source=source,
            trainable=plan.trainable,
            total=plan.total,
            curve=curve,
            seconds=time.perf_counter() - started,
            diverged=diverged,
        )

    def _model(self, run: PlannedRun) -> tuple[nn.Module, str]:
        torch.manual_seed(run.seed)
        weights = self.settings.weights
        model = build(run.backbone, weights=weights)
        source = "own"
        if run.backbone != TINY:
            net = find_backbone(run.backbone)
            source = net.imagenet if weights == "imagenet" else net.source
        unfreeze = self.settings.unfreeze if run.kind == "fine_tuning" else None
        apply_transfer(model, run.kind, len(self.folder.classes), unfreeze=unfreeze)
        return model.to(self.device), source

    def _images(self, seed: int, *, half: bool) -> tuple[Images, Images]:
        sides = self.folder.split(self.settings.validation, seed)
        batch = self.settings.batch_size
        training, validation = (
            Images(
                self.pixels, self.folder.labels, side, batch=batch, device=self.device, half=half
            )
            for side in sides
        )
        return training, validation


def _rehearse(backbone: str, settings: BenchSettings) -> None:
    """Find what does not fit before hours of training: weights, blocks, the size of the images."""
    model = build(backbone, weights=settings.weights)
    drop_auxiliary(model)
    blocks = len(structure(model).blocks)
    if "fine_tuning" in settings.kinds and settings.unfreeze > blocks:
        raise InputError(
            f"unfreeze = {settings.unfreeze}: {backbone} has {blocks} blocks, so 1 to {blocks} of "
            "them can be unfrozen for fine-tuning"
        )
    size, channels = _shape(backbone, settings.image_size)
    model.eval()
    try:
        with torch.no_grad():
            model(torch.zeros(2, channels, size, size))
    except (RuntimeError, ValueError) as error:
        made_for = _shape(backbone, None)[0]
        raise InputError(
            f"{backbone} cannot take images of {size} x {size} pixels; it was made for "
            f"{made_for} x {made_for} ({str(error).splitlines()[0]})"
        ) from None


def _shape(backbone: str, size: int | None) -> tuple[int, int]:
    if backbone == TINY:
        return size or _TINY_SIZE, 3
    net = find_backbone(backbone)
    return size or net.input, net.channels


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in {"cpu", "cuda", "mps"}:
        raise UnknownNameError("device", name, ["auto", "cpu", "cuda", "mps"])
    available = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if name in available and not available[name]():
        raise InputError(f"--device {name}: torch finds no such device here; use cpu or auto")
    return torch.device(name)

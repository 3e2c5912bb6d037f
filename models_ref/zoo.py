"""Builds the networks of `backbones.toml`, with or without published weights."""

from __future__ import annotations

import contextlib
import logging
import pickle
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn

from review.errors import InputError, MissingExtraError
from review.models.backbones import facts, find_backbone
from review.models.loader import missing_torch

from .alexnet import AlexNet
from .googlenet import MODULES as INCEPTION_MODULES
from .googlenet import GoogLeNet
from .inception2 import Inception2
from .lenet import LeNet5
from .resnet import ResNet
from .structure import drop_auxiliary, structure
from .tiny import Tiny
from .vgg import VGG

if TYPE_CHECKING:
    from collections.abc import Callable

OWN: Final[dict[str, Callable[[], nn.Module]]] = {
    "LeNet5": LeNet5,
    "AlexNet": AlexNet,
    "CaffeNet": lambda: AlexNet(grouped=True, pool_first=True),
    "VGG16": lambda: VGG(16),
    "VGG19": lambda: VGG(19),
    "GoogLeNet": GoogLeNet,
    "Inception2": Inception2,
    "ResNet50": lambda: ResNet(50),
    "ResNet152": lambda: ResNet(152),
}
TINY: Final = "tiny"
# the blocks of library networks that are named here as in the own module of the same network
_LAYOUTS: Final[dict[str, dict[str, Any]]] = {
    "torchvision:alexnet": {
        "blocks": [
            (f"conv{i}", [f"features.{j}" for j in range(*span)])
            for i, span in enumerate(((0, 3), (3, 6), (6, 8), (8, 10), (10, 13)), 1)
        ],
        "classifier": ["classifier.1", "classifier.4", "classifier.6"],
    },
    "torchvision:googlenet": {
        "blocks": [
            ("conv1", ["conv1"]),
            ("conv2", ["conv2", "conv3"]),
            *((f"inception{m}", [f"inception{m}"]) for m in INCEPTION_MODULES),
        ],
        "classifier": ["fc"],
    },
}


def build(name: str, *, weights: str = "none") -> nn.Module:
    """Return a network with its original classifier.

    Args:
        name: a backbone, or `tiny`.
        weights: `none` (random), `imagenet` (the library's own, downloaded when needed) or the
            path of a file with a state dictionary.

    Raises:
        UnknownNameError: no such backbone; says which are close.
        InputError: there are no such weights, they cannot be downloaded, or do not fit.
        MissingExtraError: the library that defines the network is not installed.
    """
    if name.casefold() == TINY:
        if weights == "imagenet":
            raise InputError("the network 'tiny' has no ImageNet weights; use --weights none")
        model: nn.Module = Tiny()
    else:
        entry = _entry(find_backbone(name).key)
        if weights == "imagenet":
            return _pretrained(entry)
        model = build_source(entry)
    if weights != "none":
        load_weights(model, Path(weights))
    return model


def build_source(entry: dict[str, Any]) -> nn.Module:
    """Return the network of an entry of `backbones.toml`, weights random."""
    if entry["source"] == "own":
        return OWN[entry["key"]]()
    return library_model(entry["source"])


def on_meta(name: str) -> nn.Module:
    """Return a network without memory for its weights: for counting.

    Raises:
        UnknownNameError: no such backbone.
    """
    entry = _entry(find_backbone(name).key)
    with torch.device("meta"):
        return build_source(entry)


def library_model(source: str, *, pretrained: bool = False) -> nn.Module:
    """Return `torchvision:NAME` or `timm:NAME`, without heads that serve training only."""
    library, _, name = source.partition(":")
    try:
        if library == "timm":
            import timm

            # says what fails once for each of a dozen attempts; one message is enough
            logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
            return timm.create_model(name, pretrained=pretrained)
        import torchvision.models as zoo
    except ImportError as error:
        raise missing_torch(error) from error
    options: dict[str, Any] = {"weights": "DEFAULT" if pretrained else None}
    if name in {"googlenet", "inception_v3"} and not pretrained:
        # slow scipy-like initialisation is of no use here; the heads serve training only
        options |= {"aux_logits": False, "init_weights": False}
    model = getattr(zoo, name)(**options)
    drop_auxiliary(model)
    return model


def load_weights(model: nn.Module, path: Path) -> None:
    """Load a state dictionary; a last layer of another size is left as it is.

    Raises:
        InputError: no such file, not a state dictionary, or one of another network.
    """
    if not path.is_file():
        raise InputError(f"--weights {path}: no such file (or use 'imagenet' or 'none')")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError,
            zipfile.BadZipFile, OSError) as error:  # fmt: skip
        raise InputError(
            f"--weights {path}: not a file of torch weights (a state dictionary of tensors, as "
            f"torch.save writes it; {type(error).__name__})"
        ) from None
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(v, torch.Tensor) for v in state.values()):
        raise InputError(f"--weights {path}: holds no state dictionary (names and tensors)")
    state = {name.removeprefix("module."): value for name, value in state.items()}
    own, last = model.state_dict(), structure(model).last
    for name in [n for n in own if n.startswith(last + ".")]:
        if name not in state or state[name].shape != own[name].shape:
            state[name] = own[name]
    missing = [n for n in own if n not in state]
    extra = [n for n in state if n not in own]
    shaped = [n for n in own if n in state and state[n].shape != own[n].shape]
    if missing or extra or shaped:
        problems = (("missing", missing), ("unknown", extra), ("of another shape", shaped))
        said = "; ".join(f"{len(n)} {what}, such as {n[0]!r}" for what, n in problems if n)
        raise InputError(f"--weights {path} does not fit {type(model).__name__}: {said}")
    model.load_state_dict(state)


def _pretrained(entry: dict[str, Any]) -> nn.Module:
    key, source = entry["key"], entry["imagenet"]
    if not source:
        raise InputError(
            f"the libraries have no ImageNet weights for {key}; use --weights none or a file"
        )
    try:
        # the libraries announce downloads on standard output, where results belong
        with contextlib.redirect_stdout(sys.stderr):
            model = library_model(source, pretrained=True)
    except MissingExtraError:
        raise
    except Exception as error:  # noqa: BLE001  each library fails in its own way without a network
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"the ImageNet weights of {key} ({source}) cannot be downloaded: {reason}; connect to "
            "the internet once (they are kept afterwards), give a file with --weights FILE, or "
            "start from random weights with --weights none"
        ) from None
    if source in _LAYOUTS:
        model.transfer_layout = partial(dict, _LAYOUTS[source])
    return model


def _entry(key: str) -> dict[str, Any]:
    return next(e for e in facts()["backbone"] if e["key"] == key)

"""Reference networks: layer tables (plain data) and torch modules.

`tables/*.csv` and `backbones.*` are read without torch; the modules beside this file need the
extra `torch`. They are loaded by path (`review.models.loader`), and on first use: naming
`LeNet5` imports torch, importing this package does not.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

_MODULE_OF: Final = {
    "AlexNet": "alexnet",
    "GoogLeNet": "googlenet",
    "Inception2": "inception2",
    "LeNet5": "lenet",
    "ResNet": "resnet",
    "Tiny": "tiny",
    "VGG": "vgg",
    "apply_transfer": "transfer",
    "build": "zoo",
    "on_meta": "zoo",
}

__all__ = list(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)

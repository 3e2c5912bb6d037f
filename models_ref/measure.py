"""Writes `backbones.csv`: parameters, depth and blocks of every network, counted on its module.

Run as `python -c "from review.models.loader import reference as r; r('measure', 'write')()"` in a
checkout; needs the extra `torch`. A test checks that the file is what this gives.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

from review.models.backbones import facts

COLUMNS: Final = (
    "backbone", "parameters", "features", "classifier_hidden", "last_inputs", "last_bias",
    "classifier_inputs", "depth", "blocks", "version",
)  # fmt: skip


def measure(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the row of one network of `backbones.toml`."""
    import torch

    from .counting import count, depth
    from .zoo import build_source

    with torch.device("meta"):
        model = build_source(entry)
    found = count(model)
    return {
        "backbone": entry["key"],
        "parameters": found.parameters,
        "features": found.features,
        "classifier_hidden": found.classifier_hidden,
        "last_inputs": found.last_inputs,
        "last_bias": found.last_bias,
        "classifier_inputs": found.classifier_inputs,
        "depth": depth(model, entry["input"], entry.get("channels", 3)),
        "blocks": ";".join(f"{name}:{n}" for name, n in found.blocks),
        "version": _version(entry["source"]),
    }


def table() -> str:
    """Return the text of `backbones.csv`."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(measure(entry) for entry in facts()["backbone"])
    return buffer.getvalue()


def write() -> None:
    """Write `backbones.csv` beside this file."""
    Path(__file__).with_name("backbones.csv").write_text(table(), "utf-8")


def _version(source: str) -> str:
    from importlib.metadata import version

    library = source.partition(":")[0]
    return "" if library == "own" else f"{library} {version(library)}"

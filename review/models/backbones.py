"""The networks that studies name: spellings, families, and their counted sizes.

Facts come from `models_ref/backbones.toml`, counts from `models_ref/backbones.csv`, which
`models_ref/measure.py` writes from the torch modules; no torch is needed to read them.
"""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from review.errors import InputError, UnknownNameError
from review.resources import resource_dir


@dataclass(frozen=True)
class Backbone:
    """A network and its counts.

    Attributes:
        key: its name here.
        words: other spellings.
        source: who defines the counted module: `own` or `library:name`.
        imagenet: library model that has ImageNet weights, or "".
        input, channels: the images it was made for.
        parameters: trainable parameters with its original classifier.
        features: those of the feature extractor.
        classifier_hidden: those of the classifier without its last layer.
        last_inputs, last_bias: inputs of the last layer, and 1 when it has a bias.
        classifier_inputs: features that go into the classifier.
        depth: convolutions and fully connected layers on the longest path.
        blocks: (name, parameters) of the feature extractor, from input to output.
        version: of the library that was counted, or "".
    """

    key: str
    words: tuple[str, ...]
    year: int
    paper: str
    source: str
    imagenet: str
    input: int
    channels: int
    parameters: int
    features: int
    classifier_hidden: int
    last_inputs: int
    last_bias: int
    classifier_inputs: int
    depth: int
    blocks: tuple[tuple[str, int], ...]
    version: str


@dataclass(frozen=True)
class Family:
    """A word that names several networks, such as ResNet: size and depth stay unknown."""

    key: str
    words: tuple[str, ...]
    members: tuple[str, ...]


def fold(name: str) -> str:
    """Return a name without case, blanks and punctuation.

    Example:
        >>> fold("VGG-16") == fold("vgg 16")
        True
    """
    return re.sub(r"[\W_]+", "", str(name).casefold())


@lru_cache(maxsize=1)
def backbones() -> dict[str, Backbone]:
    """Return all networks by key, in the order of `backbones.toml`."""
    with (resource_dir("models_ref") / "backbones.csv").open(encoding="utf-8", newline="") as file:
        counts = {row["backbone"]: row for row in csv.DictReader(file)}
    return {entry["key"]: _backbone(entry, counts[entry["key"]]) for entry in facts()["backbone"]}


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """Return the words that name several networks."""
    return {
        e["key"]: Family(e["key"], tuple(e.get("words", ())), tuple(e["members"]))
        for e in facts()["family"]
    }


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """Return `backbones.toml`."""
    return tomllib.loads((resource_dir("models_ref") / "backbones.toml").read_text("utf-8"))


def resolve(name: str) -> Backbone | Family | None:
    """Return what a printed name means: one network, a family, or nothing known.

    Example:
        >>> resolve("inception-v3").key, resolve("VGGNet").key, resolve("UNet")
        ('Inception3', 'VGG', None)
    """
    return _index().get(fold(name))


def find_backbone(name: str) -> Backbone:
    """Return the network that a name means.

    Raises:
        UnknownNameError: no such network; says which are close.
        InputError: the name of a family; says which networks belong to it.
    """
    found = resolve(name)
    if found is None:
        raise UnknownNameError("backbone", name, backbones())
    if isinstance(found, Family):
        raise InputError(
            f"{name!r} names several networks; give one of: {', '.join(found.members)}"
        )
    return found


def named_in(text: str) -> tuple[str, ...]:
    """Return the keys of the networks and families that a free text names, in order.

    Example:
        >>> named_in("VGG-16 features + SVM"), named_in("ResNet-50 and ResNets")
        (('VGG16',), ('ResNet50', 'ResNet'))
    """
    found: dict[str, None] = {}
    for match in names_pattern().finditer(text):
        hit = resolve(match.group())
        assert hit is not None
        found[hit.key] = None
    return tuple(found)


@lru_cache(maxsize=1)
def _index() -> dict[str, Backbone | Family]:
    index: dict[str, Backbone | Family] = {}
    known: list[Backbone | Family] = [*families().values(), *backbones().values()]
    for item in known:
        for word in (item.key, *item.words):
            index[fold(word)] = item
    return index


@lru_cache(maxsize=1)
def names_pattern() -> re.Pattern[str]:
    """Return the pattern that finds names of networks and families in free text."""
    words = sorted(_index(), key=lambda w: (-len(w), w))
    # the letters of a name, with blanks or hyphens between them, and no letter or digit around
    # it: ResNet-38 is no ResNet of unknown depth
    spelled = [r"[\s_-]?".join(map(re.escape, word)) for word in words]
    return re.compile(
        rf"(?<![A-Za-z0-9])(?:{'|'.join(spelled)})(?![A-Za-z]|[\s_-]?[0-9])", re.IGNORECASE
    )


def _backbone(entry: dict[str, Any], counts: dict[str, str]) -> Backbone:
    blocks = [part.rsplit(":", 1) for part in counts["blocks"].split(";")]
    return Backbone(
        key=entry["key"],
        words=tuple(entry.get("words", ())),
        year=entry["year"],
        paper=entry["paper"],
        source=entry["source"],
        imagenet=entry["imagenet"],
        input=entry["input"],
        channels=entry.get("channels", 3),
        parameters=int(counts["parameters"]),
        features=int(counts["features"]),
        classifier_hidden=int(counts["classifier_hidden"]),
        last_inputs=int(counts["last_inputs"]),
        last_bias=int(counts["last_bias"]),
        classifier_inputs=int(counts["classifier_inputs"]),
        depth=int(counts["depth"]),
        blocks=tuple((name, int(count)) for name, count in blocks),
        version=counts["version"],
    )

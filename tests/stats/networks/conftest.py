"""Networks of the reference and of the literature, by name."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from review import network_meta

DATA = Path(__file__).resolve().parents[2] / "data" / "networks.json"
FILE = json.loads(DATA.read_text(encoding="utf-8"))
ENTRIES = {entry["id"]: entry for entry in FILE["entries"]}


@pytest.fixture(scope="session")
def netmeta():
    """Return a function from an id to the results of that entry."""
    return lambda entry_id: copy.deepcopy(ENTRIES[entry_id]["results"])


@pytest.fixture(scope="session")
def columns():
    """Return a function from a data set to its columns te, se, treat1, treat2, studlab."""

    def look_up(dataset):
        given = ENTRIES[f"nma.netmeta.{dataset}"]["inputs"]
        return [copy.copy(given[c]) for c in ("TE", "seTE", "treat1", "treat2", "studlab")]

    return look_up


@pytest.fixture(scope="session")
def fitted(columns):
    """Return a function from a data set (and options) to its fit."""
    return lambda dataset, **options: network_meta(*columns(dataset), **options)


@pytest.fixture(scope="session")
def arms():
    """Return a function from a data set to its arms as published."""
    return lambda dataset: copy.deepcopy(FILE["arms"][dataset])


@pytest.fixture(scope="session")
def made_network():
    """Return a function that draws a connected network: (te, se, treat1, treat2, studlab)."""

    def draw(seed, treatments=6, studies=18, largest=4):
        rng = np.random.default_rng(seed)
        names = [f"T{i}" for i in range(treatments)]
        truth = rng.normal(0, 0.5, treatments)
        rows = []
        for s in range(studies):
            n = int(rng.integers(2, largest + 1))
            # a chain first, so that all treatments are connected
            start = [s, s + 1] if s < treatments - 1 else []
            rest = [t for t in rng.permutation(treatments) if t not in start]
            chosen = (start + rest)[:n]
            v = rng.uniform(0.02, 0.2, n)
            arm = truth[chosen] + rng.normal(0, np.sqrt(v + 0.05))
            rows += [
                (arm[i] - arm[j], np.sqrt(v[i] + v[j]), names[chosen[i]], names[chosen[j]],
                 f"s{s}")
                for i in range(n) for j in range(i + 1, n)
            ]  # fmt: skip
        return [list(c) for c in zip(*rows, strict=True)]

    return draw

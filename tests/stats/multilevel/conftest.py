"""Reference results of multilevel models, and data sets to fit."""

import json
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"


def _entries():
    raw = json.loads((DATA / "multilevel.json").read_text(encoding="utf-8"))
    found = {e["id"]: e for e in raw["entries"]}
    inputs = {}
    for e in found.values():
        if "inputs" in e:
            inputs.setdefault(e["dataset"], e["inputs"])
    for e in found.values():
        e.setdefault("inputs", inputs.get(e["dataset"], {}))
    return found


ENTRIES = _entries()


@pytest.fixture(scope="session")
def multilevel():
    """Return a function from an id to its entry in multilevel.json."""
    return ENTRIES.__getitem__


@pytest.fixture(scope="session")
def schools(reference):
    return reference("mv.konst.year")["inputs"]


@pytest.fixture(scope="session")
def assink(reference):
    return reference("mv.assink.3level")["inputs"]


@pytest.fixture(scope="session")
def berkey(reference):
    return reference("mv.berkey.UN.REML")["inputs"]


def dense_fit(y, X, M):
    """Generalised least squares and both log-likelihoods straight from the definitions."""
    k, p = X.shape
    W = np.linalg.inv(M)
    A = X.T @ W @ X
    beta = np.linalg.solve(A, X.T @ W @ y)
    r = y - X @ beta
    logs = np.linalg.slogdet(M)[1]
    ml = -0.5 * (k * np.log(2 * np.pi) + logs + r @ W @ r)
    more = np.linalg.slogdet(A)[1] - np.linalg.slogdet(X.T @ X)[1]
    reml = -0.5 * ((k - p) * np.log(2 * np.pi) + logs + more + r @ W @ r)
    return beta, np.linalg.inv(A), ml, reml


@pytest.fixture(scope="session")
def dense():
    return dense_fit


def simulate(seed=1, k=120, studies=20):
    """Effects with three crossed or nested sources and correlated sampling errors."""
    rng = np.random.default_rng(seed)
    study = rng.integers(0, studies, k)
    v = rng.uniform(0.02, 0.2, k)
    lab = rng.integers(0, 7, k)
    y = rng.normal(0, 0.4, studies)[study] + rng.normal(0, 0.3, 7)[lab]
    y = y + rng.normal(0, np.sqrt(v + 0.05))
    return {
        "y": y.tolist(), "v": v.tolist(), "study": [f"s{i}" for i in study],
        "lab": [f"lab {i}" for i in lab], "id": list(range(k)),
        "o": rng.choice(list("abc"), k).tolist(), "t": rng.integers(0, 5, k).tolist(),
        "x": rng.normal(size=k).tolist(),
    }  # fmt: skip


@pytest.fixture
def made():
    return simulate()

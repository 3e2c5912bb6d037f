"""Reference results of diagnostic accuracy: `accuracy_reference` looks up an entry by its id."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
DATASETS = ("AuditC", "Dementia", "skin_tests", "smoking")


@pytest.fixture(scope="session")
def accuracy_reference():
    """Return a function from an id to its entry, a copy, free to change."""
    raw = json.loads((DATA / "accuracy.json").read_text(encoding="utf-8"))
    entries = {entry["id"]: entry for entry in raw["entries"]}
    return lambda entry_id: copy.deepcopy(entries[entry_id])


@pytest.fixture(scope="session")
def counts(accuracy_reference):
    """Return a function from a data set to (tp, fn, fp, tn) as arrays."""

    def of(dataset):
        inputs = accuracy_reference(f"dta.madad.{dataset}")["inputs"]
        return tuple(np.array(inputs[c], dtype=float) for c in ("TP", "FN", "FP", "TN"))

    return of

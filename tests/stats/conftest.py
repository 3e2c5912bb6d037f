"""Reference results: one session fixture, `reference`, that looks up an entry by its id."""

import copy
import json
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"


def _with_inputs(entries):
    """Give every entry the columns that all other entries of its data set agree on.

    A column whose values differ between entries (a design matrix X) belongs to its own entry only.
    """
    shared, conflicts = {}, {}
    for entry in entries.values():
        columns = shared.setdefault(entry["dataset"], {})
        for name, values in entry.get("inputs", {}).items():
            if columns.setdefault(name, values) != values:
                conflicts.setdefault(entry["dataset"], set()).add(name)
    for entry in entries.values():
        dataset = entry["dataset"]
        agreed = {
            name: values
            for name, values in shared[dataset].items()
            if name not in conflicts.get(dataset, ())
        }
        entry["inputs"] = agreed | entry.get("inputs", {})
    return entries


@pytest.fixture(scope="session")
def reference():
    """Return a function from an id to its entry: id, dataset, call, inputs, results, warnings.

    `inputs` is never missing: see `_with_inputs`. The entry is a copy, free to change.
    `reference.ids` lists all ids in the order of the file.
    """
    raw = json.loads((DATA / "metafor.json").read_text(encoding="utf-8"))
    entries = _with_inputs({entry["id"]: entry for entry in raw["entries"]})

    def look_up(entry_id):
        if entry_id not in entries:
            raise KeyError(f"no reference entry {entry_id!r} in tests/data/metafor.json")
        return copy.deepcopy(entries[entry_id])

    look_up.ids = tuple(entries)
    return look_up

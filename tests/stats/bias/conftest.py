"""Reference results for small-study effects and selection, and the data they were made from."""

import json
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def bias_reference():
    """Entries of bias.json by id, each with the columns of its data set under `inputs`."""
    raw = json.loads((DATA / "bias.json").read_text(encoding="utf-8"))
    return {e["id"]: e | {"inputs": raw["inputs"][e["dataset"]]} for e in raw["entries"]}


@pytest.fixture(scope="session")
def data(bias_reference):
    """Return a function from the name of a data set to its effects and variances."""

    def look_up(name):
        entry = next(e for e in bias_reference.values() if e["dataset"] == name)
        return np.array(entry["inputs"]["yi"]), np.array(entry["inputs"]["vi"])

    return look_up


@pytest.fixture(scope="session")
def agree():
    """Return a check that a result holds reference values: agree(result, values, rel, but={})."""

    def check(result, values, rel, but=None):
        but = but or {}
        for name, expected in values.items():
            found = getattr(result, name)
            if expected is None:
                assert found is None, name
            elif isinstance(expected, str):
                assert found == expected, name
            else:
                wanted, got = np.atleast_1d(np.array(expected, float)), np.atleast_1d(found)
                assert got.shape == wanted.shape, name
                limit = but.get(name, rel)
                np.testing.assert_allclose(got, wanted, rtol=limit, atol=1e-13, err_msg=name)

    return check

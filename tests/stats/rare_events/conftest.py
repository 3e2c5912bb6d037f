"""Reference results of models of counts, and their data sets."""

import json
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
ENTRIES = {
    e["id"]: e
    for e in json.loads((DATA / "rare_events.json").read_text(encoding="utf-8"))["entries"]
}


@pytest.fixture(scope="session")
def counts():
    """Return a function from an id to its entry in rare_events.json."""
    return ENTRIES.__getitem__


@pytest.fixture(scope="session")
def nielweise():
    """Catheters: 18 trials with few events, five with a cell of 0 and one without any event."""
    return ENTRIES["tight.OR.UM.FS.nAGQ7.nielweise2007"]["inputs"]


@pytest.fixture(scope="session")
def rates():
    """Catheters: 9 trials with person-times."""
    return ENTRIES["tight.IRR.UM.FS.nAGQ7.nielweise2008"]["inputs"]

"""Reference results of Bayesian meta-analysis."""

import json
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
ENTRIES = json.loads((DATA / "bayes.json").read_text(encoding="utf-8"))["entries"]


def pytest_generate_tests(metafunc):
    if "entry" in metafunc.fixturenames:
        metafunc.parametrize("entry", ENTRIES, ids=[e["id"] for e in ENTRIES])

"""Tests of the torch modules; they are skipped where the extra `torch` is not installed."""

from __future__ import annotations

import importlib.util

import pytest

REASON = "needs the extra 'torch': pip install 'review-analytics[torch]'"


def pytest_collection_modifyitems(items):
    if importlib.util.find_spec("torch") is not None:
        return
    for item in items:
        if "models_ref" in str(item.path):
            item.add_marker(pytest.mark.skip(reason=REASON))


@pytest.fixture(name="torch")
def _torch():
    return pytest.importorskip("torch", reason=REASON)


@pytest.fixture(name="ref")
def _ref(torch):
    """Return an object of `models_ref/`: ref("transfer", "apply_transfer")."""
    from review.models.loader import reference

    return reference

"""The examples in the docstrings run, and print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import review

PACKAGE = Path(review.__file__).parent
MODULES = sorted(
    ".".join(["review", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if "_resources" not in path.parts and ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    failed, run = doctest.testmod(importlib.import_module(name))
    assert run > 0
    assert failed == 0

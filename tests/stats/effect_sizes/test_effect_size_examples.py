"""The examples in the docstrings run and print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import review.stats.effect_sizes as package

MODULES = [
    *(f"{package.__name__}.{m.name}" for m in pkgutil.iter_modules(package.__path__)),
    "review.stats.mantel_haenszel",
    "review.stats.peto",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0

"""No test depends on how fast the machine is or on what is drawn."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

TESTS = Path(__file__).parent
# scripts that are run by hand
SCRIPTS = {"benchmarks", "simulation", "mutation", "fuzz"}
FILES = sorted(
    path for path in TESTS.rglob("test_*.py") if not SCRIPTS & set(path.relative_to(TESTS).parts)
)
CLOCKS = {"perf_counter", "perf_counter_ns", "monotonic", "process_time", "timeit"}
DRAWS = {"deadline", "derandomize", "suppress_health_check"}


def found(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            yield node.lineno, f"reads a clock ({node.attr})"
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.time":
            yield node.lineno, "reads a clock (time.time)"
        if isinstance(node, ast.keyword) and node.arg in DRAWS:
            yield node.value.lineno, f"sets {node.arg}: the profile of conftest.py does"
        unseeded = isinstance(node, ast.Call) and not (node.args or node.keywords)
        if unseeded and ast.unparse(node.func).endswith("default_rng"):
            yield node.lineno, "draws numbers without a seed"


def test_no_test_reads_a_clock_or_draws_without_a_seed():
    assert len(FILES) > 80
    told = [f"{p.relative_to(TESTS)}:{line}: {what}" for p in FILES for line, what in found(p)]
    assert told == []


def test_nothing_has_a_deadline():
    assert settings.default.deadline is None


DRAWN = []


@given(st.integers())
@settings(max_examples=5)
def _draw(number):
    DRAWN.append(number)


def test_the_same_examples_are_drawn_each_time():
    if not settings.default.derandomize:
        pytest.skip("another profile was asked for, which draws at random")
    _draw()
    first = list(DRAWN)
    DRAWN.clear()
    _draw()
    assert first == DRAWN

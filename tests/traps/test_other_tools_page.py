"""The page on other tools says what the marks of the tests say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(name="maker")
def _maker():
    path = Path(__file__).parent / "other_tools_page.py"
    spec = importlib.util.spec_from_file_location("other_tools_page", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(maker):
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page()


def test_every_mark_names_a_tool_and_what_it_does(maker):
    found = [*maker.traps()]
    assert len(found) > 100
    assert len({(tool, behaviour) for tool, behaviour, _ in found}) == len(found)
    for tool, behaviour, said in found:
        assert tool.strip()
        assert len(behaviour) > 20
        assert len(said) > 20
    assert all(entry["reason"] for entry in maker.untouched())

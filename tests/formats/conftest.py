"""The makers of files that the tests of this folder use."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _module(name):
    spec = importlib.util.spec_from_file_location(f"formats_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


# tests name its texts when they are collected
_module("export_samples")


BOOKS = _module("workbook_files")
FILES = _module("dialect_files")
MESSAGES: dict[str, list[str]] = {}
for _line in (HERE / "refused_messages.txt").read_text(encoding="utf-8").splitlines():
    if _line.startswith("## "):
        MESSAGES[_line.removeprefix("## ")] = _said = []
    elif _line:
        _said.append(_line)
PAGE = _module("messages_page")
MAKERS = (BOOKS.xlsx, BOOKS.edited, BOOKS.ods, BOOKS.shown, BOOKS.Raw)


@pytest.fixture(name="books", scope="session")
def _books():
    return BOOKS


@pytest.fixture(name="refused_messages")
def _refused_messages():
    return MESSAGES


@pytest.fixture(name="messages_page")
def _messages_page():
    return PAGE, PAGE.page(FILES.refused_cases(*MAKERS), MESSAGES)


def pytest_generate_tests(metafunc):
    """Give `case` every file of its kind: `good_case` what is read, `refused_case` the rest."""
    for name, cases in (
        ("good_case", FILES.good_cases), ("refused_case", FILES.refused_cases)
    ):  # fmt: skip
        if name in metafunc.fixturenames:
            made = cases(*MAKERS)
            metafunc.parametrize(name, made, ids=[c.file for c in made])

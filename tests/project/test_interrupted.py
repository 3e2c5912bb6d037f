"""Every command that changes a review, killed, on a full disk, and several at once."""

from __future__ import annotations

import ast
import errno
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import review
from review.errors import ReviewError, ReviewWarning

DRIVER = Path(__file__).with_name("interrupted_driver.py")
PACKAGE = Path(review.__file__).parent
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="stops processes by fork and kill")


def load_driver():
    spec = importlib.util.spec_from_file_location("interrupted_driver", DRIVER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


driver = load_driver()


def test_every_command_that_changes_a_review_is_covered():
    """The names that the code gives its transactions are those that are stopped here."""
    used = {
        text.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "changes"
        for keyword in node.keywords
        if keyword.arg == "command"
        for text in ast.walk(keyword.value)
        if isinstance(text, ast.Constant)
    }
    assert used == {name.partition(" a ")[0] for name in driver.COMMANDS}


@needs_fork
@pytest.mark.parametrize("mode", ["kill", "signal", "together"])
def test_nothing_is_lost_whenever_a_command_is_stopped(mode, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(DRIVER), mode, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


@pytest.fixture(autouse=True)
def _steady(monkeypatch):
    monkeypatch.setattr("review.project.change_records.now", driver.moment)
    monkeypatch.setattr("review.project.change_records.user", driver.person)


@pytest.mark.parametrize("command", driver.COMMANDS)
@pytest.mark.parametrize(
    ("code", "always"),
    [(errno.ENOSPC, False), (errno.ENOSPC, True), (errno.EACCES, False)],
    ids=["full disk", "full from then on", "no permission"],
)
def test_a_disk_that_fails_at_any_moment_changes_nothing(tmp_path, command, always, code):
    def fail():
        raise OSError(code, os.strerror(code))

    base = driver.make(tmp_path / "base")
    before, after = driver.state(base), driver.expected(base, command)
    assert before != after
    number, said, reached = 0, [], True
    while reached:
        folder = tmp_path / f"at{number}"
        shutil.copytree(base, folder)
        outcome = None
        with driver.At(number, fail, always=always) as at:
            try:
                driver.COMMANDS[command](folder)
            except ReviewError as error:
                outcome = error.message
        reached = at.reached
        settled = driver.state(folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReviewWarning)
            driver.next_command(folder)
        assert driver.wrong(folder, before, after) == [], f"call {number}: {outcome}"
        if outcome is None:
            assert settled == after
        elif "settles it" not in outcome:
            assert settled == driver.state(folder) == before, f"call {number}: {outcome}"
            said.append(outcome)
        shutil.rmtree(folder)
        number += 1
    assert number > 20
    assert any("nothing was changed" in text for text in said)

"""Fixtures that every part of the tests uses."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from review.resources import resource_dir

# No test depends on time or on chance: a busy machine and an unlucky draw change nothing. The
# profile "random" is that of tests/random_run.py, which looks for what the fixed draws miss.
_PROFILE = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile("fixed", derandomize=True, **_PROFILE)
settings.register_profile("random", max_examples=300, print_blob=True, **_PROFILE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@dataclass(frozen=True)
class Run:
    """What a run of the command printed, and its exit status."""

    code: int
    out: str
    err: str


@pytest.fixture(name="run")
def _run(capsys):
    """Run the command line in this process, the way its entry point does."""

    def run(*arguments: str, stdin: str | None = None, monkeypatch=None) -> Run:
        from review.cli.main import main

        with contextlib.ExitStack() as stack:
            if stdin is not None:
                patch = stack.enter_context(pytest.MonkeyPatch.context())
                patch.setattr("sys.stdin", io.StringIO(stdin))
            with pytest.raises(SystemExit) as stopped:
                main([str(a) for a in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        assert "defect of the program" not in captured.err, captured.err
        return Run(int(stopped.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory, monkeypatch):
    """Keep what the user trusts out of the tests, and the tests out of it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("settings")))


@pytest.fixture(name="kim_copy")
def _kim_copy(tmp_path: Path) -> Path:
    """A copy of the bundled review kim2022 that may be changed."""
    return Path(shutil.copytree(resource_dir("data") / "kim2022", tmp_path / "kim"))


@pytest.fixture(name="new_review")
def _new_review(tmp_path: Path) -> Path:
    """An empty review made by `review init`."""
    from review.workflow.coding.init import init_review

    init_review(tmp_path / "mine", title="Mine")
    return tmp_path / "mine"

"""The command answers fast because heavy packages are imported where they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "pandas", "scipy", "statsmodels", "plotly", "torch", "numpy", "openpyxl", "formulaic",
    "starlette", "uvicorn", "jinja2",
}  # fmt: skip


def imported_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


RUN = "from review.cli.main import main\ntry:\n    main({!r})\nexcept SystemExit:\n    pass"


@pytest.mark.parametrize("code", ["import review", RUN.format(["--help"])])
def test_heavy_packages_are_not_imported(code):
    assert not imported_by(code) & HEAVY


def test_check_imports_the_arithmetic_of_its_audit_alone():
    assert imported_by(RUN.format(["check", "kim2022"])) & HEAVY <= {"numpy", "scipy"}


@pytest.mark.parametrize("command", [["log"], ["undo", "--dry-run"], ["set", "x", "auc=1"]])
def test_commands_that_compute_nothing_import_nothing_heavy(command):
    assert not imported_by(RUN.format([*command, "--review", "kim2022"])) & HEAVY


def test_help_does_not_need_pydantic():
    assert "pydantic" not in imported_by(RUN.format(["--help"]))

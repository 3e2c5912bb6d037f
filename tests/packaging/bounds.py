"""Run tests with the oldest versions that `pyproject.toml` allows, or with the newest there are.

    python tests/packaging/bounds.py oldest                    # the whole suite
    python tests/packaging/bounds.py oldest tests/stats -n 2   # a part, with options of pytest
    python tests/packaging/bounds.py newest

Each run makes an environment of its own in a temporary folder, installs the package and its test
extra there, prints the versions, and gives pytest's exit status. Tools that only look at the source
(mypy, ruff, stubs) are not held at their bound.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ("mypy", "ruff", "pandas-stubs", "scipy-stubs", "playwright", "build", "hatchling")
REQUIREMENT: Final = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?>=([0-9.]+)")


def bounds() -> list[str]:
    """Return every requirement of the package and its test extra, held at its lower bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    held = {}
    for text in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        found = REQUIREMENT.fullmatch(text.split(";")[0].strip())
        if found is None:
            raise SystemExit(f"{text!r} in pyproject.toml has no lower bound")
        name, version = found.groups()
        if name not in TOOLS:
            held.setdefault(name, f"{name}=={version}")
    return list(held.values())


def main(arguments: list[str]) -> int:
    """Make the environment, install, run pytest there."""
    if not arguments or arguments[0] not in {"oldest", "newest"}:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    which, *options = arguments
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        held = bounds() if which == "oldest" else ["--upgrade"]
        subprocess.run([*install, *held, "-e", f"{ROOT}[test]"], check=True)
        subprocess.run([python, "-m", "pip", "list", "--disable-pip-version-check"], check=True)
        tests = [python, "-m", "pytest", "-p", "no:cacheprovider", *options]
        return subprocess.run(tests, check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

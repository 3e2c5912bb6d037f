"""The wheel alone, in a clean environment, from an empty folder: what a user gets."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.wheel,
    pytest.mark.skipif(
        not (ROOT / "pyproject.toml").exists(), reason="needs a checkout to build from"
    ),
    pytest.mark.xdist_group("wheel"),
]


def call(*command, cwd, **kw):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        **kw,
    )


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    done = call(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module", name="review_command")
def _review_command(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    assert call(sys.executable, "-m", "venv", folder / "venv", cwd=folder).returncode == 0
    python = folder / "venv" / "bin" / "python"
    done = call(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "venv" / "bin" / "review"


@pytest.mark.trap(
    "srdedupe 0.1.1",
    "the wheel ships without its model, and nothing runs as installed",
)
def test_the_wheel_holds_data_and_no_generic_packages(wheel):
    """The wheel itself is installed and run, with its data."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {n.split("/")[0] for n in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {"review"}
    for needed in (
        "review/_resources/data/kim2022/studies.csv",
        "review/_resources/data/wang2021/studies.csv",
        "review/_resources/data/shtem2021/published.toml",
        "review/_resources/templates/vendor/plotly-cartesian.min.js",
        "review/workflow/coding/templates/imaging/codebook.toml",
        "review/py.typed",
    ):
        assert needed in names
    assert not [n for n in names if n.endswith((".pyc", ".lock", ".keep"))]


def test_figure_6_from_an_empty_folder(review_command, tmp_path):
    done = call(review_command, "analyze", "--figure", "6", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = {p.name: p for p in tmp_path.rglob("figure-6.*")}
    assert set(written) == {"figure-6.html", "figure-6.csv", "figure-6.json"}
    statistics = json.loads(written["figure-6.json"].read_text(encoding="utf-8"))
    with written["figure-6.csv"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for panel in statistics["panels"]:
        plotted = [r for r in rows if r["panel"] == panel["letter"]]
        assert len(plotted) == panel["statistics"]["spearman"]["n"]


def test_the_first_steps_of_a_user(review_command, tmp_path):
    for arguments in (
        ["--version"],
        ["check", "kim2022", "wang2021", "shtem2021"],
        ["init", "mine"],
        [
            "add",
            "--review",
            "mine",
            "--set",
            "study_id=a",
            "--set",
            "auc=0.9",
            "--set",
            "title=A",
            "--set",
            "year=2020",
        ],
        ["check", "mine"],
        ["analyze", "--table", "1"],
    ):
        done = call(review_command, *arguments, cwd=tmp_path)
        assert done.returncode == 0, (arguments, done.stderr)
    wrong = call(review_command, "analyze", "--figure", "66", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr

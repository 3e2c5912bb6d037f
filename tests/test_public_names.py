from __future__ import annotations

import importlib
import importlib.metadata
import re
import subprocess
import sys

import pytest

import review

GROUPS = (
    "accuracy", "associations", "bayes", "bias", "dependent", "diagnostics", "effects", "networks",
    "pooling",
)  # fmt: skip
ROOMS = ("models", "plots")

SCRIPT = """
import review
from review import Review

fit = review.meta_analysis([0.1, 0.9], [0.04, 0.09], method="DL")
reveal_type(fit)
reveal_type(fit.tau2)
reveal_type(review.bias.fail_safe_n)
opened: Review = review.open_review("kim2022")
reveal_type(opened.studies)
review.meta_analysis([0.1, 0.9], [0.04, 0.09], method=3)
review.meta_analysis([0.1, 0.9], [0.04, 0.09], methd="DL")
review.meta_analysys
"""


def test_every_public_name_can_be_imported_and_is_documented():
    for name in review.__all__:
        value = getattr(review, name)
        if name != "__version__":
            assert value.__doc__, name


def test_what_is_listed_is_what_is_there():
    assert sorted(set(review.__all__)) == review.__all__
    assert set(review.__all__) <= set(dir(review)) | {"__version__"}
    with pytest.raises(AttributeError, match="meta_analysys"):
        review.meta_analysys  # noqa: B018


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_holds_the_same_objects(group):
    module = importlib.import_module(f"review.{group}")
    for name in module.__all__:
        assert getattr(review, name) is getattr(module, name)


def test_every_statistical_name_stands_in_a_group():
    grouped = {n for g in GROUPS for n in importlib.import_module(f"review.{g}").__all__}
    alone = {
        name
        for name in review.__all__
        if getattr(getattr(review, name), "__module__", "").startswith("review.stats.")
    }
    assert alone <= grouped


def test_a_user_script_sees_real_types(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), script],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found: dict[str, str] = {}
    for line, message in re.findall(r":(\d+): (?:note|error): (.*)", done.stdout):
        found[line] = found.get(line, "") + message
    assert "review.stats" in found["6"], done.stdout + done.stderr
    assert "MetaResult" in found["6"]
    assert "float" in found["7"]
    assert "def (" in found["8"]
    assert "list[" in found["10"]
    assert "Study" in found["10"]
    assert 'incompatible type "int"' in found["11"]
    assert 'Unexpected keyword argument "methd"' in found["12"]
    assert "meta_analysys" in found["13"]


def test_the_version_is_the_one_of_the_distribution():
    assert importlib.metadata.version("review-analytics") == review.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", review.__version__)

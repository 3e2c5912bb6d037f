"""What docs/certainty.md shows works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from review.schema.certainty_file import DESIGNS, DOMAINS, OutcomeCertainty

PAGE = Path(__file__).parents[3] / "docs" / "certainty.md"


@pytest.mark.skipif(not PAGE.exists(), reason="needs a checkout")
def test_every_command_of_the_page_runs(run, folder, monkeypatch):
    monkeypatch.chdir(folder)
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [shlex.split(line, comments=True)[1:] for line in block.splitlines()]
    assert len(lines) == 10
    for words in lines:
        done = run(*words)
        assert done.code == 0, (words, done.err)
    assert "BCG vaccine probably reduces tuberculosis." in run("certainty").out


@pytest.mark.skipif(not PAGE.exists(), reason="needs a checkout")
def test_the_page_names_every_entry_domain_and_design():
    text = re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    entries = set(OutcomeCertainty.model_fields) - set(DOMAINS)
    named = {word for cell in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", cell)}
    assert entries | set(DOMAINS) | set(DESIGNS) <= named

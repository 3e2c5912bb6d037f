"""What the README shows works: every command, the Python example, every file it names."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import docx
import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
pytestmark = pytest.mark.skipif(not README.exists(), reason="needs a checkout")


def blocks(language: str, after: str) -> list[str]:
    text = README.read_text(encoding="utf-8").partition(after)[2]
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands(block: str) -> list[list[str]]:
    lines = block.replace("\\\n", " ").splitlines()
    found = [shlex.split(line, comments=True) for line in lines]
    return [words[1:] for words in found if words and words[0] == "review"]


def test_every_command_of_the_tour_runs(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paper = docx.Document()
    paper.add_paragraph("The groups differed, t(28) = 2.20, p = .36.")
    paper.save("paper.docx")
    tour = [c for block in blocks("sh", "## Five minutes")[:2] for c in commands(block)]
    assert len(tour) > 12
    for words in tour:
        done = run(*words)
        # the audit says by its exit status that it found something
        assert done.code == (1 if words[0] == "audit" else 0), (words, done.err)
    assert (tmp_path / "review-out" / "figure-6.html").exists()


def test_the_python_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in blocks("python", "## Meta-analysis from Python"):
        exec(compile(example, "README.md", "exec"), names)
    assert "tau2" in capsys.readouterr().out
    assert (tmp_path / "forest.html").exists()


def test_every_file_named_exists():
    text = README.read_text(encoding="utf-8")
    named = re.findall(r"\]\(((?!http)[^)#]+)\)", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_is_in_the_readme():
    import typer

    from review.cli.main import app

    text = README.read_text(encoding="utf-8")
    names = list(typer.main.get_command(app).commands)
    assert [n for n in names if f"review {n}" not in text] == []


def test_every_command_and_option_has_help():
    import typer

    from review.cli.main import app

    for name, command in typer.main.get_command(app).commands.items():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), (name, parameter.name)

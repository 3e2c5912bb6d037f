"""Makes `docs/other-tools.md` from the marks of the tests; run it with Python."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "other-tools.md"
HEAD = """# What other tools do

Packages and formats of the field, observed by running the version named on valid input in November
2026, and what this program does instead. Each line is a test; `findings/` holds scripts that run
such packages alone. A later release may behave otherwise.

This page is made from the tests (`python tests/traps/other_tools_page.py`).
"""
SECOND = """
## Without a place here

"""


def traps():
    """Yield tool, behaviour and what the test says of this program, of every mark of a test."""
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.trap(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef):
                continue
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.trap":
                    tool, behaviour = (ast.literal_eval(a) for a in call.args)
                    yield tool, behaviour, _said(node)


def _said(node):
    words = ast.get_docstring(node) or node.name.removeprefix("test_").replace("_", " ")
    words = words.split("\n\n")[0].replace("\n", " ").strip(" .")
    return words[0].upper() + words[1:]


def untouched():
    """Return the entries of untouched.toml."""
    text = (Path(__file__).parent / "untouched.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["trap"]


def page():
    """Return the text of the page."""
    found = sorted(traps(), key=lambda t: (t[0].lstrip("@").casefold(), t[1]))
    lines = [f"- **{tool}**: {behaviour}. *Here:* {said}." for tool, behaviour, said in found]
    others = [f"- **{t['tool']}**: {t['behaviour']}. {_sentence(t['reason'])}" for t in untouched()]
    return HEAD + "\n" + "\n".join(lines) + "\n" + SECOND + "\n".join(others) + "\n"


def _sentence(text):
    return f"{text[0].upper()}{text[1:]}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

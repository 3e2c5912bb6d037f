"""Makes `docs/messages.md` from the files that the tests refuse; run it with Python."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "messages.md"
HEAD = """# What a refused table says

Every command that reads a table (CSV, Excel, OpenDocument) refuses what it would have to guess, and
writes nothing. All problems of a file are listed at once, each with file, sheet, row, column, value
and what would be right. `--fix` takes every suggestion ("did you mean") and prints what it changed.

This page is made from the tests (`python tests/formats/messages_page.py`).

| The file holds | Options | The message |
| --- | --- | --- |
"""


def page(cases, messages):
    """Return the text of the page."""
    rows = []
    for case in cases:
        options = ", ".join(f"`--{name.replace('_', '-')} {value}`" for name, value in _typed(case))
        said = "<br>".join(_cell(m) for m in messages[case.file])
        rows.append(f"| {case.what} | {options} | {said} |")
    return HEAD + "\n".join(rows) + "\n"


def _typed(case):
    for name, value in case.options.items():
        for one in value if isinstance(value, list) else [value]:
            yield "map" if name == "mapping" else name, one


def _cell(text):
    return "`` " + text.replace("|", "\\|") + " ``"


if __name__ == "__main__":
    import sys

    sys.path.insert(0, str(Path(__file__).parent))
    import conftest

    made = page(conftest.FILES.refused_cases(*conftest.MAKERS), conftest.MESSAGES)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(made, encoding="utf-8")
    sys.stdout.write(f"written: {PAGE}\n")

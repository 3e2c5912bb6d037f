"""Data flow one way: a room imports only from the rooms below it."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import review

PACKAGE = Path(review.__file__).parent
ROOT = Path(__file__).parents[1]
# words stands at the bottom: every text for readers is made of it, whichever room writes the text
ROOMS = (
    "words",
    "schema",
    "project",
    "formats",
    "stats",
    "models",
    "workflow",
    "plots",
    "report",
    "web",
    "cli",
)
# modules beside the rooms: errors and resources serve all, the figure contract stands on schemas
SHARED = {
    "errors": -1,
    "resources": -1,
    "analysis_api": 1,
    "opened_review": ROOMS.index("report"),
    "__init__": len(ROOMS),
}


def height(module: str) -> int:
    name = module.split(".")[1] if "." in module else "__init__"
    return ROOMS.index(name) if name in ROOMS else SHARED.get(name, len(ROOMS))


def imports(path: Path, *, names: bool = False) -> list[tuple[int, str]]:
    """Modules of this package that a file imports when it runs (not for type checking).

    With `names`, what is imported from a package counts as a module of it where it is one.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "review":
            module = node.module or ""
            held = [f"{module}.{a.name}" for a in node.names if names]
            held = [m for m in held if (PACKAGE.parent / (m.replace(".", "/") + ".py")).is_file()]
            found += [(node.lineno, m) for m in held]
            if len(held) < len(node.names):
                found.append((node.lineno, module))
        elif isinstance(node, ast.Import):
            found += [(node.lineno, a.name) for a in node.names if a.name.split(".")[0] == "review"]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_below(room):
    own = ROOMS.index(room)
    upward = [
        f"{path.relative_to(PACKAGE)}:{line} imports {module}"
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for line, module in imports(path)
        # `import review` fetches public names lazily: the command line and workflow may use it
        if module != "review" and height(module) > own
    ]
    assert not upward


def own_styles(path: Path) -> list[str]:
    """F-strings of a file that format a p-value, a percentage or a plural themselves."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        parts = [p.value if isinstance(p, ast.Constant) else p for p in node.values]
        for before, part, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False):
            if not isinstance(part, ast.FormattedValue):
                continue
            spec = ast.unparse(part.format_spec)[2:-1] if part.format_spec else ""
            text = before if isinstance(before, str) else ""
            tail = after if isinstance(after, str) else ""
            value = part.value
            if (
                spec.endswith("%")
                or (spec and re.match(r" ?%", tail))
                or (spec.startswith(".") and re.search(r"\bp ?[=<>]? ?\Z", text))
                or (isinstance(value, ast.IfExp) and "1" in ast.unparse(value.test)
                    and ast.unparse(value.orelse) in {"'s'", "''", "'studies'", "'ies'"})
            ):  # fmt: skip
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)[:80]}")
    return found


def test_one_room_writes_p_values_percentages_and_plurals():
    paths = [*(PACKAGE.rglob("*.py")), *(ROOT / "analysis").glob("*.py")]
    found = [
        line
        for path in sorted(paths)
        if path.parent.name != "words" and "_resources" not in path.parts
        for line in own_styles(path)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "heavy", ["pandas", "scipy", "statsmodels", "plotly", "torch", "formulaic"]
)
def test_heavy_packages_are_imported_inside_functions(heavy):
    top_level = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
        if name.split(".")[0] == heavy
    ]
    assert not top_level


def test_torch_is_imported_by_the_reference_models_alone():
    users = {
        path.name
        for path in sorted(PACKAGE.rglob("*.py"))
        if "_resources" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(a.name.split(".")[0] == "torch" for a in node.names)
    }
    assert not users


PRINTERS = {"echo", "secho", "prompt", "confirm", "print", "style"}


def calls(path):
    """Yield line, owner and name of each call in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            owner = getattr(getattr(node.func, "value", None), "id", "")
            yield node.lineno, owner, getattr(node.func, "attr", getattr(node.func, "id", ""))


def test_all_text_for_a_terminal_passes_one_module():
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {owner}.{name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() != "cli/common.py"
        for line, owner, name in calls(path)
        if (owner in {"typer", "click", "rich", "console"} and name in PRINTERS)
        or (not owner and name == "print")
        or (owner in {"stdout", "stderr"} and name == "write")
    ]
    assert found == []


# what reads a file in another way, and why that is no file of a review or of its user
READERS = {
    "analysis_api.py": "bundled modules",
    "models/backbones.py": "bundled tables",
    "plots/page.py": "bundled templates",
    "project/journal.py": "files that the program has made",
    "project/transaction.py": "files that were read before, or are copied",
    "report/pdf.py": "what the browser has printed",
    "report/templates.py": "bundled templates",
    "web/web_app.py": "styles and scripts of the program",
    "workflow/audit/ratios.py": "bundled reviews",
    "workflow/coding/init.py": "bundled templates",
}


def test_files_from_elsewhere_are_read_with_bounds():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if "_resources" not in path.parts
        for _, _, name in calls(path)
        if name in {"read_text", "read_bytes"}
    }
    assert found == set(READERS)


def test_no_two_modules_share_a_name():
    """But a command of `cli/` and the workflow that it calls."""
    places: dict[str, list[Path]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "__init__.py" and "_resources" not in path.parts:
            places.setdefault(path.name, []).append(path.relative_to(PACKAGE))
    shared = {name: found for name, found in places.items() if len(found) > 1}
    assert not {
        name: found
        for name, found in shared.items()
        if [path.parts[0] for path in found] != ["cli", "workflow"]
    }


def test_no_modules_import_each_other_in_a_circle():
    """Imports when the code runs, inside functions too; those for type checking do not count."""
    named = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    below = {name: {m for _, m in imports(path, names=True)} for name, path in named.items()}
    order = TopologicalSorter(
        {name: (found & set(named)) - {name} for name, found in below.items()}
    )
    order.prepare()  # CycleError names the modules of a circle

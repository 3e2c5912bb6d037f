"""Mutation testing of single modules: which small changes of the source do the tests not notice?

Each mutant changes one operator, constant, condition or call of a module; the tests named for the
module are run against it in a copy of the project. A mutant that no test notices has survived, and
points at a line that the tests do not hold.

    python tests/mutation/mutate.py                     # the five core modules, 60 mutants each
    python tests/mutation/mutate.py where --all         # every mutant of one module
    python tests/mutation/mutate.py where --show        # the survivors as lines before and after

The mutants are drawn by a fixed seed. Exit status 1 when fewer than 90 % of a module's are noticed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
WANTED: Final = 0.90
# name -> module, tests that must notice its mutants
CORE: Final[dict[str, tuple[str, list[str]]]] = {
    "confint": (
        "review/stats/pooling/heterogeneity_intervals.py",
        ["tests/stats/test_meta_intervals.py", "tests/stats/test_meta_reference.py"],
    ),
    "prisma": (
        "review/workflow/prisma/counted_flow.py",
        ["tests/workflow/test_prisma_flow.py"],
    ),
    "where": ("review/project/where.py", ["tests/project/test_where.py"]),
    "write": ("review/project/write.py", ["tests/project/test_tables.py", "tests/workflow"]),
    "tables": ("review/project/csv_tables.py", ["tests/project/test_tables.py", "tests/workflow"]),
}
COMPARE: Final = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: Final = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change of a module: where, what, and the source that results."""

    line: int
    before: str
    after: str
    source: str


def variants(node: ast.AST) -> list[ast.AST]:
    """Return the nodes that may stand in place of `node`."""
    found: list[ast.AST] = []

    def changed(**parts: Any) -> None:
        new = copy.deepcopy(node)
        for name, value in parts.items():
            setattr(new, name, value)
        found.append(new)

    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARE:
            changed(ops=[COMPARE[type(op)]()])
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            changed(op=ARITHMETIC[type(op)]())
        case ast.BoolOp(op=op):
            changed(op=ast.And() if isinstance(op, ast.Or) else ast.Or())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            found.append(operand)
        case ast.Constant(value=bool(value)):
            changed(value=not value)
        case ast.Constant(value=int() | float() as value):
            changed(value=value + 1)
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            changed(test=ast.UnaryOp(ast.Not(), test))
        case ast.Return(value=value) if value is not None and not (
            isinstance(value, ast.Constant) and value.value is None
        ):
            changed(value=ast.Constant(None))
        case ast.Break():
            found.append(ast.Continue())
        case ast.Continue():
            found.append(ast.Break())
        case ast.Expr(value=ast.Call()):
            found.append(ast.Pass())
    return found


def _docstrings(tree: ast.Module) -> set[int]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(n.body[0].value)
        for n in ast.walk(tree)
        if isinstance(n, holders) and n.body and isinstance(n.body[0], ast.Expr)
    }


def _skipped(tree: ast.Module) -> set[int]:
    """Annotations, type-checking blocks, messages of errors: nothing a test should pin down."""
    out: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            parts = [node.returns, *(a.annotation for a in node.args.args + node.args.kwonlyargs)]
        elif isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        elif (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)) or isinstance(
            node, ast.JoinedStr | ast.Assert
        ):
            parts = [node]
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            parts = list(node.exc.args)
        for part in parts:
            if part is not None:
                out |= {id(n) for n in ast.walk(part)}
    return out


def mutants(path: Path) -> list[Mutant]:
    """Return every mutant of a module."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    left_out = _docstrings(tree) | _skipped(tree)
    made = []
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            nodes = value if isinstance(value, list) else [value]
            for i, node in enumerate(nodes):
                if not isinstance(node, ast.AST) or id(node) in left_out:
                    continue
                for new in variants(node):
                    ast.copy_location(new, node)
                    _put(parent, name, i, new)
                    source = ast.unparse(ast.fix_missing_locations(tree))
                    _put(parent, name, i, node)
                    line = getattr(node, "lineno", 0)
                    made.append(
                        Mutant(line, _short(ast.unparse(node)), _short(ast.unparse(new)), source)
                    )
    return made


def _put(parent: ast.AST, name: str, at: int, node: ast.AST) -> None:
    held = getattr(parent, name)
    if isinstance(held, list):
        held[at] = node
    else:
        setattr(parent, name, node)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:87] + "..."


def noticed(copy_of: Path, module: str, tests: list[str], mutant: Mutant, seconds: float) -> bool:
    """Tell whether a test fails (or hangs) against a mutant."""
    target = copy_of / module
    before = target.read_bytes()
    target.write_text(mutant.source, encoding="utf-8")
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command, cwd=copy_of, capture_output=True, check=False, timeout=seconds,
            env={**os.environ, "PYTHONPATH": str(copy_of)},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_bytes(before)
    return done.returncode != 0


def run(name: str, *, most: int | None, show: bool, seconds: float, seed: int) -> float:
    """Mutate one module; print and return the share of mutants that were noticed."""
    module, tests = CORE[name]
    every = mutants(ROOT / module)
    chosen = every if most is None else random.Random(seed).sample(every, min(most, len(every)))
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "project"
        ignored = shutil.ignore_patterns(".git", ".venv", "*.lock", "__pycache__", ".mypy_cache")
        shutil.copytree(ROOT, copied, ignore=ignored, symlinks=True)
        alive = [m for m in chosen if not noticed(copied, module, tests, m, seconds)]
    share = 1 - len(alive) / len(chosen)
    print(f"{name}: {len(chosen) - len(alive)} of {len(chosen)} noticed ({share:.0%})", flush=True)
    if show:
        for m in sorted(alive, key=lambda m: m.line):
            print(f"  {module}:{m.line}: {m.before}  ->  {m.after}", flush=True)
    return share


def main() -> None:
    """Run the modules that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*CORE, []], default=[])
    parser.add_argument("--all", action="store_true", help="every mutant, not a sample")
    parser.add_argument("--most", type=int, default=60, help="mutants per module (60)")
    parser.add_argument("--show", action="store_true", help="print the survivors")
    parser.add_argument("--seconds", type=float, default=120, help="bound of one run (120)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    given = parser.parse_args()
    shares = [
        run(n, most=None if given.all else given.most, show=given.show, seconds=given.seconds,
            seed=given.seed)
        for n in given.names or CORE
    ]  # fmt: skip
    sys.exit(0 if min(shares) >= WANTED else 1)


if __name__ == "__main__":
    main()

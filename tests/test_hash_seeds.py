"""Nothing that is computed or printed depends on the order of a set."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import review
from review.errors import suggest
from review.formats.rows import jsonable
from review.stats.agreement.category_agreement import category_counts

PACKAGE = Path(review.__file__).parent
SCRIPT = Path(__file__).parent / "fuzz" / "hash_seeds.py"


def _script():
    spec = importlib.util.spec_from_file_location("hash_seeds", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_two_hash_seeds_give_the_same_bytes():
    """Ten seeds: `python tests/fuzz/hash_seeds.py`."""
    script = _script()
    first = script.under(0)
    assert first == script.under(1)
    for name in script.REVIEWS:
        assert f"{name}/report.html" in first
        assert any(f.startswith(f"{name}/figures/") for f in first)
    assert "kim2022/meta/meta-accuracy-forest.html" in first


def test_sets_of_words_are_categories_in_the_order_of_their_words():
    sets = [frozenset(words) for words in ("za", "b", "yc", "ax", "qwe", "d", "ct", "zb")]
    order = category_counts([sets, sets[::-1]])[1]
    assert order == sorted(sets, key=sorted)
    counts, order = category_counts([[1, "1", None], ["1", 1, 1]])
    assert order == [1, "1"]
    assert counts.tolist() == [[1, 1], [1, 1], [1, 0]]


def test_sets_become_ordered_text():
    assert jsonable({frozenset("xy"): {"b", "c", "a"}})
    assert jsonable({"z", "a", "q"}) == ["a", "q", "z"]
    assert suggest("lee", {"LEE", "Lee", "lee "}) == suggest("lee", ["lee ", "Lee", "LEE"])


ORDER_FREE = {"sorted", "len", "set", "frozenset", "any", "all", "bool", "isinstance"}
TAKES_ORDER = {"list", "tuple", "sum", "join", "fromkeys", "enumerate", "zip", "map", "extend"}


def is_set(node: ast.expr, known: set[str]) -> bool:
    """Whether an expression is a set, as far as its own function tells."""
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id="set" | "frozenset")):
            return True
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.Sub() | ast.BitXor()):
            return is_set(node.left, known) or is_set(node.right, known)
        case ast.Name():
            return node.id in known
        case ast.IfExp():
            return is_set(node.body, known) or is_set(node.orelse, known)
    return False


def inside(scope: ast.AST) -> list[ast.AST]:
    """The nodes of a scope without those of the functions in it."""
    found, left = [], list(ast.iter_child_nodes(scope))
    while left:
        node = left.pop()
        found.append(node)
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)
    return found


def loops_over_sets(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef | ast.Module):
            continue
        known: set[str] = set()
        nodes = inside(scope)
        for node in nodes:
            if isinstance(node, ast.Assign) and is_set(node.value, known):
                known |= {t.id for t in node.targets if isinstance(t, ast.Name)}
            elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
                name = node.arg if isinstance(node, ast.arg) else getattr(node.target, "id", "")
                if ast.unparse(node.annotation).startswith(("set", "frozenset")):
                    known.add(name)
        for node in nodes:
            loops: list[ast.expr] = []
            if isinstance(node, ast.For):
                loops = [node.iter]
            elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
                outer = parents.get(id(node))
                free = isinstance(outer, ast.Call) and ast.unparse(outer.func) in ORDER_FREE
                loops = [] if free else [g.iter for g in node.generators]
            elif isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                outer = parents.get(id(node))
                free = isinstance(outer, ast.Call) and ast.unparse(outer.func) in ORDER_FREE
                loops = list(node.args) if name in TAKES_ORDER and not free else []
            found += [
                f"{path.relative_to(PACKAGE)}:{node.lineno}: {ast.unparse(node)[:90]}"
                for loop in loops
                if is_set(loop, known)
            ]
    return found


# only counted: how many sizes there are of three or more
ALLOWED = {"workflow/pooling/meta_run.py": "words.count(w) for w in set(words)"}


def test_no_loop_takes_the_order_of_a_set():
    found = [
        line
        for path in sorted(PACKAGE.rglob("*.py"))
        if "_resources" not in path.parts
        for line in loops_over_sets(path)
        if ALLOWED.get(path.relative_to(PACKAGE).as_posix(), "\0") not in line
    ]
    assert not found, "\n".join(dict.fromkeys(found))

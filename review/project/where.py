"""Filters such as `modality == "MRI" and n_images > 1000`, without running any code.

The expression is read with Python's own parser and evaluated on a study's values. A comparison
with a missing value is never true; `missing(x)` and `known(x)` ask for it.
"""

from __future__ import annotations

import ast
import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from review.errors import InputError, UnknownNameError
from review.schema.codebook import Codebook, Variable, VariableType

_HELP: Final = (
    "comparisons (== != < <= > >=), 'in', 'and', 'or', 'not', missing(x), known(x), "
    'contains(x, "text"), joined as in: modality in ("CT", "MRI") and n_images > 1000'
)
_MAX_LENGTH: Final = 2_000
_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: Final = ("missing", "known", "contains")

Evaluator = Callable[[Any], Any]


@dataclass(frozen=True)
class Where:
    """A compiled filter: call it with a study.

    Attributes:
        text: the expression as written.
    """

    text: str
    _test: Evaluator

    def __call__(self, item: Any) -> bool:
        """Tell whether a study (or a row with the same names) fits."""
        return bool(self._test(item))


def compile_where(text: str, columns: Sequence[str], codebook: Codebook | None = None) -> Where:
    """Compile a filter on `columns`.

    Args:
        text: the expression.
        columns: the names it may use.
        codebook: its vocabularies find misspelled words.

    Raises:
        InputError: not a filter expression.
        UnknownNameError: an unknown column, function or vocabulary word.

    Example:
        >>> from types import SimpleNamespace
        >>> where = compile_where("auc >= 0.9", ["auc"])
        >>> where(SimpleNamespace(auc=0.95)), where(SimpleNamespace(auc=None))
        (True, False)
    """
    if len(text) > _MAX_LENGTH:
        raise InputError(f"the filter has {len(text):,} characters (at most {_MAX_LENGTH:,})")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = f" at character {error.offset}" if isinstance(error, SyntaxError) else ""
        raise InputError(f"cannot read the filter {text!r}{at}; it takes {_HELP}") from None
    try:
        return Where(text, _Compiler(text, columns, codebook).boolean(tree.body))
    except RecursionError:
        raise InputError("the filter is nested too deeply") from None


class _Compiler:
    def __init__(self, text: str, columns: Sequence[str], codebook: Codebook | None) -> None:
        self.text, self.columns, self.codebook = text, columns, codebook

    def fail(self, node: ast.AST, why: str) -> InputError:
        part = ast.get_source_segment(self.text.strip(), node) or self.text
        return InputError(f"in the filter {self.text!r}: {why}: {part!r}; it takes {_HELP}")

    def boolean(self, node: ast.expr) -> Evaluator:
        match node:
            case ast.BoolOp(op=ast.And()):
                tests = [self.boolean(v) for v in node.values]
                return lambda item: all(t(item) for t in tests)
            case ast.BoolOp(op=ast.Or()):
                tests = [self.boolean(v) for v in node.values]
                return lambda item: any(t(item) for t in tests)
            case ast.UnaryOp(op=ast.Not()):
                test = self.boolean(node.operand)
                return lambda item: not test(item)
            case ast.Compare():
                return self.comparison(node)
            case ast.Call():
                return self.call(node)
            case ast.Name():
                get = self.column(node)
                if self.variable(node) is None or self.kind(node) is not VariableType.BOOLEAN:
                    raise self.fail(node, "a column alone is no condition; compare it")
                return lambda item: get(item) is True
            case ast.Constant(value=bool() as constant):
                return lambda _: constant
        raise self.fail(node, "not a condition")

    def comparison(self, node: ast.Compare) -> Evaluator:
        parts = [node.left, *node.comparators]
        steps = [
            self.step(left, op, right)
            for left, op, right in zip(parts, node.ops, parts[1:], strict=False)
        ]
        return lambda item: all(step(item) for step in steps)

    def step(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Evaluator:
        if isinstance(op, ast.In | ast.NotIn):
            return self.membership(left, right, wanted=isinstance(op, ast.In))
        compare = _COMPARE.get(type(op))
        if compare is None:
            raise self.fail(left, "'is' is not known here; use ==, missing(x) or known(x)")
        left_get = self.value(left, other=right)
        right_get = self.value(right, other=left)

        def test(item: Any) -> bool:
            a, b = _comparable(left_get(item)), _comparable(right_get(item))
            if a is None or b is None:
                return False
            try:
                return compare(a, b)
            except TypeError:
                raise InputError(
                    f"in the filter {self.text!r}: a text cannot be compared with a number "
                    "(text goes between quotes, numbers do not)"
                ) from None

        return test

    def membership(self, left: ast.expr, right: ast.expr, *, wanted: bool) -> Evaluator:
        left_get = self.value(left, other=right)
        if isinstance(right, ast.Name):
            within = self.column(right)
            if isinstance(left, ast.Constant):
                self.check_word(right, left)
        elif isinstance(right, ast.Tuple | ast.List | ast.Set):
            getters = [self.value(e, other=left) for e in right.elts]
            within = lambda item: [_comparable(g(item)) for g in getters]  # noqa: E731
        else:
            raise self.fail(right, '\'in\' needs a list such as ("CT", "MRI") or a list column')

        def test(item: Any) -> bool:
            values, one = within(item), _comparable(left_get(item))
            if values is None or one is None:
                return False
            if not isinstance(values, tuple | list) and not (
                isinstance(values, str) and isinstance(one, str)
            ):
                raise self.fail(right, "'in' looks in lists and texts, not in numbers")
            return (one in values) is wanted

        return test

    def call(self, node: ast.Call) -> Evaluator:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _FUNCTIONS:
            raise UnknownNameError("function", name or "?", _FUNCTIONS, where="in the filter")
        wanted = 2 if name == "contains" else 1
        if len(node.args) != wanted or node.keywords:
            raise self.fail(node, f"{name}() takes {wanted} argument{'s' * (wanted > 1)}")
        get = self.column(node.args[0])
        if name == "missing":
            return lambda item: get(item) is None
        if name == "known":
            return lambda item: get(item) is not None
        wanted_text = node.args[1]
        if not isinstance(wanted_text, ast.Constant) or not isinstance(wanted_text.value, str):
            raise self.fail(node, "contains() looks for a text between quotes")
        needle = wanted_text.value.casefold()
        return lambda item: needle in _as_text(get(item)).casefold()

    def value(self, node: ast.expr, *, other: ast.expr) -> Evaluator:
        match node:
            case ast.Name():
                return self.column(node)
            case ast.Constant(value=str() | int() | float() | bool()):
                self.check_word(other, node)
                constant: Any = node.value
                if isinstance(constant, float):
                    # the digits as written: 0.9 in a filter equals a printed 0.9
                    constant = Decimal(ast.get_source_segment(self.text.strip(), node) or "0")
                return lambda _: constant
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
                inner = self.value(node.operand, other=other)
                return lambda item: -inner(item)
        raise self.fail(node, "neither a column nor a value")

    def column(self, node: ast.expr) -> Evaluator:
        if not isinstance(node, ast.Name):
            raise self.fail(node, "not a column")
        if node.id not in self.columns:
            raise UnknownNameError("column", node.id, self.columns, where="in the filter")
        name = node.id
        return lambda item: item[name] if isinstance(item, Mapping) else getattr(item, name)

    def variable(self, node: ast.expr) -> Variable | None:
        if not isinstance(node, ast.Name) or self.codebook is None:
            return None
        return next((v for v in self.codebook.variable if v.name == node.id), None)

    def kind(self, node: ast.expr) -> VariableType | None:
        variable = self.variable(node)
        return variable.type if variable else None

    def check_word(self, column: ast.expr, word: ast.Constant) -> None:
        variable = self.variable(column)
        if variable is None or not variable.vocabulary or variable.open:
            return
        if word.value not in variable.vocabulary:
            raise UnknownNameError(
                variable.name, str(word.value), list(variable.vocabulary), where="in the filter"
            )


def _comparable(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return ";".join(map(str, value)) if isinstance(value, tuple | list) else str(value)

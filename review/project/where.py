"""Filters such as `modality == "MRI" and n_images > 1000`, without running any code.

The expression is read with Python's own parser and evaluated on a study's values. Both sides of a
comparison have the type of their columns (`operands`). A comparison with a missing value is never
true; `missing(x)` and `known(x)` ask for it.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from review.errors import InputError, UnknownNameError
from review.project.operands import (
    Mismatch,
    Written,
    check_pair,
    parse_constant,
    parse_element,
    rank,
)
from review.schema.cell_types import cell_text
from review.schema.codebook import Variable, VariableType

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
_BARE: Final = ("yes", "no", "true", "false")  # a boolean reads the same with and without quotes

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


def compile_where(text: str, columns: Sequence[Variable]) -> Where:
    """Compile a filter on `columns`.

    A constant is read by the type of the column that it is compared with: `"yes"` is true for a
    boolean, `"5"` is a number for a number, a day is a day. An ordered vocabulary compares by the
    rank of its words, text by its characters; other words have no order.

    Args:
        text: the expression.
        columns: the names that it may use, with what they hold.

    Raises:
        InputError: not a filter expression, or the types of a comparison do not match.
        UnknownNameError: an unknown column, function or vocabulary word.

    Example:
        >>> from types import SimpleNamespace
        >>> from review.schema import Variable
        >>> where = compile_where("auc >= 0.9", [Variable(name="auc", type="number")])
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
        return Where(text, _Compiler(text.strip(), columns).boolean(tree.body))
    except RecursionError:
        raise InputError("the filter is nested too deeply") from None


class _Compiler:
    def __init__(self, text: str, columns: Sequence[Variable]) -> None:
        self.text, self.columns = text, {v.name: v for v in columns}

    def fail(self, node: ast.AST, why: str, *, teach: bool = True) -> InputError:
        part = ast.get_source_segment(self.text, node) or self.text
        taught = f"; it takes {_HELP}" if teach else ""
        return InputError(f"in the filter {self.text!r}: {why}: {part!r}{taught}")

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
                variable = self.variable(node)
                if variable.type is not VariableType.BOOLEAN:
                    raise self.fail(node, "a column alone is no condition; compare it")
                get = _getter(variable)
                return lambda item: get(item) is True
            case ast.Constant(value=bool() as constant):
                return lambda _: constant
        raise self.fail(node, "not a condition")

    def comparison(self, node: ast.Compare) -> Evaluator:
        parts = [node.left, *node.comparators]
        steps = [
            self.step(node, left, op, right)
            for left, op, right in zip(parts, node.ops, parts[1:], strict=False)
        ]
        return lambda item: all(step(item) for step in steps)

    def step(self, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Evaluator:
        try:
            if isinstance(op, ast.In | ast.NotIn):
                return self.membership(left, right, wanted=isinstance(op, ast.In))
            compare = _COMPARE.get(type(op))
            if compare is None:
                raise self.fail(left, "'is' is not known here; use ==, missing(x) or known(x)")
            ordering = not isinstance(op, ast.Eq | ast.NotEq)
            return self.compared(left, compare, right, ordering=ordering)
        except Mismatch as error:
            raise self.fail(node, str(error), teach=False) from None

    def compared(
        self,
        left: ast.expr,
        compare: Callable[[Any, Any], bool],
        right: ast.expr,
        *,
        ordering: bool,
    ) -> Evaluator:
        a, b = self.operand(left, other=right), self.operand(right, other=left)
        if isinstance(a, Written) and isinstance(b, Written):
            raise self.fail(left, "compares two values; one side must be a column")
        if isinstance(a, Variable) and isinstance(b, Variable):
            check_pair(a, b, ordering=ordering)
        column = a if isinstance(a, Variable) else b
        assert isinstance(column, Variable)
        in_order = rank(column) if ordering else None

        def side(one: Variable | Written) -> Evaluator:
            if isinstance(one, Written):
                constant = parse_constant(one, column, ordering=ordering)
                constant = in_order(constant) if in_order else constant
                return lambda _: constant
            get = _getter(one)
            return (lambda item: in_order(get(item))) if in_order else get

        left_get, right_get = side(a), side(b)

        def test(item: Any) -> bool:
            x, y = left_get(item), right_get(item)
            return x is not None and y is not None and compare(x, y)

        return test

    def membership(self, left: ast.expr, right: ast.expr, *, wanted: bool) -> Evaluator:
        if isinstance(right, ast.Tuple | ast.List | ast.Set):
            column = self.variable(left)
            if column.type is VariableType.LIST:
                raise Mismatch(
                    f"{column.name} holds several words; ask for one at a time, as in "
                    f'"word" in {column.name}'
                )
            choices = [self.operand(e, other=left) for e in right.elts]
            for other in choices:
                if isinstance(other, Variable):
                    check_pair(column, other, ordering=False)
            getters = [
                _getter(c) if isinstance(c, Variable) else _always(parse_constant(c, column))
                for c in choices
            ]
            within: Evaluator = lambda item: [g(item) for g in getters]  # noqa: E731
            one_get = _getter(column)
        elif isinstance(right, ast.Name):
            place = self.variable(right)
            one = self.operand(left, other=right)
            one_get = (
                _always(parse_element(one, place)) if isinstance(one, Written) else _getter(one)
            )
            within = _getter(place)
            if isinstance(one, Variable):
                check_pair(one, place, ordering=False, inside=True)
        else:
            raise self.fail(right, '\'in\' needs a list such as ("CT", "MRI") or a list column')

        def test(item: Any) -> bool:
            values, one = within(item), one_get(item)
            return values is not None and one is not None and (one in values) is wanted

        return test

    def call(self, node: ast.Call) -> Evaluator:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _FUNCTIONS:
            raise UnknownNameError("function", name or "?", _FUNCTIONS, where="in the filter")
        wanted = 2 if name == "contains" else 1
        if len(node.args) != wanted or node.keywords:
            raise self.fail(node, f"{name}() takes {wanted} argument{'s' * (wanted > 1)}")
        column = self.variable(node.args[0])
        get = _getter(column)
        if name == "missing":
            return lambda item: get(item) is None
        if name == "known":
            return lambda item: get(item) is not None
        wanted_text = node.args[1]
        if not isinstance(wanted_text, ast.Constant) or not isinstance(wanted_text.value, str):
            raise self.fail(node, "contains() looks for a text between quotes")
        if column.type not in {VariableType.TEXT, VariableType.CATEGORY, VariableType.LIST}:
            raise self.fail(node, f"contains() looks in text; {column.name} is {_kind(column)}")
        needle = wanted_text.value.casefold()

        def found(item: Any) -> bool:
            value = get(item)
            return value is not None and needle in cell_text(value).casefold()

        return found

    def operand(self, node: ast.expr, *, other: ast.expr) -> Variable | Written:
        """Return the column that a side of a comparison names, or the value written there."""
        match node:
            case ast.Name() if node.id in self.columns or not self.bare_word(node, other):
                return self.variable(node)
            case ast.Name():
                return Written(node.id, node.id)
            case ast.Constant(value=str() | int() | float() as constant):
                return Written(constant, ast.get_source_segment(self.text, node) or "")
            case ast.UnaryOp(
                op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float() as number)
            ) if not isinstance(number, bool):
                digits = ast.get_source_segment(self.text, node.operand) or ""
                sign = -1 if isinstance(node.op, ast.USub) else 1
                return Written(sign * number, f"{'-' if sign < 0 else ''}{digits}")
        raise self.fail(node, "neither a column nor a value")

    def bare_word(self, node: ast.Name, other: ast.expr) -> bool:
        """Whether a name is yes or no beside a boolean column, written without quotes."""
        beside = self.columns.get(other.id) if isinstance(other, ast.Name) else None
        boolean = beside is not None and beside.type is VariableType.BOOLEAN
        return boolean and node.id.casefold() in _BARE

    def variable(self, node: ast.expr) -> Variable:
        if not isinstance(node, ast.Name):
            raise self.fail(node, "not a column")
        if node.id not in self.columns:
            raise UnknownNameError("column", node.id, list(self.columns), where="in the filter")
        return self.columns[node.id]


def _getter(variable: Variable) -> Evaluator:
    name = variable.name
    return lambda item: item[name] if isinstance(item, Mapping) else getattr(item, name)


def _always(constant: Any) -> Evaluator:
    return lambda _: constant


def _kind(variable: Variable) -> str:
    return variable.model_copy(update={"vocabulary": ()}).allowed()

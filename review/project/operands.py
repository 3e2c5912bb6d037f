"""The two sides of a comparison in a filter: values read by the type of their column."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from review.errors import UnknownNameError
from review.schema.cell_types import CellError, parse_number
from review.schema.codebook import NUMERIC, Variable, VariableType

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS: Final = frozenset({VariableType.TEXT, VariableType.CATEGORY})
# no number of a study is larger; beyond it, the digits of a power of ten could fill the memory
_MOST: Final = 400


class Mismatch(ValueError):  # noqa: N818  the filter makes it an InputError with the place
    """Two sides that cannot be compared, in words."""


@dataclass(frozen=True)
class Written:
    """A value as it stands in a filter.

    Attributes:
        value: as Python reads it.
        digits: the characters of a number as written (`0.90`).
    """

    value: str | float
    digits: str

    @property
    def is_number(self) -> bool:
        """Whether it is a number, not a text between quotes or a truth value."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)


def parse_constant(written: Written, column: Variable, *, ordering: bool = False) -> Any:
    """Return a constant as a value of a column, the way that a cell of the column is read.

    Args:
        written: the constant.
        column: what it is compared with.
        ordering: whether for < <= > >=, which need words with an order.

    Raises:
        Mismatch: the column cannot hold it.
        UnknownNameError: not a word of the vocabulary.
    """
    if column.type is VariableType.LIST:
        raise Mismatch(
            f'{column.name} holds several words; ask for one with "word" in {column.name}'
        )
    if ordering:
        _check_order(column)
    if column.type in NUMERIC:
        return _number(written, column)
    if column.type in _WORDS:
        return _word(written, column, ranked=ordering and column.ordered)
    try:
        return column.parse(written.value)
    except CellError as error:
        allowed = f"{column.name} takes {column.allowed()}"
        quoted = ', between quotes: "2020-12-31"' if column.type is VariableType.DATE else ""
        raise Mismatch(f"{written.value!r} is {error}; {allowed}{quoted}") from None


def parse_element(written: Written, column: Variable) -> Any:
    """Return what is looked for `in` a column: a word of a list, or a part of a text.

    Raises:
        Mismatch: nothing can be in that column.
        UnknownNameError: not a word of the vocabulary.
    """
    if column.type is VariableType.LIST:
        return _word(written, column)
    if column.type is VariableType.TEXT:
        return _word(written, column)
    if column.type is VariableType.CATEGORY:
        raise Mismatch(
            f'{column.name} holds one word; compare it with ==, or use contains({column.name}, "…")'
        )
    raise Mismatch("'in' looks in lists and texts; compare other columns with == or <=")


def check_pair(a: Variable, b: Variable, *, ordering: bool, inside: bool = False) -> None:
    """Refuse two columns that cannot be compared with each other.

    Args:
        a: the column on the left.
        b: the column on the right.
        ordering: whether for < <= > >=.
        inside: whether for `a in b`.

    Raises:
        Mismatch: their types differ, or their words have no common order.
    """
    if inside:
        if a.type in _WORDS and b.type in {VariableType.LIST, VariableType.TEXT}:
            return
        raise Mismatch(f"{a.name} cannot be in {b.name}: 'in' looks for a word in lists and texts")
    if VariableType.LIST in {a.type, b.type}:
        raise Mismatch('a list holds several words; ask for one with "word" in the list\'s name')
    if _group(a) != _group(b):
        raise Mismatch(f"{a.name} and {b.name} hold different things ({a.type}, {b.type})")
    if ordering:
        _check_order(a)
        _check_order(b)
        if (a.ordered or b.ordered) and a.vocabulary != b.vocabulary:
            raise Mismatch(f"{a.name} and {b.name} have different vocabularies: no common order")


def rank(column: Variable) -> Callable[[Any], Any]:
    """Return what makes the values of a column comparable with < and >.

    The words of an ordered vocabulary become their ranks; a word outside of it has none (None).

    Example:
        >>> size = Variable(name="size", type="category", vocabulary=["low", "high"], ordered=True)
        >>> rank(size)("high"), rank(size)("huge"), rank(Variable(name="n", type="integer"))(3)
        (1, None, 3)
    """
    if not column.ordered:
        return lambda value: value
    ranks = {word: i for i, word in enumerate(column.vocabulary)}
    return ranks.get


def _group(column: Variable) -> str:
    if column.type in NUMERIC:
        return "number"
    return "words" if column.type in _WORDS else column.type.value


def _check_order(column: Variable) -> None:
    if column.type is VariableType.BOOLEAN:
        raise Mismatch(f"{column.name} is yes or no and has no order; use == or !=")
    if column.type is VariableType.CATEGORY and not column.ordered:
        raise Mismatch(
            f"the words of {column.name} have no order; use == or in, or set ordered = true in "
            "the codebook when its vocabulary ascends"
        )


def _number(written: Written, column: Variable) -> Decimal:
    if not written.is_number:
        try:
            number = None if isinstance(written.value, bool) else parse_number(written.value)
        except CellError:
            number = None
        if number is None:
            raise Mismatch(f"{column.name} is a number, and {written.value!r} is none")
    else:
        try:
            # the digits as written: 0.9 in a filter equals a printed 0.9
            digits = written.value if isinstance(written.value, int) else written.digits
            number = Decimal(digits)
        except InvalidOperation:  # an exponent that no computer holds
            number = Decimal("Infinity")
    if not number.is_finite() or (number and abs(number.adjusted()) > _MOST):
        raise Mismatch(f"{written.digits or written.value} is too large or too small to compare")
    return number


def _word(written: Written, column: Variable, *, ranked: bool = False) -> str:
    known = column.vocabulary
    text = written.digits if written.is_number else str(written.value)
    if known and text in known:
        return text
    if known and (ranked or not column.open):
        raise UnknownNameError(column.name, text, list(known), where="in the filter")
    if not isinstance(written.value, str):
        raise Mismatch(f'{column.name} is text, which goes between quotes: "{text}"')
    return text

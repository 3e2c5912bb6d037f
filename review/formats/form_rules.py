"""What a spreadsheet program lets a coder type into a column of the form, as its own rules.

The cells of the form are formatted as text, so that no program makes a day of 1-2, a number of
0012 or 0.9 of 0.90. The rules read that text as `review add` does: numbers with a decimal point or
comma, days as 2020-12-31, the marks of missing values, the words of the codebook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from review.schema.codebook import Variable, VariableType
from review.schema.missing_marks import MARKS

if TYPE_CHECKING:
    from decimal import Decimal

# what a program accepts as the formula of a rule
MAX_FORMULA: Final = 255
# marks that a drop-down offers below its words
OFFERED: Final = ("NR", "NA")
NOT_IN_IDENTIFIERS: Final = " /\\;,'<>&"


@dataclass(frozen=True)
class CellRule:
    """The rule of a column.

    Attributes:
        kind: `list`: one of the words of a range; `custom`: the formula says so.
        formula: the range, or the formula for the first cell.
        strict: what breaks the rule is refused; otherwise the program asks whether it is meant.
    """

    kind: Literal["list", "custom"]
    formula: str
    strict: bool = True


def offered_words(variable: Variable) -> tuple[str, ...]:
    """Return what a drop-down offers: the words, then the marks of a missing value.

    Example:
        >>> offered_words(Variable(name="blinded", type="boolean"))
        ('yes', 'no', 'NR', 'NA')
    """
    words = ("yes", "no") if variable.type is VariableType.BOOLEAN else variable.vocabulary
    if not words:
        return ()
    taken = {w.casefold() for w in words}
    return (*words, *(m for m in OFFERED if m.casefold() not in taken))


def missing_words() -> tuple[str, ...]:
    """Return all marks of a missing value, for the rules of numbers and days."""
    return tuple(MARKS)


def rule_of(variable: Variable, cell: str, words: str, marks: str) -> CellRule:
    """Return the rule of a column.

    Args:
        variable: what the column holds.
        cell: the first cell of the column, such as `D2`.
        words: the range of the words that it offers.
        marks: the range of the marks of a missing value.

    Example:
        >>> rule_of(Variable(name="arm", type="category", vocabulary=["a"]), "D2", "W", "M")
        CellRule(kind='list', formula='W', strict=True)
    """
    kind = variable.type
    if kind is VariableType.LIST and variable.vocabulary and not variable.open:
        return CellRule("custom", _each_word(cell, words))
    if kind is not VariableType.LIST and offered_words(variable):
        return CellRule("list", words, strict=not variable.open)
    if kind is VariableType.TEXT:
        return CellRule("custom", _text(variable.name, cell, marks))
    if variable.is_numeric:
        return CellRule("custom", _or_missing(_number(variable, cell), cell, marks))
    if kind is VariableType.DATE:
        return CellRule("custom", _or_missing(_day(cell), cell, marks))
    return CellRule("custom", _plain(cell))


def _or_missing(formula: str, cell: str, marks: str) -> str:
    return f"OR(SUMPRODUCT(--({marks}=TRIM({cell})))>0,IFERROR({formula},FALSE))"


def _plain(cell: str) -> str:
    """Text that no program would run as a formula; negative numbers are none."""
    return f'OR(ISERROR(FIND(LEFT(TRIM({cell})),"=+-@")),ISNUMBER({_value(cell)}))'


def _text(name: str, cell: str, marks: str) -> str:
    if name == "study_id":
        bare = cell
        for sign in NOT_IN_IDENTIFIERS:
            bare = f'SUBSTITUTE({bare},"{sign}","")'
        return f"AND(LEN({cell})<101,LEN({bare})=LEN({cell}))"
    if name == "doi":
        return _or_missing(f'FIND("10.",{cell})>0', cell, marks)
    if name == "source_url":
        return _or_missing(f'LEFT({cell},4)="http"', cell, marks)
    return _plain(cell)


def _value(cell: str, *, signed: bool = False) -> str:
    """The number that a text holds, with either decimal mark and in any language."""
    text = f'SUBSTITUTE({cell},",",".")'
    if signed:
        text = f'SUBSTITUTE({text},"−","-")'
    return f'_xlfn.NUMBERVALUE({text},"."," ")'


def _number(variable: Variable, cell: str) -> str:
    whole = variable.type is VariableType.INTEGER
    low = variable.minimum
    value = (
        f'_xlfn.NUMBERVALUE({cell},".",",")'
        if whole
        else _value(cell, signed=low is None or low < 0)
    )
    tests = [f"{value}=INT({value})"] if whole else []
    if low is not None:
        tests.append(f"{value}>={_bound(low)}")
    if variable.maximum is not None:
        tests.append(f"{value}<={_bound(variable.maximum)}")
    if not tests:
        return f"ISNUMBER({value})"
    return tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"


def _bound(bound: Decimal) -> str:
    return f"{bound:f}"


def _day(cell: str) -> str:
    """A day as 2020-12-31 that the calendar has, or a cell that the program made a date."""
    marks = f'LEN({cell})=10,MID({cell},5,1)="-",MID({cell},8,1)="-"'
    return f"OR(ISNUMBER({cell}),AND({marks},ISNUMBER(DATEVALUE({cell}))))"


def _each_word(cell: str, words: str) -> str:
    """Every word between semicolons is one of the range, and none stands there twice."""
    tidy = f'SUBSTITUTE({cell},"; ",";")'
    found = f'SUMPRODUCT(--ISNUMBER(FIND(";"&{words}&";",";"&{tidy}&";")))'
    return f'{found}=1+LEN({cell})-LEN(SUBSTITUTE({cell},";",""))'

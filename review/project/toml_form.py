"""The form of a TOML file before it is parsed: how deep it nests and how long its numbers are.

The parser of the standard library calls itself for each bracket and copies a dotted key once per
part, so that a small file can exhaust the stack or take hours. Here its signs are counted in one
pass, which skips what stands in quotation marks and comments.
"""

from __future__ import annotations

import re
from typing import Any, Final

from review.errors import DataError
from review.project.problems import Problem

MAX_BYTES: Final = 5_000_000
MAX_DEPTH: Final = 40
MAX_WORD: Final = 400
_TOKEN: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*'
    r"|[\[\]{}=,.\n]|[^\s\"'#\[\]{}=,.]+",
    re.DOTALL,
)
_EXPONENT: Final = re.compile(r"[+-]?[0-9_]+[eE][+-]?[0-9_]{4,}\Z")


def check_toml(text: str, name: str) -> None:
    """Refuse a TOML text that is nested too deeply or holds a number out of all range.

    Raises:
        DataError: with the line and what is allowed.

    Example:
        >>> check_toml('a.b = [[1, 2], [3]]', "x.toml")
        >>> check_toml("a = " + "[" * 99, "x.toml")
        Traceback (most recent call last):
        ...
        review.errors.DataError: x.toml:1: nested too deeply (allowed: at most 40 levels)
    """
    line, depth, dots = 1, 0, 0
    for found in _TOKEN.finditer(text):
        sign = found.group()
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        dots = dots + 1 if sign == "." else 0 if sign in "[]{}=,\n" else dots
        if depth > MAX_DEPTH or dots > MAX_DEPTH:
            raise _refused(name, line, "nested too deeply", f"at most {MAX_DEPTH} levels")
        if len(sign) > MAX_WORD and sign[0] not in "\"'#":
            message = f"a name or number of {len(sign):,} signs"
            raise _refused(name, line, message, f"at most {MAX_WORD}")
        if _EXPONENT.match(sign):
            raise _refused(name, line, "a number out of range", "exponents of at most three digits")
        line += sign.count("\n")


def check_whole_numbers(data: dict[str, Any], name: str) -> None:
    """Refuse whole numbers beyond the 64 bits that TOML has.

    Raises:
        DataError: with the entry.
    """
    left: list[tuple[str, Any]] = [("", data)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            left += [(f"{place}.{key}" if place else key, inner) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [(f"{place}[{i}]", inner) for i, inner in enumerate(value, start=1)]
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            problem = Problem(name, "the number is too large", column=place, allowed="64 bits")
            raise DataError(str(problem), [problem])


def _refused(name: str, line: int, message: str, allowed: str) -> DataError:
    problem = Problem(name, message, line=line, allowed=allowed)
    return DataError(str(problem), [problem])

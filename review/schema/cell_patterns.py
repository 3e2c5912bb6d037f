"""Patterns of cells that hold several numbers, in the styles that journals print.

The numbers are groups: a the first, b and c the limits (b also the SD or the total), p a
percentage, level that of the interval.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from review.schema.numerals import DASHES, number_pattern

if TYPE_CHECKING:
    from review.schema.numerals import Decimals

_OPEN: Final = r"\s*[(\[]?\s*"
_CLOSE: Final = r"\s*[)\]]*"
_CI: Final = (
    r"(?:(?P<level>\d{2}(?:[.,]\d+)?)\s*%\s*-?\s*)?"
    r"(?:CrI|CI|KI|C\.I\.|HDI|PI)?\s*[:=,]?\s*"
)
_SD: Final = r"(?:(?:±|\+/-|\+-)\s*)?(?:(?:SD|SEM|SE|s\.d\.|s\.e\.)\s*[:=]?\s*)?(?:±\s*)?"


@cache
def cell_pattern(name: str, decimals: Decimals) -> re.Pattern[str]:
    """Return the pattern of one of: mean_sd, estimate, interval, counts, count_percent.

    Args:
        name: of the pattern.
        decimals: how the column writes numbers: where the comma is the decimal mark, only a
            comma with a blank after it separates two numbers.

    Example:
        >>> from review.schema.numerals import POINT
        >>> cell_pattern("estimate", POINT).fullmatch("1.18 [95% CI 0.90; 1.54]").groupdict()
        {'a': '1.18', 'level': '95', 'b': '0.90', 'c': '1.54'}
    """
    number = rf"[+\-–]?{number_pattern(decimals)}"
    comma = r"\s*,\s*" if decimals.mark == "." else r",\s+"
    between = rf"(?:\s*(?:[;{DASHES}-]|to\b|bis\b|and\b)\s*|{comma})"
    limits = rf"{_OPEN}{_CI}{_OPEN}(?P<b>{number}){between}(?P<c>{number}){_CLOSE}"
    first = rf"(?P<a>{number})\s*[,;:]?"
    patterns = {
        # what follows the first number must say that it is no part of it
        "mean_sd": rf"(?:m(?:ean)?\s*[=:]?\s*)?{first}\s*(?=[(\[±]|\+/?-|s\.?[de])"
        rf"{_OPEN}{_SD}(?P<b>{number}){_CLOSE}",
        "estimate": rf"{first}\s*(?=[(\[]|\d{{2}}(?:[.,]\d+)?\s*%|C)\s*{limits}",
        "interval": limits,
        "counts": rf"(?P<a>{number})\s*(?:/|out of\b|of\b)\s*(?P<b>{number})"
        rf"(?:\s*[,;]?{_OPEN}(?P<p>{number})\s*%{_CLOSE})?",
        "count_percent": rf"(?P<a>{number})\s*[,;]?\s*[(\[]\s*(?P<p>{number})\s*%{_CLOSE}",
    }
    return re.compile(patterns[name], re.IGNORECASE)

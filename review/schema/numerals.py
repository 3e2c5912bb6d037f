"""Numbers as people print them: decimal commas, thousands, Unicode minus, thin spaces.

A comma or a point before three digits can be either mark, so which is meant is settled for whole
columns (`decimal_evidence`), never for one cell.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, Literal

from review.schema.cell_types import MAX_CELL, CellError

Mark = Literal[".", ","]
THIN: Final = "\u00a0\u2006\u2007\u2008\u2009\u200a\u202f"
DASHES: Final = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_SIGNS: Final = str.maketrans(
    {"\u2212": "-", "\ufe63": "-", "\uff0d": "-", "\uff0b": "+", "\uff0e": ".", "\uff0c": ",",
     "\uff05": "%", "\u066a": "%", "\ufe6a": "%", "\u2019": "'", "\u02b9": "'", "\u2032": "'"}
)  # fmt: skip
# what can surround numbers in a cell that holds nothing but numbers
_NUMERIC_CELL: Final = re.compile(
    rf"(?:[\s\d.,;:'()\[\]%±<>=≤≥~·+*/x×^{DASHES}{THIN}-]|to|ci|se|sd|bis|e(?=[+-]?\d)|(?:n|p)\s*=)+\Z",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"\d*(?:[.,']\d+)+")
_AMBIGUOUS: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}\Z")


@dataclass(frozen=True, slots=True)
class Decimals:
    """How the numbers of a column are written.

    Attributes:
        mark: the decimal mark.
        sure: it was given or follows from the numbers; otherwise `1,234` alone is refused.
        thousands: the other mark may group thousands.
    """

    mark: Mark = "."
    sure: bool = False
    thousands: bool = True


POINT: Final = Decimals(".", sure=True)
COMMA: Final = Decimals(",", sure=True)
UNSURE: Final = Decimals()


def plain_signs(text: str) -> str:
    r"""Return text with ordinary digits and signs, without invisible characters.

    Superscripts and fractions stay: they are not digits of the number before them.

    Example:
        >>> plain_signs("\u22120.5\u200b")
        '-0.5'
    """
    if text.isascii():
        return text.strip()
    text = text.translate(_INVISIBLE).translate(_SIGNS)
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return "".join(digits).strip()


@cache
def number_pattern(decimals: Decimals) -> str:
    """Return the regular expression of one number without its sign, as a string."""
    mark, other = re.escape(decimals.mark), re.escape("," if decimals.mark == "." else ".")
    groups = rf"['{THIN}]" if not decimals.thousands else rf"(?:{other}|['{THIN}])"
    whole = rf"(?:[1-9]\d{{0,2}}(?:{groups}\d{{3}})+(?!\d)|\d+)"
    return rf"(?:{whole}(?:[{mark}·]\d*)?|[{mark}·]\d+)(?:[eE][+-]?\d{{1,3}})?"


@cache
def _whole_number(decimals: Decimals) -> re.Pattern[str]:
    return re.compile(rf"[+-]?{number_pattern(decimals)}\Z")


def find_decimal(text: str, decimals: Decimals = POINT) -> Decimal | None:
    r"""Return the number that `text` is, with the digits printed, or None when it is none.

    Args:
        text: a cell or a part of one.
        decimals: how the column writes numbers.

    Raises:
        CellError: the text is a number in one reading and another number in a second.

    Example:
        >>> find_decimal("0.90"), find_decimal("1\u202f234,5", COMMA), find_decimal("0·93")
        (Decimal('0.90'), Decimal('1234.5'), Decimal('0.93'))
        >>> find_decimal("0,93"), find_decimal("1,234")
        (None, Decimal('1234'))
    """
    text = plain_signs(text)
    if text[:1] in "\u2010\u2011\u2012\u2013\u2014" and text[1:2].isdigit():
        text = "-" + text[1:]  # a dash before a digit is the minus of word processors
    if len(text) > MAX_CELL or not _whole_number(decimals).match(text):
        return None
    if not decimals.sure and _AMBIGUOUS.match(text) and "," in text:
        raise _two_readings(text)
    if decimals.mark == ",":
        text = text.replace(".", "").replace(",", ".")
    plain = re.sub(rf"[,'{THIN}]", "", text).replace("·", ".")
    return Decimal(plain)


class TwoReadingsError(CellError):
    """A number that is one in one style and another in the other; the column leaves it open."""


def _two_readings(text: str) -> CellError:
    return TwoReadingsError(
        f"can be {re.sub('[.,]', '', text)} or {text.replace(',', '.')}",
        allowed="--decimal . or --decimal , to say which mark the file uses",
    )


def decimal_evidence(text: str) -> frozenset[Mark]:
    """Return the decimal marks that a cell shows: one, none (it says nothing), or both.

    Example:
        >>> [sorted(decimal_evidence(t)) for t in ("0,93", "1,234", "1.234,5", "10.1186/s12")]
        [[','], [], [','], []]
    """
    if ("," not in text and "." not in text) or not _NUMERIC_CELL.match(text):
        return frozenset()
    return frozenset(m for t in _TOKEN.findall(text) if (m := _token_mark(t)))


def _token_mark(token: str) -> Mark | None:
    """Return the decimal mark of one run of digits and marks."""
    if re.fullmatch(r"\d*\.\d+(,\d*\.\d+)+", token):
        return "."  # an interval without a blank: 0.90,1.54
    marks = [c for c in token if c in ".,"]
    if not marks:
        return None
    last: Mark = "." if marks[-1] == "." else ","
    other: Mark = "," if last == "." else "."
    whole, _, rest = token.rpartition(last)
    if len(marks) == 1:
        grouped = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
        return None if grouped and "'" not in whole else last
    if marks.count(last) == len(marks):
        return other if re.fullmatch(rf"[1-9]\d{{0,2}}({re.escape(last)}\d{{3}})+", token) else None
    grouped = re.fullmatch(rf"[1-9]\d{{0,2}}({re.escape(other)}\d{{3}})+", whole) is not None
    return last if marks.count(last) == 1 and grouped else None


def settle_decimals(texts: list[str], whole: frozenset[Mark] = frozenset()) -> Decimals:
    """Return how a column writes its numbers, from all its cells.

    Args:
        texts: the cells.
        whole: the marks that the rest of the file shows; used where the column shows none.

    Returns:
        The mark with more cells behind it. Where a column has true decimals, the other mark does
        not group thousands: beside 0.93, a `1,234` is more likely a slip than 1234.

    Example:
        >>> settle_decimals(["0,93", "1,234"])
        Decimals(mark=',', sure=True, thousands=False)
        >>> settle_decimals(["900", "1,234"], frozenset("."))
        Decimals(mark='.', sure=True, thousands=True)
    """
    if not any("," in t or "." in t for t in texts):
        return POINT
    counts: dict[Mark, int] = {".": 0, ",": 0}
    grouped = False
    for text in texts:
        found = decimal_evidence(text)
        for shown in found:
            counts[shown] += 1
        grouped = grouped or bool(found and re.search(r"\d([.,])\d{3}(?:\1\d{3}|[.,]\d)", text))
    if not any(counts.values()):
        sure = len(whole) == 1
        return Decimals(next(iter(whole)) if sure else ".", sure=sure)
    mark: Mark = "," if counts[","] > counts["."] else "."
    return Decimals(mark, sure=True, thousands=grouped)

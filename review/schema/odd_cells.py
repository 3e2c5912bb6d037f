"""Why a cell is no number, in the words of the person who has to put it right.

Ranges, bounds, approximations, footnote marks and numbers with a unit are what printed tables
hold. None is read as a number: a suggestion is made where one number is meant beyond doubt.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from review.schema.cell_types import CellError
from review.schema.missing_marks import SHOWN
from review.schema.numerals import DASHES, Decimals, find_decimal, plain_signs

_STATED: Final = "the number that the source states, or a mark for missing such as NR"
_ABOUT: Final = re.compile(
    r"(?:[~≈∼≃]|(?:ca|approx)(?![a-z])\.?|circa|about|around|approximately|some|nearly|etwa)\s*(.+)",
    re.IGNORECASE,
)
_BOUND: Final = re.compile(
    r"(?:[<>≤≥<>]=?|(?:at least|at most|more than|less than|up to|over|under|min\.|max\.))\s*(.+)"
    r"|(.+?)\s*(?:\+|or more|or less)",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(rf"(.*\d)\s*(?:[{DASHES}-]|to|bis|\.\.\.?|…)\s*(\d.*)", re.IGNORECASE)
# superscript digits are left out: 10² may be meant
_MARKED: Final = re.compile(r"(.*\d)\s*(?:[*†‡§¶#]+|[\u00aa\u00ba\u02b0-\u02b8\u1d2c-\u1d6aⁱⁿ]+)")
_LABELLED: Final = re.compile(r"(?:n|total|mean|median|m)\s*[=:]\s*(.+)", re.IGNORECASE)
_POWER: Final = re.compile(rf"(.*\d)\s*[×x*·]\s*10\s*\^?\s*([{DASHES}+-]?)\s*(\d+)", re.IGNORECASE)
_UNIT: Final = re.compile(r"(.*\d)\s*([^\W\d_][^\d]{0,20})")
_MULTIPLES: Final = {
    "k": 3, "thousand": 3, "tsd": 3, "tsd.": 3, "million": 6, "millions": 6, "mio": 6, "mio.": 6,
    "mn": 6, "billion": 9,
}  # fmt: skip
_ERRORS: Final = re.compile(r"#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|NV|WERT!)")


def refusal(text: str, kind: str, decimals: Decimals, holds: str | None = None) -> CellError:
    """Return the error for a cell that is not of its kind.

    Args:
        text: of the cell, not empty.
        kind: what the column is declared to hold.
        decimals: how the column writes numbers.
        holds: what else the cell is, such as "mean and SD", when that is known.

    Example:
        >>> from review.schema.numerals import POINT
        >>> error = refusal("~120", "number", POINT)
        >>> str(error), error.suggestion
        ('an approximate number', '120')
        >>> str(refusal("85-90", "number", POINT))
        'a range (85 to 90), not one number'
    """
    plain = plain_signs(text)
    number = kind in {"number", "integer", "count", "proportion", "percentage"}
    if holds is not None:
        allowed = f"{_article(kind)} {kind}"
        if number:
            allowed += f", or a variable for each: --map 'HEADING={_SEVERAL[holds]}'"
        return CellError(f"the cell holds {holds}", allowed=allowed)
    if _ERRORS.match(plain):
        return CellError("an error of the spreadsheet", allowed="what the formula should give")
    if plain[:1] == "=":
        return CellError("a formula that was kept as text", allowed="its value")
    if not number:
        return CellError(f"no {kind}", allowed=_FORMS.get(kind, kind))
    return _no_number(plain, kind, decimals)


_SEVERAL: Final = {
    "mean and SD": "age+age_sd",
    "events and total": "events+n",
    "estimate and interval": "hr+ci_low+ci_high",
}
_FORMS: Final = {
    "mean and SD": "10.2 (3.1) or 10.2 ± 3.1",
    "estimate and interval": "1.18 (0.90 to 1.54)",
    "interval": "0.90 to 1.54",
    "events and total": "45/120 or 32 (26.7%)",
    "count and percentage": "32 (26.7%)",
    "p-value": "0.03, <0.001, >0.05 or ns",
}


def _article(kind: str) -> str:
    return "an" if kind[0] in "aeio" else "a"


def _no_number(plain: str, kind: str, decimals: Decimals) -> CellError:
    """Say what else than a number a cell holds."""

    def canonical(part: str | None) -> str | None:
        return None if part is None else _canonical(part, decimals)

    if (match := _ABOUT.fullmatch(plain)) and (number := canonical(match[1])):
        return CellError("an approximate number", allowed=_STATED, suggestion=number)
    if (match := _BOUND.fullmatch(plain)) and canonical(match[1] or match[2]):
        return CellError("a bound, not a number", allowed=_STATED)
    match = _RANGE.fullmatch(plain)
    if match and (low := canonical(match[1])) and (high := canonical(match[2].rstrip("% "))):
        return CellError(f"a range ({low} to {high}), not one number", allowed=_STATED)
    if (match := _MARKED.fullmatch(plain)) and (number := canonical(match[1])):
        return CellError("a number with a footnote mark", allowed="a number", suggestion=number)
    if (match := _LABELLED.fullmatch(plain)) and (number := canonical(match[1])):
        return CellError("a number with its label", allowed="a number", suggestion=number)
    if (match := _POWER.fullmatch(plain)) and (number := canonical(match[1])):
        sign = "-" if match[2] not in {"", "+"} else ""
        value = f"{number}e{sign}{match[3]}"
        return CellError("a power of ten", allowed="a number such as 1e-3", suggestion=value)
    if match := re.fullmatch(r"(.*\d)\s*%", plain):
        number = canonical(match[1])
        share = None if number is None or kind == "integer" else f"{Decimal(number).scaleb(-2):f}"
        return CellError("a percentage", allowed=f"{_article(kind)} {kind}", suggestion=share)
    if (match := _UNIT.fullmatch(plain)) and (number := canonical(match[1])):
        return _with_unit(number, match[2].strip())
    return _other_marks(plain, kind, decimals)


def _with_unit(number: str, unit: str) -> CellError:
    power = _MULTIPLES.get(unit.casefold())
    if power is not None:
        whole = f"{Decimal(number).scaleb(power):f}"
        return CellError(f"a number in words ({unit})", allowed="a number", suggestion=whole)
    sure = len(unit) > 1 and unit.casefold() not in {"mm", "bn"}
    return CellError(
        f"a number with {unit!r} after it",
        allowed="the number alone; the unit belongs to the heading or the codebook",
        suggestion=number if sure else None,
    )


def _other_marks(plain: str, kind: str, decimals: Decimals) -> CellError:
    """Numbers in another style than the column, and what is no number at all."""
    if re.fullmatch(r"[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?", plain):
        joined = _canonical(plain.replace(" ", ""), decimals)
        return CellError("blanks inside a number", allowed="1234", suggestion=joined)
    if kind == "integer" and (number := _canonical(plain, decimals)):
        value = Decimal(number)
        whole = f"{value.to_integral_value():f}" if value == value.to_integral_value() else None
        return CellError("not a whole number", allowed="a whole number", suggestion=whole)
    sign, kept = ("comma", "point") if decimals.mark == "." else ("point", "comma")
    swapped = Decimals("," if sign == "comma" else ".", sure=True, thousands=False)
    swapped_value = find_decimal(plain, swapped)
    if swapped_value is not None:
        return CellError(
            f"a decimal {sign} in a column of decimal {kept}s",
            allowed="one decimal mark in the whole column",
            suggestion=None if kind == "integer" else str(swapped_value),
        )
    if len(re.findall(r"\d+(?:[.,]\d+)?", plain)) > 1 and not re.search(r"[^\W\d_]", plain):
        return CellError("several numbers", allowed=f"one {kind}")
    if re.fullmatch(r"\(.*\d\)", plain):
        return CellError("a number in brackets", allowed="a number; below zero with a minus")
    what = "whole number" if kind == "integer" else "number"
    return CellError(f"not a {what}", allowed=f"a {what}, or {SHOWN} for missing")


def _canonical(part: str, decimals: Decimals) -> str | None:
    """Return a number in the plain form of the package's own files, or None."""
    try:
        value = find_decimal(part.strip(), decimals)
    except CellError:
        return None
    return None if value is None else f"{value:f}"

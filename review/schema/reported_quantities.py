"""What one cell of a printed table holds: a number, mean and SD, estimate and interval, counts, p.

Each is a small record that keeps the digits printed (`Decimal`) and the text it was read from.
A cell that holds something else than its column is declared for is refused; see `odd_cells`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from review.schema.cell_patterns import cell_pattern
from review.schema.cell_types import CellError
from review.schema.numerals import POINT, THIN, Decimals, find_decimal, plain_signs
from review.schema.odd_cells import refusal
from review.words import percent as percent_text

if TYPE_CHECKING:
    from collections.abc import Callable


class Kind(StrEnum):
    """What the cells of a column hold, as declared."""

    NUMBER = "number"
    INTEGER = "integer"
    COUNT = "count"
    PROPORTION = "proportion"
    PERCENT = "percentage"
    PVALUE = "p-value"
    MEAN_SD = "mean and SD"
    ESTIMATE = "estimate and interval"
    INTERVAL = "interval"
    COUNTS = "events and total"
    COUNT_PERCENT = "count and percentage"


@dataclass(frozen=True, slots=True)
class Single:
    """One number; `text` is the cell."""

    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class MeanSd:
    """A mean and its standard deviation (or error: the column says which)."""

    value: Decimal
    sd: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval, with its estimate where the cell holds one; `level` in per cent if stated."""

    value: Decimal | None
    ci_lb: Decimal
    ci_ub: Decimal
    level: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Events, and of how many or which percentage where the cell says so."""

    events: Decimal
    n: Decimal | None
    percent: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class PValue:
    """A p-value with its relation (=, <, >, <=, >=); `pval` is None for "ns"."""

    pval: Decimal | None
    relation: str
    text: str


Quantity = Single | MeanSd | Interval | Counts | PValue


def read_quantity(text: str, kind: Kind, decimals: Decimals = POINT, *, unit: str = "") -> Quantity:
    """Return what a cell holds, which is not empty.

    Args:
        text: of the cell.
        kind: what its column is declared to hold.
        decimals: how the column writes numbers; see `settle_decimals`.
        unit: of the column; a cell may repeat it ("45 years").

    Raises:
        CellError: the cell holds something else; says what, and what would be right.

    Example:
        >>> read_quantity("93%", Kind.PROPORTION).value
        Decimal('0.93')
        >>> read_quantity("1,18 (0,90–1,54)", Kind.ESTIMATE, Decimals(",", sure=True)).ci_ub
        Decimal('1.54')
        >>> read_quantity("<0.001", Kind.PVALUE)
        PValue(pval=Decimal('0.001'), relation='<', text='<0.001')
    """
    plain = plain_signs(text)
    found: Quantity | None = _READERS[kind](plain, decimals)
    if found is None and unit and plain.casefold().endswith(unit.casefold()):
        found = _READERS[kind](plain[: -len(unit)].strip(), decimals)
    if found is None:
        error = refusal(text, kind, decimals, _holds(plain, kind, decimals))
        if decimals.mark == "," and error.suggestion is not None:
            error.suggestion = error.suggestion.replace(".", ",")
        raise error
    return replace(found, text=text)


def _holds(plain: str, kind: Kind, decimals: Decimals) -> Kind | None:
    """Return the kind that a cell of a wrong kind is of, when it holds several numbers."""
    for other in (Kind.ESTIMATE, Kind.COUNTS, Kind.MEAN_SD):
        try:
            if other is not kind and _READERS[other](plain, decimals):
                return other
        except CellError:
            return other
    return None


def _number(text: str, decimals: Decimals) -> Single | None:
    value = find_decimal(text, decimals)
    return None if value is None else Single(value, text)


_GROUPED: Final = re.compile(rf"[+-]?[1-9]\d{{0,2}}([.,'{THIN}])\d{{3}}(?:\1\d{{3}})*\Z")


def _integer(text: str, decimals: Decimals) -> Single | None:
    """Whole numbers have no decimals: a comma before three digits groups, unless it is the mark."""
    match = _GROUPED.match(text)
    if match:
        is_mark = decimals.sure and match[1] == decimals.mark
        if match[1] == "." and decimals != replace(decimals, mark=",", sure=True):
            is_mark = True  # 1.234 is 1234 only where commas are decimal
        if is_mark:
            return None
        return Single(Decimal(re.sub(r"[^\d+-]", "", text)), text)
    found = _number(text, replace(decimals, sure=True))
    return found if found and found.value.as_tuple().exponent == 0 else None


def _count(text: str, decimals: Decimals) -> Single | None:
    """Read a count, which a sum of counts or a rounding may have given decimals."""
    return _integer(text, decimals) or _number(text, decimals)


def _proportion(text: str, decimals: Decimals) -> Single | None:
    percent = _before_percent(text, decimals)
    return _number(text, decimals) if percent is None else Single(percent.scaleb(-2), text)


def _percent(text: str, decimals: Decimals) -> Single | None:
    percent = _before_percent(text, decimals)
    return _number(text, decimals) if percent is None else Single(percent, text)


def _before_percent(text: str, decimals: Decimals) -> Decimal | None:
    match = re.fullmatch(r"(.+?)\s*(?:%|per ?cent|pct\.?)", text, re.IGNORECASE)
    return find_decimal(match[1], decimals) if match else None


_P: Final = re.compile(r"(?:p(?:[- ]?value)?)?\s*(<=|>=|[<>=≤≥]|)\s*([^<>=\s].*)", re.IGNORECASE)


def _p_value(text: str, decimals: Decimals) -> PValue | None:
    plain = text.rstrip("*†‡§ ")
    if plain.casefold() in {"ns", "n.s.", "n.s"}:
        return PValue(None, "ns", text)
    match = _P.fullmatch(plain)
    value = find_decimal(match[2], decimals) if match else None
    if match is None or value is None:
        return None
    relation = {"": "=", "≤": "<=", "≥": ">="}.get(match[1], match[1])
    digits = value.as_tuple().exponent
    if value == 0 and relation in {"=", "<", "<="} and isinstance(digits, int) and digits < 0:
        raise CellError(
            "a p-value is above 0; this one was rounded to 0",
            allowed="a p-value such as 0.03 or <0.001",
            suggestion=f"<{Decimal(1).scaleb(digits)}",
        )
    if not 0 < value <= 1:
        raise CellError("a p-value is above 0 and at most 1", allowed="0.03, <0.001, >0.05 or ns")
    return PValue(value, relation, text)


def _mean_sd(text: str, decimals: Decimals) -> MeanSd | None:
    numbers = _numbers("mean_sd", text, decimals)
    if numbers is None:
        return None
    if numbers["b"] < 0:
        raise CellError("the standard deviation is negative", allowed="10.2 (3.1)")
    return MeanSd(numbers["a"], numbers["b"], text)


def _estimate(text: str, decimals: Decimals) -> Interval | None:
    return _limits(_numbers("estimate", text, decimals), text)


def _interval(text: str, decimals: Decimals) -> Interval | None:
    return _limits(_numbers("interval", text, decimals), text) or _estimate(text, decimals)


def _limits(numbers: dict[str, Any] | None, text: str) -> Interval | None:
    if numbers is None:
        return None
    value, low, high = numbers.get("a"), numbers["b"], numbers["c"]
    if low > high:
        raise CellError(
            f"the lower limit {low} is above the upper limit {high}", allowed="1.18 (0.90 to 1.54)"
        )
    if value is not None and not low <= value <= high:
        raise CellError(
            f"the estimate {value} is outside its interval {low} to {high}",
            allowed="an estimate between its limits, such as 1.18 (0.90 to 1.54)",
        )
    return Interval(value, low, high, numbers.get("level"), text)


def _counts(text: str, decimals: Decimals) -> Counts | None:
    numbers = _numbers("counts", text, decimals)
    if numbers is None:
        return _count_percent(text, decimals)
    events, n, percent = numbers["a"], numbers["b"], numbers.get("p")
    if not _are_counts(events, n):
        return None
    if events > n:
        raise CellError(f"{events} events of {n} are more than all", allowed="45/120")
    if percent is not None and n and abs(100 * events / n - percent) > _unit_of(percent):
        raise CellError(
            f"{events} of {n} are {percent_text(100 * events / n)}, the cell says {percent}%",
            allowed="counts and a percentage that agree",
        )
    return Counts(events, n, percent, text)


def _unit_of(number: Decimal) -> Decimal:
    """Return one unit of the last digit printed."""
    exponent = number.as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def _count_percent(text: str, decimals: Decimals) -> Counts | None:
    numbers = _numbers("count_percent", text, decimals)
    if numbers is None or not _are_counts(numbers["a"]):
        return None
    if not 0 <= numbers["p"] <= 100:
        raise CellError(f"{numbers['p']}% is no share", allowed="32 (26.7%)")
    return Counts(numbers["a"], None, numbers["p"], text)


def _are_counts(*numbers: Decimal) -> bool:
    return all(n >= 0 and n.as_tuple().exponent == 0 for n in numbers)


def _numbers(name: str, text: str, decimals: Decimals) -> dict[str, Any] | None:
    """Return the numbers of a cell with several, by the letter of the pattern; None: no match."""
    match = cell_pattern(name, decimals).fullmatch(text)
    if match is None:
        return None
    level = match.groupdict().get("level")
    found: dict[str, Any] = {"level": Decimal(level.replace(",", "."))} if level else {}
    for key, part in match.groupdict().items():
        if key == "level" or part is None:
            continue
        counts = name.startswith("count")
        value = (counts and _integer(part, decimals)) or _number(part, decimals)
        if value is None:
            return None
        found[key] = value.value
    return found


_READERS: Final[dict[Kind, Callable[[str, Decimals], Any]]] = {
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.COUNT: _count,
    Kind.PROPORTION: _proportion,
    Kind.PERCENT: _percent,
    Kind.PVALUE: _p_value,
    Kind.MEAN_SD: _mean_sd,
    Kind.ESTIMATE: _estimate,
    Kind.INTERVAL: _interval,
    Kind.COUNTS: _counts,
    Kind.COUNT_PERCENT: _count_percent,
}

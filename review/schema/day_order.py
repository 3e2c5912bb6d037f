"""Dates as people write them, and the order of day and month, settled for whole columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from review.schema.cell_types import CellError
from review.schema.numerals import plain_signs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DayOrder = Literal["day", "month"]  # which of the two stands first
Precision = Literal["day", "month", "year"]
_ORDERS: Final[tuple[DayOrder, DayOrder]] = ("day", "month")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ]\d\d:\d\d.*)?")
_YEAR_LAST: Final = re.compile(
    r"(\d{1,2})([-/. ])\s?(\d{1,2})\2\s?(\d{4}|\d{2})(?:,? \d\d?:\d\d.*)?"
)
_DAY_WORD: Final = re.compile(
    r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?[ -]+(?P<w>[a-z]+)\.?,?[ -]+(?P<y>\d{4}|\d{2})"
)
_WORD_DAY: Final = re.compile(r"(?P<w>[a-z]+)\.? +(?P<d>\d{1,2})(?:st|nd|rd|th)?,? +(?P<y>\d{4})")
_PARTIAL: Final = (
    re.compile(r"(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})"),
    re.compile(r"(?P<w>[a-z]+)\.?,?[ -]+(?P<y>\d{4})"),
)
ALLOWED: Final = "a day such as 2020-12-31"


@dataclass(frozen=True, slots=True)
class DayReadings:
    """What a cell can mean: with the day first, with the month first; equal when it is clear.

    Attributes:
        day_first, month_first: the day in each reading, None where there is no such day.
        precision: day, month or year; of less than a day, the first day stands for it.
        points: written with points, which is done with the day first.
    """

    day_first: date | None
    month_first: date | None
    precision: Precision = "day"
    points: bool = False

    @property
    def clear(self) -> date | None:
        """The day, when only one is possible; None when the order decides."""
        if self.day_first is None or self.month_first is None:
            return self.day_first or self.month_first
        return self.day_first if self.day_first == self.month_first else None

    @property
    def shows(self) -> DayOrder | None:
        """The order that the cell proves."""
        if self.day_first is None:
            return "month"
        return "day" if self.month_first is None else None

    def get(self, order: DayOrder) -> date | None:
        """Return the day in one reading."""
        return self.month_first if order == "month" else self.day_first


def day_readings(text: str) -> DayReadings | None:
    """Return what a cell means as a date, or None when it is none.

    Raises:
        CellError: a year of two digits; a day that no calendar has.

    Example:
        >>> both = day_readings("03/02/2019")
        >>> both.day_first.isoformat(), both.month_first.isoformat(), both.clear
        ('2019-02-03', '2019-03-02', None)
        >>> day_readings("3 Feb 2019").clear.isoformat(), day_readings("2019").precision
        ('2019-02-03', 'year')
    """
    plain = re.sub(r"\s+", " ", plain_signs(text)).casefold()
    if match := _YEAR_FIRST.fullmatch(plain):
        day = _day(*map(int, match.groups()))
        return DayReadings(day, day)
    if match := _YEAR_LAST.fullmatch(plain):
        first, second, year = int(match[1]), int(match[3]), _year(text, match[4])
        day_first = _day(year, second, first) if second <= 12 else None
        month_first = _day(year, first, second) if first <= 12 else None
        if day_first is None and month_first is None:
            raise CellError("no day of the calendar", allowed=ALLOWED)
        return DayReadings(day_first, month_first, points=match[2] == ".")
    if match := (_DAY_WORD.fullmatch(plain) or _WORD_DAY.fullmatch(plain)):
        month = _month(match["w"])
        if month is None:
            return None
        day = _day(_year(text, match["y"]), month, int(match["d"]))
        return DayReadings(day, day)
    return _partial(plain)


def _partial(plain: str) -> DayReadings | None:
    """Read a month or a year."""
    for pattern in _PARTIAL:
        match = pattern.fullmatch(plain)
        if match is None or not 1500 <= int(match["y"]) <= 2200:
            continue
        groups = match.groupdict()
        month = _month(groups["w"]) if groups.get("w") else int(groups.get("m") or 1)
        if month is None:
            return None
        day = _day(int(match["y"]), month, 1)
        return DayReadings(day, day, "year" if pattern is _PARTIAL[0] else "month")
    return None


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellError("no day of the calendar", allowed=ALLOWED) from None


def _year(text: str, year: str) -> int:
    if len(year) == 4:
        return int(year)
    full = ("20" if int(year) < 69 else "19") + year  # the pivot of POSIX strptime
    suggestion = re.sub(rf"{year}(?=\D*$)", full, text.strip(), count=1)
    raise CellError("a year of two digits", allowed=ALLOWED, suggestion=suggestion)


def _month(word: str) -> int | None:
    short = len(word) in {3, 4}
    known = (i for i, m in enumerate(_MONTHS, 1) if word == m or (short and m[:3] == word[:3]))
    return next(known, None)


def settle_day_order(cells: Iterable[DayReadings]) -> DayOrder | None:
    """Return whether day or month stands first in a column, None when its cells leave it open.

    One cell such as 25/12/2019 decides for all; two that contradict each other decide nothing.

    Example:
        >>> settle_day_order([day_readings("03/02/2019"), day_readings("25/12/2019")])
        'day'
        >>> settle_day_order([day_readings("03/02/2019")]) is None
        True
    """
    readings = list(cells)
    shown = {r.shows for r in readings} - {None}
    if len(shown) == 1:
        return shown.pop()
    if not shown and all(r.points for r in readings if r.clear is None):
        return "day"
    return None


def in_order(cells: Sequence[DayReadings | None], order: DayOrder | None) -> list[date | None]:
    """Return a day for each cell by which the rows can be ordered.

    Args:
        cells: what the cells can mean; None for missing.
        order: what stands first; with None, both readings must order the rows in the same way.

    Raises:
        CellError: the order of the rows depends on what stands first.

    Example:
        >>> cells = [day_readings(t) for t in ("03/02/2019", "11/01/2021", "07/05/2018")]
        >>> [d.year for d in in_order(cells, None)]
        [2019, 2021, 2018]
    """
    if order is not None:
        return [_day_of(c, order) for c in cells]
    both = [[_day_of(c, first) for c in cells] for first in _ORDERS]
    if _ranks(both[0]) != _ranks(both[1]):
        raise CellError(
            "the order depends on whether day or month stands first",
            allowed="one of --dayfirst and --monthfirst, or days such as 2020-12-31",
        )
    return both[0]


def _day_of(cell: DayReadings | None, order: DayOrder) -> date | None:
    return None if cell is None else cell.clear or cell.get(order)


def _ranks(days: Sequence[date | None]) -> list[int | None]:
    place = {day: i for i, day in enumerate(sorted({d for d in days if d is not None}))}
    return [None if day is None else place[day] for day in days]

"""The order of rows by a column: by number or date, those without a value last, never by text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.errors import InputError
from review.schema.cell_types import CellError
from review.schema.day_order import day_readings, in_order, settle_day_order
from review.schema.missing_marks import missing_reason
from review.stats.ground.column_kinds import is_missing, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from review.schema.day_order import DayReadings


def order_values(name: str, values: Sequence[Any]) -> list[float | date | None]:
    """Return what orders the rows: numbers, or days; None for missing values, which come last.

    Args:
        name: of the column, for messages.
        values: numbers, dates, or text such as 03/02/2019; None, NaN and marks such as n.r. are
            missing.

    Raises:
        InputError: text that is neither number nor date; numbers and dates together; days that can
            be read in two ways, with different orders.

    Example:
        >>> [d.year for d in order_values("date", ["03/02/2019", "11/01/2021", "07/05/2018"])]
        [2019, 2021, 2018]
        >>> order_values("n", [900.0, 85.0, 1200.0, "n.r."])
        [900.0, 85.0, 1200.0, None]
    """
    gaps = [is_missing(v) or (isinstance(v, str) and bool(missing_reason(v))) for v in values]
    known = [v for v, gap in zip(values, gaps, strict=True) if not gap]
    keys: list[Any] = (
        [float(v) for v in known] if all(is_number(v) for v in known) else _days(name, known)
    )
    found = iter(keys)
    return [None if gap else next(found) for gap in gaps]


def _days(name: str, values: Sequence[Any]) -> list[date]:
    readings: list[DayReadings] = []
    for value in values:
        text = f"{value:g}" if isinstance(value, float) else str(value)
        try:
            reading = day_readings(text)
        except CellError as error:
            raise InputError(f"column {name!r}: {text!r}: {error} ({error.allowed})") from None
        if reading is None:
            raise InputError(
                f"column {name!r}: {text!r} is neither a number nor a date: rows are ordered by "
                "number or by date, never by text"
            )
        readings.append(reading)
    try:
        days = in_order(readings, settle_day_order(readings))
    except CellError as error:
        raise InputError(f"column {name!r}: {error}; write days such as 2020-12-31") from None
    return [day for day in days if day is not None]

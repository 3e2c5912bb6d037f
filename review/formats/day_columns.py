"""Columns of dates."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

from review.schema.cell_types import CellError
from review.schema.day_order import ALLOWED, DayReadings, day_readings, settle_day_order
from review.schema.missing_marks import missing_reason

if TYPE_CHECKING:
    from review.formats.sheet_table import SheetTable


def read_days(table: SheetTable, heading: str) -> list[DayReadings | None]:
    """Return what each cell of a column can mean as a date; None where it is missing.

    Cells that are no date become problems of the table.
    """
    table.use(heading)
    found: list[DayReadings | None] = []
    words = table.missing[heading] = Counter()
    for row, (text, value) in enumerate(zip(table.texts(heading), table.raw(heading), strict=True)):
        reason = missing_reason(text, table.options.missing)
        if reason is not None:
            words[text] += 1
            found.append(None)
            continue
        try:
            found.append(_stored_day(value) or _read_day(text))
        except CellError as error:
            found.append(None)
            table.add(
                table.problem(
                    row, heading, str(error), allowed=error.allowed, suggestion=error.suggestion
                )
            )
    return found


def _stored_day(value: Any) -> DayReadings | None:
    """Return the date that a sheet holds as a date."""
    if isinstance(value, dt.datetime):
        value = value.date()
    return DayReadings(value, value) if isinstance(value, dt.date) else None


def _read_day(text: str) -> DayReadings:
    reading = day_readings(text)
    if reading is None:
        raise CellError("not a date", allowed=ALLOWED)
    return reading


def iso_days(table: SheetTable, heading: str) -> list[str]:
    """Return a column of dates as 2020-12-31; the marks of missing cells stay.

    What stands first, day or month, is settled for the whole column; a cell that stays open and a
    month or year without a day become problems of the table.
    """
    readings = read_days(table, heading)
    order = table.options.day_order or settle_day_order([r for r in readings if r is not None])
    found, open_rows = [], []
    for row, reading in enumerate(readings):
        text = table.texts(heading)[row]
        if reading is None:
            found.append(text)
            continue
        day = reading.clear or (reading.get(order) if order else None)
        if day is None:
            message = f"can be {reading.day_first} or {reading.month_first}"
            open_rows.append((row, CellError(message, allowed=ALLOWED)))
        elif reading.precision != "day":
            message = f"a {reading.precision} without its day"
            table.add(table.problem(row, heading, message, allowed=ALLOWED))
        found.append(day.isoformat() if day else text)
    table.add_once_per_column(heading, open_rows, "say --dayfirst or --monthfirst")
    return found

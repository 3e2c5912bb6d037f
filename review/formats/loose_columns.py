"""Columns without a declared type: numbers, dates or words, told from all of their cells.

One word in a column of numbers makes no categories of them, and one number in a column of words no
numbers: such a column is mixed, and using it as numbers lists the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from review.formats.typed_columns import column_decimals, plain_floats, read_floats
from review.schema.cell_types import CellError
from review.schema.day_order import day_readings, settle_day_order
from review.schema.missing_marks import missing_reason
from review.schema.reported_quantities import Kind, read_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.sheet_table import SheetTable
    from review.schema.day_order import DayOrder, DayReadings

ColumnType = Literal["number", "date", "word", "mixed", "empty"]


@dataclass
class LooseColumn:
    """A column as its cells show it.

    Attributes:
        heading: of the column.
        type: number; date; word; mixed, when most cells are numbers but some are words; empty.
        values: numbers (NaN missing), or text (None missing); days as 2020-12-31 where they can be
            read in one way.
        odd: the rows of a mixed column that hold words.
    """

    heading: str
    type: ColumnType
    values: Sequence[Any]
    odd: list[int] = field(default_factory=list)


def read_loose(table: SheetTable, heading: str) -> LooseColumn:
    r"""Return a column by what its cells are.

    Args:
        table: the table; it gets no problem.
        heading: of the column.

    Example:
        >>> from review.formats.reading import table_from_bytes
        >>> table = table_from_bytes(b"age,sex\n50,m\nNR,f\n60,m\nold,f\n", "a.csv")
        >>> read_loose(table, "age").type, read_loose(table, "sex").values
        ('mixed', ['m', 'f', 'm', 'f'])
    """
    fast = plain_floats(table, heading)
    if fast is not None:
        stated = any(v == v for v in fast)  # noqa: PLR0124  NaN is not itself
        return LooseColumn(heading, "number" if stated else "empty", fast)
    texts = table.texts(heading)
    stated_rows = [
        i for i, t in enumerate(texts) if missing_reason(t, table.options.missing) is None
    ]
    if not stated_rows:
        return LooseColumn(heading, "empty", [None] * len(texts))
    decimals = column_decimals(table, heading)
    numeric = {i for i in stated_rows if _is_number(texts[i], decimals)}
    if len(numeric) == len(stated_rows):
        return LooseColumn(heading, "number", read_floats(table, heading))
    words: list[Any] = [None] * len(texts)
    for i in stated_rows:
        words[i] = texts[i]
    if 2 * len(numeric) >= len(stated_rows):
        return LooseColumn(heading, "mixed", words, [i for i in stated_rows if i not in numeric])
    days = {i: _day(texts[i]) for i in stated_rows}
    if any(day is None for day in days.values()):
        return LooseColumn(heading, "word", words)
    order = table.options.day_order or settle_day_order([d for d in days.values() if d])
    for i, day in days.items():
        words[i] = _written(day, order) or texts[i]
    return LooseColumn(heading, "date", words)


def _is_number(text: str, decimals: Any) -> bool:
    for kind in (Kind.NUMBER, Kind.PROPORTION):
        try:
            read_quantity(text, kind, decimals)
        except CellError:
            continue
        return True
    return False


def _day(text: str) -> DayReadings | None:
    try:
        return day_readings(text)
    except CellError:
        return None


def _written(reading: DayReadings | None, order: DayOrder | None) -> str | None:
    """Return a day as 2020-12-31 when it can be read in one way; months and years stay."""
    if reading is None or reading.precision != "day":
        return None
    day = reading.clear or (reading.get(order) if order else None)
    return day.isoformat() if day else None

"""Columns without a declared type: numbers, dates or words, told from all of their cells.

One word in a column of numbers makes no categories of them, and one number in a column of words no
numbers: such a column is mixed, and using it as numbers lists the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from review.errors import InputError
from review.formats.day_columns import days_in_order
from review.formats.typed_columns import column_decimals, plain_floats, read_floats
from review.schema.cells import CellError
from review.schema.day_order import day_readings
from review.schema.missing_marks import missing_reason
from review.schema.quantities import Kind, read_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.sheet_table import SheetTable

ColumnType = Literal["number", "date", "word", "mixed", "empty"]


@dataclass
class LooseColumn:
    """A column as its cells show it.

    Attributes:
        heading: of the column.
        type: number; date; word; mixed, when most cells are numbers but some are words; empty.
        values: numbers (NaN missing), or text (None missing).
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
    dates = all(_is_day(texts[i]) for i in stated_rows)
    return LooseColumn(heading, "date" if dates else "word", words)


def _is_number(text: str, decimals: Any) -> bool:
    for kind in (Kind.NUMBER, Kind.PROPORTION):
        try:
            read_quantity(text, kind, decimals)
        except CellError:
            continue
        return True
    return False


def _is_day(text: str) -> bool:
    try:
        return day_readings(text) is not None
    except CellError:
        return False


def order_keys(table: SheetTable, heading: str) -> list[float | None]:
    """Return a number for each row by which the rows are ordered; None where it is missing.

    Numbers are ordered by their value and dates by their day, never by their text.

    Args:
        table: gets a problem for each cell that is neither; `require` raises them.
        heading: of the column.

    Raises:
        InputError: the column holds words.
    """
    column = read_loose(table, heading)
    if column.type in {"number", "mixed", "empty"}:
        values = read_floats(table, heading)
        return [None if v != v else float(v) for v in values]  # noqa: PLR0124
    if column.type == "date":
        return [None if d is None else float(d.toordinal()) for d in days_in_order(table, heading)]
    shown = ", ".join(dict.fromkeys(str(v) for v in column.values if v is not None))
    raise InputError(
        f"column {heading!r} of {table.source} cannot order the studies: it holds words "
        f"({shown[:60]}), where numbers or dates are needed"
    )


def similar_words(values: Sequence[Any]) -> list[tuple[str, ...]]:
    """Return words that differ in letter case, blanks or punctuation only: one group each.

    Example:
        >>> similar_words(["Europe", "Asia", "europe", None, "Europe"])
        [('Europe', 'europe')]
    """
    groups: dict[str, dict[str, None]] = {}
    for value in values:
        if isinstance(value, str):
            groups.setdefault(re.sub(r"[\W_]+", "", value).casefold(), {})[value] = None
    return [tuple(words) for words in groups.values() if len(words) > 1]

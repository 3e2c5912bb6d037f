"""The cells of a column by what it is declared to hold; every cell that does not fit is listed."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from review.formats.grid import NAN, Numbers
from review.schema.cell_types import CellError
from review.schema.missing_marks import missing_reason
from review.schema.numerals import POINT, Decimals, TwoReadingsError, settle_decimals
from review.schema.reported_quantities import Kind, Quantity, Single, read_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.formats.sheet_table import SheetTable

_SINGLE: Final = frozenset(
    {Kind.NUMBER, Kind.INTEGER, Kind.COUNT, Kind.PROPORTION, Kind.PERCENT, Kind.PVALUE}
)


def read_quantities(
    table: SheetTable, heading: str, kind: Kind, *, unit: str = ""
) -> list[Quantity | None]:
    """Return what the cells of a column hold; None where it is missing.

    A cell that does not fit becomes a problem of the table, or with `--fix` its suggestion.

    Args:
        table: the table.
        heading: of the column.
        kind: what it is declared to hold.
        unit: which cells may repeat after the number.
    """
    table.use(heading)
    decimals = column_decimals(table, heading)
    if kind is Kind.NUMBER and _all_percent(table.texts(heading), table.options.missing):
        kind = Kind.PROPORTION
        table.note(f"column {heading!r}: percentages are read as proportions (93% = 0.93)")
    found: list[Quantity | None] = []
    words = table.missing[heading] = Counter()
    open_rows = []
    lost = table.lost_rows(heading)
    for row, (text, value) in enumerate(zip(table.texts(heading), table.raw(heading), strict=True)):
        if missing_reason(text, table.options.missing) is not None:
            words[text] += 1
            found.append(None)
            continue
        try:
            found.append(_read(text, value, kind, decimals, unit))
        except TwoReadingsError as error:
            open_rows.append((row, error))
            found.append(None)
        except CellError as error:
            # a formula without a value is a problem already
            found.append(None if row in lost else _fixed(table, row, heading, kind, error))
    table.add_once_per_column(heading, open_rows)
    return found


def _read(text: str, value: Any, kind: Kind, decimals: Decimals, unit: str) -> Quantity:
    """Read one cell: a stored number as it is, text by the style of its column."""
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        raise CellError(
            "the sheet holds a date or time here; spreadsheets make dates of text such as 3-5",
            allowed=f"a {kind.value}",
        )
    if isinstance(value, float | int) and not isinstance(value, bool) and kind in _SINGLE:
        if text.endswith("%") and kind is Kind.NUMBER:
            return Single(Decimal(text[:-1]).scaleb(-2), text)
        return read_quantity(text, kind, POINT)
    return read_quantity(text, kind, decimals, unit=unit)


def _fixed(
    table: SheetTable, row: int, heading: str, kind: Kind, error: CellError
) -> Quantity | None:
    """Take the suggestion for a cell when the user wants that; otherwise list the problem."""
    if table.options.fix and error.suggestion is not None:
        try:
            read = read_quantity(error.suggestion.replace(",", "."), kind, POINT)
        except CellError:
            pass
        else:
            table.record_fix(row, heading, error.suggestion, str(error))
            return read
    table.add(
        table.problem(row, heading, str(error), allowed=error.allowed, suggestion=error.suggestion)
    )
    return None


def _all_percent(texts: Sequence[str], also: Iterable[str]) -> bool:
    """Tell whether every stated cell is a percentage."""
    if not any(t.endswith("%") for t in texts):
        return False
    return all(t.endswith("%") for t in texts if missing_reason(t, also) is None)


def column_decimals(table: SheetTable, heading: str) -> Decimals:
    """Return how a column writes its numbers: as the user says, else from all its cells.

    Where the column leaves it open ("1,234" alone), the other columns of the file decide if they
    all agree.
    """
    given = table.options.decimal
    if given is not None:
        decimals = Decimals(given, sure=True)
    else:
        values = table.raw(heading)
        texts = [v for v in values if isinstance(v, str)]
        decimals = settle_decimals(texts)
        if not decimals.sure:
            decimals = settle_decimals(texts, table.marks_shown(heading))
    said = "decimal comma"
    if decimals.mark == "," and decimals.sure and said not in table.styles:
        table.styles.append(said)
    return decimals


def read_floats(table: SheetTable, heading: str, kind: Kind = Kind.NUMBER) -> Sequence[float]:
    """Return a column of single numbers as floats, NaN where it is missing.

    Args:
        table: the table; cells that are no such number become problems of it.
        heading: of the column.
        kind: number, whole number, count, proportion or percentage.
    """
    if kind in {Kind.NUMBER, Kind.COUNT, Kind.PROPORTION} and heading not in table.pending:
        fast = plain_floats(table, heading)
        if fast is not None:
            return fast
    quantities = read_quantities(table, heading, kind)
    return [float(q.value) if isinstance(q, Single) else NAN for q in quantities]


def plain_floats(table: SheetTable, heading: str) -> Sequence[float] | None:
    """Return a column of ordinary numbers and missing words; None when it has other cells."""
    fast = table.numbers(heading) or _plain_numbers(table, heading)
    if fast is None:
        return None
    table.missing[heading] = fast.words
    return fast.values


def _plain_numbers(table: SheetTable, heading: str) -> Numbers | None:
    """Read a text column of ordinary numbers and missing words at once; None if it has others."""
    if table.grid.sheet is not None or table.options.missing or table.options.decimal == ",":
        return None
    texts = table.texts(heading)
    words = Counter(t for t in texts if missing_reason(t) is not None)
    stated = [t for t in texts if t not in words]
    if "".join(stated).translate(_PLAIN) or not _shows_point(stated):
        return None
    try:
        read = iter([float(t) for t in stated])
    except ValueError:
        return None
    return Numbers([NAN if t in words else next(read) for t in texts], words)


_PLAIN: Final = dict.fromkeys(map(ord, "0123456789.+-eE"))


def _shows_point(stated: Sequence[str]) -> bool:
    """Tell whether the points of a column are decimal marks for sure."""
    dotted = [v for v in stated if "." in v]
    return not dotted or any(not re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", v) for v in dotted)

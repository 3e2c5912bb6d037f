"""The rows of a sheet as the plain texts that the audit checks: digits as printed, one style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.formats.compound_columns import numbers_of
from review.formats.headings import IGNORED
from review.formats.typed_columns import column_decimals, read_quantities
from review.formats.variable_columns import plain_number
from review.schema.missing_marks import missing_reason
from review.schema.reported_quantities import Kind
from review.workflow.audit.facts import COUNTS, METRICS, NUMBERS, canonical

if TYPE_CHECKING:
    from review.formats.sheet_table import SheetTable

_PERCENT: Final = frozenset({"percent", "ci_level", "i2"})


def audited_columns(table: SheetTable) -> dict[str, str]:
    """Return heading -> the name that the audit knows it by, as the user maps it or as it is.

    Columns that the user leaves out (`--map "Notes=-"`) are not among them.
    """
    given = table.options.mapping
    return {h: given.get(h, h) for h in table.headings if given.get(h) != IGNORED}


def audited_cells(table: SheetTable, heading: str, name: str) -> list[str]:
    """Return the cells of a column as texts with decimal points; "" where they are missing.

    Args:
        table: gets a problem for each cell that is no number where one is needed.
        heading: of the column.
        name: what the audit knows it by.
    """
    kind = _kind(canonical(name) or "")
    if kind is not None:
        found = read_quantities(table, heading, kind)
        return ["" if q is None else plain_number(numbers_of(q)[0]) for q in found]
    table.use(heading)
    texts = table.texts(heading)
    if canonical(name) not in {"p", "p_q"}:
        return list(texts)
    comma = column_decimals(table, heading).mark == ","
    return [
        "" if missing_reason(t, table.options.missing) is not None
        else t.replace(",", ".") if comma else t
        for t in texts
    ]  # fmt: skip


def _kind(name: str) -> Kind | None:
    """Return how the cells of a column are read; None for words, and for p-values as printed."""
    if name in COUNTS:
        return Kind.INTEGER
    if name in _PERCENT:
        return Kind.PERCENT
    if name == "proportion" or name.split("_ci_", maxsplit=1)[0].removesuffix("_se") in METRICS:
        return Kind.PROPORTION
    return Kind.NUMBER if name in NUMBERS else None

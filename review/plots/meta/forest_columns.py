"""The columns of text beside a forest plot, and those with the risk of bias."""

from __future__ import annotations

import math
import re
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.plots.interval_table.table_parts import Column
from review.plots.text_measure import shorten
from review.plots.traffic_light import SIGNS
from review.stats.presentation.effect_display import interval_text
from review.words import level_name, percent, significant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.schema.assessment import Level
    from review.stats.presentation.forest_rows import ForestRow

_WRAP: Final = 20  # letters per line of a heading
_LONGEST: Final = 40  # letters of a cell
_SHORT: Final = 4  # letters of a domain that needs no key
# the words of the tools -> level of the sign
LEVEL_OF: Final[dict[str, Level]] = {
    "low": "low", "low risk": "low", "low concern": "low",
    "some concerns": "some", "some": "some", "moderate": "some",
    "high": "high", "high risk": "high", "high concern": "high", "serious": "high",
    "critical": "critical",
}  # fmt: skip


def check_lengths(rows: Sequence[ForestRow], *columns: Mapping[str, Sequence[Any]]) -> None:
    """Check that columns have one value per row of the input.

    Raises:
        InputError: one does not.
    """
    last = max((r.row for r in rows if r.row is not None), default=-1)
    for name, values in (pair for found in columns for pair in found.items()):
        if len(values) <= last:
            raise InputError(
                f"the column {name!r} has {len(values)} values; one per row of the input is needed"
            )


def extra_columns(
    rows: Sequence[ForestRow], given: Mapping[str, Sequence[Any]]
) -> tuple[Column, ...]:
    """Return the columns of text that the caller gives: title -> a value per row of the input."""
    return tuple(
        Column(tuple(wrap(name, _WRAP)) or ("",), tuple(_cell(r, values) for r in rows))
        for name, values in given.items()
    )


def effect_column(rows: Sequence[ForestRow], *, heading: str, level: float, digits: int) -> Column:
    """Return the column of effects with their intervals."""
    effects = tuple(interval_text(r, digits).replace("-", "−") for r in rows)
    return Column((*wrap(heading, _WRAP), f"[{level_name(level)} CI]"), effects)


def weight_column(rows: Sequence[ForestRow]) -> tuple[Column, ...]:
    """Return the column of weights; nothing where there are none."""
    if all(r.weight is None for r in rows):
        return ()
    cells = tuple("" if r.weight is None else percent(r.weight) for r in rows)
    return (Column(("Weight",), cells),)


def judgement_columns(
    rows: Sequence[ForestRow], risk: Mapping[str, Sequence[Any]]
) -> tuple[Column, ...]:
    """Return a column of signs per domain, headed D1, D2, ... where its name is long."""
    used = {name for name in risk if len(name) <= _SHORT}
    numbers = (f"D{i}" for i in range(1, 1000))
    found = []
    for name, values in risk.items():
        overall = re.fullmatch(r"overall\b.*|.*\boverall", name.replace("_", " "), re.IGNORECASE)
        numbered = re.fullmatch(r"([A-Z]\d{1,2}|[A-Z] all): (.+)", name)
        if numbered:
            heading, key = numbered.groups()
        elif name in used:
            heading, key = name, ""
        elif overall:
            heading, key = "All", name.replace("_", " ")
        else:
            heading = next(n for n in numbers if n not in used)
            key = name.replace("_", " ")
        found.append(_judgements(heading, key, rows, values))
    return tuple(found)


def _cell(row: ForestRow, values: Sequence[Any]) -> str:
    value = None if row.row is None else values[row.row]
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return shorten(significant(value) if isinstance(value, float) else str(value), _LONGEST)


def _judgements(heading: str, key: str, rows: Sequence[ForestRow], values: Sequence[Any]) -> Column:
    given = [None if r.row is None else values[r.row] for r in rows]
    words = ["" if g is None else str(getattr(g, "word", g)).strip() for g in given]
    levels: list[Level] = [
        getattr(g, "level", None) or LEVEL_OF.get(w.casefold(), "unclear")
        for g, w in zip(given, words, strict=True)
    ]
    signs = [SIGNS[level] if w else None for level, w in zip(levels, words, strict=True)]
    return Column(
        (heading,), tuple("" if s is None else s[0] for s in signs),
        tuple(None if s is None else s[1:] for s in signs),
        tuple(w.replace("_", " ") for w in words), key,
    )  # fmt: skip

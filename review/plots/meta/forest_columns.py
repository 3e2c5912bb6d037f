"""The columns of text to the right of a forest plot, and those with the risk of bias.

Widths are in pixels and stand in the margin: a narrow window narrows the plot, not the text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.plots.text_measure import shorten, text_width
from review.plots.theme import plain
from review.plots.traffic_light import SIGNS
from review.stats.presentation.effect_display import interval_text
from review.words import level_name, percent, significant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.schema.assessment import Level
    from review.stats.presentation.forest_rows import ForestRow

GAP: Final = 14
_CELL: Final = 26  # width of a judgement
_WRAP: Final = 20  # letters per line of a heading
_LONGEST: Final = 40  # letters of a cell
# the words of the tools -> level of the sign
LEVEL_OF: Final[dict[str, Level]] = {
    "low": "low", "low risk": "low", "low concern": "low",
    "some concerns": "some", "some": "some", "moderate": "some",
    "high": "high", "high risk": "high", "high concern": "high", "serious": "high",
    "critical": "critical",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        title: lines of the heading.
        width: pixels.
        cells: text per row, "" for none.
        signs: colours of (cell, text) per row for judgements, else None.
        hover: text shown for a cell, per row.
        align: "right" or "center".
    """

    title: tuple[str, ...]
    width: float
    cells: tuple[str, ...]
    signs: tuple[tuple[str, str] | None, ...] | None = None
    hover: tuple[str, ...] = ()
    align: str = "right"


def make_columns(
    rows: Sequence[ForestRow],
    *,
    heading: str,
    level: float,
    digits: int,
    extra: Mapping[str, Sequence[Any]],
    risk: Mapping[str, Sequence[Any]],
) -> list[Column]:
    """Return the columns from left to right: extra ones, effect, weight, risk of bias.

    Raises:
        InputError: a column does not have one value per row of the input.
    """
    last = max((r.row for r in rows if r.row is not None), default=-1)
    for name, values in (*extra.items(), *risk.items()):
        if len(values) <= last:
            raise InputError(
                f"the column {name!r} has {len(values)} values; one per row of the input is needed"
            )
    found = [_text(name, [_cell(r, values) for r in rows]) for name, values in extra.items()]
    effects = [interval_text(r, digits).replace("-", "−") for r in rows]
    found.append(_text(heading, effects, f"[{level_name(level)} CI]"))
    if any(r.weight is not None for r in rows):
        found.append(_text("Weight", ["" if r.weight is None else percent(r.weight) for r in rows]))
    return found + [_judgements(name, rows, values) for name, values in risk.items()]


def _cell(row: ForestRow, values: Sequence[Any]) -> str:
    value = None if row.row is None else values[row.row]
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return shorten(significant(value) if isinstance(value, float) else str(value), _LONGEST)


def _text(title: str, cells: list[str], *more: str) -> Column:
    lines = (*wrap(title, _WRAP), *more) or ("",)
    width = max(text_width(t, 13) for t in (*lines, *cells)) + GAP
    return Column(lines, width, tuple(cells))


def _judgements(title: str, rows: Sequence[ForestRow], values: Sequence[Any]) -> Column:
    lines = tuple(wrap(title, 9)) or ("",)
    given = [None if r.row is None else values[r.row] for r in rows]
    words = ["" if g is None else str(getattr(g, "word", g)).strip() for g in given]
    levels: list[Level] = [
        getattr(g, "level", None) or LEVEL_OF.get(w.casefold(), "unclear")
        for g, w in zip(given, words, strict=True)
    ]
    signs = [SIGNS[level] if w else None for level, w in zip(levels, words, strict=True)]
    width = max(float(_CELL), *(text_width(line, 11.5) + 6 for line in lines))
    return Column(
        lines, width, tuple("" if s is None else s[0] for s in signs),
        tuple(None if s is None else s[1:] for s in signs), tuple(words), "center",
    )  # fmt: skip


def draw(columns: Sequence[Column], rows: Sequence[ForestRow], size: float) -> list[dict[str, Any]]:
    """Return the annotations of columns that start where the plot ends."""
    notes = []
    at, judged = float(GAP), False
    for column in columns:
        if column.signs is not None and not judged:
            at += GAP / 2
            judged = True
        shift = at + (column.width if column.align == "right" else column.width / 2)
        title = "<br>".join(plain(line) for line in column.title)
        place = {"yref": "paper", "y": 1, "yanchor": "bottom", "yshift": 4}
        notes.append(_note(f"<b>{title}</b>", shift, column.align, size, place))
        for y, (row, text) in enumerate(zip(rows, column.cells, strict=True)):
            if text:
                shown = plain(text) if row.kind == "study" else f"<b>{plain(text)}</b>"
                place = {"yref": "y", "y": y, "yanchor": "middle"}
                notes.append(
                    _note(shown, shift, column.align, size, place) | _sign(column, y, size)
                )
        at += column.width
    return notes


def _note(
    text: str, shift: float, align: str, size: float, place: dict[str, Any]
) -> dict[str, Any]:
    return {
        "text": text, "xref": "paper", "x": 1, "xshift": shift, "xanchor": align, "align": align,
        "showarrow": False, "font": {"size": size}, **place,
    }  # fmt: skip


def _sign(column: Column, y: int, size: float) -> dict[str, Any]:
    sign = None if column.signs is None else column.signs[y]
    if sign is None:
        return {}
    return {
        "bgcolor": sign[0], "font": {"size": size, "color": sign[1]}, "width": size + 2,
        "height": size + 1, "borderpad": 1, "hovertext": plain(column.hover[y]),
    }  # fmt: skip


def total_width(columns: Sequence[Column]) -> float:
    """Return the pixels that columns take together."""
    return 1.5 * GAP + sum(column.width for column in columns) + 8


def heading_lines(columns: Sequence[Column]) -> int:
    """Return the lines of the highest heading."""
    return max((len(column.title) for column in columns), default=1)

"""What a table with intervals holds: rows, columns of text, judgements, and marks on an axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from review.plots.text_measure import fit, lines_of, widest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.meta.axis_range import Window
    from review.plots.meta.effect_axis import Scale

MarkKind = Literal["study", "reported", "posterior", "total", "subtotal", "prediction", "band"]
MANY: Final = 60  # rows from which they are drawn small
GAP: Final = 12  # between columns
_LINES: Final = 3  # of a label


@dataclass(frozen=True)
class Mark:
    """An estimate with its interval, or an interval alone.

    Attributes:
        kind: decides shape and colour.
        estimate, low, high: on the scale of the axis; None where there is none.
        size: area of a square as a share of the largest one.
        offset: from the middle of the row, as a share of its height.
    """

    kind: MarkKind
    estimate: float | None
    low: float | None
    high: float | None
    size: float = 0.4
    offset: float = 0.0


@dataclass(frozen=True)
class Column:
    """A column of text or of judgements.

    Attributes:
        title: lines of the heading.
        cells: text per row, "" for none.
        signs: of judgements, colours of (cell, text) per row, else None.
        hover: the judgement in words, per row.
        key: what the heading stands for, explained below the table; "" where it says all.
    """

    title: tuple[str, ...]
    cells: tuple[str, ...]
    signs: tuple[tuple[str, str] | None, ...] | None = None
    hover: tuple[str, ...] = ()
    key: str = ""


@dataclass(frozen=True)
class Plot:
    """The marks of all rows on one axis, with their numbers as text.

    Attributes:
        marks: per row.
        values: columns with the numbers of the marks.
        favours: what stands left and right of no effect, or nothing.
        total: where the dotted line of the summary stands, or None.
    """

    scale: Scale
    window: Window
    marks: tuple[tuple[Mark, ...], ...]
    values: tuple[Column, ...]
    favours: tuple[str, ...] = ()
    total: float | None = None


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        strong: a summary or a heading.
        inside: belongs to the heading above it.
        link: web address behind the label, or None.
    """

    label: str
    strong: bool = False
    inside: bool = False
    link: str | None = None


@dataclass(frozen=True)
class IntervalTable:
    """A table with one or more plots.

    Attributes:
        title: above it; "" for none.
        description: what it shows, for those who do not see it.
        before, after: columns of text left and right of the plots.
        judgements: columns of signs, at the end.
        footer: lines of text below.
    """

    title: str
    description: str
    rows: tuple[Row, ...]
    plots: tuple[Plot, ...]
    before: tuple[Column, ...] = ()
    after: tuple[Column, ...] = ()
    judgements: tuple[Column, ...] = ()
    footer: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[Column, ...]:
        """The numbers of all plots."""
        return tuple(column for plot in self.plots for column in plot.values)

    @property
    def keys(self) -> list[str]:
        """What headings and signs stand for, as lines of text."""
        domains = [f"{' '.join(c.title)}: {c.key}" for c in self.judgements if c.key]
        signs = {
            sign: word
            for column in self.judgements
            for sign, word in zip(column.cells, column.hover, strict=True)
            if sign
        }
        lines = [f"{'; '.join(domains)}."] if domains else []
        return lines + [f"{'; '.join(f'{s} {w}' for s, w in signs.items())}."] * bool(signs)


def column_width(column: Column, size: float) -> float:
    """Return the pixels that a column takes, without the gap before it."""
    return max(widest(column.title, size, bold=True), widest(column.cells, size, bold=True))


def label_lines(row: Row, width: float, size: float) -> list[str]:
    """Return the label in lines that fit; the last one is cut where it is too long."""
    indent = 10 if row.inside else 0
    lines = lines_of(row.label, width - indent, size, bold=row.strong)
    if len(lines) > _LINES:
        rest = " ".join(lines[_LINES - 1 :])
        lines = [*lines[: _LINES - 1], fit(rest, width - indent, size, bold=row.strong)]
        if not lines[-1].endswith("…"):
            lines[-1] += "…"
    return lines


def heading_height(columns: Sequence[Column]) -> int:
    """Return the lines of the highest heading."""
    return max((len(c.title) for c in columns), default=1)

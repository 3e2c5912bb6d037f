"""Rows with a name, one or two panels of intervals, and their numbers: what two figures share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.plots.interval_table.table_parts import GAP
from review.plots.text_measure import shorten, text_width
from review.plots.theme import BUTTONS, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.ground.least_squares import FloatArray

ROW: Final = 26
SMALL: Final = 18
MANY: Final = 50
NAME: Final = 40  # letters


@dataclass(frozen=True)
class Frame:
    """Places and sizes of a figure of rows.

    Attributes:
        size: of the letters. left, right, top: margins in pixels. height: of the figure.
        widths: of the columns of text on the right.
    """

    size: float
    left: float
    right: float
    top: float
    height: int
    widths: tuple[float, ...]


def frame_of(
    names: Sequence[str], columns: Sequence[tuple[str, Sequence[str]]], *, title: str
) -> Frame:
    """Return the frame of rows.

    Args:
        names: of the rows.
        columns: heading (lines divided by <br>) and texts of each column on the right.
        title: above the figure.
    """
    size, row = (10.5, SMALL) if len(names) > MANY else (12, ROW)
    widths = tuple(
        max(text_width(t, size + 0.5) for t in (*heading.split("<br>"), *texts)) + GAP
        for heading, texts in columns
    )
    left = 16 + max(text_width(shorten(n, NAME), size + 0.5) for n in names)
    top = BUTTONS + (28 if title else 0) + 40
    return Frame(size, left, sum(widths) + GAP, top, row * (len(names) + 1) + top + 66, widths)


def texts_of(
    frame: Frame,
    names: Sequence[str],
    columns: Sequence[tuple[str, Sequence[str]]],
    bold: Sequence[bool],
) -> list[dict[str, Any]]:
    """Return names on the left and columns of text on the right as annotations."""
    notes: list[dict[str, Any]] = []
    common = {"showarrow": False, "xref": "paper", "font": {"size": frame.size}}
    for y, (name, strong) in enumerate(zip(names, bold, strict=True)):
        text = plain(shorten(name, NAME))
        notes.append(
            common
            | {"text": f"<b>{text}</b>" if strong else text, "x": 0, "xanchor": "left",
               "xshift": 8 - frame.left, "yref": "y", "y": y, "yanchor": "middle",
               "hovertext": plain(name) if shorten(name, NAME) != name else None}
        )  # fmt: skip
    at = 0.0
    for (heading, texts), width in zip(columns, frame.widths, strict=True):
        at += width
        place = common | {"x": 1, "xanchor": "right", "xshift": at, "align": "right"}
        notes.append(
            place | {"text": f"<b>{heading}</b>", "yref": "paper", "y": 1, "yanchor": "bottom",
                     "yshift": 4}
        )  # fmt: skip
        for y, (text, strong) in enumerate(zip(texts, bold, strict=True)):
            shown = f"<b>{plain(text)}</b>" if strong and text else plain(text)
            notes.append(place | {"text": shown, "yref": "y", "y": y, "yanchor": "middle"})
    return notes


def rows_axis(rows: int) -> dict[str, Any]:
    """Return the axis along which rows stand, from top to bottom."""
    return {
        "range": [rows - 0.4, -0.6], "showticklabels": False, "showgrid": False, "zeroline": False,
        "ticks": "", "fixedrange": True,
    }  # fmt: skip


def segments(
    limits: FloatArray, ys: FloatArray, *, name: str, line: dict[str, Any], **place: Any
) -> Any:
    """Return horizontal lines as one trace."""
    import plotly.graph_objects as go

    xs: list[float | None] = []
    heights: list[float | None] = []
    for (low, high), y in zip(limits.tolist(), ys.tolist(), strict=True):
        xs += [low, high, None]
        heights += [y, y, None]
    return go.Scatter(
        x=xs, y=heights, mode="lines", line=line, hoverinfo="skip", name=name, **place,
    )  # fmt: skip

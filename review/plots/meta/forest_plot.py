"""Forest plots: studies, subgroups, summary and prediction interval in one picture."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from review.plots.meta import forest_columns
from review.plots.meta.axis_range import window_of
from review.plots.meta.effect_axis import scale_of
from review.plots.meta.forest_marks import guides, marks
from review.plots.text_measure import shorten, text_width
from review.plots.theme import BUTTONS, MUTED, layout, plain
from review.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.plots.meta.effect_axis import Scale
    from review.stats.presentation.effect_display import Transf
    from review.stats.presentation.forest_rows import ForestRow, Pooled

ROW: Final = 24  # pixels per row
SMALL: Final = 17
MANY: Final = 60  # rows from which they are drawn small
MOST: Final = 400  # studies that a forest plot shows
_NAME: Final = 44  # letters of a study's name
_PLOT: Final = 170  # pixels that the plot itself needs
_APART: Final = 24  # between what stands left and right of no effect
_FOOTER: Final = 110  # letters per line


def forest(
    result: Pooled,
    *,
    rows: Sequence[ForestRow] | None = None,
    transf: Transf = None,
    columns: Mapping[str, Sequence[Any]] | None = None,
    risk_of_bias: Mapping[str, Sequence[Any]] | None = None,
    links: Sequence[str | None] | None = None,
    title: str = "",
    footer: Sequence[str] = (),
    digits: int | None = None,
    favours: Sequence[str] = (),
) -> Any:
    """Return a forest plot.

    Squares have an area in proportion to the weight; intervals that leave the window end in an
    arrow, while their numbers stand beside them. Of more than 400 studies only the summaries are
    drawn.

    Args:
        result: the model; with moderators no total is drawn.
        rows: those of `review.stats.presentation.forest_rows` with subgroups; by default the
            studies and the total.
        transf: back-transformation, a name or a function; the measure's own by default.
        columns: extra columns of text: title -> one value per row of the input.
        risk_of_bias: domain -> one judgement per row of the input: a word such as "low" or "some
            concerns", or None.
        links: address of each study, one per row of the input; a click on a square opens it.
        title: above the figure.
        footer: lines below it, such as the test for subgroup differences; the notes of the result
            follow.
        digits: after the decimal point; by default as many as the summary's interval needs.
        favours: what stands left and right of no effect, such as ("treatment", "control").

    Returns:
        A plotly figure.

    Raises:
        InputError: a column does not have one value per row of the input.

    Example:
        >>> from review import meta_analysis
        >>> figure = forest(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> [note.text for note in figure.layout.annotations][:4]
        ['1', '2', '3', '<b>Total (REML, k = 3)</b>']
    """
    from review.stats.presentation.forest_rows import forest_rows

    shown = drawn_rows(rows if rows is not None else forest_rows(result, transf))
    return draw_rows(
        shown, scale_of(result, transf), level=result.level, columns=columns, links=links,
        risk_of_bias=risk_of_bias, title=title,
        footer=[*footer, *map(sentence, result.notes)], digits=digits, favours=favours,
    )  # fmt: skip


def draw_rows(
    rows: Sequence[ForestRow],
    scale: Scale,
    *,
    level: float,
    columns: Mapping[str, Sequence[Any]] | None = None,
    risk_of_bias: Mapping[str, Sequence[Any]] | None = None,
    links: Sequence[str | None] | None = None,
    title: str = "",
    footer: Sequence[str] = (),
    digits: int | None = None,
    favours: Sequence[str] = (),
) -> Any:
    """Return the figure of rows that stand below each other; see `forest`."""
    import plotly.graph_objects as go

    from review.stats.presentation.effect_display import digits_for

    window = window_of(rows, scale)
    small = len(rows) > MANY
    size, row = (10.5, SMALL) if small else (12, ROW)
    beside = forest_columns.make_columns(
        rows, heading=scale.title, level=level,
        digits=digits_for(rows) if digits is None else digits,
        extra=columns or {}, risk=risk_of_bias or {},
    )  # fmt: skip
    names = [_name(r) for r in rows]
    left = 14 + max((text_width(n, size + 0.5) for n in names), default=0)
    right = forest_columns.total_width(beside)
    top = BUTTONS + (28 if title else 0) + 17 * forest_columns.heading_lines(beside) + 4
    lines = [part for line in footer for part in wrap(line, _FOOTER)]
    below = 62 + (18 if favours else 0)  # pixels for the axis, its title and the two sides
    figure = go.Figure(marks(rows, window, links, small=small))
    figure.update_layout(
        **layout(
            title,
            height=row * (len(rows) + 1) + top + below + 18 * len(lines),
            margin={"l": left, "r": right, "t": top, "b": below + 18 * len(lines)},
            showlegend=False,
            xaxis=scale.axis(
                [window.low, window.high], range=window.axis, automargin=False, tickangle=0
            ),
            yaxis=_rows_axis(len(rows)),
            annotations=[
                *_name_notes(rows, names, size, left),
                *forest_columns.draw(beside, rows, size),
                *_sides(favours),
                *_footer(lines, left, below - 8),
            ],
            shapes=guides(rows, scale.null, window),
            meta={"min_width": round(left + right + _plot_width(favours))},
        )
    )
    figure.update_layout(title={"xref": "container", "x": 0, "pad": {"l": 8}})
    return figure


def drawn_rows(rows: Sequence[ForestRow]) -> list[ForestRow]:
    """Return the rows that a forest plot shows: the summaries alone when there are too many."""
    if sum(r.kind == "study" for r in rows) <= MOST:
        return list(rows)
    return [r for r in rows if r.kind != "study"] or list(rows)[:MOST]


def _name(row: ForestRow) -> str:
    indent = "\u2003" if row.group and row.kind in {"study", "subtotal"} else ""
    return indent + shorten(row.label, _NAME)


def _name_notes(
    rows: Sequence[ForestRow], names: Sequence[str], size: float, left: float
) -> list[dict[str, Any]]:
    """Names as notes in the margin, since tick labels cannot be aligned to the left."""
    return [
        {
            "text": plain(name) if row.kind == "study" else f"<b>{plain(name)}</b>",
            "xref": "paper", "x": 0, "xshift": 8 - left, "xanchor": "left", "yref": "y", "y": y,
            "yanchor": "middle", "showarrow": False, "font": {"size": size},
            "hovertext": plain(row.label) if shorten(row.label, _NAME) != row.label else None,
        }
        for y, (row, name) in enumerate(zip(rows, names, strict=True))
    ]  # fmt: skip


def _rows_axis(rows: int) -> dict[str, Any]:
    return {
        "range": [rows - 0.4, -0.6],
        "showticklabels": False,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
    }


def _sides(favours: Sequence[str]) -> list[dict[str, Any]]:
    """Say below the axis what effects on its left and on its right favour."""
    if not favours:
        return []
    left, right = _side_texts(favours)
    shared = {
        "yref": "paper", "y": 0, "yanchor": "top", "yshift": -54, "showarrow": False,
        "font": {"size": 12},
    }  # fmt: skip
    return [
        {"text": plain(left), "xref": "paper", "x": 0, "xanchor": "left", **shared},
        {"text": plain(right), "xref": "paper", "x": 1, "xanchor": "right", **shared},
    ]


def _side_texts(favours: Sequence[str]) -> tuple[str, str]:
    left, right = favours
    return f"← favours {left}", f"favours {right} →"


def _plot_width(favours: Sequence[str]) -> float:
    """Least width of the plot itself, in pixels: both sides fit beside each other below it."""
    if not favours:
        return _PLOT
    return max(_PLOT, sum(text_width(text, 12) for text in _side_texts(favours)) + _APART)


def _footer(lines: Sequence[str], left: float, down: float) -> list[dict[str, Any]]:
    return [
        {
            "text": plain(line), "xref": "paper", "x": 0, "xanchor": "left", "xshift": 8 - left,
            "yref": "paper", "y": 0, "yanchor": "top", "yshift": -down - 18 * i, "showarrow": False,
            "align": "left", "font": {"size": 12, "color": MUTED},
        }
        for i, line in enumerate(lines)
    ]  # fmt: skip

"""Forest plots: studies, subgroups, summary and prediction interval in one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.interval_table.table_drawing import Drawing
from review.plots.interval_table.table_parts import IntervalTable, Mark, Plot, Row
from review.plots.meta.axis_range import window_of
from review.plots.meta.effect_axis import scale_of
from review.plots.meta.forest_columns import (
    check_lengths,
    effect_column,
    extra_columns,
    judgement_columns,
    weight_column,
)
from review.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.plots.meta.effect_axis import Scale
    from review.stats.presentation.effect_display import Transf
    from review.stats.presentation.forest_rows import ForestRow, Pooled

MOST: Final = 400  # studies that a forest plot shows
Limits = tuple[float, float]


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
    description: str = "",
) -> Drawing:
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
        links: address of each study, one per row of the input; its name is a link.
        title: above the figure.
        footer: lines below it, such as the test for subgroup differences; the notes of the result
            follow.
        digits: after the decimal point; by default as many as the summary's interval needs.
        favours: what stands left and right of no effect, such as ("treatment", "control").
        description: what the plot shows, for those who do not see it.

    Returns:
        A drawing, with a form for wide windows, for phones and for paper.

    Raises:
        InputError: a column does not have one value per row of the input.

    Example:
        >>> from review import meta_analysis
        >>> figure = forest(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> [row.label for row in figure.table.rows]
        ['1', '2', '3', 'Total (REML, k = 3)', 'Prediction interval']
        >>> [mark.kind for mark in figure.marks()]
        ['study', 'study', 'study', 'total', 'prediction']
    """
    from review.stats.presentation.forest_rows import forest_rows

    shown = drawn_rows(rows if rows is not None else forest_rows(result, transf))
    return draw_rows(
        shown, scale_of(result, transf), level=result.level, columns=columns, links=links,
        risk_of_bias=risk_of_bias, title=title,
        footer=[*footer, *map(sentence, result.notes)], digits=digits, favours=favours,
        description=description,
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
    bands: Sequence[Limits | None] = (),
    description: str = "",
) -> Drawing:
    """Return the drawing of rows that stand below each other; see `forest`.

    Args:
        rows: from top to bottom.
        scale: of the axis.
        level: of the intervals, in per cent.
        columns: extra columns of text, per row of the input.
        risk_of_bias: judgements, per row of the input.
        links: addresses, per row of the input.
        title: above the figure.
        footer: lines below it.
        digits: after the decimal point.
        favours: what stands left and right of no effect.
        bands: per row, limits of a pale band behind its interval, or None.
        description: what the plot shows, for those who do not see it.

    Raises:
        InputError: a column does not have one value per row of the input.
    """
    from review.stats.presentation.effect_display import digits_for

    check_lengths(rows, columns or {}, risk_of_bias or {})
    places = digits_for(rows) if digits is None else digits
    wide = [_band(limits) for limits in bands] or [None] * len(rows)
    top = max((r.weight for r in rows if r.weight is not None), default=0) or 1
    plot = Plot(
        scale,
        window_of(rows, scale, [limits for limits in bands if limits is not None]),
        tuple(
            tuple(m for m in (band, _mark(row, top)) if m is not None)
            for row, band in zip(rows, wide, strict=True)
        ),
        (effect_column(rows, heading=scale.title, level=level, digits=places),),
        tuple(favours),
        next((r.estimate for r in rows if r.kind == "total"), None),
    )
    return Drawing(
        IntervalTable(
            title,
            description or title or scale.title,
            tuple(_row(row, links) for row in rows),
            (plot,),
            before=extra_columns(rows, columns or {}),
            after=weight_column(rows),
            judgements=judgement_columns(rows, risk_of_bias or {}),
            footer=tuple(footer),
        )
    )


def _band(limits: Limits | None) -> Mark | None:
    return None if limits is None else Mark("band", None, *limits)


def _mark(row: ForestRow, top: float) -> Mark | None:
    """The mark of a row; the area of a square says the weight."""
    if row.kind == "heading" or (row.estimate is None and row.ci_lb is None):
        return None
    size = 0.4 if row.weight is None else row.weight / top
    return Mark(row.kind, row.estimate, row.ci_lb, row.ci_ub, size)


def _row(row: ForestRow, links: Sequence[str | None] | None) -> Row:
    link = links[row.row] if links and row.row is not None and row.row < len(links) else None
    return Row(
        row.label, row.kind != "study", bool(row.group) and row.kind in {"study", "subtotal"}, link
    )


def drawn_rows(rows: Sequence[ForestRow]) -> list[ForestRow]:
    """Return the rows that a forest plot shows: the summaries alone when there are too many."""
    if sum(r.kind == "study" for r in rows) <= MOST:
        return list(rows)
    return [r for r in rows if r.kind != "study"] or list(rows)[:MOST]

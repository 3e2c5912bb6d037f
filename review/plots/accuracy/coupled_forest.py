"""Coupled forest plot: sensitivity and specificity of each study side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import InputError
from review.plots.interval_table.table_drawing import Drawing
from review.plots.interval_table.table_parts import Column, IntervalTable, Mark, Plot, Row
from review.plots.meta.axis_range import Window
from review.plots.meta.effect_axis import Scale, number
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.interval_table.table_parts import MarkKind
    from review.stats.accuracy.accuracy_result import AccuracyResult

MOST: Final = 400  # studies that are drawn
ORDERS: Final = ("given", "sensitivity", "specificity", "name")
_CELLS: Final = ("tp", "fn", "fp", "tn")
_WHOLE: Final = Window(0.0, 1.0, (-0.03, 1.03))


@dataclass(frozen=True)
class _Row:
    label: str
    cells: tuple[str, ...]
    sens: tuple[float, float, float]
    spec: tuple[float, float, float]
    kind: str  # study, summary, prediction


def coupled_forest(
    result: AccuracyResult,
    *,
    order: str = "given",
    links: Sequence[str | None] | None = None,
    title: str = "",
    digits: int = 2,
    description: str = "",
) -> Drawing:
    """Return the coupled forest plot.

    Squares are shares of counts as given with Wilson intervals; diamonds are the summary point;
    the bars below it are prediction intervals.

    Args:
        result: the model; with moderators no summary is drawn.
        order: of the studies: "given", "sensitivity", "specificity" or "name".
        links: address per row of the input; its name is a link.
        title: above the figure.
        digits: after the decimal point.
        description: what the plot shows, for those who do not see it.

    Raises:
        InputError: more than 400 studies, which nobody can read.

    Example:
        >>> from review import diagnostic_meta
        >>> fit = diagnostic_meta([20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50])
        >>> figure = coupled_forest(fit)
        >>> [plot.scale.title for plot in figure.table.plots]
        ['Sensitivity', 'Specificity']
    """
    from review.stats.pooling.meta_rows import choose

    if result.n_rows > MOST:
        raise InputError(
            f"{result.n_rows:,} studies are too many for a coupled forest plot (at most {MOST})"
        )
    rows, index = _rows(result, choose("order", order, ORDERS))
    shown = _links(result, links, index) or [None] * len(index)
    interval = f"[{level_name(result.level)} CI]"
    plots = tuple(
        Plot(
            Scale(words, log=False, null=None, transf="identity"),
            _WHOLE,
            _marks(rows, name),
            (Column((words, interval), tuple(_interval(r, name, digits) for r in rows)),),
            total=next((getattr(r, name)[0] for r in rows if r.kind == "summary"), None),
        )
        for name, words in (("sens", "Sensitivity"), ("spec", "Specificity"))
    )
    counts = tuple(
        Column((cell.upper(),), tuple(r.cells[j] for r in rows)) for j, cell in enumerate(_CELLS)
    )
    return Drawing(
        IntervalTable(
            title,
            description or title or "Sensitivity and specificity of each study",
            tuple(
                Row(r.label, r.kind != "study", link=shown[y] if y < len(shown) else None)
                for y, r in enumerate(rows)
            ),
            plots,
            before=counts,
        )
    )


def _rows(result: AccuracyResult, order: str) -> tuple[list[_Row], list[int]]:
    """The rows from top to bottom, and the position of each study among the model's rows."""
    studies = result.studies
    index = list(range(result.n_rows))
    keys = {
        "sensitivity": lambda i: (-np.nan_to_num(studies.sens[i, 0], nan=-1), i),
        "specificity": lambda i: (-np.nan_to_num(studies.spec[i, 0], nan=-1), i),
        "name": lambda i: (studies.labels[i].casefold(), i),
    }
    if order in keys:
        index.sort(key=keys[order])
    rows = [
        _Row(
            studies.labels[i],
            tuple(_count(getattr(studies, n)[i]) for n in _CELLS),
            tuple(studies.sens[i].tolist()), tuple(studies.spec[i].tolist()), "study",
        )
        for i in index
    ]  # fmt: skip
    if result.intercept_only:
        point = result.predict()
        rows.append(
            _Row(f"Summary ({result.method}, k = {result.k})", ("",) * 4, point.value("sens"),
                 point.value("spec"), "summary")
        )  # fmt: skip
        limits = [(float("nan"), *x[0].tolist()) for x in (point.sens_pi, point.spec_pi)]
        rows.append(_Row("Prediction interval", ("",) * 4, limits[0], limits[1], "prediction"))
    return rows, index


def _count(x: float) -> str:
    return "" if np.isnan(x) else f"{x:g}"


def _links(
    result: AccuracyResult, links: Sequence[str | None] | None, index: list[int]
) -> list[str | None] | None:
    return None if links is None else [links[int(result.rows.ids[i])] for i in index]


def _interval(row: _Row, name: str, digits: int) -> str:
    estimate, low, high = getattr(row, name)
    if np.isnan(low):
        return ""
    limits = f"[{number(low, digits)}, {number(high, digits)}]"
    return limits if row.kind == "prediction" else f"{number(estimate, digits)} {limits}"


def _marks(rows: list[_Row], name: str) -> tuple[tuple[Mark, ...], ...]:
    """One mark per row, none where the share is not known."""
    kinds: dict[str, MarkKind] = {
        "study": "study", "summary": "total", "prediction": "prediction",
    }  # fmt: skip
    sizes = _sizes(rows, name)
    found = []
    for row, size in zip(rows, sizes, strict=True):
        estimate, low, high = (None if np.isnan(x) else x for x in getattr(row, name))
        known = low is not None and high is not None
        found.append((Mark(kinds[row.kind], estimate, low, high, size),) if known else ())
    return tuple(found)


def _sizes(rows: list[_Row], name: str) -> list[float]:
    """Areas of squares in proportion to the people behind a share; the largest is 1."""
    pair = slice(0, 2) if name == "sens" else slice(2, 4)
    people = [sum(float(c) for c in r.cells[pair] if c) for r in rows]
    top = max(people, default=0.0)
    return [n / top if top else 0.4 for n in people]

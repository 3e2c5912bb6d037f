"""Forest plot with shrinkage: what each study reports, and what is known of it given the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.plots.interval_table.table_drawing import Drawing
from review.plots.interval_table.table_parts import Column, IntervalTable, Mark, Plot, Row
from review.plots.meta.axis_range import window_of
from review.plots.meta.effect_axis import number, scale_of
from review.stats.bayes.shrinkage_rows import drawn, shrinkage_rows
from review.stats.presentation.effect_display import digits_for
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.bayes.shrinkage_rows import ShrinkageRow
    from review.stats.presentation.effect_display import Transf

MOST: Final = 300
OFFSET: Final = 0.2  # of the height of a row
_KEY: Final = (
    "Grey squares: as reported. Blue circles: what is known of the effect given the other studies.",
)


def forest(
    result: BayesResult,
    *,
    rows: Sequence[ShrinkageRow] | None = None,
    transf: Transf = None,
    links: Sequence[str | None] | None = None,
    title: str = "",
    digits: int | None = None,
    description: str = "",
) -> Drawing:
    """Return a forest plot of reported and of posterior effects.

    Grey squares are effects as reported with confidence intervals, blue circles below them their
    posterior medians with credible intervals; the diamond is the average, the bar below it the
    effect of a new study.

    Args:
        result: a Bayesian meta-analysis.
        rows: those of `review.stats.bayes.shrinkage_rows`, where they are known already.
        transf: back-transformation; the measure's own by default.
        links: address per row of the input; its name is a link.
        title: above the figure.
        digits: after the decimal point; by default as many as the average needs.
        description: what the plot shows, for those who do not see it.

    Raises:
        InputError: more than 300 studies, which nobody can read.

    Example:
        >>> from review import bayes_meta
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> [mark.kind for mark in forest(fit).marks()][:2]
        ['reported', 'posterior']
    """
    if result.k > MOST:
        raise InputError(f"{result.k:,} studies are too many for this plot (at most {MOST})")
    found = rows if rows is not None else shrinkage_rows(result, transf)
    scale = scale_of(result, transf)
    places = digits_for(drawn(found)) if digits is None else digits
    level = level_name(result.level)
    values = (
        Column(("Reported", f"[{level} CI]"),
               tuple("" if r.reported is None else _text(r.reported, places) for r in found)),
        Column(("Posterior", f"[{level} CrI]"), tuple(_text(r.posterior, places) for r in found)),
    )  # fmt: skip
    total = next((r.posterior[0] for r in found if r.kind == "total"), None)
    plot = Plot(scale, window_of(drawn(found), scale), tuple(map(_marks, found)), values,
                total=None if total is None else float(total))  # fmt: skip
    return Drawing(
        IntervalTable(
            title,
            description or title or "Effects as reported and as known given the other studies",
            tuple(Row(r.label, r.kind != "study", link=_link(r, links)) for r in found),
            (plot,),
            footer=_KEY,
        )
    )


def _marks(row: ShrinkageRow) -> tuple[Mark, ...]:
    """What is reported above what is known of it, or the summary."""
    if row.reported is None:
        return (Mark(row.kind, *_plain(row.posterior)),)
    return (
        Mark("reported", *_plain(row.reported), size=0.35, offset=-OFFSET),
        Mark("posterior", *_plain(row.posterior), size=0.35, offset=OFFSET),
    )


def _plain(values: Any) -> tuple[float, float, float]:
    estimate, low, high = (float(v) for v in values)
    return estimate, low, high


def _link(row: ShrinkageRow, links: Sequence[str | None] | None) -> str | None:
    return None if links is None or row.row is None else links[row.row]


def _text(values: Any, digits: int) -> str:
    estimate, low, high = (None if v is None else float(v) for v in values)
    return f"{number(estimate, digits)} [{number(low, digits)}, {number(high, digits)}]"

"""Forest-like figures of refits: leave-one-out and cumulative meta-analysis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.plots.meta.effect_axis import Scale, scale_of
from review.plots.meta.forest_plot import draw_rows
from review.stats.presentation.forest_rows import ForestRow, total_rows
from review.words import number, p_number, percent, sentence

if TYPE_CHECKING:
    from review.plots.interval_table.table_drawing import Drawing
    from review.stats.ground.least_squares import FloatArray
    from review.stats.influence import RefitResult
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.presentation.effect_display import Transf


def leave_one_out(
    result: MetaResult,
    *,
    refits: RefitResult | None = None,
    coefficient: str | int | None = None,
    transf: Transf = None,
    title: str = "",
) -> Drawing:
    """Return the estimate without each study in turn, with its interval, p-value, tau2 and I2.

    Args:
        result: the model.
        refits: what `review.leave_one_out` found; computed when it is not given.
        coefficient: of a meta-regression, by name or position; by default the first moderator.
        transf: back-transformation of the average; the measure's own by default.
        title: above the figure.

    Raises:
        StatsError: there are too few studies.

    Example:
        >>> from review import meta_analysis
        >>> figure = leave_one_out(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> figure.table.rows[0].label
        'without 1'
    """
    from review.stats.influence import leave_one_out as refit

    heading = title or "Estimate without the study named"
    found = refits or refit(result)
    return _figure(result, found, "without ", coefficient=coefficient, transf=transf, title=heading)


def cumulative(
    result: MetaResult,
    order: Any = None,
    *,
    refits: RefitResult | None = None,
    transf: Transf = None,
    title: str = "",
) -> Drawing:
    """Return the estimate after each added study, with its interval.

    Args:
        result: a model without moderators.
        order: what studies are sorted by; see `review.cumulative`.
        refits: what `review.cumulative` found; computed when it is not given.
        transf: back-transformation; the measure's own by default.
        title: above the figure.

    Raises:
        StatsError: the model has moderators.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05])
        >>> [row.label for row in cumulative(fit, [3, 1, 2]).table.rows][:3]
        ['+ 2', '+ 3', '+ 1']
    """
    from review.stats.influence import cumulative as refit

    heading = title or "Estimate after adding the study named"
    found = refits or refit(result, order)
    return _figure(result, found, "+ ", coefficient=None, transf=transf, title=heading)


def _figure(
    result: MetaResult,
    refits: RefitResult,
    prefix: str,
    *,
    coefficient: str | int | None,
    transf: Transf,
    title: str,
) -> Drawing:
    from review.stats.presentation.effect_display import back_pooled

    limits = (refits.estimate, refits.ci_lb, refits.ci_ub)
    if result.intercept_only:
        scale = scale_of(result, transf)
        shown = [back_pooled(result, x, transf) for x in limits]
        pval = refits.pval
    else:
        j = _position(result, coefficient)
        scale = Scale(result.coef_names[j], log=False, null=0.0, transf="identity")
        # a model with one coefficient has one column, and no second axis
        shown = [x if x.ndim == 1 else x[:, j] for x in limits]
        pval = refits.pval if refits.pval.ndim == 1 else refits.pval[:, j]
    columns = {
        "p": [p_number(p) for p in pval],
        "tau²": [number(t) for t in refits.tau2],
        "I²": [percent(i) for i in refits.I2],
    }
    if result.equal_effects:
        del columns["tau²"]
    rows = [*_rows(refits.labels, shown, prefix), *total_rows(result, transf)[:1]]
    return draw_rows(
        rows, scale, level=refits.level, columns=columns, title=title,
        footer=[sentence(note) for note in refits.notes],
    )  # fmt: skip


def _position(result: MetaResult, coefficient: str | int | None) -> int:
    names = list(result.coef_names)
    if coefficient is None:
        return int(result.intercept and len(names) > 1)
    if isinstance(coefficient, str) and coefficient in names:
        return names.index(coefficient)
    if isinstance(coefficient, int) and 0 <= coefficient < len(names):
        return coefficient
    raise InputError(f"no coefficient is called {coefficient!r} ({', '.join(names)})")


def _rows(labels: tuple[str, ...], values: list[FloatArray], prefix: str) -> list[ForestRow]:
    """One row per refit; a falling transformation swaps the limits."""
    estimate, *limits = values
    low, high = np.fmin(*limits), np.fmax(*limits)
    return [
        ForestRow("study", f"{prefix}{label}", _known(e), _known(a), _known(b), row=i)
        for i, (label, e, a, b) in enumerate(
            zip(labels, estimate.tolist(), low.tolist(), high.tolist(), strict=True)
        )
    ]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

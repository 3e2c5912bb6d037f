"""The rows of a forest plot: one per study, then the summary. Table, plot and CSV read these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from review.stats.presentation.effect_display import back, shown_transf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.multilevel.che import CHEResult
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.presentation.effect_display import Transf
    from review.stats.rare_events.common_effect import CommonEffect
    from review.stats.rare_events.counts_result import CountsResult

    Pooled: TypeAlias = (
        BayesResult | MetaResult | MVResult | CHEResult | CountsResult | CommonEffect
    )

RowKind = Literal["study", "heading", "subtotal", "total", "prediction"]


@dataclass(frozen=True)
class ForestRow:
    """One row.

    Attributes:
        kind: a study, the heading of a subgroup, its subtotal, the total, or the prediction
            interval (whose limits stand in ci_lb and ci_ub).
        estimate, ci_lb, ci_ub: on the scale of the outcome; None for a heading.
        weight: per cent; None but for studies.
        yi, vi: effect and variance on the scale of the analysis; None but for studies.
        row: position of the study in the input, counted from 0; None but for studies.
    """

    kind: RowKind
    label: str
    estimate: float | None = None
    ci_lb: float | None = None
    ci_ub: float | None = None
    weight: float | None = None
    yi: float | None = None
    vi: float | None = None
    row: int | None = None
    group: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as a dictionary; there `row` counts from 1, as in all tables."""
        return vars(self) | {"row": None if self.row is None else self.row + 1}


def forest_rows(result: Pooled, transf: Transf = None) -> tuple[ForestRow, ...]:
    """Return the rows of a forest plot.

    Args:
        result: a model; with moderators there is no total.
        transf: brings effects back to the scale of the outcome; the measure's own by default.

    Returns:
        The studies in the order of the input, the total, and the prediction interval when the
        model has one.

    Example:
        >>> from review import meta_analysis
        >>> rows = forest_rows(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> [row.kind for row in rows]
        ['study', 'study', 'study', 'total', 'prediction']
    """
    return (*study_rows(result, transf), *total_rows(result, transf))


def subgroup_rows(
    groups: Sequence[tuple[str, MetaResult]], total: MetaResult, transf: Transf = None
) -> tuple[ForestRow, ...]:
    """Return the rows of a forest plot with subgroups: heading, studies, subtotal of each."""
    rows: list[ForestRow] = []
    for name, result in groups:
        rows.append(ForestRow("heading", name, group=name))
        rows += study_rows(result, transf, group=name, weights_of=total)
        rows += total_rows(result, transf, group=name)[:1]
    return (*rows, *total_rows(total, transf))


def study_rows(
    result: Pooled,
    transf: Transf = None,
    *,
    group: str = "",
    weights_of: Pooled | None = None,
) -> list[ForestRow]:
    """Return one row per study used; `weights_of` is the model whose weights are shown."""
    from review.stats.ground.inference import critical_value

    half = critical_value(result.level, None) * result.sei
    shown = [back(result, x, transf) for x in (result.yi, result.yi - half, result.yi + half)]
    shown[1:] = np.fmin(*shown[1:]), np.fmax(*shown[1:])  # a falling function swaps the limits
    weights = _weights(result, weights_of)
    return [
        ForestRow(
            "study", label, float(y), float(low), float(high), weight, float(yi), float(vi),
            int(row), group,
        )
        for label, y, low, high, weight, yi, vi, row in zip(
            result.slab, *shown, weights, result.yi, result.vi, result.ids, strict=True
        )
    ]  # fmt: skip


def _weights(result: Pooled, of: Pooled | None) -> list[float | None]:
    if of is None:
        return [float(w) for w in result.weights]
    by_row = dict(zip(of.ids.tolist(), of.weights.tolist(), strict=True))
    return [by_row.get(row) for row in result.ids.tolist()]


def total_rows(result: Pooled, transf: Transf = None, *, group: str = "") -> tuple[ForestRow, ...]:
    """Return the summary and, when the model has one, the prediction interval."""
    if not result.intercept_only:
        return ()
    average = result.predict(transf=shown_transf(result, transf))
    levels = getattr(average, "levels", None) or ("",)
    label = f"{'Subtotal' if group else 'Total'} ({result.method}, {result.counted})"
    estimate = float(average.pred[0])
    rows = [
        ForestRow(
            "subtotal" if group else "total", label, estimate,
            float(average.ci_lb[0]), float(average.ci_ub[0]), group=group,
        )
    ]  # fmt: skip
    if average.pi_lb is not None and average.pi_ub is not None:
        for level, low, high in zip(levels, average.pi_lb, average.pi_ub, strict=True):
            name = f"Prediction interval{f', {level}' if level else ''}"
            rows.append(
                ForestRow("prediction", name, estimate, float(low), float(high), group=group)
            )
    return tuple(rows)

"""The rows of a forest plot with shrinkage. Figure, table and text read these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from review.stats.presentation.effect_display import back, back_pooled, digits_for
from review.stats.presentation.forest_rows import ForestRow, study_rows
from review.words import estimate, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.presentation.effect_display import Transf

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class ShrinkageRow:
    """One row: a study, the average, or the effect of a new study.

    Attributes:
        kind: which of them. label: its name.
        reported: effect with confidence limits on the scale of the outcome; None but for studies.
        posterior: posterior median with credible limits on the same scale.
        shrinkage, weight: of studies, per cent, else None.
        row: position of the study in the input, counted from 0, else None.
    """

    kind: Literal["study", "total", "prediction"]
    label: str
    reported: Triple | None
    posterior: Triple
    shrinkage: float | None = None
    weight: float | None = None
    row: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the row as a dictionary; there `row` counts from 1, as in all tables."""
        names = ("estimate", "ci_lb", "ci_ub")
        own = self.reported or (None, None, None)
        return {
            "kind": self.kind, "label": self.label, **dict(zip(names, own, strict=True)),
            **{f"posterior_{n}": x for n, x in zip(names, self.posterior, strict=True)},
            "shrinkage": self.shrinkage, "weight": self.weight,
            "row": None if self.row is None else self.row + 1,
        }  # fmt: skip


def shrinkage_rows(result: BayesResult, transf: Transf = None) -> tuple[ShrinkageRow, ...]:
    """Return one row per study, then the average and the effect of a new study.

    Args:
        result: a Bayesian meta-analysis.
        transf: brings effects back to the scale of the outcome; the measure's own by default.

    Example:
        >>> from review import bayes_meta
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> [row.kind for row in shrinkage_rows(fit)]
        ['study', 'study', 'study', 'total', 'prediction']
    """
    own = study_rows(result, transf)
    found = result.effects
    limits = [back(result, x, transf) for x in (found.median, found.ci_lb, found.ci_ub)]
    limits[1:] = np.fmin(*limits[1:]), np.fmax(*limits[1:])  # a falling function swaps them
    rows = [
        ShrinkageRow(
            "study", r.label, _triple((r.estimate, r.ci_lb, r.ci_ub)), _triple(post),
            float(share), float(weight), r.row,
        )
        for r, *post, share, weight in zip(
            own, *limits, found.shrinkage, result.weights, strict=True
        )
    ]  # fmt: skip
    for kind, label, six in (
        ("total", f"Average (k = {result.k})", result.mu),
        ("prediction", "Effect of a new study", result.prediction),
    ):
        middle, *ends = back_pooled(result, [six.median, six.ci_lb, six.ci_ub], transf).tolist()
        named: Any = kind
        rows.append(ShrinkageRow(named, label, None, (middle, min(ends), max(ends))))
    return tuple(rows)


def _triple(values: Any) -> Triple:
    a, b, c = (float("nan") if v is None else float(v) for v in values)
    return a, b, c


def drawn(rows: Sequence[ShrinkageRow]) -> list[ForestRow]:
    """Return the same as rows of a forest plot, from which window and digits follow."""
    out = [ForestRow("study", r.label, *r.reported) for r in rows if r.reported is not None]
    return out + [ForestRow(r.kind, r.label, *r.posterior) for r in rows if r.reported is None]


def shrinkage_table(rows: Sequence[ShrinkageRow], level: str) -> str:
    """Return the rows as a table of text, with the digits of the figure."""
    digits = digits_for(drawn(rows))
    heads = ("study", f"reported [{level} CI]", f"posterior [{level} CrI]", "shrinkage")
    cells = [
        (
            r.label,
            "" if r.reported is None else estimate(*r.reported, digits),
            estimate(*r.posterior, digits),
            "" if r.shrinkage is None else percent(r.shrinkage),
        )
        for r in rows
    ]
    widths = [max(len(row[j]) for row in (heads, *cells)) for j in range(4)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}".rstrip()
        for a, b, c, d in (heads, *cells)
    )

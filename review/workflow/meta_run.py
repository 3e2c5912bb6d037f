"""Runs a meta-analysis on prepared rows and keeps everything that was computed together."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, ReviewWarning, StatsError, UnknownNameError

if TYPE_CHECKING:
    from review.stats.bias import RegressionTest
    from review.stats.effect_sizes import EffectSizes
    from review.stats.forest import ForestRow
    from review.stats.result import MetaResult
    from review.stats.subgroups import SubgroupResult
    from review.workflow.meta_input import MetaInput

NOT_STATED = "not stated"
FEWEST_FOR_EGGER = 10  # Sterne et al. 2011, BMJ 343:d4002: fewer studies say next to nothing


@dataclass(frozen=True)
class MetaRun:
    """A meta-analysis with what belongs to it.

    Attributes:
        rows: what went in.
        result: the model over all rows; with moderators the meta-regression.
        effects: how raw numbers became effects, or None when effects were given.
        subgroups: the analysis by subgroup, or None.
        egger: the regression test for funnel asymmetry; None for fewer than ten studies or with
            moderators.
        left_out: (label, reason) of every row not used.
        notes: remarks for the reader.
    """

    rows: MetaInput
    result: MetaResult
    effects: EffectSizes | None = None
    subgroups: SubgroupResult | None = None
    egger: RegressionTest | None = None
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def forest(self) -> tuple[ForestRow, ...]:
        """The rows of the forest plot, which the table and the files share."""
        from review.stats.forest import forest_rows, subgroup_rows

        if self.subgroups is None:
            return forest_rows(self.result)
        return subgroup_rows(list(self.subgroups.fits.items()), self.result)

    def text(self) -> str:
        """Return summary and report text, in the scale of the outcome."""
        transf = "back" if self.result.transf not in {"", "identity"} else None
        parts = [self.rows.title, self.result.summary(transf), self.result.report_text(transf)]
        if self.subgroups is not None:
            parts.append(self.subgroups.summary())
        if self.egger is not None:
            parts.append(self.egger.summary())
        if self.left_out:
            parts.append("Left out:\n" + "\n".join(f"  {n}: {why}" for n, why in self.left_out))
        if self.notes:
            parts.append("Notes:\n" + "\n".join(f"  {note}" for note in self.notes))
        return "\n\n".join(part.rstrip() for part in parts) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return every number for JSON."""
        return {
            "title": self.rows.title,
            "source": self.rows.source,
            "effects": None if self.effects is None else dict(self.effects.settings),
            "result": self.result.to_dict(),
            "forest": [row.to_dict() for row in self.forest],
            "subgroups": None if self.subgroups is None else self.subgroups.to_dict(),
            "egger": None if self.egger is None else self.egger.to_dict(),
            "left_out": [{"study": n, "reason": why} for n, why in self.left_out],
            "notes": self.notes,
        }


def run_meta(
    rows: MetaInput,
    *,
    by: str | None = None,
    mods: str | None = None,
    method: str = "REML",
    test: str | None = None,
    level: float = 95,
    options: dict[str, Any] | None = None,
) -> MetaRun:
    """Compute effects, fit the model, and add what a report needs.

    Args:
        rows: from `review.workflow.meta_input`.
        by: a column whose words form subgroups.
        mods: a formula of moderators, with or without `~`.
        method: estimator of tau2, see `review.meta_analysis`.
        test: of the coefficients, the same way.
        level: of all intervals, per cent.
        options: further arguments of `review.effect_size` (add, to, drop00, vtype, scale).

    Raises:
        InputError, StatsError: see `review.meta_analysis`.
    """
    from review import meta_analysis

    if by and mods:
        raise InputError("subgroups (--by) and moderators (--mods) are two models: choose one")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ReviewWarning)
        effects, yi, vi = _effects(rows, options or {})
        settings: dict[str, Any] = {
            "method": method, "test": test, "level": level, "slab": rows.labels,
        }  # fmt: skip
        if effects is not None:
            settings |= {"measure": effects.measure, "ni": effects.ni}
        formula = mods if mods is None or mods.lstrip().startswith("~") else f"~ {mods}"
        result = meta_analysis(yi, vi, formula, data=_frame(rows) if formula else None, **settings)
        subgroups = _subgroups(rows, yi, vi, by, settings) if by else None
    left_out = [*rows.left_out, *((_label(rows, o.row), o.reason) for o in result.left_out)]
    notes = [*rows.notes, *(str(w.message) for w in caught), *result.notes]
    if effects is not None:
        notes += effects.notes
    return MetaRun(
        rows, result, effects, subgroups, _egger(result), list(dict.fromkeys(left_out)),
        list(dict.fromkeys(notes)),
    )  # fmt: skip


def _effects(rows: MetaInput, options: dict[str, Any]) -> tuple[EffectSizes | None, Any, Any]:
    if rows.measure is None or "yi" in rows.columns:
        yi = np.asarray(rows.columns["yi"], dtype=float)
        if "vi" in rows.columns:
            return None, yi, np.asarray(rows.columns["vi"], dtype=float)
        return None, yi, np.asarray(rows.columns["sei"], dtype=float) ** 2
    from review import effect_size

    effects = effect_size(rows.measure, slab=rows.labels, **rows.columns, **options)
    return effects, effects.yi, effects.vi


def _frame(rows: MetaInput) -> Any:
    import pandas as pd

    return pd.DataFrame(rows.data)


def _label(rows: MetaInput, row: int) -> str:
    return rows.labels[row - 1]


def _subgroups(
    rows: MetaInput, yi: Any, vi: Any, by: str, settings: dict[str, Any]
) -> SubgroupResult:
    from review import subgroup_analysis

    if by not in rows.data:
        raise UnknownNameError("column", by, list(rows.data), where="for subgroups")
    values = rows.data[by]
    words = [NOT_STATED if _missing(v) else _word(v) for v in values]
    if len(set(words)) > max(20, len(words) // 2):
        raise InputError(f"{by!r} has {len(set(words))} different values; subgroups need words")
    if len(set(words)) < 2:
        raise StatsError(f"all rows have the same {by} ({words[0]}); there are no subgroups")
    return subgroup_analysis(yi, vi, words, **settings)


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _egger(result: MetaResult) -> RegressionTest | None:
    if result.k < FEWEST_FOR_EGGER or not result.intercept_only:
        return None
    from review import regression_test

    try:
        return regression_test(result)
    except StatsError:  # all standard errors are equal: there is no slope to test
        return None

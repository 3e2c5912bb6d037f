"""All measures by code."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.stats.effects import change_measures as change
from review.stats.effects import correlation_measures as correlations
from review.stats.effects import hazards, medians
from review.stats.effects import mean_measures as means
from review.stats.effects import performance_measures as performance
from review.stats.effects import proportion_measures as proportions
from review.stats.effects import rate_measures as rates
from review.stats.effects import reliability_measures as reliability
from review.stats.effects import standardized_differences as standardized
from review.stats.effects import two_by_two as tables

if TYPE_CHECKING:
    from review.stats.effects.measure import Measure

MEASURES: Final[dict[str, Measure]] = {
    **tables.MEASURES,
    **rates.MEASURES,
    **means.MEASURES,
    **standardized.MEASURES,
    **correlations.MEASURES,
    **proportions.MEASURES,
    **change.MEASURES,
    **reliability.MEASURES,
    **performance.MEASURES,
    **hazards.MEASURES,
    **medians.MEASURES,
}
SCALED: Final = ("ACC", "SENS", "SPEC")


def find_measure(code: str, scale: str | None = None) -> Measure:
    """Return the measure `code`; ACC, SENS and SPEC on the scale asked for.

    Args:
        code: such as "OR".
        scale: for ACC, SENS, SPEC one of logit (default), raw, log, arcsine, FT.

    Raises:
        UnknownNameError: the code or the scale does not exist.
        InputError: a scale for a measure that has none.
    """
    if not isinstance(code, str) or code not in MEASURES:
        raise UnknownNameError("measure", str(code), list(MEASURES))
    measure = MEASURES[code]
    if code not in SCALED:
        if scale is not None:
            raise InputError(f"scale is an option of {', '.join(SCALED)}; {code} has none")
        return measure
    scale = "logit" if scale is None else scale
    if not isinstance(scale, str) or scale not in performance.SCALES:
        raise UnknownNameError("scale", str(scale), list(performance.SCALES))
    model, transf = performance.SCALES[scale]
    like = proportions.MEASURES[model]
    return dataclasses.replace(
        measure, formula=like.formula, vtypes=like.vtypes, add=like.add, transf=transf
    )

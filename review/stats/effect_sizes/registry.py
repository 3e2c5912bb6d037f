"""All measures by code."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.stats.effect_sizes import (
    change,
    correlations,
    hazards,
    means,
    medians,
    performance,
    proportions,
    rates,
    reliability,
    standardized,
    tables,
)

if TYPE_CHECKING:
    from review.stats.effect_sizes.measure import Measure

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

"""From the arguments of `selection_model` to weight function, bounds and starting values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.selection.sides import log_p
from review.stats.bias.selection.steps import (
    count_intervals,
    empty_message,
    merge_empty,
    needs_study,
    read_delta,
    read_steps,
)
from review.stats.bias.selection.weight_functions import (
    TYPES,
    VEVEA_WOODS,
    VEVEA_WOODS_STEPS,
    Family,
    family_named,
)
from review.stats.bias.selection.weighting import Curve, Steps
from review.stats.ground.arguments import real
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from review.stats.bias.selection.sides import FloatArray
    from review.stats.pooling.meta_rows import Inputs

PRECISION: Final = ("none", "sei", "vi", "ninv", "sqrtninv")
EMPTY: Final = ("error", "merge")
_SMALLEST: Final = 1e-8  # lower bound of a step's weight: 0 has no logarithm


@dataclass(frozen=True, eq=False)
class Selection:
    """A weight function with what is fixed and what is free.

    Attributes:
        type, formula: kind and weight function.
        weighting: as the likelihood needs it.
        null: parameters without selection, (q,).
        lower, upper: bounds of delta, (q,); equal for a fixed one.
        fixed: which ones are fixed, (q,).
        starts: starting values of delta, each (q,).
        steps: upper ends of the intervals (last 1), or the threshold; () for none.
        counts: studies in each interval.
        pval_min: p-values are kept this far from 0 and 1.
        prec_max: the imprecision that was scaled to 1; None without.
        notes: remarks.
    """

    type: str
    formula: str
    weighting: Steps | Curve
    null: FloatArray
    lower: FloatArray
    upper: FloatArray
    fixed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    starts: tuple[FloatArray, ...]
    steps: tuple[float, ...]
    counts: tuple[int, ...]
    pval_min: float
    prec_max: float | None
    notes: tuple[str, ...]


def make_selection(
    rows: Inputs,
    z: FloatArray,
    *,
    type: str,  # noqa: A002  name of the field
    steps: Any,
    delta: Any,
    two_sided: bool,
    prec: str,
    scale_prec: bool,
    pval_min: float | None,
    delta_max: float,
    empty: str,
) -> Selection:
    """Check the arguments and make the weight function of the studies with statistics `z`."""
    kind = choose("type of selection model", type, TYPES)
    prec = choose("precision", prec, PRECISION)
    empty = choose("rule for empty intervals", empty, EMPTY)
    delta_max = real("delta_max", delta_max, least=1, most=1e12, open_ends=True)
    if kind == "stepfun":
        if prec != "none":
            raise InputError("a step function takes no precision: use another type with prec=")
        return _step_selection(z, steps, delta, two_sided=two_sided, most=delta_max, empty=empty)
    family = family_named(kind)
    scale, prec_max = _imprecision(rows, family, prec, scaled=scale_prec)
    return _smooth_selection(
        family, z, steps, delta, two_sided=two_sided, scale=scale, prec_max=prec_max,
        censor=_censor(family, pval_min), most=delta_max,
    )  # fmt: skip


def _censor(family: Family, pval_min: float | None) -> float:
    censor = family.censor if pval_min is None else real("pval_min", pval_min)
    least = 1e-12 if family.name == "beta" else 0.0
    if not least <= censor < 0.5:
        what = "between 1e-12 and 0.5" if least else "at least 0 and below 0.5"
        raise InputError(f"pval_min must be {what} for type {family.name!r}, not {pval_min!r}")
    return censor


def _imprecision(
    rows: Inputs, family: Family, prec: str, *, scaled: bool
) -> tuple[FloatArray | None, float | None]:
    if prec == "none":
        return None, None
    if not family.takes_precision:
        raise InputError(f"type {family.name!r} takes no precision: leave prec out")
    from review.stats.bias.regtest import predictor_values

    values = predictor_values(rows, prec)
    largest = float(values.max()) if scaled else 1.0
    return values / largest, largest


def _step_selection(
    z: FloatArray, steps: Any, delta: Any, *, two_sided: bool, most: float, empty: str
) -> Selection:
    notes = []
    if isinstance(delta, str):
        table = choose("a priori weight function", delta, VEVEA_WOODS)
        notes.append(f"a priori weights {table} of Vevea & Woods (2005)")
        delta, steps = VEVEA_WOODS[table], VEVEA_WOODS_STEPS if steps is None else steps
    if steps is None:
        steps = 0.05 if two_sided else 0.025
        notes.append(f"one step at p = {steps:g} (three-parameter selection model)")
    cuts = read_steps(steps)
    p = np.exp(log_p(z, two_sided=two_sided)[0])
    given = read_delta(delta, cuts.size + 1, f"step function with {cuts.size + 1} intervals")
    if not (math.isnan(given[0]) or given[0] == 1.0):
        raise InputError("the first delta is the reference and must be 1; divide the others by it")
    given[0] = 1.0
    counts = count_intervals(p, cuts)
    lacking = [j for j in range(counts.size) if counts[j] == 0 and needs_study(given, j)]
    if lacking and empty == "merge":
        cuts, given, text = merge_empty(cuts, given, counts)
        counts = count_intervals(p, cuts)
        notes.append(text)
    elif lacking:
        raise StatsError(empty_message(cuts, counts, lacking))
    if any(counts[j] and given[j] == 0 for j in range(counts.size)):
        raise StatsError("a delta of 0 says that no study can lie in its interval, but some do")
    free = np.isnan(given)
    if not free.any():
        notes.append("all selection parameters are fixed")
    weights = _step_starts(given)
    return Selection(
        type="stepfun", formula="w(p) = delta_j for steps[j-1] < p <= steps[j]",
        weighting=Steps.of(p, cuts, two_sided=two_sided), null=np.ones(given.size),
        lower=np.where(free, _SMALLEST, given), upper=np.where(free, most, given), fixed=~free,
        starts=weights, steps=(*cuts.tolist(), 1.0), counts=tuple(counts.tolist()), pval_min=0.0,
        prec_max=None, notes=tuple(notes),
    )  # fmt: skip


def _step_starts(given: FloatArray) -> tuple[FloatArray, ...]:
    """No selection, weak to strong selection, and its opposite."""
    q = given.size
    falling = np.linspace(1.0, 0.2, q)
    shapes = [np.ones(q), np.full(q, 0.5), falling, falling**3, np.full(q, 0.05), np.full(q, 3.0)]
    return tuple(np.where(np.isnan(given), shape, given) for shape in shapes)


def _smooth_selection(
    family: Family,
    z: FloatArray,
    steps: Any,
    delta: Any,
    *,
    two_sided: bool,
    scale: FloatArray | None,
    prec_max: float | None,
    censor: float,
    most: float,
) -> Selection:
    threshold, counts = _threshold(family, z, steps, two_sided=two_sided)
    q = len(family.null)
    if isinstance(delta, str):
        raise InputError(f"the a priori weights {delta!r} belong to type 'stepfun'")
    given = read_delta(delta, q, f"type {family.name!r}")
    lowest = np.array(family.lower)
    low = np.flatnonzero(given < lowest)
    if low.size:
        raise InputError(f"delta {low[0] + 1} must be at least {lowest[low[0]]:g}")
    free = np.isnan(given)
    # the least value of a free parameter at which there is no selection is a start too
    null = np.where(lowest > np.array(family.null), 1.0, np.array(family.null))
    starts = [null, *(np.array(s) for s in family.starts)]
    return Selection(
        type=family.name, formula=family.formula,
        weighting=Curve(family, z, scale, two_sided, threshold, censor),
        null=np.array(family.null), lower=np.where(free, lowest, given),
        upper=np.where(free, most, given), fixed=~free,
        starts=tuple(np.where(free, s, given) for s in starts),
        steps=() if threshold is None else (threshold,), counts=counts, pval_min=censor,
        prec_max=prec_max, notes=(),
    )  # fmt: skip


def _threshold(
    family: Family, z: FloatArray, steps: Any, *, two_sided: bool
) -> tuple[float | None, tuple[int, ...]]:
    if steps is None:
        return None, ()
    if family.name == "beta":
        raise InputError("type 'beta' takes no steps")
    cuts = read_steps(steps)
    if cuts.size > 1:
        raise InputError(f"type {family.name!r} takes one step, up to which w = 1; not {cuts.size}")
    counts = count_intervals(np.exp(log_p(z, two_sided=two_sided)[0]), cuts)
    if (counts == 0).any():
        side = "above" if counts[1] == 0 else "at or below"
        raise StatsError(
            f"no p-value lies {side} the step {cuts[0]:g}: choose another step or leave it out"
        )
    return float(cuts[0]), tuple(counts.tolist())

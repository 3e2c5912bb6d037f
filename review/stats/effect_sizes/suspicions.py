"""Notes on numbers that are probably not what they are given as, and what readers must be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.effect_sizes.conversion import named
from review.stats.effect_sizes.transforms import back_transform
from review.stats.effect_sizes.wald import WORDS, link

if TYPE_CHECKING:
    from review.stats.effect_sizes.audit import Audit
    from review.stats.effect_sizes.measure import Columns, FloatArray, Measure, Options
    from review.stats.effect_sizes.resolve import Resolved

    EffectsFound = tuple[FloatArray, FloatArray]

UNEQUAL: Final = 10.0  # ratio of sizes from which the harmonic mean of Freeman-Tukey misleads
# smallest variance that n persons allow, times n: an odds ratio of a table with four equal cells,
# a standardised difference of two equal groups, a hazard ratio with all of two equal groups' events
LEAST_VARIANCE: Final = {"OR": 16.0, "SMD": 4.0, "HR": 4.0, "ZCOR": 1.0}
RATIOS: Final = ("OR", "RR", "IRR", "PETO")


def look(
    measure: Measure, x: Columns, state: Resolved, options: Options, found: EffectsFound
) -> None:
    """Note what deserves a look in the rows that are used.

    Args:
        measure: the measure.
        x: the columns as given.
        state: how the rows were resolved.
        options: of the call.
        found: effects and sizes, (k,) each.
    """
    yi, ni = found
    audit = state.record.audit
    with np.errstate(all="ignore"):
        _zero_cells(measure, state, audit, options)
        _contradictions(measure, x, state, audit, yi)
        _asymmetry(measure, x, audit)
        _natural_ratios(measure, x, audit)
        _swapped_variances(measure, x, audit, ni)
        _freeman_tukey(measure, audit, ni)


def _zero_cells(measure: Measure, state: Resolved, audit: Audit, options: Options) -> None:
    """Name the tables that get a continuity correction, and those without events in both groups."""
    own = {name: state.column(name) for name in measure.family.counts}
    if "ai" in own and "n1i" in own:
        b = np.where(np.isnan(own["bi"]), own["n1i"] - own["ai"], own["bi"])
        d = np.where(np.isnan(own["di"]), own["n2i"] - own["ci"], own["di"])
        cells = [own["ai"], b, own["ci"], d]
        none = (cells[0] == 0) & (cells[2] == 0)
        every = (cells[1] == 0) & (cells[3] == 0)
    elif {"x1i", "x2i"} <= own.keys():
        cells = [own["x1i"], own["x2i"]]
        none, every = (cells[0] == 0) & (cells[1] == 0), np.zeros(audit.k, dtype=bool)
    elif {"xi", "ni"} <= own.keys() or {"xi", "ti"} <= own.keys():
        others = own["ni"] - own["xi"] if "ni" in own else np.ones(audit.k)
        if "mi" in own:
            others = np.where(np.isnan(own["mi"]), others, own["mi"])
        cells = [own["xi"], others]
        none = every = np.zeros(audit.k, dtype=bool)
    else:
        return
    complete = ~np.isnan(np.sum(cells, axis=0))
    zero = complete & np.logical_or.reduce([c == 0 for c in cells])
    both = complete & (none | every)
    if options.drop00:
        zero &= ~both
    if options.add > 0 and options.to != "none" and zero.any():
        who = {"only0": zero, "all": complete, "if0all": complete}[options.to]
        audit.note(who, f"continuity correction: {options.add:g} added to each cell")
    if both.any() and not options.drop00:
        says = (
            "no events (or only events) in both groups, which says nothing about a ratio; kept "
            "with the correction, drop00 leaves them out"
            if measure.code in RATIOS
            else "no events (or only events) in both groups"
        )
        audit.note(both, says)


def _unit(*values: float) -> float:
    """One unit of the last digit that the most precise of printed numbers shows.

    Example:
        >>> _unit(0.5, 0.25, 1.0)
        0.01
    """
    decimals = 0
    for value in values:
        text = repr(float(value))
        if "e" not in text and not text.endswith(".0"):
            decimals = max(decimals, len(text.partition(".")[2]))
    return float(10.0**-decimals)


def _contradictions(
    measure: Measure, x: Columns, state: Resolved, audit: Audit, yi: FloatArray
) -> None:
    """Note rows whose printed value is not what their own counts give."""
    units: dict[str, float] = {"value": 1.0, "propi": 1.0, "est": 1.0, "percenti": 100.0}
    printed = [(name, unit) for name, unit in units.items() if name in x]
    if not printed or not state.raw.any():
        return
    if link(measure.transf) is None:
        return
    back = np.asarray(back_transform(yi, transf=measure.transf))
    for name, factor in printed:
        rows = np.flatnonzero(state.raw & ~np.isnan(x[name]) & np.isfinite(back))
        for i in rows.tolist():
            value, own = float(x[name][i]), float(back[i]) * factor
            if not _from_counts(measure, x, i):
                continue
            unit = _unit(value)
            if abs(value - own) > 1.01 * unit:
                shown = max(2, len(f"{unit:.10f}".rstrip("0").partition(".")[2]))
                audit.notes.append(
                    f"{audit.label(i)}: {name} is {value:g}, but the row's own numbers give "
                    f"{own:.{shown}f}; these are used"
                )


def _from_counts(measure: Measure, x: Columns, i: int) -> bool:
    """Tell whether a row was given the numbers that its value can be checked against."""
    own = [n for n in measure.family.allowed if n not in {"value", "ni", "n1i", "n2i"} and n in x]
    return any(not np.isnan(x[n][i]) for n in own)


def _asymmetry(measure: Measure, x: Columns, audit: Audit) -> None:
    """Note intervals that rounding cannot make symmetric around the estimate on the right scale."""
    if not {"est", "ci_lb", "ci_ub"} <= x.keys() or link(measure.transf) is None:
        return
    rows = ~np.isnan(x["est"] + x["ci_lb"] + x["ci_ub"])
    for i in np.flatnonzero(rows).tolist():
        values = float(x["ci_lb"][i]), float(x["est"][i]), float(x["ci_ub"][i])
        if _symmetric(values, measure.transf):
            continue
        scale = WORDS[measure.transf]
        where = f"on the scale of the {scale}" if scale else "around the estimate"
        other = "exp" if measure.transf == "identity" else "identity"
        hint = ""
        if (other == "identity" or values[0] > 0) and _symmetric(values, other):
            hint = (
                "; it is symmetric on the scale of the logarithm: is it a ratio?"
                if other == "exp"
                else "; it is symmetric as printed: is the value on another scale?"
            )
        audit.notes.append(
            f"{audit.label(i)}: the interval {values[1]:g} ({values[0]:g} to {values[2]:g}) is not "
            f"symmetric {where}, more than rounding explains: a typing error, or not a Wald "
            f"interval{hint}"
        )


def _symmetric(values: tuple[float, float, float], transf: str) -> bool:
    """Tell whether rounding allows the middle of an interval to be the estimate."""
    to = link(transf)
    assert to is not None
    half = _unit(*values) / 2
    low, middle, high = (
        to(np.array([max(v - half, 0.0) if transf != "identity" else v - half, v + half]))
        for v in values
    )
    if not np.all(np.isfinite([*low, *middle, *high])):
        return True  # a limit at the end of the scale tells nothing
    slack = 1e-9 * float(high[1] - low[0])
    centre_low, centre_high = (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
    return bool(centre_low <= middle[1] + slack and centre_high >= middle[0] - slack)


def _natural_ratios(measure: Measure, x: Columns, audit: Audit) -> None:
    """Note effects `yi` of a ratio that look like ratios rather than their logarithms."""
    if measure.transf != "exp" or "yi" not in x:
        return
    y = x["yi"][~np.isnan(x["yi"])]
    if looks_natural(y):
        audit.notes.append(natural_note(y))


def looks_natural(y: FloatArray) -> bool:
    """Tell whether effects look like ratios on their natural scale: all above 0, around 1.

    Example:
        >>> looks_natural(np.array([0.5, 2.0, 0.8])), looks_natural(np.array([-0.7, 0.7, 0.2]))
        (True, False)
    """
    return bool(len(y) > 1 and np.all(y > 0) and np.any(y < 1) and np.any(y > 1))


def natural_note(y: FloatArray) -> str:
    """Words for effects that look like ratios on their natural scale."""
    return (
        f"all {len(y)} effects yi are above 0 and lie around 1: if they are ratios rather than "
        "log ratios, give them as est, so that they are pooled on the log scale"
    )


def _swapped_variances(measure: Measure, x: Columns, audit: Audit, ni: FloatArray) -> None:
    """Note variances given as standard errors, where the sizes of the studies show it.

    No study of n persons has a smaller variance than a constant over n (an odds ratio 16/n): most
    squares are below it then, and the values themselves are not. (For the reverse see
    `review.stats.validation.warn_if_standard_errors`.)
    """
    least = LEAST_VARIANCE.get(measure.code)
    if least is None or "sei" not in x:
        return
    use = ~np.isnan(x["sei"]) & (x["sei"] > 0) & (ni > 0)
    if use.sum() < 3:
        return
    value, floor = x["sei"][use], 0.98 * least / ni[use]
    if np.mean(value**2 < floor) > 0.5 and np.mean(value >= floor) > 0.9:
        audit.notes.append(
            "most standard errors (sei) are smaller than the sizes of the studies allow: if they "
            "are variances, give them as vi"
        )


def _freeman_tukey(measure: Measure, audit: Audit, ni: FloatArray) -> None:
    """Say that the back-transformation of a pooled double arcsine depends on one size."""
    if not measure.transf.startswith(("ipft", "iirft")):
        return
    sizes = ni[np.isfinite(ni) & (ni > 0)]
    if len(sizes) < 2:
        return
    low, high = float(sizes.min()), float(sizes.max())
    if high / low >= UNEQUAL:
        other = "IRLN" if measure.transf.startswith("iirft") else "PLO"
        audit.notes.append(
            f"the sizes of the studies differ by a factor of {high / low:.3g} "
            f"({named({'smallest': low, 'largest': high})}): the pooled Freeman-Tukey value is "
            "brought back with their harmonic mean, which can mislead (Schwarzer et al. 2019, Res "
            f"Synth Methods 10, 476); compare with {other} or a binomial model"
        )

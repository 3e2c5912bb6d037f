"""Notes on numbers that are probably not what they are given as, and what readers must be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.effects.conversion import named
from review.stats.effects.row_account import SHOWN
from review.stats.effects.transforms import back_transform
from review.stats.effects.wald import WORDS, link
from review.stats.effects.ways import SIZES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from review.stats.effects.measure import BoolArray, Columns, FloatArray, Measure, Options
    from review.stats.effects.resolve import Resolved
    from review.stats.effects.row_account import Audit

    EffectsFound = tuple[FloatArray, FloatArray]

MOST_DECIMALS: Final = 12  # numbers with more are computed, not printed
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
        _double_zero(measure, state, audit, options)
        _contradictions(measure, x, state, audit, yi)
        _asymmetry(measure, x, audit)
        _natural_ratios(measure, x, audit)
        _swapped_variances(measure, x, audit, ni)
        _freeman_tukey(measure, audit, ni)


def _double_zero(measure: Measure, state: Resolved, audit: Audit, options: Options) -> None:
    """Name the tables without events, or with events only, in both groups."""
    own = {name: state.column(name) for name in measure.family.counts}
    if {"ai", "n1i"} <= own.keys():
        none = (own["ai"] == 0) & (own["ci"] == 0)
        every = (own["bi"] == 0) | (own["ai"] == own["n1i"])
        both = none | (every & ((own["di"] == 0) | (own["ci"] == own["n2i"])))
    elif {"x1i", "x2i"} <= own.keys():
        both = (own["x1i"] == 0) & (own["x2i"] == 0)
    else:
        return
    if options.drop00 or not both.any():
        return
    says = "no events (or only events) in both groups"
    if measure.code in RATIOS:
        says += ", which says nothing about a ratio; kept with the correction, drop00 leaves it out"
    audit.note(both, says)


def printed_unit(*columns: FloatArray) -> FloatArray:
    """One unit of the last digit that the most precise of the numbers of a row shows, (k,).

    Example:
        >>> printed_unit(np.array([0.5]), np.array([0.25]), np.array([1.0])).tolist()
        [0.01]
    """
    out = np.ones(len(columns[0]))
    for column in columns:
        unit = np.full(len(column), 10.0**-MOST_DECIMALS)
        found = np.zeros(len(column), dtype=bool)
        for decimals in range(MOST_DECIMALS + 1):
            scaled = column * 10.0**decimals
            fits = ~found & (
                np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(1, np.abs(scaled))
            )
            unit[fits] = 10.0**-decimals
            found |= fits
            if found.all():
                break
        out = np.where(np.isnan(column), out, np.minimum(out, unit))
    return out


def _listed(audit: Audit, rows: NDArray[np.intp], text: Callable[[int], str], more: str) -> None:
    """Note the first rows one by one and count the others."""
    for i in rows[:SHOWN].tolist():
        audit.notes.append(f"{audit.label(i)}: {text(i)}")
    if len(rows) > SHOWN:
        audit.notes.append(f"and {len(rows) - SHOWN:,} more rows {more}")


def _contradictions(
    measure: Measure, x: Columns, state: Resolved, audit: Audit, yi: FloatArray
) -> None:
    """Note rows whose printed value is not what their own counts give."""
    units: dict[str, float] = {"value": 1.0, "propi": 1.0, "est": 1.0, "percenti": 100.0}
    if not state.raw.any() or link(measure.transf) is None:
        return
    back = np.asarray(back_transform(yi, transf=measure.transf))
    checked = [n for n in measure.family.allowed if n not in {"value", *SIZES} and n in x]
    known = np.any([~np.isnan(x[n]) for n in checked], axis=0) if checked else state.raw & False
    for name, factor in units.items():
        if name not in x:
            continue
        value, own, unit = x[name], back * factor, printed_unit(x[name])
        wrong = state.raw & known & np.isfinite(own) & (np.abs(value - own) > 1.01 * unit)

        def text(
            i: int, *, name: str = name, value: FloatArray = value, own: FloatArray = own
        ) -> str:
            digits = max(2, len(f"{value[i]:.12g}".partition(".")[2]))
            return (
                f"{name} is {value[i]:g}, but the row's own numbers give {own[i]:.{digits}f}; "
                "these are used"
            )

        _listed(audit, np.flatnonzero(wrong), text, f"whose {name} is not what their numbers give")


def _asymmetry(measure: Measure, x: Columns, audit: Audit) -> None:
    """Note intervals that rounding cannot make symmetric around the estimate on the right scale."""
    if not {"est", "ci_lb", "ci_ub"} <= x.keys() or link(measure.transf) is None:
        return
    values = x["ci_lb"], x["est"], x["ci_ub"]
    wrong = np.flatnonzero(~symmetric(values, measure.transf))
    if not len(wrong):
        return
    scale = WORDS[measure.transf]
    where = f"on the scale of the {scale}" if scale else "around the estimate"
    other = "exp" if measure.transf == "identity" else "identity"
    right = symmetric(values, other) & (values[0] > 0)
    hint = (
        "; it is symmetric on the scale of the logarithm: is it a ratio?"
        if other == "exp"
        else "; it is symmetric as printed: is the value on another scale?"
    )

    def text(i: int) -> str:
        low, middle, high = (column[i] for column in values)
        return (
            f"the interval {middle:g} ({low:g} to {high:g}) is not symmetric {where}, more than "
            "rounding explains: a typing error, or not a Wald interval" + (hint if right[i] else "")
        )

    _listed(audit, wrong, text, "have intervals that are not symmetric")


def symmetric(values: tuple[FloatArray, FloatArray, FloatArray], transf: str) -> BoolArray:
    """Tell where rounding allows the middle of an interval to be the estimate, (k,).

    Args:
        values: lower limits, estimates and upper limits as printed, (k,) each.
        transf: back-transformation of the scale on which the interval is to be symmetric.

    Example:
        >>> values = tuple(np.array([v]) for v in (0.25, 0.5, 1.0))
        >>> symmetric(values, "exp").tolist(), symmetric(values, "identity").tolist()
        ([True], [False])
    """
    to = link(transf)
    assert to is not None
    half = printed_unit(*values) / 2
    with np.errstate(all="ignore"):
        smallest = [
            to(v - half if transf == "identity" else np.maximum(v - half, 0)) for v in values
        ]
        largest = [to(v + half) for v in values]
        slack = 1e-9 * (largest[2] - smallest[0])
        fits = (smallest[0] + smallest[2]) / 2 <= largest[1] + slack
        fits &= (largest[0] + largest[2]) / 2 >= smallest[1] - slack
    # a limit at the end of the scale, or a gap, tells nothing
    ends = np.all([np.isfinite(e) for e in (*smallest, *largest)], axis=0)
    return np.asarray(fits | ~ends)


def _natural_ratios(measure: Measure, x: Columns, audit: Audit) -> None:
    """Note effects `yi` of a ratio that look like ratios rather than their logarithms."""
    if "yi" not in x:
        return
    y = x["yi"][~np.isnan(x["yi"])]
    if looks_natural(measure.code, y):
        audit.notes.append(natural_note(y))


def looks_natural(code: str, y: FloatArray) -> bool:
    """Tell whether effects of two groups look like ratios, not logarithms: above 0, around 1.

    Example:
        >>> looks_natural("OR", np.array([0.5, 2.0])), looks_natural("OR", np.array([-0.7, 0.7]))
        (True, False)
    """
    ratio = code in {*RATIOS, "HR", "ROM"}
    return bool(ratio and len(y) > 1 and np.all(y > 0) and np.any(y < 1) and np.any(y > 1))


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
    `review.stats.pooling.meta_rows.warn_if_standard_errors`.)
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

"""A relative effect over a baseline risk, rate or mean: what happens with the intervention.

The baseline is taken as known: limits of the effect become limits of the absolute effect
(Schünemann et al. 2023, Cochrane Handbook 6.4, section 14.1.5.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final, Literal

from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Kind = Literal["risk", "rate", "mean"]
ODDS: Final = ("OR", "PETO", "MPOR", "D2ORN", "D2ORL")
RISK_RATIOS: Final = ("RR", "MPRR")
RISK_DIFFERENCES: Final = ("RD", "MPRD")
RATES: Final = ("IRR", "IRD")
MEANS: Final = ("MD", "MC", "MEDD", "ROM", "ROMC")
STANDARDISED: Final = (
    "SMD", "SMDH", "SMD1", "SMD1H", "SMCC", "SMCR", "SMCRH", "PBIT", "OR2DN", "OR2DL"
)  # fmt: skip


@dataclass(frozen=True)
class OverBaseline:
    """What happens over one baseline; of a mean without one, the difference alone.

    Attributes:
        baseline: risk, rate or mean without the intervention, or None.
        value: the same with it, and its limits, or None.
        change: the difference, and its limits: value minus baseline.
        capped: whether a risk was cut off at 0 or 1.
    """

    baseline: float | None
    value: tuple[float, float, float] | None
    change: tuple[float, float, float]
    capped: bool = False


def kind_of(measure: str) -> Kind | None:
    """Return what a measure needs a baseline of, or None where it compares nothing.

    Example:
        >>> kind_of("OR"), kind_of("IRR"), kind_of("SMD"), kind_of("ZCOR")
        ('risk', 'rate', 'mean', None)
    """
    if measure in (*ODDS, *RISK_RATIOS, *RISK_DIFFERENCES, "HR"):
        return "risk"
    if measure in RATES:
        return "rate"
    return "mean" if measure in (*MEANS, *STANDARDISED) else None


def with_intervention(measure: str, effect: float, baseline: float) -> float:
    """Return the risk, rate or mean with the intervention.

    Args:
        measure: code, such as "OR".
        effect: on the scale of the outcome (an odds ratio, not its logarithm); of a standardised
            difference in units of the outcome.
        baseline: without the intervention: a risk between 0 and 1, a rate per unit of time, a
            mean. Of HR the risk at the time that it is stated for.

    Returns:
        The value; a risk is not cut off here.

    Raises:
        InputError: a measure without a baseline, or a risk outside of 0 to 1.

    Source: Cochrane Handbook 6.4, sections 15.4.4.2 (RR), 15.4.4.3 (OR), 15.5.3 (SMD); hazard
        ratio: S1 = S0^HR, Guyatt et al. 2013, J Clin Epidemiol 66:158 (GRADE guidelines 12).

    Example:
        >>> round(1000 * (0.3 - with_intervention("OR", 0.73, 0.3)))  # of the Handbook
        62
    """
    kind = kind_of(measure)
    if kind is None:
        raise InputError(f"{measure or 'an effect without a measure'} has no baseline")
    if kind == "risk" and not 0 < baseline < 1:
        raise InputError(f"a baseline risk lies between 0 and 1, such as 0.05, not {baseline:g}")
    if measure in ODDS:
        return effect * baseline / (1 - baseline + effect * baseline)
    if measure == "HR":
        return float(1 - (1 - baseline) ** effect)
    if measure in (*RISK_RATIOS, "IRR", "ROM", "ROMC"):
        return float(effect * baseline)
    return baseline + effect


def over_baseline(
    measure: str, effect: Sequence[float], baseline: float | None
) -> OverBaseline | None:
    """Return an effect and its limits over a baseline; None where one is needed and lacking.

    Args:
        measure: code.
        effect: estimate, lower and upper limit, as `with_intervention` takes them.
        baseline: see there. A difference of means needs none.

    Raises:
        InputError: see there.

    Example:
        >>> found = over_baseline("RR", (0.92, 0.83, 1.02), 0.3)
        >>> [round(1000 * x) for x in found.change]
        [-24, -51, 6]
    """
    kind = kind_of(measure)
    if baseline is None:
        if kind == "mean" and measure not in {"ROM", "ROMC"}:
            estimate, low, high = effect
            return OverBaseline(None, None, (estimate, low, high))
        if measure not in (*RISK_DIFFERENCES, "IRD"):
            return None
        estimate, low, high = effect
        return OverBaseline(None, None, (estimate, low, high))
    raw = [with_intervention(measure, x, baseline) for x in effect]
    values = [min(max(x, 0.0), 1.0) for x in raw] if kind == "risk" else raw
    a, b, c = values
    change = (a - baseline, b - baseline, c - baseline)
    return OverBaseline(baseline, (a, b, c), change, capped=values != raw)


_OF_GROUP: Final[dict[Kind, tuple[tuple[str, ...], Callable[..., float]]]] = {
    "risk": (("ci", "n2i"), lambda events, n: events / n if n > 0 else float("nan")),
    "rate": (("x2i", "t2i"), lambda events, time: events / time if time > 0 else float("nan")),
    "mean": (("m2i",), lambda mean: mean),
}


def control_values(measure: str, columns: Mapping[str, Sequence[float]]) -> list[float]:
    """Return the risks, rates or means of the control groups, where the studies state them.

    Args:
        measure: code.
        columns: arguments of the measure, each with one number per study (NaN unknown).

    Example:
        >>> control_values("RR", {"ci": [1, 2], "di": [9, 8]}), control_values("RR", {"yi": [1]})
        ([0.1, 0.2], [])
    """
    kind = kind_of(measure)
    if kind is None or measure in STANDARDISED or measure.startswith("MP"):
        return []
    names, of = _OF_GROUP[kind]
    found = {name: columns.get(name) for name in names}
    events, others = columns.get("ci"), columns.get("di")
    if kind == "risk" and found["n2i"] is None and events is not None and others is not None:
        found["n2i"] = [a + b for a, b in zip(events, others, strict=True)]
    if any(values is None for values in found.values()):
        return []
    cells = zip(*(values for values in found.values() if values is not None), strict=True)
    return [x for x in (float(of(*row)) for row in cells) if math.isfinite(x)]


def usual_baseline(measure: str, columns: Mapping[str, Sequence[float]]) -> float | None:
    """Return the median of the control groups, or None where none can be used.

    Example:
        >>> usual_baseline("RR", {"ci": [1, 2, 6], "n2i": [10, 10, 10]})
        0.2
    """
    values = control_values(measure, columns)
    found = median(values) if values else None
    if found is None or (kind_of(measure) == "risk" and not 0 < found < 1):
        return None
    return found if found > 0 or kind_of(measure) == "mean" else None

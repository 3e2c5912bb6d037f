"""Priors of tau from thousands of published meta-analyses, by outcome and comparison.

Log odds ratios: Turner et al. 2015, table IV, log-normal distributions of tau2. Standardised mean
differences: Rhodes et al. 2015, table 3 and appendix tables, log-t distributions of tau2 with 5 df.
tau has half their location and half their scale, on the logarithmic scale.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.stats.bayes.tau_priors import TauPrior

if TYPE_CHECKING:
    from collections.abc import Iterable

TURNER: Final = (
    "Turner RM, Jackson D, Wei Y, Thompson SG, Higgins JPT (2015). Stat Med 34:984-998, table IV"
)
RHODES: Final = "Rhodes KM, Turner RM, Higgins JPT (2015). J Clin Epidemiol 68:52-60, table 3"
DRUG, OTHER, CONTROL = "pharmacological", "non-pharmacological", "placebo"
COMPARISONS: Final = (
    f"{DRUG} vs {CONTROL}", f"{DRUG} vs {DRUG}", f"{OTHER} vs {CONTROL}", f"{OTHER} vs {DRUG}",
    f"{OTHER} vs {OTHER}",
)  # fmt: skip
AREAS: Final = ("other", "respiratory", "cancer")
TURNER_ANY: Final = (-2.56, 1.74)
RHODES_ANY: Final = (-3.44, 2.59)
NOT_KNOWN: Final = math.nan
# location and scale of log tau2 for each of COMPARISONS
TURNER_TABLE: Final = {
    "all-cause mortality": (
        (-3.95, 1.34), (-4.18, 1.41), (-4.17, 1.55), (-2.92, 1.02), (-3.50, 1.26)),
    "obstetric": ((-3.52, 1.74), (-3.75, 1.79), (-3.74, 1.91), (-2.49, 1.50), (-3.08, 1.68)),
    "cause-specific mortality": (
        (-3.71, 1.74), (-3.95, 1.79), (-3.93, 1.91), (-2.68, 1.51), (-3.27, 1.68)),
    "resource use": ((-2.34, 1.74), (-2.58, 1.79), (-2.56, 1.91), (-1.31, 1.50), (-1.90, 1.68)),
    "surgical success": (
        (-2.14, 1.74), (-2.37, 1.79), (-2.36, 1.91), (-1.11, 1.50), (-1.69, 1.68)),
    "withdrawals": ((-2.99, 1.74), (-3.23, 1.79), (-3.21, 1.91), (-1.96, 1.51), (-2.55, 1.68)),
    "internal structure": (
        (-2.71, 1.74), (-2.94, 1.79), (-2.93, 1.92), (-1.67, 1.51), (-2.26, 1.68)),
    "general physical health": (
        (-2.29, 1.53), (-2.53, 1.58), (-2.51, 1.72), (-1.26, 1.25), (-1.85, 1.46)),
    "adverse events": ((-1.87, 1.52), (-2.10, 1.58), (-2.10, 1.71), (-0.84, 1.24), (-1.43, 1.45)),
    "infection": ((-2.49, 1.52), (-2.73, 1.58), (-2.71, 1.71), (-1.46, 1.24), (-2.05, 1.45)),
    "signs and symptoms": (
        (-2.06, 1.51), (-2.29, 1.58), (-2.28, 1.71), (-1.03, 1.24), (-1.61, 1.45)),
    "pain": ((-1.83, 1.52), (-2.06, 1.58), (-2.05, 1.71), (-0.80, 1.25), (-1.38, 1.45)),
    "quality of life": ((-2.54, 1.54), (-2.78, 1.60), (-2.77, 1.73), (-1.51, 1.27), (-2.10, 1.47)),
    "mental health": ((-2.12, 1.53), (-2.35, 1.60), (-2.34, 1.72), (-1.09, 1.27), (-1.67, 1.47)),
    "biological markers": (
        (-1.77, 1.52), (-2.00, 1.58), (-1.99, 1.71), (-0.74, 1.24), (-1.33, 1.45)),
    "subjective": ((-2.70, 1.52), (-2.93, 1.58), (-2.92, 1.71), (-1.67, 1.25), (-2.26, 1.45)),
}  # fmt: skip
# The same for the first two comparisons and for all with a non-pharmacological arm, by area. Four
# cells are not known: copies of the table give values that differ from each other, or that break
# the additive structure of the published model (outcome + comparison + area).
RHODES_TABLE: Final = {
    "obstetric": (
        ((-4.13, 2.34), (-4.40, 2.31), (-3.99, 2.11)),
        ((-6.03, 2.36), (-6.31, 2.31), (-5.89, NOT_KNOWN)),
        ((-1.57, 2.45), (-1.85, 2.41), (-1.43, 2.24))),
    "resource use": (
        ((-2.55, 2.73), (-2.83, 2.70), (-2.41, 2.57)),
        ((-4.46, 2.74), (-4.73, 2.70), (-4.32, 2.57)),
        ((NOT_KNOWN, 2.83), (-0.27, 2.79), (0.15, 2.68))),
    "internal structure": (
        ((-2.43, 2.50), (-2.70, 2.46), (-2.29, 2.32)),
        ((-4.33, 2.51), (-4.61, 2.46), (-4.19, 2.33)),
        ((NOT_KNOWN, 2.61), (-0.14, 2.56), (0.27, 2.45))),
    "general physical health": (
        ((-3.16, 2.50), (-3.44, 2.44), (-3.02, 2.27)),
        ((-5.07, 2.51), (-5.34, 2.45), (-4.93, 2.28)),
        ((-0.60, 2.61), (-0.88, 2.55), (-0.46, 2.40))),
    "signs and symptoms": (
        ((-3.00, 2.50), (-3.27, 2.47), (-2.86, 2.33)),
        ((-4.90, 2.50), (-5.18, 2.47), (-4.76, 2.33)),
        ((-0.44, 2.60), (-0.71, 2.57), (-0.30, 2.46))),
    "mental health": (
        ((-2.99, 2.16), (-3.27, 2.14), (NOT_KNOWN, 1.93)),
        ((-4.90, 2.17), (-5.17, 2.14), (-4.76, 1.94)),
        ((-0.43, 2.28), (-0.71, 2.25), (-0.29, 2.08))),
    "biological markers": (
        ((-3.41, 2.83), (-3.68, 2.78), (-3.27, 2.66)),
        ((-5.31, 2.83), (-5.59, 2.78), (-5.17, 2.66)),
        ((-0.85, 2.93), (-1.13, 2.87), (-0.71, 2.78))),
    "subjective": (
        ((-2.76, 2.58), (-3.03, 2.59), (-2.62, 2.41)),
        ((-4.66, 2.59), (-4.94, 2.59), (-4.52, 2.41)),
        ((-0.20, 2.68), (-0.48, 2.68), (-0.06, 2.53))),
}  # fmt: skip
# what Rhodes et al. put together
TOGETHER: Final = {
    "adverse events": "general physical health", "pain": "general physical health",
    "quality of life": "general physical health", "infection": "signs and symptoms",
}  # fmt: skip


def empirical_prior(
    measure: str,
    outcome: str | None = None,
    comparison: str | None = None,
    area: str = "other",
) -> TauPrior:
    """Return the prior of tau that published meta-analyses of a kind suggest.

    Args:
        measure: "OR" (log odds ratios, Turner et al. 2015) or "SMD" (standardised mean
            differences, Rhodes et al. 2015).
        outcome: type of outcome, such as "all-cause mortality", "pain" or "subjective"; None for
            any, which goes without a comparison.
        comparison: what is compared, such as "pharmacological vs placebo"; for SMD
            "non-pharmacological" alone will do.
        area: of SMD: "respiratory", "cancer" or "other".

    Raises:
        UnknownNameError: a name is not known; the message lists those that are.
        InputError: an outcome without a comparison, or values that are not known.

    Example:
        >>> prior = empirical_prior("OR", "all-cause mortality", "pharmacological vs placebo")
        >>> prior.label
        'log-normal:-1.975,0.67'
    """
    code = measure.strip().upper() if isinstance(measure, str) else repr(measure)
    if code not in {"OR", "SMD"}:
        raise UnknownNameError("measure of empirical priors", str(measure), ["OR", "SMD"])
    turner = code == "OR"
    place = _pick("area", area, AREAS)
    if turner and place != "other":
        raise InputError("area is about standardised mean differences (SMD)")
    if outcome is None:
        if comparison is not None or place != "other":
            raise InputError("a comparison or an area needs an outcome too")
        location, scale = TURNER_ANY if turner else RHODES_ANY
    else:
        location, scale = _cell(outcome, comparison, place, turner=turner)
    if math.isnan(location) or math.isnan(scale):
        raise InputError(
            f"the prior of {outcome}, {comparison}, {place} is not known for sure: copies of the "
            "published table disagree, or break its pattern; choose a neighbouring one, or give "
            "the distribution yourself ('log-t:location,scale,5')"
        )
    source = TURNER if turner else RHODES
    values = {"meanlog": location / 2, "sdlog": scale / 2}
    if not turner:
        values = {"location": location / 2, "scale": scale / 2, "df": 5.0}
    return TauPrior("log-normal" if turner else "log-t", values, source, code)


def named_prior(name: str, rest: str) -> TauPrior:
    """Read "turner:outcome/comparison" or "rhodes:outcome/comparison/area".

    Example:
        >>> named_prior("turner", "pain/pharmacological vs placebo").label
        'log-normal:-0.915,0.76'
    """
    parts = [p.strip() for p in rest.split("/")] if rest.strip() else []
    most = 2 if name == "turner" else 3
    if len(parts) > most:
        raise InputError(
            f"{name!r} takes an outcome{' and' if most == 2 else ','} a comparison"
            f"{' and an area' if most == 3 else ''}, divided by /, not {rest!r}"
        )
    return empirical_prior("OR" if name == "turner" else "SMD", *parts)


def _cell(outcome: str, comparison: str | None, area: str, *, turner: bool) -> tuple[float, float]:
    kind = _pick("outcome", outcome, TURNER_TABLE if turner else [*RHODES_TABLE, *TOGETHER])
    if comparison is None:
        raise InputError(
            f"the prior of {kind} depends on the comparison: name one of {', '.join(COMPARISONS)}"
        )
    if turner:
        which = _pick("comparison", comparison, COMPARISONS)
        return TURNER_TABLE[kind][COMPARISONS.index(which)]
    which = _pick("comparison", comparison, [*COMPARISONS, OTHER])
    column = min(COMPARISONS.index(which) if which in COMPARISONS else 2, 2)
    return RHODES_TABLE[TOGETHER.get(kind, kind)][AREAS.index(area)][column]


def _pick(what: str, given: object, known: Iterable[str]) -> str:
    names = list(known)

    def bare(text: str) -> str:
        return re.sub(r"[^a-z]", "", text.casefold().replace("versus", "vs"))

    for name in names:
        if isinstance(given, str) and bare(name) == bare(given):
            return name
    raise UnknownNameError(f"{what} of empirical priors", str(given), names)

"""What headings and metrics are called, and the measure and scale that follow from the name."""

from __future__ import annotations

import re
from typing import Final

from review.stats.effects.heading_names import plain_name

# name (small letters, words joined by _) -> measure; on its natural scale, which readers know
_MEASURES: Final = {
    "HR": ("hr", "hazard_ratio", "hazards_ratio", "ahr"),
    "OR": ("or", "odds_ratio", "aor"),
    "RR": ("rr", "risk_ratio", "relative_risk", "arr"),
    "IRR": ("irr", "rate_ratio", "incidence_rate_ratio"),
    "ROM": ("rom", "ratio_of_means"),
    "MD": ("md", "mean_difference", "mean_diff", "wmd", "weighted_mean_difference"),
    "SMD": ("smd", "hedges_g", "standardised_mean_difference", "standardized_mean_difference"),
    "RD": ("rd", "risk_difference", "arrd"),
    "ZCOR": ("correlation", "pearson_r", "correlation_coefficient"),
    "PLO": ("proportion", "prevalence", "event_rate", "cumulative_incidence"),
    "IRLN": ("incidence_rate",),
    "MN": ("raw_mean",),
    "MED": ("median",),
}
_BY_NAME: Final = {name: code for code, names in _MEASURES.items() for name in names}
_RATIOS: Final = frozenset({"HR", "OR", "RR", "IRR", "ROM"})
_LOG: Final = re.compile(r"(?:log|ln)_?(.+)\Z")
_BEFORE: Final = re.compile(r"(?:adjusted|adj|crude|unadjusted|multivariable|pooled|reported)_")
# names of the columns beside an estimate, by argument
BESIDE: Final = {
    "ci_lb": (
        "ci_lb", "ci_low", "ci_lower", "ci_l", "lower", "lower_ci", "lower_95", "lower_limit",
        "lcl", "ll", "lo", "low", "lb", "ci_95_lower", "ci95_lower", "ci_lo", "l95", "lci",
    ),
    "ci_ub": (
        "ci_ub", "ci_high", "ci_upper", "ci_u", "upper", "upper_ci", "upper_95", "upper_limit",
        "ucl", "ul", "hi", "high", "ub", "ci_95_upper", "ci95_upper", "ci_hi", "u95", "uci",
    ),
    "se": ("se", "sei", "stderr", "std_err", "standard_error"),
    "level": ("level", "ci_level", "conf_level", "confidence_level"),
    "pval": ("pval", "p_value", "pvalue", "p"),
}  # fmt: skip
ESTIMATES: Final = ("est", "estimate", "effect", "effect_size", "point_estimate")


def named_measure(name: str) -> tuple[str, str] | None:
    """Return the measure that a name stands for, and whether its values are `est` or `yi`.

    `yi` for logarithms; None when the name says nothing.

    Example:
        >>> named_measure("Adjusted hazard ratio"), named_measure("logOR"), named_measure("dose")
        (('HR', 'est'), ('OR', 'yi'), None)
    """
    plain = _BEFORE.sub("", plain_name(name))
    if plain in _BY_NAME:
        return _BY_NAME[plain], "est"
    match = _LOG.match(plain)
    if match and (code := _BY_NAME.get(match[1])) in _RATIOS and code is not None:
        return code, "yi"
    return None

"""The words by which rows that sum up others are called: Total, overall, pooled effect."""

from __future__ import annotations

import re
from typing import Final

# in the words of spreadsheets and of programs for meta-analysis
_SUMMING: Final = re.compile(
    r"(?:(?:grand |sub ?-?)?totals?(?: \(?(?:95 ?% ?ci|n ?= ?\d+|events|all studies)\)?)?"
    r"|sum|overall(?: effect| estimate| total| mean)?|mean(?: ?\(sd\)| ?± ?sd)?|average"
    r"|median(?: ?\((?:iqr|range)\))?|sd|std\.? ?dev\.?|standard deviation|min(?:imum)?"
    r"|max(?:imum)?|range|pooled(?: effect| estimate)?|summary(?: effect| estimate)?|all studies"
    r"|heterogeneity\b.*|test for (?:overall effect|subgroup differences)\b.*"
    r"|(?:random|fixed|common|mixed)[- ]effects?(?: model)?|re model|fe model"
    r"|prediction interval|gesamt|summe|mittelwert|insgesamt|[σ∑])\s*[:*]?",
    re.IGNORECASE,
)
# the first letters of all of these, so that few rows of many are matched
STARTS: Final = frozenset(
    (
        "tot", "gra", "sub", "sum", "ove", "mea", "ave", "med", "sd", "sd:", "std", "sta", "min",
        "max", "ran", "poo", "all", "het", "tes", "fix", "com", "mix", "re ", "fe ", "pre", "ges",
        "ins", "mit", "σ", "σ:", "∑", "∑:",
    )
)  # fmt: skip
MESSAGE: Final = "a row that sums up others, not a study"
REMEDY: Final = "take it out of the table, or give the study another name"


def sums_up(name: str) -> bool:
    """Tell whether a row of this name sums up the others.

    Example:
        >>> sums_up("Total"), sums_up("Overall effect"), sums_up("Totaro 2019")
        (True, True, False)
    """
    word = name.strip().casefold()
    return word[:3] in STARTS and _SUMMING.fullmatch(word) is not None

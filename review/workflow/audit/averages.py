"""Whether a row speaks of an average: over folds, runs, classes or resamples."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from review.workflow.audit.facts import Facts

# whole words: scaffolds are no folds, and the meaning of a note is no mean
_AVERAGED: Final = re.compile(
    r"cross.?valid|\b(?:\d+.?)?folds?\b|\b(?:mean|averaged?|averages|macro|weighted|repeats?|"
    r"repeated|runs|loocv|bootstrap\w*|resampl\w+)\b|leave.one|\bcv\b",
    re.IGNORECASE,
)
_FOLDS: Final = re.compile(r"\b(\d+|two|three|four|five|ten)[\s-]*folds?\b", re.IGNORECASE)
_WORDS: Final = {"two": 2, "three": 3, "four": 4, "five": 5, "ten": 10}


def is_average(facts: Facts) -> bool:
    """Return whether a row is an average: its field says so, or its words name resampling.

    Example:
        >>> from review.workflow.audit.facts import facts_from
        >>> [is_average(facts_from({"note": n}, "")) for n in ("5-fold CV", "Scaffold images")]
        [True, False]
        >>> is_average(facts_from({"averaged_over": "readers"}, ""))
        True
    """
    if facts.words.get("averaged_over", "").strip():
        return True
    return _AVERAGED.search(" ".join(facts.words.values())) is not None


def folds_of(facts: Facts) -> int:
    """Return over how many folds a row is an average, 0 where it does not say.

    Example:
        >>> from review.workflow.audit.facts import facts_from
        >>> [folds_of(facts_from(r, "")) for r in ({"folds": 5}, {"note": "ten-fold"}, {"n": 3})]
        [5, 10, 0]
    """
    stated = facts.count("folds")
    if stated is not None:
        return stated
    match = _FOLDS.search(" ".join(facts.words.values()))
    return 0 if match is None else _WORDS.get(match[1].casefold()) or int(match[1])

"""Stated numbers that no check used, and what a check of them would need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.workflow.audit.claim import Claim
    from review.workflow.audit.facts import Facts

_NUMBER: Final = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?")
# number -> what a check of it needs beside it
_NEEDS: Final[dict[str, str]] = {
    "tau2": "the effects and standard errors of the studies",
    "i2": "q with df or studies",
    "h2": "q with df or studies",
    "q": "df or studies, with i2, h2 or p_q",
    "studies": "q",
    "df1": "a statistic, or q",
    "df2": "a statistic",
    "value": "statistic or metric",
    "estimate": "ci_low and ci_high, or se with a statistic, or the groups with measure",
    "se": "estimate with an interval or a statistic",
    "ci_low": "estimate and ci_high",
    "ci_high": "estimate and ci_low",
    "mean": "n, or min and max",
    "sd": "mean with n, or with min and max",
    "items": "mean and n",
    "median": "min, q1, q3 or max, or mean and sd",
    "kappa": "agreement, or the test set",
    "agreement": "kappa",
    "expected_agreement": "kappa and agreement",
    "k": "n",
    "percent": "n",
    "proportion": "n",
    "images": "patients, or train with validation or test",
    "patients": "images",
}


def unused_numbers(facts: Facts, claims: Sequence[Claim]) -> list[str]:
    """Return the names of the numbers of a row that no claim speaks of.

    Example:
        >>> from review.workflow.audit.facts import facts_from
        >>> unused_numbers(facts_from({"tau2": "0.03", "n": 20}, "row 1"), [])
        ['tau2', 'n']
    """
    said = {
        found.replace(",", "").lstrip("-")
        for c in claims
        for text in (c.claim, c.computation, c.reported, c.note)
        for found in _NUMBER.findall(text)
    }
    return [name for name, number in facts.numbers.items() if str(abs(number.value)) not in said]


def unused_notes(unused: Iterable[Sequence[str]]) -> list[str]:
    """Return one note per number that no check used, with its rows and what a check needs.

    Args:
        unused: of each row the names, from `unused_numbers`.

    Example:
        >>> unused_notes([["tau2"], ["tau2", "n"]])[1]
        'n is not checked in 1 row: no check of it with what else is stated there'
    """
    rows: dict[str, int] = {}
    for names in unused:
        for name in names:
            rows[name] = rows.get(name, 0) + 1
    return [
        f"{name} is not checked in {plural(n, 'row')}: {need_of(name)}" for name, n in rows.items()
    ]


def need_of(name: str) -> str:
    """Say what a check of a number needs beside it.

    Example:
        >>> need_of("percent"), need_of("folds")
        ('needs n', 'no check of it with what else is stated there')
    """
    if name in _NEEDS:
        return f"needs {_NEEDS[name]}"
    return "no check of it with what else is stated there"

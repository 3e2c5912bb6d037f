"""Percentages that share one number of cases: is there an n that gives all of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.errors import StatsError
from review.stats.consistency.rounding_ranges import possible_counts, printed
from review.words import listed
from review.workflow.audit.claim import Claim, Verdict

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts

_MOST_N: Final = 5_000


def parse_percents(text: str) -> list[Printed] | None:
    """Return percentages written as `57.1; 28.6; 14.3`, or None.

    Example:
        >>> [str(p) for p in parse_percents("57.1%; 28.6")], parse_percents("many")
        (['57.1', '28.6'], None)
    """
    try:
        found = [printed(p.strip().rstrip("% ")) for p in text.split(";") if p.strip()]
    except StatsError:
        return None
    return found if found and all(0 <= p.value <= 100 for p in found) else None


def check_percents(facts: Facts) -> list[Claim]:
    """Check percentages of one n, or of an n that is at most `n_max`."""
    shares = parse_percents(facts.words.get("percents", ""))
    n, most = facts.count("n"), facts.count("n_max")
    if shares is None:
        return []
    text = f"{listed([f'{s} %' for s in shares])} are of one number of cases"
    if n is None and most is None:
        return [facts.claim("proportion", text, Verdict.UNCHECKED, note="neither n nor n_max is "
                            "stated")]  # fmt: skip
    if n is not None:
        wrong = [s for s in shares if n < 1 or possible_counts(s, n, per=100).fit == "no"]
        verdict = Verdict.IMPOSSIBLE if wrong else Verdict.CONSISTENT
        shown = f"no whole number of {n} is {listed([f'{s} %' for s in wrong], last='or')}"
        return [facts.claim("proportion", f"{text}, n = {n}", verdict, at="percents",
                            computation=shown if wrong else f"each is a whole number of {n}",
                            note="missing answers, which make n smaller, would explain it"
                            if wrong else "")]  # fmt: skip
    assert most is not None
    sizes = range(1, min(most, _MOST_N) + 1)
    fits = [m for m in sizes if all(possible_counts(s, m, per=100).fit != "no" for s in shares)]
    verdict = Verdict.CONSISTENT if fits else Verdict.IMPOSSIBLE
    if not fits and most > _MOST_N:
        verdict = Verdict.UNCHECKED
    shown = f"possible with n = {listed([str(m) for m in fits[:8]])}" if fits else (
        f"no n up to {sizes[-1]:,} gives all of them"
    )  # fmt: skip
    shown += ", ..." if len(fits) > 8 else ""
    return [facts.claim("proportion", f"{text}, at most {most}", verdict, computation=shown)]

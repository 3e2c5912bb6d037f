"""Mean, SD, median, quartiles and range of one variable: can they belong to the same numbers?"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from review.stats.consistency.rounding_ranges import possible_mean
from review.stats.consistency.whole_number_spread import (
    largest_sd,
    possible_binary_sd,
    possible_sd,
)
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import decimal_text

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Fit, Printed
    from review.workflow.audit.facts import Facts

DATA_TYPES: Final = ("whole", "binary", "continuous")
_ORDER: Final = ("min", "q1", "median", "q3", "max")
_VERDICTS: Final = {
    "rounds": Verdict.CONSISTENT,
    "cut off": Verdict.ROUNDING,
    "no": Verdict.IMPOSSIBLE,
}
_CUT: Final = "only with digits cut off instead of rounded"
_MOST_ITEMS: Final = 10


def known_data_type(text: str) -> str | None:
    """Return the kind of numbers that a word names, or None.

    Example:
        >>> known_data_type("Whole numbers"), known_data_type("nominal")
        ('whole', None)
    """
    first = (text.casefold().split() or [""])[0]
    return first if first in DATA_TYPES else None


def data_type(facts: Facts) -> str:
    """Return the kind of numbers of a row; whole where nothing is said."""
    return known_data_type(facts.words.get("data_type", "")) or "whole"


def check_scales(facts: Facts) -> list[Claim]:
    """Check the location and spread of one variable."""
    ordered = [*_order(facts), *_inside(facts)]
    if any(c.failed for c in ordered):
        return ordered
    wide = [*_widest(facts), *_median_near(facts)]
    if any(c.failed for c in wide):
        return [*ordered, *wide]
    return [*ordered, *wide, *_mean(facts), *_sd(facts)]


def _order(facts: Facts) -> list[Claim]:
    stated = [(name, facts.numbers[name]) for name in _ORDER if facts.has(name)]
    if len(stated) < 2:
        return []
    text = " <= ".join(f"{name} {number}" for name, number in stated)
    wrong = [(a, b) for (a, x), (b, y) in pairwise(stated) if _above(x, y)]
    return [
        facts.claim("scale", text, Verdict.IMPOSSIBLE if wrong else Verdict.CONSISTENT,
                    computation="; ".join(f"{a} is above {b}" for a, b in wrong))
    ]  # fmt: skip


def _above(x: Printed, y: Printed) -> bool:
    """Whether x is above y however they were rounded; rounding keeps the order of equal digits."""
    return x.value > y.value if x.unit == y.unit else x.low > y.high


def _inside(facts: Facts) -> list[Claim]:
    claims = []
    sd, mean = facts.get("sd"), facts.get("mean")
    if sd is not None and sd.value < 0:
        claims.append(facts.claim("scale", f"SD {sd} is not negative", Verdict.IMPOSSIBLE,
                                  reported=sd, at="sd"))  # fmt: skip
    low, high = facts.get("min"), facts.get("max")
    if mean is not None and (low is not None or high is not None):
        below = low is not None and _above(low, mean)
        above = high is not None and _above(mean, high)
        span = f"{low or ''} to {high or ''}".strip()
        claims.append(
            facts.claim("scale", f"mean {mean} lies within {span}", at="mean", reported=mean,
                        verdict=Verdict.IMPOSSIBLE if below or above else Verdict.CONSISTENT,
                        computation=f"{mean} is {'below' if below else 'above'} {span}"
                        if below or above else "")
        )  # fmt: skip
    return claims


def _widest(facts: Facts) -> list[Claim]:
    """The SD of numbers within a range has a largest value."""
    mean, sd, low, high = (facts.get(n) for n in ("mean", "sd", "min", "max"))
    if mean is None or sd is None or low is None or high is None:
        return []
    n = facts.count("n")
    most = largest_sd(mean, low, high, n)
    fits = float(sd.low) <= most * (1 + 1e-9)
    size = f", n = {n}" if n else ""
    return [
        facts.claim("scale", f"SD {sd} is possible with mean {mean} within {low} to {high}{size}",
                    Verdict.CONSISTENT if fits else Verdict.IMPOSSIBLE, reported=sd, at="sd",
                    computation=f"the largest is {decimal_text(most, sd)}")
    ]  # fmt: skip


def _median_near(facts: Facts) -> list[Claim]:
    """Mean and median are at most one SD apart (Hotelling and Solomons 1932)."""
    mean, median, sd = (facts.get(n) for n in ("mean", "median", "sd"))
    if mean is None or median is None or sd is None:
        return []
    apart = max(mean.low - median.high, median.low - mean.high, Fraction(0))
    fits = apart <= sd.high
    return [
        facts.claim("scale", f"mean {mean} and median {median} are at most SD {sd} apart",
                    Verdict.CONSISTENT if fits else Verdict.IMPOSSIBLE, at="mean",
                    computation=f"they are {abs(mean.value - median.value)} apart")
    ]  # fmt: skip


def _mean(facts: Facts) -> list[Claim]:
    mean, n, kind = facts.get("mean"), facts.count("n"), data_type(facts)
    if mean is None or not n or kind == "continuous":
        return []
    items = facts.count("items") or 1
    fit = possible_mean(mean, n * items)
    if kind == "binary" and not (mean.high >= 0 and mean.low <= 1):
        fit = "no"
    of = f"{n} zeros and ones" if kind == "binary" else f"{n} whole numbers"
    of += f", each of {items} items" if items > 1 else ""
    finer = [i for i in range(2, _MOST_ITEMS + 1) if possible_mean(mean, n * i) == "rounds"]
    notes = []
    if fit == "no" and kind == "whole":
        if items == 1 and finer:
            notes.append(f"a scale that averages {finer[0]} items can have it (column items)")
        if not facts.words.get("data_type"):
            notes.append("numbers that are not whole can have it (data_type continuous)")
    return [
        facts.claim("proportion", f"mean {mean} of {of} is possible", _VERDICTS[fit],
                    reported=mean, computation=f"a whole number / {n * items}", at="mean",
                    note=_CUT if fit == "cut off" else "; ".join(notes))
    ]  # fmt: skip


def _example(facts: Facts, mean: Printed, sd: Printed, n: int) -> str:
    """Name one set of numbers that has them, where the ends of the scale are known (SPRITE)."""
    from review.stats.consistency.reconstructed_scores import reconstructed

    low, high = facts.count("min"), facts.count("max")
    found = None if low is None or high is None else reconstructed(mean, sd, n, low, high)
    if found is None:
        return ""
    return f"for instance {', '.join(f'{k} x {x}' for x, k in found.items())}"


def _sd(facts: Facts) -> list[Claim]:
    """GRIMMER, or DEBIT for zeros and ones."""
    mean, sd, n, kind = facts.get("mean"), facts.get("sd"), facts.count("n"), data_type(facts)
    if mean is None or sd is None or n is None or n < 2 or kind == "continuous":
        return []
    items = facts.count("items") or 1
    if possible_mean(mean, n * items) == "no":
        return []  # said of the mean
    of = f"{n} zeros and ones" if kind == "binary" else f"{n} whole numbers"
    of += f", each of {items} items" if items > 1 else ""

    def fit_of(*, population: bool) -> Fit:
        if kind == "binary":
            return possible_binary_sd(mean, sd, n, population=population)
        low, high = facts.get("min"), facts.get("max")
        return possible_sd(mean, sd, n, items=items, low=low, high=high, population=population)

    fit = fit_of(population=False)
    verdict = _VERDICTS[fit]
    notes = [_CUT] if fit == "cut off" else []
    if fit == "no" and fit_of(population=True) != "no":
        verdict = Verdict.INCONSISTENT
        notes.append("it is possible only as an SD with n, not n - 1, in the denominator")
    if fit == "no" and kind == "whole" and not facts.words.get("data_type"):
        notes.append("several items per person, or numbers that are not whole, would explain it")
    return [
        facts.claim("scale", f"SD {sd} of {of} with mean {mean} is possible", verdict,
                    reported=sd, at="sd", note="; ".join(notes),
                    computation="no whole sum of squares gives it" if fit == "no"
                    else _example(facts, mean, sd, n) if items == 1 and kind == "whole" else "")
    ]  # fmt: skip

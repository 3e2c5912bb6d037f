"""An effect with its interval, standard error and p-value: do they belong together?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from review.errors import StatsError
from review.stats.consistency.interval_pvalues import (
    ImpliedZ,
    implied_z,
    lopsided,
    t_degrees,
    z_of_p,
)
from review.stats.consistency.recomputed_pvalues import show_p
from review.stats.ground.levels import level_percent
from review.words import level_name
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.pvalues import TAILS, parse_p

if TYPE_CHECKING:
    from review.stats.consistency.interval_pvalues import Scale
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts
    from review.workflow.audit.pvalues import StatedP

RATIOS: Final = frozenset({"OR", "RR", "HR", "IRR", "ROM"})
DIFFERENCES: Final = frozenset({"MD", "SMD", "RD"})
# an interval is lopsided when one side is this much longer on the scales that it can have, and to
# the same side on all: exact and likelihood intervals lie between the natural and the log scale
_LOPSIDED: Final = 2.0
_LOPSIDED_DIFFERENCE: Final = 2.5  # bootstrap intervals of a difference lean to a side too
# z statistics of other tests of the same data (score, likelihood ratio, exact, log-rank) differ so
_CLOSE: Final = 0.2
_CLOSE_SHARE: Final = 0.1


def check_effects(facts: Facts) -> list[Claim]:
    """Check symmetry of the interval, and the p-value against interval or standard error."""
    estimate, low, high = (facts.get(n) for n in ("estimate", "ci_low", "ci_high"))
    if estimate is None:
        return []
    if low is None or high is None or low.value > high.value:
        return []
    scales = _scales(facts, estimate, low)
    if not scales or not low.low <= estimate.high or not estimate.low <= high.high:
        return []
    claims = _symmetry(facts, (estimate, low, high), scales)
    stated = parse_p(facts.words.get("p", ""))
    if stated is None or facts.words.get("statistic"):
        return claims  # the p-value of a statistic is checked against that
    return [*claims, *_against_p(facts, (estimate, low, high), scales, stated)]


def _scales(facts: Facts, estimate: Printed, low: Printed) -> list[Scale]:
    """The scales that the interval of an effect can have."""
    measure = facts.words.get("measure", "").strip()
    code = measure_code(measure)
    positive = estimate.value > 0 and low.value > 0
    if code in RATIOS:
        return ["log"] if positive else []
    if code in DIFFERENCES:
        return ["natural"]
    return ["log", "natural"] if positive else ["natural"]


def measure_code(measure: str) -> str:
    """Return the code of a measure that a word names, or the word in capitals.

    Example:
        >>> measure_code("adjusted hazard ratio"), measure_code("kg")
        ('HR', 'KG')
    """
    from review.workflow.pooling.metric_names import named_measure

    found = named_measure(measure) if measure else None
    return found[0] if found is not None and found[1] == "est" else measure.upper()


def _label(facts: Facts, numbers: tuple[Printed, Printed, Printed]) -> str:
    name = facts.words.get("measure", "").strip() or "estimate"
    return "{} {} ({} to {})".format(name, *numbers)


def _symmetry(
    facts: Facts, numbers: tuple[Printed, Printed, Printed], scales: list[Scale]
) -> list[Claim]:
    """An interval whose one side is far too long on every scale has a misprinted number."""
    known: list[Scale] = ["log", "natural"] if "log" in scales else ["natural"]
    ratios = [(s, r) for s in known if (r := lopsided(*numbers, s)) is not None]
    most = _LOPSIDED if "log" in scales else _LOPSIDED_DIFFERENCE
    up = all(r[0] > most for _, r in ratios)
    down = all(r[1] < 1 / most for _, r in ratios)
    text = f"{_label(facts, numbers)}: the estimate lies in the middle of its interval"
    shown = ", ".join(f"{_times(r)} on the {s} scale" for s, r in ratios)
    shown, span = f"upper side / lower side: {shown}", f"{numbers[1]} to {numbers[2]}"
    if up or down:
        note = (
            "lopsided on every scale that an interval of it can have, beyond what exact, "
            "likelihood or bootstrap intervals are"
        )
        return [facts.claim("interval", text, Verdict.INCONSISTENT, at="estimate", note=note,
                            computation=shown, reported=span)]  # fmt: skip
    main = dict(ratios)[scales[0]] if scales[0] in dict(ratios) else ratios[0][1]
    if any(r[0] <= 1 <= r[1] for s, r in ratios if s in scales):
        return [facts.claim("interval", text, Verdict.CONSISTENT, computation=shown,
                            reported=span, at="estimate")]  # fmt: skip
    if main[0] > 1.25 or main[1] < 1 / 1.25:
        note = "as an exact, likelihood or bootstrap interval can be; a misprint would show so too"
        return [facts.claim("interval", text, Verdict.UNCHECKED, computation=shown, note=note,
                            reported=span, at="estimate")]  # fmt: skip
    return []


def _times(ratio: tuple[float, float]) -> str:
    low, high = ratio
    if math.isinf(high):
        return f"{low:.2f} or more"
    return f"{low:.2f}" if high - low < 0.01 else f"{low:.2f} to {high:.2f}"


def _against_p(
    facts: Facts,
    numbers: tuple[Printed, Printed, Printed],
    scales: list[Scale],
    stated: StatedP,
) -> list[Claim]:
    level = float(facts.numbers["ci_level"].value) if facts.has("ci_level") else 95.0
    if not 0 < level < 100 or level == 1:
        return []  # said with the interval
    level = level_percent(level)
    text = f"{_label(facts, numbers)} has {stated}"
    if stated.number.value > 1:
        return [facts.claim("p-value", text, Verdict.IMPOSSIBLE, reported=stated, at="p",
                            note="a p-value lies between 0 and 1")]  # fmt: skip
    found = _implied(numbers, scales, level)
    if not found:
        return []
    one_sided = TAILS.get(facts.words.get("tail", "two").casefold(), "two") == "one"
    span = _z_range(stated, one_sided=one_sided)
    best = min(found, key=lambda z: _gap(z, span))
    p = show_p(_p(best.z) / (2 if one_sided else 1))
    shown = f"({level_name(level)} interval on the {best.scale} scale) z = {best.z:.2f}, p = {p}"
    verdict, note = _verdict(facts, numbers, (found, best, span), stated, level)
    return [facts.claim("p-value", text, verdict, reported=stated, computation=shown, note=note,
                        recomputed=p, at="p")]  # fmt: skip


def _verdict(
    facts: Facts,
    numbers: tuple[Printed, Printed, Printed],
    compared: tuple[list[ImpliedZ], ImpliedZ, tuple[float, float]],
    stated: StatedP,
    level: float,
) -> tuple[Verdict, str]:
    found, best, span = compared
    gap = _gap(best, span)
    if gap == 0:
        right = span[0] <= best.z <= span[1]
        return (Verdict.CONFIRMED if right else Verdict.ROUNDING), ""
    low, high = (_p(z) for z in (span[1], span[0]))
    df = t_degrees(best, low, high, level)
    n = facts.count("n")
    if df is not None and (n is None or df < n):
        return Verdict.CONSISTENT, f"as interval and test by Student's t with about {df:.0f} df"
    if gap <= max(_CLOSE, _CLOSE_SHARE * best.z):
        sides = "; the two lie on different sides of 0.05" if _crosses(best, span, stated) else ""
        note = "close: a score, likelihood ratio, exact or log-rank test would explain it"
        return (Verdict.UNCHECKED if sides else Verdict.CONSISTENT), note + sides
    notes = []
    one = _z_range(stated, one_sided=True)
    if any(_gap(z, one) == 0 for z in found):
        notes.append("a one-sided test gives it")
    for other in (90.0, 95.0, 99.0):
        if other != level:
            others = _implied(numbers, [z.scale for z in found], other)
            if any(_gap(z, span) == 0 for z in others):
                notes.append(f"it is that of a {level_name(other)} interval")
    if _crosses(best, span, stated):
        notes.append("the two lie on different sides of 0.05")
    return Verdict.INCONSISTENT, "; ".join(notes)


def _implied(
    numbers: tuple[Printed, Printed, Printed], scales: list[Scale], level: float
) -> list[ImpliedZ]:
    found = []
    for scale in scales:
        try:
            found.append(implied_z(*numbers, scale=scale, level=level))
        except StatsError:
            continue
    return found


def _z_range(stated: StatedP, *, one_sided: bool) -> tuple[float, float]:
    """The z statistics whose p-values print like the stated one (digits cut off included)."""
    sides = 2 if one_sided else 1
    number = stated.number
    if stated.sign == "<":
        return z_of_p(float(number) * sides), math.inf
    if stated.sign == ">":
        return 0.0, z_of_p(float(number) * sides)
    least = max(float(number.low), 0.0) * sides
    return z_of_p(float(number.value + number.unit) * sides), z_of_p(least)


def _gap(z: ImpliedZ, span: tuple[float, float]) -> float:
    """How far apart two ranges of z are; 0 when they meet."""
    return max(0.0, span[0] - z.high, z.low - span[1])


def _p(z: float) -> float:
    return math.erfc(z / math.sqrt(2))


def _crosses(z: ImpliedZ, span: tuple[float, float], stated: StatedP) -> bool:
    if stated.sign == "<" and float(stated.number) > 0.05:
        return False
    says = stated.sign != ">" and float(stated.number) <= 0.05
    sure = z.low > 1.96 or z.high < 1.96
    return sure and says != (z.z > 1.96) and span != (0.0, math.inf)

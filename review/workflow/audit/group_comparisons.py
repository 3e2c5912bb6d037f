"""The p-value of two groups whose means or counts stand in the row; Carlisle's sum as a note."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from review.stats.consistency.interval_pvalues import z_of_p
from review.stats.consistency.recomputed_pvalues import show_p
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.p_explanations import fits
from review.workflow.audit.pvalues import parse_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.consistency.two_group_tests import PRange
    from review.workflow.audit.facts import Facts
    from review.workflow.audit.pvalues import StatedP

_OTHER: Final = re.compile(
    r"adjust|ancova|paired|crossover|cross-over|mcnemar|strat|cluster|mixed|rank|wilcoxon|mann|median|"
    r"permut|bootstrap|trend|log\b|logist|cox",
    re.IGNORECASE,
)
# z from which no test of the same two groups is another way to say it: ranks differ from means
_FAR_MEANS, _FAR_COUNTS = 1.5, 0.3
_FEWEST: Final = 3  # rows of a table that Carlisle's sum is made of


def check_group_p(facts: Facts) -> list[Claim]:
    """Compare the p-value of a row with the tests of its two groups, where no estimate has it."""
    stated = parse_p(facts.words.get("p", ""))
    if stated is None or facts.words.get("statistic") or facts.has("ci_low") or facts.has("se"):
        return []
    found, far = _tests(facts)
    if not found or stated.number.value > 1:
        return []
    text = f"the groups have {stated}"
    shown = "; ".join(f"{t.name} {_span(t)}" for t in found)
    right = next((t for t in found if fits(stated, t.low, t.high)), None)
    if right is not None:
        exact = right.low == right.high and far == _FAR_COUNTS
        return [facts.claim("groups", text, Verdict.CONFIRMED if exact else Verdict.CONSISTENT,
                            reported=stated, recomputed=_span(right), at="p",
                            computation=f"{right.name}: p = {_span(right)}")]  # fmt: skip
    if any(fits(stated, t.low / 2, t.high / 2) for t in found):
        verdict, note = Verdict.UNCHECKED, "a one-sided test gives it"
    else:
        gap = min(_gap(stated, t) for t in found)
        named = any(_OTHER.search(w) for k, w in facts.words.items() if k != "p")
        sure = gap > far and not named
        verdict = Verdict.INCONSISTENT if sure else Verdict.UNCHECKED
        note = "no usual test of two independent groups has it; a paired, adjusted or rank test can"
    return [facts.claim("groups", text, verdict, reported=stated, computation=shown, note=note,
                        at="p")]  # fmt: skip


def _tests(facts: Facts) -> tuple[list[PRange], float]:
    from review.stats.consistency.two_group_tests import p_of_counts, p_of_means

    n1, n2 = facts.count("n1"), facts.count("n2")
    if not n1 or not n2:
        return [], 0.0
    if facts.has("mean1", "sd1", "mean2", "sd2"):
        m1, m2, s1, s2 = (facts.numbers[n] for n in ("mean1", "mean2", "sd1", "sd2"))
        return p_of_means((m1, m2), (s1, s2), (n1, n2)), _FAR_MEANS
    e1, e2 = facts.count("events1"), facts.count("events2")
    if e1 is None or e2 is None or e1 > n1 or e2 > n2:
        return [], 0.0
    return p_of_counts((e1, e2), (n1, n2)), _FAR_COUNTS


def _span(test: PRange) -> str:
    low, high = show_p(test.low), show_p(test.high)
    return low if low == high else f"{low} to {high}"


def _gap(stated: StatedP, test: PRange) -> float:
    z = z_of_p(float(stated.number))
    low, high = z_of_p(test.high), z_of_p(test.low)
    if stated.sign == "<":
        return max(0.0, z - high)
    if stated.sign == ">":
        return max(0.0, low - z)
    return max(0.0, low - z, z - high)


def baseline_notes(rows: Sequence[Facts]) -> list[str]:
    """Say how alike the groups of a table of baseline means are.

    After Carlisle (2017, Anaesthesia 72:944): the z of the p-values of its rows are summed
    (Stouffer). It is a note and no claim, since rows of one table depend on each other and rounded
    means make groups look alike.
    """
    from scipy.special import ndtr, ndtri

    tables: dict[str, list[float]] = {}
    for facts in rows:
        name = facts.words.get("baseline", "").strip()
        found, far = _tests(facts) if name else ([], 0.0)
        if found and far == _FAR_MEANS:
            p = min(max((found[0].low + found[0].high) / 2, 1e-9), 1 - 1e-9)
            tables.setdefault(name, []).append(float(ndtri(p)))
    notes = []
    for name, zs in tables.items():
        if len(zs) >= _FEWEST:
            p = float(ndtr(sum(zs) / math.sqrt(len(zs))))
            notes.append(
                f"{name}: the p-values of {len(zs)} baseline means together are {show_p(p)} "
                "(near 1: groups more alike than chance makes them, near 0: less; no proof, as "
                "rows of one table depend on each other)"
            )
    return notes

"""The U of Mann and Whitney beside its p-value and the sizes of the groups."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.pvalues import parse_p

if TYPE_CHECKING:
    from review.workflow.audit.facts import Facts
    from review.workflow.audit.said_words import Said

_CLOSE: Final = 0.5  # z: exact tests, corrections for continuity and ties differ by less


def check_rank_sum(facts: Facts, said: Said) -> list[Claim]:
    """Check U against n1 x n2, and p by the normal approximation, which ties make larger."""
    from review.stats.consistency.interval_pvalues import z_of_p
    from review.stats.consistency.recomputed_pvalues import show_p

    u, stated = facts.get("value"), parse_p(facts.words.get("p", ""))
    n1, n2 = facts.count("n1"), facts.count("n2")
    text = f"U = {u} has {stated or 'its p-value'}"
    if u is None or n1 is None or n2 is None:
        note = "the sizes of the two groups are not stated"
        return [facts.claim("p-value", text, Verdict.UNCHECKED, note=note)]
    if not 0 <= u.value <= n1 * n2:
        return [facts.claim("p-value", f"U = {u} with groups of {n1} and {n2}", Verdict.IMPOSSIBLE,
                            reported=u, computation=f"U lies between 0 and {n1 * n2}")]  # fmt: skip
    if stated is None:
        return []
    z = abs(float(u) - n1 * n2 / 2) / math.sqrt(n1 * n2 * (n1 + n2 + 1) / 12)
    p = math.erfc(z / math.sqrt(2))
    shown = f"z = {z:.2f}, p = {show_p(p)} by the normal approximation"
    number = float(stated.number)
    sure = stated.sign == "=" and 0 < number < 1
    apart = abs(z_of_p(number) - z) if sure else 0.0
    if stated.sign == "<":
        apart = max(0.0, z_of_p(number) - z)
    elif stated.sign == ">":
        apart = max(0.0, z - z_of_p(number))
    verdict, note = Verdict.CONSISTENT, ""
    if apart > _CLOSE:
        verdict, note = Verdict.UNCHECKED, "ties, which change the test, are not stated"
        if said.where("one-sided"):
            note += "; nor is the side of the test"
    return [facts.claim("p-value", text, verdict, reported=stated, recomputed=show_p(p),
                        computation=shown, note=note, at="p")]  # fmt: skip
